"""The invariants INV-16 to INV-24: client ids, pools, indexes, chains, what is left over between entries, bounds,
derived terms, reduce-only orders and the engine's own work.

They are listed with the others in invariants.py and described in docs/rules/law.md.  Each walks the rows themselves and
names both numbers.  Reads the engine's tables, never changes them.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from outcry.engine import listing, lookup
from outcry.engine.breaches import Breach, blank, chain, differing, filled, high_of, waits, working
from outcry.engine.reading import used
from outcry.protocol.layout import (
    AMOUNT_BOUND,
    PRICE_TICKS_BOUND,
    QUANTITY_BOUND,
    ROLES,
    TASKS,
    TOTAL_BOUND,
    AccountRow,
    ClientIdRow,
    ConstituentState,
    FaultRow,
    InstrumentRow,
    OrderFlag,
    Role,
    TableNumber,
    Tables,
)
from outcry.protocol.wire import text_of
from outcry.rules import value


class Indexed(NamedTuple):
    """A table with buckets: which of its rows are findable, and the search that must find each of them."""

    table: TableNumber
    rows: Callable[[Tables], Any]
    buckets: Callable[[Tables], Any]
    findable: Callable[[Any, int], bool]
    find: Callable[[Tables, Any], int]


INDEXES = (
    Indexed(
        TableNumber.ORDERS_TABLE,
        lambda t: t.orders,
        lambda t: t.order_buckets,
        lambda row, at: row.order_id != 0,
        lambda t, row: lookup.find_order_slot(t, row.order_id),
    ),
    Indexed(
        TableNumber.CLIENT_IDS_TABLE,
        lambda t: t.client_ids,
        lambda t: t.client_id_buckets,
        lambda row, at: row.client_id[4] != 0,
        lookup.find_client_id_slot,
    ),
    Indexed(
        TableNumber.POSITIONS_TABLE,
        lambda t: t.positions,
        lambda t: t.position_buckets,
        lambda row, at: True,
        lambda t, row: lookup.find_position_slot(t, row.account, row.instrument),
    ),
    Indexed(
        TableNumber.ACCOUNTS_TABLE,
        lambda t: t.accounts,
        lambda t: t.account_buckets,
        lambda row, at: at >= ROLES,
        lookup.find_account_slot,
    ),
    Indexed(
        TableNumber.DEPOSITS_TABLE,
        lambda t: t.deposits,
        lambda t: t.deposit_buckets,
        lambda row, at: True,
        lookup.find_deposit_slot,
    ),
    Indexed(
        TableNumber.WITHDRAWALS_TABLE,
        lambda t: t.withdrawals,
        lambda t: t.withdrawal_buckets,
        lambda row, at: True,
        lookup.find_withdrawal_slot,
    ),
    Indexed(
        TableNumber.LINKS_TABLE,
        lambda t: t.links,
        lambda t: t.link_buckets,
        lambda row, at: row.account != 0,
        lookup.find_link_slot,
    ),
)


class Pooled(NamedTuple):
    """A table whose rows are given back: its rows, where the chain of freed ones goes on, and how to clear that."""

    table: TableNumber
    rows: Callable[[Tables], Any]
    following: Callable[[Any], int]
    unlinked: Callable[[Any], bool]


def _but_link(row: Any) -> bool:
    """Whether a freed row is all zeros but its chain link."""
    copy = type(row).from_buffer_copy(row)
    if hasattr(copy, "next_free"):
        copy.next_free = 0
    elif hasattr(copy, "hash_next"):
        copy.hash_next = 0
    else:
        copy.children[0] = 0
    return blank(copy)


POOLED = (
    Pooled(TableNumber.ORDERS_TABLE, lambda t: t.orders, lambda row: int(row.next_free), _but_link),
    Pooled(TableNumber.CLIENT_IDS_TABLE, lambda t: t.client_ids, lambda row: int(row.next_free), _but_link),
    Pooled(TableNumber.TAKEOVERS_TABLE, lambda t: t.takeovers, lambda row: int(row.next_free), _but_link),
    Pooled(TableNumber.CONDITIONS_TABLE, lambda t: t.conditions, lambda row: int(row.next_free), _but_link),
    Pooled(TableNumber.LINKS_TABLE, lambda t: t.links, lambda row: int(row.next_free), _but_link),
    Pooled(TableNumber.NODES_TABLE, lambda t: t.nodes, lambda row: int(row.children[0]), _but_link),
    Pooled(TableNumber.LEAVES_TABLE, lambda t: t.leaves, lambda row: int(row.hash_next), _but_link),
)


def inv_16_client_ids(tables: Tables) -> Iterator[Breach]:
    """A client id names the order that names it; those of ended orders are in their account's list, oldest first."""
    high, rows = high_of(tables, TableNumber.CLIENT_IDS_TABLE), tables.client_ids
    for at in working(tables):
        order = tables.orders[at]
        if order.client:
            row = rows[order.client] if 1 <= order.client <= high else ClientIdRow()
            yield from differing(
                "INV-16",
                f"order {order.order_id}",
                order=(row.order, at),
                order_id=(row.order_id, order.order_id),
                account=(row.account, order.account),
                ended_ns=(row.ended_ns, 0),
            )
    open_names = Counter(tables.orders[at].client for at in working(tables))
    ended: Counter[int] = Counter()
    for number in used(tables, TableNumber.ACCOUNTS_TABLE):
        account = tables.accounts[number]
        slots = chain(rows, account.first_ended, "next_ended", high)
        ended.update(slots)
        times = [rows[at].ended_ns for at in slots]
        yield from differing(
            "INV-16",
            f"account {number}",
            ended=(account.ended, sum(rows[at].account == number for at in slots)),
            last_ended=(account.last_ended, slots[-1] if slots else 0),
            out_of_turn=(sum(later < earlier for earlier, later in pairwise(times)), 0),
            open_in_the_list=(sum(rows[at].order != 0 for at in slots), 0),
        )
    for at in range(1, high + 1):
        if rows[at].account:
            held = (open_names[at] + ended[at], 1)
            yield from differing("INV-16", f"client id of order {rows[at].order_id}", held_by=held)


