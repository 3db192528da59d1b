"""Random histories of the whole vocabulary of orders: icebergs, pegs, modes of self-trade, revivals, limits, states.

`Vocabulary(seed)` is a history with its own venue, narrow prices and few traders, so that queues are long and orders of
one account meet; what it does is a table of weights.
"""

from collections.abc import Callable

from outcry.protocol import layout
from outcry.protocol.layout import OrderFlag, OrderType, PegKind, SelfTrade, Side, Valuation
from tests.engine.worlds import listing, place
from tests.laws import commands
from tests.laws.history import History

DEPOSITS = (10**9, 10**10, 10**11, 10**13, 10**13)
ORDERS_MAX, STOPS_MAX = 40, 5
SMALL_MINOR = {1: 4 * 10**6, 3: 25_000}
"""What a small order is worth less than, in two of the instruments."""


class Vocabulary(History):
    """Five traders who know every word."""

    @property
    def actions(self) -> dict[Callable[..., None], int]:
        return VOCABULARY

    def open_venue(self) -> None:
        send = self.trio.send
        for symbol, scale in (("XBt", 8), ("USDt", 6)):
            send(commands.currency(symbol, scale))
        for symbol in (".BXBT", ".BETH", ".NEW"):
            send(commands.index(symbol, 2))
        for index, weight in ((1, 700_000), (1, 300_000), (2, 1_000_000), (3, 1_000_000)):
            send(commands.constituent(index, weight))
        counts = {"orders_max": ORDERS_MAX, "stops_max": STOPS_MAX}
        free = {"risk_limit_minor": 2**51}
        send(listing("XBTUSD", funding_rate_ppb=0, **counts, small_order_minor=SMALL_MINOR[1], **free))
        quanto = {"valuation": Valuation.QUANTO, "lot": 1, "multiplier_minor": 100, "index": 2}
        send(listing("ETHUSD", **quanto, band_ppm=10_000, **counts, **free))
        linear: dict[str, int] = {"valuation": Valuation.LINEAR, "lot": 1_000, "multiplier_minor": 1, "currency": 2}
        send(listing("XBTUSDT", **linear, funding_rate_ppb=-375_000, small_order_minor=SMALL_MINOR[3], **free))
        send(listing("NEWUSDT", **linear, index=3))
        self.refresh()
        self.open_traders(DEPOSITS)

    def run(self, count: int) -> None:
        """What is rare first."""
        self.open_with()
        super().run(count)

    def open_with(self) -> None:
        """More orders than one may have, and every cause of a state."""
        account, far = self.traders[-1], self.ticks(2, 0) - 900
        for at in range(ORDERS_MAX + 2):
            self.trio.send(place(account, Side.BUY, 1, far - at, instrument=2))
        self.trio.send(commands.cancel_all(account))
        for cause in range(1, 7):
            self.trio.send(commands.instrument_state(4, layout.InstrumentState.INSTRUMENT_PAUSED, cause))

    def refresh(self) -> None:
        """The market goes its way slowly, so that what rests stays near."""
        self.mark = max(9_000, min(11_000, self.mark + self.chance.randint(-2, 2)))
        for index, source in ((1, 1), (1, 2), (2, 3)):
            self.trio.send(commands.price(index, source, self.mark * 100 + self.chance.randint(-9, 9)))

    def ticks(self, instrument: int, spread: int = 3) -> int:
        return super().ticks(instrument, spread)

    def some(self, instrument: int = 0, **more: int) -> layout.Place:
        """A limit order of some lots, one in three with a mode of its own."""
        chance = self.chance
        instrument = instrument or chance.choice(self.priced)
        side, lots = chance.choice((Side.BUY, Side.SELL)), self.lots(instrument, chance.choice((4, 20, 60)))
        record = place(self.trader(), side, lots, self.ticks(instrument), instrument=instrument)
        record.self_trade = chance.choice((0, 0, 0, 1, 2, 3))
        for name, number in more.items():
            setattr(record, name, number)
        return record

    def hide(self) -> None:
        """An order that shows a part of itself, or nothing."""
        record = self.some()
        lot = self.trio.model.terms[record.instrument].lot
        parts = record.quantity // lot
        record.display_quantity = lot * self.chance.choice((0, 0, min(1, parts), min(2, parts), parts // 3, parts))
        record.flags |= self.chance.choice((0, 0, 0, OrderFlag.POST_ONLY, OrderFlag.REDUCE_ONLY))
        self.trio.send(record)

    def take(self) -> None:
        """As much as stands at the touch, or a good part of it, or more, at once."""
        chance, instrument = self.chance, self.chance.choice(self.priced)
        buys, lot = chance.random() < 0.5, self.trio.model.terms[instrument].lot
        book = self.trio.model.book(instrument, not buys)
        if not book:
            return
        there = sum(order.leaves for order in book if order.ticks == book[0].ticks) // lot
        lots = max(1, chance.choice((there // 3, there // 2, there - 1, there, there + 3)))
        record = place(self.trader(), Side.BUY if buys else Side.SELL, lots * lot, book[0].ticks, instrument=instrument)
        record.time_in_force = chance.choice((1, 2, 3))
        record.self_trade = chance.choice((0, 1, 2, 2, 3))
        record.flags |= chance.choice((0, 0, 0, 0, OrderFlag.REDUCE_ONLY))
        self.trio.send(record)

    def peg(self) -> None:
        """Priced from a touch; now and then what is no peg."""
        chance = self.chance
        record = self.some(order_type=OrderType.PEGGED, price_ticks=0, flags=int(OrderFlag.FIXED_PEG))
        record.peg_kind = chance.choice((PegKind.PEG_PRIMARY, PegKind.PEG_MARKET))
        record.peg_offset_subticks = 10 * chance.randint(-3, 3)
        record.display_quantity = chance.choice((-1, -1, 0))
        wrong = chance.choice(("", "", "", "", "flags", "peg_kind", "peg_offset_subticks", "price_ticks", "display"))
        if wrong == "flags":
            record.flags = 0
        elif wrong == "peg_kind":
            record.peg_kind = chance.choice((0, 4))
        elif wrong == "peg_offset_subticks":
            record.peg_offset_subticks = chance.choice((5, 2**40, -(10**8)))
        elif wrong == "price_ticks":
            record.price_ticks = self.ticks(record.instrument)
        elif wrong == "display":
            record.display_quantity = chance.choice((-2, 7, 2**40))
        self.trio.send(record)

    def mode(self) -> None:
        """What an account chooses for orders of its own that meet."""
        mode = self.chance.choice((*SelfTrade, *SelfTrade, 0, 9))
        self.trio.send(commands.self_trade(self.trader(), mode))

    def revive(self) -> None:
        """One of those that were filled last goes on, or would."""
        filled = list(self.trio.model.revivable.values())[-8:]
        if not filled:
            return
        chance, (_, order) = self.chance, self.chance.choice(filled)
        fields = {"leaves_quantity": self.lots(order.instrument, 9)}
        fields |= chance.choice(({}, {}, {"price_ticks": self.ticks(order.instrument)}, {"quantity": 100}))
        named = self.trio.model.named.get(order.number, "")
        name = f"r{self.trio.sent}" if chance.random() < 0.3 else ""
        by_name = bool(named) and chance.random() < 0.5
        amended = commands.amend(
            order.account, 0 if by_name else order.number, named if by_name else "", name, **fields
        )
        self.trio.send(amended)

    def limits(self) -> None:
        """Price limits around the mark, or none, or nonsense."""
        instrument, ticks = self.chance.choice((1, 2, 3)), self.ticks(1, 0)
        low, high = self.chance.choice(((0, 0), (0, 0), (ticks - 2, ticks + 2), (0, ticks), (ticks, 0), (9, 5)))
        self.trio.send(commands.price_limits(instrument, low, high))
        self.trio.send(self.some(instrument))
        self.trio.send(self.some(instrument, order_type=OrderType.MARKET, price_ticks=0, time_in_force=2))
        if self.chance.random() < 0.7:
            self.trio.send(commands.price_limits(instrument, 0, 0))

    def crumble(self) -> None:
        """An account sends many small orders, and makes some larger ones small."""
        account, instrument = self.trader(), self.chance.choice((1, 3))
        lot = self.trio.model.terms[instrument].lot
        for at in range(layout.SMALL_ORDERS_MAX + 3):
            side = Side.BUY if at % 2 else Side.SELL
            away = self.ticks(instrument, 0) + (-1 if at % 2 else 1) * (3 + at)
            self.trio.send(place(account, side, lot, away, instrument=instrument, post_only=at > 9))
        for at in range(4):
            self.shrink_one(account, instrument, at)
        if self.chance.random() < 0.5:
            self.trio.send(commands.cancel_all(account, instrument))

    def shrink_one(self, account: int, instrument: int, at: int) -> None:
        """A larger order is placed and amended to be small, at its price or elsewhere, and then quoted anew."""
        lot, away = self.trio.model.terms[instrument].lot, self.ticks(instrument, 0) + 30 + at
        known = {order.number for order in self.trio.model.all_open()}
        display = self.chance.choice((-1, -1, 0, lot))
        large = place(account, Side.SELL, 40 * lot, away, instrument=instrument, post_only=at == 3)
        large.display_quantity = display
        self.trio.send(large)
        for number in {order.number for order in self.trio.model.all_open()} - known:
            for price in self.chance.choice(((0,), (away + 1,), (0, away + 2, away + 3))):
                leaves = lot * self.chance.choice((1, 1, 2, 60))
                self.trio.send(commands.amend(account, number, leaves_quantity=leaves, price_ticks=price))

    def crowd(self) -> None:
        """An account sends more orders than an instrument lets it have."""
        account, instrument = self.trader(), self.chance.choice((1, 2))
        for _ in range(ORDERS_MAX // 2):
            self.trio.send(self.some(instrument, account=account, quantity=self.lots(instrument, 2), self_trade=0))

    def day_later(self) -> None:
        """A day is over, and whoever was flagged is looked at again."""
        if self.chance.random() < 0.2:
            self.trio.wait(86_400)
        self.trio.wait(30)
        self.trio.send(layout.Tick())
        self.refresh()

    def restrict(self) -> None:
        """A state with an end, which may come."""
        chance, trio = self.chance, self.trio
        until = trio.now_ns + chance.choice((0, 10**9, 2 * 10**9, 90 * 10**9))
        kind, cause = chance.choice(("instrument", "account", "venue")), chance.randint(0, 6)
        if kind == "instrument":
            state, following = chance.choice((1, 2, 3, 9, 10)), chance.choice((0, 0, 1, 3, 9))
            trio.send(commands.instrument_state(chance.choice(self.priced), state, cause, following, until))
        elif kind == "account":
            trio.send(commands.account_state(self.trader(), chance.randint(1, 6), cause, until))
        else:
            trio.send(commands.venue_state(chance.randint(0, 5), cause, until))
        for _ in range(3):
            trio.send(self.some(flags=chance.choice((0, OrderFlag.POST_ONLY, OrderFlag.REDUCE_ONLY))))
        trio.wait(chance.choice((0.5, 1, 3)))
        trio.send(layout.Tick())

    def reopen(self) -> None:
        """Everything is open again."""
        model, send = self.trio.model, self.trio.send
        if model.venue_state:
            send(commands.venue_state(0))
        for instrument, state in model.instrument_states.items():
            if state != layout.InstrumentState.INSTRUMENT_OPEN:
                send(commands.instrument_state(instrument, layout.InstrumentState.INSTRUMENT_OPEN))
        for account, state in model.states.items():
            if state != layout.AccountState.ACCOUNT_OPEN:
                send(commands.account_state(account, layout.AccountState.ACCOUNT_OPEN))


VOCABULARY: dict[Callable[..., None], int] = {
    Vocabulary.hide: 40,
    Vocabulary.take: 20,
    Vocabulary.peg: 8,
    Vocabulary.mode: 2,
    Vocabulary.revive: 6,
    Vocabulary.limits: 2,
    Vocabulary.crumble: 1,
    Vocabulary.crowd: 1,
    Vocabulary.day_later: 1,
    Vocabulary.restrict: 3,
    Vocabulary.reopen: 4,
    History.place: 10,
    History.amend: 12,
    History.cancel: 5,
    History.cancel_all: 1,
    Vocabulary.refresh: 3,
    History.leverage: 1,
    History.switch: 1,
    History.work: 1,
    History.restart: 2,
}
"""What it does, and how often."""
