"""`outcry audit` over a journal on disk: sound, and one whose engine gave somebody a satoshi at the end."""

from pathlib import Path

import pytest

from outcry.app import auditing, bench
from outcry.engine.engine import Engine
from outcry.protocol.layout import Fault, Tables
from outcry.simulation.auditor import Auditor
from outcry.simulation.auditor_books import Books, Halt
from outcry.simulation.auditor_compared import compare
from tests.venue import outcry

COMMANDS = 600


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    folder = tmp_path / "journal"
    bench.write_journal(folder, bench.Stream(COMMANDS, seed=5))
    return folder


def test_a_sound_journal_is_found_sound_by_the_command(journal: Path) -> None:
    told = outcry("audit", str(journal))
    assert told.returncode == 0, told.stderr
    assert "verdict   sound" in told.stdout
    assert "BROKEN" not in told.stdout


def test_rows_that_nothing_ever_said_are_found_at_the_end(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert auditing.audit(journal, lambda sequence: None).sound

    def compare_after_a_theft(books: Books, tables: Tables) -> None:
        tables.wallets[20].balance_minor += 1
        compare(books, tables)

    monkeypatch.setattr(auditing, "compare", compare_after_a_theft)
    audited = auditing.audit(journal, lambda sequence: None)
    assert not audited.sound
    assert audited.breach.startswith("AUD-30 does not hold at sequence")


def test_a_venue_that_halted_itself_is_not_sound() -> None:
    auditor = Auditor()
    assert auditing.summary(auditor.books, Engine().tables, "", 0.0).sound
    auditor.books.halt = Halt(7, Fault.FAULT_MONEY, 1, 5, 4)
    audited = auditing.summary(auditor.books, Engine().tables, "", 0.0)
    assert not audited.sound
    assert audited.halt == "the venue halted itself at sequence 7: FAULT_MONEY of 1: found 5, expected 4"
