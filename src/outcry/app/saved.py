"""What the gateway keeps for its next start: its replica's engine and what it knows of late, at one sequence.

Written at a clean stop and every `SAVE_EVERY` entries, so that a killed gateway has that much to follow again at most.
It decides nothing: a file that is missing, damaged, of another journal or of another version is left aside, and the
whole journal is followed from its beginning instead.  Known limit: writing it holds the gateway up for its length, a
few hundred milliseconds for a large venue.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from outcry.engine.engine import Engine
from outcry.journal.files import write_whole
from outcry.journal.frames import Head
from outcry.node.replica import Replica
from outcry.views.recent import Recent

SAVE_EVERY = 200_000
DIGEST_BYTES = 32


class Saved(msgspec.Struct, array_like=True):
    """The file's content."""

    genesis_hash: bytes
    sequence: int
    frame_hash: bytes
    events_digest: bytes
    engine: bytes
    recent: bytes


@dataclass(slots=True)
class Follower:
    """A replica with its views."""

    engine: Engine
    replica: Replica
    recent: Recent


def save(path: Path, genesis_hash: bytes, follower: Follower) -> None:
    """Write the file; not at all before the first entry or after a breach."""
    head = follower.replica.head
    if head is None or not head.sequence or follower.engine.halted:
        return
    content = msgspec.msgpack.encode(Saved(genesis_hash, *head, follower.engine.snapshot(), follower.recent.dump()))
    write_whole(path, hashlib.sha256(content).digest() + content)


def load(path: Path, genesis_hash: bytes) -> Follower:
    """A follower as far as the file goes, or at the journal's beginning."""
    saved = _read(path, genesis_hash)
    if saved is not None:
        head = Head(saved.sequence, saved.frame_hash, saved.events_digest)
        try:
            engine = Engine.restore(saved.engine)
            recent = Recent(engine)
            recent.load(saved.recent)
            return Follower(engine, Replica(engine, head), recent)
        except ValueError:
            # Of another version of this software: the journal is the truth, so it is followed from the beginning.
            pass
    engine = Engine()
    return Follower(engine, Replica(engine), Recent(engine))


def _read(path: Path, genesis_hash: bytes) -> Saved | None:
    """The file's content if it is whole and of this journal."""
    if not path.exists():
        return None
    whole = path.read_bytes()
    digest, content = whole[:DIGEST_BYTES], whole[DIGEST_BYTES:]
    if hashlib.sha256(content).digest() != digest:
        return None
    try:
        saved = msgspec.msgpack.decode(content, type=Saved)
    except msgspec.DecodeError:
        return None
    return saved if saved.genesis_hash == genesis_hash else None
