"""A small venue for tests: an engine, and short words to hand it commands and read what came out."""

import ctypes
from typing import Any

from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    DeleveragePolicy,
    EventKind,
    InstrumentType,
    MarkMethod,
    OrderFlag,
    OrderType,
    Side,
    TimeInForce,
    Valuation,
)

START_NS = 1_700_000_000_000_000_000
BUY, SELL = Side.BUY, Side.SELL


def number_words(number: int, width: int) -> bytes:
    """A number as the bytes of a handle or hash."""
    return number.to_bytes(width, "little")


class World:
    """An engine with a clock of its own; every call journals one entry."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or Engine()
        self.now_ns = max(START_NS, self.engine.time_ns)
        self.sent = 0
        self.journal: list[bytes] = []
        self.origin = 1

    def send(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> list[wire.Event]:
        """Journal one command (after the tick it needs, as a node would); returns its events."""
        in_time = isinstance(record, layout.Tick | layout.Resume)
        if 0 < self.engine.next_due_ns <= self.now_ns and not in_time:
            self.send(layout.Tick())
        self.sent += 1
        entry = wire.encode_entry(
            record,
            payload,
            sequence=self.engine.sequence + 1,
            time_ns=self.now_ns,
            origin=self.origin,
            origin_sequence=self.sent,
            salt=number_words(self.sent, 16),
        )
        self.journal.append(entry)
        return list(wire.events_of(self.engine.apply(entry)))

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now_ns += int(seconds * 1_000_000_000)

    def currency(self, symbol: str, scale: int) -> int:
        record = layout.ListCurrency()
        record.scale = scale
        wire.put_text(record.symbol, symbol)
        return int(one(self.send(record), EventKind.CURRENCY_LISTED).currency)

    def index(
        self, symbol: str, decimals: int = 2, weights: tuple[int, ...] = (1_000_000,), tolerance_ppm: int = 0
    ) -> int:
        record = layout.ListIndex(tolerance_ppm=tolerance_ppm)
        record.decimals = decimals
        wire.put_text(record.symbol, symbol)
        number = int(one(self.send(record), EventKind.INDEX_LISTED).index)
        for at, weight in enumerate(weights):
            source = layout.ListConstituent()
            source.index = number
            source.weight_ppm = weight
            wire.put_text(source.name, f"source{at}")
            self.send(source)
        return number

    def price(self, index: int, price_units: int, constituent: int = 0) -> list[wire.Event]:
        record = layout.ConstituentPrice()
        record.index = index
        record.constituent = constituent or index
        record.price_units = price_units
        return self.send(record)

    def instrument(self, symbol: str, **terms: int) -> int:
        return int(one(self.send(listing(symbol, **terms)), EventKind.LISTED).instrument)

    def account(self, number: int) -> int:
        record = layout.OpenAccount()
        wire.put_bytes(record.handle, number_words(number, 16))
        return int(one(self.send(record), EventKind.ACCOUNT_OPENED).account)

    def deposit(self, account: int, amount_minor: int, currency: int = 1, reference: int = 0) -> list[wire.Event]:
        record = layout.Deposit()
        record.account = account
        record.currency = currency
        record.amount_minor = amount_minor
        wire.put_bytes(record.reference, number_words(reference or self.sent + 1, 32))
        return self.send(record)

    def trader(self, number: int, amount_minor: int = 10**10, currency: int = 1) -> int:
        account = self.account(number)
        self.deposit(account, amount_minor, currency)
        return account

    def place(self, account: int, side: int, quantity: int, price_ticks: int, **more: Any) -> list[wire.Event]:
        return self.send(place(account, side, quantity, price_ticks, **more))

    def cancel(self, account: int, order_id: int = 0, client_id: str = "") -> list[wire.Event]:
        record = layout.Cancel()
        record.account = account
        record.order_id = order_id
        wire.put_client_id(record.client_id, client_id)
        return self.send(record)

    def cancel_all(self, account: int, instrument: int = 0, side: int = 0) -> list[wire.Event]:
        record = layout.CancelAll()
        record.account = account
        record.instrument = instrument
        record.side = side
        return self.send(record)

    def cancel_all_after(self, account: int, seconds: float) -> list[wire.Event]:
        record = layout.CancelAllAfter()
        record.account = account
        record.timeout_ns = int(seconds * 1_000_000_000)
        return self.send(record)

    def carry_on(self, units: int = layout.WORK_UNITS_MAX) -> list[wire.Event]:
        record = layout.Continue()
        record.units_max = units
        return self.send(record)

    def restart(self) -> None:
        """Go on with the state of a snapshot."""
        self.engine = Engine.restore(self.engine.snapshot())

    def amend(self, account: int, order_id: int = 0, **more: Any) -> list[wire.Event]:
        record = layout.Amend()
        record.account = account
        record.order_id = order_id
        record.leaves_quantity = more.pop("leaves_quantity", -1)
        wire.put_client_id(record.client_id, more.pop("client_id", ""))
        wire.put_client_id(record.new_client_id, more.pop("new_client_id", ""))
        for name, value in more.items():
            setattr(record, name, value)
        return self.send(record)

    def leverage(self, account: int, leverage_centi: int, instrument: int = 1) -> list[wire.Event]:
        record = layout.SetLeverage()
        record.account = account
        record.instrument = instrument
        record.leverage_centi = leverage_centi
        return self.send(record)

    def position(self, account: int, instrument: int = 1) -> layout.PositionRow:
        tables = self.engine.tables
        slot = tables.accounts[account].first_position
        while slot and tables.positions[slot].instrument != instrument:
            slot = tables.positions[slot].next_position
        return tables.positions[slot]

    def balance(self, account: int, currency: int = 1) -> int:
        tables = self.engine.tables
        slot = tables.accounts[account].first_wallet
        while slot and tables.wallets[slot].currency != currency:
            slot = tables.wallets[slot].next_wallet
        return int(tables.wallets[slot].balance_minor)


def listing(symbol: str, **terms: int) -> layout.List:
    """XBTUSD of DESIGN section 4 unless terms say otherwise."""
    record = layout.List()
    standard = {
        "index": 1,
        "currency": 1,
        "instrument_type": InstrumentType.PERPETUAL,
        "valuation": Valuation.INVERSE,
        "price_decimals": 1,
        "tick_units": 1,
        "subticks_per_tick": 10,
        "lot": 100,
        "multiplier_minor": 100_000_000,
        "quantity_max": 10**9,
        "price_ticks_max": 10_000_000,
        "initial_margin_ppm": 4_000,
        "maintenance_margin_ppm": 2_000,
        "risk_limit_minor": 200 * 10**8,
        "risk_step_minor": 150 * 10**8,
        "maker_fee_ppm": 200,
        "taker_fee_ppm": 500,
        "mark_method": MarkMethod.MARK_FUNDING,
        "funding_rate_ppb": 100_000,
        "funding_interval_ns": 8 * 3600 * 10**9,
        "funding_offset_ns": 4 * 3600 * 10**9,
        "deleverage_policy": DeleveragePolicy.RANKED,
    }
    for name, value in {**standard, **terms}.items():
        setattr(record, name, value)
    wire.put_text(record.symbol, symbol)
    wire.put_text(record.underlying, "XBT")
    wire.put_text(record.quote, "USD")
    return record


def place(account: int, side: int, quantity: int, price_ticks: int, **more: Any) -> layout.Place:
    """A good-till-cancel limit order of instrument 1 unless more is said; price 0 is a market order."""
    record = layout.Place()
    record.account = account
    record.side = side
    record.quantity = quantity
    record.price_ticks = price_ticks
    record.instrument = more.pop("instrument", 1)
    record.order_type = OrderType.LIMIT if price_ticks else OrderType.MARKET
    record.time_in_force = TimeInForce.GOOD_TILL_CANCEL if price_ticks else TimeInForce.IMMEDIATE_OR_CANCEL
    record.display_quantity = -1
    if more.pop("post_only", False):
        record.flags |= OrderFlag.POST_ONLY
    if more.pop("reduce_only", False):
        record.flags |= OrderFlag.REDUCE_ONLY
    if more.pop("close", False):
        record.flags |= OrderFlag.CLOSE
    wire.put_client_id(record.client_id, more.pop("client_id", ""))
    for name, value in more.items():
        setattr(record, name, value)
    return record


def of_kind(events: list[wire.Event], kind: EventKind) -> list[Any]:
    """The records of this kind among the events."""
    return [event.record for event in events if event.head.kind == kind]


def one(events: list[wire.Event], kind: EventKind) -> Any:
    """The only event of this kind."""
    found = of_kind(events, kind)
    assert len(found) == 1, [(EventKind(e.head.kind).name, plain(e.record)) for e in events]
    return found[0]


def refused(events: list[wire.Event]) -> str:
    """The name of the refusal that is the only event."""
    assert [event.head.kind for event in events] == [EventKind.REFUSED], [EventKind(e.head.kind).name for e in events]
    return layout.Code(events[0].record.code).name


def plain(record: ctypes.LittleEndianStructure) -> dict[str, Any]:
    """The record's fields for messages."""
    return {
        field[0]: value if isinstance(value := getattr(record, field[0]), int) else bytes(value)
        for field in type(record)._fields_
        if not field[0].startswith("pad")
    }


def xbtusd(mark: int = 10_000) -> World:
    """A world with XBt, .BXBT at the mark (whole dollars) and XBTUSD."""
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument("XBTUSD", funding_rate_ppb=0)
    world.price(1, mark * 100)
    return world
