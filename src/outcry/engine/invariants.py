"""What holds of every state between two entries, numbered: INV-01 and following of docs/rules/law.md.

First INV-01 to INV-14, money, positions, books and orders; INV-16 to INV-24 stand in structure.py, INV-25 to INV-32
in soundness.py, INV-33 to INV-36 in waiting_soundness.py, INV-15, INV-37 and INV-38 in counting_soundness.py, INV-39
and INV-40 in settling_soundness.py, INV-41 to INV-43 in question_soundness.py; then the table `INVARIANTS` of all.
Each check adds up the rows themselves and names both numbers; none trusts a cached sum, a link or a bitmap, so a broken
state is reported and never walked for ever.  Reads the engine's tables, never changes them.  Known limit: it visits
every row and bucket in Python, about ten microseconds a row, so it is for tests, for the end of `outcry verify` and for
replicas that are asked; the engine's own check after every entry is ledger.py.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from outcry.engine import book
from outcry.engine.breaches import Breach, chain, children_of, differing, filled, high_of, resting, waits, working
from outcry.engine.counting_soundness import inv_15_margins_of_orders, inv_37_counts, inv_38_filled
from outcry.engine.question_soundness import inv_41_bonds, inv_42_dockets, inv_43_own_prices
from outcry.engine.reading import used
from outcry.engine.rungs import is_market
from outcry.engine.settling_soundness import inv_39_settlements, inv_40_averages
from outcry.engine.soundness import (
    inv_25_epochs,
    inv_26_takeovers,
    inv_27_bands,
    inv_28_watched,
    inv_29_queue,
    inv_30_volumes,
    inv_31_risk_limits,
    inv_32_ranking,
)
from outcry.engine.structure import (
    inv_16_client_ids,
    inv_17_pools,
    inv_18_indexes,
    inv_19_holdings,
    inv_20_nothing_under_way,
    inv_21_bounds,
    inv_22_derived_terms,
    inv_23_reducing,
    inv_24_own_work,
)
from outcry.engine.sums import law_sums
from outcry.engine.waiting_soundness import inv_33_conditions, inv_34_sets, inv_35_reached, inv_36_bonds
from outcry.protocol.layout import (
    ROLES,
    OrderFlag,
    OrderRow,
    Role,
    Side,
    TableNumber,
    Tables,
    Valuation,
)
from outcry.protocol.wire import text_of


class Invariant(NamedTuple):
    """One law: its number, the rule it belongs to, a sentence, and the check."""

    number: str
    rule: str
    sentence: str
    check: Callable[[Tables], Iterable[Breach]]


def _queues(tables: Tables, number: int, side: Side) -> dict[int, int]:
    """Level slots by price, found through children and levels that are not empty, whatever the bitmaps say."""
    instrument = tables.instruments[number]
    nodes, leaves = high_of(tables, TableNumber.NODES_TABLE), high_of(tables, TableNumber.LEAVES_TABLE)
    found = {0: instrument.bid_root if side == Side.BUY else instrument.ask_root}
    for depth in range(4):
        below = leaves if depth == 3 else nodes
        found = {
            price << 6 | digit: child
            for price, node in found.items()
            for digit, child in children_of(tables.nodes[node])
            if 1 <= child <= below
        }
    return {
        price << 6 | level - 64 * leaf: level
        for price, leaf in found.items()
        for level in filled(tables.levels, 64 * leaf, 64)
    }


def _books(tables: Tables) -> Iterator[tuple[int, Side, dict[int, int]]]:
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        for side in (Side.BUY, Side.SELL):
            yield number, side, _queues(tables, number, side)


def _book_name(tables: Tables, number: int, side: Side, price: int = 0) -> str:
    name = f"{text_of(tables.instruments[number].symbol)} {'bids' if side == Side.BUY else 'asks'}"
    return f"{name} at {price}" if price else name


def inv_01_money(tables: Tables) -> Iterator[Breach]:
    """Wallets, unrealised cost, epochs and what is in flight against what came in and left."""
    for row in law_sums(tables).currencies:
        yield from differing("INV-01", row.currency, money_minor=(row.held_minor, row.owed_minor))


def inv_02_quantity(tables: Tables) -> Iterator[Breach]:
    """Positions of an instrument come to nothing."""
    for row in law_sums(tables).instruments:
        yield from differing("INV-02", row.symbol, quantity=(row.quantity, 0))


def inv_03_lifetime_cost(tables: Tables) -> Iterator[Breach]:
    """Costs of all fills of an instrument come to nothing."""
    for row in law_sums(tables).instruments:
        cost = row.lifetime_cost_minor
        yield from differing("INV-03", row.symbol, lifetime_cost_minor=(cost, -row.closed_cost_minor))


def inv_04_pots(tables: Tables) -> Iterator[Breach]:
    """Each pot is the other side of what it stands for."""
    wallets = [tables.wallets[at] for at in used(tables, TableNumber.WALLETS_TABLE)]
    for number, row in enumerate(law_sums(tables).currencies, 1):
        pots = {wallet.account: wallet.balance_minor for wallet in wallets if wallet.currency == number}
        yield from differing(
            "INV-04",
            row.currency,
            unrealised_pot_minor=(pots.get(Role.UNREALISED, 0), -row.unrealised_cost_minor),
            outside_pot_minor=(pots.get(Role.OUTSIDE, 0), row.withdrawals_minor - row.deposits_minor),
            in_flight_pot_minor=(pots.get(Role.IN_FLIGHT, 0), row.in_flight_minor),
            epochs_pot_minor=(pots.get(Role.EPOCHS, 0), row.epochs_minor),
        )


def inv_05_comings_and_goings(tables: Tables) -> Iterator[Breach]:
    """Totals of deposits, withdrawals and transfers against the rows that make them."""
    sums: Counter[tuple[str, int]] = Counter()
    own: Counter[tuple[str, int, int]] = Counter()
    for at in used(tables, TableNumber.DEPOSITS_TABLE):
        deposit = tables.deposits[at]
        if not deposit.reversed:
            sums["deposits", deposit.currency] += deposit.amount_minor
            own["deposited", deposit.account, deposit.currency] += deposit.amount_minor
    for at in used(tables, TableNumber.WITHDRAWALS_TABLE):
        asked = tables.withdrawals[at]
        sums[("flight", "left", "returned")[asked.state], asked.currency] += asked.amount_minor
        if asked.state != 2:
            own["withdrawn", asked.account, asked.currency] += asked.amount_minor
    for at in used(tables, TableNumber.WALLETS_TABLE):
        row = tables.wallets[at]
        sums["in", row.currency] += row.transferred_in_minor
        sums["out", row.currency] += row.transferred_out_minor
        yield from differing(
            "INV-05",
            f"wallet of account {row.account}",
            deposited_minor=(row.deposited_minor, own["deposited", row.account, row.currency]),
            withdrawn_minor=(row.withdrawn_minor, own["withdrawn", row.account, row.currency]),
        )
    for number in used(tables, TableNumber.CURRENCIES_TABLE):
        currency = tables.currencies[number]
        yield from differing(
            "INV-05",
            text_of(currency.symbol),
            deposits_minor=(currency.deposits_minor, sums["deposits", number]),
            withdrawals_minor=(currency.withdrawals_minor, sums["left", number]),
            in_flight_minor=(currency.in_flight_minor, sums["flight", number]),
            transferred_minor=(sums["in", number], sums["out", number]),
        )


def inv_06_wallets(tables: Tables) -> Iterator[Breach]:
    """A user's wallet holds what came in, less what left, and what the positions have realised after fees."""
    realised: Counter[tuple[int, int]] = Counter()
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[at]
        currency = tables.instruments[row.instrument].currency
        realised[row.account, currency] += row.previous_realised_minor + row.realised_minor - row.fees_minor
    for at in used(tables, TableNumber.WALLETS_TABLE):
        own = tables.wallets[at]
        if own.account >= ROLES:
            expected = own.deposited_minor - own.withdrawn_minor + own.transferred_in_minor - own.transferred_out_minor
            expected += realised[own.account, own.currency] - own.bonds_lost_minor
            name = f"wallet of account {own.account}"
            yield from differing("INV-06", name, balance_minor=(own.balance_minor, expected))


