"""`outcry replay` and `outcry verify`: a journal through a fresh engine, without or with every check there is.

`replay` trusts the chain's checksums and is as fast as the engine; `verify` checks sequences, times, chain, CRCs,
Merkle roots and the digest of every frame's events but the last one's, which no frame after it attests.  A thread
checks the entries of the next frames while the engine applies this one.  Both end with the same figures of the same
state.  Reads only; a running venue may be checked.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import msgspec

from outcry.engine.engine import Engine
from outcry.engine.sums import LawSums, law_sums
from outcry.journal.errors import FrameDamaged, JournalDamaged
from outcry.journal.frames import Frame, check_entries
from outcry.journal.reading import read_frames, read_genesis
from outcry.node.replica import Replica

Progress = Callable[[int], None]
FRAMES_AHEAD = 16


class Checked(msgspec.Struct, frozen=True):
    """What a journal leads to."""

    sequence: int
    entries: int
    frames: int
    seconds: float
    halted: bool
    root: str
    """Of the state, hexadecimal; the same for everybody who has the same journal."""
    head: str
    """Hash of the last frame, hexadecimal."""
    law: LawSums

    @property
    def entries_per_second(self) -> int:
        """How fast it went."""
        return round(self.entries / self.seconds) if self.seconds > 0 else 0


def replay(journal: Path, progress: Progress) -> Checked:
    """Apply the whole journal.  Raises `JournalError`."""
    engine = Engine()
    return _through(journal, engine, lambda frame: engine.apply(frame.body), progress)


def verify(journal: Path, progress: Progress) -> Checked:
    """Apply the whole journal and check everything.  Raises `JournalError` or `ReplicaDiverged`."""
    replica = Replica(Engine())
    genesis = read_genesis(journal)
    replica.begin(genesis.hash)
    last_ns = genesis.time_ns

    def check(frame: Frame) -> Frame:
        nonlocal last_ns
        try:
            last_ns = check_entries(frame, last_ns)
        except FrameDamaged as problem:
            raise JournalDamaged(
                frame.first_sequence, f"frame of sequence {frame.first_sequence}: {problem}"
            ) from problem
        return frame

    engine = replica.engine
    assert isinstance(engine, Engine)
    return _through(journal, engine, replica.advance, progress, check)


def _checked_ahead(frames: Iterable[Frame], check: Callable[[Frame], Frame]) -> Iterator[Frame]:
    """The frames, each after its check; one thread checks them in order, a few ahead of who takes them."""
    waiting: deque[Future[Frame]] = deque()
    with ThreadPoolExecutor(1, "checking") as thread:
        for frame in frames:
            waiting.append(thread.submit(check, frame))
            if len(waiting) > FRAMES_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _through(
    journal: Path,
    engine: Engine,
    apply: Callable[[Frame], object],
    progress: Progress,
    check: Callable[[Frame], Frame] | None = None,
) -> Checked:
    head, frames = read_genesis(journal).hash, 0
    started = time.perf_counter()
    found = read_frames(journal)
    for frame in found if check is None else _checked_ahead(found, check):
        apply(frame)
        head, frames = frame.hash, frames + 1
        progress(frame.last_sequence)
    seconds = time.perf_counter() - started
    return Checked(
        sequence=engine.sequence,
        entries=engine.sequence,
        frames=frames,
        seconds=seconds,
        halted=engine.halted,
        root=engine.roots()[2].hex(),
        head=head.hex(),
        law=law_sums(engine.tables),
    )
