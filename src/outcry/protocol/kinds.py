"""The shapes of commands and events by kind, as a table that compiled code can look up.

Three 64-bit numbers a kind: bytes of the record, end of its public part, end of its private part; -1 where there is no
such kind.
"""

from collections.abc import Mapping
from typing import Any

from outcry.protocol import layout

KINDS = 256
ROW_BYTES = 24


def shapes_of(classes: Mapping[int, Any]) -> bytearray:
    """The table of these records."""
    table = bytearray(b"\xff" * (KINDS * ROW_BYTES))
    for kind, record in classes.items():
        name = record.__name__
        numbers = (layout.SIZES[name], *layout.SECTIONS[name])
        place = ROW_BYTES * kind
        table[place : place + ROW_BYTES] = b"".join(number.to_bytes(8, "little") for number in numbers)
    return table


COMMAND_SHAPES = shapes_of(layout.COMMAND_CLASSES)
EVENT_SHAPES = shapes_of(layout.EVENT_CLASSES)
