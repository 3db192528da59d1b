"""What is changed in each layer by one satoshi, who is asked whether he notices, and what he says.

First what noticing is, then the layers in the order in which money passes through them, then what they share.
"""

import asyncio
import contextlib
import ctypes
import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import msgspec

import outcry.engine
from outcry.app import checking, rebuilding
from outcry.app.damage import finding_of
from outcry.app.satoshi.recording import ROOT_EVERY, Recorded, lay
from outcry.app.settings import Files
from outcry.app.watching import LawBroken, Watching
from outcry.engine import matching
from outcry.engine.engine import Engine
from outcry.engine.machine import Machine
from outcry.engine.reading import used
from outcry.history import HistoryUnusable
from outcry.history.tables import LedgerKind
from outcry.journal.errors import JournalError
from outcry.journal.frames import build_frame, hung_on
from outcry.node.recovery import restored
from outcry.node.replica import ReplicaDiverged
from outcry.node.roots import RootBook, root_of
from outcry.node.snapshots import Snapshot, SnapshotUnusable, make_usable, read_snapshot, write_candidate
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, PositionRow, TableNumber, Tables
from outcry.simulation.auditor import AuditBreach, Auditor
from outcry.views import rows
from outcry.views.directory import Directory

SOURCE_NAME = "outcry_engine_machine_satoshi"


class Noticed(msgspec.Struct, frozen=True):
    """One layer: what was changed, who noticed it, and where."""

    layer: str
    changed: str
    due_sequence: int
    """Where it has to be noticed."""
    by: str = "nobody"
    sequence: int = 0
    """Where it was noticed; 0 if it was not."""
    told: str = ""
    """What was found and what was expected."""

    @property
    def in_time(self) -> bool:
        """Whether it was noticed, and where it is due."""
        return self.sequence == self.due_sequence


Layer = Callable[[Recorded], Noticed]


def handler(recorded: Recorded) -> Noticed:
    """A fill that gives one of its sides a satoshi more than it takes from the other."""
    at = recorded.fill
    engine = Engine.restore(recorded.at(at - 1).snapshot(), _door_from_source())
    with _cheating():
        said = engine.apply(recorded.frame(at).body)
    return _halted(Noticed("a handler", "a fill books 1 more on one wallet", at), engine, said)


def node_position(recorded: Recorded) -> Noticed:
    """A position in the node's memory: the engine itself finds the next command that touches it out of order."""
    at = recorded.fill
    node = recorded.at(at - 1)
    traded = [(row.account, row.quantity) for row in _positions(recorded.at(at))]
    touched = next(row for row in _positions(node) if (row.account, row.quantity) not in traded)
    touched.quantity += 1
    said = node.apply(recorded.frame(at).body)
    return _halted(Noticed("the node's position", "1 contract more before a command that trades it", at), node, said)


def node_wallet(recorded: Recorded) -> Noticed:
    """A wallet in the node's memory: no sum of a command's changes shows it, but the balance that it says next does."""
    at = recorded.deposit
    node = recorded.at(at - 1)
    recorded.wallet(node.tables).balance_minor += 1
    said = node.apply(recorded.frame(at).body)
    noticed = Noticed("the node's wallet", "1 more before a deposit that says its balance", at)
    return _diverging(noticed, recorded, at, said)


def replica_row(recorded: Recorded) -> Noticed:
    """A wallet in a keeper's memory; its whole check names it wherever it looks."""
    at = recorded.fill
    replica = recorded.replica(at)
    assert isinstance(replica.engine, Engine)
    recorded.wallet(replica.engine.tables).balance_minor += 1
    noticed = Noticed("a row of the keeper", "a wallet has 1 more", at)
    watching = Watching(replica.engine, recorded.files)
    try:
        with ThreadPoolExecutor(1) as thread:
            asyncio.run(watching.once(thread))
    except LawBroken:
        assert watching.last is not None
        one = watching.last.breaches[0]
        recorded.files.broken_law.unlink()
        told = f"{one.invariant} {one.subject}"
        return _by(noticed, "the keeper's check", watching.last.sequence, told, one.found, one.expected)
    return noticed


