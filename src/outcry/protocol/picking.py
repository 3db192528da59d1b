"""Some fields of a record at once, as plain numbers.

A ctypes structure is asked for each field by name, and each question costs as much as unpacking all of them.  `picked`
makes, from a record's class and the names of fields, what unpacks just those from any record of the class.  Where the
fields stand and how wide they are is the class's to say, so a schema that grows changes nothing here.
Fields of bytes and words come as bytes.
"""

import ctypes
import struct
from collections.abc import Callable
from typing import Any

WIDTHS = {1: ("b", "B"), 2: ("h", "H"), 4: ("i", "I"), 8: ("q", "Q")}


def picked(record: type[ctypes.LittleEndianStructure], *names: str) -> Callable[[Any], tuple[Any, ...]]:
    """What unpacks these fields of a record of this class, or of bytes that begin with one.

    Raises `ValueError` unless the names are in the order in which the fields stand.
    """
    shape, place = "<", 0
    for name in names:
        field = getattr(record, name)
        if field.offset < place:
            raise ValueError(f"{record.__name__}.{name} stands before the field that is named before it")
        kind = next(kind for known, kind, *_ in record._fields_ if known == name)
        shape += f"{field.offset - place}x" + _letter(kind, field.size)
        place = field.offset + field.size
    return struct.Struct(shape).unpack_from


def _letter(kind: Any, size: int) -> str:
    if issubclass(kind, ctypes.Array):
        return f"{size}s"
    return WIDTHS[size][kind(-1).value > 0]
