"""Options: their terms, their marks, what backs them, their fees, and how who sold one ends (OPT-01 to OPT-05)."""

import pytest

from outcry.engine import reading
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, InstrumentState, InstrumentType, MarkMethod, Valuation
from tests.engine.optional import (
    BITCOIN,
    DOLLAR,
    MINUTE_NS,
    STRIKE,
    bitcoin,
    dollar_option,
    model,
    next_day,
    option,
    option_terms,
)
from tests.engine.twins import agree, audited
from tests.engine.worlds import BUY, SELL, World, of_kind, one, refused
from tests.laws import invariants

PREMIUM = 200
"""In ticks: 0.02 bitcoin."""


def sold(world: World, number: int, quantity: int = 1, ticks: int = PREMIUM, deposit: int = BITCOIN) -> tuple[int, int]:
    """A buyer and a seller of so many."""
    buyer, seller = world.trader(1, 100 * BITCOIN), world.trader(2, deposit)
    for account in (buyer, seller):
        world.deposit(account, 10**5 * DOLLAR, 2)
    world.place(buyer, BUY, quantity, ticks, instrument=number)
    assert of_kind(world.place(seller, SELL, quantity, ticks, instrument=number), EventKind.FILL)
    return buyer, seller


def figures(world: World, account: int, number: int) -> reading.PositionFigures:
    tables = world.engine.tables
    return reading.position_figures(tables, reading.find_position(tables, account, number))


def available(world: World, account: int, currency: int = 1) -> int:
    return reading.margin_of(world.engine.tables, account, currency).available_minor


def test_the_figures_of_the_reference() -> None:
    """S = 50,000, K = 60,000, mark 0.02: 0.12 with the mark, and 0.095 to be kept; the buyer backs his 0.02."""
    world = bitcoin()
    number = option(world, "C")
    model(world, number, 10 * PREMIUM)
    buyer, seller = sold(world, number)
    short, long = figures(world, seller, number), figures(world, buyer, number)
    assert short.initial_minor - short.value_minor == 12_000_000
    assert short.maintenance_minor - short.value_minor == 9_500_000
    assert (long.margin_minor, long.value_minor, long.liquidation_subticks) == (2_000_000, 2_000_000, 0)
    assert available(world, buyer) == 100 * BITCOIN - 2_000_000
    assert available(world, seller) == 90_000_000
    model(world, number, 20 * PREMIUM)
    assert available(world, seller) == 90_000_000 - 2_000_000
    assert available(world, buyer) == 100 * BITCOIN - 2_000_000
    agree(world)
    audited(world)


