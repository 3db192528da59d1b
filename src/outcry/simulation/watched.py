"""The gateway's door with somebody beside it who writes down what it was told."""

import ctypes
from collections.abc import Sequence
from typing import TYPE_CHECKING

from outcry.gateway.door import Exchange, NoAnswer, Outcome, Overloaded

if TYPE_CHECKING:
    from outcry.simulation.truth import Truth


class WatchedExchange:
    """Hands everything on, and tells the truth what each command came to."""

    def __init__(self, behind: Exchange, truth: "Truth") -> None:
        self._behind = behind
        self._truth = truth

    async def execute(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> Outcome:
        """As the door does."""
        self._truth.handed_in(record, payload)
        try:
            outcome = await self._behind.execute(record, payload)
        except (NoAnswer, Overloaded) as problem:
            self._truth.told(record, problem)
            raise
        self._truth.told(record, outcome)
        return outcome

    async def execute_all(
        self, commands: Sequence[tuple[ctypes.LittleEndianStructure, bytes]]
    ) -> Sequence[Outcome | NoAnswer | Overloaded]:
        """As the door does."""
        for record, payload in commands:
            self._truth.handed_in(record, payload)
        outcomes = await self._behind.execute_all(commands)
        for (record, _), outcome in zip(commands, outcomes, strict=True):
            self._truth.told(record, outcome)
        return outcomes

    async def wait_for(self, sequence: int) -> None:
        """As the door does."""
        await self._behind.wait_for(sequence)
