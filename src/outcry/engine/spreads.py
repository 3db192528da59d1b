"""What orders in a calendar spread are measured by: prices of its legs, its mark, its band, an order's margin (SPR-02).

First the legs, then prices, then the margin of an order.  Reads legs and positions, changes nothing.
"""

import cython

if not cython.compiled:
    from outcry.engine.lookup import find_position_slot
    from outcry.protocol.layout import (
        AMOUNT_BOUND,
        BAND_PPM,
        InstrumentRow,
        InstrumentState,
        OrderRow,
        Side,
        TableNumber,
        Tables,
        Valuation,
        flag,
        i64,
        instruments_at,
        pools_at,
        positions_at,
    )
    from outcry.rules.arith import times
    from outcry.rules.margin import order_cost_minor, premium_minor
    from outcry.rules.spread import far_ticks, mark_subticks, near_ticks, reach_ticks
    from outcry.rules.value import lot_value_minor, subticks_of


def names_spread(tables: Tables, number: i64) -> flag:
    """Whether a number in a command is that of a spread; it may be no instrument's."""
    if number <= 0 or number > pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        return False
    return instruments_at(tables, number).near_instrument != 0


def legs_trade(tables: Tables, spread: InstrumentRow) -> flag:
    """Whether both legs are open, which a spread's orders need (SPR-05)."""
    near = instruments_at(tables, spread.near_instrument)
    far = instruments_at(tables, spread.far_instrument)
    return near.state == InstrumentState.INSTRUMENT_OPEN and far.state == InstrumentState.INSTRUMENT_OPEN


def near_price(tables: Tables, spread: InstrumentRow) -> i64:
    """Where the near leg trades now, in ticks (SPR-02)."""
    return near_ticks(instruments_at(tables, spread.near_instrument).mark_subticks, spread.subticks_per_tick)


def far_price(tables: Tables, spread: InstrumentRow, price_ticks: i64) -> i64:
    """Where the far leg trades at a price of the spread, in ticks; 0 if that is no price there (SPR-02)."""
    price: i64 = far_ticks(near_price(tables, spread), price_ticks, spread.origin_ticks)
    return price if 0 < price <= instruments_at(tables, spread.far_instrument).price_ticks_max else 0


def leg_value_minor(tables: Tables, leg: InstrumentRow, quantity: i64, price_ticks: i64) -> i64:
    """Magnitude of the value of a quantity of a leg at its price, capped at the bound of totals."""
    lot: i64 = lot_value_minor(leg, subticks_of(leg, price_ticks), tables.fault)
    return times(quantity // leg.lot, lot)


def legs_mark(tables: Tables, spread: InstrumentRow) -> i64:
    """Mark of a spread in its own sub-ticks; 0 while a leg has none (MRK-08)."""
    near = instruments_at(tables, spread.near_instrument)
    far = instruments_at(tables, spread.far_instrument)
    if near.mark_subticks == 0 or far.mark_subticks == 0:
        return 0
    origin: i64 = spread.origin_ticks * spread.subticks_per_tick
    highest: i64 = spread.price_ticks_max * spread.subticks_per_tick
    return mark_subticks(far.mark_subticks, near.mark_subticks, origin, highest)


def spread_edge(tables: Tables, spread: InstrumentRow, side: i64) -> i64:
    """How far an order in a spread may go, in its ticks: a share of the near leg's price through the mark (SPR-06)."""
    width: i64 = spread.band_ppm if spread.band_ppm != 0 else BAND_PPM
    reach: i64 = reach_ticks(near_price(tables, spread), width, tables.fault)
    per: i64 = spread.subticks_per_tick
    if side == Side.BUY:
        return min(spread.price_ticks_max, (spread.mark_subticks + per - 1) // per + reach)
    return max(1, spread.mark_subticks // per - reach)


def leg_cost_minor(tables: Tables, account: i64, number: i64, quantity: i64) -> i64:
    """Order cost of a quantity of a leg at its mark, in the account's tier there (MRG-01)."""
    leg = instruments_at(tables, number)
    position = positions_at(tables, find_position_slot(tables, account, number))
    value: i64 = min(AMOUNT_BOUND, times(quantity // leg.lot, leg.mark_lot_minor))
    return order_cost_minor(leg, position.risk_steps, value, 0, tables.fault)


def spread_margin_minor(
    tables: Tables, spread: InstrumentRow, account: i64, side: i64, quantity: i64, price_ticks: i64
) -> i64:
    """Margin of an order in a spread: the order cost of both legs at their marks, and what its price is through them
    (SPR-04).

    It is held at a sixteenth of an account's bound, so that the sums of ten thousand orders stay within 64 bits.
    """
    if quantity == 0:
        return 0
    far = instruments_at(tables, spread.far_instrument)
    price: i64 = far_ticks(near_price(tables, spread), price_ticks, spread.origin_ticks)
    price = max(1, min(far.price_ticks_max, price))
    limit: i64 = min(AMOUNT_BOUND, leg_value_minor(tables, far, quantity, price))
    mark: i64 = min(AMOUNT_BOUND, times(quantity // far.lot, far.mark_lot_minor))
    margin: i64 = premium_minor(side, limit, mark, far.valuation != Valuation.INVERSE)
    margin += leg_cost_minor(tables, account, spread.near_instrument, quantity)
    margin += leg_cost_minor(tables, account, spread.far_instrument, quantity)
    return min(AMOUNT_BOUND // 16, margin)


def set_aside(tables: Tables, order: OrderRow, spread: InstrumentRow) -> None:
    """What is kept for an order in a spread as its premium: all of its margin, because marks make most of it."""
    account: i64 = order.account
    side: i64 = order.side
    order.premium_minor = spread_margin_minor(tables, spread, account, side, order.leaves_quantity, order.price_ticks)
    order.value_minor = 0
