"""What the auditor makes of fills: who may meet, value, fees and tiers, positions, money (AUD-07 to AUD-15).

First tiers and fills, then what a trade does to a position, which takeovers and deleveraging share.
"""

from outcry.protocol.layout import DAY_NS, ROLES, TOTAL_BOUND, VOLUME_DAYS, InstrumentState, TriggerReference
from outcry.simulation.auditor_auctions import is_unseen, meet_in_auction
from outcry.simulation.auditor_bands import near_ticks
from outcry.simulation.auditor_books import FEES, Account, Books, Instrument, Position
from outcry.simulation.auditor_orders import POST_ONLY, REDUCE_ONLY, judge_live, open_order
from outcry.simulation.auditor_parts import traded, turn
from outcry.simulation.auditor_reading import FEE_TIER_SET, FILL, FILL_SPREAD
from outcry.simulation.auditor_rows import Order
from outcry.simulation.auditor_rules import BUY, closing_of, cost_of_part, fee_of, loss_after, rates_of, tier_of
from outcry.simulation.auditor_states import venue_trades
from outcry.simulation.auditor_waiting import note_price, settled, stir


def fee_tier_set(books: Books, data: bytes, at: int) -> None:
    """An account has another tier, by what it has traded on the 30 days before (AUD-12)."""
    account, tier, cents = FEE_TIER_SET.unpack_from(data, at)
    owner = books.account(account)
    own = volume_before(owner, books.time_ns // DAY_NS)
    books.same("AUD-12", f"account {account}", volume_cents=(cents, own), tier=(tier, tier_of(own)))
    owner.tier, owner.tier_day = tier, books.time_ns // DAY_NS


def volume_before(owner: Account, today: int) -> int:
    """Cents traded on the 30 days before today; what is older is forgotten."""
    for day in [day for day in owner.cents if day < today - VOLUME_DAYS]:
        del owner.cents[day]
    return min(TOTAL_BOUND, sum(cents for day, cents in owner.cents.items() if day < today))


def tier_today(books: Books, account: int, owner: Account) -> int:
    """The tier with which an account trades: found anew on the first trade of a day (FEE-03)."""
    today = books.time_ns // DAY_NS
    if account >= ROLES and owner.tier_day != today:
        owner.tier_day = today
        expected = tier_of(volume_before(owner, today))
        if owner.tier != expected:
            books.wrong("AUD-12", f"account {account}", "tier", owner.tier, expected)
    return owner.tier


def fill(books: Books, data: bytes, at: int) -> None:
    """A trade: who, at what price, for how much, and what it does to both (AUD-07 to AUD-14)."""
    (
        number,
        taker_side,
        price,
        quantity,
        value,
        unseen,
        taker_account,
        maker_account,
        taker_id,
        maker_id,
        taker_leaves,
        maker_leaves,
        *money,
    ) = FILL.unpack_from(data, at)
    wrong = books.wrong
    settled(books)
    instrument = books.instrument(number)
    (spread,) = FILL_SPREAD.unpack_from(data, at)
    if spread:
        fill_leg(books, books.instrument(spread), data, at)
        return
    note_price(instrument, TriggerReference.ON_LAST, price * instrument.per_tick)
    taker = open_order(books, taker_id, taker_account, number)
    maker = open_order(books, maker_id, maker_account, number)
    stir(books, taker)
    stir(books, maker)
    if instrument.state == InstrumentState.INSTRUMENT_UNCROSSING:
        part, hidden = meet_in_auction(books, instrument, taker, maker, price, quantity, data, at)
    else:
        part, hidden = meet(books, instrument, taker, maker, taker_side, price)
    subject = f"fill of order {taker_id} with order {maker_id}"
    books.checks += 11
    if (quantity, unseen) != (part, hidden):
        wrong("AUD-06", subject, "quantity" if quantity != part else "maker_hidden", quantity, part)
    for who, order, leaves in (("taker", taker, taker_leaves), ("maker", maker, maker_leaves)):
        if leaves != order.leaves - quantity:
            wrong("AUD-06", subject, f"{who}_leaves_quantity", leaves, order.leaves - quantity)
    taker.traded = True
    if taker.resting:
        traded(books, instrument, taker, quantity, is_unseen(instrument, taker))
        books.dirty.add((number, taker.side, taker.price))
    else:
        taker.leaves = taker_leaves
    traded(books, instrument, maker, quantity, hidden)
    books.dirty.add((number, maker.side, maker.price))
    if instrument.near:
        fill_spread(books, instrument, (taker_id, maker_id, quantity, price), value, money)
        return
    worth = quantity // instrument.lot * instrument.lot_value(price * instrument.per_tick)
    if value != worth:
        wrong("AUD-11", subject, "value_minor", value, worth)
    backing = instrument.backing
    basis = backing.fee_basis(quantity // instrument.lot, worth) if backing else worth
    count_volume(books, instrument, taker_account, maker_account, basis)
    pay(books, instrument, taker, maker, quantity, worth, hidden, money)
    instrument.volume += quantity
    instrument.turnover += worth
    check_contracts(books, instrument)


def pay(
    books: Books,
    instrument: Instrument,
    taker: Order,
    maker: Order,
    quantity: int,
    worth: int,
    hidden: bool,
    said: list[int],
) -> None:
    """Fees, realised results and positions of both sides of a trade, and what was said of them (AUD-12, AUD-13)."""
    subject = f"fill of order {taker.number} with order {maker.number}"
    taker_fee, maker_fee, taker_realised, maker_realised, taker_position, maker_position = said
    expected = due(books, instrument, taker.account, quantity, worth, 1)
    if taker_fee != expected:
        books.wrong("AUD-12", subject, "taker_fee_minor", taker_fee, expected)
    expected = due(books, instrument, maker.account, quantity, worth, int(hidden))
    if maker_fee != expected:
        books.wrong("AUD-12", subject, "maker_fee_minor", maker_fee, expected)
    realised, held = trade(books, instrument, taker, quantity, worth, taker_fee)
    if taker_realised != realised:
        books.wrong("AUD-13", subject, "taker_realised_minor", taker_realised, realised)
    realised, maker_held = trade(books, instrument, maker, quantity, worth, maker_fee)
    if maker_realised != realised:
        books.wrong("AUD-13", subject, "maker_realised_minor", maker_realised, realised)
    if taker.account == maker.account:
        held = maker_held
    if taker_position != held:
        books.wrong("AUD-13", subject, "taker_position_quantity", taker_position, held)
    if maker_position != maker_held:
        books.wrong("AUD-13", subject, "maker_position_quantity", maker_position, maker_held)
    books.give(FEES, instrument.currency, taker_fee + maker_fee)


def due(books: Books, instrument: Instrument, account: int, quantity: int, worth: int, takes: int) -> int:
    """The fee of who trades so much as maker (0) or as who took or hid (1), by his tier (FEE-01, FEE-03, ORD-20)."""
    tier = tier_today(books, account, books.accounts[account])
    rate = rates_of(instrument.maker_ppm, instrument.taker_ppm, tier)[takes]
    backing = instrument.backing
    if backing is None:
        return fee_of(worth, rate)
    return backing.capped(fee_of(backing.fee_basis(quantity // instrument.lot, worth), rate), worth)


def meet(books: Books, instrument: Instrument, taker: Order, maker: Order, side: int, price: int) -> tuple[int, bool]:
    """Two orders may trade at this price, and it is the maker's turn at the best (AUD-07 to AUD-09); for how much, and
    whether what trades was hidden."""
    subject = f"fill of order {taker.number} with order {maker.number}"
    wrong = books.wrong
    books.checks += 8
    judge_live(books, instrument, taker)
    if taker is not books.active:
        wrong("AUD-07", subject, "the taker is not the order that came last", taker.number, 0)
    if side != taker.side or maker.side == side:
        wrong("AUD-06", subject, "taker_side", side, taker.side)
    other = instrument.side(maker.side)
    best = other.best()
    if price != best or maker.price != price:
        wrong("AUD-07", subject, "price_ticks", price, best)
    first, part, hidden = turn(books, instrument, taker, maker.side, best)
    if first is not maker:
        wrong("AUD-07", subject, "the first in the queue was passed over", maker.number, first.number)
    if price > taker.limit if side == BUY else price < taker.limit:
        wrong("AUD-08", subject, "is worse than the taker's limit", price, taker.limit)
    if taker.account == maker.account and not taker.takeover:
        wrong("AUD-09", subject, "an account traded with itself", taker.account, maker.account)
    if taker.flags & POST_ONLY:
        wrong("AUD-09", subject, "a post-only order took", taker.flags, 0)
    if not venue_trades(books):
        wrong("AUD-25", subject, "traded while the venue does not", books.venue_state, 0)
    if instrument.state not in (InstrumentState.INSTRUMENT_OPEN, InstrumentState.INSTRUMENT_REDUCING):
        wrong("AUD-25", subject, "traded while the instrument is closed", instrument.state, 1)
    return part, hidden


def count_volume(books: Books, instrument: Instrument, taker: int, maker: int, value: int) -> None:
    """A fill counts for the tiers of both, in US cents of this moment (FEE-03)."""
    index = instrument.usd_index
    units = books.index_units.get(index, 0) if index else 1
    below = 10 ** (books.indices.get(index, 0) + books.currencies[instrument.currency].scale)
    cents = min(TOTAL_BOUND, 100 * units * value // below)
    today = books.time_ns // DAY_NS
    for account in (taker, maker):
        if account >= ROLES:
            days = books.accounts[account].cents
            days[today] = min(TOTAL_BOUND, days.get(today, 0) + cents)


def trade(books: Books, instrument: Instrument, order: Order, quantity: int, worth: int, fee: int) -> tuple[int, int]:
    """Book one side of a fill; what it realised before the fee, and the position after (PNL-01, PNL-02, FEE-01)."""
    buys = order.side == BUY
    traded = quantity if buys else -quantity
    cost = instrument.cost(buys, worth)
    position = books.position(order.account, instrument.number)
    held = position.quantity
    if order.takeover:
        realised = reduce_takeover(books, instrument, order.takeover, position, quantity, cost)
    else:
        closing = closing_of(held, traded)
        if order.flags & REDUCE_ONLY and closing != quantity:
            books.wrong("AUD-09", f"order {order.number}", "reduce-only, opened a position", closing, quantity)
        closed = cost_of_part(position.cost, closing, abs(held)) if closing else 0
        # All lots of a fill are worth the same, so a part of it costs its lots.
        closing_cost = instrument.cost(buys, worth * closing // quantity)
        realised = -(closed + closing_cost)
        if position.isolated:
            position.loss = loss_after(position.loss, fee, abs(held), closing, quantity)
        carry(books, instrument, position, traded, cost - closing_cost - closed, cost)
        position.realised += realised
        position.fees += fee
        if closing and closing == abs(held):
            close_chapter(position)
    books.give(order.account, instrument.currency, realised - fee)
    return realised, position.quantity


def close_chapter(position: Position) -> None:
    """A position was closed or turned over: what it brought belongs to the past."""
    position.previous += position.realised - position.fees
    position.realised = position.fees = position.moved = 0


def carry(books: Books, instrument: Instrument, position: Position, change: int, cost: int, lifetime: int) -> None:
    """A position's quantity and costs change, and what all positions come to with them."""
    before = position.quantity
    position.quantity = before + change
    position.cost += cost
    position.lifetime += lifetime
    instrument.interest += max(0, before + change) - max(0, before)
    instrument.contracts += change
    instrument.costs += lifetime
    books.currencies[instrument.currency].cost += cost


def reduce_takeover(
    books: Books, instrument: Instrument, number: int, position: Position, quantity: int, cost: int
) -> int:
    """Take so much out of a takeover in a trade of this signed cost; what that realised (PNL-02, LIQ-06)."""
    takeover = books.takeover(number)
    if quantity > abs(takeover.quantity):
        books.wrong("AUD-21", f"takeover {number}", "closed more than it had", quantity, abs(takeover.quantity))
    closed = cost_of_part(takeover.cost, quantity, abs(takeover.quantity))
    change = -quantity if takeover.quantity > 0 else quantity
    takeover.quantity += change
    takeover.cost -= closed
    carry(books, instrument, position, change, -closed, cost)
    return -(closed + cost)


def check_contracts(books: Books, instrument: Instrument) -> None:
    """LAW-03 of an instrument: all positions, and the costs of all fills, come to nothing (AUD-14)."""
    books.checks += 2
    if instrument.contracts:
        books.wrong("AUD-14", f"instrument {instrument.number}", "quantity", instrument.contracts, 0)
    if instrument.costs:
        books.wrong("AUD-14", f"instrument {instrument.number}", "lifetime cost", instrument.costs, 0)
    books.check_money(instrument.currency)


def fill_leg(books: Books, spread: Instrument, data: bytes, at: int) -> None:
    """One leg of a spread's fill: the right instrument at the right price, booked for both like any trade (AUD-39)."""
    number, side, price, quantity, value, _, *rest = FILL.unpack_from(data, at)
    taker_account, maker_account, taker_id, maker_id, taker_leaves, maker_leaves, *money = rest
    taker = open_order(books, taker_id, taker_account, spread.number)
    maker = open_order(books, maker_id, maker_account, spread.number)
    far = len(books.legs)
    leg, subject = books.instrument(number), f"leg of a fill of order {taker_id} with order {maker_id}"
    ticks = near_ticks(books, spread) + far * (maker.price - spread.origin)
    sides = (taker.side, maker.side) if far else (maker.side, taker.side)
    worth = quantity // leg.lot * leg.lot_value(price * leg.per_tick) if price > 0 else 0
    books.same(
        "AUD-39",
        subject,
        instrument=(number, spread.far if far else spread.near),
        price_ticks=(price, ticks),
        taker_side=(side, sides[0]),
        quantity=(quantity, min(taker.leaves, maker.leaves)),
        taker_leaves_quantity=(taker_leaves, taker.leaves - quantity),
        maker_leaves_quantity=(maker_leaves, maker.leaves - quantity),
        third_leg=(int(far > 1), 0),
    )
    if not 0 < price <= leg.price_max:
        books.wrong("AUD-39", subject, "traded at no price of the leg", price, leg.price_max)
    if leg.state != InstrumentState.INSTRUMENT_OPEN:
        books.wrong("AUD-25", subject, "traded while the leg is closed", leg.state, InstrumentState.INSTRUMENT_OPEN)
    if any(books.position(account, number).isolated for account in (taker_account, maker_account)):
        books.wrong("AUD-39", subject, "traded in an isolated position", 1, 0)
    if value != worth:
        books.wrong("AUD-11", subject, "value_minor", value, worth)
    count_volume(books, leg, taker_account, maker_account, worth)
    takes = Order(taker_id, taker_account, number, sides[0], price, quantity)
    makes = Order(maker_id, maker_account, number, sides[1], price, quantity)
    pay(books, leg, takes, makes, quantity, worth, False, money)
    leg.volume += quantity
    leg.turnover += worth
    books.legs.append((number, taker_id, maker_id, quantity, price))
    check_contracts(books, leg)


def fill_spread(books: Books, spread: Instrument, said: tuple[int, ...], value: int, money: list[int]) -> None:
    """A spread's own fill: both legs were said just before, and it has no money and no position itself (AUD-39)."""
    taker_id, maker_id, quantity, price = said
    subject = f"fill of order {taker_id} with order {maker_id}"
    near = near_ticks(books, spread)
    legs = [(spread.near, near), (spread.far, near + price - spread.origin)]
    expected = [(leg, taker_id, maker_id, quantity, ticks) for leg, ticks in legs]
    if books.legs != expected:
        books.wrong("AUD-39", subject, "has not both its legs", len(books.legs), 2)
    books.same("AUD-39", subject, value_minor=(value, quantity // spread.lot * price), money=(sum(map(abs, money)), 0))
    books.legs.clear()
    spread.volume += quantity
