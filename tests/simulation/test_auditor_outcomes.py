"""The auditor's checks of questions and of contracts without an index (AUD-40, AUD-41), each broken by one number.

Two streams: a market that is proposed, disputed and decided, and a pre-launch future through two hours to its end.
"""

from collections.abc import Callable
from functools import cache

import pytest

from outcry.protocol import wire
from outcry.protocol.layout import EVENT_CLASSES, EventKind
from outcry.simulation.auditor import AuditBreach
from tests.engine.questions import (
    FIRST_NS,
    HIGHEST,
    HOUR_NS,
    convert,
    decide,
    dispute,
    prelaunch,
    propose,
    question,
    until,
)
from tests.engine.worlds import BUY, SELL
from tests.simulation.test_auditor import Stream, heard, recorded


@cache
def asked(decided: int) -> Stream:
    stream: Stream = []
    with recorded(stream):
        world = question()
        world.place(9, SELL, 100, 4_000)
        world.place(8, BUY, 100, 4_000)
        until(world, FIRST_NS + HOUR_NS)
        propose(world, HIGHEST)
        until(world, FIRST_NS + HOUR_NS * 3 // 2)
        dispute(world, 9)
        decide(world, decided)
        for _ in range(3):
            world.carry_on()
    return stream


@cache
def undisputed() -> Stream:
    stream: Stream = []
    with recorded(stream):
        world = question()
        propose(world, HIGHEST // 4)
        until(world, FIRST_NS + 2 * HOUR_NS)
    return stream


@cache
def launched() -> Stream:
    stream: Stream = []
    with recorded(stream):
        world = prelaunch()
        world.place(9, SELL, 100, 11_000)
        world.place(8, BUY, 100, 11_000)
        until(world, FIRST_NS + HOUR_NS)
        world.price(1, 10_800)
        convert(world)
    return stream


STREAMS: dict[str, Callable[[], Stream]] = {
    "lost": lambda: asked(HIGHEST),
    "returned": lambda: asked(0),
    "undisputed": undisputed,
    "launched": launched,
}
PLANTS: list[tuple[str, str, EventKind, int, str, int]] = [
    ("AUD-41", "lost", EventKind.DOCKET_CHANGED, 0, "outcome_subticks", -1),
    ("AUD-41", "lost", EventKind.DOCKET_CHANGED, 0, "void_subticks", 1),
    ("AUD-41", "lost", EventKind.DOCKET_CHANGED, 0, "until_ns", 1),
    ("AUD-41", "lost", EventKind.DOCKET_CHANGED, 0, "stage", 1),
    ("AUD-41", "lost", EventKind.DOCKET_CHANGED, 1, "outcome_subticks", -1),
    ("AUD-41", "lost", EventKind.DOCKET_CHANGED, 1, "stage", 1),
    ("AUD-41", "lost", EventKind.DOCKET_CHANGED, 2, "outcome_subticks", -1),
    ("AUD-41", "lost", EventKind.BOND_CHANGED, 0, "amount_minor", 1),
    ("AUD-16", "lost", EventKind.BOND_CHANGED, 0, "held_minor", 1),
    ("AUD-16", "lost", EventKind.BOND_CHANGED, 1, "balance_minor", 1),
    ("AUD-41", "lost", EventKind.BOND_CHANGED, 1, "stage", -1),
    ("AUD-41", "returned", EventKind.BOND_CHANGED, 1, "stage", 1),
    ("AUD-41", "returned", EventKind.BOND_CHANGED, 1, "account", -1),
    ("AUD-17", "lost", EventKind.MOVED, 2, "amount_minor", -1),
    ("AUD-41", "undisputed", EventKind.DOCKET_CHANGED, 1, "outcome_subticks", 1),
    ("AUD-41", "undisputed", EventKind.SETTLEMENT_FIXED, 0, "kind", 1),
    ("AUD-05", "launched", EventKind.PRICE_LIMITS_SET, 0, "lowest_ticks", 1),
    ("AUD-05", "launched", EventKind.PRICE_LIMITS_SET, 1, "highest_ticks", 1),
    ("AUD-40", "launched", EventKind.CONVERTED, 0, "funding_interval_ns", 1),
]


def planted(name: str, kind: EventKind, nth: int, field: str, change: int) -> tuple[Stream, int]:
    """The stream with one field of the so manieth such event changed, and the sequence of its entry."""
    stream, seen = list(STREAMS[name]()), 0
    for at, (body, events) in enumerate(stream):
        offset = 0
        for head, piece in wire.event_slices(events):
            offset += wire.EVENT_HEAD_BYTES
            if head.kind == kind:
                if seen == nth:
                    changed = bytearray(events)
                    record = EVENT_CLASSES[kind].from_buffer(changed, offset)
                    setattr(record, field, getattr(record, field) + change)
                    del record
                    stream[at] = body, bytes(changed)
                    return stream, int(head.sequence)
                seen += 1
            offset += len(piece)
    raise AssertionError(f"the stream has no such {kind.name}")


@pytest.mark.parametrize("name", STREAMS)
def test_sound_streams_hold(name: str) -> None:
    heard(STREAMS[name]())


@pytest.mark.parametrize("row", PLANTS, ids=lambda row: "-".join(map(str, (row[1], row[2].name, *row[3:5], row[0]))))
def test_one_number_that_is_wrong_is_named_at_its_entry(row: tuple[str, str, EventKind, int, str, int]) -> None:
    check, name, kind, nth, field, change = row
    stream, sequence = planted(name, kind, nth, field, change)
    with pytest.raises(AuditBreach) as caught:
        heard(stream)
    assert (caught.value.check, caught.value.sequence) == (check, sequence)


def test_a_decision_before_its_time_is_named() -> None:
    """AUD-41: the tick that decides is taken for one an hour earlier."""
    stream = list(undisputed())
    early = next(at for at, (_, events) in enumerate(stream) if len(list(wire.event_slices(events))) > 3 and at > 5)
    body = bytearray(stream[early][0])
    with pytest.raises(AuditBreach):
        heard([*stream[: early - 60], (bytes(body), stream[early][1])])
