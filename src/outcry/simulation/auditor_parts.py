"""What the auditor makes of hidden parts, small orders, modes, pegs and limits (ORD-10, ORD-17, ORD-19 to ORD-22).

First what an order shows as it comes, trades and changes, then the shares of what is hidden, then what accounts and
instruments have chosen.  He keeps a list of who shares and goes through it as the rule says, on his own.
"""

from outcry.protocol.layout import (
    DAY_NS,
    PPM,
    SMALL_ORDERS_MAX,
    CommandKind,
    EndReason,
    InstrumentState,
    MarkMethod,
    OrderFlag,
    OrderType,
    PegKind,
    SelfTrade,
)
from outcry.simulation.auditor_books import Books, Instrument
from outcry.simulation.auditor_outcomes import limits_expected
from outcry.simulation.auditor_reading import (
    PRICE_LIMITS_SET,
    SELF_TRADE_SET,
    SET_SELF_TRADE,
    SMALL_ORDERS_FLAGGED,
)
from outcry.simulation.auditor_rows import Order
from outcry.simulation.auditor_rules import half_up, up
from outcry.simulation.auditor_states import MARKETS

NOT_SMALL = int(OrderFlag.REDUCE_ONLY | OrderFlag.CLOSE | OrderFlag.BY_VENUE)
SMALL_TYPES = (int(OrderType.LIMIT), int(OrderType.PEGGED))


FOLLOWING = (int(MarkMethod.MARK_IMPACT), int(MarkMethod.MARK_LAST))


def follows_touch(instrument: Instrument) -> bool:
    """Whether the band goes by the touch as well as by the mark (ORD-07, AUC-04)."""
    return instrument.mark_method not in FOLLOWING and instrument.state in MARKETS


