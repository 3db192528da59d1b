"""What a keeper does about due roots, without I/O: propose them, and keep snapshots that they vouch for.

`step(inputs, now_s) -> outputs`.  A snapshot is *taken* where a root is due, *stored* as a candidate once the root is
hashed, and made *usable* once that root stands in the journal; a candidate whose root the journal passed over is
dropped.  Snapshots keep a distance in time, roots do not.  A proposal that does not show in the journal is repeated a
few times; a second equal one is refused by the engine and harmless.  Comparing is not done here: `RootBook` does it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from outcry.journal.frames import Head
from outcry.node.machine import Machine
from outcry.node.roots import StateRoot


@dataclass(frozen=True, slots=True)
class KeeperSettings:
    """How often, and how many."""

    snapshot_seconds: float = 60.0
    """From one snapshot to the next at least."""
    repeat_seconds: float = 10.0
    """A proposal that was not journaled for so long is made again."""
    tries: int = 5
    """So often at most."""
    snapshots_kept: int = 3
    """Usable ones; older ones are removed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The replica stood at a due sequence at the end of a frame; this is a copy of its engine."""

    head: Head
    state: Machine = field(repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """A root taken here is hashed."""

    root: StateRoot


@dataclass(frozen=True, slots=True)
class Noted:
    """A root stands in the journal."""

    root: StateRoot


@dataclass(frozen=True, slots=True)
class Stored:
    """A candidate is on the disk."""

    sequence: int


@dataclass(frozen=True, slots=True)
class NotStored:
    """The disk did not take a candidate."""

    sequence: int


Input = Taken | Known | Noted | Stored | NotStored


@dataclass(frozen=True, slots=True)
class Candidate:
    """A snapshot on its way."""

    head: Head
    state: Machine | None = field(repr=False)
    """Until it is stored."""
    root: StateRoot | None = None
    stored: bool = False
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A root handed in, when last and how often."""

    root: StateRoot
    at_s: float
    tries: int


@dataclass(slots=True)
class Outputs:
    """What the shell has to do now."""

    propose: list[StateRoot] = field(default_factory=list)
    store: list[Candidate] = field(default_factory=list)
    make_usable: list[int] = field(default_factory=list)
    drop: list[tuple[int, str]] = field(default_factory=list)
    """Sequences of candidates, each with the reason."""


class KeeperCore:
    """Follows roots and candidates.  Deterministic in its inputs and `now_s`."""

    def __init__(self, settings: KeeperSettings | None = None) -> None:
        self._settings = settings or KeeperSettings()
        self._candidates: dict[int, Candidate] = {}
        self._proposals: dict[int, Proposal] = {}
        self._taken_s: float | None = None
        self._noted_sequence = 0

    @property
    def holds_state(self) -> bool:
        """Whether a copy of an engine is still needed."""
        return any(candidate.state is not None for candidate in self._candidates.values())

    def step(self, inputs: Iterable[Input], now_s: float) -> Outputs:
        """Take the inputs in order, then repeat what has waited too long."""
        outputs = Outputs()
        for item in inputs:
            match item:
                case Taken():
                    self._take(item, now_s)
                case Known():
                    self._know(item.root, now_s, outputs)
                case Noted():
                    self._note(item.root, outputs)
                case Stored():
                    self._store(item.sequence, outputs)
                case NotStored():
                    self._candidates.pop(item.sequence, None)
        self._repeat(now_s, outputs)
        return outputs

    def _take(self, taken: Taken, now_s: float) -> None:
        if self._taken_s is None or now_s - self._taken_s >= self._settings.snapshot_seconds:
            self._taken_s = now_s
            self._candidates[taken.head.sequence] = Candidate(taken.head, taken.state)

    def _know(self, root: StateRoot, now_s: float, outputs: Outputs) -> None:
        """Propose it unless it stands there already, and store the snapshot of the same sequence."""
        sequence = root.at_sequence
        if sequence > self._noted_sequence:
            outputs.propose.append(root)
            self._proposals[sequence] = Proposal(root, now_s, 1)
        candidate = self._candidates.get(sequence)
        if candidate is not None and candidate.root in (None, root):
            self._candidates[sequence] = candidate = replace(candidate, root=root)
            outputs.store.append(candidate)
        elif candidate is not None:
            self._give_up(sequence, "the journal has another root instead of its own", outputs)

    def _note(self, root: StateRoot, outputs: Outputs) -> None:
        """A root stands in the journal: its candidate is good or bad, older ones will never have theirs."""
        self._noted_sequence = root.at_sequence
        for sequence in [sequence for sequence in self._proposals if sequence <= root.at_sequence]:
            del self._proposals[sequence]
        for sequence, candidate in sorted(self._candidates.items()):
            if sequence == root.at_sequence and candidate.root in (None, root):
                self._candidates[sequence] = replace(candidate, noted=True, root=root)
                self._finish(sequence, outputs)
            elif sequence <= root.at_sequence and not candidate.noted:
                why = "another root" if sequence == root.at_sequence else f"the root of sequence {root.at_sequence}"
                self._give_up(sequence, f"the journal has {why} instead of its own", outputs)

    def _give_up(self, sequence: int, why: str, outputs: Outputs) -> None:
        """Drop a candidate; the next one need not wait."""
        self._candidates.pop(sequence, None)
        self._taken_s = None
        outputs.drop.append((sequence, why))

    def _store(self, sequence: int, outputs: Outputs) -> None:
        candidate = self._candidates.get(sequence)
        if candidate is None:
            self._give_up(sequence, "the journal went on without its root while it was written", outputs)
            return
        self._candidates[sequence] = replace(candidate, stored=True, state=None)
        self._finish(sequence, outputs)

    def _finish(self, sequence: int, outputs: Outputs) -> None:
        candidate = self._candidates[sequence]
        if candidate.stored and candidate.noted:
            del self._candidates[sequence]
            outputs.make_usable.append(sequence)

    def _repeat(self, now_s: float, outputs: Outputs) -> None:
        for sequence, proposal in list(self._proposals.items()):
            if now_s - proposal.at_s >= self._settings.repeat_seconds:
                if proposal.tries < self._settings.tries:
                    outputs.propose.append(proposal.root)
                    self._proposals[sequence] = Proposal(proposal.root, now_s, proposal.tries + 1)
                else:
                    del self._proposals[sequence]
