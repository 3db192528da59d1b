"""A running venue that halts, or whose keeper finds a satoshi too much: what it says, and what the next start does."""

import asyncio
import hashlib
import json
import sys
import time
from pathlib import Path

import msgspec
import pytest

import tests.venue
from outcry.app.saved import Saved
from outcry.app.settings import Files
from outcry.client import Credentials, Refused, VenueClient
from outcry.engine.engine import Engine
from tests.laws.planting import add
from tests.venue import Venue, outcry

TRIGGER = 66_600
CHEATING = f"""
from outcry.engine import engine
from outcry.protocol import layout, wire
honest = engine.Engine.apply

def apply(self, body):
    out = []
    for piece in wire.entry_slices(body):
        entry = wire.entry_of(bytes(piece))
        if entry.head.kind == layout.CommandKind.PLACE and entry.record.quantity == {TRIGGER} and not self.halted:
            row = next(
                row for row in self.tables.positions
                if (row.account, row.instrument) == (entry.record.account, entry.record.instrument)
            )
            row.quantity += 50
        out.append(honest(self, bytes(piece)))
    return b"".join(out)

engine.Engine.apply = apply
from outcry.app.cli import main
main()
"""
"""The command `outcry` with an engine in which one position is half a lot wrong when a certain order comes."""


@pytest.fixture
def cheating(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tests.venue, "_command", lambda: [sys.executable, "-c", CHEATING])


async def answer_of(client: VenueClient, quantity: int) -> str:
    """What the venue says to a market order."""
    try:
        await client.place("XBTUSD", "Buy", quantity)
    except Refused as refusal:
        return f"{refusal.status} {refusal}"
    return ""


def trader(venue: Venue) -> VenueClient:
    user = venue.users[-1]
    return VenueClient(venue.url, Credentials(user.key, user.secret), attempts=1)


async def halts(venue: Venue) -> None:
    async with trader(venue) as client:
        assert await answer_of(client, 100) == ""
        for _ in range(2):
            assert "503" in (told := await answer_of(client, TRIGGER))
            assert "Service unavailable: the venue has halted." in told
        assert {row.state for row in await client.instruments()} == {"Closed"}
        assert await client.positions()


async def reads_only(venue: Venue) -> None:
    async with trader(venue) as client:
        assert "the venue has halted" in await answer_of(client, 100)
        assert await client.margins()


@pytest.mark.slow
@pytest.mark.venue
def test_a_halted_venue_says_so_everywhere_and_serves_reads_when_it_is_started_again(
    tmp_path: Path, cheating: None
) -> None:
    venue = Venue(tmp_path / "data", ["--one-process"])
    venue.start()
    try:
        asyncio.run(halts(venue))
        time.sleep(1)
        assert venue.is_running()
        assert venue.stop() == 0
        begun = len(venue.log.read_text())
        venue.start()
        asyncio.run(reads_only(venue))
        assert venue.stop() == 0
    finally:
        venue.kill()
    halt = json.loads(Files(venue.data).halted.read_text())
    said = venue.log.read_text()[begun:]
    assert f"HALTED the venue halted itself at sequence {halt['sequence']:,}: {halt['fault']} of 1: found" in said
    assert "to read only" in said
    numbers = f"at sequence {halt['sequence']:,}: {halt['fault']} of 1: found {halt['found']:,}, expected"
    for command in ("verify", "replay"):
        told = outcry(command, str(venue.data))
        assert told.returncode == 1
        assert numbers in told.stderr
    told = outcry("audit", str(venue.data))
    assert told.returncode == 1
    assert f"halted itself at sequence {halt['sequence']}" in told.stderr
    made = outcry(
        "fork", str(venue.data), "--at", str(halt["sequence"] - 1), "--into", str(tmp_path / "fork"), "--json"
    )
    assert made.returncode == 0, made.stderr


def one_satoshi_more(path: Path) -> None:
    """In a keeper's memory, as it goes on with it at its next start; the file's checksum is right."""
    state = msgspec.msgpack.decode(path.read_bytes()[32:], type=Saved)
    engine = Engine.restore(state.engine)
    add(next(row for row in engine.tables.wallets if row.account >= 8 and row.balance_minor), "balance_minor")
    state.engine = engine.snapshot()
    content = msgspec.msgpack.encode(state)
    path.write_bytes(hashlib.sha256(content).digest() + content)


@pytest.mark.slow
@pytest.mark.venue
def test_a_keeper_that_finds_a_satoshi_stops_the_venue_and_the_next_start(tmp_path: Path) -> None:
    venue = Venue(tmp_path / "data")
    venue.start()
    assert venue.stop() == 0
    files = Files(venue.data)
    one_satoshi_more(files.keeper_state)

    stopped = outcry("up", "--data", str(venue.data), "--port", "0", "--law-seconds", "0.5")
    assert stopped.returncode == 1
    assert "the books do not add up at sequence" in stopped.stderr
    assert "INV-01" in stopped.stderr
    refused = outcry("up", "--data", str(venue.data), "--port", "0")
    assert refused.returncode == 1
    assert "found by the keeper before this venue stopped" in refused.stderr

    # The journal is in order, so it was the memory: what is named is removed, and the venue goes on.
    assert outcry("verify", str(venue.data)).returncode == 0
    files.keeper_state.unlink()
    files.broken_law.unlink()
    venue.start()
    assert venue.stop() == 0
