"""`Recent` against the engine it observes: same open orders, same touch, bounded, and the same after a restart."""

import gc
import random
from collections.abc import Iterable
from typing import Any

import pytest

from outcry.engine import reading
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import EndReason, Side
from outcry.protocol.told import Change
from outcry.views.kept import TickDirection, TradeView, direction_after
from outcry.views.recent import Recent
from outcry.views.shelves import Bounds
from tests.engine.worlds import BUY, SELL
from tests.gateway.venues import ObservedWorld, listed_world
from tests.laws.crises import Crisis
from tests.laws.renaming import story


@pytest.fixture
def world() -> ObservedWorld:
    return listed_world()


def traffic(world: ObservedWorld, seed: int, steps: int) -> list[int]:
    """Two traders at random around the mark; returns their accounts."""
    chance = random.Random(seed)
    accounts = [world.trader(100 + seed * 2 + at, 10**11) for at in range(2)]
    for step in range(steps):
        world.wait(chance.choice((0, 0, 1, 40)))
        account = chance.choice(accounts)
        side = chance.choice((BUY, SELL))
        price = 600_000 + chance.randint(-8, 8) * 10
        open_orders = list(world.recent.account(account).open)
        roll = chance.random()
        if roll < 0.6 or not open_orders:
            more = {
                "time_in_force": chance.choice((1, 1, 2, 3)),
                "post_only": chance.random() < 0.2,
                "reduce_only": chance.random() < 0.3,
            }
            world.place(account, side, 100 * chance.randint(1, 5), price, client_id=f"c{seed}-{step}", **more)
        elif roll < 0.75:
            world.cancel(account, chance.choice(open_orders))
        elif roll < 0.95:
            world.amend(account, chance.choice(open_orders), price_ticks=price, quantity=100 * chance.randint(1, 8))
        else:
            world.cancel_all(account, side=side)
    return accounts


@pytest.mark.parametrize("seed", range(5))
def test_the_same_orders_and_touch_as_the_engine(seed: int) -> None:
    world = listed_world()
    accounts = traffic(world, seed, 300)
    tables = world.engine.tables
    for account in accounts:
        kept = world.recent.account(account)
        rows = {tables.orders[slot].order_id: tables.orders[slot] for slot in reading.orders_of(tables, account)}
        assert set(kept.open) == set(rows)
        for order_id, view in kept.open.items():
            row = rows[order_id]
            assert (view.quantity, view.leaves_quantity, view.price_ticks, view.filled_value_minor) == (
                row.quantity, row.leaves_quantity, row.price_ticks, row.filled_value_minor,
            )  # fmt: skip
            assert view.quantity - view.filled_quantity == view.leaves_quantity
        assert all(view.end_reason and not view.leaves_quantity for view in kept.ended)
    quote = world.recent.instrument(1).top.quote(0)
    listed = tables.instruments[1]
    assert (quote.bid_ticks, quote.ask_ticks) == (listed.best_bid_ticks, listed.best_ask_ticks)
    for side, levels in (
        (Side.BUY, world.recent.instrument(1).top.bids),
        (Side.SELL, world.recent.instrument(1).top.asks),
    ):
        assert levels == {price: quantity for price, quantity, _ in reading.levels(tables, 1, side)}
    totals = tables.instruments[1]
    assert sum(trade.quantity for trade in world.recent.instrument(1).trades) == totals.volume
    assert sum(trade.value_minor for trade in world.recent.instrument(1).trades) == totals.turnover_minor


def test_a_dump_carries_everything_over(world: ObservedWorld) -> None:
    accounts = traffic(world, 7, 200)
    again = Recent(world.engine)
    again.load(world.recent.dump())
    assert (again.sequence, again.time_ns) == (world.recent.sequence, world.recent.time_ns)
    for account in accounts:
        assert list(again.orders(account)) == list(world.recent.orders(account))
        assert list(again.executions(account)) == list(world.recent.executions(account))
    mine, theirs = world.recent.instrument(1), again.instrument(1)
    assert (list(mine.trades), list(mine.quotes)) == (list(theirs.trades), list(theirs.quotes))
    assert mine.candles.kept() == theirs.candles.kept()
    assert mine.top.quote(0) == theirs.top.quote(0)
    for account in accounts:
        assert again.account(account).last_fills == world.recent.account(account).last_fills
        assert [again.fates.find(account, 1, number) for number in range(world.sent + 1)] == [
            world.recent.fates.find(account, 1, number) for number in range(world.sent + 1)
        ]
    assert again.fates.dump() == world.recent.fates.dump()
    # And both go on alike.
    world.recent, old = again, world.recent
    world.place(accounts[0], BUY, 100, 599_000)
    assert len(again.account(accounts[0]).open) == len(old.account(accounts[0]).open) + 1


