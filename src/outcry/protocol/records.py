"""The one table of what can be said and kept: commands, events, state rows, enumerations, constants.

Everything else that knows a layout (C structs, ctypes twin, decoder, docs/api/records.md) is generated from here. One
field has one meaning.  Public fields come first, then private ones, then (state only) derived ones. Commands follow
an `EntryHead`, events an `EventHead`.  Units are in the names: `_ticks`, `_subticks`, `_minor` (satoshi, micro-USDT),
`_ppm`, `_ns`; `quantity` is in contracts.  Amounts of money are signed from the account's point of view.
"""

from outcry.protocol.codes import REFUSALS
from outcry.protocol.commands import COMMAND_MEMBERS, COMMANDS
from outcry.protocol.contract_enums import CONTRACT_ENUMS
from outcry.protocol.events import EVENT_MEMBERS, EVENTS
from outcry.protocol.order_enums import ORDER_ENUMS
from outcry.protocol.rows import ROWS, TABLES
from outcry.protocol.schema import Enumeration, Field, Member, Record, Width

FORMAT_VERSION = 6
"""Of journal, snapshot and records; any change of a layout changes it."""

CONSTANTS: dict[str, tuple[int, str]] = {
    "RULES_VERSION": (4, "the newest rules; with a new one come a migration and kept files of the one before"),
    "I64_MAX": (2**63 - 1, "largest signed 64-bit number"),
    "I64_MIN": (-(2**63), "smallest signed 64-bit number"),
    "QUANTITY_BOUND": (2**31, "quantities are below it"),
    "PRICE_TICKS_BOUND": (2**30, "price ticks are below it: five digits of radix 64"),
    "AMOUNT_BOUND": (2**53, "an account's amounts are below it in magnitude"),
    "TOTAL_BOUND": (2**62, "sums over accounts are below it in magnitude"),
    "WORK_UNITS_MAX": (4_096, "a Continue does at most so many units of the engine's own work"),
    "TASKS": (64, "tasks of the engine's own work that may wait at once"),
    "DEAD_MAN_NS_MAX": (7 * 24 * 3600 * 10**9, "a dead-man switch is armed for a week at most"),
    "REDUCING_ORDERS": (100, "resting reduce-only orders of one position"),
    "ORDERS_PER_ACCOUNT": (10_000, "open orders of one account in all"),
    "LINKED_ORDERS": (10, "orders of one group of linked ones (ORD-18)"),
    "MEAN_PART_PPB": (2_081_165, "part of a minute's mark in the mean of eight hours: 1 - e^(-1/480) (PRE-01)"),
    "MEAN_TIMES": (4, "that mean is at most so many times the opening mark (PRE-01)"),
    "AVERAGE_MINUTES": (30, "minutes over which an index is averaged for settlement (SET-01)"),
    "MINUTES_KEPT": (32, "minutes that are kept of each index"),
    "TRIGGER_SETS": (16, "rows of the sets of triggers that each instrument has (ORD-14)"),
    "TRAIL_NS": (10**9, "a trailing stop follows no oftener than this (ORD-15)"),
    "TRAIL_PPM": (1_000, "and only if its reference has moved by more than this (ORD-15)"),
    "WITHIN_MARK_PPM": (50_000, "how near to the mark the last price has to be (ORD-16)"),
    "FILLED_KEPT": (8_192, "filled orders that are remembered to be revived (ORD-19)"),
    "REVIVAL_NS": (60 * 10**9, "a filled order may be revived so long (ORD-19)"),
    "SMALL_ORDERS_MAX": (10, "small orders an account may have open without being flagged (ORD-21)"),
    "CLIENT_IDS_KEPT": (1_000, "ended client ids an account keeps whatever their age"),
    "CLIENT_ID_AGE_NS": (24 * 3600 * 10**9, "an ended client id is kept at least so long"),
    "EVENT_ROOM_BYTES": (262_144, "a step of the engine writes no more than this before it looks for room again"),
    "OPTION_STALE_NS": (60 * 10**9, "an option whose model is older takes only orders that reduce (OPT-02)"),
    "MARGIN_RENEWAL_PERCENT": (1, "a move of the underlying by which options are margined anew (OPT-03)"),
    "VOLATILITY_PPM_MAX": (100 * 10**6, "the largest implied volatility a model may say (OPT-02)"),
    "BAND_PPM": (50_000, "a market order goes no further than this through the touch or mark (ORD-07)"),
    "PREMIUM_TIMES": (128, "the premium of an order is held at so many times its value (MRG-08)"),
    "PPM": (1_000_000, "one whole in ppm"),
    "PPB": (1_000_000_000, "one whole in ppb"),
    "SECOND_NS": (10**9, "a second"),
    "MINUTE_NS": (60 * 10**9, "a minute"),
    "HOUR_NS": (3600 * 10**9, "an hour"),
    "DAY_NS": (24 * 3600 * 10**9, "a day"),
    "YEAR_MINUTES": (365 * 24 * 60, "a year of 365 days"),
    "SUBTICKS_BOUND": (2**30, "the highest price of an instrument in sub-ticks is below it: five digits of radix 64"),
    "INSTRUMENTS_MAX": (512, "instruments that may not have ended; of all there may be 4,096"),
    "EVER": (2**63 - 1, "a time that never comes"),
    "STALE_NS": (15 * 60 * 10**9, "a source's price that is older does not count (IDX-02)"),
    "REINTRODUCTION_NS": (15 * 60 * 10**9, "so long an excluded source must be near to count again (IDX-06)"),
    "REINTRODUCTION_PPM": (20_000, "as near to the median as this (IDX-06)"),
    "IMPACT_LEVELS": (256, "levels of a side that are looked at for an impact price (MRK-03)"),
    "CLAMP_PPB": (500_000, "interest pulls a funding rate by at most this (FND-02)"),
    "BASIS_RATE_STEP_PPB": (10_000_000, "a year's fair basis is rounded to this (MRK-04)"),
    "VOLUME_DAYS": (30, "whole days over which fee tiers count (FEE-03)"),
    "VOLUME_DAYS_KEPT": (32, "days that are kept of what an account has traded (FEE-03)"),
    "FEE_TIERS": (10, "fee tiers there are (FEE-03)"),
    "ROLES": (8, "accounts 1 to 7 are the venue's roles; the first user is account 8"),
}