def inv_17_pools(tables: Tables) -> Iterator[Breach]:
    """Rows in use and freed rows are all the rows that were ever used; a freed row is blank."""
    freed_of = {one.table: _freed(tables, one) for one in POOLED}
    live_of = {TableNumber.ORDERS_TABLE: len(working(tables))}
    rows = tables.client_ids
    live_of[TableNumber.CLIENT_IDS_TABLE] = sum(
        rows[at].account != 0 for at in used(tables, TableNumber.CLIENT_IDS_TABLE)
    )
    for table in TableNumber:
        pool = tables.pools[table]
        if pool.rows == 0:
            continue
        freed = freed_of.get(table, [])
        yield from differing(
            "INV-17",
            f"pool of {table.name}",
            live=(pool.live, live_of.get(table, pool.high - len(freed))),
            used=(pool.live + len(freed), pool.high),
            beyond_the_rows=(max(0, pool.high - pool.rows + 1), 0),
        )
    for one in POOLED:
        for at in freed_of[one.table]:
            if not one.unlinked(one.rows(tables)[at]):
                yield Breach("INV-17", f"{one.table.name} row {at}", "was freed and is not blank", 1, 0)


def _freed(tables: Tables, one: Pooled) -> list[int]:
    """The chain of freed rows, no longer than there are rows."""
    rows, high, found = one.rows(tables), high_of(tables, one.table), list[int]()
    at = tables.pools[one.table].free
    while 1 <= at <= high and len(found) <= high:
        found.append(at)
        at = one.following(rows[at])
    return found


