"""`outcry bench journal`: a stream from disk, replayed as the engine allows, and verified with every hash there is."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from outcry.app import checking
from outcry.app.bench.figures import Figure, Options, Report, at_least, plain, report
from outcry.app.bench.stream import Stream, write_journal
from outcry.journal.frames import KEY_BYTES
from outcry.journal.signing import Signer, check_signature

COMMANDS = 600_000
"""Enough that what a start costs once does not show."""
SIGNATURES = 200
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
    yield plain("signature of a frame, checked, processor time", signature_us(), "us/frame")
    yield plain("journal", written / replayed.entries, "bytes/entry")


def signature_us() -> float:
    """Processor time of checking a frame's signature, which the journal above does not have."""
    signer, frame_hash = Signer(bytes(KEY_BYTES)), bytes(32)
    signature = signer.sign(frame_hash)
    begun = time.process_time()
    for _ in range(SIGNATURES):
        if not check_signature(signer.public_key, frame_hash, signature):
            raise AssertionError("a signature is not recognised")
    return 1e6 * (time.process_time() - begun) / SIGNATURES


def processor_ns(checked: checking.Checked) -> float:
    """Processor time of an entry."""
    return 1e9 * checked.processor_seconds / max(1, checked.entries)
