"""The stream's middle: sessions, who wants which rows, entries in, frames out.

`observe` is told every applied entry, after the views; `flush` gives everything that happened since the last one to
everybody who wants it.  Whoever owns the event loop calls `flush` between the application of a frame and everything
that waits for the frame: `wake` is called when there is something to flush.  Who is written to first rotates (`turns`).
Nothing here waits, sleeps or reads a clock that was not handed in.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from outcry.gateway.answers import Refusal
from outcry.gateway.delays import Delays
from outcry.gateway.dialect import messages
from outcry.gateway.limits import Bucket, Limiter
from outcry.gateway.stream.accounts import AccountNews
from outcry.gateway.stream.arrivals import Arrivals
from outcry.gateway.stream.contracts import CONTRACT_TABLES, ContractNews
from outcry.gateway.stream.market import MarketNews
from outcry.gateway.stream.risk import RISK_TABLES, RiskNews
from outcry.gateway.stream.session import Line, Session, text_frame
from outcry.gateway.stream.settings import StreamSettings
from outcry.gateway.stream.states import STATE_TABLES, StateNews
from outcry.gateway.stream.topics import Topic, Wanted
from outcry.gateway.stream.turns import Turns
from outcry.gateway.venue import Venue
from outcry.protocol.wire import Entry, Event
from outcry.views.kept import TradeView
from outcry.views.orders import ExecutionView
from outcry.views.tops import QuoteView

BROKEN = 1011
NANO = 10**9


class Hub:
    """All clients of one gateway's stream."""

    def __init__(
        self,
        venue: Venue,
        limiter: Limiter,
        settings: StreamSettings | None = None,
        stopwatch_ns: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        self.venue = venue
        self.limiter = limiter
        self.settings = settings or StreamSettings()
        self.arrivals = Arrivals(self.settings)
        self.wake: Callable[[], None] = lambda: None
        self.wake_after: Callable[[float], None] = lambda seconds: None
        self.sessions: dict[Session, None] = {}
        self._subscribers: dict[Wanted, dict[Session, None]] = {}
        self._listened: dict[int, int] = {}
        """How many private topics there are of an account."""
        self._put_by: list[Session] = []
        self._partials: dict[Wanted, tuple[int, int, bytes]] = {}
        self._has_news = False
        self._stopwatch_ns = stopwatch_ns
        self._applied_ns = 0
        """When the first entry was applied of which nothing has been told yet."""
        self._turns = Turns()
        self._numbers = 0
        self._gone = Delays()
        """Of sessions that have left."""
        self._market = MarketNews(venue, self, self.settings.book_interval_s)
        self._risk = RiskNews(venue, self)
        self._states = StateNews(venue, self)
        self._contracts = ContractNews(venue, self)
        self._accounts = AccountNews(venue, self, self.settings.account_interval_ns)
        venue.recent.listeners.append(self)
        venue.sessions = self.sessions_of

    # What happens.

    def executed(self, view: ExecutionView) -> None:
        """Something happened to an order."""
        if self.sessions:
            self._accounts.executed(view)

    def traded(self, instrument: int, view: TradeView) -> None:
        """A trade happened."""
        if self.sessions:
            self._market.traded(instrument, view)

    def quoted(self, instrument: int, view: QuoteView) -> None:
        """The touch changed."""
        if self.sessions:
            self._market.quoted(instrument, view)

    def observe(self, entry: Entry, events: Sequence[Event]) -> None:
        """An entry has been applied, and the views know it."""
        if not self.sessions:
            return
        self._market.observe(entry, events)
        self._risk.observe(events)
        self._states.observe(events)
        self._contracts.observe(events)
        self._accounts.observe(entry, events)
        if not self._has_news:
            self._has_news = True
            self._applied_ns = self._stopwatch_ns()
            self.wake()

    def flush(self) -> None:
        """Give out what happened.  Whatever goes wrong here, no client is left with half of it."""
        if not self._has_news:
            return
        self._has_news = False
        news = (self._market, self._risk, self._states, self._contracts, self._accounts)
        self._give_out(self._applied_ns, *(one.flush for one in news))

    def flush_books(self) -> None:
        """Give out what has changed in books, once their interval is over."""
        # These have waited on purpose, so how long says nothing about anybody's turn.
        self._give_out(0, self._market.flush_books)

    def flush_books_after(self, seconds: float) -> None:
        """Have `flush_books` called then."""
        self.wake_after(seconds)

    def _give_out(self, applied_ns: int, *flushes: Callable[[], None]) -> None:
        try:
            for flush in flushes:
                flush()
        except BaseException:
            for session in list(self.sessions):
                session.close(BROKEN, "The stream has failed; connect again")
            raise
        self.deliver(applied_ns)

    def deliver(self, applied_ns: int = 0) -> None:
        """Write what was put by for each client, in the order of their turn; since when it waited, if it is counted."""
        put_by, self._put_by = self._turns.order(self._put_by), []
        if not applied_ns:
            for session in put_by:
                session.deliver()
            return
        together = len(put_by)
        for place, session in enumerate(put_by):
            session.deliver()
            session.note_turn(place, together, self._stopwatch_ns() - applied_ns)

    def sessions_of(self, account: int) -> list[dict[str, Any]]:
        """What the owner of an account is shown of his sessions, the oldest first."""
        return [session.told() for session in self.sessions if session.account == account]

    def delays(self) -> Delays:
        """How long it took to write to everybody, those who have left among them."""
        found = Delays()
        found.add(self._gone)
        for session in self.sessions:
            found.add(session.delays)
        return found

    # Who listens.

    def join(self, line: Line, address: str) -> Session:
        """A client has connected; it is welcomed."""
        now = self.venue.clock()
        bucket = Bucket(
            self.settings.operations_kept, self.settings.operations_kept / self.settings.operations_per_second, now
        )
        self._numbers += 1
        session = Session(line, self.settings, bucket, address, self._numbers)
        self.sessions[session] = None
        remaining = self.arrivals.remaining(address, now)
        self.say(session, messages.welcome(int(now * NANO), remaining))
        return session

    def leave(self, session: Session) -> None:
        """A client has gone."""
        session.is_closed = True
        if session in self.sessions:
            del self.sessions[session]
            self._gone.add(session.delays)
        for wanted in list(session.topics):
            self._drop(session, wanted)
        if not self.sessions:
            self._market.forget()
            self._risk.forget()
            self._states.forget()
            self._contracts.forget()
            self._partials.clear()
            self._has_news = False

    def subscribe(self, session: Session, topic: Topic, reply: bytes) -> None:
        """The client gets the reply, the topic's partial and, from then on, its changes.  Raises `Refusal`.

        A topic that it has already is replied to and not told again, because some clients would keep its rows twice.
        """
        if session not in self.sessions:
            return
        if topic.wanted in session.topics:
            self.say(session, reply)
            return
        if len(session.topics) >= self.settings.topics_max:
            raise Refusal(400, f"At most {self.settings.topics_max} topics can be subscribed to on one line.")
        session.topics[topic.wanted] = topic
        self._subscribers.setdefault(topic.wanted, {})[session] = None
        if topic.account:
            self._listened[topic.account] = self._listened.get(topic.account, 0) + 1
        self.say(session, reply)
        self._put(session, self._partial(topic))

    def unsubscribe(self, session: Session, topic: Topic) -> bool:
        """The client gets no more of it; whether it did before."""
        if topic.wanted not in session.topics:
            return False
        self._drop(session, topic.wanted)
        return True

    def _drop(self, session: Session, wanted: Wanted) -> None:
        topic = session.topics.pop(wanted)
        session.missed.pop(wanted, None)
        listeners = self._subscribers[wanted]
        del listeners[session]
        if not listeners:
            del self._subscribers[wanted]
        if topic.account:
            self._listened[topic.account] -= 1
            if not self._listened[topic.account]:
                del self._listened[topic.account]
                self._accounts.forget(topic.account)

    def drained(self, session: Session) -> None:
        """Everything written to the client has gone; what it missed is made good by new partials."""
        session.is_behind = False
        if not session.missed:
            return
        self.flush()
        missed, session.missed = session.missed, {}
        for wanted in missed:
            self._put(session, self._partial(session.topics[wanted]))
        self.deliver()

    def _partial(self, topic: Topic) -> bytes:
        """Made once for all who ask before anything else happens, when it is public."""
        if topic.account:
            return text_frame(self._accounts.partial(topic))
        state = self.venue.recent.sequence, self._market.books_told
        kept = self._partials.get(topic.wanted)
        if kept is None or kept[:2] != state:
            kept = self._partials[topic.wanted] = *state, text_frame(self._news_of(topic).partial(topic))
        return kept[2]

    def _news_of(self, topic: Topic) -> MarketNews | RiskNews | StateNews | ContractNews:
        if topic.table.name in CONTRACT_TABLES:
            return self._contracts
        if topic.table.name in STATE_TABLES:
            return self._states
        return self._risk if topic.table.name in RISK_TABLES else self._market

    # What they get.

    def say(self, session: Session, message: bytes) -> None:
        """Put a message by for one client."""
        self._put(session, text_frame(message))

    def _put(self, session: Session, frames: bytes) -> None:
        if not session.has_frames:
            self._put_by.append(session)
        session.put(frames)

    def wants(self, table: str, scopes: Sequence[str]) -> bool:
        """Whether anybody wants rows of a public table that are in any of these scopes."""
        return any(Wanted(table, 0, scope) in self._subscribers for scope in scopes)

    def publish(self, table: str, scopes: Sequence[str], frames: bytes) -> None:
        """Put frames with such rows by for everybody who wants them."""
        reached: set[Session] = set()
        for scope in scopes:
            wanted = Wanted(table, 0, scope)
            listeners = self._subscribers.get(wanted)
            if not listeners:
                continue
            for session in listeners:
                if session in reached:
                    continue
                was_empty = not session.has_frames
                session.put_change(frames, wanted)
                if was_empty and session.has_frames:
                    self._put_by.append(session)
            if scope != scopes[-1]:
                reached.update(listeners)

    def wants_account(self, account: int) -> bool:
        """Whether anybody listens to this account."""
        return account in self._listened

    def accounts(self) -> Iterable[int]:
        """All accounts that somebody listens to."""
        return list(self._listened)

    def publish_private(self, table: str, account: int, scopes: Sequence[str], frames: bytes) -> None:
        """Put frames with an account's rows by for everybody who wants them."""
        reached: dict[Session, None] = {}
        for scope in scopes:
            reached.update(self._subscribers.get(Wanted(table, account, scope), {}))
        for session in reached:
            self._put(session, frames)
