"""What the auditor makes of marks, margining, liquidations, takeovers and deleveraging: AUD-20 to AUD-24.

He recomputes what follows from positions, wallets and marks.  Known limit: margins by the tables of MRG are not made
again, so of an isolated position's equity and of every maintenance only the arithmetic of the test is checked.
"""

from outcry.protocol.layout import CommandKind, LadderStep, TakeoverStage, TriggerReference
from outcry.simulation.auditor_books import TAKEOVER, Books, Instrument, Position, Takeover
from outcry.simulation.auditor_fills import carry, check_contracts, close_chapter, reduce_takeover
from outcry.simulation.auditor_reading import (
    DELEVERAGED,
    INDEX_MOVED,
    LIQUIDATION_STEP,
    MARGIN_SET,
    MARK_MOVED,
    MOVE_MARGIN,
    RISK_LIMIT_SET,
    SET_ISOLATED,
    SET_LEVERAGE,
    SET_RISK_LIMIT,
    TAKEN_OVER,
    TAKEOVER_CHANGED,
)
from outcry.simulation.auditor_rules import BUY, SELL, cost_of_part, loss_after, up
from outcry.simulation.auditor_settling import takeover_settled
from outcry.simulation.auditor_waiting import note_price


def index_moved(books: Books, data: bytes, at: int) -> None:
    """An index has a new value, by which volumes are counted."""
    index, units = INDEX_MOVED.unpack_from(data, at)
    books.same("AUD-23", f"index {index}", negative=(int(units < 0), 0))
    books.index_units[index] = units


def mark_moved(books: Books, data: bytes, at: int) -> None:
    """An instrument has a new mark, by which everything is weighed from here (AUD-23)."""
    number, mark, index, basis, method = MARK_MOVED.unpack_from(data, at)
    instrument = books.instruments.get(number) or books.instrument(number)
    books.checks += 3
    if basis != (mark - index if instrument.index else 0):
        books.wrong("AUD-23", f"instrument {number}", "basis_subticks", basis, mark - index)
    if not 0 < mark <= instrument.price_max * instrument.per_tick:
        books.wrong("AUD-23", f"instrument {number}", "mark_subticks", mark, instrument.mark)
    if method != instrument.mark_method:
        books.wrong("AUD-23", f"instrument {number}", "method", method, instrument.mark_method)
    if instrument.near:
        apart = books.instruments[instrument.far].mark - books.instruments[instrument.near].mark
        shifted = apart + instrument.origin * instrument.per_tick
        expected = max(1, min(instrument.price_max * instrument.per_tick, shifted))
        books.same("AUD-39", f"instrument {number}", mark_subticks=(mark, expected))
    instrument.mark = mark
    note_price(instrument, TriggerReference.ON_MARK, mark)
    note_price(instrument, TriggerReference.ON_INDEX, index)
    instrument.mark_lot = instrument.lot_value(mark)


def paid_up(instrument: Instrument, quantity: int) -> bool:
    """Whether a position has backed all that it can lose (COL-01)."""
    return instrument.backing is not None and instrument.backing.is_paid_up(quantity)


def paid(instrument: Instrument, position: Position) -> int:
    """What such a position holds back."""
    lots = abs(position.quantity) // instrument.lot
    return instrument.backing.own(position.quantity, lots, position.cost) if instrument.backing else 0


