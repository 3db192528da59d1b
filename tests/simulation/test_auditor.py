"""The independent auditor: sound streams hold, and every check of his is broken on purpose, by one number in one event.

The streams are random histories and crises of the trio's (tests/laws), as the compiled engine said them.  A plant
changes one field of one event or command; the auditor must name that very entry and that check.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest

from outcry.engine.engine import Engine
from outcry.protocol import wire
from outcry.protocol.layout import EVENT_CLASSES, EventKind, OrderFlag
from outcry.simulation.auditor import CHECKS, AuditBreach, Auditor
from outcry.simulation.auditor_compared import compare
from tests.laws.crises import Crisis
from tests.laws.history import History

Stream = list[tuple[bytes, bytes]]
COMMANDS = 200


class Twin:
    """Stands in for the uncompiled engine, and says what the compiled one said."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def apply(self, entry: bytes) -> bytes:
        return self.stream[-1][1]


@contextmanager
def recorded(stream: Stream) -> Iterator[None]:
    """Everything an engine applies meanwhile goes into the stream."""
    honest = Engine.apply

    def apply(self: Engine, body: bytes | memoryview) -> bytes:
        events = honest(self, body)
        stream.append((bytes(body), events))
        return events

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "apply", apply)
        yield


@cache
def played(seed: int) -> tuple[Stream, Engine]:
    """A history if the seed is even, a crisis if it is odd: what was said, and the engine at the end."""
    stream: Stream = []
    with recorded(stream):
        history = (Crisis if seed % 2 else History)(seed, Twin(stream))  # type: ignore[arg-type]
        end = history.trio.sent + COMMANDS
        while history.trio.sent < end:
            history.step()
    return stream, history.trio.engine


def heard(stream: Stream) -> Auditor:
    auditor = Auditor()
    for body, events in stream:
        auditor.hear(body, events)
    return auditor


@pytest.mark.parametrize("seed", range(1_000, 1_004))
def test_a_sound_stream_holds_and_ends_in_the_venues_rows(seed: int) -> None:
    stream, engine = played(seed)
    auditor = heard(stream)
    compare(auditor.books, engine.tables)
    assert auditor.books.entries == len(stream)
    assert auditor.books.checks > len(stream)


Wanted = Callable[[Any], bool]
PLANTS: list[tuple[str, EventKind, str, int, Wanted]] = [
    ("AUD-05", EventKind.PLACED, "order_id", 1, lambda r: True),
    ("AUD-05", EventKind.PLACED, "price_ticks", 1, lambda r: not r.flags & OrderFlag.BY_VENUE),
    ("AUD-06", EventKind.ENDED, "unfilled_quantity", 1, lambda r: True),
    ("AUD-06", EventKind.ENDED, "order_id", 10_000, lambda r: True),
    ("AUD-06", EventKind.FILL, "quantity", 1, lambda r: True),
    ("AUD-06", EventKind.FILL, "maker_leaves_quantity", 1, lambda r: True),
    ("AUD-06", EventKind.AMENDED, "leaves_quantity", 100, lambda r: True),
    ("AUD-07", EventKind.FILL, "price_ticks", 1, lambda r: True),
    ("AUD-10", EventKind.LEVEL_CHANGED, "quantity", 1, lambda r: True),
    ("AUD-10", EventKind.LEVEL_CHANGED, "orders", 1, lambda r: True),
    ("AUD-11", EventKind.FILL, "value_minor", 1, lambda r: True),
    ("AUD-12", EventKind.FILL, "taker_fee_minor", 1, lambda r: True),
    ("AUD-12", EventKind.FILL, "maker_fee_minor", -1, lambda r: True),
    ("AUD-12", EventKind.FEE_TIER_SET, "volume_cents", 1, lambda r: True),
    ("AUD-13", EventKind.FILL, "taker_realised_minor", 1, lambda r: True),
    ("AUD-13", EventKind.FILL, "maker_position_quantity", 1, lambda r: True),
    ("AUD-16", EventKind.MOVED, "to_balance_minor", 1, lambda r: True),
    ("AUD-16", EventKind.FUND_MOVED, "fund_minor", 1, lambda r: r.reason in (9, 10)),
    ("AUD-16", EventKind.FUNDED, "balance_minor", 1, lambda r: r.account > 7),
    ("AUD-17", EventKind.MOVED, "amount_minor", 1, lambda r: True),
    ("AUD-17", EventKind.MOVED, "to_account", 1, lambda r: r.to_account > 7),
    ("AUD-18", EventKind.FUND_MOVED, "amount_minor", 1, lambda r: r.reason == 9),
    ("AUD-19", EventKind.FUNDED, "amount_minor", 1, lambda r: True),
    ("AUD-19", EventKind.FUNDED, "quantity", 1, lambda r: True),
    ("AUD-19", EventKind.FUNDING_FIXED, "lot_minor", 1, lambda r: True),
    ("AUD-19", EventKind.FUNDING_SWEPT, "epoch", 1, lambda r: True),
    ("AUD-20", EventKind.LIQUIDATION_STEP, "quantity", 1, lambda r: r.quantity != 0),
    ("AUD-20", EventKind.LIQUIDATION_STEP, "missing_minor", 1, lambda r: r.quantity != 0),
    ("AUD-21", EventKind.TAKEN_OVER, "bankrupt_minor", 1, lambda r: True),
    ("AUD-21", EventKind.TAKEN_OVER, "quantity", 1, lambda r: True),
    ("AUD-21", EventKind.TAKEOVER_CHANGED, "leaves_quantity", 1, lambda r: True),
    ("AUD-22", EventKind.DELEVERAGED, "realised_minor", 1, lambda r: True),
    ("AUD-22", EventKind.DELEVERAGED, "value_minor", 1, lambda r: True),
    ("AUD-23", EventKind.MARK_MOVED, "basis_subticks", 1, lambda r: True),
    ("AUD-23", EventKind.LIQUIDATION_STEP, "mark_subticks", 1, lambda r: r.quantity != 0),
    ("AUD-24", EventKind.MARGIN_SET, "leverage_centi", 1, lambda r: True),
    ("AUD-24", EventKind.RISK_LIMIT_SET, "risk_limit_minor", 1, lambda r: True),
    ("AUD-26", EventKind.ACCOUNT_OPENED, "account", 1, lambda r: True),
    ("AUD-26", EventKind.LISTED, "lot", 1, lambda r: True),
    ("AUD-26", EventKind.CURRENCY_LISTED, "currency", 1, lambda r: True),
    ("AUD-27", EventKind.DEAD_MAN_SET, "due_ns", 1, lambda r: True),
    ("AUD-29", EventKind.ROOT_NOTED, "at_sequence", 1, lambda r: True),
    ("AUD-02", EventKind.REFUSED, "command_kind", 1, lambda r: True),
]


