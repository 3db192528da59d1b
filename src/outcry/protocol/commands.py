"""Every kind of command, including those whose rules come later, so that the format does not change with them.

Grouped as trading, account, money, world, operator, node.  `command(...)` pairs a kind with its record.
"""

from outcry.protocol.contract_commands import CONTRACT_KINDS
from outcry.protocol.order_commands import ACCOUNT, INSTRUMENT, ORDER_KINDS
from outcry.protocol.schema import Field, Member, Record, Width

CURRENCY = Field("currency", Width.I32, "the settlement currency's number")
CAUSE = Field("cause", Width.U8, "StateCause")
UNTIL = Field("until_ns", Width.I64, "when it is over by itself; 0 if only by another command")
REFERENCE = Field("reference", Width.HASH, "transaction id on the chain")

_KINDS: list[tuple[int, str, Record]] = [*ORDER_KINDS, *CONTRACT_KINDS]


def _command(number: int, kind: str, record: Record) -> None:
    _KINDS.append((number, kind, record))


_command(
    11,
    "SET_LEVERAGE",
    Record(
        "SetLeverage",
        "Isolate a position at this leverage, or put it into cross margin with 0.",
        (),
        (ACCOUNT, INSTRUMENT, Field("leverage_centi", Width.I64, "hundredths: 100 is 1x; 0 is cross")),
    ),
)
_command(
    12,
    "SET_ISOLATED",
    Record(
        "SetIsolated",
        "Switch a position between isolated and cross margin, keeping its leverage.",
        (),
        (ACCOUNT, INSTRUMENT, Field("isolated", Width.U8, "1 isolated, 0 cross")),
    ),
)
_command(
    13,
    "MOVE_MARGIN",
    Record(
        "MoveMargin",
        "Move money into or out of an isolated position's margin.",
        (),
        (ACCOUNT, INSTRUMENT, Field("amount_minor", Width.I64, "positive into the position")),
    ),
)
_command(
    14,
    "SET_RISK_LIMIT",
    Record(
        "SetRiskLimit",
        "Choose a position's risk limit.",
        (),
        (ACCOUNT, INSTRUMENT, Field("risk_limit_minor", Width.I64, "base plus whole steps")),
    ),
)
_command(
    15,
    "SET_SELF_TRADE",
    Record(
        "SetSelfTrade",
        "Choose what happens when two orders of the account meet.",
        (),
        (ACCOUNT, Field("self_trade", Width.U8, "SelfTrade")),
    ),
)
_command(
    21,
    "OPEN_ACCOUNT",
    Record(
        "OpenAccount",
        "Open an account for a handle; again for the same handle changes nothing.",
        (),
        (Field("handle", Width.HANDLE, "128 bits chosen by identity"),),
    ),
)
_command(
    22,
    "SET_ACCOUNT_STATE",
    Record(
        "SetAccountState",
        "Put an account on a rung of the halt ladder, or open it again.",
        (),
        (
            ACCOUNT,
            Field("state", Width.U8, "AccountState"),
            CAUSE,
            UNTIL,
        ),
    ),
)
_command(
    31,
    "DEPOSIT",
    Record(
        "Deposit",
        "Money seen on the chain (or booked by the operator of a venue without one).",
        (CURRENCY, Field("amount_minor", Width.I64, "how much")),
        (ACCOUNT, REFERENCE, Field("output_index", Width.I64, "which output of the transaction")),
    ),
)
_command(
    32,
    "REVERSE_DEPOSIT",
    Record(
        "ReverseDeposit",
        "A credited deposit has left the chain; the wallet may go negative.",
        (CURRENCY,),
        (ACCOUNT, REFERENCE, Field("output_index", Width.I64, "which output of the transaction")),
    ),
)
_command(
    33,
    "WITHDRAW",
    Record(
        "Withdraw",
        "Ask for a withdrawal; the amount leaves the wallet and is in flight.",
        (CURRENCY, Field("amount_minor", Width.I64, "how much, network fee included")),
        (ACCOUNT, Field("request", Width.HANDLE, "the request's unique id")),
    ),
)
_command(
    34,
    "SETTLE_WITHDRAWAL",
    Record(
        "SettleWithdrawal",
        "A withdrawal has left, or will not.",
        (Field("settled", Width.U8, "1 left for good, 0 returned to the wallet"),),
        (ACCOUNT, Field("request", Width.HANDLE, "the request's unique id"), REFERENCE),
    ),
)
_command(
    35,
    "TRANSFER",
    Record(
        "Transfer",
        "Move money between two accounts of one user.",
        (CURRENCY, Field("amount_minor", Width.I64, "how much")),
        (ACCOUNT, Field("to_account", Width.I32, "who gets it")),
    ),
)
_command(
    41,
    "CONSTITUENT_PRICE",
    Record(
        "ConstituentPrice",
        "A price seen at one of an index's sources.",
        (
            Field("index", Width.I32, "the index's number"),
            Field("constituent", Width.I32, "the constituent's number"),
            Field("price_units", Width.I64, "last price there, in the index's units"),
        ),
    ),
)
_command(
    51,
    "LIST_CURRENCY",
    Record(
        "ListCurrency",
        "Make a settlement currency known.",
        (
            Field("scale", Width.I32, "decimal places of its minor unit"),
            Field("symbol", Width.TEXT8, "minor unit's name, such as XBt"),
        ),
    ),
)
_command(
    52,
    "LIST_INDEX",
    Record(
        "ListIndex",
        "Make an index known.",
        (
            Field("decimals", Width.I32, "its unit is 10 to the minus this"),
            Field("tolerance_ppm", Width.I64, "how far a source may be from the median (IDX-03)"),
            Field("symbol", Width.TEXT24, "such as .BXBT"),
            Field("underlying", Width.TEXT8, "what is priced"),
            Field("quote", Width.TEXT8, "in what"),
        ),
    ),
)
_command(
    53,
    "LIST_CONSTITUENT",
    Record(
        "ListConstituent",
        "Add a source to an index.",
        (
            Field("index", Width.I32, "the index's number"),
            Field("weight_ppm", Width.I64, "its share"),
            Field("name", Width.TEXT16, "the source's name"),
        ),
    ),
)
INSTRUMENT_TERMS = (
    Field("index", Width.I32, "the index it is marked by; 0 without one"),
    CURRENCY,
    Field("instrument_type", Width.U8, "InstrumentType"),
    Field("valuation", Width.U8, "Valuation"),
    Field("price_decimals", Width.I32, "with tick_units: one tick is tick_units * 10^-price_decimals"),
    Field("tick_units", Width.I64, "see price_decimals"),
    Field("subticks_per_tick", Width.I64, "marks, indices and settlements are that much finer"),
    Field("lot", Width.I64, "contracts in a lot"),
    Field("multiplier_minor", Width.I64, "settlement minor units per contract (and point), as a magnitude"),
    Field("contracts_per_underlying", Width.I64, "contracts in one whole of the underlying; 0 if not fixed"),
    Field("quantity_max", Width.I64, "largest order, contracts"),
    Field("price_ticks_max", Width.I64, "largest price"),
    Field("initial_margin_ppm", Width.I64, "base initial margin"),
    Field("maintenance_margin_ppm", Width.I64, "base maintenance margin"),
    Field("risk_limit_minor", Width.I64, "base risk limit"),
    Field("risk_step_minor", Width.I64, "risk limit step"),
    Field("maker_fee_ppm", Width.I64, "negative is a rebate"),
    Field("taker_fee_ppm", Width.I64, "never negative"),
    Field("settlement_fee_ppm", Width.I64, "at expiry"),
    Field("mark_method", Width.U8, "MarkMethod"),
    Field("deleverage_policy", Width.U8, "DeleveragePolicy"),
    Field("usd_index", Width.I32, "the index that prices the settlement currency in dollars; 0 if it is a dollar"),
    Field("impact_notional_minor", Width.I64, "value at which impact prices are taken; 0 keeps funding rate and basis"),
    Field("interest_quote_ppb", Width.I64, "interest a day on the quote side (FND-02)"),
    Field("interest_base_ppb", Width.I64, "interest a day on the base side (FND-02)"),
    Field("funding_rate_ppb", Width.I64, "rate of the funding period under way; in a listing, of the first"),
    Field("funding_interval_ns", Width.I64, "time between fundings; 0 for none"),
    Field("funding_offset_ns", Width.I64, "first funding after midnight UTC"),
    Field("expiry_ns", Width.I64, "0 for perpetuals"),
    Field("opens_ns", Width.I64, "it opens by itself then; 0 at once"),
    Field("opening_subticks", Width.I64, "mark before the first trade where there is no index; 0 with one"),
    Field("strike_units", Width.I64, "options: the strike in the index's units"),
    Field("floor_margin_ppm", Width.I64, "options: lowest initial margin of who sells one out of the money"),
    Field("fee_cap_ppm", Width.I64, "options: fees are charged on the underlying, up to this share of the premium"),
    Field("hourly_band_ppm", Width.I64, "price limits are set each hour so far around the mark; 0 never"),
    Field("near_instrument", Width.I32, "spreads: the leg that ends first"),
    Field("far_instrument", Width.I32, "spreads: the leg that ends later"),
    Field("origin_ticks", Width.I64, "spreads: a price of nothing; prices are ticks less this"),
    Field("dispute_ns", Width.I64, "predictions: how long a proposed outcome may be disputed"),
    Field("bond_minor", Width.I64, "predictions: what who disputes has to put up"),
    Field("binary", Width.U8, "predictions: 1 if only nothing and the highest price are outcomes"),
    Field("band_ppm", Width.I64, "how far through touch or mark an order may go (ORD-07); 0 for BAND_PPM"),
    Field("small_order_minor", Width.I64, "orders worth less are small (ORD-21); 0 if none is"),
    Field("orders_max", Width.I32, "open orders of one account; 0 for no limit of its own"),
    Field("stops_max", Width.I32, "of them waiting for a trigger; 0 for no limit of its own"),
    Field("symbol", Width.TEXT24, "such as XBTUSD"),
    Field("underlying", Width.TEXT8, "such as XBT"),
    Field("quote", Width.TEXT8, "such as USD"),
)
_command(54, "LIST", Record("List", "Make an instrument known and open it.", INSTRUMENT_TERMS))
_command(
    55,
    "SET_INSTRUMENT_STATE",
    Record(
        "SetInstrumentState",
        "Open, pause or end an instrument, or call an auction in it.",
        (
            INSTRUMENT,
            Field("state", Width.U8, "InstrumentState"),
            CAUSE,
            Field("next_state", Width.U8, "InstrumentState that follows at `until_ns`; 0 without one"),
            UNTIL,
        ),
    ),
)
_command(
    56,
    "SET_RISK_PARAMETERS",
    Record(
        "SetRiskParameters",
        "Change an instrument's margins, limits and fees.",
        (
            INSTRUMENT,
            Field("initial_margin_ppm", Width.I64, "base initial margin"),
            Field("maintenance_margin_ppm", Width.I64, "base maintenance margin"),
            Field("risk_limit_minor", Width.I64, "base risk limit"),
            Field("risk_step_minor", Width.I64, "risk limit step"),
            Field("maker_fee_ppm", Width.I64, "negative is a rebate"),
            Field("taker_fee_ppm", Width.I64, "never negative"),
        ),
    ),
)
_command(
    57,
    "SET_LOT",
    Record(
        "SetLot",
        "Change an instrument's lot and convert what is open.",
        (INSTRUMENT, Field("lot", Width.I64, "contracts in a lot")),
    ),
)
_command(
    58,
    "DECLARE_SETTLEMENT",
    Record(
        "DeclareSettlement",
        "The operator's settlement price where samples are missing or an event has resolved.",
        (INSTRUMENT, Field("price_subticks", Width.I64, "settlement price")),
    ),
)
_command(
    59,
    "SET_NEXT_WEIGHT",
    Record(
        "SetNextWeight",
        "A source's weight in the shadow index that is to follow.",
        (
            Field("index", Width.I32, "the index's number"),
            Field("constituent", Width.I32, "the constituent's number"),
            Field("weight_ppm", Width.I64, "its share from the adoption; 0 leaves it out"),
        ),
    ),
)
_command(
    60,
    "ADOPT_WEIGHTS",
    Record(
        "AdoptWeights",
        "The shadow index's weights become the index's.",
        (Field("index", Width.I32, "the index's number"),),
    ),
)
_command(
    61,
    "SET_VENUE_STATE",
    Record(
        "SetVenueState",
        "Put the whole venue on a rung of the halt ladder, or open it again.",
        (Field("state", Width.U8, "VenueState"), CAUSE, UNTIL),
    ),
)
_command(
    62,
    "SET_PRICE_LIMITS",
    Record(
        "SetPriceLimits",
        "The lowest and highest price at which an instrument's orders are taken.",
        (
            INSTRUMENT,
            Field("lowest_ticks", Width.I64, "0 for one tick"),
            Field("highest_ticks", Width.I64, "0 for the instrument's maximum"),
        ),
    ),
)
_command(91, "TICK", Record("Tick", "Time has passed; what is due happens.", ()))
_command(
    92,
    "CONTINUE",
    Record(
        "Continue",
        "Do a bounded part of the engine's own work.",
        (Field("units_max", Width.I64, "at most so many units"),),
    ),
)
_command(
    93,
    "RESUME",
    Record(
        "Resume",
        "The clock jumped or the venue was down; cancel-only until indices are fresh.",
        (Field("paused_ns", Width.I64, "how long nothing was journaled"),),
    ),
)
_command(
    94,
    "ROOT",
    Record(
        "Root",
        "A state root that replicas have computed.",
        (
            Field("at_sequence", Width.I64, "the state after this entry"),
            Field("public_root", Width.HASH, "over public parts"),
            Field("root", Width.HASH, "H(public root, private root)"),
        ),
    ),
)
_command(
    95,
    "UPGRADE",
    Record(
        "Upgrade",
        "From here other rules hold.",
        (
            Field("rules_version", Width.I64, "the rules from here"),
            Field("code_hash", Width.HASH, "of the source that knows them"),
            Field("root_before", Width.HASH, "of the state that is migrated"),
            Field("root_after", Width.HASH, "of the migrated state"),
        ),
    ),
)
_command(
    96,
    "GROW",
    Record(
        "Grow",
        "Enlarge a table.",
        (
            Field("table", Width.I32, "its place in the schema's list of tables"),
            Field("rows", Width.I64, "rows from now on"),
        ),
    ),
)

COMMANDS: tuple[Record, ...] = tuple(record for _, _, record in _KINDS)
COMMAND_MEMBERS: tuple[Member, ...] = tuple(Member(kind, number, record.doc) for number, kind, record in _KINDS)
COMMAND_RECORD: dict[str, str] = {kind: record.name for _, kind, record in _KINDS}
"""Kind to record name."""