def inv_07_open_interest(tables: Tables) -> Iterator[Breach]:
    """Open interest is the sum of the long positions."""
    longs: Counter[int] = Counter()
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        longs[tables.positions[at].instrument] += max(0, tables.positions[at].quantity)
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        row = tables.instruments[number]
        yield from differing("INV-07", text_of(row.symbol), open_interest=(row.open_interest, longs[number]))


def inv_08_positions(tables: Tables) -> Iterator[Breach]:
    """Whole lots; a flat position has no cost, profit, fees or own margin; a cross one has no own margin.

    What the takeover role holds is a sum of takeovers, long and short ones, each at its own cost (INV-26).
    """
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[at]
        instrument = tables.instruments[row.instrument]
        name = f"position of account {row.account} in {text_of(instrument.symbol)}"
        yield from differing("INV-08", name, odd_lots=(abs(row.quantity) % instrument.lot, 0))
        if row.account == Role.TAKEOVER:
            continue  # A sum of positions of both sides, each at a bankruptcy value of any sign.
        if row.quantity == 0:
            flat = {"cost_minor": row.cost_minor, "realised_minor": row.realised_minor, "fees_minor": row.fees_minor}
            flat |= {"moved_margin_minor": row.moved_margin_minor, "loss_minor": row.loss_minor}
        elif not row.isolated:
            flat = {"moved_margin_minor": row.moved_margin_minor, "loss_minor": row.loss_minor}
        else:
            flat = {}
        yield from differing("INV-08", name, **{what: (found, 0) for what, found in flat.items()})
        long_costs = instrument.valuation != Valuation.INVERSE
        wrong = row.cost_minor != 0 and (row.cost_minor > 0) != ((row.quantity > 0) == long_costs)
        if row.quantity and wrong:
            yield Breach("INV-08", name, "cost_minor has the wrong sign", row.cost_minor, -row.cost_minor)


