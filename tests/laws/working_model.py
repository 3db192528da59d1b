"""The plain model beside the engine's own work (CMD-10): what each of its events must have been.

How much is done by one `Continue`, and for whom first, is the engine's to say; the model follows its events one by one,
does the same with its own numbers and asserts that it was due and right.
"""

from dataclasses import dataclass

from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    DeleveragePolicy,
    EndReason,
    EventKind,
    InstrumentState,
    Role,
    Side,
    TakeoverStage,
    TaskKind,
)
from tests.laws.model import Order
from tests.laws.takeover_model import Round, Takeover
from tests.laws.venue_model import ENDS, VenueModel


@dataclass
class WorkingModel(VenueModel):
    """The whole venue of the model."""

    worked_at: tuple[int, int] = (0, 0)
    """The takeover whose stage was said last, and the stage."""
    ranking_before: bool = False
    """Whether a ranking was under way when this entry began."""
    exact_round: bool = False

    def follow(self, events: list[wire.Event], finished: bool) -> None:
        """What the engine says it did of itself in this entry, and whether it finished a task; a command's own doing
        was the command's."""
        for event in events:
            said = getattr(self, f"said_{EventKind(event.head.kind).name.lower()}", None)
            if said is not None:
                said(event.record)
        self.settle(0)
        self.nobody_is_left()
        if finished:
            self.plan()
        if self.moved and self.trades:
            self.marks_moved()
        if TaskKind.TASK_EXAMINE not in self.waiting and self.trades:
            self.all_helped()

    def said_ended(self, said: layout.Ended) -> None:
        """Orders that work of the engine has cancelled."""
        if said.reason == EndReason.ENDED_DEAD_MAN:
            account, due = min(self.switches.items(), key=lambda item: item[1])
            own = [order.number for order in self.all_open() if order.account == account]
            assert (account, max(own)) == (said.account, said.order_id)
            assert due[0] <= self.time_ns
            self.cancel(said.order_id, EndReason.ENDED_DEAD_MAN)
        elif self.works and said.reason in (EndReason.ENDED_AUCTION, EndReason.ENDED_SELF_TRADE):
            self.ended_in_auction(said)
        elif said.reason == EndReason.ENDED_DAY:
            assert said.order_id == self.over_by_day()[0]
            self.cancel(said.order_id, EndReason.ENDED_DAY)
        elif said.reason == EndReason.ENDED_REFUSED and said.order_id in self.released:
            self.refused_to_go_on(said.order_id)
        elif said.reason == EndReason.ENDED_DELEVERAGED:
            own = [order.number for order in self.open_orders(said.account, said.instrument)]
            assert said.order_id == max(own)
            self.cancel(said.order_id, EndReason.ENDED_DELEVERAGED)
        elif said.account == Role.TAKEOVER and said.reason == EndReason.ENDED_CANCELED:
            order = self.find(said.order_id)
            assert order is not None
            assert self.is_past(self.takeovers[order.takeover])
            self.cancel(said.order_id)

    def said_dead_man_set(self, said: layout.DeadManSet) -> None:
        if said.fired:
            assert not any(order.account == said.account for order in self.all_open())
            del self.switches[said.account]

    def said_liquidation_step(self, said: layout.LiquidationStep) -> None:
        self.said_step(said)

    def said_fee_tier_set(self, said: layout.FeeTierSet) -> None:
        """FEE-03."""
        assert self.tiers[said.account] == (self.time_ns // layout.DAY_NS, said.tier)

    def said_funding_swept(self, said: layout.FundingSwept) -> None:
        self.said_swept(said)

    def said_taken_over(self, said: layout.TakenOver) -> None:
        """LIQ-05: the last takeover is what the model made of the step before."""
        taken = self.takeovers[self.takeovers_made]
        assert (said.takeover, said.instrument, said.account) == (taken.number, taken.instrument, taken.victim)
        assert (said.position_quantity, said.bankrupt_minor) == (taken.quantity, taken.cost)
        assert said.price_ticks == taken.ticks

    def said_takeover_changed(self, said: layout.TakeoverChanged) -> None:
        """A stage; what is sent next is sent for this takeover."""
        self.worked_at = (said.takeover, said.stage)
        taken = self.takeovers.get(said.takeover)
        if said.stage == TakeoverStage.TAKEOVER_CLOSED:
            assert taken is None

    def said_placed(self, said: layout.Placed) -> None:
        """LIQ-06, LIQ-07: an order of the takeover whose stage was said last."""
        if said.account != Role.TAKEOVER:
            return
        number, stage = self.worked_at
        taken = self.takeovers[number]
        order = Order(self.next_order, Role.TAKEOVER, taken.instrument, taken.quantity < 0, 0, 0, said.price_ticks)
        order.quantity = order.leaves = said.quantity
        order.takeover = number
        self.next_order += 1
        assert (said.order_id, said.instrument) == (order.number, order.instrument)
        assert self.tradable(taken.instrument)
        assert self.trades
        if stage != TakeoverStage.TAKEOVER_FUND:
            assert (said.quantity, said.price_ticks) == (abs(taken.quantity), taken.ticks)
            self.closes(order, "gtc")
            return
        assert self.is_past(taken) or not taken.ticks
        ticks, lots = self.level_to_take(taken)
        assert (said.price_ticks, said.quantity) == (ticks, lots * self.terms[taken.instrument].lot)
        self.closes(order, "ioc")

    def closes(self, order: Order, force: str) -> None:
        """An order of a takeover does what it does."""
        outcome = self.place(order, force)
        if outcome in ENDS:
            self.end(order, ENDS[outcome])

    def said_deleveraging_ranked(self, said: layout.DeleveragingRanked) -> None:
        """ADL-01: a round of deleveraging; if it was ranked in one entry, as the model ranks now."""
        ranking = self.rank(said.instrument, said.side == Side.BUY, said.need_quantity)
        self.exact_round = not self.ranking_before
        if self.exact_round:
            assert (said.eligible, said.eligible_quantity) == (len(ranking.order), sum(ranking.quantities.values()))

    def said_deleveraged(self, said: layout.Deleveraged) -> None:
        """ADL-02, ADL-03: the first of the ranking who is still eligible and can bear it."""
        taken, number, account = self.takeovers[said.takeover], said.instrument, said.account
        ranking = self.rounds[number, taken.quantity > 0]
        assert self.is_past(taken)
        assert self.eligible(account, taken.quantity > 0, number)
        # It passes the test here; if what is taken makes it fail, that is looked at when marks move again.
        self.to_help.discard(self.subject_of(account, number))
        assert self.open_orders(account, number) == []
        if self.exact_round:
            self.check_turn(said, taken, ranking)
        ranking.taken[account] = ranking.taken.get(account, 0) + said.quantity
        assert self.bears(taken, account, said.quantity)
        assert abs(self.deleverage(taken, account, said.quantity)) == said.value_minor
        assert said.position_quantity == self.position(account, number).quantity

    def check_turn(self, said: layout.Deleveraged, taken: Takeover, ranking: Round) -> None:
        """Whose turn it is, and how much of his is taken; the same for the policies that are not followed."""
        number, long = taken.instrument, taken.quantity > 0
        while ranking.order[0] != said.account:
            first = ranking.order.pop(0)
            ranking.gone += 1
            quantity = self.quantity_to_take(taken, ranking, first)
            able = quantity and self.eligible(first, long, number) and self.bears(taken, first, quantity)
            assert not able, f"account {first} came before account {said.account}"
        account, lot = said.account, self.terms[number].lot
        assert said.quantity == self.quantity_to_take(taken, ranking, account)
        assert (said.score, said.rank) == (ranking.scores[account], ranking.gone + 1)
        own, need = ranking.quantities[account], ranking.need
        assert said.queue_quantity == min(own, max(0, need - ranking.before(account, True)))
        assert said.pro_rata_quantity == self.in_proportion(ranking, account, lot)
        if said.policy != DeleveragePolicy.RANKED:
            assert said.ranked_quantity == min(own, max(0, need - ranking.before(account, False)))

    def said_instrument_state_set(self, said: layout.InstrumentStateSet) -> None:
        """ADL-02: where nobody is left only reducing goes on; or an auction is over."""
        if self.works and self.instrument_states[said.instrument] == InstrumentState.INSTRUMENT_UNCROSSING:
            self.conclude_auction(said)
        elif self.works and said.state == InstrumentState.INSTRUMENT_REDUCING:
            self.instrument_states[said.instrument] = said.state
