"""A tiny engine with the real one's interface: every entry makes one event that depends on all entries before it.

Payloads steer it: `halt` breaks it, `grow` makes it ask for a larger table, `due` sets something due a second later,
`work` gives it work for two `Continue`.  Its state root is the digest of all entries; it notes journaled roots as the
real one does.
"""

import ctypes
import hashlib
import json
from typing import Any

from outcry.protocol import wire
from outcry.protocol.layout import (
    SIZES,
    TABLE_ROWS,
    Code,
    CommandKind,
    Continued,
    Deposit,
    EventHead,
    EventKind,
    Fault,
    Grown,
    Halted,
    Refused,
    Resumed,
    RootNoted,
    Tables,
    Ticked,
    tables_of,
)

SECOND_NS = 10**9


class FakeEngine:
    def __init__(self, *, rules_version: int = 1) -> None:
        self.sequence = 0
        self.time_ns = 0
        self.next_due_ns = 0
        self.halted = False
        self.origins: dict[int, int] = {}
        self.digest = bytes(32)
        self.rows = 8
        self.wanted = 8
        self.work = 0
        self.root_sequence = 0
        self.twist = b""
        """Makes it differ from others."""

    @property
    def tables(self) -> Tables:
        held = {name: memoryview(bytearray(rows * SIZES[record])) for name, (record, rows, _) in TABLE_ROWS.items()}
        return tables_of(memoryview(bytearray(8 * (len(held) + 1))), held)

    def origin_sequence(self, origin: int) -> int:
        return self.origins.get(origin, 0)

    @property
    def work_waiting(self) -> bool:
        return self.work > 0

    def wants_grow(self) -> list[tuple[int, int]]:
        return [(11, self.wanted)] if self.wanted > self.rows else []

    def apply(self, body: bytes | memoryview) -> bytes:
        return b"".join(self._apply(bytes(piece)) for piece in wire.entry_slices(body))

    def _apply(self, piece: bytes) -> bytes:
        entry = wire.entry_of(piece)
        assert entry.head.sequence == self.sequence + 1
        self.sequence += 1
        if self.halted:
            return self._event(EventKind.REFUSED, Refused(code=101), entry)
        assert entry.head.time_ns >= self.time_ns
        due = 0 < self.next_due_ns <= entry.head.time_ns
        assert not due or entry.head.kind in (CommandKind.TICK, CommandKind.RESUME)
        self.time_ns = entry.head.time_ns
        if entry.head.origin:
            assert entry.head.origin_sequence > self.origin_sequence(entry.head.origin)
            self.origins[entry.head.origin] = entry.head.origin_sequence
        self.digest = hashlib.sha256(self.digest + piece + self.twist).digest()
        match entry.head.kind:
            case CommandKind.TICK:
                self.next_due_ns = 0
                return self._event(EventKind.TICKED, Ticked(next_due_ns=0), entry)
            case CommandKind.RESUME:
                return self._event(EventKind.RESUMED, Resumed(paused_ns=entry.record.paused_ns), entry)
            case CommandKind.GROW:
                self.rows = entry.record.rows
                return self._event(EventKind.GROWN, Grown(table=entry.record.table, rows=self.rows), entry)
            case CommandKind.CONTINUE:
                self.work -= 1
                return self._event(EventKind.CONTINUED, Continued(units=1, tasks=self.work), entry)
            case CommandKind.ROOT:
                return self._note_root(entry)
        return self._steered(entry)

    def _note_root(self, entry: wire.Entry) -> bytes:
        if not self.root_sequence < entry.record.at_sequence < self.sequence:
            return self._event(EventKind.REFUSED, Refused(code=Code.PARAMETER_INVALID), entry)
        self.root_sequence = entry.record.at_sequence
        return self._event(
            EventKind.ROOT_NOTED, RootNoted(at_sequence=self.root_sequence, root=entry.record.root), entry
        )

    def _steered(self, entry: wire.Entry) -> bytes:
        if entry.payload == b"halt":
            self.halted = True
            return self._event(EventKind.HALTED, Halted(fault=Fault.FAULT_MONEY), entry)
        if entry.payload == b"grow":
            self.wanted = 2 * self.rows
        if entry.payload == b"work":
            self.work = 2
        if entry.payload == b"due":
            self.next_due_ns = self.time_ns + SECOND_NS
        noted = RootNoted(at_sequence=self.sequence)
        wire.put_bytes(noted.root, self.digest)
        return self._event(EventKind.ROOT_NOTED, noted, entry)

    def _event(self, kind: int, record: ctypes.LittleEndianStructure, entry: wire.Entry) -> bytes:
        head = EventHead(
            sequence=entry.head.sequence, time_ns=entry.head.time_ns, record_bytes=ctypes.sizeof(record), kind=kind
        )
        return bytes(head) + bytes(record)

    def roots(self) -> tuple[bytes, bytes, bytes]:
        public, private = hashlib.sha256(b"public" + self.digest).digest(), hashlib.sha256(self.digest).digest()
        return public, private, hashlib.sha256(public + private).digest()

    def copy(self, over: "FakeEngine | None" = None) -> "FakeEngine":
        return FakeEngine.restore(self.snapshot())

    def snapshot(self) -> bytes:
        if self.halted:
            raise RuntimeError("halted")
        state: dict[str, Any] = {**vars(self), "digest": self.digest.hex(), "twist": self.twist.hex()}
        return json.dumps(state).encode()

    @classmethod
    def restore(cls, data: bytes) -> "FakeEngine":
        state = json.loads(data)
        engine = cls()
        vars(engine).update(state)
        engine.origins = {int(origin): number for origin, number in state["origins"].items()}
        engine.digest, engine.twist = bytes.fromhex(state["digest"]), bytes.fromhex(state["twist"])
        return engine


def submission(origin: int, number: int, payload: bytes = b"") -> bytes:
    return wire.encode_entry(Deposit(amount_minor=number), payload, origin=origin, origin_sequence=number)
