"""What an adversary found: entries that are none, refusals that changed something, snapshots that lie about sizes."""

import hashlib
import json
import subprocess
import sys

import pytest

from outcry.engine import snapshot
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import EntryHead, EventHead
from tests.engine.worlds import BUY, START_NS, World, plain, refused, xbtusd

ENTRY_OF_NO_KIND = """
from outcry.journal.frames import build_frame
from outcry.protocol import wire
from outcry.protocol.layout import EntryHead
body = bytes(EntryHead(sequence=1, kind=250, record_bytes=-1, payload_bytes=8)) + bytes(7)
try:
    build_frame(1, 1, body, bytes(32), bytes(32))
except wire.Malformed as problem:
    print(problem)
"""


def test_an_entry_of_no_kind_with_a_length_of_minus_one_is_malformed_and_not_read() -> None:
    # Minus one is also what the table of shapes says of a kind that does not exist; in a child, because it was a crash.
    done = subprocess.run([sys.executable, "-c", ENTRY_OF_NO_KIND], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "no command of kind 250 has -1 bytes (at byte 0)\n")


def test_events_of_no_kind_with_a_length_of_minus_one_are_malformed() -> None:
    # Each begins where the one before says that it ends; the last is whole.
    odd = bytes(EventHead(kind=250, record_bytes=-1))[:-1]
    whole = EventHead(kind=layout.EventKind.TICKED, record_bytes=layout.SIZES["Ticked"])
    with pytest.raises(wire.Malformed):
        wire.events_digest(odd + bytes(whole) + bytes(layout.SIZES["Ticked"]))


@pytest.mark.parametrize(
    ("kind", "record_bytes", "payload_bytes", "behind"),
    [
        (layout.CommandKind.TICK, -56, 0, 0),
        (layout.CommandKind.PLACE, 0, 0, 0),
        (layout.CommandKind.TICK, layout.SIZES["Tick"], 2**31 - 1, 64),
        (layout.CommandKind.TICK, layout.SIZES["Tick"], -8, 64),
        (250, -1, 0, 64),
    ],
)
def test_the_engine_takes_whole_entries_only(kind: int, record_bytes: int, payload_bytes: int, behind: int) -> None:
    engine = Engine()
    head = EntryHead(sequence=1, time_ns=START_NS, kind=kind, record_bytes=record_bytes, payload_bytes=payload_bytes)
    with pytest.raises(wire.Malformed):
        engine.apply(bytes(head) + bytes(behind))
    with pytest.raises(wire.Malformed):
        engine.apply(bytes(head)[:-8])
    assert engine.sequence == 0


def test_a_change_of_leverage_that_is_refused_changes_nothing() -> None:
    world = xbtusd()
    account = world.trader(1, 200_000)
    for price in (90_000, 95_000):
        world.place(account, BUY, 100, price)
    world.leverage(account, 10_000)
    world.price(1, 900_000)
    tables = world.engine.tables

    def rows() -> list[dict[str, object]]:
        return [plain(world.position(account)), *(plain(tables.orders[slot]) for slot in (1, 2))]

    before = rows()
    assert refused(world.leverage(account, 100)) == "BALANCE_INSUFFICIENT"
    assert rows() == before


def test_a_growth_that_is_refused_grows_nothing() -> None:
    world = xbtusd()
    rows = world.engine.tables.pools[layout.TableNumber.ORDERS_TABLE].rows
    grow = layout.Grow(table=layout.TableNumber.ORDERS_TABLE, rows=2 * rows - 1)
    world.now_ns -= 1
    assert refused(world.send(grow)) == "TIME_BACKWARDS"
    world.now_ns += 1
    world.sent -= 3
    assert refused(world.send(grow)) == "ORIGIN_REPEATED"
    assert world.engine.tables.pools[layout.TableNumber.ORDERS_TABLE].rows == rows


@pytest.mark.parametrize("place", range(5))
def test_a_snapshot_whose_sizes_do_not_fit_is_refused(place: int) -> None:
    world = World()
    world.currency("XBt", 8)
    for lie in (-1, 1 << 40):
        with pytest.raises(snapshot.SnapshotUnusable):
            Engine.restore(_with_size(world.engine.snapshot(), "wallets", place, lie))


def _with_size(data: bytes, table: str, place: int, lie: int) -> bytes:
    """The snapshot with one number of its sizes put elsewhere, and a hash that fits it again."""
    magic, version, length, _, _ = snapshot.HEAD.unpack_from(data)
    sizes = json.loads(data[snapshot.HEAD.size :][:length])
    sizes["tables"][table][place] = lie
    said = json.dumps(sizes).encode()
    body = said + data[snapshot.HEAD.size + length :]
    return snapshot.HEAD.pack(magic, version, len(said), len(body), hashlib.sha256(body).digest()) + body
