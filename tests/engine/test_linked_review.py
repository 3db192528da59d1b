"""Linked orders in the book of others: what may be gone after the first fill is nothing to be weighed by (ORD-18).

Last what the independent auditor has to know of orders that come back, hide, or are triggered.
"""

import pytest

from outcry.protocol.layout import (
    ConditionStage,
    Contingency,
    EndReason,
    EventKind,
    InstrumentState,
    Resume,
    SelfTrade,
    SetInstrumentState,
    SetPriceLimits,
    SetVenueState,
    Tick,
    TimeInForce,
    TriggerReference,
    VenueState,
)
from outcry.protocol.wire import Event
from tests.engine.conditioned import audit, ended, linked, order_id, stop, triggered, work
from tests.engine.worlds import BUY, SELL, World, of_kind, one, place, refused, xbtusd
from tests.laws import invariants

OCO, OTO = Contingency.ONE_CANCELS_OTHER, Contingency.ONE_TRIGGERS_OTHER
MARK = 100_000
DEEP = 104_900
LOT = 100


def offered() -> World:
    """Ten linked sells at the mark, of which one can trade, and behind them one almost at the end of the band."""
    world = xbtusd()
    seller, deep = world.trader(1), world.trader(2)
    for _ in range(10):
        world.send(linked(place(seller, SELL, 100 * LOT, MARK), "decoys", OCO))
    world.place(deep, SELL, 900 * LOT, DEEP)
    return world


def test_a_buyer_is_weighed_behind_orders_that_cancel_each_other() -> None:
    """Else the ten would vouch for a price at which one of them trades, and the fund would pay for the other nine."""
    world = offered()
    poor = world.account(9)
    world.deposit(poor, 15 * 10**6)
    world.leverage(poor, 10_000)
    events = world.send(place(poor, BUY, 1_000 * LOT, DEEP))
    assert refused(events) in ("BALANCE_INSUFFICIENT", "LIQUIDATION_IMMEDIATE")
    invariants.check(world.engine.tables)


def test_who_covers_the_price_behind_them_trades_there() -> None:
    world = offered()
    buyer = world.trader(3)
    events = world.send(place(buyer, BUY, 1_000 * LOT, DEEP))
    fills = [(row.quantity, row.price_ticks) for row in of_kind(events, EventKind.FILL)]
    assert fills == [(100 * LOT, MARK), (900 * LOT, DEEP)]
    invariants.check(world.engine.tables)
    audit(world)


def test_fill_or_kill_does_not_count_on_orders_that_cancel_each_other() -> None:
    """All or nothing: two linked orders of 100 are no 200."""
    world = xbtusd()
    seller, buyer = world.trader(1), world.trader(2)
    for _ in range(2):
        world.send(linked(place(seller, SELL, LOT, MARK), "pair", OCO))
    events = world.send(place(buyer, BUY, 2 * LOT, MARK, time_in_force=TimeInForce.FILL_OR_KILL))
    assert of_kind(events, EventKind.FILL) == []
    assert ended(events) == [(order_id(events), EndReason.ENDED_KILLED.name)]
    invariants.check(world.engine.tables)


def test_the_auditor_knows_that_a_revived_order_is_in_no_group() -> None:
    """It fills again, and nobody of the group it has left is asked for."""
    world = xbtusd()
    seller, buyer = world.trader(1), world.trader(2)
    first = order_id(world.send(linked(place(seller, SELL, LOT, MARK), "pair", OCO)))
    world.place(buyer, BUY, LOT, MARK)
    world.amend(seller, first, leaves_quantity=LOT)
    events = world.place(buyer, BUY, LOT, MARK)
    assert ended(events)[0] == (first, EndReason.ENDED_FILLED.name)
    audit(world)


def test_the_auditor_shares_what_is_hidden_anew_with_every_taker() -> None:
    """Two takers one after the other meet the same hidden order, and neither takes all of it."""
    world = xbtusd()
    seller, buyer = world.trader(1), world.trader(2)
    world.place(seller, SELL, 10 * LOT, MARK, display_quantity=0)
    for _ in range(2):
        assert len(of_kind(world.place(buyer, BUY, 3 * LOT, MARK), EventKind.FILL)) == 1
    audit(world)


