"""Funding at stamps: who pays what, exactly once, whatever happens before the sweep has come by (FND-04 to FND-06)."""

import random
from collections import Counter
from fractions import Fraction
from math import ceil, floor

import pytest

from outcry.engine import reading
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, MoveReason, Role, TableNumber, TaskKind, Valuation
from outcry.protocol.records import UNIT_EVENTS
from tests.engine import seizing
from tests.engine.plain import plain_engine
from tests.engine.worlds import BUY, SELL, START_NS, World, number_words, of_kind, one, refused
from tests.laws import invariants

MARK = 100_000
XBT = 10**8
HOUR_NS = 3600 * 10**9
STAMP_NS = 1_700_020_800_000_000_000
"""04:00 UTC of the day after the worlds begin."""
TERMS = {
    Valuation.INVERSE: {},
    Valuation.LINEAR: {"lot": 7, "multiplier_minor": 31},
    Valuation.QUANTO: {"lot": 1, "multiplier_minor": 100},
}


def venue(rate_ppb: int = 100_000, valuation: Valuation = Valuation.INVERSE, **terms: int) -> World:
    """One perpetual at 10,000.00, which is 100,000 ticks."""
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument(
        "XBTUSD",
        valuation=valuation,
        funding_rate_ppb=rate_ppb,
        **{**TERMS[valuation], "risk_limit_minor": 10**15, **terms},
    )
    world.price(1, MARK * 10)
    return world


def trade(world: World, buyer: int, seller: int, quantity: int, instrument: int = 1) -> None:
    """So many contracts from the one to the other near the mark."""
    price = world.engine.tables.instruments[instrument].mark_subticks // 10
    world.place(seller, SELL, quantity, price, instrument=instrument)
    events = world.place(buyer, BUY, quantity, price, instrument=instrument)
    assert sum(fill.quantity for fill in of_kind(events, EventKind.FILL)) == quantity


def stamp(world: World, at_ns: int = STAMP_NS) -> list[wire.Event]:
    """The tick at a stamp."""
    world.now_ns = at_ns
    return world.send(layout.Tick())


def sweep(world: World, units: int = layout.WORK_UNITS_MAX) -> list[wire.Event]:
    """The sweep, in Continues of so many units; other work may be done behind it."""
    events: list[wire.Event] = []
    while world.engine.tables.venue.sweep_position:
        events += world.carry_on(units)
        invariants.check(world.engine.tables)
    return events


