"""The words in which `records` is written: widths, fields, records, enumerations.

A record has three sections, each padded to 8 bytes with named fields: *public* (anyone may see it), *private*
(its owner and auditors), *derived* (rebuilt from the others; rows of state only).  So the public part, the private
part and the logical part of any record are each one slice of its bytes.  Nothing here knows what a field means.
"""

from dataclasses import dataclass
from enum import Enum


class Width(Enum):
    """How a field is stored: C type, array length, ctypes name, size and alignment in bytes."""

    I64 = ("i64", 0, "c_int64", 8, 8)
    U64 = ("u64", 0, "c_uint64", 8, 8)
    I32 = ("i32", 0, "c_int32", 4, 4)
    U8 = ("u8", 0, "c_uint8", 1, 1)
    TEXT8 = ("u8", 8, "c_uint8", 8, 1)
    TEXT16 = ("u8", 16, "c_uint8", 16, 1)
    TEXT24 = ("u8", 24, "c_uint8", 24, 1)
    CLIENT_ID = ("u64", 5, "c_uint64", 40, 8)
    HANDLE = ("u64", 2, "c_uint64", 16, 8)
    HASH = ("u64", 4, "c_uint64", 32, 8)
    CHILDREN = ("i32", 64, "c_int32", 256, 4)
    DAYS = ("i64", 32, "c_int64", 256, 8)

    @property
    def ctype(self) -> str:
        """The C name of one element."""
        return str(self.value[0])

    @property
    def length(self) -> int:
        """How many elements; 0 for a single number."""
        return int(self.value[1])

    @property
    def twin(self) -> str:
        """The ctypes name of one element."""
        return str(self.value[2])

    @property
    def size(self) -> int:
        """Bytes in all."""
        return int(self.value[3])

    @property
    def align(self) -> int:
        """The offset is a multiple of this."""
        return int(self.value[4])


class Section(Enum):
    """Who may see a field, or that it is only an index."""

    PUBLIC = "public"
    PRIVATE = "private"
    DERIVED = "derived"
    PAD = "pad"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name says the unit, its doc the meaning."""

    name: str
    width: Width
    doc: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A field with its place in the record."""

    field: Field
    section: Section
    offset: int


@dataclass(frozen=True, slots=True)
class Record:
    """A fixed-width little-endian record."""

    name: str
    doc: str
    public: tuple[Field, ...]
    private: tuple[Field, ...] = ()
    derived: tuple[Field, ...] = ()

    def layout(self) -> tuple[list[Placed], int, int, int]:
        """The fields in place, pads included; the ends of the public, private and derived sections in bytes."""
        out: list[Placed] = []
        ends: list[int] = []
        offset = 0
        sections = ((Section.PUBLIC, self.public), (Section.PRIVATE, self.private), (Section.DERIVED, self.derived))
        for section, fields in sections:
            for field in fields:
                offset = self._pad(out, offset, field.width.align)
                out.append(Placed(field, section, offset))
                offset += field.width.size
            offset = self._pad(out, offset, 8)
            ends.append(offset)
        return out, ends[0], ends[1], ends[2]

    @staticmethod
    def _pad(out: list[Placed], offset: int, align: int) -> int:
        while offset % align:
            width = Width.I32 if offset % 4 == 0 and align == 8 else Width.U8
            out.append(Placed(Field(f"pad{offset}_", width, "always 0"), Section.PAD, offset))
            offset += width.size
        return offset


@dataclass(frozen=True, slots=True)
class Member:
    """One value of an enumeration."""

    name: str
    value: int
    doc: str


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A set of named numbers; a member's name occurs in one enumeration only, because C does not scope them."""

    name: str
    doc: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one record in the engine's state: `rows` at the start, more by `Grow`.  Row 0 is never used."""

    name: str
    record: str
    rows: int
    logical: bool = True