ENUMS: tuple[Enumeration, ...] = (
    Enumeration("CommandKind", "Kind of a journal entry.", COMMAND_MEMBERS),
    Enumeration("EventKind", "Kind of an event.", EVENT_MEMBERS),
    Enumeration(
        "Code",
        "Why a command was refused; OK if it was not.",
        (Member("OK", 0, "not refused"), *(Member(r.name, r.number, r.sentence) for r in REFUSALS)),
    ),
    *ORDER_ENUMS,
    *CONTRACT_ENUMS,
    Enumeration(
        "StateCause",
        "Why a state of account, instrument or venue was set.",
        (
            Member("CAUSE_OPERATOR", 1, "the operator's decision"),
            Member("CAUSE_SCHEDULE", 2, "the calendar: opening, closing, settlement"),
            Member("CAUSE_MARKET", 3, "the market's own movement"),
            Member("CAUSE_TECHNICAL", 4, "something does not work"),
            Member("CAUSE_COMPLIANCE", 5, "the law, or the venue's duties under it"),
            Member("CAUSE_EXPIRED", 6, "the time of the state before was over"),
            Member("CAUSE_TAKEOVERS", 7, "a takeover found nobody"),
        ),
    ),
    Enumeration(
        "VenueState",
        "The venue's rung of the halt ladder.",
        (
            Member("VENUE_OPEN", 0, "everything"),
            Member("VENUE_POSTING", 1, "no order may take"),
            Member("VENUE_REDUCING", 2, "only what reduces positions"),
            Member("VENUE_CANCELLING", 3, "cancels only"),
            Member("VENUE_WITHDRAWING", 4, "cancels and withdrawals"),
            Member("VENUE_STOPPED", 5, "cancels only, and no money moves"),
        ),
    ),
    Enumeration(
        "Valuation",
        "How a contract turns into settlement currency (VAL-01).",
        (
            Member("INVERSE", 1, "multiplier / price"),
            Member("LINEAR", 2, "multiplier * price"),
            Member("QUANTO", 3, "multiplier * price, in a third currency"),
        ),
    ),
    Enumeration(
        "InstrumentType",
        "What kind of contract.",
        (
            Member("PERPETUAL", 1, "perpetual swap"),
            Member("FUTURE", 2, "dated future"),
            Member("CALL", 3, "call option"),
            Member("PUT", 4, "put option"),
            Member("PRELAUNCH", 5, "pre-launch future"),
            Member("PREDICTION", 6, "prediction market"),
            Member("SPREAD", 7, "calendar spread"),
        ),
    ),
    Enumeration(
        "InstrumentState",
        "State of an instrument.",
        (
            Member("INSTRUMENT_OPEN", 1, "trading"),
            Member("INSTRUMENT_PAUSED", 2, "cancels only"),
            Member("INSTRUMENT_REDUCING", 3, "only what reduces positions"),
            Member("INSTRUMENT_SETTLED", 4, "over"),
            Member("INSTRUMENT_UNLISTED", 5, "not yet"),
            Member("INSTRUMENT_PRE_OPEN", 6, "orders are collected, nothing trades"),
            Member("INSTRUMENT_AUCTION", 7, "orders are collected for an auction, which is indicated"),
            Member("INSTRUMENT_UNCROSSING", 8, "the auction's trades are being made; cancels only"),
            Member("INSTRUMENT_POSTING", 9, "no order may take"),
            Member("INSTRUMENT_SHUT", 10, "out of hours: cancels only"),
            Member("INSTRUMENT_SETTLING", 11, "it has ended, and its positions are being closed"),
        ),
    ),
    Enumeration(
        "AccountState",
        "State of an account.",
        (
            Member("ACCOUNT_OPEN", 1, "may do everything"),
            Member("ACCOUNT_REDUCING", 2, "only what reduces positions"),
            Member("ACCOUNT_WITHDRAWING", 3, "cancel and withdraw"),
            Member("ACCOUNT_STOPPED", 4, "nothing but cancel"),
            Member("ACCOUNT_POSTING", 5, "no order may take"),
            Member("ACCOUNT_CANCELLING", 6, "cancels only"),
        ),
    ),
    Enumeration(
        "Role",
        "The venue's own accounts and pots; they send no commands.",
        (
            Member("INSURANCE", 1, "insurance fund"),
            Member("FEES", 2, "fee income"),
            Member("TAKEOVER", 3, "holds positions taken over in liquidation"),
            Member("OUTSIDE", 4, "the world: minus what came in and has not left"),
            Member("UNREALISED", 5, "minus the unrealised cost of all positions"),
            Member("IN_FLIGHT", 6, "withdrawals on their way out"),
            Member("EPOCHS", 7, "money of funding and settlement epochs while their sweep runs"),
        ),
    ),
    Enumeration(
        "MoveReason",
        "Why a wallet changed.",
        (
            Member("MOVED_DEPOSIT", 1, "deposit"),
            Member("MOVED_REVERSAL", 2, "a deposit's reversal"),
            Member("MOVED_WITHDRAWAL", 3, "withdrawal asked for"),
            Member("MOVED_RETURNED", 4, "withdrawal that did not happen"),
            Member("MOVED_SETTLED", 5, "withdrawal that left"),
            Member("MOVED_TRANSFER", 6, "transfer between accounts"),
            Member("MOVED_FEE", 7, "fee or rebate of a fill"),
            Member("MOVED_PNL", 8, "realised profit or loss of a fill"),
            Member("MOVED_SURPLUS", 9, "what a takeover brought, into the insurance fund"),
            Member("MOVED_COVER", 10, "what a takeover lost, out of the insurance fund"),
            Member("MOVED_BOND", 12, "a lost bond, into the insurance fund"),
            Member("MOVED_REMAINDER", 11, "what rounding left of a funding, into the insurance fund"),
        ),
    ),
    Enumeration(
        "TaskKind",
        "What the engine does of itself, unit by unit; what a unit may say is in `UNIT_EVENTS`.",
        (
            Member("TASK_DEAD_MEN", 1, "times of accounts that have come; a unit cancels one order or ends one state"),
            Member("TASK_FUNDING", 2, "positions pay or get their funding; a unit looks at one position"),
            Member("TASK_EXAMINE", 3, "accounts are examined after marks moved; a unit is one account or one step"),
            Member("TASK_TAKEOVERS", 4, "takeovers are closed; a unit is one price or one deleveraged position"),
            Member("TASK_TRIGGERS", 5, "waiting orders go on; a unit is one order that goes live or follows a price"),
            Member("TASK_AUCTION", 6, "an auction is uncrossed; a unit is its price or one trade at it"),
            Member("TASK_DAY_END", 7, "orders for a day end; a unit ends one order"),
            Member("TASK_SETTLEMENT", 8, "instruments that have ended; a unit ends an order or closes a position"),
        ),
    ),
    Enumeration(
        "MarkMethod",
        "How an instrument is marked (MRK-01 to MRK-06).",
        (
            Member("MARK_FUNDING", 1, "index and funding basis"),
            Member("MARK_IMPACT", 2, "index and the fair basis of the own book's impact mid"),
            Member("MARK_PROTECTED", 3, "last price within a band"),
            Member("MARK_LAST", 4, "last price"),
            Member("MARK_MODEL", 5, "what the feed's model of an option says"),
            Member("MARK_LEGS", 6, "mark of the far leg less that of the near one"),
        ),
    ),
    Enumeration(
        "ConstituentState",
        "Whether a source counts in its index (IDX-02 to IDX-06).",
        (
            Member("SOURCE_WAITING", 0, "no price yet, or no weight"),
            Member("SOURCE_ACTIVE", 1, "it counts"),
            Member("SOURCE_STALE", 2, "its price is too old"),
            Member("SOURCE_EXCLUDED", 3, "its price is too far from the others"),
        ),
    ),
    Enumeration(
        "Health",
        "What the examination of an account found.",
        (
            Member("HEALTH_PASSED", 1, "it passes the test"),
            Member("HEALTH_STEPPED", 2, "it failed, and a step of the ladder was done"),
            Member("HEALTH_WAITS", 3, "it fails, and nobody can trade where it would have to"),
        ),
    ),
    Enumeration(
        "LadderStep",
        "A step of the ladder (LIQ-02 to LIQ-05).",
        (
            Member("STEP_TIER", 1, "the risk limit was lowered to what position and orders need"),
            Member("STEP_CANCEL", 2, "an open order was cancelled"),
            Member("STEP_REDUCE", 3, "part of the position was closed to reach a lower tier"),
            Member("STEP_TAKEOVER", 4, "the position was taken over at its bankruptcy price"),
            Member("STEP_SAVED", 5, "the steps before were enough"),
        ),
    ),
    Enumeration(
        "TakeoverStage",
        "What is being done to close a takeover (LIQ-06 to LIQ-08).",
        (
            Member("TAKEOVER_NEW", 1, "taken over in this entry or the one before"),
            Member("TAKEOVER_RESTING", 2, "its order stands at the bankruptcy price"),
            Member("TAKEOVER_FUND", 3, "the insurance fund pays for worse prices"),
            Member("TAKEOVER_DELEVERAGING", 4, "the other side's positions are reduced"),
            Member("TAKEOVER_STUCK", 5, "nobody is left to take it"),
            Member("TAKEOVER_CLOSED", 6, "nothing is left of it"),
        ),
    ),
    Enumeration(
        "TakeoverPhase",
        "What is being done about the takeovers of one side of an instrument (LIQ-06 to ADL-02).",
        (
            Member("PHASE_CLOSING", 0, "each is closed as far as book and fund allow"),
            Member("PHASE_RANKING", 1, "the other side's positions are looked at one by one"),
            Member("PHASE_ORDERING", 2, "a policy that does not go by score: what the score would have said"),
            Member("PHASE_AGEING", 3, "the same positions put into the order of their age"),
            Member("PHASE_TAKING", 4, "positions are reduced, the first of the ranking first"),
        ),
    ),
    Enumeration(
        "DeleveragePolicy",
        "Who is deleveraged, and how much (ADL-01 to ADL-03).",
        (
            Member("RANKED", 1, "by profit and leverage, the highest first"),
            Member("QUEUE", 2, "the oldest position first"),
            Member("PRO_RATA", 3, "all in proportion to what they hold"),
        ),
    ),
    Enumeration(
        "Fault",
        "A broken invariant inside a step: the venue halts.",
        (
            Member("NO_FAULT", 0, "none"),
            Member("FAULT_OVERFLOW", 1, "a checked product did not fit"),
            Member("FAULT_MONEY", 2, "money of a currency was not conserved (LAW-03)"),
            Member("FAULT_QUANTITY", 3, "positions of an instrument do not sum to zero (LAW-03)"),
            Member("FAULT_COST", 4, "costs of an instrument do not sum to zero (LAW-03)"),
            Member("FAULT_POTS", 5, "the unrealised pot is not minus the unrealised cost (LAW-03)"),
            Member("FAULT_FULL", 6, "a table was full after the line"),
            Member("FAULT_ENTRY", 7, "an entry out of sequence or malformed"),
            Member("FAULT_POSITION", 8, "a position is no whole lots, or a flat one is not empty (INV-08)"),
            Member("FAULT_BOOK", 9, "the best bid is not below the best ask (INV-11)"),
        ),
    ),
)

