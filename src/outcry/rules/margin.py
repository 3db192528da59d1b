"""What orders and positions must be backed by (MRG-01 to MRG-05).

All amounts are magnitudes in settlement minor units.  Margins round up, the opening fee as it will be charged.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import PPM, FaultRow, InstrumentRow, i64
    from outcry.rules.arith import magnitude, mul_div_ceil, mul_div_floor, mul_div_half_up, signed_like
    from outcry.rules.fees import fee_minor


def initial_minor(instrument: InstrumentRow, value_minor: i64, leverage_centi: i64, fault: FaultRow) -> i64:
    """Initial margin of a value: the larger of 1/leverage (0 if none is chosen) and the base rate, up (MRG-03)."""
    by_rate: i64 = mul_div_ceil(value_minor, instrument.initial_margin_ppm, PPM, fault)
    if leverage_centi == 0:
        return by_rate
    by_leverage: i64 = mul_div_ceil(value_minor, 100, leverage_centi, fault)
    return max(by_rate, by_leverage)


def exit_fee_minor(instrument: InstrumentRow, value_minor: i64, initial: i64, fault: FaultRow) -> i64:
    """Taker fee of closing at the bankruptcy value, which is value and initial margin together, up (MRG-03 posComm)."""
    return mul_div_ceil(value_minor + initial, instrument.taker_fee_ppm, PPM, fault)


def position_margin_minor(instrument: InstrumentRow, cost_minor: i64, leverage_centi: i64, fault: FaultRow) -> i64:
    """Initial margin and exit fee of a position of this cost (MRG-03)."""
    size: i64 = magnitude(cost_minor)
    initial: i64 = initial_minor(instrument, size, leverage_centi, fault)
    return initial + exit_fee_minor(instrument, size, initial, fault)


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


def order_cost_minor(instrument: InstrumentRow, value_minor: i64, leverage_centi: i64, fault: FaultRow) -> i64:
    """Exact order cost: initial margin, opening fee, and exit fee at the bankruptcy value (MRG-01)."""
    initial: i64 = initial_minor(instrument, value_minor, leverage_centi, fault)
    opening: i64 = fee_minor(value_minor, instrument.taker_fee_ppm, fault)
    return initial + opening + exit_fee_minor(instrument, value_minor, initial, fault)


def maintenance_minor(instrument: InstrumentRow, cost_minor: i64, leverage_centi: i64, fault: FaultRow) -> i64:
    """Maintenance margin and exit fee of a position of this cost (MRG-03 posMaint without the funding part)."""
    size: i64 = magnitude(cost_minor)
    initial: i64 = initial_minor(instrument, size, leverage_centi, fault)
    return mul_div_ceil(size, instrument.maintenance_margin_ppm, PPM, fault) + exit_fee_minor(
        instrument, size, initial, fault
    )


def part_up(amount: i64, part: i64, whole: i64, fault: FaultRow) -> i64:
    """The share of an amount for part of a quantity, rounded up; 0 if there is no quantity."""
    if whole == 0 or part <= 0:
        return 0
    return mul_div_ceil(amount, part, whole, fault)


def orders_margin_minor(
    held: i64, buy_quantity: i64, buy_margin: i64, sell_quantity: i64, sell_margin: i64, fault: FaultRow
) -> i64:
    """Margin of all open orders of one position (MRG-02).

    What would only reduce the held quantity is free.  Of the rest one side counts in full and the other with the
    quantity by which it is larger; of the two ways to choose the full side the dearer one holds.
    """
    buys: i64 = buy_quantity
    sells: i64 = sell_quantity
    if held < 0:
        buys = max(0, buys + held)
    if held > 0:
        sells = max(0, sells - held)
    full_buys: i64 = part_up(buy_margin, buys, buy_quantity, fault) + part_up(
        sell_margin, sells - buys, sell_quantity, fault
    )
    full_sells: i64 = part_up(sell_margin, sells, sell_quantity, fault) + part_up(
        buy_margin, buys - sells, buy_quantity, fault
    )
    return max(full_buys, full_sells)
