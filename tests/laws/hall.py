"""A venue with contracts of every type, traders of all purses, and what they do with orders at random.

`Hall(seed)` lists, prices and funds; then come its short words for what there is, orders, and what a feed says.  What
happens to the contracts themselves is drawn in lifetimes.py.
"""

import random
from collections.abc import Callable

from outcry.engine import reading
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    Contingency,
    EventKind,
    InstrumentState,
    InstrumentType,
    OrderFlag,
    OrderType,
    Side,
    TableNumber,
    TimeInForce,
)
from tests.engine.worlds import of_kind, place
from tests.laws import commands, products
from tests.laws.pair import Pair
from tests.laws.products import BITCOIN, MINUTE_NS, NEW, SPOT

DEPOSITS = (BITCOIN // 20, BITCOIN // 2, BITCOIN, 3 * BITCOIN, 20 * BITCOIN, 50 * BITCOIN, 10**4 * BITCOIN)
"""What the traders begin with; the last can be everybody's other side."""
DOLLARS_PER_BITCOIN = 3_000
HOUR_NS = 60 * MINUTE_NS
WAITS = 15 * 60
"""Seconds into an hour at which a history begins."""
OPTIONS = (InstrumentType.CALL, InstrumentType.PUT)
ENDED = (InstrumentState.INSTRUMENT_SETTLING, InstrumentState.INSTRUMENT_SETTLED)
AWAY = {
    InstrumentType.CALL: 60,
    InstrumentType.PUT: 60,
    InstrumentType.PRELAUNCH: 300,
    InstrumentType.PREDICTION: 900,
    InstrumentType.SPREAD: 120,
}
"""Ticks from the mark within which orders of a type mostly are."""


class Hall:
    """A venue of seven traders and every type of contract, and the chance that moves it."""

    def __init__(self, seed: int, twin: Engine | None = None) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.trio = Pair(twin)
        self.trio.units = lambda: self.chance.choice((1, 3, 17, 4_096, 4_096, 4_096, 4_096))
        self.trio.now_ns = (self.trio.now_ns // HOUR_NS + 1) * HOUR_NS + WAITS * 10**9
        self.spot = 50_000_00
        self.asset = 10_000
        self.listed = 0
        self.brought = {products.XBT: 0, products.USDT: 0}
        self.numbers: list[int] = []
        self.traders: list[int] = []
        self.open_venue()

    def open_venue(self) -> None:
        """List, price and fund."""
        send = self.trio.send
        for symbol, scale in (("XBt", 8), ("USDt", 6)):
            send(commands.currency(symbol, scale))
        for symbol, decimals in ((".BXBT", 2), (".NEW", 4)):
            send(commands.index(symbol, decimals))
        for index in (SPOT, NEW):
            send(commands.constituent(index, 1_000_000))
        self.price()
        self.list_one(products.perpetual("XBTUSD"))
        for kind in (self.list_futures, self.list_linear, self.list_options, self.list_question, self.list_early):
            kind()
        for at, amount in enumerate(DEPOSITS):
            account = layout.ROLES + at
            self.traders.append(account)
            send(commands.open_account(account))
            for currency, value in ((products.XBT, amount), (products.USDT, amount * DOLLARS_PER_BITCOIN // 100)):
                self.bring(account, currency, value)
        self.rich = self.traders[-1]

    def bring(self, account: int, currency: int, amount: int) -> None:
        """Money comes in."""
        events = self.trio.send(commands.deposit(account, currency, amount, self.trio.sent + 10**8))
        self.brought[currency] += 0 if of_kind(events, EventKind.REFUSED) else amount

    def list_one(self, record: layout.List) -> int:
        """A new contract; 0 if it is refused."""
        found = of_kind(self.trio.send(record), EventKind.LISTED)
        if not found:
            return 0
        self.numbers.append(int(found[0].instrument))
        return self.numbers[-1]

    def soon(self, least: int, most: int) -> int:
        """A whole minute in so many."""
        return (self.trio.now_ns // MINUTE_NS + self.chance.randint(least, most)) * MINUTE_NS

    def named(self, word: str) -> str:
        """A symbol that nothing else has."""
        self.listed += 1
        return f"{word}{self.listed}"

    def opens(self) -> int:
        """At once, or in a few minutes."""
        return self.chance.choice((0, 0, self.soon(2, 6)))

    def list_perpetual(self) -> None:
        self.list_one(products.perpetual(self.named("XBTUSD")))

    def list_futures(self) -> None:
        """Two that end one after the other, and the spread between them."""
        first = self.soon(18, 30)
        near = self.list_one(products.inverse_future(self.named("XBTN"), first))
        far = self.list_one(products.inverse_future(self.named("XBTF"), first + self.chance.randint(5, 20) * MINUTE_NS))
        if near and far:
            self.list_one(products.spread(self.named("XBTNF"), near, far, first))

    def list_linear(self) -> None:
        self.list_one(products.linear_future(self.named("XBTUSDT"), self.soon(18, 40), self.opens()))

    def list_options(self) -> None:
        """Three strikes around the money, calls and puts, and one that is paid in dollars."""
        expiry, around = self.soon(18, 35), round(self.spot / 1_000_00) * 1_000_00
        for away in (-1, 0, 1):
            for kind in OPTIONS:
                strike = around + away * 1_000_00
                self.list_one(products.option(self.named(kind.name[0]), kind, strike, expiry))
        kind = self.chance.choice(OPTIONS)
        self.list_one(products.option(self.named("D"), kind, around, expiry, in_dollars=True))
        self.feed()

    def list_question(self) -> None:
        expiry = self.chance.choice((0, self.soon(10, 40)))
        minutes, binary = self.chance.randint(2, 6), self.chance.choice((0, 1))
        self.list_one(products.prediction(self.named("P"), expiry, minutes, binary))

    def list_early(self) -> None:
        self.list_one(products.prelaunch(self.named("NEW"), self.chance.choice((0, 0, self.soon(20, 50)))))

    def relist(self) -> None:
        """The next of a kind of which nothing is left."""
        left = {self.kind(number) for number in self.alive()}
        kinds: dict[InstrumentType, Callable[[], None]] = {
            InstrumentType.PERPETUAL: self.list_perpetual,
            InstrumentType.SPREAD: self.list_futures,
            InstrumentType.FUTURE: self.list_linear,
            InstrumentType.CALL: self.list_options,
            InstrumentType.PREDICTION: self.list_question,
            InstrumentType.PRELAUNCH: self.list_early,
        }
        for kind, listing in kinds.items():
            if kind not in left:
                listing()

    def kind(self, number: int) -> InstrumentType:
        return InstrumentType(self.trio.row(number).instrument_type)

    def alive(self) -> list[int]:
        """What has not ended."""
        return [number for number in self.numbers if self.trio.row(number).state not in ENDED]

    def some(self) -> int:
        """An instrument: a type first, so that options do not take most of the trade; now and then one that is over."""
        draw = self.chance.random()
        among = self.numbers if draw < 0.03 else self.alive() or self.numbers
        if draw > 0.15:
            among = [at for at in among if self.trio.row(at).state == InstrumentState.INSTRUMENT_OPEN] or among
        kinds = sorted({self.kind(number) for number in among})
        kind = self.chance.choice(kinds)
        return self.chance.choice([number for number in among if self.kind(number) == kind])

    def trader(self) -> int:
        return self.chance.choice(self.traders)

    def ticks(self, number: int) -> int:
        """A price near the mark."""
        row = self.trio.row(number)
        middle = row.mark_subticks // row.subticks_per_tick
        away = AWAY.get(self.kind(number), max(2, middle // 300))
        away = 500 if self.kind(number) in OPTIONS and row.currency == products.USDT else away
        return min(int(row.price_ticks_max), max(1, middle + self.chance.randint(-away, away)))

    def lots(self, number: int, most: int = 20) -> int:
        """A quantity."""
        row, scale = self.trio.row(number), 1
        kind = self.kind(number)
        if kind not in OPTIONS:
            scale = 100 if kind in (InstrumentType.PREDICTION, InstrumentType.PRELAUNCH) else 30
            scale = self.chance.choice((1, scale, 10 * scale))
        return int(row.lot) * self.chance.randint(1, most) * scale

    def order(self, number: int = 0, account: int = 0) -> layout.Place:
        """A limit order near the mark, mostly."""
        chance = self.chance
        number = number or self.some()
        market = chance.random() < 0.08
        record = place(
            account or self.trader(),
            chance.choice((Side.BUY, Side.SELL)),
            self.lots(number),
            0 if market else self.ticks(number),
            instrument=number,
        )
        if not market:
            record.time_in_force = chance.choices((1, 2, 3), (8, 1, 1))[0]
        record.flags |= chance.choices((0, OrderFlag.POST_ONLY, OrderFlag.REDUCE_ONLY), (14, 1, 2))[0]
        return record

    def place(self) -> None:
        self.trio.send(self.order())

    def bet(self) -> None:
        """Somebody takes on something of somebody who can give it."""
        chance, number = self.chance, self.some()
        account = chance.choice(self.traders[:-1])
        other = self.rich if chance.random() < 0.7 else chance.choice([one for one in self.traders if one != account])
        side, ticks = chance.choice((Side.BUY, Side.SELL)), self.ticks(number)
        quantity = self.lots(number, chance.choice((5, 20, 60)))
        self.trio.send(place(other, Side.BUY + Side.SELL - side, quantity, ticks, instrument=number))
        self.trio.send(place(account, side, quantity, ticks, instrument=number))

    def condition(self) -> None:
        """An order that waits, is linked, or shows only a part: they end with the rest."""
        chance, record = self.chance, self.order()
        row = self.trio.row(record.instrument)
        record.order_type, record.flags, record.time_in_force = OrderType.LIMIT, 0, TimeInForce.GOOD_TILL_CANCEL
        record.price_ticks = record.price_ticks or self.ticks(record.instrument)
        what = chance.randrange(3)
        if what == 0:
            record.order_type = chance.choice((OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED))
            record.trigger_reference = chance.choice((1, 2, 3))
            record.trigger_subticks = record.price_ticks * row.subticks_per_tick + chance.choice((-30, -5, 5, 30)) * 10
        elif what == 1:
            record.contingency = chance.choice((Contingency.ONE_CANCELS_OTHER, Contingency.ONE_TRIGGERS_OTHER))
            wire.put_client_id(record.link_id, f"l{chance.randrange(4)}")
        else:
            record.display_quantity = chance.choice((0, int(row.lot)))
        self.trio.send(record)

    def working(self) -> layout.OrderRow | None:
        """An open order, whether it rests or waits."""
        orders = self.orders()
        return self.chance.choice(orders) if orders else None

    def orders(self) -> list[layout.OrderRow]:
        tables = self.trio.engine.tables
        rows = [tables.orders[slot] for slot in reading.used(tables, TableNumber.ORDERS_TABLE)]
        return [row for row in rows if row.order_id]

    def amend(self) -> None:
        found = self.working()
        if found is not None:
            quantity = self.lots(found.instrument) * self.chance.choice((0, 1, 1))
            fields = {"price_ticks": self.ticks(found.instrument), "leaves_quantity": quantity}
            del fields[self.chance.choice(tuple(fields))]
            self.trio.send(commands.amend(found.account, found.order_id, "", "", **fields))

    def cancel(self) -> None:
        found = self.working()
        if found is not None:
            self.trio.send(commands.cancel(found.account, found.order_id))

    def cancel_all(self) -> None:
        self.trio.send(commands.cancel_all(self.trader(), self.chance.choice((0, self.some())), 0))

    def price(self, share: float = 0.002) -> None:
        """A new price at every source."""
        chance = self.chance
        self.spot = max(20_000_00, min(120_000_00, int(self.spot * (1 + chance.gauss(0, share)))))
        self.asset = max(500, min(60_000, int(self.asset * (1 + chance.gauss(0, share)))))
        self.trio.send(commands.price(SPOT, 1, self.spot))
        if chance.random() < 0.3 or self.trio.sent < 20:
            self.trio.send(commands.price(NEW, 2, self.asset))

    def model_of(self, number: int) -> layout.SetOptionMark:
        """What a plausible feed says of an option: what it would pay now, and a little for the time that is left."""
        row, put = self.trio.row(number), self.kind(number) == InstrumentType.PUT
        forward = int(self.spot * self.chance.uniform(0.999, 1.001))
        left = max(0, row.expiry_ns - self.trio.now_ns) / (30 * MINUTE_NS)
        worth = max(0, row.strike_units - forward if put else forward - row.strike_units) + 20_00 + int(400_00 * left)
        in_dollars = row.currency == products.USDT
        subticks = worth // 10 if in_dollars else worth * 10**5 // forward
        return layout.SetOptionMark(
            instrument=number,
            mark_subticks=subticks,
            forward_units=forward,
            volatility_ppm=600_000,
            delta_ppm=-400_000 if put else 400_000,
            gamma_ppb=1_000,
            vega_ppm=100,
            theta_ppm=-100,
            seen_ns=self.trio.now_ns,
        )

    def feed(self) -> None:
        """A model for every option."""
        for number in self.alive():
            if self.kind(number) in OPTIONS and self.trio.row(number).expiry_ns > self.trio.now_ns:
                self.trio.send(self.model_of(number))
