"""Bytes cut, flipped and blanked anywhere in a journal's folder: refused with frame and sequence, or harmless.

A journal of several segments, some compressed, all of whose frames were handed out.  After each damage either the start
or a reading of everything refuses, naming file, sequence and what to do, and changes nothing; or both find every frame.
"""

import random
import re
import shutil
from pathlib import Path

import pytest

from outcry.journal.errors import RESTORE, JournalDamaged
from outcry.journal.files import LOCK_NAME, SEEN_NAME
from outcry.journal.frames import Frame
from outcry.journal.reading import read_frames, verify
from outcry.journal.segments import Segments, SegmentSettings
from tests.journal.chains import GENESIS, chain

ROUNDS = 400
SETTINGS = SegmentSettings(4096, 4096)
FRAMES = 25
SAID = re.compile(r"(byte \d+, frame of sequence \d+: |frame of sequence \d+: |\.zst cannot be decompressed|genesis|"
                  r"sequence \d+ has been handed out|pruned fails its checksum|begins at sequence \d+)")  # fmt: skip


def journal_of(folder: Path) -> list[Frame]:
    frames = list(chain(FRAMES))
    journal = Segments.open(folder, GENESIS, SETTINGS)
    for place, frame in enumerate(frames):
        journal.append(frame)
        journal.sync()
        journal.mark_seen(frame.last_sequence)
        if place == FRAMES * 2 // 3:
            journal.upkeep()
    journal.close()
    return frames


def damage(path: Path, chance: random.Random) -> str:
    data = bytearray(path.read_bytes())
    place = chance.randrange(len(data))
    match chance.choice(("flip", "cut", "blank", "scribble", "remove")):
        case "flip":
            data[place] ^= 1 << chance.randrange(8)
        case "cut":
            del data[place:]
        case "blank":
            piece = data[place : place + chance.randrange(1, 600)]
            data[place : place + len(piece)] = bytes(len(piece))
        case "scribble":
            piece = data[place : place + chance.randrange(1, 600)]
            data[place : place + len(piece)] = chance.randbytes(len(piece))
        case "remove":
            path.unlink()
            return f"{path.name} removed"
    path.write_bytes(data)
    return f"{path.name} damaged at {place}"


def contents(folder: Path) -> dict[str, bytes]:
    """All there is but the lock, which whoever looks writes his number into."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in (LOCK_NAME, SEEN_NAME)}


def refusal_of(folder: Path) -> str:
    """What a start, or else a reading of everything, says; nothing if both find nothing wrong."""
    try:
        Segments.open(folder, GENESIS, SETTINGS).close()
        verify(folder)
    except JournalDamaged as problem:
        return str(problem)
    return ""


@pytest.mark.parametrize("seed", range(4))
def test_damage_anywhere_is_refused_by_name_or_harmless(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    good = tmp_path / "good"
    frames = journal_of(good)
    names = sorted(path.name for path in good.iterdir() if path.name != LOCK_NAME)
    refused = 0
    for _ in range(ROUNDS // 4):
        folder = tmp_path / "bad"
        shutil.copytree(good, folder)
        done = damage(folder / chance.choice(names), chance)
        before = contents(folder)
        said = refusal_of(folder)
        if said:
            refused += 1
            assert contents(folder) == before, f"{done}: {said}"
            assert SAID.search(said), f"{done}: {said}"
            assert RESTORE in said, f"{done}: {said}"
        else:
            assert list(read_frames(folder)) == frames, done
        shutil.rmtree(folder)
    assert ROUNDS // 16 < refused < ROUNDS // 4
