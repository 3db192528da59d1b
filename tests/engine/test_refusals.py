"""Every refusal code, raised by a command that is wrong in just that way; nothing but the sequence changes."""

from collections.abc import Callable

import pytest

from outcry.protocol import layout, wire
from outcry.protocol.codes import REFUSALS
from outcry.protocol.layout import (
    AccountState,
    EventKind,
    InstrumentState,
    OrderFlag,
    OrderType,
    PegKind,
    TableNumber,
    TimeInForce,
    VenueState,
)
from tests.engine.optional import model, option
from tests.engine.questions import convert, decide, prelaunch, question
from tests.engine.spreading import NEAR, SPREAD, apart, order
from tests.engine.worlds import BUY, SELL, World, listing, number_words, of_kind, one, place, refused, xbtusd

MARK = 100_000
XBT = 10**8
Case = Callable[[World], list[wire.Event]]


def trader(world: World, amount_minor: int = XBT) -> int:
    return world.trader(77, amount_minor)


def with_state(world: World, state: int) -> int:
    account = trader(world)
    record = layout.SetAccountState()
    record.account, record.state = account, state
    world.send(record)
    return account


def in_state(world: World, state: int) -> None:
    record = layout.SetInstrumentState()
    record.instrument, record.state = 1, state
    one(world.send(record), EventKind.INSTRUMENT_STATE_SET)


def in_venue_state(world: World, state: int) -> int:
    account = trader(world)
    one(world.send(layout.SetVenueState(state=state)), EventKind.VENUE_STATE_SET)
    return account


def held_money(world: World) -> list[wire.Event]:
    return world.deposit(in_venue_state(world, VenueState.VENUE_STOPPED), 5)


def in_collection(world: World) -> list[wire.Event]:
    account = trader(world)
    in_state(world, InstrumentState.INSTRUMENT_AUCTION)
    return world.place(account, BUY, 100, 0)


def restricted(world: World, state: int) -> list[wire.Event]:
    in_state(world, state)
    return world.place(trader(world), BUY, 100, MARK)


def closed(world: World) -> list[wire.Event]:
    in_state(world, InstrumentState.INSTRUMENT_PAUSED)
    return world.place(trader(world), BUY, 100, MARK)


def halted(world: World) -> list[wire.Event]:
    account = trader(world)
    world.engine.tables.venue.halted = 1
    return world.place(account, BUY, 100, MARK)


def waiting(world: World) -> list[wire.Event]:
    account = trader(world)
    world.place(account, BUY, 100, MARK)
    world.cancel_all_after(account, 1)
    world.wait(1)
    return world.place(account, BUY, 100, MARK)


def unknown_kind(world: World) -> list[wire.Event]:
    record = layout.SetLot()
    record.instrument, record.lot = 1, 10
    return world.send(record)


def raw(world: World, time_ns: int, origin: int = 1, origin_sequence: int = 10**6) -> list[wire.Event]:
    record = place(trader(world), BUY, 100, MARK)
    entry = wire.encode_entry(
        record, sequence=world.engine.sequence + 1, time_ns=time_ns, origin=origin, origin_sequence=origin_sequence
    )
    return list(wire.events_of(world.engine.apply(entry)))


def paused(world: World) -> list[wire.Event]:
    account = trader(world)
    world.wait(10)
    record = layout.Resume()
    record.paused_ns = 10**10
    assert one(world.send(record), EventKind.RESUMED).cancel_only
    return world.place(account, BUY, 100, MARK)


def unknown_currency(world: World) -> list[wire.Event]:
    return world.deposit(trader(world), 5, currency=9)


def unpriced(world: World) -> list[wire.Event]:
    other = world.index(".NEW")
    number = world.instrument("NEWUSD", index=other)
    return world.place(trader(world), BUY, 100, MARK, instrument=number)


def duplicate_id(world: World) -> list[wire.Event]:
    account = trader(world)
    world.place(account, BUY, 100, MARK, client_id="one")
    return world.place(account, BUY, 100, MARK, client_id="one")


