"""What replicas know beside the journal, from where they begin, and what happens when two disagree about a state root.

Gateway and keeper begin with what they have saved or else with a snapshot; the guests begin with a snapshot if there is
one, so that they check each other.  Who finds that his root differs halts and
leaves a mark; the next start waits until somebody has said, with the help of `outcry verify`, whose root is false.
"""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec

from outcry.app import saved
from outcry.app.settings import Files, Settings
from outcry.history import Store, reached
from outcry.history.batches import Batch
from outcry.journal.errors import JournalPruned, JournalUpgraded
from outcry.journal.files import GENESIS_NAME, write_whole
from outcry.journal.reading import beginning_of, read_frames, read_genesis
from outcry.journal.upgraded import upgraded_at
from outcry.node.keeper import KeeperSettings
from outcry.node.keeping import Keeping
from outcry.node.recovery import Shelf
from outcry.node.replica import RootDiffers
from outcry.node.roots import Hashing, RootBook
from outcry.node.snapshots import drop_rooted
from outcry.views.recent import Recent
from outcry.views.shelves import Bounds

log = logging.getLogger("outcry.app")

Viewer = saved.Follower[Recent]


class RootDisputed(Exception):
    """Two replicas disagree about a state root and nobody has said yet whose is false."""


def seen_beside(files: Files) -> int:
    """The last entry that a saved state or history knows, so that it was durable, whatever the journal has lost since.

    Raises `JournalDamaged` for a genesis that cannot be read.
    """
    if not (files.journal / GENESIS_NAME).exists():
        return 0
    genesis_hash = read_genesis(files.journal).hash
    saved_states = [saved.reached(path, genesis_hash) for path in files.states]
    return max(reached(files.history, genesis_hash), *saved_states)


def viewer(settings: Settings, hashing: Hashing, last_sequence: int | None = None) -> Viewer:
    """A replica with views: as far as what it has saved goes, but not beyond that sequence, or with a snapshot."""
    files = settings.files
    genesis = read_genesis(files.journal)
    if settings.false_roots:
        # Whoever proposed one may have saved the state that it was the root of.
        saved.set_aside(files.gateway_state)
    roots = RootBook(genesis.roots_due_every, hashing, files.known_false())
    with snapshots_of(settings) as shelf:
        follower = saved.load(
            files.gateway_state,
            genesis.hash,
            lambda engine: Recent(engine, Bounds.of(settings.recent_rows)),
            last_sequence,
            roots=roots,
            snapshots=shelf.rooted(),
            rules_version=genesis.rules_version,
        )
        return reachable(settings, follower)


def historian(settings: Settings, hashing: Hashing, last_sequence: int) -> saved.Follower[saved.NoViews]:
    """The keeper's replica: nowhere beyond what history has already, so that history gets no hole."""
    files = settings.files
    genesis = read_genesis(files.journal)
    if settings.false_roots:
        saved.set_aside(files.keeper_state)
    roots = RootBook(genesis.roots_due_every, hashing, files.known_false())
    with snapshots_of(settings) as shelf:
        follower = saved.load(
            files.keeper_state,
            genesis.hash,
            saved.NoViews,
            last_sequence,
            roots=roots,
            snapshots=shelf.rooted(),
            rules_version=genesis.rules_version,
        )
        return reachable(settings, follower)


def pass_upgrade(settings: Settings, store: Store) -> None:
    """History that ends right before an upgrade from an older format ends with it: an upgrade makes no rows."""
    journal = settings.files.journal
    upgraded, standing = upgraded_at(journal), store.standing
    if standing is None or standing.sequence + 1 != upgraded:
        return
    frame = next(read_frames(journal, upgraded))
    if frame.header.previous_hash == standing.frame_hash:
        store.write(Batch(msgspec.structs.replace(standing, sequence=upgraded, frame_hash=frame.hash), {}))


def independent(settings: Settings, hashing: Hashing) -> Viewer:
    """A replica that begins, if there is one, with a snapshot in the gateway's stead, so that they check each other."""
    files = settings.files
    genesis = read_genesis(files.journal)
    roots = RootBook(genesis.roots_due_every, hashing, files.known_false())
    with snapshots_of(settings) as shelf:
        follower = saved.begin(shelf.rooted(), Recent, roots)
        if follower is None:
            follower = saved.load(
                files.gateway_state, genesis.hash, Recent, roots=roots, rules_version=genesis.rules_version
            )
        return reachable(settings, follower)


def keeping_of(settings: Settings, keeper_settings: KeeperSettings | None = None) -> Keeping:
    """What proposes roots and keeps snapshots; exactly one process of a venue has it."""
    files = settings.files
    return Keeping(files.snapshots, files.journal, read_genesis(files.journal), keeper_settings)


def reachable(settings: Settings, follower: saved.Follower[saved.Kind]) -> saved.Follower[saved.Kind]:
    """The follower, if the journal still has what follows where it stands, and it can be applied.

    Raises `JournalPruned`, `JournalUpgraded`, `JournalOutdated`.
    """
    upgraded = upgraded_at(settings.files.journal)
    if follower.replica.sequence < upgraded:
        raise JournalUpgraded(upgraded + 1)
    first_sequence = beginning_of(settings.files.journal).first_sequence
    if follower.replica.sequence + 1 < first_sequence:
        raise JournalPruned(first_sequence)
    return follower


@contextlib.contextmanager
def snapshots_of(settings: Settings) -> Iterator[Shelf]:
    """The venue's snapshots; what could not be used is told."""
    notes: list[str] = []
    yield Shelf(settings.files.journal, settings.files.snapshots, notes)
    for note in notes:
        log.warning("%s", note)


@contextlib.contextmanager
def in_a_right_state(settings: Settings, state: Path, follower: saved.Follower[saved.Kind]) -> Iterator[None]:
    """A replica that is found to differ, if only at the end, leaves nothing behind that a start would begin from.

    Where it is a root that differs, the next start waits for somebody to find out whose is right.
    """
    try:
        yield
        follower.replica.settle_roots()
    except BaseException:
        if follower.replica.diverged is not None:
            saved.set_aside(state)
        if isinstance(follower.replica.diverged, RootDiffers):
            settings.files.disputed_root.write_text(f"{follower.replica.diverged.sequence}\n")
        raise


def settle_dispute(settings: Settings) -> None:
    """Two replicas disagreed about a state root: nothing is built on either before somebody has looked.

    What the operator calls false is remembered, and not started from any more.  Raises `RootDisputed`.
    """
    files = settings.files
    known_false = files.known_false() | set(settings.false_roots)
    if settings.false_roots:
        write_whole(files.false_roots, "".join(f"{sequence}\n" for sequence in sorted(known_false)).encode())
    for sequence in known_false:
        drop_rooted(files.snapshots, sequence)
    if files.disputed_root.exists():
        named = int(files.disputed_root.read_text())
        if named not in known_false:
            raise RootDisputed(
                f"two replicas disagreed about the state root of sequence {named}: "
                f"run `outcry verify {settings.data}`; if it finds that root false, start with --false-root {named}; "
                f"if it finds all in order, remove {files.disputed_root}"
            )
        files.disputed_root.unlink()
