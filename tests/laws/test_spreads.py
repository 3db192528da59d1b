"""Random histories of a calendar spread: against the plain model, and with everything that can be in the way."""

import random
from typing import Any

import pytest

from outcry.engine import equity, funds, invariants
from outcry.protocol import layout
from outcry.protocol.layout import EndReason, EventKind, InstrumentState, SelfTrade, TimeInForce
from tests.engine import twins
from tests.engine.spreading import FAR, NEAR, ORIGIN, SPREAD, apart, at_market, order
from tests.engine.worlds import BUY, SELL, World, of_kind
from tests.laws.spread_model import Plain

RICH = 10**13
FORCES = {
    "good": TimeInForce.GOOD_TILL_CANCEL,
    "now": TimeInForce.IMMEDIATE_OR_CANCEL,
    "all": TimeInForce.FILL_OR_KILL,
    "post": TimeInForce.GOOD_TILL_CANCEL,
}


def agrees(world: World, plain: Plain, accounts: list[int]) -> None:
    """What everybody holds, has paid for it, and has left; and what stands in the book."""
    for account in accounts:
        for number, name in ((NEAR, "near"), (FAR, "far")):
            own = plain.legs.get((account, name))
            row = world.position(account, number)
            assert (row.quantity, row.cost_minor) == ((own.quantity, own.cost) if own else (0, 0))
        assert world.balance(account) == RICH + plain.money.get(account, 0)
    tables = world.engine.tables
    found = {
        (row.order_id, row.account, row.side == BUY, row.price_ticks - ORIGIN, row.leaves_quantity)
        for row in (tables.orders[at] for at in range(1, tables.pools[layout.TableNumber.ORDERS_TABLE].high + 1))
        if row.order_id
    }
    assert found == {(one.number, one.account, one.buys, one.difference, one.leaves) for one in plain.orders}


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_plain_model(linear: bool, seed: int) -> None:
    draw = random.Random(seed)
    world = apart(linear, limit=2**52)
    accounts = [world.trader(number, RICH) for number in range(1, 6)]
    plain = Plain(not linear, 1 if linear else 100, 1_000 if linear else 10**8, mark=1_000_000)
    traded = 0
    for _ in range(150):
        what = draw.random()
        if what < 0.1:
            units = draw.randrange(900_000, 1_100_000)
            world.price(1, units)
            plain.mark = units
            assert world.engine.tables.instruments[NEAR].mark_subticks == units
        elif what < 0.25 and plain.orders:
            gone = draw.choice(plain.orders)
            world.cancel(gone.account, gone.number)
            plain.cancel(gone.number)
        else:
            account, buys = draw.choice(accounts), draw.random() < 0.5
            quantity, difference = 100 * draw.randrange(1, 9), draw.randrange(-8, 9)
            force = draw.choice(["good", "good", "good", "now", "all", "post"])
            number = world.engine.tables.venue.next_order_id
            events = order(
                world,
                account,
                BUY if buys else SELL,
                quantity,
                difference,
                time_in_force=FORCES[force],
                post_only=force == "post",
            )
            plain.place(number, account, buys, quantity, difference, force)
            fills = of_kind(events, EventKind.FILL)
            found = [
                (own.maker_account, own.quantity, near.price_ticks, far.price_ticks)
                for near, far, own in zip(fills[::3], fills[1::3], fills[2::3], strict=True)
            ]
            assert found == plain.fills
            traded += len(found)
        agrees(world, plain, accounts)
    assert traded > 20
    twins.agree(world)
    twins.audited(world)


def backed(world: World, events: list[Any]) -> list[Any]:
    """Whoever has just traded a spread passes the liquidation test, and nothing he has is missing (SPR-04)."""
    tables = world.engine.tables
    for fill in of_kind(events, EventKind.FILL):
        for account in (fill.taker_account, fill.maker_account):
            assert not equity.fails(tables, account)
            # Fees are rounded once here and once a fill there.
            assert funds.available_minor(tables, account, 1) >= -len(events)
    return events


def step(world: World, draw: random.Random, accounts: list[int]) -> list[Any]:
    """One thing that somebody does: in the spread, in a leg's own book, to margins, prices or states; what is said of
    an order in the spread."""
    tables = world.engine.tables
    account, side = draw.choice(accounts), draw.choice([BUY, SELL])
    what = draw.random()
    quantity = 100 * draw.choice([1, 3, 10, 50, 200, 600])
    mode = draw.choice([0, 0, SelfTrade.EXPIRE_MAKER, *SelfTrade])
    if what < 0.5:
        force = draw.choice([1, 1, 1, 1, 1, *FORCES.values()])
        wanted = draw.randrange(-9, 10) + tables.instruments[SPREAD].mark_subticks // 10 - ORIGIN
        return backed(world, order(world, account, side, quantity, wanted, time_in_force=force, self_trade=mode))
    if what < 0.54:
        return backed(world, at_market(world, account, side, quantity))
    if what < 0.66:
        leg = draw.choice([NEAR, FAR])
        price = tables.instruments[leg].mark_subticks // 10 + draw.randrange(-60, 60)
        world.place(account, side, quantity, price, instrument=leg, reduce_only=draw.random() < 0.2)
    elif what < 0.71:
        slot = tables.accounts[account].first_order
        if slot:
            world.cancel(account, tables.orders[slot].order_id)
    elif what < 0.77:
        slot = tables.accounts[account].first_order
        if slot:
            held = tables.orders[slot]
            price = held.price_ticks + draw.randrange(-40, 40)
            world.amend(account, held.order_id, price_ticks=price, leaves_quantity=quantity)
    elif what < 0.8:
        world.leverage(account, draw.choice([0, 0, 0, 2_000]), draw.choice([NEAR, FAR, SPREAD]))
    elif what < 0.94:
        moved = tables.indices[1].value_units * draw.randrange(940, 1_062) // 1_000
        world.price(1, max(200_000, min(5_000_000, moved)))
    elif what < 0.95:
        which = draw.choice([InstrumentState.INSTRUMENT_OPEN, InstrumentState.INSTRUMENT_PAUSED])
        world.send(layout.SetInstrumentState(instrument=draw.choice([NEAR, FAR, SPREAD]), state=which))
    else:
        for number in (NEAR, FAR, SPREAD):
            world.send(layout.SetInstrumentState(instrument=number, state=InstrumentState.INSTRUMENT_OPEN))
    return []


def go_on(world: World, draw: random.Random) -> None:
    """Time passes, and mostly the engine's own work is done."""
    world.wait(draw.choice([0.01, 1, 30]))
    while world.engine.work_waiting and draw.random() < 0.9:
        world.carry_on(draw.randrange(1, 30))


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_nothing_is_broken(linear: bool, seed: int) -> None:
    """Small and large purses, leverage, prices that jump: after every command every invariant holds."""
    draw = random.Random(100 + seed)
    world = apart(linear, impact=10**5)
    coin = 10**9 if linear else 10**6
    accounts = [world.trader(number, coin * size) for number, size in enumerate((1, 2, 5, 20, 100, 10**4), 1)]
    fills = unbacked = 0
    for _ in range(260):
        said = step(world, draw, accounts)
        fills += len(of_kind(said, EventKind.FILL))
        unbacked += sum(event.reason == EndReason.ENDED_UNBACKED for event in of_kind(said, EventKind.ENDED))
        go_on(world, draw)
        assert invariants.breaches(world.engine.tables) == []
        assert not world.engine.tables.venue.halted
    assert fills > 45
    assert linear or unbacked > 0
    twins.agree(world)
    twins.audited(world)
