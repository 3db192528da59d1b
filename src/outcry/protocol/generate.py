"""Writes what follows from `records`: layout.pxd (C structs), layout.py (uncompiled twin), docs/api/records.md.

`layout.py` is in git because mypy and uncompiled runs read it; a test compares it with what this file would write.
Files are written only when their text changes, so that an untouched schema recompiles nothing.
"""

import hashlib
import re
from pathlib import Path

from outcry.protocol import records
from outcry.protocol.commands import COMMAND_RECORD
from outcry.protocol.events import EVENT_RECORD
from outcry.protocol.fixed import HELPERS, TAIL
from outcry.protocol.lanes import LANES
from outcry.protocol.page import NOTICE, page
from outcry.protocol.schema import Record, Section

HERE = Path(__file__).parent
C_TYPES = {"i64": "int64_t", "u64": "uint64_t", "i32": "int32_t", "u8": "uint8_t"}


def snake(name: str) -> str:
    """PlaceRow to place_row."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def table_member(name: str) -> str:
    """The enumeration member that stands for a table."""
    return name.upper() + "_TABLE"


def struct_text(record: Record) -> list[str]:
    """The C struct and the assertions that hold the compiler to the offsets."""
    placed, _, _, size = record.layout()
    fields = " ".join(
        f"{C_TYPES[p.field.width.ctype]} {p.field.name}{f'[{p.field.width.length}]' if p.field.width.length else ''};"
        for p in placed
    )
    name = f"outcry_{record.name}"
    if not placed:
        return [f"typedef struct {{ char nothing[8]; }} {name};"]
    return [
        f"typedef struct {{ {fields} }} {name};",
        f'_Static_assert(sizeof({name}) == {size}, "{record.name}");',
        *(
            f'_Static_assert(offsetof({name}, {p.field.name}) == {p.offset}, "{record.name}.{p.field.name}");'
            for p in placed
        ),
    ]


def pxd() -> str:
    """The C side."""
    return "\n".join([*_pxd_extern(), *_pxd_types(), *_pxd_rows(), *_pxd_new_events(), *_pxd_tables(), ""])


def _pxd_extern() -> list[str]:
    """Structs, constants and helpers in C, declared to Cython."""
    out = [
        f"# {NOTICE}",
        "from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t",
        "from libc.string cimport memset",
    ]
    out += ["from cpython.memoryview cimport PyMemoryView_GET_BUFFER", ""]
    out += [f"ctypedef {c} {short}" for short, c in C_TYPES.items()]
    out += [
        "ctypedef bint flag",
        "",
        "cdef extern from *:",
        '    """',
        "    #ifndef OUTCRY_LAYOUT",
        "    #define OUTCRY_LAYOUT",
        "    #include <stddef.h>",
        "    #include <string.h>",
    ]
    for record in records.RECORDS:
        out += [f"    {line}" for line in struct_text(record)]
    for name, (value, _) in records.CONSTANTS.items():
        text = "(-INT64_C(9223372036854775807) - 1)" if value == -(2**63) else f"INT64_C({value})"
        out.append(f"    #define outcry_{name} {text}")
    out += [LANES.rstrip("\n"), HELPERS.rstrip("\n"), "    #endif", '    """', '    ctypedef long long i128 "__int128"']
    out += [f'    const i64 {name} "outcry_{name}"' for name in records.CONSTANTS]
    out += [
        '    i64 lowest_bit "outcry_lowest"(u64 bits) noexcept nogil',
        '    i64 highest_bit "outcry_highest"(u64 bits) noexcept nogil',
        '    u64 bit_of "outcry_bit"(i64 place) noexcept nogil',
        '    u64 mix "outcry_mix"(u64 hash, u64 word) noexcept nogil',
        '    void hint "outcry_hint"(const void* row) noexcept nogil',
        '    ctypedef struct ShaStruct "outcry_Sha":',
        "        pass",
        '    void sha_begin "outcry_sha_begin"(ShaStruct* sha) noexcept nogil',
        '    void sha_add "outcry_sha_add"(ShaStruct* sha, const u8* memory, i64 offset, i64 bytes) noexcept nogil',
        '    void sha_end "outcry_sha_end"(ShaStruct* sha, u8* memory, i64 offset) noexcept nogil',
        '    i64 sha_lanes "outcry_sha_lanes"() noexcept nogil',
        '    void sha_start_two "outcry_sha_start_two"(u8* states) noexcept nogil',
        '    void sha_go_on "outcry_sha_go_on"(u8* states, u8* memory, i64 offset, i64 blocks, '
        "i64 second, i64 second_blocks) noexcept nogil",
        '    void sha_finish "outcry_sha_finish"(u8* states, i64 which, u8* memory, i64 offset, i64 bytes, '
        "i64 total, u8* to, i64 at) noexcept nogil",
        '    void sha_whole "outcry_sha_whole"(ShaStruct* sha, u8* memory, i64 offset, i64 bytes, '
        "u8* to, i64 at) noexcept nogil",
        '    void sha_pair "outcry_sha_pair"(ShaStruct* sha, u8* memory, i64 offset, i64 bytes, '
        "i64 second_offset, i64 second_bytes, u8* to, i64 at, i64 second_at) noexcept nogil",
        '    void copy_bytes "outcry_copy"(u8* to, i64 at, const u8* source, i64 offset, i64 bytes) noexcept nogil',
    ]
    for record in records.RECORDS:
        out.append(f'    ctypedef struct {record.name}Struct "outcry_{record.name}":')
        placed = record.layout()[0]
        out += [
            f"        {p.field.width.ctype} {p.field.name}{f'[{p.field.width.length}]' if p.field.width.length else ''}"
            for p in placed
        ] or ["        pass"]
    return out


