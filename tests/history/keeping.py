"""Worlds whose entries are folded into a history database, as the keeper does it, without a process or a clock."""

import ctypes
import hashlib
import random
from pathlib import Path
from typing import Any

from sqlalchemy import select

from outcry.engine import reading
from outcry.history import Store
from outcry.history.batches import Standing
from outcry.history.fold import Fold
from outcry.history.revivals import revivable
from outcry.history.tables import EVERY
from outcry.protocol import wire
from outcry.protocol.layout import Transfer
from tests.engine.worlds import BUY, SELL, World
from tests.gateway.venues import ObservedWorld, listed_world

GENESIS = bytes(32)
PRICES = {1: 600_000, 2: 60_000, 3: 600_000}
"""Of the three instruments of `listed_world`, in ticks."""
PAUSES = (0, 0, 0, 0.2, 1, 7, 45, 400, 2_000)
LOTS = {1: 100, 2: 1, 3: 100}


class Kept:
    """A store and what folds into it."""

    def __init__(self, path: Path, world: World) -> None:
        self.world = world
        self.store = Store(path)
        self.fold = self._fold()

    def _fold(self) -> Fold:
        standing = self.store.standing
        found = self.store.found(revivable(self.world.engine.tables))
        return Fold(self.world.engine, found, standing.time_ns if standing is not None else 0)

    def observe(self, entry: wire.Entry, events: list[wire.Event]) -> None:
        self.fold.observe(entry, events)

    def standing(self) -> Standing:
        sequence = self.world.engine.sequence
        return Standing(sequence, self.world.engine.time_ns, GENESIS, hash_of(sequence))

    def commit(self) -> None:
        self.store.write(self.fold.take(self.standing()))

    def begin_again(self) -> None:
        """As after a crash: only what the database holds is known."""
        self.store.close()
        self.store = Store(self.store.path)
        self.fold = self._fold()


def hash_of(sequence: int) -> bytes:
    return hashlib.sha256(sequence.to_bytes(8, "little")).digest()


class KeptWorld(ObservedWorld):
    """A world with history beside `Recent`."""

    kept: Kept | None = None

    def send(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> list[wire.Event]:
        events = super().send(record, payload)
        if self.kept is not None:
            self.kept.observe(wire.entry_of(self.journal[-1]), events)
        return events


def kept_world(path: Path) -> KeptWorld:
    """`listed_world`, all of whose entries are in history."""
    listed = listed_world()
    world = KeptWorld()
    world.kept = Kept(path, world)
    for entry in listed.journal:
        replay(world, entry)
    world.now_ns = listed.now_ns
    return world


def replay(world: KeptWorld, entry: bytes) -> None:
    """Send again what another world has journaled."""
    told = wire.entry_of(entry)
    world.now_ns = told.head.time_ns
    world.send(told.record, told.payload)


def move(world: World, account: int, other: int, amount_minor: int, currency: int) -> None:
    record = Transfer()
    record.account = account
    record.to_account = other
    record.currency = currency
    record.amount_minor = amount_minor
    world.send(record)


def trade_at_random(
    world: World, accounts: list[int], chance: random.Random, steps: int, pauses: tuple[float, ...] = PAUSES
) -> None:
    """Places, amendments, cancels, fills, transfers, prices and pauses in three instruments."""
    for step in range(steps):
        world.wait(chance.choice(pauses))
        account = chance.choice(accounts)
        number = chance.choice((1, 1, 2, 3))
        tables = world.engine.tables
        open_orders = [tables.orders[slot].order_id for slot in reading.orders_of(tables, account)]
        roll = chance.random()
        if roll < 0.6 or not open_orders:
            world.place(
                account,
                chance.choice((BUY, SELL)),
                LOTS[number] * chance.randint(1, 6),
                PRICES[number] + chance.randint(-6, 6) * 10,
                instrument=number,
                client_id=f"c{world.sent}" if chance.random() < 0.7 else "",
                time_in_force=chance.choice((1, 1, 1, 2, 3)),
                post_only=chance.random() < 0.1,
            )
        elif roll < 0.72:
            world.cancel(account, chance.choice(open_orders))
        elif roll < 0.88:
            world.amend(account, chance.choice(open_orders), price_ticks=PRICES[number] + chance.randint(-6, 6) * 10)
        elif roll < 0.92:
            world.cancel_all(account, side=chance.choice((0, BUY, SELL)))
        elif roll < 0.96:
            move(world, account, chance.choice([one for one in accounts if one != account]), 1_000 + step, 1)
        else:
            index = chance.choice((1, 2))
            world.price(index, (6_000_000, 300_000)[index - 1] + chance.randint(-500, 500), 2 * index - 1)


def all_rows(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Everything in the database, in the order of keys."""
    with store.engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
            for table in EVERY
        }