def inv_18_indexes(tables: Tables) -> Iterator[Breach]:
    """Every row is in its index once, is what a search for its key finds, and nothing else is there."""
    for one in INDEXES:
        rows, high = one.rows(tables), high_of(tables, one.table)
        buckets = one.buckets(tables)
        heads = [buckets[at].head for at in filled(buckets)]
        chained = [at for head in heads for at in chain(rows, head, "hash_next", high)]
        expected = [at for at in used(tables, one.table) if one.findable(rows[at], at)]
        name = f"index of {one.table.name}"
        yield from differing("INV-18", name, rows=(len(chained), len(expected)))
        if sorted(chained) != expected:
            times, wanted = Counter(chained), set(expected)
            odd = min(slot for slot in {*times, *wanted} if times[slot] != (slot in wanted))
            yield Breach("INV-18", f"{one.table.name} row {odd}", "in the index", times[odd], int(odd in wanted))
            continue
        for at in expected:
            yield from differing("INV-18", f"{one.table.name} row {at}", found=(one.find(tables, rows[at]), at))


def inv_19_holdings(tables: Tables) -> Iterator[Breach]:
    """Each wallet and position is in its account's chain once; a position settles into its own currency's wallet."""
    for table, rows, first, link in (
        (TableNumber.WALLETS_TABLE, tables.wallets, "first_wallet", "next_wallet"),
        (TableNumber.POSITIONS_TABLE, tables.positions, "first_position", "next_position"),
    ):
        high, listed = high_of(tables, table), list[int]()
        for account in used(tables, TableNumber.ACCOUNTS_TABLE):
            slots = chain(rows, getattr(tables.accounts[account], first), link, high)
            own = sum(rows[at].account == account for at in slots)
            yield from differing("INV-19", f"account {account}", **{link: (own, len(slots))})
            listed += slots
        yield from differing("INV-19", table.name, listed=(len(listed), high), once=(len(set(listed)), high))
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[at]
        wallet, currency = tables.wallets[row.wallet], tables.instruments[row.instrument].currency
        name = f"position of account {row.account} in instrument {row.instrument}"
        yield from differing("INV-19", name, owner=(wallet.account, row.account), currency=(wallet.currency, currency))
    for number in used(tables, TableNumber.CURRENCIES_TABLE):
        for role in range(1, ROLES):
            wallet = tables.wallets[tables.currencies[number].role_wallets + role]
            name = f"role {role} in currency {number}"
            yield from differing("INV-19", name, owner=(wallet.account, role), currency=(wallet.currency, number))


def inv_20_nothing_under_way(tables: Tables) -> Iterator[Breach]:
    """Between two entries nothing is noted, pending or broken, and the rows that stand for none are blank."""
    venue = tables.venue
    yield from differing(
        "INV-20",
        "venue",
        pending_order=(venue.pending_order, 0),
        pending_kind=(venue.pending_kind, 0),
        pending_units=(venue.pending_units, 0),
        pending_shares=(venue.pending_shares, 0),
        pending_hidden=(venue.pending_hidden, 0),
        fault=(tables.fault.code, 0),
    )
    for name, rows, table in (
        ("wallet", tables.wallets, TableNumber.WALLETS_TABLE),
        ("position", tables.positions, TableNumber.POSITIONS_TABLE),
    ):
        noted = next((at for at in used(tables, table) if rows[at].touched), 0)
        yield from differing("INV-20", name, touched=(noted, 0))
    for number in used(tables, TableNumber.CURRENCIES_TABLE):
        row = tables.currencies[number]
        left = {
            name: (getattr(row, name), 0)
            for name in ("law_sum", "law_cost", "law_pot", "law_outside", "law_flight", "law_epochs")
        }
        yield from differing("INV-20", text_of(row.symbol), **left)
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        own = tables.instruments[number]
        yield from differing(
            "INV-20", text_of(own.symbol), law_quantity=(own.law_quantity, 0), law_cost=(own.law_cost, 0)
        )
    nobody: dict[str, Any] = {"order": tables.orders[0], "position": tables.positions[0], "wallet": tables.wallets[0]}
    for name, empty in nobody.items():
        yield from differing("INV-20", f"{name} row 0", blank=(int(blank(empty)), 1))


