"""The engine's refusals in BitMEX's words: status, message and the error's name (API 1.4, 4.7).

One row for every code; a test holds it complete.  Where BitMEX has words that clients look for they are used exactly;
the others are in its style.
"""

from collections.abc import Callable

import msgspec

from outcry.gateway.answers import NOT_FOUND, OVERLOADED, RETRY_AFTER, Refusal
from outcry.protocol.layout import Code, CommandKind, Refused
from outcry.views.directory import Listing


class Subject(msgspec.Struct, frozen=True):
    """What a refusal is about, for its words."""

    refused: Refused
    listing: Listing | None = None
    currency: str = "XBt"
    by_client_id: bool = False


Words = str | Callable[[Subject], str]
VALIDATION = "ValidationError"
GENERIC = "HTTPError"


def _lot(subject: Subject) -> str:
    lot = subject.listing.lot if subject.listing is not None else subject.refused.limit
    return f"Order quantity must be a multiple of lot size: {lot}"


def _balance(subject: Subject) -> str:
    wanted = subject.refused.wanted
    return f"Account has insufficient Available Balance, {wanted} {subject.currency} required"


def _order_unknown(subject: Subject) -> str:
    if subject.refused.command_kind == CommandKind.AMEND:
        return "Invalid origClOrdID" if subject.by_client_id else "Invalid orderID"
    return NOT_FOUND


def _liquidation(subject: Subject) -> str:
    if subject.refused.command_kind in (CommandKind.PLACE, CommandKind.AMEND):
        return "Executing at order price would lead to immediate liquidation"
    return "This change would lead to immediate liquidation"


