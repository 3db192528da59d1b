"""The call auction: what is collected, what is indicated, the one price, and how it is uncrossed (AUC-01 to AUC-09)."""

import random
from typing import Any

import pytest

from outcry.engine import invariants
from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    EndReason,
    EventKind,
    InstrumentState,
    OrderType,
    SelfTrade,
    Side,
    StateCause,
    TimeInForce,
    VenueState,
)
from outcry.protocol.records import UNIT_EVENTS
from tests.engine import twins
from tests.engine.worlds import BUY, SELL, World, of_kind, one, refused, xbtusd

MARK = 100_000
XBT = 10**8
Events = list[wire.Event]
Levels = list[tuple[int, int]]


def enter(world: World, state: int, number: int = 1, **more: int) -> Events:
    return world.send(layout.SetInstrumentState(instrument=number, state=state, **more))


def auction(traders: int = 4, **more: int) -> tuple[World, list[int]]:
    """A market whose orders are collected, and accounts to send some."""
    world = xbtusd()
    accounts = [world.trader(number) for number in range(1, traders + 1)]
    one(enter(world, InstrumentState.INSTRUMENT_AUCTION, **more), EventKind.INSTRUMENT_STATE_SET)
    return world, accounts


def rest(world: World, account: int, side: int, quantity: int, price: int, **more: Any) -> int:
    events = world.place(account, side, quantity, price, **more)
    assert of_kind(events, EventKind.FILL) == []
    return int(one(events, EventKind.PLACED).order_id)


def work(world: World, units: int = 1) -> Events:
    """All of the engine's own work, unit by unit; every state in between is sound, and no unit says too much."""
    said: Events = []
    while world.engine.work_waiting:
        done = world.engine.tables.venue.tasks_done
        kind = world.engine.tables.tasks[1 + done % layout.TASKS].kind
        events = world.carry_on(units)
        assert invariants.breaches(world.engine.tables) == []
        if kind == layout.TaskKind.TASK_AUCTION and units == 1 and world.engine.tables.venue.tasks_done == done:
            for event in events:
                name = EventKind(event.head.kind).name
                count = sum(one.head.kind == event.head.kind for one in events)
                assert name == "CONTINUED" or count <= UNIT_EVENTS["TASK_AUCTION"][name], name
        said += events
    return said


def indicated(world: World, seconds: float = 1) -> tuple[int, int, int] | None:
    """What the next second's tick says of the auction, if anything."""
    world.wait(seconds)
    said = of_kind(world.send(layout.Tick()), EventKind.AUCTION_INDICATED)
    assert all(event.fixed == 0 for event in said)
    return (said[0].price_ticks, said[0].volume, said[0].surplus) if said else None


def fills(events: Events) -> list[tuple[int, int]]:
    return [(event.quantity, event.price_ticks) for event in of_kind(events, EventKind.FILL)]


def best_by_hand(bids: Levels, asks: Levels, reference: int, low: int, high: int) -> tuple[int, int, int] | None:
    """The rule word for word, price by price (AUC-03)."""
    found: list[tuple[int, int, int, int, int]] = []
    if not bids or not asks:
        return None
    # Outside of this nothing trades at all.
    for price in range(max(low, min(limit for limit, _ in asks)), min(high, max(limit for limit, _ in bids)) + 1):
        wanted = sum(quantity for limit, quantity in bids if limit >= price)
        offered = sum(quantity for limit, quantity in asks if limit <= price)
        volume, surplus = min(wanted, offered), wanted - offered
        found.append((-volume, abs(surplus), abs(price * 10 - reference), price, surplus))
    if not found:
        return None
    volume, _, _, price, surplus = min(found)
    return (price, -volume, surplus) if volume else None


