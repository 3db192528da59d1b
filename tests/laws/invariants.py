"""What must hold of every state, checked over all rows (DESIGN laws 3 and 6, the book, the derived sums).

Reads the state from Python and adds up for itself; shares nothing with the engine's own check.
"""

from outcry.engine import book, reading
from outcry.protocol.layout import FaultRow, OrderFlag, Role, Side, TableNumber, Tables
from outcry.rules import margin, value

POTS = {Role.OUTSIDE, Role.UNREALISED, Role.IN_FLIGHT, Role.EPOCHS}


def check(tables: Tables) -> None:
    """All of it."""
    check_money(tables)
    check_costs(tables)
    for instrument in reading.used(tables, TableNumber.INSTRUMENTS_TABLE):
        check_book(tables, instrument)
    check_orders(tables)
    assert tables.fault.code == 0
    assert tables.venue.pending_order == 0
    assert tables.venue.pending_kind == 0


def check_money(tables: Tables) -> None:
    """Law 3 per currency, the pots among themselves."""
    wallets = [tables.wallets[at] for at in reading.used(tables, TableNumber.WALLETS_TABLE)]
    positions = [tables.positions[at] for at in reading.used(tables, TableNumber.POSITIONS_TABLE)]
    for number in reading.used(tables, TableNumber.CURRENCIES_TABLE):
        row = tables.currencies[number]
        held = sum(w.balance_minor for w in wallets if w.currency == number and w.account not in POTS)
        pots = {w.account: w.balance_minor for w in wallets if w.currency == number and w.account in POTS}
        cost = sum(p.cost_minor for p in positions if tables.instruments[p.instrument].currency == number)
        assert held - cost + row.epochs_minor + row.in_flight_minor == row.deposits_minor - row.withdrawals_minor
        assert pots[Role.UNREALISED] == -cost
        assert pots[Role.OUTSIDE] == row.withdrawals_minor - row.deposits_minor
        assert pots[Role.IN_FLIGHT] == row.in_flight_minor


def check_costs(tables: Tables) -> None:
    """Law 3 per instrument, open interest, and each cost's size."""
    for number in reading.used(tables, TableNumber.INSTRUMENTS_TABLE):
        instrument = tables.instruments[number]
        rows = [tables.positions[at] for at in reading.used(tables, TableNumber.POSITIONS_TABLE)]
        rows = [row for row in rows if row.instrument == number]
        assert sum(row.quantity for row in rows) == 0
        assert sum(row.lifetime_cost_minor for row in rows) + instrument.closed_cost_minor == 0
        assert sum(max(0, row.quantity) for row in rows) == instrument.open_interest
        for row in rows:
            assert row.quantity % instrument.lot == 0
            assert (row.quantity == 0) <= (row.cost_minor == 0)
            assert row.touched == 0


def check_book(tables: Tables, number: int) -> None:
    """Levels add up to their queues, best prices are the first levels, nothing is crossed."""
    instrument = tables.instruments[number]
    resting = 0
    for side in (Side.BUY, Side.SELL):
        levels = reading.levels(tables, number, side)
        prices = [price for price, _, _ in levels]
        assert prices == sorted(prices, reverse=side == Side.BUY)
        assert (prices or [0])[0] == (instrument.best_bid_ticks if side == Side.BUY else instrument.best_ask_ticks)
        found: dict[int, list[int]] = {}
        for slot in reading.queue(tables, number, side):
            order = tables.orders[slot]
            assert order.side == side
            assert order.instrument == number
            assert order.leaves_quantity > 0
            found.setdefault(order.price_ticks, []).append(slot)
        for price, slots in found.items():
            level = tables.levels[book.level_slot(tables, instrument, side, price)]
            reduces = [s for s in slots if tables.orders[s].flags & OrderFlag.REDUCE_ONLY]
            assert level.reduce_quantity == sum(tables.orders[s].leaves_quantity for s in reduces)
        assert [(p, sum(tables.orders[s].leaves_quantity for s in q), len(q)) for p, q in found.items()] == levels
        for slots in found.values():
            priorities = [tables.orders[slot].priority for slot in slots]
            assert priorities == sorted(priorities)
        resting += sum(len(slots) for slots in found.values())
    assert resting == instrument.orders
    bid, ask = instrument.best_bid_ticks, instrument.best_ask_ticks
    assert not bid or not ask or bid < ask


def check_orders(tables: Tables) -> None:
    """Every live order is in its account's list once; positions' sums equal what their orders need."""
    live = 0
    for account in reading.used(tables, TableNumber.ACCOUNTS_TABLE):
        slots = list(reading.orders_of(tables, account))
        live += len(slots)
        assert len(slots) == tables.accounts[account].orders
        for at in reading.positions_of(tables, account):
            check_sums(tables, at, [s for s in slots if tables.orders[s].position == at])
    assert live == tables.pools[TableNumber.ORDERS_TABLE].live


def check_sums(tables: Tables, at: int, slots: list[int]) -> None:
    """Open quantity, value and margin of one position's orders, from the rules; reduce-only orders only as quantity."""
    row, fault = tables.positions[at], FaultRow()
    instrument = tables.instruments[row.instrument]
    leverage = row.leverage_centi if row.isolated else 0
    sums = {side: [0, 0, 0, 0] for side in (Side.BUY, Side.SELL)}
    dearest = {Side.BUY: row.buy_dearest_minor, Side.SELL: row.sell_dearest_minor}
    for slot in slots:
        order = tables.orders[slot]
        own = sums[Side(order.side)]
        if order.flags & OrderFlag.REDUCE_ONLY:
            assert (order.value_minor, order.margin_minor, order.premium_minor) == (0, 0, 0)
            own[3] += order.leaves_quantity
            continue
        worth = value.value_minor(
            instrument, order.leaves_quantity, order.price_ticks * instrument.subticks_per_tick, fault
        )
        needed = margin.order_cost_minor(instrument, worth, leverage, fault) + order.premium_minor
        assert (order.value_minor, order.margin_minor) == (worth, needed)
        assert needed * instrument.lot <= dearest[Side(order.side)] * order.leaves_quantity
        for place, amount in enumerate((order.leaves_quantity, worth, needed)):
            own[place] += amount
    assert [row.buy_quantity, row.buy_value_minor, row.buy_margin_minor, row.buy_reduce_quantity] == sums[Side.BUY]
    assert [row.sell_quantity, row.sell_value_minor, row.sell_margin_minor, row.sell_reduce_quantity] == sums[Side.SELL]
    assert row.buy_quantity or not row.buy_dearest_minor
    assert row.sell_quantity or not row.sell_dearest_minor
