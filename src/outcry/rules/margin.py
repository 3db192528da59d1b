"""What orders and positions must be backed by (MRG-01 to MRG-10).

All amounts are magnitudes in settlement minor units.  Margins round up, the opening fee as it will be charged.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import (
        PPB,
        PPM,
        FaultRow,
        InstrumentRow,
        MarginMethod,
        PositionRow,
        Side,
        Valuation,
        flag,
        i64,
        wide,
    )
    from outcry.rules.arith import magnitude, mul_div_ceil, mul_div_floor, mul_div_half_up, signed_like, times
    from outcry.rules.backing import (
        backing_closing_minor,
        backing_initial_minor,
        backing_maintenance_minor,
        larger_side_minor,
    )
    from outcry.rules.fees import fee_minor


def initial_ppm(instrument: InstrumentRow, steps: i64) -> i64:
    """The initial margin rate of a tier: the base rate and a base maintenance rate a step (MRG-09)."""
    rate: i64 = instrument.initial_margin_ppm + steps * instrument.maintenance_margin_ppm
    return rate


def maintenance_ppm(instrument: InstrumentRow, steps: i64) -> i64:
    """The maintenance margin rate of a tier: the base rate once and once more a step (MRG-09)."""
    rate: i64 = instrument.maintenance_margin_ppm * (1 + steps)
    return rate


def limit_minor(instrument: InstrumentRow, steps: i64) -> i64:
    """The risk limit so many steps above the base (MRG-09)."""
    limit: i64 = instrument.risk_limit_minor + steps * instrument.risk_step_minor
    return limit


def steps_needed(instrument: InstrumentRow, risk_value_minor: i64) -> i64:
    """The fewest steps whose limit a risk value does not exceed (MRG-06); 0 if the instrument has no steps."""
    over: i64 = risk_value_minor - instrument.risk_limit_minor
    if over <= 0 or instrument.risk_step_minor == 0:
        return 0
    return over // instrument.risk_step_minor + (1 if over % instrument.risk_step_minor != 0 else 0)


def initial_minor(instrument: InstrumentRow, steps: i64, value_minor: i64, leverage_centi: i64, fault: FaultRow) -> i64:
    """Initial margin of a value: the larger of 1/leverage (0 if none is chosen) and the tier's rate, up (MRG-03)."""
    by_rate: i64 = mul_div_ceil(value_minor, initial_ppm(instrument, steps), PPM, fault)
    if leverage_centi == 0:
        return by_rate
    by_leverage: i64 = mul_div_ceil(value_minor, 100, leverage_centi, fault)
    return max(by_rate, by_leverage)


def exit_fee_minor(instrument: InstrumentRow, value_minor: i64, initial: i64, fault: FaultRow) -> i64:
    """Taker fee of closing at the bankruptcy value, which is value and initial margin together, up (MRG-03 posComm)."""
    return mul_div_ceil(value_minor + initial, instrument.taker_fee_ppm, PPM, fault)


def backed_whole(instrument: InstrumentRow, cost_minor: i64, initial: i64) -> flag:
    """Whether a position is an inverse short backed by its whole value: no price can use that up (MRG-03)."""
    return instrument.valuation == Valuation.INVERSE and cost_minor > 0 and initial >= cost_minor


def closing_fee_minor(instrument: InstrumentRow, quantity: i64, cost_minor: i64, initial: i64, fault: FaultRow) -> i64:
    """What a position of this signed quantity and cost keeps for its closing fee (MRG-03 posComm, OPT-03, COL-01)."""
    if instrument.margin_method != MarginMethod.BY_RATES:
        return backing_closing_minor(instrument, quantity, fault)
    if backed_whole(instrument, cost_minor, initial):
        return 0
    return exit_fee_minor(instrument, magnitude(cost_minor), initial, fault)


def position_initial_minor(
    instrument: InstrumentRow, steps: i64, quantity: i64, cost_minor: i64, leverage_centi: i64, fault: FaultRow
) -> i64:
    """Initial margin of a position of this signed quantity and cost (MRG-03, OPT-03, COL-01)."""
    if instrument.margin_method != MarginMethod.BY_RATES:
        return backing_initial_minor(instrument, steps, quantity, cost_minor, fault)
    return initial_minor(instrument, steps, magnitude(cost_minor), leverage_centi, fault)


def position_margin_minor(
    instrument: InstrumentRow, steps: i64, quantity: i64, cost_minor: i64, leverage_centi: i64, fault: FaultRow
) -> i64:
    """Initial margin and closing fee of a position of this signed quantity and cost (MRG-03)."""
    initial: i64 = position_initial_minor(instrument, steps, quantity, cost_minor, leverage_centi, fault)
    return initial + closing_fee_minor(instrument, quantity, cost_minor, initial, fault)


def adverse_ppb(rate_ppb: i64, is_long: flag) -> i64:
    """The funding rate as far as a side would pay it, in ppb (MRG-10)."""
    return max(0, rate_ppb if is_long else -rate_ppb)


