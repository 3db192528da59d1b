"""Hard cases of contracts that end: missing samples, pauses, auctions, fundings, many at once (SET-02 to SET-05)."""

import pytest

from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    Contingency,
    EndReason,
    EventKind,
    InstrumentState,
    OrderType,
    Role,
    SettlementKind,
    SettlementPhase,
    StateCause,
    TimeInForce,
    VenueState,
)
from tests.engine.conditioned import linked
from tests.engine.ending import FUTURE, MARK, MINUTE_NS, XBT, Ending, heard_again
from tests.engine.worlds import BUY, SELL, listing, of_kind, one, place, refused
from tests.laws import invariants

PAUSED, SETTLING = InstrumentState.INSTRUMENT_PAUSED, InstrumentState.INSTRUMENT_SETTLING
SETTLED = InstrumentState.INSTRUMENT_SETTLED


def state_of(world: Ending, number: int = 1) -> tuple[int, int]:
    return world.row(number).state, world.row(number).state_cause


def asleep(world: Ending, minutes: int) -> None:
    """Minutes in which nothing is journaled, and a resume at their end with a price that is seen anew."""
    world.now_ns += minutes * MINUTE_NS + 1
    world.send(layout.Resume(paused_ns=minutes * MINUTE_NS))


@pytest.mark.parametrize(("missing", "settles"), [(14, True), (15, True), (16, False)])
def test_half_of_the_minutes_are_enough_however_the_others_were_lost(missing: int, settles: bool) -> None:
    world = Ending()
    long, short = world.trader(1), world.trader(2)
    world.trade(long, short, 10_000)
    world.minutes(35)
    asleep(world, missing)
    world.price(1, 1_000_000)
    world.now_ns -= 1
    told = world.until_expiry()
    assert world.now_ns == world.expiry_ns
    assert world.engine.tables.indices[1].average_samples == 30 - missing
    fixed = of_kind(told, EventKind.SETTLEMENT_FIXED)
    assert [record.samples for record in fixed] == ([30 - missing] if settles else [])
    if settles:
        assert refused(world.declare(1, 1)) == "INSTRUMENT_CLOSED"
    else:
        assert state_of(world) == (PAUSED, StateCause.CAUSE_TECHNICAL)
        world.work()
        assert state_of(world) == (PAUSED, StateCause.CAUSE_TECHNICAL)
        world.minutes(3)
        assert refused(world.declare(1, 0)) == refused(world.declare(1, 10**8 + 1)) == "PARAMETER_INVALID"
        assert refused(world.declare(2, 1)) == "INSTRUMENT_UNKNOWN"
        said = one(world.declare(1, 990_000), EventKind.SETTLEMENT_FIXED)
        assert (said.kind, said.samples, said.price_subticks) == (SettlementKind.BY_DECLARATION, 0, 990_000)
    world.unit_by_unit()
    assert state_of(world) == (SETTLED, StateCause.CAUSE_SCHEDULE)
    heard_again(world)


