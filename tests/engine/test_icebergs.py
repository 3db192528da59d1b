"""Icebergs and hidden orders at their level: who trades when, what is said, what a snapshot knows (ORD-20)."""

import pytest

from outcry.engine import engine, reading
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import EndReason, EventKind
from outcry.simulation.auditor import Auditor
from outcry.simulation.auditor_compared import compare
from tests.engine.plain import plain_engine
from tests.engine.worlds import BUY, SELL, World, of_kind, one, refused, xbtusd
from tests.laws import invariants

MARK = 100_000
LOT = 100


def venue(count: int = 5) -> tuple[World, list[int]]:
    world = xbtusd()
    return world, [world.trader(100 + at, 100 * 10**8) for at in range(count)]


def agree(world: World) -> None:
    """Nothing is broken, the other mode came to the same, and a snapshot restores it."""
    invariants.check(world.engine.tables)
    twin = plain_engine()
    twin.apply(b"".join(world.journal))
    assert twin.roots() == world.engine.roots()
    again = Engine.restore(world.engine.snapshot())
    assert again.roots() == world.engine.roots()
    invariants.check(again.tables)
    audit(world)
    for side in (BUY, SELL):
        found = [list(reading.queue(one.tables, 1, side)) for one in (again, world.engine)]
        assert found[0] == found[1]


def audit(world: World) -> None:
    """The auditor who was not in the room finds nothing, and the venue's rows are his books."""
    auditor, machine = Auditor(), Engine()
    for entry in world.journal:
        auditor.hear(entry, machine.apply(entry))
    compare(auditor.books, machine.tables)
    assert machine.roots() == world.engine.roots()


def fills(events: list[wire.Event]) -> list[tuple[int, int, int]]:
    """Maker, quantity, and whether that part was hidden."""
    found = of_kind(events, EventKind.FILL)
    return [(fill.maker_account, fill.quantity, fill.maker_hidden) for fill in found]


def book(world: World, side: int) -> list[tuple[int, int, int]]:
    return reading.levels(world.engine.tables, 1, side)


@pytest.mark.parametrize(("taker", "shares", "rest"), [(300, [150, 75, 75], 0), (600, [200, 100, 100], 200)])
def test_hidden_quantity_is_shared_in_proportion(taker: int, shares: list[int], rest: int) -> None:
    """Vectors ORD-12 and ORD-13 of the collected mechanics, in lots; what is over trades at the next level."""
    world, (one_, two, three, other, buyer) = venue()
    for account, lots in ((one_, 200), (two, 100), (three, 100)):
        world.place(account, SELL, lots * LOT, MARK, display_quantity=0)
    world.place(other, SELL, 1_000 * LOT, MARK + 5)
    assert book(world, SELL) == [(MARK + 5, 1_000 * LOT, 1)]
    events = world.place(buyer, BUY, taker * LOT, MARK + 5)
    expected = [(account, share * LOT, 1) for account, share in zip((one_, two, three), shares, strict=True)]
    assert fills(events) == expected + ([(other, rest * LOT, 0)] if rest else [])
    agree(world)


def test_an_iceberg_takes_with_all_of_it() -> None:
    """Vectors ORD-21 and ORD-22 of the collected mechanics."""
    world, (one_, two, three, _, berg) = venue()
    for account, lots in ((one_, 30), (two, 40), (three, 50)):
        world.place(account, SELL, lots * LOT, MARK)
    events = world.place(berg, BUY, 100 * LOT, MARK, display_quantity=10 * LOT)
    assert fills(events) == [(one_, 30 * LOT, 0), (two, 40 * LOT, 0), (three, 30 * LOT, 0)]
    assert book(world, SELL) == [(MARK, 20 * LOT, 1)]
    world, (one_, two, *_, berg) = venue()
    world.place(one_, SELL, 20 * LOT, MARK)
    world.place(two, SELL, 30 * LOT, MARK)
    world.place(berg, BUY, 100 * LOT, MARK, display_quantity=10 * LOT)
    assert book(world, BUY) == [(MARK, 10 * LOT, 1)]
    assert world.engine.tables.positions[1].quantity
    agree(world)


