"""The table of bounds of docs/rules/bounds.md, derived: the largest magnitude of every product from what is admitted.

`FIELDS` says for every number of a command what is admitted and what is refused with which code; `products()` computes
from those limits the largest magnitude of every intermediate product and of every number that is kept, in exact
arithmetic, beside the bound it must stay below.  `page()` is the document; `python -m tests.laws.bounds` writes it.
"""

from pathlib import Path
from typing import NamedTuple

from outcry.protocol.layout import (
    AMOUNT_BOUND,
    DEAD_MAN_NS_MAX,
    I64_MAX,
    MINUTE_NS,
    ORDERS_PER_ACCOUNT,
    PPB,
    PPM,
    PREMIUM_TIMES,
    PRICE_TICKS_BOUND,
    QUANTITY_BOUND,
    SUBTICKS_BOUND,
    TOTAL_BOUND,
    WORK_UNITS_MAX,
    YEAR_MINUTES,
)

PAGE = Path(__file__).parents[2] / "docs" / "rules" / "bounds.md"
WIDE = 2**127
"""What 128 bits hold."""
SUBTICKS_MAX = 1_000
LEVERAGE_MIN_CENTI = 1


class Limits(NamedTuple):
    """What is admitted of a number, the refusal of anything else, and numbers at whose edges to try."""

    admitted: str
    refusal: str
    edges: tuple[int, ...] = ()


