"""`outcry satoshi`: one satoshi in each layer is noticed at that very sequence; and who does not look is named."""

import json

import pytest
from typer.testing import CliRunner

from outcry.app import watching
from outcry.app.cli import app
from outcry.app.satoshi import LAYERS, layers
from outcry.app.satoshi.recording import Recorded, record
from outcry.node.roots import RootBook


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record(tmp_path_factory.mktemp("satoshi"))


def test_every_layer_notices_at_the_very_sequence() -> None:
    told = CliRunner().invoke(app, ["satoshi"])
    assert told.exit_code == 0, told.output
    assert f"verdict   {len(LAYERS)} of {len(LAYERS)} layers" in told.stdout


def test_both_numbers_are_told(recorded: Recorded) -> None:
    for layer in LAYERS:
        noticed = layer(recorded)
        assert noticed.in_time, noticed
        assert "expected" in noticed.told or noticed.by == "outcry verify", noticed


def test_who_does_not_look_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "breaches", lambda tables: ())
    told = CliRunner().invoke(app, ["satoshi", "--json"])
    assert told.exit_code == 1
    found = {one["layer"]: one["in_time"] for one in json.loads(told.stdout.splitlines()[0])}
    assert [layer for layer, in_time in found.items() if not in_time] == ["a row of the keeper"]


def test_a_writer_who_says_what_is_so_is_not_accused(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "_fee_changed", lambda said: said)
    assert not layers.events_said(recorded).in_time
    assert not layers.auditor_hears(recorded).in_time


def test_a_replica_without_roots_does_not_notice_its_own_rows(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RootBook, "compare", lambda *given: None)
    assert not layers.gateway_row(recorded).in_time
