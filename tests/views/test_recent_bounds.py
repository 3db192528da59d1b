"""What `Recent` remembers has an end: of one account, of all together, and in bytes."""

import gc
import tracemalloc
from pathlib import Path

import outcry.views
from outcry.views.bounded import Bounded, Together
from outcry.views.recent import Recent
from outcry.views.shelves import Bounds
from tests.engine.worlds import BUY, SELL
from tests.gateway.venues import ObservedWorld, listed_world

VIEWS = str(Path(outcry.views.__file__).parent / "*")
FULL = 150
"""So many rounds fill everything that the bounds below allow."""


def trade(world: ObservedWorld, accounts: list[int], rounds: int) -> None:
    """Every account in turn makes, takes and cancels."""
    for number in range(rounds):
        maker, taker = accounts[number % len(accounts)], accounts[(number + 1) % len(accounts)]
        world.place(maker, SELL, 100, 600_000 + number % 7, client_id=f"{world.sent}")
        world.place(taker, BUY, 100, 600_000 + number % 7)
        world.place(maker, BUY, 100, 590_000, client_id=f"{world.sent}")
        world.cancel_all(maker)


def views_bytes() -> int:
    """What the views have made and still hold."""
    gc.collect()
    shot = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, VIEWS)])
    return sum(one.size for one in shot.statistics("filename"))


def test_what_is_remembered_takes_no_more_memory_once_it_is_full() -> None:
    world = listed_world()
    small = Bounds(orders=20, executions=20, trades=30, quotes=20, fates=40, orders_in_all=90, executions_in_all=150)
    accounts = [world.trader(50 + number) for number in range(5)]
    world.recent = Recent(world.engine, small)
    world.recent.adopt(world.engine.sequence, world.engine.time_ns)
    tracemalloc.start()
    try:
        trade(world, accounts, FULL)
        full = views_bytes()
        trade(world, accounts, FULL)
        twice = views_bytes()
    finally:
        tracemalloc.stop()
    assert full > 50_000
    assert abs(twice - full) < 8_000


def test_of_all_accounts_together_so_much_is_kept_also_after_a_restart() -> None:
    world = listed_world()
    bounds = Bounds(orders_in_all=12, executions_in_all=30, moves_in_all=4)
    accounts = [world.trader(50 + number) for number in range(6)]
    world.recent = Recent(world.engine, bounds)
    world.recent.adopt(world.engine.sequence, world.engine.time_ns)
    trade(world, accounts, 24)
    for account in accounts:
        world.deposit(account, 10**8)
    again = Recent(world.engine, bounds)
    again.load(world.recent.dump())
    for recent in (world.recent, again):
        kept = [recent.account(account) for account in accounts]
        # Beside these the newest of each queue stays.
        assert 12 <= sum(len(one.ended) for one in kept) <= 12 + 6
        assert 30 <= sum(len(one.fills) + len(one.reports) for one in kept) <= 30 + 12
        assert all(len(one.ended) and len(one.fills) and len(one.reports) for one in kept)
        # Everybody has lost something, which is told.
        for queue in (queue for one in kept for queue in (one.fills, one.reports)):
            assert queue.forgotten is not None
            assert queue.forgotten.sequence <= queue[0].sequence
        assert all(recent.order(one.account, one.order_id) is one for shelf in kept for one in shelf.ended)
        assert sum(len(one.orders) for one in kept) == sum(len(one.ended) for one in kept)
    assert 4 <= sum(len(world.recent.account(account).moves) for account in accounts) <= 4 + 6
    # What is taken over goes on in step.
    world.recent = again
    trade(world, accounts, 24)
    assert sum(len(again.account(account).ended) for account in accounts) <= 12 + 6


def test_every_item_has_a_turn() -> None:
    together: Together[int] = Together(5)
    queues: list[Bounded[int]] = [Bounded(), Bounded()]
    for number in range(4):
        together.keep(queues[0], number, 3)
    assert (list(queues[0]), queues[0].forgotten, len(together)) == ([1, 2, 3], 0, 3)
    for number in range(10, 16):
        together.keep(queues[1], number, 9)
    # The first queue has had its turns first, and keeps its last.
    assert [list(one) for one in queues] == [[3], [11, 12, 13, 14, 15]]
    assert (queues[0].forgotten, queues[1].forgotten, len(together)) == (2, 10, 5)
    again: Together[int] = Together(3)
    again.begin(queues, lambda one: one)
    assert [list(one) for one in queues] == [[3], [13, 14, 15]]


def test_bounds_are_scaled_together() -> None:
    assert Bounds.of(2_000) == Bounds()
    assert Bounds.of(200).trades == Bounds().trades // 10
    assert Bounds.of(200).executions_in_all == Bounds().executions_in_all // 10
