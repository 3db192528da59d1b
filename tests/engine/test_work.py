"""The engine's own queue: dead-man switches, units, what a unit may say, and accounts that wait (CMD-10, ORD-12)."""

from collections import Counter

import pytest

from outcry.engine import engine
from outcry.engine.engine import Engine
from outcry.protocol import layout
from outcry.protocol.layout import EndReason, EventKind
from outcry.protocol.records import UNIT_EVENTS
from tests.engine.plain import plain_engine
from tests.engine.worlds import BUY, SELL, World, of_kind, one, refused, xbtusd
from tests.laws import invariants

MARK = 100_000
XBT = 10**8


def manned(world: World, accounts: int, orders: int, seconds: float = 10) -> list[int]:
    """Accounts with so many orders each, whose switches go off together."""
    traders = [world.trader(n, 10**12) for n in range(1, accounts + 1)]
    for at in range(orders):
        for account in traders:
            world.place(account, BUY if at % 2 else SELL, 100, MARK + (-1 if at % 2 else 1) * (at + 1))
    for account in traders:
        one(world.cancel_all_after(account, seconds), EventKind.DEAD_MAN_SET)
    return traders


def test_a_switch_that_is_not_pressed_again_cancels_everything() -> None:
    world = xbtusd()
    account, other = world.trader(1, XBT), world.trader(2, XBT)
    for at in range(3):
        world.place(account, BUY, 100, MARK - at)
    world.place(other, BUY, 100, MARK - 5)
    armed = one(world.cancel_all_after(account, 15), EventKind.DEAD_MAN_SET)
    assert (armed.account, armed.due_ns, armed.fired) == (account, world.now_ns + 15 * 10**9, 0)
    assert world.engine.next_due_ns == armed.due_ns
    world.wait(14)
    again = one(world.cancel_all_after(account, 15), EventKind.DEAD_MAN_SET)
    assert again.due_ns == world.now_ns + 15 * 10**9
    waits = []
    for seconds in (14.9, 0.1):
        world.wait(seconds)
        world.send(layout.Tick())
        waits.append(world.engine.work_waiting)
    assert waits == [False, True]
    events = world.carry_on()
    ended = of_kind(events, EventKind.ENDED)
    assert [record.reason for record in ended] == [EndReason.ENDED_DEAD_MAN] * 3
    assert [record.order_id for record in ended] == [3, 2, 1]
    fired = one(events, EventKind.DEAD_MAN_SET)
    assert (fired.account, fired.due_ns, fired.fired) == (account, 0, 1)
    assert (one(events, EventKind.CONTINUED).units, one(events, EventKind.CONTINUED).tasks) == (3, 0)
    assert not world.engine.work_waiting
    assert world.engine.tables.accounts[other].orders == 1
    invariants.check(world.engine.tables)


def test_zero_disarms() -> None:
    world = xbtusd()
    account = world.trader(1, XBT)
    world.place(account, BUY, 100, MARK)
    world.cancel_all_after(account, 5)
    disarmed = one(world.cancel_all_after(account, 0), EventKind.DEAD_MAN_SET)
    assert (disarmed.due_ns, disarmed.fired) == (0, 0)
    world.wait(120)
    world.send(layout.Tick())
    assert not world.engine.work_waiting
    assert world.engine.tables.accounts[account].orders == 1


@pytest.mark.parametrize("timeout_ns", [-1, layout.DEAD_MAN_NS_MAX + 1, layout.I64_MAX, layout.I64_MIN])
def test_times_out_of_bounds_are_refused(timeout_ns: int) -> None:
    world = xbtusd()
    record = layout.CancelAllAfter()
    record.account, record.timeout_ns = world.trader(1, XBT), timeout_ns
    before = world.engine.roots()[2]
    assert refused(world.send(record)) == "PARAMETER_INVALID"
    assert world.engine.tables.venue.timers == 0
    assert before != world.engine.roots()[2]  # The origin's number has moved, and nothing else.


@pytest.mark.parametrize("units", [0, -1, layout.WORK_UNITS_MAX + 1, layout.I64_MAX])
def test_a_continue_of_too_many_units_is_refused(units: int) -> None:
    assert refused(xbtusd().carry_on(units)) == "PARAMETER_INVALID"


def test_a_continue_with_nothing_to_do_says_so() -> None:
    continued = one(xbtusd().carry_on(), EventKind.CONTINUED)
    assert (continued.units, continued.tasks) == (0, 0)