NUMBERED = Limits("a number that was given", "the name of what is unknown")
ORDER = Limits("any; an order of the account", "ORDER_UNKNOWN, ORDER_ENDED")
AMOUNT = Limits("1 to 2^53 - 1, and the wallet stays below 2^53", "AMOUNT_INVALID", (AMOUNT_BOUND,))
ANY = Limits("any; it is only kept", "")
FIELDS: dict[str, Limits] = {
    "account": NUMBERED,
    "to_account": NUMBERED,
    "instrument": NUMBERED,
    "currency": NUMBERED,
    "index": NUMBERED,
    "constituent": NUMBERED,
    "order_id": ORDER,
    "side": Limits("1, 2; 0 for both where all are cancelled", "PARAMETER_INVALID", (2,)),
    "order_type": Limits("1 to 7", "ORDER_TYPE_WITHOUT_RULE", (2, 7)),
    "time_in_force": Limits("1 to 4", "ORDER_TYPE_WITHOUT_RULE", (4,)),
    "flags": Limits("0 to 31, as the type allows", "ORDER_TYPE_WITHOUT_RULE, PEG_INVALID", (7, 31)),
    "quantity": Limits(
        "whole lots, up to the instrument's maximum, below 2^31", "QUANTITY_INVALID, VALUE_TOO_LARGE", (10**9, 2**31)
    ),
    "leaves_quantity": Limits("-1, or 0 to 2^31 - 1", "PARAMETER_INVALID, QUANTITY_INVALID", (10**9, 2**31)),
    "price_ticks": Limits("1 to the instrument's maximum, below 2^30", "PRICE_INVALID", (10**7, 2**30)),
    "display_quantity": Limits("-1, or whole lots up to the quantity", "DISPLAY_INVALID", (100,)),
    "self_trade": Limits("1 to 3; 0 too in an order", "PARAMETER_INVALID", (3,)),
    "trigger_subticks": Limits("1 to below 2^30, as the type wants it", "TRIGGER_INVALID", (SUBTICKS_BOUND,)),
    "peg_offset_subticks": Limits("whole ticks, above -2^30, below 2^30", "PEG_INVALID", (SUBTICKS_BOUND,)),
    "trigger_reference": Limits("0 to 3, as the type wants it", "TRIGGER_INVALID", (3,)),
    "peg_kind": Limits("0 to 3, as the type wants it", "PEG_INVALID", (3,)),
    "contingency": Limits("0 to 2, with a group", "LINK_INVALID", (2,)),
    "lowest_ticks": Limits("0 to the instrument's maximum and the highest", "PARAMETER_INVALID", (10**7,)),
    "highest_ticks": Limits("0, or the lowest to the instrument's maximum", "PARAMETER_INVALID", (10**7,)),
    "cause": Limits("0 to 5", "PARAMETER_INVALID", (5,)),
    "until_ns": Limits("0, or to come", "PARAMETER_INVALID"),
    "next_state": Limits("0, or a state where an end is said", "PARAMETER_INVALID", (10,)),
    "timeout_ns": Limits("0 to a week", "PARAMETER_INVALID", (DEAD_MAN_NS_MAX,)),
    "leverage_centi": Limits("0 to one over the initial rate", "LEVERAGE_INVALID", (25_000,)),
    "isolated": Limits("0, 1", "PARAMETER_INVALID", (1,)),
    "amount_minor": AMOUNT,
    "risk_limit_minor": Limits(
        "1 to 2^53 - 1; chosen, the base limit and whole steps",
        "PARAMETER_INVALID, RISK_LIMIT_INVALID",
        (AMOUNT_BOUND, 200 * 10**8, 350 * 10**8),
    ),
    "state": Limits("the states there are", "PARAMETER_INVALID", (3, 4)),
    "output_index": Limits("any; with the reference it names the outpoint", ""),
    "settled": Limits("0, 1", "PARAMETER_INVALID", (1,)),
    "price_units": Limits("1 to 2^53 - 1", "PARAMETER_INVALID", (AMOUNT_BOUND,)),
    "scale": Limits("0 to 18", "PARAMETER_INVALID", (18,)),
    "decimals": Limits("0 to 12", "PARAMETER_INVALID", (12,)),
    "tolerance_ppm": Limits("0 to 10^6", "PARAMETER_INVALID", (PPM,)),
    "weight_ppm": Limits("1 to 10^6; 0 too where it is to follow", "PARAMETER_INVALID", (PPM,)),
    "instrument_type": Limits("1 to 6", "PARAMETER_INVALID", (2, 6)),
    "valuation": Limits("1 to 3", "PARAMETER_INVALID", (3,)),
    "price_decimals": Limits("0 to 12", "PARAMETER_INVALID", (12,)),
    "tick_units": Limits("1 to 2^30 - 1", "PARAMETER_INVALID", (PRICE_TICKS_BOUND,)),
    "subticks_per_tick": Limits("1 to 1,000", "PARAMETER_INVALID", (SUBTICKS_MAX,)),
    "lot": Limits("1 to 2^31 - 1, at most the largest order", "PARAMETER_INVALID", (QUANTITY_BOUND,)),
    "multiplier_minor": Limits("1 to 2^53 - 1, a lot's value below 2^53", "PARAMETER_INVALID", (AMOUNT_BOUND,)),
    "contracts_per_underlying": Limits("0 to 2^53 - 1", "PARAMETER_INVALID", (AMOUNT_BOUND,)),
    "quantity_max": Limits("a lot to 2^31 - 1", "PARAMETER_INVALID", (QUANTITY_BOUND,)),
    "price_ticks_max": Limits("1 to 2^30 - 1, in sub-ticks below 2^30", "PARAMETER_INVALID", (SUBTICKS_BOUND // 10,)),
    "initial_margin_ppm": Limits("1 to 10^6", "PARAMETER_INVALID", (PPM,)),
    "maintenance_margin_ppm": Limits("0 to the initial rate", "PARAMETER_INVALID", (4_000,)),
    "mark_method": Limits("1 to 5, as the type allows", "PARAMETER_INVALID", (2, 5)),
    "deleverage_policy": Limits("1 to 3", "PARAMETER_INVALID", (3,)),
    "usd_index": Limits("0, or a number that was given", "INDEX_UNKNOWN", (1, 2)),
    "impact_notional_minor": Limits("0 to 2^53 - 1", "PARAMETER_INVALID", (AMOUNT_BOUND,)),
    "interest_quote_ppb": Limits("above -10^9, below 10^9", "PARAMETER_INVALID", (PPB,)),
    "interest_base_ppb": Limits("above -10^9, below 10^9", "PARAMETER_INVALID", (PPB,)),
    "risk_step_minor": Limits("0 to 2^53 - 1", "PARAMETER_INVALID", (AMOUNT_BOUND,)),
    "maker_fee_ppm": Limits("minus the taker's to the taker's", "PARAMETER_INVALID", (500,)),
    "taker_fee_ppm": Limits("0 to 10^6 - 1", "PARAMETER_INVALID", (PPM,)),
    "settlement_fee_ppm": Limits("0 to 10^6 - 1", "PARAMETER_INVALID", (PPM,)),
    "funding_rate_ppb": Limits("above -10^9, below 10^9", "PARAMETER_INVALID", (PPB,)),
    "funding_interval_ns": Limits("whole minutes, 0 to 2^53 - 1", "PARAMETER_INVALID", (AMOUNT_BOUND, MINUTE_NS)),
    "funding_offset_ns": Limits("whole minutes, 0 to the interval", "PARAMETER_INVALID", (8 * 3600 * 10**9,)),
    "expiry_ns": Limits("0 for perpetuals, else whole minutes and to come", "PARAMETER_INVALID"),
    "strike_units": Limits("0 but for options; there 1 to 2^53 - 1", "PARAMETER_INVALID", (AMOUNT_BOUND,)),
    "floor_margin_ppm": Limits(
        "0 but for options; there maintenance to initial rate", "PARAMETER_INVALID", (75_000, 150_000)
    ),
    "fee_cap_ppm": Limits("0 but for options; there 1 to 10^6", "PARAMETER_INVALID", (PPM,)),
    "mark_subticks": Limits("1 to below 2^30, as the forward allows", "MODEL_MARK_INVALID", (SUBTICKS_BOUND,)),
    "forward_units": Limits("half to twice the index, below 2^53", "MODEL_INVALID", (AMOUNT_BOUND,)),
    "volatility_ppm": Limits("0 to 10^8", "MODEL_INVALID", (100 * PPM,)),
    "delta_ppm": Limits("0 to 10^6 of a call, minus that to 0 of a put", "MODEL_INVALID", (PPM,)),
    "gamma_ppb": Limits("0 to 2^53 - 1", "MODEL_INVALID", (AMOUNT_BOUND,)),
    "vega_ppm": Limits("0 to 2^53 - 1", "MODEL_INVALID", (AMOUNT_BOUND,)),
    "theta_ppm": Limits("above -2^53, below 2^53", "MODEL_INVALID", (AMOUNT_BOUND,)),
    "seen_ns": Limits("the last one to now", "MODEL_INVALID"),
    "opening_subticks": Limits("0 with an index, else up to the highest price", "PARAMETER_INVALID", (SUBTICKS_BOUND,)),
    "hourly_band_ppm": Limits("0 to 10^6 - 1, as the type allows", "PARAMETER_INVALID", (PPM,)),
    "near_instrument": Limits("0 but for spreads", "PARAMETER_INVALID", (1,)),
    "far_instrument": Limits("0 but for spreads", "PARAMETER_INVALID", (1,)),
    "origin_ticks": Limits("0 but for spreads", "PARAMETER_INVALID", (1,)),
    "dispute_ns": Limits("0 but for predictions; there to 2^53 - 1", "PARAMETER_INVALID", (AMOUNT_BOUND,)),
    "bond_minor": Limits("0 but for predictions; there to 2^53 - 1", "PARAMETER_INVALID", (AMOUNT_BOUND,)),
    "outcome_subticks": Limits("0 to the highest price; 0 if void", "PARAMETER_INVALID", (100_000,)),
    "voided": Limits("0, 1", "PARAMETER_INVALID", (1,)),
    "price_subticks": Limits("1 to the instrument's maximum, of an option from 0", "PARAMETER_INVALID"),
    "opens_ns": Limits("0 or more, before the expiry", "PARAMETER_INVALID"),
    "units_max": Limits("1 to 4,096", "PARAMETER_INVALID", (WORK_UNITS_MAX,)),
    "paused_ns": Limits("0 or more", "PARAMETER_INVALID"),
    "at_sequence": Limits("after the last root, before this entry", "PARAMETER_INVALID"),
    "binary": Limits("0, 1", "PARAMETER_INVALID", (1,)),
    "band_ppm": Limits("0 to 10^6 - 1", "PARAMETER_INVALID", (PPM,)),
    "small_order_minor": Limits("0 to 2^53 - 1", "PARAMETER_INVALID", (AMOUNT_BOUND,)),
    "orders_max": Limits("0 or more", "PARAMETER_INVALID"),
    "stops_max": Limits("0 or more", "PARAMETER_INVALID"),
    "rules_version": Limits("a later one", "PARAMETER_INVALID"),
    "table": Limits("a table that may grow", "PARAMETER_INVALID", tuple(range(0, 36, 3))),
    "rows": Limits(
        "more than there are, to 2^24 + 1; 2^k + 1 where there is an index", "PARAMETER_INVALID", (4_097, 8_193, 16_385)
    ),
}
"""Every number of a command by its name; where a kind of command has no rule yet all of it is refused."""


class Product(NamedTuple):
    """A number the engine computes: from what, its largest magnitude, what it stays below, and what sees to it."""

    name: str
    formula: str
    largest: int
    below: int
    kept_by: str


def products() -> list[Product]:
    """In the order of the computation; each uses the largest of those before it."""
    quantity = QUANTITY_BOUND - 1
    subticks = SUBTICKS_BOUND - 1
    value, total = AMOUNT_BOUND - 1, TOTAL_BOUND
    lot_value = AMOUNT_BOUND
    initial = -(-value * 100 // LEVERAGE_MIN_CENTI)
    fee = value
    closing = value + initial
    order_cost = initial + fee + closing
    premium = PREMIUM_TIMES * value
    side = order_cost + premium + 3 * ORDERS_PER_ACCOUNT
    minutes = AMOUNT_BOUND // MINUTE_NS
    loss = total + value
    own = 2 * AMOUNT_BOUND
    held = max(order_cost + own, loss + order_cost)
    required = total
    weights = 512 * PPM
    to_expiry = I64_MAX // MINUTE_NS
    sample = 2 * PPB
    rows = [
        ("price in sub-ticks", "ticks * sub-ticks a tick", subticks, SUBTICKS_BOUND, "ORD-05, LST-01"),
        ("index in sub-ticks", "index * numerator / denominator", total, TOTAL_BOUND + 1, "held at 2^62; MRK-02"),
        ("weighted prices", "sum of weight * price", weights * (AMOUNT_BOUND - 1), WIDE, "IDX-01, 128 bits"),
        ("distance, product", "distance * 10^6 * 2", 2 * PPM * (AMOUNT_BOUND - 1), WIDE, "IDX-03, 128 bits"),
        ("impact price, product", "sum of value * price", value * subticks, WIDE, "MRK-03, 128 bits"),
        ("fair basis", "distance * 100 * year / time left", total, TOTAL_BOUND + 1, "held at 2^62; MRK-02"),
        ("fair basis, product", "distance * 100 * minutes of a year", 400 * subticks * YEAR_MINUTES, WIDE, "128 bits"),
        ("carry, product", "basis * index * minutes left", total * 2 * subticks * to_expiry, WIDE, "128 bits"),
        ("premium of a sample", "distance * 10^9 / index + rate", sample, 2**31, "held at one whole; LST-01"),
        ("premium of a sample, product", "distance * 10^9", 2 * subticks * PPB, WIDE, "128 bits"),
        ("premiums of a period", "sum of samples", sample * minutes, 2**63, "LST-01"),
        ("interest, product", "difference * interval", 2 * PPB * AMOUNT_BOUND, WIDE, "128 bits"),
        ("basis, product", "index * rate * minutes", 2 * subticks * PPB * minutes, WIDE, "128 bits"),
        ("basis, divisor", "10^9 * minutes of an interval", PPB * minutes, I64_MAX, "LST-01"),
        ("value of a lot", "numerator / price, price * numerator / denominator", lot_value, 2**53 + 1, "LST-01"),
        ("value of a lot, product", "price * numerator", subticks * I64_MAX, WIDE, "LST-01, 128 bits"),
        ("value of a quantity", "lots * value of a lot", total, TOTAL_BOUND + 1, "held at 2^62"),
        ("value of a quantity, product", "lots * value of a lot", quantity * lot_value, WIDE, "128 bits"),
        ("an order's value", "at its price or the mark", value, AMOUNT_BOUND, "ORD-06"),
        ("a position's cost and orders", "cost + values", value, AMOUNT_BOUND, "ORD-06"),
        ("initial margin", "value / leverage", initial, 2**60, "ORD-06, MRG-04"),
        ("a fee", "value * rate / 10^6", fee, AMOUNT_BOUND, "LST-01"),
        ("a funding payment", "value * rate / 10^9, up", total, TOTAL_BOUND + 1, "FND-04: the rate is below one"),
        ("a funding payment, product", "value * rate", total * PPB, WIDE, "128 bits"),
        ("an epoch's pot", "sum of payments", TOTAL_BOUND - 1, TOTAL_BOUND, "else the venue halts"),
        ("volume of a fill, product", "100 * units of the index * value", 100 * AMOUNT_BOUND * value, WIDE, "128 bits"),
        ("volume of a day, of 30 days", "sum of cents", TOTAL_BOUND, TOTAL_BOUND + 1, "held at 2^62"),
        ("cents, divisor", "10^(scale + decimals)", 10**18, I64_MAX, "LST-01"),
        ("break-even, product", "(cost + fees - realised) * 10^6", 2**63 * PPM, WIDE, "128 bits"),
        ("a rate's product", "(value + initial margin) * 10^6", closing * PPM, WIDE, "128 bits"),
        ("closing fee", "(value + initial margin) * rate / 10^6", closing, 2**60, "LST-01"),
        ("maintenance", "cost * (rate + adverse funding) + closing fee", 2 * value + closing, 2**60, "MRG-09, LST-01"),
        ("maintenance, product", "cost * (rate + funding) in ppb", value * 2 * PPB, WIDE, "128 bits"),
        ("funding payment, product", "value * rate in ppb", total * PPB, WIDE, "128 bits"),
        ("share of an equity, product", "equity * maintenance", total // 2 * (total // 2), WIDE, "LIQ-05, 128 bits"),
        ("score, product", "profit * leverage", total * total, WIDE, "ADL-01, each held at 2^62"),
        ("in proportion, product", "contracts * need", total * total, WIDE, "ADL-03, 128 bits"),
        ("share of what is hidden, product", "lots * wanted", quantity * quantity, WIDE, "ORD-20, 128 bits"),
        ("premium of an option, product", "units * numerator", AMOUNT_BOUND * I64_MAX, WIDE, "OPT-02, 128 bits"),
        ("premium of an option, divisor", "forward * units of a tick", AMOUNT_BOUND * 2**30, WIDE, "OPT-02, 128 bits"),
        ("underlying of a lot, product", "sub-ticks * numerator", total * I64_MAX, WIDE, "OPT-03, 128 bits"),
        ("underlying of a lot", "at the price it is margined by", value, AMOUNT_BOUND, "OPT-01, OPT-02"),
        ("out of the money, product", "underlying * distance", value * AMOUNT_BOUND, WIDE, "OPT-03, 128 bits"),
        ("backing of a position", "lots * margin + lots * closing fee", 2 * (total // 8), 2**61, "each held at 2^59"),
        ("backing of an order", "lots * (value + margin + fees)", total // 8, 2**60, "held at 2^59"),
        ("order cost", "initial margin + fees", order_cost, 2**61, "the three above"),
        ("part of a cost, product", "cost * part", value * quantity, WIDE, "128 bits"),
        ("dearest lot, product", "margin * lot", side * quantity, WIDE, "128 bits"),
        ("premium", "value at the limit less value at the mark", premium, 2**60, "held at 128 values, MRG-08"),
        ("margin of a side's orders", "order costs + premiums", side, 2**62, "ORD-06: the values together"),
        ("margin of both sides", "sides of a draft together", 3 * side, I64_MAX, "the one above"),
        ("margin moved in", "sum of what is moved", value, AMOUNT_BOUND, "MRG-07"),
        ("unrealised loss", "value at the mark less cost", loss, I64_MAX, "held at 2^62"),
        ("held back for a position", "margin, own margin, loss", held, I64_MAX, "the ones above"),
        ("requirement of a position", "held back + orders", required, TOTAL_BOUND + 1, "held at 2^62, 128 bits"),
        ("a wallet", "what came in and was realised", total - 1, TOTAL_BOUND, "else the venue halts"),
        ("available, on the way", "wallet - requirement", total - 1 + required, I64_MAX + 1, "the two above"),
        ("available", "held at -2^61 from below", total - 1, TOTAL_BOUND, "the two above"),
        (
            "available after an order",
            "before - spent - required",
            total // 2 + 4 * AMOUNT_BOUND + total,
            I64_MAX,
            "the ones above",
        ),
        ("deposits of a currency", "sum", total - 1, TOTAL_BOUND, "WAL-01"),
        ("turnover, volume, filled value", "sums since listing", total, TOTAL_BOUND + 1, "held at 2^62"),
        ("quantity at a level", "sum over its orders", quantity * 2**24, TOTAL_BOUND, "orders there can be"),
    ]
    return [Product(*row) for row in rows]


def power(number: int) -> str:
    """The power of two that a magnitude stays below, as people read it."""
    exponent = number.bit_length()
    return f"2^{exponent - 1}" if number == 1 << (exponent - 1) else f"< 2^{exponent}"


def ceiling(bound: int) -> str:
    """The bound as people read it; one more than a power says that the power itself may be reached."""
    exponent = (bound - 1).bit_length()
    if bound == (1 << (exponent - 1)) + 1:
        return f"2^{exponent - 1} or is it"
    return f"2^{exponent}"


def page() -> str:
    """The document."""
    lines = [
        "# Bounds",
        "",
        "Every number of a command is bounded before anything happens, and from those bounds follows that no later",
        "number leaves its width: quantities stay below 2^31, price ticks below 2^30, an account's amounts below 2^53,",
        "totals below 2^62; products are taken in 128 bits and every quotient is checked. What nothing can refuse any",
        "more, because it happens after the line, is held at its bound where it is only shown, and halts the venue",
        "where it is money. This page is written by `tests/laws/bounds.py` and compared with it by the tests, which",
        "also try every field of every command at its edges, in both modes.",
        "",
        "## Numbers of commands",
        "",
        "| field | admitted | refused with |",
        "|---|---|---|",
        *(f"| `{name}` | {one.admitted} | {refusals(one.refusal)} |" for name, one in FIELDS.items()),
        "",
        "Rates and amounts of kinds of commands that have no rule yet (`KIND_WITHOUT_RULE`) are not looked at.",
        "",
        "## What is computed from them",
        "",
        "| number | from | largest magnitude | stays below | because of |",
        "|---|---|---|---|---|",
        *(f"| {p.name} | {p.formula} | {power(p.largest)} | {ceiling(p.below)} | {p.kept_by} |" for p in products()),
        "",
        "*Held at 2^62* means that a larger number counts as 2^62: it can only come about when a mark moves by a",
        "factor of several hundred while positions near the bound of 2^53 are open, and is then far more than any",
        "account has. *Halts* means that the venue stops (LAW-03) instead of computing with a number that does not",
        "fit.",
        "",
    ]
    return "\n".join(lines)


def refusals(text: str) -> str:
    """Codes in code type, words as they are."""
    if text.isupper() or "_" in text:
        return ", ".join(f"`{code}`" for code in text.split(", "))
    return text or "nothing"


if __name__ == "__main__":
    PAGE.write_text(page())
