"""The generated files are what the generator writes, and Python, schema and C agree about every byte."""

import ctypes
from pathlib import Path

import pytest

from outcry.protocol import generate, layout, page, records
from outcry.protocol.schema import Record, Section

ROOT = Path(__file__).parents[2]
EVERY_RECORD = pytest.mark.parametrize("record", records.RECORDS, ids=lambda record: record.name)


def test_layout_is_what_the_generator_writes() -> None:
    assert (ROOT / "src/outcry/protocol/layout.py").read_text() == generate.twin()


def test_the_reference_page_is_what_the_generator_writes() -> None:
    assert (ROOT / "docs/api/records.md").read_text() == page.page()


@EVERY_RECORD
def test_the_twin_has_the_schemas_sizes_offsets_and_ends(record: Record) -> None:
    placed, public_end, private_end, size = record.layout()
    twin = getattr(layout, record.name)
    assert ctypes.sizeof(twin) == size == layout.SIZES[record.name]
    assert layout.SECTIONS[record.name] == (public_end, private_end)
    assert [name for name, *_ in twin._fields_] == [p.field.name for p in placed]
    for p in placed:
        descriptor = getattr(twin, p.field.name)
        assert (descriptor.offset, descriptor.size) == (p.offset, p.field.width.size), p.field.name


@EVERY_RECORD
def test_records_are_whole_words_without_holes_and_padding_is_named(record: Record) -> None:
    placed, _, _, size = record.layout()
    end = 0
    for p in placed:
        assert p.offset == end, p.field.name
        assert p.offset % p.field.width.align == 0
        assert (p.section is Section.PAD) == p.field.name.startswith("pad")
        end += p.field.width.size
    assert end == size
    assert size % 8 == 0


@EVERY_RECORD
def test_the_c_side_asserts_size_and_offsets(record: Record) -> None:
    placed, _, _, size = record.layout()
    if not placed:
        return
    text = generate.pxd()
    name = f"outcry_{record.name}"
    assert f'_Static_assert(sizeof({name}) == {size}, "{record.name}");' in text
    for p in placed:
        assert f"_Static_assert(offsetof({name}, {p.field.name}) == {p.offset}, " in text


def test_no_name_stands_twice_among_those_that_c_does_not_scope() -> None:
    names = [member.name for enumeration in records.ENUMS for member in enumeration.members]
    names += [generate.table_member(table.name) for table in records.TABLES]
    names += list(records.CONSTANTS)
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_a_tables_buckets_are_its_rows_less_one_and_a_power_of_two() -> None:
    rows = {table.name: table.rows for table in records.TABLES}
    for table, buckets in ((name.removesuffix("_buckets"), rows[name]) for name in rows if name.endswith("_buckets")):
        owner = next(name for name in rows if name != f"{table}_buckets" and name.startswith(table))
        assert rows[owner] == buckets + 1
        assert buckets & (buckets - 1) == 0


def test_no_two_kinds_have_one_number() -> None:
    for members in (records.COMMAND_MEMBERS, records.EVENT_MEMBERS):
        numbers = [member.value for member in members]
        assert sorted(set(numbers)) == sorted(numbers)
