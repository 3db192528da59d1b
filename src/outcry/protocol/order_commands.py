"""Commands about orders; `commands` puts them among the others."""

from outcry.protocol.schema import Field, Record, Width

ACCOUNT = Field("account", Width.I32, "the account it acts for")
INSTRUMENT = Field("instrument", Width.I32, "the instrument's number")
ORDER_ID = Field("order_id", Width.I64, "the engine's order number, or 0 to go by client id")
CLIENT_ID = Field(
    "client_id", Width.CLIENT_ID, "the account's own name for the order, 36 bytes and a length; 0 if none"
)

ORDER_KINDS: tuple[tuple[int, str, Record], ...] = (
    (
        1,
        "PLACE",
        Record(
            "Place",
            "A new order.",
            (
                INSTRUMENT,
                Field("side", Width.U8, "Side"),
                Field("order_type", Width.U8, "OrderType"),
                Field("time_in_force", Width.U8, "TimeInForce"),
                Field("flags", Width.U8, "OrderFlag bits"),
                Field("quantity", Width.I64, "contracts; 0 with CLOSE means the whole position"),
                Field("price_ticks", Width.I64, "limit price; 0 for market orders"),
                Field("display_quantity", Width.I64, "visible part; -1 all of it, 0 hidden"),
                Field("trigger_subticks", Width.I64, "trigger price; 0 if none"),
                Field("peg_offset_subticks", Width.I64, "signed distance of a peg or trailing stop"),
                Field("trigger_reference", Width.U8, "TriggerReference, 0 if none"),
                Field("peg_kind", Width.U8, "PegKind, 0 if none"),
                Field("contingency", Width.U8, "Contingency, 0 if none"),
                Field("self_trade", Width.U8, "SelfTrade, 0 for what the account has chosen"),
            ),
            (
                ACCOUNT,
                CLIENT_ID,
                Field("link_id", Width.CLIENT_ID, "the account's own name for a group of linked orders"),
            ),
        ),
    ),
    (
        2,
        "AMEND",
        Record(
            "Amend",
            "Change a working order; what is 0 (or -1 for the leaves) stays.",
            (),
            (
                ACCOUNT,
                ORDER_ID,
                CLIENT_ID,
                Field("new_client_id", Width.CLIENT_ID, "renames the order; 0 keeps the name"),
                Field("quantity", Width.I64, "new total quantity, filled part included; 0 keeps it"),
                Field("leaves_quantity", Width.I64, "new open quantity; -1 keeps it"),
                Field("price_ticks", Width.I64, "new limit price; 0 keeps it"),
                Field("trigger_subticks", Width.I64, "new trigger price; 0 keeps it"),
                Field("peg_offset_subticks", Width.I64, "new peg offset; 0 keeps it"),
            ),
        ),
    ),
    (3, "CANCEL", Record("Cancel", "Cancel one order.", (), (ACCOUNT, ORDER_ID, CLIENT_ID))),
    (
        4,
        "CANCEL_ALL",
        Record(
            "CancelAll",
            "Cancel an account's open orders, all or of one instrument or side.",
            (),
            (
                ACCOUNT,
                INSTRUMENT,
                Field("side", Width.U8, "Side, or 0 for both"),
            ),
        ),
    ),
    (
        5,
        "CANCEL_ALL_AFTER",
        Record(
            "CancelAllAfter",
            "Dead-man switch: cancel everything unless called again in time; 0 disarms.",
            (),
            (ACCOUNT, Field("timeout_ns", Width.I64, "from the entry's time")),
        ),
    ),
)