def gateway_row(recorded: Recorded) -> Noticed:
    """A wallet in a gateway's memory: what it shows is its rows, so they differ from the next state root on."""
    at = recorded.fill
    due = (at // ROOT_EVERY + 1) * ROOT_EVERY
    replica = recorded.replica(at, RootBook(ROOT_EVERY))
    assert isinstance(replica.engine, Engine)
    recorded.wallet(replica.engine.tables).balance_minor += 1
    noticed = Noticed("a row of a gateway", f"a wallet has 1 more from sequence {at} on", due)
    try:
        for frame in recorded.frames[at:]:
            replica.advance(frame)
    except ReplicaDiverged as problem:
        return _by_root(noticed, "its next state root", problem.sequence, str(problem), 2)
    return noticed


def gateway_answer(recorded: Recorded) -> Noticed:
    """What an owner is answered; he adds up his deposits, executions and fees."""
    at = recorded.fill
    gateway = recorded.at(at)
    recorded.wallet(gateway.tables).balance_minor += 1
    noticed = Noticed("an owner's answer", "walletBalance is 1 more", at)
    answered = _shown(gateway, recorded.account)
    own = _added_up(recorded, at)
    if answered != own and _shown(recorded.at(at), recorded.account) == own:
        return _by(noticed, "the owner, who adds up what he was told", at, "walletBalance", answered, own)
    return noticed


def events_said(recorded: Recorded) -> Noticed:
    """A fee in what the writer says; a replica makes another digest."""
    at = recorded.fill
    said = _fee_changed(recorded.at(at - 1).apply(recorded.frame(at).body))
    return _diverging(Noticed("a byte of the events", "a fee is said to be 1 more", at), recorded, at, said)


def auditor_hears(recorded: Recorded) -> Noticed:
    """The same fee, told to the auditor, who has no digest to go by."""
    at, auditor, replica = recorded.fill, Auditor(), recorded.replica(0)
    noticed = Noticed("events to the auditor", "a fee is said to be 1 more", at)
    try:
        for frame in recorded.frames:
            events = replica.advance(frame)
            auditor.hear(bytes(frame.body), _fee_changed(events) if frame.first_sequence == at else events)
    except AuditBreach as breach:
        told = f"{breach.check} {breach.subject}: {breach.what}"
        return _by(noticed, "the auditor", breach.sequence, told, breach.found, breach.expected)
    return noticed


def snapshot_bytes(recorded: Recorded) -> Noticed:
    """A satoshi in a keeper's snapshot: its checksum; with that made anew, its root when it is started from."""
    at = recorded.fill // ROOT_EVERY * ROOT_EVERY
    noticed = Noticed("a snapshot", "a wallet has 1 more, and the checksum is made anew", at)
    sound, spoiled = recorded.at(at), recorded.at(at)
    recorded.wallet(spoiled.tables).balance_minor += 1
    head = recorded.replica(at).head
    assert head is not None
    folder = recorded.files.snapshots
    write_candidate(folder, Snapshot(head, recorded.genesis.hash, spoiled.snapshot(), root_of(sound)))
    path = make_usable(folder, at, 1)
    try:
        restored(Engine, read_snapshot(path, recorded.genesis.hash))
        return noticed
    except ValueError as problem:
        by_root = _by_root(noticed, "the start (its root; its checksum)", at, str(problem), 1)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    try:
        read_snapshot(path, recorded.genesis.hash)
    except SnapshotUnusable:
        return by_root
    finally:
        path.unlink()
    return noticed


def journal_frame(recorded: Recorded) -> Noticed:
    """An amount in a frame, with every checksum, Merkle root and hash after it made anew by who has no key."""
    at = next(
        frame.first_sequence
        for frame in recorded.frames
        if (entry := wire.entry_of(bytes(frame.body))).head.kind == layout.CommandKind.DEPOSIT
        and entry.record.account == recorded.account
    )
    noticed = Noticed("a journal's frame", "a deposit is 1 more, and everything but signatures is made anew", at)
    frame = recorded.frame(at)
    entry = wire.entry_of(bytes(frame.body))
    entry.record.amount_minor += 1
    body = bytearray(frame.body)
    body[wire.ENTRY_HEAD_BYTES : wire.ENTRY_HEAD_BYTES + entry.head.record_bytes] = bytes(entry.record)
    header = frame.header
    spoiled = build_frame(at, 1, bytes(body), header.previous_hash, header.events_digest)
    frames = [*recorded.frames[: at - 1], spoiled]
    for later in recorded.frames[at:]:
        frames.append(hung_on(later, frames[-1].hash))
    with tempfile.TemporaryDirectory(prefix="outcry-satoshi-") as folder:
        journal = Files(Path(folder)).journal
        lay(journal, recorded.genesis, frames)
        try:
            checking.verify(journal, _silent)
        except (JournalError, ReplicaDiverged) as problem:
            finding = finding_of(journal, problem)
            told = finding.problem.partition(": ")[2].partition(". ")[0]
            return msgspec.structs.replace(noticed, by="outcry verify", sequence=finding.sequence, told=told)
    return noticed


def history_row(recorded: Recorded) -> Noticed:
    """A wallet's row in history.db."""
    at = recorded.deposit
    noticed = Noticed("history.db", "a row of the ledger says a balance of 1 more", at)
    rebuilding.rebuild(recorded.files, _silent)
    with contextlib.closing(sqlite3.connect(recorded.files.history)) as database, database:
        database.execute(
            "UPDATE ledger SET balance_minor = balance_minor + 1 WHERE sequence = ? AND kind = ?",
            (at, int(LedgerKind.DEPOSIT)),
        )
    try:
        rebuilding.check(recorded.files, _silent)
    except HistoryUnusable as problem:
        where = re.search(r"table ledger, sequence (\d+), place", str(problem))
        if where is not None:
            balance = _shown(recorded.at(at), recorded.account)
            return _by(noticed, "outcry history check", int(where[1]), "balance_minor", balance + 1, balance)
    return noticed


LAYERS: tuple[Layer, ...] = (
    handler,
    node_position,
    node_wallet,
    replica_row,
    gateway_row,
    gateway_answer,
    events_said,
    auditor_hears,
    snapshot_bytes,
    journal_frame,
    history_row,
)


def _by(noticed: Noticed, by: str, sequence: int, what: str, found: int, expected: int) -> Noticed:
    """Somebody has noticed, and says both numbers."""
    told = f"{what}: found {found:,}, expected {expected:,}"
    return msgspec.structs.replace(noticed, by=by, sequence=sequence, told=told)


def _by_root(noticed: Noticed, by: str, sequence: int, sentence: str, expected: int) -> Noticed:
    """Somebody has noticed by a state root; the sentence says the one found and, at that place, the one expected."""
    roots = re.findall(r"[0-9a-f]{64}", sentence)
    told = f"state root: found {roots[0][:16]}, expected {roots[expected][:16]}"
    return msgspec.structs.replace(noticed, by=by, sequence=sequence, told=told)


def _halted(noticed: Noticed, engine: Engine, said: bytes) -> Noticed:
    """What an engine has to say: that it halted, and nothing else."""
    events = list(wire.events_of(said))
    if not engine.halted or [event.head.kind for event in events] != [EventKind.HALTED]:
        return noticed
    head, record = events[0]
    told = f"{layout.Fault(record.fault).name} of {record.subject}"
    return _by(noticed, "the engine, which halts", head.sequence, told, record.found, record.expected)


def _diverging(noticed: Noticed, recorded: Recorded, at: int, said: bytes) -> Noticed:
    """What a replica makes of a writer who has said these events of an entry, which the next frame attests."""
    digest, replica = wire.events_digest(said), recorded.replica(at)
    assert replica.head is not None
    own = replica.head.events_digest
    entry = wire.encode_entry(
        layout.Tick(), sequence=at + 1, time_ns=replica.engine.time_ns, origin=9, origin_sequence=1
    )
    following = build_frame(at + 1, 1, entry, recorded.frame(at).hash, digest, recorded.signer.sign)
    try:
        replica.advance(following)
    except ReplicaDiverged as problem:
        told = f"digest of events: found {digest.hex()[:16]}, expected {own.hex()[:16]}"
        return msgspec.structs.replace(noticed, by="every replica", sequence=problem.sequence, told=told)
    return noticed


def _fee_changed(said: bytes) -> bytes:
    """Events in which the taker of the first fill has paid a satoshi more."""
    events, out = list(wire.event_slices(said)), []
    changed = False
    for head, piece in events:
        data = bytes(piece)
        if head.kind == EventKind.FILL and not changed:
            record = layout.Fill.from_buffer_copy(data)
            record.taker_fee_minor += 1
            data, changed = bytes(record) + data[ctypes.sizeof(record) :], True
        out.append(bytes(head) + data)
    return b"".join(out)


def _shown(state: Engine, account: int) -> int:
    """What a gateway with this replica answers as walletBalance."""
    return rows.wallet(state, account, Directory(state).currency(1)).balance_minor


def _added_up(recorded: Recorded, at: int) -> int:
    """What an owner has by what he was told up to an entry: deposits, realised profit, fees."""
    replica, total_minor = recorded.replica(0), 0
    for frame in recorded.frames[:at]:
        for head, record in wire.events_of(replica.advance(frame)):
            if head.kind == EventKind.MOVED:
                total_minor += record.amount_minor * (record.to_account == recorded.account)
                total_minor -= record.amount_minor * (record.from_account == recorded.account)
            if head.kind == EventKind.FILL:
                if record.taker_account == recorded.account:
                    total_minor += record.taker_realised_minor - record.taker_fee_minor
                if record.maker_account == recorded.account:
                    total_minor += record.maker_realised_minor - record.maker_fee_minor
    return total_minor


@contextlib.contextmanager
def _cheating() -> Iterator[None]:
    """The next side of a fill that is booked gets a satoshi more."""
    honest, name = matching.account_for, "account_for"
    due = [1]

    def account_for(tables: Tables, slot: int, *more: Any) -> int:
        realised = honest(tables, slot, *more)
        tables.wallets[tables.positions[slot].wallet].balance_minor += due.pop() if due else 0
        return realised

    setattr(matching, name, account_for)
    try:
        yield
    finally:
        setattr(matching, name, honest)


def _door_from_source() -> type[Machine]:
    """The engine's door uncompiled, beside the compiled one."""
    path = Path(outcry.engine.__file__).parent / "machine.py"
    spec = spec_from_file_location(SOURCE_NAME, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[SOURCE_NAME] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[SOURCE_NAME]
    door: type[Machine] = module.Machine
    return door


def _positions(engine: Engine) -> list[PositionRow]:
    """Of people, not of the venue's own accounts."""
    found = (engine.tables.positions[at] for at in used(engine.tables, TableNumber.POSITIONS_TABLE))
    return [row for row in found if row.account >= layout.ROLES]


def _silent(sequence: int) -> None:
    """Nobody looks at the progress."""
