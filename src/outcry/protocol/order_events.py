"""Events about orders and trades; `events` puts them among the others."""

from outcry.protocol.risk_events import ACCOUNT, INSTRUMENT, ORDER_ID
from outcry.protocol.schema import Field, Record, Width

CLIENT_ID = Field("client_id", Width.CLIENT_ID, "the account's own name for the order; 0 if none")
ORDER_TERMS = (
    ACCOUNT,
    INSTRUMENT,
    ORDER_ID,
    Field("side", Width.U8, "Side"),
    Field("order_type", Width.U8, "OrderType"),
    Field("time_in_force", Width.U8, "TimeInForce"),
    Field("flags", Width.U8, "OrderFlag bits"),
    Field("quantity", Width.I64, "total quantity, contracts"),
    Field("leaves_quantity", Width.I64, "open quantity, contracts"),
    Field("price_ticks", Width.I64, "limit price; 0 for market orders"),
)
ORDER_KINDS: tuple[tuple[int, str, Record], ...] = (
    (
        11,
        "PLACED",
        Record(
            "Placed",
            "An order exists; what it does at once follows.",
            (),
            (
                *ORDER_TERMS,
                Field("display_quantity", Width.I64, "visible part; -1 all of it"),
                CLIENT_ID,
            ),
        ),
    ),
    (
        12,
        "AMENDED",
        Record(
            "Amended",
            "A working order was changed.",
            (),
            (
                *ORDER_TERMS,
                Field("kept_place", Width.U8, "1 if it kept its place in the queue"),
                Field("display_quantity", Width.I64, "visible part; -1 all of it"),
                CLIENT_ID,
            ),
        ),
    ),
    (
        13,
        "ENDED",
        Record(
            "Ended",
            "An order is over.",
            (),
            (
                ACCOUNT,
                INSTRUMENT,
                ORDER_ID,
                Field("reason", Width.U8, "EndReason"),
                Field("code", Width.I32, "Code that an order got when it was to go live and could not; 0 if none"),
                Field("unfilled_quantity", Width.I64, "contracts that did not trade"),
            ),
        ),
    ),
    (
        14,
        "LEVEL_CHANGED",
        Record(
            "LevelChanged",
            "The visible quantity at a price is now this.",
            (
                INSTRUMENT,
                Field("side", Width.U8, "Side"),
                Field("price_ticks", Width.I64, "the level"),
                Field("quantity", Width.I64, "contracts now there; 0 if the level is gone"),
                Field("orders", Width.I64, "orders now there"),
            ),
        ),
    ),
    (
        15,
        "FILL",
        Record(
            "Fill",
            "A trade; one record carries both sides.",
            (
                INSTRUMENT,
                Field("taker_side", Width.U8, "Side of the order that came later"),
                Field("price_ticks", Width.I64, "the maker's price"),
                Field("quantity", Width.I64, "contracts"),
                Field(
                    "value_minor",
                    Width.I64,
                    "magnitude of the value, settlement minor units; of a spread lots times ticks",
                ),
                Field("auction", Width.U8, "1 if an auction brought the two together"),
                Field("spread", Width.I32, "the spread whose leg this is; 0 for a trade of its own"),
            ),
            (
                Field("maker_hidden", Width.U8, "1 if the maker's part was not shown; it pays as a taker"),
                Field("taker_account", Width.I32, "who took"),
                Field("maker_account", Width.I32, "who made"),
                Field("taker_order_id", Width.I64, "the taker's order"),
                Field("maker_order_id", Width.I64, "the maker's order"),
                Field("taker_leaves_quantity", Width.I64, "open after this fill"),
                Field("maker_leaves_quantity", Width.I64, "open after this fill"),
                Field("taker_fee_minor", Width.I64, "paid; negative is a rebate"),
                Field("maker_fee_minor", Width.I64, "paid; negative is a rebate"),
                Field("taker_realised_minor", Width.I64, "realised PnL before fees"),
                Field("maker_realised_minor", Width.I64, "realised PnL before fees"),
                Field("taker_position_quantity", Width.I64, "signed position after"),
                Field("maker_position_quantity", Width.I64, "signed position after"),
            ),
        ),
    ),
    (
        16,
        "CONDITIONED",
        Record(
            "Conditioned",
            "What an order waits for, or is bound to; after `Placed`, and after `Amended` if it changed.",
            (),
            (
                ACCOUNT,
                INSTRUMENT,
                ORDER_ID,
                Field("stage", Width.U8, "ConditionStage"),
                Field("trigger_reference", Width.U8, "TriggerReference, 0 if none"),
                Field("rising", Width.U8, "1 if the reference has to rise to the trigger, 0 if to fall"),
                Field("peg_kind", Width.U8, "PegKind, 0 if none"),
                Field("contingency", Width.U8, "Contingency, 0 if none"),
                Field("trigger_subticks", Width.I64, "trigger price; 0 if none"),
                Field("peg_offset_subticks", Width.I64, "signed distance of a peg or trailing stop"),
                Field("link_id", Width.CLIENT_ID, "the account's own name for the group of linked orders; 0 if none"),
            ),
        ),
    ),
    (
        17,
        "TRIGGERED",
        Record(
            "Triggered",
            "A waiting order goes on: armed or live by its primary, or live because its price was reached.",
            (),
            (
                ACCOUNT,
                INSTRUMENT,
                ORDER_ID,
                Field("stage", Width.U8, "ConditionStage from now on"),
                Field(
                    "trigger_reference", Width.U8, "TriggerReference that reached the price; 0 if its primary did it"
                ),
                Field("trigger_subticks", Width.I64, "trigger price; 0 if none"),
                Field("reached_subticks", Width.I64, "how far the reference had come; 0 if its primary did it"),
            ),
        ),
    ),
    (
        18,
        "TRAILED",
        Record(
            "Trailed",
            "A trailing stop has followed its reference.",
            (),
            (
                ACCOUNT,
                INSTRUMENT,
                ORDER_ID,
                Field("trigger_subticks", Width.I64, "trigger price from now on"),
                Field("reference_subticks", Width.I64, "the reference it was made from"),
            ),
        ),
    ),
)
