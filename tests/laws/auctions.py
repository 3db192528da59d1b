"""Random histories of call auctions: collected, indicated, uncrossed unit by unit, with whatever may come in between.

`Auctions(seed)` is a history of the whole vocabulary in which instruments are halted and opened again by auctions.
"""

from collections.abc import Callable

from outcry.protocol import layout
from outcry.protocol.layout import InstrumentState, OrderFlag, OrderType, Side, TimeInForce
from tests.engine.worlds import place
from tests.laws import commands
from tests.laws.history import History
from tests.laws.vocabulary import VOCABULARY, Vocabulary
from tests.laws.waiting import OCO, OTO, Waiting

COLLECTING = (InstrumentState.INSTRUMENT_PRE_OPEN, InstrumentState.INSTRUMENT_AUCTION)
HALTS = (
    InstrumentState.INSTRUMENT_PAUSED,
    InstrumentState.INSTRUMENT_SHUT,
    InstrumentState.INSTRUMENT_POSTING,
)
OPENINGS = (
    InstrumentState.INSTRUMENT_OPEN,
    InstrumentState.INSTRUMENT_OPEN,
    InstrumentState.INSTRUMENT_POSTING,
    InstrumentState.INSTRUMENT_REDUCING,
)


class Auctions(Waiting):
    """Five traders who are called together."""

    @property
    def actions(self) -> dict[Callable[..., None], int]:
        return AUCTIONS

    def open_with(self) -> None:
        """A mark that goes away from what was collected."""
        self.far_apart(4)

    def collect(self, instrument: int) -> None:
        """Orders on both sides that may cross, with what no auction takes among them."""
        chance = self.chance
        for _ in range(chance.choice((3, 8, 14))):
            record = self.some(instrument)
            record.price_ticks = self.ticks(instrument, chance.choice((2, 10, 10, 400)))
            lot, draw = self.trio.model.terms[instrument].lot, chance.random()
            if draw < 0.3:
                record.display_quantity = chance.choice((0, lot, 2 * lot))
            elif draw < 0.4:
                record.flags = chance.choice((OrderFlag.REDUCE_ONLY, OrderFlag.CLOSE, OrderFlag.POST_ONLY))
            elif draw < 0.5:
                record.time_in_force = chance.choice((2, 3, TimeInForce.DAY))
            elif draw < 0.6:
                record = self.conditional(instrument=instrument)
            self.trio.send(record)

    def call(self) -> None:
        """A halt, orders, some seconds, and the end of it by command or by its time."""
        chance, trio, instrument = self.chance, self.trio, self.chance.choice(self.priced)
        until = trio.now_ns + chance.choice((0, 0, 2 * 10**9, 5 * 10**9))
        following = chance.choice((0, *OPENINGS)) if until > trio.now_ns else 0
        until = until if until > trio.now_ns else 0
        trio.send(commands.instrument_state(instrument, chance.choice(COLLECTING), 0, following, until))
        self.collect(instrument)
        for _ in range(chance.choice((1, 2, 6))):
            trio.wait(1)
            trio.send(layout.Tick())
            draw = chance.random()
            if draw < 0.3:
                self.refresh()
            elif draw < 0.5:
                self.amend()
            elif draw < 0.6:
                self.cancel()
            elif draw < 0.7:
                self.place()
        trio.idle = chance.random() < 0.5
        trio.send(commands.instrument_state(instrument, chance.choice(OPENINGS), chance.choice((0, 3))))
        if trio.idle:
            self.meddle(instrument)
        trio.idle = False
        trio.send(layout.Tick())

    def meddle(self, instrument: int) -> None:
        """Between the units of an auction's trades."""
        chance, trio = self.chance, self.trio
        for _ in range(chance.choice((2, 5, 9))):
            trio.send(commands.carry_on(1))
            draw = chance.random()
            if draw < 0.3:
                self.cancel()
            elif draw < 0.4:
                self.cancel_all()
            elif draw < 0.5:
                self.place()
            elif draw < 0.55:
                self.refresh()
            elif draw < 0.6:
                trio.send(commands.instrument_state(instrument, chance.choice((2, 6, 7, 10, 1))))
            elif draw < 0.65:
                trio.send(commands.venue_state(chance.choice((0, 1, 3))))
            elif draw < 0.7:
                trio.restart()

    def held_up(self) -> None:
        """A primary is filled, and an instrument of its members stops before they go on."""
        chance, trio, instrument = self.chance, self.trio, self.chance.choice(self.priced)
        account, name, lot = self.trader(), f"h{trio.sent}", trio.model.terms[instrument].lot
        row = trio.engine.tables.instruments[instrument]
        price = max(row.best_bid_ticks, row.best_ask_ticks - 1 if row.best_ask_ticks else self.ticks(instrument, 0))
        trio.send(self.linked(name, OTO, place(account, Side.BUY, 2 * lot, price, instrument=instrument)))
        for at in range(chance.choice((1, 2, 4))):
            where = instrument if chance.random() < 0.8 else chance.choice(self.priced)
            child = self.conditional(account, where, side=Side.SELL)
            if chance.random() < 0.8:
                child = place(account, Side.SELL, lot, self.ticks(where, 9), instrument=where)
                child.flags = chance.choice((0, 0, OrderFlag.REDUCE_ONLY, OrderFlag.POST_ONLY))
                child.time_in_force = chance.choice((1, 1, 2, 4))
                if child.flags != OrderFlag.POST_ONLY and at % 2:
                    child.order_type, child.price_ticks, child.time_in_force = OrderType.MARKET, 0, 2
            trio.send(self.linked(name, chance.choice((OCO, OTO, OTO)), child))
        trio.idle = True
        trio.send(place(self.trader(), Side.SELL, 40 * lot, price, instrument=instrument, time_in_force=2))
        trio.send(commands.instrument_state(instrument, chance.choice((*HALTS, *COLLECTING))))
        self.meddle(instrument)
        if chance.random() < 0.5:
            self.amend_waiting()
        trio.idle = False
        trio.send(commands.instrument_state(instrument, chance.choice(OPENINGS)))
        trio.send(layout.Tick())

    def far_apart(self, percent: int = 0) -> None:
        """Orders are collected near one mark, and then the mark is elsewhere."""
        chance, trio, instrument = self.chance, self.trio, self.chance.choice((1, 3))
        trio.send(commands.instrument_state(instrument, InstrumentState.INSTRUMENT_AUCTION))
        ticks, lot = self.ticks(instrument, 0), trio.model.terms[instrument].lot
        up = chance.choice((-1, 1))
        for side, away in ((Side.BUY, 4), (Side.BUY, 3), (Side.SELL, 3), (Side.SELL, 2)):
            price = ticks + up * ticks * away // 100
            trio.send(place(self.trader(), side, lot * chance.randint(1, 9), price, instrument=instrument))
        self.mark = self.mark * (100 - up * (percent or chance.choice((1, 4)))) // 100
        for index, source in ((1, 1), (1, 2)):
            trio.send(commands.price(index, source, self.mark * 100))
        trio.wait(1)
        trio.send(layout.Tick())
        trio.send(commands.instrument_state(instrument, InstrumentState.INSTRUMENT_OPEN))
        trio.send(layout.Tick())


AUCTIONS: dict[Callable[..., None], int] = {
    **{action: max(1, weight // 4) for action, weight in VOCABULARY.items()},
    Auctions.refresh: 5,
    Auctions.call: 12,
    Auctions.far_apart: 1,
    Auctions.held_up: 4,
    Waiting.stop: 6,
    Waiting.trail: 2,
    Waiting.seconds: 2,
    Waiting.pair: 4,
    Waiting.bracket: 4,
    Waiting.amend_waiting: 2,
    Waiting.cross: 5,
    Waiting.for_a_day: 1,
    History.place: 5,
    Vocabulary.reopen: 6,
}
"""What it does, and how often."""
