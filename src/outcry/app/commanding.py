"""A line to the node as the gateway and the guests want it: their errors instead of the line's.

Knows nothing of what a command means.
"""

import asyncio
import ctypes
import logging
from collections.abc import Awaitable, Sequence

from outcry.feeds.door import NotTaken
from outcry.gateway import door
from outcry.node import link as node_link
from outcry.node.link import Link, Outcome
from outcry.protocol.layout import Code, ConstituentPrice, EventKind, SetOptionMark

log = logging.getLogger("outcry.app")


class NoAnswer(door.NoAnswer, node_link.NoAnswer):
    """The line's, and the gateway's."""

    def __init__(self, origin: int, origin_sequence: int) -> None:
        # Each of the two would hand its sentence on to the other.
        Exception.__init__(self, f"no answer to command {origin_sequence} of origin {origin}")
        self.origin = origin
        self.origin_sequence = origin_sequence


class Overloaded(door.Overloaded, node_link.Overloaded):
    """The line's, and the gateway's."""


class Door:
    """A line to the node as the gateway and the demo want it."""

    def __init__(self, link: Link) -> None:
        # The line raises what the gateway knows: to catch one and raise the other would take a coroutine an order.
        link.no_answer, link.overloaded = NoAnswer, Overloaded
        self._link = link

    def execute(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> Awaitable[Outcome]:
        """Hand in a command.  Raises the gateway's `NoAnswer` or `Overloaded`."""
        return self._link.hand_in(record, payload)

    async def execute_all(
        self, commands: Sequence[tuple[ctypes.LittleEndianStructure, bytes]]
    ) -> list[Outcome | door.NoAnswer | door.Overloaded]:
        """Hand in several, one behind another."""
        sent: list[asyncio.Future[Outcome] | door.Overloaded] = []
        for record, payload in commands:
            try:
                sent.append(self._link.hand_in(record, payload))
            except Overloaded as crowd:
                sent.append(crowd)
        told: list[Outcome | door.NoAnswer | door.Overloaded] = []
        # One after the other: when the first is answered most of the others are, by the same frame.
        for one in sent:
            if isinstance(one, door.Overloaded):
                told.append(one)
                continue
            try:
                told.append(one.result() if one.done() else await one)
            except (NoAnswer, Overloaded) as problem:
                told.append(problem)
        return told

    async def wait_for(self, sequence: int) -> None:
        """Wait until an entry is applied here."""
        await self._link.wait_for(sequence)

    async def submit(self, record: ConstituentPrice) -> None:
        """Hand in a price.  Raises the feeds' `NotTaken`."""
        try:
            await self._link.execute(record)
        except (node_link.NoAnswer, node_link.Overloaded) as problem:
            raise NotTaken(str(problem)) from problem

    async def submit_all(self, records: Sequence[SetOptionMark]) -> None:
        """Hand in option marks; one that is refused is told, for no feed should say such a thing.

        Raises the feeds' `NotTaken` when somebody did not answer.
        """
        told = await self.execute_all([(record, b"") for record in records])
        for record, outcome in zip(records, told, strict=True):
            if isinstance(outcome, Exception):
                raise NotTaken(str(outcome)) from outcome
            for event in outcome.events:
                if event.head.kind == EventKind.REFUSED:
                    code = Code(event.record.code).name
                    log.warning("an option mark was refused: %s", code, extra={"instrument": record.instrument})
