"""The stream's benchmark in small: it measures what it says, and its clients would notice if they missed a byte."""

import pytest

from outcry.app.bench import pushing


def test_the_small_one_tells_everything_there_is() -> None:
    told = pushing.push(pushing.CLIENTS_SMALL, pushing.SECONDS_SMALL)
    assert told.sends_under_way == (pushing.CLIENTS_SMALL - 1) * pushing.UPDATES_A_SECOND
    assert told.clients_that_missed_something == 0
    assert told.sends_per_core_second > 0
    assert pushing.SOFT_BYTES < told.unread_bytes_max < pushing.SOFT_BYTES + 10 * told.frame_bytes
    rows = list(pushing.rows(told))
    assert [row.met for row in rows if row.budget] == [told.sends_per_core_second >= 50_000, True]


@pytest.mark.slow
def test_a_client_that_misses_something_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    update = pushing.Stage.update

    def leaky(stage: pushing.Stage) -> float:
        """One client in the middle gets nothing any more after a while, as if it had been lost on the way."""
        spent = update(stage)
        sessions = list(stage.hub.sessions)
        if stage.probe.frames == 40:
            sessions[5].line.write = lambda data: None  # type: ignore[method-assign]
        return spent

    monkeypatch.setattr(pushing.Stage, "update", leaky)
    told = pushing.push(pushing.CLIENTS_SMALL, pushing.SECONDS_SMALL)
    assert told.clients_that_missed_something == 1
    assert [row.met for row in pushing.rows(told) if row.name.startswith("clients that missed")] == [False]
