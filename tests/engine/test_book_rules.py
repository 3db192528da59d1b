"""Self-trade modes, pegs, revival, small orders, price limits and counts (ORD-10, ORD-17, ORD-19, ORD-21 to ORD-23)."""

from typing import Any

import pytest

from outcry.engine import reading
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import EndReason, EventKind, OrderFlag, OrderType, PegKind, SelfTrade, TimeInForce
from tests.engine.test_icebergs import LOT, MARK, agree, book, fills, venue
from tests.engine.worlds import BUY, SELL, World, listing, of_kind, one, refused, xbtusd
from tests.laws import invariants

SMALL = 250_000
"""In XBt: 0.0025 XBT, the worth of 25 contracts at 10,000 dollars."""


def choose(world: World, account: int, mode: int) -> list[wire.Event]:
    return world.send(layout.SetSelfTrade(account=account, self_trade=mode))


def reasons(events: list[wire.Event]) -> list[tuple[int, int]]:
    return [(ended.order_id, ended.reason) for ended in of_kind(events, EventKind.ENDED)]


def placed(events: list[wire.Event]) -> int:
    return int(one(events, EventKind.PLACED).order_id)


MODES = [
    (SelfTrade.EXPIRE_TAKER, [(2, 0)], ["taker"]),
    (SelfTrade.EXPIRE_MAKER, [(2, 0), (3, 0)], ["maker"]),
    (SelfTrade.EXPIRE_BOTH, [(2, 0)], ["maker", "taker"]),
]


@pytest.mark.parametrize(("mode", "filled", "gone"), MODES)
@pytest.mark.parametrize("by_order", [True, False])
def test_the_later_order_s_mode_decides_who_ends(
    mode: SelfTrade, filled: list[tuple[int, int]], gone: list[str], by_order: bool
) -> None:
    """ORD-10."""
    world, (own, first, last, _, _) = venue()
    names = {2: first, 3: last}
    world.place(first, SELL, 2 * LOT, MARK)
    maker = placed(world.place(own, SELL, 4 * LOT, MARK))
    world.place(last, SELL, 3 * LOT, MARK)
    if not by_order:
        assert one(choose(world, own, mode), EventKind.SELF_TRADE_SET).self_trade == mode
    events = world.place(own, BUY, 5 * LOT, MARK, self_trade=mode if by_order else 0)
    taker = placed(events)
    assert fills(events) == [(names[number], number * LOT, 0) for number, _ in filled]
    ended = [number for number, reason in reasons(events) if reason == EndReason.ENDED_SELF_TRADE]
    assert ended == [{"maker": maker, "taker": taker}[name] for name in gone]
    agree(world)


def test_a_mode_that_is_none_is_refused() -> None:
    world, (own, *_) = venue()
    assert refused(choose(world, own, 4)) == "PARAMETER_INVALID"
    assert refused(choose(world, own, 0)) == "PARAMETER_INVALID"
    assert refused(choose(world, 4_000, 1)) == "ACCOUNT_UNKNOWN"
    assert refused(world.place(own, BUY, LOT, MARK, self_trade=4)) == "PARAMETER_INVALID"


@pytest.mark.parametrize(("mode", "killed"), [(1, True), (2, False), (3, True)])
@pytest.mark.parametrize("display", [-1, 0])
def test_fill_or_kill_knows_what_will_end(mode: int, killed: bool, display: int) -> None:
    """ORD-10, ORD-11."""
    world, (own, first, last, _, _) = venue()
    world.place(own, SELL, 4 * LOT, MARK, display_quantity=display)
    world.place(first, SELL, 2 * LOT, MARK, display_quantity=display)
    world.place(last, SELL, 3 * LOT, MARK + 1)
    world.place(own, SELL, 3 * LOT, MARK + 1)
    force = TimeInForce.FILL_OR_KILL
    events = world.place(own, BUY, 5 * LOT, MARK + 1, self_trade=mode, time_in_force=force)
    assert bool(fills(events)) != killed
    assert (EndReason.ENDED_KILLED in [reason for _, reason in reasons(events)]) == killed
    if not killed:
        assert sum(quantity for _, quantity, _ in fills(events)) == 5 * LOT
        more = world.place(own, BUY, LOT, MARK + 1, self_trade=mode, time_in_force=force)
        assert reasons(more)[-1][1] == EndReason.ENDED_KILLED
    agree(world)


