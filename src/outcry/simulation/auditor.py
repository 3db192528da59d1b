"""The auditor who was not in the room: he hears commands and events, keeps books of his own, and believes nothing.

`Auditor.hear(body, events)` takes the entries of a frame and all their events, both as wire bytes, and raises
`AuditBreach` at the first entry at which something does not hold.  What he checks is the table `CHECKS`; what an entry
of each kind may say is `MAY_SAY`, what it must say `MUST_SAY`.  He is written from docs/rules and sees the protocol
only: no row, rule or view of the venue's.

Known limits: he does not see what a command was refused for, so a refusal that should not have been is no breach to
him; margins by the tables of MRG, indices and measured funding rates he takes as they are said.
"""

from typing import NamedTuple

from outcry.protocol.layout import Code, CommandKind, EventKind
from outcry.simulation import (
    auditor_auctions,
    auditor_fills,
    auditor_money,
    auditor_options,
    auditor_orders,
    auditor_outcomes,
    auditor_parts,
    auditor_risk,
    auditor_settling,
    auditor_states,
    auditor_waiting,
    auditor_world,
)
from outcry.simulation.auditor_books import AuditBreach, Books
from outcry.simulation.auditor_reading import (
    COMMAND_BYTES,
    ENTRY_HEAD,
    ENTRY_HEAD_BYTES,
    EVENT_BYTES,
    EVENT_HEAD,
    EVENT_HEAD_BYTES,
    REFUSED,
)

__all__ = ["CHECKS", "AuditBreach", "Auditor", "Check"]


class Check(NamedTuple):
    """What the auditor checks: its number, a sentence, and the invariants of the state that it stands for."""

    number: str
    sentence: str
    invariants: tuple[str, ...] = ()


CHECKS = (
    Check("AUD-01", "Entries follow each other without a gap, and events carry their entry's number, time and place."),
    Check("AUD-02", "A command is refused and does nothing, or says what its kind can say.", ("INV-20",)),
    Check("AUD-03", "An origin's number is acted on once."),
    Check("AUD-04", "A client id is not acted on twice while it must be remembered.", ("INV-16",)),
    Check("AUD-05", "Orders are what was asked for, and numbered one after the other.", ("INV-13",)),
    Check("AUD-06", "Only open orders change, and what is open is what was asked less what traded.", ("INV-13",)),
    Check("AUD-07", "Who came first at the best price trades first, and nothing is passed over.", ("INV-10", "INV-11")),
    Check("AUD-08", "No order trades beyond its limit or the band."),
    Check("AUD-09", "Nobody trades with himself; post-only never takes; reduce-only never opens.", ("INV-23",)),
    Check("AUD-10", "Every change of a book is said with its numbers, and no order is left in between.", ("INV-09",)),
    Check("AUD-11", "A trade is worth its lots at its price."),
    Check("AUD-12", "Fees are those of rate and tier, and the tier is that of the volume.", ("INV-30",)),
    Check("AUD-13", "Positions change by what was traded and realise against their average cost.", ("INV-08",)),
    Check(
        "AUD-14",
        "The positions of an instrument, and the costs of all its trades, come to nothing.",
        ("INV-02", "INV-03"),
    ),
    Check("AUD-15", "What is held is what came in and has not left.", ("INV-01", "INV-04")),
    Check("AUD-16", "Every balance that is said is the auditor's own.", ("INV-06",)),
    Check("AUD-17", "Money comes, leaves and crosses as commanded, and once.", ("INV-05",)),
    Check("AUD-18", "The insurance fund gets and gives what takeovers brought and lost.", ("INV-04",)),
    Check("AUD-19", "Everybody who held something at a funding pays or gets once, by rate and quantity.", ("INV-25",)),
    Check("AUD-20", "Only who fails the test is liquidated, by his own position and equity.", ("INV-28",)),
    Check(
        "AUD-21", "A takeover is the whole position at its bankruptcy value, and closes by what it trades.", ("INV-26",)
    ),
    Check("AUD-22", "Who is deleveraged trades at the takeover's own cost and never turns over."),
    Check("AUD-23", "What is weighed is weighed at the mark that was said.", ("INV-22",)),
    Check("AUD-24", "Positions are margined as asked for; limits are whole steps.", ("INV-31",)),
    Check("AUD-25", "Who or what is closed, frozen or resuming does not trade."),
    Check(
        "AUD-26", "Accounts, currencies, indices and instruments are numbered in turn and as asked for.", ("INV-19",)
    ),
    Check("AUD-27", "A dead-man switch goes off in time and leaves no order.", ("INV-24",)),
    Check("AUD-28", "A venue that has halted does nothing more."),
    Check("AUD-29", "A state root is noted as it was said."),
    Check("AUD-30", "At the end the venue's rows are the auditor's books.", ("INV-06", "INV-07", "INV-09", "INV-14")),
    Check("AUD-31", "A state is set as asked for, with its cause, and is over when it was to be."),
    Check(
        "AUD-32",
        "An auction trades at its one price and leaves no book crossed.",
        ("INV-11",),
    ),
    Check(
        "AUD-33",
        "An order fires in its turn, the right way, when its price was reached, and not later.",
        ("INV-33", "INV-34", "INV-35"),
    ),
    Check("AUD-34", "Linked orders end and go on with each other, and at once.", ("INV-36",)),
    Check("AUD-35", "A contract ends when it was to, at the price that follows from what was said.", ("INV-39",)),
    Check("AUD-36", "Everybody is settled once, at that price, and what was taken comes to nothing.", ("INV-39",)),
    Check("AUD-37", "A model is taken as it was said, and only within what an option can be worth."),
    Check("AUD-38", "Who has backed all that he can lose is never liquidated.", ("INV-28",)),
    Check("AUD-39", "A spread's fill trades both its legs at the near leg's mark and the difference, or nothing."),
    Check("AUD-40", "What has no index has the limits of its hour, and becomes what was asked for.", ("INV-43",)),
    Check(
        "AUD-41",
        "A question is proposed, disputed and decided in its turn; a bond is lost for being wrong.",
        ("INV-41", "INV-42"),
    ),
)
"""In the order of their numbers; a number is never given to another check."""

