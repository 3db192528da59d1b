"""The whole venue as a plain model: every command with its refusals, in dicts and lists, written from docs/rules.

`apply` takes a command as it stands in the journal and returns the name of the refusal, or nothing; what it was given
is read by field name, the rest is the model's own.  A refusal is found by collecting everything that is wrong and
taking the one that stands first in the table of codes (LAW-07), so precedence is not copied from the engine's order of
tests.  Matching and costs are in model.py, margins in margin_model.py, money and listings in worldly_model.py.
"""

import ctypes
from dataclasses import dataclass, field, replace
from typing import Any

from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    AccountState,
    EndReason,
    InstrumentState,
    OrderFlag,
    OrderType,
    Side,
    VenueState,
)
from tests.laws.auction_model import AuctionModel
from tests.laws.condition_model import ARMED, DORMANT, LIVE, WAITING, Condition
from tests.laws.model import Order
from tests.laws.order_model import REDUCING
from tests.laws.state_model import MARKETS
from tests.laws.worldly_model import earliest

ENDS = {
    "filled": EndReason.ENDED_FILLED,
    "ioc": EndReason.ENDED_IMMEDIATE,
    "fok": EndReason.ENDED_IMMEDIATE,
    "market": EndReason.ENDED_MARKET,
    "bankruptcy": EndReason.ENDED_BANKRUPTCY,
    "killed": EndReason.ENDED_KILLED,
    "post only": EndReason.ENDED_POST_ONLY,
    "self trade": EndReason.ENDED_SELF_TRADE,
    "nothing left": EndReason.ENDED_AMENDED,
}
"""How the model's words for the end of an order are said in events."""


@dataclass
class Name:
    """A client id that is remembered."""

    order: int
    ended: bool = False