def test_open_value_is_that_of_the_underlying() -> None:
    """VAL-11: 374 calls of a tenth of a bitcoin stand for 37.4 bitcoin, whatever their premium is."""
    world = bitcoin()
    number = option(world, "C", multiplier_minor=BITCOIN // 10)
    model(world, number, 10 * PREMIUM)
    buyer, _ = sold(world, number, 374, deposit=100 * BITCOIN)
    assert figures(world, buyer, number).risk_value_minor == 3_740_000_000


def test_fees_are_of_the_underlying_and_no_more_than_their_share_of_the_premium() -> None:
    """SET-08: 12.5 % of 0.0001 bitcoin, not 0.0003; of a dearer option the rate."""
    world = bitcoin()
    number = option(world, "C", taker_fee_ppm=300)
    model(world, number, 10)
    buyer, seller = world.trader(1, BITCOIN), world.trader(2, BITCOIN)
    world.place(buyer, BUY, 1, 1, instrument=number)
    cheap = one(world.place(seller, SELL, 1, 1, instrument=number), EventKind.FILL)
    assert (cheap.value_minor, cheap.taker_fee_minor) == (10_000, 1_250)
    world.place(buyer, BUY, 1, 100, instrument=number)
    dear = one(world.place(seller, SELL, 1, 100, instrument=number), EventKind.FILL)
    assert (dear.value_minor, dear.taker_fee_minor) == (1_000_000, 30_000)
    agree(world)
    audited(world)


WRONG: dict[str, dict[str, int]] = {
    "no strike": {"strike_units": 0},
    "no end": {"expiry_ns": 0},
    "no whole minute": {"expiry_ns": 1_800_000_000_000_000_001},
    "marked by its last price": {"mark_method": MarkMethod.MARK_LAST},
    "inverse": {"valuation": Valuation.INVERSE},
    "funding": {"funding_rate_ppb": 1},
    "no maintenance": {"maintenance_margin_ppm": 0},
    "a floor below maintenance": {"floor_margin_ppm": 74_999},
    "a floor above the rate": {"floor_margin_ppm": 150_001},
    "no cap of fees": {"fee_cap_ppm": 0},
    "a band beyond the floor": {"band_ppm": 100_001},
    "a bond": {"bond_minor": 1},
    "a mark of its own": {"opening_subticks": 1},
}


@pytest.mark.parametrize("name", WRONG)
def test_terms_that_do_not_go_together(name: str) -> None:
    world = bitcoin()
    assert refused(world.send(option_terms(world, "C", InstrumentType.CALL, **WRONG[name]))) == "PARAMETER_INVALID"


def test_terms_of_options_are_of_options_only() -> None:
    for terms in ({"strike_units": 1}, {"fee_cap_ppm": 1}, {"floor_margin_ppm": 1}):
        world = bitcoin()
        record = option_terms(world, "F", InstrumentType.FUTURE, 0, mark_method=MarkMethod.MARK_LAST)
        record.floor_margin_ppm = record.fee_cap_ppm = 0
        for term, value in terms.items():
            setattr(record, term, value)
        assert refused(world.send(record)) == "PARAMETER_INVALID"


BAD_MODELS: dict[str, tuple[dict[str, int], str]] = {
    "seen later than now": ({"seen_ns": 2**62}, "MODEL_INVALID"),
    "never seen": ({"seen_ns": 0}, "MODEL_INVALID"),
    "a forward of half the index": ({"forward": 24_999_99}, "MODEL_INVALID"),
    "a forward of twice the index": ({"forward": 100_000_01}, "MODEL_INVALID"),
    "a volatility below 0": ({"volatility_ppm": -1}, "MODEL_INVALID"),
    "a volatility out of all proportion": ({"volatility_ppm": 100_000_001}, "MODEL_INVALID"),
    "a call that falls": ({"delta_ppm": -1}, "MODEL_INVALID"),
    "more than the underlying": ({"delta_ppm": 1_000_001}, "MODEL_INVALID"),
    "a negative gamma": ({"gamma_ppb": -1}, "MODEL_INVALID"),
    "a negative vega": ({"vega_ppm": -1}, "MODEL_INVALID"),
    "a mark of nothing": ({"mark_subticks": 0}, "MODEL_MARK_INVALID"),
    "a call above its underlying": ({"mark_subticks": 100_001}, "MODEL_MARK_INVALID"),
    "less than it would pay": ({"forward": 75_000_00, "mark_subticks": 19_989}, "MODEL_MARK_INVALID"),
}


@pytest.mark.parametrize("name", BAD_MODELS)
def test_a_model_that_cannot_be(name: str) -> None:
    world = bitcoin()
    number = option(world, "C")
    changes, code = BAD_MODELS[name]
    given = {"mark_subticks": 2_000, **changes}
    assert refused(model(world, number, given.pop("mark_subticks"), **given)) == code
    assert world.engine.tables.instruments[number].mark_subticks == 0


def test_the_last_marks_that_can_be() -> None:
    world = bitcoin()
    number = option(world, "C")
    one(model(world, number, 19_990, 75_000_00), EventKind.OPTION_MARKED)
    one(model(world, number, 100_000, 75_000_00), EventKind.MARK_MOVED)
    put = option(world, "P", InstrumentType.PUT)
    one(model(world, put, 100_000 * 60_000 // 50_000), EventKind.MARK_MOVED)
    assert refused(model(world, put, 100_000 * 60_000 // 50_000 + 1)) == "MODEL_MARK_INVALID"


def test_an_older_model_never_follows_a_newer_one() -> None:
    world = bitcoin()
    number = option(world, "C")
    seen = world.now_ns
    model(world, number, 2_000)
    world.wait(10)
    assert refused(model(world, number, 2_000, seen_ns=seen - 1)) == "MODEL_INVALID"
    assert not of_kind(model(world, number, 2_000, seen_ns=seen), EventKind.MARK_MOVED)


def test_only_options_have_models_and_only_until_they_end() -> None:
    world = bitcoin()
    perpetual = world.instrument("XBTUSD")
    assert refused(model(world, perpetual, 2_000)) == "NOT_AN_OPTION"
    assert refused(model(world, 99, 2_000)) == "INSTRUMENT_UNKNOWN"
    number = option(world, "C")
    world.now_ns = world.engine.tables.instruments[number].expiry_ns
    world.send(layout.Tick())
    assert refused(model(world, number, 2_000)) == "INSTRUMENT_CLOSED"


def test_after_a_minute_without_a_model_only_what_reduces_is_taken() -> None:
    world = bitcoin()
    number = option(world, "C")
    model(world, number, 10 * PREMIUM)
    buyer, _ = sold(world, number)
    world.wait(60)
    one(world.place(buyer, BUY, 1, 100, instrument=number), EventKind.PLACED)
    world.wait(1)
    assert refused(world.place(buyer, BUY, 1, 100, instrument=number)) == "MARK_TOO_OLD"
    one(world.place(buyer, SELL, 1, PREMIUM, instrument=number, reduce_only=True), EventKind.PLACED)
    model(world, number, 10 * PREMIUM)
    one(world.place(buyer, BUY, 1, 100, instrument=number), EventKind.PLACED)


def test_nobody_chooses_a_leverage() -> None:
    world = bitcoin()
    number = option(world, "C")
    model(world, number, 10 * PREMIUM)
    account = world.trader(1, BITCOIN)
    assert refused(world.leverage(account, 200, number)) == "LEVERAGE_INVALID"
    assert refused(world.send(layout.SetIsolated(account=account, instrument=number, isolated=1))) == "LEVERAGE_INVALID"
    one(world.leverage(account, 0, number), EventKind.MARGIN_SET)


def test_who_sold_one_is_liquidated_where_his_band_says_and_who_bought_one_never() -> None:
    """0.2 bitcoin behind a call sold at 0.02: it can be held until the mark is 0.145, less 0.075 to be kept."""
    world = bitcoin()
    number = option(world, "C")
    model(world, number, 10 * PREMIUM)
    buyer, seller = sold(world, number, deposit=20_000_000)
    band = figures(world, seller, number).liquidation_subticks
    # Half a sub-tick of rounding on either side.
    assert band == 2_000 + 20_000 - 7_500
    model(world, number, band - 1)
    assert not of_kind(world.carry_on(), EventKind.TAKEN_OVER)
    model(world, number, band)
    taken = one(world.carry_on(), EventKind.TAKEN_OVER)
    assert (taken.account, taken.bankrupt_minor) == (seller, -22_000_000)
    invariants.check(world.engine.tables)
    model(world, number, 1)
    assert not of_kind(world.carry_on(), EventKind.TAKEN_OVER)
    assert world.position(buyer, number).quantity == 1
    agree(world)
    audited(world)


def test_what_was_bought_backs_nothing_else() -> None:
    """A perpetual that fails is taken over; the option beside it is paid for and stays."""
    world = bitcoin()
    number = option(world, "C")
    perpetual = world.instrument("XBTUSD", funding_rate_ppb=0)
    model(world, number, 10 * PREMIUM)
    buyer, maker = world.trader(1, 30_000_000), world.trader(2, 100 * BITCOIN)
    world.place(maker, SELL, 1, PREMIUM, instrument=number)
    world.place(buyer, BUY, 1, PREMIUM, instrument=number)
    world.place(maker, SELL, 500_000, 500_000, instrument=perpetual)
    world.place(buyer, BUY, 500_000, 500_000, instrument=perpetual)
    model(world, number, 90_000, 50_000_00)
    world.price(1, 48_750_00)
    events = world.carry_on()
    assert one(events, EventKind.TAKEN_OVER).instrument == perpetual
    assert world.position(buyer, number).quantity == 1
    invariants.check(world.engine.tables)
    agree(world)
    audited(world)


def test_margins_are_renewed_when_the_underlying_has_moved_by_one_percent() -> None:
    world = bitcoin()
    number = dollar_option(world, "D")
    row = world.engine.tables.instruments[number]
    model(world, number, 10_000)
    assert (row.margin_units, row.underlying_lot_minor) == (50_000_00, 500 * DOLLAR)
    model(world, number, 10_000, 50_499_99)
    assert row.margin_units == 50_000_00
    model(world, number, 10_000, 50_500_00)
    assert (row.margin_units, row.underlying_lot_minor) == (50_500_00, 505 * DOLLAR)
    model(world, number, 10_000, 49_995_00)
    assert row.margin_units == 49_995_00


def test_when_the_underlying_has_risen_every_holder_is_examined_again() -> None:
    """The mark stays, only the price does not by which an option in dollars is margined: who has too little ends."""
    world = bitcoin()
    number = dollar_option(world, "D")
    model(world, number, 10_000)
    buyer, seller = world.trader(1, 1), world.trader(2, 1)
    world.deposit(buyer, 10**5 * DOLLAR, 2)
    world.deposit(seller, 60 * DOLLAR, 2)
    world.place(buyer, BUY, 1, 1_000, instrument=number)
    world.place(seller, SELL, 1, 1_000, instrument=number)
    assert world.position(seller, number).quantity == -1
    world.price(1, 81_000_00)
    model(world, number, 210_000, 81_000_00)
    invariants.check(world.engine.tables)
    assert of_kind(world.carry_on(), EventKind.TAKEN_OVER)
    invariants.check(world.engine.tables)


def test_risk_limits_count_the_underlying() -> None:
    world = bitcoin()
    number = option(world, "C", risk_limit_minor=10 * BITCOIN, risk_step_minor=5 * BITCOIN)
    model(world, number, 10 * PREMIUM)
    account = world.trader(1, 100 * BITCOIN)
    assert refused(world.place(account, SELL, 11, PREMIUM, instrument=number)) == "RISK_LIMIT_EXCEEDED"
    one(world.place(account, SELL, 10, PREMIUM, instrument=number), EventKind.PLACED)
    assert available(world, account) == 100 * BITCOIN - 10 * 10_000_000
    record = layout.SetRiskLimit(account=account, instrument=number, risk_limit_minor=15 * BITCOIN)
    one(world.send(record), EventKind.RISK_LIMIT_SET)
    assert available(world, account) == 100 * BITCOIN - 10 * 17_500_000


def test_a_band_is_a_share_of_the_underlying() -> None:
    world = bitcoin()
    number = option(world, "C", band_ppm=10_000)
    model(world, number, 20)
    account = world.trader(1, BITCOIN)
    one(world.place(account, BUY, 1, 102, instrument=number), EventKind.PLACED)
    assert refused(world.place(account, BUY, 1, 103, instrument=number)) == "PRICE_OUTSIDE_BAND"


def test_a_lone_offer_does_not_say_how_dear_buying_back_may_be() -> None:
    """Else who sold one on margin bids whatever he likes for it, his other account takes it, and nobody pays."""
    world = bitcoin()
    number = option(world, "C")
    model(world, number, 2_000)
    buyer, seller = sold(world, number, deposit=13_000_000)
    one(world.place(buyer, SELL, 1, 9_000, instrument=number), EventKind.PLACED)
    assert refused(world.place(seller, BUY, 1, 8_000, instrument=number)) == "PRICE_OUTSIDE_BAND"
    one(world.place(seller, BUY, 1, 700, instrument=number), EventKind.PLACED)
    world.place(buyer, SELL, 1, 700, instrument=number)
    assert world.position(seller, number).quantity == 0
    assert world.balance(seller) == 13_000_000 - 5_000_000


def test_index_and_minutes_do_not_move_the_mark() -> None:
    world = bitcoin()
    number = option(world, "C")
    model(world, number, 2_000)
    world.wait(120)
    moved = of_kind(world.price(1, 51_000_00), EventKind.MARK_MOVED)
    assert all(one_.instrument != number for one_ in moved)
    assert world.engine.tables.instruments[number].mark_subticks == 2_000
    assert world.engine.tables.instruments[number].state == InstrumentState.INSTRUMENT_OPEN
    text = wire.text_of(world.engine.tables.instruments[number].symbol)
    assert (text, STRIKE) == ("C", 60_000_00)


def expire(world: World, price_units: int) -> list[wire.Event]:
    """The index stands at a price until the options' time is over, and what has to be done then is done."""
    expiry = next_day(world)
    world.now_ns = expiry - 40 * MINUTE_NS
    said: list[wire.Event] = []
    for at in range(41):
        world.now_ns = expiry - (40 - at) * MINUTE_NS - 1
        said += world.price(1, price_units)
        world.now_ns += 1
        said += world.send(layout.Tick())
    while world.engine.work_waiting:
        said += world.carry_on()
    return said


def test_a_bought_option_pays_though_its_owner_has_lost_all_the_rest() -> None:
    """His perpetual cannot be traded and is under water when the call ends, which it pays for itself, its fee too."""
    world = bitcoin()
    number = option(world, "C", strike=40_000_00, settlement_fee_ppm=150)
    perpetual = world.instrument("XBTUSD", funding_rate_ppb=0)
    world.price(1, 50_000_00)
    model(world, number, 20_000)
    buyer, maker = world.trader(1, 30_000_000), world.trader(2, 100 * BITCOIN)
    world.place(maker, SELL, 1, 2_000, instrument=number)
    world.place(buyer, BUY, 1, 2_000, instrument=number)
    assert world.position(buyer, number).quantity == 1
    world.place(maker, SELL, 50_000, 500_000, instrument=perpetual)
    world.place(buyer, BUY, 50_000, 500_000, instrument=perpetual)
    world.send(layout.SetInstrumentState(instrument=perpetual, state=InstrumentState.INSTRUMENT_PAUSED))
    said = expire(world, 45_000_00)
    assert world.position(buyer, perpetual).quantity == 50_000
    assert not of_kind(said, EventKind.TAKEN_OVER)
    mine = next(record for record in of_kind(said, EventKind.SETTLED) if record.account == buyer)
    # 5,000 of 45,000 dollars are a ninth of a bitcoin, and the fee is 0.015 % of a whole one.
    assert (mine.value_minor, mine.fee_minor) == (11_111_000, 15_000)
    invariants.check(world.engine.tables)
    agree(world)
    audited(world)


def test_a_settlement_fee_is_no_more_than_its_share_of_what_is_paid() -> None:
    world = bitcoin()
    number = option(world, "C", strike=49_999_00, settlement_fee_ppm=150)
    model(world, number, 2_000)
    sold(world, number)
    settled = of_kind(expire(world, 50_000_00), EventKind.SETTLED)
    # A dollar of 50,000 is worth 2,000 of the smallest units, of which 12.5 % are 250 and not 15,000.
    assert {(abs(record.value_minor), record.fee_minor) for record in settled} == {(2_000, 250)}
    audited(world)