def test_an_end_that_comes_while_nothing_is_journaled_takes_the_minutes_before_it() -> None:
    """Of a pause from 11 minutes before to 5 after the end, 19 samples are left, and the price of after is no part."""
    world = Ending()
    long, short = world.trader(1), world.trader(2)
    world.trade(long, short, 10_000)
    world.minutes(49, 1_020_000)
    asleep(world, 16)
    events = world.send(layout.Tick())
    assert of_kind(events, EventKind.SETTLEMENT_FIXED) == []
    world.now_ns = (world.now_ns // MINUTE_NS + 1) * MINUTE_NS
    events = world.send(layout.Tick())
    fixed = one(events, EventKind.SETTLEMENT_FIXED)
    assert (fixed.samples, fixed.average_units) == (18, 1_020_000)
    assert state_of(world)[0] == SETTLING
    # The venue still takes only cancels, so the work waits until the index has been seen anew.
    world.work()
    assert state_of(world)[0] == SETTLING
    world.price(1, 1_500_000)
    assert world.engine.tables.venue.cancel_only == 0
    world.unit_by_unit()
    assert state_of(world)[0] == SETTLED
    heard_again(world)


def test_every_order_ends_whatever_it_is_and_whatever_it_waits_for() -> None:
    world = Ending()
    one_account, other = world.trader(1), world.trader(2)
    perpetual = world.instrument("XBTUSD", funding_rate_ppb=0)
    world.trade(one_account, other, 10_000)
    low = MARK - 2_000
    world.place(one_account, BUY, 1_000, low)
    world.place(one_account, BUY, 1_000, low, display_quantity=0)
    world.place(one_account, BUY, 1_000, low, display_quantity=200)
    world.place(one_account, BUY, 1_000, low - 1, time_in_force=TimeInForce.DAY)
    world.place(one_account, SELL, 500, MARK + 900, reduce_only=True)
    stop = {"order_type": OrderType.STOP_LIMIT, "trigger_subticks": (MARK + 3_000) * 10}
    world.place(one_account, BUY, 300, MARK + 3_000, **stop)
    for side, price in ((BUY, low - 50), (SELL, MARK + 700)):
        record = linked(place(one_account, side, 200, price), "g", Contingency.ONE_TRIGGERS_OTHER)
        assert of_kind(world.send(record), EventKind.PLACED)
    keeps = one(world.place(other, BUY, 100, low, instrument=perpetual), EventKind.PLACED).order_id
    assert world.engine.tables.accounts[one_account].orders == 8
    world.until_expiry()
    events = world.unit_by_unit()
    ended = of_kind(events, EventKind.ENDED)
    assert len(ended) == 8
    assert {record.reason for record in ended} == {EndReason.ENDED_BY_VENUE, EndReason.ENDED_PRIMARY}
    assert world.engine.tables.accounts[one_account].orders == 0
    assert world.engine.tables.accounts[other].orders == 1
    assert one(world.cancel(other, keeps), EventKind.ENDED).order_id == keeps
    heard_again(world)


@pytest.mark.parametrize("uncrossing", [False, True])
def test_an_auction_that_the_end_interrupts_trades_no_more(uncrossing: bool) -> None:
    world = Ending()
    buyer, seller = world.trader(1), world.trader(2)
    world.trade(buyer, seller, 1_000)
    world.minutes(59)
    world.send(layout.SetInstrumentState(instrument=1, state=InstrumentState.INSTRUMENT_AUCTION))
    for at in range(4):
        world.place(buyer, BUY, 100, MARK + 10 - at)
        world.place(seller, SELL, 100, MARK - 10 + at)
    if uncrossing:
        world.send(layout.SetInstrumentState(instrument=1, state=InstrumentState.INSTRUMENT_OPEN))
        world.carry_on(3)
        assert world.row().state == InstrumentState.INSTRUMENT_UNCROSSING
    held = world.position(buyer).quantity
    world.minutes(1)
    assert world.row().state == SETTLING
    events = world.unit_by_unit()
    assert of_kind(events, EventKind.FILL) == []
    assert one(events, EventKind.SETTLEMENT_SWEPT).positions == 2
    assert {record.quantity for record in of_kind(events, EventKind.SETTLED)} == {held, -held}
    assert state_of(world)[0] == SETTLED
    heard_again(world)


def test_a_perpetual_that_is_taken_off_exchanges_its_funding_first() -> None:
    """SET-04, the end moved twice."""
    world = Ending()
    perpetual = world.instrument(
        "XBTUSD", funding_rate_ppb=1_000_000, funding_interval_ns=60 * MINUTE_NS, funding_offset_ns=0
    )
    end = world.row(perpetual).next_funding_ns + 60 * MINUTE_NS
    long, short = world.trader(1), world.trader(2)
    world.trade(long, short, 10_000, instrument=perpetual)
    assert refused(world.set_expiry(9, end)) == "INSTRUMENT_UNKNOWN"
    for bad in (0, -MINUTE_NS, world.now_ns, end + 1):
        assert refused(world.set_expiry(perpetual, bad)) == "PARAMETER_INVALID"
    said = one(world.set_expiry(perpetual, end + 60 * MINUTE_NS), EventKind.EXPIRY_SET)
    assert (said.instrument, said.expiry_ns) == (perpetual, end + 60 * MINUTE_NS)
    assert one(world.set_expiry(perpetual, end), EventKind.EXPIRY_SET).expiry_ns == end
    paid = 0
    while world.row(perpetual).state != SETTLED:
        told = world.minutes(1) + world.unit_by_unit()
        paid += len([record for record in of_kind(told, EventKind.FUNDED) if record.account > Role.EPOCHS])
        assert world.now_ns <= end
    assert world.now_ns == end
    assert paid == 4
    assert refused(world.set_expiry(perpetual, end + MINUTE_NS)) == "INSTRUMENT_CLOSED"
    state = layout.SetInstrumentState(instrument=perpetual, state=InstrumentState.INSTRUMENT_OPEN)
    assert refused(world.send(state)) == "INSTRUMENT_CLOSED"
    world.minutes(90)
    heard_again(world)


def test_a_funding_that_waits_for_the_one_before_holds_up_the_end() -> None:
    world = Ending()
    perpetual = world.instrument(
        "XBTUSD", funding_rate_ppb=1_000_000, funding_interval_ns=60 * MINUTE_NS, funding_offset_ns=0
    )
    other = world.instrument(
        "XBTUSD2", funding_rate_ppb=1_000_000, funding_interval_ns=60 * MINUTE_NS, funding_offset_ns=59 * MINUTE_NS
    )
    end = world.row(perpetual).next_funding_ns + 60 * MINUTE_NS
    long, short = world.trader(1), world.trader(2)
    world.trade(long, short, 10_000, instrument=perpetual)
    world.trade(long, short, 10_000, instrument=other)
    world.set_expiry(perpetual, end)
    while world.now_ns < end - MINUTE_NS:
        world.work()
        world.minutes(1)
    # The stamp of the other one came a minute before, and nobody has done the work on it.
    assert world.engine.tables.venue.sweep_position == 1
    world.minutes(1)
    assert state_of(world, perpetual) == (PAUSED, StateCause.CAUSE_SCHEDULE)
    assert refused(world.declare(perpetual, 1_000_000)) == "SETTLEMENT_NOT_AWAITED"
    world.work()
    events = world.minutes(1)
    kinds = [event.head.kind for event in events]
    assert kinds.index(EventKind.FUNDING_FIXED) < kinds.index(EventKind.SETTLEMENT_FIXED)
    assert len(of_kind(world.unit_by_unit(), EventKind.SETTLED)) == 2
    heard_again(world)


def test_what_ends_while_others_are_settled_waits_for_the_next_round() -> None:
    """Two end at one tick; a third, whose samples were missing, ends by declaration in the middle of their round."""
    world = Ending(minutes=31)
    second = world.instrument("XBTZ23B", **{**FUTURE, "expiry_ns": world.expiry_ns})
    third = world.instrument("SOONER", **{**FUTURE, "expiry_ns": world.now_ns + 5 * MINUTE_NS})
    accounts = [world.trader(number) for number in range(1, 5)]
    for number in (1, second, third):
        world.trade(accounts[0], accounts[1], 1_000, instrument=number)
        world.trade(accounts[2], accounts[3], 500, instrument=number)
    world.until_expiry()
    assert state_of(world, third) == (PAUSED, StateCause.CAUSE_TECHNICAL)
    assert world.engine.tables.venue.settling == 2
    told = []
    while world.engine.tables.venue.settlement_phase != SettlementPhase.PHASE_POSITIONS:
        told += world.carry_on(1)
    world.carry_on(2)
    one(world.declare(third, 1_010_000), EventKind.SETTLEMENT_FIXED)
    assert world.engine.tables.venue.settling == 3
    while world.engine.tables.venue.settlement_phase:
        told += world.carry_on(1)
        invariants.check(world.engine.tables)
    assert {record.instrument for record in of_kind(told, EventKind.SETTLEMENT_SWEPT)} == {1, second}
    assert (state_of(world, third)[0], world.position(accounts[0], third).quantity) == (SETTLING, 1_000)
    events = world.unit_by_unit()
    assert one(events, EventKind.SETTLEMENT_SWEPT).instrument == third
    assert world.engine.tables.venue.settling == 0
    heard_again(world)


def test_a_halt_in_the_middle_and_a_restart_after_every_unit_change_nothing() -> None:
    """The same settlement three times: at once, restored from a snapshot after every unit, and held up by a halt after
    every unit, but only a few times while the other side is ranked, which begins anew after one."""
    ends = []
    for way in range(3):
        world = Ending()
        rich, poor, third = world.trader(1, 10 * XBT), world.trader(2, XBT // 4), world.trader(3, 10 * XBT)
        world.minutes(59, *[1_000_000] * 45, *[900_000] * 14)
        world.trade(rich, poor, 100_000, 90_000)
        world.trade(rich, third, 50_000, 90_000)
        world.place(third, BUY, 1_000, 89_000)
        world.minutes(1, 900_000)
        halts = 0
        while world.engine.work_waiting:
            world.carry_on(1)
            if way == 1:
                world.restart()
            ranking = world.engine.tables.venue.settlement_phase == SettlementPhase.PHASE_TAKEOVERS
            halts += ranking
            if way == 2 and (not ranking or halts < 5):
                world.send(layout.SetVenueState(state=VenueState.VENUE_STOPPED))
                world.carry_on(5)
                world.send(layout.SetVenueState(state=VenueState.VENUE_OPEN))
            invariants.check(world.engine.tables)
        assert state_of(world)[0] == SETTLED
        heard_again(world)
        ends.append([world.balance(account) for account in (*range(1, 8), rich, poor, third)])
    assert ends[0] == ends[1] == ends[2]


def test_a_takeover_that_rests_when_the_contract_ends_is_settled_with_it() -> None:
    world = Ending()
    rich, poor = world.trader(1, 10 * XBT), world.trader(2, XBT // 4)
    world.trade(poor, rich, 100_000)
    world.minutes(58)
    world.minutes(1, 976_500)
    told = world.work()
    assert of_kind(told, EventKind.TAKEN_OVER)
    row = world.engine.tables.takeovers[1]
    assert row.quantity == 100_000
    before = world.balance(Role.INSURANCE)
    world.until_expiry(1_500_000)
    events = world.unit_by_unit()
    settled = {record.account: record for record in of_kind(events, EventKind.SETTLED)}
    assert settled[Role.TAKEOVER].quantity == 100_000
    assert world.balance(Role.INSURANCE) > before
    assert world.balance(Role.TAKEOVER) == 0
    assert (state_of(world)[0], world.row().takeovers) == (SETTLED, 0)
    heard_again(world)


def test_an_instrument_is_unlisted_until_it_opens() -> None:
    world = Ending()
    opens = world.now_ns + 90_000_000_000
    number = world.instrument("XBTH24", **{**FUTURE, "expiry_ns": world.expiry_ns, "opens_ns": opens})
    trader = world.trader(1)
    assert state_of(world, number) == (InstrumentState.INSTRUMENT_UNLISTED, StateCause.CAUSE_SCHEDULE)
    assert world.row(number).mark_subticks == 1_000_000
    assert refused(world.place(trader, BUY, 100, MARK, instrument=number)) == "INSTRUMENT_CLOSED"
    world.now_ns = opens
    assert of_kind(world.place(trader, BUY, 100, MARK, instrument=number), EventKind.PLACED)
    at_once = world.instrument("NOW", **{**FUTURE, "expiry_ns": world.expiry_ns, "opens_ns": 1})
    assert world.row(at_once).state == InstrumentState.INSTRUMENT_OPEN
    for bad in (-1, world.expiry_ns):
        record = {**FUTURE, "expiry_ns": world.expiry_ns, "opens_ns": bad}
        assert refused(world.send(listing("BAD", **record))) == "PARAMETER_INVALID"
    heard_again(world)


@pytest.mark.parametrize("late", [False, True])
def test_a_loss_elsewhere_that_may_be_gained_back_is_no_reason_to_be_paid_for_a_settlement(late: bool) -> None:
    """Both sides of a future lose much more in a paused perpetual; the future settles where it was traded.

    Nobody loses by the settlement, so nobody is paid for it.  `late`: it loses one of them a little, and that is all
    that the fund makes up.
    """
    world = Ending()
    world.index(".X")
    world.price(2, 1_000_000, 2)
    other = world.instrument("ALT", index=2, funding_rate_ppb=0)
    long, short, third = world.trader(1, XBT), world.trader(2, XBT), world.trader(3, 10**5 * XBT)
    world.trade(long, short, 200_000)
    for account in (long, short):
        world.trade(account, third, 200_000, instrument=other)
    world.deposit(Role.INSURANCE, 100 * XBT)
    money = {account: world.balance(account) for account in (long, short, Role.INSURANCE)}
    world.minutes(50)
    state = InstrumentState.INSTRUMENT_PAUSED
    world.send(layout.SetInstrumentState(instrument=other, state=state, cause=StateCause.CAUSE_TECHNICAL))
    world.price(2, 700_000, 2)
    world.until_expiry(990_000 if late else 1_000_000)
    events = world.unit_by_unit()
    assert state_of(world)[0] == SETTLED
    taken = of_kind(events, EventKind.TAKEN_OVER)
    assert [record.account for record in taken] == ([long] if late else [])
    assert {account: world.balance(account) for account in money} == {
        account: amount + (_gain(events, account) if late else 0) for account, amount in money.items()
    }
    assert all(world.position(account, other).quantity == 200_000 for account in (long, short))
    heard_again(world)


def _gain(events: list[wire.Event], account: int) -> int:
    """What settling brought somebody, the loss of the takeover being the fund's."""
    asked = Role.TAKEOVER if account == Role.INSURANCE else account
    return sum(record.realised_minor for record in of_kind(events, EventKind.SETTLED) if record.account == asked)


def test_who_was_backed_by_a_gain_is_made_whole_when_that_settles_too() -> None:
    """What he lost first has made his wallet less than nothing; what backed it settles at less than that."""
    world = Ending()
    second = world.instrument("XBTH24", **{**FUTURE, "expiry_ns": world.expiry_ns + 40 * MINUTE_NS})
    poor, rich = world.trader(1, 10**8), world.trader(2, 10**5 * XBT)
    world.trade(poor, rich, 200_000)
    world.place(poor, SELL, 200_000, MARK, instrument=second)
    world.place(rich, BUY, 200_000, MARK, instrument=second)
    world.deposit(Role.INSURANCE, 100 * XBT)
    world.until_expiry(*[900_000] * 30)
    world.unit_by_unit()
    assert world.balance(poor) < 0
    state = InstrumentState.INSTRUMENT_PAUSED
    world.send(layout.SetInstrumentState(instrument=second, state=state, cause=StateCause.CAUSE_TECHNICAL))
    world.minutes(39, 960_000)
    told = world.minutes(1, 960_000)
    assert of_kind(told, EventKind.SETTLEMENT_FIXED)
    taken = one(world.unit_by_unit(), EventKind.TAKEN_OVER)
    assert taken.account == poor
    assert world.balance(poor) == 0
    heard_again(world)
