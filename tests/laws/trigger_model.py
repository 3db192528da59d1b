"""The plain model of orders that wait: triggers, trailing ones, linked orders, orders for a day.

Written from docs/rules/orders.md (ORD-14 to ORD-16, ORD-18, ORD-24): lists gone through, no tries.  Whose turn it is in
the engine's own work the engine says, and the model asserts that it was, and that nobody is left who was reached.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    Code,
    Contingency,
    EndReason,
    OrderFlag,
    PegKind,
    Side,
    TaskKind,
    TriggerReference,
)
from tests.laws.condition_model import (
    ARMED,
    LIVE,
    RELEASED,
    STOPS,
    WAITING,
    WITHIN,
    Condition,
    Group,
    Place,
    rises,
)
from tests.laws.model import Order
from tests.laws.state_model import StateModel


@dataclass
class TriggerModel(StateModel):
    """A venue of the model in which orders wait."""

    conditions: dict[int, Condition] = field(default_factory=dict)
    """By number of the order."""
    groups: dict[Group, list[int]] = field(default_factory=dict)
    """Numbers of linked orders, the oldest first."""
    released: list[int] = field(default_factory=list)
    reached: dict[Place, int] = field(default_factory=dict)
    """How far a reference has come, while those it has reached wait for their turn."""
    trails_to: dict[Place, int] = field(default_factory=dict)
    """The reference at a tick that some trailing orders are to follow."""
    day_ns: int = 0
    triggered: list[tuple[int, int, int]] = field(default_factory=list)
    """In this entry: order, stage, and how far the reference had come."""
    works: bool = False
    """Whether this entry is one of the engine's own work."""

    # Who waits.

    def waiting_orders(self) -> list[Order]:
        return [one.order for one in self.conditions.values() if one.stage != LIVE]

    def all_open(self) -> Iterator[Order]:
        for book in self.books.values():
            yield from book
        yield from self.waiting_orders()

    def find(self, number: int) -> Order | None:
        known = self.conditions.get(number)
        return known.order if known is not None and known.stage != LIVE else super().find(number)

    def take_out(self, order: Order, reason: EndReason | None = None) -> None:
        known = self.conditions.get(order.number)
        if known is not None and known.stage != LIVE:
            assert reason is not None
            self.end(order, reason)
        else:
            super().take_out(order, reason)

    def end(self, order: Order, reason: EndReason, code: int = 0) -> None:
        """It leaves its group; those that waited for it are released if it was filled, and end if it was not."""
        super().end(order, reason, code)
        known = self.conditions.pop(order.number, None)
        if known is None:
            return
        if order.number in self.released:
            self.released.remove(order.number)
        if not known.link:
            return
        group = self.groups[order.account, known.link]
        group.remove(order.number)
        if not group:
            del self.groups[order.account, known.link]
        elif known.primary and reason == EndReason.ENDED_FILLED:
            for number in group:
                self.conditions[number].stage = RELEASED
                self.released.append(number)
        elif known.primary:
            for number in list(group):
                self.end(self.conditions[number].order, EndReason.ENDED_PRIMARY)

    # Prices.

    def may_fire(self, number: int) -> bool:
        return self.trades and self.tradable(number)

    def price_at(self, place: Place) -> int:
        """What a trigger looks at, in sub-ticks; 0 if there is no such price, or the mark does not confirm it."""
        number, reference, rising = place
        if not reference:
            return 0
        mark, last = self.marks.get(number, 0), self.looks[number].last * self.terms[number].subticks
        if reference == TriggerReference.ON_MARK:
            return mark
        if reference == TriggerReference.ON_INDEX:
            return self.looks[number].index_at
        if reference == TriggerReference.ON_LAST:
            return last
        return last if (last * 100 <= mark * 105 if rising else last * 100 >= mark * 95) else 0

    def armed(self, place: Place) -> list[Condition]:
        """Who waits there, in the order in which they fire: the nearest first, then the earlier."""
        found = [one for one in self.conditions.values() if one.stage == ARMED and one.where == place]
        return sorted(found, key=lambda one: (one.trigger if place[2] else -one.trigger, one.place))

    def notice(self, number: int, references: tuple[int, ...] = (1, 2, 3, WITHIN)) -> None:
        """References may have moved: how far they have come where they have reached somebody."""
        if not self.may_fire(number):
            return
        if self.armed((number, 0, False)):
            self.reached[number, 0, False] = 0
        for reference in references:
            for rising in (True, False):
                place = (number, reference, rising)
                armed, price = self.armed(place), self.price_at(place)
                if not armed or not price:
                    continue
                if place in self.reached:
                    self.reached[place] = (max if rising else min)(self.reached[place], price)
                elif any(one.reached_by(price) for one in armed):
                    self.reached[place] = price

    def mark(self, number: int) -> None:
        super().mark(number)
        self.notice(number)

    def enter_state(self, number: int, state: int) -> None:
        super().enter_state(number, state)
        self.notice(number)

    def enter_venue_state(self, state: int, until_ns: int) -> None:
        super().enter_venue_state(state, until_ns)
        for number in self.terms:
            self.notice(number)

    def trade(self, taker: Order, maker: Order, quantity: int) -> None:
        """Whoever is linked to one of them ends before the next fill, and the last price may reach somebody."""
        super().trade(taker, maker, quantity)
        self.cancel_others(taker)
        self.cancel_others(maker)
        self.notice(taker.instrument, (TriggerReference.ON_LAST, WITHIN))

    def may_shrink(self, order: Order) -> bool:
        """ORD-18: another of its group may cancel it as well."""
        known = self.conditions.get(order.number)
        return super().may_shrink(order) or (known is not None and known.contingency == Contingency.ONE_CANCELS_OTHER)

    def cancel_others(self, order: Order) -> None:
        """ORD-18."""
        known = self.conditions.get(order.number)
        if known is None or known.contingency != Contingency.ONE_CANCELS_OTHER:
            return
        for number in list(self.groups[order.account, known.link]):
            other = self.conditions[number]
            if other is not known and other.contingency == Contingency.ONE_CANCELS_OTHER:
                self.take_out(other.order, EndReason.ENDED_LINKED)

    # What is asked for.

    def trigger_reason(self, asked: layout.Place) -> str:
        """ORD-14, ORD-16."""
        reference, within = asked.trigger_reference, asked.flags & OrderFlag.LAST_WITHIN_MARK != 0
        if asked.order_type not in WAITING:
            return "TRIGGER_INVALID" if asked.trigger_subticks or reference or within else ""
        confirmed = not within or (asked.order_type in STOPS and reference == TriggerReference.ON_LAST)
        fits = self.is_trigger(asked.instrument, asked.trigger_subticks)
        if asked.peg_kind == PegKind.PEG_TRAILING:
            fits = asked.trigger_subticks == 0
        return "" if reference <= TriggerReference.ON_INDEX and confirmed and fits else "TRIGGER_INVALID"

    def is_trigger(self, number: int, subticks: int) -> bool:
        return 0 < subticks <= self.terms[number].price_ticks_max * self.terms[number].subticks

    def trail_reason(self, asked: layout.Place, dormant: bool) -> str:
        """ORD-15."""
        offset, fixed = asked.peg_offset_subticks, asked.flags & OrderFlag.FIXED_PEG != 0
        if asked.peg_kind != PegKind.PEG_TRAILING or asked.order_type not in WAITING or fixed:
            return "PEG_INVALID" if asked.peg_kind or offset or fixed else ""
        rising = rises(asked.order_type, asked.side == Side.BUY)
        reference = asked.trigger_reference or TriggerReference.ON_MARK
        if reference > TriggerReference.ON_INDEX:
            return "PEG_INVALID"
        return self.offset_reason((asked.instrument, reference, rising), offset, dormant)

    def offset_reason(self, place: Place, offset: int, later: bool) -> str:
        """A trailing trigger is on the far side of its reference, and a price if it is made now."""
        price = self.price_at(place)
        if not offset or (offset > 0) != place[2] or abs(offset) >= layout.SUBTICKS_BOUND:
            return "PEG_INVALID"
        if later:
            return ""
        if not price:
            return "PEG_WITHOUT_TOUCH"
        return "" if 0 < price + offset < layout.SUBTICKS_BOUND else "PEG_INVALID"

    def link_reason(self, asked: layout.Place) -> str:
        """ORD-18."""
        link = wire.client_id_of(asked.link_id)
        if bool(link) != bool(asked.contingency) or asked.contingency > Contingency.ONE_TRIGGERS_OTHER:
            return "LINK_INVALID"
        members = [self.conditions[number] for number in self.groups.get((asked.account, link), [])]
        if not members:
            return ""
        under_way = any(one.touched or one.order.leaves != one.order.quantity for one in members)
        late = not members[0].primary and (under_way or asked.contingency == Contingency.ONE_TRIGGERS_OTHER)
        return "LINK_INVALID" if late or len(members) >= layout.LINKED_ORDERS else ""

    def stops_reason(self, asked: layout.Place) -> str:
        """ORD-23."""
        most = self.terms[asked.instrument].stops_max
        waiting = [one for one in self.conditions.values() if one.stage != LIVE and one.reference]
        here = [one.order for one in waiting if one.order.instrument == asked.instrument]
        own = sum(order.account == asked.account for order in here)
        return "STOPS_TOO_MANY" if asked.order_type in WAITING and 0 < most <= own else ""

    def move_reasons(self, asked: layout.Amend, known: Condition) -> list[str]:
        """Why it may not wait for another trigger, or trail by another offset."""
        number, offset = known.order.instrument, asked.peg_offset_subticks
        fits = not known.trails and known.reference and self.is_trigger(number, asked.trigger_subticks)
        reasons = ["TRIGGER_INVALID" if asked.trigger_subticks and not fits else ""]
        if offset and not known.trails:
            reasons += ["PEG_INVALID"]
        elif offset:
            reasons += [self.offset_reason(known.trailed, offset, known.stage != ARMED)]
        return reasons

    # Waiting.

    def bind(self, asked: layout.Place, order: Order, stage: int) -> Condition | None:
        """Its condition, if it has any."""
        link = wire.client_id_of(asked.link_id)
        if stage == LIVE and not link and not order.day:
            return None
        known = Condition(order, stage, place=order.place)
        if asked.order_type in WAITING:
            known.reference = asked.trigger_reference or TriggerReference.ON_MARK
            known.rising = rises(asked.order_type, order.buys)
            known.trigger, known.offset = asked.trigger_subticks, asked.peg_offset_subticks
            known.trails = asked.peg_kind == PegKind.PEG_TRAILING
            known.within = asked.flags & OrderFlag.LAST_WITHIN_MARK != 0
        if link:
            group = self.groups.setdefault((order.account, link), [])
            known.link, known.contingency = link, asked.contingency
            known.primary = not group and asked.contingency == Contingency.ONE_TRIGGERS_OTHER
            group.append(order.number)
        self.conditions[order.number] = known
        return known

    def arm(self, known: Condition) -> None:
        """It waits for its trigger, which is made now if it trails."""
        if known.trails:
            self.make_trigger(known, self.price_at(known.trailed))
        known.stage = ARMED
        if known.trails and self.trailing() == 1:
            self.plan()

    def make_trigger(self, known: Condition, price: int) -> None:
        known.followed, known.trigger = price, price + known.offset

    def trailing(self) -> int:
        return sum(one.stage == ARMED and one.trails for one in self.conditions.values())

    def plan(self) -> None:
        """A tick is due every second while triggers trail."""
        super().plan()
        if self.trailing():
            self.due_ns = min(self.due_ns, (self.time_ns // layout.TRAIL_NS + 1) * layout.TRAIL_NS)

    def fire_if_reached(self, known: Condition) -> None:
        """Armed or moved by its own command: at once, unless others wait for their turn there."""
        place = known.where
        price = self.price_at(place)
        if place not in self.reached and self.may_fire(place[0]) and price and known.reached_by(price):
            self.fire(known, price)

    def fire(self, known: Condition, price: int) -> None:
        """The others of its group end, and it goes live."""
        self.triggered.append((known.order.number, LIVE, price))
        known.touched, known.stage = True, LIVE
        self.cancel_others(known.order)
        self.go_live(known)

    def go_live(self, known: Condition) -> None:
        """Weighed like a new order now (ORD-14)."""
        order = known.order
        known.stage = LIVE
        if not known.link and not order.day:
            del self.conditions[order.number]
        if order.closes and not order.quantity:
            whole = self.whole_position(order)
            order.quantity = order.leaves = whole
        if order.market:
            order.ticks = self.within_limits(order.instrument, self.edge(order.instrument, order.buys))
        rungs = [reason for reason in self.rung_reasons(order) if reason]
        reason = min(rungs, key=lambda name: Code[name]) if rungs else self.live_reason(order, again=True)
        if reason:
            self.end(order, EndReason.ENDED_REFUSED, Code[reason])
            return
        self.note_small(order)
        self.come(order)

    def rung_reasons(self, order: Order) -> list[str]:
        """In the model of the whole venue: what states it is refused for."""
        return []

    def is_taken(self, order: Order) -> bool:
        """In the model of the whole venue: whether its instrument takes an order like this now."""
        return True

    def come(self, order: Order) -> None:
        """In the model of the whole venue: it does what it does."""

    # The engine's own work.

    def said_triggered(self, said: layout.Triggered) -> None:
        """A unit: the first of the released, or of those that were reached."""
        if not self.works:
            return
        known = self.conditions[said.order_id]
        if not said.reached_subticks and known.stage == RELEASED:
            assert self.released[0] == said.order_id
            self.go_on(known, said.stage)
            return
        self.pass_over(known.where, said.order_id)
        place = known.where
        assert self.may_fire(place[0])
        assert known is self.armed(place)[0], "somebody else is nearer or came earlier"
        if known.reference:
            assert known.reached_by(self.reached[place])
            self.fire(known, self.reached[place])
        else:
            self.triggered.append((said.order_id, LIVE, 0))
            self.go_live(known)

    def pass_over(self, place: Place, number: int) -> None:
        """Whoever is before it in the order of instruments and sets has nobody left who was reached."""
        assert not self.released, "released orders go on first"
        for before in sorted(self.reached, key=self.turn_of):
            if self.turn_of(before) >= self.turn_of(place):
                return
            left = [one for one in self.armed(before) if not before[1] or one.reached_by(self.reached[before])]
            assert not left or not self.may_fire(before[0]), f"order {number} came before {left[0].order.number}"
            del self.reached[before]

    def turn_of(self, place: Place) -> tuple[int, int, bool]:
        """Instrument by instrument: mark, last, index, last within mark, each first those that wait for a rise."""
        return place[0], place[1], not place[2]

    def go_on(self, known: Condition, stage: int) -> None:
        """ORD-18: its primary was filled; if it waits for no price it may have to wait for its instrument."""
        self.released.remove(known.order.number)
        self.triggered.append((known.order.number, stage, 0))
        taken = self.may_fire(known.order.instrument) or self.is_taken(known.order)
        assert stage == (ARMED if known.reference or not taken else LIVE)
        if stage == LIVE:
            self.go_live(known)
            return
        known.place = self.next_place()
        self.arm(known)
        self.notice(known.order.instrument, (known.where[1],))

    def refused_to_go_on(self, number: int) -> None:
        """A trailing order that finds no price to trail when its primary was filled."""
        known = self.conditions[number]
        assert self.released[0] == number
        price = self.price_at(known.trailed)
        assert known.trails
        assert not 0 < price + known.offset < layout.SUBTICKS_BOUND or not price
        self.end(known.order, EndReason.ENDED_REFUSED, Code.PEG_INVALID if price else Code.PEG_WITHOUT_TOUCH)

    def said_trailed(self, said: layout.Trailed) -> None:
        """ORD-15: whoever is followed first of those that the reference of the tick has come to."""
        known = self.conditions[said.order_id]
        place = known.trailed
        price = self.trails_to[place]
        armed = [one for one in self.conditions.values() if one.stage == ARMED and one.trails]
        due = [one for one in armed if one.trailed == place and one.follows(price)]
        sign = -1 if known.rising else 1
        assert known is min(due, key=lambda one: (sign * one.follows_at(), one.place))
        self.make_trigger(known, price)
        known.place = self.next_place()
        assert (said.trigger_subticks, said.reference_subticks) == (known.trigger, price)
        if self.trailing() == 1:
            self.plan()
        self.notice(place[0], (known.where[1],))

    def after_minute(self) -> None:
        self.follow_references()
        self.end_day()

    def follow_references(self) -> None:
        """A tick on a whole second, or the first after it: where references have moved far enough."""
        if self.time_ns // layout.TRAIL_NS * layout.TRAIL_NS < self.due_ns:
            return
        for known in self.conditions.values():
            price = self.price_at(known.trailed) if known.trails and known.stage == ARMED else 0
            if price and self.may_fire(known.order.instrument) and known.follows(price):
                self.trails_to[known.trailed] = price

    def end_day(self) -> None:
        """ORD-24: a midnight has passed."""
        self.day_ns = max(self.day_ns, self.time_ns // layout.DAY_NS * layout.DAY_NS)

    def over_by_day(self) -> list[int]:
        """Orders for a day that is over."""
        found = [one.order for one in self.conditions.values() if one.order.day]
        return sorted(order.number for order in found if order.time_ns < self.day_ns)

    def nobody_is_left(self) -> None:
        """Where no work waits nobody was reached who has not gone on."""
        if TaskKind.TASK_TRIGGERS not in self.waiting:
            # While the venue does not trade they wait for it, and the work on them is over.
            assert not self.released or not self.trades
            self.reached.clear()
            self.trails_to.clear()
            for known in self.conditions.values():
                if known.stage == ARMED and self.may_fire(known.order.instrument):
                    price = self.price_at(known.where)
                    assert known.reference, f"order {known.order.number} waits for an instrument that trades"
                    assert not price or not known.reached_by(price), f"order {known.order.number} was reached"
        if TaskKind.TASK_DAY_END not in self.waiting:
            assert not self.over_by_day()
