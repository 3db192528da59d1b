"""What goes on at a level while it is shared: other takers, cuts and ends, and what is said meanwhile (ORD-20)."""

from typing import Any

import pytest

from outcry.protocol import wire
from outcry.protocol.layout import Contingency, EndReason, EventKind, SelfTrade, TimeInForce
from tests.engine.test_icebergs import LOT, MARK, agree, fills, venue
from tests.engine.worlds import BUY, SELL, World, of_kind, one, place


def rest(world: World, account: int, side: int, lots: int, away: int = 0, **more: Any) -> list[wire.Event]:
    """An order for so many lots, so far from the mark; linked to others of its account if a link is given."""
    link, shows = more.pop("link", ""), more.pop("shows", -1)
    more["display_quantity"] = shows * LOT if shows > 0 else shows
    record = place(account, side, lots * LOT, MARK + away, **more)
    if link:
        record.contingency = Contingency.ONE_CANCELS_OTHER
        wire.put_client_id(record.link_id, link)
    return world.send(record)


def said(events: list[wire.Event]) -> list[tuple[int, int]]:
    """Lots and orders of the changes of levels."""
    return [(one_.quantity // LOT, one_.orders) for one_ in of_kind(events, EventKind.LEVEL_CHANGED)]


def shares(events: list[wire.Event]) -> list[tuple[int, int]]:
    return [(account, quantity // LOT) for account, quantity, _ in fills(events)]


def test_every_taker_shares_anew() -> None:
    world, (one_, two, buyer, *_) = venue()
    rest(world, one_, SELL, 8, shows=0)
    rest(world, two, SELL, 8, shows=0)
    assert shares(rest(world, buyer, BUY, 6)) == [(one_, 3), (two, 3)]
    assert shares(rest(world, buyer, BUY, 6)) == [(one_, 3), (two, 3)]
    agree(world)


def test_what_is_cut_at_another_price_changes_nothing_for_those_who_share() -> None:
    """Four of 4 + 1: three and one.  Shared anew after the first three it would be the last one's again."""
    world, (holder, berg, other, buyer, _) = venue()
    rest(world, other, SELL, 4)
    rest(world, holder, BUY, 4)
    rest(world, holder, SELL, 4, 5, shows=0, reduce_only=True)
    rest(world, holder, SELL, 4, shows=0)
    rest(world, berg, SELL, 1, shows=0)
    events = rest(world, buyer, BUY, 4)
    assert of_kind(events, EventKind.AMENDED)
    assert shares(events) == [(holder, 3), (berg, 1)]
    agree(world)


def test_a_level_that_is_said_in_between_does_not_count_an_iceberg_that_shows_nothing() -> None:
    world, (berg, other, buyer, *_) = venue()
    rest(world, berg, SELL, 5, shows=2, link="l")
    rest(world, berg, SELL, 3, link="l")
    rest(world, other, SELL, 4)
    events = rest(world, buyer, BUY, 3)
    assert shares(events) == [(berg, 2), (other, 1)]
    assert of_kind(events, EventKind.ENDED)[0].reason == EndReason.ENDED_LINKED
    assert said(events) == [(4, 1), (5, 2)]
    agree(world)


def test_a_level_is_said_when_it_is_cut_and_again_when_icebergs_show_their_next_part() -> None:
    world, (holder, berg, other, buyer, _) = venue()
    rest(world, other, SELL, 4)
    rest(world, holder, BUY, 4)
    rest(world, berg, SELL, 5, shows=2)
    rest(world, holder, SELL, 3)
    rest(world, holder, SELL, 4, shows=1, reduce_only=True)
    events = rest(world, buyer, BUY, 4)
    assert shares(events) == [(berg, 2), (holder, 2)]
    assert one(events, EventKind.AMENDED).leaves_quantity == 2 * LOT
    assert said(events) == [(2, 2), (4, 3)]
    agree(world)


def test_a_hidden_taker_goes_on_after_another_order_was_cut() -> None:
    world, (holder, other, hider, *_) = venue()
    rest(world, other, SELL, 4)
    rest(world, holder, BUY, 4)
    rest(world, holder, SELL, 3)
    rest(world, other, SELL, 3)
    rest(world, holder, SELL, 4, 5, reduce_only=True)
    events = rest(world, hider, BUY, 9, shows=0)
    assert shares(events) == [(holder, 3), (other, 3)]
    assert one(events, EventKind.AMENDED).leaves_quantity == LOT
    agree(world)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (SelfTrade.EXPIRE_TAKER, [(0, 2)]),
        (SelfTrade.EXPIRE_MAKER, [(0, 2), (0, 2), (2, 2)]),
        (SelfTrade.EXPIRE_BOTH, [(0, 2)]),
    ],
)
def test_a_hidden_order_of_the_takers_own(mode: SelfTrade, expected: list[tuple[int, int]]) -> None:
    """Six of 8 + 8 + 8: two of the first.  Then the own one is met; if it ends, four of 6 + 8 are two and two."""
    world, accounts = venue()
    for account in accounts[:3]:
        rest(world, account, SELL, 8, shows=0)
    events = rest(world, accounts[1], BUY, 6, self_trade=mode)
    assert shares(events) == [(accounts[at], lots) for at, lots in expected]
    ended = [row.account for row in of_kind(events, EventKind.ENDED) if row.reason == EndReason.ENDED_SELF_TRADE]
    assert ended == [accounts[1]] * (2 if mode == SelfTrade.EXPIRE_BOTH else 1)
    agree(world)


def test_nobody_counts_on_an_order_that_another_of_its_group_may_cancel() -> None:
    """ORD-11, MRG-01: two of which one cancels the other are shown, and only one of them is to be had."""
    world, (holder, seller, buyer, *_) = venue()
    poor = world.trader(900, 70_000)
    rest(world, holder, SELL, 5, link="l")
    rest(world, holder, SELL, 5, link="l")
    events = rest(world, buyer, BUY, 10, time_in_force=TimeInForce.FILL_OR_KILL)
    assert one(events, EventKind.ENDED).reason == EndReason.ENDED_KILLED
    rest(world, seller, SELL, 10, 400)
    events = rest(world, poor, BUY, 10, 400, time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL)
    assert of_kind(events, EventKind.REFUSED)
    assert shares(rest(world, buyer, BUY, 10, time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL)) == [(holder, 5)]
    agree(world)
