"""What the auditor makes of contracts that end: AUD-35 and AUD-36.

Means of indices, expiries, settlement prices, and every position that is closed at one.  He makes the price of a future
or an option again from the mean that was said, and what everybody gets from his own books.  Known limit: which minutes
have a sample he does not judge, only that the mean is a mean he was told and of enough of them.
"""

from outcry.protocol.layout import (
    AVERAGE_MINUTES,
    MINUTE_NS,
    CommandKind,
    InstrumentState,
    InstrumentType,
    SettlementKind,
)
from outcry.simulation.auditor_books import FEES, TAKEOVER, Books, Instrument
from outcry.simulation.auditor_fills import carry, check_contracts, close_chapter
from outcry.simulation.auditor_outcomes import settles_as_decided
from outcry.simulation.auditor_reading import (
    AVERAGE_MOVED,
    DECLARE_SETTLEMENT,
    EXPIRY_SET,
    SET_EXPIRY,
    SETTLED,
    SETTLEMENT_FIXED,
    SETTLEMENT_SWEPT,
)
from outcry.simulation.auditor_rules import fee_of, half_up

SETTLING = InstrumentState.INSTRUMENT_SETTLING
OPTIONS = (InstrumentType.CALL, InstrumentType.PUT)


def average_moved(books: Books, data: bytes, at: int) -> None:
    """An index has another mean of its last 30 minutes (AUD-35)."""
    index, samples, average = AVERAGE_MOVED.unpack_from(data, at)
    if index not in books.indices:
        books.wrong("AUD-26", f"index {index}", "was never listed", index, 0)
    subject = f"mean of index {index}"
    books.same("AUD-35", subject, out_of_bounds=(int(not 0 <= samples <= AVERAGE_MINUTES), 0))
    books.same("AUD-35", subject, of_something=(int(average > 0), int(samples > 0)))
    books.averages[index] = samples, average


def expiry_set(books: Books, data: bytes, at: int) -> None:
    """An instrument ends when the operator says, at a whole minute to come (AUD-35)."""
    number, expiry = EXPIRY_SET.unpack_from(data, at)
    instrument = books.instrument(number)
    if instrument.near and books.kind == CommandKind.SET_EXPIRY:
        first = min(books.instruments[leg].expiry for leg in (instrument.near, instrument.far))
        books.same("AUD-39", f"instrument {number}", expiry_ns=(expiry, first))
    elif books.kind == CommandKind.SET_EXPIRY:
        asked = SET_EXPIRY.unpack_from(books.command, books.command_at)
        books.same("AUD-35", f"instrument {number}", instrument=(number, asked[0]), expiry_ns=(expiry, asked[1]))
        early = int(expiry <= books.time_ns or expiry % MINUTE_NS != 0)
        books.same("AUD-35", f"instrument {number}", not_to_come=(early, 0))
    instrument.expiry = expiry


def settlement_fixed(books: Books, data: bytes, at: int) -> None:
    """The settlement price: of the mean that was said, of the operator's command, or of an outcome (AUD-35)."""
    number, kind, samples, average, price, lot_minor, fee_ppm = SETTLEMENT_FIXED.unpack_from(data, at)
    instrument, subject = books.instrument(number), f"settlement of instrument {number}"
    books.same(
        "AUD-35",
        subject,
        state=(instrument.state, SETTLING),
        fixed_before=(int(instrument.settled), 0),
        fee_ppm=(fee_ppm, instrument.settlement_ppm),
        lot_minor=(lot_minor, instrument.lot_value(price) if price else 0),
        no_price=(int(not 0 <= price <= instrument.price_max * instrument.per_tick), 0),
    )
    if kind == SettlementKind.BY_AVERAGE:
        books.same("AUD-35", subject, too_few=(int(2 * samples < AVERAGE_MINUTES), 0), mean=(int(average > 0), 1))
        books.same("AUD-35", subject, price_subticks=(price, price_at(books, instrument, average)))
        if books.time_ns // MINUTE_NS * MINUTE_NS == instrument.expiry:
            said = books.averages.get(instrument.index, (0, 0))
            books.same("AUD-35", subject, samples=(samples, said[0]), average_units=(average, said[1]))
    elif kind == SettlementKind.BY_DECLARATION:
        asked = DECLARE_SETTLEMENT.unpack_from(books.command, books.command_at)
        books.same("AUD-35", subject, entry=(books.kind, CommandKind.DECLARE_SETTLEMENT))
        books.same("AUD-35", subject, instrument=(number, asked[0]), price_subticks=(price, asked[1]))
    settles_as_decided(books, instrument, kind, price)
    instrument.settled = True
    instrument.mark, instrument.mark_lot = price, lot_minor