def test_the_auditor_knows_how_far_a_triggered_market_order_may_go() -> None:
    """A price limit above the best bid: it ends without a trade, and has passed over nothing."""
    world = xbtusd()
    seller, buyer = world.trader(1), world.trader(2)
    world.place(buyer, BUY, LOT, MARK - 1_000)
    limits = SetPriceLimits()
    limits.instrument, limits.lowest_ticks = 1, MARK - 500
    world.send(limits)
    events = world.send(stop(seller, SELL, LOT, MARK, trigger_reference=TriggerReference.ON_MARK))
    assert ended(events) == [(order_id(events), EndReason.ENDED_MARKET.name)]
    audit(world)


def stages(world: World) -> dict[int, int]:
    """How far the orders with conditions are that wait."""
    tables = world.engine.tables
    rows = (tables.conditions[slot] for slot in range(1, 50))
    live = ConditionStage.STAGE_LIVE
    return {int(tables.orders[row.order].order_id): int(row.stage) for row in rows if row.order and row.stage != live}


def bracket() -> tuple[World, int, int]:
    """A primary that has been filled, and whose member has not gone on yet; the world, its account, the member."""
    world = xbtusd()
    owner, other = world.trader(1), world.trader(2)
    world.send(linked(place(owner, BUY, LOT, MARK), "bracket", Contingency.ONE_TRIGGERS_OTHER))
    profit = order_id(world.send(linked(place(owner, SELL, LOT, MARK + 100), "bracket", OCO)))
    world.place(other, SELL, LOT, MARK)
    return world, owner, profit


def test_released_orders_wait_for_a_venue_that_is_held() -> None:
    """The order that closes the position is not lost because its primary was filled just before."""
    world, _, profit = bracket()
    held = SetVenueState()
    held.state, held.until_ns = VenueState.VENUE_POSTING, world.now_ns + 10**9
    world.send(held)
    assert ended(work(world)) == []
    world.restart()
    world.wait(1)
    assert triggered(world.send(Tick()) + work(world)) == [profit]
    assert world.engine.tables.instruments[1].best_ask_ticks == MARK + 100
    invariants.check(world.engine.tables)
    audit(world)


def test_released_orders_wait_after_a_restart_of_the_venue() -> None:
    """Cancel-only until prices are fresh: nothing goes on before."""
    world, _, profit = bracket()
    world.wait(10)
    world.send(Resume())
    assert triggered(work(world)) == [] == ended(work(world))
    assert triggered(world.price(1, 10_000 * 100) + work(world)) == [profit]
    audit(world)


def set_state(world: World, state: int) -> list[Event]:
    return world.send(SetInstrumentState(instrument=1, state=state)) + work(world)


HALTS = [InstrumentState.INSTRUMENT_PAUSED, InstrumentState.INSTRUMENT_SHUT, InstrumentState.INSTRUMENT_POSTING]
OPENINGS = [InstrumentState.INSTRUMENT_OPEN, InstrumentState.INSTRUMENT_REDUCING]


@pytest.mark.parametrize("halt", HALTS)
@pytest.mark.parametrize("opening", OPENINGS)
def test_released_orders_wait_for_an_instrument_that_does_not_trade(halt: int, opening: int) -> None:
    """ORD-18: armed without a trigger meanwhile, and read from a snapshot in the same order."""
    world, owner, profit = bracket()
    assert triggered(set_state(world, halt)) == [profit]
    assert stages(world) == {profit: ConditionStage.STAGE_ARMED}
    world.restart()
    invariants.check(world.engine.tables)
    world.price(1, 10_001 * 100)
    assert triggered(work(world)) == [] == ended(work(world))
    refused(world.amend(owner, profit, price_ticks=MARK + 120))
    events = set_state(world, opening)
    if opening == InstrumentState.INSTRUMENT_REDUCING:
        assert ended(events) == [(profit, "ENDED_REFUSED")]
    else:
        assert triggered(events) == [profit]
        assert world.engine.tables.instruments[1].best_ask_ticks == MARK + 100
    invariants.check(world.engine.tables)
    audit(world)


def test_an_auction_collects_a_released_order_that_it_would_take() -> None:
    """AUC-01: a limit order that rests goes live into it."""
    world, _, profit = bracket()
    assert triggered(set_state(world, InstrumentState.INSTRUMENT_AUCTION)) == [profit]
    assert stages(world) == {}
    assert world.engine.tables.instruments[1].best_ask_ticks == MARK + 100
    audit(world)


