"""Long commands, growing tables, pauses, snapshots; halts are in test_faults.py."""

import pytest

from outcry.engine import dispatch, engine, growing
from outcry.engine.engine import Engine
from outcry.engine.snapshot import SnapshotUnusable
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, TableNumber
from tests.engine.worlds import BUY, SELL, World, number_words, of_kind, one, refused, xbtusd
from tests.laws import invariants

XBT = 10**8
MARK = 100_000


def crowd(world: World, orders: int) -> list[int]:
    """Many small sell orders of a few traders at a few prices."""
    makers = [world.trader(n, 10**13) for n in range(1, 4)]
    for at in range(orders):
        world.place(makers[at % 3], SELL, 100, MARK + 1 + at % 7)
    return makers


def test_an_order_that_sweeps_deep_is_one_entry_however_small_the_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "EVENT_BUFFER_BYTES", layout.EVENT_ROOM_BYTES + 4096)
    small = xbtusd()
    monkeypatch.undo()
    large = xbtusd()
    swept = []
    for world in (small, large):
        crowd(world, 1500)
        taker = world.trader(9, 10**13)
        events = world.place(taker, BUY, 150_000, MARK + 10)
        assert len(of_kind(events, EventKind.FILL)) == 1500
        assert [event.head.ordinal for event in events] == list(range(len(events)))
        swept.append([(bytes(event.head), bytes(event.record)) for event in events])
        invariants.check(world.engine.tables)
        assert world.position(taker).quantity == 150_000
    assert swept[0] == swept[1]
    assert small.engine.roots() == large.engine.roots()


def test_cancelling_a_thousand_orders_is_one_entry_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "EVENT_BUFFER_BYTES", layout.EVENT_ROOM_BYTES + 4096)
    world = xbtusd()
    makers = crowd(world, 1200)
    events = world.cancel_all(makers[0])
    assert len(of_kind(events, EventKind.ENDED)) == 400
    assert world.engine.tables.accounts[makers[0]].orders == 0
    invariants.check(world.engine.tables)


def grow(world: World, table: int, rows: int) -> list[wire.Event]:
    record = layout.Grow()
    record.table, record.rows = table, rows
    return world.send(record)


@pytest.mark.parametrize("table", sorted(growing.GROWING))
def test_a_table_grows_and_everything_is_still_found(table: int) -> None:
    world = xbtusd()
    makers = crowd(world, 50)
    world.place(makers[0], SELL, 100, MARK + 3, client_id="mine")
    rows = world.engine.tables.pools[table].rows
    assert one(grow(world, table, 2 * rows - 1), EventKind.GROWN).rows == 2 * rows - 1
    invariants.check(world.engine.tables)
    one(world.cancel(makers[0], client_id="mine"), EventKind.ENDED)
    world.place(world.trader(1), BUY, 5000, MARK + 9)
    invariants.check(world.engine.tables)
    assert refused(grow(world, table, rows)) == "PARAMETER_INVALID"


def test_the_engine_asks_to_grow_before_it_refuses() -> None:
    world = xbtusd()
    assert world.engine.wants_grow() == []
    for number in range(3100):
        world.account(1000 + number)
    assert world.engine.wants_grow() == [(TableNumber.ACCOUNTS_TABLE, 8193)]


def test_after_a_pause_trading_waits_for_fresh_indices() -> None:
    world = xbtusd()
    account = world.trader(1)
    order = one(world.place(account, BUY, 100, MARK), EventKind.PLACED).order_id
    world.wait(3600)
    record = layout.Resume()
    record.paused_ns = 3600 * 10**9
    world.send(record)
    assert refused(world.place(account, BUY, 100, MARK)) == "VENUE_CANCEL_ONLY"
    one(world.cancel(account, order), EventKind.ENDED)
    assert one(world.price(1, 1_000_000), EventKind.RESUMED).cancel_only == 0
    one(world.place(account, BUY, 100, MARK), EventKind.PLACED)