def duplicate_outpoint(world: World) -> list[wire.Event]:
    account = trader(world)
    world.deposit(account, 5, reference=4711)
    return world.deposit(account, 5, reference=4711)


def withdrawal(world: World, account: int, amount_minor: int = 5) -> list[wire.Event]:
    record = layout.Withdraw()
    record.account, record.currency, record.amount_minor = account, 1, amount_minor
    wire.put_bytes(record.request, number_words(5, 16))
    return world.send(record)


def duplicate_request(world: World) -> list[wire.Event]:
    account = trader(world)
    withdrawal(world, account)
    return withdrawal(world, account)


def unknown_deposit(world: World) -> list[wire.Event]:
    record = layout.ReverseDeposit()
    record.account, record.currency = trader(world), 1
    return world.send(record)


def unknown_withdrawal(world: World) -> list[wire.Event]:
    record = layout.SettleWithdrawal()
    record.account, record.settled = trader(world), 1
    return world.send(record)


def ended(world: World) -> list[wire.Event]:
    account = trader(world)
    order = one(world.place(account, BUY, 100, MARK), EventKind.PLACED).order_id
    world.cancel(account, order)
    return world.cancel(account, order)


def unchanged(world: World) -> list[wire.Event]:
    account = trader(world)
    order = one(world.place(account, BUY, 100, MARK), EventKind.PLACED).order_id
    return world.amend(account, order, quantity=100, price_ticks=MARK)


def cross_margin(world: World) -> list[wire.Event]:
    record = layout.MoveMargin()
    record.account, record.instrument, record.amount_minor = trader(world), 1, 5
    return world.send(record)


def isolating_a_loser(world: World) -> list[wire.Event]:
    account, other = trader(world), world.trader(78, 100 * XBT)
    world.place(other, SELL, 100_000, MARK)
    world.place(account, BUY, 100_000, MARK)
    world.price(1, 920_000)
    record = layout.SetIsolated()
    record.account, record.instrument, record.isolated = account, 1, 1
    return world.send(record)


def poor(world: World) -> list[wire.Event]:
    return world.place(trader(world, 1000), BUY, 10_000, MARK)


def risky(world: World) -> list[wire.Event]:
    rich = trader(world, 1000 * XBT)
    return world.place(rich, BUY, 300 * 10_000, MARK)


def full(world: World) -> list[wire.Event]:
    account = trader(world)
    world.engine.tables.pools[TableNumber.ORDERS_TABLE].live = 16_384
    return world.place(account, BUY, 100, MARK)


def too_many(world: World) -> list[wire.Event]:
    account = trader(world)
    world.engine.tables.accounts[account].orders = layout.ORDERS_PER_ACCOUNT
    return world.place(account, BUY, 100, MARK)


def constituent(world: World, index: int, source: int) -> list[wire.Event]:
    return world.price(index, 5, source)


def odd_limit(w: World) -> list[wire.Event]:
    """A risk limit between two steps."""
    record = layout.SetRiskLimit()
    record.account = trader(w)
    record.instrument = 1
    record.risk_limit_minor = 200 * 10**8 + 1
    return w.send(record)


def pegged(world: World, kind: int) -> list[wire.Event]:
    more = {"order_type": OrderType.PEGGED, "peg_kind": kind, "flags": OrderFlag.FIXED_PEG}
    return world.place(trader(world), BUY, 100, 0, **more)


def limited(world: World) -> list[wire.Event]:
    world.send(layout.SetPriceLimits(instrument=1, lowest_ticks=1, highest_ticks=MARK - 1))
    return world.place(trader(world), BUY, 100, MARK)


def too_small(world: World) -> list[wire.Event]:
    account = trader(world)
    world.engine.tables.instruments[1].small_order_minor = XBT
    world.engine.tables.accounts[account].small_orders = layout.SMALL_ORDERS_MAX + 1
    return world.place(account, BUY, 100, MARK, post_only=True)


def too_many_here(world: World) -> list[wire.Event]:
    account = trader(world)
    world.engine.tables.instruments[1].orders_max = 1
    world.place(account, BUY, 100, MARK)
    return world.place(account, BUY, 100, MARK)


