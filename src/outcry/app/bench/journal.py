"""`outcry bench journal`: a stream from disk, replayed as the engine allows, and verified with every hash there is."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from outcry.app import checking
from outcry.app.bench.figures import Figure, Options, Report, at_least, plain, report
from outcry.app.bench.stream import Stream, write_journal

COMMANDS = 200_000
BUDGET_VERIFY = 1_500_000


def run(options: Options) -> Report:
    """Measure.  Raises `TooSlow` uncompiled unless small."""
    commands = options.count(COMMANDS)
    return report("journal", commands, options.seed, list(rows(Stream(commands, options.seed))), [])


def timed(check: Callable[[Path, checking.Progress], checking.Checked], folder: Path) -> tuple[checking.Checked, float]:
    """What was checked, and the processor time of an entry, which others on the machine change less than the clock."""
    begun = time.process_time_ns()
    checked = check(folder, lambda sequence: None)
    return checked, (time.process_time_ns() - begun) / max(1, checked.entries)


def rows(stream: Stream) -> Iterator[Figure]:
    """The stream written, replayed and verified.  Raises `AssertionError` if the root is not the stream's own."""
    with tempfile.TemporaryDirectory() as folder:
        written = write_journal(Path(folder), stream)
        replayed, replay_ns = timed(checking.replay, Path(folder))
        verified, verify_ns = timed(checking.verify, Path(folder))
    if (replayed.root, verified.root) != (stream.root, stream.root):
        raise AssertionError("the replayed state is not the one that the stream made")
    yield plain("replay from disk, root at the end", replayed.entries_per_second, "entries/s")
    yield plain("replay from disk, processor time", replay_ns, "ns/entry")
    yield at_least(
        "replay with chain, Merkle roots and event digests", verified.entries_per_second, "entries/s", BUDGET_VERIFY
    )
    yield plain("the same, processor time of all threads", verify_ns, "ns/entry")
    yield plain("journal", written / replayed.entries, "bytes/entry")
