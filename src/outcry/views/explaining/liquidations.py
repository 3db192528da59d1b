"""Why a position was liquidated or deleveraged: the steps of the ladder, the tests it failed, what would have passed.

A liquidation is a run of steps of one account, of one isolated position or of one cross pool, up to the takeover or to
the step that found it saved.  Two amounts say what would have prevented it, all else equal: `prevented_by_minor` the
smallest with which the takeover would not have come, `untouched_by_minor` the smallest with which nothing would have
happened at all.  They are deposits for a cross pool and margin moved in for an isolated position.
"""

from collections.abc import Iterator

from outcry.protocol.layout import DeleveragePolicy, EventKind, LadderStep, Side, TakeoverStage
from outcry.protocol.wire import Event
from outcry.views.directory import Directory, Listing
from outcry.views.explaining.words import (
    Check,
    Explanation,
    NothingKnown,
    Term,
    check,
    contracts,
    money,
    number,
    ppb,
    price,
    ticks,
)
from outcry.views.reasons import Reasons

STEP_RULES = {
    LadderStep.STEP_TIER: "LIQ-02",
    LadderStep.STEP_CANCEL: "LIQ-03",
    LadderStep.STEP_REDUCE: "LIQ-04",
    LadderStep.STEP_TAKEOVER: "LIQ-05",
    LadderStep.STEP_SAVED: "LIQ-01",
}
STAGE_RULES = {
    TakeoverStage.TAKEOVER_NEW: "LIQ-06",
    TakeoverStage.TAKEOVER_RESTING: "LIQ-06",
    TakeoverStage.TAKEOVER_FUND: "LIQ-07",
    TakeoverStage.TAKEOVER_DELEVERAGING: "LIQ-08",
    TakeoverStage.TAKEOVER_STUCK: "ADL-02",
    TakeoverStage.TAKEOVER_CLOSED: "LIQ-06",
}
STEP, TAKEN = EventKind.LIQUIDATION_STEP, EventKind.TAKEN_OVER


def explain_liquidations(
    reasons: Reasons, directory: Directory, account: int, takeover: int = 0, sequence: int = 0
) -> list[Explanation]:
    """An account's liquidations, oldest first: all, or the one that ended in this takeover or had a step in this entry.

    Raises `NothingKnown`.
    """
    runs = list(runs_of(reasons.of_account(account, STEP, TAKEN)))
    if takeover:
        runs = [run for run in runs if any(one.head.kind == TAKEN and one.record.takeover == takeover for one in run)]
    if sequence:
        runs = [run for run in runs if any(one.head.sequence == sequence for one in run)]
    if not runs:
        which = f" in takeover {takeover:,}" if takeover else f" in sequence {sequence:,}" if sequence else ""
        raise NothingKnown(f"no liquidation of account {account}{which} is known here")
    return [_liquidation(reasons, directory, account, run) for run in runs]


def runs_of(events: list[Event]) -> Iterator[list[Event]]:
    """The events of each liquidation: a run of one position or pool ends with a takeover, or when it was saved."""
    open_runs: dict[int, list[Event]] = {}
    scope = 0
    for event in events:
        if event.head.kind == STEP and event.record.step == LadderStep.STEP_SAVED:
            # It is said of the whole account, whose positions all pass again.
            for run in open_runs.values():
                yield [*run, event]
            open_runs.clear()
            continue
        if event.head.kind == STEP:
            # An isolated position is weighed alone, a cross account together.
            scope = event.record.instrument if event.record.isolated else 0
        run = open_runs.setdefault(scope, [])
        run.append(event)
        if event.head.kind == TAKEN:
            yield open_runs.pop(scope)
    yield from open_runs.values()


