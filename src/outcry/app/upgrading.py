"""`outcry upgrade`: a stopped venue whose journal stands at an older format or older rules goes over to those of now.

The state at the journal's end is migrated without a clock or anything else from outside, written as a snapshot that is
kept for good, and then one frame with the `Upgrade` is appended: until that is durable the folder is what it was, and
the snapshot of nobody's; from then on it is of now.  So a crash leaves either the old or the new.
Where the rows are laid out as ever the state is brought to the end by replaying.  Of an older format the state is read
by its own layout from what its own program left at the end, because nothing of its rules is applied here.
The migration of rules is the engine's (`engine/upgrading.py`); what is new in a layout is 0 before it.
Known limit: a journal that was begun without a signing key stays unsigned.
"""

import contextlib
import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import msgspec

import outcry
from outcry.app.rebuilding import held
from outcry.app.restoring import settle_restored
from outcry.app.settings import Files
from outcry.app.stretches import former_states, layout_of
from outcry.engine import former
from outcry.engine.engine import Engine
from outcry.history import Store
from outcry.journal.errors import JournalOutdated
from outcry.journal.files import GENESIS_NAME, write_whole
from outcry.journal.frames import Frame, Genesis, Head, Sign, build_frame, unsigned
from outcry.journal.reading import read_genesis
from outcry.journal.segments import Segments
from outcry.journal.upgraded import upgraded_at
from outcry.node.recovery import recover
from outcry.node.roots import root_of
from outcry.node.snapshots import FORMER, Snapshot, write_upgraded
from outcry.protocol import wire
from outcry.protocol.layout import RULES_VERSION, Upgrade
from outcry.protocol.records import FORMAT_VERSION

CODE = ("protocol", "rules", "engine")
"""The rooms whose source makes of the same journal the same state."""
SALT_BYTES = 16


class CannotUpgrade(Exception):
    """Nothing was changed; the message says why and what to do."""


class Upgraded(msgspec.Struct, frozen=True):
    """What was done."""

    sequence: int
    """Of the `Upgrade`."""
    format_before: int
    format_after: int
    rules_before: int
    rules_after: int
    root_before: str
    root_after: str
    code: str
    """Hash of the source, hexadecimal."""
    snapshot: str


class Standing(msgspec.Struct, frozen=True):
    """Where an upgrade begins."""

    engine: Engine
    """In the rows of now, under the rules of before."""
    head: Head
    root_before: bytes
    format: int
    journal: Segments
    sign: Sign
    kept: bytes = b""
    """The state of the older format as its own program wrote it, to be kept beside the new one."""


def upgrade(data: Path, without_history: bool = False) -> Upgraded:
    """Upgrade a stopped venue's folder; of another format only with its history, unless it is said to go without.

    Raises `CannotUpgrade`, `HistoryError` while it runs, `JournalError`, `RestoreNotAccepted`.
    """
    files = Files(data)
    if not (files.journal / GENESIS_NAME).exists():
        raise CannotUpgrade(f"there is no journal in {data}: name a venue's data folder")
    with held(files):
        settle_restored(files)
        if files.disputed_root.exists():
            raise CannotUpgrade(f"a state root is disputed ({files.disputed_root}): settle that with the old program")
        genesis = read_genesis(files.journal)
        try:
            upgraded_at(files.journal)
        except JournalOutdated:
            if not without_history and not files.history.exists():
                raise CannotUpgrade(
                    f"{files.history} is not there, and after the upgrade it cannot be made from what was before: "
                    "start the venue with the program that it ran with, let its keeper make it, stop it in order, and "
                    "say this again; --without-history does without it for good"
                ) from None
            standing = _of_former(files, genesis)
        else:
            standing = _of_now(files, genesis)
        with contextlib.closing(standing.journal):
            return _append(files, genesis, standing)


def code_hash() -> bytes:
    """SHA-256 over names and contents of the source of protocol, rules and engine, in the order of their names."""
    source, digest = Path(outcry.__file__).parent, hashlib.sha256()
    for room in CODE:
        for path in sorted((source / room).glob("*.py")):
            content = path.read_bytes()
            digest.update(f"{room}/{path.name}\0{len(content)}\0".encode() + content)
    return digest.digest()


def _of_now(files: Files, genesis: Genesis) -> Standing:
    """A journal of this format: replayed to its end under its own rules."""
    recovered = recover(files.folder, Engine, genesis.time_ns)
    engine = recovered.engine
    assert isinstance(engine, Engine)
    standing = Standing(engine, recovered.head, engine.roots()[2], FORMAT_VERSION, recovered.journal, recovered.sign)
    try:
        _check_sound(files, standing)
    except CannotUpgrade:
        recovered.journal.close()
        raise
    return standing


