"""Contracts end: averages, the settlement price, and the round that closes everything (SET-01 to SET-05)."""

import pytest

from outcry.protocol import layout
from outcry.protocol.layout import EventKind, InstrumentState, Role, SettlementKind, StateCause
from tests.engine.ending import MARK, MINUTE_NS, XBT, Ending
from tests.engine.worlds import BUY, SELL, of_kind, one, refused
from tests.laws import invariants


def test_a_future_settles_at_the_mean_of_its_index_and_gives_everybody_what_a_trade_there_would() -> None:
    world = Ending(settlement_fee_ppm=500)
    long, short, third = (world.trader(number, XBT) for number in (1, 2, 3))
    world.trade(long, short, 30_000)
    world.trade(third, short, 10_000, MARK + 500)
    world.place(long, BUY, 100, MARK - 5_000)
    before = {account: world.balance(account) for account in (long, short, third)}
    money, costs = world.money(), {a: world.position(a).cost_minor for a in before}
    told = world.until_expiry(*[1_050_000] * 15, *[1_060_000] * 15)
    fixed = one(told, EventKind.SETTLEMENT_FIXED)
    assert (fixed.kind, fixed.samples, fixed.average_units) == (SettlementKind.BY_AVERAGE, 30, 1_055_000)
    lot = (100 * XBT * 100 + 527_500) // 1_055_000
    assert (fixed.price_subticks, fixed.lot_minor, fixed.fee_ppm) == (1_055_000, lot, 500)
    assert world.row().state == InstrumentState.INSTRUMENT_SETTLING
    assert world.row().mark_subticks == 1_055_000
    assert refused(world.place(long, BUY, 100, MARK)) == "INSTRUMENT_CLOSED"
    events = world.unit_by_unit()
    settled = {record.account: record for record in of_kind(events, EventKind.SETTLED)}
    assert sorted(settled) == [long, short, third]
    assert len(of_kind(events, EventKind.ENDED)) == 1
    for account, quantity in ((long, 30_000), (short, -40_000), (third, 10_000)):
        record = settled[account]
        value = -lot * quantity // 100
        fee = (abs(value) * 500 + 500_000) // 1_000_000
        assert (record.quantity, record.value_minor, record.fee_minor) == (quantity, value, fee)
        assert record.realised_minor == value - costs[account]
        assert record.balance_minor == world.balance(account) == before[account] + record.realised_minor - fee
        assert world.position(account).quantity == 0
    swept = one(events, EventKind.SETTLEMENT_SWEPT)
    assert (swept.instrument, swept.positions) == (1, 3)
    row = world.row()
    assert (row.state, row.state_cause) == (InstrumentState.INSTRUMENT_SETTLED, StateCause.CAUSE_SCHEDULE)
    assert (row.epoch_quantity, row.epoch_cost_minor, row.open_interest, row.bid_root) == (0, 0, 0, 0)
    cost = sum(costs.values())
    assert world.money() == money - cost
    invariants.check(world.engine.tables)
    world.reopen()
    invariants.check(world.engine.tables)
