"""The writer's logic without clock, chance, file or socket: `step(inputs, now_ns) -> outputs`.

For every submission: check its shape and number, put time and due ticks before it, fill in sequence, time and salt,
apply it to the engine, append it to the open frame.  The engine is therefore ahead of the disk; what it says stays
here (only a digest leaves, in the next frame's header) and is forgotten in a crash.  Frames go out twice: first to be
appended and synced, then, once their sync is reported, to be published.  Nothing is published before.

Order before a client's entry of time T: `Resume` if more than five seconds passed without an entry, `Tick` while one is
due at T, `Grow` for every table that asks, one `Continue` if the engine has work of its own; an entry's time is the
clock's or, if that went back, the entry before's.  Work is also carried on when nobody sends anything.
A halted engine gets no entries of the node's own; submissions still go to it and are refused by it, in the journal.
A frame closes where a state root is due, so that a snapshot can be taken there.  Never judges what a command means.
"""

import ctypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from outcry.journal.frames import ROOT_EVERY, Frame, Head, Sign, build_frame, unsigned
from outcry.node.machine import Machine
from outcry.node.settings import ENTRY_BYTES_MAX, CoreSettings
from outcry.node.shedding import Allowance, is_shed_first
from outcry.protocol import wire
from outcry.protocol.layout import WORK_UNITS_MAX, CommandKind, Continue, EntryHead, Grow, Resume, Root, Tick

NODE_ORIGIN = 0
"""The origin of what the node journals itself; its numbers are the entries' sequences."""
NODE_KINDS = frozenset(
    {CommandKind.TICK, CommandKind.CONTINUE, CommandKind.RESUME, CommandKind.GROW, CommandKind.UPGRADE}
)
"""What only the node may journal; `Upgrade` comes from its operator's tool alone, while it is stopped."""
SALT_BYTES = 16


class Why(IntEnum):
    """Why a submission was not admitted: it has no sequence and changed nothing.

    CROWDED turns everything away; SHED new orders and amendments only, and earlier.
    """

    MALFORMED = 1
    REPEATED = 2
    CROWDED = 3
    DISK_NEARLY_FULL = 4
    STOPPING = 5
    SHED = 6


@dataclass(frozen=True, slots=True)
class Submission:
    """An entry as an origin hands it in."""

    origin: int
    entry: bytes


@dataclass(frozen=True, slots=True)
class Synced:
    """What was given out to be appended is durable up to this sequence."""

    sequence: int


@dataclass(frozen=True, slots=True)
class Room:
    """Whether the disk has room for more."""

    left: bool


@dataclass(frozen=True, slots=True)
class Held:
    """While on, the core journals nothing of its own accord, so that it becomes quiet."""

    on: bool