UNIT_EVENTS: dict[str, dict[str, int]] = {
    "TASK_DEAD_MEN": {"ENDED": 1, "LEVEL_CHANGED": 1, "DEAD_MAN_SET": 1, "ACCOUNT_STATE_SET": 1},
    "TASK_FUNDING": {"FUNDED": 1, "FUNDING_SWEPT": 1, "FUND_MOVED": 1},
    "TASK_EXAMINE": {
        "FUNDED": 513,
        "LIQUIDATION_STEP": 1,
        "RISK_LIMIT_SET": 1,
        "MARGIN_SET": 1,
        "ENDED": 10,
        "LEVEL_CHANGED": 1,
        "PLACED": 1,
        "TAKEN_OVER": 1,
        "FUND_MOVED": 2,
    },
    "TASK_TAKEOVERS": {
        "PLACED": 1,
        "ENDED": 1,
        "LEVEL_CHANGED": 1,
        "TAKEOVER_CHANGED": 1,
        "DELEVERAGING_RANKED": 1,
        "DELEVERAGED": 1,
        "INSTRUMENT_STATE_SET": 1,
        "FUNDED": 512,
        "FUND_MOVED": 512,
    },
    "TASK_TRIGGERS": {
        "TRIGGERED": 1,
        "TRAILED": 1,
        "FUNDED": 513,
        "AMENDED": 1,
        "SMALL_ORDERS_FLAGGED": 1,
        "ENDED": 11,
        "LEVEL_CHANGED": 10,
    },
    "TASK_AUCTION": {
        "AUCTION_INDICATED": 1,
        "INSTRUMENT_STATE_SET": 1,
        "FILL": 1,
        "AMENDED": 202,
        "ENDED": 230,
        "LEVEL_CHANGED": 232,
        "FUNDED": 1026,
        "FEE_TIER_SET": 2,
        "TAKEOVER_CHANGED": 2,
        "FUND_MOVED": 4,
        "MARK_MOVED": 1,
    },
    "TASK_SETTLEMENT": {
        "ENDED": 11,
        "LEVEL_CHANGED": 11,
        "LIQUIDATION_STEP": 1,
        "TAKEN_OVER": 1,
        "TAKEOVER_CHANGED": 1,
        "DELEVERAGING_RANKED": 1,
        "DELEVERAGED": 1,
        "FUNDED": 513,
        "SETTLED": 1,
        "FUND_MOVED": 514,
        "SETTLEMENT_SWEPT": 1,
        "INSTRUMENT_STATE_SET": 1,
    },
    "TASK_DAY_END": {"ENDED": 10, "LEVEL_CHANGED": 1},
}
"""By kind of task: the events that one unit of it may write, and at most how many of each.

What an order says that a unit sends, from its first fill on, is matching and not counted here: it goes on over as many
runs as it needs before anything else, like the order of a command."""

