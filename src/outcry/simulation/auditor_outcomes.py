"""What the auditor makes of contracts without an index and of questions: AUD-40 and AUD-41 (PRE-01 to PRD-04).

First what a minute does to means, limits of the hour and conversions; then dockets and bonds.  He keeps the means
himself, from the marks that were said.  Known limits: whether a mark keeps within the band around its mean he does not
check, and every first tick of a minute is one that is due to him, as a node's are (a tick in the minute of a resumption
that nothing makes due does no work).
"""

from outcry.protocol import layout
from outcry.protocol.layout import (
    HOUR_NS,
    MEAN_PART_PPB,
    MEAN_TIMES,
    MINUTE_NS,
    PPB,
    PPM,
    BondStage,
    CommandKind,
    DocketStage,
    EventKind,
    InstrumentType,
    MarkMethod,
    SettlementKind,
)
from outcry.simulation.auditor_books import INSURANCE, Books, Docket, Instrument
from outcry.simulation.auditor_reading import (
    BOND_CHANGED,
    CONVERT,
    CONVERTED,
    DECIDE_OUTCOME,
    DISPUTE_OUTCOME,
    DOCKET_CHANGED,
    PROPOSE_OUTCOME,
    SET_PRICE_LIMITS,
    all_fields,
)
from outcry.simulation.auditor_rules import signed_half_up, up

PROPOSED, DISPUTED, DECIDED = DocketStage.DOCKET_PROPOSED, DocketStage.DOCKET_DISPUTED, DocketStage.DOCKET_DECIDED
CONVERSION = all_fields(layout.Convert)


def note_minute(books: Books) -> None:
    """A tick: if it is the first of a minute, the marks as they stand go into the means (PRE-01)."""
    minute = books.time_ns // MINUTE_NS
    if minute <= books.minute:
        return
    books.minute = minute
    for instrument in books.instruments.values():
        if not instrument.opening or instrument.settled:
            continue
        instrument.mean += signed_half_up((instrument.mark * PPM - instrument.mean) * MEAN_PART_PPB, PPB)
        if instrument.mark_method == MarkMethod.MARK_PROTECTED:
            instrument.mean = min(instrument.mean, MEAN_TIMES * instrument.opening * PPM)