def inv_21_bounds(tables: Tables) -> Iterator[Breach]:
    """Quantities, ticks, amounts and totals are below their bounds."""
    for at in working(tables):
        order = tables.orders[at]
        name = f"order {order.order_id}"
        yield from _bounded(name, QUANTITY_BOUND, quantity=order.quantity, leaves_quantity=order.leaves_quantity)
        yield from _bounded(name, PRICE_TICKS_BOUND, price_ticks=order.price_ticks)
        yield from _bounded(name, AMOUNT_BOUND, value_minor=order.value_minor)
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[at]
        name = f"position of account {row.account} in instrument {row.instrument}"
        held = abs(row.quantity)
        if row.account == Role.TAKEOVER:
            yield from _bounded(name, TOTAL_BOUND, quantity=row.quantity, cost_minor=row.cost_minor)
            continue
        yield from _bounded(name, QUANTITY_BOUND, long=held + row.buy_quantity, short=held + row.sell_quantity)
        worth = abs(row.cost_minor) + row.buy_value_minor + row.sell_value_minor
        yield from _bounded(name, AMOUNT_BOUND, cost_and_orders_minor=worth, moved_margin_minor=row.moved_margin_minor)
        yield from _bounded(name, TOTAL_BOUND, lifetime_cost_minor=row.lifetime_cost_minor)
    for at in used(tables, TableNumber.WALLETS_TABLE):
        wallet = tables.wallets[at]
        yield from _bounded(f"wallet of account {wallet.account}", TOTAL_BOUND, balance_minor=wallet.balance_minor)
    for number in used(tables, TableNumber.CURRENCIES_TABLE):
        currency = tables.currencies[number]
        yield from _bounded(text_of(currency.symbol), TOTAL_BOUND, deposits_minor=currency.deposits_minor)


def _bounded(name: str, bound: int, **numbers: int) -> Iterator[Breach]:
    for what, number in numbers.items():
        if abs(number) >= bound:
            yield Breach("INV-21", name, f"{what} is beyond its bound", number, bound - 1)


def inv_22_derived_terms(tables: Tables) -> Iterator[Breach]:
    """What is kept of an instrument to be quick is what its terms, its index and its mark give."""
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        row = tables.instruments[number]
        fresh, fault = InstrumentRow.from_buffer_copy(row), FaultRow()
        listing.derive_scales(tables, fresh)
        names: tuple[str, ...] = (
            "value_numerator",
            "value_denominator",
            "index_numerator",
            "index_denominator",
            "cents_denominator",
        )
        names += ("margin_method", "underlying_lot_minor", "highest_lot_minor")
        lot_minor = value.lot_value_minor(fresh, row.mark_subticks, fault) if row.mark_subticks else 0
        found = {name: (getattr(row, name), getattr(fresh, name)) for name in names}
        yield from differing("INV-22", text_of(row.symbol), mark_lot_minor=(row.mark_lot_minor, lot_minor), **found)
        highest = row.price_ticks_max * row.subticks_per_tick
        if not 0 <= row.mark_subticks <= highest:
            yield Breach("INV-22", text_of(row.symbol), "the mark is not a price", row.mark_subticks, highest)
    for index in used(tables, TableNumber.INDICES_TABLE):
        yield from _index(tables, index)


