"""Bounds before change: the derived table, extreme instruments through the rules, and every field at every edge.

The table's magnitudes are below its bounds and the page is what the table says.  Instruments at the limits of what can
be listed are put through every rule with the largest admitted numbers: no fault, and no more than the table allows.
Every number of every command is tried at its edges in both modes: refused with a number or taken, and all invariants
hold.
"""

import ctypes
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from outcry.engine import funds, growing, orders, reading
from outcry.engine.engine import Engine
from outcry.engine.invariants import breaches
from outcry.protocol import layout, records, wire
from outcry.protocol.layout import (
    AMOUNT_BOUND,
    COMMAND_CLASSES,
    CommandKind,
    EventKind,
    FaultRow,
    InstrumentRow,
    Side,
    Valuation,
)
from outcry.rules import fees, margin, marks, position, value
from tests.engine import questions
from tests.engine.ending import FUTURE, MINUTE_NS
from tests.engine.optional import option_terms
from tests.engine.plain import plain_engine
from tests.engine.worlds import World, listing, number_words, of_kind, place
from tests.laws import bounds, commands
from tests.laws.bounds import products
from tests.laws.test_invariants import lively

COMMON = (0, 1, -1, 2**31 - 1, 2**31, 2**53 - 1, 2**53, 2**62, 2**63 - 1, -(2**63), -(2**31))
WIDTHS = {"U8": (0, 255), "I32": (-(2**31), 2**31 - 1), "I64": (-(2**63), 2**63 - 1)}
EXTREMES: dict[str, dict[str, int]] = {
    "inverse, the dearest lot": {"lot": 1, "price_ticks_max": (2**30 - 1) // 1_000, "subticks_per_tick": 1_000},
    "inverse, the largest lot": {"lot": 2**31 - 1, "price_ticks_max": 2**30 - 1, "subticks_per_tick": 1},
    "linear, the dearest lot": {
        "valuation": Valuation.LINEAR,
        "lot": 1,
        "price_ticks_max": 2**30 - 1,
        "subticks_per_tick": 1,
    },
    "linear, many sub-ticks": {
        "valuation": Valuation.LINEAR,
        "lot": 1,
        "price_ticks_max": (2**30 - 1) // 1_000,
        "subticks_per_tick": 1_000,
    },
    "quanto, one tick": {"valuation": Valuation.QUANTO, "lot": 2**31 - 1, "price_ticks_max": 1},
}


def test_every_number_of_a_command_has_its_row() -> None:
    numbers = {
        field.name
        for record in records.COMMANDS
        for field in (*record.public, *record.private)
        if field.width.name in WIDTHS
    }
    assert numbers == set(bounds.FIELDS)


def test_refusals_of_the_table_are_codes() -> None:
    for name, limits in bounds.FIELDS.items():
        codes = limits.refusal.split(", ") if "_" in limits.refusal else []
        assert all(code in layout.Code.__members__ for code in codes), name


@pytest.mark.parametrize("product", products(), ids=lambda product: product.name)
def test_a_product_stays_below_its_bound(product: bounds.Product) -> None:
    assert product.largest < product.below
    assert product.below <= bounds.WIDE


def test_the_page_is_what_is_derived() -> None:
    assert bounds.PAGE.read_text() == bounds.page()


def largest(name: str) -> int:
    return next(product.largest for product in products() if product.name == name)


@cache
def extreme(name: str) -> InstrumentRow:
    """The instrument with the largest multiplier that can be listed with these terms, found by trying."""
    world = World()
    world.currency("XBt", 8)
    world.index(".X")
    terms = {"quantity_max": 2**31 - 1, "initial_margin_ppm": 10**6, "maintenance_margin_ppm": 10**6} | EXTREMES[name]
    terms |= {"taker_fee_ppm": 10**6 - 1, "maker_fee_ppm": 10**6 - 1, "risk_limit_minor": 2**53 - 1}
    low, high = 0, AMOUNT_BOUND
    while high - low > 1:
        middle = (low + high) // 2
        events = world.send(listing(f"X{world.sent}", multiplier_minor=middle, **terms))
        if of_kind(events, EventKind.LISTED):
            low = middle
            found = of_kind(events, EventKind.LISTED)[0].instrument
        else:
            high = middle
    assert low > 0
    return InstrumentRow.from_buffer_copy(world.engine.tables.instruments[found])


@pytest.mark.parametrize("name", EXTREMES)
def test_an_extreme_instrument_stays_within_the_table(name: str) -> None:
    row, fault = extreme(name), FaultRow()
    highest = row.price_ticks_max * row.subticks_per_tick
    lots = {price: value.lot_value_minor(row, price, fault) for price in (1, row.subticks_per_tick, highest)}
    assert AMOUNT_BOUND // 4 < max(lots.values()) <= largest("value of a lot")
    assert highest <= largest("price in sub-ticks")
    for price, lot_minor in lots.items():
        whole = (2**31 - 1) // row.lot * row.lot
        assert value.value_minor(row, whole, price, fault) <= largest("value of a quantity")
        admitted = min(whole // row.lot, (AMOUNT_BOUND - 1) // max(1, lot_minor))
        worth = admitted * lot_minor
        assert worth <= largest("an order's value")
        for leverage in (0, 1, 100):
            initial = margin.initial_minor(row, 0, worth, leverage, fault)
            assert initial <= largest("initial margin")
            assert margin.exit_fee_minor(row, worth, initial, fault) <= largest("closing fee")
            assert margin.order_cost_minor(row, 0, worth, leverage, fault) <= largest("order cost")
            assert margin.position_margin_minor(row, 0, 0, -worth, leverage, fault) <= largest("order cost")
            assert margin.maintenance_minor(row, 0, 0, worth, leverage, fault) <= largest("order cost")
        assert fees.fee_minor(worth, row.taker_fee_ppm, fault) <= largest("a fee")
        assert abs(position.cost_of_part(-worth, whole - row.lot or 1, whole, fault)) <= worth
        assert orders.premium_of(row, Side.SELL, admitted * row.lot, worth, 0, fault) <= largest("premium")
        assert orders.premium_of(row, Side.BUY, admitted * row.lot, worth, 0, fault) <= largest("premium")
    assert marks.index_subticks(row, AMOUNT_BOUND - 1) <= largest("index in sub-ticks")
    assert abs(marks.basis_subticks(row, 2 * highest, 10**18, fault)) <= 2 * highest
    assert fault.code == layout.Fault.NO_FAULT


def test_beyond_the_table_the_arithmetic_says_so() -> None:
    """A value of more than is admitted, at the lowest leverage, does not fit and sets the fault."""
    row, fault = extreme("linear, the dearest lot"), FaultRow()
    margin.initial_minor(row, 0, 2**62, 1, fault)
    assert fault.code == layout.Fault.FAULT_OVERFLOW


def test_a_mark_that_jumps_a_millionfold_is_held_and_breaks_nothing() -> None:
    """Shorts near the bound in several instruments: what is missing does not fit and is held, alike in both modes."""
    world = World()
    twin = plain_engine()
    world.currency("XBt", 8)
    world.index(".X")
    terms = {"valuation": Valuation.LINEAR, "lot": 1, "price_ticks_max": 2**30 - 1, "quantity_max": 2**31 - 1}
    terms |= {"subticks_per_tick": 1}
    terms |= {"initial_margin_ppm": 1, "maintenance_margin_ppm": 1, "taker_fee_ppm": 0, "maker_fee_ppm": 0}
    terms |= {"risk_limit_minor": 2**53 - 1, "multiplier_minor": 80_000_000, "funding_rate_ppb": 0}
    numbers = [world.instrument(f"X{at}", **terms) for at in range(4)]
    world.price(1, 10_000)
    short, long = world.trader(1, 2**53 - 1), world.trader(2, 2**53 - 1)
    quantity = 2**52 // (1_000 * 8_000_000)
    for number in numbers:
        for account, side in ((short, Side.SELL), (long, Side.BUY)):
            world.place(account, side, quantity, 1_000, instrument=number)
            world.place(
                account, side, 1_000, 1_000 - 40 * (side == Side.BUY) + 40 * (side == Side.SELL), instrument=number
            )
    for units in (10_000_000_000, 10_000):
        world.price(1, units)
        available = reading.margin_of(world.engine.tables, short, 1).available_minor
        assert (available < -(2**63)) == (units != 10_000)
        before = funds.available_minor(world.engine.tables, short, 1)
        assert before == max(-(2**61), available)
        for number in numbers:
            world.place(short, Side.SELL, 1, 0, instrument=number)
            world.leverage(short, 200, number)
            world.place(short, Side.BUY, 1, 0, instrument=number)
        withdrawal = commands.withdraw(short, 1, 5, units)
        assert bool(of_kind(world.send(withdrawal), EventKind.REFUSED)) == (units != 10_000)
        assert not world.engine.halted
        assert breaches(world.engine.tables) == []
    twin.apply(b"".join(world.journal))
    assert twin.roots() == world.engine.roots()


def option_mark(world: World) -> layout.SetOptionMark:
    """What a model says of a call that is listed for it, at the money."""
    tables, symbol = world.engine.tables, "CALL"
    forward = tables.indices[1].value_units
    numbers = range(1, 1 + tables.pools[layout.TableNumber.INSTRUMENTS_TABLE].high)
    known = [at for at in numbers if wire.text_of(tables.instruments[at].symbol) == symbol]
    if not known:
        events = world.send(option_terms(world, symbol, layout.InstrumentType.CALL, forward))
        known = [one_.instrument for one_ in of_kind(events, EventKind.LISTED)]
    return layout.SetOptionMark(
        instrument=known[0],
        mark_subticks=2_000,
        forward_units=forward,
        volatility_ppm=600_000,
        delta_ppm=500_000,
        seen_ns=world.now_ns,
    )


def base(kind: CommandKind, world: World) -> Any:
    """A command of the kind that would be taken, as far as there is one."""
    tables = world.engine.tables
    account = 10
    order = next(row.order_id for row in tables.orders if row.order_id and row.account == account)
    fresh = number_words(world.sent + 10**6, 16)
    made: dict[CommandKind, Any] = {
        CommandKind.PLACE: place(account, Side.BUY, 100, 99_000),
        CommandKind.AMEND: commands.amend(account, order, price_ticks=98_000 + world.sent % 500),
        CommandKind.CANCEL: commands.cancel(account, 10**9),
        CommandKind.CANCEL_ALL: commands.cancel_all(account, 2, Side.SELL),
        CommandKind.CANCEL_ALL_AFTER: commands.cancel_all_after(account, 10**12),
        CommandKind.SET_LEVERAGE: commands.leverage(account, 1, 500),
        CommandKind.SET_ISOLATED: commands.isolate(account, 1, 1),
        CommandKind.MOVE_MARGIN: commands.move_margin(8, 1, 5),
        CommandKind.SET_RISK_LIMIT: commands.risk_limit(account, 1, 350 * 10**8),
        CommandKind.SET_SELF_TRADE: layout.SetSelfTrade(account=account, self_trade=2),
        CommandKind.SET_PRICE_LIMITS: layout.SetPriceLimits(instrument=1, lowest_ticks=5, highest_ticks=10**7),
        CommandKind.SET_ACCOUNT_STATE: commands.account_state(9, 1),
        CommandKind.DEPOSIT: commands.deposit(account, 1, 5, world.sent + 10**6),
        CommandKind.REVERSE_DEPOSIT: commands.reverse(account, 1, 777),
        CommandKind.WITHDRAW: commands.withdraw(account, 1, 5, world.sent + 10**6),
        CommandKind.SETTLE_WITHDRAWAL: commands.settle(8, 1, 1),
        CommandKind.TRANSFER: commands.transfer(account, 9, 1, 5),
        CommandKind.CONSTITUENT_PRICE: commands.price(1, 1, 1_000_000),
        CommandKind.LIST_CURRENCY: commands.currency(f"C{world.sent}", 2),
        CommandKind.LIST_INDEX: commands.index(f"I{world.sent}", 2),
        CommandKind.LIST_CONSTITUENT: commands.constituent(1, 5),
        CommandKind.SET_NEXT_WEIGHT: commands.next_weight(1, 1, 5),
        CommandKind.ADOPT_WEIGHTS: commands.adopt(1),
        CommandKind.LIST: listing(f"L{world.sent}"),
        CommandKind.SET_INSTRUMENT_STATE: commands.instrument_state(1, 1),
        CommandKind.CONTINUE: commands.carry_on(5),
        CommandKind.RESUME: commands.resume(0),
        CommandKind.ROOT: commands.root(world.engine.sequence),
        CommandKind.GROW: commands.grow(layout.TableNumber.DEPOSITS_TABLE, 8_193),
    }
    if kind in (
        CommandKind.CONVERT,
        CommandKind.PROPOSE_OUTCOME,
        CommandKind.DISPUTE_OUTCOME,
        CommandKind.DECIDE_OUTCOME,
    ):
        return asking(kind, world)
    if kind in (CommandKind.SET_EXPIRY, CommandKind.DECLARE_SETTLEMENT):
        return ending(kind, world)
    if kind == CommandKind.REVERSE_DEPOSIT:
        world.send(commands.deposit(account, 1, 5, 777))
    if kind == CommandKind.ADOPT_WEIGHTS:
        world.send(commands.next_weight(1, 1, 5))
    if kind == CommandKind.SET_OPTION_MARK:
        return option_mark(world)
    if kind == CommandKind.OPEN_ACCOUNT:
        record = layout.OpenAccount()
        wire.put_bytes(record.handle, fresh)
        return record
    return made.get(kind) or COMMAND_CLASSES[kind]()


def ending(kind: CommandKind, world: World) -> Any:
    """What is asked of a future that ends in a minute, or that has ended with too few samples."""
    expiry_ns = (world.now_ns // MINUTE_NS + 2) * MINUTE_NS
    number = world.instrument(f"L{world.sent}", **FUTURE, expiry_ns=expiry_ns)
    if kind == CommandKind.SET_EXPIRY:
        return layout.SetExpiry(instrument=number, expiry_ns=expiry_ns + MINUTE_NS)
    world.now_ns = expiry_ns
    return layout.DeclareSettlement(instrument=number, price_subticks=1_000_000)


def asking(kind: CommandKind, world: World) -> Any:
    """What is asked of a new pre-launch future, or of a new prediction market at the stage where it is taken."""
    units = world.engine.tables.indices[1].value_units
    if kind == CommandKind.CONVERT:
        early = {
            **questions.NO_FUNDING,
            "index": 0,
            "instrument_type": layout.InstrumentType.PRELAUNCH,
            "mark_method": layout.MarkMethod.MARK_LAST,
            "opening_subticks": units,
        }
        number = world.instrument(f"L{world.sent}", **early)
        return layout.Convert(
            instrument=number,
            index=1,
            instrument_type=layout.InstrumentType.PERPETUAL,
            mark_method=layout.MarkMethod.MARK_FUNDING,
            funding_interval_ns=8 * 3600 * 10**9,
            funding_offset_ns=4 * 3600 * 10**9,
        )
    number = world.instrument(f"L{world.sent}", **questions.PREDICTION)
    if kind == CommandKind.PROPOSE_OUTCOME:
        return layout.ProposeOutcome(instrument=number, outcome_subticks=questions.HIGHEST)
    questions.propose(world, questions.HIGHEST, instrument=number)
    if kind == CommandKind.DISPUTE_OUTCOME:
        return layout.DisputeOutcome(account=10, instrument=number)
    questions.dispute(world, 10, number)
    return layout.DecideOutcome(instrument=number, outcome_subticks=questions.HIGHEST)


def edges_of(record: ctypes.LittleEndianStructure) -> Iterator[tuple[str, Any]]:
    """Every field with every number or text at an edge that it can hold."""
    schema = next(one for one in records.COMMANDS if one.name == type(record).__name__)
    for field in (*schema.public, *schema.private):
        if field.width.name not in WIDTHS:
            size = ctypes.sizeof(getattr(record, field.name))
            for fill in (b"\0", b"\x7e", b"\xff"):
                yield field.name, fill * size
            continue
        low, high = WIDTHS[field.width.name]
        limits = bounds.FIELDS[field.name].edges
        near = {edge + step for edge in limits for step in (-1, 0, 1)}
        for number in sorted({*COMMON, *near, low, high}):
            if low <= number <= high:
                yield field.name, number


@pytest.mark.parametrize("kind", [CommandKind(kind) for kind in COMMAND_CLASSES], ids=lambda kind: kind.name)
def test_every_field_at_every_edge_is_refused_or_taken_in_both_modes(
    kind: CommandKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "ROWS_BOUND", 16_385)
    world = lively()
    twin = plain_engine(world.engine.snapshot())
    world.engine = Engine.restore(world.engine.snapshot())
    world.journal.clear()
    answers = set()
    for field, edge in edges_of(base(kind, world)):
        record = base(kind, world)
        if isinstance(edge, int):
            setattr(record, field, edge)
        else:
            wire.put_bytes(getattr(record, field), edge)
        events = world.send(record)
        own = b"".join(bytes(event.head) + bytes(event.record) for event in events)
        assert twin.apply(b"".join(world.journal)).endswith(own), (field, edge)
        world.journal.clear()
        refused = [layout.Code(one.code).name for one in of_kind(events, EventKind.REFUSED)]
        assert len(refused) == 1 == len(events) or not refused, (field, edge)
        answers.update(refused or ["taken"])
        assert not world.engine.halted, (field, edge)
        assert breaches(world.engine.tables) == [], (field, edge)
    assert world.engine.roots() == twin.roots()
    without_fields = kind == CommandKind.TICK
    assert answers or without_fields
    one_answer = (CommandKind.CANCEL, CommandKind.OPEN_ACCOUNT, CommandKind.UPGRADE)
    if kind not in one_answer and answers != {"KIND_WITHOUT_RULE"}:
        assert "taken" in answers or without_fields
        assert len(answers) > 1 or without_fields
