"""Contracts end in random venues: whatever was open, nothing is left, and no satoshi is made or lost (SET-01 to 04).

Inverse and linear futures and a perpetual that is taken off, traders with any leverage, an index that jumps, halts,
restarts, and the engine's own work done in pieces of any length.  At the end the journal goes through the uncompiled
engine and past the auditor.
"""

import random

import pytest

from outcry.protocol import layout
from outcry.protocol.layout import InstrumentState, TableNumber, Valuation, VenueState
from tests.engine.ending import FUTURE, MINUTE_NS, XBT, Ending, heard_again
from tests.engine.worlds import BUY, SELL, place
from tests.laws import invariants

MINUTES = 50
LINEAR = {"valuation": Valuation.LINEAR, "lot": 10, "multiplier_minor": 1_000}


class Ends(Ending):
    """A venue that does something at random in every minute."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        super().__init__(minutes=MINUTES, settlement_fee_ppm=self.chance.choice((0, 0, 500)))
        later = {**FUTURE, "expiry_ns": self.expiry_ns + 4 * MINUTE_NS}
        self.numbers = [1, self.instrument("LINEAR", **{**later, **LINEAR})]
        self.numbers.append(self.instrument("TOGETHER", **{**FUTURE, "expiry_ns": self.expiry_ns}))
        funding = {"funding_rate_ppb": 1_000_000, "funding_interval_ns": 20 * MINUTE_NS, "funding_offset_ns": 0}
        self.numbers.append(self.instrument("XBTUSD", **funding))
        self.set_expiry(4, self.expiry_ns + self.chance.randrange(-5, 5) * MINUTE_NS)
        self.traders = [self.trader(at, XBT * self.chance.choice((1, 2, 20)) // 4) for at in range(1, 9)]
        for account in self.traders:
            for number in self.numbers:
                if self.chance.random() < 0.3:
                    self.leverage(account, self.chance.choice((1_000, 5_000, 10_000, 25_000)), number)
        self.units = 1_000_000

    def minute(self) -> None:
        """Orders around the mark, a price, and some of the work."""
        for _ in range(self.chance.randrange(1, 8)):
            number = self.chance.choice(self.numbers)
            ticks = self.row(number).mark_subticks // 10 + self.chance.randrange(-30, 31)
            side = self.chance.choice((BUY, SELL))
            quantity = 100 * self.chance.choice((1, 5, 50, 300, 1_000))
            record = place(self.chance.choice(self.traders), side, quantity, ticks, instrument=number)
            record.flags |= self.chance.random() < 0.1 and layout.OrderFlag.REDUCE_ONLY
            self.send(record)
        if self.chance.random() < 0.04:
            self.send(layout.SetVenueState(state=self.chance.choice((VenueState.VENUE_STOPPED, 0, 0))))
        step = self.chance.choice((200, 1_000, 1_000, 20_000, 60_000))
        self.units = max(500_000, min(2_000_000, self.units + self.chance.randrange(-step, step + 1)))
        if self.chance.random() < 0.9:
            self.minutes(1, self.units)
        else:
            self.now_ns += MINUTE_NS
        while self.engine.work_waiting and self.chance.random() < 0.9:
            self.carry_on(self.chance.choice((1, 3, 50, 4_096)))
        if self.chance.random() < 0.1:
            self.restart()
        invariants.check(self.engine.tables)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_was_open_nothing_is_left(seed: int) -> None:
    world = Ends(seed)
    came = world.engine.tables.currencies[1].deposits_minor
    for _ in range(MINUTES + 10):
        world.minute()
    world.send(layout.SetVenueState(state=VenueState.VENUE_OPEN))
    for number in world.numbers:
        if world.row(number).state == InstrumentState.INSTRUMENT_PAUSED:
            world.declare(number, world.units)
    world.work()
    assert world.engine.tables.venue.halted == 0
    for number in world.numbers:
        row = world.row(number)
        assert (row.state, row.open_interest, row.orders) == (InstrumentState.INSTRUMENT_SETTLED, 0, 0)
    held = world.engine.tables.pools[TableNumber.POSITIONS_TABLE].high
    assert all(world.engine.tables.positions[at].quantity == 0 for at in range(1, held + 1))
    assert world.money() == came
    assert all(world.balance(account) >= 0 for account in world.traders)
    heard_again(world)
