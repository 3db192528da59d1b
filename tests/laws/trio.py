"""The compiled engine, the uncompiled one and the plain model, handed the same entries and compared after each.

`send` journals one command (after the tick it needs, and after a `Continue` while work waits, as the node does) and
asserts: the same bytes of events in both modes, the refusal that the model expects, the model's fills, the reason it
gives for the end of an order, every numbered invariant, and the model's books, positions, margins, wallets, marks,
indices and fund.  The order and the pace of the engine's own work is taken from its events, and each of them checked.
`finish` compares rows, roots and a restored snapshot.
"""

import ctypes
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from enum import IntEnum

from outcry.engine import reading
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    AccountState,
    Code,
    ConditionStage,
    ConstituentState,
    DeleveragePolicy,
    EndReason,
    EventKind,
    InstrumentState,
    LadderStep,
    MarkMethod,
    OrderType,
    PegKind,
    Role,
    SelfTrade,
    Side,
    StateCause,
    TableNumber,
    TakeoverPhase,
    TakeoverStage,
    TaskKind,
    TimeInForce,
    TriggerReference,
    VenueState,
)
from outcry.simulation.auditor import Auditor
from outcry.simulation.auditor_compared import compare as compare_books
from tests.engine.plain import plain_engine
from tests.engine.worlds import START_NS, number_words, of_kind
from tests.laws import commands, invariants
from tests.laws.model import Order
from tests.laws.venue_model import ENDS
from tests.laws.working_model import WorkingModel

ALL_EVERY = 8
"""After every so many commands what is available to everybody is compared; in between, to who sent the command."""

MEMBERS: dict[EventKind, tuple[str, type[IntEnum]]] = {
    EventKind.LIQUIDATION_STEP: ("step", LadderStep),
    EventKind.TAKEOVER_CHANGED: ("stage", TakeoverStage),
    EventKind.CONSTITUENT_JUDGED: ("state", ConstituentState),
    EventKind.MARK_MOVED: ("method", MarkMethod),
    EventKind.DELEVERAGED: ("policy", DeleveragePolicy),
    EventKind.INSTRUMENT_STATE_SET: ("state", InstrumentState),
    EventKind.ACCOUNT_STATE_SET: ("state", AccountState),
    EventKind.VENUE_STATE_SET: ("state", VenueState),
    EventKind.SELF_TRADE_SET: ("self_trade", SelfTrade),
    EventKind.PLACED: ("order_type", OrderType),
}
"""Events whose member of an enumeration is counted by its name."""
ALSO: dict[EventKind, dict[str, type[IntEnum]]] = {
    EventKind.PLACED: {"time_in_force": TimeInForce},
    EventKind.CONDITIONED: {"stage": ConditionStage, "trigger_reference": TriggerReference, "peg_kind": PegKind},
    EventKind.TRIGGERED: {"stage": ConditionStage},
    EventKind.INSTRUMENT_STATE_SET: {"cause": StateCause},
    EventKind.ACCOUNT_STATE_SET: {"cause": StateCause},
    EventKind.VENUE_STATE_SET: {"cause": StateCause},
}
"""More of them, where they are not 0."""


def terms_of(order: layout.OrderRow) -> tuple[int, ...]:
    """An order in the book, as far as the model knows it."""
    terms = (order.order_id, order.leaves_quantity, order.price_ticks, order.quantity)
    return (*terms, order.display_quantity, order.shown_quantity)


def shown_levels(book: list[Order]) -> dict[int, tuple[int, int]]:
    """What the model's book shows at each price: quantity and orders."""
    levels: dict[int, tuple[int, int]] = {}
    for order in book:
        if order.visible:
            quantity, orders = levels.get(order.ticks, (0, 0))
            levels[order.ticks] = quantity + order.visible, orders + 1
    return levels


