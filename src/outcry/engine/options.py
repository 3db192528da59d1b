"""What a feed's model says of an option: its mark, the sensitivities, and the price it is margined by (OPT-02, OPT-03).

The engine computes no model.  It holds what is said against what no option can be, and refuses it; a model that errs
within those bounds is believed.  Known limit: a mark may move as far as they allow from one command to the next.
"""

import cython

if not cython.compiled:
    from outcry.engine.events import refuse
    from outcry.engine.funding import begin_sweep
    from outcry.engine.marks import mark_moved, say_mark
    from outcry.protocol.layout import (
        AMOUNT_BOUND,
        MARGIN_RENEWAL_PERCENT,
        PPM,
        VOLATILITY_PPM_MAX,
        Code,
        EntryHead,
        InstrumentRow,
        InstrumentState,
        SetOptionMark,
        TableNumber,
        Tables,
        flag,
        i64,
        indices_at,
        instruments_at,
        new_option_marked,
        pools_at,
        set_option_mark_of,
        wide,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.backing import underlying_lot_of
    from outcry.rules.options import highest_subticks, is_call, is_in_underlying, is_option, payoff_subticks


def set_option_mark(tables: Tables, entry: EntryHead) -> Code:
    """An option's mark and what belongs to it, as the feed's model says (OPT-02)."""
    asked = set_option_mark_of(entry)
    number: i64 = asked.instrument
    if number <= 0 or number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        return refuse(tables, entry, Code.INSTRUMENT_UNKNOWN, 0, number, 0, 0)
    instrument = instruments_at(tables, number)
    if not is_option(instrument):
        return refuse(tables, entry, Code.NOT_AN_OPTION, 0, number, 0, 0)
    if has_ended(tables, instrument):
        return refuse(tables, entry, Code.INSTRUMENT_CLOSED, 0, number, 0, 0)
    if not model_holds(tables, instrument, asked):
        return refuse(tables, entry, Code.MODEL_INVALID, 0, number, asked.forward_units, asked.seen_ns)
    if not mark_holds(instrument, asked):
        return refuse(tables, entry, Code.MODEL_MARK_INVALID, 0, number, asked.mark_subticks, asked.forward_units)

    # From here the model holds.
    take_model(instrument, asked)
    say_model(tables, number, asked.mark_subticks)
    renew_margins(tables, instrument)
    if instrument.mark_subticks != asked.mark_subticks:
        instrument.mark_subticks = asked.mark_subticks
        if instrument.minute_mark_subticks == 0:
            instrument.minute_mark_subticks = asked.mark_subticks
        say_mark(tables, number)
        mark_moved(tables, number)
    return Code.OK


def has_ended(tables: Tables, instrument: InstrumentRow) -> flag:
    """Whether the option's time is over: what it pays is fixed then, not what it is worth."""
    state: i64 = instrument.state
    over: flag = state == InstrumentState.INSTRUMENT_SETTLING or state == InstrumentState.INSTRUMENT_SETTLED
    return over or instrument.expiry_ns <= tables.venue.time_ns


def model_holds(tables: Tables, instrument: InstrumentRow, asked: SetOptionMark) -> flag:
    """Whether what a model says beside the mark can be: times in order, a forward near the index, sensitivities with
    the sign of the option."""
    seen: i64 = asked.seen_ns
    if seen > tables.venue.time_ns or seen < instrument.model_seen_ns or seen <= 0:
        return False
    forward: i64 = asked.forward_units
    index: i64 = indices_at(tables, instrument.index).value_units
    if not 0 < forward < AMOUNT_BOUND or underlying_lot_of(instrument, forward) >= AMOUNT_BOUND:
        return False
    if index != 0 and (wide(forward) * 2 < index or forward > wide(index) * 2):
        return False
    if not 0 <= asked.volatility_ppm <= VOLATILITY_PPM_MAX:
        return False
    delta: i64 = asked.delta_ppm if is_call(instrument) else -asked.delta_ppm
    if not 0 <= delta <= PPM or not 0 <= asked.gamma_ppb < AMOUNT_BOUND or not 0 <= asked.vega_ppm < AMOUNT_BOUND:
        return False
    return -AMOUNT_BOUND < asked.theta_ppm < AMOUNT_BOUND


def mark_holds(instrument: InstrumentRow, asked: SetOptionMark) -> flag:
    """Whether the mark is a price, no more than the option can ever pay, and no less than it would pay at the forward,
    within a tick."""
    mark: i64 = asked.mark_subticks
    forward: i64 = asked.forward_units
    if not 0 < mark <= wide(instrument.price_ticks_max) * instrument.subticks_per_tick:
        return False
    least: i64 = payoff_subticks(instrument, forward)
    return least - instrument.subticks_per_tick <= mark <= highest_subticks(instrument, forward)


def take_model(instrument: InstrumentRow, asked: SetOptionMark) -> None:
    """What the model says beside the mark."""
    instrument.model_seen_ns = asked.seen_ns
    instrument.forward_units = asked.forward_units
    instrument.volatility_ppm = asked.volatility_ppm
    instrument.delta_ppm = asked.delta_ppm
    instrument.gamma_ppb = asked.gamma_ppb
    instrument.vega_ppm = asked.vega_ppm
    instrument.theta_ppm = asked.theta_ppm


def renew_margins(tables: Tables, instrument: InstrumentRow) -> None:
    """Margin the option by its forward of now, if that has moved far enough from the one it is margined by (OPT-03).

    Where maintenance margin follows the price and has become more, everybody who holds anything is examined, as after a
    funding: bands knew the lower one.
    """
    forward: i64 = instrument.forward_units
    before: i64 = instrument.margin_units
    if before != 0 and wide(magnitude(forward - before)) * 100 < wide(before) * MARGIN_RENEWAL_PERCENT:
        return
    instrument.margin_units = forward
    instrument.underlying_lot_minor = underlying_lot_of(instrument, forward)
    if before != 0 and forward > before and not is_in_underlying(instrument) and instrument.open_interest != 0:
        begin_sweep(tables)


def say_model(tables: Tables, number: i64, mark_subticks: i64) -> None:
    """What the model says now, and the mark it gives."""
    instrument = instruments_at(tables, number)
    said = new_option_marked(tables)
    said.instrument = number
    said.mark_subticks = mark_subticks
    said.forward_units = instrument.forward_units
    said.volatility_ppm = instrument.volatility_ppm
    said.delta_ppm = instrument.delta_ppm
    said.gamma_ppb = instrument.gamma_ppb
    said.vega_ppm = instrument.vega_ppm
    said.theta_ppm = instrument.theta_ppm
    said.seen_ns = instrument.model_seen_ns
