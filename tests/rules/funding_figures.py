"""What the worked figures of funding's exchange, break-even and fee tiers say, computed by the rules.

They stand in docs/rules/funding.md and positions.md (FND-04 to FND-06, PNL-05, FEE-02 to FEE-04); test_figures reads
them.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from outcry.protocol import layout
from outcry.protocol.layout import FaultRow, InstrumentRow, Valuation
from outcry.rules import closing, fees, position, stamps

Figures = dict[str, Any]
HOUR_NS = 3600 * 10**9


def at_ns(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp()) * 10**9


def moment(at: int) -> str:
    return datetime.fromtimestamp(at // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pays(quantity: int, given: Figures) -> int:
    row = InstrumentRow(lot=1)
    return stamps.payment_minor(row, quantity, given["lot_minor"], given["rate_ppb"], FaultRow())


def fnd_04(given: Figures) -> Figures:
    lots = given["lots"]
    return {"long_pays_minor": pays(lots, given), "short_pays_minor": pays(-lots, given)}


def fnd_05(given: Figures) -> Figures:
    assert sum(given["quantities"]) == 0
    paid = [pays(quantity, given) for quantity in given["quantities"]]
    return {"paid_minor": paid, "remainder_minor": sum(paid)}


def fnd_06(given: Figures) -> Figures:
    interval, offset = given["interval_hours"] * HOUR_NS, given["offset_hours"] * HOUR_NS
    first, following = at_ns(given["next_funding"]), stamps.stamp_after_ns(at_ns(given["resumed"]), interval, offset)
    return {
        "stamps": (following - first) // interval,
        "first": moment(first),
        "last": moment(following - interval),
        "next": moment(following),
    }


def pnl_05(given: Figures) -> Figures:
    """The price through the instrument's own ticks, ten sub-ticks each."""
    row = InstrumentRow(lot=given["lot"], subticks_per_tick=10, price_ticks_max=10**8)
    row.valuation = {"inverse": Valuation.INVERSE, "linear": Valuation.LINEAR}[given["valuation"]]
    tick = Decimal(given["tick"])
    worth = given["lot"] * given["multiplier_minor"]
    if row.valuation == Valuation.INVERSE:
        row.value_numerator, row.value_denominator = int(worth * 10 / tick), 1
    else:
        row.value_numerator, row.value_denominator = worth, int(10 / tick)
    even = position.break_even_minor(
        given["cost_minor"], given["realised_minor"], given["fees_minor"], given["taker_fee_ppm"], FaultRow()
    )
    ticks = closing.closing_ticks(row, given["quantity"], even) if even else 0
    return {"value_minor": even, "price": str(ticks * tick)}


def listed(given: Figures) -> InstrumentRow:
    return InstrumentRow(taker_fee_ppm=given["taker_fee_ppm"], maker_fee_ppm=given["maker_fee_ppm"])


def fee_02(given: Figures) -> Figures:
    row, fault = listed(given), FaultRow()
    tiers = range(layout.FEE_TIERS)
    return {
        "lowest_taker_ppm": min(fees.taker_ppm(row, tier, fault) for tier in tiers),
        "lowest_maker_ppm": min(fees.maker_ppm(row, tier, fault) for tier in tiers),
    }


def fee_03(given: Figures) -> Figures:
    if "value_minor" in given:
        whole = 10 ** (given["scale"] + given["index_decimals"])
        return {"cents": fees.cents_of(given["value_minor"], given["index_units"], whole)}
    row, fault, tier = listed(given), FaultRow(), fees.tier_of(given["volume_cents"])
    return {"tier": tier, "taker_ppm": fees.taker_ppm(row, tier, fault), "maker_ppm": fees.maker_ppm(row, tier, fault)}


def fee_04(given: Figures) -> Figures:
    row = InstrumentRow(settlement_fee_ppm=given["settlement_fee_ppm"])
    return {"fee_minor": fees.settlement_fee_minor(row, given["value_minor"], FaultRow())}


FUNDED = {
    "FND-04": fnd_04,
    "FND-05": fnd_05,
    "FND-06": fnd_06,
    "PNL-05": pnl_05,
    "FEE-02": fee_02,
    "FEE-03": fee_03,
    "FEE-04": fee_04,
}
