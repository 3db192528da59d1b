"""Orders that wait: placed without being weighed, and amended while they wait (ORD-14, ORD-15, ORD-18).

Of what a new order is refused for, one that waits is refused for what can be known before it goes live; the rest is
asked then (`firing`).  Refusals in order of precedence, then a line after which nothing can fail.
"""

import cython

if not cython.compiled:
    from outcry.engine.binding import (
        bind_waiting,
        has_room_to_bind,
        offset_refusal,
        peg_of_stop_refusal,
        trigger_price_refusal,
        trigger_refusal,
    )
    from outcry.engine.book import book_has_room
    from outcry.engine.conditions import arm, disarm, say_conditioned
    from outcry.engine.events import refuse, say_amended
    from outcry.engine.firing import fire_if_reached
    from outcry.engine.groups import find_group, group_refusal, waits_for_primary
    from outcry.engine.known import rung_refusal
    from outcry.engine.ledger import position_for
    from outcry.engine.lookup import find_position_slot
    from outcry.engine.orders import client_id_given, end_order, find_named, remember_client_id, retire_client_id
    from outcry.engine.pegs import display_refusal
    from outcry.engine.placing import price_refusal, quantity_refusal, room_refusal
    from outcry.engine.pools import has_room
    from outcry.engine.standing import new_order, say_placed, take_place
    from outcry.engine.trailing import begin_trailing, trail_refusal
    from outcry.protocol.layout import (
        Amend,
        Code,
        ConditionStage,
        EndReason,
        EntryHead,
        InstrumentRow,
        OrderFlag,
        OrderRow,
        OrderType,
        PegKind,
        Place,
        SelfTrade,
        Side,
        TableNumber,
        Tables,
        TimeInForce,
        amend_of,
        client_ids_at,
        conditions_at,
        flag,
        i64,
        instruments_at,
        orders_at,
        place_of,
        positions_at,
    )
    from outcry.rules.triggers import is_market, is_stop


def waiting_shape_refusal(asked: Place) -> Code:
    """Numbers that name nothing (CMD-01, CMD-08); a peg has its price at entry, so it cannot wait for a primary."""
    if asked.side != Side.BUY and asked.side != Side.SELL:
        return Code.PARAMETER_INVALID
    if asked.self_trade > SelfTrade.EXPIRE_BOTH:
        return Code.PARAMETER_INVALID
    if asked.order_type < OrderType.LIMIT or asked.order_type >= OrderType.PEGGED:
        return Code.ORDER_TYPE_WITHOUT_RULE
    if asked.time_in_force < TimeInForce.GOOD_TILL_CANCEL or asked.time_in_force > TimeInForce.DAY:
        return Code.ORDER_TYPE_WITHOUT_RULE
    if asked.flags >= OrderFlag.BY_VENUE:
        return Code.ORDER_TYPE_WITHOUT_RULE
    return Code.OK


def size_refusal(instrument: InstrumentRow, asked: Place) -> Code:
    """Quantity and limit of an order that waits (ORD-04, ORD-05); a closing one may leave the quantity open."""
    code: Code = Code.OK
    if asked.quantity != 0 or asked.flags & OrderFlag.CLOSE == 0:
        code = quantity_refusal(instrument, asked.quantity)
    if code != Code.OK:
        return code
    if is_market(asked.order_type):
        return Code.OK if asked.price_ticks == 0 else Code.PRICE_INVALID
    return price_refusal(instrument, asked.price_ticks)


