"""The engine's margins of options and predictions against the plain model's, in random trades (OPT-03, OPT-04, COL-02).

An order's margin is of the moment it came or was last partly filled, so it is compared in the entry that did it; what
positions need and what is available is compared after every entry.
"""

from fractions import Fraction

import pytest

from outcry.engine import reading
from outcry.protocol.layout import EventKind, InstrumentRow, InstrumentType, OrderRow, PositionRow, Side, TableNumber
from tests.engine.optional import Bourse
from tests.laws import backing_model
from tests.laws.backing_model import Backed
from tests.laws.margin_model import Margining, MarginModel
from tests.laws.margin_model import Side as Resting
from tests.laws.model import Order, Position, Terms

PPM = 10**6
KINDS = {InstrumentType.CALL: "call", InstrumentType.PUT: "put", InstrumentType.PREDICTION: "prediction"}


def terms_of(row: InstrumentRow) -> Terms:
    return Terms(
        inverse=row.valuation == 1,
        lot=row.lot,
        multiplier=row.multiplier_minor,
        tick=Fraction(row.tick_units, 10**row.price_decimals),
        maker=Fraction(row.maker_fee_ppm, PPM),
        taker=Fraction(row.taker_fee_ppm, PPM),
        currency=row.currency,
        subticks=row.subticks_per_tick,
        initial=Fraction(row.initial_margin_ppm, PPM),
        maintenance=Fraction(row.maintenance_margin_ppm, PPM),
    )


def backed_of(row: InstrumentRow) -> Backed:
    return Backed(
        KINDS[InstrumentType(row.instrument_type)],
        row.price_ticks_max,
        row.strike_units,
        Fraction(row.floor_margin_ppm, PPM),
        Fraction(row.fee_cap_ppm, PPM),
        Fraction(row.settlement_fee_ppm, PPM),
        bytes(row.quote) == bytes(row.underlying),
        units=row.margin_units,
    )


def model_of(bourse: Bourse) -> MarginModel:
    """A model of the contracts as they are listed and marked now; the perpetual is the other model's."""
    tables = bourse.world.engine.tables
    rows = {number: tables.instruments[number] for number in range(1, 1 + bourse.perpetual)}
    model = MarginModel(
        {at: terms_of(row) for at, row in rows.items()}, {at: row.mark_subticks for at, row in rows.items()}
    )
    model.backed = {at: backed_of(row) for at, row in rows.items() if row.instrument_type in KINDS}
    return model


def resting(side: int, row: PositionRow) -> Resting:
    """A side's sums as the engine has them: each of its orders was compared when it came."""
    word = "buy" if side == Side.BUY else "sell"
    names = ("quantity", "margin_minor", "dearest_minor", "reduce_quantity", "premium_minor")
    return Resting(*(getattr(row, f"{word}_{name}") for name in names))


def order_of(row: OrderRow) -> Order:
    buys = row.side == Side.BUY
    return Order(1, row.account, row.instrument, buys, row.quantity, row.leaves_quantity, row.price_ticks)


def open_orders(bourse: Bourse) -> dict[int, tuple[int, int]]:
    """Number, and leaves of every order that rests, by slot."""
    tables = bourse.world.engine.tables
    slots = reading.used(tables, TableNumber.ORDERS_TABLE)
    return {
        at: (tables.orders[at].order_id, tables.orders[at].leaves_quantity) for at in slots if tables.orders[at].level
    }


@pytest.mark.parametrize("seed", [11, 12])
def test_margins_are_the_models(seed: int) -> None:
    bourse = Bourse(seed)
    before: dict[int, tuple[int, int]] = {}
    compared = 0
    for _ in range(200):
        events = bourse.step()
        tables, model = bourse.world.engine.tables, model_of(bourse)
        now = open_orders(bourse)
        marked = any(event.head.kind == EventKind.MARK_MOVED for event in events)
        for at, state in now.items():
            order = tables.orders[at]
            if order.instrument in model.backed and before.get(at) != state and not marked and not order.flags:
                model.margining[order.account, order.instrument] = Margining(
                    steps=tables.positions[order.position].risk_steps
                )
                assert order.margin_minor == model.cost_to_rest(order_of(order), order.leaves_quantity)
                compared += 1
        before = now
        for account in bourse.traders:
            for at in reading.positions_of(tables, account):
                row, number = tables.positions[at], tables.positions[at].instrument
                if number not in model.backed:
                    continue
                held, mode = Position(row.quantity, row.cost_minor), Margining(steps=row.risk_steps)
                found = reading.position_figures(tables, at)
                assert found.margin_minor == model.own_margin(number, mode, held)
                assert found.maintenance_minor == model.maintenance(number, mode, held)
                kept = model.held_back(number, mode, held)
                assert found.margin_minor + found.loss_held_minor == kept
                sides = resting(Side.BUY, row), resting(Side.SELL, row)
                assert found.order_margin_minor == model.of_orders(model.terms[number], row.quantity, *sides, True)
                compared += 1
        for event in events:
            if event.head.kind == EventKind.FILL and event.record.instrument in model.backed:
                record, terms = event.record, model.terms[event.record.instrument]
                given = model.backed[record.instrument], record.quantity, record.value_minor
                if not record.maker_hidden:
                    assert record.taker_fee_minor == backing_model.fee(terms, *given, terms.taker)
                    assert record.maker_fee_minor == backing_model.fee(terms, *given, terms.maker)
                    compared += 1
    assert compared > 500


def test_a_rate_that_errs_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backing_model, "kept_lot", lambda *given: 0)
    with pytest.raises(AssertionError):
        test_margins_are_the_models(11)
