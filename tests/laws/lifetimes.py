"""A random history of contracts that begin, are marked, change and end: of every type, with its docket and its spread.

`Lifetimes(seed)` draws commands; what it does is a table of weights.  Time goes by minutes, so that averages, expiries,
hours and times for disputing pass on the way, and what has ended is followed by the next one.  `run` ends everything
after so many commands: then nobody holds anything, and all money is what was brought and not taken.
Known limit: no plain model of orders and margins here (pair.py).
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
    MarkMethod,
    OrderFlag,
    OrderType,
    Role,
    Side,
    StateCause,
    TableNumber,
    TaskKind,
    TimeInForce,
    VenueState,
)
from tests.engine.worlds import number_words, of_kind, place
from tests.laws import commands, products
from tests.laws.pair import Pair
from tests.laws.products import BITCOIN, MINUTE_NS, NEW, SPOT

DEPOSITS = (BITCOIN // 20, BITCOIN // 2, BITCOIN, 3 * BITCOIN, 20 * BITCOIN, 50 * BITCOIN, 10**4 * BITCOIN)
"""What the traders begin with; the last can be everybody's other side."""
DOLLARS_PER_BITCOIN = 3_000
HOUR_NS = 60 * MINUTE_NS
WAITS = 15 * 60
"""Seconds into an hour at which a history begins."""
LAST_MINUTES = 16
"""In which everything ends, and enough of them for a mean."""
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


