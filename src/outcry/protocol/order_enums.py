"""Enumerations of orders; `records` puts them among the others."""

from outcry.protocol.schema import Enumeration, Member

ORDER_ENUMS: tuple[Enumeration, ...] = (
    Enumeration("Side", "Side of an order.", (Member("BUY", 1, "buy"), Member("SELL", 2, "sell"))),
    Enumeration(
        "OrderType",
        "Type of an order.",
        (
            Member("LIMIT", 1, "at the price or better"),
            Member("MARKET", 2, "at any price within the band"),
            Member("STOP", 3, "market once triggered"),
            Member("STOP_LIMIT", 4, "limit once triggered"),
            Member("MARKET_IF_TOUCHED", 5, "market once touched"),
            Member("LIMIT_IF_TOUCHED", 6, "limit once touched"),
            Member("PEGGED", 7, "priced from the touch at entry"),
        ),
    ),
    Enumeration(
        "TimeInForce",
        "What becomes of the part that does not trade at once.",
        (
            Member("GOOD_TILL_CANCEL", 1, "rests"),
            Member("IMMEDIATE_OR_CANCEL", 2, "is cancelled"),
            Member("FILL_OR_KILL", 3, "all trades at once or nothing does"),
            Member("DAY", 4, "rests until the day ends"),
        ),
    ),
    Enumeration(
        "OrderFlag",
        "Bits of an order's flags.",
        (
            Member("POST_ONLY", 1, "ends instead of taking"),
            Member("REDUCE_ONLY", 2, "never increases or opens a position"),
            Member("CLOSE", 4, "reduce-only; quantity 0 means the whole position"),
            Member("LAST_WITHIN_MARK", 8, "a stop on last price that the mark must confirm"),
            Member("FIXED_PEG", 16, "a peg priced once"),
            Member("BY_VENUE", 32, "sent by a liquidation, for its owner or for a takeover"),
            Member("HELD_BACK", 64, "a market order that goes no further than its account's bankruptcy price"),
            Member("TRIGGERED_ONCE", 128, "it waited for a trigger, and the trigger was reached"),
        ),
    ),
    Enumeration(
        "TriggerReference",
        "What a stop looks at.",
        (Member("ON_MARK", 1, "mark price"), Member("ON_LAST", 2, "last price"), Member("ON_INDEX", 3, "index")),
    ),
    Enumeration(
        "PegKind",
        "What a peg follows.",
        (
            Member("PEG_PRIMARY", 1, "near touch"),
            Member("PEG_MARKET", 2, "far touch"),
            Member("PEG_TRAILING", 3, "trailing stop"),
        ),
    ),
    Enumeration(
        "Contingency",
        "How linked orders act on each other.",
        (
            Member("ONE_CANCELS_OTHER", 1, "a fill or trigger cancels the rest"),
            Member("ONE_TRIGGERS_OTHER", 2, "the rest wait for a full fill"),
        ),
    ),
    Enumeration(
        "ConditionStage",
        "How far an order with conditions has come.",
        (
            Member("STAGE_DORMANT", 1, "it waits for its primary to be filled"),
            Member("STAGE_ARMED", 2, "it waits for its trigger"),
            Member("STAGE_RELEASED", 3, "its primary was filled; the engine's own work will go on with it"),
            Member("STAGE_LIVE", 4, "it waits for nothing any more"),
        ),
    ),
    Enumeration(
        "SelfTrade",
        "What happens when two orders of one account meet (ORD-10).",
        (
            Member("EXPIRE_TAKER", 1, "the later one ends"),
            Member("EXPIRE_MAKER", 2, "the resting one ends, the later one goes on"),
            Member("EXPIRE_BOTH", 3, "both end"),
        ),
    ),
    Enumeration(
        "EndReason",
        "Why an order ended.",
        (
            Member("ENDED_FILLED", 1, "all of it traded"),
            Member("ENDED_CANCELED", 2, "its owner cancelled it"),
            Member("ENDED_IMMEDIATE", 3, "immediate-or-cancel, nothing more to take"),
            Member("ENDED_KILLED", 4, "fill-or-kill, not all of it could trade"),
            Member("ENDED_MARKET", 5, "a market order, nothing more to take within the band"),
            Member("ENDED_POST_ONLY", 6, "post-only and it would have traded"),
            Member("ENDED_SELF_TRADE", 7, "it met an order of its own account"),
            Member("ENDED_REDUCE_ONLY", 8, "reduce-only and no position left to reduce"),
            Member("ENDED_AMENDED", 9, "amended to no more than is already filled"),
            Member("ENDED_CLOSING", 10, "it stood in the way of its account's closing order"),
            Member("ENDED_BY_VENUE", 11, "the instrument or the account was closed"),
            Member("ENDED_DEAD_MAN", 12, "its account's dead-man switch went off"),
            Member("ENDED_LIQUIDATION", 13, "its account was liquidated"),
            Member("ENDED_DELEVERAGED", 14, "its account's position was deleveraged"),
            Member("ENDED_LINKED", 16, "another order of its group traded or was triggered"),
            Member("ENDED_PRIMARY", 17, "the order it waited for ended without being filled"),
            Member("ENDED_DAY", 18, "it was for a day, and the day is over"),
            Member("ENDED_REFUSED", 19, "it was to go live and could not, for the code that is said with it"),
            Member("ENDED_AUCTION", 20, "the auction in which it stood does not take it along"),
            Member(
                "ENDED_UNBACKED",
                21,
                "an order in a spread whose legs its account could not back when they were to trade",
            ),
            Member("ENDED_BANKRUPTCY", 15, "a market order that reached its account's bankruptcy price"),
        ),
    ),
)