NOT_YET = "Invalid ordType: this ordType, timeInForce or displayQty is not available on this venue yet."
PEG = "Invalid pegOffsetValue: it is missing, on the wrong side, or the pegPriceType does not go with the ordType"
LINK = (
    "Invalid clOrdLinkID: it goes with a contingencyType, the same in all of its group, before the group is under way"
)
WORDS: dict[int, tuple[int, Words, str]] = {
    Code.VENUE_HALTED: (503, "Service unavailable: the venue has halted.", GENERIC),
    Code.KIND_WITHOUT_RULE: (400, "This operation is not available on this venue yet.", GENERIC),
    Code.TICK_DUE: (503, OVERLOADED, GENERIC),
    Code.TIME_BACKWARDS: (503, OVERLOADED, GENERIC),
    Code.ORIGIN_REPEATED: (503, OVERLOADED, GENERIC),
    Code.VENUE_CANCEL_ONLY: (503, "Service unavailable: the venue is resuming, only cancels are accepted.", GENERIC),
    Code.VENUE_HELD: (503, "Service unavailable: the operator lets only cancels through.", GENERIC),
    Code.VENUE_REDUCE_ONLY: (400, "The venue takes only orders that reduce positions", VALIDATION),
    Code.VENUE_POST_ONLY: (400, "The venue takes only orders with execInst of ParticipateDoNotInitiate", VALIDATION),
    Code.VENUE_MONEY_HELD: (503, "Service unavailable: the operator lets no money in or out.", GENERIC),
    Code.CURRENCY_UNKNOWN: (400, "Invalid currency", GENERIC),
    Code.INDEX_UNKNOWN: (400, "symbol is invalid", GENERIC),
    Code.CONSTITUENT_UNKNOWN: (400, "symbol is invalid", GENERIC),
    Code.INSTRUMENT_UNKNOWN: (400, "symbol is invalid", GENERIC),
    Code.INSTRUMENT_CLOSED: (400, "Instrument is closed", GENERIC),
    Code.INSTRUMENT_UNPRICED: (400, "Instrument is closed: it has no mark price yet", GENERIC),
    Code.INSTRUMENT_REDUCE_ONLY: (400, "Instrument takes only orders that reduce positions", VALIDATION),
    Code.INSTRUMENT_POST_ONLY: (
        400,
        "Instrument takes only orders with execInst of ParticipateDoNotInitiate",
        VALIDATION,
    ),
    Code.INSTRUMENT_COLLECTING: (400, "Instrument is closed: an auction takes only limit orders that rest", VALIDATION),
    Code.ACCOUNT_UNKNOWN: (403, "Access Denied", GENERIC),
    Code.ACCOUNT_IS_ROLE: (403, "Access Denied", GENERIC),
    Code.ACCOUNT_FROZEN: (403, "Account is restricted", GENERIC),
    Code.ACCOUNT_WITHDRAW_ONLY: (403, "Account is restricted", GENERIC),
    Code.ACCOUNT_REDUCE_ONLY: (403, "Account is restricted", GENERIC),
    Code.ACCOUNT_CANCEL_ONLY: (403, "Account is restricted", GENERIC),
    Code.ACCOUNT_POST_ONLY: (403, "Account is restricted", GENERIC),
    Code.ACCOUNT_WAITS: (400, "Account is being worked on: only cancels and orders that reduce are accepted", GENERIC),
    Code.CLIENT_ID_DUPLICATE: (400, "Duplicate clOrdID", GENERIC),
    Code.OUTPOINT_DUPLICATE: (400, "Duplicate deposit", GENERIC),
    Code.REQUEST_DUPLICATE: (400, "Duplicate withdrawal request", GENERIC),
    Code.SYMBOL_TAKEN: (400, "symbol is invalid: it is listed already", GENERIC),
    Code.MARK_TOO_OLD: (400, "The option's mark is too old: only orders that reduce positions are taken", VALIDATION),
    Code.SETTLEMENT_NOT_AWAITED: (400, "Instrument does not wait for a settlement price", VALIDATION),
    Code.NOT_AN_OPTION: (400, "symbol is invalid: it is no option", GENERIC),
    Code.MODEL_INVALID: (400, "A parameter is outside its bounds.", VALIDATION),
    Code.MODEL_MARK_INVALID: (400, "A parameter is outside its bounds.", VALIDATION),
    Code.SPREAD_LEG_ISOLATED: (400, "A spread trades cross positions, and a leg of yours is isolated", VALIDATION),
    Code.SPREAD_WITHOUT_POSITION: (400, "A spread has no position: its legs have", VALIDATION),
    Code.ORDER_UNKNOWN: (400, _order_unknown, GENERIC),
    Code.ORDER_ENDED: (400, "Invalid ordStatus", GENERIC),
    Code.DEPOSIT_UNKNOWN: (404, NOT_FOUND, GENERIC),
    Code.WITHDRAWAL_UNKNOWN: (404, NOT_FOUND, GENERIC),
    Code.POSITION_NOT_ISOLATED: (400, "There is no open isolated position in this contract", VALIDATION),
    Code.DOCKET_STAGE_WRONG: (400, "The market's question is not at a stage at which this can be said", VALIDATION),
    Code.PARAMETER_INVALID: (400, "A parameter is outside its bounds.", VALIDATION),
    Code.ORDER_TYPE_WITHOUT_RULE: (400, NOT_YET, GENERIC),
    Code.QUANTITY_INVALID: (400, "Invalid orderQty", GENERIC),
    Code.QUANTITY_NOT_LOTS: (400, _lot, GENERIC),
    Code.PRICE_INVALID: (400, "Invalid price", GENERIC),
    Code.AMEND_UNCHANGED: (400, "Invalid amend: orderQty, leavesQty, price, stopPx unchanged", GENERIC),
    Code.VALUE_TOO_LARGE: (400, "Value of position and orders exceeds position Risk Limit", VALIDATION),
    Code.AMOUNT_INVALID: (400, "Invalid amount", GENERIC),
    Code.LEVERAGE_INVALID: (400, "Invalid leverage", GENERIC),
    Code.RISK_LIMIT_INVALID: (400, "Invalid riskLimit", VALIDATION),
    Code.TRIGGER_INVALID: (400, "Invalid stopPx for ordType", GENERIC),
    Code.PEG_INVALID: (400, PEG, GENERIC),
    Code.LINK_INVALID: (400, LINK, GENERIC),
    Code.DISPLAY_INVALID: (400, "Invalid displayQty: it is 0 or whole lots within orderQty", GENERIC),
    Code.PRICE_OUTSIDE_BAND: (400, "Limit price is too far from the mark price", VALIDATION),
    Code.PRICE_OUTSIDE_LIMITS: (400, "Order price is beyond the contract's limitUpPrice or limitDownPrice", VALIDATION),
    Code.INDEX_TOO_FAR: (400, "The index has no value, or is too far from the mark price", VALIDATION),
    Code.PEG_WITHOUT_TOUCH: (400, "Invalid pegPriceType: there is no price to peg to", VALIDATION),
    Code.SMALL_ORDER_POST_ONLY: (400, "Account has too many small orders to post one more", VALIDATION),
    Code.REDUCE_ONLY_NO_POSITION: (
        400,
        "Order had execInst of Close or ReduceOnly but current position is 0",
        VALIDATION,
    ),
    Code.BALANCE_INSUFFICIENT: (400, _balance, VALIDATION),
    Code.LIQUIDATION_IMMEDIATE: (400, _liquidation, VALIDATION),
    Code.RISK_LIMIT_EXCEEDED: (400, "Value of position and orders exceeds position Risk Limit", VALIDATION),
    Code.TABLE_FULL: (503, OVERLOADED, GENERIC),
    Code.ORDERS_TOO_MANY: (400, "Too many open orders", GENERIC),
    Code.ORDERS_HERE_TOO_MANY: (400, "Too many open orders in this contract", GENERIC),
    Code.STOPS_TOO_MANY: (400, "Too many stop orders in this contract", GENERIC),
}


WITHOUT_NUMBERS: dict[int, str] = {
    Code.ORDER_UNKNOWN: NOT_FOUND,
    Code.BALANCE_INSUFFICIENT: "Account has insufficient Available Balance",
    Code.QUANTITY_NOT_LOTS: "Order quantity must be a multiple of the lot size",
    Code.LIQUIDATION_IMMEDIATE: "Executing at order price would lead to immediate liquidation",
}
"""Where an order could not go live only the code is known, and not what was wanted and what was there."""


def words_of(code: int) -> str:
    """The words of a refusal of which nothing but the code is known."""
    found = WITHOUT_NUMBERS.get(code) or WORDS[code][1] if code in WORDS else ""
    return found if isinstance(found, str) and found else "Order could not go live"


def refusal_of(subject: Subject) -> Refusal:
    """The answer to a refused command."""
    status, words, name = WORDS[subject.refused.code]
    headers = (RETRY_AFTER,) if words is OVERLOADED else ()
    return Refusal(status, words if isinstance(words, str) else words(subject), name, headers=headers)
