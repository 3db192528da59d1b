"""The invariants of orders that wait or are bound, INV-33 and following: conditions, sets, what was reached, groups.

They are listed with the others in invariants.py and described in docs/rules/law.md.  Each walks the rows themselves and
names both numbers.  Reads the engine's tables, never changes them.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from outcry.engine import reaching, rungs, trigger_sets
from outcry.engine.breaches import Breach, bitmaps_of, chain, differing, firsts_of, high_of, waits, working
from outcry.engine.reading import used
from outcry.protocol.layout import (
    LINKED_ORDERS,
    TRIGGER_SETS,
    ConditionRow,
    ConditionStage,
    PegKind,
    TableNumber,
    Tables,
    TaskKind,
    TimeInForce,
)
from outcry.protocol.wire import text_of
from outcry.rules import triggers


def _used(tables: Tables) -> dict[int, ConditionRow]:
    """The conditions in use by their slots."""
    rows, high = tables.conditions, high_of(tables, TableNumber.CONDITIONS_TABLE)
    return {at: rows[at] for at in range(1, high + 1) if rows[at].order}


def inv_33_conditions(tables: Tables) -> Iterator[Breach]:
    """An order and its condition name each other; one has a condition only for a trigger, a group or a day, and what
    it waits for is of its type; positions count their stops."""
    there, stops = _used(tables), Counter[int]()
    for at in working(tables):
        order = tables.orders[at]
        row = there.get(order.condition, ConditionRow())
        name, stop = f"order {order.order_id}", triggers.is_stop(order.order_type)
        waiting = waits(tables, order)
        stops[order.position] += stop and waiting
        for_a_day = order.time_in_force == TimeInForce.DAY
        needed = waiting or for_a_day or row.link != 0
        yield from differing(
            "INV-33", name, condition=(int(order.condition != 0), int(needed)), filled=(_traded(tables, at), 0)
        )
        if not order.condition:
            continue
        reason = stop or row.link != 0
        rising = triggers.is_rising(order.order_type, order.side) if stop else False
        yield from differing(
            "INV-33",
            name,
            order=(row.order, at),
            linked=(int(row.contingency != 0), int(row.link != 0)),
            without_reason=(int(waiting and not reason), 0),
        )
        if waiting:
            yield from differing(
                "INV-33",
                name,
                rising=(row.rising, int(rising)),
                reference=(int(1 <= row.trigger_reference <= 3), int(stop)),
                trigger=(int(row.trigger_subticks > 0), int(stop and _has_trigger(row))),
            )
    for at, row in there.items():
        known = 1 <= row.order <= high_of(tables, TableNumber.ORDERS_TABLE)
        named = tables.orders[row.order].condition if known else 0
        yield from differing("INV-33", f"condition {at}", named=(named, at))
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        position = tables.positions[at]
        name = f"position of account {position.account} in instrument {position.instrument}"
        yield from differing("INV-33", name, stops=(position.stops, stops[at]))


def _has_trigger(row: ConditionRow) -> bool:
    """Whether a stop knows its trigger: one that trails finds it when it is armed."""
    return row.peg_kind != PegKind.PEG_TRAILING or row.stage == ConditionStage.STAGE_ARMED


def _traded(tables: Tables, at: int) -> int:
    """What a waiting order has traded."""
    order = tables.orders[at]
    return order.quantity - order.leaves_quantity if waits(tables, order) else 0


def inv_34_sets(tables: Tables) -> Iterator[Breach]:
    """Every armed order is in the set of its trigger once, or in that of those that wait for their instrument to trade,
    and if it trails in the one in which it follows; at a price they queue in the order of their places; counts and
    bitmaps are what is there."""
    found = {False: Counter[int](), True: Counter[int]()}
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        total = 0
        for place in (*range(14), 15):
            at = trigger_sets.set_number(number, place)
            name = f"set {place} of {text_of(tables.instruments[number].symbol)}"
            trails = 8 <= place < 14
            slots = list(_set(tables, name, at, trails))
            found[trails].update(slots)
            yield from _queues(tables, name, at, trails)
            yield from differing(
                "INV-34",
                name,
                orders=(tables.trigger_sets[at].orders, len(slots)),
                strangers=(sum(_wrong_set(tables, slot, at, trails) for slot in slots), 0),
                root=(int(tables.trigger_sets[at].root != 0), int(bool(slots))),
            )
            if tables.trigger_sets[at].root:
                yield from bitmaps_of("INV-34", tables, name, tables.trigger_sets[at].root)
            total += 0 if trails else len(slots)
        waiting = tables.trigger_sets[trigger_sets.set_number(number, 14)].orders
        yield from differing("INV-34", f"instrument {number}", waiting=(waiting, total))
    trailing = 0
    for slot, row in _used(tables).items():
        armed = row.stage == ConditionStage.STAGE_ARMED
        trails = armed and row.peg_kind == PegKind.PEG_TRAILING
        follows = trails and 0 < trigger_sets.waits_at(row, True) < 2**30
        trailing += trails
        name = f"order {tables.orders[row.order].order_id}"
        yield from differing(
            "INV-34", name, in_a_set=(found[False][slot], int(armed)), follows=(found[True][slot], int(follows))
        )
    yield from differing("INV-34", "venue", trailing=(tables.venue.trailing, trailing))


def _set(tables: Tables, name: str, at: int, trails: bool) -> Iterator[int]:
    """The conditions of a set, price by price."""
    root, high = tables.trigger_sets[at].root, high_of(tables, TableNumber.CONDITIONS_TABLE)
    if 1 <= root <= high_of(tables, TableNumber.NODES_TABLE):
        for _, first in firsts_of(tables, root):
            yield from chain(tables.conditions, first, "trail_next" if trails else "trigger_next", high)


def _queues(tables: Tables, name: str, at: int, trails: bool) -> Iterator[Breach]:
    """At each price of a set: the queue goes both ways, the first knows the last, and places rise."""
    root, high = tables.trigger_sets[at].root, high_of(tables, TableNumber.CONDITIONS_TABLE)
    if not 1 <= root <= high_of(tables, TableNumber.NODES_TABLE):
        return
    for price, first in firsts_of(tables, root):
        slots = chain(tables.conditions, first, "trail_next" if trails else "trigger_next", high)
        before = [trigger_sets.last_before(tables, slot, trails) for slot in slots]
        places = [tables.conditions[slot].place for slot in slots]
        wrong = sum(trigger_sets.waits_at(tables.conditions[slot], trails) != price for slot in slots)
        yield from differing(
            "INV-34",
            f"{name} at {price}",
            both_ways=(int(before != slots[-1:] + slots[:-1]), 0),
            out_of_turn=(sum(later <= earlier for earlier, later in pairwise(places)), 0),
            elsewhere=(wrong, 0),
        )


def _wrong_set(tables: Tables, slot: int, at: int, trails: bool) -> bool:
    """Whether a condition belongs into another set."""
    row = tables.conditions[slot]
    own = trigger_sets.trail_set(tables, row) if trails else trigger_sets.trigger_set(tables, row)
    return own != at or row.stage != ConditionStage.STAGE_ARMED


def inv_35_reached(tables: Tables) -> Iterator[Breach]:
    """Where orders may be triggered none is past its trigger unless that is noted, nor does any wait for that; what is
    noted waits as work."""
    venue = tables.venue
    kinds = {tables.tasks[1 + number % 64].kind for number in range(venue.tasks_done, venue.tasks_made)}
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        for place in (*range(14), 15):
            row = tables.trigger_sets[TRIGGER_SETS * number + place]
            name = f"set {place} of {text_of(tables.instruments[number].symbol)}"
            if row.reached_subticks:
                waiting = TaskKind.TASK_TRIGGERS in kinds and 0 < venue.trigger_instrument <= number
                yield from differing("INV-35", name, work_waits=(int(waiting), 1))
            if place == 15:
                idle = bool(row.orders) and not row.reached_subticks and reaching.may_fire(tables, number)
                yield from differing("INV-35", name, waits_for_what_is=(int(idle), 0))
                continue
            reference = trigger_sets.set_reference(tables.instruments[number], place)
            if place >= 8 or not row.orders or not reference or not reaching.may_fire(tables, number):
                continue
            nearest = tables.conditions[trigger_sets.nearest(tables, TRIGGER_SETS * number + place)].trigger_subticks
            rising = trigger_sets.is_upward(place)
            noted = row.reached_subticks and triggers.has_reached(row.reached_subticks, nearest, rising)
            if triggers.has_reached(reference, nearest, rising) and not noted:
                yield Breach("INV-35", name, "is past a trigger, and nobody noted it", reference, nearest)
    if venue.first_released and rungs.venue_trades(tables):
        yield from differing("INV-35", "released", work_waits=(int(TaskKind.TASK_TRIGGERS in kinds), 1))


def inv_36_bonds(tables: Tables) -> Iterator[Breach]:
    """Members of a group are in its chain once, the oldest first; who waits for a primary has one; released orders and
    orders for a day are in their chains once."""
    there, high = _used(tables), high_of(tables, TableNumber.CONDITIONS_TABLE)
    number_of = {at: tables.orders[row.order].order_id for at, row in there.items()}
    grouped: Counter[int] = Counter()
    for at in used(tables, TableNumber.LINKS_TABLE):
        link = tables.links[at]
        if not link.account:
            continue
        slots = chain(tables.conditions, link.first, "link_next", high)
        grouped.update(slots)
        before = [tables.conditions[slot].link_previous for slot in slots]
        dormant = sum(tables.conditions[slot].stage == ConditionStage.STAGE_DORMANT for slot in slots)
        primary = bool(slots) and tables.conditions[slots[0]].primary
        yield from differing(
            "INV-36",
            f"group {at} of account {link.account}",
            members=(link.members, len(slots)),
            none=(int(not 1 <= len(slots) <= LINKED_ORDERS), 0),
            last=(link.last, slots[-1] if slots else 0),
            both_ways=(int(before != [0, *slots[:-1]]), 0),
            strangers=(sum(tables.conditions[slot].link != at for slot in slots), 0),
            owners=(sum(tables.orders[tables.conditions[slot].order].account != link.account for slot in slots), 0),
            primaries=(sum(tables.conditions[slot].primary for slot in slots), int(primary)),
            dormant=(dormant, len(slots) - 1 if primary else 0),
            out_of_turn=(sum(number_of[b] <= number_of[a] for a, b in pairwise(slots)), 0),
        )
    released = chain(tables.conditions, tables.venue.first_released, "released_next", high)
    days = chain(tables.conditions, tables.conditions[0].day_next, "day_next", high)
    yield from differing(
        "INV-36",
        "chains",
        last_released=(tables.venue.last_released, released[-1] if released else 0),
        released_both_ways=(int([tables.conditions[at].trigger_previous for at in released] != [0, *released][:-1]), 0),
        last_of_a_day=(tables.conditions[0].day_previous, days[-1] if days else 0),
        days_both_ways=(int([tables.conditions[at].day_previous for at in days] != [0, *days][:-1]), 0),
        days_out_of_turn=(sum(number_of.get(b, 0) <= number_of.get(a, 0) for a, b in pairwise(days)), 0),
    )
    once_released, once_a_day = Counter(released), Counter(days)
    for at, row in there.items():
        for_a_day = tables.orders[row.order].time_in_force == TimeInForce.DAY
        yield from differing(
            "INV-36",
            f"order {number_of[at]}",
            in_a_group=(grouped[at], int(row.link != 0)),
            released=(once_released[at], int(row.stage == ConditionStage.STAGE_RELEASED)),
            for_a_day=(once_a_day[at], int(for_a_day)),
        )