def price_at(books: Books, instrument: Instrument, average: int) -> int:
    """What the contract is worth at a mean of its index, in sub-ticks, half up (SET-02)."""
    above, below = instrument.steps, instrument.tick_units
    unit = 10 ** books.indices.get(instrument.index, 0)
    if instrument.kind not in OPTIONS:
        return half_up(average * above, below * unit)
    won = average - instrument.strike if instrument.kind == InstrumentType.CALL else instrument.strike - average
    won = max(0, won)
    return half_up(won * above, below * (average if instrument.in_kind else unit))


def settled(books: Books, data: bytes, at: int) -> None:
    """A position is closed at the settlement price; the epoch of its instrument is the other side (AUD-36)."""
    account, number, quantity, value, realised, fee, balance = SETTLED.unpack_from(data, at)
    instrument, position = books.instrument(number), books.position(account, number)
    subject = f"position of account {account} in instrument {number}"
    lots = abs(quantity) // instrument.lot
    books.same(
        "AUD-36",
        subject,
        state=(instrument.state, SETTLING),
        fixed=(int(instrument.settled), 1),
        empty=(int(quantity == 0), 0),
        value_minor=(value, instrument.cost(quantity > 0, lots * instrument.mark_lot)),
    )
    cost = value - realised
    if account == TAKEOVER:
        books.same("AUD-36", subject, fee_minor=(fee, 0), two_at_once=(int(books.settled is not None), 0))
        books.settled = number, quantity, cost
    else:
        backing = instrument.backing
        basis = backing.fee_basis(lots, abs(value)) if backing else abs(value)
        most = fee_of(basis, instrument.settlement_ppm)
        most = backing.capped(most, abs(value)) if backing else most
        books.same(
            "AUD-36",
            subject,
            quantity=(quantity, position.quantity),
            realised_minor=(realised, value - position.cost),
            fee_out_of_bounds=(int(not 0 <= fee <= most), 0),
            owing=(int(account in instrument.owing), 0),
        )
    carry(books, instrument, position, -quantity, -cost, -value)
    instrument.contracts += quantity
    instrument.costs += value
    instrument.taken += quantity
    instrument.settled_rows += 1
    books.currencies[instrument.currency].epochs -= value
    if account != TAKEOVER:
        position.realised += realised
        position.fees += fee
        position.loss = 0
        close_chapter(position)
        books.give(FEES, instrument.currency, fee)
    wallet = books.give(account, instrument.currency, realised - fee)
    books.same("AUD-16", subject, balance_minor=(balance, wallet.balance))
    check_contracts(books, instrument)


def takeover_settled(books: Books, takeover: int) -> None:
    """The takeover that was just said is the one whose contracts were settled before it (AUD-36)."""
    if books.settled is None:
        return
    number, quantity, cost = books.settled
    books.settled = None
    known, subject = books.takeover(takeover), f"takeover {takeover}"
    whole = abs(known.quantity)
    part = min(abs(quantity), whole)
    own = known.cost if part == whole else half_up(abs(known.cost) * part, whole) * (1 if known.cost >= 0 else -1)
    same_side = int((quantity > 0) == (known.quantity > 0))
    books.same("AUD-36", subject, instrument=(number, known.instrument), same_side=(same_side, 1))
    books.same("AUD-36", subject, too_much=(max(0, abs(quantity) - whole), 0), cost_minor=(cost, own))
    known.quantity -= quantity
    known.cost -= cost


def settlement_swept(books: Books, data: bytes, at: int) -> None:
    """Everybody has been settled, and what was taken from them comes to nothing (AUD-36)."""
    number, positions = SETTLEMENT_SWEPT.unpack_from(data, at)
    instrument = books.instrument(number)
    books.same(
        "AUD-36",
        f"instrument {number}",
        taken=(instrument.taken, 0),
        positions=(positions, instrument.settled_rows),
        interest=(instrument.interest, 0),
    )
