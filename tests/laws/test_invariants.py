"""Every numbered invariant is broken on purpose, by one unit in one place, and is the one that reports it.

The state is a small venue in which every table has something in it.  A plant names the invariants that must speak up,
no more and no fewer; both numbers of the first breach differ.  The page docs/rules/law.md lists the same numbers.
"""

import re
from ctypes import addressof, memset, sizeof
from functools import cache
from pathlib import Path

import pytest

from outcry.engine.engine import Engine
from outcry.engine.invariants import INVARIANTS, breaches
from outcry.protocol import layout, wire
from outcry.protocol.layout import InstrumentRow, Role, TableNumber, Tables, Valuation
from outcry.simulation.auditor import CHECKS
from tests.engine.worlds import BUY, SELL, World, number_words
from tests.laws import (
    test_question_soundness,
    test_settling_soundness,
    test_soundness,
    test_waiting_soundness,
)
from tests.laws.planting import Plant, add, held, wallet

MARK = 100_000
LAW_PAGE = Path(__file__).parents[2] / "docs" / "rules" / "law.md"


def withdraw(world: World, account: int, number: int, settled: int | None = None) -> None:
    record = layout.Withdraw()
    record.account, record.currency, record.amount_minor = account, 1, 1_000
    wire.put_bytes(record.request, number_words(number, 16))
    world.send(record)
    if settled is not None:
        after = layout.SettleWithdrawal()
        after.account, after.settled = account, settled
        wire.put_bytes(after.request, number_words(number, 16))
        world.send(after)


def lively() -> World:
    """Positions long, short, isolated and flat; queues of several orders; money in, out, across and back."""
    world = World()
    world.currency("XBt", 8)
    world.currency("USDt", 6)
    world.index(".BXBT", weights=(500_000, 250_000))
    world.instrument("XBTUSD", funding_rate_ppb=0)
    world.instrument("XBTUSDT", valuation=Valuation.LINEAR, lot=10, multiplier_minor=30, currency=2)
    world.price(1, MARK * 10)
    world.price(1, MARK * 10 + 7, constituent=2)
    long, short, maker = (world.trader(number, 10**11) for number in (1, 2, 3))
    for account in (long, short, maker):
        world.deposit(account, 10**12, currency=2)
    world.leverage(long, 1_000)
    for at in range(4):
        world.place(maker, SELL, 1_000, MARK + at % 2, client_id=f"ask-{at}")
        world.place(maker, BUY, 900, MARK - 90 - 64 * at, client_id=f"bid-{at}")
    world.place(long, BUY, 3_500, MARK + 5, client_id="taken")
    world.place(short, SELL, 800, MARK - 200)
    world.place(short, BUY, 300, MARK - 400, reduce_only=True)
    world.place(maker, BUY, 500, MARK - 90)
    world.place(maker, BUY, 500, MARK, instrument=2)
    world.place(short, SELL, 200, MARK, instrument=2)
    world.place(short, BUY, 200, MARK + 9, instrument=2)
    world.place(long, SELL, 200, MARK + 1, instrument=2)
    world.place(short, BUY, 200, MARK + 9, instrument=2)
    move = layout.MoveMargin()
    move.account, move.instrument, move.amount_minor = long, 1, 700
    world.send(move)
    for number, settled in ((1, None), (2, 1), (3, 0)):
        withdraw(world, long, number, settled)
    transfer = layout.Transfer()
    transfer.account, transfer.to_account, transfer.currency, transfer.amount_minor = maker, short, 1, 55
    world.send(transfer)
    world.deposit(maker, 77, reference=4711)
    back = layout.ReverseDeposit()
    back.account, back.currency = maker, 1
    wire.put_bytes(back.reference, number_words(4711, 32))
    world.send(back)
    world.cancel(maker, client_id="ask-3")
    world.cancel_all(short, 2)
    world.cancel_all_after(short, 60)
    world.cancel_all_after(long, 600)
    return world


@cache
def lively_bytes() -> bytes:
    return lively().engine.snapshot()


@pytest.fixture
def tables() -> Tables:
    return Engine.restore(lively_bytes()).tables


