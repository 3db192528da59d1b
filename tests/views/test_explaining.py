"""Explanations: the engine's own numbers, and what would have prevented a liquidation, found again by trying it."""

import ctypes
from collections.abc import Callable

import pytest

from outcry.engine import equity
from outcry.engine.engine import Engine
from outcry.engine.reading import margin_of
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, LadderStep
from outcry.views.directory import Directory
from outcry.views.explaining import (
    Explanation,
    NothingKnown,
    explain_deleveragings,
    explain_funding,
    explain_index,
    explain_liquidations,
    explain_margin,
    explain_mark,
    lines,
)
from outcry.views.reasons import Reasons
from tests.engine.worlds import BUY, SELL, World, of_kind

MARK = 100_000
XBT = 10**8


class Watched(World):
    """A world whose events are kept for explaining."""

    def __init__(self, engine: Engine | None = None) -> None:
        super().__init__(engine)
        self.reasons = Reasons()

    def send(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> list[wire.Event]:
        events = super().send(record, payload)
        self.reasons.observe(self.engine.sequence, events)
        return events

    @property
    def directory(self) -> Directory:
        return Directory(self.engine)


def watched() -> Watched:
    world = Watched()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument("XBTUSD", funding_rate_ppb=0)
    world.price(1, 1_000_000)
    return world


def opened(world: World, account: int, maker: int, quantity: int, leverage: int = 0) -> None:
    if leverage:
        world.leverage(account, leverage)
    world.place(maker, SELL, quantity, MARK)
    assert of_kind(world.place(account, BUY, quantity, MARK), EventKind.FILL)


def work(world: World) -> list[wire.Event]:
    events: list[wire.Event] = []
    while world.engine.work_waiting:
        events += world.carry_on()
    return events


def fork(world: World, entries: int) -> World:
    """The venue as it stood after so many entries, to go on otherwise."""
    engine = Engine()
    for entry in world.journal[:entries]:
        engine.apply(entry)
    other = World(engine)
    other.origin = 2
    return other


def smallest(passes: Callable[[int], bool], most: int) -> int:
    """The smallest amount from 1 to `most` that passes, all larger ones passing too."""
    low, high = 1, most
    assert passes(high)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if passes(middle) else (middle + 1, high)
    return low


def moves_in(world: World, account: int, amount: int) -> None:
    record = layout.MoveMargin()
    record.account, record.instrument, record.amount_minor = account, 1, amount
    assert not of_kind(world.send(record), EventKind.REFUSED)


def deposits(world: World, account: int, amount: int) -> None:
    assert not of_kind(world.deposit(account, amount, reference=77), EventKind.REFUSED)


def liquidated(how: str, with_orders: bool = False) -> tuple[Watched, int, int]:
    """A long that the next Continue liquidates: the world, the account, and the entries before that Continue."""
    world = watched()
    maker = world.trader(1, 100 * XBT)
    account = world.trader(2, XBT if how == "cross" else 2 * XBT)
    opened(world, account, maker, 20_000 if how == "isolated" else 400_000, 5_000 if how == "isolated" else 0)
    for at in range(2 if with_orders else 0):
        world.place(account, BUY, 100_000, MARK - 2_000 - at)
    world.price(1, 1_000_100)
    work(world)
    world.price(1, 950_000 if how == "isolated" else 978_000)
    before = len(world.journal)
    work(world)
    assert world.position(account).quantity == 0
    return world, account, before


@pytest.mark.parametrize("how", ["isolated", "cross"])
@pytest.mark.parametrize("with_orders", [False, True])
def test_what_would_have_prevented_it_is_found_again_by_trying(how: str, with_orders: bool) -> None:
    world, account, before = liquidated(how, with_orders)
    told = explain_liquidations(world.reasons, world.directory, account)
    assert len(told) == 1
    prevented, untouched = told[0].term("prevented_by_minor").value, told[0].term("untouched_by_minor").value
    assert 0 < prevented <= untouched

    def steps(amount: int) -> list[int]:
        other = fork(world, before)
        (moves_in if how == "isolated" else deposits)(other, account, amount)
        return [one.step for one in of_kind(work(other), EventKind.LIQUIDATION_STEP) if one.account == account]

    assert prevented == smallest(lambda amount: LadderStep.STEP_TAKEOVER not in steps(amount), XBT // 2)
    assert untouched == smallest(lambda amount: not steps(amount), XBT // 2)
    assert (prevented < untouched) == (how == "cross" and with_orders)


@pytest.mark.parametrize("how", ["isolated", "cross"])
def test_a_liquidation_is_told_with_the_events_own_numbers(how: str) -> None:
    world, account, _ = liquidated(how)
    taken = world.reasons.of_account(account, EventKind.TAKEN_OVER)
    (told,) = explain_liquidations(world.reasons, world.directory, account, takeover=taken[0].record.takeover)
    assert told.holds()
    assert told.term("bankrupt_minor").value == taken[0].record.bankrupt_minor
    assert told.term("balance_minor").value == taken[0].record.balance_minor == world.balance(account)
    steps = [part for part in told.parts if part.about == "step"]
    assert [part.title for part in steps] == ["STEP_TAKEOVER in XBTUSD"]
    assert steps[0].term("equity_minor").value <= steps[0].term("maintenance_minor").value
    assert any(part.about == "stage" for part in told.parts)
    rules = {one.rule for part in (told, *told.parts) for one in part.terms} - {""}
    assert {"LIQ-01", "LIQ-05", "MRG-10", "MRK-01"} <= rules
    assert explain_liquidations(world.reasons, world.directory, account, sequence=taken[0].head.sequence) == [told]
    text = "\n".join(lines(told))
    assert f"{taken[0].record.bankrupt_minor:,} XBt" in text
    assert "DOES NOT HOLD" not in text


def test_what_is_not_known_is_said() -> None:
    world, account, _ = liquidated("cross")
    with pytest.raises(NothingKnown, match="account 99"):
        explain_liquidations(world.reasons, world.directory, 99)
    with pytest.raises(NothingKnown, match="takeover 7"):
        explain_liquidations(world.reasons, world.directory, account, takeover=7)
    with pytest.raises(NothingKnown, match="no such deleveraging"):
        explain_deleveragings(world.reasons, world.directory, account)


def margin_of_account(world: Watched, account: int) -> Explanation:
    directory = world.directory
    return explain_margin(world.engine, directory, account, directory.currencies()[0], world.engine.time_ns)


@pytest.mark.parametrize("leverage", [0, 1_000])
def test_a_margin_adds_up_to_what_the_engine_decides_by(leverage: int) -> None:
    world = watched()
    maker, account = world.trader(1, 100 * XBT), world.trader(2, XBT)
    opened(world, account, maker, 50_000, leverage)
    world.place(account, BUY, 20_000, MARK - 50)
    world.price(1, 995_000)
    work(world)
    told = margin_of_account(world, account)
    tables = world.engine.tables
    assert told.holds()
    assert told.term("available_minor").value == margin_of(tables, account, 1).available_minor
    (part,) = told.parts
    row, instrument = world.position(account), tables.instruments[1]
    if leverage:
        assert part.term("slack_minor").value == equity.isolated_slack_minor(tables, row, instrument)
    else:
        equity.weigh(tables, account, 1)
        assert told.term("cross_equity_minor").value == tables.weighing.equity_minor
        assert told.term("cross_slack_minor").value == equity.slack_minor(tables)
    assert part.term("cost_minor").value == row.cost_minor
    assert part.term("band_subticks").value == row.band_subticks


def test_a_mark_and_an_index_are_told_as_the_events_had_them() -> None:
    world = watched()
    directory = world.directory
    told = explain_mark(world.engine, world.reasons, directory.listing(1), world.engine.time_ns)
    assert told.holds()
    assert told.term("mark_subticks").value == world.engine.tables.instruments[1].mark_subticks
    assert told.term("mark_sequence").value == world.engine.sequence
    index = explain_index(world.engine, world.reasons, directory.index(1), world.engine.time_ns)
    assert index.holds()
    assert (index.term("value_units").text, index.term("active").value) == ("10000.00", 1)
    assert [part.term("state").text for part in index.parts] == ["SOURCE_ACTIVE"]
    with pytest.raises(NothingKnown, match="was not seen here"):
        explain_mark(world.engine, Reasons(), directory.listing(1), world.engine.time_ns)


def test_a_funding_is_told_to_who_paid_and_who_received_it() -> None:
    world = Watched()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument("XBTUSD", funding_rate_ppb=123_456)
    world.price(1, 1_000_000)
    maker, account = world.trader(1, 100 * XBT), world.trader(2, XBT)
    opened(world, account, maker, 12_300)
    directory = world.directory
    known = (world.engine, world.reasons, directory, directory.listing(1))
    with pytest.raises(NothingKnown, match="XBTUSD has had no funding yet"):
        explain_funding(*known, 0, account, world.engine.time_ns)
    world.now_ns = world.engine.tables.instruments[1].next_funding_ns
    world.price(1, 1_000_000)
    work(world)
    paid = explain_funding(*known, 0, account, world.engine.time_ns)
    got = explain_funding(*known, 1, maker, world.engine.time_ns)
    assert paid.holds()
    assert got.holds()
    assert paid.term("rate_ppb").value == 123_456
    amounts = [told.parts[0].term("amount_minor").value for told in (paid, got)]
    assert amounts[0] > 0 > amounts[1]
    assert paid.term("remainder_minor").value == sum(amounts)
    assert paid.parts[0].term("balance_minor").value == world.balance(account)
    assert explain_funding(*known, 1, 99, world.engine.time_ns).parts == []


def test_a_sum_that_does_not_come_out_is_seen() -> None:
    world = watched()
    told = explain_mark(world.engine, world.reasons, world.directory.listing(1), world.engine.time_ns)
    wrong = world.reasons.latest(EventKind.MARK_MOVED, 1)
    assert wrong is not None
    wrong.record.basis_subticks += 1
    again = explain_mark(world.engine, world.reasons, world.directory.listing(1), world.engine.time_ns)
    assert told.holds()
    assert not again.holds()
    assert any("DOES NOT HOLD" in line for line in lines(again))


def test_events_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcry.views.reasons.IN_ALL", 3)
    reasons = Reasons()
    for number in range(1, 6):
        record = layout.LiquidationStep(account=number, instrument=1)
        head = layout.EventHead(sequence=number, kind=EventKind.LIQUIDATION_STEP)
        reasons.observe(number, [wire.Event(head, record)])
    assert [bool(reasons.of_account(number, EventKind.LIQUIDATION_STEP)) for number in range(1, 6)] == [
        False, False, True, True, True,
    ]  # fmt: skip
