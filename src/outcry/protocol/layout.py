"""Generated from protocol/records.py by protocol/generate.py.  Do not edit.

The uncompiled twin of layout.pxd: the same names mean ctypes structures over the same bytes.
"""

import ctypes
import hashlib
from enum import IntEnum
from typing import Final

i64 = int
i32 = int
u64 = int
u8 = int
i128 = int
flag = bool
MASK_64: Final = 2**64 - 1

RULES_VERSION: Final = 4
"""the newest rules; with a new one come a migration and kept files of the one before"""
I64_MAX: Final = 9223372036854775807
"""largest signed 64-bit number"""
I64_MIN: Final = -9223372036854775808
"""smallest signed 64-bit number"""
QUANTITY_BOUND: Final = 2147483648
"""quantities are below it"""
PRICE_TICKS_BOUND: Final = 1073741824
"""price ticks are below it: five digits of radix 64"""
AMOUNT_BOUND: Final = 9007199254740992
"""an account's amounts are below it in magnitude"""
TOTAL_BOUND: Final = 4611686018427387904
"""sums over accounts are below it in magnitude"""
WORK_UNITS_MAX: Final = 4096
"""a Continue does at most so many units of the engine's own work"""
TASKS: Final = 64
"""tasks of the engine's own work that may wait at once"""
DEAD_MAN_NS_MAX: Final = 604800000000000
"""a dead-man switch is armed for a week at most"""
REDUCING_ORDERS: Final = 100
"""resting reduce-only orders of one position"""
ORDERS_PER_ACCOUNT: Final = 10000
"""open orders of one account in all"""
LINKED_ORDERS: Final = 10
"""orders of one group of linked ones (ORD-18)"""
MEAN_PART_PPB: Final = 2081165
"""part of a minute's mark in the mean of eight hours: 1 - e^(-1/480) (PRE-01)"""
MEAN_TIMES: Final = 4
"""that mean is at most so many times the opening mark (PRE-01)"""
AVERAGE_MINUTES: Final = 30
"""minutes over which an index is averaged for settlement (SET-01)"""
MINUTES_KEPT: Final = 32
"""minutes that are kept of each index"""
TRIGGER_SETS: Final = 16
"""rows of the sets of triggers that each instrument has (ORD-14)"""
TRAIL_NS: Final = 1000000000
"""a trailing stop follows no oftener than this (ORD-15)"""
TRAIL_PPM: Final = 1000
"""and only if its reference has moved by more than this (ORD-15)"""
WITHIN_MARK_PPM: Final = 50000
"""how near to the mark the last price has to be (ORD-16)"""
FILLED_KEPT: Final = 8192
"""filled orders that are remembered to be revived (ORD-19)"""
REVIVAL_NS: Final = 60000000000
"""a filled order may be revived so long (ORD-19)"""
SMALL_ORDERS_MAX: Final = 10
"""small orders an account may have open without being flagged (ORD-21)"""
CLIENT_IDS_KEPT: Final = 1000
"""ended client ids an account keeps whatever their age"""
CLIENT_ID_AGE_NS: Final = 86400000000000
"""an ended client id is kept at least so long"""
EVENT_ROOM_BYTES: Final = 262144
"""a step of the engine writes no more than this before it looks for room again"""
OPTION_STALE_NS: Final = 60000000000
"""an option whose model is older takes only orders that reduce (OPT-02)"""
MARGIN_RENEWAL_PERCENT: Final = 1
"""a move of the underlying by which options are margined anew (OPT-03)"""
VOLATILITY_PPM_MAX: Final = 100000000
"""the largest implied volatility a model may say (OPT-02)"""
BAND_PPM: Final = 50000
"""a market order goes no further than this through the touch or mark (ORD-07)"""
PREMIUM_TIMES: Final = 128
"""the premium of an order is held at so many times its value (MRG-08)"""
PPM: Final = 1000000
"""one whole in ppm"""
PPB: Final = 1000000000
"""one whole in ppb"""
SECOND_NS: Final = 1000000000
"""a second"""
MINUTE_NS: Final = 60000000000
"""a minute"""
HOUR_NS: Final = 3600000000000
"""an hour"""
DAY_NS: Final = 86400000000000
"""a day"""
YEAR_MINUTES: Final = 525600
"""a year of 365 days"""
SUBTICKS_BOUND: Final = 1073741824
"""the highest price of an instrument in sub-ticks is below it: five digits of radix 64"""
INSTRUMENTS_MAX: Final = 512
"""instruments that may not have ended; of all there may be 4,096"""
EVER: Final = 9223372036854775807
"""a time that never comes"""
STALE_NS: Final = 900000000000
"""a source's price that is older does not count (IDX-02)"""
REINTRODUCTION_NS: Final = 900000000000
"""so long an excluded source must be near to count again (IDX-06)"""
REINTRODUCTION_PPM: Final = 20000
"""as near to the median as this (IDX-06)"""
IMPACT_LEVELS: Final = 256
"""levels of a side that are looked at for an impact price (MRK-03)"""
CLAMP_PPB: Final = 500000
"""interest pulls a funding rate by at most this (FND-02)"""
BASIS_RATE_STEP_PPB: Final = 10000000
"""a year's fair basis is rounded to this (MRK-04)"""
VOLUME_DAYS: Final = 30
"""whole days over which fee tiers count (FEE-03)"""
VOLUME_DAYS_KEPT: Final = 32
"""days that are kept of what an account has traded (FEE-03)"""
FEE_TIERS: Final = 10
"""fee tiers there are (FEE-03)"""
ROLES: Final = 8
"""accounts 1 to 7 are the venue's roles; the first user is account 8"""


class CommandKind(IntEnum):
    """Kind of a journal entry."""

    PLACE = 1
    AMEND = 2
    CANCEL = 3
    CANCEL_ALL = 4
    CANCEL_ALL_AFTER = 5
    DISPUTE_OUTCOME = 16
    SET_OPTION_MARK = 63
    SET_EXPIRY = 64
    CONVERT = 65
    PROPOSE_OUTCOME = 66
    DECIDE_OUTCOME = 67
    SET_LEVERAGE = 11
    SET_ISOLATED = 12
    MOVE_MARGIN = 13
    SET_RISK_LIMIT = 14
    SET_SELF_TRADE = 15
    OPEN_ACCOUNT = 21
    SET_ACCOUNT_STATE = 22
    DEPOSIT = 31
    REVERSE_DEPOSIT = 32
    WITHDRAW = 33
    SETTLE_WITHDRAWAL = 34
    TRANSFER = 35
    CONSTITUENT_PRICE = 41
    LIST_CURRENCY = 51
    LIST_INDEX = 52
    LIST_CONSTITUENT = 53
    LIST = 54
    SET_INSTRUMENT_STATE = 55
    SET_RISK_PARAMETERS = 56
    SET_LOT = 57
    DECLARE_SETTLEMENT = 58
    SET_NEXT_WEIGHT = 59
    ADOPT_WEIGHTS = 60
    SET_VENUE_STATE = 61
    SET_PRICE_LIMITS = 62
    TICK = 91
    CONTINUE = 92
    RESUME = 93
    ROOT = 94
    UPGRADE = 95
    GROW = 96


class EventKind(IntEnum):
    """Kind of an event."""

    INDEX_MOVED = 41
    MARK_MOVED = 42
    CONSTITUENT_JUDGED = 43
    WEIGHT_SET = 56
    PREMIUM_SAMPLED = 44
    FUNDING_FIXED = 45
    FUNDING_SKIPPED = 46
    FUNDED = 47
    FUNDING_SWEPT = 48
    LIQUIDATION_STEP = 61
    TAKEN_OVER = 62
    TAKEOVER_CHANGED = 63
    DELEVERAGED = 64
    DELEVERAGING_RANKED = 65
    FUND_MOVED = 66
    PLACED = 11
    AMENDED = 12
    ENDED = 13
    LEVEL_CHANGED = 14
    FILL = 15
    CONDITIONED = 16
    TRIGGERED = 17
    TRAILED = 18
    OPTION_MARKED = 71
    AVERAGE_MOVED = 72
    EXPIRY_SET = 73
    SETTLEMENT_FIXED = 74
    SETTLED = 75
    SETTLEMENT_SWEPT = 76
    CONVERTED = 77
    DOCKET_CHANGED = 78
    BOND_CHANGED = 79
    RISK_PARAMETERS_SET = 80
    REFUSED = 1
    HALTED = 2
    ACCOUNT_OPENED = 21
    ACCOUNT_STATE_SET = 22
    MARGIN_SET = 23
    DEAD_MAN_SET = 24
    RISK_LIMIT_SET = 25
    FEE_TIER_SET = 26
    SELF_TRADE_SET = 27
    SMALL_ORDERS_FLAGGED = 28
    MOVED = 31
    CURRENCY_LISTED = 51
    INDEX_LISTED = 52
    CONSTITUENT_LISTED = 53
    LISTED = 54
    INSTRUMENT_STATE_SET = 55
    AUCTION_INDICATED = 59
    VENUE_STATE_SET = 57
    PRICE_LIMITS_SET = 58
    TICKED = 91
    RESUMED = 92
    ROOT_NOTED = 93
    GROWN = 94
    CONTINUED = 95


class Code(IntEnum):
    """Why a command was refused; OK if it was not."""

    OK = 0
    VENUE_HALTED = 101
    KIND_WITHOUT_RULE = 102
    TICK_DUE = 103
    TIME_BACKWARDS = 104
    ORIGIN_REPEATED = 105
    VENUE_CANCEL_ONLY = 106
    VENUE_HELD = 107
    VENUE_REDUCE_ONLY = 108
    VENUE_POST_ONLY = 109
    VENUE_MONEY_HELD = 110
    CURRENCY_UNKNOWN = 111
    INDEX_UNKNOWN = 112
    CONSTITUENT_UNKNOWN = 113
    INSTRUMENT_UNKNOWN = 114
    INSTRUMENT_CLOSED = 115
    INSTRUMENT_UNPRICED = 116
    INSTRUMENT_REDUCE_ONLY = 117
    INSTRUMENT_POST_ONLY = 118
    INSTRUMENT_COLLECTING = 119
    MARK_TOO_OLD = 120
    ACCOUNT_UNKNOWN = 121
    ACCOUNT_IS_ROLE = 122
    ACCOUNT_FROZEN = 123
    ACCOUNT_WITHDRAW_ONLY = 124
    ACCOUNT_REDUCE_ONLY = 125
    ACCOUNT_WAITS = 126
    ACCOUNT_CANCEL_ONLY = 127
    ACCOUNT_POST_ONLY = 128
    SETTLEMENT_NOT_AWAITED = 131
    CLIENT_ID_DUPLICATE = 201
    OUTPOINT_DUPLICATE = 202
    REQUEST_DUPLICATE = 203
    SYMBOL_TAKEN = 204
    ORDER_UNKNOWN = 301
    ORDER_ENDED = 302
    DEPOSIT_UNKNOWN = 303
    WITHDRAWAL_UNKNOWN = 304
    POSITION_NOT_ISOLATED = 305
    SPREAD_LEG_ISOLATED = 306
    SPREAD_WITHOUT_POSITION = 307
    DOCKET_STAGE_WRONG = 308
    PARAMETER_INVALID = 401
    ORDER_TYPE_WITHOUT_RULE = 402
    QUANTITY_INVALID = 403
    QUANTITY_NOT_LOTS = 404
    PRICE_INVALID = 405
    AMEND_UNCHANGED = 406
    VALUE_TOO_LARGE = 407
    AMOUNT_INVALID = 408
    LEVERAGE_INVALID = 409
    RISK_LIMIT_INVALID = 410
    TRIGGER_INVALID = 411
    PEG_INVALID = 412
    LINK_INVALID = 413
    DISPLAY_INVALID = 414
    NOT_AN_OPTION = 415
    MODEL_INVALID = 416
    MODEL_MARK_INVALID = 417
    PRICE_OUTSIDE_BAND = 501
    PRICE_OUTSIDE_LIMITS = 502
    PEG_WITHOUT_TOUCH = 503
    INDEX_TOO_FAR = 504
    REDUCE_ONLY_NO_POSITION = 601
    SMALL_ORDER_POST_ONLY = 602
    BALANCE_INSUFFICIENT = 701
    LIQUIDATION_IMMEDIATE = 800
    RISK_LIMIT_EXCEEDED = 801
    TABLE_FULL = 901
    ORDERS_TOO_MANY = 902
    ORDERS_HERE_TOO_MANY = 903
    STOPS_TOO_MANY = 904


class Side(IntEnum):
    """Side of an order."""

    BUY = 1
    SELL = 2


class OrderType(IntEnum):
    """Type of an order."""

    LIMIT = 1
    MARKET = 2
    STOP = 3
    STOP_LIMIT = 4
    MARKET_IF_TOUCHED = 5
    LIMIT_IF_TOUCHED = 6
    PEGGED = 7


class TimeInForce(IntEnum):
    """What becomes of the part that does not trade at once."""

    GOOD_TILL_CANCEL = 1
    IMMEDIATE_OR_CANCEL = 2
    FILL_OR_KILL = 3
    DAY = 4


class OrderFlag(IntEnum):
    """Bits of an order's flags."""

    POST_ONLY = 1
    REDUCE_ONLY = 2
    CLOSE = 4
    LAST_WITHIN_MARK = 8
    FIXED_PEG = 16
    BY_VENUE = 32
    HELD_BACK = 64
    TRIGGERED_ONCE = 128


class TriggerReference(IntEnum):
    """What a stop looks at."""

    ON_MARK = 1
    ON_LAST = 2
    ON_INDEX = 3


class PegKind(IntEnum):
    """What a peg follows."""

    PEG_PRIMARY = 1
    PEG_MARKET = 2
    PEG_TRAILING = 3


class Contingency(IntEnum):
    """How linked orders act on each other."""

    ONE_CANCELS_OTHER = 1
    ONE_TRIGGERS_OTHER = 2


class ConditionStage(IntEnum):
    """How far an order with conditions has come."""

    STAGE_DORMANT = 1
    STAGE_ARMED = 2
    STAGE_RELEASED = 3
    STAGE_LIVE = 4


class SelfTrade(IntEnum):
    """What happens when two orders of one account meet (ORD-10)."""

    EXPIRE_TAKER = 1
    EXPIRE_MAKER = 2
    EXPIRE_BOTH = 3


class EndReason(IntEnum):
    """Why an order ended."""

    ENDED_FILLED = 1
    ENDED_CANCELED = 2
    ENDED_IMMEDIATE = 3
    ENDED_KILLED = 4
    ENDED_MARKET = 5
    ENDED_POST_ONLY = 6
    ENDED_SELF_TRADE = 7
    ENDED_REDUCE_ONLY = 8
    ENDED_AMENDED = 9
    ENDED_CLOSING = 10
    ENDED_BY_VENUE = 11
    ENDED_DEAD_MAN = 12
    ENDED_LIQUIDATION = 13
    ENDED_DELEVERAGED = 14
    ENDED_LINKED = 16
    ENDED_PRIMARY = 17
    ENDED_DAY = 18
    ENDED_REFUSED = 19
    ENDED_AUCTION = 20
    ENDED_UNBACKED = 21
    ENDED_BANKRUPTCY = 15


class SettlementKind(IntEnum):
    """How a settlement price came about."""

    BY_AVERAGE = 1
    BY_DECLARATION = 2
    BY_OUTCOME = 3
    BY_VOID = 4


class SettlementPhase(IntEnum):
    """What the round of settlements under way does, for all instruments that had ended when it began."""

    PHASE_NO_ROUND = 0
    PHASE_ENDING_ORDERS = 1
    PHASE_TAKING_OVER = 2
    PHASE_TAKEOVERS = 3
    PHASE_POSITIONS = 4
    PHASE_SETTLED = 5


class DocketStage(IntEnum):
    """How far the question of a prediction market has come."""

    DOCKET_PROPOSED = 1
    DOCKET_DISPUTED = 2
    DOCKET_DECIDED = 3


class BondStage(IntEnum):
    """What became of a bond."""

    BOND_HELD = 1
    BOND_RETURNED = 2
    BOND_LOST = 3


class MarginMethod(IntEnum):
    """What backs orders and positions of an instrument."""

    BY_RATES = 0
    BY_COLLATERAL = 1
    BY_PREMIUM = 2


class StateCause(IntEnum):
    """Why a state of account, instrument or venue was set."""

    CAUSE_OPERATOR = 1
    CAUSE_SCHEDULE = 2
    CAUSE_MARKET = 3
    CAUSE_TECHNICAL = 4
    CAUSE_COMPLIANCE = 5
    CAUSE_EXPIRED = 6
    CAUSE_TAKEOVERS = 7


class VenueState(IntEnum):
    """The venue's rung of the halt ladder."""

    VENUE_OPEN = 0
    VENUE_POSTING = 1
    VENUE_REDUCING = 2
    VENUE_CANCELLING = 3
    VENUE_WITHDRAWING = 4
    VENUE_STOPPED = 5


class Valuation(IntEnum):
    """How a contract turns into settlement currency (VAL-01)."""

    INVERSE = 1
    LINEAR = 2
    QUANTO = 3


class InstrumentType(IntEnum):
    """What kind of contract."""

    PERPETUAL = 1
    FUTURE = 2
    CALL = 3
    PUT = 4
    PRELAUNCH = 5
    PREDICTION = 6
    SPREAD = 7


class InstrumentState(IntEnum):
    """State of an instrument."""

    INSTRUMENT_OPEN = 1
    INSTRUMENT_PAUSED = 2
    INSTRUMENT_REDUCING = 3
    INSTRUMENT_SETTLED = 4
    INSTRUMENT_UNLISTED = 5
    INSTRUMENT_PRE_OPEN = 6
    INSTRUMENT_AUCTION = 7
    INSTRUMENT_UNCROSSING = 8
    INSTRUMENT_POSTING = 9
    INSTRUMENT_SHUT = 10
    INSTRUMENT_SETTLING = 11


class AccountState(IntEnum):
    """State of an account."""

    ACCOUNT_OPEN = 1
    ACCOUNT_REDUCING = 2
    ACCOUNT_WITHDRAWING = 3
    ACCOUNT_STOPPED = 4
    ACCOUNT_POSTING = 5
    ACCOUNT_CANCELLING = 6


class Role(IntEnum):
    """The venue's own accounts and pots; they send no commands."""

    INSURANCE = 1
    FEES = 2
    TAKEOVER = 3
    OUTSIDE = 4
    UNREALISED = 5
    IN_FLIGHT = 6
    EPOCHS = 7


class MoveReason(IntEnum):
    """Why a wallet changed."""

    MOVED_DEPOSIT = 1
    MOVED_REVERSAL = 2
    MOVED_WITHDRAWAL = 3
    MOVED_RETURNED = 4
    MOVED_SETTLED = 5
    MOVED_TRANSFER = 6
    MOVED_FEE = 7
    MOVED_PNL = 8
    MOVED_SURPLUS = 9
    MOVED_COVER = 10
    MOVED_BOND = 12
    MOVED_REMAINDER = 11


class TaskKind(IntEnum):
    """What the engine does of itself, unit by unit; what a unit may say is in `UNIT_EVENTS`."""

    TASK_DEAD_MEN = 1
    TASK_FUNDING = 2
    TASK_EXAMINE = 3
    TASK_TAKEOVERS = 4
    TASK_TRIGGERS = 5
    TASK_AUCTION = 6
    TASK_DAY_END = 7
    TASK_SETTLEMENT = 8


class MarkMethod(IntEnum):
    """How an instrument is marked (MRK-01 to MRK-06)."""

    MARK_FUNDING = 1
    MARK_IMPACT = 2
    MARK_PROTECTED = 3
    MARK_LAST = 4
    MARK_MODEL = 5
    MARK_LEGS = 6


class ConstituentState(IntEnum):
    """Whether a source counts in its index (IDX-02 to IDX-06)."""

    SOURCE_WAITING = 0
    SOURCE_ACTIVE = 1
    SOURCE_STALE = 2
    SOURCE_EXCLUDED = 3


class Health(IntEnum):
    """What the examination of an account found."""

    HEALTH_PASSED = 1
    HEALTH_STEPPED = 2
    HEALTH_WAITS = 3


class LadderStep(IntEnum):
    """A step of the ladder (LIQ-02 to LIQ-05)."""

    STEP_TIER = 1
    STEP_CANCEL = 2
    STEP_REDUCE = 3
    STEP_TAKEOVER = 4
    STEP_SAVED = 5


class TakeoverStage(IntEnum):
    """What is being done to close a takeover (LIQ-06 to LIQ-08)."""

    TAKEOVER_NEW = 1
    TAKEOVER_RESTING = 2
    TAKEOVER_FUND = 3
    TAKEOVER_DELEVERAGING = 4
    TAKEOVER_STUCK = 5
    TAKEOVER_CLOSED = 6


class TakeoverPhase(IntEnum):
    """What is being done about the takeovers of one side of an instrument (LIQ-06 to ADL-02)."""

    PHASE_CLOSING = 0
    PHASE_RANKING = 1
    PHASE_ORDERING = 2
    PHASE_AGEING = 3
    PHASE_TAKING = 4


class DeleveragePolicy(IntEnum):
    """Who is deleveraged, and how much (ADL-01 to ADL-03)."""

    RANKED = 1
    QUEUE = 2
    PRO_RATA = 3


class Fault(IntEnum):
    """A broken invariant inside a step: the venue halts."""

    NO_FAULT = 0
    FAULT_OVERFLOW = 1
    FAULT_MONEY = 2
    FAULT_QUANTITY = 3
    FAULT_COST = 4
    FAULT_POTS = 5
    FAULT_FULL = 6
    FAULT_ENTRY = 7
    FAULT_POSITION = 8
    FAULT_BOOK = 9


class TableNumber(IntEnum):
    """Place of a table in the schema's list."""

    VENUE_TABLE = 0
    FAULT_TABLE = 1
    ASSESSMENT_TABLE = 2
    WEIGHING_TABLE = 3
    SPREADING_TABLE = 4
    POOLS_TABLE = 5
    CURRENCIES_TABLE = 6
    ORIGINS_TABLE = 7
    INDICES_TABLE = 8
    CONSTITUENTS_TABLE = 9
    INDEX_MINUTES_TABLE = 10
    DOCKETS_TABLE = 11
    INSTRUMENTS_TABLE = 12
    TASKS_TABLE = 13
    ACCOUNTS_TABLE = 14
    WALLETS_TABLE = 15
    POSITIONS_TABLE = 16
    ORDERS_TABLE = 17
    CLIENT_IDS_TABLE = 18
    DEPOSITS_TABLE = 19
    WITHDRAWALS_TABLE = 20
    TAKEOVERS_TABLE = 21
    RANKED_TABLE = 22
    VOLUMES_TABLE = 23
    CONDITIONS_TABLE = 24
    LINKS_TABLE = 25
    FILLED_TABLE = 26
    TRIGGER_SETS_TABLE = 27
    NODES_TABLE = 28
    LEAVES_TABLE = 29
    LEVELS_TABLE = 30
    TIMERS_TABLE = 31
    TOUCHED_WALLETS_TABLE = 32
    TOUCHED_POSITIONS_TABLE = 33
    JUDGED_TABLE = 34
    ACCOUNT_BUCKETS_TABLE = 35
    POSITION_BUCKETS_TABLE = 36
    ORDER_BUCKETS_TABLE = 37
    CLIENT_ID_BUCKETS_TABLE = 38
    DEPOSIT_BUCKETS_TABLE = 39
    WITHDRAWAL_BUCKETS_TABLE = 40
    LINK_BUCKETS_TABLE = 41


class EntryHead(ctypes.LittleEndianStructure):
    """Before every command in a frame: where and when, from whom, and how long the rest is."""

    sequence: int
    """number of the entry in the journal, from 1 without gaps"""
    time_ns: int
    """the entry's time, nanoseconds since 1970 UTC, never going back"""
    origin_sequence: int
    """the origin's own number, rising"""
    origin: int
    """who handed it in: 0 the node, then gateways, feeds, custody"""
    kind: int
    """CommandKind"""
    pad29_: int
    pad30_: int
    pad31_: int
    record_bytes: int
    """length of the command record that follows"""
    payload_bytes: int
    """length of the free text behind it, before padding to 8"""
    salt: ctypes.Array[ctypes.c_uint64]
    """random, drawn by the node; hides account, client id and payload in the Merkle leaf"""
    _fields_ = (
        ("sequence", ctypes.c_int64),
        ("time_ns", ctypes.c_int64),
        ("origin_sequence", ctypes.c_int64),
        ("origin", ctypes.c_int32),
        ("kind", ctypes.c_uint8),
        ("pad29_", ctypes.c_uint8),
        ("pad30_", ctypes.c_uint8),
        ("pad31_", ctypes.c_uint8),
        ("record_bytes", ctypes.c_int32),
        ("payload_bytes", ctypes.c_int32),
        ("salt", ctypes.c_uint64 * 2),
    )


class EventHead(ctypes.LittleEndianStructure):
    """Before every event: which entry made it, and its place among that entry's events."""

    sequence: int
    """the entry's number"""
    time_ns: int
    """the entry's time"""
    ordinal: int
    """place among the entry's events, from 0"""
    record_bytes: int
    """length of the event record that follows"""
    kind: int
    """EventKind"""
    pad25_: int
    pad26_: int
    pad27_: int
    pad28_: int
    _fields_ = (
        ("sequence", ctypes.c_int64),
        ("time_ns", ctypes.c_int64),
        ("ordinal", ctypes.c_int32),
        ("record_bytes", ctypes.c_int32),
        ("kind", ctypes.c_uint8),
        ("pad25_", ctypes.c_uint8),
        ("pad26_", ctypes.c_uint8),
        ("pad27_", ctypes.c_uint8),
        ("pad28_", ctypes.c_int32),
    )


class Place(ctypes.LittleEndianStructure):
    """A new order."""

    instrument: int
    """the instrument's number"""
    side: int
    """Side"""
    order_type: int
    """OrderType"""
    time_in_force: int
    """TimeInForce"""
    flags: int
    """OrderFlag bits"""
    quantity: int
    """contracts; 0 with CLOSE means the whole position"""
    price_ticks: int
    """limit price; 0 for market orders"""
    display_quantity: int
    """visible part; -1 all of it, 0 hidden"""
    trigger_subticks: int
    """trigger price; 0 if none"""
    peg_offset_subticks: int
    """signed distance of a peg or trailing stop"""
    trigger_reference: int
    """TriggerReference, 0 if none"""
    peg_kind: int
    """PegKind, 0 if none"""
    contingency: int
    """Contingency, 0 if none"""
    self_trade: int
    """SelfTrade, 0 for what the account has chosen"""
    pad52_: int
    account: int
    """the account it acts for"""
    pad60_: int
    client_id: ctypes.Array[ctypes.c_uint64]
    """the account's own name for the order, 36 bytes and a length; 0 if none"""
    link_id: ctypes.Array[ctypes.c_uint64]
    """the account's own name for a group of linked orders"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("side", ctypes.c_uint8),
        ("order_type", ctypes.c_uint8),
        ("time_in_force", ctypes.c_uint8),
        ("flags", ctypes.c_uint8),
        ("quantity", ctypes.c_int64),
        ("price_ticks", ctypes.c_int64),
        ("display_quantity", ctypes.c_int64),
        ("trigger_subticks", ctypes.c_int64),
        ("peg_offset_subticks", ctypes.c_int64),
        ("trigger_reference", ctypes.c_uint8),
        ("peg_kind", ctypes.c_uint8),
        ("contingency", ctypes.c_uint8),
        ("self_trade", ctypes.c_uint8),
        ("pad52_", ctypes.c_int32),
        ("account", ctypes.c_int32),
        ("pad60_", ctypes.c_int32),
        ("client_id", ctypes.c_uint64 * 5),
        ("link_id", ctypes.c_uint64 * 5),
    )


class Amend(ctypes.LittleEndianStructure):
    """Change a working order; what is 0 (or -1 for the leaves) stays."""

    account: int
    """the account it acts for"""
    pad4_: int
    order_id: int
    """the engine's order number, or 0 to go by client id"""
    client_id: ctypes.Array[ctypes.c_uint64]
    """the account's own name for the order, 36 bytes and a length; 0 if none"""
    new_client_id: ctypes.Array[ctypes.c_uint64]
    """renames the order; 0 keeps the name"""
    quantity: int
    """new total quantity, filled part included; 0 keeps it"""
    leaves_quantity: int
    """new open quantity; -1 keeps it"""
    price_ticks: int
    """new limit price; 0 keeps it"""
    trigger_subticks: int
    """new trigger price; 0 keeps it"""
    peg_offset_subticks: int
    """new peg offset; 0 keeps it"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("order_id", ctypes.c_int64),
        ("client_id", ctypes.c_uint64 * 5),
        ("new_client_id", ctypes.c_uint64 * 5),
        ("quantity", ctypes.c_int64),
        ("leaves_quantity", ctypes.c_int64),
        ("price_ticks", ctypes.c_int64),
        ("trigger_subticks", ctypes.c_int64),
        ("peg_offset_subticks", ctypes.c_int64),
    )


class Cancel(ctypes.LittleEndianStructure):
    """Cancel one order."""

    account: int
    """the account it acts for"""
    pad4_: int
    order_id: int
    """the engine's order number, or 0 to go by client id"""
    client_id: ctypes.Array[ctypes.c_uint64]
    """the account's own name for the order, 36 bytes and a length; 0 if none"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("order_id", ctypes.c_int64),
        ("client_id", ctypes.c_uint64 * 5),
    )


class CancelAll(ctypes.LittleEndianStructure):
    """Cancel an account's open orders, all or of one instrument or side."""

    account: int
    """the account it acts for"""
    instrument: int
    """the instrument's number"""
    side: int
    """Side, or 0 for both"""
    pad9_: int
    pad10_: int
    pad11_: int
    pad12_: int
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("side", ctypes.c_uint8),
        ("pad9_", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("pad12_", ctypes.c_int32),
    )


