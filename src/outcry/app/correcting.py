"""`outcry correct`: what a prediction market would have paid if its question had been answered another way (PRD-05).

The journal is applied twice from its beginning, once as it is and once with the other answer in the entry that gave the
one it was settled by: the decision if it was disputed, else the proposal.  Both go on until the market is settled, and
what everybody was paid stands side by side, the bond included.  Reads only, also a running venue's journal.
Known limits: whatever followed from the wrong payment outside of this market is not followed up; a journal that was
pruned or upgraded cannot be corrected from its beginning.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import msgspec

from outcry.app.checking import Progress, start
from outcry.engine.engine import Engine
from outcry.journal.reading import read_frames
from outcry.protocol import layout, wire
from outcry.protocol.layout import BondStage, CommandKind, EventKind
from outcry.views.directory import Currency, Directory, Listing

VOID = "void"
UNITS = layout.WORK_UNITS_MAX
ROUNDS = 10_000
"""So many Continues are more than a settlement ever takes."""


class CannotCorrect(Exception):
    """What was asked for cannot be; the message says why and what to do."""


class Payout(msgspec.Struct, frozen=True):
    """What somebody was paid by a market's settlement, and what he would have been, in minor units."""

    account: int
    quantity: int
    paid_minor: int
    corrected_minor: int
    bond_minor: int
    """Lost, as it was; negative."""
    corrected_bond_minor: int

    @property
    def difference_minor(self) -> int:
        """What he would have more."""
        return self.corrected_minor + self.corrected_bond_minor - self.paid_minor - self.bond_minor


class Correction(msgspec.Struct, frozen=True):
    """A market's payouts, as they were and corrected."""

    symbol: str
    currency: Currency
    sequence: int
    """The entry whose answer was replaced."""
    price_subticks: int
    corrected_subticks: int
    payouts: list[Payout]


class Paid:
    """What the settlement of one market has said so far."""

    def __init__(self, instrument: int) -> None:
        self._instrument = instrument
        self.gains: dict[int, int] = {}
        self.quantities: dict[int, int] = {}
        self.bonds: dict[int, int] = {}
        self.price_subticks = -1
        self.swept = False

    def hear(self, events: bytes) -> None:
        """Everything that entries have said."""
        for event in wire.events_of(events):
            record, kind = event.record, event.head.kind
            if getattr(record, "instrument", 0) != self._instrument:
                continue
            if kind == EventKind.SETTLED:
                gain = record.realised_minor - record.fee_minor
                self.gains[record.account] = self.gains.get(record.account, 0) + gain
                self.quantities[record.account] = self.quantities.get(record.account, 0) + record.quantity
            elif kind == EventKind.BOND_CHANGED and record.stage == BondStage.BOND_LOST:
                self.bonds[record.account] = -record.amount_minor
            elif kind == EventKind.SETTLEMENT_FIXED:
                self.price_subticks = record.price_subticks
            elif kind == EventKind.SETTLEMENT_SWEPT:
                self.swept = True


def correct(journal: Path, symbol: str, outcome: str, progress: Progress) -> Correction:
    """The payouts of a settled prediction market if its outcome had been another: a price, or `void`.

    Raises `CannotCorrect`, `JournalError`.
    """
    listing, answered = _answered(journal, symbol, progress)
    voided, subticks = _outcome(listing, outcome)
    true, other = Paid(listing.number), Paid(listing.number)
    _play(journal, true, progress)
    _play(journal, other, progress, answered, (voided, subticks))
    if not true.swept:
        raise CannotCorrect(f"{listing.symbol} is not settled in this journal yet")
    accounts = sorted({*true.gains, *other.gains, *true.bonds, *other.bonds})
    payouts = [
        Payout(
            account,
            true.quantities.get(account, 0),
            true.gains.get(account, 0),
            other.gains.get(account, 0),
            true.bonds.get(account, 0),
            other.bonds.get(account, 0),
        )
        for account in accounts
    ]
    return Correction(listing.symbol, listing.currency, answered, true.price_subticks, other.price_subticks, payouts)


def _entries(journal: Path) -> Iterator[bytes]:
    """Every entry of a journal, one by one."""
    for frame in read_frames(journal):
        body, offset = bytes(frame.body), 0
        while offset < len(body):
            entry = wire.entry_of(body, offset)
            length = wire.ENTRY_HEAD_BYTES + entry.head.record_bytes + (entry.head.payload_bytes + 7) // 8 * 8
            yield body[offset : offset + length]
            offset += length


