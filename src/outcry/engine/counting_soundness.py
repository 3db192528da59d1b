"""The invariants of what orders are worth, and of what is counted and remembered of them: INV-15, INV-37, INV-38.

They are listed with the others in invariants.py and described in docs/rules/law.md.  Each walks the rows themselves and
names both numbers.  Reads the engine's tables, never changes them.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from outcry.engine import funds, small
from outcry.engine.breaches import Breach, differing, high_of, resting, working
from outcry.engine.reading import used
from outcry.protocol.layout import FILLED_KEPT, FaultRow, OrderFlag, Role, Side, TableNumber, Tables
from outcry.rules import margin, value


def inv_15_margins_of_orders(tables: Tables) -> Iterator[Breach]:
    """An order's value and margin are what the rules say; the dearest lot is no cheaper than any of its side."""
    for at in resting(tables):
        order, fault = tables.orders[at], FaultRow()
        instrument, position = tables.instruments[order.instrument], tables.positions[order.position]
        name = f"order {order.order_id}"
        if order.flags & OrderFlag.REDUCE_ONLY or order.takeover:
            kept = {"value_minor": order.value_minor, "margin_minor": order.margin_minor}
            kept |= {"premium_minor": order.premium_minor} if order.takeover else {}
            yield from differing("INV-15", name, **{what: (found, 0) for what, found in kept.items()})
            continue
        subticks = value.subticks_of(instrument, order.price_ticks)
        # All of a spread's order margin was taken at marks of earlier, and is its premium (SPR-04).
        worth = (
            0 if instrument.near_instrument else value.value_minor(instrument, order.leaves_quantity, subticks, fault)
        )
        needed = margin.order_cost_minor(instrument, position.risk_steps, worth, funds.chosen_leverage(position), fault)
        needed += order.premium_minor
        yield from differing(
            "INV-15", name, value_minor=(order.value_minor, worth), margin_minor=(order.margin_minor, needed)
        )
        dearest = position.buy_dearest_minor if order.side == Side.BUY else position.sell_dearest_minor
        lot_minor = -(-needed * instrument.lot // max(1, order.leaves_quantity))
        if lot_minor > dearest:
            yield Breach("INV-15", name, "a lot is dearer than the dearest", lot_minor, dearest)
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[at]
        name = f"position of account {row.account} in instrument {row.instrument}"
        for side, quantity, dearest in (
            ("buy", row.buy_quantity, row.buy_dearest_minor),
            ("sell", row.sell_quantity, row.sell_dearest_minor),
        ):
            if quantity == 0:
                yield from differing("INV-15", name, **{f"{side}_dearest_minor": (dearest, 0)})


def inv_37_counts(tables: Tables) -> Iterator[Breach]:
    """A position counts its account's open orders, and an account its small ones in the books."""
    orders, few = Counter[int](), Counter[int]()
    for at in working(tables):
        order = tables.orders[at]
        orders[order.position] += 1
        listing = tables.instruments[order.instrument]
        if order.level and small.is_small(
            tables, listing, order.order_type, order.flags, order.quantity, order.price_ticks
        ):
            few[order.account] += 1
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[at]
        name = f"position of account {row.account} in instrument {row.instrument}"
        yield from differing("INV-37", name, orders=(row.orders, orders[at]))
    for number in used(tables, TableNumber.ACCOUNTS_TABLE):
        found = int(tables.accounts[number].small_orders)
        yield from differing("INV-37", f"account {number}", small_orders=(found, few[number]))


def inv_38_filled(tables: Tables) -> Iterator[Breach]:
    """The ring of filled orders holds as many as were filled, the latest times at its end, and none that is open."""
    count, high = tables.venue.filled, high_of(tables, TableNumber.FILLED_TABLE)
    yield from differing("INV-38", "filled orders", rows=(high, min(count, FILLED_KEPT)))
    slots = [1 + (at - 1) % FILLED_KEPT for at in range(max(0, count - FILLED_KEPT) + 1, count + 1)]
    rows = [tables.filled[slot] for slot in slots]
    still = {tables.orders[at].order_id for at in working(tables)}
    yield from differing(
        "INV-38",
        "filled orders",
        out_of_turn=(sum(later.filled_ns < earlier.filled_ns for earlier, later in pairwise(rows)), 0),
        open=(sum(row.order_id != 0 and row.order_id in still for row in rows), 0),
        of_the_venue=(sum(bool(row.flags & OrderFlag.BY_VENUE) or row.account == Role.TAKEOVER for row in rows), 0),
    )
