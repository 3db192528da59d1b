"""Parameters of order routes to commands (API 4.1 to 4.4).

Refuses only what cannot become a record: malformed, off tick, out of integer range, unknown symbol, contradictory
words, and what BitMEX itself has ended.  Lots, bands, balances, triggers and groups are the engine's to refuse.
"""

from decimal import Decimal

import msgspec

from outcry.gateway import parameters
from outcry.gateway.answers import bad
from outcry.gateway.dialect import symbols
from outcry.gateway.dialect.names import (
    CONTINGENCIES,
    ENDED_PEGS,
    EXEC_FLAGS,
    ORDER_TYPES,
    PEG_KINDS,
    PRICED_TYPES,
    PRICELESS_TYPES,
    SELF_TRADES,
    SIDES,
    STOP_TYPES,
    STOPPED_TYPES,
    TIMES_IN_FORCE,
    TRIGGERS,
)
from outcry.gateway.dialect.prices import price_ticks_of, ticks_of
from outcry.gateway.parameters import Parameters
from outcry.protocol.layout import (
    QUANTITY_BOUND,
    Amend,
    OrderFlag,
    OrderType,
    PegKind,
    Place,
    Side,
    TimeInForce,
    TriggerReference,
)
from outcry.protocol.wire import CLIENT_ID_BYTES_MAX, put_client_id
from outcry.views.directory import Directory, Listing

TEXT_BYTES_MAX = 512
RARE = frozenset(
    {
        "simpleOrderQty",
        "simpleLeavesQty",
        "execInst",
        "stopPx",
        "pegPriceType",
        "pegOffsetValue",
        "displayQty",
        "contingencyType",
        "clOrdLinkID",
        "selfTrade",
    }
)
"""Parameters that most orders do not have; what an order without them can be is decided by a shorter way."""
BUY, LIMIT, MARKET, GOOD_TILL_CANCEL = Side.BUY, OrderType.LIMIT, OrderType.MARKET, TimeInForce.GOOD_TILL_CANCEL
PLAIN_TYPES = frozenset({LIMIT, MARKET})
"""Those that need none of the rare parameters."""
ALL_OR_NONE = "AllOrNone"
NO_ALL_OR_NONE = (
    "Invalid execInst: AllOrNone is not taken, because nobody could see such an order in the book nor know whether "
    "he can trade with it. Use timeInForce FillOrKill."
)


class NewOrder(msgspec.Struct):
    """A command to place an order, its instrument, and the user's text."""

    command: Place
    listing: Listing
    text: bytes


def new_order(asked: Parameters, directory: Directory, account: int) -> NewOrder:
    """The command; a closing order without side and quantity still lacks the position's side.  Raises `Refusal`."""
    listing = symbols.listing(directory, parameters.text(asked, "symbol"))
    command = Place()
    command.account = account
    command.instrument = listing.number
    command.display_quantity = -1
    price = parameters.number(asked, "price")
    if RARE.isdisjoint(asked):
        # What nearly all orders are: a limit or market order with at most a name, a text and a time in force.
        order_type = LIMIT if asked.get("ordType") is None else _order_type(asked, 0, price, None)
        command.order_type = order_type
        is_lasting = order_type == LIMIT and asked.get("timeInForce") is None
        command.time_in_force = GOOD_TILL_CANCEL if is_lasting else _time_in_force(asked, order_type)
        _put_side_and_quantity(asked, command, closes=False)
        if order_type not in PLAIN_TYPES:
            raise bad("Invalid stopPx for ordType" if order_type in STOPPED_TYPES else "Invalid pegPriceType")
        _put_price(command, listing, price, order_type)
    else:
        _put_rare(asked, command, listing, price)
    if "clOrdID" in asked:
        _put_name(asked, "clOrdID", command.client_id)
    return NewOrder(command, listing, text_payload(asked) if "text" in asked else b"")


