"""Closing at the break-even price leaves nothing lost, and a tick further on something is (PNL-05)."""

import pytest

from outcry.engine import reading
from outcry.protocol import layout
from outcry.protocol.layout import EventKind, Valuation
from outcry.rules import closing
from tests.engine.worlds import BUY, SELL, World, one

MARK = 100_000
STAMP_NS = 1_700_020_800_000_000_000


def held(side: int, valuation: Valuation, rate_ppb: int) -> tuple[World, int, int]:
    """A position that has paid its opening fee, gained with a part of it, and paid or got funding."""
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    multiplier = 100_000_000 if valuation == Valuation.INVERSE else 1
    world.instrument(
        "XBTUSD", valuation=valuation, multiplier_minor=multiplier, funding_rate_ppb=rate_ppb, risk_limit_minor=10**14
    )
    world.price(1, MARK * 10)
    account, other = world.trader(1, 10**12), world.trader(2, 10**12)
    counter = SELL if side == BUY else BUY
    gain = 40 if side == BUY else -40
    for first, ticks, quantity in ((side, MARK, 30_000), (counter, MARK + gain, 10_000)):
        world.place(other, counter if first == side else side, quantity, ticks)
        one(world.place(account, first, quantity, ticks), EventKind.FILL)
    world.now_ns = STAMP_NS
    world.send(layout.Tick())
    while world.engine.work_waiting:
        world.carry_on()
    assert world.position(account).epoch == 1
    return world, account, other


@pytest.mark.parametrize("rate_ppb", [500_000, -500_000])
@pytest.mark.parametrize("valuation", [Valuation.INVERSE, Valuation.LINEAR])
@pytest.mark.parametrize("side", [BUY, SELL])
def test_closing_at_the_break_even_price(side: int, valuation: Valuation, rate_ppb: int) -> None:
    results = []
    for worse in (0, 1):
        world, account, other = held(side, valuation, rate_ppb)
        row, tables = world.position(account), world.engine.tables
        slot = reading.find_position(tables, account, 1)
        even = reading.position_figures(tables, slot).break_even_minor
        assert even == world.engine.figures.position(slot)[-1] != 0
        ticks = closing.closing_ticks(tables.instruments[1], row.quantity, even)
        ticks += -worse if side == BUY else worse
        before = row.previous_realised_minor
        world.place(other, side, 20_000, ticks)
        one(world.place(account, SELL if side == BUY else BUY, 20_000, ticks), EventKind.FILL)
        assert world.position(account).quantity == 0
        results.append(world.position(account).previous_realised_minor - before)
    # Values round by the lot, so the 200 lots may be half a unit each away.
    assert results[0] >= -100
    assert results[1] < 100
    assert results[0] - results[1] > 0


def test_without_a_position_there_is_none() -> None:
    world, account, other = held(BUY, Valuation.INVERSE, 0)
    slot = reading.find_position(world.engine.tables, account, 1)
    world.place(other, BUY, 20_000, MARK)
    world.place(account, SELL, 20_000, MARK)
    assert reading.position_figures(world.engine.tables, slot).break_even_minor == 0