def inv_09_levels(tables: Tables) -> Iterator[Breach]:
    """A level's sums are those of the orders that say they stand there."""
    standing: dict[int, list[OrderRow]] = {}
    for at in working(tables):
        standing.setdefault(tables.orders[at].level, []).append(tables.orders[at])
    standing.pop(0, None)
    for number, side, queues in _books(tables):
        for price, level in queues.items():
            row, orders = tables.levels[level], standing.pop(level, [])
            reducing = [o.leaves_quantity for o in orders if book.may_shrink(tables, o)]
            yield from differing(
                "INV-09",
                _book_name(tables, number, side, price),
                quantity=(row.quantity, sum(o.leaves_quantity for o in orders)),
                reduce_quantity=(row.reduce_quantity, sum(reducing)),
                hidden_quantity=(row.hidden_quantity, sum(o.leaves_quantity - book.visible(o) for o in orders)),
                orders=(row.orders, len(orders)),
                shown_orders=(row.shown_orders, sum(book.visible(o) > 0 for o in orders)),
                strangers=(sum((o.instrument, o.side, o.price_ticks) != (number, side, price) for o in orders), 0),
                empty_orders=(sum(o.leaves_quantity <= 0 for o in orders), 0),
                odd_parts=(sum(not _shows_rightly(o) for o in orders), 0),
            )
    for level, orders in standing.items():
        yield Breach("INV-09", f"order {orders[0].order_id}", "stands at a level of no book", level, 0)


def _shows_rightly(order: OrderRow) -> bool:
    """What an order shows: all of it, nothing, or some of it but no more than it said and than is open (ORD-20)."""
    if order.display_quantity <= 0:
        return order.shown_quantity == 0
    return 0 < order.shown_quantity <= min(order.display_quantity, order.leaves_quantity)


