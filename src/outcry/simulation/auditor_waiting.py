"""What the auditor makes of orders that wait, follow a price or are linked: AUD-33 and AUD-34 (ORD-14 to ORD-18, 24).

He decides himself which way a trigger lies and whether a price has reached it, keeps the places in which orders wait
and the groups they are in, and knows between which bounds every reference has been since the engine had nothing to do.
Known limit: within these bounds how far a reference had come he believes.
"""

from collections.abc import Iterator

from outcry.protocol.layout import (
    DAY_NS,
    PPM,
    TRAIL_PPM,
    WITHIN_MARK_PPM,
    CommandKind,
    ConditionStage,
    Contingency,
    EndReason,
    InstrumentState,
    OrderFlag,
    OrderType,
    PegKind,
    Side,
    TimeInForce,
    TriggerReference,
)
from outcry.simulation.auditor_books import Books, Instrument
from outcry.simulation.auditor_reading import AMEND_TRIGGER, CONDITIONED, CONTINUED, PLACE_WAITING, TRAILED, TRIGGERED
from outcry.simulation.auditor_rows import Group, Order, Wait
from outcry.simulation.auditor_states import is_taken, venue_trades

STOPS = (int(OrderType.STOP), int(OrderType.STOP_LIMIT))
WAITING_TYPES = (*STOPS, int(OrderType.MARKET_IF_TOUCHED), int(OrderType.LIMIT_IF_TOUCHED))
MARKETS = (int(OrderType.MARKET), int(OrderType.STOP), int(OrderType.MARKET_IF_TOUCHED))
DORMANT, ARMED, RELEASED, LIVE = (
    int(ConditionStage.STAGE_DORMANT),
    int(ConditionStage.STAGE_ARMED),
    int(ConditionStage.STAGE_RELEASED),
    int(ConditionStage.STAGE_LIVE),
)
OCO, OTO = int(Contingency.ONE_CANCELS_OTHER), int(Contingency.ONE_TRIGGERS_OTHER)
TRADING = (InstrumentState.INSTRUMENT_OPEN, InstrumentState.INSTRUMENT_REDUCING)
WITHIN = int(OrderFlag.LAST_WITHIN_MARK)


def begin_waiting(books: Books, order: Order) -> bool:
    """What a new order waits for and is bound to, by what was asked for; whether it waits (ORD-14, ORD-18)."""
    trigger, offset, reference, peg, contingency, link = PLACE_WAITING.unpack_from(books.command, books.command_at)
    order.placed_ns = books.time_ns
    group = books.groups.get((order.account, link)) if contingency else None
    stop = order.kind in WAITING_TYPES
    dormant = group is not None and group.primary is not None
    if contingency:
        if group is None:
            group = books.groups[order.account, link] = Group(link)
            group.primary = order if contingency == OTO else None
        group.members.append(order)
        order.group, order.contingency = group, contingency
    if not stop and not dormant:
        return False
    wait = order.wait = Wait(DORMANT if dormant else ARMED)
    if stop:
        wait.reference = reference or int(TriggerReference.ON_MARK)
        wait.rising = (order.kind in STOPS) == (order.side == Side.BUY)
        wait.trigger, wait.peg, wait.offset = trigger, peg, offset
    if stop and not dormant:
        arm(books, order)
    return True


def price_of(instrument: Instrument, reference: int) -> int:
    """A reference as the auditor knows it."""
    return instrument.references[reference][0]


def note_price(instrument: Instrument, reference: int, price: int) -> None:
    """A reference is now this; the bounds within which it has been widen."""
    _, low, high = instrument.references.get(reference, (0, price, price))
    instrument.references[reference] = price, min(low or price, price), max(high, price)


def arm(books: Books, order: Order) -> None:
    """An order waits for its trigger from now on, behind the others at its price; one that trails gets its trigger."""
    wait = order.wait
    assert wait is not None
    wait.stage = ARMED
    books.places += 1
    wait.place = books.places
    if wait.peg == PegKind.PEG_TRAILING:
        wait.followed = price_of(books.instrument(order.instrument), wait.reference)
        wait.trigger = wait.followed + wait.offset


def conditioned(books: Books, data: bytes, at: int) -> None:
    """What an order waits for, as its owner asked for it (AUD-33, AUD-34)."""
    account, number, order_id, stage, reference, rising, peg, contingency, trigger, offset, link = (
        CONDITIONED.unpack_from(data, at)
    )
    order, subject = books.orders.get(order_id), f"order {order_id}"
    if order is None:
        books.wrong("AUD-06", subject, "is not open", order_id, 0)
    wait = order.wait or Wait(LIVE)
    if books.kind == CommandKind.AMEND:
        amend_trigger(books, order, wait)
    books.same("AUD-06", subject, account=(account, order.account), instrument=(number, order.instrument))
    books.same(
        "AUD-33",
        subject,
        stage=(stage, wait.stage),
        trigger_reference=(reference, wait.reference),
        rising=(rising, int(wait.rising)),
        peg_kind=(peg, wait.peg),
        trigger_subticks=(trigger, wait.trigger),
        peg_offset_subticks=(offset, wait.offset),
        contingency=(contingency, order.contingency),
        link_id=(int(link == (order.group.name if order.group else bytes(40))), 1),
    )


