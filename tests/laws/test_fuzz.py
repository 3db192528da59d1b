"""Records of every kind with random, extreme and meaningless fields: nothing breaks, and both modes do the same.

Beside the engines stands a stranger who sees events only and keeps the levels of the books and everybody's wallet.
After every command the modes' events are the same bytes; from time to time, and at the end, the stranger's books and
wallets are the engine's, the invariants hold and the roots are equal.  `Grow` has tests of its own in tests/engine.
"""

import ctypes
import random
from collections import Counter
from typing import Any

import pytest

from outcry.engine import reading
from outcry.protocol import layout, wire
from outcry.protocol.layout import CommandKind, EventKind, TableNumber
from tests.engine.plain import plain_engine
from tests.engine.worlds import World, number_words, xbtusd
from tests.laws import invariants

COMMANDS = 4_000
EDGES = (0, 1, -1, 2, 99, 100, 2**30 - 1, 2**31 - 1, 2**31, -(2**31), 2**53 - 1, 2**53, 2**62, 2**63 - 1, -(2**63))
COMMON = [CommandKind.PLACE] * 20 + [CommandKind.AMEND, CommandKind.CANCEL] * 5 + [CommandKind.CONSTITUENT_PRICE] * 2
KINDS = [kind for kind in layout.COMMAND_CLASSES if kind not in (CommandKind.GROW, CommandKind.SET_ACCOUNT_STATE)]
LIKELY: dict[str, tuple[int, ...]] = {
    "account": (8, 9, 10, 11),
    "to_account": (8, 9),
    "instrument": (1, 1, 1, 2),
    "currency": (1,),
    "index": (1,),
    "constituent": (1,),
    "side": (1, 2),
    "order_type": (1, 1, 1, 2),
    "time_in_force": (1, 1, 2, 3),
    "flags": (0, 0, 0, 1, 2, 4),
    "quantity": (100, 200, 500, 1000, 0),
    "leaves_quantity": (-1, -1, 100, 0),
    "display_quantity": (-1, -1, -1, 100, 0),
    "self_trade": (0, 0, 1, 2, 3),
    "cause": (1,),
    "price_ticks": (99_990, 99_995, 100_000, 100_005, 100_010, 0),
    "price_units": (999_000, 1_000_000, 1_000_000, 1_001_000, 1_001_000, 900_000),
    "amount_minor": (1, 1_000, 10**8),
    "leverage_centi": (0, 100, 2_500),
    "risk_limit_minor": (200 * 10**8, 350 * 10**8, 500 * 10**8),
    "weight_ppm": (0, 500_000, 1_000_000),
    "units_max": (1, 4_096),
    "isolated": (0, 1),
    "state": (1,),
}


CONDITIONS: dict[str, tuple[int, ...]] = {
    "order_type": (3, 4, 5, 6, 7),
    "trigger_subticks": (0, 999_000, 1_000_000, 1_001_000),
    "trigger_reference": (0, 1, 2, 3),
    "peg_kind": (0, 0, 1, 2, 3),
    "peg_offset_subticks": (0, 0, -500, 500),
    "contingency": (0, 0, 1, 2),
}
"""Of one new order in ten."""


class Stranger:
    """Books and wallets from events alone."""

    def __init__(self) -> None:
        self.levels: dict[tuple[int, int], dict[int, tuple[int, int]]] = {}
        self.balances: Counter[tuple[int, int]] = Counter()

    def look(self, event: wire.Event, currency_of: dict[int, int]) -> None:
        kind, record = event.head.kind, event.record
        if kind == EventKind.LEVEL_CHANGED:
            side = self.levels.setdefault((record.instrument, record.side), {})
            side.pop(record.price_ticks, None)
            if record.orders:
                side[record.price_ticks] = (record.quantity, record.orders)
        elif kind == EventKind.MOVED:
            self.balances[record.from_account, record.currency] -= record.amount_minor
            self.balances[record.to_account, record.currency] += record.amount_minor
        elif kind == EventKind.FILL:
            currency = currency_of[record.instrument]
            self.balances[record.taker_account, currency] += record.taker_realised_minor - record.taker_fee_minor
            self.balances[record.maker_account, currency] += record.maker_realised_minor - record.maker_fee_minor
        elif kind == EventKind.FUNDED:
            self.balances[record.account, currency_of[record.instrument]] -= record.amount_minor
        elif kind == EventKind.TAKEN_OVER:
            self.balances[record.account, currency_of[record.instrument]] += (
                record.realised_minor - record.reserve_minor
            )
        elif kind == EventKind.DELEVERAGED:
            self.balances[record.account, currency_of[record.instrument]] += record.realised_minor
        elif kind == EventKind.LISTED:
            currency_of[record.instrument] = record.currency