def _liquidation(reasons: Reasons, directory: Directory, account: int, run: list[Event]) -> Explanation:
    steps = [event for event in run if event.head.kind == STEP]
    taken = next((event for event in run if event.head.kind == TAKEN), None)
    head = run[-1].head
    terms: list[Term] = []
    checks: list[Check] = []
    # That it was saved is said of the account, and names no instrument.
    subject = taken or next(event for event in reversed(run) if event.record.instrument)
    listing = directory.listing(subject.record.instrument)
    if steps:
        first, last = steps[0].record, steps[-1].record
        how = "margin moved in" if first.isolated else "deposit"
        if last.step == LadderStep.STEP_TAKEOVER:
            rule = "LIQ-05"
            what = f"smallest {how} before with which it would not have been taken over"
            terms.append(money("prevented_by_minor", last.missing_minor, listing.currency, rule, what))
        what = f"smallest {how} before with which nothing would have happened"
        terms.append(money("untouched_by_minor", first.missing_minor, listing.currency, "LIQ-01", what))
    if taken is not None:
        terms += _taken_terms(listing, taken)
        made = taken.record
        difference = made.bankrupt_minor - made.position_cost_minor
        checks.append(check("bankruptcy value - cost", difference, made.realised_minor, "LIQ-05"))
    parts = [_step(directory, event) for event in steps]
    if taken is not None:
        parts += [_stage(listing, event) for event in reasons.of_takeover(taken.record.takeover)]
    title = f"liquidation of account {account} in {listing.symbol}"
    return Explanation("liquidation", title, head.sequence, head.time_ns, terms, checks, parts)


def _taken_terms(listing: Listing, taken: Event) -> list[Term]:
    made, currency = taken.record, listing.currency
    return [
        number("takeover", made.takeover, f"{made.takeover:,}", "LIQ-05", "its number"),
        contracts("position_quantity", made.position_quantity, "LIQ-05", "signed, all of it was taken over"),
        price("mark_subticks", made.mark_subticks, listing, "MRK-01", "mark of that instant"),
        money("position_cost_minor", made.position_cost_minor, currency, "PNL-01", "signed"),
        money("bankrupt_minor", made.bankrupt_minor, currency, "LIQ-05", "signed value at which it was taken over"),
        ticks("price_ticks", made.price_ticks, listing, "LIQ-05", "bankruptcy price within the tick"),
        money("realised_minor", made.realised_minor, currency, "PNL-01", "bankruptcy value - cost"),
        money("reserve_minor", made.reserve_minor, currency, "LIQ-05", "closing fee that he paid"),
        money("balance_minor", made.balance_minor, currency, "WAL-01", "in his wallet after"),
    ]


def _step(directory: Directory, event: Event) -> Explanation:
    """One step with the test before it."""
    made = event.record
    step = LadderStep(made.step)
    if not made.instrument:
        said = f"{step.name}: the account passes the test again"
        return Explanation("step", said, event.head.sequence, event.head.time_ns, [], [], [])
    listing = directory.listing(made.instrument)
    currency = listing.currency
    rule = STEP_RULES[step]

    def amount(name: str, minor: int, rule: str = "", how: str = "") -> Term:
        return money(name, minor, currency, rule, how)

    equity = "own margin + unrealised PnL" if made.isolated else "of the cross account"
    terms = [
        number("step", made.step, step.name, rule),
        number("isolated", made.isolated, "isolated" if made.isolated else "cross", "LIQ-01"),
        number("positions", made.positions, "", "LIQ-01", "weighed together"),
        number("steps", made.steps, "", "MRG-09", "of the risk limit above the base, before"),
        price("mark_subticks", made.mark_subticks, listing, "MRK-01"),
        number("mark_sequence", made.mark_sequence, "", "MRK-01", "the entry that set it"),
        ppb("funding_rate_ppb", made.funding_rate_ppb, "MRG-10", "its adverse part is in the maintenance"),
        contracts("quantity", made.quantity, "PNL-01", "signed, before"),
        amount("cost_minor", made.cost_minor, "PNL-01", "before"),
        amount("equity_minor", made.equity_minor, "LIQ-01", equity),
        amount("orders_minor", made.orders_minor, "MRG-02", "margin of open orders"),
        amount("maintenance_minor", made.maintenance_minor, "MRG-10", "what there has to be more than"),
        amount("missing_minor", made.missing_minor, "LIQ-01", "what would have passed this test"),
    ]
    if made.order_id:
        terms.append(number("order_id", made.order_id, str(made.order_id), rule, "cancelled or sent"))
        terms.append(contracts("order_quantity", made.order_quantity, rule))
    checks: list[Check] = []
    if step != LadderStep.STEP_SAVED:
        lacking = made.maintenance_minor - made.equity_minor + 1 + (0 if made.isolated else made.orders_minor)
        checks.append(check("maintenance + orders - equity + 1", lacking, made.missing_minor, "LIQ-01"))
    return Explanation(
        "step", f"{step.name} in {listing.symbol}", event.head.sequence, event.head.time_ns, terms, checks
    )


