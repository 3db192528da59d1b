"""A venue in which a test takes positions over by hand, at any value, without an account that fails.

The uncompiled engine runs one `Continue` whose handler takes over what it is told; afterwards the same state can go on
in the compiled engine.
"""

from collections.abc import Callable

import pytest

from outcry.engine import dispatch, reading, takeovers
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import Code, EntryHead, Role, Tables
from tests.engine.plain import plain_engine
from tests.engine.worlds import World

XBT = 10**8
MARK = 100_000
Events = list[wire.Event]


def plain_world(**terms: int) -> World:
    """XBTUSD at 10,000 dollars in the uncompiled engine; terms change the listing."""
    world = World(plain_engine())
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument("XBTUSD", funding_rate_ppb=0, **terms)
    world.price(1, 1_000_000)
    return world


def compiled(world: World) -> None:
    """Go on in the compiled engine, if there is one."""
    world.engine = Engine.restore(world.engine.snapshot())


def plain(world: World) -> None:
    """Go on in the uncompiled engine."""
    world.engine = plain_engine(world.engine.snapshot())


def slot_of(world: World, account: int, instrument: int = 1) -> int:
    return reading.find_position(world.engine.tables, account, instrument)


def by_hand(world: World, act: Callable[[Tables, EntryHead], Code]) -> Events:
    """One entry of the uncompiled engine whose handler is this one; the engine goes back to the mode it had."""
    engine = world.engine
    plain(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatch, "carry_on", act)
        events = world.carry_on(1)
    world.engine = type(engine).restore(world.engine.snapshot(), type(engine._machine))
    return events


def seize(world: World, account: int, bankrupt_minor: int, reserve_minor: int = 0, instrument: int = 1) -> Events:
    """Take an account's position over at a signed value."""
    slot = slot_of(world, account, instrument)

    def take(tables: Tables, entry: EntryHead) -> Code:
        takeovers.take_over(tables, slot, bankrupt_minor, reserve_minor)
        return Code.OK

    return by_hand(world, take)


def fund(world: World, currency: int = 1) -> int:
    return world.balance(Role.INSURANCE, currency)


def owed(world: World, currency: int = 1) -> int:
    """What stands in the wallet of TAKEOVER; negative if the fund could not cover it."""
    return world.balance(Role.TAKEOVER, currency)


def give_fund(world: World, amount_minor: int) -> Events:
    return world.deposit(Role.INSURANCE, amount_minor)


def work(world: World, units: int = layout.WORK_UNITS_MAX) -> Events:
    """Let the engine do all its own work."""
    events: Events = []
    while world.engine.work_waiting:
        events += world.carry_on(units)
    return events


def takeover_rows(world: World, instrument: int = 1) -> list[layout.TakeoverRow]:
    tables, found = world.engine.tables, []
    slot = tables.instruments[instrument].first_takeover
    while slot:
        found.append(tables.takeovers[slot])
        slot = tables.takeovers[slot].next
    return found