class Trio:
    """Three venues that must not differ."""

    def __init__(self, twin: Engine | None = None) -> None:
        self.engine = Engine()
        self.twin = twin or plain_engine()
        self.model = WorkingModel({}, {})
        self.now_ns = START_NS
        self.sent = 0
        self.counts: Counter[str] = Counter()
        self.journal: list[tuple[int, ctypes.LittleEndianStructure]] = []
        """Times and commands, as they were handed in."""
        self.restarted = False
        self.auditor: Auditor | None = Auditor()
        """Who hears every entry and keeps books of his own; none of a copy."""
        self.levels: dict[tuple[int, bool], dict[int, tuple[int, int]]] = {}
        """By instrument and side what has been said of each price: quantity and orders."""
        self.trailed = False
        """Whether something trailed when the entry began."""
        self.idle = False
        """Whether the engine's own work is left waiting, as no node would."""
        self.units: Callable[[], int] = lambda: layout.WORK_UNITS_MAX
        """How much of it is done before a command."""

    def copy(self) -> "Trio":
        """Three venues in the same state, the engines from a snapshot of the compiled one, as after a clean stop."""
        data = self.engine.snapshot()
        fresh = Trio.__new__(Trio)
        fresh.engine, fresh.twin, fresh.model = Engine.restore(data), plain_engine(data), deepcopy(self.model)
        fresh.now_ns, fresh.sent, fresh.counts, fresh.restarted = self.now_ns, self.sent, Counter(), False
        fresh.trailed, fresh.auditor = False, None
        fresh.idle, fresh.units, fresh.journal, fresh.levels = self.idle, self.units, [], deepcopy(self.levels)
        return fresh

    def restart(self) -> None:
        """The compiled engine goes on from a snapshot; the other one does not notice."""
        self.engine = Engine.restore(self.engine.snapshot())
        self.restarted = True

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now_ns += int(seconds * 10**9)

    def send(
        self, record: ctypes.LittleEndianStructure, at_ns: int | None = None, repeated: bool = False
    ) -> list[wire.Event]:
        """One command at the present time, or an entry of just that time, or with an old number of its origin."""
        if at_ns is None and 0 < self.engine.next_due_ns <= self.now_ns and not isinstance(record, layout.Tick):
            self.send(layout.Tick())
        own_entry = isinstance(record, (layout.Tick, layout.Continue, layout.Resume))
        if at_ns is None and self.engine.work_waiting and not self.idle and not own_entry:
            self.send(commands.carry_on(self.units()))
        self.sent += 1
        time_ns, number = self.now_ns if at_ns is None else at_ns, 1 if repeated else self.sent
        entry = wire.encode_entry(
            record,
            sequence=self.engine.sequence + 1,
            time_ns=time_ns,
            origin=1,
            origin_sequence=number,
            salt=number_words(self.sent, 16),
        )
        fills = len(self.model.fills)
        self.journal.append((time_ns, record))
        self.model.ranking_before = self.engine.tables.venue.takeover_phase != TakeoverPhase.PHASE_CLOSING
        self.model.waiting, done = self.waiting(), self.engine.tables.venue.tasks_done
        self.trailed = self.model.trailing() > 0
        expected = self.model.apply(record, time_ns, 1, number)
        own = self.engine.apply(entry)
        assert self.twin.apply(entry) == own, "the modes differ"
        if self.auditor is not None:
            self.auditor.hear(entry, own)
        events = list(wire.events_of(own))
        self.model.waiting = self.waiting()
        self.model.follow(events, self.engine.tables.venue.tasks_done > done)
        self.agree(events, expected, fills)
        self.compare(getattr(record, "account", 0))
        return events

    def waiting(self) -> set[TaskKind]:
        """Kinds of the engine's own work that wait."""
        venue, tasks = self.engine.tables.venue, self.engine.tables.tasks
        numbers = range(venue.tasks_done, venue.tasks_made)
        return {TaskKind(tasks[1 + number % layout.TASKS].kind) for number in numbers}

    def agree(self, events: list[wire.Event], expected: str, fills: int) -> None:
        """Refusal, fills and the order's end are the model's."""
        codes = [Code(record.code).name for record in of_kind(events, EventKind.REFUSED)]
        assert codes == ([expected] if expected else []), f"refused {codes}, by the model {expected or 'not'}"
        self.counts[expected or "taken"] += 1
        made = [
            (
                one.instrument,
                one.taker_order_id,
                one.maker_order_id,
                one.price_ticks,
                one.quantity,
                one.maker_hidden,
                one.auction,
            )
            for one in of_kind(events, EventKind.FILL)
        ]
        assert made == self.model.fills[fills:]
        self.counts["fills"] += len(made)
        self.counts["orders"] += len(of_kind(events, EventKind.PLACED))
        ended = of_kind(events, EventKind.ENDED)
        ends = [EndReason(record.reason) for record in ended]
        self.counts.update(reason.name for reason in ends)
        told = [(one.order_id, one.stage, one.reached_subticks) for one in of_kind(events, EventKind.TRIGGERED)]
        assert told == self.model.triggered
        self.model.triggered.clear()
        indicated = of_kind(events, EventKind.AUCTION_INDICATED)
        prices = [(one.instrument, one.fixed, (one.price_ticks, one.volume, one.surplus)) for one in indicated]
        assert prices == self.model.prices
        pegged = getattr(self.journal[-1][1], "peg_kind", 0)
        if pegged and of_kind(events, EventKind.PLACED):
            self.counts[PegKind(pegged).name] += 1
        self.model.prices.clear()
        assert sorted((one.order_id, one.reason, one.code) for one in ended) == sorted(self.model.over)
        self.model.over.clear()
        for one in of_kind(events, EventKind.LEVEL_CHANGED):
            levels = self.levels.setdefault((one.instrument, one.side == Side.BUY), {})
            levels[one.price_ticks] = (one.quantity, one.orders)
            if not one.quantity:
                del levels[one.price_ticks]
        outcome = self.model.outcome
        if outcome:
            self.counts[f"outcome {outcome}"] += 1
            assert outcome not in ENDS or ENDS[outcome] in ends, (outcome, ends)
        for event in events:
            kind = EventKind(event.head.kind)
            self.counts[f"event {kind.name}"] += 1
            if kind in MEMBERS:
                name, of = MEMBERS[kind]
                self.counts[of(getattr(event.record, name)).name] += 1
            for name, more in ALSO.get(kind, {}).items():
                if getattr(event.record, name):
                    self.counts[more(getattr(event.record, name)).name] += 1
        self.counts.update(kind.name for kind in self.waiting())

    def compare(self, account: int = 0) -> None:
        """All invariants and all that the model knows; what is available of one account, and of all now and then."""
        tables, model = self.engine.tables, self.model
        invariants.check(tables)
        for number, terms in model.terms.items():
            row = tables.instruments[number]
            assert row.mark_subticks == model.marks.get(number, 0)
            for buys, side in ((True, Side.BUY), (False, Side.SELL)):
                book = model.book(number, buys)
                ours = [(o.number, o.leaves, o.ticks, o.quantity, o.display, o.shown) for o in book]
                orders = [tables.orders[slot] for slot in reading.queue(tables, number, side)]
                assert [terms_of(one) for one in orders] == ours
                assert self.levels.get((number, buys), {}) == shown_levels(book), "what was said of the levels"
            assert row.currency == terms.currency
        self.compare_waiting()
        for slot in reading.used(tables, TableNumber.POSITIONS_TABLE):
            held = tables.positions[slot]
            key = (held.account, held.instrument)
            position, mode = model.position(*key), model.mode(*key)
            known = [position.quantity, position.cost, position.lifetime]
            unpaid = model.epochs[held.instrument].unpaid.get(held.account, 0) if mode.isolated else 0
            known += [mode.leverage_centi, mode.isolated, mode.moved, mode.loss - unpaid, mode.steps]
            theirs = [held.quantity, held.cost_minor, held.lifetime_cost_minor]
            theirs += [held.leverage_centi, held.isolated, held.moved_margin_minor, held.loss_minor, held.risk_steps]
            assert theirs == known, (key, theirs, known)
            model.ages[key] = slot
        self.compare_prices()
        self.compare_money(account if self.sent % ALL_EVERY else 0)
        assert tables.venue.cancel_only == model.cancel_only
        second_ns = (model.time_ns // layout.TRAIL_NS + 1) * layout.TRAIL_NS
        # A task that was done while something still trailed has planned the next second, whatever came after it.
        due = (model.due_ns, min(model.due_ns, second_ns)) if self.trailed else (model.due_ns,)
        assert self.engine.next_due_ns in due
        model.due_ns = self.engine.next_due_ns
        assert tables.venue.next_order_id == model.next_order

    def compare_waiting(self) -> None:
        """Orders that wait or are bound, as they are and as they were said to go on."""
        tables, model = self.engine.tables, self.model
        theirs = {}
        for slot in reading.used(tables, TableNumber.CONDITIONS_TABLE):
            row = tables.conditions[slot]
            if not row.order:
                continue
            order = tables.orders[row.order]
            numbers = (row.stage, row.trigger_reference, row.rising, row.trigger_subticks, row.contingency, row.primary)
            trails = (row.peg_kind, row.peg_offset_subticks, row.peg_reference_subticks)
            theirs[order.order_id] = (*numbers, *trails, order.quantity, order.price_ticks)
        ours = {}
        for number, one in model.conditions.items():
            kind = PegKind.PEG_TRAILING if one.trails else 0
            numbers = (one.stage, one.reference, one.rising, one.trigger, one.contingency, one.primary)
            trails = (kind, one.offset, one.followed)
            ours[number] = (*numbers, *trails, one.order.quantity, one.order.ticks)
        released = sum(one.stage == ConditionStage.STAGE_RELEASED for one in model.conditions.values())
        self.counts[ConditionStage.STAGE_RELEASED.name] += released
        assert theirs == ours, sorted(set(theirs.items()) ^ set(ours.items()))

    def compare_prices(self) -> None:
        """Indices with their sources, what is measured of own books, and fundings."""
        tables, model = self.engine.tables, self.model
        for number, index in model.indices.items():
            one = tables.indices[number]
            theirs = (one.value_units, one.next_value_units, bool(one.held), one.active)
            assert theirs == (index.units, index.next_units, index.held, len(index.active())), number
            for slot, source in index.sources.items():
                judged = tables.constituents[slot]
                known = (source.state, source.price, source.weight, source.next_weight, source.near_since_ns)
                own = (
                    judged.state,
                    judged.price_units,
                    judged.weight_ppm,
                    judged.next_weight_ppm,
                    judged.near_since_ns,
                )
                assert own == known, (number, slot, own, known)
        for number, look in model.looks.items():
            row, epoch = tables.instruments[number], model.epochs[number]
            measured = (row.impact_bid_subticks, row.impact_ask_subticks, row.basis_rate_ppb, row.anchor_subticks)
            assert measured == (look.impact_bid, look.impact_ask, look.basis_ppb, look.anchor), number
            rates = (row.premium_sum_ppb, row.premium_samples, row.indicative_rate_ppb, row.funding_rate_ppb)
            assert rates == (look.premiums, look.samples, look.indicative_ppb, model.rates[number]), number
            funding = (row.epoch, row.epoch_rate_ppb, row.epoch_lot_minor, row.next_funding_ns, bool(row.sweeping))
            assert funding == (epoch.number, epoch.rate_ppb, epoch.lot, epoch.next_ns, epoch.sweeping), number
            assert row.epoch_pot_minor == epoch.pot - sum(epoch.unpaid.values())
            assert (row.state, row.last_price_ticks) == (model.instrument_states[number], look.last)
            taken = [(one.number, one.quantity, one.cost, one.ticks) for one in model.takeovers.values()]
            taken = [one for one in taken if model.takeovers[one[0]].instrument == number]
            slots, slot = [], row.first_takeover
            while slot:
                slots.append(tables.takeovers[slot])
                slot = tables.takeovers[slot].next
            assert [(one.takeover, one.quantity, one.cost_minor, one.price_ticks) for one in slots] == taken

    def compare_money(self, account: int) -> None:
        """Wallets and fees of all, and what is available in every currency to one account, or with 0 to all."""
        tables, model = self.engine.tables, self.model
        for slot in reading.used(tables, TableNumber.WALLETS_TABLE):
            row = tables.wallets[slot]
            if row.account == Role.FEES:
                assert row.balance_minor == model.fees.get(row.currency, 0)
            elif row.account in (Role.INSURANCE, Role.TAKEOVER):
                known = model.balance(row.account, row.currency)
                assert row.balance_minor == known, (Role(row.account).name, row.balance_minor, known)
            elif row.account == Role.EPOCHS:
                assert row.balance_minor == model.in_pots(row.currency)
            elif row.account >= layout.ROLES:
                unpaid = model.unpaid(row.account, row.currency)
                assert row.balance_minor == model.balance(row.account, row.currency) + unpaid, row.account
                if account not in (0, row.account) or unpaid:
                    continue
                available = reading.margin_of(tables, row.account, row.currency).available_minor
                assert available == model.available(row.account, row.currency)

    def finish(self) -> None:
        """The same logical rows and root in both modes and after a restart; the same derived rows if there was none."""
        self.compare_money(0)
        if self.auditor is not None:
            compare_books(self.auditor.books, self.engine.tables)
        root, data = self.engine.roots(), self.engine.snapshot()
        assert self.twin.roots() == root
        assert self.twin.snapshot() == data
        assert Engine.restore(data).roots() == root
        for name in () if self.restarted else layout.TABLE_ROWS:
            assert bytes(getattr(self.engine.tables, name)) == bytes(getattr(self.twin.tables, name)), name