def payment(quantity: int, lot: int, lot_minor: int, rate_ppb: int) -> int:
    """FND-04 in fractions."""
    exact = Fraction(abs(quantity) // lot * lot_minor * abs(rate_ppb), 10**9)
    return ceil(exact) if (quantity > 0) == (rate_ppb > 0) else -floor(exact)


def test_longs_pay_shorts_receive_and_what_rounding_leaves_goes_to_the_insurance_fund() -> None:
    world = venue(rate_ppb=123_457)
    long, short, other = (world.trader(number) for number in (1, 2, 3))
    trade(world, long, short, 300)
    trade(world, long, other, 500)
    paid = {account: world.balance(account) for account in (long, short, other)}
    events = stamp(world)
    row = world.engine.tables.instruments[1]
    lot_minor = row.epoch_lot_minor
    fixed = one(events, EventKind.FUNDING_FIXED)
    assert (fixed.epoch, fixed.rate_ppb, fixed.next_rate_ppb) == (1, 123_457, 123_457)
    assert fixed.next_funding_ns == STAMP_NS + 8 * HOUR_NS == row.next_funding_ns
    # With the mark of before the tick: 1 minute of the old period's basis is gone with it.
    assert fixed.mark_subticks != row.mark_subticks
    assert lot_minor == round(Fraction(100 * XBT * 100, fixed.mark_subticks))
    assert not of_kind(events, EventKind.FUNDED)
    assert world.engine.work_waiting
    events = sweep(world)
    funded = {event.account: event for event in of_kind(events, EventKind.FUNDED)}
    expected = {a: payment(q, 100, lot_minor, 123_457) for a, q in ((long, 800), (short, -300), (other, -500))}
    assert {account: event.amount_minor for account, event in funded.items()} == expected
    for account, amount in expected.items():
        assert world.balance(account) == paid[account] - amount == funded[account].balance_minor
        assert world.position(account).epoch == 1
    remainder = sum(expected.values())
    assert remainder > 0
    swept, moved = one(events, EventKind.FUNDING_SWEPT), one(events, EventKind.FUND_MOVED)
    assert (swept.instrument, swept.epoch, swept.remainder_minor) == (1, 1, remainder)
    assert (moved.reason, moved.amount_minor, moved.fund_minor) == (MoveReason.MOVED_REMAINDER, remainder, remainder)
    assert world.balance(Role.INSURANCE) == remainder
    assert (row.sweeping, row.epoch_pot_minor, world.engine.tables.venue.sweep_position) == (0, 0, 0)


def test_without_a_remainder_the_fund_does_not_move() -> None:
    world = venue(rate_ppb=0)
    long, short = world.trader(1), world.trader(2)
    trade(world, long, short, 300)
    stamp(world)
    events = sweep(world)
    assert [event.amount_minor for event in of_kind(events, EventKind.FUNDED)] == [0, 0]
    assert one(events, EventKind.FUNDING_SWEPT).remainder_minor == 0
    assert not of_kind(events, EventKind.FUND_MOVED)


@pytest.mark.parametrize("rate_ppb", [1, -1, 999_999, -3_749_999, 375_000_001])
@pytest.mark.parametrize("valuation", list(Valuation))
def test_money_is_conserved_to_the_unit_with_odd_quantities(valuation: Valuation, rate_ppb: int) -> None:
    world = venue(rate_ppb, valuation)
    chance = random.Random(rate_ppb)
    traders = [world.trader(number, 10**14) for number in range(1, 12)]
    lot = world.engine.tables.instruments[1].lot
    for _ in range(12):
        buyer, seller = chance.sample(traders, 2)
        trade(world, buyer, seller, lot * chance.randrange(1, 99))
    held = {account: world.position(account).quantity for account in traders}
    before = {account: world.balance(account) for account in traders}
    stamp(world)
    lot_minor = world.engine.tables.instruments[1].epoch_lot_minor
    sweep(world, units=3)
    expected = {account: payment(quantity, lot, lot_minor, rate_ppb) for account, quantity in held.items()}
    assert {account: before[account] - world.balance(account) for account in traders} == expected
    assert world.balance(Role.INSURANCE) == sum(expected.values()) >= 0
    assert world.balance(Role.EPOCHS) == 0


@pytest.mark.parametrize("traded", [200, 300, 500, -100])
def test_who_trades_between_stamp_and_sweep_pays_once_on_the_quantity_of_the_instant(traded: int) -> None:
    """Shrinks, closes, flips or grows; as the taker and as the maker."""
    for takes in (True, False):
        world = venue(rate_ppb=1_000_000)
        account, other = world.trader(1), world.trader(2)
        trade(world, account, other, 300)
        stamp(world)
        lot_minor = world.engine.tables.instruments[1].epoch_lot_minor
        expected = [(account, 300, payment(300, 100, lot_minor, 10**6))]
        expected += [(other, -300, payment(-300, 100, lot_minor, 10**6))]
        own, counter = (SELL, BUY) if traded > 0 else (BUY, SELL)
        orders = [(account, own), (other, counter)]
        events: list[wire.Event] = []
        for whose, side in reversed(orders) if takes else orders:
            events += world.place(whose, side, abs(traded), MARK)
        one(events, EventKind.FILL)
        funded = [(event.account, event.quantity, event.amount_minor) for event in of_kind(events, EventKind.FUNDED)]
        assert sorted(funded) == sorted(expected)
        row = world.position(account)
        assert (row.quantity, row.epoch) == (300 - traded, 1)
        invariants.check(world.engine.tables)
        swept = sweep(world)
        assert not of_kind(swept, EventKind.FUNDED)
        assert world.balance(Role.INSURANCE) == sum(amount for _, _, amount in expected)


def test_a_maker_and_a_taker_are_brought_up_to_date_before_their_fill_and_no_later() -> None:
    world = venue(rate_ppb=1_000_000)
    account, other = world.trader(1), world.trader(2)
    trade(world, account, other, 300)
    world.place(account, SELL, 300, MARK + 10)
    stamp(world)
    events = world.place(other, BUY, 300, MARK + 10)
    kinds = [EventKind(event.head.kind).name for event in events]
    assert kinds[:4] == ["FUNDED", "PLACED", "FUNDED", "FILL"]
    assert [(e.account, e.quantity) for e in of_kind(events, EventKind.FUNDED)] == [(other, -300), (account, 300)]
    for row in (world.position(account), world.position(other)):
        assert (row.quantity, row.fees_minor) == (0, 0)
    invariants.check(world.engine.tables)


def test_a_position_opened_after_the_stamp_does_not_pay() -> None:
    world = venue(rate_ppb=1_000_000)
    account, other, late = (world.trader(number) for number in (1, 2, 3))
    trade(world, account, other, 300)
    stamp(world)
    world.place(account, SELL, 200, MARK)
    world.place(late, BUY, 200, MARK)
    assert world.position(late).epoch == 1
    funded = of_kind(sweep(world), EventKind.FUNDED)
    assert {event.account for event in funded} == {other}


def test_an_empty_wallet_goes_negative_and_an_isolated_position_loses_its_own_margin() -> None:
    world = venue(rate_ppb=10_000_000)
    cross, isolated, other = world.trader(1, 20 * XBT), world.trader(2, XBT), world.trader(3, 10**12)
    world.leverage(isolated, 1_000)
    trade(world, isolated, other, 1_000)
    trade(world, cross, other, 10_000_000)
    taken = layout.Withdraw()
    slot = reading.find_wallet(world.engine.tables, cross, 1)
    assert slot
    taken.account, taken.currency = cross, 1
    taken.amount_minor = reading.margin_of(world.engine.tables, cross, 1).available_minor
    wire.put_bytes(taken.request, number_words(1, 16))
    one(world.send(taken), EventKind.MOVED)
    opening = world.position(isolated).loss_minor
    before = {account: world.balance(account) for account in (cross, isolated, other)}
    stamp(world)
    sweep(world, units=1)
    assert world.balance(cross) < 0
    row = world.position(isolated)
    paid = before[isolated] - world.balance(isolated)
    assert paid > 0
    assert row.loss_minor == opening + paid == row.fees_minor
    assert world.position(cross).loss_minor == 0
    # What the others paid is what the short received, but for the rounding.
    received = world.balance(other) - before[other]
    assert before[cross] - world.balance(cross) + paid == received + world.balance(Role.INSURANCE)


def test_an_isolated_short_that_receives_has_more_margin() -> None:
    world = venue(rate_ppb=3_000_000)
    short, other = world.trader(1, XBT), world.trader(2, XBT)
    world.leverage(short, 1_000)
    trade(world, other, short, 1_000)
    opening, balance = world.position(short).loss_minor, world.balance(short)
    stamp(world)
    sweep(world)
    gained = world.balance(short) - balance
    assert gained > 0
    assert world.position(short).loss_minor == opening - gained


def test_money_commands_weigh_the_account_as_it_is_after_funding() -> None:
    world = venue(rate_ppb=50_000_000)
    long, short = world.trader(1, XBT), world.trader(2, XBT)
    trade(world, long, short, 1_000)
    available = reading.margin_of(world.engine.tables, long, 1).available_minor
    stamp(world)
    record = layout.Transfer()
    record.account, record.to_account, record.currency, record.amount_minor = long, short, 1, available
    events = world.send(record)
    assert [event.account for event in of_kind(events, EventKind.FUNDED)] == [long, short]
    assert one(events, EventKind.REFUSED).code == layout.Code.BALANCE_INSUFFICIENT
    assert refused(world.send(record)) == "BALANCE_INSUFFICIENT"


@pytest.mark.parametrize("units", [1, 4, 4096])
def test_a_sweep_in_many_continues_with_restarts_between_ends_in_the_same_root(units: int) -> None:
    world = venue(rate_ppb=777_777)
    traders = [world.trader(number, 10**12) for number in range(1, 10)]
    for at in range(1, len(traders)):
        trade(world, traders[at], traders[at - 1], 100 * at)
    stamp(world)
    plain = plain_engine(world.engine.snapshot())
    journal = len(world.journal)
    trade(world, traders[3], traders[5], 100)
    while world.engine.work_waiting:
        world.carry_on(units)
        world.restart()
        invariants.check(world.engine.tables)
    for entry in world.journal[journal:]:
        plain.apply(entry)
    assert plain.roots() == world.engine.roots()
    assert Engine.restore(plain.snapshot()).roots() == world.engine.roots()


def test_a_unit_says_no_more_than_the_schema_and_a_task_is_made_once() -> None:
    world = venue(rate_ppb=777_777)
    world.instrument("ETHUSD", funding_rate_ppb=-5_000)
    world.price(1, MARK * 10 + 1)
    traders = [world.trader(number, 10**12) for number in range(1, 5)]
    for number in (1, 2):
        trade(world, traders[0], traders[1], 100, number)
        trade(world, traders[0], traders[2], 100, number)
    assert len(of_kind(stamp(world), EventKind.FUNDING_FIXED)) == 2
    kinds = [world.engine.tables.tasks[at].kind for at in range(1, 65)]
    assert kinds.count(TaskKind.TASK_FUNDING) == 1
    most: Counter[str] = Counter()
    units = 0
    while world.engine.tables.venue.sweep_position:
        events = world.carry_on(1)
        said = Counter(EventKind(event.head.kind).name for event in events)
        units += one(events, EventKind.CONTINUED).units
        del said["CONTINUED"]
        most |= said
        invariants.check(world.engine.tables)
    rows = world.engine.tables.pools[TableNumber.POSITIONS_TABLE].high
    assert units == rows + 2
    assert dict(most) == UNIT_EVENTS["TASK_FUNDING"]


def test_a_stamp_that_comes_while_a_sweep_runs_waits_for_its_end() -> None:
    minute = 60 * 10**9
    world = venue(rate_ppb=777_777, funding_interval_ns=minute, funding_offset_ns=0)
    long, short = world.trader(1, 10**12), world.trader(2, 10**12)
    trade(world, long, short, 300)
    first = world.engine.tables.instruments[1].next_funding_ns
    assert first == START_NS // minute * minute + minute
    one(stamp(world, first), EventKind.FUNDING_FIXED)
    events = world.carry_on(1)
    for late in (1, 2):
        assert not of_kind(stamp(world, first + late * minute), EventKind.FUNDING_FIXED)
        assert world.engine.tables.instruments[1].next_funding_ns == first + minute
    events += sweep(world)
    assert {event.epoch for event in of_kind(events, EventKind.FUNDED)} == {1}
    events = stamp(world, first + 3 * minute)
    assert one(events, EventKind.FUNDING_FIXED).epoch == 2
    skipped = one(events, EventKind.FUNDING_SKIPPED)
    assert (skipped.stamps, skipped.first_ns, skipped.last_ns) == (2, first + 2 * minute, first + 3 * minute)
    assert [event.epoch for event in of_kind(sweep(world), EventKind.FUNDED)] == [2, 2]


def resume(world: World, at_ns: int) -> list[wire.Event]:
    paused_ns = at_ns - world.now_ns
    world.now_ns = at_ns
    record = layout.Resume()
    record.paused_ns = paused_ns
    return world.send(record)


@pytest.mark.parametrize(("hours", "stamps"), [(0, 1), (7.99, 1), (8, 2), (30, 4), (-0.01, 0)])
def test_stamps_missed_in_a_pause_are_skipped_and_listed(hours: float, stamps: int) -> None:
    world = venue(rate_ppb=777_777)
    long, short = world.trader(1), world.trader(2)
    trade(world, long, short, 300)
    before = world.balance(long)
    events = resume(world, STAMP_NS + int(hours * 3600) * 10**9)
    if stamps:
        skipped = one(events, EventKind.FUNDING_SKIPPED)
        last = STAMP_NS + (stamps - 1) * 8 * HOUR_NS
        assert (skipped.instrument, skipped.stamps) == (1, stamps)
        assert (skipped.first_ns, skipped.last_ns) == (STAMP_NS, last)
    else:
        assert not of_kind(events, EventKind.FUNDING_SKIPPED)
    assert world.engine.tables.instruments[1].next_funding_ns == STAMP_NS + stamps * 8 * HOUR_NS
    # Everybody is gone through, because the next rate may ask for another allowance; nobody pays.
    assert (world.engine.tables.venue.sweep_position != 0) == (stamps != 0)
    assert not of_kind(sweep(world), EventKind.FUNDED)
    assert world.balance(long) == before
    invariants.check(world.engine.tables)


@pytest.mark.parametrize(("first", "second", "listed"), [(2, 2.01, []), (2, 7.99, []), (2, 8, [1]), (2, 30, [3])])
def test_a_second_pause_lists_what_came_in_it_and_nothing_again(first: float, second: float, listed: list[int]) -> None:
    """One instrument may be listed twice after two pauses, a stamp never."""
    world = venue(rate_ppb=777_777)
    skipped = one(resume(world, STAMP_NS + int(first * 3600) * 10**9), EventKind.FUNDING_SKIPPED)
    assert (skipped.stamps, skipped.last_ns) == (1, STAMP_NS)
    again = of_kind(resume(world, STAMP_NS + int(second * 3600) * 10**9), EventKind.FUNDING_SKIPPED)
    assert [one.stamps for one in again] == listed
    assert [one.first_ns for one in again] == [STAMP_NS + 8 * HOUR_NS for _ in listed]


def test_a_stamp_that_comes_before_prices_are_fresh_is_skipped_and_listed() -> None:
    """The mark is as old as the pause: nobody pays at it."""
    world = venue(rate_ppb=777_777)
    long, short = world.trader(1), world.trader(2)
    trade(world, long, short, 300)
    resume(world, STAMP_NS - HOUR_NS)
    assert world.engine.tables.venue.cancel_only == 1
    before = world.balance(long)
    events = stamp(world)
    assert not of_kind(events, EventKind.FUNDING_FIXED)
    skipped = one(events, EventKind.FUNDING_SKIPPED)
    assert (skipped.stamps, skipped.first_ns, skipped.last_ns) == (1, STAMP_NS, STAMP_NS)
    assert not of_kind(sweep(world), EventKind.FUNDED)
    assert world.balance(long) == before
    world.price(1, 1_000_000)
    assert world.engine.tables.venue.cancel_only == 0
    one(stamp(world, STAMP_NS + 8 * HOUR_NS), EventKind.FUNDING_FIXED)
    assert len(of_kind(sweep(world), EventKind.FUNDED)) == 2


def test_a_pause_in_a_sweep_does_not_lose_it() -> None:
    world = venue(rate_ppb=777_777)
    long, short = world.trader(1), world.trader(2)
    trade(world, long, short, 300)
    stamp(world)
    world.restart()
    resume(world, STAMP_NS + 9 * HOUR_NS)
    assert len(of_kind(sweep(world), EventKind.FUNDED)) == 2
    assert world.engine.tables.instruments[1].epoch == 1


def test_an_instrument_without_funding_has_no_stamps() -> None:
    world = venue(funding_interval_ns=0, funding_offset_ns=0)
    assert world.engine.tables.instruments[1].next_funding_ns == 0
    assert not of_kind(stamp(world), EventKind.FUNDING_FIXED)
    assert not of_kind(resume(world, STAMP_NS + 50 * HOUR_NS), EventKind.FUNDING_SKIPPED)


def test_all_instruments_may_be_funded_in_one_step() -> None:
    world = venue(impact_notional_minor=XBT)
    for number in range(2, layout.INSTRUMENTS_MAX + 1):
        world.instrument(f"X{number}", impact_notional_minor=XBT)
    events = stamp(world, STAMP_NS + 8 * HOUR_NS)
    said = Counter(EventKind(event.head.kind).name for event in events)
    for kind in ("FUNDING_FIXED", "FUNDING_SKIPPED", "MARK_MOVED", "PREMIUM_SAMPLED"):
        assert said[kind] == layout.INSTRUMENTS_MAX
    assert sum(wire.EVENT_HEAD_BYTES + event.head.record_bytes for event in events) < layout.EVENT_ROOM_BYTES


@pytest.mark.parametrize("rate_ppb", [1_234_567, -1_234_567])
def test_what_takeovers_hold_pays_and_gets_for_the_insurance_fund(rate_ppb: int) -> None:
    world = seizing.plain_world(funding_interval_ns=HOUR_NS, funding_offset_ns=0)
    short, victim = world.trader(1, XBT), world.trader(2, XBT)
    trade(world, victim, short, 10_000)
    seizing.compiled(world)
    seizing.seize(world, victim, -101_500_000)
    seizing.give_fund(world, 10**6)
    seizing.work(world)
    row = world.engine.tables.instruments[1]
    row.funding_rate_ppb = rate_ppb
    fund = world.balance(Role.INSURANCE)
    stamp(world, row.next_funding_ns)
    events = sweep(world)
    amounts = {event.account: event.amount_minor for event in of_kind(events, EventKind.FUNDED)}
    lot_minor = world.engine.tables.instruments[1].epoch_lot_minor
    assert amounts == {
        Role.TAKEOVER: payment(10_000, 100, lot_minor, rate_ppb),
        short: payment(-10_000, 100, lot_minor, rate_ppb),
    }
    assert world.balance(Role.TAKEOVER) == 0
    # What he lost or won is the fund's, and so is what rounding left.
    assert world.balance(Role.INSURANCE) == fund + amounts[short]
    reasons = [MoveReason(event.reason) for event in of_kind(events, EventKind.FUND_MOVED)]
    assert (MoveReason.MOVED_COVER if rate_ppb > 0 else MoveReason.MOVED_SURPLUS) in reasons


class Watched:
    """Two engines over one journal, and what every position has to pay at the stamp under way."""

    def __init__(self, rate_ppb: int, valuation: Valuation) -> None:
        minute = 60 * 10**9
        self.world = venue(rate_ppb, valuation, funding_interval_ns=5 * minute, funding_offset_ns=0)
        self.plain = plain_engine()
        self.fed = 0
        self.owed: dict[tuple[int, int], int] = {}
        self.told: Counter[EventKind] = Counter()

    def check(self, events: list[wire.Event]) -> None:
        """The other mode says the same; who pays pays once what was fixed, and nobody is left out."""
        for entry in self.world.journal[self.fed :]:
            self.plain.apply(entry)
        self.fed = len(self.world.journal)
        if self.fed % 8 == 0:
            assert self.plain.roots() == self.world.engine.roots()
        invariants.check(self.world.engine.tables)
        tables = self.world.engine.tables
        self.told.update(EventKind(event.head.kind) for event in events)
        for event in events:
            if event.head.kind == EventKind.FUNDED:
                assert self.owed.pop((event.record.account, event.record.epoch)) == event.record.amount_minor
            elif event.head.kind == EventKind.FUNDING_FIXED:
                assert not self.owed
                row = event.record
                for slot in reading.used(tables, TableNumber.POSITIONS_TABLE):
                    held = tables.positions[slot]
                    if held.quantity:
                        amount = payment(held.quantity, tables.instruments[1].lot, row.lot_minor, row.rate_ppb)
                        self.owed[held.account, row.epoch] = amount
            elif event.head.kind == EventKind.FUNDING_SWEPT:
                assert not self.owed


@pytest.mark.parametrize(("seed", "rate_ppb", "valuation"), [(1, 345_679, 1), (2, -2_345_679, 2), (3, 1_234_567, 3)])
def test_in_random_histories_everybody_pays_exactly_once_what_was_fixed(
    seed: int, rate_ppb: int, valuation: int
) -> None:
    chance, watched = random.Random(seed), Watched(rate_ppb, Valuation(valuation))
    world = watched.world
    traders = [world.trader(number, 10**13) for number in range(1, 9)]
    lot = world.engine.tables.instruments[1].lot
    for _ in range(400):
        account, what = chance.choice(traders), chance.random()
        if what < 0.55:
            price = MARK + chance.randrange(-20, 21)
            events = world.place(account, chance.choice((BUY, SELL)), lot * chance.randrange(1, 60), price)
        elif what < 0.6:
            events = world.leverage(account, chance.choice((0, 200, 1_000)))
        elif what < 0.65:
            record = layout.Transfer()
            record.account, record.to_account, record.currency = account, chance.choice(traders), 1
            record.amount_minor = chance.randrange(1, 10**9)
            events = world.send(record)
        elif what < 0.7:
            events = world.price(1, MARK * 10 + chance.randrange(-500, 501))
        elif what < 0.8:
            world.wait(chance.choice((20, 70, 200)))
            events = world.send(layout.Tick())
        elif what < 0.82:
            world.restart()
            continue
        else:
            events = world.carry_on(chance.choice((1, 2, 5)))
        watched.check(events)
    for kind in ("FUNDING_FIXED", "FUNDED", "FUNDING_SWEPT", "FILL", "MARGIN_SET"):
        assert watched.told[EventKind[kind]] > 3, kind
