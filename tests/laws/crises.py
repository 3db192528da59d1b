"""Random histories in which traders hold as much as they may and marks jump: liquidations, takeovers, deleveraging.

`Crisis(seed)` is a history with its own venue and its own table of actions; `seen` counts what it has met.
"""

from collections.abc import Callable

from outcry.protocol import layout
from outcry.protocol.layout import DeleveragePolicy, InstrumentType, MarkMethod, OrderType, Role, Side, Valuation
from tests.engine.worlds import listing, place
from tests.laws import commands
from tests.laws.history import History
from tests.laws.model import Order

DEPOSITS = (10**6, 3 * 10**6, 10**7, 2 * 10**7, 3 * 10**7, 10**8, 2 * 10**8, 3 * 10**8, 10**9, 10**11)
"""What the traders begin with; the last can be everybody's other side."""
CHURNED = 10**11
"""What two more have who trade with each other to come into another tier."""
SOURCES = ((1, 1), (1, 2), (1, 3), (2, 4), (2, 5))
"""Index and source."""
LINEAR: dict[str, int] = {
    "valuation": Valuation.LINEAR,
    "lot": 1_000,
    "multiplier_minor": 1,
    "currency": 2,
    "risk_limit_minor": 10**9,
    "risk_step_minor": 5 * 10**8,
}


