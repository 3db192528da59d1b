"""`outcry correct` (PRD-05): a wrong resolution, replayed; a table, a csv, and nothing is changed."""

import csv
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from outcry.app.cli import app
from outcry.journal.files import GENESIS_NAME
from outcry.node.core import NODE_KINDS
from outcry.protocol import wire
from tests.app.recorded import SMALL, Recorder
from tests.engine.questions import FIRST_NS, HIGHEST, HOUR_NS, MINUTE_NS, decide, dispute, propose, question
from tests.engine.worlds import BUY, SELL, World


def recorded(folder: Path, world: World) -> None:
    """What somebody sent in that world, through a node into a journal."""
    sent = [wire.entry_of(entry) for entry in world.journal]
    steps = [(one.head.time_ns, one.record) for one in sent if one.head.kind not in NODE_KINDS]
    recorder = Recorder(folder / "journal", steps[0][0] - 1, 64, SMALL, 1)
    try:
        for time_ns, record in steps:
            recorder.hand_in(record, time_ns)
            recorder.synced(time_ns)
    finally:
        recorder.journal.close()
    assert (folder / "journal" / GENESIS_NAME).exists()


def traded(**terms: int) -> World:
    """8 and 10 hold what 9 has sold, at 40 % and at 50 %."""
    world = question(**terms)
    world.trader(3, 10**9)
    world.place(9, SELL, 200, 4_000)
    world.place(8, BUY, 200, 4_000)
    world.place(9, SELL, 100, 5_000)
    world.place(10, BUY, 100, 5_000)
    return world


def later(world: World) -> None:
    """Somebody sends something once the time is over, so that the node's clock passes it."""
    for minutes in (1, 2):
        world.now_ns = FIRST_NS + 3 * HOUR_NS + minutes * MINUTE_NS
        world.deposit(8, 5)


def wrongly_resolved() -> World:
    """Nobody disputed that it was answered by everything."""
    world = traded()
    propose(world, HIGHEST)
    later(world)
    return world


def wrongly_decided() -> World:
    """Somebody did, and lost his bond."""
    world = traded()
    propose(world, HIGHEST)
    dispute(world, 10)
    decide(world, HIGHEST)
    later(world)
    return world


def told(folder: Path, *words: str) -> list[list[str]]:
    """The table's rows, out of the csv, which are the printed ones."""
    file = folder / "payouts.csv"
    told = CliRunner().invoke(app, ("correct", str(folder), *words, "--csv", str(file)))
    assert told.exit_code == 0, told.output
    with file.open() as rows:
        found = list(csv.reader(rows))
    for row in found:
        assert " ".join(row).split() in [line.split() for line in told.stdout.splitlines()]
    return found


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_a_wrong_resolution_is_told_with_what_it_should_have_paid(tmp_path: Path) -> None:
    recorded(tmp_path, wrongly_resolved())
    before = bytes_of(tmp_path / "journal")
    assert told(tmp_path, "P_RAIN", "0") == [
        ["account", "quantity", "paid", "corrected", "bond", "corrected bond", "difference"],
        ["8", "200", "120.000000", "-80.000000", "0.000000", "0.000000", "-200.000000"],
        ["9", "-300", "-170.000000", "130.000000", "0.000000", "0.000000", "300.000000"],
        ["10", "100", "50.000000", "-50.000000", "0.000000", "0.000000", "-100.000000"],
        ["sum", "0", "0.000000", "0.000000", "0.000000", "0.000000", "0.000000"],
    ]
    assert told(tmp_path, "P_RAIN", "0.25")[1][3] == "-30.000000"
    assert bytes_of(tmp_path / "journal") == before


def test_of_a_wrong_decision_the_bond_comes_back_too(tmp_path: Path) -> None:
    recorded(tmp_path, wrongly_decided())
    rows = told(tmp_path, "P_RAIN", "0")
    assert rows[3] == ["10", "100", "50.000000", "-50.000000", "-1.000000", "0.000000", "-99.000000"]
    assert rows[4] == ["sum", "0", "0.000000", "0.000000", "-1.000000", "0.000000", "1.000000"]
    assert told(tmp_path, "P_RAIN", "1")[3][6] == "0.000000"


def test_void_pays_by_the_mean_and_json_says_both_prices(tmp_path: Path) -> None:
    recorded(tmp_path, wrongly_resolved())
    found = CliRunner().invoke(app, ("correct", str(tmp_path), "P_RAIN", "void", "--json"))
    said = msgspec.json.decode(found.stdout)
    assert said["price_subticks"] == HIGHEST
    assert said["corrected_subticks"] == HIGHEST // 2
    assert [one["corrected_minor"] for one in said["payouts"]] == [20 * 10**6, -20 * 10**6, 0]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("NOTHING", "0"), "nothing called NOTHING is listed"),
        (("P_RAIN", "2"), "more than its highest"),
        (("P_RAIN", "yes"), "is no outcome"),
        (("P_RAIN", "-1"), "is no outcome"),
        (("P_RAIN", "0.000001"), "is no price"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path: Path, words: tuple[str, str], why: str) -> None:
    recorded(tmp_path, wrongly_resolved())
    found = CliRunner().invoke(app, ("correct", str(tmp_path), "--", *words))
    assert found.exit_code == 1
    assert why in found.stderr


def test_a_market_that_is_not_settled_or_binary_says_so(tmp_path: Path) -> None:
    world = traded(binary=1)
    propose(world, HIGHEST)
    recorded(tmp_path, world)
    found = CliRunner().invoke(app, ("correct", str(tmp_path), "P_RAIN", "0"))
    assert "is not settled in this journal yet" in found.stderr
    found = CliRunner().invoke(app, ("correct", str(tmp_path), "P_RAIN", "0.5"))
    assert "a binary market has only two" in found.stderr
