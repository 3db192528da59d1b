"""A second engine that follows the durable frames and notices when it differs.

Each frame must follow the one before (sequence, hash), and carries the digest of the events that the writer's engine
made of the frame before; a replica that made others raises `ReplicaDiverged` and from then on refuses to go on, because
nothing it could show would be known to be true.  The last frame's own events are checked by the frame after it.
State roots are compared the same way, if the replica is given a `RootBook`: the journal's word stands, and who differs
halts itself, because it cannot know which of the two is wrong (`outcry verify` does).
Never reads a clock, a file or a socket.
"""

from outcry.journal.errors import FrameDamaged
from outcry.journal.frames import Frame, Head, check_entries
from outcry.journal.upgraded import upgrade_in
from outcry.node.machine import Machine
from outcry.node.roots import Difference, RootBook
from outcry.protocol import wire
from outcry.protocol.records import FORMAT_VERSION
from outcry.protocol.wire import Entry, Event

Applied = list[tuple[Entry, list[Event]]]


class ReplicaDiverged(Exception):
    """This replica and the journal do not agree from this sequence on."""

    def __init__(self, sequence: int, message: str) -> None:
        super().__init__(f"sequence {sequence}: {message}")
        self.sequence = sequence


class RootDiffers(ReplicaDiverged):
    """The state root made here is not the one that stands in the journal, and nobody knows yet which is right."""


class Replica:
    """An engine behind a chain of frames.

    `head` is where the engine stands; without one it must be empty and `begin` is called with the genesis first.
    `check_roots` recomputes every frame's Merkle root too; `roots` takes and compares state roots.
    """

    def __init__(
        self,
        engine: Machine,
        head: Head | None = None,
        *,
        check_roots: bool = False,
        roots: RootBook | None = None,
    ) -> None:
        if engine.sequence != (head.sequence if head else 0):
            raise ValueError(f"the engine stands at {engine.sequence}, its head at {head.sequence if head else 0}")
        self.engine = engine
        self.head = head
        self.roots = roots
        self.diverged: ReplicaDiverged | None = None
        self._check_roots = check_roots
        self._first_sequence = 0
        """Of the frame that was applied last."""
        self._genesis_hash: bytes | None = head.frame_hash if head is not None and head.sequence == 0 else None
        if roots is not None:
            roots.begin(engine)

    @property
    def sequence(self) -> int:
        """Last entry applied."""
        return self.engine.sequence

    def begin(self, genesis_hash: bytes) -> None:
        """Follow the chain of this genesis; raises `ReplicaDiverged` if it already follows another."""
        if self._genesis_hash not in (None, genesis_hash):
            raise self._diverge(self.sequence, "the node serves another journal than before")
        self._genesis_hash = genesis_hash
        if self.head is None:
            self.head = Head.at_genesis(genesis_hash)

    def apply(self, frame: Frame) -> Applied:
        """Apply a frame; returns its entries with their events.  Raises `ReplicaDiverged`."""
        return pair(frame, self.advance(frame))

    def advance(self, frame: Frame) -> bytes:
        """Apply a frame; returns its events as bytes.  Raises `ReplicaDiverged`."""
        if self.diverged is not None:
            raise self.diverged
        head = self.head
        if head is None:
            raise ValueError("the replica does not know its genesis yet")
        if frame.first_sequence != head.sequence + 1:
            raise self._diverge(head.sequence + 1, f"the next frame begins with sequence {frame.first_sequence}")
        if frame.header.previous_hash != head.frame_hash:
            raise self._diverge(frame.first_sequence, "the frame does not hang on the frame before it")
        if frame.header.events_digest != head.events_digest:
            raise self._diverge(
                self._first_sequence or head.sequence,
                "the events made here differ from those of the writer in the frame "
                + (f"of sequence {self._first_sequence} to " if self._first_sequence else "that ends with sequence ")
                + f"{head.sequence}",
            )
        if frame.header.format != FORMAT_VERSION:
            raise self._diverge(
                frame.first_sequence,
                f"the frame has format {frame.header.format} and was made by rules that this program has no more: "
                "begin with a snapshot of after the upgrade",
            )
        if self._check_roots:
            try:
                check_entries(frame)
            except FrameDamaged as problem:
                raise self._diverge(frame.first_sequence, str(problem)) from problem
        try:
            upgrade = upgrade_in(frame)
            if upgrade is not None:
                self._check_upgrade(frame, "before", bytes(upgrade.root_before))
            events = self.engine.apply(frame.body) if self.roots is None else self.roots.apply(self.engine, frame)
        except wire.Malformed as problem:
            raise self._diverge(frame.first_sequence, str(problem)) from problem
        if self.engine.sequence != frame.last_sequence:
            raise self._diverge(self.engine.sequence, f"the engine stopped before sequence {frame.last_sequence}")
        if upgrade is not None:
            self._check_upgrade(frame, "after", bytes(upgrade.root_after))
        self.head = Head(frame.last_sequence, frame.hash, wire.events_digest(events))
        self._first_sequence = frame.first_sequence
        if self.roots is not None:
            self._compare_roots(self.roots, frame, events)
        return events

    def settle_roots(self) -> None:
        """Wait for the roots that are still being hashed.  Raises `ReplicaDiverged`."""
        if self.roots is not None:
            self._halt_on(self.roots.settle(wait=True))

    def _compare_roots(self, roots: RootBook, frame: Frame, events: bytes) -> None:
        self._halt_on(roots.compare(self.engine, frame, events))

    def _check_upgrade(self, frame: Frame, side: str, root: bytes) -> None:
        """An upgrade says the root of the state before and after its migration (CMD-11)."""
        made = self.engine.roots()[2]
        if made != root:
            raise self._diverge(
                frame.first_sequence,
                f"the state {side} the upgrade has the root {made.hex()}, the upgrade says {root.hex()}",
            )

    def _halt_on(self, difference: Difference | None) -> None:
        if difference is not None:
            self.diverged = RootDiffers(*difference)
            raise self.diverged

    def _diverge(self, sequence: int, message: str) -> ReplicaDiverged:
        self.diverged = ReplicaDiverged(sequence, message)
        return self.diverged


def pair(frame: Frame, events: bytes) -> Applied:
    """Each entry of a frame with its own events."""
    applied: Applied = [(entry, []) for entry in wire.entries_of(frame.body)]
    first_sequence = frame.first_sequence
    for event in wire.events_of(events):
        applied[event[0].sequence - first_sequence][1].append(event)
    return applied
