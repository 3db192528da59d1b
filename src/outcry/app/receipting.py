"""Receipts out of the journal beside the gateway: an entry's frame on the disk, and the way from the entry to its root.

All reading is done in one thread, so that no answer waits for the disk; more than a few waiting questions are turned
away.  The leaves of the frames asked about last are kept, because who wants one receipt of a frame often wants others.
Only what the gateway has applied, and so was durable, is ever looked for: a frame that a crash would undo must not be
shown with its signature.  Who may see what is the gateway's business.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from outcry.gateway.door import KeyShown, Proven, ReceiptProblem
from outcry.journal import merkle
from outcry.journal.errors import JournalError, JournalPruned
from outcry.journal.finding import Finder
from outcry.journal.frames import HEADER_BYTES, NO_KEY, Frame
from outcry.journal.reading import read_genesis
from outcry.protocol import wire

WAITING_MAX = 64
FRAMES_KEPT = 8


class JournalReceipts:
    """The gateway's `Receipts`, from a journal's folder; `applied` is the last entry that the gateway has applied."""

    def __init__(self, folder: Path, applied: Callable[[], int]) -> None:
        self._genesis = read_genesis(folder)
        self._applied = applied
        self._finder = Finder(folder)
        self._frames: OrderedDict[int, tuple[Frame, list[bytes], list[bytes]]] = OrderedDict()
        """By first sequence: a frame, its entries and their leaves."""
        self._thread = ThreadPoolExecutor(1, "receipts")
        self._waiting = 0

    @property
    def key(self) -> KeyShown:
        """The key under which this venue signs.  Raises `ReceiptProblem` where the journal is not signed."""
        if self._genesis.signing_key == NO_KEY:
            raise ReceiptProblem.unsigned()
        return KeyShown(self._genesis.signing_key, self._genesis.encode(), self._genesis.hash)

    async def proven(self, sequence: int) -> Proven:
        """An entry with what proves it.  Raises `ReceiptProblem`."""
        if self._genesis.signing_key == NO_KEY:
            raise ReceiptProblem.unsigned()
        if not 0 < sequence <= self._applied():
            raise ReceiptProblem.unknown()
        if self._waiting >= WAITING_MAX:
            raise ReceiptProblem.crowded()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._prove, sequence)
        finally:
            self._waiting -= 1

    def _prove(self, sequence: int) -> Proven:
        try:
            frame, entries, leaves = self._frame_of(sequence)
        except JournalPruned as problem:
            raise ReceiptProblem.pruned(problem.first_sequence) from problem
        except (JournalError, OSError, wire.Malformed) as problem:
            raise ReceiptProblem.unreadable() from problem
        index = sequence - frame.first_sequence
        path = merkle.path(leaves, index)
        return Proven(
            entries[index], index, len(leaves), path, frame.data[:HEADER_BYTES], frame.signature, leaves[index]
        )

    def _frame_of(self, sequence: int) -> tuple[Frame, list[bytes], list[bytes]]:
        for kept in reversed(self._frames.values()):
            if kept[0].first_sequence <= sequence <= kept[0].last_sequence:
                return kept
        frame = self._finder.frame_of(sequence)
        if frame is None:
            # It is applied here, so it was written: this folder is not where.
            raise ReceiptProblem.unreadable()
        entries = [bytes(one) for one in wire.entry_slices(frame.body)]
        found = frame, entries, [wire.leaf_of(one) for one in entries]
        self._frames[frame.first_sequence] = found
        while len(self._frames) > FRAMES_KEPT:
            self._frames.popitem(last=False)
        return found
