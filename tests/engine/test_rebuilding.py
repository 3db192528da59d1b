"""A snapshot holds what is logical only; everything derived comes back as it was, and the venue goes on the same."""

import random

import pytest

from outcry.engine.engine import Engine
from outcry.protocol import layout
from outcry.protocol.rows import ROWS, TABLES
from tests.engine.plain import plain_door
from tests.engine.worlds import BUY, SELL, World
from tests.laws import invariants
from tests.laws.contracts import NUMBERS, list_contracts

MARK = 100_000
NOT_THE_SAME = {"hash_next", "level", "bid_root", "ask_root", "head", "account", "timer"}
"""Places that only their own structure knows: buckets, the book's rows, the heap."""
DERIVED = {
    record.name: [
        field.name
        for field in record.derived
        if field.name not in NOT_THE_SAME and not field.name.startswith("law_") and not field.name.endswith("_before")
    ]
    for record in ROWS
}
COMPARED = [table for table in TABLES if table.logical and DERIVED[table.record]]


def busy(seed: int) -> World:
    """A venue with positions, resting orders of all kinds, freed rows, ended names and armed switches."""
    chance, world = random.Random(seed), World()
    list_contracts(world, 2**52)
    world.price(1, MARK * 10)
    traders = [world.trader(n, 10**13) for n in range(1, 12)]
    for at in range(400):
        account, instrument = chance.choice(traders), chance.choice(NUMBERS)
        world.place(
            account,
            chance.choice((BUY, SELL)),
            100 * chance.randint(1, 9),
            MARK + chance.randint(-9, 9),
            instrument=instrument,
            reduce_only=chance.random() < 0.3,
            client_id=f"n{at}" if chance.random() < 0.5 else "",
        )
        if chance.random() < 0.1:
            world.cancel_all_after(account, chance.randint(1, 10**5))
        if chance.random() < 0.1:
            world.leverage(account, chance.choice((0, 500, 1000)), instrument)
        if chance.random() < 0.05:
            world.cancel_all(account, instrument)
        if chance.random() < 0.05:
            world.price(1, MARK * 10 + chance.randint(-300, 300))
    return world


@pytest.mark.parametrize("seed", range(3))
def test_every_derived_field_comes_back(seed: int) -> None:
    world = busy(seed)
    before, after = world.engine.tables, Engine.restore(world.engine.snapshot()).tables
    invariants.check(after)
    for table in COMPARED:
        rows = range(1, layout.TABLE_ROWS[table.name][1]) if table.rows > 1 else ()
        for at in rows:
            was, now = getattr(before, table.name)[at], getattr(after, table.name)[at]
            for name in DERIVED[table.record]:
                assert getattr(now, name) == getattr(was, name), (table.name, at, name)
    assert sum(before.positions[at].reducing for at in range(1, 34)) > 5
    assert before.venue.timers > 3


@pytest.mark.parametrize("seed", range(3))
def test_the_restored_venue_goes_on_the_same_compiled_and_uncompiled(seed: int) -> None:
    world = busy(seed)
    data = world.engine.snapshot()
    compiled, uncompiled = Engine.restore(data), Engine.restore(data, plain_door().Machine)
    assert compiled.roots() == uncompiled.roots() == world.engine.roots()
    world.journal.clear()
    traders = list(range(8, 19))
    chance = random.Random(seed)
    for _ in range(200):
        world.place(chance.choice(traders), chance.choice((BUY, SELL)), 700, MARK + chance.randint(-9, 9))
    body = b"".join(world.journal)
    assert compiled.apply(body) == uncompiled.apply(body)
    assert compiled.roots() == uncompiled.roots() == world.engine.roots()
    assert compiled.snapshot() == world.engine.snapshot()
