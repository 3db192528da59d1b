"""From where the replicas of a venue begin, and what happens when two of them disagree about a state root.

The gateway begins with what it has saved, or else follows a short journal from its beginning and a long or pruned one
from a snapshot; for now it is also the keeper of snapshots.  The guests begin with a snapshot if there is one, so that
the two check each other.  Who finds that his root differs halts and
leaves a mark; the next start waits until somebody has said, with the help of `outcry verify`, whose root is false.
"""

import contextlib
import logging
from collections.abc import Iterator

from outcry.app import saved
from outcry.app.settings import Settings
from outcry.journal.errors import JournalPruned
from outcry.journal.files import write_whole
from outcry.journal.reading import beginning_of, read_genesis
from outcry.node.hashing import HashingThread
from outcry.node.keeping import Keeping
from outcry.node.recovery import Shelf
from outcry.node.replica import RootDiffers
from outcry.node.roots import RootBook
from outcry.node.snapshots import Snapshot, drop_rooted

log = logging.getLogger("outcry.app")

FOLLOWED_AT_MOST = 250_000
"""Entries, some ten seconds of following."""


class RootDisputed(Exception):
    """Two replicas disagree about a state root and nobody has said yet whose is false."""


def keeper_and_follower(settings: Settings) -> tuple[Keeping, saved.Follower]:
    """What a process needs that is a replica with views, proposes roots and keeps snapshots."""
    files = settings.files
    genesis = read_genesis(files.journal)
    if settings.false_roots:
        # Whoever proposed one may have saved the state that it was the root of.
        saved.set_aside(files.gateway_state)
    keeping = Keeping(settings.files.snapshots, files.journal, genesis)
    roots = RootBook(genesis.roots_due_every, keeping.hash, files.known_false())
    pruned = beginning_of(files.journal).first_sequence > 1
    with snapshots_of(settings) as shelf:
        return keeping, reachable(
            settings, saved.load(files.gateway_state, genesis.hash, roots, worth(shelf.rooted(), pruned))
        )


def worth(snapshots: Iterator[Snapshot], pruned: bool) -> Iterator[Snapshot]:
    """Those that save so much following that it outweighs what only a follower from the start knows."""
    return (snapshot for snapshot in snapshots if pruned or snapshot.head.sequence > FOLLOWED_AT_MOST)


def independent_follower(settings: Settings, hashing: HashingThread) -> saved.Follower:
    """A replica that begins, if there is one, with a snapshot in the gateway's stead, so that they check each other."""
    files = settings.files
    genesis = read_genesis(files.journal)
    roots = RootBook(genesis.roots_due_every, hashing, files.known_false())
    with snapshots_of(settings) as shelf:
        follower = saved.begin(shelf.rooted(), roots) or saved.load(files.gateway_state, genesis.hash, roots)
        return reachable(settings, follower)


def reachable(settings: Settings, follower: saved.Follower) -> saved.Follower:
    """The follower, if the journal still has what follows where it stands.  Raises `JournalPruned`."""
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
def in_a_right_state(settings: Settings, follower: saved.Follower) -> Iterator[None]:
    """A replica that is found to differ, if only at the end, leaves nothing behind that a start would begin from.

    Where it is a root that differs, the next start waits for somebody to find out whose is right.
    """
    try:
        yield
        follower.replica.settle_roots()
    except BaseException:
        if follower.replica.diverged is not None:
            saved.set_aside(settings.files.gateway_state)
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