@pytest.mark.parametrize("seed", range(40))
def test_the_one_price_is_what_the_rule_says_price_by_price(seed: int) -> None:
    chance = random.Random(seed)
    world, accounts = auction()
    low, high = 95_000, 105_000
    wide = chance.choice((3, 8, 40))
    book: dict[int, Levels] = {BUY: [], SELL: []}
    centre = chance.choice((MARK, MARK, 104_990, 95_010))
    for _ in range(chance.randint(1, 14)):
        side = chance.choice((BUY, SELL))
        price = min(max(centre + chance.randint(-wide, wide), low), high)
        quantity = 100 * chance.randint(1, 4)
        rest(world, accounts[side - 1], side, quantity, price)
        book[side].append((price, quantity))
    reference = 10 * MARK + chance.choice((0, 0, 3, 5, 7))
    if reference != 10 * MARK:
        world.price(1, reference)
    edges = (-(-reference // 10 * 10 * 95 // 1000), (reference + 9) // 10 * 105 // 100)
    expected = best_by_hand(book[BUY], book[SELL], reference, max(low, edges[0]), min(high + 1, edges[1]))
    assert indicated(world) == expected
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    events = work(world)
    assert sum(quantity for quantity, _ in fills(events)) == (expected[1] if expected else 0)
    assert {price for _, price in fills(events)} == ({expected[0]} if expected else set())
    assert world.engine.tables.instruments[1].state == InstrumentState.INSTRUMENT_OPEN


@pytest.mark.parametrize("state", [InstrumentState.INSTRUMENT_PRE_OPEN, InstrumentState.INSTRUMENT_AUCTION])
def test_only_limit_orders_that_rest_are_collected(state: int) -> None:
    world, (one_account, other, *_) = auction()
    world.place(one_account, BUY, 1_000, MARK)
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    world.place(other, SELL, 1_000, MARK)
    enter(world, state)
    collecting = "INSTRUMENT_COLLECTING"
    assert refused(world.place(other, BUY, 100, 0)) == collecting
    assert refused(world.place(other, BUY, 100, MARK, post_only=True)) == collecting
    for force in (TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL):
        assert refused(world.place(other, BUY, 100, MARK, time_in_force=force)) == collecting
    assert refused(world.place(other, BUY, 100, MARK, order_type=OrderType.PEGGED)) == collecting
    assert refused(world.place(other, BUY, 100, 106_000)) == "PRICE_OUTSIDE_BAND"
    reducing = rest(world, one_account, SELL, 5_000, MARK - 10, reduce_only=True)
    assert world.engine.tables.orders[world.engine.tables.accounts[one_account].first_order].leaves_quantity == 1_000
    rest(world, other, BUY, 300, MARK + 10)
    assert not of_kind(world.amend(one_account, reducing, price_ticks=MARK - 20), EventKind.REFUSED)
    assert not of_kind(world.leverage(other, 1_000), EventKind.REFUSED)
    one(world.cancel(one_account, reducing), EventKind.ENDED)
    assert invariants.breaches(world.engine.tables) == []


def test_a_pre_opening_says_nothing_and_an_auction_once_a_second_when_it_has_changed() -> None:
    """AUC-05."""
    world, (buyer, seller, *_) = auction()
    enter(world, InstrumentState.INSTRUMENT_PRE_OPEN)
    rest(world, buyer, BUY, 300, MARK)
    rest(world, seller, SELL, 100, MARK)
    assert world.engine.next_due_ns - world.now_ns > 2 * 10**9
    world.wait(60)
    assert of_kind(world.send(layout.Tick()), EventKind.AUCTION_INDICATED) == []
    enter(world, InstrumentState.INSTRUMENT_AUCTION)
    assert world.engine.next_due_ns - world.now_ns <= 10**9
    assert indicated(world) == (MARK, 100, 200)
    assert indicated(world) is None
    order = rest(world, seller, SELL, 300, MARK)
    assert indicated(world) == (MARK, 300, -100)
    world.restart()
    assert indicated(world) is None
    world.cancel(seller, order)
    assert indicated(world) == (MARK, 100, 200)


def test_an_auction_opens_at_its_time_by_one_price_and_goes_over_into_the_state_that_follows() -> None:
    """AUC-06."""
    world, (buyer, seller, other, last) = auction(
        until_ns=1_700_000_000_000_000_000 + 30 * 10**9, next_state=InstrumentState.INSTRUMENT_REDUCING
    )
    rest(world, buyer, BUY, 300, MARK + 20)
    rest(world, other, BUY, 200, MARK + 10)
    rest(world, seller, SELL, 400, MARK - 20)
    rest(world, last, BUY, 100, MARK - 50)
    assert indicated(world) == (MARK, 400, 100)
    world.wait(29)
    changed = one(world.send(layout.Tick()), EventKind.INSTRUMENT_STATE_SET)
    uncrossing, reducing = InstrumentState.INSTRUMENT_UNCROSSING, InstrumentState.INSTRUMENT_REDUCING
    assert (changed.state, changed.next_state, changed.cause) == (uncrossing, reducing, StateCause.CAUSE_EXPIRED)
    assert refused(world.place(last, BUY, 100, MARK)) == "INSTRUMENT_CLOSED"
    one(world.cancel_all(last), EventKind.ENDED)
    events = work(world)
    fixed = one(events, EventKind.AUCTION_INDICATED)
    assert (fixed.fixed, fixed.price_ticks, fixed.volume, fixed.surplus) == (1, MARK, 400, 100)
    trades = of_kind(events, EventKind.FILL)
    assert [(t.taker_account, t.maker_account, t.taker_side, t.quantity) for t in trades] == [
        (seller, buyer, Side.SELL, 300),
        (seller, other, Side.SELL, 100),
    ]
    assert {(t.price_ticks, t.auction) for t in trades} == {(MARK, 1)}
    assert trades[0].taker_fee_minor > trades[0].maker_fee_minor > 0
    changed = one(events, EventKind.INSTRUMENT_STATE_SET)
    assert (changed.state, changed.next_state, changed.cause) == (reducing, 0, StateCause.CAUSE_EXPIRED)
    row = world.engine.tables.instruments[1]
    assert (row.auction_ticks, row.auction_volume, row.auction_surplus) == (0, 0, 0)
    assert (row.last_price_ticks, row.best_bid_ticks, row.best_ask_ticks) == (MARK, MARK + 10, 0)
    assert world.position(buyer).quantity == 300
    twins.agree(world)
    twins.audited(world)


def test_an_auction_that_nobody_meets_in_opens_at_once() -> None:
    world, (buyer, seller, *_) = auction()
    rest(world, buyer, BUY, 300, MARK - 1)
    rest(world, seller, SELL, 300, MARK)
    assert indicated(world) is None
    changed = one(enter(world, InstrumentState.INSTRUMENT_OPEN), EventKind.INSTRUMENT_STATE_SET)
    assert changed.state == InstrumentState.INSTRUMENT_OPEN
    assert fills(work(world)) == []


def test_a_book_that_was_collected_stays_crossed_while_the_instrument_is_paused_and_is_uncrossed_when_it_opens() -> (
    None
):
    world, (buyer, seller, *_) = auction()
    rest(world, buyer, BUY, 300, MARK + 5)
    rest(world, seller, SELL, 300, MARK)
    enter(world, InstrumentState.INSTRUMENT_PAUSED)
    assert invariants.breaches(world.engine.tables) == []
    world.restart()
    until = world.now_ns + 10**9
    assert refused(enter(world, InstrumentState.INSTRUMENT_OPEN, until_ns=until)) == "PARAMETER_INVALID"
    enter(world, InstrumentState.INSTRUMENT_POSTING)
    assert fills(work(world)) == [(300, MARK)]
    assert world.engine.tables.instruments[1].state == InstrumentState.INSTRUMENT_POSTING


def test_what_crosses_only_beyond_the_band_of_the_mark_is_ended() -> None:
    """AUC-04."""
    world, (buyer, seller, *_) = auction()
    rest(world, buyer, BUY, 300, 105_000)
    rest(world, buyer, BUY, 300, 104_000)
    rest(world, seller, SELL, 300, 104_500)
    world.price(1, 980_000)
    assert indicated(world) is None
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    events = work(world)
    ended = of_kind(events, EventKind.ENDED)
    assert [(event.account, event.reason) for event in ended] == [(buyer, EndReason.ENDED_AUCTION)]
    assert fills(events) == []
    row = world.engine.tables.instruments[1]
    assert (row.state, row.best_bid_ticks, row.best_ask_ticks) == (1, 104_000, 104_500)
    world, (buyer, seller, *_) = auction()
    rest(world, seller, SELL, 300, 95_000)
    rest(world, buyer, BUY, 300, 95_500)
    world.price(1, 1_020_000)
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    ended = of_kind(work(world), EventKind.ENDED)
    assert [(event.account, event.reason) for event in ended] == [(seller, EndReason.ENDED_AUCTION)]


def test_who_would_pay_more_than_the_band_pays_its_edge() -> None:
    world, (buyer, seller, *_) = auction()
    rest(world, buyer, BUY, 300, 105_000)
    rest(world, buyer, BUY, 200, 104_990)
    rest(world, seller, SELL, 400, 102_900)
    world.price(1, 980_000)
    edge = 98_000 * 105 // 100
    assert indicated(world) == (edge, 400, 100)
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    assert fills(work(world)) == [(300, edge), (100, edge)]


@pytest.mark.parametrize("mode", [0, SelfTrade.EXPIRE_TAKER, SelfTrade.EXPIRE_MAKER, SelfTrade.EXPIRE_BOTH])
def test_orders_of_one_account_do_not_meet_and_the_later_ones_mode_decides(mode: int) -> None:
    world, (own, other, third, _) = auction()
    bid = rest(world, own, BUY, 300, MARK + 10)
    rest(world, other, BUY, 300, MARK + 5)
    ask = rest(world, own, SELL, 300, MARK - 10, self_trade=mode)
    rest(world, third, SELL, 100, MARK + 1)
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    events = work(world)
    ended = {event.order_id for event in of_kind(events, EventKind.ENDED) if event.reason == EndReason.ENDED_SELF_TRADE}
    expected = {0: {ask}, 1: {ask}, 2: {bid}, 3: {bid, ask}}
    assert ended == expected[mode]
    assert all(t.taker_account != t.maker_account for t in of_kind(events, EventKind.FILL))
    row = world.engine.tables.instruments[1]
    assert row.best_ask_ticks == 0 or row.best_bid_ticks < row.best_ask_ticks
    twins.agree(world)
    twins.audited(world)


def test_reduce_only_orders_shrink_with_the_position_and_what_they_leave_finds_another_price() -> None:
    world, (own, other, third, last) = auction()
    rest(world, own, BUY, 500, MARK)
    rest(world, other, SELL, 500, MARK)
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    work(world)
    assert world.position(own).quantity == 500
    enter(world, InstrumentState.INSTRUMENT_AUCTION)
    rest(world, own, SELL, 500, MARK - 30)
    rest(world, own, SELL, 500, MARK - 20, reduce_only=True)
    rest(world, third, BUY, 1_000, MARK)
    rest(world, last, SELL, 300, MARK - 5)
    assert indicated(world) == (MARK - 6, 1_000, 0)
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    events = work(world)
    assert [event.reason for event in of_kind(events, EventKind.ENDED) if event.account == own] == [
        EndReason.ENDED_FILLED,
        EndReason.ENDED_REDUCE_ONLY,
    ]
    assert fills(events) == [(500, MARK - 6), (300, MARK)]
    assert [event.volume for event in of_kind(events, EventKind.AUCTION_INDICATED)] == [1_000, 300]
    assert world.position(own).quantity == 0
    twins.agree(world)
    twins.audited(world)


def test_who_fails_the_test_is_not_taken_along_unless_he_reduces() -> None:
    """AUC-07."""
    world = xbtusd()
    rich, poor, other = world.trader(1), world.trader(2, XBT // 50), world.trader(3)
    world.place(rich, SELL, 10_000, MARK)
    assert of_kind(world.place(poor, BUY, 10_000, MARK), EventKind.FILL)
    enter(world, InstrumentState.INSTRUMENT_AUCTION)
    more = rest(world, poor, BUY, 2_000, MARK - 1)
    less = rest(world, poor, SELL, 2_000, MARK - 4_000)
    world.price(1, 980_000)
    assert work(world)
    assert world.position(poor).quantity == 10_000
    rest(world, other, SELL, 1_000, 95_500)
    rest(world, rich, BUY, 3_000, 97_000)
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    events: Events = []
    while world.engine.tables.instruments[1].state == InstrumentState.INSTRUMENT_UNCROSSING:
        events += world.carry_on(1)
    reasons = {event.order_id: event.reason for event in of_kind(events, EventKind.ENDED)}
    assert reasons[more] == EndReason.ENDED_AUCTION
    assert reasons[less] == EndReason.ENDED_FILLED
    assert of_kind(work(world), EventKind.LIQUIDATION_STEP)


@pytest.mark.parametrize("isolated", [False, True])
def test_who_could_not_bear_the_trade_at_a_mark_that_has_moved_is_not_taken_along(isolated: bool) -> None:
    """AUC-07: its order was covered when it came; the fund and the deleveraged would bear what it loses now."""
    world = xbtusd()
    buyer, seller = world.trader(1, 12 * XBT // 100), world.trader(2)
    if isolated:
        world.send(layout.SetLeverage(account=buyer, instrument=1, leverage_centi=10_000))
    enter(world, InstrumentState.INSTRUMENT_AUCTION)
    bid = rest(world, buyer, BUY, 100_000, MARK)
    world.price(1, 960_000)
    assert of_kind(work(world), EventKind.ENDED) == []
    rest(world, seller, SELL, 100_000, MARK)
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    events = work(world)
    assert fills(events) == []
    ended = {event.order_id: event.reason for event in of_kind(events, EventKind.ENDED)}
    assert ended[bid] == EndReason.ENDED_AUCTION
    assert world.position(buyer).quantity == 0
    twins.audited(world)


@pytest.mark.parametrize("isolated", [False, True])
def test_who_has_just_what_his_order_needs_is_taken_along_in_every_part(isolated: bool) -> None:
    """AUC-07: at a mark that stands still what was covered when it came is covered at its turn."""
    world = xbtusd()
    buyer, *sellers = (world.trader(number) for number in range(1, 5))
    if isolated:
        world.send(layout.SetLeverage(account=buyer, instrument=1, leverage_centi=10_000))
    enter(world, InstrumentState.INSTRUMENT_AUCTION)
    rest(world, buyer, BUY, 3_100, MARK)
    position = world.position(buyer)
    tables = world.engine.tables
    need = position.buy_margin_minor
    balance = next(tables.wallets[at].balance_minor for at in range(1, 200) if tables.wallets[at].account == buyer)
    world.send(layout.Transfer(currency=1, amount_minor=balance - need, account=buyer, to_account=sellers[0]))
    for seller, quantity in zip(sellers, (700, 1_100, 1_300), strict=True):
        rest(world, seller, SELL, quantity, MARK)
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    assert fills(work(world)) == [(700, MARK), (1_100, MARK), (1_300, MARK)]
    assert world.position(buyer).quantity == 3_100
    twins.audited(world)


def test_an_auction_that_ends_while_the_venue_is_held_waits_for_it() -> None:
    """AUC-08."""
    world, (buyer, seller, *_) = auction()
    rest(world, buyer, BUY, 300, MARK)
    order = rest(world, seller, SELL, 300, MARK)
    rest(world, seller, SELL, 200, MARK)
    world.send(layout.SetVenueState(state=VenueState.VENUE_CANCELLING))
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    assert world.engine.tables.instruments[1].state == InstrumentState.INSTRUMENT_UNCROSSING
    assert fills(work(world)) == []
    one(world.cancel(seller, order), EventKind.ENDED)
    world.restart()
    world.send(layout.SetVenueState(state=VenueState.VENUE_OPEN))
    assert fills(work(world)) == [(200, MARK)]


def test_a_pause_while_trades_are_made_stops_them_and_the_next_opening_goes_on() -> None:
    world, (buyer, seller, other, _) = auction()
    rest(world, buyer, BUY, 300, MARK)
    rest(world, other, BUY, 300, MARK)
    rest(world, seller, SELL, 600, MARK)
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    assert fills(world.carry_on(2)) == [(300, MARK)]
    enter(world, InstrumentState.INSTRUMENT_PAUSED)
    assert fills(work(world)) == []
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    assert fills(work(world)) == [(300, MARK)]


def test_auctions_of_several_instruments_are_uncrossed_one_after_another_by_one_task() -> None:
    world = xbtusd()
    numbers = [1] + [world.instrument(f"XBTUSD{at}", funding_rate_ppb=0) for at in range(70)]
    buyer, seller = world.trader(1), world.trader(2)
    until = world.now_ns + 10 * 10**9
    for number in numbers:
        enter(world, InstrumentState.INSTRUMENT_AUCTION, number, until_ns=until)
        rest(world, buyer, BUY, 100, MARK, instrument=number)
        rest(world, seller, SELL, 100, MARK, instrument=number)
    world.wait(10)
    world.send(layout.Tick())
    assert world.engine.tables.venue.tasks_made - world.engine.tables.venue.tasks_done == 1
    world.carry_on(2)
    world.restart()
    events = work(world, 50)
    assert len(fills(events)) == len(numbers) - 1
    assert {world.engine.tables.instruments[number].state for number in numbers} == {1}


def test_hidden_quantity_takes_part_after_what_is_shown_and_pays_as_a_taker() -> None:
    world, (hider, shower, iceberg, seller) = auction()
    rest(world, hider, BUY, 300, MARK, display_quantity=0)
    rest(world, iceberg, BUY, 300, MARK, display_quantity=100)
    rest(world, shower, BUY, 300, MARK)
    rest(world, seller, SELL, 700, MARK)
    assert indicated(world) == (MARK, 700, 200)
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    trades = of_kind(work(world), EventKind.FILL)
    bought = [
        (t.maker_account if t.taker_side == Side.SELL else t.taker_account, t.quantity, t.maker_hidden) for t in trades
    ]
    assert bought == [(iceberg, 100, 0), (shower, 300, 0), (iceberg, 100, 0), (iceberg, 100, 0), (hider, 100, 1)]
    twins.agree(world)
    twins.audited(world)


def test_the_own_book_says_nothing_about_prices_while_it_is_collected() -> None:
    """AUC-09."""
    world, (buyer, seller, *_) = auction()
    for side, price in ((BUY, MARK + 1_000), (SELL, MARK - 1_000)):
        rest(world, buyer if side == BUY else seller, side, 1_000_000, price)
    world.engine.tables.instruments[1].impact_notional_minor = XBT
    world.wait(60)
    sampled = one(world.send(layout.Tick()), EventKind.PREMIUM_SAMPLED)
    assert (sampled.impact_bid_subticks, sampled.impact_ask_subticks) == (0, 0)


@pytest.mark.parametrize("seed", range(5))
def test_random_auctions_are_sound_conserve_everything_and_are_the_same_uncompiled(seed: int) -> None:
    chance = random.Random(seed)
    world = xbtusd()
    accounts = [world.trader(number, XBT * chance.choice((1, 10, 100))) for number in range(1, 7)]
    collecting = (InstrumentState.INSTRUMENT_PRE_OPEN, InstrumentState.INSTRUMENT_AUCTION)
    for _ in range(5):
        enter(world, chance.choice(collecting))
        for _ in range(25):
            account, side = chance.choice(accounts), chance.choice((BUY, SELL))
            price, quantity = MARK + chance.randint(-30, 30), 100 * chance.randint(1, 30)
            roll = chance.random()
            if roll < 0.1:
                world.cancel_all(account)
            elif roll < 0.2:
                slot = world.engine.tables.accounts[account].first_order
                world.amend(account, world.engine.tables.orders[slot].order_id or 1, price_ticks=price)
            else:
                world.place(
                    account,
                    side,
                    quantity,
                    price,
                    reduce_only=chance.random() < 0.15,
                    display_quantity=chance.choice((-1, -1, 0, 100)) if seed % 2 else -1,
                    self_trade=chance.randint(0, 3),
                )
            assert invariants.breaches(world.engine.tables) == []
        if chance.random() < 0.5:
            world.wait(1)
            world.send(layout.Tick())
        if chance.random() < 0.5:
            world.price(1, 10_000 * chance.randint(97, 103))
        enter(world, chance.choice((InstrumentState.INSTRUMENT_OPEN, InstrumentState.INSTRUMENT_POSTING)))
        while world.engine.work_waiting:
            world.carry_on(1)
            assert invariants.breaches(world.engine.tables) == []
            if chance.random() < 0.1:
                world.cancel_all(chance.choice(accounts))
            if chance.random() < 0.05:
                world.restart()
        enter(world, InstrumentState.INSTRUMENT_OPEN)
        for account in accounts:
            world.place(account, chance.choice((BUY, SELL)), 100 * chance.randint(1, 5), 0)
            work(world)
    twins.agree(world)
    twins.audited(world)


def test_a_collected_order_is_weighed_as_one_that_rests_in_full_at_its_own_limit() -> None:
    """AUC-02: not at the price at which the book would let it trade, and not with the taker's fee."""
    world, (buyer, seller, *_) = auction()
    rest(world, seller, SELL, 1_000, MARK - 3_000)
    rest(world, buyer, BUY, 1_000, MARK + 2_000)
    alone = xbtusd()
    trader = alone.trader(1)
    rest(alone, trader, BUY, 1_000, MARK + 2_000)
    collected, resting = world.position(buyer), alone.position(trader)
    assert collected.buy_quantity == 1_000
    assert collected.buy_margin_minor == resting.buy_margin_minor > 0
    assert collected.buy_premium_minor == resting.buy_premium_minor > 0


def test_what_would_be_worth_more_than_an_account_may_hold_is_not_taken_along() -> None:
    """AUC-07, ORD-06: at the auction's price, which the limit says nothing about."""
    world = xbtusd()
    buyer, seller = world.trader(1), world.trader(2)
    enter(world, InstrumentState.INSTRUMENT_AUCTION)
    rest(world, buyer, BUY, 1_000, MARK)
    order = rest(world, seller, SELL, 1_000, MARK)
    world.position(seller).cost_minor = layout.AMOUNT_BOUND - 1
    enter(world, InstrumentState.INSTRUMENT_OPEN)
    events = [event for _ in range(3) for event in world.carry_on(1)]
    assert [(event.order_id, event.reason) for event in of_kind(events, EventKind.ENDED)] == [
        (order, EndReason.ENDED_AUCTION)
    ]
    assert fills(events) == []