def _pxd_types() -> list[str]:
    """Enumerations, pointer types, and what stands at a place in memory."""
    out = []
    for enumeration in records.ENUMS:
        out += ["", f"cdef enum {enumeration.name}:", *(f"    {m.name} = {m.value}" for m in enumeration.members)]
    out += [
        "",
        "cdef enum TableNumber:",
        *(f"    {table_member(t.name)} = {i}" for i, t in enumerate(records.TABLES)),
        "",
    ]
    out += [f"ctypedef {record.name}Struct* {record.name}" for record in records.RECORDS]
    out += ["ctypedef ShaStruct* Sha", "ctypedef u8* Memory", "", "ctypedef struct TablesStruct:", "    Memory events"]
    out += [f"    {t.record} {t.name}" for t in records.TABLES]
    out += ["ctypedef TablesStruct* Tables", ""]
    out += ["cdef inline i128 wide(i64 number) noexcept nogil:", "    return <i128>number", ""]
    out += ["cdef inline FaultRow fault_of(object held):"]
    out += ["    return <FaultRow>PyMemoryView_GET_BUFFER(held).buf", ""]
    out += ["cdef inline Sha sha_of(object held):", "    return <Sha>PyMemoryView_GET_BUFFER(held).buf", ""]
    out += ["cdef inline EventHead event_at(Memory memory, i64 offset) noexcept nogil:"]
    out += ["    return <EventHead>(memory + offset)", ""]
    out += ["cdef inline Memory memory_of(object held):", "    return <Memory>PyMemoryView_GET_BUFFER(held).buf", ""]
    out += [
        "cdef inline EntryHead entry_at(Memory memory, i64 offset) noexcept nogil:",
        "    return <EntryHead>(memory + offset)",
        "",
    ]
    out += [
        "cdef inline i64 number_at(Memory memory, i64 place) noexcept nogil:",
        "    return (<i64*>memory)[place]",
        "",
    ]
    return out


def _pxd_rows() -> list[str]:
    """Records behind entries, rows of tables, and how a row is cleared."""
    out = []
    head = records.ENTRY_HEAD.layout()[3]
    for command in COMMAND_RECORD.values():
        out += [
            f"cdef inline {command} {snake(command)}_of(EntryHead entry) noexcept nogil:",
            f"    return <{command}>(<u8*>entry + {head})",
            "",
        ]
    for table in records.TABLES:
        out += [
            f"cdef inline {table.record} {table.name}_at(Tables tables, i64 slot) noexcept nogil:",
            f"    return &tables.{table.name}[slot]",
            "",
        ]
        out += [
            f"cdef inline void clear_{table.name}(Tables tables, i64 slot) noexcept nogil:",
            f"    memset(&tables.{table.name}[slot], 0, {_size(table.record)})",
            "",
        ]
    return out


def _pxd_tables() -> list[str]:
    """The tables of the memory that holds them."""
    out = [
        "cdef inline Tables tables_of(object frame, dict held):",
        "    cdef Tables tables = <Tables>PyMemoryView_GET_BUFFER(frame).buf",
        "    tables.events = NULL",
    ]
    out += [f'    tables.{t.name} = <{t.record}>PyMemoryView_GET_BUFFER(held["{t.name}"]).buf' for t in records.TABLES]
    return [*out, "    return tables"]


