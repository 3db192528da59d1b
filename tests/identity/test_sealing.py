"""The venue's key file: made once, private, and of the right length; keys derived from it."""

import stat
import threading
from pathlib import Path

import pytest

from outcry.identity import Identity, VenueKey
from outcry.identity.people import FileUnusable


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = VenueKey.of_folder(tmp_path)
    path = tmp_path / "venue.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == 32
    assert VenueKey.of_folder(tmp_path).derive("test") == first.derive("test")
    assert list(tmp_path.iterdir()) == [path]


def test_of_many_that_make_it_at_once_all_get_the_same(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(VenueKey.of_folder(tmp_path).derive("test"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_lost_key_is_never_replaced_while_there_are_users(tmp_path: Path) -> None:
    Identity(tmp_path / "identity.db").close()
    (tmp_path / "venue.key").unlink()
    with pytest.raises(FileUnusable, match="restore it from the backup"):
        Identity(tmp_path / "identity.db")
    with pytest.raises(FileUnusable, match="restore it from the backup"):
        VenueKey.of_folder(tmp_path)
    assert not (tmp_path / "venue.key").exists()


def test_purposes_and_lengths_give_different_keys() -> None:
    key = VenueKey(bytes(range(32)))
    assert key.derive("one") != key.derive("two")
    assert len(key.derive("order ids", 16)) == 16


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    VenueKey.of_folder(tmp_path)
    (tmp_path / "venue.key").chmod(0o644)
    with pytest.raises(FileUnusable, match="chmod 600"):
        VenueKey.of_folder(tmp_path)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(FileUnusable, match="32 bytes"):
        VenueKey(b"short")