def _put_rare(asked: Parameters, command: Place, listing: Listing, price: Decimal | None) -> None:
    """All that an order may be, but for its name."""
    for name in ("simpleOrderQty", "simpleLeavesQty"):
        if parameters.text(asked, name) is not None:
            raise bad(f"{name} is not supported, use orderQty.")
    command.flags, command.trigger_reference = _instructions(asked)
    stop = parameters.number(asked, "stopPx")
    command.order_type = _order_type(asked, command.flags, price, stop)
    command.time_in_force = _time_in_force(asked, command.order_type)
    _put_side_and_quantity(asked, command, closes=bool(command.flags & OrderFlag.CLOSE))
    _put_peg(asked, command, listing)
    _put_price(command, listing, price, command.order_type)
    _put_triggers(asked, command, listing, stop)
    display = parameters.whole(asked, "displayQty", 0, QUANTITY_BOUND - 1)
    command.display_quantity = -1 if display is None else display
    contingency = parameters.text(asked, "contingencyType")
    if contingency is not None:
        if contingency not in CONTINGENCIES:
            raise bad("Invalid contingencyType")
        command.contingency = CONTINGENCIES[contingency]
    _put_name(asked, "clOrdLinkID", command.link_id)
    command.self_trade = self_trade(asked) or 0


def self_trade(asked: Parameters) -> int | None:
    """What is to happen when two orders of the account meet (ORD-10), ours.  Raises `Refusal` for unknown words."""
    word = parameters.text(asked, "selfTrade")
    if word is None:
        return None
    if word not in SELF_TRADES:
        raise bad(f"Invalid selfTrade: {', '.join(SELF_TRADES)}")
    return SELF_TRADES[word]


def text_payload(asked: Parameters) -> bytes:
    """The user's words, to be the entry's payload."""
    words = parameters.text(asked, "text")
    payload = b"" if words is None else _utf8(words, "text")
    if len(payload) > TEXT_BYTES_MAX:
        raise bad(f"'text' must be at most {TEXT_BYTES_MAX} bytes")
    return payload


def client_id(asked: Parameters, name: str) -> str | None:
    """A client id that fits its field, or none."""
    found = parameters.text(asked, name)
    return None if found is None else checked_client_id(found, name)


def checked_client_id(found: str, name: str) -> str:
    """The client id.  Raises `Refusal` when it does not fit."""
    if len(_utf8(found, name)) > CLIENT_ID_BYTES_MAX:
        raise bad(f"'{name}' must be at most {CLIENT_ID_BYTES_MAX} characters")
    return found


def _utf8(words: str, name: str) -> bytes:
    try:
        return words.encode("utf-8")
    except UnicodeEncodeError as error:
        raise bad(f"Invalid {name}") from error


def _put_name(asked: Parameters, name: str, field: object) -> None:
    found = client_id(asked, name)
    if found is not None:
        put_client_id(field, found)


def _instructions(asked: Parameters) -> tuple[int, int]:
    """Flags and trigger reference of execInst."""
    flags = reference = 0
    for joined in parameters.texts(asked, "execInst"):
        for word in joined.split():
            if word in EXEC_FLAGS:
                flags |= EXEC_FLAGS[word]
            elif word in TRIGGERS and reference in (0, TRIGGERS[word]):
                reference = TRIGGERS[word]
            elif word == ALL_OR_NONE:
                raise bad(NO_ALL_OR_NONE)
            else:
                raise bad("Invalid execInst")
    return flags, reference


def _order_type(asked: Parameters, flags: int, price: Decimal | None, stop: Decimal | None) -> OrderType:
    word = parameters.text(asked, "ordType")
    if word is not None:
        if word not in ORDER_TYPES:
            raise bad("Invalid ordType")
        return ORDER_TYPES[word]
    peg = parameters.text(asked, "pegPriceType")
    if stop is not None or (peg is not None and PEG_KINDS.get(peg) == PegKind.PEG_TRAILING):
        return OrderType.STOP if price is None else OrderType.STOP_LIMIT
    if peg is not None:
        return OrderType.PEGGED
    if price is None and flags & OrderFlag.CLOSE:
        return MARKET
    return LIMIT


def _time_in_force(asked: Parameters, order_type: int) -> TimeInForce:
    word = parameters.text(asked, "timeInForce")
    if word is not None and word not in TIMES_IN_FORCE:
        raise bad("Invalid timeInForce")
    chosen = GOOD_TILL_CANCEL if word is None else TIMES_IN_FORCE[word]
    # What is left of a market order never rests, whatever was asked for; a stop may still wait no longer than a day.
    if order_type == MARKET and chosen != TimeInForce.FILL_OR_KILL:
        return TimeInForce.IMMEDIATE_OR_CANCEL
    if order_type in PRICELESS_TYPES and order_type in STOPPED_TYPES and chosen == GOOD_TILL_CANCEL:
        return TimeInForce.IMMEDIATE_OR_CANCEL
    return chosen


