"""What the auditor makes of auctions: the one price by the rule's own words, and who trades at it: AUD-32.

The price is looked for among all prices at which anything changes, not by walking the book inwards as the engine does.
Known limit: which of two that meet came later, and so takes or ends, he believes.
"""

from bisect import bisect_left, bisect_right
from itertools import accumulate

from outcry.protocol.layout import InstrumentState, Side
from outcry.simulation.auditor_bands import edge_of
from outcry.simulation.auditor_books import Books, Instrument
from outcry.simulation.auditor_reading import AUCTION_INDICATED, FILL_AUCTION
from outcry.simulation.auditor_rows import Order
from outcry.simulation.auditor_states import venue_trades

UNCROSSING = InstrumentState.INSTRUMENT_UNCROSSING


def levels(instrument: Instrument, side: int) -> list[tuple[int, int]]:
    """Prices of a side in rising order with all that is open there, shown or not."""
    own = instrument.side(side)
    sums: dict[int, int] = {}
    for queues in (own.queues, own.unseen):
        for price, queue in queues.items():
            sums[price] = sums.get(price, 0) + sum(order.leaves for order in queue.values())
    return sorted(sums.items())


def is_unseen(instrument: Instrument, order: Order) -> bool:
    """Whether a resting order shows nothing."""
    return order.number in instrument.side(order.side).unseen.get(order.price, ())


def first_of(instrument: Instrument, side: int) -> Order:
    """Who comes first on a side: at the best price who shows something, then who shows nothing, by place."""
    own = instrument.side(side)
    best = own.best()
    queue = own.queues.get(best) or own.unseen[best]
    return next(iter(queue.values()))


def part_of(instrument: Instrument, order: Order) -> int:
    """What of an order can trade at its turn: what it shows, or all of it if it shows nothing (AUC-06)."""
    return order.leaves if is_unseen(instrument, order) else order.shows


def one_price(instrument: Instrument, low: int, high: int) -> tuple[int, int, int]:
    """Price, volume and surplus within the band (AUC-03, AUC-04); zeros if nothing would trade."""
    bids, asks = levels(instrument, Side.BUY), levels(instrument, Side.SELL)
    bid_prices, ask_prices = [price for price, _ in bids], [price for price, _ in asks]
    bid_sums = [0, *accumulate(quantity for _, quantity in bids)]
    ask_sums = [0, *accumulate(quantity for _, quantity in asks)]
    below = instrument.mark // instrument.per_tick
    candidates = {low, high, below, below + 1}
    for price in (*bid_prices, *ask_prices):
        candidates |= {price - 1, price, price + 1}
    best: tuple[int, int, int, int, int] | None = None
    for price in candidates:
        if low <= price <= high:
            wanted = bid_sums[-1] - bid_sums[bisect_left(bid_prices, price)]
            offered = ask_sums[bisect_right(ask_prices, price)]
            away = abs(price * instrument.per_tick - instrument.mark)
            found = (-min(wanted, offered), abs(wanted - offered), away, price, wanted - offered)
            best = found if best is None else min(best, found)
    if best is None or best[0] == 0:
        return 0, 0, 0
    return best[3], -best[0], best[4]


def auction_indicated(books: Books, data: bytes, at: int) -> None:
    """What an auction would bring, or does if it is fixed."""
    number, fixed, price, volume, surplus = AUCTION_INDICATED.unpack_from(data, at)
    instrument, subject = books.instrument(number), f"auction of instrument {number}"
    state = UNCROSSING if fixed else InstrumentState.INSTRUMENT_AUCTION
    low, high = edge_of(books, instrument, False), edge_of(books, instrument, True)
    own = one_price(instrument, low, high)
    books.same("AUD-32", subject, state=(instrument.state, state), price_ticks=(price, own[0]))
    books.same("AUD-32", subject, volume=(volume, own[1]), surplus=(surplus, own[2]))
    instrument.auction_price, instrument.auction_left = (price, volume) if fixed else (0, 0)


def meet_in_auction(
    books: Books, instrument: Instrument, taker: Order, maker: Order, price: int, quantity: int, data: bytes, at: int
) -> tuple[int, bool]:
    """Two orders that rest trade at the fixed price: each is the first of its side and takes that price.

    How much they trade, and whether the maker shows nothing.
    """
    subject = f"fill of order {taker.number} with order {maker.number}"
    (auction,) = FILL_AUCTION.unpack_from(data, at)
    books.same(
        "AUD-32",
        subject,
        auction=(auction, 1),
        price_ticks=(price, instrument.auction_price),
        sides=(taker.side + maker.side, Side.BUY + Side.SELL),
        resting=(int(taker.resting and maker.resting), 1),
    )
    for order in (taker, maker):
        first = first_of(instrument, order.side)
        if first is not order:
            books.wrong("AUD-32", subject, "the first in the queue was passed over", order.number, first.number)
        if price > order.price if order.side == Side.BUY else price < order.price:
            books.wrong("AUD-08", subject, "is worse than a limit", price, order.price)
    if taker.account == maker.account and not taker.takeover:
        books.wrong("AUD-09", subject, "an account traded with itself", taker.account, maker.account)
    if not venue_trades(books):
        books.wrong("AUD-25", subject, "traded while the venue does not", books.venue_state, 0)
    part = min(instrument.auction_left, part_of(instrument, taker), part_of(instrument, maker))
    instrument.auction_left -= quantity
    return part, is_unseen(instrument, maker)
