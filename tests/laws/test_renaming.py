"""LAW-06: if all accounts were renamed, nothing would change but the names: no fill, no liquidation, no victim.

The commands of a crisis are played twice, once with every account under another number; what the engine says is the
same, event by event, once the numbers are translated.
"""

import ctypes
import random
from typing import Any

import pytest

from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import ROLES, EventKind
from tests.engine.worlds import number_words
from tests.laws import commands
from tests.laws.crises import Crisis

ACCOUNTS = ("account", "to_account", "from_account", "taker_account", "maker_account")
"""Fields that name an account."""


def renamed(record: Any, names: dict[int, int]) -> Any:
    """A copy with other numbers of accounts."""
    copy = type(record).from_buffer_copy(record)
    for name in ACCOUNTS:
        if hasattr(copy, name):
            setattr(copy, name, names.get(getattr(copy, name), getattr(copy, name)))
    return copy


def played(
    journal: list[tuple[int, ctypes.LittleEndianStructure]], people: int, names: dict[int, int]
) -> list[tuple[int, bytes]]:
    """The events of the journal with all accounts opened first and named so; kinds and records."""
    engine, said = Engine(), list[tuple[int, bytes]]()
    opened = [(journal[0][0], commands.open_account(number)) for number in range(ROLES, ROLES + people)]
    for number, (time_ns, record) in enumerate([*opened, *journal], 1):
        other = commands.open_account(ROLES) if isinstance(record, layout.OpenAccount) and number > people else record
        entry = wire.encode_entry(
            renamed(other, names) if number > people else other,
            sequence=number,
            time_ns=time_ns,
            origin=1,
            origin_sequence=number,
            salt=number_words(number, 16),
        )
        for event in wire.events_of(engine.apply(entry)):
            if event.head.kind != EventKind.ACCOUNT_OPENED:
                said.append((event.head.kind, bytes(event.record)))
    assert not engine.halted
    return said


@pytest.mark.parametrize("seed", range(2))
def test_other_names_change_nothing(seed: int) -> None:
    crisis = Crisis(seed)
    people = len(crisis.traders) + len(crisis.churners)
    crisis.run(150)
    numbers = list(range(ROLES, ROLES + people))
    others = numbers.copy()
    random.Random(seed).shuffle(others)
    names = dict(zip(numbers, others, strict=True))
    back = {other: number for number, other in names.items()}
    own = played(crisis.trio.journal, people, {})
    theirs = played(crisis.trio.journal, people, names)
    assert names != back
    assert [kind for kind, _ in own] == [kind for kind, _ in theirs]
    for (kind, one), (_, other) in zip(own, theirs, strict=True):
        record = layout.EVENT_CLASSES[kind].from_buffer_copy(other)
        assert bytes(renamed(record, back)) == one, EventKind(kind).name
    kinds = {EventKind(kind) for kind, _ in own}
    assert {EventKind.FILL, EventKind.LIQUIDATION_STEP, EventKind.TAKEN_OVER} <= kinds
    # Not every history comes to a stamp.
    assert EventKind.FUNDED in kinds or seed != 0