def resting(tables: Tables, reduces: bool = False) -> int:
    """Slot of a resting order of XBTUSD, with one behind it at its level unless it reduces."""
    slots = range(1, tables.pools[TableNumber.ORDERS_TABLE].high + 1)
    orders = [(at, tables.orders[at]) for at in slots if tables.orders[at].order_id]
    if reduces:
        return next(at for at, row in orders if row.flags)
    return next(at for at, row in orders if row.next and row.instrument == 1)


def first_bid_leaf(tables: Tables, row: InstrumentRow) -> int:
    slot = row.bid_root
    for _ in range(4):
        slot = next(child for child in tables.nodes[slot].children if child)
    return int(slot)


def swap_queue(tables: Tables) -> None:
    """The first two of a level change their places; every link and sum is right."""
    first = resting(tables)
    second = tables.orders[first].next
    level = tables.levels[tables.orders[first].level]
    one, two = tables.orders[first], tables.orders[second]
    assert level.head == first
    behind = two.next
    level.head, two.previous, two.next, one.previous, one.next = second, 0, first, second, behind
    if behind:
        tables.orders[behind].previous = first
    else:
        level.tail = first


def freed(tables: Tables) -> layout.OrderRow:
    return tables.orders[tables.pools[TableNumber.ORDERS_TABLE].free]


def ended_name(tables: Tables) -> layout.ClientIdRow:
    return tables.client_ids[next(row.first_ended for row in tables.accounts if row.first_ended)]


def open_name(tables: Tables) -> layout.ClientIdRow:
    return tables.client_ids[next(row.client for row in tables.orders if row.client)]


def cross(tables: Tables) -> None:
    """The best bid is said to stand above the best ask, by moving the ask's level."""
    row = tables.instruments[1]
    row.bid_root, row.ask_root = row.ask_root, row.bid_root