def _index(tables: Tables, index: int) -> Iterator[Breach]:
    """An index that is not held is the mean of its active sources, and so is the shadow at the next weights."""
    constituents = used(tables, TableNumber.CONSTITUENTS_TABLE)
    sources = [tables.constituents[at] for at in constituents if tables.constituents[at].index == index]
    active = [row for row in sources if row.state == ConstituentState.SOURCE_ACTIVE]
    own = tables.indices[index]
    found = {"constituents": (own.constituents, len(sources)), "active": (own.active, len(active))}
    for name, field in (("value_units", "weight_ppm"), ("next_value_units", "next_weight_ppm")):
        weight = sum(getattr(row, field) for row in active)
        total = sum(getattr(row, field) * row.price_units for row in active)
        if not own.held:
            found[name] = (getattr(own, name), (total + weight // 2) // weight if weight else 0)
    yield from differing("INV-22", text_of(own.symbol), **found)


def inv_23_reducing(tables: Tables) -> Iterator[Breach]:
    """Resting reduce-only orders of a position fit it together, and are in its list once, both ways."""
    high = high_of(tables, TableNumber.ORDERS_TABLE)
    own: dict[int, set[int]] = {}
    for at in working(tables):
        if tables.orders[at].flags & OrderFlag.REDUCE_ONLY and not waits(tables, tables.orders[at]):
            own.setdefault(tables.orders[at].position, set()).add(at)
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[at]
        slots = chain(tables.orders, row.first_reducing, "reducing_next", high)
        name = f"position of account {row.account} in instrument {row.instrument}"
        missing = own.get(at, set()) ^ set(slots)
        yield from differing(
            "INV-23",
            name,
            reducing=(row.reducing, len(slots)),
            listed=(len(slots), len(own.get(at, set()))),
            not_both=(min(missing, default=0), 0),
        )
        for before, slot in zip([0, *slots], slots, strict=False):
            order = tables.orders[slot]
            yield from differing("INV-23", f"order {order.order_id}", newer=(order.reducing_previous, before))
        sells, buys = row.sell_reduce_quantity, row.buy_reduce_quantity
        most = {"sells": (sells, max(0, row.quantity)), "buys": (buys, max(0, -row.quantity))}
        for what, (quantity, reducible) in most.items():
            if quantity > reducible:
                yield Breach("INV-23", name, f"{what} reduce more than there is", quantity, reducible)


def _times(row: AccountRow) -> Iterator[tuple[int, int, int]]:
    """What is to come for an account: when, which comes first at one time, and since which entry."""
    if row.state_until_ns:
        yield row.state_until_ns, row.state_sequence, 0
    if row.dead_man_ns:
        yield row.dead_man_ns, row.dead_man_sequence, 1


def inv_24_own_work(tables: Tables) -> Iterator[Breach]:
    """Armed switches are in the heap once, none above a sooner one; tasks that wait are rows, and the others blank."""
    venue, rows = tables.venue, tables.accounts
    times = {at: sorted(_times(rows[at])) for at in used(tables, TableNumber.ACCOUNTS_TABLE)}
    armed = [at for at, due in times.items() if due]
    heap = [tables.timers[place].account for place in range(1, 1 + venue.timers)]
    yield from differing("INV-24", "switches", armed=(venue.timers, len(armed)))
    if sorted(heap) == armed:
        keys = [(0, 0, 0), *(times[at][0] for at in heap)]
        late = next((place for place in range(2, len(keys)) if keys[place] < keys[place // 2]), 0)
        yield from differing("INV-24", "switches", late=(late, 0))
        for place, at in enumerate(heap, 1):
            yield from differing("INV-24", f"account {at}", timer=(rows[at].timer, place))
    else:
        yield Breach("INV-24", "switches", "the heap is not the armed accounts", sum(heap), sum(armed))
    waiting = {
        1 + number % TASKS for number in range(venue.tasks_done, min(venue.tasks_made, venue.tasks_done + TASKS))
    }
    yield from differing("INV-24", "tasks", waiting=(venue.tasks_made - venue.tasks_done, len(waiting)))
    for place in range(1, TASKS + 1):
        there = tables.tasks[place].kind != 0
        yield from differing("INV-24", f"task {place}", there=(int(there), int(place in waiting)))
