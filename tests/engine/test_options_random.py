"""Options, predictions and a perpetual traded at random: nothing is broken, and both modes and the auditor agree."""

from collections import Counter

import pytest

from outcry.protocol.layout import EventKind
from outcry.rules import backing
from tests.engine.optional import Bourse
from tests.engine.twins import agree, audited
from tests.laws import invariants


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_broken_by_anything_that_is_traded(seed: int) -> None:
    """The invariants after every command; the whole journal at its end, in the other mode and for the auditor."""
    bourse = Bourse(seed)
    tables, met = bourse.world.engine.tables, Counter[int]()
    for _ in range(350):
        events = bourse.step()
        tables = bourse.world.engine.tables
        invariants.check(tables)
        met.update(event.head.kind for event in events)
        for event in events:
            if event.head.kind in (EventKind.TAKEN_OVER, EventKind.DELEVERAGED):
                number = event.record.instrument
                if event.head.kind == EventKind.TAKEN_OVER:
                    held = event.record.position_quantity
                    assert not backing.is_paid_up(tables.instruments[number], held)
    assert met[EventKind.FILL] > 20
    agree(bourse.world)
    audited(bourse.world)


def test_the_histories_reach_the_end_of_who_sold_options() -> None:
    """Somebody is liquidated for an option that he sold, so that the test above says something."""
    ends = 0
    for seed in range(3):
        bourse = Bourse(seed)
        for _ in range(350):
            for event in bourse.step():
                options = (bourse.calls, bourse.puts, bourse.dollars)
                ends += event.head.kind == EventKind.TAKEN_OVER and event.record.instrument in options
    assert ends
