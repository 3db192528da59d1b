"""Broken invariants halt the venue at the very command: every fault code, raised by a handler or a row that is wrong.

First handlers of the uncompiled engine that cheat, then rows that were changed behind the compiled engine's back.  Each
time one `Halted` event with both numbers is all that is left of the command, and nothing is accepted after it.
"""

from collections.abc import Callable

import pytest

from outcry.engine import ledger, matching, money, placing
from outcry.engine.engine import Halted
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, Fault, Role, TableNumber, Tables
from tests.engine.plain import plain_engine
from tests.engine.worlds import BUY, SELL, World, number_words, refused

MARK = 100_000
Patch = pytest.MonkeyPatch
Events = list[wire.Event]


def venue(compiled: bool) -> World:
    """Two instruments of one currency, one of another; a maker's ask rests in each."""
    world = World() if compiled else World(plain_engine())
    world.currency("XBt", 8)
    world.currency("USDt", 6)
    world.index(".BXBT")
    for number, currency in ((1, 1), (2, 1), (3, 2)):
        world.instrument(f"XBTUSD{number}", currency=currency, funding_rate_ppb=0)
    world.price(1, 1_000_000)
    maker, taker = world.trader(1), world.trader(2)
    for account in (maker, taker):
        world.deposit(account, 10**10, currency=2)
        for number in (1, 2, 3):
            world.place(
                account, SELL if account == maker else BUY, 100, MARK - 10 * (account != maker), instrument=number
            )
    return world


MAKER, TAKER = 8, 9


def trade(world: World) -> Events:
    return world.place(TAKER, BUY, 100, MARK)


def withdraw(world: World) -> Events:
    record = layout.Withdraw()
    record.account, record.currency, record.amount_minor = TAKER, 1, 5
    wire.put_bytes(record.request, number_words(1, 16))
    return world.send(record)


def cheating_fill(change: Callable[[Tables, layout.PositionRow], object]) -> Callable[[Patch], None]:
    """A fill that does one thing more on each side."""

    def plant(patch: Patch) -> None:
        honest = matching.account_for

        def account_for(tables: Tables, slot: int, *more: int) -> int:
            realised = honest(tables, slot, *more)  # type: ignore[arg-type]
            change(tables, tables.positions[slot])
            return realised

        patch.setattr(matching, "account_for", account_for)

    return plant


def add(row: object, name: str, change: int = 1) -> None:
    setattr(row, name, getattr(row, name) + change)


def half_moved(role: Role) -> Callable[[Patch], None]:
    """Money that leaves a wallet for a pot, and a pot that does not notice."""

    def plant(patch: Patch) -> None:
        honest = ledger.move

        def move(tables: Tables, source: int, target: int, amount: int) -> None:
            honest(tables, source, target, amount)
            for slot in (source, target):
                if tables.wallets[slot].account == role:
                    add(tables.wallets[slot], "balance_minor", -1)

        patch.setattr(money, "move", move)

    return plant


def table_that_is_full(patch: Patch) -> None:
    patch.setattr(placing, "has_room", lambda tables, table, rows: True)


def full(world: World) -> Events:
    world.engine.tables.pools[TableNumber.ORDERS_TABLE].rows = (
        1 + world.engine.tables.pools[TableNumber.ORDERS_TABLE].high
    )
    return trade(world)


def there_and_back(world: World) -> Events:
    """The taker is flat again at the end; what is left over from the way there is seen then."""
    world.place(MAKER, BUY, 100, MARK - 1)
    trade(world)
    return world.place(TAKER, SELL, 100, MARK - 1)


def beside_the_best(world: World) -> Events:
    """A trade while the best bid is said to stand where asks do."""
    world.place(MAKER, SELL, 100, MARK + 10)
    world.engine.tables.instruments[1].best_bid_ticks = MARK + 10
    return trade(world)


def deposit(world: World) -> Events:
    return world.deposit(TAKER, 500)


HANDLERS: list[tuple[str, Fault, Callable[[Patch], None], Callable[[World], Events]]] = [
    (
        "a satoshi more",
        Fault.FAULT_MONEY,
        cheating_fill(lambda t, row: add(t.wallets[row.wallet], "balance_minor")),
        trade,
    ),
    ("contracts more", Fault.FAULT_QUANTITY, cheating_fill(lambda t, row: add(row, "quantity", 100)), trade),
    ("cost more", Fault.FAULT_COST, cheating_fill(lambda t, row: add(row, "lifetime_cost_minor")), trade),
    (
        "cost and money more",
        Fault.FAULT_POTS,
        cheating_fill(lambda t, row: add(row, "cost_minor") or add(t.wallets[row.wallet], "balance_minor")),  # type: ignore[func-returns-value]
        trade,
    ),
    ("an overflow", Fault.FAULT_OVERFLOW, cheating_fill(lambda t, row: setattr(t.fault, "code", 1)), trade),
    ("the world's pot", Fault.FAULT_POTS, half_moved(Role.OUTSIDE), deposit),
    ("the pot in flight", Fault.FAULT_POTS, half_moved(Role.IN_FLIGHT), withdraw),
    ("a full table after the line", Fault.FAULT_FULL, table_that_is_full, full),
    ("half a lot", Fault.FAULT_POSITION, cheating_fill(lambda t, row: add(row, "quantity", 50)), trade),
    (
        "a profit of nothing",
        Fault.FAULT_POSITION,
        cheating_fill(lambda t, row: add(row, "realised_minor")),
        there_and_back,
    ),
]