ENTRY_HEAD = Record(
    "EntryHead",
    "Before every command in a frame: where and when, from whom, and how long the rest is.",
    (
        Field("sequence", Width.I64, "number of the entry in the journal, from 1 without gaps"),
        Field("time_ns", Width.I64, "the entry's time, nanoseconds since 1970 UTC, never going back"),
        Field("origin_sequence", Width.I64, "the origin's own number, rising"),
        Field("origin", Width.I32, "who handed it in: 0 the node, then gateways, feeds, custody"),
        Field("kind", Width.U8, "CommandKind"),
        Field("record_bytes", Width.I32, "length of the command record that follows"),
        Field("payload_bytes", Width.I32, "length of the free text behind it, before padding to 8"),
    ),
    (
        Field(
            "salt", Width.HANDLE, "random, drawn by the node; hides account, client id and payload in the Merkle leaf"
        ),
    ),
)

EVENT_HEAD = Record(
    "EventHead",
    "Before every event: which entry made it, and its place among that entry's events.",
    (
        Field("sequence", Width.I64, "the entry's number"),
        Field("time_ns", Width.I64, "the entry's time"),
        Field("ordinal", Width.I32, "place among the entry's events, from 0"),
        Field("record_bytes", Width.I32, "length of the event record that follows"),
        Field("kind", Width.U8, "EventKind"),
    ),
)

RECORDS: tuple[Record, ...] = (ENTRY_HEAD, EVENT_HEAD, *COMMANDS, *EVENTS, *ROWS)

__all__ = [
    "COMMANDS",
    "COMMAND_MEMBERS",
    "CONSTANTS",
    "ENTRY_HEAD",
    "ENUMS",
    "EVENTS",
    "EVENT_HEAD",
    "EVENT_MEMBERS",
    "FORMAT_VERSION",
    "RECORDS",
    "ROWS",
    "TABLES",
    "UNIT_EVENTS",
]