def test_an_order_is_weighed_at_the_prices_behind_its_own_orders_that_will_end() -> None:
    """ORD-10, MRG-01: what it will not get there it gets dearer."""
    world, (rich, _, _, _, _) = venue()
    poor = world.trader(900, 1_000_000)
    order = placed(world.place(poor, SELL, 50 * LOT, MARK + 1_000))
    world.place(rich, SELL, 50 * LOT, MARK + 4_000)
    tables = world.engine.tables
    events = world.place(poor, BUY, 50 * LOT, MARK + 4_000, self_trade=SelfTrade.EXPIRE_MAKER)
    assert refused(events) == "BALANCE_INSUFFICIENT"
    world.deposit(poor, 30_000_000)
    events = world.place(poor, BUY, 50 * LOT, MARK + 4_000, self_trade=SelfTrade.EXPIRE_MAKER)
    assert (order, EndReason.ENDED_SELF_TRADE) in reasons(events)
    assert fills(events) == [(rich, 50 * LOT, 0)]
    assert tables.venue.halted == 0
    agree(world)


def peg(world: World, account: int, side: int, kind: int, offset_ticks: int, **more: Any) -> list[wire.Event]:
    return world.place(
        account,
        side,
        LOT,
        more.pop("limit", 0),
        order_type=OrderType.PEGGED,
        time_in_force=TimeInForce.GOOD_TILL_CANCEL,
        flags=more.pop("flags", OrderFlag.FIXED_PEG),
        peg_kind=kind,
        peg_offset_subticks=10 * offset_ticks,
        **more,
    )


@pytest.mark.parametrize(
    ("side", "kind", "offset", "price"),
    [
        (BUY, PegKind.PEG_PRIMARY, 5, MARK - 95),
        (SELL, PegKind.PEG_PRIMARY, -5, MARK + 85),
        (BUY, PegKind.PEG_MARKET, -10, MARK + 80),
        (SELL, PegKind.PEG_MARKET, 10, MARK - 90),
        (BUY, PegKind.PEG_PRIMARY, 0, MARK - 100),
    ],
)
def test_a_peg_is_priced_once_from_what_is_shown(side: int, kind: int, offset: int, price: int) -> None:
    """ORD-17; what is hidden is no touch."""
    world, (maker, account, *_) = venue()
    world.place(maker, BUY, LOT, MARK - 100)
    world.place(maker, SELL, LOT, MARK + 90)
    world.place(maker, BUY, LOT, MARK - 20, display_quantity=0)
    world.place(maker, SELL, LOT, MARK + 85, display_quantity=0)
    events = peg(world, account, side, kind, offset)
    assert one(events, EventKind.PLACED).price_ticks == price
    order = placed(events)
    if not fills(events):
        world.place(maker, BUY, LOT, MARK - 10)
        assert [row.price_ticks for row in world.engine.tables.orders if row.order_id == order] == [price]
    agree(world)


def test_a_peg_that_is_none_or_has_nothing_to_peg_to_is_refused() -> None:
    world, (maker, account, *_) = venue()
    world.place(maker, BUY, LOT, MARK - 100, display_quantity=0)
    assert refused(peg(world, account, BUY, PegKind.PEG_PRIMARY, 0)) == "PEG_WITHOUT_TOUCH"
    assert refused(peg(world, account, BUY, PegKind.PEG_PRIMARY, 0, display_quantity=7)) == "DISPLAY_INVALID"
    world.place(maker, BUY, LOT, MARK - 100)
    one(peg(world, account, BUY, PegKind.PEG_PRIMARY, 0), EventKind.PLACED)
    assert refused(peg(world, account, BUY, PegKind.PEG_TRAILING, 0)) == "PEG_INVALID"
    assert refused(peg(world, account, BUY, 0, 0)) == "PEG_INVALID"
    assert refused(peg(world, account, BUY, PegKind.PEG_PRIMARY, 0, flags=0)) == "PEG_INVALID"
    assert refused(peg(world, account, BUY, PegKind.PEG_PRIMARY, 2**40)) == "PEG_INVALID"
    assert refused(peg(world, account, BUY, PegKind.PEG_PRIMARY, 0, limit=5)) == "PRICE_INVALID"
    assert refused(peg(world, account, BUY, PegKind.PEG_PRIMARY, -MARK)) == "PRICE_INVALID"
    assert refused(peg(world, account, BUY, PegKind.PEG_PRIMARY, 10_000)) == "PRICE_OUTSIDE_BAND"
    odd = {"order_type": OrderType.PEGGED, "flags": OrderFlag.FIXED_PEG, "peg_kind": PegKind.PEG_PRIMARY}
    assert refused(world.place(account, BUY, LOT, 0, peg_offset_subticks=5, **odd)) == "PEG_INVALID"
    assert refused(world.place(account, BUY, LOT, MARK, peg_kind=PegKind.PEG_PRIMARY)) == "PEG_INVALID"


