"""Checks of the auditor that no one number in an event breaks: what was asked for and what was said are both changed,
or his own books are, and he names that very entry.
"""

import ctypes
from collections.abc import Callable

import pytest

from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, Fault, InstrumentState, OrderFlag
from outcry.simulation.auditor import AuditBreach, Auditor
from tests.engine.worlds import BUY, SELL, World
from tests.simulation.test_auditor import Stream, heard, recorded

PRICE = 100_000
MAKER, TAKER = 8, 9


def traded() -> Stream:
    """A maker's ask and a taker's bid that takes half of it; each with a client id."""
    stream: Stream = []
    with recorded(stream):
        world = World()
        world.currency("XBt", 8)
        world.index(".BXBT")
        world.instrument("XBTUSD", funding_rate_ppb=0)
        world.price(1, 1_000_000)
        for number in (1, 2):
            world.trader(number)
        world.place(MAKER, SELL, 200, PRICE, client_id="first")
        world.place(TAKER, BUY, 100, PRICE, client_id="second")
    return stream


def asked(stream: Stream, at: int, change: Callable[[layout.EntryHead, ctypes.LittleEndianStructure], object]) -> None:
    """Another command in an entry, by its head and record."""
    body = bytearray(stream[at][0])
    head = layout.EntryHead.from_buffer(body)
    record = type(wire.entry_of(bytes(body)).record).from_buffer(body, wire.ENTRY_HEAD_BYTES)
    change(head, record)
    del head, record
    stream[at] = bytes(body), stream[at][1]


def said(stream: Stream, at: int, kind: EventKind, change: Callable[[ctypes.LittleEndianStructure], object]) -> None:
    """Another event of an entry, the first of its kind."""
    out, due = [], True
    for head, piece in wire.event_slices(stream[at][1]):
        data = bytearray(piece)
        if head.kind == kind and due:
            record = layout.EVENT_CLASSES[kind].from_buffer(data)
            change(record)
            del record
            due = False
        out.append(bytes(head) + bytes(data))
    assert not due
    stream[at] = stream[at][0], b"".join(out)


def number_used_twice(stream: Stream) -> None:
    last = wire.entry_of(stream[-2][0]).head.origin_sequence
    asked(stream, -1, lambda head, record: setattr(head, "origin_sequence", last))


def client_id_used_twice(stream: Stream) -> None:
    """The taker's order becomes the maker's, with the client id of the maker's open order."""
    name = bytes(wire.entry_of(stream[-2][0]).record.client_id)

    def change(record: ctypes.LittleEndianStructure) -> None:
        assert isinstance(record, layout.Place | layout.Placed)
        wire.put_bytes(record.client_id, name)
        record.account = MAKER

    asked(stream, -1, lambda head, record: change(record))
    said(stream, -1, EventKind.PLACED, change)


def beyond_the_limit(stream: Stream) -> None:
    asked(stream, -1, lambda head, record: setattr(record, "price_ticks", PRICE - 1))
    said(stream, -1, EventKind.PLACED, lambda record: setattr(record, "price_ticks", PRICE - 1))


def post_only_took(stream: Stream) -> None:
    def change(record: ctypes.LittleEndianStructure) -> None:
        assert isinstance(record, layout.Place | layout.Placed)
        record.flags |= OrderFlag.POST_ONLY

    asked(stream, -1, lambda head, record: change(record))
    said(stream, -1, EventKind.PLACED, change)


@pytest.mark.parametrize(
    ("check", "plant"),
    [
        ("AUD-03", number_used_twice),
        ("AUD-04", client_id_used_twice),
        ("AUD-08", beyond_the_limit),
        ("AUD-09", post_only_took),
    ],
)
def test_what_was_asked_and_said_is_wrong_together(check: str, plant: Callable[[Stream], None]) -> None:
    stream = traded()
    heard(stream)
    plant(stream)
    with pytest.raises(AuditBreach) as caught:
        heard(stream)
    assert (caught.value.check, caught.value.sequence) == (check, len(stream))


def more_contracts(auditor: Auditor) -> None:
    auditor.books.instrument(1).contracts += 1


def more_cost(auditor: Auditor) -> None:
    auditor.books.instrument(1).costs += 1


def more_came_in(auditor: Auditor) -> None:
    auditor.books.currencies[1].deposits += 1


def closed(auditor: Auditor) -> None:
    auditor.books.instrument(1).state = int(InstrumentState.INSTRUMENT_PAUSED)


@pytest.mark.parametrize(
    ("check", "plant"),
    [("AUD-14", more_contracts), ("AUD-14", more_cost), ("AUD-15", more_came_in), ("AUD-25", closed)],
)
def test_books_that_the_next_trade_does_not_fit_are_named(check: str, plant: Callable[[Auditor], None]) -> None:
    stream = traded()
    auditor = heard(stream[:-1])
    plant(auditor)
    with pytest.raises(AuditBreach) as caught:
        auditor.hear(*stream[-1])
    assert (caught.value.check, caught.value.sequence) == (check, len(stream))


def test_a_venue_that_halted_and_goes_on_is_named() -> None:
    stream = traded()
    sequence = len(stream) - 1
    record = layout.Halted(fault=Fault.FAULT_MONEY, subject=1, found=2, expected=1)
    head = wire.events_of(stream[-2][1])
    first = next(iter(head)).head
    first.kind, first.record_bytes, first.ordinal = EventKind.HALTED, ctypes.sizeof(record), 0
    auditor = heard(stream[:-2])
    auditor.hear(stream[-2][0], bytes(first) + bytes(record))
    assert auditor.books.halt is not None
    assert auditor.books.halt.sequence == sequence
    with pytest.raises(AuditBreach) as caught:
        auditor.hear(*stream[-1])
    assert (caught.value.check, caught.value.sequence) == ("AUD-28", len(stream))
