"""`outcry fork`: a venue of one's own that is the same engine with the market as it was after an entry of a journal.

The entries up to there are copied bit for bit, with their times, numbers, salts and Merkle roots; the frame that holds
the last one is cut behind it, and every frame is hung on the one before it in the fork.  The genesis is the same but
for the key: a fork signs under one of its own, so its chain is another one from the beginning.  While it is copied it
is applied: what differs from the journal's own digests and state roots is refused, and the fork has snapshots to start
from.
`fork.json` says what it was made of.  The new folder appears whole or not at all.  Reads only, also a running venue.
Known limits: of a journal that was pruned no fork can be made; history is made anew by the fork's keeper.
"""

import contextlib
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from outcry.app.checking import Progress, check_range, read_ahead
from outcry.app.settings import Files
from outcry.engine.engine import Engine
from outcry.identity import Identity
from outcry.identity.sealing import FILE_NAME as VENUE_KEY_NAME
from outcry.journal.errors import JournalPruned, JournalUpgraded
from outcry.journal.files import GENESIS_NAME, segment_path, sync_folder, write_whole
from outcry.journal.frames import Frame, Genesis, Head, cut_frame, hung_on
from outcry.journal.reading import beginning_of, read_frames, read_genesis
from outcry.journal.signing import Signer, new_signer
from outcry.journal.tails import end_of
from outcry.journal.upgraded import upgraded_at
from outcry.node.recovery import JOURNAL_NAME, SNAPSHOTS_NAME
from outcry.node.replica import Replica
from outcry.node.roots import RootBook, root_of
from outcry.node.snapshots import Snapshot, make_usable, write_candidate, write_snapshot
from outcry.protocol import layout
from outcry.protocol.layout import TableNumber
from outcry.protocol.records import FORMAT_VERSION

SEGMENT_BYTES = 16 << 20
SNAPSHOTS_KEPT = 3
KEY_NAME = "fork"
MAKING = ".making"


class CannotFork(Exception):
    """What was asked for cannot be; the message says why and what to do."""


class Origin(msgspec.Struct, frozen=True):
    """What a fork was made of: `fork.json`."""

    genesis: str
    """Hash of the other journal's genesis, hexadecimal."""
    sequence: int
    """The last entry that both have."""
    frame_first_sequence: int
    """Of the other journal's frame that holds it."""
    frame: str
    """Hash of that frame, hexadecimal."""
    root: str
    """Of the state after that entry, hexadecimal; `outcry replay --to` makes the same of either."""
    time_ns: int


class NewKey(msgspec.Struct, frozen=True):
    """A key to an account of the fork."""

    account: int
    name: str
    key: str
    secret: str


class Forked(msgspec.Struct, frozen=True):
    """What was made."""

    folder: str
    origin: Origin
    frames: int
    genesis: str
    """Of the fork's own chain."""
    keys: list[NewKey]
    identity: bool
    """Whether users and keys were copied."""


def fork(
    files: Files, into: Path, at: int, progress: Progress, accounts: Sequence[int] = (), with_identity: bool = False
) -> Forked:
    """Make a fork of the journal after entry `at`, 0 for its last.

    Raises `CannotFork`, `OutOfRange`, `JournalError`, `ReplicaDiverged`.
    """
    journal = files.journal
    last_sequence = end_of(journal)
    check_range(at, last_sequence)
    at = at or last_sequence
    if not at:
        raise CannotFork("there is no entry in this journal, so there is nothing to make a fork of")
    upgraded = upgraded_at(journal)
    if upgraded:
        raise CannotFork(
            f"{JournalUpgraded(upgraded + 1)}; a fork is made of a journal that is applied from its beginning"
        )
    beginning = beginning_of(journal)
    if beginning.first_sequence > 1:
        raise CannotFork(
            f"{JournalPruned(beginning.first_sequence)}; put the archived segments back into a copy of the journal, "
            f"remove its file `pruned`, and make the fork of that copy"
        )
    if with_identity and not files.identity.exists():
        raise CannotFork(f"{files.folder} has no users to copy: leave out --with-identity and name an --account")
    making = _room_for(files, into)
    try:
        signer = new_signer(making)
        copying = Copying(making, read_genesis(journal), signer)
        copying.copy(journal, at, progress)
        if with_identity:
            _copy_identity(files, making)
        keys = _make_keys(making, copying.engine, accounts)
        origin = copying.origin()
        write_whole(Files(making).fork, msgspec.json.format(msgspec.json.encode(origin)) + b"\n")
        if into.exists():
            into.rmdir()
        making.rename(into)
        sync_folder(into.parent)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return Forked(str(into), origin, copying.frames, copying.genesis.hash.hex(), keys, with_identity)


def origin_of(files: Files) -> Origin | None:
    """What the venue of a folder was made of; None if it is no fork."""
    return msgspec.json.decode(files.fork.read_bytes(), type=Origin) if files.fork.exists() else None