@dataclass
class VenueModel(AuctionModel):
    """Trading: orders by number and by name, in every state of venue, instrument and account."""

    names: dict[tuple[int, str], Name] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)
    named: dict[int, str] = field(default_factory=dict)
    outcome: str = ""
    """What became of the last order placed or amended: rests, keeps, or why it ended."""

    def apply(self, record: ctypes.LittleEndianStructure, time_ns: int, origin: int, origin_sequence: int) -> str:
        """One entry of the journal; the name of its refusal, or nothing."""
        self.outcome, self.moved, self.works = "", False, isinstance(record, layout.Continue)
        refusal = self.admit(record, time_ns, origin, origin_sequence)
        if refusal:
            return refusal
        rule = getattr(self, f"on_{type(record).__name__}", None)
        return str(rule(record)) if rule else "KIND_WITHOUT_RULE"

    def instrument_reasons(self, number: int, posts: bool, reduces: bool, collected: bool) -> list[str]:
        """CMD-05, CMD-06."""
        if number not in self.terms:
            return ["INSTRUMENT_UNKNOWN"]
        state = self.instrument_states[number]
        return [
            "" if state in MARKETS or self.collecting(number) else "INSTRUMENT_CLOSED",
            "" if number in self.marks else "INSTRUMENT_UNPRICED",
            "INSTRUMENT_REDUCE_ONLY" if state == InstrumentState.INSTRUMENT_REDUCING and not reduces else "",
            "INSTRUMENT_POST_ONLY" if state == InstrumentState.INSTRUMENT_POSTING and not posts else "",
            "INSTRUMENT_COLLECTING" if self.collecting(number) and not collected else "",
        ]

    def trader_reasons(self, account: int, posts: bool, reduces: bool) -> list[str]:
        """CMD-05, CMD-07, LAW-06."""
        state = self.states.get(account, AccountState.ACCOUNT_OPEN)
        return [
            self.account_reason(account),
            "ACCOUNT_FROZEN" if state == AccountState.ACCOUNT_STOPPED else "",
            "ACCOUNT_WITHDRAW_ONLY" if state == AccountState.ACCOUNT_WITHDRAWING else "",
            "ACCOUNT_REDUCE_ONLY" if state == AccountState.ACCOUNT_REDUCING and not reduces else "",
            "" if reduces else self.waits(account),
            "ACCOUNT_CANCEL_ONLY" if state == AccountState.ACCOUNT_CANCELLING else "",
            "ACCOUNT_POST_ONLY" if state == AccountState.ACCOUNT_POSTING and not posts else "",
        ]

    def venue_reason(self, posts: bool = True, reduces: bool = True) -> str:
        """CMD-04, CMD-12."""
        if self.cancel_only:
            return "VENUE_CANCEL_ONLY"
        if self.venue_state >= VenueState.VENUE_CANCELLING:
            return "VENUE_HELD"
        if self.venue_state == VenueState.VENUE_REDUCING and not reduces:
            return "VENUE_REDUCE_ONLY"
        return "VENUE_POST_ONLY" if self.venue_state == VenueState.VENUE_POSTING and not posts else ""

    def on_Place(self, asked: layout.Place) -> str:
        reduces, name = asked.flags & REDUCING != 0, wire.client_id_of(asked.client_id)
        posts = asked.flags & OrderFlag.POST_ONLY != 0
        rests = asked.order_type == OrderType.LIMIT and asked.time_in_force in (1, 4) and not posts
        collected = rests or asked.order_type in WAITING
        reasons = [self.venue_reason(posts, reduces)]
        reasons += self.instrument_reasons(asked.instrument, posts, reduces, collected)
        reasons += self.trader_reasons(asked.account, posts, reduces)
        reasons += ["CLIENT_ID_DUPLICATE" if name and (asked.account, name) in self.names else ""]
        reasons += self.shape_reasons(asked)
        if any(reasons):
            return earliest(*reasons)
        order = self.asked_order(asked, reduces)
        group = self.groups.get((asked.account, wire.client_id_of(asked.link_id)), [])
        dormant = bool(group) and self.conditions[group[0]].primary
        if dormant or asked.order_type in WAITING:
            return self.place_waiting(asked, order, name, dormant)
        reasons = self.quantity_reasons(order.instrument, order.quantity)
        reasons += [] if any(reasons) else self.price_reasons(asked, order)
        if any(reasons):
            return earliest(*reasons)
        others = [self.trigger_reason(asked), self.peg_reason(asked), self.link_reason(asked)]
        others += [self.display_reason(order)]
        reason = self.live_reason(order, others)
        if reason:
            return reason
        self.enlist(order, name)
        self.bind(asked, order, LIVE)
        self.note_small(order)
        self.come(order)
        return ""

    def place_waiting(self, asked: layout.Place, order: Order, name: str, dormant: bool) -> str:
        """ORD-14, ORD-18: refused for what can be known before it goes live."""
        number, wants = order.instrument, order.market and asked.price_ticks != 0
        if dormant and asked.order_type == OrderType.PEGGED:
            return "ORDER_TYPE_WITHOUT_RULE"
        if dormant and asked.order_type not in WAITING:
            order.quantity, order.leaves, order.ticks = asked.quantity, asked.quantity, asked.price_ticks
        sized = not order.closes or order.quantity
        reasons = self.quantity_reasons(number, order.quantity) if sized else []
        reasons += ["PRICE_INVALID" if wants else "", "" if order.market else self.price_reason(number, order.ticks)]
        whole = replace(order, quantity=order.quantity or self.terms[number].quantity_max)
        reasons += [self.trigger_reason(asked), self.trail_reason(asked, dormant), self.link_reason(asked)]
        reasons += [self.display_reason(whole), self.count_reason(replace(order, force=""), False)]
        reasons += [self.stops_reason(asked)]
        if any(reasons):
            return earliest(*reasons)
        order.place = self.next_place()
        self.enlist(order, name)
        known = self.bind(asked, order, DORMANT if dormant else ARMED)
        assert known is not None
        if not dormant:
            self.arm(known)
            self.fire_if_reached(known)
        return ""

    def come(self, order: Order) -> None:
        """An order that stands does what it does; what becomes of it."""
        self.outcome = self.place(order, order.force)
        if self.outcome in ("fok", "market") and order.market:
            self.outcome = "bankruptcy" if order.held_back else "market"
        self.conclude(order)

    def conclude(self, order: Order) -> None:
        """If it has ended, why."""
        if self.outcome in ENDS:
            self.end(order, ENDS[self.outcome])
        if self.outcome == "filled":
            self.filled(order)
        self.settle(order.number)

    def enlist(self, order: Order, name: str) -> None:
        order.number = self.next_order
        self.next_order += 1
        self.owners[order.number] = order.account
        self.name(order, name)

    def name(self, order: Order, name: str) -> None:
        if name:
            self.names[order.account, name] = Name(order.number)
            self.named[order.number] = name

    def settle(self, number: int) -> None:
        """Names of orders that are over are over too (ORD-02)."""
        for key, name in self.names.items():
            name.ended = name.ended or self.find(name.order) is None or self.named.get(name.order) != key[1]

    def open_order(self, account: int, number: int, name: str) -> Order | None:
        """ORD-03: by number, or without one by name; only one's own."""
        if number:
            order = self.find(number)
            return order if order is not None and order.account == account else None
        remembered = self.names.get((account, name)) if name else None
        return self.find(remembered.order) if remembered and not remembered.ended else None

    def missing_reason(self, account: int, number: int, name: str) -> str:
        """Why there is no such open order: never there, another's, or over."""
        if number:
            over = 0 < number < self.next_order and self.find(number) is None
            return "ORDER_ENDED" if over else "ORDER_UNKNOWN"
        remembered = self.names.get((account, name)) if name else None
        over = remembered is not None and self.find(remembered.order) is None
        return "ORDER_ENDED" if over else "ORDER_UNKNOWN"

    def on_Cancel(self, asked: layout.Cancel) -> str:
        name = wire.client_id_of(asked.client_id)
        reason = self.account_reason(asked.account)
        if reason:
            return reason
        order = self.open_order(asked.account, asked.order_id, name)
        if order is None:
            return self.missing_reason(asked.account, asked.order_id, name)
        self.cancel(order.number)
        self.settle(order.number)
        return ""

    def on_CancelAll(self, asked: layout.CancelAll) -> str:
        known = asked.instrument == 0 or asked.instrument in self.terms
        reasons = [self.account_reason(asked.account), "" if known else "INSTRUMENT_UNKNOWN"]
        reasons += ["PARAMETER_INVALID" if asked.side > Side.SELL else ""]
        if any(reasons):
            return earliest(*reasons)
        for order in sorted(self.all_open(), key=lambda one: -one.number):
            wanted = asked.side in (0, Side.BUY if order.buys else Side.SELL) and asked.account == order.account
            if wanted and asked.instrument in (0, order.instrument):
                self.cancel(order.number)
        self.settle(0)
        return ""

    def on_Continue(self, asked: layout.Continue) -> str:
        """CMD-10: what is done of the engine's own work is told by the engine, see `follow`."""
        return "" if 1 <= asked.units_max <= layout.WORK_UNITS_MAX else "PARAMETER_INVALID"

    def on_Amend(self, asked: layout.Amend) -> str:
        account, number = asked.account, asked.order_id
        reasons = [self.venue_reason(), self.account_reason(account)]
        if any(reasons):
            return earliest(*reasons)
        name, new_name = wire.client_id_of(asked.client_id), wire.client_id_of(asked.new_client_id)
        order = self.open_order(account, number, name)
        if order is None and asked.leaves_quantity > 0:
            remembered = self.names.get((account, name)) if name else None
            filled = self.revivable_order(account, number or (remembered.order if remembered else 0))
            if filled is not None:
                return self.revive(asked, filled, new_name)
        if order is not None:
            reasons += self.rung_reasons(order)
        reasons += ["CLIENT_ID_DUPLICATE" if new_name and (account, new_name) in self.names else ""]
        reasons += [self.missing_reason(account, number, name) if order is None else ""]
        leaves_given = asked.leaves_quantity != -1
        bad = asked.quantity < 0 or not -1 <= asked.leaves_quantity < layout.QUANTITY_BOUND
        bad = bad or (asked.quantity != 0 and leaves_given)
        reasons += ["PARAMETER_INVALID" if bad else ""]
        known = self.conditions.get(order.number) if order is not None else None
        if order is not None and known is not None and known.stage != LIVE:
            return earliest(*reasons) or self.amend_waiting(asked, known, new_name)
        triggers = "TRIGGER_INVALID" if asked.trigger_subticks else "PEG_INVALID" if asked.peg_offset_subticks else ""
        if any(reasons) or order is None:
            return earliest(*reasons, "" if order is None else triggers)
        return self.amend_order(asked, order, new_name, triggers)

    def is_taken(self, order: Order) -> bool:
        """CMD-06, AUC-01."""
        collected = self.is_collected(order.kind, order)
        return not any(self.instrument_reasons(order.instrument, order.post_only, order.reduce_only, collected))

    def rung_reasons(self, order: Order) -> list[str]:
        """CMD-04, CMD-06, CMD-07, CMD-12."""
        posts, reduces = order.post_only, order.reduce_only
        collected = self.is_collected(order.kind, order)
        reasons = [self.venue_reason(posts, reduces)]
        reasons += self.instrument_reasons(order.instrument, posts, reduces, collected)
        return reasons + self.trader_reasons(order.account, posts, reduces)

    def revive(self, asked: layout.Amend, filled: Order, new_name: str) -> str:
        """ORD-19: weighed like a new order of what is to be open; same number, back of the queue."""
        more, number = asked.leaves_quantity, filled.instrument
        together = asked.quantity or asked.trigger_subticks or asked.peg_offset_subticks
        reasons = self.rung_reasons(filled)
        reasons += ["CLIENT_ID_DUPLICATE" if new_name and (filled.account, new_name) in self.names else ""]
        reasons += ["PARAMETER_INVALID" if together else ""]
        if any(reasons):
            return earliest(*reasons)
        order = replace(filled, leaves=more, place=0, held_back=False)
        order.ticks = asked.price_ticks or order.ticks
        reasons = self.quantity_reasons(number, more)
        reasons += ["QUANTITY_INVALID" if filled.quantity + more >= layout.QUANTITY_BOUND else ""]
        reasons += [self.price_reason(number, order.ticks)]
        if any(reasons):
            return earliest(*reasons)
        order.quantity = filled.quantity + more
        reason = self.live_reason(order)
        if reason:
            return reason
        del self.revivable[order.number]
        if order.day:
            self.conditions[order.number] = Condition(order)
        self.name(order, new_name or self.named.get(order.number, ""))
        self.note_small(order)
        self.come(order)
        return ""

    def amend_order(self, asked: layout.Amend, order: Order, new_name: str, triggers: str) -> str:
        """ORD-09: the new numbers, weighed like a new order where they are dearer."""
        terms, filled = self.terms[order.instrument], order.quantity - order.leaves
        total = asked.quantity or (filled + asked.leaves_quantity if asked.leaves_quantity >= 0 else order.quantity)
        ticks = asked.price_ticks or order.ticks
        too_many = total >= layout.QUANTITY_BOUND or total - filled > terms.quantity_max
        changes = (total, ticks) != (order.quantity, order.ticks) or new_name
        reasons = [
            "QUANTITY_INVALID" if too_many else "",
            "QUANTITY_NOT_LOTS" if total % terms.lot else "",
            self.price_reason(order.instrument, ticks),
            "" if changes or triggers else "AMEND_UNCHANGED",
            triggers,
        ]
        if any(reasons):
            return earliest(*reasons)
        draft = replace(order, leaves=max(0, total - filled), ticks=ticks)
        if order.reduce_only:
            draft.leaves = min(draft.leaves, self.reducible(order))
        keeps = ticks == order.ticks and draft.leaves <= order.leaves
        whole = replace(draft, quantity=filled + draft.leaves)
        small = bool(draft.leaves) and self.is_small(whole) and not (keeps and self.is_small(order))
        unseen = small and self.shows_no_small(order.account, order)
        others = ["SMALL_ORDER_POST_ONLY" if order.post_only and unseen else ""]
        if not keeps and draft.leaves:
            refusal = earliest(*self.reach_reasons(draft, order), *others) or self.refusal(draft, True, order)
        else:
            refusal = earliest(*others)
        if refusal:
            return refusal
        self.name(order, new_name)
        if small:
            self.note_small(whole, order)
        self.outcome = self.amend(order.number, total, ticks, unseen and order.display != 0)
        self.conclude(order)
        return ""

    def amend_waiting(self, asked: layout.Amend, known: Condition, new_name: str) -> str:
        """ORD-14: it goes on waiting, behind the others if what it waits for is another."""
        order, number = known.order, known.order.instrument
        total = asked.quantity or (asked.leaves_quantity if asked.leaves_quantity >= 0 else order.quantity)
        reasons = self.quantity_reasons(number, total) if total not in (0, order.quantity) else []
        if asked.price_ticks:
            reasons += ["PRICE_INVALID" if order.market else self.price_reason(number, asked.price_ticks)]
        moves = asked.trigger_subticks not in (0, known.trigger) or asked.peg_offset_subticks not in (0, known.offset)
        changes = total != order.quantity or asked.price_ticks not in (0, order.ticks) or new_name or moves
        reasons += ["" if changes else "AMEND_UNCHANGED", *self.move_reasons(asked, known)]
        if any(reasons):
            return earliest(*reasons)
        self.name(order, new_name)
        order.quantity = order.leaves = total
        order.ticks = asked.price_ticks or order.ticks
        if moves:
            known.trigger = asked.trigger_subticks or known.trigger
            known.offset = asked.peg_offset_subticks or known.offset
            known.place = self.next_place()
            if known.stage == ARMED:
                known.stage = DORMANT
                self.arm(known)
        if not total and (asked.leaves_quantity == 0 or not order.closes):
            self.end(order, EndReason.ENDED_AMENDED)
        elif moves and known.stage == ARMED:
            self.fire_if_reached(known)
        self.settle(order.number)
        return ""

    def margin_reasons(self, account: int, instrument: int) -> list[str]:
        """Why this position's margining cannot be changed now (CMD-04 to CMD-07)."""
        reasons = [self.venue_reason(), *self.instrument_reasons(instrument, True, True, True)]
        return reasons + self.trader_reasons(account, True, True)

    def on_SetLeverage(self, asked: layout.SetLeverage) -> str:
        reasons = self.margin_reasons(asked.account, asked.instrument)
        if asked.instrument in self.terms:
            highest = 100 / self.terms[asked.instrument].initial
            reasons += ["" if 0 <= asked.leverage_centi <= highest else "LEVERAGE_INVALID"]
        steps = self.mode(asked.account, asked.instrument).steps
        return earliest(*reasons) or self.margined(asked, asked.leverage_centi, asked.leverage_centi != 0, steps)

    def on_SetIsolated(self, asked: layout.SetIsolated) -> str:
        reasons = self.margin_reasons(asked.account, asked.instrument)
        reasons += ["PARAMETER_INVALID" if asked.isolated > 1 else ""]
        if any(reasons):
            return earliest(*reasons)
        mode = self.mode(asked.account, asked.instrument)
        return self.margined(asked, mode.leverage_centi, asked.isolated == 1, mode.steps)

    def on_SetRiskLimit(self, asked: layout.SetRiskLimit) -> str:
        """MRG-09."""
        reasons = self.margin_reasons(asked.account, asked.instrument)
        steps = self.steps_of(asked.instrument, asked.risk_limit_minor) if asked.instrument in self.terms else None
        reasons += ["RISK_LIMIT_INVALID" if steps is None and asked.instrument in self.terms else ""]
        if any(reasons) or steps is None:
            return earliest(*reasons)
        mode = self.mode(asked.account, asked.instrument)
        if steps != mode.steps and self.risk_value(asked.account, asked.instrument) > asked.risk_limit_minor:
            return "RISK_LIMIT_EXCEEDED"
        return self.margined(asked, mode.leverage_centi, mode.isolated, steps)

    def steps_of(self, instrument: int, limit: int) -> int | None:
        """How many steps a risk limit is above the base; none if there is no such limit."""
        terms, over = self.terms[instrument], limit - self.terms[instrument].risk_limit
        if not over:
            return 0
        if over < 0 or limit >= layout.AMOUNT_BOUND or not terms.risk_step or over % terms.risk_step:
            return None
        steps = over // terms.risk_step
        return steps if terms.initial + steps * terms.maintenance <= 1 else None

    def margined(self, asked: Any, leverage_centi: int, isolated: bool, steps: int) -> str:
        """MRG-04."""
        done = self.set_margining(asked.account, asked.instrument, leverage_centi, isolated, steps)
        return "" if done else self.refused_by

    def on_MoveMargin(self, asked: layout.MoveMargin) -> str:
        account, number, amount = asked.account, asked.instrument, asked.amount_minor
        reasons = self.margin_reasons(account, number)
        if any(reasons):
            return earliest(*reasons)
        mode, held = self.mode(account, number), self.position(account, number)
        reasons = ["" if mode.isolated and held.quantity else "POSITION_NOT_ISOLATED"]
        within = abs(amount) < layout.AMOUNT_BOUND and mode.moved + amount < layout.AMOUNT_BOUND
        reasons += ["" if amount and within else "AMOUNT_INVALID"]
        if any(reasons):
            return earliest(*reasons)
        spare = self.available(account, self.terms[number].currency)
        if amount < 0:
            spare = max(0, mode.own - self.loss_at_mark(number, held))
        if abs(amount) > spare:
            return "BALANCE_INSUFFICIENT"
        mode.moved += amount
        return ""
