"""Resting reduce-only orders and the position they reduce (ORD-08).

Together they never exceed the position: when it shrinks, or one more comes to rest, the least aggressive are cut first,
the newest among equals, and what is cut to nothing ends.  A position has at most `REDUCING_ORDERS` of them, so a cut
looks at no more, and what it says fits into one step's room for events.
"""

import cython

if not cython.compiled:
    from outcry.engine.book import add_to_level
    from outcry.engine.events import say_amended, say_level
    from outcry.engine.orders import end_resting, release, reserve
    from outcry.protocol.layout import (
        EndReason,
        Fault,
        Side,
        Tables,
        flag,
        i64,
        instruments_at,
        orders_at,
        positions_at,
    )


def fit_reducing(tables: Tables, position_slot: i64) -> None:
    """Cut a position's resting reduce-only orders until on each side they fit what they can reduce."""
    position = positions_at(tables, position_slot)
    while tables.fault.code == Fault.NO_FAULT:
        if position.sell_reduce_quantity > max(0, position.quantity):
            excess: i64 = position.sell_reduce_quantity - max(0, position.quantity)
            cut(tables, least_aggressive(tables, position_slot, Side.SELL), excess)
        elif position.buy_reduce_quantity > max(0, -position.quantity):
            excess = position.buy_reduce_quantity - max(0, -position.quantity)
            cut(tables, least_aggressive(tables, position_slot, Side.BUY), excess)
        else:
            return


def least_aggressive(tables: Tables, position_slot: i64, side: i64) -> i64:
    """The position's reduce-only order of a side that is furthest from trading; the newest of those at its price."""
    slot: i64 = positions_at(tables, position_slot).first_reducing
    found: i64 = 0
    while slot != 0:
        order = orders_at(tables, slot)
        if order.side == side and (found == 0 or worse(side, order.price_ticks, orders_at(tables, found).price_ticks)):
            found = slot
        slot = order.reducing_next
    return found


def worse(side: i64, price_ticks: i64, other_ticks: i64) -> flag:
    """Whether an order of a side is further from trading at the first price than at the other."""
    return price_ticks > other_ticks if side == Side.SELL else price_ticks < other_ticks


def cut(tables: Tables, slot: i64, excess: i64) -> None:
    """Take so much off a resting order, or end it if it has no more."""
    order = orders_at(tables, slot)
    if excess >= order.leaves_quantity:
        end_resting(tables, slot, EndReason.ENDED_REDUCE_ONLY)
        return
    release(tables, order)
    add_to_level(tables, order, -excess)
    order.leaves_quantity -= excess
    order.quantity -= excess
    reserve(tables, order, instruments_at(tables, order.instrument))
    say_amended(tables, slot, 1)
    if order.display_quantity != 0:
        say_level(tables, order.instrument, order.side, order.price_ticks, order.level)
