"""Refusals: every way in which a well-formed command can be turned down, in their order of precedence.

The number never changes its meaning.  Handlers test in the order of this table, so a command that is wrong in two ways
always gets the earlier answer (Law 7).  The hundreds are the families of that order: state of venue, instrument and
account (1); duplicates (2); things unknown or ended (3); lot, size and parameters (4); band (5); post-only and
reduce-only (6); balance (7); risk (8); tables full (9).  What the outside world's API says instead is the gateway's.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row: number, name, a sentence for people, and the rule (docs/rules) it comes from."""

    number: int
    name: str
    sentence: str
    rule: str


REFUSALS: tuple[Refusal, ...] = (
    Refusal(101, "VENUE_HALTED", "The books did not add up and the venue has stopped; nothing is accepted.", "LAW-03"),
    Refusal(102, "KIND_WITHOUT_RULE", "This kind of command has no rule in this version.", "CMD-01"),
    Refusal(103, "TICK_DUE", "A tick must be journaled before an entry of this time.", "CMD-02"),
    Refusal(104, "TIME_BACKWARDS", "Time belongs to entries and never goes back.", "CMD-02"),
    Refusal(105, "ORIGIN_REPEATED", "This origin has already sent this number.", "CMD-03"),
    Refusal(106, "VENUE_CANCEL_ONLY", "The venue is resuming after a pause; only cancels are accepted.", "CMD-04"),
    Refusal(107, "VENUE_HELD", "The operator lets only cancels through.", "CMD-12"),
    Refusal(108, "VENUE_REDUCE_ONLY", "The operator lets only orders through that reduce positions.", "CMD-12"),
    Refusal(109, "VENUE_POST_ONLY", "The operator lets only post-only orders through.", "CMD-12"),
    Refusal(110, "VENUE_MONEY_HELD", "The operator lets no money in or out.", "CMD-12"),
    Refusal(111, "CURRENCY_UNKNOWN", "No such settlement currency.", "CMD-05"),
    Refusal(112, "INDEX_UNKNOWN", "No such index.", "CMD-05"),
    Refusal(113, "CONSTITUENT_UNKNOWN", "No such constituent of this index.", "CMD-05"),
    Refusal(114, "INSTRUMENT_UNKNOWN", "No such instrument.", "CMD-05"),
    Refusal(115, "INSTRUMENT_CLOSED", "The instrument is not open for trading.", "CMD-06"),
    Refusal(116, "INSTRUMENT_UNPRICED", "The instrument has no mark price yet.", "CMD-06"),
    Refusal(117, "INSTRUMENT_REDUCE_ONLY", "The instrument takes only orders that reduce positions.", "CMD-06"),
    Refusal(118, "INSTRUMENT_POST_ONLY", "The instrument takes only post-only orders.", "CMD-06"),
    Refusal(119, "INSTRUMENT_COLLECTING", "An auction takes only limit orders that rest.", "AUC-01"),
    Refusal(120, "MARK_TOO_OLD", "The option's mark is too old; only orders that reduce are taken.", "OPT-02"),
    Refusal(121, "ACCOUNT_UNKNOWN", "No such account.", "CMD-05"),
    Refusal(122, "ACCOUNT_IS_ROLE", "The venue's own roles send no commands.", "LAW-06"),
    Refusal(123, "ACCOUNT_FROZEN", "The account is frozen.", "CMD-07"),
    Refusal(124, "ACCOUNT_WITHDRAW_ONLY", "The account may only cancel and withdraw.", "CMD-07"),
    Refusal(125, "ACCOUNT_REDUCE_ONLY", "The account may only reduce its positions.", "CMD-07"),
    Refusal(126, "ACCOUNT_WAITS", "The engine's own work on this account is not done; it may only reduce.", "CMD-10"),
    Refusal(127, "ACCOUNT_CANCEL_ONLY", "The account may only cancel.", "CMD-07"),
    Refusal(128, "ACCOUNT_POST_ONLY", "The account may only send post-only orders.", "CMD-07"),
    Refusal(131, "SETTLEMENT_NOT_AWAITED", "The instrument waits for no settlement price of the operator's.", "SET-02"),
    Refusal(
        201, "CLIENT_ID_DUPLICATE", "An open or recently ended order of this account has this client id.", "ORD-02"
    ),
    Refusal(202, "OUTPOINT_DUPLICATE", "This outpoint has been credited before.", "WAL-02"),
    Refusal(203, "REQUEST_DUPLICATE", "A withdrawal with this request id exists.", "WAL-03"),
    Refusal(204, "SYMBOL_TAKEN", "Something with this symbol is listed already.", "LST-01"),
    Refusal(301, "ORDER_UNKNOWN", "The account has no such order.", "ORD-03"),
    Refusal(302, "ORDER_ENDED", "The order has been filled or cancelled.", "ORD-03"),
    Refusal(303, "DEPOSIT_UNKNOWN", "No deposit with this outpoint stands.", "WAL-02"),
    Refusal(304, "WITHDRAWAL_UNKNOWN", "No withdrawal with this request id is in flight.", "WAL-03"),
    Refusal(305, "POSITION_NOT_ISOLATED", "There is no open isolated position whose margin could be moved.", "MRG-07"),
    Refusal(
        306, "SPREAD_LEG_ISOLATED", "A spread trades cross positions, and this account has isolated a leg.", "SPR-04"
    ),
    Refusal(307, "SPREAD_WITHOUT_POSITION", "A spread has no position to be margined; its legs have.", "SPR-03"),
    Refusal(308, "DOCKET_STAGE_WRONG", "The market's question is not at a stage at which this can be said.", "PRD-02"),
    Refusal(401, "PARAMETER_INVALID", "A parameter is outside its bounds.", "CMD-08"),
    Refusal(402, "ORDER_TYPE_WITHOUT_RULE", "This order type has no rule in this version.", "CMD-01"),
    Refusal(403, "QUANTITY_INVALID", "The quantity is not between one lot and the instrument's maximum.", "ORD-04"),
    Refusal(404, "QUANTITY_NOT_LOTS", "The quantity is not a whole number of lots.", "ORD-04"),
    Refusal(405, "PRICE_INVALID", "The price is not between one tick and the instrument's maximum.", "ORD-05"),
    Refusal(406, "AMEND_UNCHANGED", "The amendment changes nothing.", "ORD-09"),
    Refusal(407, "VALUE_TOO_LARGE", "The value is beyond what an account may hold.", "ORD-06"),
    Refusal(408, "AMOUNT_INVALID", "The amount is not a positive number within bounds.", "WAL-01"),
    Refusal(
        409,
        "LEVERAGE_INVALID",
        "The leverage is neither 0 (cross) nor between 0.01 and the instrument's maximum.",
        "MRG-04",
    ),
    Refusal(
        410, "RISK_LIMIT_INVALID", "The risk limit is not the base limit plus whole steps within bounds.", "MRG-09"
    ),
    Refusal(411, "TRIGGER_INVALID", "The trigger is missing, out of bounds or not of this order type.", "ORD-14"),
    Refusal(412, "PEG_INVALID", "The peg is missing, out of bounds or not of this order type.", "ORD-17"),
    Refusal(413, "LINK_INVALID", "The group is missing, another contingency, or already under way.", "ORD-18"),
    Refusal(414, "DISPLAY_INVALID", "The visible part is not whole lots within the quantity.", "ORD-20"),
    Refusal(415, "NOT_AN_OPTION", "Only a call or a put has a model.", "OPT-02"),
    Refusal(416, "MODEL_INVALID", "The model's time, forward or sensitivities are out of bounds.", "OPT-02"),
    Refusal(417, "MODEL_MARK_INVALID", "No option is worth so little or so much at this forward.", "OPT-02"),
    Refusal(501, "PRICE_OUTSIDE_BAND", "The price is too far through the market.", "ORD-07"),
    Refusal(502, "PRICE_OUTSIDE_LIMITS", "The price is outside of the instrument's price limits.", "ORD-22"),
    Refusal(503, "PEG_WITHOUT_TOUCH", "There is no price to peg to.", "ORD-17"),
    Refusal(504, "INDEX_TOO_FAR", "The index has no value, or is too far from the mark.", "PRE-03"),
    Refusal(601, "REDUCE_ONLY_NO_POSITION", "There is no position on the other side to reduce.", "ORD-08"),
    Refusal(602, "SMALL_ORDER_POST_ONLY", "The account has too many small orders to post one more.", "ORD-21"),
    Refusal(701, "BALANCE_INSUFFICIENT", "The available balance does not cover it.", "MRG-01"),
    Refusal(800, "LIQUIDATION_IMMEDIATE", "The isolated margin would not cover maintenance at the mark.", "MRG-04"),
    Refusal(801, "RISK_LIMIT_EXCEEDED", "Position and orders would exceed the risk limit.", "MRG-05"),
    Refusal(901, "TABLE_FULL", "A table of the engine is full and must grow first.", "CMD-09"),
    Refusal(902, "ORDERS_TOO_MANY", "The account has as many open orders as it may.", "CMD-09"),
    Refusal(903, "ORDERS_HERE_TOO_MANY", "The account has as many open orders in this instrument as it may.", "ORD-23"),
    Refusal(904, "STOPS_TOO_MANY", "The account has as many waiting stops in this instrument as it may.", "ORD-23"),
)
"""In order of precedence."""
