"""Which entries of the journal a request became, so that its answer can name them and their receipts be asked for.

`Noting` stands before the exchange for the time of one request and writes down the sequence of everything that was
handed in and has an entry, refused or not.  Never changes a command or an outcome.
"""

import asyncio
import ctypes
from collections.abc import Awaitable, Sequence

from outcry.gateway.door import Exchange, NoAnswer, Outcome, Overloaded

ENTRY_HEADER = b"outcry-entry"
"""The entries that a request's commands became, refused ones too, as `spans` writes them."""


class Noting:
    """An exchange that notes the entries of one request."""

    __slots__ = ("_entries", "_exchange", "_handed")

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._entries: list[int] = []
        self._handed: list[asyncio.Future[Outcome]] = []
        """Looked at in the end: a coroutine around each, only to see what it becomes, would cost more than all else."""

    def execute(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> Awaitable[Outcome]:
        """Hand in a command and note its entry.  Raises `NoAnswer` or `Overloaded`."""
        handed = self._exchange.execute(record, payload)
        if isinstance(handed, asyncio.Future):
            self._handed.append(handed)
            return handed
        return self._noted(handed)

    async def _noted(self, handed: Awaitable[Outcome]) -> Outcome:
        outcome = await handed
        self._entries.append(outcome.sequence)
        return outcome

    async def execute_all(
        self, commands: Sequence[tuple[ctypes.LittleEndianStructure, bytes]]
    ) -> Sequence[Outcome | NoAnswer | Overloaded]:
        """Hand in several and note their entries."""
        outcomes = await self._exchange.execute_all(commands)
        self._entries.extend(one.sequence for one in outcomes if not isinstance(one, NoAnswer | Overloaded))
        return outcomes

    async def wait_for(self, sequence: int) -> None:
        """Wait until this entry has been applied here."""
        await self._exchange.wait_for(sequence)

    def tell(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Add the header with the entries that are known by now, if there are any."""
        entries = self._entries
        for one in self._handed:
            if one.done() and not one.cancelled() and one.exception() is None:
                entries.append(one.result().sequence)
        if entries:
            headers.append((ENTRY_HEADER, spans(entries)))


def spans(entries: Sequence[int]) -> bytes:
    """Numbers as a header says them: `7`, or `7-9,12` in rising order, however many there are."""
    if len(entries) == 1:
        return b"%d" % entries[0]
    found: list[list[int]] = []
    for number in sorted(entries):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return b",".join(b"%d" % first if first == last else b"%d-%d" % (first, last) for first, last in found)
