"""Contracts end: averages, the settlement price, and the round that closes everything (SET-01 to SET-05)."""

import pytest

from outcry.engine.engine import Engine
from outcry.protocol.layout import EventKind, InstrumentState, Role, SettlementKind, StateCause
from tests.engine.ending import MARK, XBT, Ending, heard_again
from tests.engine.worlds import BUY, of_kind, one, refused
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
    world.restart()
    invariants.check(world.engine.tables)
    heard_again(world)


LATE = 900_000
"""The index of the last 15 minutes; the mean is then 950,000."""


def late_short(world: Ending, quantity: int = 100_000, isolated: bool = False) -> tuple[int, int]:
    """Somebody buys at the low price of the last minutes from somebody who has hardly anything; both accounts."""
    rich, poor = world.trader(1, 10 * XBT), world.trader(2, XBT // 4)
    world.minutes(45, 1_000_000)
    world.minutes(14, LATE)
    if isolated:
        world.leverage(poor, 10_000)
    world.trade(rich, poor, quantity, LATE // 10)
    return rich, poor


@pytest.mark.parametrize("isolated", [False, True])
def test_who_cannot_pay_is_taken_over_and_the_other_side_bears_what_the_fund_has_not(isolated: bool) -> None:
    world = Ending()
    rich, poor = late_short(world, isolated=isolated)
    own = world.balance(poor)
    money = world.money()
    told = world.minutes(1, LATE)
    assert one(told, EventKind.SETTLEMENT_FIXED).price_subticks == 950_000
    events = world.unit_by_unit()
    taken = one(events, EventKind.TAKEN_OVER)
    assert (taken.account, taken.position_quantity, taken.reserve_minor) == (poor, -100_000, 0)
    one(events, EventKind.DELEVERAGING_RANKED)
    reduced = one(events, EventKind.DELEVERAGED)
    assert (reduced.account, reduced.quantity, reduced.position_quantity) == (rich, 100_000, 0)
    assert of_kind(events, EventKind.SETTLED) == []
    assert world.row().state == InstrumentState.INSTRUMENT_SETTLED
    lost = own - world.balance(poor)
    assert world.balance(poor) == 0 if not isolated else lost > 0
    assert world.balance(Role.TAKEOVER) == world.balance(Role.INSURANCE) == 0
    assert world.money() == money
    heard_again(world)


@pytest.mark.parametrize("share", [50, 100])
def test_the_fund_pays_as_far_as_it_can_and_the_other_side_the_rest(share: int) -> None:
    """A fund that has half of what the takeover loses settles half of its lots, one that has all of it all of them."""
    world = Ending()
    rich, poor = late_short(world)
    before = world.engine.snapshot(), world.now_ns, world.sent, list(world.journal)
    world.minutes(1, LATE)
    taken = one(world.work(), EventKind.TAKEN_OVER)
    world.engine, world.now_ns, world.sent, world.journal = Engine.restore(before[0]), *before[1:]
    lot = (100 * XBT * 100 + 475_000) // 950_000
    loss = taken.bankrupt_minor - lot * 1_000
    assert loss > 0
    world.deposit(Role.INSURANCE, loss if share == 100 else loss // 2)
    world.minutes(1, LATE)
    events = world.unit_by_unit()
    of_role = [record for record in of_kind(events, EventKind.SETTLED) if record.account == Role.TAKEOVER]
    quantity = sum(record.quantity for record in of_role)
    deleveraged = sum(record.quantity for record in of_kind(events, EventKind.DELEVERAGED))
    assert quantity - deleveraged == -100_000
    assert (deleveraged == 0) == (share == 100)
    assert world.balance(Role.TAKEOVER) == 0
    assert 0 <= world.balance(Role.INSURANCE) < lot
    assert world.balance(poor) == 0 < world.balance(rich)
    heard_again(world)
