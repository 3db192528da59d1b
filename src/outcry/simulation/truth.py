"""What must hold, checked while a world runs and at its end; it trusts nobody in it.

While it runs: no frame leaves the node that a power cut would take back (Law 4), none is sent in two versions; what
stands in the journal after a start holds all that ever left, and the engine that was recovered is the one that a replay
from the genesis makes; who is answered is answered with an entry that is durable.  At the end, of the whole journal:
chain, checksums and times (`verify`), answers and fates against entries and events, each client id at most once,
invariants, roots, and whatever the independent auditor hears in it.  `Journal` is the journal as read once from its
files, with the events of a replay.
"""

import ctypes
import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from outcry.engine.engine import Engine
from outcry.engine.invariants import breaches
from outcry.gateway.door import NoAnswer, Outcome, Overloaded
from outcry.journal.errors import JournalError
from outcry.journal.frames import Frame, decode_frame
from outcry.journal.reading import read_frames, read_genesis, verify
from outcry.node.messages import PREFIX, MessageKind
from outcry.node.recovery import JOURNAL_NAME, Recovered
from outcry.node.replica import Replica, ReplicaDiverged, pair
from outcry.node.roots import said_roots
from outcry.node.snapshots import ROOTED, sequence_of
from outcry.protocol.layout import Code, CommandKind, EntryHead, EventKind, Place
from outcry.protocol.wire import COMMAND_KIND, Entry, Event, client_id_of
from outcry.simulation.auditor import AuditBreach, Auditor
from outcry.simulation.auditor_compared import compare
from outcry.simulation.crowd import GATEWAY, ORIGINS
from outcry.simulation.disk import SimulatedDisk
from outcry.simulation.world import Failure, World

REPEATED = Code.ORIGIN_REPEATED
FRAME_PREFIX, SUBMIT_PREFIX = bytes([MessageKind.FRAME]), bytes([MessageKind.SUBMIT])


class Answer(NamedTuple):
    """What somebody was told of a command of his."""

    sequence: int
    time_ns: int
    kind: int
    events: bytes


class Journal:
    """All that stands in a journal, and what follows from it; or only its frames and the engine they lead to."""

    def __init__(self, folder: Path, *, whole: bool) -> None:
        self.frames: dict[bytes, int] = {}
        """First sequence by hash."""
        self.entries: dict[int, tuple[Entry, list[Event]]] = {}
        self.numbers: dict[tuple[int, int], int] = {}
        """Sequence by origin and its number, of the first entry that had it."""
        self.said: list[tuple[bytes, bytes]] = []
        """Of each frame the entries and all their events."""
        self.engine = Engine()
        replica = Replica(self.engine)
        replica.begin(read_genesis(folder).hash)
        self.replica = replica
        for frame in read_frames(folder):
            self.frames[frame.hash] = frame.first_sequence
            said = replica.advance(frame)
            if not whole:
                continue
            self.said.append((bytes(frame.body), said))
            for entry, events in pair(frame, said):
                self.entries[entry.head.sequence] = entry, events
                self.numbers.setdefault((entry.head.origin, entry.head.origin_sequence), entry.head.sequence)

    def placed(self) -> Counter[tuple[int, str]]:
        """How many orders were placed for each account's client ids."""
        found: Counter[tuple[int, str]] = Counter()
        for entry, events in self.entries.values():
            if isinstance(entry.record, Place) and entry.record.client_id[4]:
                name = entry.record.account, client_id_of(entry.record.client_id)
                found[name] += sum(event.head.kind == EventKind.PLACED for event in events)
        return found


