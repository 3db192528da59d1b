"""The part of a journal that older rules have made: which it is, what can be checked of it, and the state it ended in.

Such a stretch is checked for chain, checksums, numbers, times, Merkle roots and signatures, and not applied.  It ends
with an `Upgrade`, which names the root of the state before.  Where that state is kept as a snapshot of its own format,
its root is made again over the layout that was written down (`formats/`).  Reads only.
"""

from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import msgspec

from outcry.engine import former
from outcry.engine.engine import Engine
from outcry.engine.former import Former, FormerState, Unreadable
from outcry.journal.errors import RESTORE, JournalDamaged, JournalOutdated
from outcry.journal.frames import Frame
from outcry.journal.reading import beginning_of, read_frames, read_genesis
from outcry.journal.upgraded import upgrade_in, upgraded_at
from outcry.node.roots import StateRoot
from outcry.node.snapshots import CACHE, FORMER, ROOTED, Snapshot, SnapshotUnusable, read_snapshot, sequence_of
from outcry.protocol.layout import Upgrade


class Stretch(msgspec.Struct, frozen=True):
    """Entries that older rules made."""

    first_sequence: int
    last_sequence: int
    format: int
    rules_version: int
    frames: int
    state: str
    """The file of the state before the upgrade whose root was made again; empty where there is none."""


def check_stretch(journal: Path, check: Callable[[Frame], Frame], progress: Callable[[int], None]) -> Stretch | None:
    """Check what older rules made, up to the upgrade and with it; None where there is nothing of that kind.

    Raises `JournalDamaged`, and `JournalOutdated` after the check if no upgrade ends it.
    """
    outdated: JournalOutdated | None = None
    upgraded = 0
    try:
        upgraded = upgraded_at(journal)
    except JournalOutdated as problem:
        outdated = problem
    first_sequence = beginning_of(journal).first_sequence
    if outdated is None and not first_sequence <= upgraded:
        return None
    genesis, frames, last, before = read_genesis(journal), 0, first_sequence - 1, b""
    for frame in read_frames(journal, first_sequence, upgraded or None):
        check(frame)
        if frame.first_sequence == upgraded:
            upgrade = upgrade_in(frame)
            assert upgrade is not None
            state = _check_state(journal, frame, before, upgrade)
            return Stretch(first_sequence, last, genesis.format, genesis.rules_version, frames, state)
        frames, last, before = frames + 1, frame.last_sequence, frame.hash
        progress(last)
    assert outdated is not None
    raise JournalOutdated(
        outdated.folder,
        outdated.found,
        outdated.known,
        f"entries {first_sequence:,} to {last:,} were made by format {genesis.format}, rules {genesis.rules_version}: "
        "chain, checksums, Merkle roots and times are in order, nothing was applied. ",
    )


def _check_state(journal: Path, frame: Frame, before: bytes, upgrade: Upgrade) -> str:
    """The file of the state before the upgrade, if it is there and the root over its own layout is the upgrade's."""
    last = frame.first_sequence - 1
    for path, snapshot, state in former_states(journal, last):
        if (snapshot.head.frame_hash, snapshot.head.events_digest) != (before, frame.header.events_digest):
            raise JournalDamaged(
                last, f"{path.name} belongs to another frame than the one before the upgrade. {RESTORE}"
            )
        root = former.roots(state)[1]
        if root != bytes(upgrade.root_before):
            raise JournalDamaged(
                frame.first_sequence,
                f"the state of sequence {last} in {path.name} has the root {root.hex()} in format "
                f"{state.former.format}, the upgrade says {bytes(upgrade.root_before).hex()}. {RESTORE}",
            )
        _check_migration(frame, state, upgrade)
        return path.name
    return ""


def _check_migration(frame: Frame, state: FormerState, upgrade: Upgrade) -> None:
    """Whether the state before leads to the state after that the upgrade names."""
    engine = Engine.restore(former.translate(state))
    engine.apply(frame.body)
    root = engine.roots()[2]
    if root != bytes(upgrade.root_after):
        raise JournalDamaged(
            frame.first_sequence,
            f"the upgrade makes of the state before it one with the root {root.hex()}, and says "
            f"{bytes(upgrade.root_after).hex()}: the state was not migrated as it should have been. {RESTORE}",
        )


def layout_of(version: int) -> Former | None:
    """How the states of a format were laid out, if that was written down."""
    file = resources.files("outcry.app") / "formats" / f"format_{version}.json"
    return Former.decode(file.read_text()) if file.is_file() else None


def former_states(journal: Path, sequence: int) -> Iterator[tuple[Path, Snapshot, FormerState]]:
    """The states of the journal's first format at that entry, as far as they can be read and have the root they say."""
    genesis = read_genesis(journal)
    shape = layout_of(genesis.format)
    folder = journal.parent / "snapshots"
    found = [path for suffix in (FORMER, ROOTED, CACHE) for path in folder.glob("*" + suffix) if path.stem.isdigit()]
    for path in found:
        if shape is None or sequence_of(path) != sequence:
            continue
        try:
            snapshot = read_snapshot(path, genesis.hash, genesis.format)
            state = former.read(shape, snapshot.data)
        except (SnapshotUnusable, Unreadable):
            continue
        if snapshot.root is None or snapshot.root == StateRoot(sequence, *former.roots(state)):
            yield path, snapshot, state
