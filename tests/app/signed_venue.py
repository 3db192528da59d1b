"""A venue in this process whose entries stand in a signed journal on disk, and receipts from there."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from outcry.app.receipting import JournalReceipts
from outcry.client import Credentials, ReceiptBook, VenueClient
from outcry.client.receipts import Receipt
from outcry.journal.frames import NO_KEY, Frame, Genesis, Sign, build_frame, unsigned
from outcry.journal.segments import Segments, SegmentSettings
from outcry.journal.signing import Signer
from outcry.protocol.layout import RULES_VERSION
from tests.gateway.venues import Caller, Venue

KEY = bytes(range(1, 33))
SMALL = SegmentSettings(segment_bytes=8192, reserve_bytes=8192, compress=False)


class SignedVenue(Venue):
    """A venue with a journal: `write` brings it up to the last entry, in frames of `per_frame` entries."""

    def __init__(self, folder: Path, *, signed: bool = True, per_frame: int = 5) -> None:
        super().__init__()
        self.folder = folder
        self.per_frame = per_frame
        self.signer = Signer(KEY)
        self.sign: Sign = self.signer.sign if signed else unsigned
        key = self.signer.public_key if signed else NO_KEY
        self.genesis = Genesis(RULES_VERSION, 0, signing_key=key)
        self.write()
        self.receipts = JournalReceipts(folder, lambda: self.world.recent.sequence)
        self.app.venue.receipts = self.receipts

    def frames(self, entries: list[bytes], first: int, previous: bytes, per_frame: int) -> list[Frame]:
        found = []
        for start in range(0, len(entries), per_frame):
            some = entries[start : start + per_frame]
            frame = build_frame(first + start, len(some), b"".join(some), previous, bytes(32), self.sign)
            found.append(frame)
            previous = frame.hash
        return found

    def write(self) -> None:
        """Everything applied so far is in the journal after this."""
        journal = Segments.open(self.folder, self.genesis, SMALL)
        new = self.world.journal[journal.last_sequence :]
        for frame in self.frames(new, journal.last_sequence + 1, journal.last_hash, self.per_frame):
            journal.append(frame)
            journal.sync()
        journal.close()

    def made_again(self, folder: Path, entries: list[bytes], per_frame: int) -> Path:
        """Another journal of the same genesis and key."""
        journal = Segments.open(folder, self.genesis, SMALL)
        for frame in self.frames(entries, 1, self.genesis.hash, per_frame):
            journal.append(frame)
            journal.sync()
        journal.close()
        return folder

    def receipt(self, caller: Caller, **asked: Any) -> Receipt:
        """As the client gets it."""

        async def fetch() -> Receipt:
            transport = httpx.ASGITransport(app=self.app)
            credentials = Credentials(caller.key.id, caller.key.secret)
            async with VenueClient(
                "http://venue.test", credentials, transport=transport, clock_s=lambda: self.now
            ) as one:
                return await one.receipt(**asked)

        self.write()
        return asyncio.run(fetch())

    def book(self, path: Path | None = None) -> ReceiptBook:
        """A book with this venue's key."""

        async def fetch() -> ReceiptBook:
            transport = httpx.ASGITransport(app=self.app)
            book = ReceiptBook.open(path) if path is not None else ReceiptBook()
            async with VenueClient("http://venue.test", transport=transport) as one:
                book.pin(await one.key())
            return book

        return asyncio.run(fetch())
