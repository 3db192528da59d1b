"""What is derived, made anew from what is logical, after a snapshot was read: indexes, chains, books, sums, timers.

Tables hold their logical fields and otherwise zeros; the caller hands in the slots of the open orders twice, by order
number and by priority, and those of the conditions by place, because chains and queues are in those orders.  Changes
no logical field.
"""

import cython

if not cython.compiled:
    from outcry.engine.bands import stand_at_band
    from outcry.engine.conditions import waits
    from outcry.engine.ledger import wallet_for
    from outcry.engine.listing import derive_scales, open_book
    from outcry.engine.lookup import find_order_slot, find_position_slot, find_wallet_slot, reindex
    from outcry.engine.orders import carry, enlist, stand_in
    from outcry.engine.rebinding import rebuild_bonds, rebuild_chains_of, rebuild_sets
    from outcry.engine.small import count_small
    from outcry.engine.states import count_states
    from outcry.engine.timers import add_timer, timer_ns
    from outcry.protocol.layout import (
        InstrumentState,
        Memory,
        OrderFlag,
        TableNumber,
        Tables,
        accounts_at,
        client_ids_at,
        currencies_at,
        i64,
        instruments_at,
        number_at,
        orders_at,
        pools_at,
        positions_at,
        volumes_at,
        wallets_at,
    )
    from outcry.rules.value import lot_value_minor, subticks_of, value_minor


def rebuild_derived(
    tables: Tables, by_number: Memory, by_priority: Memory, orders: i64, by_place: Memory, conditions: i64
) -> None:
    """Everything derived; `orders` is the length of the first two lists of slots, `conditions` that of the third."""
    for table in range(TableNumber.ACCOUNTS_TABLE, TableNumber.WITHDRAWALS_TABLE + 1):
        if table != TableNumber.ORDERS_TABLE:
            reindex(tables, table)
    reindex(tables, TableNumber.LINKS_TABLE)
    rebuild_chains(tables)
    rebuild_instruments(tables)
    count_states(tables)
    at: i64
    for at in range(orders):
        order = orders_at(tables, number_at(by_number, at))
        order.position = find_position_slot(tables, order.account, order.instrument)
        enlist(tables, number_at(by_number, at))
    rebuild_bands(tables)
    rebuild_names(tables)
    for at in range(orders):
        find_position(tables, number_at(by_number, at))
    rebuild_bonds(tables)
    rebuild_chains_of(tables, by_number, orders)
    rebuild_sets(tables, by_place, conditions)
    for at in range(orders):
        if not waits(tables, orders_at(tables, number_at(by_priority, at))):
            rebuild_order(tables, number_at(by_priority, at))


def rebuild_chains(tables: Tables) -> None:
    """The wallets, positions and volumes of each account, and the times that are to come for accounts."""
    slot: i64
    for slot in range(1, pools_at(tables, TableNumber.WALLETS_TABLE).high + 1):
        wallet = wallets_at(tables, slot)
        wallet.next_wallet = accounts_at(tables, wallet.account).first_wallet
        accounts_at(tables, wallet.account).first_wallet = slot
    for slot in range(1, pools_at(tables, TableNumber.CURRENCIES_TABLE).high + 1):
        currencies_at(tables, slot).role_wallets = find_wallet_slot(tables, 1, slot) - 1
    for slot in range(1, pools_at(tables, TableNumber.POSITIONS_TABLE).high + 1):
        position = positions_at(tables, slot)
        position.wallet = wallet_for(tables, position.account, instruments_at(tables, position.instrument).currency)
        position.next_position = accounts_at(tables, position.account).first_position
        accounts_at(tables, position.account).first_position = slot
    for slot in range(1, pools_at(tables, TableNumber.VOLUMES_TABLE).high + 1):
        accounts_at(tables, volumes_at(tables, slot).account).volume = slot
    for slot in range(1, pools_at(tables, TableNumber.ACCOUNTS_TABLE).high + 1):
        if timer_ns(tables, slot) != 0:
            add_timer(tables, slot)


def rebuild_instruments(tables: Tables) -> None:
    """What follows from the terms and the mark, and the roots of the books."""
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        instrument = instruments_at(tables, number)
        derive_scales(tables, instrument)
        if instrument.state != InstrumentState.INSTRUMENT_SETTLED:
            open_book(tables, instrument)
        instrument.law_epoch_quantity = instrument.epoch_quantity
        instrument.law_epoch_cost = instrument.epoch_cost_minor
        if instrument.mark_subticks != 0:
            instrument.mark_lot_minor = lot_value_minor(instrument, instrument.mark_subticks, tables.fault)


def rebuild_bands(tables: Tables) -> None:
    """The tries of the bands, from the first position of every band's chain."""
    slot: i64
    for slot in range(1, pools_at(tables, TableNumber.POSITIONS_TABLE).high + 1):
        position = positions_at(tables, slot)
        if position.band_subticks != 0 and position.band_previous == 0:
            stand_at_band(tables, slot)


def rebuild_names(tables: Tables) -> None:
    """Client ids of open orders and those orders know each other; what has ended names no row."""
    slot: i64
    for slot in range(1, pools_at(tables, TableNumber.CLIENT_IDS_TABLE).high + 1):
        name = client_ids_at(tables, slot)
        if name.account != 0 and name.ended_ns == 0:
            name.order = find_order_slot(tables, name.order_id)
            orders_at(tables, name.order).client = slot


def find_position(tables: Tables, slot: i64) -> None:
    """An order knows its position."""
    order = orders_at(tables, slot)
    order.position = find_position_slot(tables, order.account, order.instrument)


def rebuild_order(tables: Tables, slot: i64) -> None:
    """An order's place in its queue and its share of its position's sums."""
    order = orders_at(tables, slot)
    instrument = instruments_at(tables, order.instrument)
    stand_in(tables, slot)
    if instrument.small_order_minor != 0:
        count_small(tables, order, instrument, 1)
    if order.flags & OrderFlag.REDUCE_ONLY == 0 and order.takeover == 0 and instrument.near_instrument == 0:
        price: i64 = subticks_of(instrument, order.price_ticks)
        order.value_minor = value_minor(instrument, order.leaves_quantity, price, tables.fault)
    carry(tables, order, instrument)
