"""Linked orders in the book of others: what may be gone after the first fill is nothing to be weighed by (ORD-18).

Last what the independent auditor has to know of orders that come back, hide, or are triggered.
"""

from outcry.protocol.layout import (
    Contingency,
    EndReason,
    EventKind,
    Resume,
    SetPriceLimits,
    SetVenueState,
    Tick,
    TimeInForce,
    TriggerReference,
    VenueState,
)
from tests.engine.conditioned import audit, ended, linked, order_id, stop, triggered, work
from tests.engine.worlds import BUY, SELL, World, of_kind, one, place, refused, xbtusd
from tests.laws import invariants

OCO = Contingency.ONE_CANCELS_OTHER
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


def test_a_client_id_that_was_given_up_revives_nothing() -> None:
    world = xbtusd()
    seller, buyer = world.trader(1), world.trader(2)
    first = order_id(world.place(seller, SELL, LOT, MARK, client_id="old"))
    world.amend(seller, first, new_client_id="new")
    world.place(buyer, BUY, LOT, MARK)
    assert refused(world.amend(seller, client_id="old", leaves_quantity=LOT)) == "ORDER_ENDED"
    assert one(world.amend(seller, client_id="new", leaves_quantity=LOT), EventKind.AMENDED).order_id == first
