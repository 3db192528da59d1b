"""`outcry restore` and `outcry accept-loss`: a backup becomes a venue again, and does not run before that is sound.

First the restore: every file's hash is checked, the journal is verified to its head, and the folder appears when that
is done and not before.  Then what keeps the restored venue from starting: the original may have gone on after the
backup, and both sign under one key, so a start would sign other entries under numbers that are signed already.  A mark
in the folder says so, `outcry up` and `outcry upgrade` refuse it, and only a word of the operator takes it away.
Known limit: whether the original still runs nobody here can know.
"""

import hashlib
import logging
import os
import shutil
from pathlib import Path

import msgspec

from outcry.app import checking, logs
from outcry.app.backing import BackupFailed, Kept, Manifest, read_manifest
from outcry.app.rebuilding import held
from outcry.app.settings import Files
from outcry.journal.files import sync_folder, write_whole

log = logging.getLogger("outcry.app")

MAKING = ".making"


class RestoreNotAccepted(Exception):
    """A restored venue does not start before the operator has said that the original is gone."""


class Restored(msgspec.Struct, frozen=True):
    """The mark in a restored folder: `restored.json`."""

    sequence: int
    """Where the backup ends."""
    head: str
    """Hash of the frame that ends there."""


def restore(folder: Path, data: Path, progress: checking.Progress, accept_loss: bool = False) -> checking.Checked:
    """Bring a backup into a folder of its own, which appears when its journal is verified and not before.

    It is marked, unless the loss of what came after the backup is accepted with it.  Raises `BackupFailed`,
    `JournalError`, `ReplicaDiverged`.
    """
    manifest = read_manifest(folder)
    data = data.resolve()
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise BackupFailed(f"{data} is not empty: a venue is restored into a folder of its own")
    # What a disk is mounted on cannot be replaced, so it is filled from a folder inside of it.
    inside = os.path.ismount(data)
    making = data / MAKING if inside else data.with_name(data.name + MAKING)
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    try:
        _bring(folder, manifest, making)
        checked = checking.verify(Files(making).journal, progress, Files(making).known_false())
        if (checked.sequence, checked.head) != (manifest.sequence, manifest.head):
            raise BackupFailed(
                f"the restored journal ends at sequence {checked.sequence:,} with {checked.head}, and the manifest "
                f"says {manifest.sequence:,} with {manifest.head}"
            )
        if not accept_loss:
            mark = msgspec.json.encode(Restored(manifest.sequence, manifest.head))
            write_whole(Files(making).restored, mark + b"\n", mode=0o600)
        _appear(making, data, inside)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return checked


def _bring(folder: Path, manifest: Manifest, data: Path) -> None:
    """Every file to its place.  Raises `BackupFailed`."""
    for one in manifest.files:
        content = _checked(folder, one)
        target = data / one.name
        if not target.resolve().is_relative_to(data.resolve()):
            raise BackupFailed(f"the manifest of {folder} names {one.name}, which is outside of a data folder")
        target.parent.mkdir(exist_ok=True, mode=0o700)
        write_whole(target, content, mode=0o600)


def _checked(folder: Path, one: Kept) -> bytes:
    """A file's content.  Raises `BackupFailed` if it is not what the manifest says."""
    try:
        content = (folder / one.stored).read_bytes()
    except OSError as problem:
        raise BackupFailed(f"{folder / one.stored} cannot be read: {problem.strerror}") from problem
    if len(content) != one.length or hashlib.sha256(content).hexdigest() != one.sha256:
        raise BackupFailed(f"{folder / one.stored} is not what the manifest says: use another backup")
    return content


def _appear(making: Path, data: Path, inside: bool) -> None:
    """Put the folder where it shall be; where that cannot be done at once, the mark first and the journal last."""
    if not inside:
        if data.exists():
            data.rmdir()
        making.rename(data)
        sync_folder(data.parent)
        return
    mark, journal = Files(making).restored.name, Files(making).journal.name
    for path in sorted(making.iterdir(), key=lambda one: (one.name == journal, one.name != mark, one.name)):
        path.rename(data / path.name)
        sync_folder(data)
    making.rmdir()


def _read_mark(files: Files) -> Restored:
    try:
        return msgspec.json.decode(files.restored.read_bytes(), type=Restored)
    except msgspec.DecodeError as problem:
        raise BackupFailed(f"{files.restored} cannot be read ({problem}): restore the venue once more") from problem


def settle_restored(files: Files) -> None:
    """Refuse what signs new entries in a restored folder before its loss is accepted.  Raises `RestoreNotAccepted`,
    `BackupFailed`.
    """
    if files.restored.exists():
        mark = _read_mark(files)
        raise RestoreNotAccepted(
            f"{files.folder} was restored from a backup that ends at sequence {mark.sequence:,}. If the original went "
            "on after that, it has signed what this venue would sign differently, and its clients can prove it. If the "
            "original's folder can still be read, use that, or back it up once more. If it is gone for good, or was "
            f"stopped before the backup, say `outcry accept-loss {files.folder}` and start again"
        )


def accept_loss(data: Path) -> Restored:
    """The operator says that the original never runs again: the mark goes.  Raises `BackupFailed`, `HistoryError`."""
    files = Files(data)
    if not files.restored.exists():
        raise BackupFailed(f"{data} has no mark of a restore, so there is nothing to accept")
    with held(files), logs.keeping("operator", files.logs):
        mark = _read_mark(files)
        log.warning(
            "restored to sequence %d, and what the original did after it is accepted as lost",
            mark.sequence,
            extra={"sequence": mark.sequence, "head": mark.head},
        )
        files.restored.unlink()
        sync_folder(data)
    return mark
