"""Node, keeper and gateway killed at random moments, one or all, while eight clients trade: nothing answered is lost.

Fifty times here, a thousand times at night; then drills that have to fail, because something was lost on purpose.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest
from typer.testing import CliRunner

from outcry.app import cli, rebuilding
from outcry.app.drill import books, damage, plan
from outcry.app.drill.attempts import Case, Observed
from outcry.app.drill.cases import KILLS
from outcry.app.drill.load import Ledger
from outcry.app.drill.running import Drill, Report, running
from outcry.app.drill.table import Outcome, Row
from outcry.app.settings import Files
from outcry.client import Order
from outcry.history import HistoryError, Store
from outcry.journal.files import SEEN_NAME

pytestmark = pytest.mark.venue

Say = Callable[[str], None]


def killing(folder: Path, kills: int, **more: object) -> Report:
    options = plan.Options(minutes=60, seed=20, data=folder, kills=kills, cases=KILLS, **more)  # type: ignore[arg-type]
    return plan.run(options, print)


def check(report: Report, kills: int, killed: AbstractSet[str] = frozenset({"node", "keeper", "gateway"})) -> None:
    assert report.problems == []
    assert (report.lost, report.duplicates, report.roots_equal, report.passed) == (0, 0, True, True)
    assert kills <= sum(report.kills.values()) <= kills + 2
    assert set(report.kills) >= killed
    # After every kill somebody had an answer before the next one.
    assert report.answered >= sum(report.faults.values()) >= kills // 3


def test_fifty_kills_lose_nothing_and_nothing_acts_twice(tmp_path: Path) -> None:
    check(killing(tmp_path, 50, pause_s_max=0.2, look_every=8), 50)


@pytest.mark.slow
def test_a_thousand_kills_lose_nothing_and_nothing_acts_twice(tmp_path: Path) -> None:
    check(killing(tmp_path, 1_000), 1_000)


async def lose(drill: Drill) -> Observed:
    """Take the last frames from the journal, and with them everything that would know better."""
    await drill.until_answered(50)
    await drill.kill()
    files = drill.files
    segment, lies = damage.newest(files)
    begin, end = lies[-min(len(lies) // 2, 20)].offset, lies[-1].offset + lies[-1].length
    with segment.path.open("r+b") as file:
        file.seek(begin)
        file.write(bytes(end - begin))
    (files.journal / SEEN_NAME).unlink()
    damage.remove_snapshots(files, drill.chance)
    for path in files.folder.glob("history.db*"):
        path.unlink()
    await drill.start()
    return Outcome.STARTS, ""


LOSS = Case(Row("a planted loss", Outcome.STARTS, "", ""), lose)


def test_a_drill_in_which_answered_commands_were_lost_fails(tmp_path: Path) -> None:
    told: list[str] = []
    options = plan.Options(minutes=1, kills=1, data=tmp_path / "data", cases=[LOSS], look_every=1)
    report = plan.run(options, told.append)
    assert not report.passed
    assert report.lost > 0
    assert any("was answered and is not in the journal" in problem for problem in report.problems)
    assert list(plan.lines(report))[-1] == "verdict   FAILED"
    assert told[-1].endswith("data")


def test_a_loss_that_the_journal_does_not_show_refuses_the_start(tmp_path: Path) -> None:
    async def lose_half(drill: Drill) -> Observed:
        """Only the journal's last frames: `seen` knows better."""
        await drill.kill()
        segment, frames = damage.newest(drill.files)
        last = frames[-1]
        with segment.path.open("r+b") as file:
            file.seek(last.offset)
            file.write(bytes(last.length))
        await drill.start()
        return Outcome.STARTS, ""

    case = Case(Row("half a planted loss", Outcome.STARTS, "", ""), lose_half)
    report = plan.run(plan.Options(minutes=1, data=tmp_path / "data", cases=[case]), print)
    assert not report.passed
    assert "has been handed out, but the journal ends at" in report.problems[0]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Files, list[Ledger]]:
    """A venue that was stopped in order after some trade."""

    async def trade() -> tuple[Files, list[Ledger]]:
        async with running(tmp_path_factory.mktemp("stopped"), seed=3) as drill:
            await drill.until_answered(100)
            await drill.load.stop()
            await drill.venue.stop()
            return drill.files, drill.load.ledgers

    return asyncio.run(trade())


def said_of_history(files: Files) -> str:
    """How the keeper, or else a check, refuses it; nothing if neither does."""
    try:
        with contextlib.closing(Store(files.history)) as store:
            store.found()
        rebuilding.check(files, lambda sequence: None)
    except HistoryError as problem:
        return str(problem)
    return ""


def test_history_damaged_anywhere_is_refused_with_the_command_or_harmless_or_found_by_a_check(
    stopped: tuple[Files, list[Ledger]],
) -> None:
    files, _ = stopped
    chance, good, found = random.Random(8), files.history.read_bytes(), Counter[bool]()
    for _ in range(15):
        data = bytearray(good)
        place, length = chance.randrange(len(data)), chance.choice((1, 1, 100, 5_000))
        data[place : place + length] = chance.randbytes(len(data[place : place + length]))
        rebuilding.remove(files.history)
        files.history.write_bytes(data[:place] if chance.randrange(5) == 0 else data)
        said = said_of_history(files)
        assert not said or "outcry history rebuild" in said
        found[bool(said)] += 1
    assert found[True] > 3
    rebuilding.rebuild(files, lambda sequence: None)
    rebuilding.check(files, lambda sequence: None)


def test_the_books_find_what_was_lost_and_what_acted_though_refused(stopped: tuple[Files, list[Ledger]]) -> None:
    files, ledgers = stopped
    journal = files.journal
    assert books.settle(journal, ledgers) == books.Settled(0, 0)
    placed = next(iter(ledgers[0].answered))
    never = Order(order_id="", client_id="never")
    wrong = [
        Ledger("lost", answered={"never": never}),
        Ledger("cancel", ended={"never": never}),
        Ledger("amend", amended={"never"}),
        Ledger("twice", refused={placed}),
    ]
    found = books.settle(journal, wrong)
    assert (found.lost, found.doubled) == (3, 1)
    assert "never" in found.example


@pytest.mark.parametrize("passed", [True, False])
def test_the_commands_status_is_the_verdict(passed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report(
        seed=1, seconds=1, kills=Counter(node=1), faults={}, answered=5, unanswered=0, lost=0 if passed else 1,
        duplicates=0, entries=9, roots_equal=True, root="ab", history_rows=3, problems=[],
    )  # fmt: skip
    monkeypatch.setattr(plan, "run", lambda options, say: report)
    told = CliRunner().invoke(cli.app, ["drill", "--minutes", "1"])
    assert told.exit_code == (0 if passed else 1)
    assert ("verdict   passed" in told.stdout) == passed


def test_a_folder_can_be_drilled_again(tmp_path: Path) -> None:
    for _ in range(2):
        check(killing(tmp_path, 1), 1, set())


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    told = CliRunner().invoke(cli.app, ["drill", "--data", str(tmp_path)])
    assert told.exit_code == 1
    assert "no drill's folder" in told.stderr