def _stage(listing: Listing, event: Event) -> Explanation:
    """How far a takeover had come."""
    made = event.record
    stage = TakeoverStage(made.stage)
    rule = STAGE_RULES[stage]
    terms = [
        contracts("leaves_quantity", made.leaves_quantity, rule, "still to be closed"),
        ticks("price_ticks", made.price_ticks, listing, rule, "where it stands or was tried"),
    ]
    return Explanation("stage", stage.name, event.head.sequence, event.head.time_ns, terms)


def explain_deleveragings(
    reasons: Reasons, directory: Directory, account: int, takeover: int = 0, sequence: int = 0
) -> list[Explanation]:
    """How an account was deleveraged, oldest first: all, or for a takeover or in an entry.  Raises `NothingKnown`."""
    found = [
        event
        for event in reasons.of_account(account, EventKind.DELEVERAGED)
        if takeover in (0, event.record.takeover) and sequence in (0, event.head.sequence)
    ]
    if not found:
        raise NothingKnown(f"no such deleveraging of account {account} is known here")
    return [_deleveraging(reasons, directory, event) for event in found]


def _deleveraging(reasons: Reasons, directory: Directory, event: Event) -> Explanation:
    made = event.record
    listing = directory.listing(made.instrument)
    currency = listing.currency
    terms = [
        number("takeover", made.takeover, "", "LIQ-08", "number of the takeover whose rest was taken"),
        number("side", made.side, Side(made.side).name, "ADL-02", "on which the position traded"),
        contracts("quantity", made.quantity, "ADL-02"),
        money("value_minor", made.value_minor, currency, "ADL-02", "at the victim's bankruptcy price"),
        price("mark_subticks", made.mark_subticks, listing, "MRK-01", "mark of that instant"),
        number("policy", made.policy, DeleveragePolicy(made.policy).name, "ADL-03"),
        number("rank", made.rank, f"{made.rank:,} of {made.eligible:,}", "ADL-01", "place among the eligible"),
        number("score", made.score, "", "ADL-01", "profit and leverage, as the ranking knew them"),
        money("realised_minor", made.realised_minor, currency, "PNL-01"),
        contracts("position_quantity", made.position_quantity, "", "signed position after"),
        money("balance_minor", made.balance_minor, currency, "", "in the wallet after"),
        contracts("ranked_quantity", made.ranked_quantity, "ADL-03", "RANKED would have taken so much in this round"),
        contracts("queue_quantity", made.queue_quantity, "ADL-03", "QUEUE would have"),
        contracts("pro_rata_quantity", made.pro_rata_quantity, "ADL-03", "PRO_RATA would have"),
    ]
    ranked = reasons.round_of(event)
    parts = []
    if ranked is not None:
        asked = ranked.record
        round_terms = [
            contracts("need_quantity", asked.need_quantity, "LIQ-08", "that takeovers had left"),
            number("eligible", asked.eligible, "", "ADL-01", "positions ranked"),
            contracts("eligible_quantity", asked.eligible_quantity, "ADL-01", "in them"),
        ]
        parts.append(Explanation("round", "the round", ranked.head.sequence, ranked.head.time_ns, round_terms))
    title = f"deleveraging of account {made.account} in {listing.symbol}"
    return Explanation("deleveraging", title, event.head.sequence, event.head.time_ns, terms, [], parts)