def edge_of(instrument: Instrument, buys: bool) -> int:
    """How far an order of a side may go now (ORD-07, OPT-05)."""
    backing, ppm = instrument.backing, instrument.band_ppm
    width = backing.width(ppm, instrument.lot_above, instrument.lot_below, instrument.per_tick) if backing else 0
    if buys:
        high = up(instrument.mark, instrument.per_tick)
        if follows_touch(instrument):
            high = max(high, instrument.asks.best())
        return min(instrument.price_max, high + width if backing else high * (PPM + ppm) // PPM)
    low = instrument.mark // instrument.per_tick
    best = instrument.bids.best()
    if best and follows_touch(instrument):
        low = min(low, best)
    return max(1, low - width if backing else up(low * (PPM - ppm), PPM))


def is_small(instrument: Instrument, order: Order) -> bool:
    """Whether all of an order at its price is worth less than the listing's small order (ORD-21)."""
    if order.flags & NOT_SMALL or order.kind not in SMALL_TYPES or not instrument.small:
        return False
    worth = order.quantity // instrument.lot * instrument.lot_value(order.limit * instrument.per_tick)
    return worth < instrument.small


def small_orders(books: Books, account: int) -> int:
    """How many small orders of an account are in the books."""
    orders = books.accounts[account].orders.values()
    return sum(one.resting and is_small(books.instruments[one.instrument], one) for one in orders)


def shows_no_small(books: Books, account: int) -> bool:
    """Whether a small order of the account is hidden now (ORD-21)."""
    if books.accounts[account].small_until > books.time_ns:
        return True
    return small_orders(books, account) > SMALL_ORDERS_MAX


def check_display(books: Books, order: Order, asked: int) -> None:
    """An order shows what was asked for; a small one of who has too many of them shows nothing (ORD-20, ORD-21)."""
    instrument = books.instruments[order.instrument]
    expected = asked
    if instrument.small and is_small(instrument, order) and shows_no_small(books, order.account):
        expected = 0
    books.same("AUD-05", f"order {order.number}", display_quantity=(order.display, expected))


def check_amended_display(books: Books, order: Order, display: int, stayed: bool, was_small: bool) -> None:
    """An amended order shows what it showed, unless it is one small one too many by it (ORD-21).

    Of one that stayed where it is nothing is hidden, and he counts it as the small one that it has become.
    """
    if not stayed:
        order.display, asked = display, order.display
        check_display(books, order, asked)
        return
    expected = order.display
    if not was_small and order.leaves and is_small(books.instruments[order.instrument], order):
        account = books.accounts[order.account]
        if account.small_until > books.time_ns or small_orders(books, order.account) - 1 > SMALL_ORDERS_MAX:
            expected = 0
    subject = f"order {order.number}"
    books.same("AUD-06", subject, display_quantity=(display, order.display), hidden=(order.display, expected))


def small_orders_flagged(books: Books, data: bytes, at: int) -> None:
    """An account has too many small orders, or not any more; it is looked at when the time before is over (ORD-21)."""
    account, until_ns = SMALL_ORDERS_FLAGGED.unpack_from(data, at)
    owner = books.account(account)
    many = small_orders(books, account) > SMALL_ORDERS_MAX
    subject = f"account {account}"
    books.same("AUD-05", subject, until_ns=(until_ns, books.time_ns + DAY_NS if many else 0))
    if owner.small_until > books.time_ns or (not many and not owner.small_until):
        books.wrong("AUD-05", subject, "was looked at and need not be", owner.small_until, books.time_ns)
    owner.small_until = until_ns


def pegged_ticks(books: Books, instrument: Instrument, side: int, kind: int, offset_subticks: int) -> int:
    """The price of a pegged order now: what is shown on its own side or the other, and its offset (ORD-17)."""
    near = instrument.side(side)
    touch = (near if kind == PegKind.PEG_PRIMARY else near.other(instrument)).best_shown()
    if not touch or offset_subticks % instrument.per_tick:
        books.wrong("AUD-05", f"instrument {instrument.number}", "a peg with nothing to be pegged to", touch, 1)
    return touch + offset_subticks // instrument.per_tick


def within_limits(instrument: Instrument, price: int) -> int:
    """The price, or the price limit it is outside of (ORD-22)."""
    return max(instrument.lowest, min(price, instrument.highest or price))


def price_limits_set(books: Books, data: bytes, at: int) -> None:
    """An instrument's price limits are those that were asked for, or those of the hour (PRE-02)."""
    said = PRICE_LIMITS_SET.unpack_from(data, at)
    asked = limits_expected(books, said[0])
    if said != asked:
        books.wrong("AUD-05", f"instrument {said[0]}", "has other price limits than were asked for", said[1], asked[1])
    instrument = books.instrument(said[0])
    _, instrument.lowest, instrument.highest = said


def self_trade_set(books: Books, data: bytes, at: int) -> None:
    """An account has chosen what happens when two of its orders meet (ORD-10)."""
    account, mode = SELF_TRADE_SET.unpack_from(data, at)
    asked = SET_SELF_TRADE.unpack_from(books.command, books.command_at)
    if (account, mode) != asked:
        books.wrong("AUD-09", f"account {account}", "has another mode than was asked for", mode, asked[1])
    books.account(account).self_trade = mode


def ended_for_its_own(books: Books, order: Order) -> None:
    """An order ended because it met one of its account: the mode of the later one says which may (ORD-10)."""
    taker = books.active
    instrument = books.instruments[order.instrument]
    if instrument.state == InstrumentState.INSTRUMENT_UNCROSSING:
        # In an auction the later of two that rest decides, and either may be first in its queue.
        mine = books.accounts[order.account].orders.values()
        met = any(one.side != order.side and one.instrument == order.instrument for one in mine)
        pair = books.sequence, order.account, order.instrument
        books.same("AUD-09", f"order {order.number}", met_one_of_its_own=(int(met or books.expired == pair), 1))
        books.expired = pair
        return
    if taker is None or taker.account != order.account:
        books.wrong("AUD-09", f"order {order.number}", "ended for one of its own, which is not there", order.account, 0)
    mode = taker.self_trade or books.accounts[order.account].self_trade or int(SelfTrade.EXPIRE_TAKER)
    spared = SelfTrade.EXPIRE_MAKER if order is taker else SelfTrade.EXPIRE_TAKER
    if mode == spared:
        books.wrong("AUD-09", f"order {order.number}", "ended and its mode spares it", mode, 0)


def turn(books: Books, instrument: Instrument, taker: Order, maker_side: int, price: int) -> tuple[Order, int, bool]:
    """Whose turn it is at a price, how much the taker gets, and whether that is hidden (ORD-01, ORD-20).

    The taker himself, and nothing, if all who share have had their turn: then nobody may trade.
    """
    own = instrument.side(maker_side)
    queue = own.queues.get(price)
    if queue:
        first = next(iter(queue.values()))
        return first, min(taker.leaves, first.shows), False
    # What another taker left to be shared is shared anew among all who are there now.
    key = books.sequence, taker.number, maker_side, price
    if books.sharing is None or books.sharing[0] != key:
        books.sharing = key, list(own.unseen[price].values())
    waiting = books.sharing[1]
    while waiting:
        every = sum(one.leaves for one in waiting)
        order = waiting.pop(0)
        part = order.leaves
        if taker.leaves < every:
            part = half_up(order.leaves // instrument.lot * taker.leaves, every) * instrument.lot
        if part or order.account == taker.account:
            return order, part, True
    return taker, 0, True


def traded(books: Books, instrument: Instrument, maker: Order, quantity: int, unseen: bool) -> None:
    """A resting order has traded so much; what it showed may be used up (ORD-20)."""
    own = instrument.side(maker.side)
    if unseen:
        maker.leaves -= quantity
        return
    own.quantities[maker.price] -= quantity
    maker.leaves -= quantity
    if maker.display == -1:
        return
    maker.shown -= quantity
    if maker.leaves and not maker.shown:
        own.exhaust(maker)
        books.exhausted.add((instrument.number, maker.side, maker.price))


def shrink(books: Books, instrument: Instrument, order: Order, leaves: int) -> bool:
    """A resting order becomes smaller without a trade, what it hides first; whether anybody could see it (ORD-20)."""
    own = instrument.side(order.side)
    if order.display == -1:
        own.quantities[order.price] += leaves - order.leaves
        return True
    lost = max(0, order.leaves - leaves - (order.leaves - order.shown))
    own.quantities[order.price] -= lost
    order.shown -= lost
    share_anew(books, order)
    return order.display > 0


def share_anew(books: Books, order: Order) -> None:
    """A resting order is cut or ends: if it stands where something is shared, what is left is shared anew (ORD-20)."""
    taker, sharing = books.active, books.sharing
    if taker is None or sharing is None or order.instrument != taker.instrument:
        return
    if sharing[0][2:] == (order.side, order.price):
        books.sharing = None


def refill(books: Books, key: tuple[int, int, int], quantity: int) -> None:
    """Icebergs show their next part when the taker is done at their price, which the said quantity tells (ORD-20)."""
    if key not in books.exhausted:
        return
    number, side, price = key
    own = books.instruments[number].side(side)
    if not any(one.display for one in own.unseen.get(price, {}).values()):
        # All icebergs there have been eaten up, hidden parts and all.
        books.exhausted.discard(key)
        return
    if own.quantities.get(price, 0) == quantity:
        return
    own.refill(price)
    books.exhausted.discard(key)


def all_show_again(books: Books) -> None:
    """Whoever traded is done: no iceberg waits any more to show its next part (ORD-20)."""
    if books.exhausted:
        number, _, price = min(books.exhausted)
        books.wrong("AUD-10", f"level {price} of instrument {number}", "icebergs do not show again", price, 0)


def revived(books: Books, number: int, kept: int) -> Order | None:
    """A filled order that an amendment opens again, as it was when it ended (ORD-19)."""
    found = books.filled.pop(number, None)
    if found is None or books.kind != CommandKind.AMEND or kept:
        return None
    order, when = found
    if books.time_ns - when >= 60 * 10**9:
        books.wrong("AUD-06", f"order {number}", "was revived too late", books.time_ns - when, 60 * 10**9)
    books.orders[number] = books.accounts[order.account].orders[number] = order
    # Its group has gone on without it (ORD-18).
    order.group, order.contingency = None, 0
    books.moving = order
    return order


def remember_filled(books: Books, order: Order, reason: int) -> None:
    """A filled order may come back for a minute; older ones are forgotten."""
    if reason != EndReason.ENDED_FILLED:
        return
    books.filled[order.number] = order, books.time_ns
    while True:
        oldest = next(iter(books.filled))
        if books.time_ns - books.filled[oldest][1] < 60 * 10**9:
            return
        del books.filled[oldest]


def own_name(books: Books, order: Order, name: bytes) -> None:
    """A revived order has its own name again, or the new one that was asked for."""
    owner = books.accounts[order.account]
    if name in owner.ended and order.last_name == name:
        del owner.ended[name]
        owner.names[name] = order.number
        order.client_id = name
