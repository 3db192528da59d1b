"""Prices and operators' decisions: handed in by the guests' process, and forgotten where the node does not take them.

Prices walk a little at every step; a jump goes on from there.  Whatever is handed in goes through the real line to the
node, with numbers of its own.
"""

import ctypes
import random
from typing import TYPE_CHECKING

from outcry.node.link import Overloaded
from outcry.protocol.layout import ConstituentPrice
from outcry.simulation.crowd import GUESTS, INDICES
from outcry.simulation.world import MILLISECOND_NS

if TYPE_CHECKING:
    from outcry.simulation.machine import Machine


class Feed:
    """Prices of all sources."""

    def __init__(self, machine: "Machine", step_ms: int) -> None:
        self.prices = {number: price for number, (price, _) in INDICES.items()}
        self.on = False
        self._machine = machine
        self._chance = machine.world.chance("feed")
        self._step_ns = step_ms * MILLISECOND_NS

    def begin(self) -> None:
        """Walk from now on."""
        self.on = True
        self._step()

    def jump(self, chance: random.Random) -> None:
        """An index goes somewhere else at once."""
        index = chance.choice(sorted(self.prices))
        self.prices[index] = (
            self.prices[index] * chance.choice((900, 950, 970, 985, 1_015, 1_030, 1_050, 1_100)) // 1_000
        )
        self._machine.world.count("price jump")
        self._tell(index)

    def hand_in(self, record: ctypes.LittleEndianStructure) -> bool:
        """A command of the guests' origin; whether it was sent."""
        process = self._machine.running.get(GUESTS)
        if process is None or not process.alive or not process.ready or process.link is None:
            return False
        try:
            process.link.submit(record)
        except Overloaded:
            return False
        return True

    def _step(self) -> None:
        if self.on:
            for index in self.prices:
                self.prices[index] += self.prices[index] * self._chance.randint(-20, 20) // 100_000
                self._tell(index)
            self._machine.world.after(self._step_ns, self._step)

    def _tell(self, index: int) -> None:
        for source in INDICES[index][1]:
            beside = self._chance.randint(-5, 5)
            units = self.prices[index] * (100_000 + beside) // 100_000
            self.hand_in(ConstituentPrice(index=index, constituent=source, price_units=units))
