"""Explanations of options and predictions: the engine's own numbers, made again from the terms that are said."""

import pytest

from outcry.engine import equity, reading
from outcry.protocol.layout import InstrumentType
from outcry.views.explaining import Explanation, explain_margin, explain_mark
from tests.engine.optional import BITCOIN, DOLLAR, bitcoin, dollar_option, model, option, prediction
from tests.engine.worlds import BUY, SELL
from tests.views.test_explaining import Watched


def told_of(world: Watched, account: int, currency: int) -> Explanation:
    directory = world.directory
    return explain_margin(world.engine, directory, account, directory.currencies()[currency - 1], world.engine.time_ns)


def traded() -> tuple[Watched, list[int], list[int]]:
    """Two accounts with a call, a put, a call in dollars and a prediction between them, and orders of one of them."""
    world = Watched()
    bitcoin(world=world)
    call = option(world, "C", taker_fee_ppm=500)
    put = option(world, "P", InstrumentType.PUT, 150_000_00, price_ticks_max=100_000)
    dollars, rain = dollar_option(world, "D", taker_fee_ppm=500), prediction(world, taker_fee_ppm=2_500)
    model(world, call, 2_000)
    model(world, put, 250_000)
    model(world, dollars, 10_000)
    buyer, seller = world.trader(1, 100 * BITCOIN), world.trader(2, 100 * BITCOIN)
    for account in (buyer, seller):
        world.deposit(account, 10**5 * DOLLAR, 2)
    for number, ticks in ((call, 200), (put, 25_000), (dollars, 1_000), (rain, 30_00)):
        world.place(buyer, BUY, 3, ticks, instrument=number)
        world.place(seller, SELL, 3, ticks, instrument=number)
        world.place(seller, SELL, 2, ticks + 1, instrument=number)
    return world, [buyer, seller], [call, put, dollars, rain]


@pytest.mark.parametrize("currency", [1, 2])
def test_every_number_of_a_margin_is_made_again_from_its_terms(currency: int) -> None:
    world, accounts, _ = traded()
    tables = world.engine.tables
    for account in accounts:
        told = told_of(world, account, currency)
        assert told.holds(), [check for part in (told, *told.parts) for check in part.checks if not check.holds]
        summary = reading.margin_of(tables, account, currency)
        assert told.term("available_minor").value == summary.available_minor
        assert len(told.parts) == 2
        for part in told.parts:
            assert part.term("margin_method").value
            assert len(part.checks) >= 4
    seller = told_of(world, accounts[1], currency)
    equity.weigh(tables, accounts[1], currency)
    assert seller.term("cross_slack_minor").value == equity.slack_minor(tables)


def test_who_sold_a_call_reads_what_the_reference_says() -> None:
    world, accounts, (call, *_) = traded()
    part = next(part for part in told_of(world, accounts[1], 1).parts if part.title == "C")
    assert part.term("strike_units").text == "60000.00"
    assert (part.term("initial_lot_minor").value, part.term("maintenance_lot_minor").value) == (10_000_000, 7_500_000)
    assert part.term("out_of_money_lot_minor").value == 20_000_000
    told = explain_mark(world.engine, world.reasons, world.directory.listing(call), world.engine.time_ns)
    assert told.holds()
    assert (told.term("mark_subticks").value, told.term("volatility_ppm").value) == (2_000, 600_000)
    assert told.term("forward_units").text == "50000.00"
