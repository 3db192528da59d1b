"""Fundings, the insurance funds and takeovers of late, from events.

First the rows, then `RiskRecent`, which keeps them.  An insurance fund has a row for every noon (UTC) since its
currency was listed, and one of its last change since; a takeover is kept while something of it is left.  Fundings and
noons are bounded, the oldest are forgotten here (history keeps them).  The engine is read only where a restart has
left a gap: for the epoch that its instrument stands at, for the funds and for takeovers.
"""

from collections.abc import Callable, Iterable

import msgspec

from outcry.engine.reading import used
from outcry.protocol.layout import (
    EventKind,
    FundingFixed,
    FundMoved,
    Moved,
    Role,
    Side,
    TableNumber,
    TakenOver,
    TakeoverChanged,
    TakeoverStage,
)
from outcry.protocol.wire import Entry, Event
from outcry.views.bounded import Bounded
from outcry.views.directory import Directory, Listing, State

KEPT_FUNDINGS = 2_000
KEPT_NOONS = 1_000
DAY_NS = 86_400 * 10**9
NOON_NS = DAY_NS // 2


class FundingView(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A funding epoch of an instrument; `time_ns` is the stamp it was due at, `lot_minor` a lot's value there."""

    sequence: int
    time_ns: int
    instrument: int
    epoch: int
    rate_ppb: int
    interval_ns: int
    lot_minor: int
    mark_subticks: int


class FundView(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An insurance fund at a noon, or as its last change has left it."""

    time_ns: int
    currency: int
    balance_minor: int


class TakeoverView(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A position that was taken over and is not closed yet, as everybody may see it; `side` is that of its order."""

    takeover: int
    instrument: int
    order_id: int
    side: int
    price_ticks: int
    leaves_quantity: int
    stage: int

    @classmethod
    def of(cls, record: TakenOver) -> "TakeoverView":
        """As it begins."""
        return cls(
            takeover=record.takeover,
            instrument=record.instrument,
            order_id=record.order_id,
            side=record.side,
            price_ticks=record.price_ticks,
            leaves_quantity=record.quantity,
            stage=TakeoverStage.TAKEOVER_NEW,
        )

    def after(self, record: TakeoverChanged) -> "TakeoverView":
        """As it has come further."""
        return msgspec.structs.replace(self, leaves_quantity=record.leaves_quantity, stage=record.stage)


class KeptRisk(msgspec.Struct):
    """All of it as it is written down."""

    fundings: dict[int, list[FundingView]] = {}
    noons: dict[int, list[FundView]] = {}
    funds: list[FundView] = []
    takeovers: list[TakeoverView] = []


def noon_after(time_ns: int) -> int:
    """The next noon after this time."""
    return time_ns - (time_ns - NOON_NS) % DAY_NS + DAY_NS


def funding_stamp(listing: Listing, time_ns: int) -> int:
    """The last funding time up to this one; the time itself where nothing is due."""
    interval = listing.funding_interval_ns
    return time_ns - (time_ns - listing.funding_offset_ns) % interval if interval else time_ns


class RiskRecent:
    """The keeper of it."""

    def __init__(self, state: State, directory: Directory) -> None:
        self.fundings: dict[int, Bounded[FundingView]] = {}
        """By instrument, oldest first."""
        self.noons: dict[int, Bounded[FundView]] = {}
        """By currency, oldest first."""
        self.funds: dict[int, FundView] = {}
        """By currency, as they stand."""
        self.takeovers: dict[int, TakeoverView] = {}
        """By number."""
        self._state = state
        self._directory = directory
        self._next_noon_ns = 0
        self.handlers: dict[int, Callable[[Entry, Event], None]] = {
            EventKind.CURRENCY_LISTED: self._currency_listed,
            EventKind.FUNDING_FIXED: self._funding_fixed,
            EventKind.FUND_MOVED: self._fund_moved,
            EventKind.TAKEOVER_CHANGED: self._takeover_changed,
        }
        """What is told by kind of event."""

    # What is told.

    def advance(self, time_ns: int) -> None:
        """It is this time now: the noons that have passed are noted."""
        if not self._next_noon_ns:
            self._next_noon_ns = noon_after(time_ns)
        while self._next_noon_ns <= time_ns:
            for number, fund in self.funds.items():
                self._noons_of(number).append(FundView(self._next_noon_ns, number, fund.balance_minor))
            self._next_noon_ns += DAY_NS

    def _currency_listed(self, entry: Entry, event: Event) -> None:
        """A currency has a fund from here on."""
        self.funds[event.record.currency] = FundView(entry.head.time_ns, event.record.currency, 0)

    def _funding_fixed(self, entry: Entry, event: Event) -> None:
        """A funding epoch has begun."""
        record: FundingFixed = event.record
        listing = self._directory.listing(record.instrument)
        view = FundingView(
            sequence=entry.head.sequence,
            time_ns=funding_stamp(listing, entry.head.time_ns),
            instrument=record.instrument,
            epoch=record.epoch,
            rate_ppb=record.rate_ppb,
            interval_ns=listing.funding_interval_ns,
            lot_minor=record.lot_minor,
            mark_subticks=record.mark_subticks,
        )
        self._fundings_of(record.instrument).append(view)

    def _fund_moved(self, entry: Entry, event: Event) -> None:
        """The fund of a currency has another balance."""
        record: FundMoved = event.record
        self.funds[record.currency] = FundView(entry.head.time_ns, record.currency, record.fund_minor)

    def moved(self, record: Moved, time_ns: int) -> None:
        """Money has moved between wallets, one of which may be a fund's."""
        if record.to_account == Role.INSURANCE:
            self.funds[record.currency] = FundView(time_ns, record.currency, record.to_balance_minor)
        elif record.from_account == Role.INSURANCE:
            self.funds[record.currency] = FundView(time_ns, record.currency, record.from_balance_minor)

    def taken_over(self, record: TakenOver) -> None:
        """A position was taken over."""
        self.takeovers[record.takeover] = TakeoverView.of(record)

    def _takeover_changed(self, entry: Entry, event: Event) -> None:
        """A takeover has come further; one of which nothing is left is forgotten."""
        record: TakeoverChanged = event.record
        known = self.takeovers.get(record.takeover)
        if not record.leaves_quantity:
            self.takeovers.pop(record.takeover, None)
        elif known is not None:
            self.takeovers[record.takeover] = known.after(record)

    def _fundings_of(self, instrument: int) -> Bounded[FundingView]:
        return self.fundings.setdefault(instrument, Bounded(maxlen=KEPT_FUNDINGS))

    def _noons_of(self, currency: int) -> Bounded[FundView]:
        return self.noons.setdefault(currency, Bounded(maxlen=KEPT_NOONS))

    # What is asked.

    def epoch(self, instrument: int, epoch: int) -> FundingView:
        """That epoch; as far as the engine's row tells it when it began unobserved, else zeros."""
        for view in reversed(self.fundings.get(instrument, ())):
            if view.epoch == epoch:
                return view
        row = self._state.tables.instruments[instrument]
        rate_ppb, lot_minor = (row.epoch_rate_ppb, row.epoch_lot_minor) if row.epoch == epoch else (0, 0)
        return FundingView(0, 0, instrument, epoch, rate_ppb, row.funding_interval_ns, lot_minor, 0)

    def fund_rows(self, currency: int) -> list[FundView]:
        """A fund at every noon that is kept, and after it the last change since, if there was one."""
        rows = list(self.noons.get(currency, ()))
        fund = self.funds.get(currency)
        if fund is not None and (not rows or fund.time_ns > rows[-1].time_ns):
            rows.append(fund)
        return rows

    # A restart.

    def dump(self) -> KeptRisk:
        """As it is written down."""
        return KeptRisk(
            fundings={number: list(kept) for number, kept in self.fundings.items()},
            noons={number: list(kept) for number, kept in self.noons.items()},
            funds=list(self.funds.values()),
            takeovers=list(self.takeovers.values()),
        )

    def load(self, kept: KeptRisk, time_ns: int) -> None:
        """Take over what was written down at that time."""
        for number, fundings in kept.fundings.items():
            self._fundings_of(number).restore(fundings)
        for number, noons in kept.noons.items():
            self._noons_of(number).restore(noons)
        self._begin(kept.funds, kept.takeovers, time_ns)

    def adopt(self, time_ns: int) -> None:
        """Begin with what the engine's tables say at this time."""
        tables = self._state.tables
        funds = []
        for currency in self._directory.currencies():
            wallet = tables.currencies[currency.number].role_wallets + Role.INSURANCE
            funds.append(FundView(time_ns, currency.number, tables.wallets[wallet].balance_minor))
        rows = (tables.takeovers[slot] for slot in used(tables, TableNumber.TAKEOVERS_TABLE))
        takeovers = [
            TakeoverView(
                takeover=row.takeover,
                instrument=row.instrument,
                order_id=row.order_id,
                side=Side.SELL if row.quantity > 0 else Side.BUY,
                price_ticks=row.price_ticks,
                leaves_quantity=abs(row.quantity),
                stage=row.stage,
            )
            for row in rows
            if row.quantity
        ]
        self._begin(funds, sorted(takeovers, key=lambda one: one.takeover), time_ns)

    def _begin(self, funds: Iterable[FundView], takeovers: Iterable[TakeoverView], time_ns: int) -> None:
        self.funds = {one.currency: one for one in funds}
        self.takeovers = {one.takeover: one for one in takeovers}
        self._next_noon_ns = noon_after(time_ns) if time_ns else 0
