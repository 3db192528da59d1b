"""Terms of contracts of every type for histories in which they are listed, trade and end within an hour or two.

One function a type, each a `List` record; prices are those of a bitcoin around 50,000 dollars.
"""

from outcry.protocol import layout, wire
from outcry.protocol.layout import InstrumentType, List, MarkMethod, Valuation
from tests.engine.worlds import listing

BITCOIN, DOLLAR, MINUTE_NS = 10**8, 10**6, layout.MINUTE_NS
XBT, USDT = 1, 2
"""Currencies."""
SPOT, NEW = 1, 2
"""Indices: of the bitcoin, and of what is not launched yet."""
NO_FUNDING = {"funding_rate_ppb": 0, "funding_interval_ns": 0, "funding_offset_ns": 0}
LIMITS = {"risk_limit_minor": 50 * BITCOIN, "risk_step_minor": 20 * BITCOIN}
DOLLARS = {"currency": USDT, "valuation": Valuation.LINEAR, "risk_limit_minor": 10**6 * DOLLAR}
ORIGIN = 20_000
"""Ticks of a spread that mean no difference."""


def perpetual(symbol: str) -> List:
    """Inverse, with a funding every ten minutes."""
    funding = {"funding_interval_ns": 10 * MINUTE_NS, "funding_offset_ns": 3 * MINUTE_NS, "settlement_fee_ppm": 500}
    return listing(symbol, **LIMITS, **funding, funding_rate_ppb=400_000)


def inverse_future(symbol: str, expiry_ns: int, opens_ns: int = 0) -> List:
    """Marked by its impact mid."""
    terms = {"instrument_type": InstrumentType.FUTURE, "mark_method": MarkMethod.MARK_IMPACT, "expiry_ns": expiry_ns}
    margins = {"initial_margin_ppm": 10_000, "maintenance_margin_ppm": 5_000, "settlement_fee_ppm": 500}
    return listing(symbol, **NO_FUNDING, **LIMITS, **terms, **margins, opens_ns=opens_ns)


def linear_future(symbol: str, expiry_ns: int, opens_ns: int = 0) -> List:
    """In dollars, a thousandth of a bitcoin a lot."""
    terms = {"instrument_type": InstrumentType.FUTURE, "mark_method": MarkMethod.MARK_IMPACT, "expiry_ns": expiry_ns}
    size = {"lot": 1_000, "multiplier_minor": 1, "risk_step_minor": 10**5 * DOLLAR}
    margins = {"initial_margin_ppm": 20_000, "maintenance_margin_ppm": 10_000}
    return listing(symbol, **{**NO_FUNDING, **DOLLARS, **terms, **size, **margins, "opens_ns": opens_ns})


def spread(symbol: str, near: int, far: int, expiry_ns: int) -> List:
    """Of two inverse futures."""
    terms = {"instrument_type": InstrumentType.SPREAD, "mark_method": MarkMethod.MARK_LEGS, "expiry_ns": expiry_ns}
    legs = {"near_instrument": near, "far_instrument": far, "origin_ticks": ORIGIN, "price_ticks_max": 2 * ORIGIN}
    return listing(symbol, **NO_FUNDING, **LIMITS, **terms, **legs, band_ppm=20_000)


def option(symbol: str, kind: int, strike_units: int, expiry_ns: int, in_dollars: bool = False) -> List:
    """On a tenth of a bitcoin, the premium in bitcoin; or on a hundredth, with the premium in dollars."""
    terms = {
        "instrument_type": kind,
        "valuation": Valuation.LINEAR,
        "price_decimals": 4,
        "lot": 1,
        "multiplier_minor": BITCOIN // 10,
        "quantity_max": 10**6,
        "price_ticks_max": 100_000,
        "initial_margin_ppm": 150_000,
        "floor_margin_ppm": 100_000,
        "maintenance_margin_ppm": 75_000,
        "mark_method": MarkMethod.MARK_MODEL,
        "maker_fee_ppm": 300,
        "taker_fee_ppm": 300,
        "settlement_fee_ppm": 150,
        "fee_cap_ppm": 125_000,
        "strike_units": strike_units,
        "expiry_ns": expiry_ns,
    }
    dollars = {**DOLLARS, "multiplier_minor": DOLLAR // 100, "price_decimals": 0, "price_ticks_max": 10**6}
    record = listing(symbol, **{**NO_FUNDING, **LIMITS, **terms, **(dollars if in_dollars else {})})
    wire.put_text(record.quote, "USDT" if in_dollars else "XBT")
    return record


def prediction(symbol: str, expiry_ns: int, minutes: int, binary: int) -> List:
    """A dollar a contract at 100 %; what is proposed may be disputed for so many minutes."""
    terms = {
        "index": 0,
        "instrument_type": InstrumentType.PREDICTION,
        "mark_method": MarkMethod.MARK_LAST,
        "price_decimals": 4,
        "lot": 1,
        "multiplier_minor": DOLLAR,
        "price_ticks_max": 10_000,
        "initial_margin_ppm": 1_000_000,
        "maintenance_margin_ppm": 1_000_000,
        "risk_step_minor": 0,
        "maker_fee_ppm": 0,
        "taker_fee_ppm": 2_500,
        "settlement_fee_ppm": 1_000,
        "opening_subticks": 50_000,
        "dispute_ns": minutes * MINUTE_NS,
        "bond_minor": 100 * DOLLAR,
        "band_ppm": 900_000,
        "expiry_ns": expiry_ns,
        "binary": binary,
    }
    return listing(symbol, **{**NO_FUNDING, **DOLLARS, **terms})


def prelaunch(symbol: str, expiry_ns: int = 0) -> List:
    """A dollar a contract at the opening, its limits 20 % either way each hour."""
    terms = {
        "index": 0,
        "instrument_type": InstrumentType.PRELAUNCH,
        "mark_method": MarkMethod.MARK_PROTECTED,
        "price_decimals": 4,
        "lot": 1,
        "multiplier_minor": DOLLAR,
        "price_ticks_max": 1_000_000,
        "initial_margin_ppm": 200_000,
        "maintenance_margin_ppm": 100_000,
        "risk_step_minor": 10**5 * DOLLAR,
        "opening_subticks": 100_000,
        "hourly_band_ppm": 200_000,
        "band_ppm": 500_000,
        "expiry_ns": expiry_ns,
    }
    return listing(symbol, **{**NO_FUNDING, **DOLLARS, **terms})
