"""The command line without a venue: what it prints, what it refuses and with which status."""

import contextlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from outcry.app import bench, checking
from outcry.app.bench import figures
from outcry.app.cli import app
from outcry.engine.breaches import Breach
from outcry.identity import Identity


def outcry(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, arguments)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a journal."""
    folder = tmp_path_factory.mktemp("data")
    bench.write_journal(folder / "journal", bench.Stream(500, seed=5))
    return folder


def test_help_names_every_command() -> None:
    text = outcry("--help").output
    for command in ("up", "replay", "verify", "prune", "bench", "user", "key"):
        assert command in text


def test_replay_and_verify_print_the_same_root(venue: Path) -> None:
    replayed, verified = outcry("replay", str(venue)), outcry("verify", str(venue / "journal"))
    assert (replayed.exit_code, verified.exit_code) == (0, 0)
    root = next(line for line in replayed.output.splitlines() if line.startswith("root"))
    assert root in verified.output.splitlines()
    assert "(holds)" in replayed.output
    assert "verdict   sound" in verified.output
    assert "BROKEN" not in replayed.output


def test_as_json_it_is_one_object(venue: Path) -> None:
    told = json.loads(outcry("verify", str(venue), "--json").stdout)
    assert told["law"]["adds_up"]
    assert told["entries"] == told["sequence"] > 500


def test_verify_ends_with_the_invariants(venue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Breach("INV-07", "XBTUSD", "open_interest", 1_001, 1_000)
    monkeypatch.setattr(checking, "breaches", lambda tables: [broken])
    result = outcry("verify", str(venue))
    assert result.exit_code == 1
    assert "INV-07    XBTUSD: open_interest: found 1,001, expected 1,000 (BROKEN)" in result.output
    assert "sound" not in result.output
    assert "an invariant does not hold" in result.stderr
    assert outcry("replay", str(venue)).exit_code == 0


@pytest.mark.parametrize("command", ["replay", "verify"])
def test_a_folder_without_a_journal_is_one_sentence_and_status_1(command: str, tmp_path: Path) -> None:
    result = outcry(command, str(tmp_path))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("outcry: ")
    assert "there is no journal" in result.stderr


def test_users_and_keys_are_made_and_shown_once(tmp_path: Path) -> None:
    made = json.loads(outcry("user", "add", "carol", "--data", str(tmp_path), "--json").stdout)
    shown = json.loads(outcry("key", "add", "carol", "--data", str(tmp_path), "--json").stdout)
    identity = Identity(tmp_path / "identity.db")
    key = identity.key(shown["key"])
    assert key is not None
    assert (key.user.name, key.secret) == ("carol", shown["secret"])
    assert key.permissions == {"order", "orderCancel", "withdraw"}
    assert key.user.handle.hex() == made["handle"]
    identity.close()


def test_a_sub_account_is_made_and_gets_keys(tmp_path: Path) -> None:
    outcry("user", "add", "carol", "--data", str(tmp_path))
    made = json.loads(outcry("user", "subaccount", "carol", "carol-2", "--data", str(tmp_path), "--json").stdout)
    shown = json.loads(outcry("key", "add", "carol-2", "--data", str(tmp_path), "--json").stdout)
    with contextlib.closing(Identity(tmp_path / "identity.db")) as identity:
        key = identity.key(shown["key"])
        assert key is not None
        assert [one.name for one in identity.accounts_of(key.user)] == ["carol", "carol-2"]
        assert (key.user.handle.hex(), made["owner"]) == (made["handle"], "carol")


def test_a_keys_permissions_and_limits_are_taken_over(tmp_path: Path) -> None:
    outcry("user", "add", "carol", "--data", str(tmp_path))
    flags = ("--permission", "orderCancel", "--requests-per-minute", "600", "--orders-per-second", "30")
    limited = json.loads(outcry("key", "add", "carol", *flags, "--data", str(tmp_path), "--json").stdout)
    reading = json.loads(outcry("key", "add", "carol", "--read-only", "--data", str(tmp_path), "--json").stdout)
    identity = Identity(tmp_path / "identity.db")
    first, second = identity.key(limited["key"]), identity.key(reading["key"])
    assert first is not None
    assert second is not None
    assert first.permissions == {"orderCancel"}
    assert (first.requests_per_minute, first.orders_per_second) == (600, 30)
    assert second.permissions == frozenset()
    identity.close()


def test_a_key_is_listed_without_its_secret_and_switched_off_and_on(tmp_path: Path) -> None:
    outcry("user", "add", "carol", "--data", str(tmp_path))
    flags = ("--name", "bot", "--permission", "order", "--permission", "withdraw")
    made = json.loads(outcry("key", "add", "carol", *flags, "--data", str(tmp_path), "--json").stdout)
    row = {"key": made["key"], "name": "bot", "permissions": "order withdraw", "enabled": True}

    def listed() -> list[dict[str, object]]:
        return [
            json.loads(line)
            for line in outcry("key", "list", "carol", "--data", str(tmp_path), "--json").stdout.splitlines()
        ]

    assert listed() == [row]
    assert outcry("key", "disable", made["key"], "--data", str(tmp_path)).exit_code == 0
    assert listed() == [row | {"enabled": False}]
    assert made["secret"] not in outcry("key", "list", "carol", "--data", str(tmp_path)).stdout
    assert outcry("key", "enable", made["key"], "--data", str(tmp_path)).exit_code == 0
    assert listed() == [row]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("key", "disable", "nothing"), "There is no key 'nothing'."),
        (("key", "list", "nobody"), "There is no user 'nobody'."),
        (("key", "add", "alice", "--read-only", "--permission", "order"), "A read-only key has no permission"),
        (("user", "add", "alice"), "There is a user 'alice' already."),
        (("user", "add", ""), "A user's name has 1 to 64 printable characters"),
        (("key", "add", "nobody"), "There is no user 'nobody'."),
        (("user", "subaccount", "nobody", "n"), "There is no user 'nobody'."),
        (("key", "add", "alice", "--permission", "dance"), "There is no permission 'dance'"),
        (("key", "add", "alice", "--requests-per-minute", "0"), "A limit is a positive number"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_status_1(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    outcry("user", "add", "alice", "--data", str(tmp_path))
    result = outcry(*arguments, "--data", str(tmp_path))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"outcry: {sentence}")


def test_people_need_a_data_folder(tmp_path: Path) -> None:
    result = outcry("user", "add", "alice", "--data", str(tmp_path / "none"))
    assert result.exit_code == 1
    assert "there is no data folder" in result.stderr
    assert not (tmp_path / "none").exists()


def test_an_impossible_port_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    result = outcry("up", "--port", "70000", "--data", str(tmp_path / "data"))
    assert result.exit_code == 1
    assert "a port is a number from 0" in result.stderr
    assert not (tmp_path / "data").exists()


def test_bench_prints_figures_and_the_same_as_json() -> None:
    told = json.loads(outcry("bench", "journal", "--small", "--json", "--commands", "300", "--seed", "7").stdout)
    assert (told["bench"], told["commands"], told["seed"]) == ("journal", 300, 7)
    assert all(row["figure"] > 0 for row in told["rows"])
    printed = outcry("bench", "journal", "--small", "--commands", "300").stdout
    assert all(row["name"] in printed and row["budget"] in printed for row in told["rows"])


@pytest.mark.parametrize("name", bench.BENCHES)
def test_uncompiled_a_full_bench_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "COMPILED", False)
    result = outcry("bench", name)
    assert result.exit_code == 1
    assert "--small" in result.stderr


def test_a_data_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for folder in (str(file), str(file / "below"), "/proc/nobody/data", ""):
        result = outcry("up", "--port", "0", "--data", folder)
        assert result.exit_code == 1
        assert result.stderr.startswith("outcry: ")
        assert len(result.stderr.splitlines()) == 1
