"""Random histories: the compiled engine, the uncompiled one and the plain model agree after every command.

A few here; 200 histories of 500 commands are run by `make histories`, which prints what they have seen, and by
`make nightly`.  The counts of both keep the histories from becoming vacuous: every refusal that can be reached, every
way in which an order ends, and a fifth of the orders filled.
"""

import pytest

from outcry.protocol.codes import REFUSALS
from tests.laws import histories
from tests.laws.mistakes import UNREACHABLE

SEEDS = range(6)
COMMANDS = 400


def test_both_modes_and_the_model_agree_and_everything_is_met(capsys: pytest.CaptureFixture[str]) -> None:
    counts = histories.run(SEEDS, COMMANDS)
    with capsys.disabled():
        print("", *histories.tell(counts), sep="\n")
    assert histories.wanting(counts) == []
    assert counts["commands"] >= len(SEEDS) * COMMANDS


def test_every_refusal_is_placed() -> None:
    """A new code is either met by the histories or named as out of their reach, with the reason."""
    names = {refusal.name for refusal in REFUSALS}
    assert set(UNREACHABLE) <= names
    assert set(histories.reachable()) == names - set(UNREACHABLE)
    assert len(histories.reachable()) >= 40


def test_what_is_missing_is_told() -> None:
    """A count that is not there is asked for, also when only the filled orders are too few."""
    counts = histories.run(range(1), 30)
    assert "LIQUIDATION_IMMEDIATE" in histories.wanting(counts)
    counts.update(dict.fromkeys(histories.wanting(counts), 1))
    assert histories.wanting(counts) == []
    counts["orders"] = 5 * counts["ENDED_FILLED"] + 1
    assert histories.wanting(counts) == ["20% of the orders filled"]
