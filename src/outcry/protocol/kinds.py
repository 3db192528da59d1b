"""The shapes of commands and events by kind, as a table that compiled code can look up.

Three 64-bit numbers a kind: bytes of the record, end of its public part, end of its private part; -1 where there is no
such kind.
"""

from collections.abc import Mapping
from typing import Any

from outcry.protocol import layout
from outcry.protocol.layout import COMMAND_CLASSES, CommandKind

COMMANDS: Mapping[int, Any] = COMMAND_CLASSES
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


FORMER_COMMANDS: dict[int, dict[int, tuple[int, int, int]]] = {
    5: {
        CommandKind.LIST: (264, 264, 264),
    },
    4: {
        CommandKind.SET_ACCOUNT_STATE: (8, 0, 8),
        CommandKind.LIST: (240, 240, 240),
        CommandKind.SET_INSTRUMENT_STATE: (8, 8, 8),
    },
}
"""By the last format in which it was so: shapes of commands that have changed since."""


def command_shapes(version: int) -> dict[int, tuple[int, int, int]]:
    """Bytes, public end and private end of each kind of command in that format."""
    shapes = {kind: (layout.SIZES[one.__name__], *layout.SECTIONS[one.__name__]) for kind, one in COMMANDS.items()}
    for last in sorted(FORMER_COMMANDS, reverse=True):
        if version <= last:
            shapes |= FORMER_COMMANDS[last]
    return shapes


COMMAND_SHAPES = shapes_of(layout.COMMAND_CLASSES)
EVENT_SHAPES = shapes_of(layout.EVENT_CLASSES)
