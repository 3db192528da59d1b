"""Random histories of sharing: icebergs and hidden orders at one or two prices, and takers who want parts of them.

`Sharing(seed)` is a history of few traders in one contract, so that those who share are cut, end by their links or meet
their own orders in the middle of it.  With a small buffer the compiled engine stops for want of room after every event.
"""

from collections.abc import Callable

from outcry.engine.engine import Engine
from outcry.protocol import wire
from outcry.protocol.layout import Contingency, EventKind, OrderFlag, Place, Side, TimeInForce
from tests.engine.worlds import listing, of_kind, place
from tests.laws import commands
from tests.laws.history import History

DEPOSITS = (10**13,) * 5
LOT, MARK = 100, 100_000


class Sharing(History):
    """Five traders with money enough, at two prices."""

    priced = (1,)

    def __init__(self, seed: int, twin: Engine | None = None) -> None:
        self.prices = (MARK, MARK + 1) if seed % 3 else (MARK,)
        self.linked = 0
        super().__init__(seed, twin)

    @property
    def actions(self) -> dict[Callable[..., None], int]:
        return SHARING

    def open_venue(self) -> None:
        send = self.trio.send
        for symbol, scale in (("XBt", 8), ("USDt", 6)):
            send(commands.currency(symbol, scale))
        send(commands.index(".BXBT", 2))
        send(commands.constituent(1, 1_000_000))
        send(listing("XBTUSD", funding_rate_ppb=0, risk_limit_minor=2**51))
        send(commands.price(1, 1, MARK * 10))
        self.open_traders(DEPOSITS)

    def ticks(self, instrument: int, spread: int = 0) -> int:
        return self.chance.choice(self.prices)

    def fuller(self) -> int:
        """The side of the book that has more orders, mostly, so that queues become long."""
        book = self.trio.model.book
        buys = len(book(1, True)) >= len(book(1, False))
        return Side.BUY if buys == (self.chance.random() < 0.85) else Side.SELL

    def resting(self) -> Place:
        """An order that shows all of itself, a part, or nothing."""
        chance = self.chance
        lots = chance.choice((1, 2, 3, 5, 8, 13, chance.randint(1, 40)))
        record = place(self.trader(), self.fuller(), LOT * lots, self.ticks(1))
        record.display_quantity = LOT * chance.choice((0, 0, 0, 1, 1, min(2, lots), lots // 3, lots))
        if chance.random() < 0.2:
            record.display_quantity = -1
        record.self_trade = chance.choice((0, 1, 2, 3))
        return record

    def hide(self) -> None:
        record = self.resting()
        record.flags |= self.chance.choice((0, 0, 0, OrderFlag.POST_ONLY))
        self.trio.send(record)

    def link(self) -> None:
        """An order that ends when the others of its group trade; some groups have one leg on either side."""
        record = self.resting()
        self.linked += self.chance.random() < 0.4
        record.account = self.traders[self.linked % len(self.traders)]
        record.contingency = Contingency.ONE_CANCELS_OTHER
        wire.put_client_id(record.link_id, f"l{self.linked}")
        self.trio.send(record)

    def reduce(self) -> None:
        """A reduce-only order of somebody who holds something."""
        model = self.trio.model
        held = [(account, model.position(account, 1).quantity) for account in self.traders]
        held = [one for one in held if one[1]]
        if not held:
            return
        record = self.resting()
        record.account, quantity = self.chance.choice(held)
        record.side = Side.SELL if quantity > 0 else Side.BUY
        record.quantity = max(record.quantity, abs(quantity) // LOT * LOT)
        record.flags |= OrderFlag.REDUCE_ONLY
        self.trio.send(record)

    def take(self) -> None:
        """Some of what stands at the best price of the fuller side, or of all, or more."""
        chance, side = self.chance, self.fuller()
        buys = side == Side.SELL
        book = self.trio.model.book(1, not buys)
        if not book:
            return
        there = sum(order.leaves for order in book if order.ticks == book[0].ticks) // LOT
        shown = sum(order.visible for order in book if order.ticks == book[0].ticks) // LOT
        lots = max(1, chance.choice((1, shown, shown + 1, there // 3, there // 2, there - 1, there, there + 3)))
        lots = max(lots, shown + chance.randint(1, 1 + there)) if chance.random() < 0.4 else lots
        limit = chance.choice((0, book[0].ticks, book[-1].ticks))
        record = place(self.trader(), Side.BUY if buys else Side.SELL, lots * LOT, limit)
        record.time_in_force = chance.choice((1, 2, 2, 3)) if limit else chance.choice((2, 3))
        record.self_trade = chance.choice((0, 1, 2, 2, 3))
        record.flags |= chance.choice((0, 0, 0, 0, OrderFlag.REDUCE_ONLY))
        if limit and record.time_in_force == 1:
            record.display_quantity = chance.choice((-1, 0, LOT))
        events = self.trio.send(record)
        if record.time_in_force == TimeInForce.FILL_OR_KILL and not record.flags:
            assert sum(one.quantity for one in of_kind(events, EventKind.FILL)) in (0, record.quantity)

    def amend(self) -> None:
        """More, less, less than is shown, or the other price."""
        model, chance = self.trio.model, self.chance
        orders = [order for book in model.books.values() for order in book]
        if not orders:
            return
        order, fields = chance.choice(orders), dict[str, int]()
        if chance.random() < 0.3:
            fields["price_ticks"] = self.ticks(1)
        left, shown = order.leaves // LOT, order.visible // LOT
        fields["leaves_quantity"] = LOT * chance.choice((left, left - 1, shown, shown - 1, shown // 2, left + 2, 0))
        fields["leaves_quantity"] = max(0, fields["leaves_quantity"])
        self.trio.send(commands.amend(order.account, order.number, "", "", **fields))


SHARING: dict[Callable[..., None], int] = {
    Sharing.hide: 50,
    Sharing.link: 14,
    Sharing.reduce: 10,
    Sharing.take: 30,
    Sharing.amend: 12,
    History.cancel: 4,
    History.cancel_all: 1,
    History.restart: 3,
}
"""What it does, and how often."""
