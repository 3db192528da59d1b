"""What backs contracts that are not margined by rates of their cost: options and fully collateralised ones (OPT-03,
COL-01).

First what all share, then positions, then orders.  Everything is a lot's amount, rounded up, times the lots, so that a
position filled in many parts needs no more than its order held back.  All amounts are magnitudes in minor units.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import (
        PPM,
        TOTAL_BOUND,
        FaultRow,
        InstrumentRow,
        MarginMethod,
        PositionRow,
        Side,
        flag,
        i64,
        i128,
        wide,
    )
    from outcry.rules.arith import capped, magnitude, mul_div_ceil, mul_div_floor, times
    from outcry.rules.marks import index_subticks
    from outcry.rules.options import is_call, is_in_underlying


def lots_times(lots: i64, lot_minor: i64) -> i64:
    """A lot's amount times the lots, held at an eighth of the bound of totals, so that such sums fit 64 bits."""
    return min(times(lots, lot_minor), TOTAL_BOUND // 8)


def underlying_lot_of(instrument: InstrumentRow, units: i64) -> i64:
    """Value of a lot of an option's underlying when that costs so many units, half up, capped (OPT-03).

    An option that is settled in its underlying is on a fixed amount of it, whatever that costs.
    """
    if is_in_underlying(instrument):
        return instrument.lot * instrument.multiplier_minor
    # At a price of so many index units a lot of the underlying is worth what a premium of that price would be.
    worth: i128 = wide(index_subticks(instrument, units)) * instrument.value_numerator
    return capped((worth + instrument.value_denominator // 2) // instrument.value_denominator)


def exposed_lot_minor(instrument: InstrumentRow) -> i64:
    """What a lot counts for risk limits and bounds: its underlying, or the highest it can be worth (OPT-03, COL-01)."""
    if instrument.margin_method == MarginMethod.BY_PREMIUM:
        return instrument.underlying_lot_minor
    return instrument.highest_lot_minor


def exposure_minor(instrument: InstrumentRow, quantity: i64) -> i64:
    """The same of a quantity."""
    return lots_times(magnitude(quantity) // instrument.lot, exposed_lot_minor(instrument))


def risk_lot_minor(instrument: InstrumentRow) -> i64:
    """What a lot counts against a risk limit: its value at the mark, or what it stands for (MRG-05, OPT-03)."""
    if instrument.margin_method != MarginMethod.BY_RATES:
        return exposed_lot_minor(instrument)
    return instrument.mark_lot_minor


def is_paid_up(instrument: InstrumentRow, quantity: i64) -> flag:
    """Whether a position holds back all it can lose, so that no mark matters to it: it is never liquidated.

    That is every fully collateralised one, and an option that was bought (OPT-03, COL-01).
    """
    if instrument.margin_method == MarginMethod.BY_RATES:
        return False
    return instrument.margin_method == MarginMethod.BY_COLLATERAL or quantity > 0


def closing_lot_minor(instrument: InstrumentRow, fault: FaultRow) -> i64:
    """What a lot sold keeps for buying it back or settling it: the dearer of both rates, of all it stands for."""
    rate: i64 = max(instrument.taker_fee_ppm, instrument.settlement_fee_ppm)
    return mul_div_ceil(exposed_lot_minor(instrument), rate, PPM, fault)


def opening_lot_minor(instrument: InstrumentRow, lot_minor: i64, fault: FaultRow) -> i64:
    """What opening a lot at this value costs at most: the taker's fee, of an option of its underlying and up to a share
    of the premium (OPT-04)."""
    if instrument.fee_cap_ppm == 0:
        return mul_div_ceil(lot_minor, instrument.taker_fee_ppm, PPM, fault)
    fee: i64 = mul_div_ceil(instrument.underlying_lot_minor, instrument.taker_fee_ppm, PPM, fault)
    return min(fee, mul_div_ceil(lot_minor, instrument.fee_cap_ppm, PPM, fault))


def out_of_money_lot_minor(instrument: InstrumentRow, fault: FaultRow) -> i64:
    """By how much a lot of an option is out of the money at the price it is margined by, down; 0 if it is in it."""
    strike: i64 = instrument.strike_units
    units: i64 = instrument.margin_units
    apart: i64 = strike - units if is_call(instrument) else units - strike
    if apart <= 0 or units <= 0:
        return 0
    return mul_div_floor(instrument.underlying_lot_minor, apart, units, fault)


def written_maintenance_lot(instrument: InstrumentRow, steps: i64, fault: FaultRow) -> i64:
    """Maintenance margin of a lot of an option that was sold, its mark not counted (OPT-03).

    The rate of the underlying; for a put of its mark where that is more, as a put may be worth more than its
    underlying.
    """
    basis: i64 = instrument.underlying_lot_minor
    if not is_call(instrument):
        basis = max(basis, instrument.mark_lot_minor)
    return mul_div_ceil(basis, instrument.maintenance_margin_ppm * (1 + steps), PPM, fault)


def written_initial_lot(instrument: InstrumentRow, steps: i64, fault: FaultRow) -> i64:
    """Initial margin of a lot of an option that was sold, its mark not counted (OPT-03).

    The rate of the underlying less what the option is out of the money, at least the floor's rate and maintenance.
    """
    whole: i64 = instrument.underlying_lot_minor
    more: i64 = steps * instrument.maintenance_margin_ppm
    rated: i64 = mul_div_ceil(whole, instrument.initial_margin_ppm + more, PPM, fault)
    rated -= out_of_money_lot_minor(instrument, fault)
    least: i64 = mul_div_ceil(whole, instrument.floor_margin_ppm + more, PPM, fault)
    return max(rated, max(least, written_maintenance_lot(instrument, steps, fault)))


def backing_initial_minor(
    instrument: InstrumentRow, steps: i64, quantity: i64, cost_minor: i64, fault: FaultRow
) -> i64:
    """Initial margin of a position: what was paid for it, the rest of the highest price, or the rates of its underlying
    (OPT-03, COL-01)."""
    if quantity >= 0:
        return max(0, cost_minor)
    if instrument.margin_method == MarginMethod.BY_COLLATERAL:
        return max(0, exposure_minor(instrument, quantity) + cost_minor)
    return lots_times(-quantity // instrument.lot, written_initial_lot(instrument, steps, fault))


def backing_closing_minor(instrument: InstrumentRow, quantity: i64, fault: FaultRow) -> i64:
    """What a position keeps for its closing fee: nothing if it was bought, because that fee comes out of the price."""
    if quantity >= 0:
        return 0
    return lots_times(-quantity // instrument.lot, closing_lot_minor(instrument, fault))


def backing_maintenance_minor(
    instrument: InstrumentRow, steps: i64, quantity: i64, cost_minor: i64, fault: FaultRow
) -> i64:
    """Maintenance margin: of what is paid up all that it holds back, of an option that was sold its rate (OPT-03)."""
    closing: i64 = backing_closing_minor(instrument, quantity, fault)
    if is_paid_up(instrument, quantity):
        return backing_initial_minor(instrument, steps, quantity, cost_minor, fault) + closing
    return lots_times(-quantity // instrument.lot, written_maintenance_lot(instrument, steps, fault)) + closing


def backing_order_minor(
    instrument: InstrumentRow, steps: i64, side: i64, quantity: i64, value: i64, fault: FaultRow
) -> i64:
    """What an order of this value at its limit holds back (OPT-03, COL-01): margin, opening and closing fee.

    Who buys backs the whole price.  Who sells backs the rest of the highest price, or the margin of an option and what
    he sells it under its mark.
    """
    lots: i64 = quantity // instrument.lot
    if lots <= 0:
        return 0
    lot_minor: i64 = value // lots
    opening: i64 = opening_lot_minor(instrument, lot_minor, fault)
    if side == Side.BUY:
        return lots_times(lots, lot_minor + opening)
    opening += closing_lot_minor(instrument, fault)
    if instrument.margin_method == MarginMethod.BY_COLLATERAL:
        return lots_times(lots, max(0, instrument.highest_lot_minor - lot_minor) + opening)
    under: i64 = max(0, instrument.mark_lot_minor - lot_minor)
    return lots_times(lots, written_initial_lot(instrument, steps, fault) + under + opening)


def bankrupt_paid_up_minor(instrument: InstrumentRow, quantity: i64) -> i64:
    """The signed value at which what a paid up position holds back is gone: the worst it can come to (ADL-01)."""
    if quantity >= 0:
        return 0
    return -exposure_minor(instrument, quantity)


def opening_of(resting: i64, held: i64, reducing: i64) -> i64:
    """How much of a side's orders would open, given what is held on the other side and what reduce-only orders take."""
    return resting - min(resting, max(0, held - reducing))


def larger_side_minor(position: PositionRow, held: i64, lot: i64) -> i64:
    """Margin of all open orders of a position that is not margined by rates, if it held this quantity (COL-02).

    What only closes is free.  Of the rest the dearer side counts: whatever buys and sells are both filled leaves no
    more to lose than the dearer of them alone.
    """
    buys: i64 = opening_of(position.buy_quantity, -held, position.buy_reduce_quantity)
    sells: i64 = opening_of(position.sell_quantity, held, position.sell_reduce_quantity)
    bought: i64 = position.buy_margin_minor
    sold: i64 = position.sell_margin_minor
    if buys != position.buy_quantity:
        bought = min(bought, lots_times(buys // lot, position.buy_dearest_minor))
    if sells != position.sell_quantity:
        sold = min(sold, lots_times(sells // lot, position.sell_dearest_minor))
    return max(bought, sold)
