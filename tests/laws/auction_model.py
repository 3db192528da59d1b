"""The plain model of the call auction, written from docs/rules/auctions.md (AUC-01 to AUC-09).

The one price is found by trying every price that could be it.  Each unit of uncrossing is the model's own: the engine
says that it has done one, and the model does what had to be done next.
"""

from dataclasses import dataclass, field, replace
from math import floor

from outcry.protocol import layout
from outcry.protocol.layout import EndReason, InstrumentState, OrderType, SelfTrade
from tests.laws.condition_model import WAITING
from tests.laws.model import Order
from tests.laws.state_model import MARKETS
from tests.laws.trigger_model import TriggerModel

COLLECTING = (InstrumentState.INSTRUMENT_PRE_OPEN, InstrumentState.INSTRUMENT_AUCTION)
Found = tuple[int, int, int]
"""Price, volume and surplus."""


@dataclass
class AuctionModel(TriggerModel):
    """A venue of the model with auctions."""

    indicated: dict[int, Found] = field(default_factory=dict)
    following: dict[int, int] = field(default_factory=dict)
    """Which state comes after the uncrossing of an instrument."""
    to_trade: dict[int, int] = field(default_factory=dict)
    """What is still to trade at a fixed price."""
    prices: list[tuple[int, int, Found]] = field(default_factory=list)
    """In this entry: instrument, whether the price is fixed, and what the auction brings."""

    def collecting(self, number: int) -> bool:
        return self.instrument_states[number] in COLLECTING

    def is_market(self, number: int) -> bool:
        return self.instrument_states[number] in MARKETS

    def is_collected(self, order_type: int, order: Order) -> bool:
        """AUC-01: a limit order that rests, or one that waits."""
        rests = order_type == OrderType.LIMIT and order.force == "gtc" and not order.post_only
        return order_type in WAITING or rests

    def find_price(self, number: int) -> Found:
        """AUC-03, AUC-04: every price at which something changes is tried, and those around the mark."""
        terms, mark = self.terms[number], self.marks.get(number, 0)
        if not mark:
            return 0, 0, 0
        bids, asks = self.book(number, True), self.book(number, False)
        low, high = self.edge(number, False), self.edge(number, True)
        near = floor(mark / terms.subticks)
        steps = [order.ticks + away for order in (*bids, *asks) for away in (-1, 0, 1)]
        found = []
        for ticks in {low, high, near, near + 1, *steps}:
            if low <= ticks <= high:
                buying = sum(order.leaves for order in bids if order.ticks >= ticks)
                selling = sum(order.leaves for order in asks if order.ticks <= ticks)
                volume, surplus = min(buying, selling), buying - selling
                found.append((-volume, abs(surplus), abs(ticks * terms.subticks - mark), ticks, surplus))
        volume, _, _, ticks, surplus = min(found, default=(0, 0, 0, 0, 0))
        return (ticks, -volume, surplus) if volume else (0, 0, 0)

    def enter_state(self, number: int, state: int) -> None:
        """Where the book is crossed and orders are to meet, those that are there meet first (AUC-06)."""
        self.indicated[number] = (0, 0, 0)
        self.to_trade.pop(number, None)
        if state in MARKETS and self.crossed(number):
            self.following[number] = state
            state = InstrumentState.INSTRUMENT_UNCROSSING
        super().enter_state(number, state)

    def plan(self) -> None:
        """AUC-05: a tick is due every second while there is an auction."""
        super().plan()
        if InstrumentState.INSTRUMENT_AUCTION in self.instrument_states.values():
            self.due_ns = min(self.due_ns, (self.time_ns // layout.SECOND_NS + 1) * layout.SECOND_NS)

    def after_minute(self) -> None:
        super().after_minute()
        self.indicate()

    def indicate(self) -> None:
        """AUC-05: at a tick, what has changed since it was last said."""
        for number, state in self.instrument_states.items():
            if state == InstrumentState.INSTRUMENT_AUCTION:
                found = self.find_price(number)
                if found != self.indicated.get(number, (0, 0, 0)):
                    self.prices.append((number, 0, found))
                self.indicated[number] = found

    # Uncrossing, as far as the engine says it has come.

    def said_auction_indicated(self, said: layout.AuctionIndicated) -> None:
        """A price is fixed when nobody meets at the last one any more."""
        if said.fixed:
            number = said.instrument
            self.uncrosses(number)
            assert not self.left_to_trade(number)
            found = self.find_price(number)
            self.prices.append((number, 1, found))
            self.indicated[number], self.to_trade[number] = found, found[1]

    def uncrosses(self, number: int) -> None:
        assert self.trades
        assert self.instrument_states[number] == InstrumentState.INSTRUMENT_UNCROSSING

    def left_to_trade(self, number: int) -> int:
        """Of the volume of the fixed price, if anybody still meets at it."""
        ticks, bids, asks = self.indicated[number][0], self.book(number, True), self.book(number, False)
        meet = bids and asks and bids[0].ticks >= ticks >= asks[0].ticks
        return self.to_trade.get(number, 0) if meet else 0

    def said_fill(self, said: layout.Fill) -> None:
        if self.works and said.auction:
            fills = len(self.fills)
            self.step(said.instrument)
            assert len(self.fills) == fills + 1

    def ended_in_auction(self, said: layout.Ended) -> None:
        """An order that is still there is not taken along, or has met one of its own account."""
        order = self.find(said.order_id)
        if order is not None:
            self.uncrosses(order.instrument)
            self.step(order.instrument)
            assert self.find(said.order_id) is None

    def step(self, number: int) -> None:
        """AUC-06, AUC-07: the first bid and the first ask."""
        self.uncrosses(number)
        left, bids, asks = self.left_to_trade(number), self.book(number, True), self.book(number, False)
        bid, ask = bids[0], asks[0]
        if not left:
            self.end_beyond(number)
            return
        later = self.is_later(bid, ask)
        taker, maker = (bid, ask) if later else (ask, bid)
        if self.meets_itself(bid, ask):
            mode = self.self_trade_of(taker)
            if mode != SelfTrade.EXPIRE_TAKER:
                self.take_out(maker, EndReason.ENDED_SELF_TRADE)
            if mode != SelfTrade.EXPIRE_MAKER:
                self.take_out(taker, EndReason.ENDED_SELF_TRADE)
            return
        quantity = min(left, bid.visible or bid.leaves, ask.visible or ask.leaves)
        for order in (bid, ask):
            if not self.is_taken_along(order, quantity):
                self.take_out(order, EndReason.ENDED_AUCTION)
                return
        self.one_price = self.indicated[number][0]
        self.trade(taker, maker, quantity)
        self.one_price = 0
        self.to_trade[number] -= quantity
        for order in (bid, ask):
            if not order.leaves:
                self.take_out(order, EndReason.ENDED_FILLED)
                self.filled(order)
            elif order.display > 0 and not order.shown:
                order.place = self.next_place()
                self.refill(number, order.buys)
        self.fit(bid.account, number)
        self.fit(ask.account, number)

    def is_later(self, one: Order, other: Order) -> bool:
        """Who is the taker; a post-only order never."""
        if one.post_only != other.post_only:
            return other.post_only
        return one.place > other.place

    def is_taken_along(self, order: Order, quantity: int) -> bool:
        """AUC-07."""
        if order.takeover or self.reducible(order) >= quantity:
            return True
        terms, cost = self.terms[order.instrument], self.position(order.account, order.instrument).cost
        if terms.value(quantity, self.indicated[order.instrument][0]) + abs(cost) >= layout.AMOUNT_BOUND:
            return False
        if any(self.stand(subject).fails for subject in self.subjects(order.account)):
            return False
        ticks = self.indicated[order.instrument][0]
        trading = replace(order, leaves=quantity, ticks=ticks)
        weighed = self.weigh(trading, False, order, {ticks: quantity})
        short = weighed.available < 0 and weighed.available < weighed.before
        return not (short or weighed.doomed or weighed.bankrupt)

    def end_beyond(self, number: int) -> None:
        """AUC-04: no price within the band helps; whoever is furthest beyond it goes."""
        assert self.crossed(number)
        assert self.find_price(number) == (0, 0, 0)
        buys = self.best(number, False) > self.edge(number, True)
        self.take_out(self.book(number, buys)[0], EndReason.ENDED_AUCTION)

    def conclude_auction(self, said: layout.InstrumentStateSet) -> None:
        """AUC-08: nobody meets any more."""
        number = said.instrument
        self.uncrosses(number)
        assert not self.crossed(number)
        assert said.state == self.following[number]
        self.traded(number)
        self.enter_state(number, said.state)
