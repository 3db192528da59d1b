"""Enumerations of contracts that end, change or wait for an outcome; `records` puts them among the others."""

from outcry.protocol.schema import Enumeration, Member

CONTRACT_ENUMS: tuple[Enumeration, ...] = (
    Enumeration(
        "SettlementKind",
        "How a settlement price came about.",
        (
            Member("BY_AVERAGE", 1, "mean of the index over the last 30 minutes, or what an option is worth at it"),
            Member("BY_DECLARATION", 2, "declared by the operator, because samples were missing"),
            Member("BY_OUTCOME", 3, "the answer to a prediction market's question"),
            Member("BY_VOID", 4, "the question has no answer: the mean of the marks before it was proposed"),
        ),
    ),
    Enumeration(
        "SettlementPhase",
        "What the round of settlements under way does, for all instruments that had ended when it began.",
        (
            Member("PHASE_NO_ROUND", 0, "none is under way"),
            Member("PHASE_ENDING_ORDERS", 1, "every order is looked at, and ended if it is in one of them"),
            Member("PHASE_TAKING_OVER", 2, "every position is looked at, and taken over if nothing is left behind it"),
            Member("PHASE_TAKEOVERS", 3, "what was taken over is settled, by the fund or by the other side"),
            Member("PHASE_POSITIONS", 4, "every position is looked at, and closed at the settlement price"),
            Member("PHASE_SETTLED", 5, "every instrument is looked at, and is over"),
        ),
    ),
    Enumeration(
        "DocketStage",
        "How far the question of a prediction market has come.",
        (
            Member("DOCKET_PROPOSED", 1, "an outcome was proposed and may be disputed"),
            Member("DOCKET_DISPUTED", 2, "somebody put up a bond against it; it waits for a decision"),
            Member("DOCKET_DECIDED", 3, "decided, or not disputed in time"),
        ),
    ),
    Enumeration(
        "BondStage",
        "What became of a bond.",
        (
            Member("BOND_HELD", 1, "put up: it stays in the wallet and cannot be used"),
            Member("BOND_RETURNED", 2, "the dispute was right: it can be used again"),
            Member("BOND_LOST", 3, "the dispute was wrong: it went to the insurance fund"),
        ),
    ),
    Enumeration(
        "MarginMethod",
        "What backs orders and positions of an instrument.",
        (
            Member("BY_RATES", 0, "initial and maintenance rates of cost"),
            Member("BY_COLLATERAL", 1, "all that can be lost, on both sides"),
            Member("BY_PREMIUM", 2, "the premium for who buys, rates of the underlying for who sells"),
        ),
    ),
)