class Crisis(History):
    """A venue of ten traders with little money, low risk limits, and marks that jump."""

    priced = (1, 2, 3, 4, 5, 6)

    @property
    def actions(self) -> dict[Callable[[History], None], int]:
        return CRISIS

    def open_venue(self) -> None:
        send = self.trio.send
        for symbol, scale in (("XBt", 8), ("USDt", 6)):
            send(commands.currency(symbol, scale))
        for symbol, tolerance in ((".BXBT", 100_000), (".BETH", 250_000)):
            send(commands.index(symbol, 2, tolerance))
        for index, weight in ((1, 500_000), (1, 300_000), (1, 200_000), (2, 700_000), (2, 300_000)):
            send(commands.constituent(index, weight))
        self.list_perpetuals()
        self.list_futures()
        self.refresh()
        self.open_traders((*DEPOSITS, CHURNED, CHURNED))
        self.churners = [self.traders.pop(), self.traders.pop()]
        for account in self.churners:
            terms = self.trio.model.terms[1]
            send(commands.risk_limit(account, 1, terms.risk_limit + 450 * terms.risk_step))
        for instrument in self.priced:
            terms = self.trio.model.terms[instrument]
            limit = terms.risk_limit + 100 * terms.risk_step
            send(commands.risk_limit(self.traders[-1], instrument, limit))

    def churn(self) -> None:
        """Two who are rich trade so much with each other that they come into another tier, and then a day is over."""
        buyer, seller = self.chance.sample(self.churners, 2)
        quantity = 6_000_000
        for turn in range(6):
            ticks = self.ticks(1, 2)
            for account, side in ((buyer, Side.BUY), (seller, Side.SELL)):
                at = side if turn % 2 else Side.BUY + Side.SELL - side
                self.trio.send(place(account, at, quantity, ticks))
            self.trio.send(commands.cancel_all(buyer))
            self.trio.send(commands.cancel_all(seller))
        self.trio.wait(86_400)
        self.trio.send(layout.Tick())
        self.refresh()
        ticks = self.ticks(1, 2)
        for account, side in ((buyer, Side.BUY), (seller, Side.SELL)):
            self.trio.send(place(account, side, 100, ticks))

    def step_down(self) -> None:
        """Somebody who stands alone holds a tier too much for a fall, and the book can take what is too much."""
        trio, rich = self.trio, self.churners[0]
        handle = layout.ROLES + len(trio.model.handles)
        trio.send(commands.open_account(handle))
        trio.send(commands.deposit(handle, 1, 12_000_000, trio.sent + 10**8))
        terms = trio.model.terms[1]
        trio.send(commands.risk_limit(handle, 1, terms.risk_limit + 3 * terms.risk_step))
        ticks = self.ticks(1, 0)
        value = terms.value(terms.lot, ticks)
        quantity = 10**9 // value * terms.lot
        trio.send(place(rich, Side.SELL, quantity, ticks))
        trio.send(place(handle, Side.BUY, quantity, ticks))
        trio.send(place(rich, Side.BUY, quantity, ticks * 993 // 1_000))
        self.mark = self.mark * 995 // 1_000
        for index, source in SOURCES:
            trio.send(commands.price(index, source, self.mark * 100))
        trio.send(commands.carry_on(layout.WORK_UNITS_MAX))

    def corner(self) -> None:
        """Somebody is taken over and the only one on the other side has come there too late to bear his price."""
        trio, chance = self.trio, self.chance
        number, (rich, late) = len(trio.model.terms), self.churners
        victim, lots = chance.choice(self.traders[3:-1]), 1_000 * chance.randint(1, 20)
        trio.send(commands.instrument_state(number, layout.InstrumentState.INSTRUMENT_OPEN))
        for account in (victim, late):
            trio.send(commands.leverage(account, number, 10_000))
        ticks = self.ticks(number, 1)
        for account, side in ((rich, Side.SELL), (victim, Side.BUY)):
            trio.send(place(account, side, lots, ticks, instrument=number))
        trio.idle = True
        self.mark = int(self.mark * 0.93)
        for index, source in SOURCES:
            trio.send(commands.price(index, source, self.mark * 100))
        ticks = self.ticks(number, 1)
        for account, side in ((late, Side.SELL), (rich, Side.BUY)):
            trio.send(place(account, side, lots, ticks, instrument=number))
        trio.idle = False
        trio.send(commands.carry_on(layout.WORK_UNITS_MAX))

    def list_perpetuals(self) -> None:
        """Inverse, quanto and linear, with fundings every three minutes and one policy each."""
        send, chance = self.trio.send, self.chance
        limits: dict[str, int] = {"risk_limit_minor": 5 * 10**8, "risk_step_minor": 2 * 10**8}
        funding = {"funding_interval_ns": 3 * layout.MINUTE_NS, "funding_offset_ns": layout.MINUTE_NS}
        measured = {"impact_notional_minor": chance.choice((10**5, 10**7)), "interest_quote_ppb": 600_000}
        send(listing("XBTUSD", **limits, **funding, **measured, deleverage_policy=DeleveragePolicy.RANKED, usd_index=1))
        quanto: dict[str, int] = {"valuation": Valuation.QUANTO, "lot": 1, "multiplier_minor": 100, "index": 2}
        send(listing("ETHUSD", **quanto, **limits, **funding, deleverage_policy=DeleveragePolicy.QUEUE))
        linear: dict[str, int] = {
            **LINEAR,
            "funding_rate_ppb": -2_000_000,
            "impact_notional_minor": chance.choice((0, 10**7)),
        }
        send(listing("XBTUSDT", **linear, deleverage_policy=DeleveragePolicy.PRO_RATA))

    def list_futures(self) -> None:
        """One marked by its impact mid that has days left, one by its protected last price, one by the last."""
        now, minute = self.trio.now_ns, layout.MINUTE_NS
        none: dict[str, int] = {"funding_rate_ppb": 0, "funding_interval_ns": 0, "funding_offset_ns": 0}
        expiry = (now // minute + self.chance.choice((5_000, 10_000))) * minute
        future: dict[str, int] = {**none, "instrument_type": InstrumentType.FUTURE, "expiry_ns": expiry}
        impact: dict[str, int] = {"mark_method": MarkMethod.MARK_IMPACT, "impact_notional_minor": 10**6}
        self.trio.send(listing("XBTM", **future, **impact, risk_limit_minor=10**9, risk_step_minor=10**9))
        self.trio.send(listing("XBTP", **{**LINEAR, **future, "mark_method": MarkMethod.MARK_PROTECTED}))
        early: dict[str, int] = {"instrument_type": InstrumentType.PRELAUNCH, "mark_method": MarkMethod.MARK_LAST}
        early |= {"initial_margin_ppm": 20_000, "maintenance_margin_ppm": 10_000}
        self.trio.send(listing("XBTL", **{**LINEAR, **none, **early}))
        self.trio.send(listing("XBTC", **LINEAR, funding_rate_ppb=0))

    def run(self, count: int) -> None:
        """One of the rare things first, by the seed in turn."""
        OPENINGS[self.seed % len(OPENINGS)](self)
        super().run(count)

    def largest(self, account: int, instrument: int, buys: bool, ticks: int) -> int:
        """The most lots that an order of this price may have."""
        model, lot = self.trio.model, self.trio.model.terms[instrument].lot
        low, high = 0, 200_000
        while low < high:
            middle = (low + high + 1) // 2
            order = Order(0, account, instrument, buys, middle * lot, middle * lot, ticks)
            if model.too_large(order, order.quantity) or model.refusal(order, True):
                high = middle - 1
            else:
                low = middle
        return low

    def bet(self) -> None:
        """Somebody takes on as much as he may, or a good part of it, of somebody who can give it."""
        chance, instrument = self.chance, self.chance.choice(self.priced)
        if instrument not in self.trio.model.marks:
            return
        account, other = chance.choice(self.traders[:-1]), self.traders[-1]
        if chance.random() < 0.2:
            other = chance.choice([one for one in self.traders if one != account])
        buys, ticks = chance.random() < 0.5, self.ticks(instrument, 3)
        if chance.random() < 0.3:
            self.trio.send(commands.leverage(account, instrument, chance.choice((0, 200, 1_000, 5_000, 20_000))))
        if chance.random() < 0.3:
            self.limit(account, instrument)
        most = self.largest(account, instrument, buys, ticks)
        quantity = int(most * chance.choice((1, 1, 0.9, 0.5))) * self.trio.model.terms[instrument].lot
        if quantity:
            side, opposite = (Side.BUY, Side.SELL) if buys else (Side.SELL, Side.BUY)
            self.trio.send(place(other, opposite, quantity, ticks, instrument=instrument))
            self.trio.send(place(account, side, quantity, ticks, instrument=instrument))

    def overreach(self) -> None:
        """A market order for far more than there is money for: a little stands at the mark, more of it further away."""
        instrument = self.chance.choice(self.priced[:3])
        lot, mark = self.trio.model.terms[instrument].lot, self.ticks(instrument, 0)
        for lots, away in ((1, 1), (2_000, mark // 50)):
            record = place(self.traders[-1], Side.SELL, lots * lot, mark + away, instrument=instrument)
            self.trio.send(record)
        quantity = self.lots(instrument, 300) + 30 * lot
        record = place(self.chance.choice(self.traders[:-1]), Side.BUY, quantity, 0, instrument=instrument)
        record.order_type = OrderType.MARKET
        self.trio.send(record)

    def limit(self, account: int = 0, instrument: int = 0) -> None:
        """A risk limit of some steps."""
        account, instrument = account or self.trader(), instrument or self.chance.choice(self.priced)
        terms, steps = self.trio.model.terms[instrument], self.chance.choice((0, 1, 2, 5, 20))
        self.trio.send(commands.risk_limit(account, instrument, terms.risk_limit + steps * terms.risk_step))

    def gap(self) -> None:
        """The mark jumps."""
        size = self.chance.choice((0.001, 0.003, 0.003, 0.005, 0.005, 0.01, 0.03, 0.1))
        self.mark = int(self.mark * (1 + size * self.chance.choice((-1, 1))))
        self.mark = max(3_000, min(30_000, self.mark))
        self.refresh()

    def refresh(self) -> None:
        """A new price at nearly every source."""
        self.mark = max(3_000, min(30_000, self.mark + self.chance.randint(-9, 9)))
        for index, source in self.chance.sample(SOURCES, self.chance.choice((3, 5, 5, 5))):
            self.trio.send(commands.price(index, source, self.mark * 100 + self.chance.randint(-99, 99)))

    def stray(self) -> None:
        """One source says something else."""
        index, source = self.chance.choice(SOURCES)
        units = int(self.mark * self.chance.choice((80, 89, 94, 97, 99, 103, 106, 115)))
        self.trio.send(commands.price(index, source, units))

    def fall_silent(self) -> None:
        """A quarter of an hour with few prices, or none."""
        for _ in range(self.chance.choice((8, 16))):
            self.trio.wait(62)
            self.trio.send(layout.Tick())
            if self.chance.random() < 0.5:
                index, source = self.chance.choice(SOURCES)
                self.trio.send(commands.price(index, source, self.mark * 100))

    def pause(self) -> None:
        """The venue was down over a funding or two; it resumes when there are fresh prices."""
        self.trio.wait(self.chance.choice((20, 250, 500)))
        self.trio.send(commands.resume(20))
        self.trio.send(layout.Tick())
        self.mark = int(self.mark * self.chance.choice((0.97, 0.995, 1.005, 1.03)))
        for index, source in SOURCES:
            self.trio.send(commands.price(index, source, self.mark * 100))

    def weigh_anew(self) -> None:
        """Weights that are to follow, and now and then their adoption."""
        index, source = self.chance.choice(SOURCES)
        self.trio.send(commands.next_weight(index, source, self.chance.choice((0, 100_000, 400_000, -1))))
        if self.chance.random() < 0.3:
            self.trio.send(commands.adopt(index))

    def top_up(self) -> None:
        """Somebody brings money, or the operator gives some to the insurance fund."""
        fund = self.chance.random() < 0.3
        account = Role.INSURANCE if fund else self.chance.choice(self.traders[:-1])
        amount = self.chance.choice((10**4, 10**6, 10**7, 10**8))
        self.trio.send(commands.deposit(account, self.chance.choice((1, 2)), amount, self.trio.sent + 10**8))

    def quote(self) -> None:
        """The rich one stands on both sides, so that there is something to take."""
        instrument = self.chance.choice(self.priced)
        for side, away in ((Side.BUY, -1), (Side.SELL, 1)):
            ticks = self.ticks(instrument, 2) + away * self.chance.randint(3, 800)
            self.trio.send(place(self.traders[-1], side, self.lots(instrument, 300), ticks, instrument=instrument))

    def reopen(self) -> None:
        """What was restricted because nobody was left is opened again."""
        for instrument, state in self.trio.model.instrument_states.items():
            if state != layout.InstrumentState.INSTRUMENT_OPEN:
                self.trio.send(commands.instrument_state(instrument, layout.InstrumentState.INSTRUMENT_OPEN))

    def pass_time(self) -> None:
        self.trio.wait(self.chance.choice((0.5, 7, 61, 61, 200)))
        self.trio.send(layout.Tick())


CRISIS: dict[Callable[..., None], int] = {
    Crisis.bet: 30,
    Crisis.gap: 20,
    Crisis.churn: 1,
    Crisis.corner: 1,
    Crisis.step_down: 1,
    Crisis.stray: 2,
    Crisis.fall_silent: 1,
    Crisis.weigh_anew: 3,
    Crisis.pause: 1,
    Crisis.quote: 6,
    Crisis.place: 10,
    Crisis.cancel: 2,
    Crisis.amend: 3,
    Crisis.overreach: 3,
    Crisis.limit: 2,
    Crisis.top_up: 5,
    Crisis.reopen: 1,
    Crisis.pass_time: 4,
    Crisis.isolate: 2,
    Crisis.leverage: 2,
    Crisis.move_margin: 3,
    Crisis.money: 1,
    Crisis.work: 1,
    Crisis.restart: 1,
    Crisis.switch: 1,
}
"""What a crisis does, and how often."""
OPENINGS = (Crisis.churn, Crisis.overreach, Crisis.corner, Crisis.step_down)
"""With what a crisis begins."""
