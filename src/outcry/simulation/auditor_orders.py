"""What the auditor makes of orders and books: AUD-04 to AUD-07, AUD-09, AUD-10.

One function an event kind, then what they share.  An order that trades is `books.active` until it is said to stand at
its price or to have ended; a level that has changed is in `books.dirty` until its new numbers are said.
"""

from outcry.protocol.layout import (
    ROLES,
    CommandKind,
    EndReason,
    EventKind,
    InstrumentState,
    OrderFlag,
    OrderType,
    TimeInForce,
)
from outcry.simulation.auditor_bands import edge_of
from outcry.simulation.auditor_books import TAKEOVER, Books, Instrument
from outcry.simulation.auditor_names import NO_ID, forget_name, name_order
from outcry.simulation.auditor_parts import (
    all_show_again,
    check_amended_display,
    check_display,
    ended_for_its_own,
    is_small,
    own_name,
    pegged_ticks,
    refill,
    remember_filled,
    revived,
    share_anew,
    shrink,
    within_limits,
)
from outcry.simulation.auditor_reading import (
    AMEND,
    AMENDED,
    CANCEL,
    CANCEL_ALL,
    ENDED,
    LEVEL_CHANGED,
    PLACE,
    PLACED,
)
from outcry.simulation.auditor_rows import Order
from outcry.simulation.auditor_rules import BUY, SELL, closing_of
from outcry.simulation.auditor_states import COLLECTING, may_send
from outcry.simulation.auditor_waiting import begin_waiting, leave, triggered

POST_ONLY, REDUCE_ONLY, CLOSE, BY_VENUE = (
    int(OrderFlag.POST_ONLY),
    int(OrderFlag.REDUCE_ONLY),
    int(OrderFlag.CLOSE),
    int(OrderFlag.BY_VENUE),
)
UNCROSSING = int(InstrumentState.INSTRUMENT_UNCROSSING)
LIMIT, MARKET, PEGGED = int(OrderType.LIMIT), int(OrderType.MARKET), int(OrderType.PEGGED)
RESTING = (LIMIT, PEGGED, int(OrderType.STOP_LIMIT), int(OrderType.LIMIT_IF_TOUCHED))
RESTS, KILLS = (int(TimeInForce.GOOD_TILL_CANCEL), int(TimeInForce.DAY)), int(TimeInForce.FILL_OR_KILL)
NOTHING_LEFT = (int(EndReason.ENDED_IMMEDIATE), int(EndReason.ENDED_MARKET))
"""Ends that say that nothing more could be taken."""


def placed(books: Books, data: bytes, at: int) -> None:
    """An order exists (AUD-04, AUD-05, AUD-08, AUD-25)."""
    account, number, order_id, side, kind, force, flags, quantity, leaves, price, display, name = PLACED.unpack_from(
        data, at
    )
    subject = f"order {order_id}"
    instrument = books.instrument(number)
    same = books.same
    rest_unseen(books)
    if books.active is not None:
        books.wrong("AUD-10", subject, "was placed while another was being matched", order_id, books.active.number)
    same("AUD-05", subject, order_id=(order_id, books.next_order), leaves_quantity=(leaves, quantity))
    books.next_order += 1
    order = Order(order_id, account, number, side, price, quantity)
    order.kind, order.force, order.flags, order.by_venue = kind, force, flags, bool(flags & BY_VENUE)
    order.display = display
    if order.by_venue:
        sent_by_venue(books, order)
    else:
        asked_for(books, order, instrument, name)
    closes = order.wait is not None and bool(flags & CLOSE) and quantity == 0
    if (
        (quantity <= 0 and not closes)
        or quantity % instrument.lot
        or (quantity > instrument.quantity_max > 0 and not order.by_venue)
    ):
        books.wrong("AUD-05", subject, "quantity", quantity, instrument.lot)
    books.orders[order_id] = books.accounts[account].orders[order_id] = order
    books.active = order if order.wait is None else None