def test_those_an_auction_does_not_take_go_on_behind_it_before_the_triggers_in_their_order() -> None:
    """A market order, an immediate one and a stop that is reached: released in this order, and a second group's."""
    world = xbtusd()
    owner, other = world.trader(1), world.trader(2)
    members = []
    for name in ("first", "second"):
        world.send(linked(place(owner, BUY, LOT, MARK), name, Contingency.ONE_TRIGGERS_OTHER))
        ioc = TimeInForce.IMMEDIATE_OR_CANCEL
        children = [
            stop(owner, SELL, LOT, MARK + 900, trigger_reference=TriggerReference.ON_MARK),
            place(owner, SELL, LOT, 0),
            place(owner, SELL, LOT, MARK - 10, time_in_force=ioc),
        ]
        for child in children:
            members.append(order_id(world.send(linked(child, name, OTO))))
    world.place(other, BUY, 10 * LOT, MARK - 5)
    world.place(other, SELL, 2 * LOT, MARK)
    assert triggered(set_state(world, InstrumentState.INSTRUMENT_PRE_OPEN)) == members
    assert set(stages(world).values()) == {ConditionStage.STAGE_ARMED}
    world.cancel(owner, members[4])
    world.restart()
    invariants.check(world.engine.tables)
    order = [members[1], members[2], members[5], members[0], members[3]]
    assert triggered(set_state(world, InstrumentState.INSTRUMENT_OPEN)) == order
    invariants.check(world.engine.tables)
    audit(world)


def test_a_paused_instrument_holds_nobody_up_in_another() -> None:
    """The members of one primary in two instruments: one goes on, the other waits until midnight ends it."""
    world = xbtusd()
    world.instrument("OTHER")
    world.price(1, 10_000 * 100)
    owner, other = world.trader(1), world.trader(2)
    world.send(linked(place(owner, BUY, LOT, MARK), "both", Contingency.ONE_TRIGGERS_OTHER))
    here, day = place(owner, SELL, LOT, MARK + 100), TimeInForce.DAY
    waiting = order_id(world.send(linked(place(owner, SELL, LOT, MARK + 90, time_in_force=day), "both", OTO)))
    here.instrument = 2
    going = order_id(world.send(linked(here, "both", OTO)))
    world.place(other, SELL, LOT, MARK)
    assert triggered(set_state(world, InstrumentState.INSTRUMENT_PAUSED)) == [waiting, going]
    assert stages(world)[waiting] == ConditionStage.STAGE_ARMED
    assert world.engine.tables.instruments[2].best_ask_ticks == MARK + 100
    # The venue is held while the instrument opens: it waits for that too.
    world.send(SetVenueState(state=VenueState.VENUE_CANCELLING))
    assert triggered(set_state(world, InstrumentState.INSTRUMENT_OPEN)) == []
    set_state(world, InstrumentState.INSTRUMENT_PAUSED)
    world.send(SetVenueState(state=VenueState.VENUE_OPEN))
    assert triggered(work(world)) == []
    invariants.check(world.engine.tables)
    world.wait(86_400)
    assert ended(world.send(Tick()) + work(world)) == [(waiting, "ENDED_DAY")]
    invariants.check(world.engine.tables)
    audit(world)


def test_a_client_id_that_was_given_up_revives_nothing() -> None:
    world = xbtusd()
    seller, buyer = world.trader(1), world.trader(2)
    first = order_id(world.place(seller, SELL, LOT, MARK, client_id="old"))
    world.amend(seller, first, new_client_id="new")
    world.place(buyer, BUY, LOT, MARK)
    assert refused(world.amend(seller, client_id="old", leaves_quantity=LOT)) == "ORDER_ENDED"
    assert one(world.amend(seller, client_id="new", leaves_quantity=LOT), EventKind.AMENDED).order_id == first


def test_the_auditor_takes_the_band_of_the_touch_that_a_triggered_order_met() -> None:
    """Its own order was the touch, and ends; behind it the band of that moment ends too."""
    world = xbtusd()
    owner, other = world.trader(1), world.trader(2)
    world.place(owner, SELL, LOT, MARK + 100)
    world.place(other, SELL, LOT, 105_200)
    record = stop(owner, BUY, LOT, MARK, trigger_reference=TriggerReference.ON_MARK)
    record.self_trade = SelfTrade.EXPIRE_MAKER
    assert [why for _, why in ended(world.send(record))] == ["ENDED_SELF_TRADE", "ENDED_MARKET"]
    audit(world)
