"""Planted mistakes in what is said of spreads: the auditor finds each, by AUD-39 or by the check that is nearer."""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from outcry.protocol import layout, wire
from outcry.protocol.layout import EndReason, EventKind
from outcry.simulation.auditor import AuditBreach, Auditor
from tests.engine.spreading import FAR, NEAR, SPREAD, apart, order
from tests.engine.worlds import BUY, SELL
from tests.simulation.test_auditor import Stream, recorded

Event = tuple[layout.EventHead, ctypes.LittleEndianStructure]


@cache
def traded() -> tuple[tuple[bytes, bytes], ...]:
    """A maker's offer 12.5 below nothing, of which a taker takes half."""
    stream: Stream = []
    with recorded(stream):
        world = apart()
        maker, taker = world.trader(1), world.trader(2)
        order(world, maker, SELL, 400, -125)
        order(world, taker, BUY, 200, 0)
    return tuple(stream)


def told(change: Callable[[list[Any]], list[Any]]) -> None:
    """The auditor hears the stream with the records of its last entry changed; they are numbered anew."""
    *before, (body, out) = traded()
    auditor = Auditor()
    for entry, events in before:
        auditor.hear(entry, events)
    records = []
    for head, piece in wire.event_slices(out):
        kind = layout.EVENT_CLASSES[head.kind]
        records.append((head.kind, kind.from_buffer_copy(bytes(piece))))
    said = b""
    first = next(iter(wire.event_slices(out)))[0]
    for place, (kind_number, record) in enumerate(change(records)):
        head = layout.EventHead.from_buffer_copy(bytes(first))
        head.kind, head.ordinal, head.record_bytes = kind_number, head.ordinal + place, ctypes.sizeof(record)
        said += bytes(head) + bytes(record)
    auditor.hear(body, said)


def of(records: list[Any], number: int) -> Any:
    """The fill of an instrument."""
    return next(record for kind, record in records if kind == EventKind.FILL and record.instrument == number)


def with_field(number: int, name: str, value: int) -> Callable[[list[Any]], list[Any]]:
    """One number of one fill is another by this much."""

    def change(records: list[Any]) -> list[Any]:
        fill = of(records, number)
        setattr(fill, name, getattr(fill, name) + value)
        return records

    return change


def without(number: int) -> Callable[[list[Any]], list[Any]]:
    """A fill is not said."""
    return lambda records: [(kind, record) for kind, record in records if record is not of(records, number)]


def swapped(records: list[Any]) -> list[Any]:
    """The far leg before the near one."""
    places = [at for at, (kind, _) in enumerate(records) if kind == EventKind.FILL]
    records[places[0]], records[places[1]] = records[places[1]], records[places[0]]
    return records


def ended_unbacked_elsewhere(records: list[Any]) -> list[Any]:
    ended = next(record for kind, record in records if kind == EventKind.ENDED)
    ended.reason = EndReason.ENDED_UNBACKED
    return records


def test_what_was_said_is_heard() -> None:
    told(lambda records: records)


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("AUD-39", with_field(NEAR, "price_ticks", 1)),
        ("AUD-39", with_field(FAR, "price_ticks", -1)),
        ("AUD-39", with_field(NEAR, "quantity", 100)),
        ("AUD-39", with_field(FAR, "quantity", -100)),
        ("AUD-39", with_field(NEAR, "taker_side", -1)),
        ("AUD-39", with_field(FAR, "taker_leaves_quantity", 1)),
        ("AUD-39", with_field(FAR, "maker_leaves_quantity", 1)),
        ("AUD-39", with_field(SPREAD, "value_minor", 1)),
        ("AUD-39", with_field(SPREAD, "taker_fee_minor", 1)),
        ("AUD-39", with_field(SPREAD, "maker_position_quantity", 1)),
        ("AUD-11", with_field(NEAR, "value_minor", 1)),
        ("AUD-12", with_field(FAR, "taker_fee_minor", 1)),
        ("AUD-12", with_field(NEAR, "maker_fee_minor", -1)),
        ("AUD-13", with_field(FAR, "taker_realised_minor", 1)),
        ("AUD-13", with_field(NEAR, "maker_position_quantity", 100)),
        ("AUD-39", without(NEAR)),
        ("AUD-39", without(FAR)),
        ("AUD-10", without(SPREAD)),
        ("AUD-39", swapped),
        ("AUD-06", ended_unbacked_elsewhere),
    ],
)
def test_a_mistake_is_found(check: str, change: Callable[[list[Any]], list[Any]]) -> None:
    with pytest.raises(AuditBreach) as breach:
        told(change)
    assert breach.value.check == check
