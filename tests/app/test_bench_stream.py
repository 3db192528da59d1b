"""The stream's benchmark in small: it measures what it says, and its clients would notice if they missed a byte."""

import json

import pytest
from typer.testing import CliRunner

from outcry.app import bench_stream
from outcry.app.cli import app


def test_the_small_one_tells_everything_there_is() -> None:
    result = CliRunner().invoke(app, ["bench", "stream", "--small", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["clients"] == bench_stream.CLIENTS_SMALL
    assert told["sends_under_way"] == (bench_stream.CLIENTS_SMALL - 1) * bench_stream.UPDATES_A_SECOND
    assert told["clients_that_missed_something"] == 0
    assert told["sends_per_core_second"] > 0
    assert bench_stream.SOFT_BYTES < told["unread_bytes_max"] < bench_stream.SOFT_BYTES + 10 * told["frame_bytes"]


@pytest.mark.slow
def test_a_client_that_misses_something_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    update = bench_stream.Stage.update

    def leaky(stage: bench_stream.Stage) -> float:
        """One client in the middle misses one update, as if it had been lost on the way."""
        spent = update(stage)
        sessions = list(stage.hub.sessions)
        if stage.probe.frames == 40:
            sessions[5].line.write = lambda data: None  # type: ignore[method-assign]
        return spent

    monkeypatch.setattr(bench_stream.Stage, "update", leaky)
    assert bench_stream.run(small=True).clients_that_missed_something == 1
