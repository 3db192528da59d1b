"""Rows of the state that are the engine's own tools: scratch, indexes, the book's trie.  All of them are derived.

What they hold follows from the logical rows of `rows`, or is of no use after the entry that wrote it.
"""

from outcry.protocol.schema import Field, Record, Width

WORKING_ROWS: tuple[Record, ...] = (
    Record(
        "FaultRow",
        "The first broken invariant of a step, with both numbers.",
        (),
        (),
        (
            Field("code", Width.I32, "Fault"),
            Field("subject", Width.I32, "currency or instrument concerned"),
            Field("found", Width.I64, "the number found"),
            Field("expected", Width.I64, "the number it should have been"),
        ),
    ),
    Record(
        "AssessmentRow",
        "What an order would do if it came now; written by assess, read by the refusing half of a handler.",
        (),
        (),
        (
            Field("filled_quantity", Width.I64, "would trade at once"),
            Field("filled_value_minor", Width.I64, "value of it"),
            Field("closing_quantity", Width.I64, "part of it that would close the position"),
            Field("closing_value_minor", Width.I64, "value of that part"),
            Field("before_minor", Width.I64, "available balance now"),
            Field("available_minor", Width.I64, "available balance afterwards"),
            Field("risk_value_minor", Width.I64, "value of position and orders afterwards"),
            Field("too_large", Width.U8, "1 if a bound would be passed"),
            Field(
                "liquidated",
                Width.U8,
                "1 if it would fail the liquidation test at once, 2 if it would be bankrupt (MRG-11)",
            ),
        ),
    ),
    Record(
        "WeighingRow",
        "What an account holds together in one currency, as weighed last (LIQ-01).",
        (),
        (),
        (
            Field("equity_minor", Width.I64, "wallet, less own margins of isolated positions, with unrealised PnL"),
            Field("maintenance_minor", Width.I64, "of the cross positions"),
            Field("orders_minor", Width.I64, "margin of the open orders, those of isolated positions too"),
            Field("largest_minor", Width.I64, "largest maintenance of a cross position in an open instrument"),
            Field("positions", Width.I32, "cross positions"),
            Field("largest", Width.I32, "slot of that position, 0 if there is none"),
        ),
    ),
    Record(
        "SpreadingRow",
        "What an order in a spread would do to both legs; written and read like an assessment (SPR-04).",
        (),
        (),
        (
            Field("near_slot", Width.I32, "position in the near leg, 0 if there is none"),
            Field("far_slot", Width.I32, "position in the far leg, 0 if there is none"),
            Field("filled_quantity", Width.I64, "would trade at once"),
            Field("near_value_minor", Width.I64, "value of it in the near leg"),
            Field("far_value_minor", Width.I64, "value of it in the far leg"),
            Field("closing_value_minor", Width.I64, "value of the part that closes in the far leg"),
            Field("spent_minor", Width.I64, "fees, and what closing would realise, as a loss"),
            Field("required_minor", Width.I64, "by how much more the legs would take from the available balance"),
            Field("slack_minor", Width.I64, "by how much the account would pass the liquidation test by more"),
            Field("holds", Width.U8, "1 if a leg would be held afterwards"),
            Field("over_limit", Width.I32, "leg whose risk limit would be exceeded, 0 if none"),
            Field("risk_value_minor", Width.I64, "risk value there"),
            Field("risk_limit_minor", Width.I64, "risk limit there"),
            Field("too_large", Width.U8, "1 if a bound would be passed"),
        ),
    ),
    Record(
        "PoolRow",
        "How much of a table is in use.",
        (),
        (),
        (
            Field("rows", Width.I64, "rows there are"),
            Field("high", Width.I64, "rows 1 to this have been used"),
            Field("live", Width.I64, "rows in use now"),
            Field("free", Width.I32, "first slot of the chain of freed rows"),
        ),
    ),
    Record(
        "TimerRow",
        "A place in the heap of accounts for which a time is to come, of a switch or a state, earliest first.",
        (),
        (),
        (Field("account", Width.I32, "whose time"),),
    ),
    Record(
        "BucketRow", "Head of a bucket of an index.", (), (), (Field("head", Width.I32, "first row in the bucket"),)
    ),
    Record(
        "NodeRow",
        "Inner node of a book's trie: 64 children and which of them are there.",
        (),
        (),
        (
            Field("bits", Width.U64, "bit d is set if child d is there"),
            Field("children", Width.CHILDREN, "slots of nodes or, at the last inner depth, of leaves"),
        ),
    ),
    Record(
        "LeafRow",
        "64 neighbouring price levels; level d of leaf s is row 64 * s + d of the levels.",
        (),
        (),
        (
            Field("bits", Width.U64, "bit d is set if level d has orders"),
            Field("hash_next", Width.I32, "next freed leaf"),
        ),
    ),
    Record(
        "LevelRow",
        "Orders at one price in the order they came.",
        (),
        (),
        (
            Field("quantity", Width.I64, "open quantity of all its orders"),
            Field("reduce_quantity", Width.I64, "part of it in orders that may trade less: reduce-only or linked ones"),
            Field("hidden_quantity", Width.I64, "part of it that is not shown"),
            Field("orders", Width.I32, "how many"),
            Field("shown_orders", Width.I32, "of them those that show something; they stand first"),
            Field("first_hidden", Width.I32, "first in the queue that shows nothing, 0 if all do"),
            Field("head", Width.I32, "first in the queue"),
            Field("tail", Width.I32, "last in the queue"),
        ),
    ),
    Record(
        "JudgedRow",
        "Scratch of the judging of an index: prices of its sources in rising order.",
        (),
        (),
        (Field("price_units", Width.I64, "in the index's units"),),
    ),
    Record(
        "TouchedWalletRow",
        "A wallet touched by the current entry, as it was before.",
        (),
        (),
        (Field("balance_before_minor", Width.I64, "before the entry"), Field("wallet", Width.I32, "its slot")),
    ),
    Record(
        "TouchedPositionRow",
        "A position touched by the current entry, as it was before.",
        (),
        (),
        (
            Field("quantity_before", Width.I64, "before the entry"),
            Field("cost_before_minor", Width.I64, "before the entry"),
            Field("lifetime_cost_before_minor", Width.I64, "before the entry"),
            Field("position", Width.I32, "its slot"),
        ),
    ),
)
