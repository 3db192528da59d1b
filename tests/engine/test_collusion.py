"""A pair that trades with itself far from the market to make others' liquidations, or the fund, pay for it (LIQ-07)."""

import pytest

from outcry.protocol import layout
from outcry.protocol.layout import EventKind, InstrumentType, MarkMethod, Valuation
from tests.engine.seizing import Events, fund, give_fund, owed, work
from tests.engine.worlds import BUY, SELL, World, of_kind
from tests.laws import invariants

MARK = 100_000
FUND = 10**12
LAST_MARKED = {
    "instrument_type": InstrumentType.PRELAUNCH,
    "initial_margin_ppm": 100_000,
    "maintenance_margin_ppm": 50_000,
    "funding_interval_ns": 0,
    "funding_offset_ns": 0,
}


def market(**terms: int) -> tuple[World, int, int, int]:
    """A linear contract at 10,000, a long with ten times leverage, and the two who will collude, one of them short."""
    world = World()
    world.currency("XBt", 8)
    world.index(".B")
    linear = {"valuation": Valuation.LINEAR, "lot": 1, "multiplier_minor": 1_000, "risk_limit_minor": 10**15}
    world.instrument("X", **{"funding_rate_ppb": 0, **linear, **terms})
    world.price(1, 10 * MARK)
    victim, one, other = world.trader(1, 10**12), world.trader(2, 10**13), world.trader(3, 10**13)
    world.leverage(victim, 1_000)
    world.place(one, SELL, 10_000, MARK)
    world.place(victim, BUY, 10_000, MARK)
    give_fund(world, FUND)
    work(world)
    return world, victim, one, other


def push(world: World, one: int, other: int) -> Events:
    """The pair trades down a fifth in steps that every order's band allows, and at the end bids for whatever comes."""
    events: Events = []
    for price in (96_000, 92_000, 88_000, 84_000, 80_000):
        events += world.place(other, BUY, 10 if price > 80_000 else 20_010, price)
        events += world.place(one, SELL, 10, price)
        events += work(world)
        events += world.cancel_all(other)
    return events


def test_an_index_marked_perpetual_does_not_feel_it() -> None:
    world, victim, one, other = market()
    events = push(world, one, other)
    assert len(of_kind(events, EventKind.FILL)) > 1
    assert of_kind(events, EventKind.TAKEN_OVER) == []
    assert world.position(victim).quantity == 10_000
    assert (fund(world), owed(world)) == (FUND, 0)


@pytest.mark.parametrize("method", [MarkMethod.MARK_LAST, MarkMethod.MARK_PROTECTED])
def test_where_trades_move_the_mark_the_fund_pays_no_more_than_the_band(method: int) -> None:
    """From the mark of the minute before, so not at 80,000 where the pair bids, whatever the mark is by then."""
    world, victim, one, other = market(mark_method=method, **LAST_MARKED)
    events = push(world, one, other)
    fallen = world.engine.tables.instruments[1].mark_subticks
    assert fallen == (800_000 if method == MarkMethod.MARK_LAST else 975_000)
    taken = of_kind(events, EventKind.TAKEN_OVER)
    assert bool(taken) == (method == MarkMethod.MARK_LAST)
    if taken:
        assert world.position(victim).quantity == 0
        deleveraged = of_kind(events, EventKind.DELEVERAGED)
        # The pair's own short gives the victim's bankruptcy price for it: nothing was won by the fall below that.
        assert sum(said.quantity for said in deleveraged) == 10_000
        assert {said.account for said in deleveraged} == {one}
    assert fund(world) >= FUND
    invariants.check(world.engine.tables)


def test_a_minute_later_the_market_is_where_it_is() -> None:
    """Then the fund may pay at what is the mark by then, within its band, if somebody is still to be closed."""
    world, _, one, other = market(mark_method=MarkMethod.MARK_LAST, **LAST_MARKED)
    push(world, one, other)
    world.wait(60)
    world.send(layout.Tick())
    assert world.engine.tables.instruments[1].minute_mark_subticks == 800_000
