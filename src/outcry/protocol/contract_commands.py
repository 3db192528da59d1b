"""Commands about contracts that end, are marked from outside, change what they are, or wait for an outcome.

`commands` puts them among the others.
"""

from outcry.protocol.order_commands import ACCOUNT, INSTRUMENT
from outcry.protocol.schema import Field, Record, Width

OUTCOME = Field("outcome_subticks", Width.I64, "settlement price that follows from it; in a command 0 if void")
VOID = Field("voided", Width.U8, "1 if the question has no answer")
SOURCE_HASH = Field("source_hash", Width.HASH, "SHA-256 of the bytes of the source it is read from")

MODEL_FIELDS = (
    Field("mark_subticks", Width.I64, "what the model says the option is worth"),
    Field("forward_units", Width.I64, "forward price of the underlying for its expiry, in the index's units"),
    Field("volatility_ppm", Width.I64, "implied volatility of a year"),
    Field("delta_ppm", Width.I64, "change of its value in the underlying's quote per change of the underlying"),
    Field("gamma_ppb", Width.I64, "change of delta per unit of quote"),
    Field("vega_ppm", Width.I64, "change of its value in quote per whole percent of volatility"),
    Field("theta_ppm", Width.I64, "change of its value in quote per day"),
)

CONVERSION_FIELDS = (
    Field("index", Width.I32, "the index's number"),
    Field("instrument_type", Width.U8, "InstrumentType: PERPETUAL or FUTURE"),
    Field("mark_method", Width.U8, "MarkMethod"),
    Field("usd_index", Width.I32, "as in a listing"),
    Field("impact_notional_minor", Width.I64, "as in a listing"),
    Field("funding_rate_ppb", Width.I64, "as in a listing"),
    Field("funding_interval_ns", Width.I64, "as in a listing"),
    Field("funding_offset_ns", Width.I64, "as in a listing"),
    Field("expiry_ns", Width.I64, "as in a listing"),
)

CONTRACT_KINDS: tuple[tuple[int, str, Record], ...] = (
    (
        16,
        "DISPUTE_OUTCOME",
        Record(
            "DisputeOutcome",
            "Say that a proposed outcome is wrong, and put up the bond.",
            (),
            (ACCOUNT, INSTRUMENT, SOURCE_HASH),
        ),
    ),
    (
        63,
        "SET_OPTION_MARK",
        Record(
            "SetOptionMark",
            "What a model of the feed says an option is worth, and what it is sensitive to.",
            (INSTRUMENT, *MODEL_FIELDS, Field("seen_ns", Width.I64, "time of the prices it was fitted to")),
        ),
    ),
    (
        64,
        "SET_EXPIRY",
        Record(
            "SetExpiry",
            "End an instrument at a time: early settlement, delisting, or a later date after a disruption.",
            (INSTRUMENT, Field("expiry_ns", Width.I64, "when, at a whole minute")),
        ),
    ),
    (
        65,
        "CONVERT",
        Record(
            "Convert",
            "The asset of a pre-launch future trades now: mark it by an index from here on.",
            (
                INSTRUMENT,
                *CONVERSION_FIELDS,
            ),
        ),
    ),
    (
        66,
        "PROPOSE_OUTCOME",
        Record(
            "ProposeOutcome",
            "Say how a prediction market's question is answered; it settles when nobody disputes it in time.",
            (INSTRUMENT, VOID, OUTCOME, SOURCE_HASH),
        ),
    ),
    (
        67,
        "DECIDE_OUTCOME",
        Record(
            "DecideOutcome",
            "Decide a disputed outcome: as proposed, or another; then it settles.",
            (INSTRUMENT, VOID, OUTCOME, SOURCE_HASH),
        ),
    ),
)
