"""Events of contracts that end, are marked from outside, change what they are, or wait for an outcome.

`events` puts them among the others.
"""

from outcry.protocol.contract_commands import CONVERSION_FIELDS, MODEL_FIELDS, OUTCOME, SOURCE_HASH, VOID
from outcry.protocol.risk_events import ACCOUNT, INSTRUMENT
from outcry.protocol.schema import Field, Record, Width

CONTRACT_EVENTS: tuple[tuple[int, str, Record], ...] = (
    (
        71,
        "OPTION_MARKED",
        Record(
            "OptionMarked",
            "What an option's model said; the mark itself is told by `MarkMoved` if it is another.",
            (INSTRUMENT, *MODEL_FIELDS, Field("seen_ns", Width.I64, "time of the prices it was fitted to")),
        ),
    ),
    (
        72,
        "AVERAGE_MOVED",
        Record(
            "AverageMoved",
            "The mean of an index over the last 30 minutes, by which contracts settle.",
            (
                Field("index", Width.I32, "the index's number"),
                Field("samples", Width.I32, "of the last 30 minutes those that have one"),
                Field("average_units", Width.I64, "in the index's units, half up"),
            ),
        ),
    ),
    (
        73,
        "EXPIRY_SET",
        Record(
            "ExpirySet",
            "When an instrument ends.",
            (INSTRUMENT, Field("expiry_ns", Width.I64, "when; 0 for never")),
        ),
    ),
    (
        74,
        "SETTLEMENT_FIXED",
        Record(
            "SettlementFixed",
            "An instrument has ended: the price at which every position in it is closed.",
            (
                INSTRUMENT,
                Field("kind", Width.U8, "SettlementKind"),
                Field("samples", Width.I32, "minutes the average was taken over; 0 if it is no average"),
                Field("average_units", Width.I64, "that average in the index's units; 0 if it is none"),
                Field("price_subticks", Width.I64, "settlement price"),
                Field("lot_minor", Width.I64, "value of a lot at it, magnitude"),
                Field("fee_ppm", Width.I64, "settlement fee"),
            ),
        ),
    ),
    (
        75,
        "SETTLED",
        Record(
            "Settled",
            "A position was closed at its instrument's settlement price.",
            (),
            (
                ACCOUNT,
                INSTRUMENT,
                Field("quantity", Width.I64, "signed contracts that were closed"),
                Field("value_minor", Width.I64, "their signed value at the settlement price"),
                Field("realised_minor", Width.I64, "realised PnL before the fee"),
                Field("fee_minor", Width.I64, "settlement fee, paid"),
                Field("balance_minor", Width.I64, "the wallet after"),
            ),
        ),
    ),
    (
        76,
        "SETTLEMENT_SWEPT",
        Record(
            "SettlementSwept",
            "Nobody holds anything in a settled instrument any more.",
            (INSTRUMENT, Field("positions", Width.I64, "that were closed")),
        ),
    ),
    (
        77,
        "CONVERTED",
        Record(
            "Converted",
            "A pre-launch future has become another contract, marked by an index.",
            (
                INSTRUMENT,
                *CONVERSION_FIELDS,
            ),
        ),
    ),
    (
        78,
        "DOCKET_CHANGED",
        Record(
            "DocketChanged",
            "How far a prediction market's question has come.",
            (
                INSTRUMENT,
                Field("docket", Width.I32, "the docket's number"),
                Field("stage", Width.U8, "DocketStage"),
                VOID,
                OUTCOME,
                Field("void_subticks", Width.I64, "what it settles at if it is void: the mean when it was proposed"),
                Field("until_ns", Width.I64, "it may be disputed until then"),
                SOURCE_HASH,
            ),
        ),
    ),
    (
        79,
        "BOND_CHANGED",
        Record(
            "BondChanged",
            "The bond of who disputes an outcome: put up, given back, or lost to the insurance fund.",
            (),
            (
                ACCOUNT,
                INSTRUMENT,
                Field("stage", Width.U8, "BondStage"),
                Field("amount_minor", Width.I64, "how much"),
                Field("held_minor", Width.I64, "of the wallet's balance not to be used, after"),
                Field("balance_minor", Width.I64, "the wallet after"),
            ),
        ),
    ),
    (
        80,
        "RISK_PARAMETERS_SET",
        Record(
            "RiskParametersSet",
            "An instrument's margins, limits and fees have changed.",
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
    ),
)
