"""The plain model beside the engine's own work (CMD-10): what each of its events must have been.

How much is done by one `Continue`, and for whom first, is the engine's to say; the model follows its events one by one,
does the same with its own numbers and asserts that it was due and right.
"""

from dataclasses import dataclass, field
from typing import Any

from outcry.protocol import layout, wire
from outcry.protocol.layout import EndReason, EventKind, InstrumentState, Role, TakeoverStage, TaskKind
from tests.laws.venue_model import VenueModel


@dataclass
class WorkingModel(VenueModel):
    """The whole venue of the model."""

    last_stage: dict[int, int] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    """What has happened that a history ought to meet."""

    def follow(self, events: list[wire.Event], finished: bool) -> None:
        """What the engine says it did of itself in this entry, and whether it finished a task; a command's own doing
        was the command's."""
        for event in events:
            said = getattr(self, f"said_{EventKind(event.head.kind).name.lower()}", None)
            if said is not None:
                said(event.record)
        self.settle(0)
        if finished:
            self.plan()
        if self.moved and not self.cancel_only:
            self.marks_moved()
        if TaskKind.TASK_EXAMINE not in self.waiting and not self.cancel_only:
            self.all_helped()

    def said_ended(self, said: layout.Ended) -> None:
        """ORD-12: of the switch that went off first, newest first."""
        if said.reason != EndReason.ENDED_DEAD_MAN:
            return
        account, due = min(self.switches.items(), key=lambda item: item[1])
        own = [order.number for book in self.books.values() for order in book if order.account == account]
        assert (account, max(own)) == (said.account, said.order_id)
        assert due[0] <= self.time_ns
        self.cancel(said.order_id)

    def said_dead_man_set(self, said: layout.DeadManSet) -> None:
        if said.fired:
            assert not any(order.account == said.account for book in self.books.values() for order in book)
            del self.switches[said.account]

    def said_liquidation_step(self, said: layout.LiquidationStep) -> None:
        self.said_step(said)

    def said_funding_swept(self, said: layout.FundingSwept) -> None:
        self.said_swept(said)

    def said_fill(self, said: layout.Fill) -> None:
        """LIQ-06, LIQ-07: an order of a takeover takes what is best."""
        if said.taker_account == Role.TAKEOVER:
            self.takeover_takes(said)

    def said_takeover_changed(self, said: layout.TakeoverChanged) -> None:
        self.seen.append(TakeoverStage(said.stage).name)
        self.takeover_changes(said)

    def said_deleveraged(self, said: layout.Deleveraged) -> None:
        self.takeover_deleverages(said)

    def said_instrument_state_set(self, said: layout.InstrumentStateSet) -> None:
        """ADL-02: where nobody is left only reducing goes on."""
        if said.state == InstrumentState.INSTRUMENT_REDUCING:
            self.instrument_states[said.instrument] = said.state

    def takeover_takes(self, said: Any) -> None:
        """To be written when its engine part is there."""

    def takeover_changes(self, said: Any) -> None:
        """To be written when its engine part is there."""

    def takeover_deleverages(self, said: Any) -> None:
        """To be written when its engine part is there."""
