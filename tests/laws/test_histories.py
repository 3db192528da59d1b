"""Random histories: the compiled engine, the uncompiled one and the plain model agree after every command.

A few here; 200 of 500 commands, half of them crises, are run by `make histories`, which prints what they have seen, and
by `make nightly`.  The counts of both keep them from becoming vacuous: every refusal that can be reached, every way in
which an order ends, every step of the ladder, stage of a takeover, state of a source, kind of mark, policy and event,
and a fifth of the orders filled.
"""

from collections.abc import Callable

import pytest

from outcry.engine import matching
from outcry.protocol.codes import REFUSALS
from outcry.rules import fees
from tests.laws import histories
from tests.laws.auctions import Auctions
from tests.laws.crises import Crisis
from tests.laws.lifetimes import Lifetimes
from tests.laws.margin_model import MarginModel
from tests.laws.mistakes import UNREACHABLE
from tests.laws.vocabulary import Vocabulary
from tests.laws.waiting import Waiting

SEEDS = (0, 1, 2, 3, 4, 5)
CRISES, CRISIS_COMMANDS = range(905, 910), 200
COMMANDS = 400
WORDY, WORDY_SEEDS, WORDY_COMMANDS = (Vocabulary, Waiting, Auctions), range(20, 23), 250
"""Histories of every order, of those that wait, of auctions."""
LIVES, LIFE_COMMANDS = range(100, 107), 320
"""Histories of contracts that end."""


def test_both_modes_and_the_model_agree_and_everything_is_met(capsys: pytest.CaptureFixture[str]) -> None:
    """LAW-02: the same journal, compiled and interpreted, gives the same events and the same root."""
    counts = histories.run(SEEDS, COMMANDS) + histories.run(CRISES, CRISIS_COMMANDS, kind=Crisis)
    counts += histories.run(LIVES, LIFE_COMMANDS, kind=Lifetimes)
    for kind in WORDY:
        counts += histories.run(WORDY_SEEDS, WORDY_COMMANDS, kind=kind)
    with capsys.disabled():
        print("", *histories.tell(counts), sep="\n")
    assert histories.wanting(counts) == []
    assert counts["commands"] >= len(SEEDS) * COMMANDS


def test_who_fails_by_a_funding_is_looked_at_when_it_has_come_and_marks_move() -> None:
    """LIQ-09: here marks moved while the sweep was still to come, and the new rate asked for more than there was."""
    assert histories.run((4_009,), 120, kind=Crisis)["commands"] > 182


def test_every_refusal_is_placed() -> None:
    """A new code is either met by the histories or named as out of their reach, with the reason."""
    names = {refusal.name for refusal in REFUSALS}
    assert set(UNREACHABLE) <= names
    assert set(histories.reachable()) == names - set(UNREACHABLE)
    assert len(histories.reachable()) >= 42


def test_what_is_missing_is_told() -> None:
    """A count that is not there is asked for, also when only the filled orders are too few."""
    counts = histories.run(range(1), 30)
    counts["ENDED_FILLED"] = counts["orders"]
    assert "LIQUIDATION_IMMEDIATE" in histories.wanting(counts)
    counts.update(dict.fromkeys(histories.wanting(counts), 1))
    assert histories.wanting(counts) == []
    counts["orders"] = 5 * counts["ENDED_FILLED"] + 1
    assert histories.wanting(counts) == ["20% of the orders filled"]


def one_more(rule: Callable[..., int]) -> Callable[..., int]:
    """A rule that is wrong by one unit."""

    def wrong(*given: object) -> int:
        return rule(*given) + 1

    return wrong


def test_a_rule_that_is_wrong_by_one_unit_in_one_mode_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "commission_minor", one_more(fees.commission_minor))
    with pytest.raises(AssertionError, match="the modes differ"):
        histories.run(range(1), 60)


def test_a_model_that_is_wrong_by_one_unit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = MarginModel.exit_fee
    monkeypatch.setattr(MarginModel, "exit_fee", lambda *given: honest(*given) + 1)
    with pytest.raises(AssertionError):
        histories.run(range(1), 60)