def maintenance_minor(
    instrument: InstrumentRow, steps: i64, quantity: i64, cost_minor: i64, leverage_centi: i64, fault: FaultRow
) -> i64:
    """Maintenance margin with the allowance for adverse funding, and closing fee, of this signed quantity and cost
    (MRG-10, OPT-03)."""
    if instrument.margin_method != MarginMethod.BY_RATES:
        return backing_maintenance_minor(instrument, steps, quantity, cost_minor, fault)
    size: i64 = magnitude(cost_minor)
    initial: i64 = initial_minor(instrument, steps, size, leverage_centi, fault)
    if backed_whole(instrument, cost_minor, initial):
        return 0
    is_long: flag = (cost_minor > 0) != (instrument.valuation == Valuation.INVERSE)
    rate: i64 = maintenance_ppm(instrument, steps) * (PPB // PPM)
    rate += adverse_ppb(instrument.funding_rate_ppb, is_long)
    return mul_div_ceil(size, rate, PPB, fault) + exit_fee_minor(instrument, size, initial, fault)


def exceeds_maintenance(instrument: InstrumentRow, steps: i64, cost_minor: i64) -> flag:
    """Whether initial margin at no chosen leverage is surely more than maintenance margin, by the rates alone (MRG-11).

    False says nothing: then the amounts have to be compared.  Before rounding up the two must be one unit apart.
    """
    if instrument.margin_method != MarginMethod.BY_RATES:
        return False
    is_long: flag = (cost_minor > 0) != (instrument.valuation == Valuation.INVERSE)
    rate: i64 = (initial_ppm(instrument, steps) - maintenance_ppm(instrument, steps)) * (PPB // PPM)
    rate -= adverse_ppb(instrument.funding_rate_ppb, is_long)
    return wide(magnitude(cost_minor)) * rate >= PPB


def loss_after_minor(loss: i64, fee: i64, held: i64, closing: i64, traded: i64, fault: FaultRow) -> i64:
    """Opening fees an isolated position has paid, after a fill (MRG-03 posLoss).

    What is closed takes its share of the earlier fees with it, rounded so that less stays; of the fill's fee the part
    that opens is added, half up.  Quantities are magnitudes; fees may be negative.
    """
    kept: i64 = 0
    if closing < held:
        kept = signed_like(mul_div_floor(magnitude(loss), held - closing, held, fault), loss)
    if traded > closing:
        kept += signed_like(mul_div_half_up(magnitude(fee), traded - closing, traded, fault), fee)
    return kept


def order_cost_minor(
    instrument: InstrumentRow, steps: i64, value_minor: i64, leverage_centi: i64, fault: FaultRow
) -> i64:
    """Exact order cost: initial margin, opening fee, and exit fee at the bankruptcy value (MRG-01).

    0 where margin is not by rates: there all of it is what the order held back when it came (COL-02).
    """
    if instrument.margin_method != MarginMethod.BY_RATES:
        return 0
    initial: i64 = initial_minor(instrument, steps, value_minor, leverage_centi, fault)
    opening: i64 = fee_minor(value_minor, instrument.taker_fee_ppm, fault)
    return initial + opening + exit_fee_minor(instrument, value_minor, initial, fault)


def premium_minor(side: i64, value_at_limit: i64, value_at_mark: i64, buys_cost_more: flag) -> i64:
    """What an order's price is through the mark: buying above it or selling below it, to be backed in full (MRG-08).

    Values are magnitudes of the whole quantity; `buys_cost_more` says that value rises with the price (not inverse).
    """
    dearer: i64 = value_at_limit - value_at_mark if buys_cost_more else value_at_mark - value_at_limit
    return max(0, dearer if side == Side.BUY else -dearer)


def part_minor(amount: i64, dearest_lot: i64, part: i64, whole: i64, lot: i64) -> i64:
    """The margin of part of a side's quantity: no more than all of it, and no more than that many dearest lots."""
    if part <= 0:
        return 0
    return amount if part == whole else min(amount, times(part // lot, dearest_lot))


def orders_margin_minor(position: PositionRow, held: i64, lot: i64) -> i64:
    """Margin of all open orders of one position's row, if it held this quantity (MRG-02).

    What would only reduce the held quantity is free, reduce-only orders first: they cost nothing themselves, but what
    they may close is no longer there for others.  Of the rest one side counts in full and the other with the quantity
    by which it is larger; of the two ways to choose the full side the dearer one holds.  What reduces at a price
    through the mark still loses the difference: it is never less than the premium of the side that reduces (MRG-08).
    """
    buys: i64 = position.buy_quantity
    sells: i64 = position.sell_quantity
    buy_margin: i64 = position.buy_margin_minor
    sell_margin: i64 = position.sell_margin_minor
    opening_buys: i64 = buys - min(buys, max(0, -held - position.buy_reduce_quantity))
    opening_sells: i64 = sells - min(sells, max(0, held - position.sell_reduce_quantity))
    dear_buy: i64 = position.buy_dearest_minor
    dear_sell: i64 = position.sell_dearest_minor
    full_buys: i64 = part_minor(buy_margin, dear_buy, opening_buys, buys, lot)
    full_buys += part_minor(sell_margin, dear_sell, opening_sells - opening_buys, sells, lot)
    full_sells: i64 = part_minor(sell_margin, dear_sell, opening_sells, sells, lot)
    full_sells += part_minor(buy_margin, dear_buy, opening_buys - opening_sells, buys, lot)
    reducing: i64 = 0
    if held > 0:
        reducing = position.sell_premium_minor
    elif held < 0:
        reducing = position.buy_premium_minor
    return max(reducing, max(full_buys, full_sells))


def open_orders_minor(instrument: InstrumentRow, position: PositionRow, held: i64) -> i64:
    """Margin of all open orders of a position's row, if it held this quantity, by the instrument's method (MRG-02,
    COL-02)."""
    if instrument.margin_method != MarginMethod.BY_RATES:
        return larger_side_minor(position, held, instrument.lot)
    return orders_margin_minor(position, held, instrument.lot)
