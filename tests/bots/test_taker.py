"""The taker's core: when it trades, how much, and on which side once it holds too much."""

from dataclasses import replace
from decimal import Decimal

from outcry.bots.market import BUY, SELL, Take, Terms
from outcry.bots.taker import Market, Taker, TakerSettings

TERMS = Terms("XBTUSDT", Decimal("0.1"), 1_000, 1_000_000, 1, False, "USDt")
SETTINGS = {"USDt": TakerSettings()}
MARKET = Market(TERMS, TERMS.lot_value_minor(Decimal(60_000)), True, True, True, 0)


def test_the_first_trade_comes_at_once_and_needs_both_sides() -> None:
    taker = Taker(SETTINGS, 1)
    assert taker.decide(replace(MARKET, has_traded=False)) == Take(BUY, 1_000)
    assert taker.decide(replace(MARKET, has_traded=False, has_ask=False)) is None


def test_it_trades_now_and_then_within_its_size() -> None:
    taker = Taker(SETTINGS, 1)
    takes = [take for _ in range(600) if (take := taker.decide(MARKET)) is not None]
    assert 60 < len(takes) < 140
    assert {take.side for take in takes} == {BUY, SELL}
    assert all(1_000 <= take.quantity <= 84_000 and take.quantity % 1_000 == 0 for take in takes)


def test_a_position_beyond_the_limit_is_only_reduced() -> None:
    taker = Taker(SETTINGS, 1)
    sides = {take.side for _ in range(100) if (take := taker.decide(replace(MARKET, position=10**6))) is not None}
    assert sides == {SELL}


def test_an_unknown_currency_is_left_alone() -> None:
    assert Taker({}, 1).decide(replace(MARKET, has_traded=False)) is None