def judge_live(books: Books, instrument: Instrument, order: Order) -> None:
    """An order that waited does its first deed as a live one: a new order like it would be taken (AUD-08, AUD-25)."""
    if not order.unweighed:
        return
    order.unweighed = False
    may_send(books, books.account(order.account), order.account, instrument, order)
    edge = edge_of(books, instrument, order.side == BUY)
    order.limit = order.price or within_limits(instrument, edge)
    if order.limit > edge if order.side == BUY else order.limit < edge:
        books.wrong("AUD-08", f"order {order.number}", "goes beyond the band", order.limit, edge)
    in_limits(books, instrument, order)


def sent_by_venue(books: Books, order: Order) -> None:
    """An order that nobody asked for: a liquidation has just announced it, or it closes a takeover (LIQ-04, LIQ-06)."""
    subject = f"order {order.number}"
    if order.account == TAKEOVER:
        takeover = books.takeover(books.closing)
        order.takeover, books.closing = takeover.number, 0
        books.same(
            "AUD-21",
            subject,
            instrument=(order.instrument, takeover.instrument),
            side=(order.side, SELL if takeover.quantity > 0 else BUY),
        )
        if order.quantity > abs(takeover.quantity):
            books.wrong("AUD-21", subject, "closes more than was taken over", order.quantity, abs(takeover.quantity))
        return
    announced = books.announced or (0, 0, 0)
    books.announced = None
    books.same(
        "AUD-05",
        subject,
        account=(order.account, announced[0]),
        order_id=(order.number, announced[1]),
        quantity=(order.quantity, announced[2]),
    )


def asked_for(books: Books, order: Order, instrument: Instrument, name: bytes) -> None:
    """An order as its owner asked for it, who may trade; its name is none that must be remembered."""
    subject = f"order {order.number}"
    if books.kind != CommandKind.PLACE or EventKind.PLACED in books.said:
        books.wrong("AUD-05", subject, "nobody asked for it", order.number, 0)
    number, side, kind, force, flags, quantity, price, display, offset, peg, order.self_trade, account, asked_name = (
        PLACE.unpack_from(books.command, books.command_at)
    )
    waits = begin_waiting(books, order)
    reduces = bool(flags & (REDUCE_ONLY | CLOSE)) and not waits
    books.checks += 12
    if (order.account, order.instrument, order.side, order.kind, order.force) != (account, number, side, kind, force):
        books.wrong("AUD-05", subject, "is another than was asked for", order.account, account)
    if kind == PEGGED:
        price = pegged_ticks(books, instrument, side, peg, offset)
    if order.price != price:
        books.wrong("AUD-05", subject, "price_ticks", order.price, price)
    if order.flags != flags | (REDUCE_ONLY if flags & CLOSE else 0):
        books.wrong("AUD-05", subject, "flags", order.flags, flags)
    if name != asked_name:
        books.wrong("AUD-04", subject, "has another client id than was asked for", order.number, account)
    if reduces:
        held = books.position(account, number).quantity
        reducible = closing_of(held, abs(held) if side == BUY else -abs(held))
        most = quantity or instrument.quantity_max // instrument.lot * instrument.lot
        if order.quantity != min(most, reducible):
            books.wrong("AUD-05", subject, "quantity", order.quantity, min(most, reducible))
    elif order.quantity != quantity:
        books.wrong("AUD-05", subject, "quantity", order.quantity, quantity)
    owner = books.account(account)
    may_send(books, owner, account, instrument, order)
    if name != NO_ID:
        name_order(books, owner, order, name)
    if waits:
        return
    edge = edge_of(books, instrument, side == BUY)
    order.limit = price or within_limits(instrument, edge)
    if order.limit > edge if side == BUY else order.limit < edge:
        books.wrong("AUD-08", subject, "goes beyond the band", order.limit, edge)
    in_limits(books, instrument, order)
    check_display(books, order, display)


def in_limits(books: Books, instrument: Instrument, order: Order) -> None:
    """A limit is within the instrument's price limits (ORD-22)."""
    nearest = within_limits(instrument, order.limit)
    if order.limit != nearest:
        books.wrong("AUD-08", f"order {order.number}", "is outside of the price limits", order.limit, nearest)


