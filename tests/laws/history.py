"""A random history for the trio: traders with little and much money, four contracts, and every mistake in turn.

`History(seed)` draws commands.  What it does is a table of weights, so that a new kind of command is one row.
"""

import random
from collections.abc import Callable

from outcry.engine.engine import Engine
from outcry.protocol import layout
from outcry.protocol.layout import OrderType, Side, Valuation
from tests.engine.worlds import listing, place
from tests.laws import commands
from tests.laws.mistakes import STORIES
from tests.laws.trio import Trio

START_PRICE = 10_000
PRICED = (1, 2, 3)
DEPOSITS = (3 * 10**7, 2 * 10**8, 10**9, 10**10, 10**11, 10**13)
"""What the traders begin with: the first can hardly trade, the last as much as the risk limits allow."""


class History:
    """A venue of six traders, and the chance that moves it."""

    priced: tuple[int, ...] = PRICED
    """Instruments that are traded."""

    def __init__(self, seed: int, twin: Engine | None = None) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.trio = Trio(twin)
        self.mark = START_PRICE
        self.story = 6 * seed
        self.traders: list[int] = []
        self.trio.units = lambda: self.chance.choice((1, 3, 4_096, 4_096, 4_096, 4_096))
        self.open_venue()

    @property
    def actions(self) -> dict[Callable[["History"], None], int]:
        """What it does, and how often."""
        return ACTIONS

    def open_venue(self) -> None:
        """List, price and fund."""
        send = self.trio.send
        for symbol, scale in (("XBt", 8), ("USDt", 6)):
            send(commands.currency(symbol, scale))
        for symbol in (".BXBT", ".BETH", ".NEW"):
            send(commands.index(symbol, 2))
        for index, weight in ((1, 700_000), (1, 300_000), (2, 1_000_000), (3, 1_000_000)):
            send(commands.constituent(index, weight))
        send(listing("XBTUSD", funding_rate_ppb=0))
        send(listing("ETHUSD", valuation=Valuation.QUANTO, lot=1, multiplier_minor=100, index=2))
        linear = {"valuation": Valuation.LINEAR, "lot": 1_000, "multiplier_minor": 1, "currency": 2}
        send(listing("XBTUSDT", **linear, funding_rate_ppb=-375_000))
        send(listing("NEWUSDT", **linear, index=3))
        self.refresh()
        self.open_traders(DEPOSITS)

    def open_traders(self, deposits: tuple[int, ...]) -> None:
        """An account for each amount, which it gets in both currencies."""
        self.traders = list(range(layout.ROLES, layout.ROLES + len(deposits)))
        for account, amount in zip(self.traders, deposits, strict=True):
            self.trio.send(commands.open_account(account))
            for currency in (1, 2):
                self.trio.send(commands.deposit(account, currency, amount, 100 * account + currency))

    def run(self, count: int) -> None:
        """So many commands; what came before trading is not counted.  Then both modes' rows and roots."""
        end = self.trio.sent + count
        while self.trio.sent < end:
            self.step()
        self.trio.finish()

    def step(self) -> None:
        """One action of the table."""
        action = self.chance.choices(list(self.actions), list(self.actions.values()))[0]
        action(self)

    def ticks(self, instrument: int, spread: int = 12) -> int:
        """A price near the mark."""
        mark = self.trio.model.marks.get(instrument, 10 * START_PRICE * 10)
        return mark // 10 + self.chance.randint(-spread, spread)

    def lots(self, instrument: int, most: int = 20) -> int:
        """A quantity of a few lots; of ETHUSD more, because a lot is small."""
        scale = {1: 1, 2: 5, 3: 3}.get(instrument, 1)
        return self.trio.model.terms[instrument].lot * self.chance.randint(1, most) * scale

    def refresh(self) -> None:
        """A new price at every source that has an instrument with a mark."""
        self.mark = max(5_000, min(20_000, self.mark + self.chance.randint(-60, 60)))
        for index, source in ((1, 1), (1, 2), (2, 3)):
            units = self.mark * 100 + self.chance.randint(-99, 99)
            self.trio.send(commands.price(index, source, units))

    def trader(self) -> int:
        return self.chance.choice(self.traders)

    def place(self) -> None:
        chance, instrument = self.chance, self.chance.choice(self.priced)
        market, force = chance.random() < 0.1, chance.choices((1, 2, 3), (8, 1, 1))[0]
        flags = chance.choices(("", "post_only", "reduce_only", "close"), (14, 2, 3, 1))[0]
        most = chance.choices((20, 400, 20_000), (90, 8, 2))[0]
        ticks = 0 if market else self.ticks(instrument)
        record = place(
            self.trader(),
            chance.choice((Side.BUY, Side.SELL)),
            self.lots(instrument, most),
            ticks,
            instrument=instrument,
            time_in_force=force,
            **({flags: True} if flags else {}),
            **({"client_id": f"c{self.trio.sent}"} if chance.random() < 0.3 else {}),
        )
        if market:
            record.order_type = OrderType.MARKET
        if flags == "close" and chance.random() < 0.5:
            record.quantity = 0
        self.trio.send(record)

    def working(self) -> tuple[int, int, int] | None:
        """An open order: account, number, instrument."""
        books = [order for book in self.trio.model.books.values() for order in book]
        if not books:
            return None
        order = self.chance.choice(books)
        return order.account, order.number, order.instrument

    def amend(self) -> None:
        found = self.working()
        if found is None:
            return
        account, number, instrument = found
        chance, fields = self.chance, dict[str, int]()
        if chance.random() < 0.6:
            fields["price_ticks"] = self.ticks(instrument)
        draw = chance.random()
        if draw < 0.4:
            fields["quantity"] = self.lots(instrument, 30)
        elif draw < 0.6:
            fields["leaves_quantity"] = self.lots(instrument, 30) * chance.choice((0, 1, 1))
        name = f"a{self.trio.sent}" if chance.random() < 0.2 else ""
        self.trio.send(commands.amend(account, number, "", name, **fields))

    def cancel(self) -> None:
        found = self.working()
        if found:
            name = self.trio.model.named.get(found[1], "")
            by_name = name and self.chance.random() < 0.5
            self.trio.send(commands.cancel(found[0], 0 if by_name else found[1], name if by_name else ""))

    def cancel_all(self) -> None:
        instrument, side = self.chance.choice((0, 1, 2, 3)), self.chance.choice((0, 1, 2))
        self.trio.send(commands.cancel_all(self.trader(), instrument, side))

    def leverage(self) -> None:
        centi = self.chance.choice((0, 1, 100, 1_000, 2_500, 10_000, 25_000))
        self.trio.send(commands.leverage(self.trader(), self.chance.choice(self.priced), centi))

    def isolate(self) -> None:
        self.trio.send(commands.isolate(self.trader(), self.chance.choice(self.priced), self.chance.choice((0, 1))))

    def move_margin(self) -> None:
        modes = self.trio.model.margining.items()
        own = [key for key, mode in modes if mode.isolated and self.trio.model.position(*key).quantity]
        key = self.chance.choice(own) if own else (self.trader(), 1)
        self.trio.send(commands.move_margin(*key, self.chance.randint(-(10**5), 10**6)))

    def money(self) -> None:
        """In, out or across."""
        account, other = self.chance.sample(self.traders, 2)
        currency, amount, fresh = self.chance.choice((1, 2)), self.chance.randint(1, 10**7), self.trio.sent + 10**8
        self.trio.send(
            self.chance.choice(
                (
                    commands.deposit(account, currency, amount, fresh),
                    commands.withdraw(account, currency, amount, fresh),
                    commands.transfer(account, other, currency, amount),
                )
            )
        )

    def settle(self) -> None:
        waiting = [(request, one) for request, one in self.trio.model.withdrawals.items() if not one.over]
        if waiting:
            request, one = self.chance.choice(waiting)
            number = int.from_bytes(request, "little")
            self.trio.send(commands.settle(one.account, number, self.chance.choice((0, 1))))

    def pass_time(self) -> None:
        self.trio.wait(self.chance.choice((0.5, 7, 61)))
        self.trio.send(layout.Tick())

    def note(self) -> None:
        """What the node journals of itself: a root, a larger table."""
        self.trio.send(commands.root(self.trio.engine.sequence - self.chance.randint(0, 3)))
        if self.chance.random() < 0.1:
            table = layout.TableNumber.WITHDRAWALS_TABLE
            self.trio.send(commands.grow(table, 2 * self.trio.engine.tables.pools[table].rows - 1))

    def switch(self) -> None:
        """Arm a dead-man switch, or disarm it."""
        self.trio.send(commands.cancel_all_after(self.trader(), self.chance.choice((0, 1, 5, 30)) * 10**9))

    def work(self) -> None:
        """Let the engine do some of its own work."""
        self.trio.send(commands.carry_on(self.chance.choice((1, 2, 4_096))))

    def restart(self) -> None:
        """The compiled engine goes on from a snapshot."""
        self.trio.restart()

    def mistake(self) -> None:
        """The next story; histories with neighbouring seeds begin at different ones."""
        STORIES[self.story % len(STORIES)](self)
        self.story += 1


ACTIONS: dict[Callable[[History], None], int] = {
    History.place: 68,
    History.amend: 9,
    History.cancel: 5,
    History.cancel_all: 1,
    History.leverage: 3,
    History.isolate: 1,
    History.move_margin: 2,
    History.refresh: 2,
    History.money: 2,
    History.settle: 1,
    History.pass_time: 1,
    History.note: 1,
    History.switch: 1,
    History.work: 1,
    History.restart: 1,
    History.mistake: 5,
}
"""What a history does, and how often; a story of mistakes is several commands."""