class CancelAllAfter(ctypes.LittleEndianStructure):
    """Dead-man switch: cancel everything unless called again in time; 0 disarms."""

    account: int
    """the account it acts for"""
    pad4_: int
    timeout_ns: int
    """from the entry's time"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("timeout_ns", ctypes.c_int64),
    )


class DisputeOutcome(ctypes.LittleEndianStructure):
    """Say that a proposed outcome is wrong, and put up the bond."""

    account: int
    """the account it acts for"""
    instrument: int
    """the instrument's number"""
    source_hash: ctypes.Array[ctypes.c_uint64]
    """SHA-256 of the bytes of the source it is read from"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("source_hash", ctypes.c_uint64 * 4),
    )


class SetOptionMark(ctypes.LittleEndianStructure):
    """What a model of the feed says an option is worth, and what it is sensitive to."""

    instrument: int
    """the instrument's number"""
    pad4_: int
    mark_subticks: int
    """what the model says the option is worth"""
    forward_units: int
    """forward price of the underlying for its expiry, in the index's units"""
    volatility_ppm: int
    """implied volatility of a year"""
    delta_ppm: int
    """change of its value in the underlying's quote per change of the underlying"""
    gamma_ppb: int
    """change of delta per unit of quote"""
    vega_ppm: int
    """change of its value in quote per whole percent of volatility"""
    theta_ppm: int
    """change of its value in quote per day"""
    seen_ns: int
    """time of the prices it was fitted to"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("mark_subticks", ctypes.c_int64),
        ("forward_units", ctypes.c_int64),
        ("volatility_ppm", ctypes.c_int64),
        ("delta_ppm", ctypes.c_int64),
        ("gamma_ppb", ctypes.c_int64),
        ("vega_ppm", ctypes.c_int64),
        ("theta_ppm", ctypes.c_int64),
        ("seen_ns", ctypes.c_int64),
    )


class SetExpiry(ctypes.LittleEndianStructure):
    """End an instrument at a time: early settlement, delisting, or a later date after a disruption."""

    instrument: int
    """the instrument's number"""
    pad4_: int
    expiry_ns: int
    """when, at a whole minute"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("expiry_ns", ctypes.c_int64),
    )


class Convert(ctypes.LittleEndianStructure):
    """The asset of a pre-launch future trades now: mark it by an index from here on."""

    instrument: int
    """the instrument's number"""
    index: int
    """the index's number"""
    instrument_type: int
    """InstrumentType: PERPETUAL or FUTURE"""
    mark_method: int
    """MarkMethod"""
    pad10_: int
    pad11_: int
    usd_index: int
    """as in a listing"""
    impact_notional_minor: int
    """as in a listing"""
    funding_rate_ppb: int
    """as in a listing"""
    funding_interval_ns: int
    """as in a listing"""
    funding_offset_ns: int
    """as in a listing"""
    expiry_ns: int
    """as in a listing"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("index", ctypes.c_int32),
        ("instrument_type", ctypes.c_uint8),
        ("mark_method", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("usd_index", ctypes.c_int32),
        ("impact_notional_minor", ctypes.c_int64),
        ("funding_rate_ppb", ctypes.c_int64),
        ("funding_interval_ns", ctypes.c_int64),
        ("funding_offset_ns", ctypes.c_int64),
        ("expiry_ns", ctypes.c_int64),
    )


class ProposeOutcome(ctypes.LittleEndianStructure):
    """Say how a prediction market's question is answered; it settles when nobody disputes it in time."""

    instrument: int
    """the instrument's number"""
    voided: int
    """1 if the question has no answer"""
    pad5_: int
    pad6_: int
    pad7_: int
    outcome_subticks: int
    """settlement price that follows from it; in a command 0 if void"""
    source_hash: ctypes.Array[ctypes.c_uint64]
    """SHA-256 of the bytes of the source it is read from"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("voided", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("outcome_subticks", ctypes.c_int64),
        ("source_hash", ctypes.c_uint64 * 4),
    )


class DecideOutcome(ctypes.LittleEndianStructure):
    """Decide a disputed outcome: as proposed, or another; then it settles."""

    instrument: int
    """the instrument's number"""
    voided: int
    """1 if the question has no answer"""
    pad5_: int
    pad6_: int
    pad7_: int
    outcome_subticks: int
    """settlement price that follows from it; in a command 0 if void"""
    source_hash: ctypes.Array[ctypes.c_uint64]
    """SHA-256 of the bytes of the source it is read from"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("voided", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("outcome_subticks", ctypes.c_int64),
        ("source_hash", ctypes.c_uint64 * 4),
    )


class SetLeverage(ctypes.LittleEndianStructure):
    """Isolate a position at this leverage, or put it into cross margin with 0."""

    account: int
    """the account it acts for"""
    instrument: int
    """the instrument's number"""
    leverage_centi: int
    """hundredths: 100 is 1x; 0 is cross"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("leverage_centi", ctypes.c_int64),
    )


class SetIsolated(ctypes.LittleEndianStructure):
    """Switch a position between isolated and cross margin, keeping its leverage."""

    account: int
    """the account it acts for"""
    instrument: int
    """the instrument's number"""
    isolated: int
    """1 isolated, 0 cross"""
    pad9_: int
    pad10_: int
    pad11_: int
    pad12_: int
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("isolated", ctypes.c_uint8),
        ("pad9_", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("pad12_", ctypes.c_int32),
    )


class MoveMargin(ctypes.LittleEndianStructure):
    """Move money into or out of an isolated position's margin."""

    account: int
    """the account it acts for"""
    instrument: int
    """the instrument's number"""
    amount_minor: int
    """positive into the position"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("amount_minor", ctypes.c_int64),
    )


class SetRiskLimit(ctypes.LittleEndianStructure):
    """Choose a position's risk limit."""

    account: int
    """the account it acts for"""
    instrument: int
    """the instrument's number"""
    risk_limit_minor: int
    """base plus whole steps"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("risk_limit_minor", ctypes.c_int64),
    )


class SetSelfTrade(ctypes.LittleEndianStructure):
    """Choose what happens when two orders of the account meet."""

    account: int
    """the account it acts for"""
    self_trade: int
    """SelfTrade"""
    pad5_: int
    pad6_: int
    pad7_: int
    _fields_ = (
        ("account", ctypes.c_int32),
        ("self_trade", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
    )


class OpenAccount(ctypes.LittleEndianStructure):
    """Open an account for a handle; again for the same handle changes nothing."""

    handle: ctypes.Array[ctypes.c_uint64]
    """128 bits chosen by identity"""
    _fields_ = (
        ("handle", ctypes.c_uint64 * 2),
    )


class SetAccountState(ctypes.LittleEndianStructure):
    """Put an account on a rung of the halt ladder, or open it again."""

    account: int
    """the account it acts for"""
    state: int
    """AccountState"""
    cause: int
    """StateCause"""
    pad6_: int
    pad7_: int
    until_ns: int
    """when it is over by itself; 0 if only by another command"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("state", ctypes.c_uint8),
        ("cause", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("until_ns", ctypes.c_int64),
    )


