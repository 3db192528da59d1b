"""Every kind of event: what the engine says happened.

An event carries enough to keep a view of its subject without asking the engine: after numbers, not only differences.
"""

from outcry.protocol.commands import CAUSE, INSTRUMENT_TERMS, UNTIL
from outcry.protocol.contract_events import CONTRACT_EVENTS
from outcry.protocol.order_events import CLIENT_ID, ORDER_KINDS
from outcry.protocol.risk_events import ACCOUNT, CURRENCY, INSTRUMENT, RISK_KINDS
from outcry.protocol.schema import Field, Member, Record, Width

_KINDS: list[tuple[int, str, Record]] = [*RISK_KINDS, *ORDER_KINDS, *CONTRACT_EVENTS]


def _event(number: int, kind: str, record: Record) -> None:
    _KINDS.append((number, kind, record))


_event(
    1,
    "REFUSED",
    Record(
        "Refused",
        "The command changed nothing.",
        (Field("code", Width.I32, "Code"), Field("command_kind", Width.U8, "CommandKind")),
        (
            ACCOUNT,
            INSTRUMENT,
            Field("wanted", Width.I64, "what it asked for or needed, in the unit of the rule; 0 if there is none"),
            Field("limit", Width.I64, "what was there or allowed"),
            CLIENT_ID,
        ),
    ),
)
_event(
    2,
    "HALTED",
    Record(
        "Halted",
        "The books do not add up; the venue has stopped.",
        (
            Field("fault", Width.I32, "Fault"),
            Field("subject", Width.I32, "currency or instrument concerned"),
            Field("found", Width.I64, "the number found"),
            Field("expected", Width.I64, "the number it should have been"),
        ),
    ),
)
_event(
    21,
    "ACCOUNT_OPENED",
    Record(
        "AccountOpened",
        "The handle has this account (new or old).",
        (),
        (ACCOUNT, Field("was_new", Width.U8, "1 if it was opened now"), Field("handle", Width.HANDLE, "as asked for")),
    ),
)
_event(
    22,
    "ACCOUNT_STATE_SET",
    Record(
        "AccountStateSet",
        "An account's state.",
        (),
        (ACCOUNT, Field("state", Width.U8, "AccountState"), CAUSE, UNTIL),
    ),
)
_event(
    23,
    "MARGIN_SET",
    Record(
        "MarginSet",
        "A position's leverage, mode or own margin.",
        (),
        (
            ACCOUNT,
            INSTRUMENT,
            Field("isolated", Width.U8, "1 isolated, 0 cross"),
            Field("leverage_centi", Width.I64, "hundredths; 0 if never chosen"),
            Field("moved_margin_minor", Width.I64, "margin moved in by hand"),
            Field("loss_minor", Width.I64, "opening fees paid out of it"),
        ),
    ),
)
_event(
    24,
    "DEAD_MAN_SET",
    Record(
        "DeadManSet",
        "An account's dead-man switch: armed, disarmed, or done with after it fired.",
        (),
        (
            ACCOUNT,
            Field("due_ns", Width.I64, "its orders are cancelled at this time; 0 if it is not armed"),
            Field("fired", Width.U8, "1 if it went off and the orders are gone"),
        ),
    ),
)
_event(
    25,
    "RISK_LIMIT_SET",
    Record(
        "RiskLimitSet",
        "A position's risk limit, chosen by its owner or lowered in liquidation (MRG-09, LIQ-02).",
        (),
        (
            ACCOUNT,
            INSTRUMENT,
            Field("by_venue", Width.U8, "1 if a liquidation lowered it"),
            Field("steps", Width.I32, "steps above the base limit"),
            Field("risk_limit_minor", Width.I64, "the limit"),
        ),
    ),
)
_event(
    26,
    "FEE_TIER_SET",
    Record(
        "FeeTierSet",
        "The fee tier an account has from now on (FEE-03).",
        (),
        (
            ACCOUNT,
            Field("tier", Width.I32, "its number, from 0"),
            Field("volume_cents", Width.I64, "of the last 30 whole days, in US cents"),
        ),
    ),
)
_event(
    27,
    "SELF_TRADE_SET",
    Record(
        "SelfTradeSet",
        "What happens when two orders of an account meet.",
        (),
        (ACCOUNT, Field("self_trade", Width.U8, "SelfTrade")),
    ),
)
_event(
    28,
    "SMALL_ORDERS_FLAGGED",
    Record(
        "SmallOrdersFlagged",
        "An account has too many small orders; its new small ones are hidden for a while (ORD-21).",
        (),
        (ACCOUNT, Field("until_ns", Width.I64, "it is looked at again from then on; 0 if it is flagged no more")),
    ),
)
_event(
    31,
    "MOVED",
    Record(
        "Moved",
        "Money moved between two wallets, outside of fills.",
        (
            CURRENCY,
            Field("reason", Width.U8, "MoveReason"),
            Field("amount_minor", Width.I64, "how much, from the first to the second"),
        ),
        (
            Field("from_account", Width.I32, "who gave; a role or an account"),
            Field("to_account", Width.I32, "who got"),
            Field("from_balance_minor", Width.I64, "after"),
            Field("to_balance_minor", Width.I64, "after"),
            Field("reference", Width.HASH, "transaction on the chain, or request id, or 0"),
        ),
    ),
)
_event(
    51,
    "CURRENCY_LISTED",
    Record(
        "CurrencyListed",
        "A settlement currency.",
        (CURRENCY, Field("scale", Width.I32, "decimal places"), Field("symbol", Width.TEXT8, "its name")),
    ),
)
_event(
    52,
    "INDEX_LISTED",
    Record(
        "IndexListed",
        "An index.",
        (
            Field("index", Width.I32, "its number"),
            Field("decimals", Width.I32, "its unit is 10 to the minus this"),
            Field("symbol", Width.TEXT24, "its name"),
        ),
    ),
)
_event(
    53,
    "CONSTITUENT_LISTED",
    Record(
        "ConstituentListed",
        "A source of an index.",
        (
            Field("index", Width.I32, "the index's number"),
            Field("constituent", Width.I32, "its number"),
            Field("weight_ppm", Width.I64, "its share"),
            Field("name", Width.TEXT16, "its name"),
        ),
    ),
)
_event(54, "LISTED", Record("Listed", "An instrument and its terms.", (INSTRUMENT, *INSTRUMENT_TERMS)))
_event(
    55,
    "INSTRUMENT_STATE_SET",
    Record(
        "InstrumentStateSet",
        "An instrument's state.",
        (
            INSTRUMENT,
            Field("state", Width.U8, "InstrumentState"),
            CAUSE,
            Field("next_state", Width.U8, "InstrumentState that follows; 0 without one"),
            UNTIL,
        ),
    ),
)
_event(
    59,
    "AUCTION_INDICATED",
    Record(
        "AuctionIndicated",
        "What an auction would bring if it ended now; said when it has changed, and once more when it is fixed.",
        (
            INSTRUMENT,
            Field("fixed", Width.U8, "1 if trades at this price follow"),
            Field("price_ticks", Width.I64, "its one price; 0 if nothing would trade"),
            Field("volume", Width.I64, "contracts that would trade"),
            Field("surplus", Width.I64, "contracts left at that price: positive to buy, negative to sell"),
        ),
    ),
)
_event(
    57,
    "VENUE_STATE_SET",
    Record(
        "VenueStateSet",
        "The venue's rung of the halt ladder.",
        (Field("state", Width.U8, "VenueState"), CAUSE, UNTIL),
    ),
)
_event(
    58,
    "PRICE_LIMITS_SET",
    Record(
        "PriceLimitsSet",
        "An instrument's price limits.",
        (
            INSTRUMENT,
            Field("lowest_ticks", Width.I64, "0 for one tick"),
            Field("highest_ticks", Width.I64, "0 for the instrument's maximum"),
        ),
    ),
)
_event(
    91,
    "TICKED",
    Record("Ticked", "A tick did what was due.", (Field("next_due_ns", Width.I64, "when something is due again"),)),
)
_event(
    92,
    "RESUMED",
    Record(
        "Resumed",
        "After a pause: cancel-only, or open again.",
        (
            Field("cancel_only", Width.U8, "1 while indices are stale"),
            Field("paused_ns", Width.I64, "how long nothing was journaled"),
        ),
    ),
)
_event(
    93,
    "ROOT_NOTED",
    Record(
        "RootNoted",
        "A state root stands in the journal.",
        (
            Field("at_sequence", Width.I64, "the state after this entry"),
            Field("root", Width.HASH, "H(public root, private root)"),
        ),
    ),
)
_event(
    94,
    "GROWN",
    Record(
        "Grown",
        "A table is larger.",
        (
            Field("table", Width.I32, "its place in the schema's list of tables"),
            Field("rows", Width.I64, "rows from now on"),
        ),
    ),
)

_event(
    95,
    "CONTINUED",
    Record(
        "Continued",
        "Part of the engine's own work was done.",
        (
            Field("units", Width.I64, "units done by this entry"),
            Field("tasks", Width.I64, "tasks still waiting, the one under way included"),
        ),
    ),
)

EVENTS: tuple[Record, ...] = tuple(record for _, _, record in _KINDS)
EVENT_MEMBERS: tuple[Member, ...] = tuple(Member(kind, number, record.doc) for number, kind, record in _KINDS)
EVENT_RECORD: dict[str, str] = {kind: record.name for _, kind, record in _KINDS}
"""Kind to record name."""
