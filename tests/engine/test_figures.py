"""The door for what is shown says what the plain way says, whatever an account has done."""

import random

from outcry.engine import reading
from outcry.protocol import layout
from outcry.protocol.layout import TableNumber
from tests.engine.worlds import BUY, SELL, World
from tests.gateway.venues import listed_world


def agree(world: World) -> tuple[int, int]:
    """Compare every position and balance; how many there were."""
    tables, figures = world.engine.tables, world.engine.figures
    positions = reading.used(tables, TableNumber.POSITIONS_TABLE)
    for slot in positions:
        assert reading.PositionFigures(*figures.position(slot)) == reading.position_figures(tables, slot)
    for instrument in reading.used(tables, TableNumber.INSTRUMENTS_TABLE):
        assert figures.scores(instrument) == reading.scores(tables, instrument)
    balances = 0
    for account in range(layout.ROLES, tables.pools[TableNumber.ACCOUNTS_TABLE].high + 1):
        for currency in (1, 2):
            wanted = reading.margin_of(tables, account, currency)
            assert reading.MarginSummary(*figures.margin(account, currency)) == wanted
            balances += 1
    return len(positions), balances


def test_figures_agree_after_everything_that_accounts_do() -> None:
    chance = random.Random(20_261_123)
    world = listed_world()
    accounts = []
    for number in range(6):
        record = layout.OpenAccount()
        record.handle[0] = number + 1
        account = int(world.send(record)[0].record.account)
        accounts.append(account)
        for currency in (1, 2):
            world.deposit(account, 10**9, currency)
    touch = {1: 600_000, 2: 60_000, 3: 600_000}
    lots = {1: 100, 2: 1, 3: 100}
    seen_isolated = seen_losses = 0
    for step in range(600):
        account, instrument = chance.choice(accounts), chance.choice((1, 2, 3))
        draw = chance.random()
        if draw < 0.7:
            ticks = touch[instrument] + chance.randrange(-200, 200)
            quantity = lots[instrument] * chance.randrange(1, 60)
            world.place(account, chance.choice((BUY, SELL)), quantity, ticks, instrument=instrument)
        elif draw < 0.8:
            world.leverage(account, chance.choice((0, 500, 2_000, 10_000)), instrument)
        elif draw < 0.9:
            world.send(
                layout.MoveMargin(account=account, instrument=instrument, amount_minor=chance.randrange(1, 5_000))
            )
        elif draw < 0.95:
            world.cancel_all(account)
        else:
            world.price(1, 60_000_00 + chance.randrange(-400_00, 400_00), 1)
            world.price(1, 60_000_00 + chance.randrange(-400_00, 400_00), 2)
        if step % 20 == 0:
            agree(world)
        rows = world.engine.tables.positions
        used = reading.used(world.engine.tables, TableNumber.POSITIONS_TABLE)
        seen_isolated += any(rows[at].isolated and rows[at].quantity for at in used)
        seen_losses += any(world.engine.figures.margin(one, 1)[2] > 0 for one in accounts)
    positions, balances = agree(world)
    assert (positions > 10, balances, seen_isolated > 50, seen_losses > 50) == (True, 12, True, True)


def test_a_grown_table_is_looked_at_where_it_is_now() -> None:
    world = listed_world()
    before = world.engine.figures
    rows = world.engine.tables.pools[TableNumber.POSITIONS_TABLE].rows
    world.send(layout.Grow(table=TableNumber.POSITIONS_TABLE, rows=2 * (rows - 1) + 1))
    assert world.engine.figures is not before
    agree(world)


def test_looking_changes_nothing() -> None:
    world = listed_world()
    root = world.engine.roots()
    agree(world)
    world.engine.figures.margin(layout.Role.FEES, 1)
    assert world.engine.roots() == root
    assert not world.engine.halted
