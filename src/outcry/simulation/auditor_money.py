"""What the auditor makes of money that moves outside of fills: AUD-16 to AUD-19.

Deposits, withdrawals, transfers, the insurance fund, fundings.  Every balance that an event names is compared with the
auditor's own.
"""

from collections.abc import Callable

from outcry.protocol.layout import CommandKind, EventKind, MoveReason
from outcry.simulation.auditor_books import IN_FLIGHT, INSURANCE, OUTSIDE, TAKEOVER, Books
from outcry.simulation.auditor_outcomes import bond
from outcry.simulation.auditor_reading import (
    DEPOSIT,
    FUND_MOVED,
    FUNDED,
    FUNDING_FIXED,
    FUNDING_SKIPPED,
    FUNDING_SWEPT,
    MOVED,
    REVERSE_DEPOSIT,
    SETTLE_WITHDRAWAL,
    TRANSFER,
    WITHDRAW,
)
from outcry.simulation.auditor_rules import funding_of


def moved(books: Books, data: bytes, at: int) -> None:
    """Money came, left, came back or went across, as the command says (AUD-16, AUD-17)."""
    currency, reason, amount, from_account, to_account, from_balance, to_balance = MOVED.unpack_from(data, at)
    if currency not in books.currencies:
        books.wrong("AUD-26", f"currency {currency}", "was never listed", currency, 0)
    act = MOVES.get((books.kind, reason))
    if act is None:
        books.wrong("AUD-17", f"currency {currency}", "money moved for a reason its command does not have", reason, 0)
    if EventKind.MOVED in books.said:
        books.wrong("AUD-17", f"currency {currency}", "money moved twice for one command", reason, 0)
    expected = act(books, currency)
    if (from_account, to_account, amount) != expected:
        own = next(
            pair for pair in zip((from_account, to_account, amount), expected, strict=True) if pair[0] != pair[1]
        )
        books.wrong("AUD-17", f"currency {currency}", "accounts or amount are not the command's", *own)
    sums = books.currencies[currency]
    pots = {OUTSIDE: sums.withdrawals - sums.deposits, IN_FLIGHT: sums.flight}
    for account, said in ((from_account, from_balance), (to_account, to_balance)):
        own_balance = pots[account] if account in pots else books.wallet(account, currency).balance
        books.same("AUD-16", f"account {account} in currency {currency}", balance_minor=(said, own_balance))
    books.check_money(currency)


def deposit(books: Books, currency: int) -> tuple[int, int, int]:
    """Money from outside; an outpoint counts once (WAL-02)."""
    asked, amount, account, reference, output = DEPOSIT.unpack_from(books.command, books.command_at)
    key = reference, output, currency
    books.same(
        "AUD-17", f"account {account}", currency=(currency, asked), credited_before=(int(key in books.deposits), 0)
    )
    if amount <= 0:
        books.wrong("AUD-17", f"account {account}", "amount", amount, 1)
    books.deposits[key] = account, amount
    books.give(account, currency, amount).deposited += amount
    books.currencies[currency].deposits += amount
    return OUTSIDE, account, amount


def reversal(books: Books, currency: int) -> tuple[int, int, int]:
    """A deposit that has left the chain (WAL-02)."""
    asked, account, reference, output = REVERSE_DEPOSIT.unpack_from(books.command, books.command_at)
    owner, amount = books.deposits.pop((reference, output, currency), (0, 0))
    books.same("AUD-17", f"account {account}", currency=(currency, asked), credited_to=(account, owner))
    books.give(account, currency, -amount).deposited -= amount
    books.currencies[currency].deposits -= amount
    return account, OUTSIDE, amount


def withdrawal(books: Books, currency: int) -> tuple[int, int, int]:
    """Money on its way out; a request acts once, and never takes more than there is (WAL-03)."""
    asked, amount, account, request = WITHDRAW.unpack_from(books.command, books.command_at)
    known = int(request in books.requests)
    books.same("AUD-17", f"account {account}", currency=(currency, asked), asked_before=(known, 0))
    enough(books, account, currency, amount)
    books.requests.add(request)
    books.withdrawals[request] = account, currency, amount
    books.give(account, currency, -amount).withdrawn += amount
    books.currencies[currency].flight += amount
    return account, IN_FLIGHT, amount


