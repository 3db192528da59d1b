"""What happened in a scenario, counted from its events; nothing of it is asked of the engine."""

from collections import Counter

from outcry.protocol.layout import EventKind, LadderStep, Role, TakeoverStage
from outcry.protocol.wire import Event


class Tally:
    """The watcher of a market."""

    def __init__(self) -> None:
        self.steps: Counter[str] = Counter()
        """Steps of the ladder, by name."""
        self.liquidated: set[int] = set()
        """Accounts that had at least one."""
        self.taken: Counter[int] = Counter()
        """Contracts taken over, by instrument."""
        self.deleveraged: Counter[int] = Counter()
        self.filled: Counter[int] = Counter()
        """Contracts that takeovers' orders traded."""
        self.deleveragings = 0
        self.rounds = 0
        self.alternatives: dict[int, Counter[str]] = {}
        """Contracts by instrument that each policy would have taken of those who were taken from; no event tells what
        it would have taken of others."""
        self._weighed: set[tuple[int, int, int]] = set()
        self.stuck: set[int] = set()
        """Takeovers for which nobody was left."""
        self.takeovers = 0
        self.lowest_fund: dict[int, int] = {}
        """By currency."""
        self.fund_in: Counter[int] = Counter()
        self.fund_out: Counter[int] = Counter()
        self.refused = 0
        self.funded = 0

    def see(self, event: Event) -> None:
        """One event."""
        kind, record = event.head.kind, event.record
        if kind == EventKind.FILL:
            for account in (record.taker_account, record.maker_account):
                self.filled[record.instrument] += record.quantity if account == Role.TAKEOVER else 0
        elif kind == EventKind.LIQUIDATION_STEP:
            self.steps[LadderStep(record.step).name] += 1
            self.liquidated.add(record.account)
        elif kind == EventKind.TAKEN_OVER:
            self.takeovers += 1
            self.taken[record.instrument] += record.quantity
        elif kind == EventKind.TAKEOVER_CHANGED:
            if record.stage == TakeoverStage.TAKEOVER_STUCK:
                self.stuck.add(record.takeover)
        elif kind == EventKind.DELEVERAGED:
            self.deleveragings += 1
            self.deleveraged[record.instrument] += record.quantity
            # A position that is taken from twice in a round is told of twice, with the same alternatives.
            key = (self.rounds, record.instrument, record.account)
            if key not in self._weighed:
                self._weighed.add(key)
                policies = self.alternatives.setdefault(record.instrument, Counter())
                policies["RANKED"] += record.ranked_quantity
                policies["QUEUE"] += record.queue_quantity
                policies["PRO_RATA"] += record.pro_rata_quantity
        elif kind == EventKind.DELEVERAGING_RANKED:
            self.rounds += 1
        elif kind == EventKind.FUND_MOVED:
            lowest = self.lowest_fund.get(record.currency, record.fund_minor)
            self.lowest_fund[record.currency] = min(lowest, record.fund_minor)
            side = self.fund_in if record.amount_minor > 0 else self.fund_out
            side[record.currency] += abs(record.amount_minor)
        elif kind == EventKind.FUNDED:
            self.funded += 1
        elif kind == EventKind.REFUSED:
            self.refused += 1
