"""Whether an instrument's terms are within the bounds that every later product relies on (LST-01).

First the whole, then orders, funding, type, texts and scales.  Says yes or no and changes nothing.
"""

import cython

if not cython.compiled:
    from outcry.engine.spread_terms import plain_holds, spread_holds
    from outcry.protocol.layout import (
        AMOUNT_BOUND,
        BAND_PPM,
        I64_MAX,
        MINUTE_NS,
        PPB,
        PPM,
        PRICE_TICKS_BOUND,
        QUANTITY_BOUND,
        SUBTICKS_BOUND,
        DeleveragePolicy,
        InstrumentType,
        List,
        MarkMethod,
        Tables,
        Valuation,
        currencies_at,
        flag,
        i64,
        indices_at,
        wide,
    )


def power_of_ten(exponent: i64) -> i64:
    """10 to a power from 0 to 18."""
    result: i64 = 1
    left: i64 = exponent
    while left > 0:
        result *= 10
        left -= 1
    return result


def terms_hold(tables: Tables, asked: List) -> flag:
    """Whether an instrument's terms are within the bounds that every later product relies on (LST-01)."""
    if asked.valuation < Valuation.INVERSE or asked.valuation > Valuation.QUANTO or asked.symbol[0] == 0:
        return False
    if asked.price_decimals < 0 or asked.price_decimals > 12 or not 0 < asked.tick_units < PRICE_TICKS_BOUND:
        return False
    if not 0 < asked.subticks_per_tick <= 1000 or not 0 < asked.lot < QUANTITY_BOUND:
        return False
    if not 0 < asked.multiplier_minor < AMOUNT_BOUND or not 0 <= asked.contracts_per_underlying < AMOUNT_BOUND:
        return False
    if not asked.lot <= asked.quantity_max < QUANTITY_BOUND or not 0 < asked.price_ticks_max < PRICE_TICKS_BOUND:
        return False
    if asked.price_ticks_max * asked.subticks_per_tick >= SUBTICKS_BOUND:
        return False
    if not 0 < asked.initial_margin_ppm <= PPM or not 0 <= asked.maintenance_margin_ppm <= asked.initial_margin_ppm:
        return False
    if not 0 < asked.risk_limit_minor < AMOUNT_BOUND or not 0 <= asked.risk_step_minor < AMOUNT_BOUND:
        return False
    if not 0 <= asked.taker_fee_ppm < PPM or not -asked.taker_fee_ppm <= asked.maker_fee_ppm <= asked.taker_fee_ppm:
        return False
    if not 0 <= asked.settlement_fee_ppm < PPM or not orders_hold(asked):
        return False
    if asked.deleverage_policy > DeleveragePolicy.PRO_RATA or not is_ascii(asked):
        return False
    # Rules 1 took 0 for RANKED; since then a listing says its policy (ADL-03).
    if asked.deleverage_policy == 0 and tables.venue.rules_version >= 2:
        return False
    if not opening_holds(asked):
        return False
    return funding_holds(asked) and kind_holds(tables, asked) and scales_hold(tables, asked)


def orders_hold(asked: List) -> flag:
    """Whether the terms of how orders are taken are within bounds (ORD-21 to ORD-23)."""
    if not 0 <= asked.band_ppm < PPM or not 0 <= asked.small_order_minor < AMOUNT_BOUND:
        return False
    return asked.orders_max >= 0 and asked.stops_max >= 0


def opening_holds(asked: List) -> flag:
    """Whether an instrument opens before it ends; 0 is at once (SET-05)."""
    return asked.opens_ns >= 0 and (asked.expiry_ns == 0 or asked.opens_ns < asked.expiry_ns)


def funding_holds(asked: List) -> flag:
    """Whether the terms of funding and of its measuring are within bounds; stamps are at whole minutes (LST-01)."""
    if not 0 <= asked.funding_interval_ns < AMOUNT_BOUND or not -PPB < asked.funding_rate_ppb < PPB:
        return False
    if not 0 <= asked.funding_offset_ns <= asked.funding_interval_ns:
        return False
    if asked.funding_interval_ns % MINUTE_NS != 0 or asked.funding_offset_ns % MINUTE_NS != 0:
        return False
    if not -PPB < asked.interest_quote_ppb < PPB or not -PPB < asked.interest_base_ppb < PPB:
        return False
    return 0 <= asked.impact_notional_minor < AMOUNT_BOUND


def kind_holds(tables: Tables, asked: List) -> flag:
    """Whether type, expiry, funding and mark method go together (LST-01).

    A perpetual never expires, a future does and has no funding, a pre-launch future may expire and has no funding.
    """
    method: i64 = asked.mark_method
    kind: i64 = asked.instrument_type
    if kind == InstrumentType.SPREAD:
        return spread_holds(tables, asked)
    if not plain_holds(asked):
        return False
    if kind == InstrumentType.CALL or kind == InstrumentType.PUT:
        return option_holds(tables, asked)
    if asked.strike_units != 0 or asked.floor_margin_ppm != 0 or asked.fee_cap_ppm != 0:
        return False
    if kind == InstrumentType.PREDICTION:
        return prediction_holds(tables, asked)
    if method < MarkMethod.MARK_FUNDING or method > MarkMethod.MARK_LAST:
        return False
    if method == MarkMethod.MARK_PROTECTED and asked.maintenance_margin_ppm == 0:
        return False
    if not own_prices_hold(asked) or not has_no_docket(asked):
        return False
    expires: flag = asked.expiry_ns != 0
    if expires and (asked.expiry_ns <= tables.venue.time_ns or asked.expiry_ns % MINUTE_NS != 0):
        return False
    if asked.instrument_type == InstrumentType.PERPETUAL:
        return not expires and method != MarkMethod.MARK_IMPACT
    if method == MarkMethod.MARK_FUNDING or asked.funding_interval_ns != 0 or asked.funding_rate_ppb != 0:
        return False
    if asked.instrument_type == InstrumentType.FUTURE:
        return expires
    return asked.instrument_type == InstrumentType.PRELAUNCH and method != MarkMethod.MARK_IMPACT