def _put_side_and_quantity(asked: Parameters, command: Place, closes: bool) -> None:
    word = parameters.text(asked, "side")
    side = None if word is None else SIDES.get(word) or SIDES.get(word.capitalize())
    if side is None and word is not None:
        raise bad("Invalid side")
    signed = parameters.whole(asked, "orderQty", -QUANTITY_BOUND + 1, QUANTITY_BOUND - 1)
    if (signed is None and not closes) or signed == 0:
        raise bad("Invalid orderQty")
    if signed is not None and signed < 0:
        if side == BUY:
            raise bad("Invalid orderQty: it is negative but side is Buy")
        side = Side.SELL
    command.side = BUY if side is None else side
    command.quantity = abs(signed or 0)


def _put_price(command: Place, listing: Listing, price: Decimal | None, order_type: int) -> None:
    if price is not None and order_type in PRICELESS_TYPES:
        raise bad("Invalid price for ordType")
    if price is None and order_type in PRICED_TYPES:
        raise bad("Invalid price")
    if price is not None:
        command.price_ticks = price_ticks_of(price, listing, "price")


def _put_triggers(asked: Parameters, command: Place, listing: Listing, stop: Decimal | None) -> None:
    order_type = command.order_type
    if stop is not None:
        if order_type not in STOPPED_TYPES:
            raise bad("Invalid stopPx for ordType")
        command.trigger_subticks = price_ticks_of(stop, listing, "stopPx") * listing.subticks_per_tick
    elif order_type in STOPPED_TYPES and parameters.text(asked, "pegPriceType") is None:
        raise bad("Invalid stopPx for ordType")
    if command.trigger_reference and order_type not in STOPPED_TYPES:
        raise bad("Invalid execInst")
    on_last = command.trigger_reference == TriggerReference.ON_LAST and order_type in STOP_TYPES
    if command.flags & OrderFlag.LAST_WITHIN_MARK and not on_last:
        raise bad("Invalid execInst: LastWithinMark needs LastPrice and ordType Stop or StopLimit")


def _put_peg(asked: Parameters, command: Place, listing: Listing) -> None:
    kind = parameters.text(asked, "pegPriceType")
    offset = parameters.number(asked, "pegOffsetValue")
    if kind in ENDED_PEGS:
        raise bad(f"Invalid pegPriceType: {kind} ended on 16 December 2019. Use PrimaryPeg or MarketPeg.")
    if kind is None:
        if offset is not None or command.order_type == OrderType.PEGGED:
            raise bad("Invalid pegPriceType")
        return
    if kind not in PEG_KINDS:
        raise bad("Invalid pegPriceType")
    command.peg_kind = PEG_KINDS[kind]
    if (command.peg_kind == PegKind.PEG_TRAILING) != (command.order_type in STOPPED_TYPES):
        raise bad("Invalid pegPriceType for ordType")
    if command.order_type == OrderType.PEGGED and not command.flags & OrderFlag.FIXED_PEG:
        raise bad("Invalid execInst: a peg is priced once, so ordType Pegged needs execInst Fixed")
    if offset is not None:
        command.peg_offset_subticks = ticks_of(offset, listing, "pegOffsetValue") * listing.subticks_per_tick


def put_changes(asked: Parameters, command: Amend, listing: Listing) -> None:
    """The amendable parameters of an order of this instrument.  Raises `Refusal`."""
    quantity = parameters.whole(asked, "orderQty", -QUANTITY_BOUND + 1, QUANTITY_BOUND - 1)
    leaves = parameters.whole(asked, "leavesQty", 0, QUANTITY_BOUND - 1)
    if quantity is not None and leaves is not None:
        raise bad("Must specify only one of 'leavesQty' or 'orderQty'")
    if quantity is not None and quantity <= 0:
        raise bad("Invalid orderQty")
    command.quantity = quantity or 0
    command.leaves_quantity = -1 if leaves is None else leaves
    price, stop, offset = (parameters.number(asked, name) for name in ("price", "stopPx", "pegOffsetValue"))
    if price is not None:
        command.price_ticks = price_ticks_of(price, listing, "price")
    if stop is not None:
        command.trigger_subticks = price_ticks_of(stop, listing, "stopPx") * listing.subticks_per_tick
    if offset is not None:
        command.peg_offset_subticks = ticks_of(offset, listing, "pegOffsetValue") * listing.subticks_per_tick
        if not command.peg_offset_subticks:
            # In a record 0 would mean that it stays as it is.
            raise bad("Invalid pegOffsetValue")