def filled_order(world: World, maker: int, taker: int, **more: Any) -> int:
    order = placed(world.place(maker, SELL, 3 * LOT, MARK, **more))
    world.place(taker, BUY, 3 * LOT, MARK)
    return order


def test_a_filled_order_goes_on_with_more() -> None:
    """ORD-19."""
    world, (maker, taker, other, _, _) = venue()
    order = filled_order(world, maker, taker, client_id="mine")
    newer = placed(world.place(maker, SELL, LOT, MARK + 7))
    world.place(other, SELL, LOT, MARK)
    world.wait(59)
    events = world.amend(maker, client_id="mine", leaves_quantity=2 * LOT)
    amended = one(events, EventKind.AMENDED)
    assert (amended.order_id, amended.quantity, amended.leaves_quantity) == (order, 5 * LOT, 2 * LOT)
    assert wire.client_id_of(amended.client_id) == "mine"
    assert [world.engine.tables.orders[at].order_id for at in reading.orders_of(world.engine.tables, maker)] == [
        newer,
        order,
    ]
    agree(world)
    # Behind the one that came meanwhile; and its name is taken.
    assert fills(world.place(taker, BUY, 2 * LOT, MARK)) == [(other, LOT, 0), (maker, LOT, 0)]
    assert refused(world.place(maker, SELL, LOT, MARK, client_id="mine")) == "CLIENT_ID_DUPLICATE"
    world.restart()
    assert reasons(world.cancel(maker, client_id="mine")) == [(order, EndReason.ENDED_CANCELED)]
    assert refused(world.amend(maker, order, leaves_quantity=LOT)) == "ORDER_ENDED"
    assert refused(world.place(maker, SELL, LOT, MARK, client_id="mine")) == "CLIENT_ID_DUPLICATE"
    agree_from_here(world)


def agree_from_here(world: World) -> None:
    invariants.check(world.engine.tables)
    assert Engine.restore(world.engine.snapshot()).roots() == world.engine.roots()


def test_a_revived_order_may_get_another_name_and_price_and_is_filled_and_revived_again() -> None:
    world, (maker, taker, *_) = venue()
    order = filled_order(world, maker, taker, client_id="mine")
    one(world.amend(maker, order, leaves_quantity=LOT, new_client_id="new", price_ticks=MARK + 9), EventKind.AMENDED)
    assert fills(world.place(taker, BUY, LOT, MARK + 9)) == [(maker, LOT, 0)]
    amended = one(world.amend(maker, client_id="new", leaves_quantity=LOT), EventKind.AMENDED)
    assert (amended.quantity, amended.price_ticks) == (5 * LOT, MARK + 9)
    agree(world)
    world.wait(25 * 3600)
    world.cancel(maker, order)
    for number in range(layout.CLIENT_IDS_KEPT + 3):
        world.place(maker, SELL, LOT, MARK, client_id=f"other-{number}")
        world.cancel(maker, client_id=f"other-{number}")
    agree_from_here(world)