def _pxd_new_events() -> list[str]:
    head = records.EVENT_HEAD.layout()[3]
    out = []
    for kind, name in EVENT_RECORD.items():
        size = next(r for r in records.EVENTS if r.name == name).layout()[3]
        out += [
            f"cdef inline {name} new_{snake(name)}(Tables tables) noexcept nogil:",
            "    cdef u8* place = tables.events + tables.venue.events_bytes",
            "    cdef EventHead head = <EventHead>place",
            f"    memset(place, 0, {head + size})",
            "    head.sequence = tables.venue.sequence",
            "    head.time_ns = tables.venue.time_ns",
            "    head.ordinal = tables.venue.ordinal",
            f"    head.record_bytes = {size}",
            f"    head.kind = EventKind.{kind}",
            "    tables.venue.ordinal += 1",
            f"    tables.venue.events_bytes += {head + size}",
            f"    return <{name}>(place + {head})",
            "",
        ]
    return out


def twin() -> str:
    """The Python side: ctypes structures over the same bytes."""
    out = [
        f'"""{NOTICE}',
        "",
        "The uncompiled twin of layout.pxd: the same names mean ctypes structures over the same bytes.",
        '"""',
        "",
    ]
    out += ["import ctypes", "import hashlib", "from enum import IntEnum", "from typing import Final", ""]
    out += [
        "i64 = int",
        "i32 = int",
        "u64 = int",
        "u8 = int",
        "i128 = int",
        "flag = bool",
        "MASK_64: Final = 2**64 - 1",
        "",
    ]
    out += [f"{name}: Final = {value}\n" + f'"""{doc}"""' for name, (value, doc) in records.CONSTANTS.items()]
    for enumeration in records.ENUMS:
        out += ["", "", f"class {enumeration.name}(IntEnum):", f'    """{enumeration.doc}"""', ""]
        out += [f"    {m.name} = {m.value}" for m in enumeration.members]
    out += ["", "", "class TableNumber(IntEnum):", '    """Place of a table in the schema\'s list."""', ""]
    out += [f"    {table_member(t.name)} = {i}" for i, t in enumerate(records.TABLES)]
    for record in records.RECORDS:
        placed = record.layout()[0]
        out += ["", "", f"class {record.name}(ctypes.LittleEndianStructure):", f'    """{record.doc}"""', ""]
        for p in placed:
            kind = f"ctypes.Array[ctypes.{p.field.width.twin}]" if p.field.width.length else "int"
            out.append(f"    {p.field.name}: {kind}")
            if p.section is not Section.PAD:
                out.append(f'    """{p.field.doc}"""')
        out.append("    _fields_ = (" if placed else "    _fields_ = ()")
        for p in placed:
            times = f" * {p.field.width.length}" if p.field.width.length else ""
            out.append(f'        ("{p.field.name}", ctypes.{p.field.width.twin}{times}),')
        out += ["    )"] if placed else []
    out += _twin_tables() + _twin_tail()
    return "\n".join(out) + "\n"


def _twin_tables() -> list[str]:
    out = ["", "", "class Memory:", '    """Bytes with an address; read-only ones are copied."""', ""]
    out += ["    def __init__(self, held: memoryview) -> None:", "        kind = ctypes.c_uint8 * max(held.nbytes, 1)"]
    out += [
        "        if held.readonly or not held.nbytes:",
        "            self.block = kind.from_buffer_copy(held.tobytes() or bytes(1))",
        "        else:",
        "            self.block = kind.from_buffer(held)",
    ]
    out += [
        "        self.address = ctypes.addressof(self.block)",
        "",
        "",
        "class Tables:",
        '    """The state: one array of rows a table."""',
        "",
        "    events: Memory",
    ]
    for t in records.TABLES:
        kind = t.record if t.rows == 1 else f"ctypes.Array[{t.record}]"
        out.append(f"    {t.name}: {kind}")
    out += [
        "",
        "",
        "def tables_of(frame: memoryview, held: dict[str, memoryview]) -> Tables:",
        '    """Views over the tables\' memory; `frame` is used by the C side only."""',
        "    tables = Tables()",
    ]
    for t in records.TABLES:
        if t.rows == 1:
            out.append(f'    tables.{t.name} = {t.record}.from_buffer(held["{t.name}"])')
        else:
            block = f'held["{t.name}"]'
            rows = f"{block}.nbytes // {_size(t.record)}"
            out.append(f"    tables.{t.name} = ({t.record} * ({rows})).from_buffer({block})")
    out.append("    return tables")
    for t in records.TABLES:
        if t.rows > 1:
            out += [
                "",
                "",
                f"def {t.name}_at(tables: Tables, slot: int) -> {t.record}:",
                '    """The row."""',
                f"    return tables.{t.name}[slot]",
            ]
            out += [
                "",
                "",
                f"def clear_{t.name}(tables: Tables, slot: int) -> None:",
                '    """All bytes of the row become 0."""',
            ]
            out += [f"    ctypes.memset(ctypes.addressof(tables.{t.name}[slot]), 0, {_size(t.record)})"]
    return out