def test_a_visible_part_that_is_used_up_comes_back_behind_the_others() -> None:
    world, (berg, plain, buyer, _, _) = venue()
    world.place(berg, SELL, 10 * LOT, MARK, display_quantity=3 * LOT)
    world.place(plain, SELL, 5 * LOT, MARK)
    assert book(world, SELL) == [(MARK, 8 * LOT, 2)]
    events = world.place(buyer, BUY, 3 * LOT, MARK)
    assert fills(events) == [(berg, 3 * LOT, 0)]
    said = of_kind(events, EventKind.LEVEL_CHANGED)[-1]
    assert (said.quantity, said.orders) == (8 * LOT, 2)
    agree(world)
    # It stands behind the plain one now; the next two takers meet that one first.
    assert fills(world.place(buyer, BUY, 6 * LOT, MARK)) == [(plain, 5 * LOT, 0), (berg, LOT, 0)]
    agree(world)
    assert book(world, SELL) == [(MARK, 2 * LOT, 1)]


def test_hidden_parts_trade_after_everything_that_is_shown() -> None:
    world, (berg, hidden, plain, buyer, _) = venue()
    world.place(hidden, SELL, 6 * LOT, MARK, display_quantity=0)
    world.place(berg, SELL, 8 * LOT, MARK, display_quantity=2 * LOT)
    world.place(plain, SELL, 3 * LOT, MARK)
    assert book(world, SELL) == [(MARK, 5 * LOT, 2)]
    events = world.place(buyer, BUY, 9 * LOT, MARK)
    # Shown 2 and 3 first; of the hidden 6 and 6 four are wanted: two of each.
    assert fills(events) == [(berg, 2 * LOT, 0), (plain, 3 * LOT, 0), (hidden, 2 * LOT, 1), (berg, 2 * LOT, 1)]
    assert book(world, SELL) == [(MARK, 2 * LOT, 1)]
    agree(world)


def test_what_is_hidden_pays_as_a_taker_and_is_not_said() -> None:
    world, (hidden, buyer, *_) = venue()
    events = world.place(hidden, SELL, 10 * LOT, MARK, display_quantity=0)
    assert [EventKind(event.head.kind).name for event in events] == ["PLACED"]
    fill = one(world.place(buyer, BUY, 4 * LOT, MARK), EventKind.FILL)
    assert fill.maker_fee_minor == fill.taker_fee_minor > 0
    order = fill.maker_order_id
    assert not of_kind(world.amend(hidden, order, leaves_quantity=5 * LOT), EventKind.LEVEL_CHANGED)
    assert not of_kind(world.amend(hidden, order, price_ticks=MARK + 3), EventKind.LEVEL_CHANGED)
    assert not of_kind(world.cancel(hidden, order), EventKind.LEVEL_CHANGED)
    agree(world)


def test_an_iceberg_that_is_made_smaller_keeps_its_place_and_loses_what_it_hides_first() -> None:
    world, (berg, plain, buyer, _, _) = venue()
    order = one(world.place(berg, SELL, 10 * LOT, MARK, display_quantity=4 * LOT), EventKind.PLACED).order_id
    world.place(plain, SELL, LOT, MARK)
    amended = one(world.amend(berg, order, leaves_quantity=3 * LOT), EventKind.AMENDED)
    assert (amended.kept_place, amended.display_quantity) == (1, 4 * LOT)
    assert book(world, SELL) == [(MARK, 4 * LOT, 2)]
    assert fills(world.place(buyer, BUY, 4 * LOT, MARK)) == [(berg, 3 * LOT, 0), (plain, LOT, 0)]
    agree(world)


