"""A trade booked on a position: what it closes at the average cost of what is held, and what it opens (PNL-01, PNL-02).

One function for fills and for what is closed outside the book.  Moves what was realised and the fee; knows no order.
"""

import cython

if not cython.compiled:
    from outcry.engine.ledger import move, role_wallet, touch_position
    from outcry.protocol.layout import InstrumentRow, PositionRow, Role, Tables, i64, instruments_at, positions_at
    from outcry.rules.arith import magnitude
    from outcry.rules.margin import loss_after_minor
    from outcry.rules.position import closing_quantity, cost_of_part


def note_interest(instrument: InstrumentRow, position: PositionRow, change: i64) -> None:
    """A position's quantity is about to change by so much: the open interest follows."""
    held: i64 = position.quantity
    instrument.open_interest += max(0, held + change) - max(0, held)


def book_trade(
    tables: Tables, slot: i64, traded: i64, closing_cost: i64, opening_cost: i64, fee: i64, fee_role: i64
) -> i64:
    """Book a signed trade on a position and its wallet; returns what it realised before the fee (PNL-01, FEE-01).

    The costs are those of the trade's own price, signed, of the part that closes and of the part that opens; the fee
    goes to the wallet of a role.
    """
    touch_position(tables, slot)
    position = positions_at(tables, slot)
    instrument = instruments_at(tables, position.instrument)
    held: i64 = position.quantity
    closing: i64 = closing_quantity(held, traded)
    closed: i64 = 0
    realised: i64 = 0
    if closing > 0:
        closed = cost_of_part(position.cost_minor, closing, magnitude(held), tables.fault)
        realised = -(closed + closing_cost)
    if position.isolated != 0:
        position.loss_minor = loss_after_minor(
            position.loss_minor, fee, magnitude(held), closing, magnitude(traded), tables.fault
        )
    note_interest(instrument, position, traded)
    position.quantity = held + traded
    position.cost_minor += opening_cost - closed
    position.lifetime_cost_minor += closing_cost + opening_cost
    position.realised_minor += realised
    position.fees_minor += fee
    if closing > 0 and closing == magnitude(held):
        position.previous_realised_minor += position.realised_minor - position.fees_minor
        position.realised_minor = 0
        position.fees_minor = 0
        position.moved_margin_minor = 0
    currency: i64 = instrument.currency
    move(tables, role_wallet(tables, currency, Role.UNREALISED), position.wallet, realised)
    move(tables, position.wallet, role_wallet(tables, currency, fee_role), fee)
    return realised


def close_at_cost(tables: Tables, slot: i64, quantity: i64, cost: i64, fee: i64) -> i64:
    """Close part of an account's position in a trade of this signed cost, outside the book (LIQ-05, ADL-02).

    The owner pays the fee into the wallet of TAKEOVER.  Returns what it realised before the fee.
    """
    change: i64 = -quantity if positions_at(tables, slot).quantity > 0 else quantity
    return book_trade(tables, slot, change, cost, 0, fee, Role.TAKEOVER)
