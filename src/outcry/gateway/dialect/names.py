"""BitMEX's words for our numbers, both ways."""

from outcry.protocol.layout import (
    Contingency,
    EndReason,
    InstrumentState,
    InstrumentType,
    MarkMethod,
    OrderFlag,
    OrderType,
    PegKind,
    SelfTrade,
    Side,
    TimeInForce,
    TriggerReference,
)
from outcry.views.kept import TickDirection

SIDES: dict[str, Side] = {"Buy": Side.BUY, "Sell": Side.SELL}
ORDER_TYPES: dict[str, OrderType] = {
    "Limit": OrderType.LIMIT,
    "Market": OrderType.MARKET,
    "Stop": OrderType.STOP,
    "StopLimit": OrderType.STOP_LIMIT,
    "MarketIfTouched": OrderType.MARKET_IF_TOUCHED,
    "LimitIfTouched": OrderType.LIMIT_IF_TOUCHED,
    "Pegged": OrderType.PEGGED,
}
PRICED_TYPES = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED})
PRICELESS_TYPES = frozenset({OrderType.MARKET, OrderType.STOP, OrderType.MARKET_IF_TOUCHED, OrderType.PEGGED})
STOPPED_TYPES = frozenset(
    {OrderType.STOP, OrderType.STOP_LIMIT, OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED}
)
STOP_TYPES = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
TIMES_IN_FORCE: dict[str, TimeInForce] = {
    "GoodTillCancel": TimeInForce.GOOD_TILL_CANCEL,
    "ImmediateOrCancel": TimeInForce.IMMEDIATE_OR_CANCEL,
    "FillOrKill": TimeInForce.FILL_OR_KILL,
    "Day": TimeInForce.DAY,
}
EXEC_FLAGS: dict[str, OrderFlag] = {
    "ParticipateDoNotInitiate": OrderFlag.POST_ONLY,
    "ReduceOnly": OrderFlag.REDUCE_ONLY,
    "Close": OrderFlag.CLOSE,
    "LastWithinMark": OrderFlag.LAST_WITHIN_MARK,
    "Fixed": OrderFlag.FIXED_PEG,
}
TRIGGERS: dict[str, TriggerReference] = {
    "MarkPrice": TriggerReference.ON_MARK,
    "LastPrice": TriggerReference.ON_LAST,
    "IndexPrice": TriggerReference.ON_INDEX,
}
ENDED_PEGS = frozenset({"LastPeg", "MidPricePeg"})
"""Those that BitMEX ended on 16 December 2019."""
PEG_KINDS: dict[str, PegKind] = {
    "PrimaryPeg": PegKind.PEG_PRIMARY,
    "MarketPeg": PegKind.PEG_MARKET,
    "TrailingStopPeg": PegKind.PEG_TRAILING,
}
CONTINGENCIES: dict[str, Contingency] = {
    "OneCancelsTheOther": Contingency.ONE_CANCELS_OTHER,
    "OneTriggersTheOther": Contingency.ONE_TRIGGERS_OTHER,
}
SELF_TRADES: dict[str, SelfTrade] = {
    "ExpireTaker": SelfTrade.EXPIRE_TAKER,
    "ExpireMaker": SelfTrade.EXPIRE_MAKER,
    "ExpireBoth": SelfTrade.EXPIRE_BOTH,
}
"""Ours: BitMEX's modes were not told."""
SIDE_NAMES: dict[int, str] = {number: word for word, number in SIDES.items()}
ORDER_TYPE_NAMES: dict[int, str] = {number: word for word, number in ORDER_TYPES.items()}
TIME_IN_FORCE_NAMES: dict[int, str] = {number: word for word, number in TIMES_IN_FORCE.items()}
TRIGGER_NAMES: dict[int, str] = {number: word for word, number in TRIGGERS.items()}
PEG_NAMES: dict[int, str] = {number: word for word, number in PEG_KINDS.items()}
CONTINGENCY_NAMES: dict[int, str] = {number: word for word, number in CONTINGENCIES.items()}
SELF_TRADE_NAMES: dict[int, str] = {number: word for word, number in SELF_TRADES.items()}
DIRECTION_NAMES: dict[int, str] = {
    TickDirection.UP: "PlusTick",
    TickDirection.DOWN: "MinusTick",
    TickDirection.SAME_AFTER_UP: "ZeroPlusTick",
    TickDirection.SAME_AFTER_DOWN: "ZeroMinusTick",
}
TYPE_CODES: dict[int, str] = {
    InstrumentType.PERPETUAL: "FFWCSX",
    InstrumentType.FUTURE: "FFCCSX",
    InstrumentType.CALL: "OCECCS",
    InstrumentType.PUT: "OPECCS",
    InstrumentType.PRELAUNCH: "FFCCSX",
    InstrumentType.PREDICTION: "FFICSX",
    InstrumentType.SPREAD: "FFMCSX",
}
INDEX_TYPE_CODE = "MRCXXX"
OPEN_NAME, CLOSED_NAME = "Open", "Closed"
STATE_NAMES: dict[int, str] = {
    InstrumentState.INSTRUMENT_OPEN: OPEN_NAME,
    InstrumentState.INSTRUMENT_PAUSED: CLOSED_NAME,
    InstrumentState.INSTRUMENT_REDUCING: OPEN_NAME,
    InstrumentState.INSTRUMENT_SETTLED: "Settled",
    InstrumentState.INSTRUMENT_UNLISTED: "Unlisted",
    InstrumentState.INSTRUMENT_PRE_OPEN: CLOSED_NAME,
    InstrumentState.INSTRUMENT_AUCTION: CLOSED_NAME,
    InstrumentState.INSTRUMENT_UNCROSSING: CLOSED_NAME,
    InstrumentState.INSTRUMENT_POSTING: OPEN_NAME,
    InstrumentState.INSTRUMENT_SHUT: CLOSED_NAME,
    # Its price is fixed and nothing trades, but not every position has been closed at it.
    InstrumentState.INSTRUMENT_SETTLING: CLOSED_NAME,
}
"""BitMEX knows four; `Closed` is where nothing trades, and which of ours it is the table `states` says."""
FAIR_METHODS: dict[int, str | None] = {
    MarkMethod.MARK_FUNDING: "FundingRate",
    MarkMethod.MARK_IMPACT: "ImpactMidPrice",
    MarkMethod.MARK_PROTECTED: "LastPrice",
    MarkMethod.MARK_LAST: "LastPrice",
    # BitMEX has no word for them that clients know.
    MarkMethod.MARK_MODEL: None,
    MarkMethod.MARK_LEGS: None,
}
MARK_METHODS: dict[int, str] = {
    MarkMethod.MARK_FUNDING: "FairPrice",
    MarkMethod.MARK_IMPACT: "FairPrice",
    MarkMethod.MARK_PROTECTED: "LastPrice",
    MarkMethod.MARK_LAST: "LastPrice",
    MarkMethod.MARK_MODEL: "FairPrice",
    MarkMethod.MARK_LEGS: "FairPrice",
}
ACTIVE_STATES = frozenset({OPEN_NAME, CLOSED_NAME})
END_TEXTS: dict[int, str] = {
    EndReason.ENDED_IMMEDIATE: "Order had timeInForce of ImmediateOrCancel",
    EndReason.ENDED_KILLED: "Order had timeInForce of FillOrKill",
    EndReason.ENDED_MARKET: "Order had ordType of Market",
    EndReason.ENDED_POST_ONLY: "Order had execInst of ParticipateDoNotInitiate",
    EndReason.ENDED_SELF_TRADE: "Order would have traded with an order of the same account",
    EndReason.ENDED_REDUCE_ONLY: "Order had execInst of Close or ReduceOnly but current position is 0",
    EndReason.ENDED_AMENDED: "Order was amended to no more than its cumQty",
    EndReason.ENDED_CLOSING: "Order had the side of an order with execInst of Close",
    EndReason.ENDED_BY_VENUE: "Instrument or account was closed",
    EndReason.ENDED_DEAD_MAN: "The cancelAllAfter timeout has passed",
    EndReason.ENDED_LIQUIDATION: "Position was in liquidation",
    EndReason.ENDED_DELEVERAGED: "Position was auto-deleveraged",
    EndReason.ENDED_LINKED: "Order had contingencyType of OneCancelsTheOther",
    EndReason.ENDED_PRIMARY: "Order had contingencyType of OneTriggersTheOther and its primary ended unfilled",
    EndReason.ENDED_DAY: "Order had timeInForce of Day",
    EndReason.ENDED_REFUSED: "Order could not go live",
    EndReason.ENDED_AUCTION: "Order does not take part in the auction",
    EndReason.ENDED_UNBACKED: "Order in a spread could not be backed in both legs",
    EndReason.ENDED_UNBACKED: "Account has insufficient Available Balance for the legs of the spread",
    EndReason.ENDED_BANKRUPTCY: "Order had ordType of Market and reached the bankruptcy price of the account",
}
SUBMITTED = "Submitted via API."
CANCELED = "Canceled via API."
LIQUIDATION, FUNDING, DELEVERAGING, SETTLEMENT, LEG = "Liquidation", "Funding", "ADL", "Settlement", "Spread"
"""What takes the place of the user's words where the venue itself has acted."""
NO_ORDER_ID = "00000000-0000-0000-0000-000000000000"
"""Of an execution that no order has made."""


def instructions(flags: int, trigger_reference: int) -> str | None:
    """execInst of these flags; null for none."""
    if not flags and not trigger_reference:
        return None
    words = [word for word, flag in EXEC_FLAGS.items() if flags & flag and word != "ReduceOnly"]
    # The engine adds the reduce-only flag to every closing order; on the wire Close says it already.
    if flags & OrderFlag.REDUCE_ONLY and not flags & OrderFlag.CLOSE:
        words.append("ReduceOnly")
    if trigger_reference:
        words.append(TRIGGER_NAMES[trigger_reference])
    return ",".join(words) or None
