"""Which way a trigger is reached, and where one that trails follows (ORD-14 to ORD-16).

Prices are in sub-ticks below 2^30, so every product here stays within 64 bits.  Knows no order and no book.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import PPM, TRAIL_PPM, WITHIN_MARK_PPM, OrderType, Side, TimeInForce, flag, i64


def is_stop(order_type: i64) -> flag:
    """Whether orders of this type wait for a trigger (ORD-14)."""
    return OrderType.STOP <= order_type <= OrderType.LIMIT_IF_TOUCHED


def is_market(order_type: i64) -> flag:
    """Whether orders of this type have no limit of their own once they are live."""
    return order_type == OrderType.MARKET or order_type == OrderType.STOP or order_type == OrderType.MARKET_IF_TOUCHED


def stays(time_in_force: i64) -> flag:
    """Whether what does not trade at once of a limit order rests: until it is cancelled, or for the day (ORD-24)."""
    return time_in_force == TimeInForce.GOOD_TILL_CANCEL or time_in_force == TimeInForce.DAY


def is_rising(order_type: i64, side: i64) -> flag:
    """Whether the reference has to rise to the trigger: for a stop that buys, or one that sells if touched (ORD-14)."""
    stops: flag = order_type == OrderType.STOP or order_type == OrderType.STOP_LIMIT
    buys: flag = side == Side.BUY
    return stops == buys


def has_reached(reference_subticks: i64, trigger_subticks: i64, rising: flag) -> flag:
    """Whether a reference is at a trigger or past it (ORD-14)."""
    return reference_subticks >= trigger_subticks if rising else reference_subticks <= trigger_subticks


def further(reached_subticks: i64, reference_subticks: i64, rising: flag) -> i64:
    """The further of two prices on the way a reference goes."""
    if rising:
        return max(reached_subticks, reference_subticks)
    return min(reached_subticks, reference_subticks)


def is_within_mark(last_subticks: i64, mark_subticks: i64, rising: flag) -> flag:
    """Whether the last price is near enough to the mark for a stop that the mark must confirm (ORD-16).

    One that sells wants at least 95 % of the mark, one that buys at most 105 %.
    """
    if rising:
        return last_subticks * PPM <= mark_subticks * (PPM + WITHIN_MARK_PPM)
    return last_subticks * PPM >= mark_subticks * (PPM - WITHIN_MARK_PPM)


def follows_at(reference_subticks: i64, rising: flag) -> i64:
    """The first reference at which a trailing trigger follows, more than 0.1 % away from where it last did (ORD-15).

    A trigger that the reference has to rise to follows when it falls.  0 or less if no price is far enough.
    """
    if rising:
        return (reference_subticks * (PPM - TRAIL_PPM) + PPM - 1) // PPM - 1
    return reference_subticks * (PPM + TRAIL_PPM) // PPM + 1
