"""Every row of docs/operating/faults.md is tried on a real venue, and comes out exactly as the page says.

First the page and the cases, which are the same; then what befalls a running venue; then, on a venue that stands still
with the files of a clean stop, what is damaged at a start.  All in one venue, whose clients are asked in the end.
"""

import asyncio
from pathlib import Path

import pytest

from outcry.app.drill import damage
from outcry.app.drill.attempts import Case, Damaged, compare, tried
from outcry.app.drill.cases import CASES, RUNNING
from outcry.app.drill.running import Drill, Report, running
from outcry.app.drill.table import HEAD, Outcome, Row, lines
from outcry.journal.files import list_segments

PAGE = Path(__file__).parents[2] / "docs" / "operating" / "faults.md"
FRAMES_MIN = 3
AT_START = [case for case in CASES if case not in RUNNING]


def test_the_page_has_a_row_for_every_case_and_no_other() -> None:
    shown = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    assert shown == lines(case.row for case in CASES)
    assert len({case.row.fault for case in CASES}) == len(CASES)


def test_a_row_fits_what_it_says_and_nothing_else() -> None:
    row = Row("x", Outcome.REFUSED, "PATH: sequence N is (gone): …. Restore", "Do.")
    said = "the node process ended with status 1: /a/b.segment: sequence 1,204 is (gone): for good. Restore it"
    assert row.fits(Outcome.REFUSED, said)
    assert not row.fits(Outcome.STARTS, said)
    assert not row.fits(Outcome.REFUSED, said.replace("1,204", "one"))
    assert not row.fits(Outcome.REFUSED, said.replace("(gone)", "there"))
    assert row.line() == f"| x | {Outcome.REFUSED} | `{row.says}` | Do. |"
    assert HEAD[0].count("|") == row.line().count("|")


async def on_stopped(drill: Drill, case: Case) -> None:
    assert isinstance(case.attempt, Damaged)
    drill.faults[case.row.fault] += 1
    compare(drill, case.row, *await case.attempt.on_stopped(drill))


async def everybody_answered(drill: Drill) -> None:
    """Every client has an answer that it did not have before, however long that takes here."""
    before = [ledger.commands for ledger in drill.load.ledgers]
    await drill.until(
        lambda: all(ledger.commands > had for ledger, had in zip(drill.load.ledgers, before, strict=True)),
        "an answer to every client",
    )


async def try_all(folder: Path) -> tuple[Report, int]:
    async with running(folder, seed=6) as drill:
        for case in RUNNING:
            await tried(drill, case)
            await everybody_answered(drill)
        await drill.until(lambda: all(case.possible(drill.files) for case in CASES), "a journal of some segments")
        await drill.look()
        await drill.load.stop()
        await drill.venue.stop()
        while len(damage.frames_in(list_segments(drill.files.journal)[-1])) < FRAMES_MIN:
            # A new segment has just been begun; a second of the feed's prices fills it.
            await drill.start()
            await asyncio.sleep(1)
            await drill.venue.stop()
        for case in AT_START:
            await on_stopped(drill, case)
        await drill.start()
        return await drill.settle(0), len(drill.load.clients)


@pytest.mark.venue
def test_every_fault_comes_out_as_the_page_says(tmp_path: Path) -> None:
    report, clients = asyncio.run(try_all(tmp_path))
    assert report.problems == []
    assert set(report.faults) == {case.row.fault for case in CASES}
    assert report.passed
    assert report.answered >= len(RUNNING) * clients > 0
