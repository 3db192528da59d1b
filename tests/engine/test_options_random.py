"""Options, predictions and a perpetual traded at random: nothing is broken, and both modes and the auditor agree."""

from collections import Counter

import pytest

from outcry.protocol.layout import EventKind
from outcry.rules import backing
from tests.engine.optional import Bourse
from tests.engine.twins import agree, audited
from tests.laws import invariants


@pytest.mark.parametrize("seed", [0, 2])
def test_nothing_is_broken_by_anything_that_is_traded(seed: int) -> None:
    """The invariants after every command; the whole journal at its end, in the other mode and for the auditor.

    Somebody is liquidated in each history, of what he sold, or the test would say little; who paid up never is.
    """
    bourse = Bourse(seed)
    met = Counter[int | str]()
    for _ in range(250):
        events = bourse.step()
        tables = bourse.world.engine.tables
        invariants.check(tables)
        met.update(event.head.kind for event in events)
        for event in events:
            if event.head.kind == EventKind.TAKEN_OVER:
                row = tables.instruments[event.record.instrument]
                assert not backing.is_paid_up(row, event.record.position_quantity)
                met["written"] += event.record.instrument != bourse.perpetual
    assert met[EventKind.FILL] > 20
    assert met["written"]
    agree(bourse.world)
    audited(bourse.world)
