"""Why an index, a mark and a funding are what they are: their rows and their last events, term by term."""

from outcry.protocol.layout import ConstituentState, EventKind, FaultRow, MarkMethod
from outcry.protocol.wire import Event, text_of
from outcry.rules.index import weighted_mean
from outcry.views.directory import Directory, Index, Listing, State
from outcry.views.explaining.backings import model_terms
from outcry.views.explaining.words import (
    Check,
    Explanation,
    NothingKnown,
    Term,
    age,
    check,
    contracts,
    money,
    number,
    ppb,
    ppm,
    price,
    units,
)
from outcry.views.reasons import Reasons

INDEX_RULES = {"value": "IDX-01", "held": "IDX-04", "tolerance": "IDX-03"}
STATE_RULES = {
    ConstituentState.SOURCE_WAITING: "IDX-01",
    ConstituentState.SOURCE_ACTIVE: "IDX-01",
    ConstituentState.SOURCE_STALE: "IDX-02",
    ConstituentState.SOURCE_EXCLUDED: "IDX-03",
}
MARK_RULES = {
    MarkMethod.MARK_FUNDING: "MRK-01",
    MarkMethod.MARK_IMPACT: "MRK-04",
    MarkMethod.MARK_PROTECTED: "MRK-05",
    MarkMethod.MARK_LAST: "MRK-06",
    MarkMethod.MARK_MODEL: "OPT-02",
}


def explain_index(state: State, reasons: Reasons, index: Index, time_ns: int) -> Explanation:
    """An index and its sources: who counts with which price, and why the others do not (IDX-01 to IDX-06)."""
    row = state.tables.indices[index.number]
    terms = [
        units("value_units", row.value_units, index.decimals, "IDX-01", "weighted mean of the sources that count"),
        number("held", row.held, "yes" if row.held else "no", "IDX-04", "kept where it was: too few can be trusted"),
        number("active", row.active, "", "IDX-01", "sources that count"),
        ppm("tolerance_ppm", row.tolerance_ppm, "IDX-03", "how far from the median a source may be"),
        age("age_ns", time_ns - row.value_time_ns if row.value_time_ns else 0, "", "since it last moved"),
    ]
    if row.next_value_units:
        terms.append(
            units("next_value_units", row.next_value_units, index.decimals, "IDX-01", "at the weights to come")
        )
    parts: list[Explanation] = []
    weights: list[tuple[int, int]] = []
    for place, source in enumerate(state.tables.constituents):
        if source.index == index.number and place:
            parts.append(_source(state, reasons, index, place, time_ns))
            if source.state == ConstituentState.SOURCE_ACTIVE:
                weights.append((source.weight_ppm, source.price_units))
    checks: list[Check] = []
    total = sum(weight for weight, _ in weights)
    if total and not row.held and row.value_units:
        mean = weighted_mean(sum(weight * units_ for weight, units_ in weights), total, FaultRow())
        checks.append(check("weighted mean of the sources that count", mean, row.value_units, "IDX-01"))
    return Explanation("index", index.symbol, state.tables.venue.sequence, time_ns, terms, checks, parts)


def _source(state: State, reasons: Reasons, index: Index, place: int, time_ns: int) -> Explanation:
    row = state.tables.constituents[place]
    found = ConstituentState(row.state)
    terms = [
        units("price_units", row.price_units, index.decimals, "IDX-01", "its last price"),
        ppm("weight_ppm", row.weight_ppm, "IDX-01"),
        number("state", row.state, found.name, STATE_RULES[found]),
        age("age_ns", time_ns - row.price_time_ns if row.price_time_ns else 0, "IDX-02", "since its price was seen"),
    ]
    if row.near_since_ns:
        terms.append(age("near_ns", time_ns - row.near_since_ns, "IDX-06", "near enough for so long"))
    judged = reasons.latest(EventKind.CONSTITUENT_JUDGED, place)
    if judged is not None and judged.record.state == row.state:
        against = judged.record.against_units
        terms.append(
            number("judged_sequence", judged.head.sequence, "", STATE_RULES[found], "the entry that judged it")
        )
        terms.append(units("judged_price_units", judged.record.price_units, index.decimals, "", "its price then"))
        if against:
            terms.append(units("against_units", against, index.decimals, "IDX-03", "what it was held against"))
    return Explanation("source", text_of(row.name), state.tables.venue.sequence, time_ns, terms)


