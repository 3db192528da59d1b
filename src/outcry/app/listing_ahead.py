"""Listing as time passes: the operator's process hands in what `series` wants, once a minute of the venue's time.

`Ahead.step` looks at the engine's own rows and clock, so it goes on after a restart or a pause with what is due then;
what should have been listed meanwhile and has ended since is not listed any more.  Everything goes through the journal
as any other listing does, numbered in its order.  What the engine refuses is told once and tried again an hour later.
"""

import asyncio
import ctypes
import logging
from collections.abc import Sequence
from typing import Protocol

from outcry.app import series
from outcry.app.listings import Listings
from outcry.engine.engine import Engine
from outcry.protocol.layout import MINUTE_NS, Code, EventKind, TableNumber
from outcry.protocol.wire import Event, text_of

log = logging.getLogger("outcry.app")

LOOK_S = 1.0
AT_ONCE = 32
"""So many are handed in together: they share a frame, and others are not kept waiting."""
AGAIN_NS = 60 * MINUTE_NS


class Outcome(Protocol):
    """What a command became."""

    @property
    def events(self) -> Sequence[Event]:
        """In order."""
        ...


class Commands(Protocol):
    """Takes commands in bulk."""

    async def execute_all(
        self, commands: Sequence[tuple[ctypes.LittleEndianStructure, bytes]]
    ) -> Sequence[Outcome | Exception]:
        """Hand them in one behind another; what each became, or why nobody knows."""
        ...


class Ahead:
    """What is listed, as far as the engine's rows have been read, and what was refused."""

    def __init__(self, commands: Commands, engine: Engine, listings: Listings) -> None:
        self._commands = commands
        self._engine = engine
        self._listings = listings
        self._listed: dict[str, int] = {}
        self._refused_ns: dict[str, int] = {}
        self._looked: tuple[int, frozenset[int]] | None = None

    async def step(self) -> int:
        """Hand in what is wanted now; how many contracts were listed.  Looks once a minute, and when an index gets
        its first value.
        """
        values = self._values()
        look = self._engine.time_ns // MINUTE_NS, frozenset(values)
        if look == self._looked or self._engine.halted:
            return 0
        listed = 0
        while wanted := self._wanted(values):
            taken = await self._hand_in(wanted[:AT_ONCE])
            if taken is None:
                # Nobody answers at the moment: what became of them is read from the rows next time.
                return listed
            listed += taken
        self._looked = look
        return listed

    def _wanted(self, values: dict[int, int]) -> list[series.Wanted]:
        """What is wanted and was not refused of late."""
        self._read_listed()
        time_ns = self._engine.time_ns
        if time_ns == 0:
            return []
        wanted = series.wanted(self._listings, self._listings.products, time_ns, values, self._listed)
        return [one for one in wanted if time_ns - self._refused_ns.get(one.terms.symbol, -AGAIN_NS) >= AGAIN_NS]

    async def _hand_in(self, wanted: Sequence[series.Wanted]) -> int | None:
        """How many were listed; None if some were not answered."""
        told = await self._commands.execute_all([(one.record, one.payload) for one in wanted])
        taken = 0
        for one, outcome in zip(wanted, told, strict=True):
            if isinstance(outcome, Exception):
                return None
            codes = [e.record.code for e in outcome.events if e.head.kind == EventKind.REFUSED]
            taken += not codes
            if codes and codes[0] != Code.SYMBOL_TAKEN:
                symbol, code = one.terms.symbol, Code(codes[0]).name
                log.warning("a listing was refused: %s", code, extra={"symbol": symbol})
            if codes:
                self._refused_ns[one.terms.symbol] = self._engine.time_ns
        return taken

    def _read_listed(self) -> None:
        """Take note of instruments that are new; a row's symbol never changes."""
        tables = self._engine.tables
        for number in range(len(self._listed) + 1, tables.pools[TableNumber.INSTRUMENTS_TABLE].high + 1):
            self._listed[text_of(tables.instruments[number].symbol)] = number

    def _values(self) -> dict[int, int]:
        """The indices that have a value."""
        tables = self._engine.tables
        rows = {n: tables.indices[n].value_units for n in range(1, tables.pools[TableNumber.INDICES_TABLE].high + 1)}
        return {number: units for number, units in rows.items() if units > 0}


async def run_listing(ahead: Ahead, stop: asyncio.Event, *, look_s: float = LOOK_S) -> None:
    """Look again and again until `stop` is set."""
    while not stop.is_set():
        await ahead.step()
        try:
            async with asyncio.timeout(look_s):
                await stop.wait()
        except TimeoutError:
            continue