_TRADES = (
    EventKind.FUNDED,
    EventKind.FUND_MOVED,
    EventKind.PLACED,
    EventKind.AMENDED,
    EventKind.ENDED,
    EventKind.LEVEL_CHANGED,
    EventKind.FILL,
    EventKind.FEE_TIER_SET,
    EventKind.TAKEOVER_CHANGED,
    EventKind.MARK_MOVED,
)
_BINDS = (EventKind.SMALL_ORDERS_FLAGGED, EventKind.CONDITIONED, EventKind.TRIGGERED)
_PRICES = (
    EventKind.INDEX_MOVED,
    EventKind.MARK_MOVED,
    EventKind.CONSTITUENT_JUDGED,
    EventKind.WEIGHT_SET,
    EventKind.RESUMED,
)
_ENDS = (EventKind.SETTLEMENT_FIXED, EventKind.INSTRUMENT_STATE_SET)
_RISK = (
    *_TRADES,
    EventKind.DEAD_MAN_SET,
    EventKind.FUNDING_SWEPT,
    EventKind.LIQUIDATION_STEP,
    EventKind.TAKEN_OVER,
    EventKind.DELEVERAGED,
    EventKind.DELEVERAGING_RANKED,
    EventKind.RISK_LIMIT_SET,
    EventKind.MARGIN_SET,
    EventKind.INSTRUMENT_STATE_SET,
    EventKind.ACCOUNT_STATE_SET,
    EventKind.AUCTION_INDICATED,
    EventKind.SMALL_ORDERS_FLAGGED,
    EventKind.TRIGGERED,
    EventKind.TRAILED,
    EventKind.CONTINUED,
    EventKind.SETTLED,
    EventKind.SETTLEMENT_SWEPT,
)
_MONEY = (EventKind.FUNDED, EventKind.FUND_MOVED, EventKind.MOVED)
_MARGINS = (EventKind.FUNDED, EventKind.FUND_MOVED, EventKind.MARGIN_SET)
_TICKS = (
    *_PRICES,
    EventKind.TICKED,
    EventKind.PREMIUM_SAMPLED,
    EventKind.FUNDING_FIXED,
    EventKind.FUNDING_SKIPPED,
    EventKind.INSTRUMENT_STATE_SET,
    EventKind.VENUE_STATE_SET,
    EventKind.AUCTION_INDICATED,
    EventKind.AVERAGE_MOVED,
    EventKind.SETTLEMENT_FIXED,
    EventKind.PRICE_LIMITS_SET,
    EventKind.DOCKET_CHANGED,
)
MAY_SAY: dict[int, frozenset[int]] = {
    kind: frozenset(int(event) for event in events)
    for kind, events in {
        CommandKind.PLACE: (*_TRADES, *_BINDS),
        CommandKind.AMEND: (*_TRADES, *_BINDS),
        CommandKind.CANCEL: (EventKind.ENDED, EventKind.LEVEL_CHANGED),
        CommandKind.CANCEL_ALL: (EventKind.ENDED, EventKind.LEVEL_CHANGED),
        CommandKind.CANCEL_ALL_AFTER: (EventKind.FUNDED, EventKind.FUND_MOVED, EventKind.DEAD_MAN_SET),
        CommandKind.SET_LEVERAGE: _MARGINS,
        CommandKind.SET_ISOLATED: _MARGINS,
        CommandKind.MOVE_MARGIN: _MARGINS,
        CommandKind.SET_RISK_LIMIT: (EventKind.FUNDED, EventKind.FUND_MOVED, EventKind.RISK_LIMIT_SET),
        CommandKind.SET_SELF_TRADE: (EventKind.SELF_TRADE_SET,),
        CommandKind.SET_PRICE_LIMITS: (EventKind.PRICE_LIMITS_SET,),
        CommandKind.SET_OPTION_MARK: (EventKind.OPTION_MARKED, EventKind.MARK_MOVED),
        CommandKind.OPEN_ACCOUNT: (EventKind.ACCOUNT_OPENED,),
        CommandKind.SET_ACCOUNT_STATE: (EventKind.ACCOUNT_STATE_SET,),
        CommandKind.DEPOSIT: _MONEY,
        CommandKind.REVERSE_DEPOSIT: _MONEY,
        CommandKind.WITHDRAW: _MONEY,
        CommandKind.SETTLE_WITHDRAWAL: _MONEY,
        CommandKind.TRANSFER: _MONEY,
        CommandKind.CONSTITUENT_PRICE: _PRICES,
        CommandKind.LIST_CURRENCY: (EventKind.CURRENCY_LISTED,),
        CommandKind.LIST_INDEX: (EventKind.INDEX_LISTED,),
        CommandKind.LIST_CONSTITUENT: (EventKind.CONSTITUENT_LISTED, *_PRICES),
        CommandKind.CONVERT: (EventKind.CONVERTED, EventKind.PRICE_LIMITS_SET, EventKind.MARK_MOVED),
        CommandKind.PROPOSE_OUTCOME: (EventKind.DOCKET_CHANGED,),
        CommandKind.DISPUTE_OUTCOME: (*_MONEY, EventKind.DOCKET_CHANGED, EventKind.BOND_CHANGED),
        CommandKind.DECIDE_OUTCOME: (*_MONEY, *_ENDS, EventKind.DOCKET_CHANGED, EventKind.BOND_CHANGED),
        CommandKind.LIST: (EventKind.LISTED, EventKind.INSTRUMENT_STATE_SET, *_PRICES, EventKind.PRICE_LIMITS_SET),
        CommandKind.SET_EXPIRY: (EventKind.EXPIRY_SET,),
        CommandKind.DECLARE_SETTLEMENT: _ENDS,
        CommandKind.SET_INSTRUMENT_STATE: (EventKind.INSTRUMENT_STATE_SET,),
        CommandKind.SET_VENUE_STATE: (EventKind.VENUE_STATE_SET,),
        CommandKind.SET_NEXT_WEIGHT: _PRICES,
        CommandKind.ADOPT_WEIGHTS: _PRICES,
        CommandKind.TICK: _TICKS,
        CommandKind.CONTINUE: _RISK,
        CommandKind.RESUME: _TICKS,
        CommandKind.ROOT: (EventKind.ROOT_NOTED,),
        CommandKind.GROW: (EventKind.GROWN,),
    }.items()
}
MUST_SAY: dict[int, int] = {
    CommandKind.PLACE: EventKind.PLACED,
    CommandKind.AMEND: EventKind.AMENDED,
    CommandKind.CANCEL: EventKind.ENDED,
    CommandKind.CANCEL_ALL_AFTER: EventKind.DEAD_MAN_SET,
    CommandKind.SET_LEVERAGE: EventKind.MARGIN_SET,
    CommandKind.SET_ISOLATED: EventKind.MARGIN_SET,
    CommandKind.MOVE_MARGIN: EventKind.MARGIN_SET,
    CommandKind.SET_RISK_LIMIT: EventKind.RISK_LIMIT_SET,
    CommandKind.SET_SELF_TRADE: EventKind.SELF_TRADE_SET,
    CommandKind.SET_PRICE_LIMITS: EventKind.PRICE_LIMITS_SET,
    CommandKind.SET_OPTION_MARK: EventKind.OPTION_MARKED,
    CommandKind.OPEN_ACCOUNT: EventKind.ACCOUNT_OPENED,
    CommandKind.SET_ACCOUNT_STATE: EventKind.ACCOUNT_STATE_SET,
    CommandKind.DEPOSIT: EventKind.MOVED,
    CommandKind.REVERSE_DEPOSIT: EventKind.MOVED,
    CommandKind.WITHDRAW: EventKind.MOVED,
    CommandKind.SETTLE_WITHDRAWAL: EventKind.MOVED,
    CommandKind.TRANSFER: EventKind.MOVED,
    CommandKind.LIST_CURRENCY: EventKind.CURRENCY_LISTED,
    CommandKind.LIST_INDEX: EventKind.INDEX_LISTED,
    CommandKind.LIST_CONSTITUENT: EventKind.CONSTITUENT_LISTED,
    CommandKind.LIST: EventKind.LISTED,
    CommandKind.SET_EXPIRY: EventKind.EXPIRY_SET,
    CommandKind.DECLARE_SETTLEMENT: EventKind.SETTLEMENT_FIXED,
    CommandKind.CONVERT: EventKind.CONVERTED,
    CommandKind.PROPOSE_OUTCOME: EventKind.DOCKET_CHANGED,
    CommandKind.DISPUTE_OUTCOME: EventKind.BOND_CHANGED,
    CommandKind.DECIDE_OUTCOME: EventKind.SETTLEMENT_FIXED,
    CommandKind.SET_INSTRUMENT_STATE: EventKind.INSTRUMENT_STATE_SET,
    CommandKind.SET_VENUE_STATE: EventKind.VENUE_STATE_SET,
    CommandKind.TICK: EventKind.TICKED,
    CommandKind.CONTINUE: EventKind.CONTINUED,
    CommandKind.RESUME: EventKind.RESUMED,
    CommandKind.ROOT: EventKind.ROOT_NOTED,
    CommandKind.GROW: EventKind.GROWN,
}
BESIDE_REFUSAL = frozenset((int(EventKind.FUNDED), int(EventKind.FUND_MOVED)))
"""Fundings that were due anyway are paid before a command is weighed."""
TICK_KIND = int(CommandKind.TICK)
REFUSED_KIND, HALTED_KIND = int(EventKind.REFUSED), int(EventKind.HALTED)
BEFORE_ORIGINS = frozenset(
    (Code.VENUE_HALTED, Code.TIME_BACKWARDS, Code.TICK_DUE, Code.TABLE_FULL, Code.ORIGIN_REPEATED)
)
"""Refusals that come before an origin's number is noted; a full table may be the one of origins."""

