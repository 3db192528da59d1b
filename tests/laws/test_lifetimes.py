"""Random histories of contracts that end: mistakes are noticed by who should; hundreds of them by `make nightly`.

That everything there is to meet is met stands in test_histories.py.
"""

import pytest

from outcry.engine import expiring
from outcry.protocol import wire
from outcry.protocol.layout import EventKind
from outcry.simulation import auditor_settling
from outcry.simulation.auditor_books import AuditBreach, Books, Instrument
from tests.laws import histories
from tests.laws.lifetimes import Lifetimes
from tests.laws.pair import Pair

SEED, COMMANDS = 101, 40


def test_a_settlement_price_that_is_wrong_in_one_mode_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled engine does not hear of it."""
    honest = expiring.price_of_index
    monkeypatch.setattr(expiring, "price_of_index", lambda *given: honest(*given) + 1)
    with pytest.raises(AssertionError, match="the modes differ"):
        histories.run((SEED,), COMMANDS, kind=Lifetimes)


def test_an_auditor_who_errs_by_a_sub_tick_is_at_odds_with_the_venue(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = auditor_settling.price_at

    def wrong(books: Books, instrument: Instrument, average: int) -> int:
        return honest(books, instrument, average) + 1

    monkeypatch.setattr(auditor_settling, "price_at", wrong)
    with pytest.raises(AuditBreach, match="AUD-35"):
        histories.run((SEED,), COMMANDS, kind=Lifetimes)


def test_money_that_comes_from_nowhere_is_noticed() -> None:
    """At the end there is what was brought."""
    history = Lifetimes(SEED)
    history.brought[1] += 1
    with pytest.raises(AssertionError):
        history.run(COMMANDS)


def test_somebody_who_is_forgotten_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is settled has to add up; here one position is not counted."""
    honest, forgotten = Pair.settle, list[int]()

    def forgetful(self: Pair, event: wire.Event) -> None:
        if event.head.kind == EventKind.SETTLED and not forgotten:
            forgotten.append(1)
            return
        honest(self, event)

    monkeypatch.setattr(Pair, "settle", forgetful)
    with pytest.raises(AssertionError):
        histories.run((SEED,), COMMANDS, kind=Lifetimes)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(3_000, 3_060, 10))
def test_lifetimes(first: int) -> None:
    counts = histories.run(range(first, first + 10), 500, kind=Lifetimes)
    missing = [name for name in histories.LIVED if not counts[name]]
    assert counts["ended with nothing"] == 10
    assert len(missing) <= 3, missing