def test_reduce_only_icebergs_are_cut_like_others_and_a_snapshot_knows_which_is_the_newest() -> None:
    world, (holder, other, buyer, _, _) = venue()
    world.place(other, SELL, 20 * LOT, MARK)
    world.place(holder, BUY, 20 * LOT, MARK)
    for quantity, display in ((6, 2), (6, 0), (6, 3)):
        world.place(holder, SELL, quantity * LOT, MARK + 1, display_quantity=display * LOT, reduce_only=True)
    world.place(buyer, BUY, 2 * LOT, MARK + 1)
    agree(world)
    copy = Engine.restore(world.engine.snapshot())
    # The position shrinks by ten: the orders do not fit any more, and the newest is cut first.
    world.place(buyer, BUY, 10 * LOT, MARK - 2)
    entry = world.journal[-1]
    assert copy.apply(entry)
    events = world.place(holder, SELL, 10 * LOT, MARK - 2)
    assert of_kind(events, EventKind.FILL)
    copy.apply(world.journal[-1])
    assert copy.roots() == world.engine.roots()
    agree(world)


def test_a_hidden_own_order_is_met_at_its_turn() -> None:
    world, (own, hidden, _, _, _) = venue()
    world.place(hidden, SELL, 4 * LOT, MARK, display_quantity=0)
    world.place(own, SELL, 4 * LOT, MARK, display_quantity=0)
    events = world.place(own, BUY, 4 * LOT, MARK)
    assert fills(events) == [(hidden, 2 * LOT, 1)]
    assert one(events, EventKind.ENDED).reason == EndReason.ENDED_SELF_TRADE
    agree(world)


def test_shares_begin_again_when_one_who_shares_ends() -> None:
    world, (holder, hidden, other, buyer, _) = venue()
    world.place(other, SELL, 8 * LOT, MARK)
    world.place(holder, BUY, 8 * LOT, MARK)
    world.place(holder, SELL, 8 * LOT, MARK + 1, display_quantity=0, reduce_only=True)
    world.place(holder, SELL, 8 * LOT, MARK + 1, display_quantity=0)
    world.place(hidden, SELL, 8 * LOT, MARK + 1, display_quantity=0)
    events = world.place(buyer, BUY, 12 * LOT, MARK + 1)
    # 12 of 24: 4 and 4.  The second four leave nothing to reduce, so the first order ends; 4 of 4 + 8: 1 and 3.
    expected = [(holder, 4 * LOT, 1), (holder, 4 * LOT, 1), (holder, LOT, 1), (hidden, 3 * LOT, 1)]
    assert fills(events) == expected
    assert EndReason.ENDED_REDUCE_ONLY in [ended.reason for ended in of_kind(events, EventKind.ENDED)]
    agree(world)


@pytest.mark.parametrize("shown", [-2, LOT + 1, 11 * LOT, 2**62, -(2**63)])
def test_a_visible_part_is_whole_lots_within_the_quantity(shown: int) -> None:
    world, (account, *_) = venue()
    assert refused(world.place(account, BUY, 10 * LOT, MARK, display_quantity=shown)) == "DISPLAY_INVALID"


def test_a_deep_level_is_shared_alike_however_small_the_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A taker that stops for want of room in the middle of sharing comes to the same as one that does not."""
    monkeypatch.setattr(engine, "EVENT_BUFFER_BYTES", layout.EVENT_ROOM_BYTES + 4096)
    small = venue(50)
    monkeypatch.undo()
    large = venue(50)
    said = []
    for world, accounts in (small, large):
        for at, account in enumerate(accounts[:-1]):
            world.place(account, SELL, 30 * LOT, MARK, display_quantity=(0, 3 * LOT)[at % 2])
        events = world.place(accounts[-1], BUY, 900 * LOT, MARK)
        assert sum(quantity for _, quantity, _ in fills(events)) == 900 * LOT
        assert len(fills(events)) == 24 + 49
        said.append([(bytes(event.head), bytes(event.record)) for event in events])
        agree(world)
    assert said[0] == said[1]
    assert small[0].engine.roots() == large[0].engine.roots()