def settled(books: Books, currency: int) -> tuple[int, int, int]:
    """A withdrawal has left for good (WAL-03)."""
    account, amount = over(books, currency, 1)
    books.currencies[currency].flight -= amount
    books.currencies[currency].withdrawals += amount
    del account
    return IN_FLIGHT, OUTSIDE, amount


def returned(books: Books, currency: int) -> tuple[int, int, int]:
    """A withdrawal comes back (WAL-03)."""
    account, amount = over(books, currency, 0)
    books.currencies[currency].flight -= amount
    books.give(account, currency, amount).withdrawn -= amount
    return IN_FLIGHT, account, amount


def over(books: Books, currency: int, outcome: int) -> tuple[int, int]:
    """The withdrawal in flight that is over, of this account and currency."""
    said, account, request = SETTLE_WITHDRAWAL.unpack_from(books.command, books.command_at)
    owner, of, amount = books.withdrawals.pop(request, (0, 0, 0))
    books.same(
        "AUD-17", f"account {account}", settled=(outcome, said), requested_by=(account, owner), currency=(currency, of)
    )
    return account, amount


def transfer(books: Books, currency: int) -> tuple[int, int, int]:
    """Money from one account to another (WAL-04)."""
    asked, amount, account, to_account = TRANSFER.unpack_from(books.command, books.command_at)
    books.same("AUD-17", f"account {account}", currency=(currency, asked))
    enough(books, account, currency, amount)
    books.give(account, currency, -amount).sent += amount
    books.give(to_account, currency, amount).received += amount
    return account, to_account, amount


def enough(books: Books, account: int, currency: int, amount: int) -> None:
    """Nobody takes out more than his wallet holds, nor nothing."""
    wallet = books.wallet(account, currency)
    balance = wallet.balance - wallet.held
    if not 0 < amount <= balance:
        books.wrong("AUD-17", f"account {account}", "took more than it had", amount, balance)


FROM_OUTSIDE = (MoveReason.MOVED_DEPOSIT, MoveReason.MOVED_REVERSAL, MoveReason.MOVED_BOND)
"""Why the insurance fund gets or loses money that was moved by the same entry."""
MOVES: dict[tuple[int, int], Callable[[Books, int], tuple[int, int, int]]] = {
    (CommandKind.DEPOSIT, MoveReason.MOVED_DEPOSIT): deposit,
    (CommandKind.REVERSE_DEPOSIT, MoveReason.MOVED_REVERSAL): reversal,
    (CommandKind.WITHDRAW, MoveReason.MOVED_WITHDRAWAL): withdrawal,
    (CommandKind.SETTLE_WITHDRAWAL, MoveReason.MOVED_SETTLED): settled,
    (CommandKind.SETTLE_WITHDRAWAL, MoveReason.MOVED_RETURNED): returned,
    (CommandKind.TRANSFER, MoveReason.MOVED_TRANSFER): transfer,
    (CommandKind.DECIDE_OUTCOME, MoveReason.MOVED_BOND): bond,
}


def fund_moved(books: Books, data: bytes, at: int) -> None:
    """The insurance fund got or gave: what takeovers brought and lost, remainders, and money from outside (AUD-18)."""
    currency, number, reason, amount, fund_after, takeover_after = FUND_MOVED.unpack_from(data, at)
    subject = f"insurance fund of currency {currency}"
    fund, takeover = books.wallet(INSURANCE, currency), books.wallet(TAKEOVER, currency)
    if books.taking and books.advance is None and reason in (MoveReason.MOVED_SURPLUS, MoveReason.MOVED_COVER):
        # The closing fee of who is taken over is there already, and is told with the takeover.
        take_advance(books, currency, takeover_after + amount)
    if reason == MoveReason.MOVED_SURPLUS:
        books.same("AUD-18", subject, surplus=(amount, max(0, takeover.balance)))
    elif reason == MoveReason.MOVED_COVER:
        books.same("AUD-18", subject, cover=(amount, -min(max(0, -takeover.balance), max(0, fund.balance))))
    elif reason == MoveReason.MOVED_REMAINDER:
        instrument = books.instrument(number)
        books.same("AUD-19", f"instrument {number}", remainder=(amount, instrument.pot))
        books.currencies[currency].epochs -= amount
        instrument.pot = 0
        books.give(INSURANCE, currency, amount)
    elif EventKind.MOVED not in books.said or reason not in FROM_OUTSIDE:
        books.wrong("AUD-18", subject, "moved for a reason it does not have", reason, 0)
    if reason in (MoveReason.MOVED_SURPLUS, MoveReason.MOVED_COVER):
        books.give(TAKEOVER, currency, -amount)
        books.give(INSURANCE, currency, amount)
    books.same(
        "AUD-16",
        subject,
        fund_minor=(fund_after, fund.balance),
        takeover_minor=(takeover_after, takeover.balance),
    )
    if not books.taking:
        books.check_money(currency)