def _room_for(files: Files, into: Path) -> Path:
    """An empty folder beside the place where the fork is to be.  Raises `CannotFork`."""
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise CannotFork(f"{into} is there already and not empty: name a folder that does not exist yet")
    if into.resolve().is_relative_to(files.journal.resolve()):
        raise CannotFork(f"{into} lies in the journal that the fork is made of: name another folder")
    making = into.with_name(into.name + MAKING)
    try:
        if making.exists():
            # Of an earlier attempt that was killed.
            shutil.rmtree(making)
        making.mkdir(parents=True, mode=0o700)
    except OSError as problem:
        raise CannotFork(f"{making} cannot be made ({problem.strerror}): name another folder") from problem
    return making


class Copying:
    """A journal on its way into a folder, and the engine that is taken along."""

    def __init__(self, folder: Path, genesis: Genesis, signer: Signer) -> None:
        self.engine = Engine(rules_version=genesis.rules_version)
        self.genesis = replace(genesis, signing_key=signer.public_key, format=FORMAT_VERSION)
        """Of the fork."""
        self._sign = signer.sign
        self.frames = 0
        self._folder = folder / JOURNAL_NAME
        self._snapshots = folder / SNAPSHOTS_NAME
        self._source = genesis
        self._last: Frame | None = None
        self._hash = b""
        self._pieces: list[bytes] = []
        self._length = 0
        self._first_sequence = 1

    def copy(self, journal: Path, at: int, progress: Progress) -> None:
        """Everything up to that entry, with snapshots."""
        self._folder.mkdir()
        write_whole(self._folder / GENESIS_NAME, self.genesis.encode())
        self._hash = self.genesis.hash
        every = self._source.roots_due_every
        roots = RootBook(every)
        replica = Replica(self.engine, Head.at_genesis(self._source.hash), roots=roots)
        kept: dict[int, Snapshot] = {}
        for frame in read_ahead(read_frames(journal), lambda one: one):
            part = frame if frame.last_sequence <= at else cut_frame(frame, at)
            replica.advance(part)
            self._last = frame
            self._add(hung_on(part, self._hash, self._sign))
            assert replica.head is not None
            head = Head(self.engine.sequence, self._hash, replica.head.events_digest)
            if head.sequence % every == 0 and head.sequence > at - SNAPSHOTS_KEPT * every and not self.engine.halted:
                state = self.engine.snapshot()
                kept[head.sequence] = Snapshot(head, self.genesis.hash, state, root_of(self.engine))
            progress(self.engine.sequence)
            if self.engine.sequence == at:
                break
        replica.settle_roots()
        if self.engine.halted:
            raise CannotFork(f"the venue had halted itself by sequence {at:,}: make a fork of an entry before that")
        self._write()
        for sequence, snapshot in sorted(kept.items()):
            if roots.agreed(sequence) is not None:
                write_candidate(self._snapshots, snapshot)
                make_usable(self._snapshots, sequence, SNAPSHOTS_KEPT)
        write_snapshot(self._snapshots, Snapshot(head, self.genesis.hash, self.engine.snapshot()), 1)

    def origin(self) -> Origin:
        """What is copied, of what."""
        assert self._last is not None
        return Origin(
            genesis=self._source.hash.hex(),
            sequence=self.engine.sequence,
            frame_first_sequence=self._last.first_sequence,
            frame=self._last.hash.hex(),
            root=self.engine.roots()[2].hex(),
            time_ns=self.engine.time_ns,
        )

    def _add(self, frame: Frame) -> None:
        """One more frame of the fork."""
        if self._length and self._length + len(frame.data) > SEGMENT_BYTES:
            self._write()
        self._pieces.append(frame.data)
        self._length += len(frame.data)
        self._hash = frame.hash
        self.frames += 1

    def _write(self) -> None:
        """What has come together, as a segment."""
        write_whole(segment_path(self._folder, self._first_sequence), b"".join(self._pieces))
        self._pieces, self._length, self._first_sequence = [], 0, self.engine.sequence + 1


def _copy_identity(files: Files, into: Path) -> None:
    """Users and keys as they are now, whole also while the venue runs."""
    with (
        contextlib.closing(sqlite3.connect(f"file:{files.identity}?mode=ro", uri=True)) as there,
        contextlib.closing(sqlite3.connect(Files(into).identity)) as here,
    ):
        there.backup(here)
    shutil.copy2(files.folder / VENUE_KEY_NAME, into / VENUE_KEY_NAME)


def _make_keys(into: Path, engine: Engine, accounts: Sequence[int]) -> list[NewKey]:
    """New keys to accounts of the market.  Raises `CannotFork`."""
    high = engine.tables.pools[TableNumber.ACCOUNTS_TABLE].high
    made: list[NewKey] = []
    with contextlib.closing(Identity(Files(into).identity)) as identity:
        for account in accounts:
            if not layout.ROLES <= account <= high:
                raise CannotFork(
                    f"there was no account {account:,} of anybody: they are numbered {layout.ROLES} to {high}"
                    if high >= layout.ROLES
                    else "nobody had an account yet"
                )
            handle = bytes(engine.tables.accounts[account].handle)
            user = identity.adopt(f"account-{account}", handle, account)
            key = identity.add_key(user, KEY_NAME)
            made.append(NewKey(account, user.name, key.id, key.secret))
    return made
