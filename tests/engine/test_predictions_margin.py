"""Fully collateralised contracts: what both sides back, what orders hold back, and that nobody is ever liquidated."""

import pytest

from outcry.engine import reading
from outcry.protocol import layout
from outcry.protocol.layout import EventKind, MarkMethod, Valuation
from tests.engine.optional import DOLLAR, bitcoin, prediction, prediction_terms
from tests.engine.twins import agree, audited
from tests.engine.worlds import BUY, SELL, World, of_kind, one, refused
from tests.laws import invariants

POINT = 100
"""A point of the price in ticks; ten contracts of a dollar at 100 are worth ten cents a point."""


def traders(world: World, *deposits: int) -> list[int]:
    accounts = [world.account(number) for number in range(1, 1 + len(deposits))]
    for account, deposit in zip(accounts, deposits, strict=True):
        world.deposit(account, deposit, 2)
    return accounts


def available(world: World, account: int) -> int:
    return reading.margin_of(world.engine.tables, account, 2).available_minor


def held(world: World, account: int, number: int) -> reading.PositionFigures:
    tables = world.engine.tables
    return reading.position_figures(tables, reading.find_position(tables, account, number))


def test_the_story_of_the_reference() -> None:
    """MRG-18, a cent a point and contract: 300 and 700; an offer of five at 20 more is 400; closing at 18 costs 120."""
    world = bitcoin()
    number = prediction(world)
    cent = DOLLAR // 100
    a, b = traders(world, 10_000 * cent, 10_000 * cent)
    world.place(a, BUY, 10, 30 * POINT, instrument=number)
    assert available(world, a) == (10_000 - 300) * cent
    world.place(b, SELL, 15, 20 * POINT, instrument=number)
    assert (held(world, a, number).margin_minor, held(world, b, number).margin_minor) == (300 * cent, 700 * cent)
    assert available(world, b) == (10_000 - 1_100) * cent
    # Ten of the thirty would only close, so the offer is the dearer side: 400 against 320.
    bid = one(world.place(b, BUY, 30, 16 * POINT, instrument=number), EventKind.PLACED)
    assert available(world, b) == (10_000 - 1_100) * cent
    world.cancel(b, bid.order_id)
    world.cancel_all(b)
    world.place(b, BUY, 10, 18 * POINT, instrument=number)
    world.place(a, SELL, 20, 17 * POINT, instrument=number)
    assert available(world, a) == (10_000 - 120 - 830) * cent
    assert available(world, b) == (10_000 + 120) * cent
    agree(world)
    audited(world)


def test_an_offer_and_a_bid_hold_back_the_dearer_one() -> None:
    """MRG-18 without a position: five at 20 are 400, thirty at 16 are 480."""
    world = bitcoin()
    number = prediction(world)
    cent = DOLLAR // 100
    (account,) = traders(world, 1_000 * cent)
    world.place(account, SELL, 5, 20 * POINT, instrument=number)
    assert available(world, account) == 600 * cent
    world.place(account, BUY, 30, 16 * POINT, instrument=number)
    assert available(world, account) == 520 * cent


def test_a_point_of_the_old_series() -> None:
    """VAL-13: one contract at 50 of a ten-thousandth of a bitcoin a point is worth 0.005 bitcoin."""
    world = bitcoin()
    number = prediction(world, currency=1, multiplier_minor=10_000)
    account, other = world.trader(1), world.trader(2)
    world.place(account, BUY, 1, 50 * POINT, instrument=number)
    fill = one(world.place(other, SELL, 1, 50 * POINT, instrument=number), EventKind.FILL)
    assert fill.value_minor == 500_000


@pytest.mark.parametrize("last", [1, 99_99])
def test_nobody_is_liquidated_wherever_the_price_goes(last: int) -> None:
    """Both sides have just what they back; the mark goes to an end, and what they can use does not change."""
    world = bitcoin()
    number = prediction(world)
    a, b, c = traders(world, 30 * DOLLAR, 70 * DOLLAR, 1_000 * DOLLAR)
    d = world.trader(4, 1_000 * DOLLAR, 2)
    world.place(a, BUY, 100, 30 * POINT, instrument=number)
    world.place(b, SELL, 100, 30 * POINT, instrument=number)
    assert (available(world, a), available(world, b)) == (0, 0)
    world.place(c, BUY, 1, last, instrument=number)
    world.place(d, SELL, 1, last, instrument=number)
    assert world.engine.tables.instruments[number].mark_subticks == 10 * last
    world.carry_on()
    assert [world.position(at, number).quantity for at in (a, b)] == [100, -100]
    assert (available(world, a), available(world, b)) == (0, 0)
    assert held(world, a, number).liquidation_subticks == 0
    invariants.check(world.engine.tables)
    agree(world)


