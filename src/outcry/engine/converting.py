"""`Convert`: a pre-launch future becomes a perpetual or a dated future, marked by an index from then on (PRE-03).

Refused unless the index is near the mark, so that nobody who passes the test of maintenance loses more by the change
than what he keeps for that.  Positions, orders and margins stay as they are; only what the contract is marked by
changes, and with it its price limits, which go.
"""

import cython

if not cython.compiled:
    from outcry.engine.events import refuse
    from outcry.engine.listing import derive_scales
    from outcry.engine.marks import mark_instrument
    from outcry.engine.prelaunch import limit_prices
    from outcry.engine.premiums import restart_samples
    from outcry.engine.rungs import has_ended
    from outcry.engine.terms import power_of_ten
    from outcry.protocol.layout import (
        AMOUNT_BOUND,
        I64_MAX,
        MINUTE_NS,
        Code,
        Convert,
        EntryHead,
        InstrumentRow,
        InstrumentType,
        MarkMethod,
        TableNumber,
        Tables,
        convert_of,
        currencies_at,
        flag,
        i64,
        indices_at,
        instruments_at,
        new_converted,
        pools_at,
        wide,
    )
    from outcry.rules.arith import capped
    from outcry.rules.prelaunch import is_near_mark
    from outcry.rules.stamps import stamp_after_ns


def convert(tables: Tables, entry: EntryHead) -> Code:
    """The asset trades now: the contract is marked by an index from here on (PRE-03)."""
    asked = convert_of(entry)
    number: i64 = asked.instrument
    code: Code = conversion_refusal(tables, asked)
    if code == Code.OK and not near_enough(tables, asked):
        code = Code.INDEX_TOO_FAR
    if code != Code.OK:
        return refuse(tables, entry, code, 0, number, asked.index, 0)

    # From here it is another contract.
    instrument = instruments_at(tables, number)
    take_terms(instrument, asked)
    derive_scales(tables, instrument)
    instrument.anchor_subticks = 0
    instrument.basis_rate_ppb = 0
    if instrument.funding_interval_ns != 0:
        instrument.next_funding_ns = stamp_after_ns(
            tables.venue.time_ns, instrument.funding_interval_ns, instrument.funding_offset_ns
        )
    restart_samples(instrument)
    say_converted(tables, number)
    if instrument.lowest_ticks != 0 or instrument.highest_ticks != 0:
        limit_prices(tables, number, 0, 0)
    mark_instrument(tables, number)
    instrument.minute_mark_subticks = instrument.mark_subticks
    instrument.minute_index_subticks = instrument.index_subticks
    return Code.OK


def conversion_refusal(tables: Tables, asked: Convert) -> Code:
    """Why this cannot become of the instrument, whatever the index says, or OK (PRE-03)."""
    number: i64 = asked.instrument
    listed: i64 = pools_at(tables, TableNumber.INDICES_TABLE).high
    if asked.index <= 0 or asked.index > listed or asked.usd_index < 0 or asked.usd_index > listed:
        return Code.INDEX_UNKNOWN
    if number <= 0 or number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        return Code.INSTRUMENT_UNKNOWN
    instrument = instruments_at(tables, number)
    if has_ended(instrument) or (instrument.expiry_ns != 0 and instrument.expiry_ns <= tables.venue.time_ns):
        return Code.INSTRUMENT_CLOSED
    waits: flag = instrument.instrument_type == InstrumentType.PRELAUNCH and instrument.opening_subticks != 0
    return Code.OK if waits and new_terms_hold(tables, instrument, asked) else Code.PARAMETER_INVALID


def new_terms_hold(tables: Tables, instrument: InstrumentRow, asked: Convert) -> flag:
    """Whether what it is to become keeps the bounds of a listing; the first funding period has a rate of 0 (PRE-03).

    A perpetual is marked by its funding and a future by its impact mid: at a rate of 0, and without a basis yet, both
    are the index itself.
    """
    if not 0 <= asked.impact_notional_minor < AMOUNT_BOUND or asked.funding_rate_ppb != 0:
        return False
    if not 0 <= asked.funding_interval_ns < AMOUNT_BOUND or asked.funding_interval_ns % MINUTE_NS != 0:
        return False
    if not 0 <= asked.funding_offset_ns <= asked.funding_interval_ns or asked.funding_offset_ns % MINUTE_NS != 0:
        return False
    unit = wide(power_of_ten(indices_at(tables, asked.index).decimals)) * instrument.tick_units
    worth: i64 = indices_at(tables, asked.usd_index).decimals
    scale: i64 = currencies_at(tables, instrument.currency).scale
    if unit > I64_MAX or worth + scale > 18:
        return False
    if asked.instrument_type == InstrumentType.PERPETUAL:
        return asked.mark_method == MarkMethod.MARK_FUNDING and asked.expiry_ns == 0
    if asked.instrument_type != InstrumentType.FUTURE or asked.mark_method != MarkMethod.MARK_IMPACT:
        return False
    comes: flag = asked.expiry_ns > tables.venue.time_ns and asked.expiry_ns % MINUTE_NS == 0
    return comes and asked.funding_interval_ns == 0


def near_enough(tables: Tables, asked: Convert) -> flag:
    """Whether the index has a value, and one near the mark (PRE-03)."""
    instrument = instruments_at(tables, asked.instrument)
    row = indices_at(tables, asked.index)
    if row.value_units <= 0:
        return False
    below: i64 = instrument.tick_units * power_of_ten(row.decimals)
    index: i64 = capped((wide(row.value_units) * instrument.index_numerator + below // 2) // below)
    return index > 0 and is_near_mark(instrument, index)


def take_terms(instrument: InstrumentRow, asked: Convert) -> None:
    """The terms that change, and what only a contract without an index has."""
    instrument.index = asked.index
    instrument.instrument_type = asked.instrument_type
    instrument.mark_method = asked.mark_method
    instrument.usd_index = asked.usd_index
    instrument.impact_notional_minor = asked.impact_notional_minor
    instrument.funding_rate_ppb = asked.funding_rate_ppb
    instrument.funding_interval_ns = asked.funding_interval_ns
    instrument.funding_offset_ns = asked.funding_offset_ns
    instrument.expiry_ns = asked.expiry_ns
    instrument.opening_subticks = 0
    instrument.mean_mark_subticks = 0
    instrument.mean_mark_rest_ppm = 0
    instrument.hourly_band_ppm = 0
    instrument.next_band_ns = 0


def say_converted(tables: Tables, number: i64) -> None:
    """What the contract is from here."""
    instrument = instruments_at(tables, number)
    converted = new_converted(tables)
    converted.instrument = number
    converted.index = instrument.index
    converted.instrument_type = instrument.instrument_type
    converted.mark_method = instrument.mark_method
    converted.usd_index = instrument.usd_index
    converted.impact_notional_minor = instrument.impact_notional_minor
    converted.funding_rate_ppb = instrument.funding_rate_ppb
    converted.funding_interval_ns = instrument.funding_interval_ns
    converted.funding_offset_ns = instrument.funding_offset_ns
    converted.expiry_ns = instrument.expiry_ns
