"""How the auditor reads wire records: by the schema's names, straight out of the bytes, without the engine's help.

`fields(record, names...)` gives a `Struct` that unpacks just these fields; padding and fields nobody asked for are
skipped.  Names stand in the order of the record, which is checked when the module is loaded.  Numbers come out as
integers, texts, references and client ids as bytes.
"""

import ctypes
import struct

from outcry.protocol import layout

LETTERS: dict[object, str] = {ctypes.c_int64: "q", ctypes.c_int32: "i", ctypes.c_uint8: "B", ctypes.c_uint64: "Q"}


def fields(record: type[ctypes.LittleEndianStructure], *names: str) -> struct.Struct:
    """A reader of these fields of a record.  Raises `ValueError` if they are not in the record's order."""
    shape, at = ["<"], 0
    for name in names:
        begin, size = getattr(record, name).offset, getattr(record, name).size
        if begin < at:
            raise ValueError(f"{record.__name__}.{name} does not stand behind the field before it")
        kind = next(one[1] for one in record._fields_ if one[0] == name)
        letter = LETTERS.get(kind) or f"{size}s"
        shape.append(f"{begin - at}x{letter}")
        at = begin + size
    return struct.Struct("".join(shape))


def all_fields(record: type[ctypes.LittleEndianStructure]) -> tuple[str, ...]:
    """Names of all fields of a record that are not padding."""
    return tuple(one[0] for one in record._fields_ if not one[0].startswith("pad"))


ENTRY_HEAD = fields(
    layout.EntryHead, "sequence", "time_ns", "origin_sequence", "origin", "kind", "record_bytes", "payload_bytes"
)
ENTRY_HEAD_BYTES = ctypes.sizeof(layout.EntryHead)
EVENT_HEAD = fields(layout.EventHead, "sequence", "time_ns", "ordinal", "record_bytes", "kind")
EVENT_HEAD_BYTES = ctypes.sizeof(layout.EventHead)
EVENT_BYTES = {kind: ctypes.sizeof(record) for kind, record in layout.EVENT_CLASSES.items()}
COMMAND_BYTES = {kind: ctypes.sizeof(record) for kind, record in layout.COMMAND_CLASSES.items()}

PLACE = fields(
    layout.Place,
    "instrument",
    "side",
    "order_type",
    "time_in_force",
    "flags",
    "quantity",
    "price_ticks",
    "display_quantity",
    "peg_offset_subticks",
    "peg_kind",
    "self_trade",
    "account",
    "client_id",
)
PLACE_WAITING = fields(
    layout.Place,
    "trigger_subticks",
    "peg_offset_subticks",
    "trigger_reference",
    "peg_kind",
    "contingency",
    "link_id",
)
"""What a new order is to wait for, or be bound to."""
AMEND_TRIGGER = fields(layout.Amend, "trigger_subticks", "peg_offset_subticks")
AMEND = fields(
    layout.Amend,
    "account",
    "order_id",
    "client_id",
    "new_client_id",
    "quantity",
    "leaves_quantity",
    "price_ticks",
)
CANCEL = fields(layout.Cancel, "account", "order_id", "client_id")
CANCEL_ALL = fields(layout.CancelAll, "account", "instrument", "side")
CANCEL_ALL_AFTER = fields(layout.CancelAllAfter, "account", "timeout_ns")
SET_LEVERAGE = fields(layout.SetLeverage, "account", "instrument", "leverage_centi")
SET_ISOLATED = fields(layout.SetIsolated, "account", "instrument", "isolated")
MOVE_MARGIN = fields(layout.MoveMargin, "account", "instrument", "amount_minor")
SET_RISK_LIMIT = fields(layout.SetRiskLimit, "account", "instrument", "risk_limit_minor")
OPEN_ACCOUNT = fields(layout.OpenAccount, "handle")
SET_ACCOUNT_STATE = fields(layout.SetAccountState, "account", "state", "cause", "until_ns")
DEPOSIT = fields(layout.Deposit, "currency", "amount_minor", "account", "reference", "output_index")
REVERSE_DEPOSIT = fields(layout.ReverseDeposit, "currency", "account", "reference", "output_index")
WITHDRAW = fields(layout.Withdraw, "currency", "amount_minor", "account", "request")
SETTLE_WITHDRAWAL = fields(layout.SettleWithdrawal, "settled", "account", "request")
TRANSFER = fields(layout.Transfer, "currency", "amount_minor", "account", "to_account")
SET_INSTRUMENT_STATE = fields(layout.SetInstrumentState, "instrument", "state", "cause", "next_state", "until_ns")
SET_VENUE_STATE = fields(layout.SetVenueState, "state", "cause", "until_ns")
ROOT = fields(layout.Root, "at_sequence", "public_root", "root")

