"""A backup of a running venue is a venue: what was there before it is there after a restart from it, no less."""

import json
import os
import shutil
from pathlib import Path

import httpx
import pytest

from outcry.app import backing, checking, restoring, upgrading
from outcry.app.settings import Files
from outcry.client.signing import Credentials, signed_headers
from outcry.identity import Identity
from outcry.journal.segments import SegmentSettings
from tests.app.recorded import record
from tests.venue import Venue, outcry

EXPIRES = 4_102_444_800
MINIMAL = ("--profile", "test")
SMALL = SegmentSettings(segment_bytes=4 << 10, reserve_bytes=4 << 10, compress=False)


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
    # The original may have signed more: nothing starts here before the operator has said that it is gone.
    refused = outcry("up", "--port", "0", "--data", str(tmp_path / "elsewhere"), *MINIMAL)
    assert refused.returncode == 1
    assert f"restored from a backup that ends at sequence {second['sequence']:,}" in refused.stderr
    assert f"say `outcry accept-loss {tmp_path / 'elsewhere'}`" in refused.stderr
    accepted = outcry("accept-loss", str(tmp_path / "elsewhere"))
    assert accepted.returncode == 0, accepted.stderr
    assert f"after sequence {second['sequence']:,}" in accepted.stdout
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
        restoring.restore(copy, tmp_path / "full", lambda sequence: None)
    victim = next((copy / "state").glob("identity.db.*"))
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    with pytest.raises(backing.BackupFailed, match="not what the manifest says"):
        restoring.restore(copy, tmp_path / "new", lambda sequence: None)
    assert not (tmp_path / "new").exists()
    (copy / backing.MANIFEST).unlink()
    with pytest.raises(backing.BackupFailed, match="no whole backup"):
        restoring.restore(copy, tmp_path / "new", lambda sequence: None)


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


def recorded(folder: Path, opening: int = 0, per_frame: int = 5) -> Path:
    """A stopped venue with a journal of many small segments; the same opening is the same chain."""
    record(folder / "journal", opening=opening, per_frame=per_frame, settings=SMALL)
    Identity(folder / "identity.db").close()
    return folder


def backed_up(data: Path, into: Path) -> backing.Manifest:
    return backing.backup(data, into, with_history=False, with_snapshot=False)


def test_closed_segments_are_copied_once(tmp_path: Path) -> None:
    first = backed_up(recorded(tmp_path / "data", opening=150), tmp_path / "copy")
    closed = {tmp_path / "copy" / one.stored for one in first.files if one.closed}
    assert len(closed) > 3
    written = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in closed}
    second = backed_up(recorded(tmp_path / "later", opening=250), tmp_path / "copy")
    assert second.sequence > first.sequence
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in closed} == written
    assert second.copied_bytes == sum(one.length for one in second.files) - sum(
        one.length for one in first.files if one.closed or one.name in ("identity.db", "journal/genesis")
    )
    restored = restoring.restore(tmp_path / "copy", tmp_path / "again", lambda sequence: None)
    assert (restored.sequence, restored.head) == (second.sequence, second.head)


def test_a_copy_that_went_on_by_itself_is_not_mixed_with_the_original(tmp_path: Path) -> None:
    """Of the same beginning, with the same number of segments, and other frames."""
    first = backed_up(recorded(tmp_path / "data", opening=150), tmp_path / "copy")
    kept = {path: path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    for name, opening, per_frame, found in (("other", 250, 4, "another frame"), ("older", 100, 5, "nothing")):
        with pytest.raises(backing.BackupFailed, match=rf"at sequence {first.sequence:,}, .* has {found}; one of"):
            backed_up(recorded(tmp_path / name, opening, per_frame), tmp_path / "copy")
    assert {path: path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file()} == kept


def test_a_restore_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    made = backed_up(recorded(tmp_path / "data", opening=50), tmp_path / "copy")
    manifest = tmp_path / "copy" / backing.MANIFEST

    def interrupted(sequence: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restoring.restore(tmp_path / "copy", tmp_path / "new", interrupted)
    manifest.write_text(manifest.read_text().replace(made.head, "00" * 32))
    (tmp_path / "empty").mkdir()
    for name in ("new", "empty"):
        with pytest.raises(backing.BackupFailed, match=f"with {made.head}, and the manifest says"):
            restoring.restore(tmp_path / "copy", tmp_path / name, lambda sequence: None)
    assert {path.name for path in tmp_path.iterdir()} == {"data", "copy", "empty"}
    assert list((tmp_path / "empty").iterdir()) == []


@pytest.mark.parametrize("mounted", [False, True])
def test_a_restored_folder_is_marked_until_its_loss_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mounted: bool
) -> None:
    made = backed_up(recorded(tmp_path / "data", opening=50), tmp_path / "copy")
    data, files = tmp_path / "new", Files(tmp_path / "new")
    data.mkdir()
    place = data.stat().st_ino
    monkeypatch.setattr(os.path, "ismount", lambda path: mounted and Path(path) == data)
    restoring.restore(tmp_path / "copy", data, lambda sequence: None)
    # What is mounted there cannot be replaced by a rename.
    assert (data.stat().st_ino == place) is mounted
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".making")] == []
    with pytest.raises(restoring.RestoreNotAccepted, match=f"ends at sequence {made.sequence:,}"):
        restoring.settle_restored(files)
    with pytest.raises(restoring.RestoreNotAccepted):
        upgrading.upgrade(data)
    assert restoring.accept_loss(data).head == made.head
    restoring.settle_restored(files)
    with pytest.raises(backing.BackupFailed, match="nothing to accept"):
        restoring.accept_loss(data)
    files.restored.write_bytes(b"{")
    with pytest.raises(backing.BackupFailed, match="cannot be read"):
        restoring.settle_restored(files)


def test_a_restore_may_accept_the_loss_at_once(tmp_path: Path) -> None:
    backed_up(recorded(tmp_path / "data", opening=50), tmp_path / "copy")
    restoring.restore(tmp_path / "copy", tmp_path / "new", lambda sequence: None, accept_loss=True)
    restoring.settle_restored(Files(tmp_path / "new"))