def planted(kind: EventKind, field: str, change: int, wanted: Wanted) -> tuple[Stream, int]:
    """A stream with one field of the first such event changed, and the sequence of its entry."""
    for seed in range(1_000, 1_040):
        stream = list(played(seed)[0])
        for at, (body, events) in enumerate(stream):
            offset = 0
            for head, piece in wire.event_slices(events):
                offset += wire.EVENT_HEAD_BYTES
                if head.kind == kind:
                    changed = bytearray(events)
                    record = EVENT_CLASSES[kind].from_buffer(changed, offset)
                    if wanted(record):
                        setattr(record, field, getattr(record, field) + change)
                        del record
                        stream[at] = body, bytes(changed)
                        return stream, int(head.sequence)
                    del record
                offset += len(piece)
    raise AssertionError(f"no stream has such a {kind.name}")


@pytest.mark.parametrize(
    ("check", "kind", "field", "change", "wanted"), PLANTS, ids=[f"{row[1].name}-{row[2]}-{row[0]}" for row in PLANTS]
)
def test_one_number_that_is_wrong_is_named_at_its_entry(
    check: str, kind: EventKind, field: str, change: int, wanted: Wanted
) -> None:
    stream, sequence = planted(kind, field, change, wanted)
    with pytest.raises(AuditBreach) as caught:
        heard(stream)
    assert (caught.value.sequence, caught.value.check) == (sequence, check)
    assert caught.value.found != caught.value.expected


def test_an_entry_that_is_missing_is_named() -> None:
    stream = list(played(1_000)[0])
    del stream[20]
    with pytest.raises(AuditBreach) as caught:
        heard(stream)
    assert (caught.value.check, caught.value.found, caught.value.expected) == ("AUD-01", 22, 21)


def test_rows_that_are_not_the_books_are_named() -> None:
    """A satoshi in a wallet's row that nothing ever said: the events never show it, the end does."""
    stream, engine = played(1_001)
    auditor = heard(stream)
    row = engine.tables.wallets[next(at for at in range(1, 200) if engine.tables.wallets[at].account > 7)]
    row.balance_minor += 1
    try:
        with pytest.raises(AuditBreach, match="AUD-30"):
            compare(auditor.books, engine.tables)
    finally:
        row.balance_minor -= 1


def test_checks_are_numbered_one_after_the_other() -> None:
    assert [one.number for one in CHECKS] == [f"AUD-{at:02}" for at in range(1, len(CHECKS) + 1)]