def test_what_is_not_revived() -> None:
    world, (maker, taker, other, _, _) = venue()
    order = filled_order(world, maker, taker)
    assert refused(world.amend(other, order, leaves_quantity=LOT)) == "ORDER_ENDED"
    assert refused(world.amend(maker, order, leaves_quantity=0)) == "ORDER_ENDED"
    assert refused(world.amend(maker, order, quantity=5 * LOT)) == "ORDER_ENDED"
    assert refused(world.amend(maker, order, leaves_quantity=150)) == "QUANTITY_NOT_LOTS"
    assert refused(world.amend(maker, order, leaves_quantity=2**31 - 100)) == "QUANTITY_INVALID"
    assert refused(world.amend(maker, order, leaves_quantity=LOT, price_ticks=-1)) == "PRICE_INVALID"
    assert refused(world.amend(maker, order, leaves_quantity=LOT, price_ticks=1)) == "PRICE_OUTSIDE_BAND"
    assert refused(world.amend(maker, order, leaves_quantity=LOT, peg_offset_subticks=10)) == "PARAMETER_INVALID"
    assert refused(world.amend(maker, order, leaves_quantity=10**9)) == "BALANCE_INSUFFICIENT"
    bought = placed(world.place(taker, BUY, 3 * LOT, MARK))
    world.place(maker, SELL, 3 * LOT, MARK)
    world.cancel(taker, bought)
    world.wait(60)
    assert refused(world.amend(maker, order, leaves_quantity=LOT)) == "ORDER_ENDED"
    quick = placed(world.place(other, SELL, LOT, MARK))
    swift = placed(world.place(taker, BUY, LOT, MARK, time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL))
    assert refused(world.amend(taker, swift, leaves_quantity=LOT)) == "ORDER_ENDED"
    one(world.amend(other, quick, leaves_quantity=LOT), EventKind.AMENDED)
    agree(world)


def test_a_revived_reduce_only_order_wants_no_more_than_there_is_to_reduce() -> None:
    world, (maker, taker, other, _, _) = venue()
    world.place(other, SELL, 5 * LOT, MARK)
    world.place(maker, BUY, 5 * LOT, MARK)
    order = placed(world.place(maker, SELL, 3 * LOT, MARK, reduce_only=True))
    world.place(taker, BUY, 3 * LOT, MARK)
    amended = one(world.amend(maker, order, leaves_quantity=4 * LOT), EventKind.AMENDED)
    assert (amended.quantity, amended.leaves_quantity) == (5 * LOT, 2 * LOT)
    world.place(taker, BUY, 2 * LOT, MARK)
    assert refused(world.amend(maker, order, leaves_quantity=LOT)) == "REDUCE_ONLY_NO_POSITION"
    agree(world)


def small_venue(**terms: int) -> tuple[World, list[int]]:
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument("XBTUSD", funding_rate_ppb=0, lot=1, **{"small_order_minor": SMALL, **terms})
    world.price(1, 1_000_000)
    return world, [world.trader(100 + at, 100 * 10**8) for at in range(4)]


def test_who_has_too_many_small_orders_shows_no_more_of_them() -> None:
    """ORD-21."""
    world, (account, buyer, *_) = small_venue()
    for at in range(layout.SMALL_ORDERS_MAX + 1):
        events = world.place(account, SELL, 24, MARK + at)
        assert not of_kind(events, EventKind.SMALL_ORDERS_FLAGGED)
    assert world.engine.tables.accounts[account].small_orders == layout.SMALL_ORDERS_MAX + 1
    assert refused(world.place(account, SELL, 24, MARK + 50, post_only=True)) == "SMALL_ORDER_POST_ONLY"
    agree(world)
    events = world.place(account, SELL, 24, MARK + 50)
    flagged = one(events, EventKind.SMALL_ORDERS_FLAGGED)
    assert (flagged.account, flagged.until_ns) == (account, world.now_ns + layout.DAY_NS)
    assert one(events, EventKind.PLACED).display_quantity == 0
    # A larger one, and what only reduces, are as before.
    assert one(world.place(account, SELL, 26, MARK + 50), EventKind.PLACED).display_quantity == -1
    world.place(buyer, BUY, 24, MARK)
    assert one(world.place(account, BUY, 5, MARK - 9, reduce_only=True), EventKind.PLACED).display_quantity == -1
    agree(world)
    # When the day is over it is looked at again as soon as a small order comes.
    world.cancel_all(account)
    assert one(world.place(account, SELL, 24, MARK), EventKind.PLACED).display_quantity == 0
    world.wait(24 * 3600)
    events = world.place(account, SELL, 24, MARK + 1)
    assert one(events, EventKind.SMALL_ORDERS_FLAGGED).until_ns == 0
    assert one(events, EventKind.PLACED).display_quantity == -1
    agree(world)


