"""What the events said of why: marks, indices, fundings, liquidations and deleveragings, kept for who asks.

`Reasons.observe` is called once for every applied entry, in order.  Of marks, indices and sources the latest is kept;
of fundings the latest epochs; of an account the latest steps of its liquidations, of all accounts so many together, the
oldest going first.  `begun_sequence` tells from where on all is known.  Never changes anything, computes nothing.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from outcry.protocol.layout import EventKind
from outcry.protocol.wire import Event, events_of

EPOCHS = 1_000
PER_ACCOUNT = 1_000
IN_ALL = 200_000
TAKEOVERS = 20_000
ROUNDS = 20_000

OF_INSTRUMENT = {
    EventKind.MARK_MOVED,
    EventKind.PREMIUM_SAMPLED,
    EventKind.FUNDING_SKIPPED,
}
OF_EPOCH = {EventKind.FUNDING_FIXED, EventKind.FUNDING_SWEPT}
OF_ACCOUNT = {EventKind.LIQUIDATION_STEP, EventKind.TAKEN_OVER, EventKind.DELEVERAGED, EventKind.FUNDED}
KNOWN = frozenset(
    {
        *OF_INSTRUMENT,
        *OF_EPOCH,
        *OF_ACCOUNT,
        EventKind.INDEX_MOVED,
        EventKind.CONSTITUENT_JUDGED,
        EventKind.TAKEOVER_CHANGED,
        EventKind.DELEVERAGING_RANKED,
    }
)
FUNDED = EventKind.FUNDED
Key = tuple[int, ...]


class KeptReasons(NamedTuple):
    """All of it as it is written down."""

    begun_sequence: int
    events: list[Event]

    def packed(self) -> bytes:
        """As bytes."""
        parts = (bytes(part) for event in self.events for part in event)
        return self.begun_sequence.to_bytes(8, "little") + b"".join(parts)

    @classmethod
    def unpacked(cls, data: bytes) -> "KeptReasons":
        """From bytes.  Raises `Malformed`."""
        return cls(int.from_bytes(data[:8], "little"), list(events_of(memoryview(data)[8:])))


class Reasons:
    """The observer."""

    def __init__(self) -> None:
        self.begun_sequence = 0
        """First entry that was observed; 0 before any."""
        self._latest: dict[Key, Event] = {}
        self._epochs: dict[Key, Event] = {}
        self._takeovers: dict[int, list[Event]] = {}
        self._accounts: dict[int, deque[Event]] = {}
        self._order: deque[int] = deque()
        self._rounds: deque[Event] = deque(maxlen=ROUNDS)

    def observe(self, sequence: int, events: Sequence[Event]) -> None:
        """An entry has been applied, and these are its events."""
        if not self.begun_sequence:
            self.begun_sequence = sequence
        for event in events:
            kind = event.head.kind
            # Thousands of these come at once.
            if kind == FUNDED:
                self._keep_of(event.record.account, event)
            elif kind in KNOWN:
                self._keep(kind, event)

    def dump(self) -> "KeptReasons":
        """All of it, for `load` after a clean restart; what has been said never changes, so only lists are made."""
        kept = [*self._latest.values(), *self._epochs.values(), *self._rounds]
        for events in (*self._takeovers.values(), *self._accounts.values()):
            kept += events
        return KeptReasons(self.begun_sequence, kept)

    def load(self, kept: "KeptReasons") -> None:
        """Take over what another has dumped, as if it had been observed here."""
        self.begun_sequence = kept.begun_sequence
        for event in sorted(kept.events, key=place_of):
            self._keep(event.head.kind, event)

    def _keep(self, kind: int, event: Event) -> None:
        record = event.record
        if kind in OF_INSTRUMENT:
            self._latest[kind, record.instrument] = event
        elif kind == EventKind.INDEX_MOVED:
            self._latest[kind, record.index] = event
        elif kind == EventKind.CONSTITUENT_JUDGED:
            self._latest[kind, record.constituent] = event
        elif kind in OF_EPOCH:
            self._epochs[kind, record.instrument, record.epoch] = event
            while len(self._epochs) > EPOCHS:
                del self._epochs[next(iter(self._epochs))]
        elif kind in OF_ACCOUNT:
            self._keep_of(record.account, event)
        elif kind == EventKind.DELEVERAGING_RANKED:
            self._rounds.append(event)
        else:
            self._keep_takeover(event)

    def _keep_of(self, account: int, event: Event) -> None:
        """Of an account so many, of all so many together."""
        kept = self._accounts.get(account)
        if kept is None:
            kept = self._accounts[account] = deque(maxlen=PER_ACCOUNT)
        if len(kept) < PER_ACCOUNT:
            self._order.append(account)
        kept.append(event)
        if len(self._order) > IN_ALL:
            oldest = self._order.popleft()
            self._accounts[oldest].popleft()
            if not self._accounts[oldest]:
                del self._accounts[oldest]

    def _keep_takeover(self, event: Event) -> None:
        self._takeovers.setdefault(event.record.takeover, []).append(event)
        while len(self._takeovers) > TAKEOVERS:
            del self._takeovers[next(iter(self._takeovers))]

    def latest(self, kind: EventKind, number: int) -> Event | None:
        """The last event of a kind about an instrument, an index or a source."""
        return self._latest.get((kind, number))

    def of_epoch(self, kind: EventKind, instrument: int, epoch: int) -> Event | None:
        """What was said of a funding epoch."""
        return self._epochs.get((kind, instrument, epoch))

    def last_epoch(self, instrument: int) -> int:
        """The number of the instrument's latest epoch that is known here, 0 if none is."""
        fixed = (key[2] for key in self._epochs if key[:2] == (EventKind.FUNDING_FIXED, instrument))
        return max(fixed, default=0)

    def of_account(self, account: int, *kinds: EventKind) -> list[Event]:
        """What happened to an account, oldest first."""
        return [event for event in self._accounts.get(account, ()) if event.head.kind in kinds]

    def of_takeover(self, takeover: int) -> list[Event]:
        """How a takeover went, oldest first."""
        return self._takeovers.get(takeover, [])

    def owners(self, takeover: int) -> Iterator[int]:
        """The account whose position a takeover took, if that is known here."""
        for account, kept in self._accounts.items():
            if any(one.head.kind == EventKind.TAKEN_OVER and one.record.takeover == takeover for one in kept):
                yield account

    def round_of(self, event: Event) -> Event | None:
        """The ranking a deleveraging followed: the instrument's last one that was not later."""
        earlier = (
            one
            for one in reversed(self._rounds)
            if one.record.instrument == event.record.instrument and place_of(one) <= place_of(event)
        )
        return next(earlier, None)


def place_of(event: Event) -> tuple[int, int]:
    """Where an event stands among all."""
    return event.head.sequence, event.head.ordinal


def fields_of(event: Event) -> dict[str, Any]:
    """The numbers of an event, by name."""
    names = (field[0] for field in type(event.record)._fields_ if not field[0].startswith("pad"))
    return {name: value for name in names if isinstance(value := getattr(event.record, name), int)}
