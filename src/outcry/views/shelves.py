"""What `Recent` keeps of one account and of one instrument: bounded queues, the oldest forgotten first."""

from outcry.views.bins import Candles
from outcry.views.bounded import Bounded
from outcry.views.kept import KeptInstrument, MoveView, TradeView
from outcry.views.orders import Change, ExecutionView, OrderView
from outcry.views.tops import BookTop, QuoteView

KEPT_MOVES = 1_000


class AccountRecent:
    """One account's orders and executions."""

    def __init__(self, kept_orders: int, kept_executions: int) -> None:
        # Both are in the order of placing, which is that of order numbers.
        self.orders: dict[int, OrderView] = {}
        self.open: dict[int, OrderView] = {}
        self.ended: Bounded[OrderView] = Bounded()
        # What changed the balance: fills, fundings, takeovers, deleveragings.
        self.fills: Bounded[ExecutionView] = Bounded(maxlen=kept_executions)
        self.reports: Bounded[ExecutionView] = Bounded(maxlen=kept_executions)
        self.moves: Bounded[MoveView] = Bounded(maxlen=KEPT_MOVES)
        self.kept_orders = kept_orders
        # The last fill by (instrument, side).
        self.last_fills: dict[tuple[int, int], ExecutionView] = {}

    def restore(self, fills: list[ExecutionView], reports: list[ExecutionView]) -> None:
        """Take over what was written down; the orders are there already."""
        self.fills.restore(fills)
        traded = (one for one in fills if one.change == Change.TRADED)
        self.last_fills.update({(one.order.instrument, one.order.side): one for one in traded})
        self.reports.restore(reports)
        self.ended.forgotten = self.ended[0] if self.ended else None


class InstrumentRecent:
    """One instrument's trades, candles and quotes."""

    def __init__(self, kept_trades: int, kept_quotes: int) -> None:
        self.trades: Bounded[TradeView] = Bounded(maxlen=kept_trades)
        self.quotes: Bounded[QuoteView] = Bounded(maxlen=kept_quotes)
        self.candles = Candles()
        self.top = BookTop()

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
