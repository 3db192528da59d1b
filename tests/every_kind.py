"""Orders of every kind at random, for tests that compare what is seen of them with the engine or with history."""

import random
from typing import Any

from outcry.engine import reading
from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    Contingency,
    OrderFlag,
    OrderType,
    PegKind,
    SelfTrade,
    TimeInForce,
    TriggerReference,
)
from tests.engine.worlds import BUY, SELL, World, place

STOPS = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED)
MARKETS = (OrderType.STOP, OrderType.MARKET_IF_TOUCHED)
MARK = 600_000
SUBTICKS = 10


def order_at_random(chance: random.Random, account: int, number: int) -> layout.Place:
    """An order of XBTUSD around 60,000; some of them are refused."""
    side = chance.choice((BUY, SELL))
    price = MARK + chance.randint(-8, 8) * 10
    record = place(account, side, 100 * chance.randint(1, 5), price, client_id=f"k{number}")
    roll = chance.random()
    if roll < 0.5:
        record.order_type = chance.choice(STOPS)
        record.trigger_reference = chance.choice([0, *TriggerReference])
        record.trigger_subticks = (MARK + chance.randint(-12, 12) * 10) * SUBTICKS
        if record.order_type in MARKETS:
            record.price_ticks, record.time_in_force = 0, TimeInForce.IMMEDIATE_OR_CANCEL
        if chance.random() < 0.3:
            rises = (record.order_type in STOPS[:2]) == (side == BUY)
            record.trigger_subticks, record.peg_kind = 0, PegKind.PEG_TRAILING
            record.peg_offset_subticks = chance.randint(1, 900) * (1 if rises else -1)
        if record.order_type in STOPS[:2] and chance.random() < 0.1:
            record.flags |= OrderFlag.LAST_WITHIN_MARK
            record.trigger_reference = TriggerReference.ON_LAST
    elif roll < 0.7:
        record.display_quantity = chance.choice((0, 0, 100, 200))
    elif roll < 0.8:
        record.order_type, record.price_ticks, record.flags = OrderType.PEGGED, 0, OrderFlag.FIXED_PEG
        record.peg_kind = chance.choice((PegKind.PEG_PRIMARY, PegKind.PEG_MARKET))
        record.peg_offset_subticks = chance.randint(-5, 5) * SUBTICKS
    if chance.random() < 0.3 and record.order_type != OrderType.PEGGED:
        record.contingency = chance.choice(list(Contingency))
        wire.put_client_id(record.link_id, f"g{chance.randint(1, 6)}")
    if chance.random() < 0.15 and record.time_in_force == TimeInForce.GOOD_TILL_CANCEL:
        record.time_in_force = TimeInForce.DAY
    if chance.random() < 0.3:
        record.self_trade = chance.choice(list(SelfTrade))
    if chance.random() < 0.15:
        record.flags |= OrderFlag.REDUCE_ONLY
    return record


def act_at_random(world: World, chance: random.Random, accounts: list[int], number: int) -> None:
    """A new order, an amendment, a revival, a cancel, or a price; then the engine's own work."""
    account = chance.choice(accounts)
    tables = world.engine.tables
    own = [tables.orders[slot] for slot in reading.orders_of(tables, account)]
    filled = [row.order_id for row in tables.filled if row.order_id and row.account == account]
    roll = chance.random()
    if roll < 0.55 or not own:
        world.send(order_at_random(chance, account, number), f"n{number}".encode())
    elif roll < 0.72:
        world.amend(account, chance.choice(own).order_id, **_change(chance, tables, chance.choice(own)))
    elif roll < 0.78 and filled:
        world.amend(account, chance.choice(filled), leaves_quantity=100 * chance.randint(1, 4))
    elif roll < 0.84:
        world.cancel(account, chance.choice(own).order_id)
    else:
        far = 150 if chance.random() < 0.3 else 9
        price = (60_000 + chance.randint(-far, far)) * 100
        for constituent in (1, 2):
            world.price(1, price, constituent)
        # Trailing orders follow with the seconds.
        world.wait(1)
        world.send(layout.Tick())
    while world.engine.work_waiting:
        world.carry_on()


def _change(chance: random.Random, tables: layout.Tables, row: layout.OrderRow) -> dict[str, Any]:
    what = chance.random()
    if what < 0.3:
        return {"quantity": 100 * chance.randint(1, 7)}
    if what < 0.5:
        return {"leaves_quantity": 100 * chance.randint(0, 5)}
    if what < 0.7:
        return {"trigger_subticks": (MARK + chance.randint(-12, 12) * 10) * SUBTICKS}
    if what < 0.8:
        return {"peg_offset_subticks": chance.choice((-1, 1)) * chance.randint(1, 900)}
    return {"price_ticks": MARK + chance.randint(-8, 8) * 10}