class Deposit(ctypes.LittleEndianStructure):
    """Money seen on the chain (or booked by the operator of a venue without one)."""

    currency: int
    """the settlement currency's number"""
    pad4_: int
    amount_minor: int
    """how much"""
    account: int
    """the account it acts for"""
    pad20_: int
    reference: ctypes.Array[ctypes.c_uint64]
    """transaction id on the chain"""
    output_index: int
    """which output of the transaction"""
    _fields_ = (
        ("currency", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("amount_minor", ctypes.c_int64),
        ("account", ctypes.c_int32),
        ("pad20_", ctypes.c_int32),
        ("reference", ctypes.c_uint64 * 4),
        ("output_index", ctypes.c_int64),
    )


class ReverseDeposit(ctypes.LittleEndianStructure):
    """A credited deposit has left the chain; the wallet may go negative."""

    currency: int
    """the settlement currency's number"""
    pad4_: int
    account: int
    """the account it acts for"""
    pad12_: int
    reference: ctypes.Array[ctypes.c_uint64]
    """transaction id on the chain"""
    output_index: int
    """which output of the transaction"""
    _fields_ = (
        ("currency", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("account", ctypes.c_int32),
        ("pad12_", ctypes.c_int32),
        ("reference", ctypes.c_uint64 * 4),
        ("output_index", ctypes.c_int64),
    )


class Withdraw(ctypes.LittleEndianStructure):
    """Ask for a withdrawal; the amount leaves the wallet and is in flight."""

    currency: int
    """the settlement currency's number"""
    pad4_: int
    amount_minor: int
    """how much, network fee included"""
    account: int
    """the account it acts for"""
    pad20_: int
    request: ctypes.Array[ctypes.c_uint64]
    """the request's unique id"""
    _fields_ = (
        ("currency", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("amount_minor", ctypes.c_int64),
        ("account", ctypes.c_int32),
        ("pad20_", ctypes.c_int32),
        ("request", ctypes.c_uint64 * 2),
    )


class SettleWithdrawal(ctypes.LittleEndianStructure):
    """A withdrawal has left, or will not."""

    settled: int
    """1 left for good, 0 returned to the wallet"""
    pad1_: int
    pad2_: int
    pad3_: int
    pad4_: int
    account: int
    """the account it acts for"""
    pad12_: int
    request: ctypes.Array[ctypes.c_uint64]
    """the request's unique id"""
    reference: ctypes.Array[ctypes.c_uint64]
    """transaction id on the chain"""
    _fields_ = (
        ("settled", ctypes.c_uint8),
        ("pad1_", ctypes.c_uint8),
        ("pad2_", ctypes.c_uint8),
        ("pad3_", ctypes.c_uint8),
        ("pad4_", ctypes.c_int32),
        ("account", ctypes.c_int32),
        ("pad12_", ctypes.c_int32),
        ("request", ctypes.c_uint64 * 2),
        ("reference", ctypes.c_uint64 * 4),
    )


class Transfer(ctypes.LittleEndianStructure):
    """Move money between two accounts of one user."""

    currency: int
    """the settlement currency's number"""
    pad4_: int
    amount_minor: int
    """how much"""
    account: int
    """the account it acts for"""
    to_account: int
    """who gets it"""
    _fields_ = (
        ("currency", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("amount_minor", ctypes.c_int64),
        ("account", ctypes.c_int32),
        ("to_account", ctypes.c_int32),
    )


class ConstituentPrice(ctypes.LittleEndianStructure):
    """A price seen at one of an index's sources."""

    index: int
    """the index's number"""
    constituent: int
    """the constituent's number"""
    price_units: int
    """last price there, in the index's units"""
    _fields_ = (
        ("index", ctypes.c_int32),
        ("constituent", ctypes.c_int32),
        ("price_units", ctypes.c_int64),
    )


class ListCurrency(ctypes.LittleEndianStructure):
    """Make a settlement currency known."""

    scale: int
    """decimal places of its minor unit"""
    symbol: ctypes.Array[ctypes.c_uint8]
    """minor unit's name, such as XBt"""
    pad12_: int
    _fields_ = (
        ("scale", ctypes.c_int32),
        ("symbol", ctypes.c_uint8 * 8),
        ("pad12_", ctypes.c_int32),
    )


class ListIndex(ctypes.LittleEndianStructure):
    """Make an index known."""

    decimals: int
    """its unit is 10 to the minus this"""
    pad4_: int
    tolerance_ppm: int
    """how far a source may be from the median (IDX-03)"""
    symbol: ctypes.Array[ctypes.c_uint8]
    """such as .BXBT"""
    underlying: ctypes.Array[ctypes.c_uint8]
    """what is priced"""
    quote: ctypes.Array[ctypes.c_uint8]
    """in what"""
    _fields_ = (
        ("decimals", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("tolerance_ppm", ctypes.c_int64),
        ("symbol", ctypes.c_uint8 * 24),
        ("underlying", ctypes.c_uint8 * 8),
        ("quote", ctypes.c_uint8 * 8),
    )


class ListConstituent(ctypes.LittleEndianStructure):
    """Add a source to an index."""

    index: int
    """the index's number"""
    pad4_: int
    weight_ppm: int
    """its share"""
    name: ctypes.Array[ctypes.c_uint8]
    """the source's name"""
    _fields_ = (
        ("index", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("weight_ppm", ctypes.c_int64),
        ("name", ctypes.c_uint8 * 16),
    )


class List(ctypes.LittleEndianStructure):
    """Make an instrument known and open it."""

    index: int
    """the index it is marked by; 0 without one"""
    currency: int
    """the settlement currency's number"""
    instrument_type: int
    """InstrumentType"""
    valuation: int
    """Valuation"""
    pad10_: int
    pad11_: int
    price_decimals: int
    """with tick_units: one tick is tick_units * 10^-price_decimals"""
    tick_units: int
    """see price_decimals"""
    subticks_per_tick: int
    """marks, indices and settlements are that much finer"""
    lot: int
    """contracts in a lot"""
    multiplier_minor: int
    """settlement minor units per contract (and point), as a magnitude"""
    contracts_per_underlying: int
    """contracts in one whole of the underlying; 0 if not fixed"""
    quantity_max: int
    """largest order, contracts"""
    price_ticks_max: int
    """largest price"""
    initial_margin_ppm: int
    """base initial margin"""
    maintenance_margin_ppm: int
    """base maintenance margin"""
    risk_limit_minor: int
    """base risk limit"""
    risk_step_minor: int
    """risk limit step"""
    maker_fee_ppm: int
    """negative is a rebate"""
    taker_fee_ppm: int
    """never negative"""
    settlement_fee_ppm: int
    """at expiry"""
    mark_method: int
    """MarkMethod"""
    deleverage_policy: int
    """DeleveragePolicy"""
    pad130_: int
    pad131_: int
    usd_index: int
    """the index that prices the settlement currency in dollars; 0 if it is a dollar"""
    impact_notional_minor: int
    """value at which impact prices are taken; 0 keeps funding rate and basis"""
    interest_quote_ppb: int
    """interest a day on the quote side (FND-02)"""
    interest_base_ppb: int
    """interest a day on the base side (FND-02)"""
    funding_rate_ppb: int
    """rate of the funding period under way; in a listing, of the first"""
    funding_interval_ns: int
    """time between fundings; 0 for none"""
    funding_offset_ns: int
    """first funding after midnight UTC"""
    expiry_ns: int
    """0 for perpetuals"""
    opens_ns: int
    """it opens by itself then; 0 at once"""
    opening_subticks: int
    """mark before the first trade where there is no index; 0 with one"""
    strike_units: int
    """options: the strike in the index's units"""
    floor_margin_ppm: int
    """options: lowest initial margin of who sells one out of the money"""
    fee_cap_ppm: int
    """options: fees are charged on the underlying, up to this share of the premium"""
    hourly_band_ppm: int
    """price limits are set each hour so far around the mark; 0 never"""
    near_instrument: int
    """spreads: the leg that ends first"""
    far_instrument: int
    """spreads: the leg that ends later"""
    origin_ticks: int
    """spreads: a price of nothing; prices are ticks less this"""
    dispute_ns: int
    """predictions: how long a proposed outcome may be disputed"""
    bond_minor: int
    """predictions: what who disputes has to put up"""
    binary: int
    """predictions: 1 if only nothing and the highest price are outcomes"""
    pad273_: int
    pad274_: int
    pad275_: int
    pad276_: int
    band_ppm: int
    """how far through touch or mark an order may go (ORD-07); 0 for BAND_PPM"""
    small_order_minor: int
    """orders worth less are small (ORD-21); 0 if none is"""
    orders_max: int
    """open orders of one account; 0 for no limit of its own"""
    stops_max: int
    """of them waiting for a trigger; 0 for no limit of its own"""
    symbol: ctypes.Array[ctypes.c_uint8]
    """such as XBTUSD"""
    underlying: ctypes.Array[ctypes.c_uint8]
    """such as XBT"""
    quote: ctypes.Array[ctypes.c_uint8]
    """such as USD"""
    _fields_ = (
        ("index", ctypes.c_int32),
        ("currency", ctypes.c_int32),
        ("instrument_type", ctypes.c_uint8),
        ("valuation", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("price_decimals", ctypes.c_int32),
        ("tick_units", ctypes.c_int64),
        ("subticks_per_tick", ctypes.c_int64),
        ("lot", ctypes.c_int64),
        ("multiplier_minor", ctypes.c_int64),
        ("contracts_per_underlying", ctypes.c_int64),
        ("quantity_max", ctypes.c_int64),
        ("price_ticks_max", ctypes.c_int64),
        ("initial_margin_ppm", ctypes.c_int64),
        ("maintenance_margin_ppm", ctypes.c_int64),
        ("risk_limit_minor", ctypes.c_int64),
        ("risk_step_minor", ctypes.c_int64),
        ("maker_fee_ppm", ctypes.c_int64),
        ("taker_fee_ppm", ctypes.c_int64),
        ("settlement_fee_ppm", ctypes.c_int64),
        ("mark_method", ctypes.c_uint8),
        ("deleverage_policy", ctypes.c_uint8),
        ("pad130_", ctypes.c_uint8),
        ("pad131_", ctypes.c_uint8),
        ("usd_index", ctypes.c_int32),
        ("impact_notional_minor", ctypes.c_int64),
        ("interest_quote_ppb", ctypes.c_int64),
        ("interest_base_ppb", ctypes.c_int64),
        ("funding_rate_ppb", ctypes.c_int64),
        ("funding_interval_ns", ctypes.c_int64),
        ("funding_offset_ns", ctypes.c_int64),
        ("expiry_ns", ctypes.c_int64),
        ("opens_ns", ctypes.c_int64),
        ("opening_subticks", ctypes.c_int64),
        ("strike_units", ctypes.c_int64),
        ("floor_margin_ppm", ctypes.c_int64),
        ("fee_cap_ppm", ctypes.c_int64),
        ("hourly_band_ppm", ctypes.c_int64),
        ("near_instrument", ctypes.c_int32),
        ("far_instrument", ctypes.c_int32),
        ("origin_ticks", ctypes.c_int64),
        ("dispute_ns", ctypes.c_int64),
        ("bond_minor", ctypes.c_int64),
        ("binary", ctypes.c_uint8),
        ("pad273_", ctypes.c_uint8),
        ("pad274_", ctypes.c_uint8),
        ("pad275_", ctypes.c_uint8),
        ("pad276_", ctypes.c_int32),
        ("band_ppm", ctypes.c_int64),
        ("small_order_minor", ctypes.c_int64),
        ("orders_max", ctypes.c_int32),
        ("stops_max", ctypes.c_int32),
        ("symbol", ctypes.c_uint8 * 24),
        ("underlying", ctypes.c_uint8 * 8),
        ("quote", ctypes.c_uint8 * 8),
    )


class SetInstrumentState(ctypes.LittleEndianStructure):
    """Open, pause or end an instrument, or call an auction in it."""

    instrument: int
    """the instrument's number"""
    state: int
    """InstrumentState"""
    cause: int
    """StateCause"""
    next_state: int
    """InstrumentState that follows at `until_ns`; 0 without one"""
    pad7_: int
    until_ns: int
    """when it is over by itself; 0 if only by another command"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("state", ctypes.c_uint8),
        ("cause", ctypes.c_uint8),
        ("next_state", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("until_ns", ctypes.c_int64),
    )


class SetRiskParameters(ctypes.LittleEndianStructure):
    """Change an instrument's margins, limits and fees."""

    instrument: int
    """the instrument's number"""
    pad4_: int
    initial_margin_ppm: int
    """base initial margin"""
    maintenance_margin_ppm: int
    """base maintenance margin"""
    risk_limit_minor: int
    """base risk limit"""
    risk_step_minor: int
    """risk limit step"""
    maker_fee_ppm: int
    """negative is a rebate"""
    taker_fee_ppm: int
    """never negative"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("initial_margin_ppm", ctypes.c_int64),
        ("maintenance_margin_ppm", ctypes.c_int64),
        ("risk_limit_minor", ctypes.c_int64),
        ("risk_step_minor", ctypes.c_int64),
        ("maker_fee_ppm", ctypes.c_int64),
        ("taker_fee_ppm", ctypes.c_int64),
    )


class SetLot(ctypes.LittleEndianStructure):
    """Change an instrument's lot and convert what is open."""

    instrument: int
    """the instrument's number"""
    pad4_: int
    lot: int
    """contracts in a lot"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("lot", ctypes.c_int64),
    )


class DeclareSettlement(ctypes.LittleEndianStructure):
    """The operator's settlement price where samples are missing or an event has resolved."""

    instrument: int
    """the instrument's number"""
    pad4_: int
    price_subticks: int
    """settlement price"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("price_subticks", ctypes.c_int64),
    )


class SetNextWeight(ctypes.LittleEndianStructure):
    """A source's weight in the shadow index that is to follow."""

    index: int
    """the index's number"""
    constituent: int
    """the constituent's number"""
    weight_ppm: int
    """its share from the adoption; 0 leaves it out"""
    _fields_ = (
        ("index", ctypes.c_int32),
        ("constituent", ctypes.c_int32),
        ("weight_ppm", ctypes.c_int64),
    )


class AdoptWeights(ctypes.LittleEndianStructure):
    """The shadow index's weights become the index's."""

    index: int
    """the index's number"""
    pad4_: int
    _fields_ = (
        ("index", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
    )


class SetVenueState(ctypes.LittleEndianStructure):
    """Put the whole venue on a rung of the halt ladder, or open it again."""

    state: int
    """VenueState"""
    cause: int
    """StateCause"""
    pad2_: int
    pad3_: int
    pad4_: int
    until_ns: int
    """when it is over by itself; 0 if only by another command"""
    _fields_ = (
        ("state", ctypes.c_uint8),
        ("cause", ctypes.c_uint8),
        ("pad2_", ctypes.c_uint8),
        ("pad3_", ctypes.c_uint8),
        ("pad4_", ctypes.c_int32),
        ("until_ns", ctypes.c_int64),
    )


class SetPriceLimits(ctypes.LittleEndianStructure):
    """The lowest and highest price at which an instrument's orders are taken."""

    instrument: int
    """the instrument's number"""
    pad4_: int
    lowest_ticks: int
    """0 for one tick"""
    highest_ticks: int
    """0 for the instrument's maximum"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("lowest_ticks", ctypes.c_int64),
        ("highest_ticks", ctypes.c_int64),
    )


class Tick(ctypes.LittleEndianStructure):
    """Time has passed; what is due happens."""

    _fields_ = ()


class Continue(ctypes.LittleEndianStructure):
    """Do a bounded part of the engine's own work."""

    units_max: int
    """at most so many units"""
    _fields_ = (
        ("units_max", ctypes.c_int64),
    )


class Resume(ctypes.LittleEndianStructure):
    """The clock jumped or the venue was down; cancel-only until indices are fresh."""

    paused_ns: int
    """how long nothing was journaled"""
    _fields_ = (
        ("paused_ns", ctypes.c_int64),
    )


class Root(ctypes.LittleEndianStructure):
    """A state root that replicas have computed."""

    at_sequence: int
    """the state after this entry"""
    public_root: ctypes.Array[ctypes.c_uint64]
    """over public parts"""
    root: ctypes.Array[ctypes.c_uint64]
    """H(public root, private root)"""
    _fields_ = (
        ("at_sequence", ctypes.c_int64),
        ("public_root", ctypes.c_uint64 * 4),
        ("root", ctypes.c_uint64 * 4),
    )


class Upgrade(ctypes.LittleEndianStructure):
    """From here other rules hold."""

    rules_version: int
    """the rules from here"""
    code_hash: ctypes.Array[ctypes.c_uint64]
    """of the source that knows them"""
    root_before: ctypes.Array[ctypes.c_uint64]
    """of the state that is migrated"""
    root_after: ctypes.Array[ctypes.c_uint64]
    """of the migrated state"""
    _fields_ = (
        ("rules_version", ctypes.c_int64),
        ("code_hash", ctypes.c_uint64 * 4),
        ("root_before", ctypes.c_uint64 * 4),
        ("root_after", ctypes.c_uint64 * 4),
    )


class Grow(ctypes.LittleEndianStructure):
    """Enlarge a table."""

    table: int
    """its place in the schema's list of tables"""
    pad4_: int
    rows: int
    """rows from now on"""
    _fields_ = (
        ("table", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("rows", ctypes.c_int64),
    )


class IndexMoved(ctypes.LittleEndianStructure):
    """An index has a new value."""

    index: int
    """the index's number"""
    constituents: int
    """how many of its sources counted"""
    held: int
    """1 if it stays at its last value because too few sources can be trusted"""
    pad9_: int
    pad10_: int
    pad11_: int
    pad12_: int
    value_units: int
    """in the index's units"""
    next_value_units: int
    """at the weights that are to follow; 0 if there are none"""
    _fields_ = (
        ("index", ctypes.c_int32),
        ("constituents", ctypes.c_int32),
        ("held", ctypes.c_uint8),
        ("pad9_", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("pad12_", ctypes.c_int32),
        ("value_units", ctypes.c_int64),
        ("next_value_units", ctypes.c_int64),
    )


class MarkMoved(ctypes.LittleEndianStructure):
    """An instrument has a new mark."""

    instrument: int
    """the instrument's number"""
    pad4_: int
    mark_subticks: int
    """mark price"""
    index_subticks: int
    """index price in the instrument's sub-ticks"""
    basis_subticks: int
    """mark less index"""
    method: int
    """MarkMethod"""
    pad33_: int
    pad34_: int
    pad35_: int
    minutes_left: int
    """whole minutes to the next funding or to expiry; 0 if neither counts"""
    rate_ppb: int
    """funding rate, or the year's fair basis, that was used"""
    index_age_ns: int
    """since a price last came that counts in the index"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("mark_subticks", ctypes.c_int64),
        ("index_subticks", ctypes.c_int64),
        ("basis_subticks", ctypes.c_int64),
        ("method", ctypes.c_uint8),
        ("pad33_", ctypes.c_uint8),
        ("pad34_", ctypes.c_uint8),
        ("pad35_", ctypes.c_uint8),
        ("minutes_left", ctypes.c_int32),
        ("rate_ppb", ctypes.c_int64),
        ("index_age_ns", ctypes.c_int64),
    )


class ConstituentJudged(ctypes.LittleEndianStructure):
    """A source counts, or does not count any more, and why (IDX-02 to IDX-06)."""

    index: int
    """the index's number"""
    constituent: int
    """the constituent's number"""
    state: int
    """ConstituentState"""
    pad9_: int
    pad10_: int
    pad11_: int
    pad12_: int
    price_units: int
    """its last price"""
    against_units: int
    """the median or index it was held against; 0 if none"""
    age_ns: int
    """since its price was seen"""
    _fields_ = (
        ("index", ctypes.c_int32),
        ("constituent", ctypes.c_int32),
        ("state", ctypes.c_uint8),
        ("pad9_", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("pad12_", ctypes.c_int32),
        ("price_units", ctypes.c_int64),
        ("against_units", ctypes.c_int64),
        ("age_ns", ctypes.c_int64),
    )


class WeightSet(ctypes.LittleEndianStructure):
    """A source's weight in its index, and in the shadow index that is to follow (IDX-07)."""

    index: int
    """the index's number"""
    constituent: int
    """its number"""
    weight_ppm: int
    """its share"""
    next_weight_ppm: int
    """its share at the weights that are to follow; 0 leaves it out"""
    _fields_ = (
        ("index", ctypes.c_int32),
        ("constituent", ctypes.c_int32),
        ("weight_ppm", ctypes.c_int64),
        ("next_weight_ppm", ctypes.c_int64),
    )


class PremiumSampled(ctypes.LittleEndianStructure):
    """The minute's look at the own book (FND-01, MRK-04)."""

    instrument: int
    """the instrument's number"""
    samples: int
    """samples of the funding period so far"""
    impact_bid_subticks: int
    """average price of selling the impact notional; 0 if too thin"""
    impact_ask_subticks: int
    """average price of buying it; 0 if too thin"""
    premium_ppb: int
    """this sample's premium; 0 for futures"""
    indicative_rate_ppb: int
    """funding rate if the period ended now; 0 for futures"""
    basis_rate_ppb: int
    """a year's fair basis of a future; 0 for perpetuals"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("samples", ctypes.c_int32),
        ("impact_bid_subticks", ctypes.c_int64),
        ("impact_ask_subticks", ctypes.c_int64),
        ("premium_ppb", ctypes.c_int64),
        ("indicative_rate_ppb", ctypes.c_int64),
        ("basis_rate_ppb", ctypes.c_int64),
    )


class FundingFixed(ctypes.LittleEndianStructure):
    """A funding epoch: what every position of this instant pays or gets (FND-04)."""

    instrument: int
    """the instrument's number"""
    epoch: int
    """its number, from 1"""
    rate_ppb: int
    """of the value; longs pay it if positive"""
    lot_minor: int
    """value of a lot at the mark of this instant, magnitude"""
    mark_subticks: int
    """that mark"""
    next_rate_ppb: int
    """rate of the period that begins"""
    next_funding_ns: int
    """when it ends"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("epoch", ctypes.c_int32),
        ("rate_ppb", ctypes.c_int64),
        ("lot_minor", ctypes.c_int64),
        ("mark_subticks", ctypes.c_int64),
        ("next_rate_ppb", ctypes.c_int64),
        ("next_funding_ns", ctypes.c_int64),
    )


class FundingSkipped(ctypes.LittleEndianStructure):
    """Fundings that were missed in a pause and are not made up for (FND-06)."""

    instrument: int
    """the instrument's number"""
    stamps: int
    """how many"""
    first_ns: int
    """the first of them"""
    last_ns: int
    """the last of them"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("stamps", ctypes.c_int32),
        ("first_ns", ctypes.c_int64),
        ("last_ns", ctypes.c_int64),
    )


class Funded(ctypes.LittleEndianStructure):
    """A position has paid or got its funding; the epoch tells the rate and value (FND-04)."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    epoch: int
    """the epoch"""
    pad12_: int
    quantity: int
    """signed contracts held at that instant"""
    amount_minor: int
    """paid; negative if received"""
    balance_minor: int
    """of the wallet after"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("epoch", ctypes.c_int32),
        ("pad12_", ctypes.c_int32),
        ("quantity", ctypes.c_int64),
        ("amount_minor", ctypes.c_int64),
        ("balance_minor", ctypes.c_int64),
    )


class FundingSwept(ctypes.LittleEndianStructure):
    """All positions of an epoch are up to date; what rounding left went to the insurance fund (FND-05)."""

    instrument: int
    """the instrument's number"""
    epoch: int
    """the epoch"""
    remainder_minor: int
    """never negative"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("epoch", ctypes.c_int32),
        ("remainder_minor", ctypes.c_int64),
    )


class LiquidationStep(ctypes.LittleEndianStructure):
    """A position or a cross account failed the liquidation test, and what was done about it (LIQ-01 to LIQ-05)."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    step: int
    """LadderStep"""
    isolated: int
    """1 if the position stands alone, 0 if the whole cross account was weighed"""
    pad10_: int
    pad11_: int
    steps: int
    """risk limit steps of the position before"""
    positions: int
    """positions that were weighed together"""
    pad20_: int
    mark_subticks: int
    """mark of the instrument"""
    mark_sequence: int
    """the entry that set it"""
    funding_rate_ppb: int
    """rate whose adverse part is in the maintenance"""
    quantity: int
    """signed position before"""
    cost_minor: int
    """its cost before"""
    equity_minor: int
    """own margin and unrealised PnL, or the equity of the cross account"""
    maintenance_minor: int
    """what it has to be more than, orders left out"""
    orders_minor: int
    """margin of open orders, weighed with it in a cross account"""
    missing_minor: int
    """smallest deposit or margin that would have passed this test"""
    order_id: int
    """order that was cancelled or sent; 0 if none"""
    order_quantity: int
    """its quantity; 0 if none"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("step", ctypes.c_uint8),
        ("isolated", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("steps", ctypes.c_int32),
        ("positions", ctypes.c_int32),
        ("pad20_", ctypes.c_int32),
        ("mark_subticks", ctypes.c_int64),
        ("mark_sequence", ctypes.c_int64),
        ("funding_rate_ppb", ctypes.c_int64),
        ("quantity", ctypes.c_int64),
        ("cost_minor", ctypes.c_int64),
        ("equity_minor", ctypes.c_int64),
        ("maintenance_minor", ctypes.c_int64),
        ("orders_minor", ctypes.c_int64),
        ("missing_minor", ctypes.c_int64),
        ("order_id", ctypes.c_int64),
        ("order_quantity", ctypes.c_int64),
    )


class TakenOver(ctypes.LittleEndianStructure):
    """A position was taken over at its bankruptcy price (LIQ-05)."""

    instrument: int
    """the instrument's number"""
    side: int
    """Side of the order that closes it"""
    pad5_: int
    pad6_: int
    pad7_: int
    takeover: int
    """number of the takeover, from 1"""
    order_id: int
    """order number under which it is shown"""
    quantity: int
    """contracts, magnitude"""
    price_ticks: int
    """limit of that order: the bankruptcy price within the tick"""
    mark_subticks: int
    """mark of this instant"""
    account: int
    """whose"""
    pad52_: int
    position_quantity: int
    """signed, as it was"""
    position_cost_minor: int
    """its cost as it was"""
    bankrupt_minor: int
    """signed value at which it was taken over"""
    realised_minor: int
    """what that realised for its owner"""
    reserve_minor: int
    """closing fee he paid; it pays the takeover's fees"""
    balance_minor: int
    """of his wallet after"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("side", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("takeover", ctypes.c_int64),
        ("order_id", ctypes.c_int64),
        ("quantity", ctypes.c_int64),
        ("price_ticks", ctypes.c_int64),
        ("mark_subticks", ctypes.c_int64),
        ("account", ctypes.c_int32),
        ("pad52_", ctypes.c_int32),
        ("position_quantity", ctypes.c_int64),
        ("position_cost_minor", ctypes.c_int64),
        ("bankrupt_minor", ctypes.c_int64),
        ("realised_minor", ctypes.c_int64),
        ("reserve_minor", ctypes.c_int64),
        ("balance_minor", ctypes.c_int64),
    )


class TakeoverChanged(ctypes.LittleEndianStructure):
    """How far a takeover has come (LIQ-06 to LIQ-08)."""

    instrument: int
    """the instrument's number"""
    stage: int
    """TakeoverStage"""
    pad5_: int
    pad6_: int
    pad7_: int
    takeover: int
    """its number"""
    leaves_quantity: int
    """contracts still to be closed, magnitude"""
    price_ticks: int
    """the price it stands or was tried at"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("stage", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("takeover", ctypes.c_int64),
        ("leaves_quantity", ctypes.c_int64),
        ("price_ticks", ctypes.c_int64),
    )


class Deleveraged(ctypes.LittleEndianStructure):
    """A position was reduced to take a takeover's rest, at the bankruptcy price of its victim (ADL-02)."""

    instrument: int
    """the instrument's number"""
    side: int
    """Side on which the reduced position traded"""
    pad5_: int
    pad6_: int
    pad7_: int
    takeover: int
    """number of the takeover"""
    quantity: int
    """contracts"""
    value_minor: int
    """magnitude of the value at which they were closed"""
    mark_subticks: int
    """mark of this instant"""
    account: int
    """whose"""
    rank: int
    """place in the round's ranking, from 1"""
    eligible: int
    """how many were ranked"""
    policy: int
    """DeleveragePolicy that was followed"""
    pad53_: int
    pad54_: int
    pad55_: int
    score: int
    """profit and leverage as the ranking knew them (ADL-01)"""
    realised_minor: int
    """realised PnL"""
    position_quantity: int
    """signed position after"""
    balance_minor: int
    """of the wallet after"""
    ranked_quantity: int
    """what the policy RANKED would have taken of it in this round"""
    queue_quantity: int
    """what the policy QUEUE would have taken"""
    pro_rata_quantity: int
    """what the policy PRO_RATA would have taken"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("side", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("takeover", ctypes.c_int64),
        ("quantity", ctypes.c_int64),
        ("value_minor", ctypes.c_int64),
        ("mark_subticks", ctypes.c_int64),
        ("account", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("eligible", ctypes.c_int32),
        ("policy", ctypes.c_uint8),
        ("pad53_", ctypes.c_uint8),
        ("pad54_", ctypes.c_uint8),
        ("pad55_", ctypes.c_uint8),
        ("score", ctypes.c_int64),
        ("realised_minor", ctypes.c_int64),
        ("position_quantity", ctypes.c_int64),
        ("balance_minor", ctypes.c_int64),
        ("ranked_quantity", ctypes.c_int64),
        ("queue_quantity", ctypes.c_int64),
        ("pro_rata_quantity", ctypes.c_int64),
    )


class DeleveragingRanked(ctypes.LittleEndianStructure):
    """A round begins: who is eligible is ranked (ADL-01)."""

    instrument: int
    """the instrument's number"""
    side: int
    """Side on which the ranked positions would trade"""
    pad5_: int
    pad6_: int
    pad7_: int
    need_quantity: int
    """contracts that takeovers have left"""
    eligible: int
    """positions ranked"""
    pad20_: int
    eligible_quantity: int
    """contracts in them"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("side", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("need_quantity", ctypes.c_int64),
        ("eligible", ctypes.c_int32),
        ("pad20_", ctypes.c_int32),
        ("eligible_quantity", ctypes.c_int64),
    )


class FundMoved(ctypes.LittleEndianStructure):
    """The insurance fund got or gave (INS-01)."""

    currency: int
    """the settlement currency's number"""
    instrument: int
    """the instrument's number"""
    reason: int
    """MoveReason"""
    pad9_: int
    pad10_: int
    pad11_: int
    pad12_: int
    amount_minor: int
    """into the fund; negative out of it"""
    fund_minor: int
    """in the fund after"""
    takeover_minor: int
    """in the takeover's wallet after; negative if the fund is empty"""
    _fields_ = (
        ("currency", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("reason", ctypes.c_uint8),
        ("pad9_", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("pad12_", ctypes.c_int32),
        ("amount_minor", ctypes.c_int64),
        ("fund_minor", ctypes.c_int64),
        ("takeover_minor", ctypes.c_int64),
    )


class Placed(ctypes.LittleEndianStructure):
    """An order exists; what it does at once follows."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    order_id: int
    """the engine's order number"""
    side: int
    """Side"""
    order_type: int
    """OrderType"""
    time_in_force: int
    """TimeInForce"""
    flags: int
    """OrderFlag bits"""
    pad20_: int
    quantity: int
    """total quantity, contracts"""
    leaves_quantity: int
    """open quantity, contracts"""
    price_ticks: int
    """limit price; 0 for market orders"""
    display_quantity: int
    """visible part; -1 all of it"""
    client_id: ctypes.Array[ctypes.c_uint64]
    """the account's own name for the order; 0 if none"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("order_id", ctypes.c_int64),
        ("side", ctypes.c_uint8),
        ("order_type", ctypes.c_uint8),
        ("time_in_force", ctypes.c_uint8),
        ("flags", ctypes.c_uint8),
        ("pad20_", ctypes.c_int32),
        ("quantity", ctypes.c_int64),
        ("leaves_quantity", ctypes.c_int64),
        ("price_ticks", ctypes.c_int64),
        ("display_quantity", ctypes.c_int64),
        ("client_id", ctypes.c_uint64 * 5),
    )


class Amended(ctypes.LittleEndianStructure):
    """A working order was changed."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    order_id: int
    """the engine's order number"""
    side: int
    """Side"""
    order_type: int
    """OrderType"""
    time_in_force: int
    """TimeInForce"""
    flags: int
    """OrderFlag bits"""
    pad20_: int
    quantity: int
    """total quantity, contracts"""
    leaves_quantity: int
    """open quantity, contracts"""
    price_ticks: int
    """limit price; 0 for market orders"""
    kept_place: int
    """1 if it kept its place in the queue"""
    pad49_: int
    pad50_: int
    pad51_: int
    pad52_: int
    display_quantity: int
    """visible part; -1 all of it"""
    client_id: ctypes.Array[ctypes.c_uint64]
    """the account's own name for the order; 0 if none"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("order_id", ctypes.c_int64),
        ("side", ctypes.c_uint8),
        ("order_type", ctypes.c_uint8),
        ("time_in_force", ctypes.c_uint8),
        ("flags", ctypes.c_uint8),
        ("pad20_", ctypes.c_int32),
        ("quantity", ctypes.c_int64),
        ("leaves_quantity", ctypes.c_int64),
        ("price_ticks", ctypes.c_int64),
        ("kept_place", ctypes.c_uint8),
        ("pad49_", ctypes.c_uint8),
        ("pad50_", ctypes.c_uint8),
        ("pad51_", ctypes.c_uint8),
        ("pad52_", ctypes.c_int32),
        ("display_quantity", ctypes.c_int64),
        ("client_id", ctypes.c_uint64 * 5),
    )


class Ended(ctypes.LittleEndianStructure):
    """An order is over."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    order_id: int
    """the engine's order number"""
    reason: int
    """EndReason"""
    pad17_: int
    pad18_: int
    pad19_: int
    code: int
    """Code that an order got when it was to go live and could not; 0 if none"""
    unfilled_quantity: int
    """contracts that did not trade"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("order_id", ctypes.c_int64),
        ("reason", ctypes.c_uint8),
        ("pad17_", ctypes.c_uint8),
        ("pad18_", ctypes.c_uint8),
        ("pad19_", ctypes.c_uint8),
        ("code", ctypes.c_int32),
        ("unfilled_quantity", ctypes.c_int64),
    )


class LevelChanged(ctypes.LittleEndianStructure):
    """The visible quantity at a price is now this."""

    instrument: int
    """the instrument's number"""
    side: int
    """Side"""
    pad5_: int
    pad6_: int
    pad7_: int
    price_ticks: int
    """the level"""
    quantity: int
    """contracts now there; 0 if the level is gone"""
    orders: int
    """orders now there"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("side", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("price_ticks", ctypes.c_int64),
        ("quantity", ctypes.c_int64),
        ("orders", ctypes.c_int64),
    )


class Fill(ctypes.LittleEndianStructure):
    """A trade; one record carries both sides."""

    instrument: int
    """the instrument's number"""
    taker_side: int
    """Side of the order that came later"""
    pad5_: int
    pad6_: int
    pad7_: int
    price_ticks: int
    """the maker's price"""
    quantity: int
    """contracts"""
    value_minor: int
    """magnitude of the value, settlement minor units; of a spread lots times ticks"""
    auction: int
    """1 if an auction brought the two together"""
    pad33_: int
    pad34_: int
    pad35_: int
    spread: int
    """the spread whose leg this is; 0 for a trade of its own"""
    maker_hidden: int
    """1 if the maker's part was not shown; it pays as a taker"""
    pad41_: int
    pad42_: int
    pad43_: int
    taker_account: int
    """who took"""
    maker_account: int
    """who made"""
    pad52_: int
    taker_order_id: int
    """the taker's order"""
    maker_order_id: int
    """the maker's order"""
    taker_leaves_quantity: int
    """open after this fill"""
    maker_leaves_quantity: int
    """open after this fill"""
    taker_fee_minor: int
    """paid; negative is a rebate"""
    maker_fee_minor: int
    """paid; negative is a rebate"""
    taker_realised_minor: int
    """realised PnL before fees"""
    maker_realised_minor: int
    """realised PnL before fees"""
    taker_position_quantity: int
    """signed position after"""
    maker_position_quantity: int
    """signed position after"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("taker_side", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("price_ticks", ctypes.c_int64),
        ("quantity", ctypes.c_int64),
        ("value_minor", ctypes.c_int64),
        ("auction", ctypes.c_uint8),
        ("pad33_", ctypes.c_uint8),
        ("pad34_", ctypes.c_uint8),
        ("pad35_", ctypes.c_uint8),
        ("spread", ctypes.c_int32),
        ("maker_hidden", ctypes.c_uint8),
        ("pad41_", ctypes.c_uint8),
        ("pad42_", ctypes.c_uint8),
        ("pad43_", ctypes.c_uint8),
        ("taker_account", ctypes.c_int32),
        ("maker_account", ctypes.c_int32),
        ("pad52_", ctypes.c_int32),
        ("taker_order_id", ctypes.c_int64),
        ("maker_order_id", ctypes.c_int64),
        ("taker_leaves_quantity", ctypes.c_int64),
        ("maker_leaves_quantity", ctypes.c_int64),
        ("taker_fee_minor", ctypes.c_int64),
        ("maker_fee_minor", ctypes.c_int64),
        ("taker_realised_minor", ctypes.c_int64),
        ("maker_realised_minor", ctypes.c_int64),
        ("taker_position_quantity", ctypes.c_int64),
        ("maker_position_quantity", ctypes.c_int64),
    )


class Conditioned(ctypes.LittleEndianStructure):
    """What an order waits for, or is bound to; after `Placed`, and after `Amended` if it changed."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    order_id: int
    """the engine's order number"""
    stage: int
    """ConditionStage"""
    trigger_reference: int
    """TriggerReference, 0 if none"""
    rising: int
    """1 if the reference has to rise to the trigger, 0 if to fall"""
    peg_kind: int
    """PegKind, 0 if none"""
    contingency: int
    """Contingency, 0 if none"""
    pad21_: int
    pad22_: int
    pad23_: int
    trigger_subticks: int
    """trigger price; 0 if none"""
    peg_offset_subticks: int
    """signed distance of a peg or trailing stop"""
    link_id: ctypes.Array[ctypes.c_uint64]
    """the account's own name for the group of linked orders; 0 if none"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("order_id", ctypes.c_int64),
        ("stage", ctypes.c_uint8),
        ("trigger_reference", ctypes.c_uint8),
        ("rising", ctypes.c_uint8),
        ("peg_kind", ctypes.c_uint8),
        ("contingency", ctypes.c_uint8),
        ("pad21_", ctypes.c_uint8),
        ("pad22_", ctypes.c_uint8),
        ("pad23_", ctypes.c_uint8),
        ("trigger_subticks", ctypes.c_int64),
        ("peg_offset_subticks", ctypes.c_int64),
        ("link_id", ctypes.c_uint64 * 5),
    )


class Triggered(ctypes.LittleEndianStructure):
    """A waiting order goes on: armed or live by its primary, or live because its price was reached."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    order_id: int
    """the engine's order number"""
    stage: int
    """ConditionStage from now on"""
    trigger_reference: int
    """TriggerReference that reached the price; 0 if its primary did it"""
    pad18_: int
    pad19_: int
    pad20_: int
    trigger_subticks: int
    """trigger price; 0 if none"""
    reached_subticks: int
    """how far the reference had come; 0 if its primary did it"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("order_id", ctypes.c_int64),
        ("stage", ctypes.c_uint8),
        ("trigger_reference", ctypes.c_uint8),
        ("pad18_", ctypes.c_uint8),
        ("pad19_", ctypes.c_uint8),
        ("pad20_", ctypes.c_int32),
        ("trigger_subticks", ctypes.c_int64),
        ("reached_subticks", ctypes.c_int64),
    )


class Trailed(ctypes.LittleEndianStructure):
    """A trailing stop has followed its reference."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    order_id: int
    """the engine's order number"""
    trigger_subticks: int
    """trigger price from now on"""
    reference_subticks: int
    """the reference it was made from"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("order_id", ctypes.c_int64),
        ("trigger_subticks", ctypes.c_int64),
        ("reference_subticks", ctypes.c_int64),
    )


class OptionMarked(ctypes.LittleEndianStructure):
    """What an option's model said; the mark itself is told by `MarkMoved` if it is another."""

    instrument: int
    """the instrument's number"""
    pad4_: int
    mark_subticks: int
    """what the model says the option is worth"""
    forward_units: int
    """forward price of the underlying for its expiry, in the index's units"""
    volatility_ppm: int
    """implied volatility of a year"""
    delta_ppm: int
    """change of its value in the underlying's quote per change of the underlying"""
    gamma_ppb: int
    """change of delta per unit of quote"""
    vega_ppm: int
    """change of its value in quote per whole percent of volatility"""
    theta_ppm: int
    """change of its value in quote per day"""
    seen_ns: int
    """time of the prices it was fitted to"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("mark_subticks", ctypes.c_int64),
        ("forward_units", ctypes.c_int64),
        ("volatility_ppm", ctypes.c_int64),
        ("delta_ppm", ctypes.c_int64),
        ("gamma_ppb", ctypes.c_int64),
        ("vega_ppm", ctypes.c_int64),
        ("theta_ppm", ctypes.c_int64),
        ("seen_ns", ctypes.c_int64),
    )


class AverageMoved(ctypes.LittleEndianStructure):
    """The mean of an index over the last 30 minutes, by which contracts settle."""

    index: int
    """the index's number"""
    samples: int
    """of the last 30 minutes those that have one"""
    average_units: int
    """in the index's units, half up"""
    _fields_ = (
        ("index", ctypes.c_int32),
        ("samples", ctypes.c_int32),
        ("average_units", ctypes.c_int64),
    )


class ExpirySet(ctypes.LittleEndianStructure):
    """When an instrument ends."""

    instrument: int
    """the instrument's number"""
    pad4_: int
    expiry_ns: int
    """when; 0 for never"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("expiry_ns", ctypes.c_int64),
    )


class SettlementFixed(ctypes.LittleEndianStructure):
    """An instrument has ended: the price at which every position in it is closed."""

    instrument: int
    """the instrument's number"""
    kind: int
    """SettlementKind"""
    pad5_: int
    pad6_: int
    pad7_: int
    samples: int
    """minutes the average was taken over; 0 if it is no average"""
    pad12_: int
    average_units: int
    """that average in the index's units; 0 if it is none"""
    price_subticks: int
    """settlement price"""
    lot_minor: int
    """value of a lot at it, magnitude"""
    fee_ppm: int
    """settlement fee"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("kind", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("samples", ctypes.c_int32),
        ("pad12_", ctypes.c_int32),
        ("average_units", ctypes.c_int64),
        ("price_subticks", ctypes.c_int64),
        ("lot_minor", ctypes.c_int64),
        ("fee_ppm", ctypes.c_int64),
    )


class Settled(ctypes.LittleEndianStructure):
    """A position was closed at its instrument's settlement price."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    quantity: int
    """signed contracts that were closed"""
    value_minor: int
    """their signed value at the settlement price"""
    realised_minor: int
    """realised PnL before the fee"""
    fee_minor: int
    """settlement fee, paid"""
    balance_minor: int
    """the wallet after"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("quantity", ctypes.c_int64),
        ("value_minor", ctypes.c_int64),
        ("realised_minor", ctypes.c_int64),
        ("fee_minor", ctypes.c_int64),
        ("balance_minor", ctypes.c_int64),
    )


class SettlementSwept(ctypes.LittleEndianStructure):
    """Nobody holds anything in a settled instrument any more."""

    instrument: int
    """the instrument's number"""
    pad4_: int
    positions: int
    """that were closed"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("positions", ctypes.c_int64),
    )


class Converted(ctypes.LittleEndianStructure):
    """A pre-launch future has become another contract, marked by an index."""

    instrument: int
    """the instrument's number"""
    index: int
    """the index's number"""
    instrument_type: int
    """InstrumentType: PERPETUAL or FUTURE"""
    mark_method: int
    """MarkMethod"""
    pad10_: int
    pad11_: int
    usd_index: int
    """as in a listing"""
    impact_notional_minor: int
    """as in a listing"""
    funding_rate_ppb: int
    """as in a listing"""
    funding_interval_ns: int
    """as in a listing"""
    funding_offset_ns: int
    """as in a listing"""
    expiry_ns: int
    """as in a listing"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("index", ctypes.c_int32),
        ("instrument_type", ctypes.c_uint8),
        ("mark_method", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("usd_index", ctypes.c_int32),
        ("impact_notional_minor", ctypes.c_int64),
        ("funding_rate_ppb", ctypes.c_int64),
        ("funding_interval_ns", ctypes.c_int64),
        ("funding_offset_ns", ctypes.c_int64),
        ("expiry_ns", ctypes.c_int64),
    )


class DocketChanged(ctypes.LittleEndianStructure):
    """How far a prediction market's question has come."""

    instrument: int
    """the instrument's number"""
    docket: int
    """the docket's number"""
    stage: int
    """DocketStage"""
    voided: int
    """1 if the question has no answer"""
    pad10_: int
    pad11_: int
    pad12_: int
    outcome_subticks: int
    """settlement price that follows from it; in a command 0 if void"""
    void_subticks: int
    """what it settles at if it is void: the mean when it was proposed"""
    until_ns: int
    """it may be disputed until then"""
    source_hash: ctypes.Array[ctypes.c_uint64]
    """SHA-256 of the bytes of the source it is read from"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("docket", ctypes.c_int32),
        ("stage", ctypes.c_uint8),
        ("voided", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("pad12_", ctypes.c_int32),
        ("outcome_subticks", ctypes.c_int64),
        ("void_subticks", ctypes.c_int64),
        ("until_ns", ctypes.c_int64),
        ("source_hash", ctypes.c_uint64 * 4),
    )


class BondChanged(ctypes.LittleEndianStructure):
    """The bond of who disputes an outcome: put up, given back, or lost to the insurance fund."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    stage: int
    """BondStage"""
    pad9_: int
    pad10_: int
    pad11_: int
    pad12_: int
    amount_minor: int
    """how much"""
    held_minor: int
    """of the wallet's balance not to be used, after"""
    balance_minor: int
    """the wallet after"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("stage", ctypes.c_uint8),
        ("pad9_", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("pad12_", ctypes.c_int32),
        ("amount_minor", ctypes.c_int64),
        ("held_minor", ctypes.c_int64),
        ("balance_minor", ctypes.c_int64),
    )


class RiskParametersSet(ctypes.LittleEndianStructure):
    """An instrument's margins, limits and fees have changed."""

    instrument: int
    """the instrument's number"""
    pad4_: int
    initial_margin_ppm: int
    """base initial margin"""
    maintenance_margin_ppm: int
    """base maintenance margin"""
    risk_limit_minor: int
    """base risk limit"""
    risk_step_minor: int
    """risk limit step"""
    maker_fee_ppm: int
    """negative is a rebate"""
    taker_fee_ppm: int
    """never negative"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("initial_margin_ppm", ctypes.c_int64),
        ("maintenance_margin_ppm", ctypes.c_int64),
        ("risk_limit_minor", ctypes.c_int64),
        ("risk_step_minor", ctypes.c_int64),
        ("maker_fee_ppm", ctypes.c_int64),
        ("taker_fee_ppm", ctypes.c_int64),
    )


class Refused(ctypes.LittleEndianStructure):
    """The command changed nothing."""

    code: int
    """Code"""
    command_kind: int
    """CommandKind"""
    pad5_: int
    pad6_: int
    pad7_: int
    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    wanted: int
    """what it asked for or needed, in the unit of the rule; 0 if there is none"""
    limit: int
    """what was there or allowed"""
    client_id: ctypes.Array[ctypes.c_uint64]
    """the account's own name for the order; 0 if none"""
    _fields_ = (
        ("code", ctypes.c_int32),
        ("command_kind", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("wanted", ctypes.c_int64),
        ("limit", ctypes.c_int64),
        ("client_id", ctypes.c_uint64 * 5),
    )


class Halted(ctypes.LittleEndianStructure):
    """The books do not add up; the venue has stopped."""

    fault: int
    """Fault"""
    subject: int
    """currency or instrument concerned"""
    found: int
    """the number found"""
    expected: int
    """the number it should have been"""
    _fields_ = (
        ("fault", ctypes.c_int32),
        ("subject", ctypes.c_int32),
        ("found", ctypes.c_int64),
        ("expected", ctypes.c_int64),
    )


class AccountOpened(ctypes.LittleEndianStructure):
    """The handle has this account (new or old)."""

    account: int
    """whose"""
    was_new: int
    """1 if it was opened now"""
    pad5_: int
    pad6_: int
    pad7_: int
    handle: ctypes.Array[ctypes.c_uint64]
    """as asked for"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("was_new", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("handle", ctypes.c_uint64 * 2),
    )


class AccountStateSet(ctypes.LittleEndianStructure):
    """An account's state."""

    account: int
    """whose"""
    state: int
    """AccountState"""
    cause: int
    """StateCause"""
    pad6_: int
    pad7_: int
    until_ns: int
    """when it is over by itself; 0 if only by another command"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("state", ctypes.c_uint8),
        ("cause", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("until_ns", ctypes.c_int64),
    )


class MarginSet(ctypes.LittleEndianStructure):
    """A position's leverage, mode or own margin."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    isolated: int
    """1 isolated, 0 cross"""
    pad9_: int
    pad10_: int
    pad11_: int
    pad12_: int
    leverage_centi: int
    """hundredths; 0 if never chosen"""
    moved_margin_minor: int
    """margin moved in by hand"""
    loss_minor: int
    """opening fees paid out of it"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("isolated", ctypes.c_uint8),
        ("pad9_", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("pad12_", ctypes.c_int32),
        ("leverage_centi", ctypes.c_int64),
        ("moved_margin_minor", ctypes.c_int64),
        ("loss_minor", ctypes.c_int64),
    )


class DeadManSet(ctypes.LittleEndianStructure):
    """An account's dead-man switch: armed, disarmed, or done with after it fired."""

    account: int
    """whose"""
    pad4_: int
    due_ns: int
    """its orders are cancelled at this time; 0 if it is not armed"""
    fired: int
    """1 if it went off and the orders are gone"""
    pad17_: int
    pad18_: int
    pad19_: int
    pad20_: int
    _fields_ = (
        ("account", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("due_ns", ctypes.c_int64),
        ("fired", ctypes.c_uint8),
        ("pad17_", ctypes.c_uint8),
        ("pad18_", ctypes.c_uint8),
        ("pad19_", ctypes.c_uint8),
        ("pad20_", ctypes.c_int32),
    )


class RiskLimitSet(ctypes.LittleEndianStructure):
    """A position's risk limit, chosen by its owner or lowered in liquidation (MRG-09, LIQ-02)."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number"""
    by_venue: int
    """1 if a liquidation lowered it"""
    pad9_: int
    pad10_: int
    pad11_: int
    steps: int
    """steps above the base limit"""
    risk_limit_minor: int
    """the limit"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("by_venue", ctypes.c_uint8),
        ("pad9_", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("steps", ctypes.c_int32),
        ("risk_limit_minor", ctypes.c_int64),
    )


class FeeTierSet(ctypes.LittleEndianStructure):
    """The fee tier an account has from now on (FEE-03)."""

    account: int
    """whose"""
    tier: int
    """its number, from 0"""
    volume_cents: int
    """of the last 30 whole days, in US cents"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("tier", ctypes.c_int32),
        ("volume_cents", ctypes.c_int64),
    )


class SelfTradeSet(ctypes.LittleEndianStructure):
    """What happens when two orders of an account meet."""

    account: int
    """whose"""
    self_trade: int
    """SelfTrade"""
    pad5_: int
    pad6_: int
    pad7_: int
    _fields_ = (
        ("account", ctypes.c_int32),
        ("self_trade", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
    )


class SmallOrdersFlagged(ctypes.LittleEndianStructure):
    """An account has too many small orders; its new small ones are hidden for a while (ORD-21)."""

    account: int
    """whose"""
    pad4_: int
    until_ns: int
    """it is looked at again from then on; 0 if it is flagged no more"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("until_ns", ctypes.c_int64),
    )


class Moved(ctypes.LittleEndianStructure):
    """Money moved between two wallets, outside of fills."""

    currency: int
    """the settlement currency's number"""
    reason: int
    """MoveReason"""
    pad5_: int
    pad6_: int
    pad7_: int
    amount_minor: int
    """how much, from the first to the second"""
    from_account: int
    """who gave; a role or an account"""
    to_account: int
    """who got"""
    from_balance_minor: int
    """after"""
    to_balance_minor: int
    """after"""
    reference: ctypes.Array[ctypes.c_uint64]
    """transaction on the chain, or request id, or 0"""
    _fields_ = (
        ("currency", ctypes.c_int32),
        ("reason", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("amount_minor", ctypes.c_int64),
        ("from_account", ctypes.c_int32),
        ("to_account", ctypes.c_int32),
        ("from_balance_minor", ctypes.c_int64),
        ("to_balance_minor", ctypes.c_int64),
        ("reference", ctypes.c_uint64 * 4),
    )


class CurrencyListed(ctypes.LittleEndianStructure):
    """A settlement currency."""

    currency: int
    """the settlement currency's number"""
    scale: int
    """decimal places"""
    symbol: ctypes.Array[ctypes.c_uint8]
    """its name"""
    _fields_ = (
        ("currency", ctypes.c_int32),
        ("scale", ctypes.c_int32),
        ("symbol", ctypes.c_uint8 * 8),
    )


class IndexListed(ctypes.LittleEndianStructure):
    """An index."""

    index: int
    """its number"""
    decimals: int
    """its unit is 10 to the minus this"""
    symbol: ctypes.Array[ctypes.c_uint8]
    """its name"""
    _fields_ = (
        ("index", ctypes.c_int32),
        ("decimals", ctypes.c_int32),
        ("symbol", ctypes.c_uint8 * 24),
    )


class ConstituentListed(ctypes.LittleEndianStructure):
    """A source of an index."""

    index: int
    """the index's number"""
    constituent: int
    """its number"""
    weight_ppm: int
    """its share"""
    name: ctypes.Array[ctypes.c_uint8]
    """its name"""
    _fields_ = (
        ("index", ctypes.c_int32),
        ("constituent", ctypes.c_int32),
        ("weight_ppm", ctypes.c_int64),
        ("name", ctypes.c_uint8 * 16),
    )


class Listed(ctypes.LittleEndianStructure):
    """An instrument and its terms."""

    instrument: int
    """the instrument's number"""
    index: int
    """the index it is marked by; 0 without one"""
    currency: int
    """the settlement currency's number"""
    instrument_type: int
    """InstrumentType"""
    valuation: int
    """Valuation"""
    pad14_: int
    pad15_: int
    price_decimals: int
    """with tick_units: one tick is tick_units * 10^-price_decimals"""
    pad20_: int
    tick_units: int
    """see price_decimals"""
    subticks_per_tick: int
    """marks, indices and settlements are that much finer"""
    lot: int
    """contracts in a lot"""
    multiplier_minor: int
    """settlement minor units per contract (and point), as a magnitude"""
    contracts_per_underlying: int
    """contracts in one whole of the underlying; 0 if not fixed"""
    quantity_max: int
    """largest order, contracts"""
    price_ticks_max: int
    """largest price"""
    initial_margin_ppm: int
    """base initial margin"""
    maintenance_margin_ppm: int
    """base maintenance margin"""
    risk_limit_minor: int
    """base risk limit"""
    risk_step_minor: int
    """risk limit step"""
    maker_fee_ppm: int
    """negative is a rebate"""
    taker_fee_ppm: int
    """never negative"""
    settlement_fee_ppm: int
    """at expiry"""
    mark_method: int
    """MarkMethod"""
    deleverage_policy: int
    """DeleveragePolicy"""
    pad138_: int
    pad139_: int
    usd_index: int
    """the index that prices the settlement currency in dollars; 0 if it is a dollar"""
    impact_notional_minor: int
    """value at which impact prices are taken; 0 keeps funding rate and basis"""
    interest_quote_ppb: int
    """interest a day on the quote side (FND-02)"""
    interest_base_ppb: int
    """interest a day on the base side (FND-02)"""
    funding_rate_ppb: int
    """rate of the funding period under way; in a listing, of the first"""
    funding_interval_ns: int
    """time between fundings; 0 for none"""
    funding_offset_ns: int
    """first funding after midnight UTC"""
    expiry_ns: int
    """0 for perpetuals"""
    opens_ns: int
    """it opens by itself then; 0 at once"""
    opening_subticks: int
    """mark before the first trade where there is no index; 0 with one"""
    strike_units: int
    """options: the strike in the index's units"""
    floor_margin_ppm: int
    """options: lowest initial margin of who sells one out of the money"""
    fee_cap_ppm: int
    """options: fees are charged on the underlying, up to this share of the premium"""
    hourly_band_ppm: int
    """price limits are set each hour so far around the mark; 0 never"""
    near_instrument: int
    """spreads: the leg that ends first"""
    far_instrument: int
    """spreads: the leg that ends later"""
    origin_ticks: int
    """spreads: a price of nothing; prices are ticks less this"""
    dispute_ns: int
    """predictions: how long a proposed outcome may be disputed"""
    bond_minor: int
    """predictions: what who disputes has to put up"""
    binary: int
    """predictions: 1 if only nothing and the highest price are outcomes"""
    pad281_: int
    pad282_: int
    pad283_: int
    pad284_: int
    band_ppm: int
    """how far through touch or mark an order may go (ORD-07); 0 for BAND_PPM"""
    small_order_minor: int
    """orders worth less are small (ORD-21); 0 if none is"""
    orders_max: int
    """open orders of one account; 0 for no limit of its own"""
    stops_max: int
    """of them waiting for a trigger; 0 for no limit of its own"""
    symbol: ctypes.Array[ctypes.c_uint8]
    """such as XBTUSD"""
    underlying: ctypes.Array[ctypes.c_uint8]
    """such as XBT"""
    quote: ctypes.Array[ctypes.c_uint8]
    """such as USD"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("index", ctypes.c_int32),
        ("currency", ctypes.c_int32),
        ("instrument_type", ctypes.c_uint8),
        ("valuation", ctypes.c_uint8),
        ("pad14_", ctypes.c_uint8),
        ("pad15_", ctypes.c_uint8),
        ("price_decimals", ctypes.c_int32),
        ("pad20_", ctypes.c_int32),
        ("tick_units", ctypes.c_int64),
        ("subticks_per_tick", ctypes.c_int64),
        ("lot", ctypes.c_int64),
        ("multiplier_minor", ctypes.c_int64),
        ("contracts_per_underlying", ctypes.c_int64),
        ("quantity_max", ctypes.c_int64),
        ("price_ticks_max", ctypes.c_int64),
        ("initial_margin_ppm", ctypes.c_int64),
        ("maintenance_margin_ppm", ctypes.c_int64),
        ("risk_limit_minor", ctypes.c_int64),
        ("risk_step_minor", ctypes.c_int64),
        ("maker_fee_ppm", ctypes.c_int64),
        ("taker_fee_ppm", ctypes.c_int64),
        ("settlement_fee_ppm", ctypes.c_int64),
        ("mark_method", ctypes.c_uint8),
        ("deleverage_policy", ctypes.c_uint8),
        ("pad138_", ctypes.c_uint8),
        ("pad139_", ctypes.c_uint8),
        ("usd_index", ctypes.c_int32),
        ("impact_notional_minor", ctypes.c_int64),
        ("interest_quote_ppb", ctypes.c_int64),
        ("interest_base_ppb", ctypes.c_int64),
        ("funding_rate_ppb", ctypes.c_int64),
        ("funding_interval_ns", ctypes.c_int64),
        ("funding_offset_ns", ctypes.c_int64),
        ("expiry_ns", ctypes.c_int64),
        ("opens_ns", ctypes.c_int64),
        ("opening_subticks", ctypes.c_int64),
        ("strike_units", ctypes.c_int64),
        ("floor_margin_ppm", ctypes.c_int64),
        ("fee_cap_ppm", ctypes.c_int64),
        ("hourly_band_ppm", ctypes.c_int64),
        ("near_instrument", ctypes.c_int32),
        ("far_instrument", ctypes.c_int32),
        ("origin_ticks", ctypes.c_int64),
        ("dispute_ns", ctypes.c_int64),
        ("bond_minor", ctypes.c_int64),
        ("binary", ctypes.c_uint8),
        ("pad281_", ctypes.c_uint8),
        ("pad282_", ctypes.c_uint8),
        ("pad283_", ctypes.c_uint8),
        ("pad284_", ctypes.c_int32),
        ("band_ppm", ctypes.c_int64),
        ("small_order_minor", ctypes.c_int64),
        ("orders_max", ctypes.c_int32),
        ("stops_max", ctypes.c_int32),
        ("symbol", ctypes.c_uint8 * 24),
        ("underlying", ctypes.c_uint8 * 8),
        ("quote", ctypes.c_uint8 * 8),
    )


class InstrumentStateSet(ctypes.LittleEndianStructure):
    """An instrument's state."""

    instrument: int
    """the instrument's number"""
    state: int
    """InstrumentState"""
    cause: int
    """StateCause"""
    next_state: int
    """InstrumentState that follows; 0 without one"""
    pad7_: int
    until_ns: int
    """when it is over by itself; 0 if only by another command"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("state", ctypes.c_uint8),
        ("cause", ctypes.c_uint8),
        ("next_state", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("until_ns", ctypes.c_int64),
    )


class AuctionIndicated(ctypes.LittleEndianStructure):
    """What an auction would bring if it ended now; said when it has changed, and once more when it is fixed."""

    instrument: int
    """the instrument's number"""
    fixed: int
    """1 if trades at this price follow"""
    pad5_: int
    pad6_: int
    pad7_: int
    price_ticks: int
    """its one price; 0 if nothing would trade"""
    volume: int
    """contracts that would trade"""
    surplus: int
    """contracts left at that price: positive to buy, negative to sell"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("fixed", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("price_ticks", ctypes.c_int64),
        ("volume", ctypes.c_int64),
        ("surplus", ctypes.c_int64),
    )


class VenueStateSet(ctypes.LittleEndianStructure):
    """The venue's rung of the halt ladder."""

    state: int
    """VenueState"""
    cause: int
    """StateCause"""
    pad2_: int
    pad3_: int
    pad4_: int
    until_ns: int
    """when it is over by itself; 0 if only by another command"""
    _fields_ = (
        ("state", ctypes.c_uint8),
        ("cause", ctypes.c_uint8),
        ("pad2_", ctypes.c_uint8),
        ("pad3_", ctypes.c_uint8),
        ("pad4_", ctypes.c_int32),
        ("until_ns", ctypes.c_int64),
    )


class PriceLimitsSet(ctypes.LittleEndianStructure):
    """An instrument's price limits."""

    instrument: int
    """the instrument's number"""
    pad4_: int
    lowest_ticks: int
    """0 for one tick"""
    highest_ticks: int
    """0 for the instrument's maximum"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("lowest_ticks", ctypes.c_int64),
        ("highest_ticks", ctypes.c_int64),
    )


class Ticked(ctypes.LittleEndianStructure):
    """A tick did what was due."""

    next_due_ns: int
    """when something is due again"""
    _fields_ = (
        ("next_due_ns", ctypes.c_int64),
    )


class Resumed(ctypes.LittleEndianStructure):
    """After a pause: cancel-only, or open again."""

    cancel_only: int
    """1 while indices are stale"""
    pad1_: int
    pad2_: int
    pad3_: int
    pad4_: int
    paused_ns: int
    """how long nothing was journaled"""
    _fields_ = (
        ("cancel_only", ctypes.c_uint8),
        ("pad1_", ctypes.c_uint8),
        ("pad2_", ctypes.c_uint8),
        ("pad3_", ctypes.c_uint8),
        ("pad4_", ctypes.c_int32),
        ("paused_ns", ctypes.c_int64),
    )


class RootNoted(ctypes.LittleEndianStructure):
    """A state root stands in the journal."""

    at_sequence: int
    """the state after this entry"""
    root: ctypes.Array[ctypes.c_uint64]
    """H(public root, private root)"""
    _fields_ = (
        ("at_sequence", ctypes.c_int64),
        ("root", ctypes.c_uint64 * 4),
    )


class Grown(ctypes.LittleEndianStructure):
    """A table is larger."""

    table: int
    """its place in the schema's list of tables"""
    pad4_: int
    rows: int
    """rows from now on"""
    _fields_ = (
        ("table", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("rows", ctypes.c_int64),
    )


class Continued(ctypes.LittleEndianStructure):
    """Part of the engine's own work was done."""

    units: int
    """units done by this entry"""
    tasks: int
    """tasks still waiting, the one under way included"""
    _fields_ = (
        ("units", ctypes.c_int64),
        ("tasks", ctypes.c_int64),
    )


class VenueRow(ctypes.LittleEndianStructure):
    """What there is once: where the journal stands, what is under way."""

    sequence: int
    """last entry applied"""
    time_ns: int
    """its time"""
    next_due_ns: int
    """a tick must come before an entry of this time; 0 for never"""
    next_order_id: int
    """number of the next order"""
    rules_version: int
    """which rules hold"""
    root_sequence: int
    """last sequence whose root was journaled"""
    resumed_ns: int
    """indices older than this are stale; 0 when not resuming"""
    minute_ns: int
    """the minute whose work on prices is done"""
    tasks_made: int
    """tasks of the engine's own work put into its queue so far"""
    tasks_done: int
    """of them finished; the first that is not is the one under way"""
    takeovers_made: int
    """takeovers so far"""
    first_examined: int
    """account whose health is examined next, 0 if none waits"""
    last_examined: int
    """the last that waits"""
    examine_last: int
    """the last that waited when the task under way was made"""
    band_instrument: int
    """instrument whose bands are looked at next"""
    sweep_position: int
    """position the funding sweep looks at next; 0 if none runs"""
    settlement_position: int
    """row the round of settlements looks at next: an order, a position or an instrument, by its phase"""
    settling: int
    """instruments that are being settled"""
    settlement_phase: int
    """SettlementPhase of the round under way"""
    pad117_: int
    pad118_: int
    pad119_: int
    settlement_sequence: int
    """the round serves what had ended by this entry; 0 without a round"""
    takeover_instrument: int
    """instrument whose takeovers are worked at"""
    takeover: int
    """slot of the takeover that is worked at next, 0 past the last"""
    takeover_phase: int
    """TakeoverPhase of what is done there"""
    ranking_side: int
    """Side on which the takeovers' other side would trade"""
    pad138_: int
    pad139_: int
    ranking_position: int
    """position looked at next; past the last when the ranking stands"""
    ranked: int
    """rows of the heap of ranked positions in use"""
    ranked_gone: int
    """positions that are no longer in it"""
    ranking_eligible: int
    """positions ranked at the beginning of the round"""
    pad156_: int
    ranking_need: int
    """contracts to be taken when the round began"""
    ranking_quantity: int
    """contracts in the eligible positions"""
    ranking_before: int
    """contracts in the positions ranked before the one on top"""
    ranking_sequence: int
    """the entry in which the ranking was finished"""
    halted: int
    """1 after a breach; every later command is refused"""
    examine_again: int
    """1 if marks have moved since the task under way was made"""
    cancel_only: int
    """1 while resuming after a pause"""
    state: int
    """VenueState"""
    state_cause: int
    """StateCause of it"""
    pad197_: int
    pad198_: int
    pad199_: int
    state_until_ns: int
    """when that state is over; 0 if not by itself"""
    next_place: int
    """number of the next place in a queue, of orders and of waiting ones"""
    day_ns: int
    """midnight up to which orders for a day have ended"""
    trigger_instrument: int
    """instrument whose triggers are looked at next; 0 when none is"""
    first_released: int
    """condition that goes on next because its primary was filled; 0 if none"""
    last_released: int
    """the last that waits for that"""
    pad236_: int
    filled: int
    """filled orders remembered so far; the last at row 1 + (k - 1) % FILLED_KEPT"""
    events_bytes: int
    """written into the event buffer by this run"""
    events_room_bytes: int
    """length of the event buffer"""
    ordinal: int
    """events of the current entry so far"""
    pending_kind: int
    """CommandKind that is not finished, 0 if none"""
    pad269_: int
    pad270_: int
    pad271_: int
    pending_order: int
    """slot of the order still matching"""
    pending_shares: int
    """hidden orders of a level that still share in what the taker wants"""
    pending_hidden: int
    """their open contracts"""
    trailing: int
    """orders whose trigger follows a price"""
    collecting: int
    """instruments whose auctions are indicated"""
    states_due_ns: int
    """when an instrument's state is over first; 0 if none by itself"""
    pending_units: int
    """units of work done by a Continue that is not finished"""
    timers: int
    """rows of the heap of timers in use"""
    touched_wallets: int
    """rows of the list of touched wallets in use"""
    touched_positions: int
    """rows of the list of touched positions in use"""
    pad324_: int
    _fields_ = (
        ("sequence", ctypes.c_int64),
        ("time_ns", ctypes.c_int64),
        ("next_due_ns", ctypes.c_int64),
        ("next_order_id", ctypes.c_int64),
        ("rules_version", ctypes.c_int64),
        ("root_sequence", ctypes.c_int64),
        ("resumed_ns", ctypes.c_int64),
        ("minute_ns", ctypes.c_int64),
        ("tasks_made", ctypes.c_int64),
        ("tasks_done", ctypes.c_int64),
        ("takeovers_made", ctypes.c_int64),
        ("first_examined", ctypes.c_int32),
        ("last_examined", ctypes.c_int32),
        ("examine_last", ctypes.c_int32),
        ("band_instrument", ctypes.c_int32),
        ("sweep_position", ctypes.c_int32),
        ("settlement_position", ctypes.c_int32),
        ("settling", ctypes.c_int32),
        ("settlement_phase", ctypes.c_uint8),
        ("pad117_", ctypes.c_uint8),
        ("pad118_", ctypes.c_uint8),
        ("pad119_", ctypes.c_uint8),
        ("settlement_sequence", ctypes.c_int64),
        ("takeover_instrument", ctypes.c_int32),
        ("takeover", ctypes.c_int32),
        ("takeover_phase", ctypes.c_uint8),
        ("ranking_side", ctypes.c_uint8),
        ("pad138_", ctypes.c_uint8),
        ("pad139_", ctypes.c_uint8),
        ("ranking_position", ctypes.c_int32),
        ("ranked", ctypes.c_int32),
        ("ranked_gone", ctypes.c_int32),
        ("ranking_eligible", ctypes.c_int32),
        ("pad156_", ctypes.c_int32),
        ("ranking_need", ctypes.c_int64),
        ("ranking_quantity", ctypes.c_int64),
        ("ranking_before", ctypes.c_int64),
        ("ranking_sequence", ctypes.c_int64),
        ("halted", ctypes.c_uint8),
        ("examine_again", ctypes.c_uint8),
        ("cancel_only", ctypes.c_uint8),
        ("state", ctypes.c_uint8),
        ("state_cause", ctypes.c_uint8),
        ("pad197_", ctypes.c_uint8),
        ("pad198_", ctypes.c_uint8),
        ("pad199_", ctypes.c_uint8),
        ("state_until_ns", ctypes.c_int64),
        ("next_place", ctypes.c_int64),
        ("day_ns", ctypes.c_int64),
        ("trigger_instrument", ctypes.c_int32),
        ("first_released", ctypes.c_int32),
        ("last_released", ctypes.c_int32),
        ("pad236_", ctypes.c_int32),
        ("filled", ctypes.c_int64),
        ("events_bytes", ctypes.c_int64),
        ("events_room_bytes", ctypes.c_int64),
        ("ordinal", ctypes.c_int32),
        ("pending_kind", ctypes.c_uint8),
        ("pad269_", ctypes.c_uint8),
        ("pad270_", ctypes.c_uint8),
        ("pad271_", ctypes.c_uint8),
        ("pending_order", ctypes.c_int32),
        ("pending_shares", ctypes.c_int32),
        ("pending_hidden", ctypes.c_int64),
        ("trailing", ctypes.c_int32),
        ("collecting", ctypes.c_int32),
        ("states_due_ns", ctypes.c_int64),
        ("pending_units", ctypes.c_int64),
        ("timers", ctypes.c_int32),
        ("touched_wallets", ctypes.c_int32),
        ("touched_positions", ctypes.c_int32),
        ("pad324_", ctypes.c_int32),
    )


class TaskRow(ctypes.LittleEndianStructure):
    """Work of the engine's own, done in units by Continue; task number k is row 1 + k % 64."""

    kind: int
    """TaskKind, 0 for no task"""
    pad1_: int
    pad2_: int
    pad3_: int
    instrument: int
    """the instrument's number, which is its slot"""
    made_sequence: int
    """the entry that made it"""
    _fields_ = (
        ("kind", ctypes.c_uint8),
        ("pad1_", ctypes.c_uint8),
        ("pad2_", ctypes.c_uint8),
        ("pad3_", ctypes.c_uint8),
        ("instrument", ctypes.c_int32),
        ("made_sequence", ctypes.c_int64),
    )


class CurrencyRow(ctypes.LittleEndianStructure):
    """A settlement currency and the totals of Law 3."""

    scale: int
    """decimal places of its minor unit"""
    symbol: ctypes.Array[ctypes.c_uint8]
    """minor unit's name"""
    pad12_: int
    deposits_minor: int
    """all deposits less reversals"""
    withdrawals_minor: int
    """all withdrawals that have left"""
    in_flight_minor: int
    """withdrawals on their way"""
    epochs_minor: int
    """in epoch pots"""
    role_wallets: int
    """the wallet of role r is at this slot + r"""
    pad52_: int
    law_before: int
    """deposits - withdrawals - in flight - epochs before the entry"""
    law_sum: int
    """change of wallets less unrealised cost over the rows touched"""
    law_cost: int
    """change of unrealised cost over the rows touched"""
    law_pot: int
    """change of the unrealised pot"""
    law_outside: int
    """change of the pot of the world"""
    law_flight: int
    """change of the pot of withdrawals on their way"""
    law_epochs: int
    """change of the pot of epochs"""
    outside_before: int
    """withdrawals - deposits before the entry"""
    flight_before: int
    """in flight before the entry"""
    epochs_before: int
    """in epoch pots before the entry"""
    _fields_ = (
        ("scale", ctypes.c_int32),
        ("symbol", ctypes.c_uint8 * 8),
        ("pad12_", ctypes.c_int32),
        ("deposits_minor", ctypes.c_int64),
        ("withdrawals_minor", ctypes.c_int64),
        ("in_flight_minor", ctypes.c_int64),
        ("epochs_minor", ctypes.c_int64),
        ("role_wallets", ctypes.c_int32),
        ("pad52_", ctypes.c_int32),
        ("law_before", ctypes.c_int64),
        ("law_sum", ctypes.c_int64),
        ("law_cost", ctypes.c_int64),
        ("law_pot", ctypes.c_int64),
        ("law_outside", ctypes.c_int64),
        ("law_flight", ctypes.c_int64),
        ("law_epochs", ctypes.c_int64),
        ("outside_before", ctypes.c_int64),
        ("flight_before", ctypes.c_int64),
        ("epochs_before", ctypes.c_int64),
    )


class OriginRow(ctypes.LittleEndianStructure):
    """How far an origin has come."""

    origin: int
    """its number"""
    pad4_: int
    origin_sequence: int
    """its last number"""
    _fields_ = (
        ("origin", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("origin_sequence", ctypes.c_int64),
    )


class IndexRow(ctypes.LittleEndianStructure):
    """An index."""

    decimals: int
    """its unit is 10 to the minus this"""
    constituents: int
    """how many sources it has"""
    active: int
    """how many of them count"""
    held: int
    """1 while it stays at its last value (IDX-04, IDX-05)"""
    pad13_: int
    pad14_: int
    pad15_: int
    tolerance_ppm: int
    """how far a source may be from the median"""
    next_value_units: int
    """its value at the weights that are to follow; 0 if there are none"""
    value_units: int
    """its value, 0 before the first"""
    value_time_ns: int
    """when a price last came that counts in it"""
    average_units: int
    """mean of its last 30 minutes, half up; 0 without one"""
    average_samples: int
    """minutes among them that have a value"""
    pad60_: int
    listed_sequence: int
    """the entry that listed it"""
    symbol: ctypes.Array[ctypes.c_uint8]
    """its name"""
    underlying: ctypes.Array[ctypes.c_uint8]
    """what is priced"""
    quote: ctypes.Array[ctypes.c_uint8]
    """in what"""
    _fields_ = (
        ("decimals", ctypes.c_int32),
        ("constituents", ctypes.c_int32),
        ("active", ctypes.c_int32),
        ("held", ctypes.c_uint8),
        ("pad13_", ctypes.c_uint8),
        ("pad14_", ctypes.c_uint8),
        ("pad15_", ctypes.c_uint8),
        ("tolerance_ppm", ctypes.c_int64),
        ("next_value_units", ctypes.c_int64),
        ("value_units", ctypes.c_int64),
        ("value_time_ns", ctypes.c_int64),
        ("average_units", ctypes.c_int64),
        ("average_samples", ctypes.c_int32),
        ("pad60_", ctypes.c_int32),
        ("listed_sequence", ctypes.c_int64),
        ("symbol", ctypes.c_uint8 * 24),
        ("underlying", ctypes.c_uint8 * 8),
        ("quote", ctypes.c_uint8 * 8),
    )


class IndexMinuteRow(ctypes.LittleEndianStructure):
    """An index at a minute's tick; minute m of index n is at row 32 n + m % 32."""

    minute_ns: int
    """the minute's start, 0 if there is none"""
    value_units: int
    """the index then"""
    _fields_ = (
        ("minute_ns", ctypes.c_int64),
        ("value_units", ctypes.c_int64),
    )


class DocketRow(ctypes.LittleEndianStructure):
    """The question of a prediction market: what was proposed, disputed, decided."""

    instrument: int
    """the instrument's number"""
    stage: int
    """DocketStage"""
    voided: int
    """1 if the question has no answer"""
    pad6_: int
    pad7_: int
    outcome_subticks: int
    """settlement price that follows from it; in a command 0 if void"""
    void_subticks: int
    """mean of the marks when it was proposed: what it settles at if void"""
    until_ns: int
    """it may be disputed until then"""
    source_hash: ctypes.Array[ctypes.c_uint64]
    """SHA-256 of the bytes of the source it is read from"""
    disputed_by: int
    """who put up the bond, 0 if nobody"""
    pad68_: int
    bond_minor: int
    """how much is held of it"""
    _fields_ = (
        ("instrument", ctypes.c_int32),
        ("stage", ctypes.c_uint8),
        ("voided", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("outcome_subticks", ctypes.c_int64),
        ("void_subticks", ctypes.c_int64),
        ("until_ns", ctypes.c_int64),
        ("source_hash", ctypes.c_uint64 * 4),
        ("disputed_by", ctypes.c_int32),
        ("pad68_", ctypes.c_int32),
        ("bond_minor", ctypes.c_int64),
    )


class ConstituentRow(ctypes.LittleEndianStructure):
    """A source of an index."""

    index: int
    """the index's number"""
    state: int
    """ConstituentState"""
    pad5_: int
    pad6_: int
    pad7_: int
    weight_ppm: int
    """its share"""
    next_weight_ppm: int
    """its share at the weights that are to follow"""
    price_units: int
    """its last price, 0 before the first"""
    price_time_ns: int
    """when it was seen"""
    near_since_ns: int
    """since when an excluded one has been near enough; 0 if it is not"""
    name: ctypes.Array[ctypes.c_uint8]
    """its name"""
    _fields_ = (
        ("index", ctypes.c_int32),
        ("state", ctypes.c_uint8),
        ("pad5_", ctypes.c_uint8),
        ("pad6_", ctypes.c_uint8),
        ("pad7_", ctypes.c_uint8),
        ("weight_ppm", ctypes.c_int64),
        ("next_weight_ppm", ctypes.c_int64),
        ("price_units", ctypes.c_int64),
        ("price_time_ns", ctypes.c_int64),
        ("near_since_ns", ctypes.c_int64),
        ("name", ctypes.c_uint8 * 16),
    )


class InstrumentRow(ctypes.LittleEndianStructure):
    """An instrument: its terms, its prices, its sums, the roots of its book."""

    index: int
    """the index it is marked by; 0 without one"""
    currency: int
    """the settlement currency's number"""
    instrument_type: int
    """InstrumentType"""
    valuation: int
    """Valuation"""
    pad10_: int
    pad11_: int
    price_decimals: int
    """with tick_units: one tick is tick_units * 10^-price_decimals"""
    tick_units: int
    """see price_decimals"""
    subticks_per_tick: int
    """marks, indices and settlements are that much finer"""
    lot: int
    """contracts in a lot"""
    multiplier_minor: int
    """settlement minor units per contract (and point), as a magnitude"""
    contracts_per_underlying: int
    """contracts in one whole of the underlying; 0 if not fixed"""
    quantity_max: int
    """largest order, contracts"""
    price_ticks_max: int
    """largest price"""
    initial_margin_ppm: int
    """base initial margin"""
    maintenance_margin_ppm: int
    """base maintenance margin"""
    risk_limit_minor: int
    """base risk limit"""
    risk_step_minor: int
    """risk limit step"""
    maker_fee_ppm: int
    """negative is a rebate"""
    taker_fee_ppm: int
    """never negative"""
    settlement_fee_ppm: int
    """at expiry"""
    mark_method: int
    """MarkMethod"""
    deleverage_policy: int
    """DeleveragePolicy"""
    pad130_: int
    pad131_: int
    usd_index: int
    """the index that prices the settlement currency in dollars; 0 if it is a dollar"""
    impact_notional_minor: int
    """value at which impact prices are taken; 0 keeps funding rate and basis"""
    interest_quote_ppb: int
    """interest a day on the quote side (FND-02)"""
    interest_base_ppb: int
    """interest a day on the base side (FND-02)"""
    funding_rate_ppb: int
    """rate of the funding period under way; in a listing, of the first"""
    funding_interval_ns: int
    """time between fundings; 0 for none"""
    funding_offset_ns: int
    """first funding after midnight UTC"""
    expiry_ns: int
    """0 for perpetuals"""
    opens_ns: int
    """it opens by itself then; 0 at once"""
    opening_subticks: int
    """mark before the first trade where there is no index; 0 with one"""
    strike_units: int
    """options: the strike in the index's units"""
    floor_margin_ppm: int
    """options: lowest initial margin of who sells one out of the money"""
    fee_cap_ppm: int
    """options: fees are charged on the underlying, up to this share of the premium"""
    hourly_band_ppm: int
    """price limits are set each hour so far around the mark; 0 never"""
    near_instrument: int
    """spreads: the leg that ends first"""
    far_instrument: int
    """spreads: the leg that ends later"""
    origin_ticks: int
    """spreads: a price of nothing; prices are ticks less this"""
    dispute_ns: int
    """predictions: how long a proposed outcome may be disputed"""
    bond_minor: int
    """predictions: what who disputes has to put up"""
    binary: int
    """predictions: 1 if only nothing and the highest price are outcomes"""
    pad273_: int
    pad274_: int
    pad275_: int
    pad276_: int
    band_ppm: int
    """how far through touch or mark an order may go (ORD-07); 0 for BAND_PPM"""
    small_order_minor: int
    """orders worth less are small (ORD-21); 0 if none is"""
    orders_max: int
    """open orders of one account; 0 for no limit of its own"""
    stops_max: int
    """of them waiting for a trigger; 0 for no limit of its own"""
    symbol: ctypes.Array[ctypes.c_uint8]
    """such as XBTUSD"""
    underlying: ctypes.Array[ctypes.c_uint8]
    """such as XBT"""
    quote: ctypes.Array[ctypes.c_uint8]
    """such as USD"""
    state: int
    """InstrumentState"""
    state_cause: int
    """StateCause of it"""
    next_state: int
    """InstrumentState that follows at `state_until_ns`; 0 without one"""
    pad347_: int
    pad348_: int
    state_until_ns: int
    """when that state is over; 0 if not by itself"""
    lowest_ticks: int
    """price limit; 0 for one tick"""
    highest_ticks: int
    """price limit; 0 for price_ticks_max"""
    auction_ticks: int
    """one price of the auction under way, as last said or fixed; 0 if none"""
    auction_volume: int
    """contracts that trade at it; while uncrossing, that are still to trade"""
    auction_surplus: int
    """contracts left at it: positive to buy, negative to sell"""
    mark_subticks: int
    """mark price, 0 before the first"""
    mark_sequence: int
    """the entry that set it"""
    index_subticks: int
    """index in the instrument's sub-ticks"""
    last_price_ticks: int
    """price of the last trade, 0 before the first"""
    open_interest: int
    """sum of the long positions, contracts"""
    volume: int
    """contracts traded since listing"""
    turnover_minor: int
    """value traded since listing"""
    closed_cost_minor: int
    """lifetime cost of rows that were freed"""
    sampled_ns: int
    """the minute of the last look at the own book"""
    impact_bid_subticks: int
    """impact bid of that look; 0 if not deep enough"""
    impact_ask_subticks: int
    """impact ask of that look; 0 if not deep enough"""
    premium_sum_ppb: int
    """premiums sampled in the funding period under way"""
    premium_samples: int
    """how many"""
    indicative_rate_ppb: int
    """funding rate if that period ended now"""
    basis_rate_ppb: int
    """a year's fair basis of a future"""
    anchor_subticks: int
    """centre of the band of a protected last price"""
    minute_index_subticks: int
    """index at that tick"""
    minute_mark_subticks: int
    """mark at the last minute's tick; it bounds what the fund pays for"""
    next_funding_ns: int
    """when the funding period ends; 0 without funding"""
    epoch_rate_ppb: int
    """rate of the last funding epoch"""
    epoch_lot_minor: int
    """value of a lot at its mark, magnitude"""
    epoch_pot_minor: int
    """paid in and not yet paid out while its sweep runs; may be negative"""
    epoch: int
    """its number"""
    sweeping: int
    """1 while its sweep runs"""
    settlement_kind: int
    """SettlementKind, 0 before its end"""
    pad582_: int
    pad583_: int
    settlement_subticks: int
    """settlement price, 0 before"""
    settlement_lot_minor: int
    """value of a lot at it, magnitude"""
    settled_positions: int
    """positions closed at it so far"""
    epoch_quantity: int
    """contracts the settlement took from those closed so far, signed"""
    epoch_cost_minor: int
    """lifetime cost it took from them, signed"""
    mean_mark_subticks: int
    """mean of the marks of earlier minutes, the newer the heavier"""
    mean_mark_rest_ppm: int
    """of that mean what is less than a sub-tick"""
    next_band_ns: int
    """when its price limits are set anew; 0 if never"""
    model_seen_ns: int
    """options: time of the prices the model was fitted to; 0 before"""
    forward_units: int
    """options: forward price of the underlying, in the index's units"""
    volatility_ppm: int
    """options: implied volatility of a year"""
    delta_ppm: int
    """options: see SetOptionMark"""
    gamma_ppb: int
    """options: see SetOptionMark"""
    vega_ppm: int
    """options: see SetOptionMark"""
    theta_ppm: int
    """options: see SetOptionMark"""
    margin_units: int
    """options: price of the underlying by which who sold one is margined"""
    docket: int
    """predictions: slot of its docket, 0 before"""
    takeovers: int
    """takeovers with something left"""
    first_takeover: int
    """the oldest of them"""
    last_takeover: int
    """the newest"""
    listed_ns: int
    """when"""
    listed_sequence: int
    """the entry that listed it; the public list is in this order, indices included"""
    value_numerator: int
    """inverse: value of a lot = numerator / subticks; else subticks * numerator / denominator"""
    value_denominator: int
    """see value_numerator; 1 if inverse"""
    cents_denominator: int
    """minor units in a whole times units of the index that says what it is worth in dollars"""
    index_numerator: int
    """sub-ticks = index units * numerator / denominator"""
    index_denominator: int
    """see index_numerator"""
    mark_lot_minor: int
    """value of a lot at the mark, magnitude"""
    margin_method: int
    """MarginMethod"""
    pad793_: int
    pad794_: int
    pad795_: int
    pad796_: int
    underlying_lot_minor: int
    """options: value of a lot of the underlying at `margin_units`"""
    highest_lot_minor: int
    """by collateral: value of a lot at the highest price"""
    best_bid_ticks: int
    """0 if there is none"""
    best_ask_ticks: int
    """0 if there is none"""
    bid_root: int
    """top node of the bids' trie"""
    ask_root: int
    """top node of the asks' trie"""
    long_root: int
    """top node of the trie of the longs' bands"""
    short_root: int
    """top node of the trie of the shorts' bands"""
    orders: int
    """orders resting"""
    law_epoch_quantity: int
    """`epoch_quantity` when the laws were checked last"""
    law_epoch_cost: int
    """`epoch_cost_minor` when the laws were checked last"""
    law_quantity: int
    """change of quantity over the rows touched"""
    law_cost: int
    """change of lifetime cost over the rows touched"""
    _fields_ = (
        ("index", ctypes.c_int32),
        ("currency", ctypes.c_int32),
        ("instrument_type", ctypes.c_uint8),
        ("valuation", ctypes.c_uint8),
        ("pad10_", ctypes.c_uint8),
        ("pad11_", ctypes.c_uint8),
        ("price_decimals", ctypes.c_int32),
        ("tick_units", ctypes.c_int64),
        ("subticks_per_tick", ctypes.c_int64),
        ("lot", ctypes.c_int64),
        ("multiplier_minor", ctypes.c_int64),
        ("contracts_per_underlying", ctypes.c_int64),
        ("quantity_max", ctypes.c_int64),
        ("price_ticks_max", ctypes.c_int64),
        ("initial_margin_ppm", ctypes.c_int64),
        ("maintenance_margin_ppm", ctypes.c_int64),
        ("risk_limit_minor", ctypes.c_int64),
        ("risk_step_minor", ctypes.c_int64),
        ("maker_fee_ppm", ctypes.c_int64),
        ("taker_fee_ppm", ctypes.c_int64),
        ("settlement_fee_ppm", ctypes.c_int64),
        ("mark_method", ctypes.c_uint8),
        ("deleverage_policy", ctypes.c_uint8),
        ("pad130_", ctypes.c_uint8),
        ("pad131_", ctypes.c_uint8),
        ("usd_index", ctypes.c_int32),
        ("impact_notional_minor", ctypes.c_int64),
        ("interest_quote_ppb", ctypes.c_int64),
        ("interest_base_ppb", ctypes.c_int64),
        ("funding_rate_ppb", ctypes.c_int64),
        ("funding_interval_ns", ctypes.c_int64),
        ("funding_offset_ns", ctypes.c_int64),
        ("expiry_ns", ctypes.c_int64),
        ("opens_ns", ctypes.c_int64),
        ("opening_subticks", ctypes.c_int64),
        ("strike_units", ctypes.c_int64),
        ("floor_margin_ppm", ctypes.c_int64),
        ("fee_cap_ppm", ctypes.c_int64),
        ("hourly_band_ppm", ctypes.c_int64),
        ("near_instrument", ctypes.c_int32),
        ("far_instrument", ctypes.c_int32),
        ("origin_ticks", ctypes.c_int64),
        ("dispute_ns", ctypes.c_int64),
        ("bond_minor", ctypes.c_int64),
        ("binary", ctypes.c_uint8),
        ("pad273_", ctypes.c_uint8),
        ("pad274_", ctypes.c_uint8),
        ("pad275_", ctypes.c_uint8),
        ("pad276_", ctypes.c_int32),
        ("band_ppm", ctypes.c_int64),
        ("small_order_minor", ctypes.c_int64),
        ("orders_max", ctypes.c_int32),
        ("stops_max", ctypes.c_int32),
        ("symbol", ctypes.c_uint8 * 24),
        ("underlying", ctypes.c_uint8 * 8),
        ("quote", ctypes.c_uint8 * 8),
        ("state", ctypes.c_uint8),
        ("state_cause", ctypes.c_uint8),
        ("next_state", ctypes.c_uint8),
        ("pad347_", ctypes.c_uint8),
        ("pad348_", ctypes.c_int32),
        ("state_until_ns", ctypes.c_int64),
        ("lowest_ticks", ctypes.c_int64),
        ("highest_ticks", ctypes.c_int64),
        ("auction_ticks", ctypes.c_int64),
        ("auction_volume", ctypes.c_int64),
        ("auction_surplus", ctypes.c_int64),
        ("mark_subticks", ctypes.c_int64),
        ("mark_sequence", ctypes.c_int64),
        ("index_subticks", ctypes.c_int64),
        ("last_price_ticks", ctypes.c_int64),
        ("open_interest", ctypes.c_int64),
        ("volume", ctypes.c_int64),
        ("turnover_minor", ctypes.c_int64),
        ("closed_cost_minor", ctypes.c_int64),
        ("sampled_ns", ctypes.c_int64),
        ("impact_bid_subticks", ctypes.c_int64),
        ("impact_ask_subticks", ctypes.c_int64),
        ("premium_sum_ppb", ctypes.c_int64),
        ("premium_samples", ctypes.c_int64),
        ("indicative_rate_ppb", ctypes.c_int64),
        ("basis_rate_ppb", ctypes.c_int64),
        ("anchor_subticks", ctypes.c_int64),
        ("minute_index_subticks", ctypes.c_int64),
        ("minute_mark_subticks", ctypes.c_int64),
        ("next_funding_ns", ctypes.c_int64),
        ("epoch_rate_ppb", ctypes.c_int64),
        ("epoch_lot_minor", ctypes.c_int64),
        ("epoch_pot_minor", ctypes.c_int64),
        ("epoch", ctypes.c_int32),
        ("sweeping", ctypes.c_uint8),
        ("settlement_kind", ctypes.c_uint8),
        ("pad582_", ctypes.c_uint8),
        ("pad583_", ctypes.c_uint8),
        ("settlement_subticks", ctypes.c_int64),
        ("settlement_lot_minor", ctypes.c_int64),
        ("settled_positions", ctypes.c_int64),
        ("epoch_quantity", ctypes.c_int64),
        ("epoch_cost_minor", ctypes.c_int64),
        ("mean_mark_subticks", ctypes.c_int64),
        ("mean_mark_rest_ppm", ctypes.c_int64),
        ("next_band_ns", ctypes.c_int64),
        ("model_seen_ns", ctypes.c_int64),
        ("forward_units", ctypes.c_int64),
        ("volatility_ppm", ctypes.c_int64),
        ("delta_ppm", ctypes.c_int64),
        ("gamma_ppb", ctypes.c_int64),
        ("vega_ppm", ctypes.c_int64),
        ("theta_ppm", ctypes.c_int64),
        ("margin_units", ctypes.c_int64),
        ("docket", ctypes.c_int32),
        ("takeovers", ctypes.c_int32),
        ("first_takeover", ctypes.c_int32),
        ("last_takeover", ctypes.c_int32),
        ("listed_ns", ctypes.c_int64),
        ("listed_sequence", ctypes.c_int64),
        ("value_numerator", ctypes.c_int64),
        ("value_denominator", ctypes.c_int64),
        ("cents_denominator", ctypes.c_int64),
        ("index_numerator", ctypes.c_int64),
        ("index_denominator", ctypes.c_int64),
        ("mark_lot_minor", ctypes.c_int64),
        ("margin_method", ctypes.c_uint8),
        ("pad793_", ctypes.c_uint8),
        ("pad794_", ctypes.c_uint8),
        ("pad795_", ctypes.c_uint8),
        ("pad796_", ctypes.c_int32),
        ("underlying_lot_minor", ctypes.c_int64),
        ("highest_lot_minor", ctypes.c_int64),
        ("best_bid_ticks", ctypes.c_int64),
        ("best_ask_ticks", ctypes.c_int64),
        ("bid_root", ctypes.c_int32),
        ("ask_root", ctypes.c_int32),
        ("long_root", ctypes.c_int32),
        ("short_root", ctypes.c_int32),
        ("orders", ctypes.c_int64),
        ("law_epoch_quantity", ctypes.c_int64),
        ("law_epoch_cost", ctypes.c_int64),
        ("law_quantity", ctypes.c_int64),
        ("law_cost", ctypes.c_int64),
    )


class AccountRow(ctypes.LittleEndianStructure):
    """An account."""

    handle: ctypes.Array[ctypes.c_uint64]
    """who it belongs to, as identity knows"""
    state: int
    """AccountState"""
    pad17_: int
    pad18_: int
    pad19_: int
    pad20_: int
    opened_ns: int
    """when"""
    dead_man_ns: int
    """its orders are cancelled at this time; 0 if not armed"""
    dead_man_sequence: int
    """the entry that armed it; among equal times the earlier goes first"""
    first_ended: int
    """oldest of its remembered ended client ids"""
    last_ended: int
    """newest of them"""
    ended: int
    """how many"""
    next_examined: int
    """account examined after it"""
    examined: int
    """1 while it waits to be examined"""
    distressed: int
    """1 after a step of the ladder, until it passes the test again"""
    fee_tier: int
    """its fee tier"""
    pad67_: int
    tier_day: int
    """the day since 1970 for which the tier was found"""
    self_trade: int
    """SelfTrade; 0 is EXPIRE_TAKER"""
    state_cause: int
    """StateCause of its state"""
    pad74_: int
    pad75_: int
    pad76_: int
    state_until_ns: int
    """when that state is over; 0 if not by itself"""
    state_sequence: int
    """the entry that set it; among equal times the earlier is over first"""
    small_until_ns: int
    """until then its small orders are hidden (ORD-21); 0 if it is not flagged"""
    first_wallet: int
    """chain of its wallets"""
    first_position: int
    """chain of its positions"""
    first_order: int
    """chain of its open orders, newest first"""
    orders: int
    """open orders"""
    small_orders: int
    """of them small ones (ORD-21)"""
    volume: int
    """slot of its volumes, 0 if it never traded"""
    timer: int
    """its place in the heap of timers, 0 if nothing is to come"""
    hash_next: int
    """next row in the same bucket of its index"""
    _fields_ = (
        ("handle", ctypes.c_uint64 * 2),
        ("state", ctypes.c_uint8),
        ("pad17_", ctypes.c_uint8),
        ("pad18_", ctypes.c_uint8),
        ("pad19_", ctypes.c_uint8),
        ("pad20_", ctypes.c_int32),
        ("opened_ns", ctypes.c_int64),
        ("dead_man_ns", ctypes.c_int64),
        ("dead_man_sequence", ctypes.c_int64),
        ("first_ended", ctypes.c_int32),
        ("last_ended", ctypes.c_int32),
        ("ended", ctypes.c_int32),
        ("next_examined", ctypes.c_int32),
        ("examined", ctypes.c_uint8),
        ("distressed", ctypes.c_uint8),
        ("fee_tier", ctypes.c_uint8),
        ("pad67_", ctypes.c_uint8),
        ("tier_day", ctypes.c_int32),
        ("self_trade", ctypes.c_uint8),
        ("state_cause", ctypes.c_uint8),
        ("pad74_", ctypes.c_uint8),
        ("pad75_", ctypes.c_uint8),
        ("pad76_", ctypes.c_int32),
        ("state_until_ns", ctypes.c_int64),
        ("state_sequence", ctypes.c_int64),
        ("small_until_ns", ctypes.c_int64),
        ("first_wallet", ctypes.c_int32),
        ("first_position", ctypes.c_int32),
        ("first_order", ctypes.c_int32),
        ("orders", ctypes.c_int32),
        ("small_orders", ctypes.c_int32),
        ("volume", ctypes.c_int32),
        ("timer", ctypes.c_int32),
        ("hash_next", ctypes.c_int32),
    )


class WalletRow(ctypes.LittleEndianStructure):
    """An account's money in one currency."""

    account: int
    """whose"""
    currency: int
    """the settlement currency's number, which is its slot"""
    balance_minor: int
    """settled money; may be negative"""
    held_minor: int
    """of it in bonds: it backs nothing and cannot be moved"""
    deposited_minor: int
    """all deposits less reversals"""
    withdrawn_minor: int
    """all withdrawals asked for and not returned"""
    transferred_in_minor: int
    """from other accounts"""
    transferred_out_minor: int
    """to other accounts"""
    bonds_lost_minor: int
    """bonds of wrong disputes, to the insurance fund"""
    next_wallet: int
    """next of the account"""
    touched: int
    """place in the list of touched wallets + 1"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("currency", ctypes.c_int32),
        ("balance_minor", ctypes.c_int64),
        ("held_minor", ctypes.c_int64),
        ("deposited_minor", ctypes.c_int64),
        ("withdrawn_minor", ctypes.c_int64),
        ("transferred_in_minor", ctypes.c_int64),
        ("transferred_out_minor", ctypes.c_int64),
        ("bonds_lost_minor", ctypes.c_int64),
        ("next_wallet", ctypes.c_int32),
        ("touched", ctypes.c_int32),
    )


class PositionRow(ctypes.LittleEndianStructure):
    """An account's position and orders in one instrument."""

    account: int
    """whose"""
    instrument: int
    """the instrument's number, which is its slot"""
    quantity: int
    """signed contracts"""
    cost_minor: int
    """unrealised cost, signed as the value function"""
    lifetime_cost_minor: int
    """sum of the costs of all fills, never reset"""
    fees_minor: int
    """fees less rebates since the position was last flat"""
    realised_minor: int
    """realised PnL before fees since the position was last flat"""
    previous_realised_minor: int
    """realised PnL after fees of the closed positions before"""
    leverage_centi: int
    """chosen leverage in hundredths, 0 if none"""
    moved_margin_minor: int
    """margin moved in by hand, isolated only"""
    loss_minor: int
    """opening fees that an isolated position has paid out of its own margin"""
    risk_limit_minor: int
    """chosen risk limit"""
    buy_dearest_minor: int
    """margin of the dearest lot among its buy orders since it last had none"""
    sell_dearest_minor: int
    """margin of the dearest lot among its sell orders since it last had none"""
    isolated: int
    """1 isolated, 0 cross"""
    band_long: int
    """1 if it stands among the longs' bands"""
    pad106_: int
    pad107_: int
    risk_steps: int
    """steps of the chosen risk limit above the base"""
    epoch: int
    """last funding epoch it has paid or got"""
    band_subticks: int
    """it is examined when the mark passes this; 0 if no mark matters"""
    band_previous: int
    """position before it at the same band"""
    band_next: int
    """position behind it at the same band"""
    buy_quantity: int
    """open quantity of its buy orders, reduce-only ones left out"""
    buy_value_minor: int
    """value of it at the orders' prices"""
    buy_margin_minor: int
    """order cost and premium of it"""
    buy_reduce_quantity: int
    """open quantity of its reduce-only buy orders"""
    buy_premium_minor: int
    """premium of all its buy orders, reduce-only ones too"""
    sell_quantity: int
    """open quantity of its sell orders, reduce-only ones left out"""
    sell_value_minor: int
    """value of it at the orders' prices"""
    sell_margin_minor: int
    """order cost and premium of it"""
    sell_reduce_quantity: int
    """open quantity of its reduce-only sell orders"""
    sell_premium_minor: int
    """premium of all its sell orders, reduce-only ones too"""
    wallet: int
    """slot of the wallet it settles into"""
    next_position: int
    """next of the account"""
    first_reducing: int
    """chain of its resting reduce-only orders, newest first"""
    reducing: int
    """how many"""
    orders: int
    """open orders, waiting ones included"""
    stops: int
    """of them waiting for a trigger"""
    hash_next: int
    """next row in the same bucket of its index"""
    touched: int
    """place in the list of touched positions + 1"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("quantity", ctypes.c_int64),
        ("cost_minor", ctypes.c_int64),
        ("lifetime_cost_minor", ctypes.c_int64),
        ("fees_minor", ctypes.c_int64),
        ("realised_minor", ctypes.c_int64),
        ("previous_realised_minor", ctypes.c_int64),
        ("leverage_centi", ctypes.c_int64),
        ("moved_margin_minor", ctypes.c_int64),
        ("loss_minor", ctypes.c_int64),
        ("risk_limit_minor", ctypes.c_int64),
        ("buy_dearest_minor", ctypes.c_int64),
        ("sell_dearest_minor", ctypes.c_int64),
        ("isolated", ctypes.c_uint8),
        ("band_long", ctypes.c_uint8),
        ("pad106_", ctypes.c_uint8),
        ("pad107_", ctypes.c_uint8),
        ("risk_steps", ctypes.c_int32),
        ("epoch", ctypes.c_int32),
        ("band_subticks", ctypes.c_int32),
        ("band_previous", ctypes.c_int32),
        ("band_next", ctypes.c_int32),
        ("buy_quantity", ctypes.c_int64),
        ("buy_value_minor", ctypes.c_int64),
        ("buy_margin_minor", ctypes.c_int64),
        ("buy_reduce_quantity", ctypes.c_int64),
        ("buy_premium_minor", ctypes.c_int64),
        ("sell_quantity", ctypes.c_int64),
        ("sell_value_minor", ctypes.c_int64),
        ("sell_margin_minor", ctypes.c_int64),
        ("sell_reduce_quantity", ctypes.c_int64),
        ("sell_premium_minor", ctypes.c_int64),
        ("wallet", ctypes.c_int32),
        ("next_position", ctypes.c_int32),
        ("first_reducing", ctypes.c_int32),
        ("reducing", ctypes.c_int32),
        ("orders", ctypes.c_int32),
        ("stops", ctypes.c_int32),
        ("hash_next", ctypes.c_int32),
        ("touched", ctypes.c_int32),
    )


class OrderRow(ctypes.LittleEndianStructure):
    """A working order."""

    order_id: int
    """the engine's order number"""
    account: int
    """whose"""
    instrument: int
    """the instrument's number, which is its slot"""
    side: int
    """Side"""
    order_type: int
    """OrderType"""
    time_in_force: int
    """TimeInForce"""
    flags: int
    """OrderFlag bits"""
    next_free: int
    """of a row given back: the one given back before it"""
    quantity: int
    """total quantity, contracts"""
    leaves_quantity: int
    """open quantity, contracts"""
    price_ticks: int
    """limit price; of a market order the edge of its band"""
    filled_value_minor: int
    """value of what has traded, magnitude; in a spread lots times ticks"""
    priority: int
    """number of its place in the queue, rising"""
    time_ns: int
    """when it was placed"""
    display_quantity: int
    """visible part; -1 all of it"""
    shown_quantity: int
    """contracts visible now, of one that does not show all; else 0"""
    self_trade: int
    """SelfTrade; 0 for what the account has chosen"""
    pad85_: int
    pad86_: int
    pad87_: int
    premium_minor: int
    """what its price was through the mark when its margin was last taken; in a spread all of its margin"""
    takeover: int
    """slot of the takeover it closes, 0 if it is an account's own"""
    pad100_: int
    margin_minor: int
    """order cost and premium of the open quantity; 0 if reduce-only"""
    value_minor: int
    """value of the open quantity at its price, magnitude; 0 in a spread"""
    previous: int
    """before it at its level"""
    next: int
    """behind it at its level"""
    level: int
    """slot of its level, 0 while it does not rest"""
    position: int
    """slot of the position"""
    client: int
    """slot of its client id, 0 if none"""
    condition: int
    """slot of what it waits for or is bound to, 0 if nothing"""
    account_previous: int
    """newer order of the account"""
    account_next: int
    """older order of the account"""
    reducing_previous: int
    """newer reduce-only order of the position that rests"""
    reducing_next: int
    """older reduce-only order of the position that rests"""
    hash_next: int
    """next row in the same bucket of its index"""
    pad164_: int
    _fields_ = (
        ("order_id", ctypes.c_int64),
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("side", ctypes.c_uint8),
        ("order_type", ctypes.c_uint8),
        ("time_in_force", ctypes.c_uint8),
        ("flags", ctypes.c_uint8),
        ("next_free", ctypes.c_int32),
        ("quantity", ctypes.c_int64),
        ("leaves_quantity", ctypes.c_int64),
        ("price_ticks", ctypes.c_int64),
        ("filled_value_minor", ctypes.c_int64),
        ("priority", ctypes.c_int64),
        ("time_ns", ctypes.c_int64),
        ("display_quantity", ctypes.c_int64),
        ("shown_quantity", ctypes.c_int32),
        ("self_trade", ctypes.c_uint8),
        ("pad85_", ctypes.c_uint8),
        ("pad86_", ctypes.c_uint8),
        ("pad87_", ctypes.c_uint8),
        ("premium_minor", ctypes.c_int64),
        ("takeover", ctypes.c_int32),
        ("pad100_", ctypes.c_int32),
        ("margin_minor", ctypes.c_int64),
        ("value_minor", ctypes.c_int64),
        ("previous", ctypes.c_int32),
        ("next", ctypes.c_int32),
        ("level", ctypes.c_int32),
        ("position", ctypes.c_int32),
        ("client", ctypes.c_int32),
        ("condition", ctypes.c_int32),
        ("account_previous", ctypes.c_int32),
        ("account_next", ctypes.c_int32),
        ("reducing_previous", ctypes.c_int32),
        ("reducing_next", ctypes.c_int32),
        ("hash_next", ctypes.c_int32),
        ("pad164_", ctypes.c_int32),
    )


class ClientIdRow(ctypes.LittleEndianStructure):
    """A client id that may not be used again yet."""

    client_id: ctypes.Array[ctypes.c_uint64]
    """36 bytes and a length"""
    order_id: int
    """the order it named"""
    ended_ns: int
    """when that order ended, 0 while it is open"""
    account: int
    """whose"""
    next_free: int
    """of a row given back: the one given back before it"""
    next_ended: int
    """next younger ended one of the account"""
    pad68_: int
    order: int
    """slot of the open order, 0 when ended"""
    hash_next: int
    """next row in the same bucket of its index"""
    _fields_ = (
        ("client_id", ctypes.c_uint64 * 5),
        ("order_id", ctypes.c_int64),
        ("ended_ns", ctypes.c_int64),
        ("account", ctypes.c_int32),
        ("next_free", ctypes.c_int32),
        ("next_ended", ctypes.c_int32),
        ("pad68_", ctypes.c_int32),
        ("order", ctypes.c_int32),
        ("hash_next", ctypes.c_int32),
    )


class ConditionRow(ctypes.LittleEndianStructure):
    """What an order waits for, follows or is bound to; most orders have none."""

    order: int
    """slot of the order"""
    next_free: int
    """of a row given back: the one given back before it"""
    stage: int
    """ConditionStage"""
    trigger_reference: int
    """TriggerReference, 0 if none"""
    rising: int
    """1 if the reference has to rise to the trigger, 0 if to fall"""
    peg_kind: int
    """PegKind, 0 if none"""
    contingency: int
    """Contingency, 0 if none"""
    primary: int
    """1 if the others of its group wait for it"""
    pad14_: int
    pad15_: int
    trigger_subticks: int
    """trigger price; 0 if none"""
    peg_offset_subticks: int
    """signed distance of a peg or trailing stop"""
    peg_reference_subticks: int
    """the reference a trailing trigger was last made from"""
    link: int
    """slot of its group of linked orders, 0 if none"""
    released_next: int
    """the one that goes on after it, while it waits for that"""
    pad36_: int
    place: int
    """number of its place among those that wait at one price, rising"""
    trigger_previous: int
    """before it at its trigger price"""
    trigger_next: int
    """behind it at its trigger price"""
    trail_previous: int
    """before it at the price at which its trigger follows"""
    trail_next: int
    """behind it there"""
    day_previous: int
    """before it among the orders for a day"""
    day_next: int
    """behind it there"""
    link_previous: int
    """older one of its group"""
    link_next: int
    """younger one of its group"""
    _fields_ = (
        ("order", ctypes.c_int32),
        ("next_free", ctypes.c_int32),
        ("stage", ctypes.c_uint8),
        ("trigger_reference", ctypes.c_uint8),
        ("rising", ctypes.c_uint8),
        ("peg_kind", ctypes.c_uint8),
        ("contingency", ctypes.c_uint8),
        ("primary", ctypes.c_uint8),
        ("pad14_", ctypes.c_uint8),
        ("pad15_", ctypes.c_uint8),
        ("trigger_subticks", ctypes.c_int32),
        ("peg_offset_subticks", ctypes.c_int32),
        ("peg_reference_subticks", ctypes.c_int32),
        ("link", ctypes.c_int32),
        ("released_next", ctypes.c_int32),
        ("pad36_", ctypes.c_int32),
        ("place", ctypes.c_int64),
        ("trigger_previous", ctypes.c_int32),
        ("trigger_next", ctypes.c_int32),
        ("trail_previous", ctypes.c_int32),
        ("trail_next", ctypes.c_int32),
        ("day_previous", ctypes.c_int32),
        ("day_next", ctypes.c_int32),
        ("link_previous", ctypes.c_int32),
        ("link_next", ctypes.c_int32),
    )


class LinkRow(ctypes.LittleEndianStructure):
    """A group of linked orders of an account."""

    link_id: ctypes.Array[ctypes.c_uint64]
    """the account's own name for it, 36 bytes and a length"""
    account: int
    """whose"""
    next_free: int
    """of a row given back: the one given back before it"""
    first: int
    """condition of its oldest member"""
    last: int
    """of its youngest"""
    members: int
    """how many"""
    hash_next: int
    """next row in the same bucket of its index"""
    _fields_ = (
        ("link_id", ctypes.c_uint64 * 5),
        ("account", ctypes.c_int32),
        ("next_free", ctypes.c_int32),
        ("first", ctypes.c_int32),
        ("last", ctypes.c_int32),
        ("members", ctypes.c_int32),
        ("hash_next", ctypes.c_int32),
    )


class FilledRow(ctypes.LittleEndianStructure):
    """An order that has been filled, to be revived for a while (ORD-19)."""

    order_id: int
    """its number"""
    filled_ns: int
    """when"""
    account: int
    """whose"""
    instrument: int
    """the instrument's number, which is its slot"""
    side: int
    """Side"""
    order_type: int
    """OrderType"""
    time_in_force: int
    """TimeInForce"""
    flags: int
    """OrderFlag bits"""
    self_trade: int
    """SelfTrade"""
    pad29_: int
    pad30_: int
    pad31_: int
    quantity: int
    """contracts, all of them filled"""
    price_ticks: int
    """limit price"""
    filled_value_minor: int
    """value of what has traded, magnitude"""
    time_ns: int
    """when it was placed"""
    display_quantity: int
    """visible part; -1 all of it"""
    client: int
    """slot of its client id, 0 if none"""
    pad76_: int
    _fields_ = (
        ("order_id", ctypes.c_int64),
        ("filled_ns", ctypes.c_int64),
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("side", ctypes.c_uint8),
        ("order_type", ctypes.c_uint8),
        ("time_in_force", ctypes.c_uint8),
        ("flags", ctypes.c_uint8),
        ("self_trade", ctypes.c_uint8),
        ("pad29_", ctypes.c_uint8),
        ("pad30_", ctypes.c_uint8),
        ("pad31_", ctypes.c_uint8),
        ("quantity", ctypes.c_int64),
        ("price_ticks", ctypes.c_int64),
        ("filled_value_minor", ctypes.c_int64),
        ("time_ns", ctypes.c_int64),
        ("display_quantity", ctypes.c_int64),
        ("client", ctypes.c_int32),
        ("pad76_", ctypes.c_int32),
    )


class TriggerSetRow(ctypes.LittleEndianStructure):
    """Orders of an instrument that wait for one reference to move one way; set k of instrument n is row 16 n + k."""

    reached_subticks: int
    """how far the reference has come while its work waits; 0 if none does"""
    pad4_: int
    root: int
    """top node of the trie of their prices, 0 before the first"""
    orders: int
    """how many"""
    _fields_ = (
        ("reached_subticks", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("root", ctypes.c_int32),
        ("orders", ctypes.c_int32),
    )


class DepositRow(ctypes.LittleEndianStructure):
    """A credited outpoint."""

    reference: ctypes.Array[ctypes.c_uint64]
    """transaction id"""
    output_index: int
    """which output"""
    amount_minor: int
    """credited"""
    account: int
    """whose"""
    currency: int
    """the settlement currency's number, which is its slot"""
    reversed: int
    """1 after its reversal"""
    pad57_: int
    pad58_: int
    pad59_: int
    pad60_: int
    hash_next: int
    """next row in the same bucket of its index"""
    pad68_: int
    _fields_ = (
        ("reference", ctypes.c_uint64 * 4),
        ("output_index", ctypes.c_int64),
        ("amount_minor", ctypes.c_int64),
        ("account", ctypes.c_int32),
        ("currency", ctypes.c_int32),
        ("reversed", ctypes.c_uint8),
        ("pad57_", ctypes.c_uint8),
        ("pad58_", ctypes.c_uint8),
        ("pad59_", ctypes.c_uint8),
        ("pad60_", ctypes.c_int32),
        ("hash_next", ctypes.c_int32),
        ("pad68_", ctypes.c_int32),
    )


class TakeoverRow(ctypes.LittleEndianStructure):
    """A position taken over in liquidation, until it is closed."""

    takeover: int
    """its number, from 1"""
    account: int
    """whose"""
    instrument: int
    """the instrument's number, which is its slot"""
    quantity: int
    """signed contracts still held"""
    cost_minor: int
    """their cost: the bankruptcy value"""
    order_id: int
    """order number under which it is shown"""
    price_ticks: int
    """limit at the bankruptcy price within the tick"""
    made_sequence: int
    """the entry that made it"""
    stage: int
    """TakeoverStage"""
    pad57_: int
    pad58_: int
    pad59_: int
    order: int
    """slot of the order that rests for it, 0 if none"""
    previous: int
    """older one of the instrument"""
    next: int
    """newer one of the instrument"""
    next_free: int
    """of a row given back: the one given back before it"""
    pad76_: int
    _fields_ = (
        ("takeover", ctypes.c_int64),
        ("account", ctypes.c_int32),
        ("instrument", ctypes.c_int32),
        ("quantity", ctypes.c_int64),
        ("cost_minor", ctypes.c_int64),
        ("order_id", ctypes.c_int64),
        ("price_ticks", ctypes.c_int64),
        ("made_sequence", ctypes.c_int64),
        ("stage", ctypes.c_uint8),
        ("pad57_", ctypes.c_uint8),
        ("pad58_", ctypes.c_uint8),
        ("pad59_", ctypes.c_uint8),
        ("order", ctypes.c_int32),
        ("previous", ctypes.c_int32),
        ("next", ctypes.c_int32),
        ("next_free", ctypes.c_int32),
        ("pad76_", ctypes.c_int32),
    )


class RankedRow(ctypes.LittleEndianStructure):
    """A place in the heap of positions ranked for deleveraging, the first to be taken on top."""

    position: int
    """its slot"""
    pad4_: int
    key: int
    """the policy's key; larger comes first"""
    score: int
    """profit and leverage (ADL-01)"""
    quantity: int
    """contracts it held when it was ranked"""
    older_quantity: int
    """eligible contracts in older positions"""
    better_quantity: int
    """eligible contracts in positions with a higher score"""
    taken_quantity: int
    """contracts taken of it in this round"""
    _fields_ = (
        ("position", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
        ("key", ctypes.c_int64),
        ("score", ctypes.c_int64),
        ("quantity", ctypes.c_int64),
        ("older_quantity", ctypes.c_int64),
        ("better_quantity", ctypes.c_int64),
        ("taken_quantity", ctypes.c_int64),
    )


class VolumeRow(ctypes.LittleEndianStructure):
    """What an account has traded on each of the last days, day d at place d % 32 (FEE-03)."""

    account: int
    """whose"""
    day: int
    """last day since 1970 on which it traded"""
    cents: ctypes.Array[ctypes.c_int64]
    """value traded on a day in US cents"""
    _fields_ = (
        ("account", ctypes.c_int32),
        ("day", ctypes.c_int32),
        ("cents", ctypes.c_int64 * 32),
    )


class WithdrawalRow(ctypes.LittleEndianStructure):
    """A withdrawal asked for."""

    request: ctypes.Array[ctypes.c_uint64]
    """its unique id"""
    amount_minor: int
    """how much"""
    account: int
    """whose"""
    currency: int
    """the settlement currency's number, which is its slot"""
    state: int
    """0 in flight, 1 left, 2 returned"""
    pad33_: int
    pad34_: int
    pad35_: int
    pad36_: int
    hash_next: int
    """next row in the same bucket of its index"""
    pad44_: int
    _fields_ = (
        ("request", ctypes.c_uint64 * 2),
        ("amount_minor", ctypes.c_int64),
        ("account", ctypes.c_int32),
        ("currency", ctypes.c_int32),
        ("state", ctypes.c_uint8),
        ("pad33_", ctypes.c_uint8),
        ("pad34_", ctypes.c_uint8),
        ("pad35_", ctypes.c_uint8),
        ("pad36_", ctypes.c_int32),
        ("hash_next", ctypes.c_int32),
        ("pad44_", ctypes.c_int32),
    )


class FaultRow(ctypes.LittleEndianStructure):
    """The first broken invariant of a step, with both numbers."""

    code: int
    """Fault"""
    subject: int
    """currency or instrument concerned"""
    found: int
    """the number found"""
    expected: int
    """the number it should have been"""
    _fields_ = (
        ("code", ctypes.c_int32),
        ("subject", ctypes.c_int32),
        ("found", ctypes.c_int64),
        ("expected", ctypes.c_int64),
    )


class AssessmentRow(ctypes.LittleEndianStructure):
    """What an order would do if it came now; written by assess, read by the refusing half of a handler."""

    filled_quantity: int
    """would trade at once"""
    filled_value_minor: int
    """value of it"""
    closing_quantity: int
    """part of it that would close the position"""
    closing_value_minor: int
    """value of that part"""
    before_minor: int
    """available balance now"""
    available_minor: int
    """available balance afterwards"""
    risk_value_minor: int
    """value of position and orders afterwards"""
    too_large: int
    """1 if a bound would be passed"""
    liquidated: int
    """1 if it would fail the liquidation test at once, 2 if it would be bankrupt (MRG-11)"""
    pad58_: int
    pad59_: int
    pad60_: int
    _fields_ = (
        ("filled_quantity", ctypes.c_int64),
        ("filled_value_minor", ctypes.c_int64),
        ("closing_quantity", ctypes.c_int64),
        ("closing_value_minor", ctypes.c_int64),
        ("before_minor", ctypes.c_int64),
        ("available_minor", ctypes.c_int64),
        ("risk_value_minor", ctypes.c_int64),
        ("too_large", ctypes.c_uint8),
        ("liquidated", ctypes.c_uint8),
        ("pad58_", ctypes.c_uint8),
        ("pad59_", ctypes.c_uint8),
        ("pad60_", ctypes.c_int32),
    )


class WeighingRow(ctypes.LittleEndianStructure):
    """What an account holds together in one currency, as weighed last (LIQ-01)."""

    equity_minor: int
    """wallet, less own margins of isolated positions, with unrealised PnL"""
    maintenance_minor: int
    """of the cross positions"""
    orders_minor: int
    """margin of the open orders, those of isolated positions too"""
    largest_minor: int
    """largest maintenance of a cross position in an open instrument"""
    positions: int
    """cross positions"""
    largest: int
    """slot of that position, 0 if there is none"""
    _fields_ = (
        ("equity_minor", ctypes.c_int64),
        ("maintenance_minor", ctypes.c_int64),
        ("orders_minor", ctypes.c_int64),
        ("largest_minor", ctypes.c_int64),
        ("positions", ctypes.c_int32),
        ("largest", ctypes.c_int32),
    )


class SpreadingRow(ctypes.LittleEndianStructure):
    """What an order in a spread would do to both legs; written and read like an assessment (SPR-04)."""

    near_slot: int
    """position in the near leg, 0 if there is none"""
    far_slot: int
    """position in the far leg, 0 if there is none"""
    filled_quantity: int
    """would trade at once"""
    near_value_minor: int
    """value of it in the near leg"""
    far_value_minor: int
    """value of it in the far leg"""
    closing_value_minor: int
    """value of the part that closes in the far leg"""
    spent_minor: int
    """fees, and what closing would realise, as a loss"""
    required_minor: int
    """by how much more the legs would take from the available balance"""
    slack_minor: int
    """by how much the account would pass the liquidation test by more"""
    holds: int
    """1 if a leg would be held afterwards"""
    pad65_: int
    pad66_: int
    pad67_: int
    over_limit: int
    """leg whose risk limit would be exceeded, 0 if none"""
    risk_value_minor: int
    """risk value there"""
    risk_limit_minor: int
    """risk limit there"""
    too_large: int
    """1 if a bound would be passed"""
    pad89_: int
    pad90_: int
    pad91_: int
    pad92_: int
    _fields_ = (
        ("near_slot", ctypes.c_int32),
        ("far_slot", ctypes.c_int32),
        ("filled_quantity", ctypes.c_int64),
        ("near_value_minor", ctypes.c_int64),
        ("far_value_minor", ctypes.c_int64),
        ("closing_value_minor", ctypes.c_int64),
        ("spent_minor", ctypes.c_int64),
        ("required_minor", ctypes.c_int64),
        ("slack_minor", ctypes.c_int64),
        ("holds", ctypes.c_uint8),
        ("pad65_", ctypes.c_uint8),
        ("pad66_", ctypes.c_uint8),
        ("pad67_", ctypes.c_uint8),
        ("over_limit", ctypes.c_int32),
        ("risk_value_minor", ctypes.c_int64),
        ("risk_limit_minor", ctypes.c_int64),
        ("too_large", ctypes.c_uint8),
        ("pad89_", ctypes.c_uint8),
        ("pad90_", ctypes.c_uint8),
        ("pad91_", ctypes.c_uint8),
        ("pad92_", ctypes.c_int32),
    )


class PoolRow(ctypes.LittleEndianStructure):
    """How much of a table is in use."""

    rows: int
    """rows there are"""
    high: int
    """rows 1 to this have been used"""
    live: int
    """rows in use now"""
    free: int
    """first slot of the chain of freed rows"""
    pad28_: int
    _fields_ = (
        ("rows", ctypes.c_int64),
        ("high", ctypes.c_int64),
        ("live", ctypes.c_int64),
        ("free", ctypes.c_int32),
        ("pad28_", ctypes.c_int32),
    )


class TimerRow(ctypes.LittleEndianStructure):
    """A place in the heap of accounts for which a time is to come, of a switch or a state, earliest first."""

    account: int
    """whose time"""
    pad4_: int
    _fields_ = (
        ("account", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
    )


class BucketRow(ctypes.LittleEndianStructure):
    """Head of a bucket of an index."""

    head: int
    """first row in the bucket"""
    pad4_: int
    _fields_ = (
        ("head", ctypes.c_int32),
        ("pad4_", ctypes.c_int32),
    )


class NodeRow(ctypes.LittleEndianStructure):
    """Inner node of a book's trie: 64 children and which of them are there."""

    bits: int
    """bit d is set if child d is there"""
    children: ctypes.Array[ctypes.c_int32]
    """slots of nodes or, at the last inner depth, of leaves"""
    _fields_ = (
        ("bits", ctypes.c_uint64),
        ("children", ctypes.c_int32 * 64),
    )


class LeafRow(ctypes.LittleEndianStructure):
    """64 neighbouring price levels; level d of leaf s is row 64 * s + d of the levels."""

    bits: int
    """bit d is set if level d has orders"""
    hash_next: int
    """next freed leaf"""
    pad12_: int
    _fields_ = (
        ("bits", ctypes.c_uint64),
        ("hash_next", ctypes.c_int32),
        ("pad12_", ctypes.c_int32),
    )


class LevelRow(ctypes.LittleEndianStructure):
    """Orders at one price in the order they came."""

    quantity: int
    """open quantity of all its orders"""
    reduce_quantity: int
    """part of it in orders that may trade less: reduce-only or linked ones"""
    hidden_quantity: int
    """part of it that is not shown"""
    orders: int
    """how many"""
    shown_orders: int
    """of them those that show something; they stand first"""
    first_hidden: int
    """first in the queue that shows nothing, 0 if all do"""
    head: int
    """first in the queue"""
    tail: int
    """last in the queue"""
    pad44_: int
    _fields_ = (
        ("quantity", ctypes.c_int64),
        ("reduce_quantity", ctypes.c_int64),
        ("hidden_quantity", ctypes.c_int64),
        ("orders", ctypes.c_int32),
        ("shown_orders", ctypes.c_int32),
        ("first_hidden", ctypes.c_int32),
        ("head", ctypes.c_int32),
        ("tail", ctypes.c_int32),
        ("pad44_", ctypes.c_int32),
    )


class JudgedRow(ctypes.LittleEndianStructure):
    """Scratch of the judging of an index: prices of its sources in rising order."""

    price_units: int
    """in the index's units"""
    _fields_ = (
        ("price_units", ctypes.c_int64),
    )


class TouchedWalletRow(ctypes.LittleEndianStructure):
    """A wallet touched by the current entry, as it was before."""

    balance_before_minor: int
    """before the entry"""
    wallet: int
    """its slot"""
    pad12_: int
    _fields_ = (
        ("balance_before_minor", ctypes.c_int64),
        ("wallet", ctypes.c_int32),
        ("pad12_", ctypes.c_int32),
    )


class TouchedPositionRow(ctypes.LittleEndianStructure):
    """A position touched by the current entry, as it was before."""

    quantity_before: int
    """before the entry"""
    cost_before_minor: int
    """before the entry"""
    lifetime_cost_before_minor: int
    """before the entry"""
    position: int
    """its slot"""
    pad28_: int
    _fields_ = (
        ("quantity_before", ctypes.c_int64),
        ("cost_before_minor", ctypes.c_int64),
        ("lifetime_cost_before_minor", ctypes.c_int64),
        ("position", ctypes.c_int32),
        ("pad28_", ctypes.c_int32),
    )


class Memory:
    """Bytes with an address; read-only ones are copied."""

    def __init__(self, held: memoryview) -> None:
        kind = ctypes.c_uint8 * max(held.nbytes, 1)
        if held.readonly or not held.nbytes:
            self.block = kind.from_buffer_copy(held.tobytes() or bytes(1))
        else:
            self.block = kind.from_buffer(held)
        self.address = ctypes.addressof(self.block)


class Tables:
    """The state: one array of rows a table."""

    events: Memory
    venue: VenueRow
    fault: FaultRow
    assessment: AssessmentRow
    weighing: WeighingRow
    spreading: SpreadingRow
    pools: ctypes.Array[PoolRow]
    currencies: ctypes.Array[CurrencyRow]
    origins: ctypes.Array[OriginRow]
    indices: ctypes.Array[IndexRow]
    constituents: ctypes.Array[ConstituentRow]
    index_minutes: ctypes.Array[IndexMinuteRow]
    dockets: ctypes.Array[DocketRow]
    instruments: ctypes.Array[InstrumentRow]
    tasks: ctypes.Array[TaskRow]
    accounts: ctypes.Array[AccountRow]
    wallets: ctypes.Array[WalletRow]
    positions: ctypes.Array[PositionRow]
    orders: ctypes.Array[OrderRow]
    client_ids: ctypes.Array[ClientIdRow]
    deposits: ctypes.Array[DepositRow]
    withdrawals: ctypes.Array[WithdrawalRow]
    takeovers: ctypes.Array[TakeoverRow]
    ranked: ctypes.Array[RankedRow]
    volumes: ctypes.Array[VolumeRow]
    conditions: ctypes.Array[ConditionRow]
    links: ctypes.Array[LinkRow]
    filled: ctypes.Array[FilledRow]
    trigger_sets: ctypes.Array[TriggerSetRow]
    nodes: ctypes.Array[NodeRow]
    leaves: ctypes.Array[LeafRow]
    levels: ctypes.Array[LevelRow]
    timers: ctypes.Array[TimerRow]
    touched_wallets: ctypes.Array[TouchedWalletRow]
    touched_positions: ctypes.Array[TouchedPositionRow]
    judged: ctypes.Array[JudgedRow]
    account_buckets: ctypes.Array[BucketRow]
    position_buckets: ctypes.Array[BucketRow]
    order_buckets: ctypes.Array[BucketRow]
    client_id_buckets: ctypes.Array[BucketRow]
    deposit_buckets: ctypes.Array[BucketRow]
    withdrawal_buckets: ctypes.Array[BucketRow]
    link_buckets: ctypes.Array[BucketRow]


def tables_of(frame: memoryview, held: dict[str, memoryview]) -> Tables:
    """Views over the tables' memory; `frame` is used by the C side only."""
    tables = Tables()
    tables.venue = VenueRow.from_buffer(held["venue"])
    tables.fault = FaultRow.from_buffer(held["fault"])
    tables.assessment = AssessmentRow.from_buffer(held["assessment"])
    tables.weighing = WeighingRow.from_buffer(held["weighing"])
    tables.spreading = SpreadingRow.from_buffer(held["spreading"])
    tables.pools = (PoolRow * (held["pools"].nbytes // 32)).from_buffer(held["pools"])
    tables.currencies = (CurrencyRow * (held["currencies"].nbytes // 136)).from_buffer(held["currencies"])
    tables.origins = (OriginRow * (held["origins"].nbytes // 16)).from_buffer(held["origins"])
    tables.indices = (IndexRow * (held["indices"].nbytes // 112)).from_buffer(held["indices"])
    tables.constituents = (ConstituentRow * (held["constituents"].nbytes // 64)).from_buffer(held["constituents"])
    tables.index_minutes = (IndexMinuteRow * (held["index_minutes"].nbytes // 16)).from_buffer(held["index_minutes"])
    tables.dockets = (DocketRow * (held["dockets"].nbytes // 80)).from_buffer(held["dockets"])
    tables.instruments = (InstrumentRow * (held["instruments"].nbytes // 888)).from_buffer(held["instruments"])
    tables.tasks = (TaskRow * (held["tasks"].nbytes // 16)).from_buffer(held["tasks"])
    tables.accounts = (AccountRow * (held["accounts"].nbytes // 136)).from_buffer(held["accounts"])
    tables.wallets = (WalletRow * (held["wallets"].nbytes // 72)).from_buffer(held["wallets"])
    tables.positions = (PositionRow * (held["positions"].nbytes // 240)).from_buffer(held["positions"])
    tables.orders = (OrderRow * (held["orders"].nbytes // 168)).from_buffer(held["orders"])
    tables.client_ids = (ClientIdRow * (held["client_ids"].nbytes // 80)).from_buffer(held["client_ids"])
    tables.deposits = (DepositRow * (held["deposits"].nbytes // 72)).from_buffer(held["deposits"])
    tables.withdrawals = (WithdrawalRow * (held["withdrawals"].nbytes // 48)).from_buffer(held["withdrawals"])
    tables.takeovers = (TakeoverRow * (held["takeovers"].nbytes // 80)).from_buffer(held["takeovers"])
    tables.ranked = (RankedRow * (held["ranked"].nbytes // 56)).from_buffer(held["ranked"])
    tables.volumes = (VolumeRow * (held["volumes"].nbytes // 264)).from_buffer(held["volumes"])
    tables.conditions = (ConditionRow * (held["conditions"].nbytes // 80)).from_buffer(held["conditions"])
    tables.links = (LinkRow * (held["links"].nbytes // 64)).from_buffer(held["links"])
    tables.filled = (FilledRow * (held["filled"].nbytes // 80)).from_buffer(held["filled"])
    tables.trigger_sets = (TriggerSetRow * (held["trigger_sets"].nbytes // 16)).from_buffer(held["trigger_sets"])
    tables.nodes = (NodeRow * (held["nodes"].nbytes // 264)).from_buffer(held["nodes"])
    tables.leaves = (LeafRow * (held["leaves"].nbytes // 16)).from_buffer(held["leaves"])
    tables.levels = (LevelRow * (held["levels"].nbytes // 48)).from_buffer(held["levels"])
    tables.timers = (TimerRow * (held["timers"].nbytes // 8)).from_buffer(held["timers"])
    tables.touched_wallets = (TouchedWalletRow * (held["touched_wallets"].nbytes // 16)).from_buffer(held["touched_wallets"])
    tables.touched_positions = (TouchedPositionRow * (held["touched_positions"].nbytes // 32)).from_buffer(held["touched_positions"])
    tables.judged = (JudgedRow * (held["judged"].nbytes // 8)).from_buffer(held["judged"])
    tables.account_buckets = (BucketRow * (held["account_buckets"].nbytes // 8)).from_buffer(held["account_buckets"])
    tables.position_buckets = (BucketRow * (held["position_buckets"].nbytes // 8)).from_buffer(held["position_buckets"])
    tables.order_buckets = (BucketRow * (held["order_buckets"].nbytes // 8)).from_buffer(held["order_buckets"])
    tables.client_id_buckets = (BucketRow * (held["client_id_buckets"].nbytes // 8)).from_buffer(held["client_id_buckets"])
    tables.deposit_buckets = (BucketRow * (held["deposit_buckets"].nbytes // 8)).from_buffer(held["deposit_buckets"])
    tables.withdrawal_buckets = (BucketRow * (held["withdrawal_buckets"].nbytes // 8)).from_buffer(held["withdrawal_buckets"])
    tables.link_buckets = (BucketRow * (held["link_buckets"].nbytes // 8)).from_buffer(held["link_buckets"])
    return tables


def pools_at(tables: Tables, slot: int) -> PoolRow:
    """The row."""
    return tables.pools[slot]


def clear_pools(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.pools[slot]), 0, 32)


def currencies_at(tables: Tables, slot: int) -> CurrencyRow:
    """The row."""
    return tables.currencies[slot]


def clear_currencies(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.currencies[slot]), 0, 136)


def origins_at(tables: Tables, slot: int) -> OriginRow:
    """The row."""
    return tables.origins[slot]


def clear_origins(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.origins[slot]), 0, 16)


def indices_at(tables: Tables, slot: int) -> IndexRow:
    """The row."""
    return tables.indices[slot]


def clear_indices(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.indices[slot]), 0, 112)


def constituents_at(tables: Tables, slot: int) -> ConstituentRow:
    """The row."""
    return tables.constituents[slot]


def clear_constituents(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.constituents[slot]), 0, 64)


def index_minutes_at(tables: Tables, slot: int) -> IndexMinuteRow:
    """The row."""
    return tables.index_minutes[slot]


def clear_index_minutes(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.index_minutes[slot]), 0, 16)


def dockets_at(tables: Tables, slot: int) -> DocketRow:
    """The row."""
    return tables.dockets[slot]


def clear_dockets(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.dockets[slot]), 0, 80)


def instruments_at(tables: Tables, slot: int) -> InstrumentRow:
    """The row."""
    return tables.instruments[slot]


def clear_instruments(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.instruments[slot]), 0, 888)


def tasks_at(tables: Tables, slot: int) -> TaskRow:
    """The row."""
    return tables.tasks[slot]


def clear_tasks(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.tasks[slot]), 0, 16)


def accounts_at(tables: Tables, slot: int) -> AccountRow:
    """The row."""
    return tables.accounts[slot]


def clear_accounts(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.accounts[slot]), 0, 136)


def wallets_at(tables: Tables, slot: int) -> WalletRow:
    """The row."""
    return tables.wallets[slot]


def clear_wallets(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.wallets[slot]), 0, 72)


def positions_at(tables: Tables, slot: int) -> PositionRow:
    """The row."""
    return tables.positions[slot]


def clear_positions(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.positions[slot]), 0, 240)


def orders_at(tables: Tables, slot: int) -> OrderRow:
    """The row."""
    return tables.orders[slot]


def clear_orders(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.orders[slot]), 0, 168)


def client_ids_at(tables: Tables, slot: int) -> ClientIdRow:
    """The row."""
    return tables.client_ids[slot]


def clear_client_ids(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.client_ids[slot]), 0, 80)


def deposits_at(tables: Tables, slot: int) -> DepositRow:
    """The row."""
    return tables.deposits[slot]


def clear_deposits(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.deposits[slot]), 0, 72)


def withdrawals_at(tables: Tables, slot: int) -> WithdrawalRow:
    """The row."""
    return tables.withdrawals[slot]


def clear_withdrawals(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.withdrawals[slot]), 0, 48)


def takeovers_at(tables: Tables, slot: int) -> TakeoverRow:
    """The row."""
    return tables.takeovers[slot]


def clear_takeovers(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.takeovers[slot]), 0, 80)


def ranked_at(tables: Tables, slot: int) -> RankedRow:
    """The row."""
    return tables.ranked[slot]


def clear_ranked(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.ranked[slot]), 0, 56)


def volumes_at(tables: Tables, slot: int) -> VolumeRow:
    """The row."""
    return tables.volumes[slot]


def clear_volumes(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.volumes[slot]), 0, 264)


def conditions_at(tables: Tables, slot: int) -> ConditionRow:
    """The row."""
    return tables.conditions[slot]


def clear_conditions(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.conditions[slot]), 0, 80)


def links_at(tables: Tables, slot: int) -> LinkRow:
    """The row."""
    return tables.links[slot]


def clear_links(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.links[slot]), 0, 64)


def filled_at(tables: Tables, slot: int) -> FilledRow:
    """The row."""
    return tables.filled[slot]


def clear_filled(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.filled[slot]), 0, 80)


def trigger_sets_at(tables: Tables, slot: int) -> TriggerSetRow:
    """The row."""
    return tables.trigger_sets[slot]


def clear_trigger_sets(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.trigger_sets[slot]), 0, 16)


def nodes_at(tables: Tables, slot: int) -> NodeRow:
    """The row."""
    return tables.nodes[slot]


def clear_nodes(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.nodes[slot]), 0, 264)


def leaves_at(tables: Tables, slot: int) -> LeafRow:
    """The row."""
    return tables.leaves[slot]


def clear_leaves(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.leaves[slot]), 0, 16)


def levels_at(tables: Tables, slot: int) -> LevelRow:
    """The row."""
    return tables.levels[slot]


def clear_levels(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.levels[slot]), 0, 48)


def timers_at(tables: Tables, slot: int) -> TimerRow:
    """The row."""
    return tables.timers[slot]


def clear_timers(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.timers[slot]), 0, 8)


def touched_wallets_at(tables: Tables, slot: int) -> TouchedWalletRow:
    """The row."""
    return tables.touched_wallets[slot]


def clear_touched_wallets(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.touched_wallets[slot]), 0, 16)


def touched_positions_at(tables: Tables, slot: int) -> TouchedPositionRow:
    """The row."""
    return tables.touched_positions[slot]


def clear_touched_positions(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.touched_positions[slot]), 0, 32)


def judged_at(tables: Tables, slot: int) -> JudgedRow:
    """The row."""
    return tables.judged[slot]


def clear_judged(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.judged[slot]), 0, 8)


def account_buckets_at(tables: Tables, slot: int) -> BucketRow:
    """The row."""
    return tables.account_buckets[slot]


def clear_account_buckets(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.account_buckets[slot]), 0, 8)


def position_buckets_at(tables: Tables, slot: int) -> BucketRow:
    """The row."""
    return tables.position_buckets[slot]


def clear_position_buckets(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.position_buckets[slot]), 0, 8)


def order_buckets_at(tables: Tables, slot: int) -> BucketRow:
    """The row."""
    return tables.order_buckets[slot]


def clear_order_buckets(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.order_buckets[slot]), 0, 8)


def client_id_buckets_at(tables: Tables, slot: int) -> BucketRow:
    """The row."""
    return tables.client_id_buckets[slot]


def clear_client_id_buckets(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.client_id_buckets[slot]), 0, 8)


def deposit_buckets_at(tables: Tables, slot: int) -> BucketRow:
    """The row."""
    return tables.deposit_buckets[slot]


def clear_deposit_buckets(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.deposit_buckets[slot]), 0, 8)


def withdrawal_buckets_at(tables: Tables, slot: int) -> BucketRow:
    """The row."""
    return tables.withdrawal_buckets[slot]


def clear_withdrawal_buckets(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.withdrawal_buckets[slot]), 0, 8)


def link_buckets_at(tables: Tables, slot: int) -> BucketRow:
    """The row."""
    return tables.link_buckets[slot]


def clear_link_buckets(tables: Tables, slot: int) -> None:
    """All bytes of the row become 0."""
    ctypes.memset(ctypes.addressof(tables.link_buckets[slot]), 0, 8)


def wide(number: int) -> int:
    """The number as 128 bits."""
    return number


def lowest_bit(bits: int) -> int:
    """Place of the lowest set bit; bits is not 0."""
    return (bits & -bits).bit_length() - 1


def highest_bit(bits: int) -> int:
    """Place of the highest set bit; bits is not 0."""
    return bits.bit_length() - 1


def bit_of(place: int) -> int:
    """The bit at the place, 0 to 63."""
    return 1 << place


def hint(row: object) -> None:
    """The row's memory will be needed soon; nothing changes."""


def mix(hash: int, word: int) -> int:
    """One step of a 64-bit multiplicative hash."""
    hash = (hash ^ word) * 0x9E3779B97F4A7C15 & MASK_64
    return hash ^ (hash >> 29)


def fault_of(held: memoryview) -> FaultRow:
    """A fault row over the buffer's memory."""
    return FaultRow.from_buffer(held)


def memory_of(held: memoryview) -> Memory:
    """The memory of a buffer."""
    return Memory(held)


def event_at(memory: Memory, offset: int) -> EventHead:
    """The head of the event that begins there."""
    return EventHead.from_address(memory.address + offset)


class Sha:
    """A SHA-256 under way; compiled it is OpenSSL's own context with the addresses of its three functions."""

    def __init__(self) -> None:
        self.running = hashlib.sha256()


def sha_of(held: memoryview) -> Sha:
    """One SHA-256; the buffer is used by the C side only."""
    return Sha()


def sha_begin(sha: Sha) -> None:
    """Start anew."""
    sha.running = hashlib.sha256()


def sha_add(sha: Sha, memory: Memory, offset: int, bytes: int) -> None:
    """Add so many bytes from there."""
    sha.running.update(ctypes.string_at(memory.address + offset, bytes))


def sha_end(sha: Sha, memory: Memory, offset: int) -> None:
    """Write the 32 bytes of the digest there."""
    ctypes.memmove(memory.address + offset, sha.running.digest(), 32)


def sha_lanes() -> int:
    """1 where two messages can be hashed side by side, else 0."""
    return 0


def sha_start_two(states: Memory) -> None:
    """Begin two long messages side by side, in 64 bytes; only where there are lanes, like the two below."""
    raise AssertionError("uncompiled there are no lanes")


def sha_go_on(states: Memory, memory: Memory, offset: int, blocks: int, second: int, second_blocks: int) -> None:
    """So many blocks of 64 bytes more of the one, which begin there, and so many of the other."""
    raise AssertionError("uncompiled there are no lanes")


def sha_finish(
    states: Memory, which: int, memory: Memory, offset: int, bytes: int, total: int, to: Memory, at: int
) -> None:
    """The last bytes of one of the two, 0 or 1, which has so many in all; writes its digest.  Pads as `sha_whole`."""
    raise AssertionError("uncompiled there are no lanes")


def sha_whole(sha: Sha, memory: Memory, offset: int, bytes: int, to: Memory, at: int) -> None:
    """Write the digest of so many bytes there; up to 72 bytes behind them are written over.

    The fastest way for a short message: padded here, so that nothing is copied, and without a call where possible.
    """
    ctypes.memmove(to.address + at, hashlib.sha256(ctypes.string_at(memory.address + offset, bytes)).digest(), 32)


def sha_pair(
    sha: Sha,
    memory: Memory,
    offset: int,
    bytes: int,
    second_offset: int,
    second_bytes: int,
    to: Memory,
    at: int,
    second_at: int,
) -> None:
    """Write the digests of two messages, as `sha_whole` does; where the processor can, in less than twice the time.

    Behind each is room for its padding, and neither digest is written over the other message.
    """
    sha_whole(sha, memory, offset, bytes, to, at)
    sha_whole(sha, memory, second_offset, second_bytes, to, second_at)


def copy_bytes(to: Memory, at: int, source: Memory, offset: int, bytes: int) -> None:
    """Copy so many bytes; the places may overlap."""
    ctypes.memmove(to.address + at, source.address + offset, bytes)


def number_at(memory: Memory, place: int) -> int:
    """The place-th 64-bit number in memory, from 0."""
    return ctypes.c_int64.from_address(memory.address + 8 * place).value


def entry_at(memory: Memory, offset: int) -> EntryHead:
    """The head of the entry that begins there."""
    return EntryHead.from_address(memory.address + offset)


def place_of(entry: EntryHead) -> Place:
    """The record behind the head."""
    return Place.from_address(ctypes.addressof(entry) + 56)


def amend_of(entry: EntryHead) -> Amend:
    """The record behind the head."""
    return Amend.from_address(ctypes.addressof(entry) + 56)


def cancel_of(entry: EntryHead) -> Cancel:
    """The record behind the head."""
    return Cancel.from_address(ctypes.addressof(entry) + 56)


def cancel_all_of(entry: EntryHead) -> CancelAll:
    """The record behind the head."""
    return CancelAll.from_address(ctypes.addressof(entry) + 56)


def cancel_all_after_of(entry: EntryHead) -> CancelAllAfter:
    """The record behind the head."""
    return CancelAllAfter.from_address(ctypes.addressof(entry) + 56)


def dispute_outcome_of(entry: EntryHead) -> DisputeOutcome:
    """The record behind the head."""
    return DisputeOutcome.from_address(ctypes.addressof(entry) + 56)


def set_option_mark_of(entry: EntryHead) -> SetOptionMark:
    """The record behind the head."""
    return SetOptionMark.from_address(ctypes.addressof(entry) + 56)


def set_expiry_of(entry: EntryHead) -> SetExpiry:
    """The record behind the head."""
    return SetExpiry.from_address(ctypes.addressof(entry) + 56)


def convert_of(entry: EntryHead) -> Convert:
    """The record behind the head."""
    return Convert.from_address(ctypes.addressof(entry) + 56)


def propose_outcome_of(entry: EntryHead) -> ProposeOutcome:
    """The record behind the head."""
    return ProposeOutcome.from_address(ctypes.addressof(entry) + 56)


def decide_outcome_of(entry: EntryHead) -> DecideOutcome:
    """The record behind the head."""
    return DecideOutcome.from_address(ctypes.addressof(entry) + 56)


def set_leverage_of(entry: EntryHead) -> SetLeverage:
    """The record behind the head."""
    return SetLeverage.from_address(ctypes.addressof(entry) + 56)


def set_isolated_of(entry: EntryHead) -> SetIsolated:
    """The record behind the head."""
    return SetIsolated.from_address(ctypes.addressof(entry) + 56)


def move_margin_of(entry: EntryHead) -> MoveMargin:
    """The record behind the head."""
    return MoveMargin.from_address(ctypes.addressof(entry) + 56)


def set_risk_limit_of(entry: EntryHead) -> SetRiskLimit:
    """The record behind the head."""
    return SetRiskLimit.from_address(ctypes.addressof(entry) + 56)


def set_self_trade_of(entry: EntryHead) -> SetSelfTrade:
    """The record behind the head."""
    return SetSelfTrade.from_address(ctypes.addressof(entry) + 56)


def open_account_of(entry: EntryHead) -> OpenAccount:
    """The record behind the head."""
    return OpenAccount.from_address(ctypes.addressof(entry) + 56)


def set_account_state_of(entry: EntryHead) -> SetAccountState:
    """The record behind the head."""
    return SetAccountState.from_address(ctypes.addressof(entry) + 56)


def deposit_of(entry: EntryHead) -> Deposit:
    """The record behind the head."""
    return Deposit.from_address(ctypes.addressof(entry) + 56)


def reverse_deposit_of(entry: EntryHead) -> ReverseDeposit:
    """The record behind the head."""
    return ReverseDeposit.from_address(ctypes.addressof(entry) + 56)


def withdraw_of(entry: EntryHead) -> Withdraw:
    """The record behind the head."""
    return Withdraw.from_address(ctypes.addressof(entry) + 56)


def settle_withdrawal_of(entry: EntryHead) -> SettleWithdrawal:
    """The record behind the head."""
    return SettleWithdrawal.from_address(ctypes.addressof(entry) + 56)


def transfer_of(entry: EntryHead) -> Transfer:
    """The record behind the head."""
    return Transfer.from_address(ctypes.addressof(entry) + 56)


def constituent_price_of(entry: EntryHead) -> ConstituentPrice:
    """The record behind the head."""
    return ConstituentPrice.from_address(ctypes.addressof(entry) + 56)


def list_currency_of(entry: EntryHead) -> ListCurrency:
    """The record behind the head."""
    return ListCurrency.from_address(ctypes.addressof(entry) + 56)


def list_index_of(entry: EntryHead) -> ListIndex:
    """The record behind the head."""
    return ListIndex.from_address(ctypes.addressof(entry) + 56)


def list_constituent_of(entry: EntryHead) -> ListConstituent:
    """The record behind the head."""
    return ListConstituent.from_address(ctypes.addressof(entry) + 56)


def list_of(entry: EntryHead) -> List:
    """The record behind the head."""
    return List.from_address(ctypes.addressof(entry) + 56)


def set_instrument_state_of(entry: EntryHead) -> SetInstrumentState:
    """The record behind the head."""
    return SetInstrumentState.from_address(ctypes.addressof(entry) + 56)


def set_risk_parameters_of(entry: EntryHead) -> SetRiskParameters:
    """The record behind the head."""
    return SetRiskParameters.from_address(ctypes.addressof(entry) + 56)


def set_lot_of(entry: EntryHead) -> SetLot:
    """The record behind the head."""
    return SetLot.from_address(ctypes.addressof(entry) + 56)


def declare_settlement_of(entry: EntryHead) -> DeclareSettlement:
    """The record behind the head."""
    return DeclareSettlement.from_address(ctypes.addressof(entry) + 56)


def set_next_weight_of(entry: EntryHead) -> SetNextWeight:
    """The record behind the head."""
    return SetNextWeight.from_address(ctypes.addressof(entry) + 56)


def adopt_weights_of(entry: EntryHead) -> AdoptWeights:
    """The record behind the head."""
    return AdoptWeights.from_address(ctypes.addressof(entry) + 56)


def set_venue_state_of(entry: EntryHead) -> SetVenueState:
    """The record behind the head."""
    return SetVenueState.from_address(ctypes.addressof(entry) + 56)


def set_price_limits_of(entry: EntryHead) -> SetPriceLimits:
    """The record behind the head."""
    return SetPriceLimits.from_address(ctypes.addressof(entry) + 56)


def tick_of(entry: EntryHead) -> Tick:
    """The record behind the head."""
    return Tick.from_address(ctypes.addressof(entry) + 56)


def continue_of(entry: EntryHead) -> Continue:
    """The record behind the head."""
    return Continue.from_address(ctypes.addressof(entry) + 56)


def resume_of(entry: EntryHead) -> Resume:
    """The record behind the head."""
    return Resume.from_address(ctypes.addressof(entry) + 56)


def root_of(entry: EntryHead) -> Root:
    """The record behind the head."""
    return Root.from_address(ctypes.addressof(entry) + 56)


def upgrade_of(entry: EntryHead) -> Upgrade:
    """The record behind the head."""
    return Upgrade.from_address(ctypes.addressof(entry) + 56)


def grow_of(entry: EntryHead) -> Grow:
    """The record behind the head."""
    return Grow.from_address(ctypes.addressof(entry) + 56)


def _new_event(tables: Tables, kind: int, size: int) -> int:
    """Room for an event, zeroed, its head written; the record's address."""
    venue = tables.venue
    place = tables.events.address + venue.events_bytes
    ctypes.memset(place, 0, 32 + size)
    head = EventHead.from_address(place)
    head.sequence = venue.sequence
    head.time_ns = venue.time_ns
    head.ordinal = venue.ordinal
    head.record_bytes = size
    head.kind = kind
    venue.ordinal += 1
    venue.events_bytes += 32 + size
    return place + 32


def new_index_moved(tables: Tables) -> IndexMoved:
    """A zeroed event at the end of the buffer."""
    return IndexMoved.from_address(_new_event(tables, EventKind.INDEX_MOVED, 32))


def new_mark_moved(tables: Tables) -> MarkMoved:
    """A zeroed event at the end of the buffer."""
    return MarkMoved.from_address(_new_event(tables, EventKind.MARK_MOVED, 56))


def new_constituent_judged(tables: Tables) -> ConstituentJudged:
    """A zeroed event at the end of the buffer."""
    return ConstituentJudged.from_address(_new_event(tables, EventKind.CONSTITUENT_JUDGED, 40))


def new_weight_set(tables: Tables) -> WeightSet:
    """A zeroed event at the end of the buffer."""
    return WeightSet.from_address(_new_event(tables, EventKind.WEIGHT_SET, 24))


def new_premium_sampled(tables: Tables) -> PremiumSampled:
    """A zeroed event at the end of the buffer."""
    return PremiumSampled.from_address(_new_event(tables, EventKind.PREMIUM_SAMPLED, 48))


def new_funding_fixed(tables: Tables) -> FundingFixed:
    """A zeroed event at the end of the buffer."""
    return FundingFixed.from_address(_new_event(tables, EventKind.FUNDING_FIXED, 48))


def new_funding_skipped(tables: Tables) -> FundingSkipped:
    """A zeroed event at the end of the buffer."""
    return FundingSkipped.from_address(_new_event(tables, EventKind.FUNDING_SKIPPED, 24))


def new_funded(tables: Tables) -> Funded:
    """A zeroed event at the end of the buffer."""
    return Funded.from_address(_new_event(tables, EventKind.FUNDED, 40))


def new_funding_swept(tables: Tables) -> FundingSwept:
    """A zeroed event at the end of the buffer."""
    return FundingSwept.from_address(_new_event(tables, EventKind.FUNDING_SWEPT, 16))


def new_liquidation_step(tables: Tables) -> LiquidationStep:
    """A zeroed event at the end of the buffer."""
    return LiquidationStep.from_address(_new_event(tables, EventKind.LIQUIDATION_STEP, 112))


def new_taken_over(tables: Tables) -> TakenOver:
    """A zeroed event at the end of the buffer."""
    return TakenOver.from_address(_new_event(tables, EventKind.TAKEN_OVER, 104))


def new_takeover_changed(tables: Tables) -> TakeoverChanged:
    """A zeroed event at the end of the buffer."""
    return TakeoverChanged.from_address(_new_event(tables, EventKind.TAKEOVER_CHANGED, 32))


def new_deleveraged(tables: Tables) -> Deleveraged:
    """A zeroed event at the end of the buffer."""
    return Deleveraged.from_address(_new_event(tables, EventKind.DELEVERAGED, 112))


def new_deleveraging_ranked(tables: Tables) -> DeleveragingRanked:
    """A zeroed event at the end of the buffer."""
    return DeleveragingRanked.from_address(_new_event(tables, EventKind.DELEVERAGING_RANKED, 32))


def new_fund_moved(tables: Tables) -> FundMoved:
    """A zeroed event at the end of the buffer."""
    return FundMoved.from_address(_new_event(tables, EventKind.FUND_MOVED, 40))


def new_placed(tables: Tables) -> Placed:
    """A zeroed event at the end of the buffer."""
    return Placed.from_address(_new_event(tables, EventKind.PLACED, 96))


def new_amended(tables: Tables) -> Amended:
    """A zeroed event at the end of the buffer."""
    return Amended.from_address(_new_event(tables, EventKind.AMENDED, 104))


def new_ended(tables: Tables) -> Ended:
    """A zeroed event at the end of the buffer."""
    return Ended.from_address(_new_event(tables, EventKind.ENDED, 32))


def new_level_changed(tables: Tables) -> LevelChanged:
    """A zeroed event at the end of the buffer."""
    return LevelChanged.from_address(_new_event(tables, EventKind.LEVEL_CHANGED, 32))


def new_fill(tables: Tables) -> Fill:
    """A zeroed event at the end of the buffer."""
    return Fill.from_address(_new_event(tables, EventKind.FILL, 136))


def new_conditioned(tables: Tables) -> Conditioned:
    """A zeroed event at the end of the buffer."""
    return Conditioned.from_address(_new_event(tables, EventKind.CONDITIONED, 80))


def new_triggered(tables: Tables) -> Triggered:
    """A zeroed event at the end of the buffer."""
    return Triggered.from_address(_new_event(tables, EventKind.TRIGGERED, 40))


def new_trailed(tables: Tables) -> Trailed:
    """A zeroed event at the end of the buffer."""
    return Trailed.from_address(_new_event(tables, EventKind.TRAILED, 32))


def new_option_marked(tables: Tables) -> OptionMarked:
    """A zeroed event at the end of the buffer."""
    return OptionMarked.from_address(_new_event(tables, EventKind.OPTION_MARKED, 72))


def new_average_moved(tables: Tables) -> AverageMoved:
    """A zeroed event at the end of the buffer."""
    return AverageMoved.from_address(_new_event(tables, EventKind.AVERAGE_MOVED, 16))


def new_expiry_set(tables: Tables) -> ExpirySet:
    """A zeroed event at the end of the buffer."""
    return ExpirySet.from_address(_new_event(tables, EventKind.EXPIRY_SET, 16))


def new_settlement_fixed(tables: Tables) -> SettlementFixed:
    """A zeroed event at the end of the buffer."""
    return SettlementFixed.from_address(_new_event(tables, EventKind.SETTLEMENT_FIXED, 48))


def new_settled(tables: Tables) -> Settled:
    """A zeroed event at the end of the buffer."""
    return Settled.from_address(_new_event(tables, EventKind.SETTLED, 48))


def new_settlement_swept(tables: Tables) -> SettlementSwept:
    """A zeroed event at the end of the buffer."""
    return SettlementSwept.from_address(_new_event(tables, EventKind.SETTLEMENT_SWEPT, 16))


def new_converted(tables: Tables) -> Converted:
    """A zeroed event at the end of the buffer."""
    return Converted.from_address(_new_event(tables, EventKind.CONVERTED, 56))


def new_docket_changed(tables: Tables) -> DocketChanged:
    """A zeroed event at the end of the buffer."""
    return DocketChanged.from_address(_new_event(tables, EventKind.DOCKET_CHANGED, 72))


def new_bond_changed(tables: Tables) -> BondChanged:
    """A zeroed event at the end of the buffer."""
    return BondChanged.from_address(_new_event(tables, EventKind.BOND_CHANGED, 40))


def new_risk_parameters_set(tables: Tables) -> RiskParametersSet:
    """A zeroed event at the end of the buffer."""
    return RiskParametersSet.from_address(_new_event(tables, EventKind.RISK_PARAMETERS_SET, 56))


def new_refused(tables: Tables) -> Refused:
    """A zeroed event at the end of the buffer."""
    return Refused.from_address(_new_event(tables, EventKind.REFUSED, 72))


def new_halted(tables: Tables) -> Halted:
    """A zeroed event at the end of the buffer."""
    return Halted.from_address(_new_event(tables, EventKind.HALTED, 24))


def new_account_opened(tables: Tables) -> AccountOpened:
    """A zeroed event at the end of the buffer."""
    return AccountOpened.from_address(_new_event(tables, EventKind.ACCOUNT_OPENED, 24))


def new_account_state_set(tables: Tables) -> AccountStateSet:
    """A zeroed event at the end of the buffer."""
    return AccountStateSet.from_address(_new_event(tables, EventKind.ACCOUNT_STATE_SET, 16))


def new_margin_set(tables: Tables) -> MarginSet:
    """A zeroed event at the end of the buffer."""
    return MarginSet.from_address(_new_event(tables, EventKind.MARGIN_SET, 40))


def new_dead_man_set(tables: Tables) -> DeadManSet:
    """A zeroed event at the end of the buffer."""
    return DeadManSet.from_address(_new_event(tables, EventKind.DEAD_MAN_SET, 24))


def new_risk_limit_set(tables: Tables) -> RiskLimitSet:
    """A zeroed event at the end of the buffer."""
    return RiskLimitSet.from_address(_new_event(tables, EventKind.RISK_LIMIT_SET, 24))


def new_fee_tier_set(tables: Tables) -> FeeTierSet:
    """A zeroed event at the end of the buffer."""
    return FeeTierSet.from_address(_new_event(tables, EventKind.FEE_TIER_SET, 16))


def new_self_trade_set(tables: Tables) -> SelfTradeSet:
    """A zeroed event at the end of the buffer."""
    return SelfTradeSet.from_address(_new_event(tables, EventKind.SELF_TRADE_SET, 8))


def new_small_orders_flagged(tables: Tables) -> SmallOrdersFlagged:
    """A zeroed event at the end of the buffer."""
    return SmallOrdersFlagged.from_address(_new_event(tables, EventKind.SMALL_ORDERS_FLAGGED, 16))


def new_moved(tables: Tables) -> Moved:
    """A zeroed event at the end of the buffer."""
    return Moved.from_address(_new_event(tables, EventKind.MOVED, 72))


def new_currency_listed(tables: Tables) -> CurrencyListed:
    """A zeroed event at the end of the buffer."""
    return CurrencyListed.from_address(_new_event(tables, EventKind.CURRENCY_LISTED, 16))


def new_index_listed(tables: Tables) -> IndexListed:
    """A zeroed event at the end of the buffer."""
    return IndexListed.from_address(_new_event(tables, EventKind.INDEX_LISTED, 32))


def new_constituent_listed(tables: Tables) -> ConstituentListed:
    """A zeroed event at the end of the buffer."""
    return ConstituentListed.from_address(_new_event(tables, EventKind.CONSTITUENT_LISTED, 32))


def new_listed(tables: Tables) -> Listed:
    """A zeroed event at the end of the buffer."""
    return Listed.from_address(_new_event(tables, EventKind.LISTED, 352))


def new_instrument_state_set(tables: Tables) -> InstrumentStateSet:
    """A zeroed event at the end of the buffer."""
    return InstrumentStateSet.from_address(_new_event(tables, EventKind.INSTRUMENT_STATE_SET, 16))


def new_auction_indicated(tables: Tables) -> AuctionIndicated:
    """A zeroed event at the end of the buffer."""
    return AuctionIndicated.from_address(_new_event(tables, EventKind.AUCTION_INDICATED, 32))


def new_venue_state_set(tables: Tables) -> VenueStateSet:
    """A zeroed event at the end of the buffer."""
    return VenueStateSet.from_address(_new_event(tables, EventKind.VENUE_STATE_SET, 16))


def new_price_limits_set(tables: Tables) -> PriceLimitsSet:
    """A zeroed event at the end of the buffer."""
    return PriceLimitsSet.from_address(_new_event(tables, EventKind.PRICE_LIMITS_SET, 24))


def new_ticked(tables: Tables) -> Ticked:
    """A zeroed event at the end of the buffer."""
    return Ticked.from_address(_new_event(tables, EventKind.TICKED, 8))


def new_resumed(tables: Tables) -> Resumed:
    """A zeroed event at the end of the buffer."""
    return Resumed.from_address(_new_event(tables, EventKind.RESUMED, 16))


def new_root_noted(tables: Tables) -> RootNoted:
    """A zeroed event at the end of the buffer."""
    return RootNoted.from_address(_new_event(tables, EventKind.ROOT_NOTED, 40))


def new_grown(tables: Tables) -> Grown:
    """A zeroed event at the end of the buffer."""
    return Grown.from_address(_new_event(tables, EventKind.GROWN, 16))


def new_continued(tables: Tables) -> Continued:
    """A zeroed event at the end of the buffer."""
    return Continued.from_address(_new_event(tables, EventKind.CONTINUED, 16))


ROWS_DIGEST: Final = "644f28a0f4d648c6131c1e0ff32f31093381d1e6c5d62f9cc4d15fc00843df00"
"""Of the layout of all rows: a snapshot of another one is of no use."""

SIZES: Final[dict[str, int]] = {
    "EntryHead": 56,
    "EventHead": 32,
    "Place": 144,
    "Amend": 136,
    "Cancel": 56,
    "CancelAll": 16,
    "CancelAllAfter": 16,
    "DisputeOutcome": 40,
    "SetOptionMark": 72,
    "SetExpiry": 16,
    "Convert": 56,
    "ProposeOutcome": 48,
    "DecideOutcome": 48,
    "SetLeverage": 16,
    "SetIsolated": 16,
    "MoveMargin": 16,
    "SetRiskLimit": 16,
    "SetSelfTrade": 8,
    "OpenAccount": 16,
    "SetAccountState": 16,
    "Deposit": 64,
    "ReverseDeposit": 56,
    "Withdraw": 40,
    "SettleWithdrawal": 64,
    "Transfer": 24,
    "ConstituentPrice": 16,
    "ListCurrency": 16,
    "ListIndex": 56,
    "ListConstituent": 32,
    "List": 344,
    "SetInstrumentState": 16,
    "SetRiskParameters": 56,
    "SetLot": 16,
    "DeclareSettlement": 16,
    "SetNextWeight": 16,
    "AdoptWeights": 8,
    "SetVenueState": 16,
    "SetPriceLimits": 24,
    "Tick": 0,
    "Continue": 8,
    "Resume": 8,
    "Root": 72,
    "Upgrade": 104,
    "Grow": 16,
    "IndexMoved": 32,
    "MarkMoved": 56,
    "ConstituentJudged": 40,
    "WeightSet": 24,
    "PremiumSampled": 48,
    "FundingFixed": 48,
    "FundingSkipped": 24,
    "Funded": 40,
    "FundingSwept": 16,
    "LiquidationStep": 112,
    "TakenOver": 104,
    "TakeoverChanged": 32,
    "Deleveraged": 112,
    "DeleveragingRanked": 32,
    "FundMoved": 40,
    "Placed": 96,
    "Amended": 104,
    "Ended": 32,
    "LevelChanged": 32,
    "Fill": 136,
    "Conditioned": 80,
    "Triggered": 40,
    "Trailed": 32,
    "OptionMarked": 72,
    "AverageMoved": 16,
    "ExpirySet": 16,
    "SettlementFixed": 48,
    "Settled": 48,
    "SettlementSwept": 16,
    "Converted": 56,
    "DocketChanged": 72,
    "BondChanged": 40,
    "RiskParametersSet": 56,
    "Refused": 72,
    "Halted": 24,
    "AccountOpened": 24,
    "AccountStateSet": 16,
    "MarginSet": 40,
    "DeadManSet": 24,
    "RiskLimitSet": 24,
    "FeeTierSet": 16,
    "SelfTradeSet": 8,
    "SmallOrdersFlagged": 16,
    "Moved": 72,
    "CurrencyListed": 16,
    "IndexListed": 32,
    "ConstituentListed": 32,
    "Listed": 352,
    "InstrumentStateSet": 16,
    "AuctionIndicated": 32,
    "VenueStateSet": 16,
    "PriceLimitsSet": 24,
    "Ticked": 8,
    "Resumed": 16,
    "RootNoted": 40,
    "Grown": 16,
    "Continued": 16,
    "VenueRow": 328,
    "TaskRow": 16,
    "CurrencyRow": 136,
    "OriginRow": 16,
    "IndexRow": 112,
    "IndexMinuteRow": 16,
    "DocketRow": 80,
    "ConstituentRow": 64,
    "InstrumentRow": 888,
    "AccountRow": 136,
    "WalletRow": 72,
    "PositionRow": 240,
    "OrderRow": 168,
    "ClientIdRow": 80,
    "ConditionRow": 80,
    "LinkRow": 64,
    "FilledRow": 80,
    "TriggerSetRow": 16,
    "DepositRow": 72,
    "TakeoverRow": 80,
    "RankedRow": 56,
    "VolumeRow": 264,
    "WithdrawalRow": 48,
    "FaultRow": 24,
    "AssessmentRow": 64,
    "WeighingRow": 40,
    "SpreadingRow": 96,
    "PoolRow": 32,
    "TimerRow": 8,
    "BucketRow": 8,
    "NodeRow": 264,
    "LeafRow": 16,
    "LevelRow": 48,
    "JudgedRow": 8,
    "TouchedWalletRow": 16,
    "TouchedPositionRow": 32,
}
"""Bytes of each record."""

SECTIONS: Final[dict[str, tuple[int, int]]] = {
    "EntryHead": (40, 56),
    "EventHead": (32, 32),
    "Place": (56, 144),
    "Amend": (0, 136),
    "Cancel": (0, 56),
    "CancelAll": (0, 16),
    "CancelAllAfter": (0, 16),
    "DisputeOutcome": (0, 40),
    "SetOptionMark": (72, 72),
    "SetExpiry": (16, 16),
    "Convert": (56, 56),
    "ProposeOutcome": (48, 48),
    "DecideOutcome": (48, 48),
    "SetLeverage": (0, 16),
    "SetIsolated": (0, 16),
    "MoveMargin": (0, 16),
    "SetRiskLimit": (0, 16),
    "SetSelfTrade": (0, 8),
    "OpenAccount": (0, 16),
    "SetAccountState": (0, 16),
    "Deposit": (16, 64),
    "ReverseDeposit": (8, 56),
    "Withdraw": (16, 40),
    "SettleWithdrawal": (8, 64),
    "Transfer": (16, 24),
    "ConstituentPrice": (16, 16),
    "ListCurrency": (16, 16),
    "ListIndex": (56, 56),
    "ListConstituent": (32, 32),
    "List": (344, 344),
    "SetInstrumentState": (16, 16),
    "SetRiskParameters": (56, 56),
    "SetLot": (16, 16),
    "DeclareSettlement": (16, 16),
    "SetNextWeight": (16, 16),
    "AdoptWeights": (8, 8),
    "SetVenueState": (16, 16),
    "SetPriceLimits": (24, 24),
    "Tick": (0, 0),
    "Continue": (8, 8),
    "Resume": (8, 8),
    "Root": (72, 72),
    "Upgrade": (104, 104),
    "Grow": (16, 16),
    "IndexMoved": (32, 32),
    "MarkMoved": (56, 56),
    "ConstituentJudged": (40, 40),
    "WeightSet": (24, 24),
    "PremiumSampled": (48, 48),
    "FundingFixed": (48, 48),
    "FundingSkipped": (24, 24),
    "Funded": (0, 40),
    "FundingSwept": (16, 16),
    "LiquidationStep": (0, 112),
    "TakenOver": (48, 104),
    "TakeoverChanged": (32, 32),
    "Deleveraged": (40, 112),
    "DeleveragingRanked": (32, 32),
    "FundMoved": (40, 40),
    "Placed": (0, 96),
    "Amended": (0, 104),
    "Ended": (0, 32),
    "LevelChanged": (32, 32),
    "Fill": (40, 136),
    "Conditioned": (0, 80),
    "Triggered": (0, 40),
    "Trailed": (0, 32),
    "OptionMarked": (72, 72),
    "AverageMoved": (16, 16),
    "ExpirySet": (16, 16),
    "SettlementFixed": (48, 48),
    "Settled": (0, 48),
    "SettlementSwept": (16, 16),
    "Converted": (56, 56),
    "DocketChanged": (72, 72),
    "BondChanged": (0, 40),
    "RiskParametersSet": (56, 56),
    "Refused": (8, 72),
    "Halted": (24, 24),
    "AccountOpened": (0, 24),
    "AccountStateSet": (0, 16),
    "MarginSet": (0, 40),
    "DeadManSet": (0, 24),
    "RiskLimitSet": (0, 24),
    "FeeTierSet": (0, 16),
    "SelfTradeSet": (0, 8),
    "SmallOrdersFlagged": (0, 16),
    "Moved": (16, 72),
    "CurrencyListed": (16, 16),
    "IndexListed": (32, 32),
    "ConstituentListed": (32, 32),
    "Listed": (352, 352),
    "InstrumentStateSet": (16, 16),
    "AuctionIndicated": (32, 32),
    "VenueStateSet": (16, 16),
    "PriceLimitsSet": (24, 24),
    "Ticked": (8, 8),
    "Resumed": (16, 16),
    "RootNoted": (40, 40),
    "Grown": (16, 16),
    "Continued": (16, 16),
    "VenueRow": (248, 248),
    "TaskRow": (16, 16),
    "CurrencyRow": (48, 48),
    "OriginRow": (16, 16),
    "IndexRow": (112, 112),
    "IndexMinuteRow": (16, 16),
    "DocketRow": (64, 80),
    "ConstituentRow": (64, 64),
    "InstrumentRow": (744, 744),
    "AccountRow": (0, 104),
    "WalletRow": (0, 64),
    "PositionRow": (0, 128),
    "OrderRow": (0, 104),
    "ClientIdRow": (0, 72),
    "ConditionRow": (0, 48),
    "LinkRow": (0, 48),
    "FilledRow": (0, 80),
    "TriggerSetRow": (0, 8),
    "DepositRow": (0, 64),
    "TakeoverRow": (0, 80),
    "RankedRow": (0, 56),
    "VolumeRow": (0, 264),
    "WithdrawalRow": (0, 40),
    "FaultRow": (0, 0),
    "AssessmentRow": (0, 0),
    "WeighingRow": (0, 0),
    "SpreadingRow": (0, 0),
    "PoolRow": (0, 0),
    "TimerRow": (0, 0),
    "BucketRow": (0, 0),
    "NodeRow": (0, 0),
    "LeafRow": (0, 0),
    "LevelRow": (0, 0),
    "JudgedRow": (0, 0),
    "TouchedWalletRow": (0, 0),
    "TouchedPositionRow": (0, 0),
}
"""Ends of the public and of the private section of each record."""

TABLE_ROWS: Final[dict[str, tuple[str, int, bool]]] = {
    "venue": ("VenueRow", 1, True),
    "fault": ("FaultRow", 1, False),
    "assessment": ("AssessmentRow", 1, False),
    "weighing": ("WeighingRow", 1, False),
    "spreading": ("SpreadingRow", 1, False),
    "pools": ("PoolRow", 64, False),
    "currencies": ("CurrencyRow", 9, True),
    "origins": ("OriginRow", 65, True),
    "indices": ("IndexRow", 65, True),
    "constituents": ("ConstituentRow", 513, True),
    "index_minutes": ("IndexMinuteRow", 2080, True),
    "dockets": ("DocketRow", 1025, True),
    "instruments": ("InstrumentRow", 4097, True),
    "tasks": ("TaskRow", 65, True),
    "accounts": ("AccountRow", 4097, True),
    "wallets": ("WalletRow", 8193, True),
    "positions": ("PositionRow", 8193, True),
    "orders": ("OrderRow", 16385, True),
    "client_ids": ("ClientIdRow", 65537, True),
    "deposits": ("DepositRow", 4097, True),
    "withdrawals": ("WithdrawalRow", 4097, True),
    "takeovers": ("TakeoverRow", 4097, True),
    "ranked": ("RankedRow", 8193, True),
    "volumes": ("VolumeRow", 4097, True),
    "conditions": ("ConditionRow", 1025, True),
    "links": ("LinkRow", 1025, True),
    "filled": ("FilledRow", 8193, True),
    "trigger_sets": ("TriggerSetRow", 65552, True),
    "nodes": ("NodeRow", 16385, False),
    "leaves": ("LeafRow", 4097, False),
    "levels": ("LevelRow", 262208, False),
    "timers": ("TimerRow", 4097, False),
    "touched_wallets": ("TouchedWalletRow", 8193, False),
    "touched_positions": ("TouchedPositionRow", 8193, False),
    "judged": ("JudgedRow", 513, False),
    "account_buckets": ("BucketRow", 4096, False),
    "position_buckets": ("BucketRow", 8192, False),
    "order_buckets": ("BucketRow", 16384, False),
    "client_id_buckets": ("BucketRow", 65536, False),
    "deposit_buckets": ("BucketRow", 4096, False),
    "withdrawal_buckets": ("BucketRow", 4096, False),
    "link_buckets": ("BucketRow", 1024, False),
}
"""Record, rows at the start, and whether the root covers it."""

COMMAND_CLASSES: Final[dict[int, type[ctypes.LittleEndianStructure]]] = {
    CommandKind.PLACE: Place,
    CommandKind.AMEND: Amend,
    CommandKind.CANCEL: Cancel,
    CommandKind.CANCEL_ALL: CancelAll,
    CommandKind.CANCEL_ALL_AFTER: CancelAllAfter,
    CommandKind.DISPUTE_OUTCOME: DisputeOutcome,
    CommandKind.SET_OPTION_MARK: SetOptionMark,
    CommandKind.SET_EXPIRY: SetExpiry,
    CommandKind.CONVERT: Convert,
    CommandKind.PROPOSE_OUTCOME: ProposeOutcome,
    CommandKind.DECIDE_OUTCOME: DecideOutcome,
    CommandKind.SET_LEVERAGE: SetLeverage,
    CommandKind.SET_ISOLATED: SetIsolated,
    CommandKind.MOVE_MARGIN: MoveMargin,
    CommandKind.SET_RISK_LIMIT: SetRiskLimit,
    CommandKind.SET_SELF_TRADE: SetSelfTrade,
    CommandKind.OPEN_ACCOUNT: OpenAccount,
    CommandKind.SET_ACCOUNT_STATE: SetAccountState,
    CommandKind.DEPOSIT: Deposit,
    CommandKind.REVERSE_DEPOSIT: ReverseDeposit,
    CommandKind.WITHDRAW: Withdraw,
    CommandKind.SETTLE_WITHDRAWAL: SettleWithdrawal,
    CommandKind.TRANSFER: Transfer,
    CommandKind.CONSTITUENT_PRICE: ConstituentPrice,
    CommandKind.LIST_CURRENCY: ListCurrency,
    CommandKind.LIST_INDEX: ListIndex,
    CommandKind.LIST_CONSTITUENT: ListConstituent,
    CommandKind.LIST: List,
    CommandKind.SET_INSTRUMENT_STATE: SetInstrumentState,
    CommandKind.SET_RISK_PARAMETERS: SetRiskParameters,
    CommandKind.SET_LOT: SetLot,
    CommandKind.DECLARE_SETTLEMENT: DeclareSettlement,
    CommandKind.SET_NEXT_WEIGHT: SetNextWeight,
    CommandKind.ADOPT_WEIGHTS: AdoptWeights,
    CommandKind.SET_VENUE_STATE: SetVenueState,
    CommandKind.SET_PRICE_LIMITS: SetPriceLimits,
    CommandKind.TICK: Tick,
    CommandKind.CONTINUE: Continue,
    CommandKind.RESUME: Resume,
    CommandKind.ROOT: Root,
    CommandKind.UPGRADE: Upgrade,
    CommandKind.GROW: Grow,
}

EVENT_CLASSES: Final[dict[int, type[ctypes.LittleEndianStructure]]] = {
    EventKind.INDEX_MOVED: IndexMoved,
    EventKind.MARK_MOVED: MarkMoved,
    EventKind.CONSTITUENT_JUDGED: ConstituentJudged,
    EventKind.WEIGHT_SET: WeightSet,
    EventKind.PREMIUM_SAMPLED: PremiumSampled,
    EventKind.FUNDING_FIXED: FundingFixed,
    EventKind.FUNDING_SKIPPED: FundingSkipped,
    EventKind.FUNDED: Funded,
    EventKind.FUNDING_SWEPT: FundingSwept,
    EventKind.LIQUIDATION_STEP: LiquidationStep,
    EventKind.TAKEN_OVER: TakenOver,
    EventKind.TAKEOVER_CHANGED: TakeoverChanged,
    EventKind.DELEVERAGED: Deleveraged,
    EventKind.DELEVERAGING_RANKED: DeleveragingRanked,
    EventKind.FUND_MOVED: FundMoved,
    EventKind.PLACED: Placed,
    EventKind.AMENDED: Amended,
    EventKind.ENDED: Ended,
    EventKind.LEVEL_CHANGED: LevelChanged,
    EventKind.FILL: Fill,
    EventKind.CONDITIONED: Conditioned,
    EventKind.TRIGGERED: Triggered,
    EventKind.TRAILED: Trailed,
    EventKind.OPTION_MARKED: OptionMarked,
    EventKind.AVERAGE_MOVED: AverageMoved,
    EventKind.EXPIRY_SET: ExpirySet,
    EventKind.SETTLEMENT_FIXED: SettlementFixed,
    EventKind.SETTLED: Settled,
    EventKind.SETTLEMENT_SWEPT: SettlementSwept,
    EventKind.CONVERTED: Converted,
    EventKind.DOCKET_CHANGED: DocketChanged,
    EventKind.BOND_CHANGED: BondChanged,
    EventKind.RISK_PARAMETERS_SET: RiskParametersSet,
    EventKind.REFUSED: Refused,
    EventKind.HALTED: Halted,
    EventKind.ACCOUNT_OPENED: AccountOpened,
    EventKind.ACCOUNT_STATE_SET: AccountStateSet,
    EventKind.MARGIN_SET: MarginSet,
    EventKind.DEAD_MAN_SET: DeadManSet,
    EventKind.RISK_LIMIT_SET: RiskLimitSet,
    EventKind.FEE_TIER_SET: FeeTierSet,
    EventKind.SELF_TRADE_SET: SelfTradeSet,
    EventKind.SMALL_ORDERS_FLAGGED: SmallOrdersFlagged,
    EventKind.MOVED: Moved,
    EventKind.CURRENCY_LISTED: CurrencyListed,
    EventKind.INDEX_LISTED: IndexListed,
    EventKind.CONSTITUENT_LISTED: ConstituentListed,
    EventKind.LISTED: Listed,
    EventKind.INSTRUMENT_STATE_SET: InstrumentStateSet,
    EventKind.AUCTION_INDICATED: AuctionIndicated,
    EventKind.VENUE_STATE_SET: VenueStateSet,
    EventKind.PRICE_LIMITS_SET: PriceLimitsSet,
    EventKind.TICKED: Ticked,
    EventKind.RESUMED: Resumed,
    EventKind.ROOT_NOTED: RootNoted,
    EventKind.GROWN: Grown,
    EventKind.CONTINUED: Continued,
}