HANDLERS = {
    int(kind): handler
    for kind, handler in {
        EventKind.HALTED: auditor_world.halted,
        EventKind.PLACED: auditor_orders.placed,
        EventKind.AMENDED: auditor_orders.amended,
        EventKind.ENDED: auditor_orders.ended,
        EventKind.LEVEL_CHANGED: auditor_orders.level_changed,
        EventKind.FILL: auditor_fills.fill,
        EventKind.CONDITIONED: auditor_waiting.conditioned,
        EventKind.TRIGGERED: auditor_orders.went_on,
        EventKind.TRAILED: auditor_waiting.trailed,
        EventKind.SELF_TRADE_SET: auditor_parts.self_trade_set,
        EventKind.SMALL_ORDERS_FLAGGED: auditor_parts.small_orders_flagged,
        EventKind.PRICE_LIMITS_SET: auditor_parts.price_limits_set,
        EventKind.ACCOUNT_OPENED: auditor_world.account_opened,
        EventKind.ACCOUNT_STATE_SET: auditor_states.account_state_set,
        EventKind.MARGIN_SET: auditor_risk.margin_set,
        EventKind.DEAD_MAN_SET: auditor_world.dead_man_set,
        EventKind.RISK_LIMIT_SET: auditor_risk.risk_limit_set,
        EventKind.FEE_TIER_SET: auditor_fills.fee_tier_set,
        EventKind.MOVED: auditor_money.moved,
        EventKind.INDEX_MOVED: auditor_risk.index_moved,
        EventKind.MARK_MOVED: auditor_risk.mark_moved,
        EventKind.OPTION_MARKED: auditor_options.option_marked,
        EventKind.CONSTITUENT_JUDGED: auditor_world.nothing,
        EventKind.PREMIUM_SAMPLED: auditor_world.nothing,
        EventKind.FUNDING_FIXED: auditor_money.funding_fixed,
        EventKind.FUNDING_SKIPPED: auditor_money.funding_skipped,
        EventKind.FUNDED: auditor_money.funded,
        EventKind.FUNDING_SWEPT: auditor_money.funding_swept,
        EventKind.CURRENCY_LISTED: auditor_world.currency_listed,
        EventKind.INDEX_LISTED: auditor_world.index_listed,
        EventKind.CONSTITUENT_LISTED: auditor_world.nothing,
        EventKind.LISTED: auditor_world.listed,
        EventKind.INSTRUMENT_STATE_SET: auditor_states.instrument_state_set,
        EventKind.VENUE_STATE_SET: auditor_states.venue_state_set,
        EventKind.AUCTION_INDICATED: auditor_auctions.auction_indicated,
        EventKind.WEIGHT_SET: auditor_world.nothing,
        EventKind.LIQUIDATION_STEP: auditor_risk.liquidation_step,
        EventKind.TAKEN_OVER: auditor_risk.taken_over,
        EventKind.TAKEOVER_CHANGED: auditor_risk.takeover_changed,
        EventKind.DELEVERAGED: auditor_risk.deleveraged,
        EventKind.DELEVERAGING_RANKED: auditor_world.nothing,
        EventKind.FUND_MOVED: auditor_money.fund_moved,
        EventKind.TICKED: auditor_world.nothing,
        EventKind.RESUMED: auditor_world.resumed,
        EventKind.ROOT_NOTED: auditor_world.root_noted,
        EventKind.GROWN: auditor_world.nothing,
        EventKind.CONTINUED: auditor_waiting.continued,
        EventKind.AVERAGE_MOVED: auditor_settling.average_moved,
        EventKind.EXPIRY_SET: auditor_settling.expiry_set,
        EventKind.SETTLEMENT_FIXED: auditor_settling.settlement_fixed,
        EventKind.SETTLED: auditor_settling.settled,
        EventKind.CONVERTED: auditor_outcomes.converted,
        EventKind.DOCKET_CHANGED: auditor_outcomes.docket_changed,
        EventKind.BOND_CHANGED: auditor_outcomes.bond_changed,
        EventKind.SETTLEMENT_SWEPT: auditor_settling.settlement_swept,
    }.items()
}