def test_small_orders_are_counted_as_they_change() -> None:
    """ORD-21."""
    world, (account, buyer, *_) = small_venue()
    tables = world.engine.tables
    order = placed(world.place(account, SELL, 24, MARK + 5))
    assert tables.accounts[account].small_orders == 1
    world.amend(account, order, quantity=30)
    assert tables.accounts[account].small_orders == 0
    world.amend(account, order, quantity=20)
    assert tables.accounts[account].small_orders == 1
    world.place(buyer, BUY, 12, MARK + 5)
    assert tables.accounts[account].small_orders == 1
    world.place(buyer, BUY, 8, MARK + 5)
    assert tables.accounts[account].small_orders == 0
    large = placed(world.place(account, SELL, 40, MARK + 5))
    world.place(buyer, BUY, 39, MARK + 5)
    assert tables.accounts[account].small_orders == 0
    world.cancel(account, large)
    assert tables.accounts[account].small_orders == 0
    agree(world)


def many_small(world: World, account: int, count: int = layout.SMALL_ORDERS_MAX + 1) -> list[int]:
    return [placed(world.place(account, SELL, 24, MARK + at)) for at in range(count)]


def test_an_order_that_is_made_small_is_hidden_like_a_new_one() -> None:
    """ORD-21, ORD-09: at its price, but behind those who are there."""
    world, (account, _, other, _) = small_venue()
    many_small(world, account)
    large = placed(world.place(account, SELL, 300, MARK + 90))
    posted = placed(world.place(account, SELL, 300, MARK + 91, post_only=True))
    world.place(other, SELL, 30, MARK + 90, display_quantity=0)
    assert refused(world.amend(account, posted, leaves_quantity=24)) == "SMALL_ORDER_POST_ONLY"
    assert refused(world.amend(account, posted, leaves_quantity=24, price_ticks=MARK + 92)) == "SMALL_ORDER_POST_ONLY"
    assert world.engine.tables.accounts[account].small_until_ns == 0
    agree(world)
    events = world.amend(account, large, leaves_quantity=24)
    assert one(events, EventKind.SMALL_ORDERS_FLAGGED).until_ns == world.now_ns + layout.DAY_NS
    amended = one(events, EventKind.AMENDED)
    assert (amended.display_quantity, amended.kept_place) == (0, 0)
    shown = one(events, EventKind.LEVEL_CHANGED)
    assert (shown.price_ticks, shown.quantity, shown.orders) == (MARK + 90, 0, 0)
    agree(world)
    # What ends by it, what stays large, and a large one made larger are as before.
    assert one(world.amend(account, posted, leaves_quantity=0), EventKind.ENDED).reason == EndReason.ENDED_AMENDED
    again = one(world.amend(account, large, leaves_quantity=31, price_ticks=MARK + 93), EventKind.AMENDED)
    assert again.display_quantity == 0
    agree(world)


def test_small_orders_that_are_amended_count_without_themselves() -> None:
    """ORD-21: quoting eleven anew flags nobody; one more does, and who is flagged hides what he quotes anew."""
    world, (account, *_) = small_venue()
    orders = many_small(world, account)
    for at, order in enumerate(orders):
        amended = one(world.amend(account, order, price_ticks=MARK + 100 + at), EventKind.AMENDED)
        assert amended.display_quantity == -1
    world.place(account, SELL, 24, MARK + 50)
    cut = one(world.amend(account, orders[0], quantity=20), EventKind.AMENDED)
    assert (cut.display_quantity, cut.kept_place) == (-1, 1)
    moved = one(world.amend(account, orders[0], price_ticks=MARK + 120), EventKind.AMENDED)
    assert (moved.display_quantity, moved.kept_place) == (0, 0)
    agree(world)


def test_an_amendment_lets_a_flag_go_that_is_over() -> None:
    """ORD-21: looked at again, the amended order not counted; it keeps its place."""
    world, (account, *_) = small_venue()
    many_small(world, account)
    world.place(account, SELL, 24, MARK + 50)
    world.cancel_all(account)
    many = [placed(world.place(account, SELL, 240, MARK + at)) for at in range(layout.SMALL_ORDERS_MAX + 1)]
    world.wait(24 * 3600)
    for order in many:
        events = world.amend(account, order, quantity=24)
        assert [flag.until_ns for flag in of_kind(events, EventKind.SMALL_ORDERS_FLAGGED)] == [0][: order == many[0]]
        assert one(events, EventKind.AMENDED).kept_place == 1
    agree(world)