Input = Submission | Synced | Room | Held


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A submission that was not admitted."""

    origin: int
    origin_sequence: int
    why: Why


@dataclass(slots=True)
class Outputs:
    """What the shell has to do now."""

    append: list[Frame] = field(default_factory=list)
    publish: list[Frame] = field(default_factory=list)
    turned_away: list[TurnedAway] = field(default_factory=list)
    wake_ns: int = 0
    """Step again at this time even without inputs; 0 for never."""


class NodeStuck(RuntimeError):
    """The engine broke its contract with the node."""


class NodeCore:
    """Admits, applies and frames.  Deterministic in its inputs, `now_ns` and the salts it draws."""

    def __init__(
        self,
        engine: Machine,
        head: Head,
        salts: Callable[[int], bytes],
        settings: CoreSettings | None = None,
        root_every: int = ROOT_EVERY,
        sign: Sign = unsigned,
    ) -> None:
        if engine.sequence != head.sequence:
            raise ValueError(f"the engine stands at {engine.sequence}, the journal at {head.sequence}")
        self.engine = engine
        self.head = head
        """After the last closed frame."""
        self.durable_sequence = head.sequence
        self._salts = salts
        self._settings = settings or CoreSettings()
        self._root_every = root_every
        self._sign = sign
        self._time_ns = engine.time_ns
        self._admitted: dict[int, int] = {}
        self._body = bytearray()
        self._events: list[bytes] = []
        self._entries = 0
        self._waiting: list[Frame] = []
        self._writing: list[Frame] = []
        self._writing_since_ns = 0
        self._unsynced_bytes = 0
        self._allowance = Allowance(self._settings)
        self._room_left = True
        self._held = False

    @property
    def quiet(self) -> bool:
        """Whether everything applied is durable."""
        return not (self._entries or self._waiting or self._writing)

    @property
    def unsynced_bytes(self) -> int:
        """What is admitted and not durable yet."""
        return self._unsynced_bytes

    @property
    def orders_waiting_bytes(self) -> int:
        """With more than this not durable yet, new orders and amendments are turned away now."""
        return self._allowance.bytes

    def last_admitted(self, origin: int) -> int:
        """The last number admitted of that origin, durable or not."""
        number = self._admitted.get(origin)
        return self.engine.origin_sequence(origin) if number is None else number

    def step(self, inputs: Iterable[Input], now_ns: int) -> Outputs:
        """Take the inputs in order, then what is due; close a frame if none is being written."""
        outputs = Outputs()
        for item in inputs:
            match item:
                case Submission():
                    self._take(item, now_ns, outputs)
                case Synced():
                    self._publish(item.sequence, now_ns, outputs)
                case Room():
                    self._room_left = item.left
                case Held():
                    self._held = item.on
        if not self._held and self._room_left:
            self._keep_time(now_ns)
        if not self._writing:
            self._close_frame()
            self._writing, self._waiting = self._waiting, []
            self._writing_since_ns = now_ns
            outputs.append = list(self._writing)
        outputs.wake_ns = self._wake_ns(now_ns)
        return outputs

    def _take(self, submission: Submission, now_ns: int, outputs: Outputs) -> None:
        """Admit a submission or turn it away."""
        number, why = self._judge(submission)
        if why is not None:
            outputs.turned_away.append(TurnedAway(submission.origin, number, why))
            return
        time_ns = self._time(now_ns)
        self._put_before(time_ns)
        self._admitted[submission.origin] = number
        self._append(bytearray(submission.entry), time_ns)

    def _judge(self, submission: Submission) -> tuple[int, Why | None]:
        """The submission's own number, and why it cannot be admitted."""
        entry = submission.entry
        try:
            whole = len(entry) <= ENTRY_BYTES_MAX and wire.entry_bytes(entry, 0) == len(entry)
        except wire.Malformed:
            whole = False
        if not whole:
            return number_of(entry), Why.MALFORMED
        head = EntryHead.from_buffer_copy(entry)
        number = int(head.origin_sequence)
        padding = wire.padded(head.payload_bytes) - head.payload_bytes
        if (
            submission.origin == NODE_ORIGIN
            or head.origin != submission.origin
            or number < 1
            or head.kind in NODE_KINDS
            or (head.kind == CommandKind.ROOT and self._not_due(entry))
            or any(entry[len(entry) - padding :])
        ):
            return number, Why.MALFORMED
        if number <= self.last_admitted(submission.origin):
            return number, Why.REPEATED
        if not self._room_left:
            return number, Why.DISK_NEARLY_FULL
        if self._unsynced_bytes > self._settings.waiting_bytes:
            return number, Why.CROWDED
        if self._unsynced_bytes > self._allowance.bytes and is_shed_first(entry):
            return number, Why.SHED
        return number, None

    def _not_due(self, entry: bytes) -> bool:
        """Whether a Root names a sequence at which no root is due, so that no replica could say whether it is right."""
        return bool(Root.from_buffer_copy(entry, wire.ENTRY_HEAD_BYTES).at_sequence % self._root_every)

    def _time(self, now_ns: int) -> int:
        """The time of an entry made now; also what the engine refused, and so did not take as its time, counts."""
        return max(now_ns, self._time_ns)

    def _put_before(self, time_ns: int) -> None:
        """Journal what has to stand before an entry of this time."""
        engine = self.engine
        if engine.halted:
            return
        paused_ns = time_ns - engine.time_ns
        if engine.sequence and paused_ns > self._settings.resume_after_ns:
            self._append_own(Resume(paused_ns=paused_ns), time_ns)
        while 0 < engine.next_due_ns <= time_ns and not engine.halted:
            due_ns = engine.next_due_ns
            self._append_own(Tick(), time_ns)
            if engine.next_due_ns == due_ns and not engine.halted:
                raise NodeStuck(f"a tick at {time_ns} left what is due at {due_ns} undone")
        for table, rows in engine.wants_grow():
            self._append_own(Grow(table=table, rows=rows), time_ns)
        if engine.work_waiting:
            self._append_own(Continue(units_max=WORK_UNITS_MAX), time_ns)

    def _keep_time(self, now_ns: int) -> None:
        """Journal a tick when something is due or nothing has been journaled for a while, and what work is waiting.

        An empty journal waits.
        """
        if self.engine.sequence and not self.engine.halted:
            time_ns = self._time(now_ns)
            idle_ns = time_ns - self.engine.time_ns
            due = 0 < self.engine.next_due_ns <= time_ns or self.engine.work_waiting
            if due or idle_ns >= self._settings.idle_tick_ns:
                before = self.engine.sequence
                self._put_before(time_ns)
                if self.engine.sequence == before:
                    self._append_own(Tick(), time_ns)

    def _wake_ns(self, now_ns: int) -> int:
        engine = self.engine
        if not engine.sequence or engine.halted or self._held:
            return 0
        if not self._room_left:
            # What is due stays due until there is room; to look for it at once again would keep a processor busy.
            return now_ns + self._settings.idle_tick_ns
        if engine.work_waiting:
            return engine.time_ns
        idle_ns = engine.time_ns + self._settings.idle_tick_ns
        return min(idle_ns, engine.next_due_ns) if engine.next_due_ns > 0 else idle_ns

    def _append_own(self, record: ctypes.LittleEndianStructure, time_ns: int) -> None:
        number = self.engine.sequence + 1
        self._append(bytearray(wire.encode_entry(record, origin=NODE_ORIGIN, origin_sequence=number)), time_ns)

    def _append(self, entry: bytearray, time_ns: int) -> None:
        """Fill in sequence, time and salt; apply; append to the open frame."""
        if self._entries and len(self._body) + len(entry) > self._settings.frame_bytes:
            self._close_frame()
        head = EntryHead.from_buffer(entry)
        head.sequence = self.engine.sequence + 1
        head.time_ns = time_ns
        del head
        entry[wire.ENTRY_PUBLIC_BYTES : wire.ENTRY_HEAD_BYTES] = self._salts(SALT_BYTES)
        self._events.append(self.engine.apply(bytes(entry)))
        self._time_ns = time_ns
        self._body += entry
        self._entries += 1
        self._unsynced_bytes += len(entry)
        if self.engine.sequence != self.head.sequence + self._entries:
            raise NodeStuck(f"the engine stands at {self.engine.sequence} after {self._entries} entries of a frame")
        if self.engine.sequence % self._root_every == 0:
            self._close_frame()

    def _close_frame(self) -> None:
        """Close the open frame, if there is anything in it."""
        if self._entries:
            frame = build_frame(
                self.head.sequence + 1,
                self._entries,
                bytes(self._body),
                self.head.frame_hash,
                self.head.events_digest,
                self._sign,
            )
            self.head = Head(frame.last_sequence, frame.hash, wire.events_digest(b"".join(self._events)))
            self._waiting.append(frame)
            self._body, self._events, self._entries = bytearray(), [], 0

    def _publish(self, sequence: int, now_ns: int, outputs: Outputs) -> None:
        """What was being written is durable."""
        if not self._writing or self._writing[-1].last_sequence != sequence:
            raise ValueError(f"nothing that ends at sequence {sequence} is being written")
        outputs.publish += self._writing
        written_bytes = sum(len(frame.body) for frame in self._writing)
        self._unsynced_bytes -= written_bytes
        self._allowance.learn(written_bytes, now_ns - self._writing_since_ns)
        self._writing = []
        self.durable_sequence = sequence


def number_of(entry: bytes) -> int:
    """The origin's own number in an entry's head, 0 if there is no whole head."""
    return int(EntryHead.from_buffer_copy(entry).origin_sequence) if len(entry) >= wire.ENTRY_HEAD_BYTES else 0
