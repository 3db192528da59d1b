"""The demo's cast and money: made once, credited once, and written down for a stranger."""

import asyncio
import ctypes
import json
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from outcry.app import demo, listings, walking
from outcry.engine.engine import Engine
from outcry.engine.reading import find_account, find_wallet
from outcry.identity import Identity
from outcry.protocol import wire
from outcry.protocol.layout import Code, Deposit
from outcry.protocol.wire import Event


@dataclass
class Applied:
    events: Sequence[Event]


class Venue:
    """An engine that takes commands one by one."""

    def __init__(self) -> None:
        self.engine = Engine()

    async def execute(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> Applied:
        number = self.engine.sequence + 1
        entry = wire.encode_entry(
            record, payload, sequence=number, time_ns=10**18 + number, origin=1, origin_sequence=number
        )
        return Applied(list(wire.events_of(self.engine.apply(entry))))


async def opened(venue: Venue, identity: Identity) -> demo.Cast:
    """Listings, cast and money."""
    terms = listings.load()
    for record in listings.outstanding(terms, venue.engine.tables):
        await demo.carry_out(venue, record, "a listing")
    cast = demo.assemble(identity)
    await demo.fund(venue, identity, cast, {c.symbol: n for n, c in enumerate(terms.currencies, 1)})
    return cast


def test_everybody_has_an_account_with_money_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    identity, venue = Identity(tmp_path / "identity.db"), Venue()
    cast = asyncio.run(opened(venue, identity))
    tables = venue.engine.tables
    balances = {}
    for name, key in cast.keys.items():
        account = find_account(tables, key.user.handle)
        assert identity.user(name).account == account >= 8
        balances[name] = tables.wallets[find_wallet(tables, account, 1)].balance_minor
    assert balances["alice"] == 10 * 10**8
    again = asyncio.run(opened(venue, identity))
    assert again.keys.keys() == cast.keys.keys()
    assert [key.id for key in again.keys.values()] == [key.id for key in cast.keys.values()]
    account = find_account(tables, cast.keys["alice"].user.handle)
    assert tables.wallets[find_wallet(tables, account, 1)].balance_minor == balances["alice"]
    identity.close()


def test_a_disabled_key_is_replaced(tmp_path: Path) -> None:
    identity = Identity(tmp_path / "identity.db")
    first = demo.assemble(identity).keys["alice"]
    identity.set_enabled(first.id, False)
    second = demo.assemble(identity).keys["alice"]
    assert second.id != first.id
    assert second.user == first.user
    identity.close()


def test_a_refusal_that_is_not_harmless_is_raised_with_its_name() -> None:
    deposit = Deposit(account=8, currency=1, amount_minor=1)
    with pytest.raises(demo.Refused, match="the deposit was refused: CURRENCY_UNKNOWN"):
        asyncio.run(demo.carry_out(Venue(), deposit, "the deposit"))
    asyncio.run(demo.carry_out(Venue(), deposit, "the deposit", (Code.CURRENCY_UNKNOWN,)))


def test_the_card_tells_url_and_keys_and_is_private(tmp_path: Path) -> None:
    identity = Identity(tmp_path / "identity.db")
    cast = demo.assemble(identity)
    path = tmp_path / "demo.json"
    demo.write_card(path, "http://127.0.0.1:1", "ws://127.0.0.1:1/realtime", cast)
    told = json.loads(path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (told["url"], told["ws"]) == ("http://127.0.0.1:1", "ws://127.0.0.1:1/realtime")
    assert [user["name"] for user in told["users"]] == ["alice", "bob"]
    assert told["users"][0]["secret"] == cast.keys["alice"].secret
    demo.write_card(path, "http://127.0.0.1:1", "ws://127.0.0.1:1/realtime", None)
    assert json.loads(path.read_text())["users"] == []
    identity.close()


def test_the_walk_knows_every_source_and_goes_on_where_prices_were() -> None:
    terms, venue = listings.load(), Venue()
    specs = walking.walk_specs(terms)
    assert [spec.start_units for spec in specs] == [6_000_000, 300_000, 150_000, 150_000]
    assert [number for spec in specs for number in spec.constituents] == list(range(1, len(terms.constituents()) + 1))
    assert walking.last_prices(venue.engine.tables) == {}
