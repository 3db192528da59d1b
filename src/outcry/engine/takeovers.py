"""Taking a position over at its bankruptcy value, and the orders that close it (LIQ-05 to LIQ-07).

`take_over` only books: what the takeover then does is work of the engine's own, in unwinding.  Its orders are rows like
any other's, of the account TAKEOVER, but they reserve nothing and name the takeover they close.
"""

import cython

if not cython.compiled:
    from outcry.engine.alarms import call_takeovers
    from outcry.engine.booking import close_at_cost
    from outcry.engine.insurance import square
    from outcry.engine.lookup import find_position_slot
    from outcry.engine.orders import end_resting
    from outcry.engine.placing import finish_order
    from outcry.engine.reducing import fit_reducing
    from outcry.engine.standing import venue_order
    from outcry.engine.takeover_rows import begin_takeover, say_takeover
    from outcry.protocol.layout import (
        EndReason,
        Role,
        Tables,
        TakeoverStage,
        TimeInForce,
        flag,
        i64,
        instruments_at,
        new_taken_over,
        positions_at,
        takeovers_at,
        wallets_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.closing import closing_side, closing_ticks
    from outcry.rules.value import signed_value_minor


def take_over(tables: Tables, position_slot: i64, bankrupt_minor: i64, reserve_minor: i64) -> None:
    """Close a whole position at a signed value; it goes on as a takeover of that cost (LIQ-05).

    The owner's orders in the instrument are gone.  He pays the reserve as a fee; it is the fund's, which pays the fees
    of the orders that close the takeover.  Room was asked before.
    """
    position = positions_at(tables, position_slot)
    number: i64 = position.instrument
    account: i64 = position.account
    instrument = instruments_at(tables, number)
    quantity: i64 = position.quantity
    cost: i64 = position.cost_minor
    price: i64 = closing_ticks(instrument, quantity, bankrupt_minor)
    realised: i64 = close_at_cost(tables, position_slot, magnitude(quantity), -bankrupt_minor, reserve_minor)
    slot: i64 = begin_takeover(tables, account, number, quantity, bankrupt_minor, price)
    taken = new_taken_over(tables)
    taken.instrument = number
    taken.side = closing_side(quantity)
    taken.takeover = takeovers_at(tables, slot).takeover
    taken.order_id = takeovers_at(tables, slot).order_id
    taken.quantity = magnitude(quantity)
    taken.price_ticks = price
    taken.mark_subticks = instrument.mark_subticks
    taken.account = account
    taken.position_quantity = quantity
    taken.position_cost_minor = cost
    taken.bankrupt_minor = bankrupt_minor
    taken.realised_minor = realised
    taken.reserve_minor = reserve_minor
    taken.balance_minor = wallets_at(tables, position.wallet).balance_minor
    square(tables, instrument.currency, number)
    fit_reducing(tables, position_slot)
    call_takeovers(tables)


def is_past(tables: Tables, slot: i64) -> flag:
    """Whether closing a takeover at the mark would lose: its value there is less than its cost (LIQ-07)."""
    row = takeovers_at(tables, slot)
    instrument = instruments_at(tables, row.instrument)
    return signed_value_minor(instrument, row.quantity, instrument.mark_lot_minor) < row.cost_minor


def stand_at_bankruptcy(tables: Tables, slot: i64, stage: i64) -> None:
    """Send the order that closes all that is left at the bankruptcy price and rests; there is such a price (LIQ-06)."""
    row = takeovers_at(tables, slot)
    say_takeover(tables, slot, stage, row.price_ticks)
    row.order = closing_order(tables, slot, magnitude(row.quantity), row.price_ticks, TimeInForce.GOOD_TILL_CANCEL)
    finish_order(tables, row.order)


def take_level(tables: Tables, slot: i64, quantity: i64, price_ticks: i64) -> None:
    """Send an order for what stands at one price, of which nothing rests (LIQ-07)."""
    say_takeover(tables, slot, TakeoverStage.TAKEOVER_FUND, price_ticks)
    finish_order(tables, closing_order(tables, slot, quantity, price_ticks, TimeInForce.IMMEDIATE_OR_CANCEL))


def closing_order(tables: Tables, takeover: i64, quantity: i64, price_ticks: i64, time_in_force: i64) -> i64:
    """An order that closes part of a takeover; it stands but is not in the book yet."""
    row = takeovers_at(tables, takeover)
    position: i64 = find_position_slot(tables, Role.TAKEOVER, row.instrument)
    side: i64 = closing_side(row.quantity)
    return venue_order(tables, position, side, quantity, price_ticks, time_in_force, takeover)


def withdraw_order(tables: Tables, slot: i64, stage: i64) -> None:
    """Take the resting order of a takeover out of the book, so that its quantity never stands there twice."""
    row = takeovers_at(tables, slot)
    order: i64 = row.order
    row.order = 0
    end_resting(tables, order, EndReason.ENDED_CANCELED)
    say_takeover(tables, slot, stage, row.price_ticks)