def explain_mark(state: State, reasons: Reasons, listing: Listing, time_ns: int) -> Explanation:
    """The mark an instrument has, from the event that set it (MRK-01 to MRK-06).  Raises `NothingKnown`."""
    row = state.tables.instruments[listing.number]
    if not row.mark_subticks:
        raise NothingKnown(f"{listing.symbol} has no mark yet")
    moved = reasons.latest(EventKind.MARK_MOVED, listing.number)
    if moved is None or moved.head.sequence != row.mark_sequence:
        raise NothingKnown(
            f"the mark of {listing.symbol} was set in entry {row.mark_sequence:,}, which was not seen here: "
            f"`outcry explain mark` finds it in the journal"
        )
    made = moved.record
    method = MarkMethod(made.method)
    rule = MARK_RULES[method]
    terms = [
        number("method", made.method, method.name, rule),
        price("mark_subticks", made.mark_subticks, listing, rule),
        price("index_subticks", made.index_subticks, listing, "VAL-03", "the index in sub-ticks"),
        price("basis_subticks", made.basis_subticks, listing, rule, "mark less index"),
        number("mark_sequence", moved.head.sequence, "", "", "the entry that set it"),
        age("index_age_ns", made.index_age_ns, "IDX-02", "how long the index had stood still"),
    ]
    if method in (MarkMethod.MARK_FUNDING, MarkMethod.MARK_IMPACT):
        what = "funding rate of the period" if method == MarkMethod.MARK_FUNDING else "a year's fair basis"
        terms.append(ppb("rate_ppb", made.rate_ppb, rule, what))
        terms.append(number("minutes_left", made.minutes_left, "", rule, "whole minutes that it is still in force"))
    if method == MarkMethod.MARK_PROTECTED:
        terms.append(price("anchor_subticks", row.anchor_subticks, listing, rule, "centre of the band"))
    if row.last_price_ticks and method in (MarkMethod.MARK_PROTECTED, MarkMethod.MARK_LAST):
        last = row.last_price_ticks * listing.subticks_per_tick
        terms.append(price("last_price_subticks", last, listing, rule, "the last trade"))
    if method == MarkMethod.MARK_MODEL:
        terms += model_terms(row, state.tables.indices[listing.index].decimals, time_ns)
    total = made.index_subticks + made.basis_subticks
    checks = [check("the mark in force", row.mark_subticks, made.mark_subticks)]
    if row.index:
        checks.insert(0, check("index + basis", total, made.mark_subticks, rule))
    elif row.mean_mark_subticks:
        terms.append(price("mean_mark_subticks", row.mean_mark_subticks, listing, "PRE-01", "mean of its own marks"))
    sequence = state.tables.venue.sequence
    return Explanation("mark", listing.symbol, sequence, time_ns, terms, checks, _sampled(reasons, listing, time_ns))


def _sampled(reasons: Reasons, listing: Listing, time_ns: int) -> list[Explanation]:
    """The last look at the own book, if there was one."""
    sampled = reasons.latest(EventKind.PREMIUM_SAMPLED, listing.number)
    if sampled is None:
        return []
    made = sampled.record
    terms = [
        price("impact_bid_subticks", made.impact_bid_subticks, listing, "MRK-03", "0 if the side was too thin"),
        price("impact_ask_subticks", made.impact_ask_subticks, listing, "MRK-03", "0 if the side was too thin"),
        number("samples", made.samples, "", "FND-01", "of the funding period so far"),
        ppb("premium_ppb", made.premium_ppb, "FND-01"),
        ppb("indicative_rate_ppb", made.indicative_rate_ppb, "FND-02", "funding rate if the period ended now"),
        ppb("basis_rate_ppb", made.basis_rate_ppb, "MRK-04", "a year's fair basis of a future"),
    ]
    return [Explanation("sample", "the minute's look at the book", sampled.head.sequence, sampled.head.time_ns, terms)]


def _no_epoch(listing: Listing, epoch: int, latest: int) -> str:
    """Why there is nothing to say of a funding epoch, 0 for the latest."""
    if not latest:
        return f"{listing.symbol} has had no funding yet"
    if epoch > latest:
        return f"{listing.symbol} has had {latest:,} fundings, and none of number {epoch:,} yet"
    return f"funding {epoch or latest:,} of {listing.symbol} is not known here: it was before what is looked at begins"


def explain_funding(
    state: State, reasons: Reasons, directory: Directory, listing: Listing, epoch: int, account: int, time_ns: int
) -> Explanation:
    """A funding epoch, and what it cost or brought an account (FND-01 to FND-06); epoch 0 is the latest.

    Raises `NothingKnown`.
    """
    number_ = epoch or reasons.last_epoch(listing.number)
    fixed = reasons.of_epoch(EventKind.FUNDING_FIXED, listing.number, number_)
    if fixed is None:
        raise NothingKnown(_no_epoch(listing, epoch, state.tables.instruments[listing.number].epoch))
    made = fixed.record
    terms = [
        number("epoch", made.epoch, "", "FND-04"),
        ppb("rate_ppb", made.rate_ppb, "FND-04", "of the value; longs pay it if positive"),
        price("mark_subticks", made.mark_subticks, listing, "FND-04", "mark of that instant"),
        money("lot_minor", made.lot_minor, listing.currency, "VAL-01", "value of a lot at that mark"),
        ppb("next_rate_ppb", made.next_rate_ppb, "FND-02", "rate of the period that began"),
        number("next_funding_ns", made.next_funding_ns, "", "FND-04", "when that period ends"),
    ]
    swept = reasons.of_epoch(EventKind.FUNDING_SWEPT, listing.number, number_)
    if swept is not None:
        how = "left by rounding, into the insurance fund"
        terms.append(money("remainder_minor", swept.record.remainder_minor, listing.currency, "FND-05", how))
    own = [
        _funded(listing, fixed, event)
        for event in reasons.of_account(account, EventKind.FUNDED)
        if (event.record.instrument, event.record.epoch) == (listing.number, number_)
    ]
    title = f"funding of {listing.symbol}"
    return Explanation("funding", title, fixed.head.sequence, fixed.head.time_ns, terms, [], own)


def _funded(listing: Listing, fixed: Event, event: Event) -> Explanation:
    made, lots = event.record, abs(event.record.quantity) // listing.lot
    pays = made.quantity * fixed.record.rate_ppb > 0
    value = lots * fixed.record.lot_minor
    product = value * abs(fixed.record.rate_ppb)
    due = -(-product // 10**9) if pays else -(product // 10**9)
    terms = [
        contracts("quantity", made.quantity, "FND-04", "signed contracts at that instant"),
        Term("value_minor", value, f"{value:,} {listing.currency.symbol}", "VAL-02", "at the epoch's value of a lot"),
        money("amount_minor", made.amount_minor, listing.currency, "FND-04", "paid; negative if received"),
        money("balance_minor", made.balance_minor, listing.currency, "", "in the wallet after"),
    ]
    checks = [check("value times rate, payers up, receivers down", due, made.amount_minor, "FND-04")]
    return Explanation("payment", "what it meant here", event.head.sequence, event.head.time_ns, terms, checks)