def stopped(world: World, events: Events, fault: Fault) -> None:
    """One event is left of the command, and nothing is accepted after it."""
    assert [event.head.kind for event in events] == [EventKind.HALTED]
    record = events[0].record
    assert Fault(record.fault) == fault
    if fault in (Fault.FAULT_MONEY, Fault.FAULT_QUANTITY, Fault.FAULT_COST, Fault.FAULT_POTS):
        assert record.found != record.expected
        assert record.subject > 0
    assert world.engine.halted
    assert refused(world.cancel_all(MAKER)) == "VENUE_HALTED"
    with pytest.raises(Halted):
        world.engine.snapshot()


@pytest.mark.parametrize(("fault", "plant", "act"), [row[1:] for row in HANDLERS], ids=[row[0] for row in HANDLERS])
def test_a_handler_that_cheats_halts_the_venue_at_that_command(
    fault: Fault, plant: Callable[[Patch], None], act: Callable[[World], Events], monkeypatch: Patch
) -> None:
    world = venue(compiled=False)
    plant(monkeypatch)
    events = act(world)
    monkeypatch.undo()
    stopped(world, events, fault)


def position_of(tables: Tables, account: int, instrument: int) -> int:
    return next(at for at, row in enumerate(tables.positions) if (row.account, row.instrument) == (account, instrument))


def maker_order(tables: Tables) -> layout.OrderRow:
    return next(row for row in tables.orders if row.account == MAKER and row.instrument == 1)


def other_instrument(tables: Tables) -> None:
    """The maker's order books into its position of another instrument."""
    maker_order(tables).position = position_of(tables, MAKER, 2)


def other_currency(tables: Tables) -> None:
    """The maker's position settles into a wallet of another currency."""
    rows = tables.wallets
    wallet = next(at for at, row in enumerate(rows) if (row.account, row.currency) == (MAKER, 2))
    tables.positions[position_of(tables, MAKER, 1)].wallet = wallet


def other_roles(tables: Tables) -> None:
    """Where the unrealised pot should be is the pot of what is in flight."""
    tables.currencies[1].role_wallets += 1


ROWS: list[tuple[str, Fault, Callable[[Tables], object], Callable[[World], Events]]] = [
    ("a position of another instrument", Fault.FAULT_QUANTITY, other_instrument, trade),
    ("a wallet of another currency", Fault.FAULT_MONEY, other_currency, trade),
    ("roles' wallets elsewhere", Fault.FAULT_POTS, other_roles, deposit),
    (
        "a wallet beyond the bound of totals",
        Fault.FAULT_OVERFLOW,
        lambda t: setattr(t.instruments[1], "maker_fee_ppm", 2**62),
        trade,
    ),
    (
        "a lot's value beyond 64 bits",
        Fault.FAULT_OVERFLOW,
        lambda t: setattr(t.instruments[1], "valuation", 2) or setattr(t.instruments[1], "value_numerator", 2**62),  # type: ignore[func-returns-value]
        trade,
    ),
    (
        "no room though there was some",
        Fault.FAULT_FULL,
        lambda t: setattr(t.pools[TableNumber.ORDERS_TABLE], "live", 0),
        full,
    ),
    ("a book said to be crossed", Fault.FAULT_BOOK, lambda t: None, beside_the_best),
]


@pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "uncompiled"])
@pytest.mark.parametrize(("fault", "plant", "act"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_row_that_is_wrong_halts_the_venue_at_that_command(
    fault: Fault, plant: Callable[[Tables], object], act: Callable[[World], Events], compiled: bool
) -> None:
    world = venue(compiled)
    plant(world.engine.tables)
    stopped(world, act(world), fault)


def gap(world: World) -> Events:
    entry = wire.encode_entry(layout.Tick(), sequence=world.engine.sequence + 2, time_ns=world.now_ns)
    return list(wire.events_of(world.engine.apply(entry)))


@pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "uncompiled"])
def test_a_gap_in_the_journal_halts_the_venue(compiled: bool) -> None:
    world = venue(compiled)
    expected = world.engine.sequence + 1
    events = gap(world)
    assert (events[0].record.found, events[0].record.expected) == (expected + 1, expected)
    assert [event.record.fault for event in events] == [Fault.FAULT_ENTRY]
    assert world.engine.halted


def test_every_fault_is_raised_here() -> None:
    raised = {row[1] for row in HANDLERS} | {row[1] for row in ROWS} | {Fault.FAULT_ENTRY}
    assert set(Fault) - raised == {Fault.NO_FAULT}
