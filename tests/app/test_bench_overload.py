"""`outcry bench overload`: a venue that is offered ten times what it takes sheds orders and nothing else."""

import time

import msgspec
import pytest

from outcry.app.bench.asking import Answer
from outcry.app.bench.overload import Seen
from outcry.app.bench.slow import SlowDisk
from tests.venue import outcry


@pytest.mark.slow
@pytest.mark.venue
def test_under_ten_times_the_load_orders_are_shed_and_cancels_are_not() -> None:
    run = outcry("bench", "overload", "--small", "--json")
    assert run.returncode == 0, run.stderr
    rows = {row["name"]: row for row in msgspec.json.decode(run.stdout)["rows"]}
    assert rows["shed with 503"]["figure"] > 0
    for name in (
        "shed without Retry-After",
        "cancels, closing orders and switches refused",
        "orders without an answer",
        "lost, doubled, or not as answered",
    ):
        assert rows[name]["figure"] == 0, rows[name]
    assert rows["not durable yet, most"]["met"]
    assert rows["shed orders taken afterwards, sent again"]["met"]


def test_answers_are_told_apart() -> None:
    seen = Seen()
    shed = b'{"error":{"message":"The system is currently overloaded. Please try again later."}}'
    seen.order("a", 1, Answer(200, b"", b"{}"))
    seen.order("b", 1, Answer(503, b"retry-after: 1", shed))
    seen.order("c", 1, Answer(503, b"", shed))
    seen.order("d", 1, Answer(503, b"", b"no answer in time"))
    seen.order("e", 1, Answer(400, b"", b"what"))
    seen.urgent(Answer(503, b"", shed))
    assert (seen.placed, set(seen.shed), seen.without_retry) == ({"a": 1}, {"b", "c"}, 1)
    assert (seen.unknown, seen.cancels_refused, sum(seen.unlike.values())) == ({"d"}, 1, 2)
    seen.order("b", 1, Answer(200, b"", b"{}"))
    assert set(seen.shed) == {"c"}


def test_the_slow_disk_is_as_slow_as_what_was_written_since_the_last_sync(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    disk = SlowDisk(1_000.0)
    with open(f"{tmp_path}/file", "wb") as file:
        disk.write_at(file.fileno(), memoryview(bytes(500)), 0)
        disk.write_at(file.fileno(), memoryview(bytes(250)), 500)
        disk.make_durable(file.fileno())
        disk.make_durable(file.fileno())
    assert slept == [0.75, 0.0]
