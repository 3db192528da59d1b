"""What the auditor makes of accounts, listings, switches and of what the node journals: AUD-25 to AUD-29."""

from outcry.protocol.layout import ROLES, List
from outcry.simulation.auditor_books import Account, Books, Currency, Halt, Instrument
from outcry.simulation.auditor_reading import (
    ACCOUNT_OPENED,
    CANCEL_ALL_AFTER,
    CURRENCY_LISTED,
    DEAD_MAN_SET,
    HALTED,
    INDEX_LISTED,
    LIST,
    LISTED,
    OPEN_ACCOUNT,
    RESUMED,
    ROOT,
    ROOT_NOTED,
    all_fields,
)

TERMS = all_fields(List)


def account_opened(books: Books, data: bytes, at: int) -> None:
    """A handle has one account for ever, and accounts are numbered one after the other (AUD-26)."""
    account, was_new, handle = ACCOUNT_OPENED.unpack_from(data, at)
    (asked,) = OPEN_ACCOUNT.unpack_from(books.command, books.command_at)
    known = books.handles.get(handle)
    books.same(
        "AUD-26",
        f"account {account}",
        account=(account, known or ROLES + len(books.handles)),
        was_new=(was_new, int(known is None)),
        other_handle=(int(handle != asked), 0),
    )
    if known is None:
        books.handles[handle] = account
        books.accounts[account] = Account()


def currency_listed(books: Books, data: bytes, at: int) -> None:
    """Currencies are numbered one after the other (AUD-26)."""
    number, scale = CURRENCY_LISTED.unpack_from(data, at)
    books.same("AUD-26", f"currency {number}", currency=(number, len(books.currencies) + 1))
    books.currencies[number] = Currency(scale)


def index_listed(books: Books, data: bytes, at: int) -> None:
    """Indices are numbered one after the other (AUD-26)."""
    number, decimals = INDEX_LISTED.unpack_from(data, at)
    books.same("AUD-26", f"index {number}", index=(number, len(books.indices) + 1))
    books.indices[number] = decimals


def listed(books: Books, data: bytes, at: int) -> None:
    """An instrument has the terms that were asked for, and a currency and an index that there are (AUD-26)."""
    number, *said = LISTED.unpack_from(data, at)
    asked = LIST.unpack_from(books.command, books.command_at)
    books.same("AUD-26", f"instrument {number}", instrument=(number, len(books.instruments) + 1))
    for name, one, other in zip(TERMS, said, asked, strict=True):
        if one != other:
            found, expected = (one, other) if isinstance(one, int) else (0, 1)
            books.wrong("AUD-26", f"instrument {number}", f"{name} is not as asked for", found, expected)
    terms = dict(zip(TERMS, said, strict=True))
    books.checks += len(TERMS)
    unknown = terms["index"] not in books.indices and not (terms["index"] == 0 and terms["opening_subticks"] > 0)
    if terms["currency"] not in books.currencies or unknown:
        books.wrong("AUD-26", f"instrument {number}", "has no currency or index", terms["currency"], terms["index"])
    books.instruments[number] = Instrument(number, terms)
    books.instruments[number].index_one = 10 ** books.indices.get(terms["index"], 0)


def dead_man_set(books: Books, data: bytes, at: int) -> None:
    """A switch goes off no earlier than it was set to, and only when no order is left (AUD-27)."""
    account, due, fired = DEAD_MAN_SET.unpack_from(data, at)
    owner, subject = books.account(account), f"account {account}"
    if fired:
        early = max(0, owner.dead_man - books.time_ns)
        books.same(
            "AUD-27",
            subject,
            not_armed=(int(owner.dead_man == 0), 0),
            early_ns=(early, 0),
            due_ns=(due, 0),
            open_orders=(len(owner.orders), 0),
        )
    else:
        asked, timeout = CANCEL_ALL_AFTER.unpack_from(books.command, books.command_at)
        wanted = books.time_ns + timeout if timeout else 0
        books.same("AUD-27", subject, account=(account, asked), due_ns=(due, wanted))
    owner.dead_man = due


def resumed(books: Books, data: bytes, at: int) -> None:
    """Only cancels from here, or everything again (AUD-25)."""
    (cancel_only,) = RESUMED.unpack_from(data, at)
    books.cancel_only = bool(cancel_only)


def root_noted(books: Books, data: bytes, at: int) -> None:
    """The state root that the command said (AUD-29)."""
    at_sequence, root = ROOT_NOTED.unpack_from(data, at)
    asked, _, asked_root = ROOT.unpack_from(books.command, books.command_at)
    books.same(
        "AUD-29",
        f"state root of sequence {at_sequence}",
        at_sequence=(at_sequence, asked),
        other_root=(int(root != asked_root), 0),
        to_come=(int(at_sequence >= books.sequence), 0),
    )


def halted(books: Books, data: bytes, at: int) -> None:
    """The venue has stopped itself; from here every command is refused (AUD-28)."""
    fault, subject, found, expected = HALTED.unpack_from(data, at)
    books.halt = Halt(books.sequence, fault, subject, found, expected)


def nothing(books: Books, data: bytes, at: int) -> None:
    """An event that the auditor has no books for."""
