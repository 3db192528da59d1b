"""The journal handed out over HTTP, and fetched again by who audits a venue that is not his own.

First what the gateway answers with: whole frames as they lie on disk, up to a bound.  Then the other end: the genesis,
and every frame after its checksum, its place, its entries and its signature were checked; that a frame hangs on the one
before it is the replica's to check, into which they go.
Known limit: each piece reads its segment from the beginning, so small pieces of large segments cost more than they say.
"""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from outcry.client import Credentials
from outcry.client.signing import signed_headers
from outcry.gateway.door import JournalGone, JournalUnreadable
from outcry.journal.errors import FrameDamaged, JournalDamaged, JournalPruned
from outcry.journal.frames import Frame, Genesis, check_entries, frame_at
from outcry.journal.reading import read_frames, read_genesis
from outcry.journal.signing import Signatures

log = logging.getLogger("outcry.app")

PIECE_BYTES = 4 << 20
"""An answer ends with the first frame by which it is as long as that."""
PATH = "/outcry/v1/journal"
NEXT = "outcry-next-sequence"
EXPIRES_S = 60
ANSWER_S_MAX = 60.0
TRIES = 20
TOO_MANY = 429


class CannotFetch(Exception):
    """A venue does not hand out its journal; the message says what it answered."""


class JournalPieces:
    """What the gateway answers with."""

    def __init__(self, folder: Path, piece_bytes: int = PIECE_BYTES) -> None:
        self._folder = folder
        self._piece_bytes = piece_bytes

    def piece(self, first_sequence: int, last_sequence: int) -> tuple[bytes, int]:
        """The genesis for 0, else whole frames, and what to ask for next.  Raises the door's errors."""
        found: list[bytes] = []
        length, following = 0, first_sequence
        try:
            if first_sequence < 1:
                return read_genesis(self._folder).encode(), 1
            for frame in read_frames(self._folder, first_sequence, last_sequence) if following <= last_sequence else ():
                if frame.last_sequence > last_sequence:
                    break
                found.append(frame.data)
                length, following = length + len(frame.data), frame.last_sequence + 1
                if length >= self._piece_bytes:
                    break
        except JournalPruned as pruned:
            raise JournalGone(pruned.first_sequence) from pruned
        except (JournalDamaged, OSError) as problem:
            log.error("the journal in %s cannot be handed out from sequence %d: %s", self._folder, following, problem)
            if not found:
                raise JournalUnreadable(str(problem)) from problem
            # What is whole before the damage is handed out; who asks for what follows is told.
        return b"".join(found), following


class Fetched:
    """A venue's journal, as far as it is durable now.  Raises `CannotFetch`, `JournalPruned`, `JournalDamaged`."""

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = httpx.Client(base_url=url, transport=transport, timeout=ANSWER_S_MAX)
        self._credentials, self._clock, self._sleep = credentials, clock, sleep
        try:
            self.genesis = Genesis.decode(self._ask(0)[0])
        except FrameDamaged as problem:
            raise CannotFetch(f"what {url} calls its genesis is none: {problem}") from problem

    def frames(self) -> Iterator[Frame]:
        """Every frame from the first on, checked for itself."""
        signatures, first, last_ns = Signatures(self.genesis), 1, self.genesis.time_ns
        while True:
            data, following = self._ask(first)
            if not data:
                return
            place = 0
            while place < len(data):
                try:
                    frame = frame_at(data, place)
                    last_ns = check_entries(frame, last_ns)
                except FrameDamaged as problem:
                    raise JournalDamaged(
                        problem.sequence or first, f"the frame of sequence {first}: {problem}"
                    ) from None
                if not signatures.hold(frame):
                    raise JournalDamaged(first, f"the frame of sequence {first} is not signed by the journal's key")
                place, first = place + len(frame.data), frame.last_sequence + 1
                yield frame
            if following != first:
                raise JournalDamaged(first, f"the venue says that sequence {following} comes next")

    def _ask(self, first: int) -> tuple[bytes, int]:
        target = f"{PATH}?from={first}"
        for _ in range(TRIES):
            expires = int(self._clock()) + EXPIRES_S
            headers = signed_headers(self._credentials, "GET", target.encode(), expires, b"")
            try:
                answer = self._client.get(target, headers=headers)
            except httpx.HTTPError as problem:
                raise CannotFetch(f"{self._client.base_url} does not answer: {problem}") from problem
            if answer.status_code != TOO_MANY:
                break
            self._sleep(float(answer.headers.get("retry-after", "1")))
        if answer.status_code == httpx.codes.GONE:
            raise JournalPruned(answer.json()["error"]["firstSequence"])
        if answer.status_code != httpx.codes.OK:
            raise CannotFetch(
                f"{self._client.base_url} answers {answer.status_code} to {target}: {answer.text[:200]}; the key needs "
                "the permission `audit` (outcry key add NAME --permission audit)"
            )
        return answer.content, int(answer.headers[NEXT])