def level_changed(books: Books, data: bytes, at: int) -> None:
    """What stands at a price now; with it the order that is being matched may have come to rest (AUD-10)."""
    number, side, price, quantity, orders = LEVEL_CHANGED.unpack_from(data, at)
    instrument = books.instrument(number)
    own = instrument.bids if side == BUY else instrument.asks
    key = number, side, price
    order = books.active
    if key in books.dirty:
        books.dirty.discard(key)
    elif order is not None and order.price == price and order.side == side and order.instrument == number:
        come_to_rest(books, instrument, order)
    elif books.kind == CommandKind.AMEND and books.moving is None:
        leave_for_another(books, key)
    refill(books, key, quantity)
    books.checks += 2
    queue = own.queues.get(price)
    if quantity != own.quantities.get(price, 0):
        subject = f"level {price} of instrument {number}"
        books.wrong("AUD-10", subject, "quantity", quantity, own.quantities.get(price, 0))
    if orders != (len(queue) if queue else 0):
        books.wrong("AUD-10", f"level {price} of instrument {number}", "orders", orders, len(queue) if queue else 0)


def rest_unseen(books: Books, cut: bool = False) -> None:
    """A hidden order that was being matched rests, of which nothing is said; whatever follows says so (ORD-20).

    But that an order was cut says so only if there is nothing more to take, and what it took from has been said.
    """
    order = books.active
    if cut and order is not None and (books.dirty or could_take(books, order)):
        return
    if order is not None and order.display == 0 and order.leaves and order.kind in RESTING and order.force in RESTS:
        come_to_rest(books, books.instruments[order.instrument], order)


def went_on(books: Books, data: bytes, at: int) -> None:
    """A waiting order goes on; a hidden one that went on before it has come to rest."""
    rest_unseen(books)
    triggered(books, data, at)


def come_to_rest(books: Books, instrument: Instrument, order: Order) -> None:
    """What is left of an order stands at its price, last in the queue, and crosses nothing (AUD-07, AUD-10)."""
    books.checks += 2
    if order.kind not in RESTING or order.force not in RESTS:
        books.wrong("AUD-10", f"order {order.number}", "rests and may not", order.force, RESTS[0])
    judge_live(books, instrument, order)
    nothing_to_take(books, order)
    all_show_again(books)
    order.shown = min(order.display, order.leaves) if order.display > 0 else 0
    instrument.side(order.side).join(order)
    books.active = books.sharing = None


def could_take(books: Books, order: Order) -> int:
    """The other side's best price if an order that is being matched could have it, else 0."""
    instrument = books.instruments[order.instrument]
    best = instrument.side(order.side).other(instrument).best()
    if instrument.state in COLLECTING:
        return 0
    return best if (best <= order.limit if order.side == BUY else best >= order.limit) else 0


def nothing_to_take(books: Books, order: Order) -> None:
    """The other side's best price is worse than the order's limit: it has taken all that it could (AUD-07)."""
    best = could_take(books, order)
    if best:
        books.wrong("AUD-07", f"order {order.number}", "passed over a price it could have taken", best, order.limit)


def leave_for_another(books: Books, key: tuple[int, int, int]) -> None:
    """An order that is amended leaves its queue before it is said what it has become."""
    account, order_id, name, *_ = AMEND.unpack_from(books.command, books.command_at)
    order = books.orders.get(order_id or books.account(account).names.get(name, 0))
    if order is None or order.account != account or not order.resting:
        return
    if (order.instrument, order.side, order.price) == key:
        books.instrument(order.instrument).side(order.side).leave(order)
        books.moving = order


