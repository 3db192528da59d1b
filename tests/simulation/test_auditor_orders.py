"""The auditor's checks of rungs, auctions, triggers and links (AUD-31 to AUD-34), each broken on purpose.

A small world plays the rule, and is sound.  Then something in what one entry said is another number, is missing, or is
said of another order, and the auditor names that very entry and that check.
"""

import ctypes
from collections.abc import Callable
from typing import Any

import pytest

from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    AccountState,
    ConditionStage,
    Contingency,
    EndReason,
    EventKind,
    InstrumentState,
    StateCause,
    TimeInForce,
    TriggerReference,
    VenueState,
)
from outcry.simulation.auditor import AuditBreach
from tests.engine.conditioned import linked, stop, trailing, work
from tests.engine.worlds import BUY, SELL, World, place, xbtusd
from tests.simulation.test_auditor import Stream, heard, recorded

MARK = 100_000
LOT = 100
OCO, OTO = Contingency.ONE_CANCELS_OTHER, Contingency.ONE_TRIGGERS_OTHER
ON_MARK = TriggerReference.ON_MARK
Said = list[tuple[int, Any]]
Scene = Callable[[World, int, int], None]


def at_mark(world: World, ticks: int) -> None:
    """The mark is this; the work that follows is not done yet."""
    world.price(1, ticks * 10)


# What is played: what its last entry said is changed.


def rung_of_an_instrument(world: World, owner: int, other: int) -> None:
    record = layout.SetInstrumentState(instrument=1, state=InstrumentState.INSTRUMENT_PAUSED)
    record.cause, record.until_ns = StateCause.CAUSE_TECHNICAL, world.now_ns + 5 * 10**9
    record.next_state = InstrumentState.INSTRUMENT_POSTING
    world.send(record)


def rung_of_an_instrument_that_ends(world: World, owner: int, other: int) -> None:
    rung_of_an_instrument(world, owner, other)
    world.wait(5)
    world.send(layout.Tick())


def rung_of_the_venue(world: World, owner: int, other: int) -> None:
    record = layout.SetVenueState(state=VenueState.VENUE_POSTING, cause=StateCause.CAUSE_MARKET)
    record.until_ns = world.now_ns + 5 * 10**9
    world.send(record)


def rung_of_the_venue_that_ends(world: World, owner: int, other: int) -> None:
    rung_of_the_venue(world, owner, other)
    world.wait(5)
    world.send(layout.Tick())


def rung_of_an_account(world: World, owner: int, other: int) -> None:
    record = layout.SetAccountState(account=owner, state=AccountState.ACCOUNT_REDUCING)
    record.cause, record.until_ns = StateCause.CAUSE_COMPLIANCE, world.now_ns + 5 * 10**9
    world.send(record)


def auction(world: World, owner: int, other: int) -> None:
    """Two bids, two asks at 10,000, so that 300 trade; each second says so."""
    world.send(layout.SetInstrumentState(instrument=1, state=InstrumentState.INSTRUMENT_AUCTION))
    for quantity in (LOT, 3 * LOT):
        world.place(owner, BUY, quantity, MARK + 10)
        world.place(other, SELL, quantity - LOT or LOT, MARK - 10)
    world.wait(1)
    world.send(layout.Tick())


def uncrossing(world: World, owner: int, other: int) -> None:
    auction(world, owner, other)
    world.send(layout.SetInstrumentState(instrument=1, state=InstrumentState.INSTRUMENT_OPEN))
    world.carry_on()


def triggers(world: World, owner: int, other: int) -> None:
    """Two stops at different prices and one behind the first; the mark falls past all of them."""
    for away in (50, 80, 50):
        world.send(stop(owner, SELL, LOT, MARK - away, trigger_reference=ON_MARK))
    at_mark(world, MARK - 100)
    world.carry_on()


def trail(world: World, owner: int, other: int) -> None:
    world.send(trailing(owner, SELL, LOT, -500, trigger_reference=ON_MARK))
    at_mark(world, MARK + 1_000)
    world.wait(1)
    world.send(layout.Tick())
    world.carry_on()


