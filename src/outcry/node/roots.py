"""State roots: taken where they are due, kept until the journal says what they should be, compared then.

A root is due at every sequence that is a multiple of what the genesis says.  `RootBook.apply` takes an engine through a
frame and stops at due sequences, whatever the frame; `RootBook.compare` finds the roots that stand in a frame and says
where they differ.  How a root is hashed is the caller's: `at_once` does it on the spot, a process with
others to serve does it in a thread on a copy (`hashing.HashingThread`).  What is still being hashed when its root
arrives is compared as soon as it is known.  A root of a sequence that was not passed here, or was not hashed because
the one before was not done, cannot be compared.  A root that the operator knows to be false (a replica in a wrong
state proposed it, `outcry verify` found it out) is passed over.  Never reads a clock, a file or a socket.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from outcry.journal.frames import ROOT_EVERY, Frame
from outcry.node.machine import Machine
from outcry.protocol import wire
from outcry.protocol.layout import CommandKind, EntryHead, EventKind, Root, RootNoted

Difference = tuple[int, str]
"""A sequence, and what two say of the state there."""
ROOTS_KEPT = 16
"""So many roots wait for the journal; older ones are given up."""


class StateRoot(NamedTuple):
    """The root of the state after an entry."""

    at_sequence: int
    public_root: bytes
    root: bytes

    def command(self) -> Root:
        """The command that says it."""
        record = Root(at_sequence=self.at_sequence)
        wire.put_bytes(record.public_root, self.public_root)
        wire.put_bytes(record.root, self.root)
        return record

    @classmethod
    def said_by(cls, record: Root) -> "StateRoot":
        """What a command says."""
        return cls(record.at_sequence, bytes(record.public_root), bytes(record.root))


Hashed = Future[StateRoot]
Hashing = Callable[[Machine], Hashed | None]
"""Begins to hash the state as it is now; None if that is not possible just now."""


def root_of(engine: Machine) -> StateRoot:
    """The root of an engine's state."""
    public_root, _, root = engine.roots()
    return StateRoot(engine.sequence, public_root, root)


def at_once(engine: Machine) -> Hashed:
    """Hash it here and now."""
    hashed = Hashed()
    hashed.set_result(root_of(engine))
    return hashed


class RootBook:
    """The roots that one replica took, against those that stand in the journal."""

    def __init__(
        self, every: int = ROOT_EVERY, hashing: Hashing = at_once, known_false: frozenset[int] = frozenset()
    ) -> None:
        if every < 1:
            raise ValueError(f"roots cannot be due every {every} sequences")
        self.every = every
        self.known_false = known_false
        """Sequences whose journaled roots the operator knows to be false."""
        self.journaled = 0
        """Roots found in the journal."""
        self.compared = 0
        """Those that agreed with the ones taken here."""
        self._hashing = hashing
        self._taken: dict[int, Hashed] = {}
        self._claimed: dict[int, StateRoot] = {}
        """Journaled while the one taken here was still being hashed."""
        self._agreed: dict[int, StateRoot] = {}
        self._noted = -1

    def agreed(self, at_sequence: int) -> StateRoot | None:
        """The root of that sequence that stood in the journal of late and agreed with the one taken here."""
        return self._agreed.get(at_sequence)

    def known(self, at_sequence: int) -> StateRoot | None:
        """The root taken at that sequence, if it was taken, is hashed and has not been compared yet."""
        hashed = self._taken.get(at_sequence)
        return hashed.result() if hashed is not None and hashed.done() else None

    def begin(self, engine: Machine) -> None:
        """An engine stands here, before its first frame or restored: take its root if one is due here."""
        self._noted = engine.root_sequence
        if engine.sequence and engine.sequence % self.every == 0:
            self._take(engine)

    def apply(self, engine: Machine, frame: Frame) -> bytes:
        """Apply a frame's entries, stopping where roots are due; returns their events."""
        if self._noted < 0:
            self.begin(engine)
        body, events = frame.body, []
        due = (engine.sequence // self.every + 1) * self.every
        while due <= frame.last_sequence:
            here = len(body) if due == frame.last_sequence else _offset_after(body, due - engine.sequence)
            events.append(engine.apply(body[:here]))
            if engine.sequence != due:
                return b"".join(events)
            self._take(engine)
            body, due = body[here:], due + self.every
        if len(body):
            events.append(engine.apply(body))
        return b"".join(events)

    def compare(self, engine: Machine, frame: Frame, events: bytes) -> Difference | None:
        """Compare the roots that an applied frame holds; where one differs, its sequence and a sentence with both."""
        if engine.root_sequence != self._noted:
            self._noted = engine.root_sequence
            for root in accepted_roots(frame, events):
                self.journaled += 1
                self._claimed[root.at_sequence] = root
        return self.settle(wait=False) if self._claimed else None

    def settle(self, *, wait: bool) -> Difference | None:
        """Compare what has been journaled with what is hashed by now, or `wait` for it; the first difference."""
        for at_sequence, claimed in sorted(self._claimed.items()):
            hashed = self._taken.get(at_sequence)
            if hashed is not None and not wait and not hashed.done():
                continue
            del self._claimed[at_sequence]
            self._taken.pop(at_sequence, None)
            if hashed is not None and at_sequence not in self.known_false:
                own = hashed.result()
                if own != claimed:
                    return at_sequence, (
                        f"the state root made here is {own.root.hex()} (public {own.public_root.hex()}), the journal "
                        f"says {claimed.root.hex()} (public {claimed.public_root.hex()})"
                    )
                self.compared += 1
                self._agreed[at_sequence] = own
                for old in sorted(self._agreed)[:-ROOTS_KEPT]:
                    del self._agreed[old]
        return None

    def _take(self, engine: Machine) -> None:
        """Take the root of a state that stands where one is due; a halted venue has none."""
        if engine.halted:
            return
        hashed = self._hashing(engine)
        if hashed is not None:
            self._taken[engine.sequence] = hashed
            for old in sorted(self._taken)[:-ROOTS_KEPT]:
                del self._taken[old]


def accepted_roots(frame: Frame, events: bytes) -> list[StateRoot]:
    """The roots that a frame's entries say and the engine noted."""
    noted = {
        head.sequence: RootNoted.from_buffer_copy(piece).at_sequence
        for head, piece in wire.event_slices(events)
        if head.kind == EventKind.ROOT_NOTED
    }
    said = {entry.head.sequence: entry.record for entry in wire.entries_of(frame.body) if entry.head.sequence in noted}
    return [
        StateRoot.said_by(record)
        for sequence, record in said.items()
        if isinstance(record, Root) and record.at_sequence == noted[sequence]
    ]


def said_roots(frame: Frame) -> list[tuple[EntryHead, StateRoot]]:
    """The roots that a frame's entries say, whatever the engine made of them."""
    found, body, offset = [], frame.body, 0
    while offset < len(body):
        head = EntryHead.from_buffer_copy(body, offset)
        if head.kind == CommandKind.ROOT:
            found.append((head, StateRoot.said_by(wire.entry_of(body, offset).record)))
        offset += wire.ENTRY_HEAD_BYTES + head.record_bytes + wire.padded(head.payload_bytes)
    return found


def _offset_after(body: memoryview, entries: int) -> int:
    """Where so many entries end."""
    offset = 0
    for _ in range(entries):
        offset += wire.entry_bytes(body, offset)
    return offset
