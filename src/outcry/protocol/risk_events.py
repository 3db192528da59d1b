"""Events of prices, funding, liquidation and the insurance fund; `events` puts them among the others.

An event of risk carries the integers it was decided by, so that whoever it concerns can be shown why.
"""

from outcry.protocol.schema import Field, Record, Width

ACCOUNT = Field("account", Width.I32, "whose")
INSTRUMENT = Field("instrument", Width.I32, "the instrument's number")
CURRENCY = Field("currency", Width.I32, "the settlement currency's number")
ORDER_ID = Field("order_id", Width.I64, "the engine's order number")

RISK_KINDS: list[tuple[int, str, Record]] = []


def _event(number: int, kind: str, record: Record) -> None:
    RISK_KINDS.append((number, kind, record))


_event(
    41,
    "INDEX_MOVED",
    Record(
        "IndexMoved",
        "An index has a new value.",
        (
            Field("index", Width.I32, "the index's number"),
            Field("constituents", Width.I32, "how many of its sources counted"),
            Field("held", Width.U8, "1 if it stays at its last value because too few sources can be trusted"),
            Field("value_units", Width.I64, "in the index's units"),
            Field("next_value_units", Width.I64, "at the weights that are to follow; 0 if there are none"),
        ),
    ),
)
_event(
    42,
    "MARK_MOVED",
    Record(
        "MarkMoved",
        "An instrument has a new mark.",
        (
            INSTRUMENT,
            Field("mark_subticks", Width.I64, "mark price"),
            Field("index_subticks", Width.I64, "index price in the instrument's sub-ticks"),
            Field("basis_subticks", Width.I64, "mark less index"),
            Field("method", Width.U8, "MarkMethod"),
            Field("minutes_left", Width.I32, "whole minutes to the next funding or to expiry; 0 if neither counts"),
            Field("rate_ppb", Width.I64, "funding rate, or the year's fair basis, that was used"),
            Field("index_age_ns", Width.I64, "since a price last came that counts in the index"),
        ),
    ),
)
_event(
    43,
    "CONSTITUENT_JUDGED",
    Record(
        "ConstituentJudged",
        "A source counts, or does not count any more, and why (IDX-02 to IDX-06).",
        (
            Field("index", Width.I32, "the index's number"),
            Field("constituent", Width.I32, "the constituent's number"),
            Field("state", Width.U8, "ConstituentState"),
            Field("price_units", Width.I64, "its last price"),
            Field("against_units", Width.I64, "the median or index it was held against; 0 if none"),
            Field("age_ns", Width.I64, "since its price was seen"),
        ),
    ),
)
_event(
    56,
    "WEIGHT_SET",
    Record(
        "WeightSet",
        "A source's weight in its index, and in the shadow index that is to follow (IDX-07).",
        (
            Field("index", Width.I32, "the index's number"),
            Field("constituent", Width.I32, "its number"),
            Field("weight_ppm", Width.I64, "its share"),
            Field("next_weight_ppm", Width.I64, "its share at the weights that are to follow; 0 leaves it out"),
        ),
    ),
)
_event(
    44,
    "PREMIUM_SAMPLED",
    Record(
        "PremiumSampled",
        "The minute's look at the own book (FND-01, MRK-04).",
        (
            INSTRUMENT,
            Field("samples", Width.I32, "samples of the funding period so far"),
            Field("impact_bid_subticks", Width.I64, "average price of selling the impact notional; 0 if too thin"),
            Field("impact_ask_subticks", Width.I64, "average price of buying it; 0 if too thin"),
            Field("premium_ppb", Width.I64, "this sample's premium; 0 for futures"),
            Field("indicative_rate_ppb", Width.I64, "funding rate if the period ended now; 0 for futures"),
            Field("basis_rate_ppb", Width.I64, "a year's fair basis of a future; 0 for perpetuals"),
        ),
    ),
)
_event(
    45,
    "FUNDING_FIXED",
    Record(
        "FundingFixed",
        "A funding epoch: what every position of this instant pays or gets (FND-04).",
        (
            INSTRUMENT,
            Field("epoch", Width.I32, "its number, from 1"),
            Field("rate_ppb", Width.I64, "of the value; longs pay it if positive"),
            Field("lot_minor", Width.I64, "value of a lot at the mark of this instant, magnitude"),
            Field("mark_subticks", Width.I64, "that mark"),
            Field("next_rate_ppb", Width.I64, "rate of the period that begins"),
            Field("next_funding_ns", Width.I64, "when it ends"),
        ),
    ),
)
_event(
    46,
    "FUNDING_SKIPPED",
    Record(
        "FundingSkipped",
        "Fundings that were missed in a pause and are not made up for (FND-06).",
        (
            INSTRUMENT,
            Field("stamps", Width.I32, "how many"),
            Field("first_ns", Width.I64, "the first of them"),
            Field("last_ns", Width.I64, "the last of them"),
        ),
    ),
)
_event(
    47,
    "FUNDED",
    Record(
        "Funded",
        "A position has paid or got its funding; the epoch tells the rate and value (FND-04).",
        (),
        (
            ACCOUNT,
            INSTRUMENT,
            Field("epoch", Width.I32, "the epoch"),
            Field("quantity", Width.I64, "signed contracts held at that instant"),
            Field("amount_minor", Width.I64, "paid; negative if received"),
            Field("balance_minor", Width.I64, "of the wallet after"),
        ),
    ),
)
_event(
    48,
    "FUNDING_SWEPT",
    Record(
        "FundingSwept",
        "All positions of an epoch are up to date; what rounding left went to the insurance fund (FND-05).",
        (
            INSTRUMENT,
            Field("epoch", Width.I32, "the epoch"),
            Field("remainder_minor", Width.I64, "never negative"),
        ),
    ),
)
_event(
    61,
    "LIQUIDATION_STEP",
    Record(
        "LiquidationStep",
        "A position or a cross account failed the liquidation test, and what was done about it (LIQ-01 to LIQ-05).",
        (),
        (
            ACCOUNT,
            INSTRUMENT,
            Field("step", Width.U8, "LadderStep"),
            Field("isolated", Width.U8, "1 if the position stands alone, 0 if the whole cross account was weighed"),
            Field("steps", Width.I32, "risk limit steps of the position before"),
            Field("positions", Width.I32, "positions that were weighed together"),
            Field("mark_subticks", Width.I64, "mark of the instrument"),
            Field("mark_sequence", Width.I64, "the entry that set it"),
            Field("funding_rate_ppb", Width.I64, "rate whose adverse part is in the maintenance"),
            Field("quantity", Width.I64, "signed position before"),
            Field("cost_minor", Width.I64, "its cost before"),
            Field("equity_minor", Width.I64, "own margin and unrealised PnL, or the equity of the cross account"),
            Field("maintenance_minor", Width.I64, "what it has to be more than, orders left out"),
            Field("orders_minor", Width.I64, "margin of open orders, weighed with it in a cross account"),
            Field("missing_minor", Width.I64, "smallest deposit or margin that would have passed this test"),
            Field("order_id", Width.I64, "order that was cancelled or sent; 0 if none"),
            Field("order_quantity", Width.I64, "its quantity; 0 if none"),
        ),
    ),
)
_event(
    62,
    "TAKEN_OVER",
    Record(
        "TakenOver",
        "A position was taken over at its bankruptcy price (LIQ-05).",
        (
            INSTRUMENT,
            Field("side", Width.U8, "Side of the order that closes it"),
            Field("takeover", Width.I64, "number of the takeover, from 1"),
            Field("order_id", Width.I64, "order number under which it is shown"),
            Field("quantity", Width.I64, "contracts, magnitude"),
            Field("price_ticks", Width.I64, "limit of that order: the bankruptcy price within the tick"),
            Field("mark_subticks", Width.I64, "mark of this instant"),
        ),
        (
            ACCOUNT,
            Field("position_quantity", Width.I64, "signed, as it was"),
            Field("position_cost_minor", Width.I64, "its cost as it was"),
            Field("bankrupt_minor", Width.I64, "signed value at which it was taken over"),
            Field("realised_minor", Width.I64, "what that realised for its owner"),
            Field("reserve_minor", Width.I64, "closing fee he paid; it pays the takeover's fees"),
            Field("balance_minor", Width.I64, "of his wallet after"),
        ),
    ),
)
_event(
    63,
    "TAKEOVER_CHANGED",
    Record(
        "TakeoverChanged",
        "How far a takeover has come (LIQ-06 to LIQ-08).",
        (
            INSTRUMENT,
            Field("stage", Width.U8, "TakeoverStage"),
            Field("takeover", Width.I64, "its number"),
            Field("leaves_quantity", Width.I64, "contracts still to be closed, magnitude"),
            Field("price_ticks", Width.I64, "the price it stands or was tried at"),
        ),
    ),
)
_event(
    64,
    "DELEVERAGED",
    Record(
        "Deleveraged",
        "A position was reduced to take a takeover's rest, at the bankruptcy price of its victim (ADL-02).",
        (
            INSTRUMENT,
            Field("side", Width.U8, "Side on which the reduced position traded"),
            Field("takeover", Width.I64, "number of the takeover"),
            Field("quantity", Width.I64, "contracts"),
            Field("value_minor", Width.I64, "magnitude of the value at which they were closed"),
            Field("mark_subticks", Width.I64, "mark of this instant"),
        ),
        (
            ACCOUNT,
            Field("rank", Width.I32, "place in the round's ranking, from 1"),
            Field("eligible", Width.I32, "how many were ranked"),
            Field("policy", Width.U8, "DeleveragePolicy that was followed"),
            Field("score", Width.I64, "profit and leverage as the ranking knew them (ADL-01)"),
            Field("realised_minor", Width.I64, "realised PnL"),
            Field("position_quantity", Width.I64, "signed position after"),
            Field("balance_minor", Width.I64, "of the wallet after"),
            Field("ranked_quantity", Width.I64, "what the policy RANKED would have taken of it in this round"),
            Field("queue_quantity", Width.I64, "what the policy QUEUE would have taken"),
            Field("pro_rata_quantity", Width.I64, "what the policy PRO_RATA would have taken"),
        ),
    ),
)
_event(
    65,
    "DELEVERAGING_RANKED",
    Record(
        "DeleveragingRanked",
        "A round begins: who is eligible is ranked (ADL-01).",
        (
            INSTRUMENT,
            Field("side", Width.U8, "Side on which the ranked positions would trade"),
            Field("need_quantity", Width.I64, "contracts that takeovers have left"),
            Field("eligible", Width.I32, "positions ranked"),
            Field("eligible_quantity", Width.I64, "contracts in them"),
        ),
    ),
)
_event(
    66,
    "FUND_MOVED",
    Record(
        "FundMoved",
        "The insurance fund got or gave (INS-01).",
        (
            CURRENCY,
            INSTRUMENT,
            Field("reason", Width.U8, "MoveReason"),
            Field("amount_minor", Width.I64, "into the fund; negative out of it"),
            Field("fund_minor", Width.I64, "in the fund after"),
            Field("takeover_minor", Width.I64, "in the takeover's wallet after; negative if the fund is empty"),
        ),
    ),
)