def inv_10_queues(tables: Tables) -> Iterator[Breach]:
    """A level's queue holds each of its orders once, what shows something first, each part in the order of places."""
    high = high_of(tables, TableNumber.ORDERS_TABLE)
    for number, side, queues in _books(tables):
        for price, level in queues.items():
            row = tables.levels[level]
            slots = chain(tables.orders, row.head, "next", high)
            orders = [tables.orders[at] for at in slots]
            name = _book_name(tables, number, side, price)
            places = [(int(book.visible(order) == 0), order.priority, order.order_id) for order in orders]
            unseen = next((at for at in slots if book.visible(tables.orders[at]) == 0), 0)
            late = next((at for at in range(1, len(places)) if places[at] <= places[at - 1]), 0)
            yield from differing(
                "INV-10",
                name,
                queued=(sum(order.level == level for order in orders), row.orders),
                tail=(row.tail, slots[-1] if slots else 0),
                first_hidden=(row.first_hidden, unseen),
                out_of_turn=(places[late][1] if late else 0, 0),
            )
            for before, at in zip([0, *slots], slots, strict=False):
                name = f"order {tables.orders[at].order_id}"
                yield from differing("INV-10", name, previous=(tables.orders[at].previous, before))
    resting = Counter(tables.orders[at].instrument for at in working(tables) if tables.orders[at].level > 0)
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        instrument = tables.instruments[number]
        yield from differing("INV-10", text_of(instrument.symbol), orders=(instrument.orders, resting[number]))


def inv_11_best_prices(tables: Tables) -> Iterator[Breach]:
    """The best prices are the first levels, and where orders meet as they come a bid is below every ask."""
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        row = tables.instruments[number]
        bid, ask = max(_queues(tables, number, Side.BUY), default=0), min(_queues(tables, number, Side.SELL), default=0)
        name = text_of(row.symbol)
        bests = {"best_bid_ticks": (row.best_bid_ticks, bid), "best_ask_ticks": (row.best_ask_ticks, ask)}
        yield from differing("INV-11", name, **bests)
        if bid and ask and bid >= ask and is_market(row.state):
            yield Breach("INV-11", name, "crossed: the best bid is not below the best ask", bid, ask - 1)


def inv_12_tries(tables: Tables) -> Iterator[Breach]:
    """Bitmaps say exactly which children and levels there are; no node or leaf is empty but the roots."""
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        for side in (Side.BUY, Side.SELL):
            instrument = tables.instruments[number]
            root = instrument.bid_root if side == Side.BUY else instrument.ask_root
            yield from _trie(tables, _book_name(tables, number, side), root, 0, root)


def _trie(tables: Tables, name: str, slot: int, depth: int, root: int) -> Iterator[Breach]:
    leaf = depth == 4
    bits = tables.leaves[slot].bits if leaf else tables.nodes[slot].bits
    if leaf:
        there = [level - 64 * slot for level in filled(tables.levels, 64 * slot, 64)]
    else:
        there = [digit for digit, _ in children_of(tables.nodes[slot])]
    expected = sum(1 << digit for digit in there)
    where = f"{name}, {'leaf' if leaf else 'node'} {slot}"
    yield from differing("INV-12", where, bits=(bits, expected))
    if expected == 0 and slot != root:
        yield Breach("INV-12", where, "is kept though it is empty", 0, 1)
    below = high_of(tables, TableNumber.LEAVES_TABLE if depth == 3 else TableNumber.NODES_TABLE)
    if not leaf:
        for digit in there:
            child = tables.nodes[slot].children[digit]
            if 1 <= child <= below:
                yield from _trie(tables, name, child, depth + 1, root)