REFUSED = fields(layout.Refused, "code", "command_kind", "account")
HALTED = fields(layout.Halted, "fault", "subject", "found", "expected")
ORDER = (
    "account",
    "instrument",
    "order_id",
    "side",
    "order_type",
    "time_in_force",
    "flags",
    "quantity",
    "leaves_quantity",
    "price_ticks",
)
"""What both events of an order say of it."""
PLACED = fields(layout.Placed, *ORDER, "display_quantity", "client_id")
AMENDED = fields(layout.Amended, *ORDER, "kept_place", "display_quantity", "client_id")
ENDED = fields(layout.Ended, "account", "instrument", "order_id", "reason", "code", "unfilled_quantity")
CONDITIONED = fields(layout.Conditioned, *all_fields(layout.Conditioned))
TRIGGERED = fields(layout.Triggered, *all_fields(layout.Triggered))
TRAILED = fields(layout.Trailed, *all_fields(layout.Trailed))
CONTINUED = fields(layout.Continued, *all_fields(layout.Continued))
LEVEL_CHANGED = fields(layout.LevelChanged, *all_fields(layout.LevelChanged))
FILL = fields(layout.Fill, *(name for name in all_fields(layout.Fill) if name not in ("auction", "spread")))
SET_SELF_TRADE = fields(layout.SetSelfTrade, *all_fields(layout.SetSelfTrade))
SET_PRICE_LIMITS = fields(layout.SetPriceLimits, *all_fields(layout.SetPriceLimits))
SELF_TRADE_SET = fields(layout.SelfTradeSet, *all_fields(layout.SelfTradeSet))
SMALL_ORDERS_FLAGGED = fields(layout.SmallOrdersFlagged, *all_fields(layout.SmallOrdersFlagged))
PRICE_LIMITS_SET = fields(layout.PriceLimitsSet, *all_fields(layout.PriceLimitsSet))
ACCOUNT_OPENED = fields(layout.AccountOpened, *all_fields(layout.AccountOpened))
ACCOUNT_STATE_SET = fields(layout.AccountStateSet, "account", "state", "cause", "until_ns")
MARGIN_SET = fields(layout.MarginSet, *all_fields(layout.MarginSet))
DEAD_MAN_SET = fields(layout.DeadManSet, *all_fields(layout.DeadManSet))
RISK_LIMIT_SET = fields(layout.RiskLimitSet, *all_fields(layout.RiskLimitSet))
FEE_TIER_SET = fields(layout.FeeTierSet, *all_fields(layout.FeeTierSet))
MOVED = fields(
    layout.Moved,
    "currency",
    "reason",
    "amount_minor",
    "from_account",
    "to_account",
    "from_balance_minor",
    "to_balance_minor",
)
INDEX_MOVED = fields(layout.IndexMoved, "index", "value_units")
MARK_MOVED = fields(layout.MarkMoved, "instrument", "mark_subticks", "index_subticks", "basis_subticks", "method")
OPTION_MARKED = fields(layout.OptionMarked, *all_fields(layout.OptionMarked))
SET_OPTION_MARK = fields(layout.SetOptionMark, *all_fields(layout.SetOptionMark))
FUNDING_FIXED = fields(layout.FundingFixed, *all_fields(layout.FundingFixed))
FUNDED = fields(layout.Funded, *all_fields(layout.Funded))
FUNDING_SKIPPED = fields(layout.FundingSkipped, "instrument")
FUNDING_SWEPT = fields(layout.FundingSwept, *all_fields(layout.FundingSwept))
LIQUIDATION_STEP = fields(
    layout.LiquidationStep,
    "account",
    "instrument",
    "step",
    "isolated",
    "mark_subticks",
    "quantity",
    "cost_minor",
    "equity_minor",
    "maintenance_minor",
    "orders_minor",
    "missing_minor",
    "order_id",
    "order_quantity",
)
TAKEN_OVER = fields(layout.TakenOver, *all_fields(layout.TakenOver))
TAKEOVER_CHANGED = fields(layout.TakeoverChanged, *all_fields(layout.TakeoverChanged))
DELEVERAGED = fields(
    layout.Deleveraged,
    "instrument",
    "side",
    "takeover",
    "quantity",
    "value_minor",
    "mark_subticks",
    "account",
    "rank",
    "eligible",
    "realised_minor",
    "position_quantity",
    "balance_minor",
)
FUND_MOVED = fields(layout.FundMoved, *all_fields(layout.FundMoved))
CURRENCY_LISTED = fields(layout.CurrencyListed, "currency", "scale")
INDEX_LISTED = fields(layout.IndexListed, "index", "decimals")
LISTED = fields(layout.Listed, *all_fields(layout.Listed))
LIST = fields(layout.List, *all_fields(layout.List))
INSTRUMENT_STATE_SET = fields(layout.InstrumentStateSet, *all_fields(layout.InstrumentStateSet))
AUCTION_INDICATED = fields(layout.AuctionIndicated, *all_fields(layout.AuctionIndicated))
FILL_AUCTION = fields(layout.Fill, "auction")
FILL_SPREAD = fields(layout.Fill, "spread")
VENUE_STATE_SET = fields(layout.VenueStateSet, *all_fields(layout.VenueStateSet))
RESUMED = fields(layout.Resumed, "cancel_only")
ROOT_NOTED = fields(layout.RootNoted, "at_sequence", "root")

AVERAGE_MOVED = fields(layout.AverageMoved, *all_fields(layout.AverageMoved))
EXPIRY_SET = fields(layout.ExpirySet, *all_fields(layout.ExpirySet))
SETTLEMENT_FIXED = fields(layout.SettlementFixed, *all_fields(layout.SettlementFixed))
SETTLED = fields(layout.Settled, *all_fields(layout.Settled))
SETTLEMENT_SWEPT = fields(layout.SettlementSwept, *all_fields(layout.SettlementSwept))
DECLARE_SETTLEMENT = fields(layout.DeclareSettlement, "instrument", "price_subticks")
SET_EXPIRY = fields(layout.SetExpiry, "instrument", "expiry_ns")
CONVERT = fields(layout.Convert, *all_fields(layout.Convert))
CONVERTED = fields(layout.Converted, *all_fields(layout.Converted))
PROPOSE_OUTCOME = fields(layout.ProposeOutcome, *all_fields(layout.ProposeOutcome))
DISPUTE_OUTCOME = fields(layout.DisputeOutcome, *all_fields(layout.DisputeOutcome))
DECIDE_OUTCOME = fields(layout.DecideOutcome, *all_fields(layout.DecideOutcome))
DOCKET_CHANGED = fields(layout.DocketChanged, *all_fields(layout.DocketChanged))
BOND_CHANGED = fields(layout.BondChanged, *all_fields(layout.BondChanged))
