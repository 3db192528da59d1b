"""Two who collude spike their own book by 20 %, while somebody else's short at 50x stands by: what the fund loses.

By index: nothing.  Protected: nothing within the minute.  By impact mid and by last price a mark moves by no more than
the band of orders at a time (ORD-07), and the fund pays no further than that band through the mark of the minute before
(LIQ-07): whoever is liquidated on the way costs it at most that band of his value, however far the spike goes.
"""

import pytest

from outcry.protocol import layout
from outcry.protocol.layout import BAND_PPM, PPM, EventKind, InstrumentType, MarkMethod, Role, Valuation
from tests.engine.worlds import BUY, SELL, START_NS, World, of_kind
from tests.laws import invariants

XBT = 10**8
MARK = 100_000
HELD = 10_000
FUND = 1_000 * XBT
MINUTE_NS = layout.MINUTE_NS


class Spiked:
    """A linear contract worth 1,000 minor units a dollar and contract, its fund, two who collude, and the others."""

    def __init__(self, method: MarkMethod) -> None:
        self.world = world = World()
        world.now_ns = START_NS // MINUTE_NS * MINUTE_NS + 1
        world.currency("XBt", 8)
        world.index(".BXBT")
        terms = {"valuation": Valuation.LINEAR, "lot": 1, "multiplier_minor": 1_000, "funding_rate_ppb": 0}
        terms |= {"mark_method": method, "impact_notional_minor": XBT, "risk_limit_minor": 10**13}
        terms |= {"initial_margin_ppm": 10_000, "maintenance_margin_ppm": 5_000}
        if method != MarkMethod.MARK_FUNDING:
            expiry = (world.now_ns // MINUTE_NS + 2_000) * MINUTE_NS
            terms |= {"instrument_type": InstrumentType.FUTURE, "expiry_ns": expiry}
            terms |= {"funding_interval_ns": 0, "funding_offset_ns": 0}
        world.instrument("X", **terms)
        world.price(1, MARK * 10)
        world.deposit(Role.INSURANCE, FUND)
        self.first, self.second = world.trader(1, 10**14), world.trader(2, 10**14)
        maker, self.victim = world.trader(3, 10**14), world.trader(4, 10**11)
        world.leverage(self.victim, 5_000)
        world.place(maker, BUY, HELD, MARK)
        assert of_kind(world.place(self.victim, SELL, HELD, MARK), EventKind.FILL)
        world.price(1, MARK * 10 + 1)
        self.work()
        self.fund = world.balance(Role.INSURANCE)
        self.value_minor = HELD * MARK * 1_000 // 10

    def work(self) -> None:
        while self.world.engine.work_waiting:
            self.world.carry_on()
        invariants.check(self.world.engine.tables)

    def trade(self, ticks: int) -> bool:
        """The two try to trade with each other at a price, and leave offers there; whether they did."""
        self.world.cancel_all(self.first)
        self.world.cancel_all(self.second)
        self.world.place(self.first, SELL, 3 * HELD, ticks)
        traded = bool(of_kind(self.world.place(self.second, BUY, HELD, ticks), EventKind.FILL))
        self.work()
        return traded

    def minute(self) -> None:
        self.world.now_ns += MINUTE_NS
        self.world.price(1, MARK * 10 + 1)
        self.work()

    @property
    def mark(self) -> int:
        return int(self.world.engine.tables.instruments[1].mark_subticks)

    @property
    def lost_minor(self) -> int:
        return self.fund - self.world.balance(Role.INSURANCE)


@pytest.mark.parametrize("method", [MarkMethod.MARK_FUNDING, MarkMethod.MARK_PROTECTED])
def test_where_the_mark_is_not_theirs_the_fund_moves_by_nothing(method: MarkMethod) -> None:
    spiked = Spiked(method)
    before = spiked.mark
    assert spiked.trade(MARK * 12 // 10)
    band = before * 5_000 // (2 * PPM) if method == MarkMethod.MARK_PROTECTED else 0
    assert 0 <= spiked.mark - before <= band
    assert spiked.lost_minor == 0
    assert spiked.world.position(spiked.victim).quantity == -HELD


def test_by_index_it_stays_so_however_long_they_go_on() -> None:
    spiked = Spiked(MarkMethod.MARK_FUNDING)
    for _ in range(5):
        spiked.trade(MARK * 12 // 10)
        spiked.minute()
    assert spiked.lost_minor == 0
    assert spiked.world.position(spiked.victim).quantity == -HELD


@pytest.mark.parametrize("method", [MarkMethod.MARK_LAST, MarkMethod.MARK_IMPACT])
def test_where_it_is_theirs_a_trade_moves_it_by_the_band_and_the_fund_pays_no_more_than_that(
    method: MarkMethod,
) -> None:
    spiked = Spiked(method)
    assert not spiked.trade(MARK * 12 // 10)
    assert spiked.mark <= MARK * 10 + 1
    for _ in range(6):
        before = spiked.mark
        edge = (before // 10) * (PPM + BAND_PPM) // PPM
        assert spiked.trade(min(edge, MARK * 12 // 10))
        if method == MarkMethod.MARK_IMPACT:
            spiked.world.place(spiked.second, BUY, 2 * HELD, min(edge, MARK * 12 // 10) - 1)
            spiked.minute()
        # A future's basis is rounded to whole percents a year, which for so short a time is next to nothing.
        assert spiked.mark * PPM <= (before + 30) * (PPM + BAND_PPM)
    assert spiked.mark >= MARK * 119 // 10
    assert spiked.world.position(spiked.victim).quantity == 0
    assert 0 < spiked.lost_minor * PPM <= spiked.value_minor * BAND_PPM


@pytest.mark.parametrize("method", [MarkMethod.MARK_LAST, MarkMethod.MARK_IMPACT])
def test_offers_far_above_the_spike_cost_the_fund_no_more_than_the_band(method: MarkMethod) -> None:
    """The two leave offers as far above their spike as an order may be: the fund does not go there."""
    spiked = Spiked(method)
    before = spiked.mark
    edge = (before // 10) * (PPM + BAND_PPM) // PPM
    world = spiked.world
    # What stands at the spike is gone when the victim is taken over; what is left stands a band further.
    world.place(spiked.first, SELL, HELD, edge)
    world.place(spiked.first, SELL, 3 * HELD, edge * (PPM + BAND_PPM) // PPM - 1)
    world.place(spiked.second, BUY, HELD, edge)
    if method == MarkMethod.MARK_IMPACT:
        world.place(spiked.second, BUY, 2 * HELD, edge * (PPM + BAND_PPM) // PPM - 30)
        spiked.minute()
    spiked.work()
    assert spiked.lost_minor * PPM <= spiked.value_minor * BAND_PPM