class Auditor:
    """Hears entries and their events in order."""

    def __init__(self) -> None:
        self.books = Books()

    def hear(self, body: bytes, events: bytes) -> None:
        """The entries of a frame and all their events.  Raises `AuditBreach`."""
        offset = at = 0
        end = len(body)
        while offset < end:
            offset, at = self._entry(body, offset, events, at)
        if at != len(events):
            self.books.wrong("AUD-01", "events", "are of no entry of the frame", len(events) - at, 0)

    def _entry(self, body: bytes, offset: int, events: bytes, at: int) -> tuple[int, int]:
        """One entry with its events; where the next of both begin."""
        books = self.books
        sequence, time_ns, origin_sequence, origin, kind, record, payload = ENTRY_HEAD.unpack_from(body, offset)
        before = books.sequence
        books.sequence, books.kind = sequence, kind
        if sequence != before + 1:
            books.wrong("AUD-01", "entry", "sequence", sequence, before + 1)
        if record != COMMAND_BYTES.get(kind):
            books.wrong("AUD-01", "entry", "record_bytes", record, COMMAND_BYTES.get(kind, 0))
        backwards = time_ns < books.time_ns
        books.time_ns = max(books.time_ns, time_ns)
        books.command, books.command_at = body, offset + ENTRY_HEAD_BYTES
        books.entries += 1
        books.checks += 4
        said = books.said
        said.clear()
        if kind == TICK_KIND and books.halt is None and not backwards:
            auditor_outcomes.note_minute(books)
        code, at = self._events(events, at)
        if code:
            books.refusals += 1
        elif backwards and books.halt is None:
            books.wrong("AUD-01", "entry", "time_ns", time_ns, books.time_ns)
        self._origin(origin, origin_sequence, code)
        if code == 0 and HALTED_KIND not in said:
            self._done(kind, said)
        return offset + ENTRY_HEAD_BYTES + record + payload + -payload % 8, at

    def _events(self, events: bytes, at: int) -> tuple[int, int]:
        """What the entry says; the code of its refusal or 0, and where the next entry's events begin."""
        books = self.books
        sequence, said, code, place, end = books.sequence, books.said, 0, 0, len(events)
        allowed = MAY_SAY.get(books.kind, frozenset())
        stopped = books.halt is not None
        while at < end:
            of, time_ns, ordinal, length, kind = EVENT_HEAD.unpack_from(events, at)
            if of != sequence:
                break
            if ordinal != place or time_ns != books.time_ns or length != EVENT_BYTES.get(kind):
                books.wrong("AUD-01", f"event {place}", "place, time or length", ordinal, place)
            place += 1
            at += EVENT_HEAD_BYTES
            if kind == REFUSED_KIND:
                code, about, _ = REFUSED.unpack_from(events, at)
                if about != books.kind or code == 0 or not said <= BESIDE_REFUSAL:
                    books.wrong("AUD-02", "a refusal", "is of another command, or it was not all", about, books.kind)
                if stopped and code != Code.VENUE_HALTED:
                    books.wrong("AUD-28", "a halted venue", "refused for another reason", code, Code.VENUE_HALTED)
            elif code or stopped or (kind not in allowed and kind != HALTED_KIND):
                check = "AUD-28" if stopped else "AUD-02"
                books.wrong(check, f"command of kind {books.kind}", "says what it cannot say", kind, 0)
            else:
                HANDLERS[kind](books, events, at)
            said.add(kind)
            at += length
        books.events += place
        books.checks += 3 * place
        return code, at

    def _origin(self, origin: int, number: int, code: int) -> None:
        """An origin's numbers rise; one that was repeated is refused and not acted on (CMD-03)."""
        books = self.books
        if not origin:
            return
        last = books.origins.get(origin, 0)
        books.checks += 1
        if code == Code.ORIGIN_REPEATED:
            if number > last:
                books.wrong("AUD-03", f"origin {origin}", "was refused a new number as repeated", number, last)
        elif code not in BEFORE_ORIGINS:
            if number <= last:
                books.wrong("AUD-03", f"origin {origin}", "was heard twice with one number", number, last + 1)
            books.origins[origin] = number

    def _done(self, kind: int, said: set[int]) -> None:
        """After an entry that was not refused: it has said what it must, and nothing is under way."""
        books = self.books
        must = MUST_SAY.get(kind)
        if must is not None and must not in said:
            books.wrong("AUD-02", f"command of kind {kind}", "does not say what became of it", 0, must)
        if books.halt is not None:
            books.wrong("AUD-28", "a halted venue", "carried out a command", kind, 0)
        auditor_orders.rest_unseen(books)
        auditor_waiting.settled(books)
        if books.active is not None:
            books.wrong("AUD-10", f"order {books.active.number}", "neither rests nor has ended", books.active.leaves, 0)
        if books.legs:
            books.wrong("AUD-39", f"instrument {books.legs[0][0]}", "traded as the leg of nothing", len(books.legs), 0)
        if books.dirty:
            number, _, price = min(books.dirty)
            books.wrong("AUD-10", f"level {price} of instrument {number}", "has changed unsaid", len(books.dirty), 0)
        auditor_parts.all_show_again(books)
        if books.moving is not None:
            books.wrong("AUD-10", f"order {books.moving.number}", "left its place and did not move", 0, 1)
        if books.taking:
            books.wrong("AUD-21", f"account {books.taking}", "is said to be taken over and is not", 0, 1)
        if books.announced is not None:
            books.wrong("AUD-20", f"account {books.announced[0]}", "has an order announced that did not come", 0, 1)
