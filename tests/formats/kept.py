"""Journals that older programs have left, as they were made; and how one of the present format is made.

`python -m tests.formats.kept FOLDER` plays a crisis and its sequel into a journal with a node's core, a keeper's snapshot
and a stop's cache, and says in `expected.toml` what they come to.  Run it before a version is raised, and keep what it makes.
"""

import random
import shutil
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from outcry.engine.engine import Engine
from outcry.journal import files
from outcry.journal.frames import Genesis, Head
from outcry.journal.segments import Segments, SegmentSettings
from outcry.journal.signing import new_signer
from outcry.node.core import NODE_KINDS, Input, NodeCore, Submission, Synced
from outcry.node.roots import StateRoot, root_of
from outcry.node.settings import CoreSettings
from outcry.node.snapshots import Snapshot, make_usable, write_candidate, write_snapshot
from outcry.protocol import wire
from outcry.protocol.layout import RULES_VERSION, DeleveragePolicy, List
from outcry.protocol.records import FORMAT_VERSION
from tests.formats.sequel import sequel
from tests.laws.crises import Crisis

HERE = Path(__file__).parent
SEED, COMMANDS, EVERY, PER_FRAME = 4, 600, 64, 5
SETTINGS = SegmentSettings(segment_bytes=32 << 10, reserve_bytes=32 << 10)
CORE = CoreSettings(resume_after_ns=6 * 3_600 * 10**9)


@dataclass(frozen=True)
class Expected:
    """What a folder's own program made of it."""

    format: int
    rules_version: int
    sequence: int
    time_ns: int
    head: str
    events_digest: str
    public_root: str
    root: str
    rooted: int
    rooted_root: str


KEPT = sorted(path.name for path in HERE.glob("format_*"))


def expected_of(name: str) -> Expected:
    return Expected(**tomllib.loads((HERE / name / "expected.toml").read_text()))


def copy_of(name: str, into: Path) -> Path:
    shutil.copytree(HERE / name, into)
    for key in into.glob("signing.key"):
        key.chmod(0o600)
    return into


class Writing:
    """A node's core over an engine, the roots that fall due on the way, and the states of those."""

    def __init__(self, folder: Path, begin_ns: int, rules_version: int) -> None:
        signer = new_signer(folder)
        self.genesis = Genesis(rules_version, begin_ns, EVERY, signer.public_key)
        self.journal = Segments.open(folder / "journal", self.genesis, SETTINGS)
        chance = random.Random(SEED)
        self.engine = Engine(rules_version=rules_version)
        head = Head.at_genesis(self.genesis.hash)
        self.core = NodeCore(self.engine, head, chance.randbytes, CORE, EVERY, signer.sign)
        self.snapshots: dict[int, Snapshot] = {}
        self.due: list[tuple[StateRoot, bytes]] = []
        self._number = self._writing = 0
        self._apply = self.engine.apply
        self.engine.apply = self._watched  # type: ignore[method-assign]

    def _watched(self, body: bytes | memoryview) -> bytes:
        events = self._apply(body)
        if self.engine.sequence % EVERY == 0:
            self.due.append((root_of(self.engine), self.engine.snapshot()))
        return events

    def hand_in(self, record: object, time_ns: int) -> None:
        root = self.due.pop(0)[0] if self.due else None
        for one in ([root.command()] if root is not None else []) + [record]:
            self._number += 1
            entry = wire.encode_entry(one, origin=1, origin_sequence=self._number)  # type: ignore[arg-type]
            self._step([Submission(1, entry)], time_ns)
        for taken, data in self.due:
            if taken.at_sequence == self.core.head.sequence:
                self.snapshots[taken.at_sequence] = Snapshot(self.core.head, self.genesis.hash, data, taken)

    def synced(self, time_ns: int) -> None:
        while self._writing:
            done, self._writing = self._writing, 0
            self._step([Synced(done)], time_ns)
            self.journal.mark_seen(done)

    def _step(self, inputs: list[Input], time_ns: int) -> None:
        for frame in self.core.step(inputs, time_ns).append:
            self.journal.append(frame)
            self._writing = frame.last_sequence
        self.journal.sync()


def make(folder: Path, rules_version: int = RULES_VERSION, commands: int = COMMANDS) -> None:
    """A folder of the present format; under rules 1 listings by score leave their policy out.

    Contracts of every type follow under the present rules; older ones do not know what is said of them.
    """
    crisis = Crisis(SEED)
    crisis.run(commands)
    played = crisis.trio.journal + (sequel(crisis.trio.journal) if rules_version == RULES_VERSION else [])
    steps = [step for step in played if wire.COMMAND_KIND[type(step[1])] not in NODE_KINDS]
    writing = Writing(folder, steps[0][0] - 1, rules_version)
    for place, (time_ns, record) in enumerate(steps, 1):
        if rules_version == 1 and isinstance(record, List) and record.deleverage_policy == DeleveragePolicy.RANKED:
            record.deleverage_policy = 0
        writing.hand_in(record, time_ns)
        if place % PER_FRAME == 0:
            writing.synced(time_ns)
    writing.synced(steps[-1][0])
    writing.journal.upkeep()
    writing.journal.close()
    for name in (files.SPARE_NAME, files.LOCK_NAME):
        (folder / "journal" / name).unlink(missing_ok=True)
    engine, head, snapshots = writing.engine, writing.core.head, folder / "snapshots"
    rooted = writing.snapshots[max(at for at in writing.snapshots if at <= engine.root_sequence)]
    assert rooted.root is not None
    write_candidate(snapshots, rooted)
    make_usable(snapshots, rooted.head.sequence, 1)
    write_snapshot(snapshots, Snapshot(head, writing.genesis.hash, engine.snapshot()), 1)
    public_root, _, root = engine.roots()
    (folder / "expected.toml").write_text(
        f"# What a program of format {FORMAT_VERSION} and rules {rules_version} made of this journal.\n"
        f"format = {FORMAT_VERSION}\nrules_version = {rules_version}\nsequence = {head.sequence}\n"
        f'time_ns = {engine.time_ns}\nhead = "{head.frame_hash.hex()}"\nevents_digest = "{head.events_digest.hex()}"\n'
        f'public_root = "{public_root.hex()}"\nroot = "{root.hex()}"\nrooted = {rooted.head.sequence}\n'
        f'rooted_root = "{rooted.root.root.hex()}"\n'
    )


if __name__ == "__main__":
    make(Path(sys.argv[1]))
