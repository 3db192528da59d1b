"""The invariants of risk, INV-25 and following: funding's pots, takeovers, bands, the queue, tiers, rankings.

They are listed with the others in invariants.py and described in docs/rules/law.md.  Each walks the rows themselves and
names both numbers.  Reads the engine's tables, never changes them.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from outcry.engine import funds
from outcry.engine.breaches import Breach, bitmaps_of, chain, differing, firsts_of, high_of, working
from outcry.engine.reading import used
from outcry.protocol.layout import (
    ROLES,
    FaultRow,
    InstrumentRow,
    PositionRow,
    Role,
    TableNumber,
    Tables,
    TakeoverRow,
    WalletRow,
)
from outcry.protocol.wire import text_of
from outcry.rules import backing, liquidation, margin, value


def _positions(tables: Tables) -> Iterator[tuple[int, PositionRow, InstrumentRow, str]]:
    """Every position with its slot, its instrument and its name for people."""
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[at]
        instrument = tables.instruments[row.instrument]
        yield at, row, instrument, f"position of account {row.account} in {text_of(instrument.symbol)}"


def inv_25_epochs(tables: Tables) -> Iterator[Breach]:
    """What is in epochs is the sum of the pots, less what settlements have paid; without a sweep there is none, and
    everybody is up to date."""
    pots: Counter[int] = Counter()
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        one = tables.instruments[number]
        pots[one.currency] += one.epoch_pot_minor - one.epoch_cost_minor
        if not one.sweeping:
            yield from differing("INV-25", text_of(one.symbol), epoch_pot_minor=(one.epoch_pot_minor, 0))
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
    roles = {row.instrument: row for _, row, _, _ in _positions(tables) if row.account == Role.TAKEOVER}
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        instrument = tables.instruments[number]
        name = text_of(instrument.symbol)
        slots = chain(rows, instrument.first_takeover, "next", high)
        listed.update(slots)
        own = [rows[at] for at in slots]
        held = roles.get(number, PositionRow())
        yield from differing(
            "INV-26",
            name,
            quantity=(held.quantity, sum(row.quantity for row in own)),
            cost_minor=(held.cost_minor, sum(row.cost_minor for row in own)),
            takeovers=(instrument.takeovers, len(slots)),
            last_takeover=(instrument.last_takeover, slots[-1] if slots else 0),
            strangers=(sum(row.instrument != number for row in own), 0),
            out_of_turn=(sum(b.takeover <= a.takeover for a, b in pairwise(own)), 0),
        )
        for before, at in zip([0, *slots], slots, strict=False):
            yield from _takeover(tables, rows[at], at, before)
    yield from differing("INV-26", "takeovers", listed=(len(listed), len(open_rows)))
    for at in working(tables):
        order = tables.orders[at]
        if order.takeover:
            takeover = open_rows.get(order.takeover, TakeoverRow())
            yield from differing("INV-26", f"order {order.order_id}", takeover=(takeover.order, at))


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


def inv_27_bands(tables: Tables) -> Iterator[Breach]:
    """Every position with a band is in the trie at its band, once, and nothing else is there."""
    rows, high = tables.positions, high_of(tables, TableNumber.POSITIONS_TABLE)
    standing: Counter[int] = Counter()
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        instrument = tables.instruments[number]
        for is_long, root in ((1, instrument.long_root), (0, instrument.short_root)):
            name = f"{text_of(instrument.symbol)} {'longs' if is_long else 'shorts'}"
            for band, first in firsts_of(tables, root):
                slots = chain(rows, first, "band_next", high)
                standing.update(slots)
                for before, at in zip([0, *slots], slots, strict=False):
                    where = (rows[at].instrument, rows[at].band_subticks, rows[at].band_long, rows[at].band_previous)
                    odd = int(where != (number, band, is_long, before))
                    yield from differing("INV-27", f"{name} at {band}, position {at}", odd=(odd, 0))
            yield from bitmaps_of("INV-27", tables, name, root)
    for at, row, _, name in _positions(tables):
        yield from differing("INV-27", name, in_the_trie=(standing[at], int(row.band_subticks != 0)))


def inv_28_watched(tables: Tables) -> Iterator[Breach]:
    """Who fails the test of LIQ-01 waits to be examined or stands at a band that the mark has passed.

    Positions that still have to get their funding are not weighed: they wait for the sweep.
    """
    owned: dict[int, list[PositionRow]] = {}
    wallets: dict[int, list[WalletRow]] = {}
    unswept: set[int] = set()
    for at, row, _, _ in _positions(tables):
        if row.account >= ROLES:
            owned.setdefault(row.account, []).append(row)
        # A sweep examines every holder that it passes, because what maintenance asks may have changed (OPT-03).
        if row.quantity and 0 < tables.venue.sweep_position <= at:
            unswept.add(row.account)
    for at in used(tables, TableNumber.WALLETS_TABLE):
        wallets.setdefault(tables.wallets[at].account, []).append(tables.wallets[at])
    for account, rows in owned.items():
        held = [row for row in rows if row.quantity]
        waits = account in unswept or tables.accounts[account].examined
        if not held or waits or any(_watched(tables, row) for row in held):
            continue
        for name, slack in _slacks(tables, rows, wallets.get(account, [])):
            if slack <= 0:
                yield Breach("INV-28", f"account {account}, {name}", "fails and is not watched", slack, 1)


def _watched(tables: Tables, row: PositionRow) -> bool:
    """Whether the mark has passed a position's band, or it is behind its epoch."""
    instrument = tables.instruments[row.instrument]
    passed = liquidation.has_passed(instrument.mark_subticks, row.band_subticks, bool(row.band_long))
    return passed or row.epoch != instrument.epoch


def _slacks(tables: Tables, rows: list[PositionRow], wallets: list[WalletRow]) -> Iterator[tuple[str, int]]:
    """By how much the isolated positions of an account, and its cross ones by currency, pass the test."""
    pools: Counter[int] = Counter()
    taken: Counter[int] = Counter()
    for row in rows:
        instrument, fault = tables.instruments[row.instrument], FaultRow()
        taken[instrument.currency] += margin.open_orders_minor(instrument, row, row.quantity)
        if not row.quantity:
            continue
        worth = value.signed_value_minor(instrument, row.quantity, instrument.mark_lot_minor)
        leverage = funds.chosen_leverage(row)
        own = margin.position_margin_minor(instrument, row.risk_steps, row.quantity, row.cost_minor, leverage, fault)
        own += row.moved_margin_minor - row.loss_minor
        kept = margin.maintenance_minor(instrument, row.risk_steps, row.quantity, row.cost_minor, leverage, fault)
        if backing.is_paid_up(instrument, row.quantity):
            taken[instrument.currency] += own
        elif row.isolated:
            taken[instrument.currency] += own
            yield text_of(instrument.symbol), own + worth - row.cost_minor - kept
        else:
            pools[instrument.currency] += worth - row.cost_minor - kept
    for wallet in wallets:
        if wallet.currency in pools:
            slack = wallet.balance_minor - wallet.held_minor - taken[wallet.currency] + pools[wallet.currency]
            yield text_of(tables.currencies[wallet.currency].symbol), slack


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