def inv_13_orders_of_accounts(tables: Tables) -> Iterator[Breach]:
    """Every order that is not over rests or waits, and is in its account's list once, newest first, both ways."""
    high, listed = high_of(tables, TableNumber.ORDERS_TABLE), Counter[int]()
    for account in used(tables, TableNumber.ACCOUNTS_TABLE):
        slots = chain(tables.orders, tables.accounts[account].first_order, "account_next", high)
        listed.update(slots)
        own = sum(tables.orders[at].account == account for at in slots)
        yield from differing("INV-13", f"account {account}", orders=(tables.accounts[account].orders, own))
        for before, at in zip([0, *slots], slots, strict=False):
            order = tables.orders[at]
            yield from differing("INV-13", f"order {order.order_id}", account_previous=(order.account_previous, before))
    for at in working(tables):
        order, position = tables.orders[at], tables.positions[tables.orders[at].position]
        owners = ((order.account, position.account), (order.instrument, position.instrument))
        yield from differing(
            "INV-13",
            f"order {order.order_id}",
            listed=(listed.pop(at, 0), 1),
            resting=(int(order.level > 0), int(not waits(tables, order))),
            account=owners[0],
            instrument=owners[1],
            given_numbers=(int(order.order_id < tables.venue.next_order_id), 1),
        )
    for at, times in listed.items():
        yield Breach("INV-13", f"slot {at}", "is listed and holds no order", times, 0)


def inv_14_sums_of_orders(tables: Tables) -> Iterator[Breach]:
    """A position's sums are those of its account's orders in the instrument; orders of takeovers add nothing."""
    sums: Counter[tuple[int, str]] = Counter()
    for at in resting(tables):
        order = tables.orders[at]
        side = "buy" if order.side == Side.BUY else "sell"
        if order.takeover:
            continue
        sums[order.position, f"{side}_premium_minor"] += order.premium_minor
        if order.flags & OrderFlag.REDUCE_ONLY:
            sums[order.position, f"{side}_reduce_quantity"] += order.leaves_quantity
            continue
        sums[order.position, f"{side}_quantity"] += order.leaves_quantity
        sums[order.position, f"{side}_value_minor"] += order.value_minor
        sums[order.position, f"{side}_margin_minor"] += order.margin_minor
    names = [f"{side}_{what}" for side in ("buy", "sell") for what in ("quantity", "value_minor", "margin_minor")]
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[at]
        name = f"position of account {row.account} in instrument {row.instrument}"
        found = {what: (getattr(row, what), sums[at, what]) for what in [*names, *REDUCING]}
        yield from differing("INV-14", name, **found)


REDUCING = ("buy_reduce_quantity", "sell_reduce_quantity", "buy_premium_minor", "sell_premium_minor")