def amended(books: Books, data: bytes, at: int) -> None:
    """A working order is another now: as asked for, or cut to what it can reduce (AUD-06, AUD-08)."""
    account, number, order_id, side, kind, force, flags, quantity, leaves, price, kept, display, name = (
        AMENDED.unpack_from(data, at)
    )
    if books.active is None or books.active.number != order_id or kept:
        rest_unseen(books, cut=True)
    again = order_id not in books.orders and revived(books, order_id, kept) is not None
    order = open_order(books, order_id, account, number)
    subject = f"order {order_id}"
    before = (order.side, order.kind, order.force)
    if before != (side, kind, force):
        books.wrong("AUD-06", subject, "is of another kind after an amendment", kind, order.kind)
    filled = order.quantity - order.leaves
    books.same("AUD-06", subject, filled=(quantity - leaves, filled), negative=(int(leaves < 0), 0))
    asked = books.kind == CommandKind.AMEND and EventKind.AMENDED not in books.said
    if asked:
        if again:
            own_name(books, order, name)
        as_asked(books, order, quantity, leaves, price)
        if name != (order.client_id or NO_ID):
            forget_name(books, order)
            name_order(books, books.accounts[account], order, name)
    elif order is books.active and order.unweighed and not kept:
        fitted(books, order, quantity, price, display)
        return
    elif not flags & REDUCE_ONLY or leaves >= order.leaves or not kept:
        books.wrong("AUD-06", subject, "was changed and nobody asked for it", leaves, order.leaves)
    instrument = books.instruments[number]
    if order.wait is not None:
        order.quantity, order.leaves, order.price = quantity, leaves, price
        return
    was_small = is_small(instrument, order)
    if kept:
        books.same("AUD-06", subject, price_ticks=(price, order.price), resting=(int(order.resting), 1))
        if leaves > order.leaves:
            books.wrong("AUD-07", subject, "grew and kept its place", leaves, order.leaves)
        if shrink(books, instrument, order, leaves):
            books.dirty.add((number, side, price))
    else:
        moved(books, instrument, order, leaves, price)
    order.quantity, order.leaves, order.price, order.limit, order.flags = quantity, leaves, price, price, flags
    check_amended_display(books, order, display, bool(kept) or not leaves, was_small)


def fitted(books: Books, order: Order, quantity: int, price: int, display: int) -> None:
    """An order that goes live is cut to what it can reduce, or hidden if it is one small one too many (ORD-08, 21)."""
    subject = f"order {order.number}"
    if quantity != order.quantity:
        held = books.position(order.account, order.instrument).quantity
        reducible = closing_of(held, abs(held) if order.side == BUY else -abs(held))
        most = order.quantity or books.instruments[order.instrument].quantity_max
        if not order.flags & REDUCE_ONLY or quantity > min(most, reducible):
            books.wrong("AUD-06", subject, "went live with another quantity", quantity, order.quantity)
    books.same("AUD-06", subject, price_ticks=(price, order.price))
    if display not in (order.display, 0):
        books.wrong("AUD-06", subject, "shows something else", display, order.display)
    order.quantity = order.leaves = quantity
    order.display = display


def moved(books: Books, instrument: Instrument, order: Order, leaves: int, price: int) -> None:
    """An amended order has left its place, a hidden one without a word, and goes on like a new one (ORD-09)."""
    subject = f"order {order.number}"
    if order.display == 0 and order.resting and books.moving is None:
        instrument.side(order.side).leave(order)
        books.moving = order
    if books.moving is not order:
        books.wrong("AUD-10", subject, "moved without having left its place", price, order.price)
    books.moving, books.active = None, order
    edge = edge_of(books, instrument, order.side == BUY)
    dearer = price != order.price or leaves > order.leaves
    if dearer and leaves and (price > edge if order.side == BUY else price < edge):
        books.wrong("AUD-08", subject, "goes beyond the band", price, edge)
    nearest = within_limits(instrument, price)
    if dearer and leaves and price != nearest:
        books.wrong("AUD-08", subject, "is outside of the price limits", price, nearest)
    order.traded = False


def as_asked(books: Books, order: Order, quantity: int, leaves: int, price: int) -> None:
    """An order after the amendment of its owner (ORD-09)."""
    account, order_id, name, _, total, rest, ticks = AMEND.unpack_from(books.command, books.command_at)
    subject = f"order {order.number}"
    named = books.account(account).names.get(name, 0) or (order.number if name == order.last_name else 0)
    if (order_id or named) != order.number or account != order.account:
        books.wrong("AUD-06", subject, "was amended and nobody asked for it", order.account, account)
    filled = order.quantity - order.leaves
    wanted = total or (filled + rest if rest >= 0 else order.quantity)
    wanted_leaves = max(0, wanted - filled)
    if order.flags & REDUCE_ONLY and order.wait is None:
        held = books.position(account, order.instrument).quantity
        wanted_leaves = min(wanted_leaves, closing_of(held, abs(held) if order.side == BUY else -abs(held)))
    books.same("AUD-06", subject, leaves_quantity=(leaves, wanted_leaves), price_ticks=(price, ticks or order.price))


