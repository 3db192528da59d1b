"""What `Recent` keeps of one account and of one instrument: bounded queues, the oldest forgotten first."""

import msgspec

from outcry.protocol.layout import Fill
from outcry.protocol.told import Change
from outcry.views.bins import Candles
from outcry.views.bounded import Bounded
from outcry.views.kept import KeptInstrument, MoveView, TradeView, direction_after
from outcry.views.orders import ExecutionView, OrderView
from outcry.views.tops import BookTop, QuoteView


class Bounds(msgspec.Struct, frozen=True):
    """How much is kept of each account and instrument, and of all accounts together.

    In memory an ended order takes some 0.5 kB, a report 0.6 kB, a fill 0.7 kB, a move of money 0.3 kB and a fate 56
    bytes: at most 4.7 MB an account and 260 MB in all; a trade 0.23 kB and a quote 0.13 kB.
    """

    orders: int = 2_000
    """Ended ones of an account."""
    executions: int = 2_000
    """Of an account, fills and reports each."""
    trades: int = 10_000
    """Of an instrument."""
    quotes: int = 2_000
    """Of an instrument."""
    fates: int = 20_000
    """Of an account."""
    moves: int = 1_000
    """Of an account, money that came or went outside of fills."""
    orders_in_all: int = 100_000
    executions_in_all: int = 200_000
    fates_in_all: int = 1_000_000
    moves_in_all: int = 100_000

    @classmethod
    def of(cls, rows: int) -> "Bounds":
        """In the proportions of the defaults, with so many ended orders of an account."""
        return cls(*(getattr(cls(), name) * rows // cls().orders for name in cls.__struct_fields__))


class AccountRecent:
    """One account's orders and executions."""

    def __init__(self, bounds: Bounds) -> None:
        # Both are in the order of placing, which is that of order numbers.
        self.orders: dict[int, OrderView] = {}
        self.open: dict[int, OrderView] = {}
        self.ended: Bounded[OrderView] = Bounded()
        # What changed the balance: fills, fundings, takeovers, deleveragings.
        self.fills: Bounded[ExecutionView] = Bounded(maxlen=bounds.executions)
        self.reports: Bounded[ExecutionView] = Bounded(maxlen=bounds.executions)
        self.moves: Bounded[MoveView] = Bounded(maxlen=bounds.moves)
        # The last fill by (instrument, side).
        self.last_fills: dict[tuple[int, int], ExecutionView] = {}

    def restore(self, fills: list[ExecutionView], reports: list[ExecutionView]) -> None:
        """Take over what was written down; the orders are there already."""
        self.fills.restore(fills)
        traded = (one for one in fills if one.change in (Change.TRADED, Change.LEG))
        self.last_fills.update({(one.order.instrument, one.order.side): one for one in traded})
        self.reports.restore(reports)
        self.ended.forgotten = self.ended[0] if self.ended else None


class InstrumentRecent:
    """One instrument's trades, candles and quotes."""

    def __init__(self, bounds: Bounds) -> None:
        self.trades: Bounded[TradeView] = Bounded(maxlen=bounds.trades)
        self.quotes: Bounded[QuoteView] = Bounded(maxlen=bounds.quotes)
        self.candles = Candles()
        self.top = BookTop()

    def trade(self, where: tuple[int, int, int], fill: Fill, conversion_units: int, quote_micro: int) -> TradeView:
        """A trade at this sequence, ordinal and time."""
        direction = direction_after(self.trades[-1] if self.trades else None, fill.price_ticks)
        what = fill.taker_side, fill.price_ticks, fill.quantity, fill.value_minor
        trade = TradeView(*where, *what, direction, conversion_units)
        self.trades.append(trade)
        self.candles.add(where[2], fill.price_ticks, fill.quantity, fill.value_minor, quote_micro)
        return trade

    def kept(self) -> KeptInstrument:
        """As it is written down."""
        trades, quotes = list(self.trades), list(self.quotes)
        return KeptInstrument(trades, quotes, self.candles.kept(), *self.top.kept())

    def restore(self, kept: KeptInstrument) -> None:
        """Take over what was written down."""
        self.trades.restore(kept.trades)
        self.quotes.restore(kept.quotes)
        self.candles.restore(kept.candles)
        self.top.reset(kept.bids, kept.asks)
