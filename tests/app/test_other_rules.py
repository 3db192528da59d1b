"""One rounding changed in a copy of the rules: replay names the first frame of which they make something else.

The copy is the source without what was compiled, so a process of its own runs it uncompiled.  That the frame is the
right one is found out entry by entry: the copy says a digest of the events of each, and the first that differs from
ours lies in the frame that replay has named.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import outcry
from outcry.engine.engine import Engine
from outcry.journal.reading import read_frames
from outcry.protocol import wire
from tests.app.recorded import record

SOURCE = Path(outcry.__file__).parent
CHANGES = {
    "fees down instead of half up": (
        "fees.py",
        "signed_like(mul_div_half_up(value_minor, magnitude(rate_ppm), PPM, fault), rate_ppm)",
        "signed_like(value_minor * magnitude(rate_ppm) // PPM, rate_ppm)",
    ),
    "the value of a lot down instead of half up": (
        "value.py",
        "return mul_div_half_up(instrument.value_numerator, 1, subticks, fault)",
        "return instrument.value_numerator // subticks",
    ),
    "who pays funding rounds down": (
        "stamps.py",
        "return mul_div_ceil(value, magnitude(rate_ppb), PPB, fault)",
        "return mul_div_floor(value, magnitude(rate_ppb), PPB, fault)",
    ),
    "margin kept for the closing fee down instead of up": (
        "margin.py",
        "return mul_div_ceil(value_minor + initial, instrument.taker_fee_ppm, PPM, fault)",
        "return mul_div_floor(value_minor + initial, instrument.taker_fee_ppm, PPM, fault)",
    ),
}
RUN = """
import hashlib, sys
from pathlib import Path
from outcry.engine.engine import Engine
from outcry.engine.machine import COMPILED
from outcry.journal.reading import read_frames
from outcry.protocol import wire
assert not COMPILED
engine = Engine()
for frame in read_frames(Path(sys.argv[1])):
    for entry in wire.entry_slices(frame.body):
        print(hashlib.sha256(engine.apply(entry)).hexdigest() if not engine.halted else "halted")
from outcry.app.cli import main
sys.argv = ["outcry", "replay", sys.argv[1], "--json"]
main()
"""


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded") / "journal"
    record(folder)
    return folder


@pytest.fixture(scope="module")
def events(journal: Path) -> list[bytes]:
    """What our rules make of each entry."""
    engine = Engine()
    return [engine.apply(entry) for frame in read_frames(journal) for entry in wire.entry_slices(frame.body)]


def hashed(events: bytes) -> str:
    return hashlib.sha256(events).hexdigest()


def copied(folder: Path) -> Path:
    """The source alone."""
    ignored = shutil.ignore_patterns("*.so", "*.c", "*.pxd", "__pycache__")
    shutil.copytree(SOURCE, folder / "outcry", ignore=ignored)
    return folder


def replayed(source: Path, journal: Path) -> tuple[list[str], dict[str, object], str, int]:
    """Digests of the events of each entry, what replay says as JSON and on standard error, and its status."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(journal)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"},
        timeout=300,
        check=False,
    )
    assert done.stdout, done.stderr
    *digests, told = done.stdout.splitlines()
    return digests, json.loads(told), done.stderr, done.returncode


def test_an_unchanged_copy_comes_to_the_same(journal: Path, events: list[bytes], tmp_path: Path) -> None:
    digests, told, _, status = replayed(copied(tmp_path), journal)
    assert status == 0
    assert told["sound"]
    assert digests == [hashed(one) for one in events]


@pytest.mark.parametrize("what", CHANGES)
def test_the_first_frame_that_diverges_is_named(journal: Path, events: list[bytes], tmp_path: Path, what: str) -> None:
    name, before, after = CHANGES[what]
    rules = copied(tmp_path) / "outcry" / "rules" / name
    text = rules.read_text()
    assert text.count(before) == 1
    rules.write_text(text.replace(before, after))
    digests, told, said, status = replayed(tmp_path, journal)
    pairs = enumerate(zip(digests, events, strict=True), 1)
    first = next(sequence for sequence, (theirs, ours) in pairs if theirs != hashed(ours))
    frame = next(frame for frame in read_frames(journal) if frame.last_sequence >= first)
    assert status == 1
    assert (told["frame_first_sequence"], told["frame_last_sequence"]) == (frame.first_sequence, frame.last_sequence)
    assert told["sequence"] == frame.first_sequence
    assert f"sequence {frame.first_sequence}: " in said
    assert f"in the frame of sequence {frame.first_sequence} to {frame.last_sequence}" in said
    assert "Traceback" not in said