def limits_expected(books: Books, number: int) -> tuple[int, int, int]:
    """The price limits that have to be said now: those asked for, none after a conversion, or those of the hour."""
    if books.kind == CommandKind.SET_PRICE_LIMITS:
        asked: tuple[int, int, int] = SET_PRICE_LIMITS.unpack_from(books.command, books.command_at)
        return asked
    instrument = books.instrument(number)
    if EventKind.CONVERTED in books.said:
        return number, 0, 0
    if not instrument.hourly_ppm or books.time_ns < instrument.next_hour:
        books.wrong("AUD-40", f"instrument {number}", "has price limits that nobody asked for", books.kind, 0)
    instrument.next_hour = (books.time_ns // HOUR_NS + 1) * HOUR_NS
    mark, tick = instrument.mark, instrument.per_tick
    lowest = min(up(mark * (PPM - instrument.hourly_ppm), PPM * tick), mark // tick - 1)
    highest = max(mark * (PPM + instrument.hourly_ppm) // (PPM * tick), up(mark, tick) + 1)
    return number, max(1, lowest), min(instrument.price_max, highest)


def converted(books: Books, data: bytes, at: int) -> None:
    """A pre-launch future becomes what was asked for, and had no index before (AUD-40)."""
    number, *said = CONVERTED.unpack_from(data, at)
    asked_number, *asked = CONVERT.unpack_from(books.command, books.command_at)
    instrument, subject = books.instrument(number), f"conversion of instrument {number}"
    terms = dict(zip(CONVERSION[1:], said, strict=True))
    pairs = {name: (one, other) for name, one, other in zip(CONVERSION[1:], said, asked, strict=True)}
    books.same("AUD-40", subject, instrument=(number, asked_number), **pairs)
    books.same(
        "AUD-40",
        subject,
        kind_before=(instrument.kind, InstrumentType.PRELAUNCH),
        index_before=(instrument.index, 0),
        known_index=(int(terms["index"] in books.indices), 1),
        over=(int(instrument.settled), 0),
    )
    convert_terms(instrument, terms)
    instrument.opening = instrument.mean = instrument.hourly_ppm = 0


def convert_terms(instrument: Instrument, terms: dict[str, int]) -> None:
    """From here it is another contract."""
    instrument.index, instrument.kind = terms["index"], terms["instrument_type"]
    instrument.mark_method, instrument.usd_index = terms["mark_method"], terms["usd_index"]
    instrument.next_rate, instrument.expiry = terms["funding_rate_ppb"], terms["expiry_ns"]


def docket_changed(books: Books, data: bytes, at: int) -> None:
    """A question is proposed, disputed, decided or given more time, as it may be, and by who may (AUD-41)."""
    number, slot, stage, voided, outcome, void, until, source = DOCKET_CHANGED.unpack_from(data, at)
    instrument, subject = books.instrument(number), f"docket of instrument {number}"
    known = instrument.docket
    books.same(
        "AUD-41",
        subject,
        kind=(instrument.kind, InstrumentType.PREDICTION),
        over=(int(instrument.settled), 0),
        no_answer=(int(is_answer(instrument, voided, outcome, void)), 1),
    )
    if known is None:
        books.dockets += 1
        asked = PROPOSE_OUTCOME.unpack_from(books.command, books.command_at)
        own = (number, voided, 0 if voided else outcome, source)
        books.same(
            "AUD-41",
            subject,
            entry=(books.kind, CommandKind.PROPOSE_OUTCOME),
            as_asked=(int(own == asked), 1),
            stage=(stage, PROPOSED),
            docket=(slot, books.dockets),
            void_subticks=(void, instrument.mean // PPM),
            until_ns=(until, window(books, instrument)),
        )
        instrument.docket = Docket(slot, voided, outcome, void, until, source)
        return
    books.same("AUD-41", subject, docket=(slot, known.slot), void_subticks=(void, known.void))
    if stage == DISPUTED:
        _, wanted, hashed = DISPUTE_OUTCOME.unpack_from(books.command, books.command_at)
        books.same(
            "AUD-41",
            subject,
            entry=(books.kind, CommandKind.DISPUTE_OUTCOME),
            instrument=(number, wanted),
            other_source=(int(source != hashed), 0),
            stage_before=(known.stage, PROPOSED),
            too_late=(int(books.time_ns >= known.until), 0),
        )
    elif stage == DECIDED:
        decided(books, instrument, known, (voided, outcome, source))
    elif stage == PROPOSED:
        # More time, because nobody could dispute.
        books.same(
            "AUD-41",
            subject,
            stage_before=(known.stage, PROPOSED),
            not_over=(int(books.time_ns < known.until), 0),
            until_ns=(until, window(books, instrument)),
        )
        known.until = until
    if stage != DECIDED:
        same = (voided, outcome) == (known.voided, known.outcome)
        books.same("AUD-41", subject, another_answer=(int(not same), 0), until_ns=(until, known.until))
    known.stage, known.source = stage, source


def decided(books: Books, instrument: Instrument, known: Docket, said: tuple[int, int, bytes]) -> None:
    """A question is decided: by the operator if it was disputed, else as proposed when its time was over (AUD-41)."""
    voided, outcome, source = said
    subject = f"docket of instrument {instrument.number}"
    if known.stage == DISPUTED:
        asked = DECIDE_OUTCOME.unpack_from(books.command, books.command_at)
        own = (instrument.number, voided, 0 if voided else outcome, source)
        books.same("AUD-41", subject, entry=(books.kind, CommandKind.DECIDE_OUTCOME), as_asked=(int(own == asked), 1))
        books.same("AUD-41", subject, bond_still_held=(known.bond, 0))
    else:
        same = (voided, outcome, source) == (known.voided, known.outcome, known.source)
        books.same(
            "AUD-41",
            subject,
            entry=(books.kind, CommandKind.TICK),
            stage_before=(known.stage, PROPOSED),
            too_early=(int(books.time_ns < known.until), 0),
            as_proposed=(int(same), 1),
        )
    known.voided, known.outcome = voided, outcome


def window(books: Books, instrument: Instrument) -> int:
    """Until when a proposal of this moment may be disputed (PRD-02)."""
    return up(books.time_ns + instrument.dispute_ns, MINUTE_NS) * MINUTE_NS


def is_answer(instrument: Instrument, voided: int, outcome: int, void: int) -> bool:
    """Whether a question can be answered so (PRD-02, PRD-04)."""
    highest = instrument.price_max * instrument.per_tick
    if voided:
        return outcome == void
    return outcome in (0, highest) or (not instrument.binary and 0 < outcome < highest)


def bond_changed(books: Books, data: bytes, at: int) -> None:
    """A bond is put up, given back if the decision is another than was proposed, and else lost (AUD-41)."""
    account, number, stage, amount, held, balance = BOND_CHANGED.unpack_from(data, at)
    instrument, subject = books.instrument(number), f"bond of account {account}"
    known, wallet = instrument.docket, books.wallet(account, instrument.currency)
    if known is None:
        books.wrong("AUD-41", subject, "is put up where nothing is proposed", number, 0)
    if stage == BondStage.BOND_HELD:
        asked, _, _ = DISPUTE_OUTCOME.unpack_from(books.command, books.command_at)
        books.same(
            "AUD-41",
            subject,
            account=(account, asked),
            stage=(known.stage, DISPUTED),
            amount_minor=(amount, instrument.bond),
            more_than_there_is=(int(amount > wallet.balance - wallet.held), 0),
            twice=(known.owner, 0),
        )
        known.owner, known.bond = account, amount
        wallet.held += amount
    else:
        end_bond(books, instrument, known, (account, stage, amount))
        wallet.held -= known.bond
        known.bond = 0
    books.same("AUD-16", subject, held_minor=(held, wallet.held), balance_minor=(balance, wallet.balance))


def end_bond(books: Books, instrument: Instrument, known: Docket, said: tuple[int, int, int]) -> None:
    """What becomes of it follows from what was proposed and what is decided (PRD-03)."""
    account, stage, amount = said
    _, voided, outcome, _ = DECIDE_OUTCOME.unpack_from(books.command, books.command_at)
    proposed = (known.voided, 0 if known.voided else known.outcome)
    lost = (voided, outcome) == proposed
    left = known.bond if not lost else books.lost_bond
    books.same(
        "AUD-41",
        f"bond of account {account}",
        entry=(books.kind, CommandKind.DECIDE_OUTCOME),
        account=(account, known.owner),
        stage=(stage, BondStage.BOND_LOST if lost else BondStage.BOND_RETURNED),
        amount_minor=(amount, left),
        moved=(int(EventKind.MOVED in books.said), int(lost and amount != 0)),
    )


def bond(books: Books, currency: int) -> tuple[int, int, int]:
    """A lost bond goes to the insurance fund, no more of it than the wallet has (AUD-41, PRD-03)."""
    number, *_ = DECIDE_OUTCOME.unpack_from(books.command, books.command_at)
    instrument = books.instrument(number)
    known = instrument.docket
    if known is None or instrument.currency != currency:
        books.wrong("AUD-41", f"instrument {number}", "has no bond in this currency", currency, instrument.currency)
    wallet = books.wallet(known.owner, currency)
    amount = min(known.bond, max(0, wallet.balance))
    books.lost_bond = amount
    wallet.lost += amount
    books.give(known.owner, currency, -amount)
    books.give(INSURANCE, currency, amount)
    return known.owner, INSURANCE, amount


def settles_as_decided(books: Books, instrument: Instrument, kind: int, price: int) -> None:
    """A prediction market settles by its docket, and nothing else does (AUD-41)."""
    known = instrument.docket
    by_docket = kind in (SettlementKind.BY_OUTCOME, SettlementKind.BY_VOID)
    subject = f"settlement of instrument {instrument.number}"
    books.same("AUD-41", subject, by_docket=(int(by_docket), int(instrument.kind == InstrumentType.PREDICTION)))
    if not by_docket:
        return
    if known is None or known.stage != DECIDED:
        books.wrong("AUD-41", subject, "before its question was decided", kind, 0)
    wanted = SettlementKind.BY_VOID if known.voided else SettlementKind.BY_OUTCOME
    books.same("AUD-41", subject, kind=(kind, wanted), price_subticks=(price, known.outcome))
