"""The auditor on contracts that end: a sound settlement holds, and every number of it that is wrong is named.

One settlement of everything there is: a mean, a position taken over, a fund that pays for a part, the other side
deleveraged for the rest, everybody else settled with a fee.
"""

from functools import cache

import pytest

from outcry.engine.engine import Engine
from outcry.protocol import wire
from outcry.protocol.layout import EVENT_CLASSES, EventKind, Role
from outcry.simulation.auditor import AuditBreach, Auditor
from tests.engine.ending import MARK, MINUTE_NS, XBT, Ending
from tests.engine.worlds import BUY

Stream = list[tuple[bytes, bytes]]
LATE = 900_000


@cache
def settled() -> Stream:
    """What was said of one."""
    world = Ending(settlement_fee_ppm=500)
    rich, poor, third = world.trader(1, 10 * XBT), world.trader(2, XBT // 4), world.trader(3, 10 * XBT)
    world.set_expiry(1, world.expiry_ns + MINUTE_NS)
    world.set_expiry(1, world.expiry_ns)
    world.deposit(Role.INSURANCE, XBT // 20)
    world.minutes(45)
    world.trade(third, rich, 1_000, MARK)
    world.minutes(14, LATE)
    world.trade(rich, poor, 100_000, LATE // 10)
    world.trade(rich, third, 10_000, LATE // 10)
    world.place(third, BUY, 100, LATE // 10 - 100)
    world.minutes(1, LATE)
    world.work(1)
    engine = Engine()
    return [(entry, engine.apply(entry)) for entry in world.journal]


def heard(stream: Stream) -> None:
    auditor = Auditor()
    for entry, events in stream:
        auditor.hear(entry, events)


def test_a_sound_settlement_holds_and_has_everything() -> None:
    kinds = {head.kind for _, events in settled() for head, _ in wire.event_slices(events)}
    wanted = (EventKind.TAKEN_OVER, EventKind.DELEVERAGED, EventKind.SETTLED, EventKind.SETTLEMENT_SWEPT)
    assert kinds >= {*wanted, EventKind.EXPIRY_SET, EventKind.AVERAGE_MOVED, EventKind.FUND_MOVED}
    heard(settled())


@pytest.mark.parametrize(
    ("check", "kind", "field", "change", "role"),
    [
        ("AUD-35", EventKind.EXPIRY_SET, "expiry_ns", MINUTE_NS, None),
        ("AUD-35", EventKind.AVERAGE_MOVED, "samples", 30, None),
        ("AUD-35", EventKind.SETTLEMENT_FIXED, "price_subticks", 1, None),
        ("AUD-35", EventKind.SETTLEMENT_FIXED, "average_units", 1, None),
        ("AUD-35", EventKind.SETTLEMENT_FIXED, "samples", -16, None),
        ("AUD-35", EventKind.SETTLEMENT_FIXED, "lot_minor", 1, None),
        ("AUD-35", EventKind.SETTLEMENT_FIXED, "fee_ppm", 1, None),
        ("AUD-36", EventKind.SETTLED, "quantity", 100, False),
        ("AUD-36", EventKind.SETTLED, "value_minor", 1, False),
        ("AUD-36", EventKind.SETTLED, "realised_minor", 1, False),
        ("AUD-36", EventKind.SETTLED, "fee_minor", 1, False),
        ("AUD-16", EventKind.SETTLED, "balance_minor", 1, False),
        ("AUD-16", EventKind.SETTLED, "fee_minor", -1, False),
        ("AUD-36", EventKind.SETTLED, "fee_minor", 1, True),
        ("AUD-36", EventKind.SETTLED, "value_minor", 1, True),
        ("AUD-36", EventKind.SETTLEMENT_SWEPT, "positions", 1, None),
    ],
)
def test_one_number_that_is_wrong_is_named(
    check: str, kind: EventKind, field: str, change: int, role: bool | None
) -> None:
    stream = list(settled())
    for at in range(len(stream) - 1, -1, -1):
        entry, events = stream[at]
        offset = 0
        for head, piece in wire.event_slices(events):
            offset += wire.EVENT_HEAD_BYTES
            changed = bytearray(events)
            record = EVENT_CLASSES[head.kind].from_buffer(changed, offset)
            offset += len(piece)
            if head.kind != kind or (role is not None and (record.account == Role.TAKEOVER) != role):
                continue
            setattr(record, field, getattr(record, field) + change)
            del record
            stream[at] = entry, bytes(changed)
            with pytest.raises(AuditBreach) as caught:
                heard(stream)
            assert (caught.value.sequence, caught.value.check) == (head.sequence, check)
            return
    raise AssertionError(f"nothing said such a {kind.name}")
