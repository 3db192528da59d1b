"""Journals with everything in them, recorded by a real node's core from a played crisis: frames of several entries,
liquidations, takeovers, deleveraging, funding, pauses, the engine's own work, state roots, the mark of what was seen.
"""

import ctypes
import functools
import random
from collections.abc import Callable
from pathlib import Path

from outcry.engine.engine import Engine
from outcry.journal.frames import Genesis, Head
from outcry.journal.segments import Segments, SegmentSettings
from outcry.node.core import NODE_KINDS, Input, NodeCore, Submission, Synced
from outcry.node.roots import StateRoot, root_of
from outcry.node.settings import CoreSettings
from outcry.protocol import wire
from outcry.protocol.layout import RULES_VERSION
from tests.laws.crises import Crisis

ORIGIN = 1
SEED = 11
COMMANDS = 300
SMALL = SegmentSettings(segment_bytes=16 << 10, reserve_bytes=16 << 10, compress=False)
LEISURELY = CoreSettings(resume_after_ns=6 * 3_600 * 10**9)
"""Crises wait for hours; only the longest waits are a pause, so that there are fundings too."""

Played = list[tuple[int, ctypes.LittleEndianStructure]]


@functools.cache
def played(seed: int = SEED, commands: int = COMMANDS) -> Played:
    """Times and commands of a crisis, without what a node journals itself."""
    crisis = Crisis(seed)
    crisis.run(commands)
    return [step for step in crisis.trio.journal if wire.COMMAND_KIND[type(step[1])] not in NODE_KINDS]


class Recorder:
    """A node's core and its journal; a frame holds what was handed in while the one before was written."""

    def __init__(self, folder: Path, begin_ns: int, root_every: int, settings: SegmentSettings, seed: int) -> None:
        genesis = Genesis(RULES_VERSION, begin_ns, root_every)
        self.journal = Segments.open(folder, genesis, settings)
        chance = random.Random(seed)
        head = Head.at_genesis(genesis.hash)
        self.core = NodeCore(Engine(), head, chance.randbytes, LEISURELY, root_every)
        self.engine: Engine = self.core.engine  # type: ignore[assignment]  # it was handed in just now
        self.number = 0
        self._every = root_every
        self._writing = 0
        self._root: StateRoot | None = None

    def hand_in(self, record: ctypes.LittleEndianStructure, time_ns: int) -> None:
        """One command; the root of a due sequence just before it, where one is due and known."""
        root, self._root = self._root, None
        for one in ([root.command()] if root is not None else []) + [record]:
            self.number += 1
            self._step(
                [Submission(ORIGIN, wire.encode_entry(one, origin=ORIGIN, origin_sequence=self.number))], time_ns
            )

    def synced(self, time_ns: int) -> None:
        """What is being written is durable and handed out."""
        while self._writing:
            done, self._writing = self._writing, 0
            self._step([Synced(done)], time_ns)
            self.journal.mark_seen(done)

    def _step(self, inputs: list[Input], time_ns: int) -> None:
        for frame in self.core.step(inputs, time_ns).append:
            self.journal.append(frame)
            self._writing = frame.last_sequence
        self.journal.sync()


def record(
    folder: Path,
    *,
    seed: int = SEED,
    commands: int = COMMANDS,
    opening: int = 0,
    per_frame: int = 5,
    root_every: int = 64,
    settings: SegmentSettings = SMALL,
    watch: Callable[[Engine], None] | None = None,
) -> Engine:
    """A crisis as a journal with the state roots that a keeper would propose; the engine that the node ended with.

    `opening` takes only so many of the commands; `watch` sees the engine after each.
    """
    steps = played(seed, commands)[: opening or None]
    recorder = Recorder(folder, steps[0][0] - 1, root_every, settings, seed)
    try:
        for place, (time_ns, command) in enumerate(steps, 1):
            before = recorder.engine.sequence // root_every
            recorder.hand_in(command, time_ns)
            if recorder.engine.sequence // root_every > before and recorder.engine.sequence % root_every == 0:
                recorder._root = root_of(recorder.engine)
            if place % per_frame == 0:
                recorder.synced(time_ns)
            if watch is not None:
                watch(recorder.engine)
        recorder.synced(steps[-1][0])
    finally:
        recorder.journal.close()
    return recorder.engine