INVARIANTS = (
    Invariant("INV-01", "LAW-03", "Money is neither made nor lost, currency by currency.", inv_01_money),
    Invariant("INV-02", "LAW-03", "The positions of an instrument come to nothing.", inv_02_quantity),
    Invariant("INV-03", "LAW-03", "The costs of all fills of an instrument come to nothing.", inv_03_lifetime_cost),
    Invariant("INV-04", "LAW-03", "Each of the venue's pots is the other side of what it stands for.", inv_04_pots),
    Invariant("INV-05", "WAL-02", "Totals in, out and across are the sums of their rows.", inv_05_comings_and_goings),
    Invariant("INV-06", "PNL-04", "A wallet holds what came in and what was realised.", inv_06_wallets),
    Invariant("INV-07", "PNL-01", "Open interest is the sum of the longs.", inv_07_open_interest),
    Invariant("INV-08", "PNL-01", "Positions are whole lots, and flat ones are empty.", inv_08_positions),
    Invariant("INV-09", "ORD-01", "A level is the sum of its orders.", inv_09_levels),
    Invariant("INV-10", "ORD-01", "A queue holds each order of its level once, first come first.", inv_10_queues),
    Invariant("INV-11", "ORD-01", "Best prices are first levels; no book that trades is crossed.", inv_11_best_prices),
    Invariant("INV-12", "ORD-01", "The bitmaps of a book's trie say exactly what is there.", inv_12_tries),
    Invariant("INV-13", "ORD-03", "Every open order rests or waits, and is listed once.", inv_13_orders_of_accounts),
    Invariant("INV-14", "MRG-02", "A position's order sums are those of its orders.", inv_14_sums_of_orders),
    Invariant("INV-15", "MRG-01", "An order's value and margin are what the rules say.", inv_15_margins_of_orders),
    Invariant("INV-16", "ORD-02", "Client ids and orders name each other; ended ones wait in turn.", inv_16_client_ids),
    Invariant("INV-17", "CMD-09", "Rows in use and freed rows are all that were ever used.", inv_17_pools),
    Invariant("INV-18", "CMD-09", "Indexes find every row, and nothing else.", inv_18_indexes),
    Invariant("INV-19", "CMD-05", "Wallets and positions are in their account's chains.", inv_19_holdings),
    Invariant("INV-20", "LAW-07", "Between two entries nothing is under way.", inv_20_nothing_under_way),
    Invariant("INV-21", "ORD-06", "Every number is below its bound.", inv_21_bounds),
    Invariant("INV-22", "LST-01", "What is derived from terms and prices is what they give.", inv_22_derived_terms),
    Invariant("INV-23", "ORD-08", "Reduce-only orders fit their position together.", inv_23_reducing),
    Invariant("INV-24", "CMD-10", "Armed switches and waiting tasks are in their queues once.", inv_24_own_work),
    Invariant("INV-25", "FND-04", "Epochs hold what pots hold; without a sweep nobody is behind.", inv_25_epochs),
    Invariant("INV-26", "LIQ-05", "The takeover role holds the sum of its takeovers.", inv_26_takeovers),
    Invariant("INV-27", "LIQ-09", "Every band is in its trie once, and nothing else.", inv_27_bands),
    Invariant("INV-28", "LIQ-01", "Who fails is waiting to be examined or past a band.", inv_28_watched),
    Invariant("INV-29", "LIQ-09", "Accounts to examine are in the queue once.", inv_29_queue),
    Invariant("INV-30", "FEE-03", "Volumes are their accounts' own.", inv_30_volumes),
    Invariant("INV-31", "MRG-09", "A risk limit is the base limit and whole steps.", inv_31_risk_limits),
    Invariant("INV-32", "ADL-01", "In a ranking nobody stands above one who comes first.", inv_32_ranking),
    Invariant("INV-33", "ORD-14", "Orders and conditions name each other; who waits is not live.", inv_33_conditions),
    Invariant("INV-34", "ORD-14", "Armed orders are in their sets once, in their order.", inv_34_sets),
    Invariant("INV-35", "ORD-14", "No armed order is past its trigger unless work waits.", inv_35_reached),
    Invariant("INV-36", "ORD-18", "Groups, released orders, orders for a day: in their chains once.", inv_36_bonds),
    Invariant("INV-37", "ORD-23", "Open orders and small ones are as many as are counted.", inv_37_counts),
    Invariant("INV-38", "ORD-19", "What was filled last is remembered in its order.", inv_38_filled),
    Invariant("INV-39", "SET-03", "What has ended has its price, and what is over holds nothing.", inv_39_settlements),
    Invariant("INV-40", "SET-01", "The mean of an index is that of its minutes.", inv_40_averages),
    Invariant("INV-41", "PRD-03", "What is held of a wallet is in its bonds.", inv_41_bonds),
    Invariant("INV-42", "PRD-02", "Dockets and markets name each other, stage by stage.", inv_42_dockets),
    Invariant("INV-43", "PRE-01", "A contract has an index, or a mean of its own marks.", inv_43_own_prices),
)
"""In the order of their numbers; a number is never given to another law."""


def breaches(tables: Tables) -> list[Breach]:
    """Everything that does not hold; nothing for a sound state between two entries."""
    return [breach for invariant in INVARIANTS for breach in invariant.check(tables)]