def too_many_stops(world: World) -> list[wire.Event]:
    account = trader(world)
    world.engine.tables.instruments[1].stops_max = 1
    stop = {"order_type": OrderType.STOP, "trigger_subticks": 20 * MARK}
    world.place(account, BUY, 100, 0, **stop)
    return world.place(account, BUY, 100, 0, **stop)


def old_mark(world: World) -> list[wire.Event]:
    account, number = trader(world), option(world, "C", strike=10_000_00)
    model(world, number, 2_000, 10_000_00)
    world.wait(61)
    return world.place(account, BUY, 1, 100, instrument=number)


def isolated_leg(world: World) -> list[wire.Event]:
    """A spread, of which one leg is isolated."""
    world = apart()
    account = world.trader(1)
    world.leverage(account, 100, NEAR)
    return order(world, account, BUY, 100, 0)


def margin_of_a_spread(world: World) -> list[wire.Event]:
    world = apart()
    return world.leverage(world.trader(1), 100, SPREAD)


CASES: dict[str, Case] = {
    "SPREAD_LEG_ISOLATED": isolated_leg,
    "SPREAD_WITHOUT_POSITION": margin_of_a_spread,
    "DOCKET_STAGE_WRONG": lambda w: decide(question(), 0),
    "INDEX_TOO_FAR": lambda w: convert(prelaunch()),
    "MARK_TOO_OLD": old_mark,
    "NOT_AN_OPTION": lambda w: model(w, 1, 2_000),
    "MODEL_INVALID": lambda w: model(w, option(w, "C"), 2_000, 30_000_00),
    "MODEL_MARK_INVALID": lambda w: model(w, option(w, "C"), 0, 10_000_00),
    "PEG_INVALID": lambda w: pegged(w, 0),
    "PEG_WITHOUT_TOUCH": lambda w: pegged(w, PegKind.PEG_MARKET),
    "DISPLAY_INVALID": lambda w: w.place(trader(w), BUY, 100, MARK, display_quantity=50),
    "PRICE_OUTSIDE_LIMITS": limited,
    "SMALL_ORDER_POST_ONLY": too_small,
    "ORDERS_HERE_TOO_MANY": too_many_here,
    "VENUE_HALTED": halted,
    "KIND_WITHOUT_RULE": unknown_kind,
    "ACCOUNT_WAITS": waiting,
    "TICK_DUE": lambda w: raw(w, w.now_ns + 10**12),
    "TIME_BACKWARDS": lambda w: raw(w, 1),
    "ORIGIN_REPEATED": lambda w: raw(w, w.now_ns, origin_sequence=1),
    "VENUE_CANCEL_ONLY": paused,
    "VENUE_HELD": lambda w: w.place(in_venue_state(w, VenueState.VENUE_CANCELLING), BUY, 100, MARK),
    "VENUE_REDUCE_ONLY": lambda w: w.place(in_venue_state(w, VenueState.VENUE_REDUCING), BUY, 100, MARK),
    "VENUE_POST_ONLY": lambda w: w.place(in_venue_state(w, VenueState.VENUE_POSTING), BUY, 100, MARK),
    "VENUE_MONEY_HELD": held_money,
    "CURRENCY_UNKNOWN": unknown_currency,
    "INDEX_UNKNOWN": lambda w: constituent(w, 9, 1),
    "CONSTITUENT_UNKNOWN": lambda w: constituent(w, 1, 9),
    "INSTRUMENT_UNKNOWN": lambda w: w.place(trader(w), BUY, 100, MARK, instrument=5),
    "INSTRUMENT_CLOSED": closed,
    "INSTRUMENT_UNPRICED": unpriced,
    "INSTRUMENT_REDUCE_ONLY": lambda w: restricted(w, InstrumentState.INSTRUMENT_REDUCING),
    "INSTRUMENT_POST_ONLY": lambda w: restricted(w, InstrumentState.INSTRUMENT_POSTING),
    "INSTRUMENT_COLLECTING": in_collection,
    "ACCOUNT_UNKNOWN": lambda w: w.place(4000, BUY, 100, MARK),
    "ACCOUNT_IS_ROLE": lambda w: w.place(layout.Role.FEES, BUY, 100, MARK),
    "ACCOUNT_FROZEN": lambda w: w.place(with_state(w, AccountState.ACCOUNT_STOPPED), BUY, 100, MARK),
    "ACCOUNT_WITHDRAW_ONLY": lambda w: w.place(with_state(w, AccountState.ACCOUNT_WITHDRAWING), BUY, 100, MARK),
    "ACCOUNT_REDUCE_ONLY": lambda w: w.place(with_state(w, AccountState.ACCOUNT_REDUCING), BUY, 100, MARK),
    "ACCOUNT_CANCEL_ONLY": lambda w: w.place(with_state(w, AccountState.ACCOUNT_CANCELLING), BUY, 100, MARK),
    "ACCOUNT_POST_ONLY": lambda w: w.place(with_state(w, AccountState.ACCOUNT_POSTING), BUY, 100, MARK),
    "CLIENT_ID_DUPLICATE": duplicate_id,
    "OUTPOINT_DUPLICATE": duplicate_outpoint,
    "REQUEST_DUPLICATE": duplicate_request,
    "SYMBOL_TAKEN": lambda w: w.send(listing("XBTUSD")),
    "ORDER_UNKNOWN": lambda w: w.cancel(trader(w), 12345),
    "ORDER_ENDED": ended,
    "DEPOSIT_UNKNOWN": unknown_deposit,
    "WITHDRAWAL_UNKNOWN": unknown_withdrawal,
    "POSITION_NOT_ISOLATED": cross_margin,
    "PARAMETER_INVALID": lambda w: w.place(trader(w), 3, 100, MARK),
    "ORDER_TYPE_WITHOUT_RULE": lambda w: w.place(trader(w), BUY, 100, MARK, order_type=99),
    "TRIGGER_INVALID": lambda w: w.place(trader(w), BUY, 100, 0, order_type=OrderType.STOP),
    "LINK_INVALID": lambda w: w.place(trader(w), BUY, 100, MARK, contingency=1),
    "STOPS_TOO_MANY": too_many_stops,
    "QUANTITY_INVALID": lambda w: w.place(trader(w), BUY, 0, MARK),
    "QUANTITY_NOT_LOTS": lambda w: w.place(trader(w), BUY, 150, MARK),
    "PRICE_INVALID": lambda w: w.place(trader(w), BUY, 100, -5),
    "AMEND_UNCHANGED": unchanged,
    "VALUE_TOO_LARGE": lambda w: w.place(trader(w), BUY, 10**9, 1),
    "AMOUNT_INVALID": lambda w: w.deposit(trader(w), -1),
    "LEVERAGE_INVALID": lambda w: w.leverage(trader(w), 25_001),
    "PRICE_OUTSIDE_BAND": lambda w: w.place(trader(w), BUY, 100, MARK * 2),
    "REDUCE_ONLY_NO_POSITION": lambda w: w.place(trader(w), BUY, 100, MARK, reduce_only=True),
    "BALANCE_INSUFFICIENT": poor,
    "LIQUIDATION_IMMEDIATE": isolating_a_loser,
    "SETTLEMENT_NOT_AWAITED": lambda w: w.send(layout.DeclareSettlement(instrument=1, price_subticks=1)),
    "RISK_LIMIT_INVALID": odd_limit,
    "RISK_LIMIT_EXCEEDED": risky,
    "TABLE_FULL": full,
    "ORDERS_TOO_MANY": too_many,
}