def own_prices_hold(asked: List) -> flag:
    """Whether what only a contract without an index has is there just then: an opening mark, and hourly limits if it is
    a pre-launch future (PRE-01, PRE-02)."""
    waits: flag = asked.instrument_type == InstrumentType.PRELAUNCH and asked.index == 0
    if not 0 <= asked.hourly_band_ppm < PPM or (asked.hourly_band_ppm != 0 and not waits):
        return False
    if waits:
        return 0 < asked.opening_subticks <= asked.price_ticks_max * asked.subticks_per_tick
    return asked.opening_subticks == 0


def ends_well(tables: Tables, asked: List) -> flag:
    """Whether its end, if it has one, is a whole minute to come."""
    if asked.expiry_ns == 0:
        return True
    return asked.expiry_ns > tables.venue.time_ns and asked.expiry_ns % MINUTE_NS == 0


def is_without_funding(asked: List) -> flag:
    """Whether it has no funding, and nothing that is measured for one."""
    return asked.funding_interval_ns == 0 and asked.funding_rate_ppb == 0 and asked.impact_notional_minor == 0


def option_holds(tables: Tables, asked: List) -> flag:
    """Whether the terms of a call or a put go together (OPT-01).

    It ends, is marked by a model and on an index; its value rises with its premium; what who sells it has to have is
    never less than what he has to keep; its fee is a share of the premium at most.
    """
    if asked.valuation != Valuation.LINEAR or asked.mark_method != MarkMethod.MARK_MODEL or asked.index == 0:
        return False
    if asked.expiry_ns == 0 or not ends_well(tables, asked) or not is_without_funding(asked):
        return False
    if not 0 < asked.strike_units < AMOUNT_BOUND or not 0 < asked.fee_cap_ppm <= PPM:
        return False
    if not 0 < asked.maintenance_margin_ppm <= asked.floor_margin_ppm <= asked.initial_margin_ppm:
        return False
    width: i64 = asked.band_ppm if asked.band_ppm != 0 else BAND_PPM
    if width > asked.floor_margin_ppm or wide(asked.lot) * asked.multiplier_minor >= AMOUNT_BOUND:
        return False
    return asked.opening_subticks == 0 and asked.hourly_band_ppm == 0 and has_no_docket(asked)


def prediction_holds(tables: Tables, asked: List) -> flag:
    """Whether the terms of a prediction market go together (COL-01): no index, marked by its last price from a first
    mark on, no funding, and no margin but all that can be lost."""
    if asked.valuation != Valuation.LINEAR or asked.mark_method != MarkMethod.MARK_LAST or asked.index != 0:
        return False
    if not ends_well(tables, asked) or not is_without_funding(asked):
        return False
    if asked.initial_margin_ppm != PPM or asked.maintenance_margin_ppm != PPM:
        return False
    if not 0 < asked.opening_subticks <= wide(asked.price_ticks_max) * asked.subticks_per_tick:
        return False
    if asked.hourly_band_ppm != 0 or asked.binary > 1:
        return False
    return 0 <= asked.dispute_ns < AMOUNT_BOUND and 0 <= asked.bond_minor < AMOUNT_BOUND


def has_no_docket(asked: List) -> flag:
    """Whether nothing is said of how a question is answered."""
    return asked.dispute_ns == 0 and asked.bond_minor == 0 and asked.binary == 0


def is_ascii(asked: List) -> flag:
    """Whether the instrument's texts can be shown anywhere."""
    place: i64
    for place in range(24):
        if asked.symbol[place] > 126:
            return False
    for place in range(8):  # noqa: SIM110 (a generator is no C loop)
        if asked.underlying[place] > 126 or asked.quote[place] > 126:
            return False
    return True


def scales_hold(tables: Tables, asked: List) -> flag:
    """Whether the derived numerators fit 64 bits, and a lot at the highest and lowest price an account's bound."""
    per_unit = wide(power_of_ten(asked.price_decimals)) * asked.subticks_per_tick
    lot = wide(asked.lot) * asked.multiplier_minor
    index_unit = wide(power_of_ten(indices_at(tables, asked.index).decimals)) * asked.tick_units
    worth: i64 = indices_at(tables, asked.usd_index).decimals
    scale: i64 = currencies_at(tables, asked.currency).scale
    if worth + scale > 18:
        return False
    if per_unit > I64_MAX or index_unit > I64_MAX or lot > I64_MAX:
        return False
    if asked.valuation == Valuation.INVERSE:
        whole: i64 = lot
        return wide(whole) * per_unit // asked.tick_units < AMOUNT_BOUND
    if lot * asked.tick_units > I64_MAX:
        return False
    dearest: i64 = lot * asked.tick_units
    return wide(dearest) * asked.price_ticks_max * asked.subticks_per_tick // per_unit < AMOUNT_BOUND