def _size(record: str) -> int:
    return next(r for r in records.RECORDS if r.name == record).layout()[3]


def _twin_tail() -> list[str]:
    entry, event = records.ENTRY_HEAD.layout()[3], records.EVENT_HEAD.layout()[3]
    out = [
        TAIL.format(entry=entry),
    ]
    for command in COMMAND_RECORD.values():
        out += [
            "",
            "",
            f"def {snake(command)}_of(entry: EntryHead) -> {command}:",
            '    """The record behind the head."""',
            f"    return {command}.from_address(ctypes.addressof(entry) + {entry})",
        ]
    out += [
        "",
        "",
        "def _new_event(tables: Tables, kind: int, size: int) -> int:",
        '    """Room for an event, zeroed, its head written; the record\'s address."""',
        "    venue = tables.venue",
    ]
    out += [
        "    place = tables.events.address + venue.events_bytes",
        f"    ctypes.memset(place, 0, {event} + size)",
        "    head = EventHead.from_address(place)",
    ]
    out += [
        "    head.sequence = venue.sequence",
        "    head.time_ns = venue.time_ns",
        "    head.ordinal = venue.ordinal",
        "    head.record_bytes = size",
        "    head.kind = kind",
    ]
    out += ["    venue.ordinal += 1", f"    venue.events_bytes += {event} + size", f"    return place + {event}"]
    for kind, name in EVENT_RECORD.items():
        out += [
            "",
            "",
            f"def new_{snake(name)}(tables: Tables) -> {name}:",
            '    """A zeroed event at the end of the buffer."""',
            f"    return {name}.from_address(_new_event(tables, EventKind.{kind}, {_size(name)}))",
        ]
    return out + _twin_numbers()


def _twin_numbers() -> list[str]:
    """Sizes, sections, tables and classes by kind, for Python code."""
    texts = "".join(line for record in records.ROWS for line in struct_text(record))
    digest = hashlib.sha256(texts.encode()).hexdigest()
    out = [
        "",
        "",
        f'ROWS_DIGEST: Final = "{digest}"',
        '"""Of the layout of all rows: a snapshot of another one is of no use."""',
    ]
    out += ["", "SIZES: Final[dict[str, int]] = {"]
    out += [f'    "{r.name}": {r.layout()[3]},' for r in records.RECORDS]
    out += ["}", '"""Bytes of each record."""', "", "SECTIONS: Final[dict[str, tuple[int, int]]] = {"]
    out += [f'    "{r.name}": ({r.layout()[1]}, {r.layout()[2]}),' for r in records.RECORDS]
    out += [
        "}",
        '"""Ends of the public and of the private section of each record."""',
        "",
        "TABLE_ROWS: Final[dict[str, tuple[str, int, bool]]] = {",
    ]
    out += [f'    "{t.name}": ("{t.record}", {t.rows}, {t.logical}),' for t in records.TABLES]
    out += [
        "}",
        '"""Record, rows at the start, and whether the root covers it."""',
        "",
        "COMMAND_CLASSES: Final[dict[int, type[ctypes.LittleEndianStructure]]] = {",
    ]
    out += [f"    CommandKind.{kind}: {name}," for kind, name in COMMAND_RECORD.items()]
    out += ["}", "", "EVENT_CLASSES: Final[dict[int, type[ctypes.LittleEndianStructure]]] = {"]
    out += [f"    EventKind.{kind}: {name}," for kind, name in EVENT_RECORD.items()]
    return [*out, "}"]


def write(path: Path, text: str) -> None:
    """Write the file if its text changed."""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def main() -> None:
    """Write all three; the page only inside a checkout."""
    write(HERE / "layout.pxd", pxd())
    write(HERE / "layout.py", twin())
    docs = HERE.parents[2] / "docs" / "api"
    if docs.parent.is_dir():
        write(docs / "records.md", page())


if __name__ == "__main__":
    main()
