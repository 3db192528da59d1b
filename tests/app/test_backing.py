"""A backup of a running venue is a venue: what was there before it is there after a restart from it, no less."""

import json
import shutil
from pathlib import Path

import httpx
import pytest

from outcry.app import backing, checking
from outcry.client.signing import Credentials, signed_headers
from tests.venue import Venue, outcry

EXPIRES = 4_102_444_800
MINIMAL = ("--profile", "test")


def asked(venue: Venue, verb: str, path: str, body: object = None) -> httpx.Response:
    """A signed request of the first demo user."""
    user = venue.users[0]
    content = b"" if body is None else json.dumps(body).encode()
    target = f"/api/v1{path}"
    headers = signed_headers(Credentials(user.key, user.secret), verb, target.encode(), EXPIRES, content)
    return httpx.request(
        verb, venue.url + target, content=content, headers={**headers, "content-type": "application/json"}
    )


@pytest.mark.venue
def test_a_venue_is_backed_up_while_it_runs_and_restored_elsewhere(tmp_path: Path) -> None:
    venue = Venue(tmp_path / "data", MINIMAL)
    venue.start()
    try:
        order = {"symbol": "XBTUSD", "orderQty": 100, "price": 1_000, "side": "Buy", "clOrdID": "before"}
        placed = asked(venue, "POST", "/order", order)
        assert placed.status_code == 200, placed.text
        first = backing.backup(venue.data, tmp_path / "copy", with_history=True, with_snapshot=True)
        assert asked(venue, "POST", "/order", {**order, "clOrdID": "between"}).status_code == 200
        told = outcry("backup", str(venue.data), str(tmp_path / "copy"), "--json")
        assert told.returncode == 0, told.stderr
        second = json.loads(told.stdout)
        assert asked(venue, "POST", "/order", {**order, "clOrdID": "after"}).status_code == 200
        key = venue.users[0]
    finally:
        venue.stop()
    assert second["sequence"] > first.sequence
    assert not {one.stored for one in first.files if one.name == "history.db"} & set(stored(tmp_path / "copy"))
    told = outcry("restore", str(tmp_path / "copy"), str(tmp_path / "elsewhere"), "--json")
    assert told.returncode == 0, told.stderr
    restored = json.loads(told.stdout)
    # The original's journal, replayed to the same entry, has the same head and the same root.
    assert (restored["sequence"], restored["head"]) == (second["sequence"], second["head"])
    at = outcry("replay", str(venue.data), "--to", str(second["sequence"]), "--json")
    assert json.loads(at.stdout)["root"] == restored["root"]
    again = Venue(tmp_path / "elsewhere", MINIMAL)
    again.start()
    try:
        assert again.users[0] == key
        rows = asked(again, "GET", "/order").json()
        found = {row["clOrdID"]: row["orderID"] for row in rows}
        assert set(found) == {"before", "between"}
        assert found["before"] == placed.json()["orderID"]
        gone = asked(again, "DELETE", "/order", {"orderID": found["before"]}).json()
        assert [row["ordStatus"] for row in gone] == ["Canceled"]
    finally:
        again.stop()


def stored(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a venue that has stopped."""
    folder = tmp_path_factory.mktemp("backed")
    venue = Venue(folder / "data", ("--empty",))
    venue.start()
    venue.stop()
    backing.backup(venue.data, folder / "copy", with_history=False, with_snapshot=False)
    return folder


@pytest.mark.venue
def test_what_cannot_be_restored_is_refused(made: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(made / "copy", copy)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").touch()
    with pytest.raises(backing.BackupFailed, match="is not empty"):
        backing.restore(copy, tmp_path / "full", lambda sequence: None)
    victim = next((copy / "state").glob("identity.db.*"))
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    with pytest.raises(backing.BackupFailed, match="not what the manifest says"):
        backing.restore(copy, tmp_path / "new", lambda sequence: None)
    assert not (tmp_path / "new").exists()
    (copy / backing.MANIFEST).unlink()
    with pytest.raises(backing.BackupFailed, match="no whole backup"):
        backing.restore(copy, tmp_path / "new", lambda sequence: None)


@pytest.mark.venue
def test_what_was_copied_is_not_copied_again_and_another_venue_is_refused(made: Path, tmp_path: Path) -> None:
    again = backing.backup(made / "data", made / "copy", with_history=False, with_snapshot=False)
    assert again.copied_bytes == 0
    whole = checking.verify(made / "data" / "journal", lambda sequence: None)
    assert (again.sequence, again.head) == (whole.sequence, whole.head)
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "something").touch()
    with pytest.raises(backing.BackupFailed, match="no backup"):
        backing.backup(made / "data", tmp_path / "mixed", with_history=False, with_snapshot=False)
    with pytest.raises(backing.BackupFailed, match="no venue"):
        backing.backup(tmp_path, tmp_path / "new", with_history=False, with_snapshot=False)
