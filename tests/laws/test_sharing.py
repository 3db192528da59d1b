"""Icebergs and hidden orders by chance: both modes, the plain model and the auditor agree on every turn (ORD-20)."""

import pytest

from outcry.engine import engine
from outcry.protocol import layout
from outcry.simulation import auditor_parts
from outcry.simulation.auditor_books import AuditBreach
from tests.engine.plain import plain_engine
from tests.laws import histories
from tests.laws.sharing import Sharing

COMMANDS = 60


def cramped(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """The compiled engine stops after every fill for want of room, the other one never."""
    twin = plain_engine()
    with monkeypatch.context() as patched:
        patched.setattr(engine, "EVENT_BUFFER_BYTES", layout.EVENT_ROOM_BYTES + 100)
        history = Sharing(seed, twin)
        # How much room there is stands in the venue's derived part, and so the rows differ there.
        history.trio.restarted = True
        history.run(COMMANDS)


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_whose_turn_it_is(first: int) -> None:
    counts = histories.run(range(first, first + 10), COMMANDS, kind=Sharing)
    for what in ("fills", "ENDED_LINKED", "ENDED_REDUCE_ONLY", "ENDED_SELF_TRADE", "ENDED_KILLED", "outcome keeps"):
        assert counts[what], what


@pytest.mark.parametrize("seed", range(1_005, 1_009))
def test_whose_turn_it_is_when_there_is_no_room_in_the_middle(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    cramped(monkeypatch, seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(2_000, 2_400, 20))
def test_whose_turn_it_is_in_hundreds_of_histories(monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    histories.run(range(first, first + 16), COMMANDS, kind=Sharing)
    for seed in range(first + 16, first + 20):
        cramped(monkeypatch, seed)


def test_a_share_that_is_wrong_by_a_lot_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Halves are rounded up."""
    monkeypatch.setattr(auditor_parts, "half_up", lambda above, below: above // below)
    with pytest.raises(AuditBreach):
        histories.run(range(10), COMMANDS, kind=Sharing)
