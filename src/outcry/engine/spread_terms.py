"""Whether the terms of a calendar spread fit its legs (SPR-01); says yes or no and changes nothing."""

import cython

if not cython.compiled:
    from outcry.protocol.layout import (
        InstrumentRow,
        InstrumentState,
        InstrumentType,
        List,
        MarkMethod,
        TableNumber,
        Tables,
        flag,
        i64,
        instruments_at,
        pools_at,
    )


def plain_holds(asked: List) -> flag:
    """Whether an instrument that is no spread says nothing of legs."""
    return asked.near_instrument == 0 and asked.far_instrument == 0 and asked.origin_ticks == 0


def spread_holds(tables: Tables, asked: List) -> flag:
    """Whether both legs are futures that go together, and the spread is listed like them (SPR-01)."""
    near: i64 = asked.near_instrument
    far: i64 = asked.far_instrument
    listed: i64 = pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high
    if not 0 < near <= listed or not 0 < far <= listed or near == far:
        return False
    first = instruments_at(tables, near)
    second = instruments_at(tables, far)
    if not is_leg(first, asked) or not is_leg(second, asked):
        return False
    if first.expiry_ns >= second.expiry_ns or asked.expiry_ns != first.expiry_ns:
        return False
    if asked.expiry_ns <= tables.venue.time_ns or asked.mark_method != MarkMethod.MARK_LEGS:
        return False
    if asked.quantity_max > first.quantity_max or asked.quantity_max > second.quantity_max:
        return False
    if not 0 < asked.origin_ticks < asked.price_ticks_max:
        return False
    return nothing_else_holds(asked)


def is_leg(leg: InstrumentRow, asked: List) -> flag:
    """Whether a listed instrument may be a leg of the spread: a future that trades, in the same units.

    Its mark may not follow its last price, or a trade of the spread would move it while the next is weighed.
    """
    if leg.instrument_type != InstrumentType.FUTURE or leg.mark_method >= MarkMethod.MARK_PROTECTED:
        return False
    if leg.state == InstrumentState.INSTRUMENT_SETTLED or leg.state == InstrumentState.INSTRUMENT_SETTLING:
        return False
    if leg.index != asked.index or leg.currency != asked.currency or leg.valuation != asked.valuation:
        return False
    if leg.price_decimals != asked.price_decimals or leg.tick_units != asked.tick_units:
        return False
    if leg.subticks_per_tick != asked.subticks_per_tick or leg.lot != asked.lot:
        return False
    return (
        leg.multiplier_minor == asked.multiplier_minor
        and leg.contracts_per_underlying == asked.contracts_per_underlying
    )


def nothing_else_holds(asked: List) -> flag:
    """Whether the spread has no funding, no stops, no small orders and nothing of other kinds."""
    if asked.funding_interval_ns != 0 or asked.funding_rate_ppb != 0 or asked.funding_offset_ns != 0:
        return False
    if asked.impact_notional_minor != 0 or asked.small_order_minor != 0 or asked.stops_max != 0:
        return False
    return asked.strike_units == 0 and asked.opening_subticks == 0 and asked.hourly_band_ppm == 0
