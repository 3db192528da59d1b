"""The small venue that the satoshi is put into: a journal of one entry a frame, with state roots and signatures.

A stream of orders as `outcry bench` draws it, and at the end one more deposit for an account that has traded.
"""

from dataclasses import dataclass
from pathlib import Path

from outcry.app.bench.stream import Stream, deposit
from outcry.app.settings import Files
from outcry.engine.engine import Engine
from outcry.engine.reading import used
from outcry.journal.files import GENESIS_NAME, segment_path
from outcry.journal.frames import Frame, Genesis, Head, build_frame
from outcry.journal.signing import Signer, new_signer
from outcry.node.replica import Replica
from outcry.node.roots import RootBook, root_of
from outcry.protocol import layout, wire
from outcry.protocol.layout import RULES_VERSION, EventKind, TableNumber, Tables, WalletRow

COMMANDS = 400
SEED = 7
ROOT_EVERY = 128
ORIGIN = 1
SECOND_ORIGIN = 2
MORE_MINOR = 1_000
"""What is deposited once more at the end."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A venue's journal, one entry a frame, and the places where the satoshi is put."""

    files: Files
    genesis: Genesis
    signer: Signer
    frames: list[Frame]
    fill: int
    """The sequence of a command that trades."""
    deposit: int
    """Of the one that gives the taker of that trade more money, at the end."""
    account: int
    """That taker."""

    def at(self, sequence: int) -> Engine:
        """An engine after this entry."""
        engine = Engine()
        engine.apply(b"".join(bytes(frame.body) for frame in self.frames[:sequence]))
        return engine

    def replica(self, sequence: int, roots: RootBook | None = None) -> Replica:
        """A replica after this entry."""
        replica = Replica(Engine(), Head.at_genesis(self.genesis.hash), roots=roots)
        for frame in self.frames[:sequence]:
            replica.advance(frame)
        return replica

    def frame(self, sequence: int) -> Frame:
        """The frame of an entry."""
        return self.frames[sequence - 1]

    def wallet(self, tables: Tables) -> WalletRow:
        """The row of the account's wallet."""
        found = (tables.wallets[at] for at in used(tables, TableNumber.WALLETS_TABLE))
        return next(row for row in found if row.account == self.account)


def record(folder: Path) -> Recorded:
    """The venue: a stream of orders with roots where they are due, and a deposit at the end."""
    stream, files, signer = Stream(COMMANDS, SEED), Files(folder), new_signer(folder)
    genesis = Genesis(RULES_VERSION, stream.begin_ns, ROOT_EVERY, signer.public_key)
    engine, head = Engine(), Head.at_genesis(genesis.hash)
    frames: list[Frame] = []
    sent, due, time_ns = {ORIGIN: 0, SECOND_ORIGIN: 0}, None, 0
    fill = account = 0

    def append(one: wire.Entry | layout.Root | layout.Deposit, origin: int) -> bytes:
        nonlocal head
        sent[origin] += 1
        command, payload = (one.record, one.payload) if isinstance(one, wire.Entry) else (one, b"")
        body = wire.encode_entry(
            command,
            payload,
            sequence=engine.sequence + 1,
            time_ns=time_ns,
            origin=origin,
            origin_sequence=sent[origin],
            salt=(engine.sequence + 1).to_bytes(16, "little"),
        )
        frame = build_frame(engine.sequence + 1, 1, body, head.frame_hash, head.events_digest, signer.sign)
        events = engine.apply(body)
        head = Head(frame.last_sequence, frame.hash, wire.events_digest(events))
        frames.append(frame)
        return events

    opening = sum(1 for body in stream.opening for _ in wire.entry_slices(body))
    entries = (entry for body in (*stream.opening, *stream.batches) for entry in wire.entries_of(body))
    for place, entry in enumerate(entries, -opening):
        time_ns = entry.head.time_ns + engine.sequence
        if due is not None:
            append(due.command(), SECOND_ORIGIN)
        due = None
        events = append(entry, ORIGIN)
        for event in wire.events_of(events):
            if not fill and event.head.kind == EventKind.FILL and place > COMMANDS // 2:
                fill, account = engine.sequence, event.record.taker_account
        due = root_of(engine) if engine.sequence % ROOT_EVERY == 0 else None
    more = deposit(account)
    more.amount_minor, more.reference[0] = MORE_MINOR, 2**40
    append(more, ORIGIN)
    lay(files.journal, genesis, frames)
    return Recorded(files, genesis, signer, frames, fill, engine.sequence, account)


def lay(journal: Path, genesis: Genesis, frames: list[Frame]) -> None:
    """A journal on disk of these frames, whatever is in them."""
    journal.mkdir(parents=True, exist_ok=True)
    (journal / GENESIS_NAME).write_bytes(genesis.encode())
    segment_path(journal, 1).write_bytes(b"".join(frame.data for frame in frames))
