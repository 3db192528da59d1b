"""The reference page of all records, docs/api/records.md, as text; `generate` writes it."""

from outcry.protocol import records
from outcry.protocol.commands import COMMAND_RECORD
from outcry.protocol.events import EVENT_RECORD
from outcry.protocol.schema import Section

NOTICE = "Generated from protocol/records.py by protocol/generate.py.  Do not edit."


def page() -> str:
    """The reference page."""
    out = [
        "# Records",
        "",
        NOTICE,
        "",
        "Little-endian, fixed width; arrays are written `u64[4]`. An entry is an `EntryHead`, a command record, and a",
    ]
    out += [
        "payload padded to 8 bytes; an event is an `EventHead` and an event record. Who may see a field stands",
        "beside it.",
        "",
    ]
    commands = {name: kind for kind, name in COMMAND_RECORD.items()}
    events = {name: kind for kind, name in EVENT_RECORD.items()}
    for record in records.RECORDS:
        placed, _, _, size = record.layout()
        label = commands.get(record.name) or events.get(record.name)
        out += [
            f"## {record.name}" + (f" ({label})" if label else ""),
            "",
            f"{record.doc} {size} bytes.",
            "",
            "| at | field | type | seen by | meaning |",
            "|---|---|---|---|---|",
        ]
        for p in placed:
            if p.section is not Section.PAD:
                kind = p.field.width.ctype + (f"[{p.field.width.length}]" if p.field.width.length else "")
                out.append(f"| {p.offset} | `{p.field.name}` | {kind} | {p.section.value} | {p.field.doc} |")
        out.append("")
    out += ["# Enumerations", ""]
    for enumeration in records.ENUMS:
        out += [f"## {enumeration.name}", "", enumeration.doc, "", "| number | name | meaning |", "|---|---|---|"]
        out += [f"| {m.value} | `{m.name}` | {m.doc} |" for m in enumeration.members] + [""]
    return "\n".join(out)
