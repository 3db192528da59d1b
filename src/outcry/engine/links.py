"""What a fill or a trigger of one linked order does to the others of its group (ORD-18)."""

import cython

if not cython.compiled:
    from outcry.engine.orders import end_resting
    from outcry.protocol.layout import (
        Contingency,
        EndReason,
        Tables,
        conditions_at,
        i64,
        links_at,
        orders_at,
    )


def cancel_others(tables: Tables, order_slot: i64) -> None:
    """The order has traded or was triggered: the others of its group end, if one cancels the other, the oldest first.

    There are no more than a group may have, so it is done within the step.
    """
    own: i64 = orders_at(tables, order_slot).condition
    if own == 0 or conditions_at(tables, own).contingency != Contingency.ONE_CANCELS_OTHER:
        return
    slot: i64 = links_at(tables, conditions_at(tables, own).link).first
    following: i64 = 0
    while slot != 0:
        following = conditions_at(tables, slot).link_next
        if slot != own and conditions_at(tables, slot).contingency == Contingency.ONE_CANCELS_OTHER:
            end_resting(tables, conditions_at(tables, slot).order, EndReason.ENDED_LINKED)
        slot = following