def amend_trigger(books: Books, order: Order, wait: Wait) -> None:
    """A waiting order has the trigger or the offset that its owner wants now (ORD-09)."""
    trigger, offset = AMEND_TRIGGER.unpack_from(books.command, books.command_at)
    wait.trigger, wait.offset = trigger or wait.trigger, offset or wait.offset
    if wait.stage == ARMED:
        arm(books, order)


def reached(wait: Wait, price: int, trigger: int) -> bool:
    """Whether a price is at a trigger or past it."""
    return price >= trigger if wait.rising else price <= trigger


def confirmed(instrument: Instrument, order: Order, wait: Wait, price: int) -> bool:
    """Whether the mark confirms a last price, if the order wants that (ORD-16)."""
    if not order.flags & WITHIN:
        return True
    if wait.rising:
        return price * PPM <= instrument.mark * (PPM + WITHIN_MARK_PPM)
    return price * PPM >= instrument.mark * (PPM - WITHIN_MARK_PPM)


def same_set(books: Books, order: Order, wait: Wait) -> Iterator[tuple[Order, Wait]]:
    """The orders that wait for the same reference to move the same way."""
    for other in books.waiting():
        mine = other.wait
        assert mine is not None
        same = (mine.reference, mine.rising) == (wait.reference, wait.rising)
        same = same and other.flags & WITHIN == order.flags & WITHIN
        if mine.stage == ARMED and same and other.instrument == order.instrument:
            yield other, mine


def triggered(books: Books, data: bytes, at: int) -> None:
    """A waiting order goes on: its primary was filled, or its price was reached and it is its turn (AUD-33, AUD-34)."""
    account, number, order_id, stage, reference, trigger, price = TRIGGERED.unpack_from(data, at)
    order, subject = books.orders.get(order_id), f"order {order_id}"
    if order is None or order.wait is None:
        books.wrong("AUD-33", subject, "goes on and did not wait", order_id, 0)
    wait, instrument = order.wait, books.instrument(number)
    books.same("AUD-06", subject, account=(account, order.account), instrument=(number, order.instrument))
    if not price:
        go_on(books, order, wait, stage, trigger)
        return
    books.same("AUD-33", subject, stage=(wait.stage, ARMED), goes_live=(stage, LIVE))
    books.same("AUD-33", subject, reference=(reference, wait.reference), trigger_subticks=(trigger, wait.trigger))
    if not reached(wait, price, trigger):
        books.wrong("AUD-33", subject, "fired and its trigger is not reached", price, trigger)
    _, low, high = instrument.references[wait.reference]
    if not low <= price <= high:
        books.wrong("AUD-33", subject, "fired at a price that was not there", price, high if wait.rising else low)
    for other, mine in same_set(books, order, wait):
        nearer = mine.trigger < trigger if wait.rising else mine.trigger > trigger
        if nearer or (mine.trigger == trigger and mine.place < wait.place):
            books.wrong("AUD-33", subject, "fired before one that comes first", order_id, other.number)
    if not venue_trades(books) or instrument.state not in TRADING:
        books.wrong("AUD-33", subject, "fired where nothing trades", instrument.state, 1)
    go_live(books, order)
    stir(books, order)


def go_on(books: Books, order: Order, wait: Wait, stage: int, trigger: int) -> None:
    """An order whose primary was filled, in its turn; one that its instrument did not take, when that trades again."""
    subject = f"order {order.number}"
    if wait.stage == ARMED:
        before = [mine.place for _, mine in same_set(books, order, wait)]
        books.same(
            "AUD-34", subject, reference=(wait.reference, 0), turn=(wait.place, min(before)), goes_on=(stage, LIVE)
        )
        if not venue_trades(books) or books.instruments[order.instrument].state not in TRADING:
            books.wrong("AUD-34", subject, "goes on where nothing trades", order.number, 0)
        go_live(books, order)
        return
    first = books.released.pop(0) if books.released else 0
    books.same("AUD-34", subject, stage=(wait.stage, RELEASED), turn=(order.number, first))
    waits = order.kind in WAITING_TYPES or not is_taken(books.instruments[order.instrument], order)
    books.same("AUD-34", subject, goes_on=(stage, ARMED if waits else LIVE))
    if waits:
        arm(books, order)
        books.same("AUD-33", subject, trigger_subticks=(trigger, wait.trigger))
    else:
        go_live(books, order)


def go_live(books: Books, order: Order) -> None:
    """The order is matched from here, like a new one; if one cancels the others, they end."""
    if books.active is not None:
        books.wrong("AUD-10", f"order {order.number}", "goes live while another is matched", books.active.number, 0)
    order.wait, order.unweighed, order.traded = None, True, False
    order.flags |= int(OrderFlag.TRIGGERED_ONCE) if order.kind in WAITING_TYPES else 0
    books.active = order


