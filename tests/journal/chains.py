"""Small valid chains of frames for the journal's tests."""

from collections.abc import Iterator
from pathlib import Path

from outcry.journal.frames import Frame, Genesis, build_frame
from outcry.journal.segments import Segments, SegmentSettings
from outcry.protocol import wire
from outcry.protocol.layout import Deposit, Tick

GENESIS = Genesis(rules_version=1, time_ns=1_000)
SMALL = SegmentSettings(segment_bytes=4096, reserve_bytes=4096, compress=False)


def entry(sequence: int, payload: bytes = b"", time_ns: int | None = None) -> bytes:
    record = Deposit(amount_minor=sequence) if sequence % 3 else Tick()
    return wire.encode_entry(
        record,
        payload,
        sequence=sequence,
        time_ns=2_000 + sequence if time_ns is None else time_ns,
        origin=1,
        origin_sequence=sequence,
        salt=bytes([sequence % 251 + 1]) * 16,
    )


def chain(frames: int, entries: int = 3, payload: bytes = b"text") -> Iterator[Frame]:
    previous, sequence = GENESIS.hash, 1
    for number in range(frames):
        body = b"".join(entry(sequence + place, payload) for place in range(entries))
        frame = build_frame(sequence, entries, body, previous, bytes([number % 256]) * 32)
        yield frame
        previous, sequence = frame.hash, sequence + entries


def write(folder: Path, frames: list[Frame], settings: SegmentSettings = SMALL) -> None:
    journal = Segments.open(folder, GENESIS, settings)
    for frame in frames:
        journal.append(frame)
        journal.sync()
    journal.close()
