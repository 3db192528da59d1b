"""`outcry bench journal`: a stream from disk, replayed as the engine allows, and verified with every hash there is."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from outcry.app import checking
from outcry.app.bench.figures import Figure, Options, Report, at_least, plain, report
from outcry.app.bench.stream import Stream, write_journal

COMMANDS = 600_000
"""Enough that what a start costs once does not show."""
BUDGET_VERIFY = 1_500_000


def run(options: Options) -> Report:
    """Measure.  Raises `TooSlow` uncompiled unless small."""
    commands = options.count(COMMANDS)
    return report("journal", commands, options.seed, list(rows(Stream(commands, options.seed))), [])


def rows(stream: Stream) -> Iterator[Figure]:
    """The stream written, replayed and verified.  Raises `AssertionError` if the root is not the stream's own."""
    with tempfile.TemporaryDirectory() as folder:
        written = write_journal(Path(folder), stream)
        replayed = checking.replay(Path(folder), lambda sequence: None)
        verified = checking.verify(Path(folder), lambda sequence: None)
    if (replayed.root, verified.root) != (stream.root, stream.root):
        raise AssertionError("the replayed state is not the one that the stream made")
    yield plain("replay from disk, root at the end", replayed.entries_per_second, "entries/s")
    yield plain("replay from disk, processor time", processor_ns(replayed), "ns/entry")
    yield at_least(
        "replay with chain, Merkle roots and event digests", verified.entries_per_second, "entries/s", BUDGET_VERIFY
    )
    yield plain("the same, processor time of all threads", processor_ns(verified), "ns/entry")
    yield plain("journal", written / replayed.entries, "bytes/entry")


def processor_ns(checked: checking.Checked) -> float:
    """Processor time of an entry."""
    return 1e9 * checked.processor_seconds / max(1, checked.entries)