def stir(books: Books, order: Order) -> None:
    """An order has traded or was triggered: of its group the others end before anything else trades (ORD-18)."""
    if order.group is not None and order.contingency == OCO:
        books.stirred.append((order, order.group))


def settled(books: Books) -> None:
    """Before the next trade, and at the end of an entry: whoever was to end with a linked order has ended."""
    for order, group in books.stirred:
        for other in group.members:
            if other is not order and other.contingency == OCO:
                books.wrong("AUD-34", f"order {other.number}", "goes on beside one that cancels it", other.number, 0)
    books.stirred.clear()
    for group in books.orphaned:
        if group.members:
            books.wrong("AUD-34", f"order {group.members[0].number}", "waits for nobody", group.members[0].number, 0)
    books.orphaned.clear()


def leave(books: Books, order: Order, reason: int, code: int) -> None:
    """An order is over: for a reason of this kind only if it holds; its group goes on without it (AUD-33, AUD-34)."""
    subject, group = f"order {order.number}", order.group
    if reason == EndReason.ENDED_LINKED and not any(mine is group for one, mine in books.stirred if one is not order):
        books.wrong("AUD-34", subject, "ended for another that has not traded", order.number, 0)
    if reason == EndReason.ENDED_PRIMARY and group not in books.orphaned:
        books.wrong("AUD-34", subject, "ended for its primary, which has not", order.number, 0)
    if reason == EndReason.ENDED_DAY and (
        order.force != TimeInForce.DAY or order.placed_ns >= books.time_ns // DAY_NS * DAY_NS
    ):
        books.wrong("AUD-33", subject, "ended with a day that was not its own", order.placed_ns, books.time_ns)
    unweighed = order.unweighed or (order.wait is not None and order.wait.stage == RELEASED)
    if (reason == EndReason.ENDED_REFUSED) != (code != 0) or (code and not unweighed):
        books.wrong("AUD-33", subject, "ended as refused", code, reason)
    if order.wait is not None and order.wait.stage == RELEASED:
        books.released.remove(order.number)
    if group is None:
        return
    group.members.remove(order)
    # A filled one may be revived, and is in no group then.
    order.group, order.contingency = None, 0
    if group.primary is order:
        group.primary = None
        if reason == EndReason.ENDED_FILLED:
            for member in group.members:
                assert member.wait is not None
                member.wait.stage = RELEASED
                books.released.append(member.number)
        else:
            books.orphaned.append(group)
    if not group.members:
        del books.groups[order.account, group.name]


def trailed(books: Books, data: bytes, at: int) -> None:
    """A trigger has followed its reference: away from the market, far enough (AUD-33)."""
    account, number, order_id, trigger, price = TRAILED.unpack_from(data, at)
    order, subject = books.orders.get(order_id), f"order {order_id}"
    if order is None or order.wait is None or order.wait.peg != PegKind.PEG_TRAILING or order.wait.stage != ARMED:
        books.wrong("AUD-33", subject, "followed and does not trail", order_id, 0)
    wait = order.wait
    books.same("AUD-06", subject, account=(account, order.account), instrument=(number, order.instrument))
    away = wait.followed - price if wait.rising else price - wait.followed
    if away * PPM <= wait.followed * TRAIL_PPM:
        books.wrong("AUD-33", subject, "followed and had not to", price, wait.followed)
    _, low, high = books.instrument(number).references[wait.reference]
    if not low <= price <= high:
        books.wrong("AUD-33", subject, "followed a price that was not there", price, high)
    arm(books, order)
    wait.followed, wait.trigger = price, price + wait.offset
    books.same("AUD-33", subject, trigger_subticks=(trigger, wait.trigger))


def continued(books: Books, data: bytes, at: int) -> None:
    """Work was done; if none is left, nobody is past his trigger, and no day that is over has orders (AUD-33)."""
    _, tasks = CONTINUED.unpack_from(data, at)
    if tasks:
        return
    for instrument in books.instruments.values():
        for reference, (price, _, _) in instrument.references.items():
            instrument.references[reference] = price, price, price
    for order in books.waiting():
        wait, instrument = order.wait, books.instruments[order.instrument]
        assert wait is not None
        if wait.stage != ARMED or not venue_trades(books) or instrument.state not in TRADING:
            continue
        if not wait.reference:
            books.wrong("AUD-34", f"order {order.number}", "waits for an instrument that trades", order.number, 0)
        price = price_of(instrument, wait.reference) if wait.reference in instrument.references else 0
        if price and reached(wait, price, wait.trigger) and confirmed(instrument, order, wait, price):
            books.wrong("AUD-33", f"order {order.number}", "is past its trigger and waits", price, wait.trigger)
    if books.released and venue_trades(books):
        books.wrong("AUD-34", f"order {books.released[0]}", "was released and waits", len(books.released), 0)
