"""What the auditor makes of an option's model: AUD-37.

He takes over what the feed says, holds the mark against what an option can be worth at the forward that was said, and
finds the price that who sold one is margined by.
"""

from outcry.simulation.auditor_books import Books
from outcry.simulation.auditor_reading import OPTION_MARKED, SET_OPTION_MARK
from outcry.simulation.auditor_rules import half_up


def option_marked(books: Books, data: bytes, at: int) -> None:
    """An option's model is what was commanded, in time, and its mark one that an option can have (OPT-02)."""
    said = OPTION_MARKED.unpack_from(data, at)
    asked = SET_OPTION_MARK.unpack_from(books.command, books.command_at)
    number, mark, forward, *_, seen = said
    subject = f"instrument {number}"
    instrument = books.instrument(number)
    backing = instrument.backing
    books.checks += 4
    if backing is None or not backing.is_option:
        books.wrong("AUD-37", subject, "has a model and is no option", number, 0)
    if said != asked:
        name = next(place for place, pair in enumerate(zip(said, asked, strict=True)) if pair[0] != pair[1])
        books.wrong("AUD-37", subject, f"field {name} of its model", said[name], asked[name])
    if not backing.seen <= seen <= books.time_ns:
        books.wrong("AUD-37", subject, "seen_ns", seen, backing.seen)
    least, most = backing.bounds(forward, instrument.steps, instrument.tick_units, instrument.index_one)
    if not least - instrument.per_tick <= mark <= most:
        books.wrong("AUD-37", subject, "mark_subticks", mark, least)
    backing.seen = seen
    if backing.units == 0 or 100 * abs(forward - backing.units) >= backing.units:
        backing.units = forward
        if not backing.in_underlying:
            subticks = half_up(forward * instrument.steps, instrument.tick_units * instrument.index_one)
            backing.exposed = instrument.lot_value(subticks)