class Lifetimes:
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

    @property
    def actions(self) -> dict[Callable[["Lifetimes"], None], int]:
        """What it does, and how often."""
        return LIFETIMES

    def run(self, count: int) -> None:
        """One of the rare things first, by the seed in turn; so many commands; then the end of everything."""
        end = self.trio.sent + count
        OPENINGS[self.seed % len(OPENINGS)](self)
        while self.trio.sent < end:
            self.step()
        self.end_everything()
        self.trio.finish()

    def step(self) -> None:
        """One action of the table."""
        self.chance.choices(list(self.actions), list(self.actions.values()))[0](self)

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

    def isolated_leg(self) -> None:
        """Who has isolated a leg trades no spread of it, and what of his rested there ends at its turn."""
        near, _, number = self.numbers[1:4]
        account = self.traders[2]
        resting = place(account, Side.BUY, 100, ORIGIN, instrument=number)
        self.trio.send(resting)
        self.trio.send(commands.leverage(account, near, 1_000))
        self.trio.send(place(self.rich, Side.SELL, 100, ORIGIN, instrument=number))
        self.trio.send(resting)

    def too_far(self) -> None:
        """The index of what is to be launched is far from where it trades."""
        early = next(number for number in self.numbers if self.kind(number) == InstrumentType.PRELAUNCH)
        self.trio.send(commands.price(NEW, 2, 30_000))
        terms = {"instrument_type": InstrumentType.FUTURE, "mark_method": MarkMethod.MARK_IMPACT}
        self.trio.send(layout.Convert(instrument=early, index=NEW, expiry_ns=self.soon(9, 9), **terms))

    def beyond_means(self) -> None:
        """A contract ends at a price that one of its holders cannot pay, and the fund only in part."""
        near, poor = self.numbers[1], self.traders[1]
        self.bring(Role.INSURANCE, products.XBT, self.chance.choice((1, BITCOIN // 10, 2 * BITCOIN)))
        ticks = self.trio.row(near).mark_subticks // 10
        for account, side in ((self.rich, Side.SELL), (poor, Side.BUY)):
            self.trio.send(place(account, side, 500_000, ticks, instrument=near))
        self.trio.send(layout.SetExpiry(instrument=near, expiry_ns=self.soon(1, 1)))
        self.trio.wait(60)
        self.trio.send(layout.Tick())
        self.trio.send(layout.DeclareSettlement(instrument=near, price_subticks=9 * ticks))
        self.settle_slowly()

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
            InstrumentType.PERPETUAL: lambda: self.list_one(products.perpetual(self.named("XBTUSD"))) and None,
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

    def gap(self) -> None:
        """The bitcoin jumps."""
        self.spot = int(self.spot * self.chance.choice((0.9, 0.96, 0.985, 0.995, 1.005, 1.015, 1.04, 1.1)))
        self.price()
        if self.chance.random() < 0.7:
            self.feed()

    def minutes(self) -> None:
        """Some minutes with their prices and ticks."""
        for _ in range(self.chance.choice((1, 2, 4, 4, 8))):
            self.price()
            self.trio.now_ns = (self.trio.now_ns // MINUTE_NS + 1) * MINUTE_NS
            self.trio.send(layout.Tick())
            if self.chance.random() < 0.3:
                self.settle_slowly()
        if self.chance.random() < 0.8:
            self.feed()

    def settle_slowly(self) -> None:
        """What has ended is settled a few rows at a time."""
        for _ in range(60):
            if self.trio.task() != TaskKind.TASK_SETTLEMENT:
                return
            self.trio.send(commands.carry_on(self.chance.choice((1, 1, 4))))

    def silence(self) -> None:
        """Time without prices, or without ticks."""
        if self.chance.random() < 0.5:
            self.trio.wait(self.chance.choice((700, 1_300, 3_600)))
            self.trio.send(layout.Tick())
            return
        for _ in range(self.chance.choice((3, 18))):
            self.trio.wait(61)
            self.trio.send(layout.Tick())

    def pause(self) -> None:
        """The venue was down, and resumes when there are fresh prices; a tick comes only when one is due, as of a node."""
        self.trio.wait(self.chance.choice((20, 250, 700)))
        self.trio.send(commands.resume(20))
        for index, units in ((SPOT, self.spot), (NEW, self.asset)):
            self.trio.send(commands.price(index, index, units))

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

    def wrong_model(self) -> None:
        """One of which a number cannot be, or for something that is no option."""
        options = [number for number in self.numbers if self.kind(number) in OPTIONS]
        record = self.model_of(self.chance.choice(options))
        far = 3 * self.spot
        name, value = self.chance.choice(
            (
                ("mark_subticks", 0),
                ("mark_subticks", 10**7),
                ("mark_subticks", 2**62),
                ("mark_subticks", 1),
                ("forward_units", far),
                ("forward_units", 0),
                ("volatility_ppm", -1),
                ("delta_ppm", 2_000_000),
                ("gamma_ppb", -1),
                ("seen_ns", self.trio.now_ns + 1),
                ("seen_ns", 1),
                ("instrument", 1),
                ("instrument", 999),
            )
        )
        setattr(record, name, value)
        self.trio.send(record)

    def questions(self) -> list[int]:
        return [number for number in self.numbers if self.kind(number) == InstrumentType.PREDICTION]

    def outcome(self, number: int) -> tuple[int, int]:
        """Void, or an outcome of a question; now and then one that cannot be."""
        highest = self.trio.row(number).price_ticks_max * self.trio.row(number).subticks_per_tick
        chance = self.chance
        if chance.random() < 0.15:
            return 1, chance.choice((0, 0, 0, 5))
        return 0, chance.choice((0, highest, highest, highest * 2 // 5, highest + 1 if chance.random() < 0.2 else 0))

    def speak(self, record: layout.ProposeOutcome | layout.DisputeOutcome | layout.DecideOutcome) -> None:
        wire.put_bytes(record.source_hash, number_words(self.trio.sent, 32))
        self.trio.send(record)

    def docket(self) -> None:
        """Something is said of a question: mostly what comes next, sometimes what does not."""
        chance, number = self.chance, chance_of(self.chance, self.questions(), self.alive())
        slot = self.trio.row(number).docket
        stage = self.trio.engine.tables.dockets[slot].stage if slot else 0
        voided, outcome = self.outcome(number)
        what = stage if chance.random() < 0.8 else chance.randrange(3)
        if chance.random() < 0.05:
            number = chance.choice((1, 999))
        if what == 0:
            self.speak(layout.ProposeOutcome(instrument=number, voided=voided, outcome_subticks=outcome))
        elif what == 1:
            self.speak(layout.DisputeOutcome(account=self.trader(), instrument=number))
        elif what == 2:
            if slot and chance.random() < 0.5:
                row = self.trio.engine.tables.dockets[slot]
                voided, outcome = row.voided, 0 if row.voided else row.outcome_subticks
            self.speak(layout.DecideOutcome(instrument=number, voided=voided, outcome_subticks=outcome))

    def convert(self) -> None:
        """What is not launched yet is launched: its index is near the mark, or is not."""
        early = [number for number in self.alive() if self.kind(number) == InstrumentType.PRELAUNCH]
        number = self.chance.choice(early) if early and self.chance.random() < 0.9 else self.some()
        row = self.trio.row(number)
        if self.chance.random() < 0.7:
            share = self.chance.choice((0.95, 1.0, 1.0, 1.05, 1.4))
            self.asset = max(500, int(row.mark_subticks // row.subticks_per_tick * share) if early else self.asset)
            self.trio.send(commands.price(NEW, 2, min(60_000, self.asset)))
        record = layout.Convert(instrument=number, index=self.chance.choice((NEW, NEW, NEW, NEW, 9)))
        if self.chance.random() < 0.5:
            record.instrument_type, record.mark_method = InstrumentType.PERPETUAL, MarkMethod.MARK_FUNDING
            record.impact_notional_minor = 10**9
            record.funding_interval_ns, record.funding_offset_ns = 10 * MINUTE_NS, 5 * MINUTE_NS
        else:
            record.instrument_type, record.mark_method = InstrumentType.FUTURE, MarkMethod.MARK_IMPACT
            record.expiry_ns = self.soon(5, 30) + self.chance.choice((0, 0, 0, 1))
        self.trio.send(record)

    def expiry(self) -> None:
        """The end is set: of what ends, of a perpetual that is taken off, and where it cannot be."""
        choice, number = self.chance.random(), self.some()
        if choice < 0.1:
            number = 999
        elif self.kind(number) == InstrumentType.PERPETUAL and choice < 0.5:
            number = self.some()
        when = self.soon(1, 20) + self.chance.choice((0, 0, 0, 0, 1, -(10**13)))
        self.trio.send(layout.SetExpiry(instrument=number, expiry_ns=when))

    def declare(self) -> None:
        """The operator's price, where one is awaited and elsewhere."""
        now = self.trio.now_ns
        late = [number for number in self.alive() if 0 < self.trio.row(number).expiry_ns <= now]
        number = self.chance.choice(late) if late and self.chance.random() < 0.8 else self.some()
        self.trio.send(layout.DeclareSettlement(instrument=number, price_subticks=self.declared(number)))

    def declared(self, number: int) -> int:
        """A price that an operator may say; an option's may be 0."""
        row = self.trio.row(number)
        price = int(row.mark_subticks * self.chance.choice((0.8, 0.97, 1, 1, 1.03, 1.3)))
        return max(0, self.chance.choice((price, price, price, price, 0, -1, 2**60)))

    def money(self) -> None:
        """In, out or across; the fund gets something now and then."""
        account, other = self.chance.sample(self.traders, 2)
        currency, amount = self.chance.choice((1, 2)), self.chance.randint(1, 10**8)
        what, number = self.chance.randrange(4), self.trio.sent + 10**8
        if what == 0:
            self.bring(self.chance.choice((account, Role.INSURANCE)), currency, amount)
        elif what == 1:
            self.trio.send(commands.transfer(account, other, currency, amount * self.chance.choice((1, 1, 10**6))))
        else:
            events = self.trio.send(commands.withdraw(account, currency, amount, number))
            if not of_kind(events, EventKind.REFUSED):
                taken = self.chance.choice((0, 1))
                self.trio.send(commands.settle(account, number, taken))
                self.brought[currency] -= amount * taken

    def leverage(self) -> None:
        centi = self.chance.choice((0, 100, 1_000, 2_500, 10_000))
        self.trio.send(commands.leverage(self.trader(), self.some(), centi))

    def isolate(self) -> None:
        self.trio.send(commands.isolate(self.trader(), self.some(), self.chance.choice((0, 0, 1))))

    def move_margin(self) -> None:
        self.trio.send(commands.move_margin(self.trader(), self.some(), self.chance.randint(-(10**5), 10**6)))

    def limit(self) -> None:
        number = self.some()
        row = self.trio.row(number)
        limit = row.risk_limit_minor + self.chance.choice((0, 1, 3, 10)) * row.risk_step_minor
        self.trio.send(commands.risk_limit(self.trader(), number, limit))

    def hold(self) -> None:
        """The operator stops an instrument or the venue, in the middle of whatever it is about."""
        if self.chance.random() < 0.3:
            state = self.chance.choice(
                (VenueState.VENUE_CANCELLING, VenueState.VENUE_STOPPED, VenueState.VENUE_REDUCING)
            )
            self.trio.send(commands.venue_state(state, StateCause.CAUSE_OPERATOR))
            return
        states = (
            InstrumentState.INSTRUMENT_PAUSED,
            InstrumentState.INSTRUMENT_REDUCING,
            InstrumentState.INSTRUMENT_POSTING,
            InstrumentState.INSTRUMENT_SHUT,
            InstrumentState.INSTRUMENT_PRE_OPEN,
        )
        self.trio.send(commands.instrument_state(self.some(), self.chance.choice(states)))

    def reopen(self) -> None:
        """Everything trades again."""
        self.trio.send(commands.venue_state(VenueState.VENUE_OPEN))
        for number in self.alive():
            if self.trio.row(number).state != InstrumentState.INSTRUMENT_OPEN and self.chance.random() < 0.8:
                self.trio.send(commands.instrument_state(number, InstrumentState.INSTRUMENT_OPEN))

    def restart(self) -> None:
        self.trio.restart()

    def leave_work(self) -> None:
        """The engine's own work waits while somebody does something, as no node would let it."""
        self.trio.idle = True
        self.price(0.02)
        for _ in range(3):
            self.place()
        self.trio.send(commands.carry_on(1))
        self.trio.idle = False

    def end_everything(self) -> None:
        """Every contract is settled, in whatever way is left to it; then everybody has what he has.

        In some histories no prices come any more, so that what has an index waits for the operator as well.
        """
        trio = self.trio
        trio.send(commands.venue_state(VenueState.VENUE_OPEN))
        for index, units in ((SPOT, self.spot), (NEW, self.asset)):
            trio.send(commands.price(index, index, units))
        silent = self.seed % 4 == 0
        left = LAST_MINUTES + 30 * silent
        for number in self.alive():
            trio.send(layout.SetExpiry(instrument=number, expiry_ns=self.soon(left, left)))
        trio.wait(60 * 30 * silent)
        for _ in range(LAST_MINUTES):
            if not silent:
                self.price()
            trio.now_ns = (trio.now_ns // MINUTE_NS + 1) * MINUTE_NS
            trio.send(layout.Tick())
            while trio.engine.work_waiting:
                trio.send(commands.carry_on(layout.WORK_UNITS_MAX))
        for number in self.alive():
            self.close(number)
        trio.wait(60 * 10)
        trio.send(layout.Tick())
        while trio.engine.work_waiting:
            trio.send(commands.carry_on(layout.WORK_UNITS_MAX))
        states = {number: trio.row(number).state for number in self.numbers}
        assert set(states.values()) == {InstrumentState.INSTRUMENT_SETTLED}, states
        self.nobody_holds_anything()

    def close(self, number: int) -> None:
        """The operator's price, or the answer to the question, of what could not be settled by an index."""
        trio, row = self.trio, self.trio.row(number)
        if self.kind(number) != InstrumentType.PREDICTION:
            trio.send(layout.DeclareSettlement(instrument=number, price_subticks=max(1, row.mark_subticks)))
            return
        if not row.docket:
            self.speak(layout.ProposeOutcome(instrument=number, voided=1))
        elif trio.engine.tables.dockets[row.docket].stage == layout.DocketStage.DOCKET_DISPUTED:
            self.speak(layout.DecideOutcome(instrument=number, voided=1))

    def nobody_holds_anything(self) -> None:
        """No order, no position, no bond; what there is of each currency is what was brought and not taken again."""
        tables = self.trio.engine.tables
        assert not self.orders()
        assert all(not tables.positions[slot].quantity for slot in reading.used(tables, TableNumber.POSITIONS_TABLE))
        found = dict.fromkeys(self.brought, 0)
        for slot in reading.used(tables, TableNumber.WALLETS_TABLE):
            row = tables.wallets[slot]
            assert row.held_minor == 0
            assert row.account >= layout.ROLES or row.balance_minor == 0 or row.account in KEEPERS
            found[row.currency] += row.balance_minor if row.account != Role.OUTSIDE else 0
        assert found == self.brought
        self.trio.counts["ended with nothing"] += 1


OPENINGS: tuple[Callable[[Lifetimes], None], ...] = (
    Lifetimes.isolated_leg,
    Lifetimes.too_far,
    Lifetimes.beyond_means,
)
"""What would hardly come by chance."""
KEEPERS = (Role.OUTSIDE, Role.FEES, Role.INSURANCE, Role.TAKEOVER, Role.IN_FLIGHT)
"""Who of the venue's own may have money, or owe it, when nobody holds anything: the takeover role what no fund could
pay."""


def chance_of(chance: random.Random, among: list[int], rather: list[int]) -> int:
    """One of them; rather one that is among the others too."""
    both = [number for number in among if number in rather]
    return chance.choice(both or among)


LIFETIMES: dict[Callable[[Lifetimes], None], int] = {
    Lifetimes.bet: 30,
    Lifetimes.place: 14,
    Lifetimes.condition: 4,
    Lifetimes.amend: 4,
    Lifetimes.cancel: 2,
    Lifetimes.cancel_all: 1,
    Lifetimes.minutes: 9,
    Lifetimes.gap: 3,
    Lifetimes.feed: 1,
    Lifetimes.wrong_model: 4,
    Lifetimes.docket: 7,
    Lifetimes.convert: 2,
    Lifetimes.expiry: 2,
    Lifetimes.declare: 2,
    Lifetimes.silence: 1,
    Lifetimes.pause: 1,
    Lifetimes.relist: 3,
    Lifetimes.money: 2,
    Lifetimes.leverage: 2,
    Lifetimes.isolate: 2,
    Lifetimes.move_margin: 1,
    Lifetimes.limit: 1,
    Lifetimes.hold: 1,
    Lifetimes.reopen: 4,
    Lifetimes.restart: 1,
    Lifetimes.leave_work: 1,
}
"""What it does, and how often."""