LONG, SHORT, MAKER = 8, 9, 10
PLANTS: list[tuple[str, set[str], Plant]] = [
    ("an order that is not counted", {"INV-37"}, lambda t: add(held(t, LONG), "orders")),
    ("a small order that is none", {"INV-37"}, lambda t: add(t.accounts[LONG], "small_orders")),
    ("a filled order from the future", {"INV-38"}, lambda t: add(t.filled[1], "filled_ns", 10**15)),
    ("a fill that was not remembered", {"INV-38"}, lambda t: add(t.venue, "filled")),
    ("a satoshi too many in a wallet", {"INV-01", "INV-06"}, lambda t: add(wallet(t, LONG), "balance_minor")),
    ("a satoshi too many in the fees", {"INV-01"}, lambda t: add(wallet(t, Role.FEES), "balance_minor")),
    ("deposits off by one", {"INV-01", "INV-04", "INV-05"}, lambda t: add(t.currencies[1], "deposits_minor")),
    ("a lot too many", {"INV-02", "INV-07"}, lambda t: add(held(t, LONG), "quantity", 100)),
    ("a lot too few of a short", {"INV-02"}, lambda t: add(held(t, SHORT), "quantity", 100)),
    ("a lifetime cost off by one", {"INV-03"}, lambda t: add(held(t, SHORT), "lifetime_cost_minor")),
    ("a closed cost off by one", {"INV-03"}, lambda t: add(t.instruments[1], "closed_cost_minor")),
    ("an unrealised cost off by one", {"INV-01", "INV-04"}, lambda t: add(held(t, LONG), "cost_minor")),
    ("the unrealised pot", {"INV-04"}, lambda t: add(wallet(t, Role.UNREALISED), "balance_minor")),
    ("the pot of the world", {"INV-04"}, lambda t: add(wallet(t, Role.OUTSIDE), "balance_minor")),
    ("the pot in flight", {"INV-04"}, lambda t: add(wallet(t, Role.IN_FLIGHT), "balance_minor")),
    ("the pot of epochs", {"INV-04"}, lambda t: add(wallet(t, Role.EPOCHS), "balance_minor")),
    ("money of an epoch from nowhere", {"INV-01", "INV-04", "INV-25"}, lambda t: add(t.currencies[1], "epochs_minor")),
    ("a deposit's amount", {"INV-05"}, lambda t: add(t.deposits[1], "amount_minor")),
    ("a withdrawal's amount", {"INV-05"}, lambda t: add(t.withdrawals[1], "amount_minor")),
    ("a wallet's deposits", {"INV-05", "INV-06"}, lambda t: add(wallet(t, MAKER), "deposited_minor")),
    ("a wallet's withdrawals", {"INV-05", "INV-06"}, lambda t: add(wallet(t, LONG), "withdrawn_minor")),
    ("a transfer that only came in", {"INV-05", "INV-06"}, lambda t: add(wallet(t, SHORT), "transferred_in_minor")),
    ("a profit nobody got", {"INV-06"}, lambda t: add(held(t, SHORT), "realised_minor")),
    ("a fee nobody paid", {"INV-06"}, lambda t: add(held(t, LONG), "fees_minor")),
    ("a profit of a closed position", {"INV-06"}, lambda t: add(held(t, LONG), "previous_realised_minor")),
    ("open interest off by one", {"INV-07"}, lambda t: add(t.instruments[1], "open_interest")),
    ("a cross position with margin of its own", {"INV-08"}, lambda t: add(held(t, SHORT), "moved_margin_minor")),
    ("a cross position with paid fees", {"INV-08"}, lambda t: add(held(t, SHORT), "loss_minor")),
    ("a cost of the wrong sign", {"INV-01", "INV-04", "INV-08"}, lambda t: setattr(held(t, LONG), "cost_minor", 1)),
    ("half a lot", {"INV-02", "INV-07", "INV-08"}, lambda t: add(held(t, LONG), "quantity", 50)),
    ("a level's quantity", {"INV-09"}, lambda t: add(t.levels[t.orders[resting(t)].level], "quantity")),
    ("a level's reducing part", {"INV-09"}, lambda t: add(t.levels[t.orders[resting(t)].level], "reduce_quantity")),
    ("a level's orders", {"INV-09", "INV-10"}, lambda t: add(t.levels[t.orders[resting(t)].level], "orders")),
    ("an order's price", {"INV-09", "INV-15"}, lambda t: add(t.orders[resting(t)], "price_ticks", -20)),
    ("an order's rest", {"INV-09", "INV-14"}, lambda t: add(t.orders[resting(t, True)], "leaves_quantity", -100)),
    ("a queue whose second came first", {"INV-10"}, swap_queue),
    ("a queue cut short", {"INV-10"}, lambda t: setattr(t.orders[resting(t)], "next", 0)),
    ("a queue in a ring", {"INV-10"}, lambda t: setattr(t.orders[resting(t)], "next", resting(t))),
    ("a queue's tail", {"INV-10"}, lambda t: setattr(t.levels[t.orders[resting(t)].level], "tail", 0)),
    ("a link back", {"INV-10"}, lambda t: setattr(t.orders[t.orders[resting(t)].next], "previous", 0)),
    ("orders of a book", {"INV-10"}, lambda t: add(t.instruments[1], "orders")),
    ("the best bid", {"INV-11"}, lambda t: add(t.instruments[1], "best_bid_ticks")),
    ("the best ask", {"INV-11"}, lambda t: add(t.instruments[1], "best_ask_ticks", -1)),
    ("a book crossed", {"INV-09", "INV-11"}, cross),
    ("a node's bitmap", {"INV-12"}, lambda t: setattr(t.nodes[t.instruments[1].bid_root], "bits", 3)),
    ("a leaf's bitmap", {"INV-12"}, lambda t: add(t.leaves[first_bid_leaf(t, t.instruments[1])], "bits", -1)),
    ("an account's number of orders", {"INV-13"}, lambda t: add(t.accounts[MAKER], "orders")),
    ("an order out of its account's list", {"INV-13"}, lambda t: setattr(t.accounts[SHORT], "first_order", 0)),
    ("the number of the next order", {"INV-13"}, lambda t: setattr(t.venue, "next_order_id", 2)),
    ("a link to the newer order", {"INV-13"}, lambda t: setattr(t.orders[resting(t)], "account_previous", 0)),
    ("a sum of buys", {"INV-14"}, lambda t: add(held(t, MAKER), "buy_quantity", 1)),
    ("a sum of values", {"INV-14"}, lambda t: add(held(t, MAKER), "buy_value_minor")),
    ("a sum of margins", {"INV-14"}, lambda t: add(held(t, MAKER), "sell_margin_minor")),
    ("a sum of reducing orders", {"INV-14"}, lambda t: add(held(t, SHORT), "buy_reduce_quantity")),
    ("an order's margin", {"INV-14", "INV-15"}, lambda t: add(t.orders[resting(t)], "margin_minor")),
    ("an order's value", {"INV-14", "INV-15"}, lambda t: add(t.orders[resting(t)], "value_minor")),
    ("an order's premium", {"INV-14", "INV-15"}, lambda t: add(t.orders[resting(t)], "premium_minor")),
    ("a reducing order with a margin", {"INV-15"}, lambda t: add(t.orders[resting(t, True)], "margin_minor")),
    ("a dearest lot that is too cheap", {"INV-15"}, lambda t: setattr(held(t, MAKER), "buy_dearest_minor", 1)),
    ("a dearest lot of no orders", {"INV-15"}, lambda t: add(held(t, LONG), "sell_dearest_minor")),
    ("a client id of another order", {"INV-16"}, lambda t: add(open_name(t), "order_id")),
    ("an open client id with an end", {"INV-16"}, lambda t: add(open_name(t), "ended_ns")),
    ("an order that forgot its name", {"INV-16"}, lambda t: setattr(t.orders[open_name(t).order], "client", 0)),
    ("an ended client id out of its list", {"INV-16"}, lambda t: setattr(t.accounts[MAKER], "first_ended", 0)),
    ("a number of ended client ids", {"INV-16"}, lambda t: add(t.accounts[MAKER], "ended")),
    ("an ended client id of an open order", {"INV-16"}, lambda t: add(ended_name(t), "order")),
    ("orders in use", {"INV-17"}, lambda t: add(t.pools[TableNumber.ORDERS_TABLE], "live")),
    ("wallets in use", {"INV-17"}, lambda t: add(t.pools[TableNumber.WALLETS_TABLE], "live")),
    ("freed orders forgotten", {"INV-17"}, lambda t: setattr(t.pools[TableNumber.ORDERS_TABLE], "free", 0)),
    ("leaves in use", {"INV-17"}, lambda t: add(t.pools[TableNumber.LEAVES_TABLE], "live")),
    ("a freed order that is not blank", {"INV-17"}, lambda t: add(freed(t), "quantity")),
    (
        "an order's number",
        {"INV-13", "INV-16", "INV-18"},
        lambda t: add(t.orders[open_name(t).order], "order_id", 7_000),
    ),
    ("an index in a ring", {"INV-18"}, lambda t: setattr(t.positions[2], "hash_next", 2)),
    ("a handle", {"INV-18"}, lambda t: setattr(t.accounts[LONG], "handle", t.accounts[SHORT].handle)),
    ("an empty index", {"INV-18"}, lambda t: memset(addressof(t.position_buckets), 0, sizeof(t.position_buckets))),
    ("a wallet out of its account's chain", {"INV-19"}, lambda t: setattr(t.accounts[LONG], "first_wallet", 0)),
    ("a position out of its account's chain", {"INV-19"}, lambda t: setattr(t.accounts[LONG], "first_position", 0)),
    ("a position with another's wallet", {"INV-19"}, lambda t: add(held(t, LONG), "wallet")),
    ("roles' wallets elsewhere", {"INV-19"}, lambda t: add(t.currencies[2], "role_wallets")),
    ("an order still pending", {"INV-20"}, lambda t: add(t.venue, "pending_order")),
    ("a command still pending", {"INV-20"}, lambda t: add(t.venue, "pending_kind")),
    ("a fault that nobody heeded", {"INV-20"}, lambda t: add(t.fault, "code")),
    ("a wallet still noted", {"INV-20"}, lambda t: add(wallet(t, LONG), "touched")),
    ("a position still noted", {"INV-20"}, lambda t: add(held(t, LONG), "touched")),
    ("a sum left over", {"INV-20"}, lambda t: add(t.currencies[1], "law_sum")),
    ("a quantity left over", {"INV-20"}, lambda t: add(t.instruments[1], "law_quantity")),
    ("something in the row of nobody", {"INV-20"}, lambda t: add(t.orders[0], "leaves_quantity")),
    ("an order beyond the bound", {"INV-21"}, lambda t: setattr(t.orders[resting(t)], "quantity", 2**31)),
    ("a moved margin beyond the bound", {"INV-21"}, lambda t: setattr(held(t, LONG), "moved_margin_minor", 2**53)),
    ("a numerator", {"INV-22"}, lambda t: add(t.instruments[1], "index_numerator")),
    ("the value of a lot at the mark", {"INV-22"}, lambda t: add(t.instruments[1], "mark_lot_minor")),
    ("an index's value", {"INV-22"}, lambda t: add(t.indices[1], "value_units")),
    ("an index's sources", {"INV-22"}, lambda t: add(t.indices[1], "constituents")),
    ("a mark that is no price", {"INV-22"}, lambda t: setattr(t.instruments[1], "mark_subticks", 2**40)),
    ("a reduce-only order out of its list", {"INV-23"}, lambda t: setattr(held(t, SHORT), "first_reducing", 0)),
    ("a number of reduce-only orders", {"INV-23"}, lambda t: add(held(t, SHORT), "reducing")),
    (
        "a link to the newer reduce-only order",
        {"INV-23"},
        lambda t: add(t.orders[resting(t, True)], "reducing_previous"),
    ),
    (
        "reduce-only orders larger than the position",
        {"INV-14", "INV-23"},
        lambda t: add(held(t, SHORT), "buy_reduce_quantity", 9_000),
    ),
    ("a switch that is not in the heap", {"INV-24"}, lambda t: add(t.accounts[MAKER], "dead_man_ns")),
    (
        "a switch that went off too late",
        {"INV-24"},
        lambda t: add(t.accounts[t.timers[2].account], "dead_man_ns", -(10**12)),
    ),
    ("an account's place in the heap", {"INV-24"}, lambda t: add(t.accounts[LONG], "timer")),
    ("a task that nobody made", {"INV-24"}, lambda t: add(t.tasks[1], "kind")),
    ("a task that got lost", {"INV-24"}, lambda t: add(t.venue, "tasks_made")),
]


