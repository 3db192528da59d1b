"""The crash in small: it deleverages, exhausts and conserves, is the same for the same seed, and says so when not."""

import json
import os
import subprocess
import sys

import msgspec
import pytest
from typer.testing import CliRunner

from outcry.app import scenario
from outcry.app.cli import app
from outcry.app.scenario import crash
from outcry.engine.sums import law_sums


@pytest.fixture(scope="module")
def played() -> crash.Crash:
    return scenario.run_crash(scenario.CrashOptions(small=True))


def test_everything_that_has_to_happen_happens(played: crash.Crash) -> None:
    assert played.failures == []
    assert played.deleveragings > 0
    assert played.stuck > 0
    assert played.reducing == [crash.THIN]
    assert played.law.adds_up
    assert {"STEP_TIER", "STEP_CANCEL", "STEP_TAKEOVER", "STEP_SAVED"} <= set(played.steps)
    assert played.funded > 0
    for symbol, taken in played.deleveraged.items():
        # What was followed took no more of anybody than its own column says.
        assert sum(played.alternatives.get(symbol, {}).values()) >= taken


def test_the_same_seed_plays_the_same_and_another_does_not(played: crash.Crash) -> None:
    result = CliRunner().invoke(app, ("scenario", "crash", "--small", "--json"))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["root"] == played.root
    assert scenario.run_crash(scenario.CrashOptions(small=True, seed=2)).root != played.root


@pytest.mark.slow
def test_the_sources_play_the_same(played: crash.Crash) -> None:
    command = [
        sys.executable,
        "-c",
        "from outcry.app.cli import main; main()",
        "scenario",
        "crash",
        "--small",
        "--json",
    ]
    environment = {**os.environ, "OUTCRY_COMPILED": "0"}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=True)
    assert json.loads(told.stdout)["root"] == played.root


def test_it_is_printed_with_its_sums(played: crash.Crash) -> None:
    text = "\n".join(scenario.lines(played))
    for word in ("liquidations", "fund ", "deleveraging", "LAW-03", "takeovers", "time"):
        assert word in text
    assert "BROKEN" not in text


def test_a_crash_that_spares_somebody_fails(played: crash.Crash) -> None:
    sums = msgspec.structs.replace(played.law, adds_up=False)
    full = [msgspec.structs.replace(fund, lowest=fund.before) for fund in played.funds]
    gentle = msgspec.structs.replace(
        played, deleveragings=0, stuck=0, funds=full, law=sums, left={**played.left, crash.THIN: 1}
    )
    found = list(crash.failures(gentle))
    assert len(found) == 5
    assert any("nobody was deleveraged" in sentence for sentence in found)


def test_uncompiled_the_full_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crash, "COMPILED", False)
    result = CliRunner().invoke(app, ("scenario", "crash"))
    assert result.exit_code == 1
    assert "--small" in result.stderr


def test_the_sums_are_those_of_the_engine() -> None:
    play = crash.Play(3, 600, 60)
    told = play.run()
    assert told.law == law_sums(play.market.engine.tables)
