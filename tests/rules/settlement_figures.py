"""What the worked figures of docs/rules/settlement.md say, computed by the rules; test_figures reads them."""

from decimal import Decimal
from typing import Any

from outcry.protocol import wire
from outcry.protocol.layout import FaultRow, InstrumentRow, InstrumentType, Valuation
from outcry.rules import settlement, value

Figures = dict[str, Any]
SUBTICK = Decimal("0.0001")
CENTS = 100
"""Units of the index in one of its quote."""


def set_01(given: Figures) -> Figures:
    return {"average_units": settlement.mean_units(sum(given["values"]), len(given["values"]))}


def option(given: Figures) -> InstrumentRow:
    """An option with ticks of 0.0005 and sub-ticks of 0.0001, on an index with two decimals."""
    row = InstrumentRow(price_ticks_max=10**7, subticks_per_tick=5, tick_units=5, price_decimals=4)
    row.instrument_type = {"call": InstrumentType.CALL, "put": InstrumentType.PUT}[given["type"]]
    row.strike_units = int(Decimal(given["strike"]) * CENTS)
    row.index_numerator, row.index_denominator = 10**4 * 5, 5 * CENTS
    wire.put_text(row.underlying, "XBT")
    wire.put_text(row.quote, "XBT" if given["in_underlying"] else "USD")
    return row


def set_02(given: Figures) -> Figures:
    row, count = option(given), given.get("contracts", 1)
    price = settlement.settlement_subticks(row, int(Decimal(given["average"]) * CENTS)) * SUBTICK
    gain = count * (price - Decimal(given.get("premium", "0")))
    return {"price": f"{price:.4f}", "buyer": f"{gain:.4f}", "seller": f"{-gain:.4f}"}


def set_03(given: Figures) -> Figures:
    if "lots" in given:
        return {"lots_paid": settlement.lots_paid(given["fund_minor"], given["loss_minor"], given["lots"])}
    row = InstrumentRow(lot=1, valuation=Valuation.LINEAR)
    row.value_numerator, row.value_denominator = given["multiplier_minor"], 100
    found = {}
    for name, price in (("highest", int(Decimal(given["highest"]) * 100)), ("zero", 0)):
        lot_minor = value.lot_value_minor(row, price, FaultRow()) if price else 0
        for side, sign in (("long", 1), ("short", -1)):
            quantity = sign * given["quantity"]
            cost = value.signed_value_minor(row, quantity, value.lot_value_minor(row, entry_of(given), FaultRow()))
            found[f"{side}_at_{name}_minor"] = value.signed_value_minor(row, quantity, lot_minor) - cost
    return found


def entry_of(given: Figures) -> int:
    return int(Decimal(given["entry"]) * 100)


SETTLED = {"SET-01": set_01, "SET-02": set_02, "SET-03": set_03}