def test_a_dump_carries_what_explains_over() -> None:
    """Liquidations, fundings, takeovers and rounds of a crisis, in the same order as if they had been observed."""
    engine = Engine()
    recent = Recent(engine)
    for number, (time_ns, record) in enumerate(story(Crisis, 2, 100).journal, 1):
        entry = wire.encode_entry(record, sequence=number, time_ns=time_ns, origin=1, origin_sequence=number)
        events = list(wire.events_of(engine.apply(entry)))
        recent.observe(next(wire.entries_of(entry)), events)
    again = Recent(engine)
    again.load(recent.dump())
    assert reasons_of(again) == reasons_of(recent)
    assert all(reasons_of(recent))


def reasons_of(recent: Recent) -> list[Any]:
    """All that is kept of why, as bytes."""
    kept = recent.reasons

    def plain(events: Iterable[wire.Event]) -> list[bytes]:
        return [bytes(event.head) + bytes(event.record) for event in events]

    return [
        kept.begun_sequence,
        {key: plain([event]) for key, event in kept._latest.items()},
        list(zip(kept._epochs, plain(kept._epochs.values()), strict=True)),
        [(number, plain(events)) for number, events in kept._takeovers.items()],
        {account: plain(events) for account, events in kept._accounts.items()},
        list(kept._order),
        plain(kept._rounds),
    ]


def test_a_name_used_again_belongs_to_the_younger_order(world: ObservedWorld) -> None:
    account = world.trader(60)
    first = world.place(account, BUY, 100, 590_000, client_id="name")[0].record.order_id
    world.amend(account, first, client_id="", new_client_id="other", quantity=200)
    assert world.recent.order_named(account, "name") is None
    renamed = world.recent.order_named(account, "other")
    assert renamed is not None
    assert renamed.order_id == first
    world.cancel(account, first)
    older = world.recent.order(account, first)
    younger = world.place(account, BUY, 100, 590_000, client_id="again")[0].record.order_id
    assert older is not None
    older.client_id = "again"
    again = Recent(world.engine)
    again.load(world.recent.dump())
    named = again.order_named(account, "again")
    assert named is not None
    assert named.order_id == younger


@pytest.mark.parametrize("data", [b"", b"rubbish", b"\x80", b"\xc1"])
def test_what_is_no_dump(world: ObservedWorld, data: bytes) -> None:
    before = world.recent.dump()
    with pytest.raises(ValueError, match="not a dump"):
        world.recent.load(data)
    assert world.recent.dump() == before


def test_another_version_is_refused(world: ObservedWorld) -> None:
    data = world.recent.dump().replace(b"\xa7version\x08", b"\xa7version\x07")
    with pytest.raises(ValueError, match="version 7, not 8"):
        Recent(world.engine).load(data)


def test_what_was_taken_is_of_its_moment_however_late_it_is_written(world: ObservedWorld) -> None:
    traffic(world, 5, 150)
    before, taken = world.recent.dump(), world.recent.taken()
    traffic(world, 6, 150)
    assert world.recent.dump() != before
    assert taken() == before


def test_an_observer_that_came_late_adopts_the_engine(world: ObservedWorld) -> None:
    accounts = traffic(world, 3, 150)
    late = Recent(world.engine)
    late.adopt(world.engine.sequence, world.engine.time_ns)
    for account in accounts:
        mine, theirs = late.account(account).open, world.recent.account(account).open
        assert set(mine) == set(theirs)
        for order_id, view in mine.items():
            assert (view.client_id, view.leaves_quantity, view.filled_quantity, view.side) == (
                theirs[order_id].client_id, theirs[order_id].leaves_quantity, theirs[order_id].filled_quantity,
                theirs[order_id].side,
            )  # fmt: skip
    assert late.instrument(1).top.quote(0) == world.recent.instrument(1).top.quote(0)
    stale = Recent(world.engine)
    order = world.place(accounts[0], BUY, 100, 590_000)[0].record.order_id
    stale.adopt(world.engine.sequence, world.engine.time_ns)
    world.cancel(accounts[0], order)
    stale.adopt(world.engine.sequence, world.engine.time_ns)
    assert stale.order(accounts[0], order) is None


