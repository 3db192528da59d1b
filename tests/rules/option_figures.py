"""How the figures of options and of fully collateralised contracts are computed: by the rules, on rows made by hand."""

from collections.abc import Callable
from typing import Any

from outcry.engine import limits
from outcry.protocol.layout import (
    FaultRow,
    InstrumentRow,
    InstrumentType,
    MarginMethod,
    MarkMethod,
    PositionRow,
    Side,
    Valuation,
)
from outcry.rules import backing, fees, margin, options, value

Figures = dict[str, Any]


def option_row(given: Figures) -> InstrumentRow:
    """An option on one bitcoin priced in cents, premium in bitcoin, a sub-tick of 0.00001."""
    row = InstrumentRow(
        instrument_type=InstrumentType.PUT if given.get("kind") == "put" else InstrumentType.CALL,
        valuation=Valuation.LINEAR,
        margin_method=MarginMethod.BY_PREMIUM,
        mark_method=MarkMethod.MARK_MODEL,
        lot=1,
        tick_units=1,
        subticks_per_tick=10,
        price_ticks_max=100_000,
        multiplier_minor=given.get("multiplier_minor", 10**8),
        value_numerator=given.get("multiplier_minor", 10**8),
        value_denominator=10**5,
        index_numerator=10**5,
        index_denominator=100,
        initial_margin_ppm=150_000,
        floor_margin_ppm=100_000,
        maintenance_margin_ppm=75_000,
        strike_units=given.get("strike_units", 0),
        margin_units=given.get("margin_units", 0),
        mark_subticks=given.get("mark_subticks", 0),
        taker_fee_ppm=given.get("taker_fee_ppm", 0),
        fee_cap_ppm=given.get("fee_cap_ppm", 125_000),
        band_ppm=given.get("band_ppm", 0),
    )
    row.underlying_lot_minor = backing.underlying_lot_of(row, row.margin_units)
    row.mark_lot_minor = value.lot_value_minor(row, row.mark_subticks, FaultRow())
    return row


def opt_02(given: Figures) -> Figures:
    row, forward = option_row(given), given["forward_units"]
    return {
        "least_subticks": options.payoff_subticks(row, forward),
        "most_subticks": options.highest_subticks(row, forward),
    }


def opt_03(given: Figures) -> Figures:
    row, fault, held = option_row(given), FaultRow(), given["quantity"]
    initial = margin.position_initial_minor(row, 0, held, -1, 0, fault)
    maintenance = margin.maintenance_minor(row, 0, held, -1, 0, fault)
    mark = -value.signed_value_minor(row, held, row.mark_lot_minor)
    return {
        "underlying_minor": backing.exposure_minor(row, held),
        "out_of_money_minor": backing.out_of_money_lot_minor(row, fault),
        "initial_minor": initial,
        "maintenance_minor": maintenance,
        "initial_and_mark_minor": initial + mark,
        "maintenance_and_mark_minor": maintenance + mark,
    }


def opt_04(given: Figures) -> Figures:
    row, fault = option_row(given), FaultRow()
    uncapped = fees.fee_minor(row.underlying_lot_minor, row.taker_fee_ppm, fault)
    fee = fees.commission_minor(row, 1, given["value_minor"], row.taker_fee_ppm, fault)
    return {"fee_minor": fee, "uncapped_minor": uncapped}


def opt_05(given: Figures) -> Figures:
    row, fault = option_row(given), FaultRow()
    mark = row.mark_subticks // row.subticks_per_tick
    return {
        "lowest_ticks": max(1, limits.lower_edge_ticks(row, mark, fault)),
        "highest_ticks": limits.upper_edge_ticks(row, mark, fault),
    }


def collateral_row(given: Figures) -> InstrumentRow:
    """A contract worth so many minor units as its price says."""
    return InstrumentRow(
        valuation=Valuation.LINEAR,
        margin_method=MarginMethod.BY_COLLATERAL,
        lot=1,
        value_numerator=1,
        value_denominator=1,
        subticks_per_tick=1,
        price_ticks_max=given["highest"],
        highest_lot_minor=given["highest"],
    )


def col_01(given: Figures) -> Figures:
    row, fault = collateral_row(given), FaultRow()
    cost = given["quantity"] * given["price"]
    return {
        "long_minor": margin.position_margin_minor(row, 0, given["quantity"], cost, 0, fault),
        "short_minor": margin.position_margin_minor(row, 0, -given["quantity"], -cost, 0, fault),
    }


def col_02(given: Figures) -> Figures:
    row, fault, position = collateral_row(given), FaultRow(), PositionRow()
    for name, side in (("buy", Side.BUY), ("sell", Side.SELL)):
        quantity, price = given[f"{name}_quantity"], given[f"{name}_price"]
        needed = backing.backing_order_minor(row, 0, side, quantity, quantity * price, fault)
        setattr(position, f"{name}_quantity", quantity)
        setattr(position, f"{name}_margin_minor", needed)
        setattr(position, f"{name}_dearest_minor", -(-needed // quantity))
    return {
        "sell_margin_minor": position.sell_margin_minor,
        "buy_margin_minor": position.buy_margin_minor,
        "orders_margin_minor": margin.open_orders_minor(row, position, given["held"]),
    }


OPTIONED: dict[str, Callable[[Figures], Figures]] = {
    "OPT-02": opt_02,
    "OPT-03": opt_03,
    "OPT-04": opt_04,
    "OPT-05": opt_05,
    "COL-01": col_01,
    "COL-02": col_02,
}