def place_waiting(tables: Tables, entry: EntryHead) -> Code:
    """A new order that waits (ORD-14, ORD-18).  Refusals in order of precedence; then nothing can fail."""
    asked = place_of(entry)
    account: i64 = asked.account
    number: i64 = asked.instrument
    name = client_ids_at(tables, 0)
    name.client_id = asked.client_id
    name.account = account
    code: Code = rung_refusal(tables, account, number, asked.order_type, asked.time_in_force, asked.flags)
    if code == Code.OK and client_id_given(tables) and find_named(tables) != 0:
        code = Code.CLIENT_ID_DUPLICATE
    if code == Code.OK:
        code = waiting_shape_refusal(asked)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, 0, 0)
    instrument = instruments_at(tables, number)
    code = size_refusal(instrument, asked)
    if code == Code.QUANTITY_INVALID or code == Code.QUANTITY_NOT_LOTS:
        return refuse(tables, entry, code, account, number, asked.quantity, instrument.quantity_max)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, asked.price_ticks, instrument.price_ticks_max)
    dormant: flag = waits_for_primary(tables, find_group(tables, asked))
    code = condition_refusal(tables, instrument, asked, dormant)
    if code == Code.OK:
        code = waiting_room_refusal(tables, instrument, asked)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, asked.trigger_subticks, 0)

    # From here the order stands.
    slot: i64 = stand_waiting(tables, asked)
    at: i64 = bind_waiting(tables, slot, asked, dormant)
    if not dormant:
        if asked.peg_kind == PegKind.PEG_TRAILING:
            begin_trailing(tables, at)
        arm(tables, at)
    say_conditioned(tables, slot)
    if not dormant:
        fire_if_reached(tables, at)
    return Code.OK


def condition_refusal(tables: Tables, instrument: InstrumentRow, asked: Place, dormant: flag) -> Code:
    """Why the order may not wait for this: trigger, offset, group, what it shows."""
    code: Code = trigger_refusal(instrument, asked)
    if code == Code.OK:
        code = peg_of_stop_refusal(tables, asked, dormant)
    if code != Code.OK and code != Code.PEG_WITHOUT_TOUCH:
        return code
    # That there is no price to trail is said last (LAW-07).
    earlier: Code = Code.OK
    if asked.contingency != 0 or asked.link_id[4] != 0:
        earlier = group_refusal(tables, asked)
    whole: i64 = asked.quantity if asked.quantity != 0 else instrument.quantity_max
    if earlier == Code.OK:
        earlier = display_refusal(instrument, asked.display_quantity, whole)
    return earlier if earlier != Code.OK else code


def waiting_room_refusal(tables: Tables, instrument: InstrumentRow, asked: Place) -> Code:
    """Whether every row can be had, and the account may have one more order, and one more stop here (ORD-23)."""
    account: i64 = asked.account
    position: i64 = find_position_slot(tables, account, asked.instrument)
    if not has_room_to_bind(tables, asked):
        return Code.TABLE_FULL
    code: Code = room_refusal(tables, account, position, instrument)
    stops: i64 = positions_at(tables, position).stops
    if code == Code.OK and is_stop(asked.order_type) and 0 < instrument.stops_max <= stops:
        return Code.STOPS_TOO_MANY
    return code


def stand_waiting(tables: Tables, asked: Place) -> i64:
    """The row of an order that waits, listed and named."""
    position_slot: i64 = position_for(tables, asked.account, asked.instrument)
    flags: i64 = asked.flags
    if flags & OrderFlag.CLOSE != 0:
        flags |= OrderFlag.REDUCE_ONLY
    slot: i64 = new_order(
        tables,
        position_slot,
        asked.side,
        asked.quantity,
        asked.price_ticks,
        asked.order_type,
        asked.time_in_force,
        flags,
    )
    orders_at(tables, slot).self_trade = asked.self_trade
    orders_at(tables, slot).display_quantity = asked.display_quantity
    if client_id_given(tables):
        remember_client_id(tables, slot)
    placed = say_placed(tables, slot, asked.price_ticks)
    placed.client_id = asked.client_id
    return slot


def waiting_total(asked: Amend, order: OrderRow) -> i64:
    """The quantity an amendment wants of an order of which nothing is filled: the total and what is open are one."""
    if asked.quantity != 0:
        return asked.quantity
    return asked.leaves_quantity if asked.leaves_quantity >= 0 else order.quantity