@pytest.mark.parametrize("name", [refusal.name for refusal in REFUSALS])
def test_every_code_is_raised_by_a_command_that_deserves_it(name: str) -> None:
    assert refused(CASES[name](xbtusd())) == name


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("QUANTITY_INVALID", {"quantity": -100}),
        ("QUANTITY_INVALID", {"quantity": 2**62}),
        ("QUANTITY_INVALID", {"quantity": 2**31}),
        ("PRICE_INVALID", {"price_ticks": 2**62}),
        ("PRICE_INVALID", {"price_ticks": 2**30}),
        ("PRICE_INVALID", {"price_ticks": -(2**63)}),
        ("ORDER_TYPE_WITHOUT_RULE", {"time_in_force": TimeInForce.DAY + 1}),
        ("DISPLAY_INVALID", {"display_quantity": -2}),
        ("ORDER_TYPE_WITHOUT_RULE", {"flags": 255}),
        ("INSTRUMENT_UNKNOWN", {"instrument": -1}),
        ("ACCOUNT_UNKNOWN", {"account": -1}),
    ],
)
def test_numbers_at_and_beyond_the_edges_change_nothing(name: str, bad: dict[str, int]) -> None:
    world = xbtusd()
    record = place(trader(world), BUY, 100, MARK)
    for field, number in bad.items():
        setattr(record, field, number)
    before = bytes(world.engine.tables.positions), bytes(world.engine.tables.orders)
    assert refused(world.send(record)) == name
    assert (bytes(world.engine.tables.positions), bytes(world.engine.tables.orders)) == before