def worth_of(instrument: Instrument, quantity: int) -> int:
    """Signed value of a position at the mark (VAL-02)."""
    return instrument.cost(quantity > 0, abs(quantity) // instrument.lot * instrument.mark_lot) if quantity else 0


def margin_set(books: Books, data: bytes, at: int) -> None:
    """A position is margined as its owner asked for, or as a liquidation left it (AUD-24)."""
    account, number, isolated, leverage, moved, loss = MARGIN_SET.unpack_from(data, at)
    position = books.position(account, number)
    subject = f"position of account {account} in instrument {number}"
    asked, wanted_isolated, wanted_leverage = [account, number], position.isolated, position.leverage
    command, begin = books.command, books.command_at
    if books.kind == CommandKind.SET_LEVERAGE:
        *asked, wanted_leverage = SET_LEVERAGE.unpack_from(command, begin)
        wanted_isolated = int(wanted_leverage != 0)
    elif books.kind == CommandKind.SET_ISOLATED:
        *asked, wanted_isolated = SET_ISOLATED.unpack_from(command, begin)
    elif books.kind == CommandKind.MOVE_MARGIN:
        *asked, amount = MOVE_MARGIN.unpack_from(command, begin)
        books.same("AUD-24", subject, moved_margin_minor=(moved, position.moved + amount))
    elif books.kind != CommandKind.CONTINUE:
        books.wrong("AUD-24", subject, "was margined anew and nobody asked for it", books.kind, 0)
    books.same("AUD-24", subject, account=(account, asked[0]), instrument=(number, asked[1]))
    if isolated != position.isolated:
        position.loss = position.moved = 0
    if books.kind in (CommandKind.SET_LEVERAGE, CommandKind.SET_ISOLATED):
        books.same("AUD-24", subject, moved_margin_minor=(moved, position.moved))
    books.same(
        "AUD-24",
        subject,
        isolated=(isolated, wanted_isolated),
        leverage_centi=(leverage, wanted_leverage),
        loss_minor=(loss, position.loss),
    )
    position.isolated, position.leverage, position.moved = isolated, leverage, moved


def risk_limit_set(books: Books, data: bytes, at: int) -> None:
    """A position's risk limit is the base and whole steps; a liquidation only lowers it (AUD-24)."""
    account, number, by_venue, steps, limit = RISK_LIMIT_SET.unpack_from(data, at)
    instrument, position = books.instrument(number), books.position(account, number)
    subject = f"position of account {account} in instrument {number}"
    books.same(
        "AUD-24",
        subject,
        risk_limit_minor=(limit, instrument.risk_limit + steps * instrument.risk_step),
        by_venue=(by_venue, int(books.kind != CommandKind.SET_RISK_LIMIT)),
    )
    if by_venue and not 0 <= steps < position.steps:
        books.wrong("AUD-24", subject, "was not lowered", steps, position.steps)
    if not by_venue:
        *asked, wanted = SET_RISK_LIMIT.unpack_from(books.command, books.command_at)
        books.same(
            "AUD-24", subject, account=(account, asked[0]), instrument=(number, asked[1]), wanted=(limit, wanted)
        )
    position.steps = steps


def liquidation_step(books: Books, data: bytes, at: int) -> None:
    """Somebody failed the test, by these numbers, and this is done about it (AUD-20)."""
    (account, number, step, isolated, mark, quantity, cost, equity, maintenance, orders, missing, order_id, leaves) = (
        LIQUIDATION_STEP.unpack_from(data, at)
    )
    if step == LadderStep.STEP_SAVED:
        return
    instrument, position = books.instrument(number), books.position(account, number)
    subject = f"position of account {account} in instrument {number}"
    books.same(
        "AUD-20",
        subject,
        quantity=(quantity, position.quantity),
        cost_minor=(cost, position.cost),
        isolated=(isolated, position.isolated),
        missing_minor=(missing, maintenance + orders - equity + 1),
    )
    books.same("AUD-23", subject, mark_subticks=(mark, instrument.mark))
    if paid_up(instrument, position.quantity) and step != LadderStep.STEP_CANCEL:
        books.wrong("AUD-38", subject, "has backed all that it can lose and is liquidated", step, 0)
    if missing < 1:
        books.wrong("AUD-20", subject, "passes the test and is liquidated", missing, 1)
    if not isolated:
        weigh(books, account, instrument.currency, equity)
    if step == LadderStep.STEP_CANCEL:
        order = books.orders.get(order_id)
        if order is None or order.account != account or order.leaves != leaves:
            books.wrong("AUD-20", subject, "an order is cancelled that is not its own", order_id, 0)
    elif step == LadderStep.STEP_REDUCE:
        if leaves > abs(quantity):
            books.wrong("AUD-20", subject, "more is closed than is held", leaves, abs(quantity))
        books.announced = account, order_id, leaves
    elif step == LadderStep.STEP_TAKEOVER:
        books.taking, books.advance = account, None


def weigh(books: Books, account: int, currency: int, equity: int) -> None:
    """The equity of a cross account, where no isolated position takes a share of the wallet: MRG's margins are not
    made again here."""
    total = books.wallet(account, currency).balance
    for number, position in books.accounts[account].positions.items():
        instrument = books.instruments[number]
        if instrument.currency == currency and position.quantity:
            if position.isolated:
                return
            if paid_up(instrument, position.quantity):
                total -= paid(instrument, position)
                continue
            total += worth_of(instrument, position.quantity) - position.cost
    books.same("AUD-20", f"account {account}", equity_minor=(equity, total))


def taken_over(books: Books, data: bytes, at: int) -> None:
    """A whole position goes to the venue at its bankruptcy value (AUD-21)."""
    (
        number,
        side,
        takeover,
        order_id,
        quantity,
        price,
        mark,
        account,
        held,
        cost,
        bankrupt,
        realised,
        reserve,
        balance,
    ) = TAKEN_OVER.unpack_from(data, at)
    instrument, position = books.instrument(number), books.position(account, number)
    subject = f"takeover {takeover}"
    books.same(
        "AUD-21",
        subject,
        account=(account, books.taking),
        takeover=(takeover, books.takeovers_made + 1),
        order_id=(order_id, books.next_order),
        position_quantity=(held, position.quantity),
        position_cost_minor=(cost, position.cost),
        quantity=(quantity, abs(held)),
        empty=(int(held == 0), 0),
        side=(side, SELL if held > 0 else BUY),
        realised_minor=(realised, bankrupt - cost),
        price_ticks=(price, price_of(instrument, held, bankrupt)),
        negative_reserve=(int(reserve < 0), 0),
        open_orders=(sum(order.instrument == number for order in books.accounts[account].orders.values()), 0),
    )
    books.same("AUD-23", subject, mark_subticks=(mark, instrument.mark))
    if books.advance is not None:
        books.same("AUD-21", subject, reserve_minor=(reserve, books.advance))
    else:
        books.give(TAKEOVER, instrument.currency, reserve)
    books.taking, books.advance = 0, None
    books.next_order += 1
    books.takeovers_made = takeover
    books.takeovers[takeover] = Takeover(takeover, number, held, bankrupt)
    if position.isolated:
        position.loss = loss_after(position.loss, 0, abs(held), abs(held), abs(held))
    carry(books, instrument, position, -held, -cost, -bankrupt)
    carry(books, instrument, books.position(TAKEOVER, number), held, bankrupt, bankrupt)
    position.realised += realised
    position.fees += reserve
    close_chapter(position)
    wallet = books.give(account, instrument.currency, realised - reserve)
    books.same("AUD-16", subject, balance_minor=(balance, wallet.balance))
    check_contracts(books, instrument)


def price_of(instrument: Instrument, quantity: int, value: int) -> int:
    """The price at which a quantity is worth a signed value, in favour of who closes it; 0 if none (LIQ-06)."""
    size = instrument.cost(quantity > 0, value)
    if size <= 0:
        return 0
    lots = abs(quantity) // instrument.lot
    above, below = size * instrument.lot_below, lots * instrument.lot_above
    if instrument.inverse:
        above, below = below, size
    below *= instrument.per_tick
    ticks = up(above, below) if quantity > 0 else above // below
    return ticks if ticks <= instrument.price_max else 0


def takeover_changed(books: Books, data: bytes, at: int) -> None:
    """How much of a takeover is left, or that it is over (AUD-21)."""
    number, stage, takeover, leaves, _ = TAKEOVER_CHANGED.unpack_from(data, at)
    takeover_settled(books, takeover)
    known = books.takeover(takeover)
    books.same(
        "AUD-21",
        f"takeover {takeover}",
        instrument=(number, known.instrument),
        leaves_quantity=(leaves, abs(known.quantity)),
        closed=(int(stage == TakeoverStage.TAKEOVER_CLOSED), int(known.quantity == 0)),
    )
    if stage == TakeoverStage.TAKEOVER_CLOSED:
        books.same("AUD-21", f"takeover {takeover}", cost_minor=(known.cost, 0))
        del books.takeovers[takeover]
    books.closing = takeover


def deleveraged(books: Books, data: bytes, at: int) -> None:
    """A position is reduced to close a takeover, at the takeover's own cost and without a fee (AUD-22)."""
    number, side, takeover, quantity, value, mark, account, rank, eligible, realised, after, balance = (
        DELEVERAGED.unpack_from(data, at)
    )
    instrument, position = books.instrument(number), books.position(account, number)
    known, subject = books.takeover(takeover), f"account {account} for takeover {takeover}"
    held = position.quantity
    if quantity > min(abs(held), abs(known.quantity)):
        books.wrong("AUD-22", subject, "quantity", quantity, min(abs(held), abs(known.quantity)))
    cost = cost_of_part(known.cost, quantity, abs(known.quantity))
    closed = cost_of_part(position.cost, quantity, abs(held))
    books.same(
        "AUD-22",
        subject,
        instrument=(number, known.instrument),
        side=(side, SELL if held > 0 else BUY),
        same_side=(int((held > 0) == (known.quantity > 0)), 0),
        value_minor=(value, abs(cost)),
        realised_minor=(realised, -(closed + cost)),
        position_quantity=(after, held - quantity if held > 0 else held + quantity),
        out_of_the_ranking=(int(not 1 <= rank <= eligible), 0),
        open_orders=(sum(order.instrument == number for order in books.accounts[account].orders.values()), 0),
    )
    books.same("AUD-23", subject, mark_subticks=(mark, instrument.mark))
    reduce_takeover(books, instrument, takeover, books.position(TAKEOVER, number), quantity, -cost)
    if position.isolated:
        position.loss = loss_after(position.loss, 0, abs(held), quantity, quantity)
    carry(books, instrument, position, -quantity if held > 0 else quantity, -closed, cost)
    position.realised += realised
    if position.quantity == 0:
        close_chapter(position)
    wallet = books.give(account, instrument.currency, realised)
    books.same("AUD-16", subject, balance_minor=(balance, wallet.balance))
    check_contracts(books, instrument)