def test_a_sound_venue_breaks_nothing(tables: Tables) -> None:
    assert breaches(tables) == []


@pytest.mark.parametrize(("expected", "plant"), [row[1:] for row in PLANTS], ids=[row[0] for row in PLANTS])
def test_a_plant_is_reported_with_both_numbers(expected: set[str], plant: Plant, tables: Tables) -> None:
    plant(tables)
    found = breaches(tables)
    assert {breach.invariant for breach in found} == expected
    assert all(breach.found != breach.expected and breach.subject and breach.what for breach in found)


def test_every_invariant_is_broken_by_a_plant_of_its_own() -> None:
    """Each is the only one to see some plant, so none could be left out; LAW-03's three stand for it."""
    alone = {
        next(iter(expected))
        for _, expected, _ in [
            *PLANTS,
            *test_soundness.PLANTS,
            *test_waiting_soundness.PLANTS,
            *test_settling_soundness.PLANTS,
            *test_question_soundness.PLANTS,
        ]
        if len(expected) == 1
    }
    assert [one.number for one in INVARIANTS if one.number not in alone] == []


def test_numbers_follow_each_other_and_the_page_has_the_same() -> None:
    assert [one.number for one in INVARIANTS] == [f"INV-{at:02}" for at in range(1, len(INVARIANTS) + 1)]
    rows = re.findall(r"^\| (INV-\d\d) \| ([^|]+) \| ([A-Z]{3}-\d\d) \|", LAW_PAGE.read_text(), re.M)
    assert rows == [(one.number, one.sentence, one.rule) for one in INVARIANTS]


def test_reading_changes_nothing(tables: Tables) -> None:
    names = [name for name in layout.TABLE_ROWS if name not in ("venue", "fault", "assessment")]
    before = {name: bytes(getattr(tables, name)) for name in names}
    breaches(tables)
    assert {name: bytes(getattr(tables, name)) for name in names} == before


def test_the_page_says_truly_which_checks_of_the_auditor_stand_for_which_law() -> None:
    page = LAW_PAGE.read_text()
    rows = re.findall(r"^\| (INV-\d\d) \| [^|]+ \| yes \| yes \| ([^|]+) \|$", page, re.M)
    assert [number for number, _ in rows] == [one.number for one in INVARIANTS]
    for number, told in rows:
        standing = [one.number for one in CHECKS if number in one.invariants]
        assert told == (", ".join(standing) or "no")
    assert re.findall(r"^\| (AUD-\d\d) \| ([^|]+) \|$", page, re.M) == [(one.number, one.sentence) for one in CHECKS]
