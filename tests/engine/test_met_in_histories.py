"""What random histories have found in the engine, each as the shortest history that shows it."""

from outcry.protocol import layout
from outcry.protocol.layout import Contingency, EndReason, EventKind, OrderFlag, OrderType, PegKind, SelfTrade
from tests.engine.conditioned import linked, stop, trailing
from tests.engine.worlds import BUY, SELL, World, of_kind, place, refused, xbtusd

MARK = 100_000


def venue() -> tuple[World, int, int]:
    world = xbtusd()
    return world, world.trader(1, 10**10), world.trader(2, 10**10)


def test_a_level_is_said_to_be_gone_when_the_last_of_it_was_ones_own_and_hidden() -> None:
    """ORD-10, ORD-20: what stood before the hidden order was filled, and nobody heard of it."""
    world, one, other = venue()
    world.place(other, SELL, 100, MARK)
    world.place(one, SELL, 100, MARK, display_quantity=0)
    events = world.place(one, BUY, 300, MARK + 1, self_trade=SelfTrade.EXPIRE_MAKER)
    levels = {(row.side, row.price_ticks): row.quantity for row in of_kind(events, EventKind.LEVEL_CHANGED)}
    assert levels == {(SELL, MARK): 0, (BUY, MARK + 1): 200}
    assert [row.reason for row in of_kind(events, EventKind.ENDED)] == [
        EndReason.ENDED_FILLED,
        EndReason.ENDED_SELF_TRADE,
    ]


def test_a_peg_with_a_limit_is_refused_for_the_limit_first() -> None:
    """LAW-07: PRICE_INVALID stands before everything about the peg."""
    world, one, _ = venue()
    for flags, kind in ((0, 0), (int(OrderFlag.FIXED_PEG), int(PegKind.PEG_PRIMARY))):
        record = place(one, BUY, 100, MARK)
        record.order_type, record.flags, record.peg_kind = OrderType.PEGGED, flags, kind
        assert refused(world.send(record)) == "PRICE_INVALID"


def test_a_stop_has_no_fixed_peg_and_only_stops_trail() -> None:
    """ORD-15, ORD-17: also where an order waits for its primary."""
    world, one, _ = venue()
    fixed = stop(one, SELL, 100, MARK - 50)
    fixed.flags |= OrderFlag.FIXED_PEG
    assert refused(world.send(fixed)) == "PEG_INVALID"
    world.send(linked(place(one, BUY, 100, MARK - 100), "bracket", Contingency.ONE_TRIGGERS_OTHER))
    trails = linked(place(one, SELL, 100, MARK + 100), "bracket", Contingency.ONE_CANCELS_OTHER)
    trails.peg_kind, trails.peg_offset_subticks = PegKind.PEG_TRAILING, 300
    assert refused(world.send(trails)) == "PEG_INVALID"


def test_that_there_is_no_price_to_trail_is_said_last() -> None:
    """LAW-07: nothing has traded, and the group is no group."""
    world, one, _ = venue()
    record = trailing(one, SELL, 100, -30)
    assert refused(world.send(record)) == "PEG_WITHOUT_TOUCH"
    record.display_quantity = 7
    assert refused(world.send(record)) == "DISPLAY_INVALID"
    record.contingency = Contingency.ONE_CANCELS_OTHER
    assert refused(world.send(record)) == "LINK_INVALID"
    assert world.engine.tables.pools[layout.TableNumber.ORDERS_TABLE].live == 0
