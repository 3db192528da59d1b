"""Mistakes, each in one part of the venue: the simulator has to find every one of them.

Each is a part that is wrong in the way that somebody could have written it, and `PLANTED` names them with the faults
that bring them out and the law that is then seen to be broken.
"""

import ctypes
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from outcry.app.commanding import Door
from outcry.engine.engine import Engine
from outcry.gateway.door import NoAnswer
from outcry.journal.disk import Disk, SystemDisk
from outcry.journal.reading import SegmentWalk
from outcry.journal.segments import Segments
from outcry.node import core, keeper, recovery
from outcry.node.core import NodeCore, Outputs
from outcry.node.keeping import Keeping
from outcry.node.link import Outcome
from outcry.node.recovery import Recovered
from outcry.node.settings import NodeSettings
from outcry.node.socket_link import NodeLink
from outcry.node.writer import Writer
from outcry.simulation.processes import Parts

SOUND = Parts(door=Door)


class HastyCore(NodeCore):
    """Gives frames out when they are written, not when they are synced."""

    def step(self, inputs: Iterable[core.Input], now_ns: int) -> Outputs:
        outputs = super().step(inputs, now_ns)
        outputs.publish = list(outputs.append)
        return outputs


class ForgetfulCore(NodeCore):
    """Knows only what it has admitted itself, not what its journal has."""

    def last_admitted(self, origin: int) -> int:
        return self._admitted.get(origin, 0)


def writer_with(kind: type[NodeCore]) -> Any:
    """A writer around another core."""

    def made(recovered: Recovered, settings: NodeSettings, **more: Any) -> Writer:
        writer = Writer(recovered, settings, **more)
        root_every = recovered.journal.genesis.roots_due_every
        writer.core = kind(recovered.engine, recovered.head, more["salts"], settings.core, root_every)
        return writer

    return made


class LyingDisk(SystemDisk):
    """Says at once that all is durable."""

    def __init__(self, behind: Disk) -> None:
        self._behind = behind

    def write_at(self, file: int, data: memoryview, offset: int) -> int:
        return self._behind.write_at(file, data, offset)


def trusting(folder: Path, machines: Any, now_ns: int, settings: NodeSettings) -> Recovered:
    """A start that believes what it reads: it does not make the last frame durable before it tells of it."""
    recovered = recovery.recover(folder, machines, now_ns, replace(settings, disk=LyingDisk(settings.disk)))
    recovered.journal.disk = settings.disk
    return recovered


class UncutSegments(Segments):
    """Leaves a torn tail where it is and writes over it."""

    def _settle_tail(self, walk: SegmentWalk, seen_sequence: int) -> None:
        pass


def not_cutting(folder: Path, machines: Any, now_ns: int, settings: NodeSettings) -> Recovered:
    """A start with such a journal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recovery, "Segments", UncutSegments)
        return recovery.recover(folder, machines, now_ns, settings)


class HastyKeeperCore(keeper.KeeperCore):
    """Calls a snapshot usable as soon as it is stored, without waiting for its root."""

    def _store(self, sequence: int, outputs: keeper.Outputs) -> None:
        candidate = self._candidates.pop(sequence, None)
        if candidate is not None:
            outputs.make_usable.append(sequence)


def hasty_keeping(*some: Any, **more: Any) -> Keeping:
    """A keeper with such a core."""
    keeping = Keeping(*some, **more)
    keeping._core = HastyKeeperCore(some[3])
    return keeping


class StubbornDoor(Door):
    """Without an answer it hands the command in again, under a new number."""

    async def execute(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> Outcome:
        for _ in range(3):
            try:
                return await super().execute(record, payload)
            except NoAnswer:
                continue
        return await super().execute(record, payload)


class NearLink(NodeLink):
    """Begins with the number after the last one that was admitted, whatever was given out since."""

    def _number_from(self, last_admitted: int) -> None:
        self._last_number = max(self._last_number, last_admitted)


class DriftingEngine(Engine):
    """The writer's engine, in which somebody finds a satoshi after every hundredth entry."""

    def apply(self, body: bytes | memoryview) -> bytes:
        events = super().apply(body)
        if self.sequence % 100 == 0 and self.tables.wallets[1].balance_minor:
            self.tables.wallets[1].balance_minor += 1
        return events


class Planted(NamedTuple):
    """A mistake, what brings it out, and which laws are seen to be broken."""

    parts: Parts
    kinds: tuple[str, ...]
    laws: tuple[str, ...]


def planted(kinds: str, laws: str, **parts: Any) -> Planted:
    return Planted(replace(SOUND, **parts), tuple(kinds.split(", ")), tuple(laws.split(", ")))


PLANTED = {
    "publishes before the sync": planted("slow disk", "Law 4", writer=writer_with(HastyCore)),
    "trusts what it reads at a start": planted("kill at disk", "Law 4", recover=trusting),
    "leaves a torn tail": planted("power at disk", "the journal", recover=not_cutting),
    "forgets what it admitted": planted("clock, power", "Law 5", writer=writer_with(ForgetfulCore)),
    "calls a snapshot usable too early": planted("slow disk", "snapshots", keeping=hasty_keeping),
    "hands in again after silence": planted("partition, slow disk", "Law 5, answers", door=StubbornDoor),
    "gives a number twice": planted("clock, partition, power at disk", "Law 5", link=NearLink),
    "makes a satoshi": planted("kill", "recovery, ReplicaDiverged, roots, Law 3", engine=DriftingEngine),
}