def test_the_earlier_refusal_in_the_table_wins() -> None:
    """Wrong in ever more ways, an order gets the earliest answer (Law 7)."""
    world = xbtusd()
    poor_trader = trader(world, 1)
    wrong: dict[str, int] = {}
    steps: list[tuple[str, dict[str, int]]] = [
        ("BALANCE_INSUFFICIENT", {}),
        ("PRICE_OUTSIDE_BAND", {"price_ticks": MARK * 2}),
        ("QUANTITY_NOT_LOTS", {"quantity": 150}),
        ("ORDER_TYPE_WITHOUT_RULE", {"order_type": 99}),
        ("ACCOUNT_UNKNOWN", {"account": 4000}),
        ("INSTRUMENT_UNKNOWN", {"instrument": 7}),
    ]
    for name, more in steps:
        wrong |= more
        record = place(poor_trader, BUY, 100, MARK)
        for field, number in wrong.items():
            setattr(record, field, number)
        assert refused(world.send(record)) == name


def test_cancelling_is_allowed_when_nothing_else_is() -> None:
    world = xbtusd()
    account = trader(world)
    order = one(world.place(account, BUY, 100, MARK), EventKind.PLACED).order_id
    in_state(world, InstrumentState.INSTRUMENT_PAUSED)
    record = layout.SetAccountState()
    record.account, record.state = account, AccountState.ACCOUNT_STOPPED
    world.send(record)
    one(world.cancel(account, order), EventKind.ENDED)


def test_a_client_id_may_return_after_a_day_and_a_thousand_others() -> None:
    world = xbtusd()
    account = trader(world)

    def used_up(name: str) -> bool:
        events = world.place(account, BUY, 100, MARK, client_id=name)
        if of_kind(events, EventKind.REFUSED):
            return True
        world.cancel(account, client_id=name)
        return False

    assert not used_up("first")
    world.wait(25 * 3600)
    assert used_up("first")
    for number in range(layout.CLIENT_IDS_KEPT + 1):
        assert not used_up(f"other-{number}")
    assert not used_up("first")
    assert used_up("other-500")


def test_selling_beyond_the_balance_names_what_is_missing() -> None:
    world = xbtusd()
    account = trader(world, 1000)
    event = one(world.place(account, SELL, 10_000, MARK), EventKind.REFUSED)
    # 1 XBT at 250x: 400,000 initial margin, 50,000 fee in, 50,200 fee out (MRG-01).
    assert event.wanted == 500_200 - 1000


@pytest.mark.parametrize("kind", [layout.ListCurrency, layout.ListIndex, layout.List])
def test_texts_that_are_not_ascii_are_not_listed(
    kind: type[layout.ListCurrency | layout.ListIndex | layout.List],
) -> None:
    record = listing("X") if kind is layout.List else kind()
    wire.put_text(record.symbol, "\u00e9")
    assert refused(xbtusd().send(record)) == "PARAMETER_INVALID"
