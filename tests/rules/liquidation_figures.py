"""What the figures of tiers, maintenance and liquidation are worked out with."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from outcry.protocol.layout import FaultRow, InstrumentRow, Side, Valuation
from outcry.rules import fees, liquidation, margin, value

Figures = dict[str, Any]
CENTS = 100


def terms(given: Figures) -> InstrumentRow:
    """A row with the figure's terms; prices in cents."""
    row = InstrumentRow()
    inverse = given.get("valuation", "inverse") == "inverse"
    row.valuation = Valuation.INVERSE if inverse else Valuation.LINEAR
    row.lot = given.get("lot", 1)
    row.value_numerator = row.lot * given.get("multiplier_minor", 1) * (CENTS if inverse else 1)
    row.value_denominator = 1 if inverse else CENTS
    row.price_ticks_max = 2**29
    row.subticks_per_tick = int(Decimal(given.get("tick", "0.01")) * CENTS)
    row.initial_margin_ppm = given.get("initial_margin_ppm", 0)
    row.maintenance_margin_ppm = given.get("maintenance_margin_ppm", 0)
    row.taker_fee_ppm = given.get("taker_fee_ppm", 0)
    row.funding_rate_ppb = given.get("funding_rate_ppb", 0)
    row.risk_limit_minor = given.get("base_minor", 0)
    row.risk_step_minor = given.get("step_minor", 0)
    return row


def money(cents: int) -> str:
    return f"{Decimal(cents) / CENTS:.2f}"


def worth(row: InstrumentRow, quantity: int, cents: int) -> int:
    return value.signed_value_minor(row, quantity, value.lot_value_minor(row, cents, FaultRow()))


def mrg_09(given: Figures) -> Figures:
    row = terms(given)
    steps = margin.steps_needed(row, given["risk_value_minor"])
    return {
        "steps": steps,
        "initial_ppm": margin.initial_ppm(row, steps),
        "maintenance_ppm": margin.maintenance_ppm(row, steps),
        "maintenance_of_value_minor": margin.maintenance_minor(row, steps, 0, given["risk_value_minor"], 0, FaultRow()),
    }


def mrg_10(given: Figures) -> Figures:
    row = terms(given)
    return {
        "adverse_ppb": margin.adverse_ppb(row.funding_rate_ppb, given["quantity"] > 0),
        "maintenance_minor": margin.maintenance_minor(
            row, 0, 0, given["cost_minor"], given["leverage_centi"], FaultRow()
        ),
    }


def mrg_11(given: Figures) -> Figures:
    row, cost, fault = terms(given), given["cost_minor"], FaultRow()
    own = margin.position_margin_minor(row, 0, 0, cost, given["leverage_centi"], fault)
    own -= fees.fee_minor(cost, row.taker_fee_ppm, fault)
    upkeep = margin.maintenance_minor(row, 0, 0, cost, given["leverage_centi"], fault)
    return {"own_margin_minor": own, "maintenance_minor": upkeep, "refused": own <= upkeep}


def liq_01(given: Figures) -> Figures:
    row, quantity, cost = terms(given), given["quantity"], given["cost_minor"]
    least = cost - given["own_margin_minor"] + given["maintenance_minor"]
    first = liquidation.passed_subticks(row, quantity, least)
    before = first + 1 if quantity > 0 else first - 1
    assert worth(row, quantity, first) <= least < worth(row, quantity, before)
    return {
        "fails_at_value_minor": least,
        "value_at_price": money(liquidation.price_subticks(row, quantity, least, False)),
        "fails_from": money(first),
        "passes_at": money(before),
    }


def liq_02(given: Figures) -> Figures:
    row = terms(given)
    steps = margin.steps_needed(row, given["risk_value_minor"])
    assert steps < given["steps"]
    return {"steps_after": steps, "limit_after_minor": margin.limit_minor(row, steps)}


def liq_04(given: Figures) -> Figures:
    row = terms(given)
    lot = value.lot_value_minor(row, int(Decimal(given["mark"]) * CENTS), FaultRow())
    limit = margin.limit_minor(row, given["steps"] - 1)
    kept = liquidation.kept_quantity(row, limit, lot)
    return {"limit_below_minor": limit, "kept_quantity": kept, "closed_quantity": given["quantity"] - kept}


def liq_05(given: Figures) -> Figures:
    if "equity_minor" in given:
        share = liquidation.share_minor(
            given["equity_minor"], given["maintenance_minor"], given["maintenance_of_all_minor"], FaultRow()
        )
        reserve = liquidation.reserve_minor(given["closing_fee_minor"], share)
        return {
            "share_minor": share,
            "bankrupt_minor": liquidation.bankrupt_minor(given["value_minor"], share, reserve),
        }
    row, own = terms(given), given["own_margin_minor"]
    reserve = liquidation.reserve_minor(given["closing_fee_minor"], own)
    bankrupt = liquidation.bankrupt_minor(given["cost_minor"], max(0, own), reserve)
    return {
        "reserve_minor": reserve,
        "bankrupt_minor": bankrupt,
        "owner_loses_minor": given["cost_minor"] - bankrupt + reserve,
        "price": money(liquidation.price_subticks(row, given["quantity"], bankrupt, False)),
    }


def ord_13(given: Figures) -> Figures:
    row, mark = terms(given), int(Decimal(given["mark"]) * CENTS)
    found = {}
    for name, side in (("buys_up_to", Side.BUY), ("sells_down_to", Side.SELL)):
        quantity = given["quantity"] if side == Side.BUY else -given["quantity"]
        edge = worth(row, quantity, mark) + given["budget_minor"]
        price = liquidation.price_subticks(row, quantity, edge, side == Side.SELL)
        found[name] = f"{Decimal(price) / CENTS:.1f}"
    return found


LIQUIDATED: dict[str, Callable[[Figures], Figures]] = {
    "MRG-09": mrg_09,
    "MRG-10": mrg_10,
    "MRG-11": mrg_11,
    "LIQ-01": liq_01,
    "LIQ-02": liq_02,
    "LIQ-04": liq_04,
    "LIQ-05": liq_05,
    "ORD-13": ord_13,
}