def test_fees_are_held_back_too_and_nobody_falls_below_nothing() -> None:
    """Who has a unit less than price and fees is refused; who has it ends at nothing when all is lost."""
    world = bitcoin()
    number = prediction(world, taker_fee_ppm=2_500, maker_fee_ppm=2_500, settlement_fee_ppm=1_000)
    # 30 dollars and a fee of 7.5 cents; 70 dollars, the same fee, and 25 cents to close at 100.
    a, b = traders(world, 30_075_000, 70_325_000)
    poor, poorer = world.trader(3, 30_074_999, 2), world.trader(4, 70_324_999, 2)
    assert refused(world.place(poor, BUY, 100, 30 * POINT, instrument=number)) == "BALANCE_INSUFFICIENT"
    assert refused(world.place(poorer, SELL, 100, 30 * POINT, instrument=number)) == "BALANCE_INSUFFICIENT"
    world.place(a, BUY, 100, 30 * POINT, instrument=number)
    one(world.place(b, SELL, 100, 30 * POINT, instrument=number), EventKind.FILL)
    assert (available(world, a), available(world, b)) == (0, 0)
    seller = world.trader(5, 1_000 * DOLLAR, 2)
    world.place(seller, SELL, 100, 100 * POINT, instrument=number)
    one(world.place(b, BUY, 100, 100 * POINT, instrument=number), EventKind.FILL)
    assert world.balance(b, 2) == 0
    agree(world)
    audited(world)


def test_a_price_above_the_highest_is_refused() -> None:
    world = bitcoin()
    number = prediction(world)
    (account,) = traders(world, 1_000 * DOLLAR)
    assert refused(world.place(account, BUY, 1, 100 * POINT + 1, instrument=number)) == "PRICE_INVALID"


def test_a_market_order_that_cannot_be_paid_for_is_refused() -> None:
    world = bitcoin()
    number = prediction(world)
    a, b = traders(world, 1_000 * DOLLAR, 5 * DOLLAR)
    world.place(a, SELL, 100, 30 * POINT, instrument=number)
    assert refused(world.place(b, BUY, 100, 0, instrument=number)) == "BALANCE_INSUFFICIENT"
    assert of_kind(world.place(b, BUY, 10, 0, instrument=number), EventKind.FILL)


def test_a_risk_limit_counts_the_highest_price() -> None:
    world = bitcoin()
    number = prediction(world, risk_limit_minor=100 * DOLLAR)
    (account,) = traders(world, 1_000 * DOLLAR)
    assert refused(world.place(account, BUY, 101, POINT, instrument=number)) == "RISK_LIMIT_EXCEEDED"
    one(world.place(account, BUY, 100, POINT, instrument=number), EventKind.PLACED)


def test_nobody_chooses_a_leverage() -> None:
    world = bitcoin()
    number = prediction(world)
    (account,) = traders(world, 1_000 * DOLLAR)
    assert refused(world.leverage(account, 100, number)) == "LEVERAGE_INVALID"
    assert refused(world.send(layout.SetIsolated(account=account, instrument=number, isolated=1))) == "LEVERAGE_INVALID"


WRONG: dict[str, dict[str, int]] = {
    "inverse": {"valuation": Valuation.INVERSE},
    "marked by an index": {"mark_method": MarkMethod.MARK_FUNDING},
    "an index": {"index": 1},
    "leverage": {"initial_margin_ppm": 999_999},
    "less to be kept": {"maintenance_margin_ppm": 999_999},
    "a first mark beyond the highest": {"opening_subticks": 100_001},
    "funding": {"funding_rate_ppb": 1},
    "a strike": {"strike_units": 1},
    "a bond below nothing": {"bond_minor": -1},
    "an end that is over": {"expiry_ns": 60 * 10**9},
}


@pytest.mark.parametrize("name", WRONG)
def test_terms_that_do_not_go_together(name: str) -> None:
    assert refused(bitcoin().send(prediction_terms("P", **WRONG[name]))) == "PARAMETER_INVALID"


def test_a_contract_without_an_index_begins_with_a_mark_of_its_own() -> None:
    assert refused(bitcoin().send(prediction_terms("P", opening_subticks=0))) == "INDEX_UNKNOWN"


def test_perpetuals_are_not_without_an_index() -> None:
    record = prediction_terms(instrument_type=layout.InstrumentType.PERPETUAL)
    assert refused(bitcoin().send(record)) == "PARAMETER_INVALID"