class Truth:
    """What was seen to leave, and what must therefore hold."""

    def __init__(self, world: World, disk: SimulatedDisk, folder: Path) -> None:
        self.world = world
        self.unanswered: list[tuple[int, int, int, int]] = []
        """Origin, its number, account and kind of commands without an answer."""
        self._disk = disk
        self._folder = folder / JOURNAL_NAME
        self._submitted: dict[tuple[int, int], bytes] = {}
        """What was sent to the node, by origin and number."""
        self._sent: dict[bytes, tuple[int, int]] = {}
        """First and last sequence of frames that left the node, by hash."""
        self._hash_at: dict[int, bytes] = {}
        self.last_sent = 0
        self._answers: list[Answer] = []
        self._observed: dict[int, bytes] = {}
        self._handed_in: Counter[tuple[int, bytes, bytes]] = Counter()

    # While it runs.

    def sent_by_node(self, message: bytes) -> None:
        """Something leaves the node."""
        if message[PREFIX.size - 1 : PREFIX.size] != FRAME_PREFIX:
            return
        frame = decode_frame(message[PREFIX.size :])
        if frame.hash not in self._sent:
            self._first_sent(frame)

    def sent_to_node(self, message: bytes) -> None:
        """A process hands something in: a number of its origin means one command for ever."""
        if message[PREFIX.size - 1 : PREFIX.size] != SUBMIT_PREFIX:
            return
        entry = message[PREFIX.size :]
        head = EntryHead.from_buffer_copy(entry)
        command = int(head.origin), int(head.origin_sequence)
        if self._submitted.setdefault(command, entry) != entry:
            self._fail("Law 5", f"number {command[1]} of origin {command[0]} was given to two commands")

    def renamed(self, path: Path) -> None:
        """A snapshot that calls itself usable has its root in the journal."""
        if path.suffix != ROOTED:
            return
        at_sequence = sequence_of(path)
        said = (root for frame in read_frames(self._folder, at_sequence + 1) for _, root in said_roots(frame))
        if all(root.at_sequence != at_sequence for root in said):
            self._fail("snapshots", f"{path.name} is called usable and its root is not in the journal")

    def _first_sent(self, frame: Frame) -> None:
        if not self._disk.is_durable(frame.hash):
            self._fail("Law 4", f"the frame of sequence {frame.first_sequence} left before it was durable")
        earlier = self._hash_at.get(frame.first_sequence)
        if earlier is not None:
            self._fail("one journal", f"two frames of sequence {frame.first_sequence} left the node")
        if frame.first_sequence != self.last_sent + 1 and self.last_sent >= frame.first_sequence:
            self._fail("one journal", f"a frame of sequence {frame.first_sequence} left after {self.last_sent}")
        self._sent[frame.hash] = frame.first_sequence, frame.last_sequence
        self._hash_at[frame.first_sequence] = frame.hash
        self.last_sent = max(self.last_sent, frame.last_sequence)
        self.world.note("sent", f"{frame.first_sequence} {frame.hash.hex()}")

    def handed_in(self, record: ctypes.LittleEndianStructure, payload: bytes) -> None:
        """A gateway wants a command journaled, once."""
        self._handed_in[COMMAND_KIND[type(record)], bytes(record), payload] += 1

    def told(self, record: ctypes.LittleEndianStructure, outcome: Outcome | NoAnswer | Overloaded) -> None:
        """A gateway knows what became of a command."""
        if isinstance(outcome, NoAnswer):
            self.world.count("no answer in time")
            account = getattr(record, "account", 0)
            kind = COMMAND_KIND[type(record)]
            self.unanswered.append((outcome.origin, outcome.origin_sequence, account, kind))
        elif isinstance(outcome, Overloaded):
            self.world.count("overloaded")
        else:
            if outcome.sequence > self.last_sent:
                self._fail("Law 4", f"sequence {outcome.sequence} was answered before it left the node")
            kind = COMMAND_KIND[type(record)]
            self._answers.append(Answer(outcome.sequence, outcome.time_ns, kind, _digest(outcome.events)))

    def observed(self, name: str, entry: Entry, events: Sequence[Event]) -> None:
        """A gateway has shown an entry."""
        sequence = entry.head.sequence
        digest = _digest(events)
        if self._observed.setdefault(sequence, digest) != digest:
            self._fail("one journal", f"{name} was shown two versions of sequence {sequence}")

    def recovered(self, recovered: Recovered) -> None:
        """A node has started: nothing that left may be missing, and its state is the journal's."""
        world = self.world
        if recovered.snapshot_sequence:
            world.count("node began with a snapshot")
        for note in recovered.notes:
            world.count("snapshot passed over")
            if "is not in the journal" in note:
                # Rot is found by the checksum; so this one was called usable and is not.
                self._fail("snapshots", note)
        journal = self.read(whole=False)
        if journal is None:
            return
        self._check_sent(journal)
        if verify(self._folder).torn_bytes:
            self._fail("the journal", "a start has left a torn frame behind the last one")
        last = journal.replica.sequence
        if (recovered.head.sequence, recovered.engine.sequence) != (last, last):
            self._fail("recovery", f"the node stands at {recovered.head.sequence}, the journal at {last}")
        elif recovered.engine.roots() != journal.engine.roots():
            self._fail("recovery", f"the state recovered at sequence {last} is not that of a replay")

    def read(self, *, whole: bool) -> Journal | None:
        """The journal, if it can be read."""
        try:
            return Journal(self._folder, whole=whole)
        except (JournalError, ReplicaDiverged) as problem:
            self._fail("the journal", str(problem))
            return None

    # At the end.

    def check(self, fates: dict[tuple[int, int], dict[str, Any]]) -> Journal | None:
        """Everything, once nothing happens any more; `fates` are what gateways say of unanswered commands."""
        try:
            verify(self._folder)
        except JournalError as problem:
            self._fail("the journal", str(problem))
        journal = self.read(whole=True)
        if journal is None:
            return None
        self._check_sent(journal)
        for answer in self._answers:
            self._check_answer(journal, answer)
        self._check_handed_in(journal)
        for sequence, digest in self._observed.items():
            if sequence not in journal.entries or _digest(journal.entries[sequence][1]) != digest:
                self._fail("one journal", f"sequence {sequence} was shown and is not what the journal says")
        for (account, name), times in journal.placed().items():
            if times > 1:
                self._fail("Law 5", f"client id {name} of account {account} acted {times} times")
        for command in self.unanswered:
            self._check_fate(journal, *command, fates.get(command[:2]))
        if journal.engine.halted:
            self._fail("Law 3", f"the venue has halted at sequence {journal.engine.sequence}")
        for breach in breaches(journal.engine.tables):
            self._fail("invariants", str(breach))
        self._audit(journal)
        return journal

    def _audit(self, journal: Journal) -> None:
        """The independent auditor hears all of it, and then sees the rows."""
        auditor = Auditor()
        try:
            for body, events in journal.said:
                auditor.hear(body, events)
            if auditor.books.halt is None:
                compare(auditor.books, journal.engine.tables)
        except AuditBreach as breach:
            self._fail(breach.check, str(breach))

    def _check_sent(self, journal: Journal) -> None:
        for frame_hash, (first, last) in self._sent.items():
            if journal.frames.get(frame_hash) != first:
                self._fail("Law 4", f"sequences {first} to {last} left the node and are not in the journal any more")
                return

    def _check_handed_in(self, journal: Journal) -> None:
        """What a gateway handed in stands there as often as that or less, and never under a number used before."""
        found: Counter[tuple[int, bytes, bytes]] = Counter()
        for sequence, (entry, events) in journal.entries.items():
            head = entry.head
            if head.origin == ORIGINS[GATEWAY]:
                found[head.kind, bytes(entry.record), entry.payload] += 1
            if any(event.head.kind == EventKind.REFUSED and event.record.code == REPEATED for event in events):
                self._fail("Law 5", f"sequence {sequence} came with a number that its origin had used before")
        for command, times in found.items():
            if times > self._handed_in[command]:
                self._fail(
                    "Law 5", f"a command of kind {command[0]} that was handed in once stands there {times} times"
                )

    def _check_answer(self, journal: Journal, answer: Answer) -> None:
        found = journal.entries.get(answer.sequence)
        if found is None:
            self._fail("answers", f"sequence {answer.sequence} was answered and is not in the journal")
            return
        head = found[0].head
        if (head.kind, head.time_ns, _digest(found[1])) != (answer.kind, answer.time_ns, answer.events):
            self._fail("answers", f"sequence {answer.sequence} was answered with what is not its own")

    def _check_fate(
        self, journal: Journal, origin: int, number: int, account: int, kind: int, fate: dict[str, Any] | None
    ) -> None:
        """What a gateway says of a command against what became of it."""
        if fate is None:
            self._fail("Law 5", f"nobody says what became of command {number} of origin {origin}")
            return
        word = fate.get("fate")
        self.world.count(f"fate {word}")
        sequence = journal.numbers.get((origin, number))
        happened = sequence is not None
        if sequence is not None:
            entry = journal.entries[sequence][0]
            if (getattr(entry.record, "account", 0), entry.head.kind) != (account, kind):
                self._fail("Law 5", f"number {number} of origin {origin} was given to two commands")
        if word in ("applied", "refused"):
            right = happened and fate.get("sequence") == sequence
        elif word == "never":
            right = not happened
        else:
            # A gateway that began with a snapshot has not seen what was before, and says so.
            right = word == "forgotten"
        if not right:
            self._fail("Law 5", f"command {number} of origin {origin} is said to be {fate}, and stands at {sequence}")

    def _fail(self, law: str, message: str) -> None:
        self.world.fail(Failure(law, message))


def _digest(events: Sequence[Event]) -> bytes:
    return hashlib.sha256(b"".join(bytes(event.head) + bytes(event.record) for event in events)).digest()


def kinds_of(journal: Journal) -> Counter[str]:
    """How often each kind of command and event is there."""
    counts: Counter[str] = Counter()
    for entry, events in journal.entries.values():
        counts[f"command {CommandKind(entry.head.kind).name}"] += 1
        counts.update(f"event {EventKind(event.head.kind).name}" for event in events)
    return counts
