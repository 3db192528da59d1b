"""How far an order may go: the band around the market, and an instrument's price limits (ORD-07, ORD-22)."""

import cython

if not cython.compiled:
    from outcry.engine.events import refuse
    from outcry.engine.prelaunch import limit_prices
    from outcry.engine.rungs import is_market
    from outcry.protocol.layout import (
        BAND_PPM,
        PPM,
        Code,
        EntryHead,
        FaultRow,
        InstrumentRow,
        MarginMethod,
        MarkMethod,
        Side,
        TableNumber,
        Tables,
        flag,
        i64,
        instruments_at,
        pools_at,
        set_price_limits_of,
    )
    from outcry.rules.arith import mul_div_ceil, mul_div_floor
    from outcry.rules.backing import exposed_lot_minor


def band_ppm(instrument: InstrumentRow) -> i64:
    """The width of an instrument's band (ORD-22)."""
    return instrument.band_ppm if instrument.band_ppm != 0 else BAND_PPM


def band_width_ticks(instrument: InstrumentRow, fault: FaultRow) -> i64:
    """The band where margin is not by rates: the share of what a contract stands for, at least a tick (OPT-05).

    A share of a price of nearly nothing would be no band at all.
    """
    exposed: i64 = mul_div_floor(exposed_lot_minor(instrument), band_ppm(instrument), PPM, fault)
    subticks: i64 = mul_div_floor(exposed, instrument.value_denominator, instrument.value_numerator, fault)
    return max(1, subticks // instrument.subticks_per_tick)


def upper_edge_ticks(instrument: InstrumentRow, price_ticks: i64, fault: FaultRow) -> i64:
    """How high an order may go through this price (ORD-07, OPT-05)."""
    if instrument.margin_method != MarginMethod.BY_RATES:
        return price_ticks + band_width_ticks(instrument, fault)
    return mul_div_floor(price_ticks, PPM + band_ppm(instrument), PPM, fault)


def lower_edge_ticks(instrument: InstrumentRow, price_ticks: i64, fault: FaultRow) -> i64:
    """How low an order may go through this price; may be below any price (ORD-07, OPT-05)."""
    if instrument.margin_method != MarginMethod.BY_RATES:
        return price_ticks - band_width_ticks(instrument, fault)
    return mul_div_ceil(price_ticks, PPM - band_ppm(instrument), PPM, fault)


def band_ticks(tables: Tables, instrument: InstrumentRow, side: i64) -> i64:
    """How far a market order may go: a band through the worse of the touch and the mark, within the book (ORD-07).

    Where the mark follows the book without a bound of its own only the mark counts, so that one order moves it by no
    more than a band.
    """
    mark: i64 = instrument.mark_subticks
    method: i64 = instrument.mark_method
    follows: flag = method == MarkMethod.MARK_IMPACT or method == MarkMethod.MARK_LAST
    if method == MarkMethod.MARK_MODEL:
        # What buys an option back is free, so a lone offer must not say how dear that may be (OPT-05).
        follows = True
    if not is_market(instrument.state):
        # Orders that are collected are no market: only the mark counts (AUC-04).
        follows = True
    if side == Side.BUY:
        high: i64 = (mark + instrument.subticks_per_tick - 1) // instrument.subticks_per_tick
        if not follows:
            high = max(high, instrument.best_ask_ticks)
        return min(instrument.price_ticks_max, upper_edge_ticks(instrument, high, tables.fault))
    low: i64 = mark // instrument.subticks_per_tick
    if instrument.best_bid_ticks != 0 and not follows:
        low = min(low, instrument.best_bid_ticks)
    return max(1, lower_edge_ticks(instrument, low, tables.fault))


def beyond_band(side: i64, price_ticks: i64, edge_ticks: i64) -> flag:
    """Whether a limit goes further through the market than a market order may (ORD-07)."""
    return price_ticks > edge_ticks if side == Side.BUY else price_ticks < edge_ticks


def within_limits(instrument: InstrumentRow, price_ticks: i64) -> i64:
    """The price, or the price limit that it is outside of (ORD-22)."""
    highest: i64 = instrument.highest_ticks
    if highest != 0 and price_ticks > highest:
        return highest
    return max(price_ticks, instrument.lowest_ticks)


def set_price_limits(tables: Tables, entry: EntryHead) -> Code:
    """From here orders outside of these prices are refused; what rests there stays (ORD-22)."""
    asked = set_price_limits_of(entry)
    number: i64 = asked.instrument
    if number <= 0 or number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        return refuse(tables, entry, Code.INSTRUMENT_UNKNOWN, 0, number, 0, 0)
    lowest: i64 = asked.lowest_ticks
    highest: i64 = asked.highest_ticks
    longest: i64 = instruments_at(tables, number).price_ticks_max
    if not 0 <= lowest <= longest or not 0 <= highest <= longest or (highest != 0 and lowest > highest):
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, number, lowest, highest)

    # From here they hold.
    limit_prices(tables, number, lowest, highest)
    return Code.OK