def take_advance(books: Books, currency: int, balance: int) -> None:
    """A takeover that is told later has paid its closing fee already; how much follows from what is said."""
    books.advance = balance - books.wallet(TAKEOVER, currency).balance
    books.give(TAKEOVER, currency, books.advance)


def funding_fixed(books: Books, data: bytes, at: int) -> None:
    """An epoch: rate and value of a lot are fixed, and everybody who holds something owes or gets (AUD-19)."""
    number, epoch, rate, lot_minor, mark, next_rate, next_ns = FUNDING_FIXED.unpack_from(data, at)
    instrument = books.instrument(number)
    subject = f"instrument {number}"
    books.same(
        "AUD-19",
        subject,
        epoch=(epoch, instrument.epoch + 1),
        sweeping=(int(instrument.sweeping), 0),
        still_owing=(len(instrument.owing), 0),
        lot_minor=(lot_minor, instrument.mark_lot),
        in_the_past=(int(next_ns <= books.time_ns), 0),
    )
    books.same("AUD-23", subject, mark_subticks=(mark, instrument.mark))
    if instrument.next_rate is not None:
        books.same("AUD-19", subject, rate_ppb=(rate, instrument.next_rate))
    instrument.epoch, instrument.epoch_rate, instrument.epoch_lot, instrument.next_rate = (
        epoch,
        rate,
        lot_minor,
        next_rate,
    )
    instrument.sweeping = True
    holders = ((account, owner.positions.get(number)) for account, owner in books.accounts.items())
    instrument.owing = {account: held.quantity for account, held in holders if held is not None and held.quantity}


def funding_skipped(books: Books, data: bytes, at: int) -> None:
    """Missed fundings are not made up for.  The rate of the period that begins is not said, so it is not known."""
    (number,) = FUNDING_SKIPPED.unpack_from(data, at)
    if not books.instrument(number).sweeping:
        books.instrument(number).next_rate = None


def funded(books: Books, data: bytes, at: int) -> None:
    """A position has paid or got its funding, once, by what it held (AUD-19)."""
    account, number, epoch, quantity, amount, balance = FUNDED.unpack_from(data, at)
    instrument = books.instrument(number)
    subject = f"position of account {account} in instrument {number}"
    position = books.position(account, number)
    owed = instrument.owing.pop(account, 0)
    value = abs(quantity) // instrument.lot * instrument.epoch_lot
    books.same(
        "AUD-19",
        subject,
        epoch=(epoch, instrument.epoch),
        quantity=(quantity, owed),
        held_now=(quantity, position.quantity),
        amount_minor=(amount, funding_of(value, instrument.epoch_rate, quantity > 0)),
    )
    position.fees += amount
    if position.isolated:
        position.loss += amount
    instrument.pot += amount
    books.currencies[instrument.currency].epochs += amount
    wallet = books.give(account, instrument.currency, -amount)
    if account == TAKEOVER and books.taking and books.advance is None:
        take_advance(books, instrument.currency, balance)
    books.same("AUD-16", subject, balance_minor=(balance, wallet.balance))
    if not books.taking:
        books.check_money(instrument.currency)


def funding_swept(books: Books, data: bytes, at: int) -> None:
    """An epoch is over: nobody owes any more, and what rounding left is with the insurance fund (AUD-19)."""
    number, epoch, remainder = FUNDING_SWEPT.unpack_from(data, at)
    instrument = books.instrument(number)
    books.same(
        "AUD-19",
        f"instrument {number}",
        epoch=(epoch, instrument.epoch),
        sweeping=(int(instrument.sweeping), 1),
        still_owing=(len(instrument.owing), 0),
        left_in_the_pot=(instrument.pot, 0),
        negative=(int(remainder < 0), 0),
    )
    instrument.sweeping = False