def limits(world: World, lowest: int, highest: int, instrument: int = 1) -> list[wire.Event]:
    return world.send(layout.SetPriceLimits(instrument=instrument, lowest_ticks=lowest, highest_ticks=highest))


def test_prices_outside_of_the_limits_are_refused_and_market_orders_stop_there() -> None:
    """ORD-22."""
    world, (account, maker, *_) = venue()
    world.place(maker, SELL, LOT, MARK + 10)
    world.place(maker, SELL, LOT, MARK + 30)
    resting = placed(world.place(account, BUY, LOT, MARK - 90))
    said = one(limits(world, MARK - 50, MARK + 20), EventKind.PRICE_LIMITS_SET)
    assert (said.lowest_ticks, said.highest_ticks) == (MARK - 50, MARK + 20)
    assert refused(world.place(account, BUY, LOT, MARK + 21)) == "PRICE_OUTSIDE_LIMITS"
    assert refused(world.place(account, BUY, LOT, MARK - 51)) == "PRICE_OUTSIDE_LIMITS"
    assert refused(world.amend(account, resting, quantity=2 * LOT)) == "PRICE_OUTSIDE_LIMITS"
    one(world.place(account, BUY, LOT, MARK - 50), EventKind.PLACED)
    events = world.place(account, BUY, 3 * LOT, 0)
    assert fills(events) == [(maker, LOT, 0)]
    assert reasons(events)[-1][1] == EndReason.ENDED_MARKET
    agree(world)
    limits(world, 0, 0)
    one(world.place(account, BUY, LOT, MARK - 91), EventKind.PLACED)
    assert refused(limits(world, 5, 4)) == "PARAMETER_INVALID"
    assert refused(limits(world, -1, 4)) == "PARAMETER_INVALID"
    assert refused(limits(world, 0, 10**7 + 1)) == "PARAMETER_INVALID"
    assert refused(limits(world, 1, 2, instrument=9)) == "INSTRUMENT_UNKNOWN"


def test_a_listing_s_band_counts_instead_of_the_usual() -> None:
    """ORD-22."""
    world, (account, *_) = small_venue(band_ppm=10_000, small_order_minor=0)
    assert refused(world.place(account, BUY, LOT, MARK + 1_001)) == "PRICE_OUTSIDE_BAND"
    one(world.place(account, BUY, LOT, MARK + 1_000), EventKind.PLACED)
    assert refused(world.place(account, SELL, LOT, MARK - 1_001)) == "PRICE_OUTSIDE_BAND"


def test_an_account_has_no_more_open_orders_here_than_the_listing_says() -> None:
    """ORD-23."""
    world, (account, other, *_) = small_venue(orders_max=3, small_order_minor=0)
    orders = [placed(world.place(account, BUY, LOT, MARK - at)) for at in range(3)]
    assert refused(world.place(account, BUY, LOT, MARK - 5)) == "ORDERS_HERE_TOO_MANY"
    one(world.place(other, BUY, LOT, MARK - 5), EventKind.PLACED)
    world.cancel(account, orders[1])
    agree(world)
    one(world.place(account, BUY, LOT, MARK - 5), EventKind.PLACED)
    agree(world)


@pytest.mark.parametrize(
    "odd", [{"band_ppm": -1}, {"band_ppm": 10**6}, {"small_order_minor": -1}, {"orders_max": -1}, {"stops_max": -1}]
)
def test_terms_beyond_their_bounds_are_not_listed(odd: dict[str, int]) -> None:
    assert refused(xbtusd().send(listing("OTHER", **odd))) == "PARAMETER_INVALID"


def test_only_what_is_shown_makes_impact_prices() -> None:
    """ORD-20, MRK-03."""
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument("XBTUSD", impact_notional_minor=10**6, usd_index=0)
    world.price(1, 1_000_000)
    account = world.trader(1, 10**10)
    world.place(account, BUY, 1_000, MARK - 10, display_quantity=0)
    world.place(account, BUY, 1_000, MARK - 20)
    world.place(account, SELL, 1_000, MARK + 20)
    world.wait(61)
    world.price(1, 1_000_000)
    sampled = of_kind(world.send(layout.Tick()), EventKind.PREMIUM_SAMPLED)
    row = world.engine.tables.instruments[1]
    assert row.impact_bid_subticks == 10 * (MARK - 20), sampled
    assert book(world, BUY) == [(MARK - 20, 1_000, 1)]
