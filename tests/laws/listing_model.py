"""What may be listed, and what the plain model keeps of it, written from docs/rules/listing.md."""

from fractions import Fraction

from outcry.protocol import layout
from outcry.protocol.layout import DeleveragePolicy, InstrumentType, MarkMethod, Valuation
from tests.laws.model import Terms

MINUTE_NS = layout.MINUTE_NS


def shown(text: bytes, empty: bool = False) -> bool:
    """Whether a text can be shown anywhere: printable ASCII, and not empty unless it may be."""
    return (empty or text[:1] != b"\0") and max(text) <= 126


def terms_hold(asked: layout.List, now_ns: int) -> bool:
    """LST-01, as far as the histories go near it: positive terms, fees and margins in order, kind and mark together."""
    rates = 0 < asked.initial_margin_ppm <= layout.PPM and 0 <= asked.maintenance_margin_ppm <= asked.initial_margin_ppm
    fees = 0 <= asked.taker_fee_ppm < layout.PPM and -asked.taker_fee_ppm <= asked.maker_fee_ppm <= asked.taker_fee_ppm
    sizes = asked.lot > 0 and asked.tick_units > 0 and asked.multiplier_minor > 0
    kinds = 1 <= asked.valuation <= Valuation.QUANTO and 1 <= asked.deleverage_policy <= DeleveragePolicy.PRO_RATA
    return rates and fees and sizes and kinds and 0 < asked.subticks_per_tick <= 1000 and kind_holds(asked, now_ns)


def kind_holds(asked: layout.List, now_ns: int) -> bool:
    """A perpetual never expires; a future does, and has no funding."""
    method = asked.mark_method
    if method not in list(MarkMethod) or (asked.expiry_ns and asked.expiry_ns <= now_ns):
        return False
    if asked.instrument_type == InstrumentType.PERPETUAL:
        return not asked.expiry_ns and method != MarkMethod.MARK_IMPACT
    if asked.funding_interval_ns or asked.funding_rate_ppb or method == MarkMethod.MARK_FUNDING:
        return False
    if asked.instrument_type == InstrumentType.FUTURE:
        return bool(asked.expiry_ns)
    return asked.instrument_type == InstrumentType.PRELAUNCH and method != MarkMethod.MARK_IMPACT


def terms_of(asked: layout.List) -> Terms:
    """What the model needs of an instrument."""
    return Terms(
        asked.valuation == Valuation.INVERSE,
        asked.lot,
        asked.multiplier_minor,
        Fraction(asked.tick_units, 10**asked.price_decimals),
        Fraction(asked.maker_fee_ppm, layout.PPM),
        Fraction(asked.taker_fee_ppm, layout.PPM),
        currency=asked.currency,
        index=asked.index,
        subticks=asked.subticks_per_tick,
        initial=Fraction(asked.initial_margin_ppm, layout.PPM),
        maintenance=Fraction(asked.maintenance_margin_ppm, layout.PPM),
        quantity_max=asked.quantity_max,
        price_ticks_max=asked.price_ticks_max,
        risk_limit=asked.risk_limit_minor,
        risk_step=asked.risk_step_minor,
        funding_rate_ppb=asked.funding_rate_ppb,
        mark_method=asked.mark_method,
        deleverage_policy=asked.deleverage_policy,
        usd_index=asked.usd_index,
        impact_notional=asked.impact_notional_minor,
        interest_quote_ppb=asked.interest_quote_ppb,
        interest_base_ppb=asked.interest_base_ppb,
        expiry_ns=asked.expiry_ns,
        band=Fraction(asked.band_ppm or layout.BAND_PPM, layout.PPM),
        small=asked.small_order_minor,
        orders_max=asked.orders_max,
        stops_max=asked.stops_max,
        funding_minutes=asked.funding_interval_ns // MINUTE_NS,
        funding_offset_minutes=asked.funding_offset_ns // MINUTE_NS,
    )
