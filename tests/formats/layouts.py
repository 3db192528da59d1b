"""Writes down how the rows of the present format are laid out, for who has to read them when there is a newer one.

`python -m tests.formats.layouts > src/outcry/app/formats/format_N.json`, with the program of format N.
"""

import json

from outcry.engine.snapshot import BOOK_TABLES
from outcry.protocol import layout, records
from outcry.protocol.layout import RULES_VERSION, TableNumber
from outcry.protocol.records import FORMAT_VERSION
from outcry.protocol.schema import Section


def written() -> str:
    tables = [
        {"name": name, "record": record, "single": rows == 1, "logical": logical}
        for name, (record, rows, logical) in layout.TABLE_ROWS.items()
    ]
    used = {str(table["record"]) for table in tables if table["logical"]} | {"PoolRow"}
    found = {}
    for record in (one for one in records.ROWS if one.name in used):
        placed, public_end, private_end, size = record.layout()
        found[record.name] = {
            "public_end": public_end,
            "private_end": private_end,
            "bytes": size,
            "fields": [
                [one.field.name, one.offset, one.field.width.size]
                for one in placed
                if one.section in (Section.PUBLIC, Section.PRIVATE)
            ],
        }
    books = [TableNumber(number).name.removesuffix("_TABLE").lower() for number in sorted(BOOK_TABLES)]
    said = {"format": FORMAT_VERSION, "rules_version": RULES_VERSION, "rows_digest": layout.ROWS_DIGEST}
    return json.dumps({**said, "book_tables": books, "tables": tables, "records": found}, indent=1) + "\n"


if __name__ == "__main__":
    print(written(), end="")