def day(world: World, owner: int, other: int) -> None:
    """One for the day that ends, placed before it, and one placed after midnight."""
    midnight = (world.now_ns // layout.DAY_NS + 1) * layout.DAY_NS
    for at in (midnight - 10**9, midnight):
        world.now_ns = at
        world.place(owner, BUY, LOT, MARK - 500, time_in_force=TimeInForce.DAY)
    world.carry_on()


def cancelling(world: World, owner: int, other: int) -> None:
    """The profit of a pair trades, and the stop ends."""
    world.send(linked(place(owner, SELL, LOT, MARK + 10), "pair", OCO))
    world.send(linked(stop(owner, SELL, LOT, MARK - 900, trigger_reference=ON_MARK), "pair", OCO))
    world.place(other, BUY, LOT, MARK + 10)


def released(world: World, owner: int, other: int) -> None:
    world.send(linked(place(owner, BUY, LOT, MARK - 10), "bracket", OTO))
    for away in (30, 40):
        world.send(linked(place(owner, SELL, LOT, MARK + away), "bracket", OCO))
    world.place(other, SELL, LOT, MARK - 10)
    world.carry_on()


def orphaned(world: World, owner: int, other: int) -> None:
    world.send(linked(place(owner, BUY, LOT, MARK - 10), "bracket", OTO))
    world.send(linked(place(owner, SELL, LOT, MARK + 30), "bracket", OCO))
    world.cancel_all(owner, side=BUY)


def paused(world: World, owner: int, other: int) -> None:
    """Two that were released wait for their instrument, and go on when it opens."""
    world.send(linked(place(owner, BUY, LOT, MARK - 10), "bracket", OTO))
    for away in (30, 40):
        world.send(linked(place(owner, SELL, LOT, MARK + away), "bracket", OTO))
    world.place(other, SELL, LOT, MARK - 10)
    world.send(layout.SetInstrumentState(instrument=1, state=InstrumentState.INSTRUMENT_PAUSED))
    work(world)
    world.send(layout.SetInstrumentState(instrument=1, state=InstrumentState.INSTRUMENT_OPEN))
    world.carry_on()


# How what was said is changed.


def number(kind: EventKind, field: str, by: int = 1, nth: int = 0) -> Callable[[Said], Said]:
    """Another number in one event of this kind."""

    def change(said: Said) -> Said:
        record = [record for of, record in said if of == kind][nth]
        setattr(record, field, getattr(record, field) + by)
        return said

    return change


def silence(kind: EventKind, **fields: int) -> Callable[[Said], Said]:
    """Events of this kind and with these numbers are not said."""

    def is_one(of: int, record: Any) -> bool:
        return of == kind and all(getattr(record, name) == value for name, value in fields.items())

    def change(said: Said) -> Said:
        left = [(of, record) for of, record in said if not is_one(of, record)]
        assert len(left) < len(said)
        return left

    return change


def only(*kinds: EventKind) -> Callable[[Said], Said]:
    """Nothing else is said."""
    return lambda said: [(of, record) for of, record in said if of in kinds]


def exchange(kind: EventKind, *fields: str) -> Callable[[Said], Said]:
    """The first two events of a kind are each about what the other is about."""

    def change(said: Said) -> Said:
        one, two = [record for of, record in said if of == kind][:2]
        for name in fields:
            first, second = getattr(one, name), getattr(two, name)
            setattr(one, name, second)
            setattr(two, name, first)
        return said

    return change


def rewritten(events: bytes, change: Callable[[Said], Said]) -> bytes:
    """Another buffer of events, numbered as they come."""
    slices = list(wire.event_slices(events))
    said = [(head.kind, layout.EVENT_CLASSES[EventKind(head.kind)].from_buffer_copy(data)) for head, data in slices]
    head, out = slices[0][0], bytearray()
    for ordinal, (kind, record) in enumerate(change(said)):
        head.ordinal, head.kind, head.record_bytes = ordinal, kind, ctypes.sizeof(record)
        out += bytes(head) + bytes(record)
    return bytes(out)


STATE, VENUE, ACCOUNT = EventKind.INSTRUMENT_STATE_SET, EventKind.VENUE_STATE_SET, EventKind.ACCOUNT_STATE_SET
INDICATED, TRIGGERED, ENDED = EventKind.AUCTION_INDICATED, EventKind.TRIGGERED, EventKind.ENDED
WHOSE = "order_id", "trigger_subticks"
PLANTS: list[tuple[str, Scene, Callable[[Said], Said]]] = [
    ("AUD-31", rung_of_an_instrument, number(STATE, "cause")),
    ("AUD-31", rung_of_an_instrument, number(STATE, "until_ns")),
    ("AUD-31", rung_of_an_instrument, number(STATE, "next_state", -1)),
    ("AUD-31", rung_of_an_instrument_that_ends, number(STATE, "state", -1)),
    ("AUD-31", rung_of_an_instrument_that_ends, number(STATE, "cause", -1)),
    ("AUD-31", rung_of_the_venue, number(VENUE, "until_ns", -1)),
    ("AUD-31", rung_of_the_venue, number(VENUE, "cause")),
    ("AUD-31", rung_of_the_venue_that_ends, number(VENUE, "state")),
    ("AUD-31", rung_of_an_account, number(ACCOUNT, "until_ns")),
    ("AUD-31", rung_of_an_account, number(ACCOUNT, "cause", -1)),
    ("AUD-32", auction, number(INDICATED, "price_ticks")),
    ("AUD-32", auction, number(INDICATED, "volume", LOT)),
    ("AUD-32", auction, number(INDICATED, "surplus", -1)),
    ("AUD-32", uncrossing, number(INDICATED, "price_ticks")),
    ("AUD-32", uncrossing, number(EventKind.FILL, "price_ticks")),
    ("AUD-32", uncrossing, number(EventKind.FILL, "auction", -1)),
    ("AUD-32", uncrossing, exchange(EventKind.FILL, "taker_order_id", "maker_order_id")),
    ("AUD-32", uncrossing, only(INDICATED, STATE, EventKind.CONTINUED)),
    ("AUD-33", triggers, exchange(TRIGGERED, *WHOSE)),
    ("AUD-33", triggers, number(TRIGGERED, "reached_subticks", 1_000)),
    ("AUD-33", triggers, number(TRIGGERED, "trigger_subticks", -1)),
    ("AUD-33", triggers, number(TRIGGERED, "stage", ConditionStage.STAGE_ARMED - ConditionStage.STAGE_LIVE)),
    ("AUD-33", triggers, only(EventKind.CONTINUED)),
    ("AUD-33", trail, number(EventKind.TRAILED, "trigger_subticks")),
    ("AUD-33", trail, number(EventKind.TRAILED, "reference_subticks", -10_000)),
    ("AUD-33", day, number(ENDED, "order_id")),
    ("AUD-34", cancelling, silence(ENDED, reason=EndReason.ENDED_LINKED)),
    ("AUD-34", cancelling, lambda said: [said[0], *(one for one in said if one[0] == ENDED), *said[1:]]),
    ("AUD-34", released, exchange(TRIGGERED, "order_id")),
    ("AUD-34", released, number(TRIGGERED, "stage", ConditionStage.STAGE_ARMED - ConditionStage.STAGE_LIVE)),
    ("AUD-34", released, only(EventKind.CONTINUED)),
    ("AUD-34", orphaned, silence(ENDED, reason=EndReason.ENDED_PRIMARY)),
    ("AUD-34", orphaned, number(ENDED, "reason", EndReason.ENDED_LINKED - EndReason.ENDED_PRIMARY, nth=1)),
    ("AUD-34", paused, exchange(TRIGGERED, "order_id")),
    ("AUD-34", paused, only(EventKind.CONTINUED)),
]


@pytest.mark.parametrize(("check", "scene", "change"), PLANTS)
def test_what_is_said_of_orders_and_rungs_is_named_when_it_is_wrong(
    check: str, scene: Scene, change: Callable[[Said], Said]
) -> None:
    stream: Stream = []
    with recorded(stream):
        world = xbtusd()
        scene(world, world.trader(1), world.trader(2))
    heard(stream)
    body, events = stream[-1]
    with pytest.raises(AuditBreach) as caught:
        heard([*stream[:-1], (body, rewritten(events, change))])
    assert (caught.value.check, caught.value.sequence) == (check, len(stream))


def test_a_rung_that_is_over_and_holds_on_is_named() -> None:
    """AUD-31: the tick does not say that it is over, and an order is taken on it."""
    stream: Stream = []
    with recorded(stream):
        world = xbtusd()
        owner = world.trader(1)
        rung_of_the_venue_that_ends(world, owner, 0)
        world.place(owner, BUY, LOT, MARK - 10, post_only=True)
    heard(stream)
    stream[-2] = stream[-2][0], rewritten(stream[-2][1], silence(VENUE))
    with pytest.raises(AuditBreach) as caught:
        heard(stream)
    assert (caught.value.check, caught.value.sequence) == ("AUD-31", len(stream))