def open_order(books: Books, order_id: int, account: int, instrument: int) -> Order:
    """An order that is open and theirs.  Raises `AuditBreach`."""
    order = books.orders.get(order_id)
    books.checks += 3
    if order is None:
        books.wrong("AUD-06", f"order {order_id}", "is not open", order_id, 0)
    if order.account != account:
        books.wrong("AUD-06", f"order {order_id}", "account", account, order.account)
    if order.instrument != instrument:
        books.wrong("AUD-06", f"order {order_id}", "instrument", instrument, order.instrument)
    return order


def ended(books: Books, data: bytes, at: int) -> None:
    """An order is over, with what it has not traded, for a reason that can be (AUD-06, AUD-07, AUD-09)."""
    account, number, order_id, reason, code, unfilled = ENDED.unpack_from(data, at)
    order = open_order(books, order_id, account, number)
    subject = f"order {order_id}"
    if unfilled != order.leaves:
        books.wrong("AUD-06", subject, "unfilled_quantity", unfilled, order.leaves)
    empty = order.wait is not None or order.unweighed
    if (reason == EndReason.ENDED_FILLED) != (unfilled == 0) and reason != EndReason.ENDED_AMENDED and not empty:
        books.wrong("AUD-06", subject, "ended as filled", unfilled, 0)
    if reason == EndReason.ENDED_REDUCE_ONLY and order is books.active:
        rest_unseen(books)
    instrument = books.instruments[number]
    if reason == EndReason.ENDED_AUCTION and instrument.state != UNCROSSING:
        books.wrong("AUD-32", subject, "was left out and no auction is uncrossed", instrument.state, UNCROSSING)
    if reason == EndReason.ENDED_UNBACKED and not instrument.near:
        books.wrong("AUD-39", subject, "ended unbacked and is in no spread", number, 0)
    if reason == EndReason.ENDED_SELF_TRADE:
        if order.resting and books.active is not None:
            judge_live(books, instrument, books.active)  # How far it goes was found while this one was the touch.
        ended_for_its_own(books, order)
    if order.resting:
        if order.leaves:
            share_anew(books, order)
        instrument.side(order.side).leave(order)
        if order.display:
            books.dirty.add((number, order.side, order.price))
    elif order is books.active:
        books.active = None
        all_show_again(books)
        if reason in NOTHING_LEFT:
            judge_live(books, instrument, order)
            nothing_to_take(books, order)
        elif order.force == KILLS and order.traded and unfilled:
            books.wrong("AUD-09", subject, "is fill-or-kill and was filled in part", order.quantity - unfilled, 0)
        elif reason == EndReason.ENDED_POST_ONLY and not order.flags & POST_ONLY:
            books.wrong("AUD-09", subject, "ended as post-only", order.flags, POST_ONLY)
    elif order.wait is None:
        books.wrong("AUD-10", subject, "ended while it neither stood nor traded", order_id, 0)
    leave(books, order, reason, code)
    if reason == EndReason.ENDED_CANCELED and account >= ROLES and not cancelled(books, order):
        books.wrong("AUD-06", subject, "was cancelled and nobody asked for it", account, 0)
    order.last_name = order.client_id
    forget_name(books, order)
    remember_filled(books, order, reason)
    del books.orders[order_id], books.accounts[account].orders[order_id]


def cancelled(books: Books, order: Order) -> bool:
    """Whether the command cancels this order."""
    kind = books.kind
    if kind == CommandKind.CANCEL:
        account, order_id, name = CANCEL.unpack_from(books.command, books.command_at)
        return bool(account == order.account and (order_id == order.number if order_id else name == order.client_id))
    if kind == CommandKind.CANCEL_ALL:
        account, number, side = CANCEL_ALL.unpack_from(books.command, books.command_at)
        return bool(account == order.account and number in (0, order.instrument) and side in (0, order.side))
    return False