def _of_former(files: Files, genesis: Genesis) -> Standing:
    """A journal of an older format: its state at the end, as its own program left it, in the rows of now."""
    if layout_of(genesis.format) is None:
        raise CannotUpgrade(
            f"this program cannot read states of format {genesis.format}: upgrade with an earlier version of it first"
        )
    journal = Segments.open(files.journal, genesis)
    try:
        at = journal.last_sequence
        found = (one for one in former_states(files.journal, at) if one[1].head.frame_hash == journal.last_hash)
        path, snapshot, state = next(found, (None, None, None))
        if path is None or snapshot is None or state is None:
            raise CannotUpgrade(
                f"there is no state of format {genesis.format} at the journal's end, sequence {at:,}: start the venue "
                "with the program that it ran with and stop it in order, then say this again"
            )
        engine = Engine.restore(former.translate(state))
        standing = Standing(
            engine, snapshot.head, former.roots(state)[1], genesis.format, journal, unsigned, path.read_bytes()
        )
        _check_sound(files, standing)
    except BaseException:
        journal.close()
        raise
    return standing


def _check_sound(files: Files, standing: Standing) -> None:
    """Whether this state may be gone on from.  Raises `CannotUpgrade`."""
    engine, sequence = standing.engine, standing.head.sequence
    rules = engine.tables.venue.rules_version
    if (standing.format, rules) == (FORMAT_VERSION, RULES_VERSION):
        raise CannotUpgrade(f"this venue stands at format {FORMAT_VERSION} and rules {RULES_VERSION} already")
    if rules >= RULES_VERSION:
        raise CannotUpgrade(f"this venue has rules {rules}, which only a newer program knows")
    if engine.halted:
        raise CannotUpgrade(f"the venue halted itself by sequence {sequence:,}: there is no sound state to go on from")
    if files.history.exists():
        with contextlib.closing(Store(files.history)) as store:
            if store.sequence < sequence and standing.format != FORMAT_VERSION:
                raise CannotUpgrade(
                    f"history goes to entry {store.sequence:,} and the journal to {sequence:,}: start the venue with "
                    "the program that it ran with and stop it in order, then say this again"
                )


def _append(files: Files, genesis: Genesis, standing: Standing) -> Upgraded:
    """Migrate, write the snapshot of the state after, and append the frame."""
    engine, head, journal = standing.engine, standing.head, standing.journal
    rules_before = engine.tables.venue.rules_version
    record = Upgrade(rules_version=rules_before + 1)
    wire.put_bytes(record.code_hash, code_hash())
    wire.put_bytes(record.root_before, standing.root_before)
    salt, time_ns = secrets.token_bytes(SALT_BYTES), engine.time_ns
    after = Engine.restore(engine.snapshot())
    events = after.apply(_entry(record, head, time_ns, salt))
    if after.halted or after.tables.venue.rules_version != rules_before + 1:
        raise CannotUpgrade("the engine refused the upgrade; nothing was changed")
    wire.put_bytes(record.root_after, after.roots()[2])
    body = _entry(record, head, time_ns, salt)
    frame: Frame = build_frame(head.sequence + 1, 1, body, head.frame_hash, head.events_digest, standing.sign)
    pinned = Head(frame.last_sequence, frame.hash, wire.events_digest(events))
    if standing.kept:
        write_whole(files.snapshots / f"{head.sequence:020d}{FORMER}", standing.kept)
    path = write_upgraded(files.snapshots, Snapshot(pinned, genesis.hash, after.snapshot(), root_of(after)))
    journal.begin_segment()
    journal.append(frame)
    journal.sync()
    journal.mark_seen(frame.last_sequence)
    return Upgraded(
        sequence=frame.last_sequence,
        format_before=standing.format,
        format_after=FORMAT_VERSION,
        rules_before=rules_before,
        rules_after=rules_before + 1,
        root_before=standing.root_before.hex(),
        root_after=bytes(record.root_after).hex(),
        code=bytes(record.code_hash).hex(),
        snapshot=path.name,
    )


def _entry(record: Upgrade, head: Head, time_ns: int, salt: bytes) -> bytes:
    """The only entry of its frame, at the time of the last one: an upgrade takes none."""
    sequence = head.sequence + 1
    return wire.encode_entry(record, sequence=sequence, time_ns=time_ns, origin_sequence=sequence, salt=salt)


def lines(made: Upgraded) -> Iterator[str]:
    """The result for people."""
    yield f"upgraded  at sequence {made.sequence:,}"
    yield f"format    {made.format_before} to {made.format_after}"
    yield f"rules     {made.rules_before} to {made.rules_after}"
    yield f"before    {made.root_before}"
    yield f"after     {made.root_after}"
    yield f"code      {made.code}"
    yield f"snapshot  {made.snapshot}, which belongs to the backup from now on"