def test_a_continue_does_no_more_units_than_asked_and_a_unit_says_no_more_than_the_schema() -> None:
    world = xbtusd()
    accounts = manned(world, accounts=5, orders=6)
    state = layout.SetAccountState(account=accounts[0], state=layout.AccountState.ACCOUNT_POSTING)
    state.until_ns = world.now_ns + 10**9
    world.send(state)
    world.wait(10)
    world.send(layout.Tick())
    most: Counter[str] = Counter()
    units = 0
    while world.engine.work_waiting:
        events = world.carry_on(1)
        continued = of_kind(events, EventKind.CONTINUED)[0]
        units += continued.units
        assert continued.units <= 1
        said = Counter(EventKind(event.head.kind).name for event in events)
        del said["CONTINUED"]
        most |= said
        invariants.check(world.engine.tables)
    assert units == 31
    assert dict(most) == UNIT_EVENTS["TASK_DEAD_MEN"]


def test_switches_go_off_in_the_order_of_their_times_then_of_arming() -> None:
    world = xbtusd()
    traders = [world.trader(n, XBT) for n in range(1, 8)]
    for account, seconds in zip(traders, (9, 3, 7, 3, 9, 5, 3), strict=True):
        world.place(account, BUY, 100, MARK)
        world.cancel_all_after(account, seconds)
    world.wait(20)
    world.send(layout.Tick())
    fired = [record.account for record in of_kind(world.carry_on(), EventKind.DEAD_MAN_SET)]
    assert [traders.index(account) for account in fired] == [1, 3, 6, 5, 2, 0, 4]


def test_an_account_that_waits_may_cancel_and_reduce_but_not_open_withdraw_or_take_it_back() -> None:
    world = xbtusd()
    account, other = world.trader(1, XBT), world.trader(2, XBT)
    world.place(other, SELL, 500, MARK)
    world.place(account, BUY, 300, MARK)
    world.place(account, BUY, 100, MARK - 10)
    world.place(account, BUY, 100, MARK - 11)
    world.cancel_all_after(account, 1)
    world.wait(1)
    assert refused(world.place(account, BUY, 100, MARK - 12)) == "ACCOUNT_WAITS"
    assert refused(world.cancel_all_after(account, 60)) == "ACCOUNT_WAITS"
    withdrawal = layout.Withdraw()
    withdrawal.account, withdrawal.currency, withdrawal.amount_minor = account, 1, 1000
    assert refused(world.send(withdrawal)) == "ACCOUNT_WAITS"
    one(world.place(account, SELL, 100, MARK + 5, reduce_only=True), EventKind.PLACED)
    one(world.cancel(account, 4), EventKind.ENDED)
    assert len(of_kind(world.carry_on(), EventKind.ENDED)) == 2
    one(world.place(account, BUY, 100, MARK - 12), EventKind.PLACED)


def test_work_goes_on_over_a_full_buffer_and_a_restart_and_is_the_same_uncompiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A small event buffer, snapshots between units, and the uncompiled engine come to the same bytes and root."""
    monkeypatch.setattr(engine, "EVENT_BUFFER_BYTES", layout.EVENT_ROOM_BYTES + 2048)
    small = xbtusd()
    monkeypatch.undo()
    large = xbtusd()
    said = []
    for world, restarts in ((small, True), (large, False)):
        manned(world, accounts=4, orders=40)
        world.wait(10)
        world.send(layout.Tick())
        events = []
        for _ in range(4):
            events += world.carry_on(50)
            if restarts:
                world.restart()
        assert not world.engine.work_waiting
        said.append(b"".join(bytes(event.head) + bytes(event.record) for event in events))
    assert said[0] == said[1]
    assert small.engine.roots() == large.engine.roots()
    plain = plain_engine()
    assert plain.apply(b"".join(large.journal)).endswith(said[1])
    assert plain.roots() == large.engine.roots()


def test_the_heap_of_switches_survives_a_restart() -> None:
    world = xbtusd()
    traders = manned(world, accounts=9, orders=1, seconds=50)
    for at, account in enumerate(traders[::2]):
        world.cancel_all_after(account, 40 - at)
    world.restart()
    assert world.engine.tables.venue.timers == len(traders)
    twin = Engine()
    twin.apply(b"".join(world.journal))
    for each in (world.engine, twin):
        heap = [each.tables.timers[place].account for place in range(1, len(traders) + 1)]
        assert sorted(heap) == sorted(traders)
        assert all(each.tables.accounts[account].timer == place for place, account in enumerate(heap, 1))
    world.wait(60)
    world.send(layout.Tick())
    events = world.carry_on()
    twin.apply(b"".join(world.journal[-2:]))
    assert len(of_kind(events, EventKind.DEAD_MAN_SET)) == len(traders)
    assert twin.roots() == world.engine.roots()
    assert EventKind(events[-1].head.kind).name == "CONTINUED"