def test_a_snapshot_goes_on_like_the_original_and_damage_is_refused() -> None:
    world = xbtusd()
    crowd(world, 100)
    data = world.engine.snapshot()
    twin = World(Engine.restore(data))
    twin.sent, twin.now_ns = world.sent, world.now_ns
    for either in (world, twin):
        taker = either.trader(9)
        either.place(taker, BUY, 3000, MARK + 9)
    assert twin.engine.roots() == world.engine.roots()
    for damaged in (data[:-1], data[:200] + b"\0" + data[201:], b"x" + data[1:], data[:10]):
        with pytest.raises(SnapshotUnusable):
            Engine.restore(damaged)


def test_the_dispatch_reaches_a_rule_or_says_there_is_none() -> None:
    """Every kind of command in the schema is answered by something, none by silence."""
    for kind in layout.COMMAND_CLASSES:
        world = xbtusd()
        assert world.send(layout.COMMAND_CLASSES[kind]()), layout.CommandKind(kind).name
    assert callable(dispatch.handle)


def test_renaming_accounts_changes_no_fill() -> None:
    """The same history with the traders' accounts in another order has the same trades (Law 6)."""
    tapes = []
    for order in ((1, 2, 3), (3, 1, 2)):
        world = xbtusd()
        accounts: dict[int, int] = {}
        for number in order:
            accounts[number] = world.trader(number)
        fills = []
        for at in range(60):
            side = BUY if at % 2 else SELL
            events = world.place(accounts[1 + at % 3], side, 100 + 100 * (at % 5), MARK + (at * 7) % 11 - 5)
            fills += [(f.price_ticks, f.quantity, f.taker_side) for f in of_kind(events, EventKind.FILL)]
        tapes.append(fills)
    assert tapes[0] == tapes[1]
    assert len(tapes[0]) > 10


def test_money_goes_out_comes_back_and_goes_across() -> None:
    world = xbtusd()
    alice, bob = world.trader(1, XBT), world.trader(2, XBT)

    def ask(number: int, amount: int) -> list[wire.Event]:
        record = layout.Withdraw()
        record.account, record.currency, record.amount_minor = alice, 1, amount
        wire.put_bytes(record.request, number_words(number, 16))
        return world.send(record)

    def settle(number: int, settled: int) -> list[wire.Event]:
        record = layout.SettleWithdrawal()
        record.account, record.settled = alice, settled
        wire.put_bytes(record.request, number_words(number, 16))
        return world.send(record)

    assert one(ask(1, 30), EventKind.MOVED).to_account == layout.Role.IN_FLIGHT
    one(ask(2, 20), EventKind.MOVED)
    assert refused(ask(3, XBT)) == "BALANCE_INSUFFICIENT"
    assert one(settle(1, 1), EventKind.MOVED).reason == layout.MoveReason.MOVED_SETTLED
    assert one(settle(2, 0), EventKind.MOVED).reason == layout.MoveReason.MOVED_RETURNED
    assert refused(settle(2, 1)) == "WITHDRAWAL_UNKNOWN"
    transfer = layout.Transfer()
    transfer.account, transfer.to_account, transfer.currency, transfer.amount_minor = alice, bob, 1, 70
    one(world.send(transfer), EventKind.MOVED)
    assert (world.balance(alice), world.balance(bob)) == (XBT - 100, XBT + 70)
    invariants.check(world.engine.tables)


def test_a_reversed_deposit_may_leave_a_negative_wallet() -> None:
    world = xbtusd()
    alice, bob = world.account(1), world.account(2)
    world.deposit(alice, 100, reference=42)
    transfer = layout.Transfer()
    transfer.account, transfer.to_account, transfer.currency, transfer.amount_minor = alice, bob, 1, 60
    world.send(transfer)
    record = layout.ReverseDeposit()
    record.account, record.currency = alice, 1
    wire.put_bytes(record.reference, number_words(42, 32))
    one(world.send(record), EventKind.MOVED)
    assert world.balance(alice) == -60
    assert refused(world.send(record)) == "DEPOSIT_UNKNOWN"
    invariants.check(world.engine.tables)