def test_everything_is_bounded_but_open_orders(world: ObservedWorld) -> None:
    world.recent = small = Recent(world.engine, Bounds(orders=5, executions=7, trades=3, quotes=4, fates=6))
    maker, taker = world.trader(50), world.trader(51)
    for step in range(20):
        world.place(maker, SELL, 100, 600_000 + step, client_id=f"m{step}")
        world.place(taker, BUY, 100, 600_000 + step)
        world.place(maker, BUY, 100, 590_000 - step)
    kept = small.account(maker)
    assert (len(kept.ended), len(kept.fills), len(kept.reports), len(kept.open)) == (5, 7, 7, 20)
    assert (len(small.instrument(1).trades), len(small.instrument(1).quotes)) == (3, 4)
    assert small.order_named(maker, "m0") is None
    assert small.order_named(maker, "m19") is not None
    # Of the last nine commands six are the maker's; the taker's are still there, whatever the maker sends.
    assert small.fates.find(maker, 1, world.sent) is not None
    assert small.fates.find(maker, 1, world.sent - 9) is None
    assert small.fates.find(taker, 1, world.sent - 10) is not None
    assert len(list(small.orders(maker))) == 25


def test_orders_and_executions_come_in_order_without_being_sorted(world: ObservedWorld) -> None:
    accounts = traffic(world, 11, 200)
    for account in accounts:
        numbers = [one.order_id for one in world.recent.orders(account)]
        assert numbers == sorted(numbers)
        assert [one.order_id for one in world.recent.orders(account, reverse=True)] == numbers[::-1]
        kept = world.recent.account(account)
        assert len(numbers) == len(kept.open) + len(kept.ended)
        places = [(one.sequence, one.place) for one in world.recent.executions(account)]
        assert places == sorted(places)
        assert len(places) == len(kept.fills) + len(kept.reports)
        assert [(one.sequence, one.place) for one in world.recent.executions(account, reverse=True)] == places[::-1]


def test_what_is_kept_costs_the_collector_nothing(world: ObservedWorld) -> None:
    accounts = traffic(world, 5, 100)
    kept = world.recent.account(accounts[0])
    found: list[object] = [*kept.orders.values(), *kept.fills, *kept.reports]
    found += [*world.recent.instrument(1).trades, *world.recent.instrument(1).quotes]
    found += [one for fates in world.recent.fates.dump().fates.values() for one in fates]
    assert found
    assert not any(gc.is_tracked(one) for one in found)


def test_an_order_as_it_was_before_an_entry(world: ObservedWorld) -> None:
    maker, taker = world.trader(50), world.trader(51)
    order_id = world.place(maker, SELL, 500, 600_000)[0].record.order_id
    live = world.recent.order(maker, order_id)
    assert live is not None
    stale = live.as_now()
    world.place(taker, BUY, 200, 600_000)
    then = world.engine.sequence + 1
    world.place(taker, BUY, 100, 600_000)
    assert live.filled_quantity == 300
    before = world.recent.order_before(stale, then)
    assert (before.filled_quantity, before.leaves_quantity, before.filled_value_minor) == (200, 300, 333_334)
    assert world.recent.order_before(stale, then - 1) == stale


def test_the_words_of_an_amendment_are_not_those_of_the_orders_it_cuts(world: ObservedWorld) -> None:
    maker, taker = world.trader(1, 10**10), world.trader(2, 10**10)
    world.place(taker, SELL, 1000, 600_000)
    world.place(maker, BUY, 1000, 600_000)
    world.place(maker, SELL, 500, 600_050)
    world.place(maker, SELL, 1000, 600_100, reduce_only=True)
    world.place(taker, BUY, 500, 599_000)
    cut, amended = max(world.recent.account(maker).open), max(world.recent.account(taker).open)
    record = layout.Amend(account=taker, order_id=amended, price_ticks=600_060, leaves_quantity=-1)
    world.send(record, b"chasing")
    views = [world.recent.order(maker, cut), world.recent.order(taker, amended)]
    assert [(view.text, view.leaves_quantity) for view in views if view is not None] == [("", 500), ("chasing", 0)]