class Fuzz:
    """A small venue of four traders, and the chance that troubles it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world: World = xbtusd()
        for number in range(1, 5):
            self.world.trader(number, 10**9)
        self.plain = plain_engine()
        self.stranger = Stranger()
        self.currency_of: dict[int, int] = {}
        self.seen: Counter[str] = Counter()
        self.follow()

    def follow(self) -> None:
        """The uncompiled engine and the stranger see what the compiled one has just done."""
        body = b"".join(self.world.journal)
        self.world.journal.clear()
        for event in wire.events_of(self.plain.apply(body)):
            self.stranger.look(event, self.currency_of)
            self.seen[EventKind(event.head.kind).name] += 1

    def record(self) -> ctypes.LittleEndianStructure:
        kind = self.chance.choice(COMMON) if self.chance.random() < 0.8 else self.chance.choice(KINDS)
        record: Any = layout.COMMAND_CLASSES[kind]()
        size = ctypes.sizeof(record)
        if size and self.chance.random() < 0.03:
            ctypes.memmove(ctypes.addressof(record), self.chance.randbytes(size), size)
            return record  # type: ignore[no-any-return]
        wild = self.chance.choice((0.0, 0.0, 0.0, 0.1, 0.5))
        likely_here = LIKELY
        if kind == CommandKind.SET_VENUE_STATE:
            likely_here = LIKELY | {"state": (layout.VenueState.VENUE_OPEN,)}
        elif kind == CommandKind.PLACE and self.chance.random() < 0.1:
            likely_here = LIKELY | CONDITIONS
        for name, width, *_ in type(record)._fields_:
            if name == "order_id":
                record.order_id = self.some_order(record.account)
            elif name in ("reference", "request", "handle"):
                data = number_words(self.chance.randint(0, 20), ctypes.sizeof(width))
                wire.put_bytes(getattr(record, name), data)
            elif name in ("client_id", "new_client_id", "link_id"):
                wire.put_client_id(getattr(record, name), self.chance.choice(("", "", "", "a", "b")))
            elif isinstance(getattr(record, name), int) and not name.startswith("pad"):
                likely = likely_here.get(name, (0,))
                setattr(record, name, self.chance.choice(EDGES if self.chance.random() < wild else likely))
        return record  # type: ignore[no-any-return]

    def some_order(self, account: int) -> int:
        """An open order of the account, or any number."""
        tables = self.world.engine.tables
        known = 0 < account <= tables.pools[TableNumber.ACCOUNTS_TABLE].high
        own = [tables.orders[slot].order_id for slot in reading.orders_of(tables, account)] if known else []
        return self.chance.choice([*own, 0, self.chance.randint(0, tables.venue.next_order_id)])

    def step(self) -> None:
        if self.chance.random() < 0.02:
            self.world.wait(self.chance.choice((1, 70)))
        before = len(self.world.journal)
        events = self.world.send(self.record())
        own = b"".join(bytes(event.head) + bytes(event.record) for event in events)
        *earlier, last = self.world.journal[before:]
        self.world.journal[before:] = earlier
        if self.world.journal:
            self.follow()
        mine = self.plain.apply(last)
        assert mine == own
        for event in wire.events_of(mine):
            self.stranger.look(event, self.currency_of)
            self.seen[EventKind(event.head.kind).name] += 1

    def compare(self) -> None:
        tables = self.world.engine.tables
        invariants.check(tables)
        for number in reading.used(tables, TableNumber.INSTRUMENTS_TABLE):
            for side in (1, 2):
                ours = self.stranger.levels.get((number, side), {})
                assert {p: (q, n) for p, q, n in reading.levels(tables, number, side)} == ours
        for slot in reading.used(tables, TableNumber.WALLETS_TABLE):
            wallet = tables.wallets[slot]
            if wallet.account >= layout.ROLES:
                assert self.stranger.balances[wallet.account, wallet.currency] == wallet.balance_minor


@pytest.mark.parametrize("seed", range(6))
def test_nothing_breaks_and_strangers_keep_the_same_books(seed: int) -> None:
    fuzz = Fuzz(seed)
    for at in range(COMMANDS):
        fuzz.step()
        if at % 50 == 0:
            fuzz.compare()
    fuzz.compare()
    assert not fuzz.world.engine.halted
    assert fuzz.world.engine.roots() == fuzz.plain.roots()
    for name in ("FILL", "PLACED", "AMENDED", "ENDED", "REFUSED", "MOVED", "MARK_MOVED"):
        assert fuzz.seen[name] > 3, name
