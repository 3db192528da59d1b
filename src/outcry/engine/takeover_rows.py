"""Positions taken over, as rows and as money: begun, reduced, filled, ended.

A takeover closes at its own cost, so what one brings or loses never hides in the average of others.
"""

import cython

if not cython.compiled:
    from outcry.engine.booking import note_interest
    from outcry.engine.funding import bring_up_to_date
    from outcry.engine.insurance import square
    from outcry.engine.ledger import move, position_for, role_wallet, touch_position
    from outcry.engine.pools import give_takeover, take_takeover
    from outcry.protocol.layout import (
        InstrumentRow,
        OrderRow,
        Role,
        Tables,
        TakeoverStage,
        i64,
        instruments_at,
        new_takeover_changed,
        positions_at,
        takeovers_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.position import cost_of_part
    from outcry.rules.value import cost_of_side


def begin_takeover(tables: Tables, account: i64, number: i64, quantity: i64, cost: i64, price_ticks: i64) -> i64:
    """A new row at the end of its instrument's chain; room was asked before."""
    slot: i64 = take_takeover(tables)
    row = takeovers_at(tables, slot)
    instrument = instruments_at(tables, number)
    tables.venue.takeovers_made += 1
    row.takeover = tables.venue.takeovers_made
    row.account = account
    row.instrument = number
    row.quantity = quantity
    row.cost_minor = cost
    row.order_id = tables.venue.next_order_id
    tables.venue.next_order_id += 1
    row.price_ticks = price_ticks
    row.made_sequence = tables.venue.sequence
    row.stage = TakeoverStage.TAKEOVER_NEW
    row.previous = instrument.last_takeover
    if instrument.last_takeover != 0:
        takeovers_at(tables, instrument.last_takeover).next = slot
    else:
        instrument.first_takeover = slot
    instrument.last_takeover = slot
    instrument.takeovers += 1
    hold(tables, position_for(tables, Role.TAKEOVER, number), quantity, cost, cost)
    return slot


def finish_takeover(tables: Tables, slot: i64) -> None:
    """Nothing is left of a takeover: out of its chain, and its row is given back."""
    row = takeovers_at(tables, slot)
    instrument = instruments_at(tables, row.instrument)
    if row.previous != 0:
        takeovers_at(tables, row.previous).next = row.next
    else:
        instrument.first_takeover = row.next
    if row.next != 0:
        takeovers_at(tables, row.next).previous = row.previous
    else:
        instrument.last_takeover = row.previous
    instrument.takeovers -= 1
    if tables.venue.takeover == slot:
        tables.venue.takeover = row.next
    give_takeover(tables, slot)


def say_takeover(tables: Tables, slot: i64, stage: i64, price_ticks: i64) -> None:
    """A takeover is at a stage, at a price it stands or was tried at."""
    row = takeovers_at(tables, slot)
    row.stage = stage
    changed = new_takeover_changed(tables)
    changed.instrument = row.instrument
    changed.stage = stage
    changed.takeover = row.takeover
    changed.leaves_quantity = magnitude(row.quantity)
    changed.price_ticks = price_ticks


def hold(tables: Tables, slot: i64, quantity: i64, cost: i64, lifetime_cost: i64) -> None:
    """Add a signed quantity and its costs to the position that holds all takeovers of an instrument."""
    bring_up_to_date(tables, slot)
    touch_position(tables, slot)
    position = positions_at(tables, slot)
    note_interest(instruments_at(tables, position.instrument), position, quantity)
    position.quantity += quantity
    position.cost_minor += cost
    position.lifetime_cost_minor += lifetime_cost


def reduce_takeover(tables: Tables, slot: i64, position_slot: i64, quantity: i64, lifetime_cost: i64) -> i64:
    """Take so many contracts out of a takeover with their share of its cost (PNL-02), which is returned.

    `lifetime_cost` is the signed cost of the trade that did it.
    """
    row = takeovers_at(tables, slot)
    closed: i64 = cost_of_part(row.cost_minor, quantity, magnitude(row.quantity), tables.fault)
    change: i64 = -quantity if row.quantity > 0 else quantity
    row.quantity += change
    row.cost_minor -= closed
    hold(tables, position_slot, change, -closed, lifetime_cost)
    return closed


def fill_takeover(
    tables: Tables, order: OrderRow, instrument: InstrumentRow, quantity: i64, value: i64, fee: i64
) -> i64:
    """Book a fill of a takeover's order; returns what it realised before the fee (LIQ-06)."""
    slot: i64 = order.takeover
    side: i64 = order.side
    traded: i64 = cost_of_side(instrument, side, value)
    closed: i64 = reduce_takeover(tables, slot, order.position, quantity, traded)
    realised: i64 = -(closed + traded)
    currency: i64 = instrument.currency
    wallet: i64 = role_wallet(tables, currency, Role.TAKEOVER)
    move(tables, role_wallet(tables, currency, Role.UNREALISED), wallet, realised)
    move(tables, wallet, role_wallet(tables, currency, Role.FEES), fee)
    return realised


def conclude_fill(tables: Tables, order: OrderRow) -> None:
    """After a fill of a takeover's order was said: the fund gets or pays, and the takeover is so much smaller."""
    square(tables, instruments_at(tables, order.instrument).currency, order.instrument)
    after_reduction(tables, order.takeover, order.price_ticks)


def after_reduction(tables: Tables, slot: i64, price_ticks: i64) -> None:
    """Say how much of a takeover is left; if nothing is, it is over."""
    row = takeovers_at(tables, slot)
    if row.quantity != 0:
        say_takeover(tables, slot, row.stage, price_ticks)
        return
    say_takeover(tables, slot, TakeoverStage.TAKEOVER_CLOSED, price_ticks)
    finish_takeover(tables, slot)
