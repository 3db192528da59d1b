"""`outcry explain` and `outcry index` on a folder: any entry of its journal, and what cannot be answered."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from outcry.app import explaining, listings, operated, operating
from outcry.app.cli import app
from outcry.app.settings import Files
from outcry.engine.engine import Engine
from outcry.identity import Identity
from outcry.journal.frames import Genesis, Head, build_frame
from outcry.journal.segments import Segments
from outcry.protocol import wire
from outcry.protocol.layout import RULES_VERSION
from tests.engine.worlds import BUY, SELL, START_NS, World

XBT = 10**8


def outcry(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of one liquidation, three entries a frame; account 9 belongs to carol."""
    made = tmp_path_factory.mktemp("data")
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument("XBTUSD", funding_rate_ppb=0)
    world.price(1, 1_000_000)
    maker, account = world.trader(1, 100 * XBT), world.trader(2, XBT)
    world.leverage(account, 5_000)
    world.place(maker, SELL, 20_000, 100_000)
    world.place(account, BUY, 20_000, 100_000)
    world.price(1, 950_000)
    while world.engine.work_waiting:
        world.carry_on()
    journal = Segments.open(made / "journal", Genesis(RULES_VERSION, START_NS))
    head, engine = Head.at_genesis(journal.genesis.hash), Engine()
    for at in range(0, len(world.journal), 3):
        piece = world.journal[at : at + 3]
        frame = build_frame(head.sequence + 1, len(piece), b"".join(piece), head.frame_hash, head.events_digest)
        journal.append(frame)
        head = Head(frame.last_sequence, frame.hash, wire.events_digest(engine.apply(frame.body)))
    journal.sync()
    journal.close()
    identity = Identity(made / "identity.db")
    identity.set_account(identity.add_user("carol"), account)
    identity.close()
    return made


def told(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    result = outcry("explain", *arguments, "--data", str(folder), "--json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def term(one: dict[str, Any], name: str) -> Any:
    return next(found["value"] for found in one["terms"] if found["name"] == name)


def test_a_liquidation_by_owner_by_takeover_and_by_sequence(folder: Path) -> None:
    (by_name,) = told(folder, "liquidation", "--account", "carol")
    (by_takeover,) = told(folder, "liquidation", "--takeover", "1")
    (by_sequence,) = told(folder, "liquidation", "--account", "9", "--sequence", str(by_name["sequence"]))
    assert by_name == by_takeover == by_sequence
    assert term(by_name, "prevented_by_minor") > 0
    lines = outcry("explain", "liquidation", "--account", "9", "--data", str(folder)).stdout
    assert "prevented_by_minor" in lines
    assert "DOES NOT HOLD" not in lines


def test_a_margin_at_every_entry_is_that_of_its_time(folder: Path) -> None:
    (last,) = told(folder, "liquidation", "--account", "carol")
    before = last["sequence"] - 1
    (held,) = told(folder, "margin", "--account", "carol", "--at", str(before))
    assert (held["sequence"], len(held["parts"])) == (before, 1)
    assert term(held["parts"][0], "slack_minor") <= 0
    (after,) = told(folder, "margin", "--account", "carol")
    assert after["parts"] == []
    assert term(after, "wallet_minor") == term(last, "balance_minor")


def test_who_took_the_rest_is_told_his_rank_and_the_round(folder: Path) -> None:
    (one,) = told(folder, "deleveraging", "--account", "8")
    assert (term(one, "takeover"), term(one, "rank"), term(one, "quantity")) == (1, 1, 20_000)
    (ranked,) = one["parts"]
    assert (term(ranked, "eligible"), term(ranked, "need_quantity")) == (1, 20_000)


def test_marks_and_indices_at_an_entry(folder: Path) -> None:
    (now,), (then,) = told(folder, "index", "XBTUSD"), told(folder, "index", ".BXBT", "--at", "6")
    assert (term(then, "value_units"), term(now, "value_units")) == (1_000_000, 950_000)
    (mark,) = told(folder, "mark", "XBTUSD")
    assert all(check["holds"] for check in mark["checks"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("margin", "--account", "9", "--at", "9999"), "the journal ends at sequence"),
        (("margin", "--account", "nobody"), "There is no user 'nobody'."),
        (("margin", "--account", "999999"), "there was no account 999999"),
        (("margin", "--account", "9", "--currency", "EUR"), "there was no currency EUR; there were XBt"),
        (("mark", "NOTHING"), "nothing called NOTHING was listed; there were XBTUSD"),
        (("mark", ".BXBT"), ".BXBT is an index and has no mark or funding: ask `outcry explain index .BXBT`"),
        (("index", ".FOO"), "no index is called .FOO; there were .BXBT"),
        (("liquidation",), "name an --account, or the --takeover"),
        (("liquidation", "--takeover", "5"), "there was no takeover 5"),
        (("liquidation", "--account", "8"), "no liquidation of account 8 is known here"),
        (("deleveraging", "--account", "9"), "no such deleveraging of account 9"),
        (("funding", "XBTUSD", "--epoch", "3"), "XBTUSD has had no funding yet"),
        (("funding", "XBTUSD"), "XBTUSD has had no funding yet"),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    result = outcry("explain", *arguments, "--data", str(folder))
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith(f"outcry: {sentence}")


def test_no_user_is_known_without_a_database(tmp_path: Path) -> None:
    with pytest.raises(explaining.CannotExplain, match="has no users"):
        explaining.account_of(Files(tmp_path), "carol")


def test_the_operators_file_names_sources_and_what_it_does_not_name_stays(tmp_path: Path) -> None:
    files, terms = Files(tmp_path), listings.load()
    assert operated.wanted(terms, operated.read(files))[1, 1] == terms.indices[0].start_units
    files.prices.write_text('{".BXBT": {"beta": "50000.5"}}')
    wanted = operated.wanted(terms, operated.read(files))
    assert (wanted[1, 1], wanted[1, 2]) == (terms.indices[0].start_units, 5_000_050)
    files.prices.write_text("[]")
    with pytest.raises(operated.PricesUnreadable, match="set the prices anew"):
        operated.read(files)
    with pytest.raises(listings.ListingError, match="more than 0"):
        operated.units_of(terms.indices[0], "0")


def test_a_price_that_no_contract_can_have_is_refused() -> None:
    terms = listings.load()
    operating.check_possible(terms, ".BXBT", "1000000")
    with pytest.raises(operating.NotOperated, match="the highest is"):
        operating.check_possible(terms, ".BXBT", "1e30")


def test_an_index_is_set_on_a_running_venue_only(tmp_path: Path) -> None:
    result = outcry("index", "set", ".BXBT", "50000", "--data", str(tmp_path))
    assert result.exit_code == 1
    assert "no venue runs on" in result.stderr
    assert "a profile is one of demo, test" in outcry("up", "--profile", "dance", "--data", str(tmp_path)).stderr