def test_texts_and_ends(world: ObservedWorld) -> None:
    account = world.trader(50)
    from tests.engine.worlds import place

    order_id = world.send(place(account, BUY, 100, 590_000), "grüße".encode())[0].record.order_id
    view = world.recent.order(account, order_id)
    assert view is not None
    assert view.text == "grüße"
    assert world.recent.order(account + 1, order_id) is None
    assert world.recent.is_anothers(account + 1, order_id)
    assert not world.recent.is_anothers(account, order_id)
    world.cancel(account, order_id)
    assert view.end_reason == EndReason.ENDED_CANCELED
    assert [one.change for one in world.recent.executions(account)] == [Change.PLACED, Change.ENDED]


def test_tick_directions() -> None:
    def after(price: int, direction: int, now: int) -> int:
        return direction_after(TradeView(1, 0, 0, 1, price, 1, 1, direction), now)

    assert direction_after(None, 5) == TickDirection.UP
    assert after(5, TickDirection.UP, 6) == TickDirection.UP
    assert after(5, TickDirection.UP, 4) == TickDirection.DOWN
    assert after(5, TickDirection.UP, 5) == TickDirection.SAME_AFTER_UP
    assert after(5, TickDirection.SAME_AFTER_UP, 5) == TickDirection.SAME_AFTER_UP
    assert after(5, TickDirection.DOWN, 5) == TickDirection.SAME_AFTER_DOWN
    assert after(5, TickDirection.SAME_AFTER_DOWN, 6) == TickDirection.UP


def test_a_fill_is_converted_by_the_index_of_its_own_entry_and_not_of_its_frame(world: ObservedWorld) -> None:
    maker, taker = world.trader(80, 10**11), world.trader(81, 10**11)
    world.place(maker, SELL, 10, 60_000, instrument=2)
    later = Recent(world.engine)
    later.load(world.recent.dump())
    before = world.engine.sequence
    world.place(taker, BUY, 10, 60_000, instrument=2)
    world.price(1, 6_100_000, 1)
    # As a replica tells it: the engine has applied both entries already.
    for entry in world.journal[before:]:
        told = wire.entry_of(entry)
        events = [event for event in world.told if event.head.sequence == told.head.sequence]
        later.observe(told, events)
    assert later.instrument(2).trades[-1].conversion_units == world.recent.instrument(2).trades[-1].conversion_units
    assert world.engine.tables.indices[1].value_units != later.instrument(2).trades[-1].conversion_units


def test_what_has_been_forgotten_is_told_also_after_a_restart(world: ObservedWorld) -> None:
    world.recent = small = Recent(world.engine, Bounds(orders=2, executions=3, trades=2, quotes=2))
    maker, taker = world.trader(50), world.trader(51)
    kept, shelf = small.account(maker), small.instrument(1)
    assert (kept.fills.forgotten, kept.ended.forgotten, shelf.trades.forgotten) == (None, None, None)
    trades = []
    for step in range(4):
        world.place(maker, SELL, 100, 600_000 + step)
        world.place(taker, BUY, 100, 600_000 + step)
        trades.append(world.engine.sequence)
    told = [one.sequence if one is not None else 0 for one in (kept.fills.forgotten, shelf.trades.forgotten)]
    assert told == [trades[0], trades[1]]
    assert kept.ended.forgotten is not None
    assert kept.ended.forgotten.changed_sequence == trades[1]
    again = Recent(world.engine, Bounds(orders=2, executions=3, trades=2, quotes=2))
    again.load(small.dump())
    # The oldest that is kept counts as forgotten, for nobody knows any more what was before it.
    same = again.account(maker), again.instrument(1)
    told = [one.sequence if one is not None else 0 for one in (same[0].fills.forgotten, same[1].trades.forgotten)]
    assert told == [trades[1], trades[2]]
    assert same[0].ended.forgotten is not None
    assert same[0].ended.forgotten.changed_sequence == trades[2]
    assert again.begun_sequence == world.engine.sequence