def amend_waiting(tables: Tables, entry: EntryHead, slot: i64) -> Code:
    """Change an order that waits; it goes on waiting, unless its new trigger is reached already (ORD-09, ORD-14).

    A new trigger goes behind the others at its price.
    """
    asked = amend_of(entry)
    order = orders_at(tables, slot)
    account: i64 = order.account
    number: i64 = order.instrument
    instrument = instruments_at(tables, number)
    condition = conditions_at(tables, order.condition)
    total: i64 = waiting_total(asked, order)
    price: i64 = asked.price_ticks if asked.price_ticks != 0 else order.price_ticks
    code: Code = Code.OK
    if total != order.quantity and total != 0:
        code = quantity_refusal(instrument, total)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, total, instrument.quantity_max)
    if asked.price_ticks != 0:
        code = Code.PRICE_INVALID if is_market(order.order_type) else price_refusal(instrument, price)
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, price, instrument.price_ticks_max)
    name = client_ids_at(tables, 0)
    name.client_id = asked.new_client_id
    renames: flag = client_id_given(tables)
    moves: flag = moves_trigger(tables, asked, slot)
    if total == order.quantity and price == order.price_ticks and not renames and not moves:
        return refuse(tables, entry, Code.AMEND_UNCHANGED, account, number, 0, 0)
    code = new_trigger_refusal(tables, asked, slot)
    if code == Code.OK and renames and not has_room(tables, TableNumber.CLIENT_IDS_TABLE, 1):
        code = Code.TABLE_FULL
    if code == Code.OK and moves and not (book_has_room(tables) and has_room(tables, TableNumber.NODES_TABLE, 16)):
        code = Code.TABLE_FULL
    if code != Code.OK:
        return refuse(tables, entry, code, account, number, asked.trigger_subticks, 0)

    # From here the order is changed.
    if renames:
        if order.client != 0:
            retire_client_id(tables, order.client)
        name.client_id = asked.new_client_id
        name.account = account
        remember_client_id(tables, slot)
    order.quantity = total
    order.leaves_quantity = total
    order.price_ticks = price
    if moves:
        move_trigger(tables, asked, slot)
    say_amended(tables, slot, 0 if moves else 1)
    if moves:
        say_conditioned(tables, slot)
    if total == 0 and (asked.leaves_quantity == 0 or order.flags & OrderFlag.CLOSE == 0):
        end_order(tables, slot, EndReason.ENDED_AMENDED)
    elif moves and condition.stage == ConditionStage.STAGE_ARMED:
        fire_if_reached(tables, order.condition)
    return Code.OK


def moves_trigger(tables: Tables, asked: Amend, slot: i64) -> flag:
    """Whether an amendment changes what the order waits for."""
    condition = conditions_at(tables, orders_at(tables, slot).condition)
    moves: flag = asked.trigger_subticks != 0 and asked.trigger_subticks != condition.trigger_subticks
    trails: flag = asked.peg_offset_subticks != 0 and asked.peg_offset_subticks != condition.peg_offset_subticks
    return moves or trails


def new_trigger_refusal(tables: Tables, asked: Amend, slot: i64) -> Code:
    """Why an order may not wait for the amended trigger or trail by the amended offset."""
    order = orders_at(tables, slot)
    condition = conditions_at(tables, order.condition)
    trails: flag = condition.peg_kind == PegKind.PEG_TRAILING
    code: Code = Code.OK
    if asked.trigger_subticks != 0:
        if trails or not is_stop(order.order_type):
            return Code.TRIGGER_INVALID
        code = trigger_price_refusal(instruments_at(tables, order.instrument), asked.trigger_subticks)
    if code != Code.OK or asked.peg_offset_subticks == 0:
        return code
    if not trails:
        return Code.PEG_INVALID
    code = offset_refusal(condition.rising != 0, asked.peg_offset_subticks)
    if code != Code.OK or condition.stage != ConditionStage.STAGE_ARMED:
        return code
    return trail_refusal(tables, order.instrument, condition.trigger_reference, asked.peg_offset_subticks)


def move_trigger(tables: Tables, asked: Amend, slot: i64) -> None:
    """Give the order its new trigger or offset, behind the others that wait at that price."""
    at: i64 = orders_at(tables, slot).condition
    condition = conditions_at(tables, at)
    armed: flag = condition.stage == ConditionStage.STAGE_ARMED
    if armed:
        disarm(tables, at)
    if asked.trigger_subticks != 0:
        condition.trigger_subticks = asked.trigger_subticks
    if asked.peg_offset_subticks != 0:
        condition.peg_offset_subticks = asked.peg_offset_subticks
    condition.place = take_place(tables)
    if not armed:
        return
    if condition.peg_kind == PegKind.PEG_TRAILING:
        begin_trailing(tables, at)
    arm(tables, at)
