"""The invariants of risk, INV-25 and following: funding's pots, takeovers, bands, the queue, tiers, rankings.

They are listed with the others in invariants.py and described in docs/rules/law.md.  Each walks the rows themselves and
names both numbers.  Reads the engine's tables, never changes them.
"""

from collections import Counter
from collections.abc import Iterator

from outcry.engine.breaches import Breach, chain, differing, high_of, working
from outcry.engine.reading import used
from outcry.protocol.layout import (
    InstrumentRow,
    PositionRow,
    Role,
    TableNumber,
    Tables,
    TakeoverRow,
)
from outcry.protocol.wire import text_of


def _positions(tables: Tables) -> Iterator[tuple[int, PositionRow, InstrumentRow, str]]:
    """Every position with its slot, its instrument and its name for people."""
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[at]
        instrument = tables.instruments[row.instrument]
        yield at, row, instrument, f"position of account {row.account} in {text_of(instrument.symbol)}"


def inv_25_epochs(tables: Tables) -> Iterator[Breach]:
    """What is in epochs is the sum of the pots; without a sweep there is none, and everybody is up to date."""
    pots: Counter[int] = Counter()
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        row = tables.instruments[number]
        pots[row.currency] += row.epoch_pot_minor
        if not row.sweeping:
            yield from differing("INV-25", text_of(row.symbol), epoch_pot_minor=(row.epoch_pot_minor, 0))
    for number in used(tables, TableNumber.CURRENCIES_TABLE):
        currency = tables.currencies[number]
        name = text_of(currency.symbol)
        yield from differing("INV-25", name, epochs_minor=(currency.epochs_minor, pots[number]))
    for _, row, instrument, name in _positions(tables):
        if row.epoch > instrument.epoch or (row.quantity and not instrument.sweeping and row.epoch < instrument.epoch):
            yield Breach("INV-25", name, "has not had its funding", row.epoch, instrument.epoch)


def inv_26_takeovers(tables: Tables) -> Iterator[Breach]:
    """What the takeover role holds is the sum of its takeovers, each in its instrument's chain once, oldest first."""
    rows, high = tables.takeovers, high_of(tables, TableNumber.TAKEOVERS_TABLE)
    open_rows = {at: rows[at] for at in range(1, high + 1) if rows[at].instrument}
    listed: Counter[int] = Counter()
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        instrument = tables.instruments[number]
        name = text_of(instrument.symbol)
        slots = chain(rows, instrument.first_takeover, "next", high)
        listed.update(slots)
        own = [rows[at] for at in slots]
        held = next((row for _, row, of, _ in _positions(tables) if _is_role(row, number)), PositionRow())
        yield from differing(
            "INV-26",
            name,
            quantity=(held.quantity, sum(row.quantity for row in own)),
            cost_minor=(held.cost_minor, sum(row.cost_minor for row in own)),
            takeovers=(instrument.takeovers, len(slots)),
            last_takeover=(instrument.last_takeover, slots[-1] if slots else 0),
            strangers=(sum(row.instrument != number for row in own), 0),
            out_of_turn=(sum(b.takeover <= a.takeover for a, b in zip(own, own[1:], strict=False)), 0),
        )
        for before, at in zip([0, *slots], slots, strict=False):
            yield from _takeover(tables, rows[at], at, before)
    yield from differing("INV-26", "takeovers", listed=(len(listed), len(open_rows)))
    for at in working(tables):
        order = tables.orders[at]
        if order.takeover:
            takeover = open_rows.get(order.takeover, TakeoverRow())
            yield from differing("INV-26", f"order {order.order_id}", takeover=(takeover.order, at))


def _is_role(row: PositionRow, instrument: int) -> bool:
    return bool(row.account == Role.TAKEOVER and row.instrument == instrument)


def _takeover(tables: Tables, row: TakeoverRow, at: int, before: int) -> Iterator[Breach]:
    """One takeover: something is left of it, its number was given, and its order is for all of it."""
    name, order = f"takeover {row.takeover}", tables.orders[row.order]
    yield from differing(
        "INV-26",
        name,
        previous=(row.previous, before),
        empty=(int(row.quantity == 0), 0),
        given_numbers=(int(0 < row.takeover <= tables.venue.takeovers_made), 1),
    )
    if row.order:
        leaves = order.leaves_quantity if order.takeover == at else 0
        yield from differing("INV-26", name, resting=(leaves, abs(row.quantity)))


def inv_29_queue(tables: Tables) -> Iterator[Breach]:
    """Accounts that wait to be examined are in the queue once, and their flags say so."""
    venue, rows = tables.venue, tables.accounts
    slots = chain(rows, venue.first_examined, "next_examined", high_of(tables, TableNumber.ACCOUNTS_TABLE))
    flagged = [at for at in used(tables, TableNumber.ACCOUNTS_TABLE) if rows[at].examined]
    odd = Counter(slots)
    odd.subtract(flagged)
    yield from differing(
        "INV-29",
        "queue",
        last_examined=(venue.last_examined, slots[-1] if slots else 0),
        odd=(min((at for at, times in odd.items() if times), default=0), 0),
    )


def inv_30_volumes(tables: Tables) -> Iterator[Breach]:
    """Volumes are of accounts that know where they are, of no day to come, and never negative."""
    owners: Counter[int] = Counter()
    for at in used(tables, TableNumber.VOLUMES_TABLE):
        row = tables.volumes[at]
        owners[row.account] += 1
        name = f"volume of account {row.account}"
        known = tables.accounts[row.account].volume if row.account else 0
        yield from differing("INV-30", name, slot=(known, at), rows=(owners[row.account], 1))
        yield from differing("INV-30", name, negative=(sum(cents < 0 for cents in row.cents), 0))


def inv_31_risk_limits(tables: Tables) -> Iterator[Breach]:
    """A position's risk limit is the base limit and its steps."""
    for _, row, instrument, name in _positions(tables):
        limit = instrument.risk_limit_minor + row.risk_steps * instrument.risk_step_minor
        steps = row.risk_steps if row.risk_limit_minor or row.risk_steps else 0
        found = row.risk_limit_minor or instrument.risk_limit_minor
        yield from differing("INV-31", name, risk_limit_minor=(found, limit), negative=(int(steps < 0), 0))


def inv_32_ranking(tables: Tables) -> Iterator[Breach]:
    """In the heap of ranked positions none stands above one that comes first, and none twice."""
    venue = tables.venue
    rows = [tables.ranked[place] for place in range(1, 1 + venue.ranked)]
    late = next((place for place in range(2, len(rows) + 1) if rows[place - 1].key > rows[place // 2 - 1].key), 0)
    positions = Counter(row.position for row in rows)
    twice = sum(times - 1 for times in positions.values())
    yield from differing("INV-32", "ranking", late=(late, 0), twice=(twice, 0))