def _begun(journal: Path) -> Engine:
    """An engine at the beginning of the journal.  Raises `CannotCorrect`."""
    engine, head = start(journal)
    if head.sequence:
        raise CannotCorrect("this journal was pruned or upgraded: a market is corrected from a journal's beginning")
    return engine


def _answered(journal: Path, symbol: str, progress: Progress) -> tuple[Listing, int]:
    """The market, and the entry that gave the answer it was settled by."""
    engine, found = _begun(journal), 0
    listing: Listing | None = None
    for entry in _entries(journal):
        events = engine.apply(entry)
        progress(engine.sequence)
        if listing is None:
            listing = Directory(engine).listing_named(symbol)
            continue
        asked = wire.entry_of(entry)
        if asked.head.kind not in (CommandKind.PROPOSE_OUTCOME, CommandKind.DECIDE_OUTCOME):
            continue
        said = any(event.head.kind == EventKind.DOCKET_CHANGED for event in wire.events_of(events))
        if said and asked.record.instrument == listing.number:
            found = int(asked.head.sequence)
    if listing is None:
        raise CannotCorrect(f"nothing called {symbol} is listed in this journal")
    if not found:
        raise CannotCorrect(f"no outcome of {listing.symbol} was ever proposed: only prediction markets have one")
    return listing, found


def _outcome(listing: Listing, outcome: str) -> tuple[int, int]:
    """Whether it is void, and the price in sub-ticks.  Raises `CannotCorrect`."""
    if outcome.lower() == VOID:
        return 1, 0
    highest = listing.price_ticks_max * listing.subticks_per_tick
    whole, _, rest = outcome.partition(".")
    if not (whole.isdigit() and (rest or "0").isdigit()) or len(whole + rest) > 18:
        raise CannotCorrect(f"{outcome} is no outcome: say a price such as 100 or 0, or {VOID}")
    above = int(whole + rest) * 10**listing.price_decimals * listing.subticks_per_tick
    below = 10 ** len(rest) * listing.tick_units
    if above % below or above // below > highest:
        raise CannotCorrect(f"{outcome} is no price of {listing.symbol}, or more than its highest")
    return 0, above // below


def _play(journal: Path, paid: Paid, progress: Progress, answered: int = 0, outcome: tuple[int, int] = (0, 0)) -> None:
    """Apply the journal until the market is settled, with another answer in one entry if that is wanted."""
    engine = _begun(journal)
    for entry in _entries(journal):
        asked = wire.entry_of(entry)
        if asked.head.sequence == answered:
            changed = bytearray(entry)
            record = type(asked.record).from_buffer(changed, wire.ENTRY_HEAD_BYTES)
            record.voided, record.outcome_subticks = outcome
            del record
            events = engine.apply(bytes(changed))
            if any(event.head.kind == EventKind.REFUSED for event in wire.events_of(events)):
                raise CannotCorrect("the venue would not have taken that outcome: a binary market has only two")
        else:
            events = engine.apply(entry)
        paid.hear(events)
        progress(engine.sequence)
        if paid.swept:
            return
    if paid.price_subticks < 0:
        return
    for _ in range(ROUNDS):
        # The journal ends in the middle of the settlement; what is left of it follows from what there is.
        record = layout.Continue(units_max=UNITS)
        paid.hear(engine.apply(wire.encode_entry(record, sequence=engine.sequence + 1, time_ns=engine.time_ns)))
        if paid.swept or not engine.work_waiting:
            return


def money_text(minor: int, currency: Currency) -> str:
    """An amount in whole units."""
    whole, rest = divmod(abs(minor), currency.minor_units)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}.{rest:0{currency.scale}d}" if currency.scale else f"{sign}{whole}"


def table(made: Correction) -> list[list[str]]:
    """The payouts as rows of text, a heading first and the sums last."""
    money = made.currency
    rows = [["account", "quantity", "paid", "corrected", "bond", "corrected bond", "difference"]]
    columns = ("paid_minor", "corrected_minor", "bond_minor", "corrected_bond_minor", "difference_minor")
    for one in made.payouts:
        rows.append([str(one.account), str(one.quantity), *(money_text(getattr(one, name), money) for name in columns)])
    sums = [sum(getattr(one, name) for one in made.payouts) for name in columns]
    quantity = sum(one.quantity for one in made.payouts)
    rows.append(["sum", str(quantity), *(money_text(one, money) for one in sums)])
    return rows


def write_csv(made: Correction, file: Path) -> None:
    """The same rows, separated by commas."""
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(table(made))
