"""What a seed means: sizes, a schedule of traders' actions and a schedule of faults, drawn before anything happens.

Every action and fault has a number and chance of its own, so some of them can be left out and the others stay what they
were; that is how a failing plan is made smaller (`Plan.only`).  Which kinds of fault there are in a run, and how often,
is drawn too: some runs know one kind only, which then comes often.
"""

import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from outcry.simulation.faults import FAULTS
from outcry.simulation.processes import Chosen
from outcry.simulation.traders import ACTIONS
from outcry.simulation.world import SECOND_NS

SECONDS = (2, 6)
ACTIONS_A_SECOND = (6, 26)
WEIGHTS = {"place": 12, "cross": 6, "stop": 6, "bulk": 4, "amend": 4, "linked": 3, "cancel": 3, "peg": 2, "look": 1}
"""How often each action comes, beside those that come once."""


@dataclass(frozen=True)
class Step:
    """Something that is to happen at a time."""

    number: int
    at_ns: int
    kind: str
    who: int
    """Which trader; 0 of a fault."""


@dataclass(frozen=True)
class Plan:
    """All that is decided beforehand."""

    seed: int
    traders: int
    length_ns: int
    chosen: Chosen
    feed_ms: int
    actions: tuple[Step, ...]
    faults: tuple[Step, ...]

    def chance(self, step: Step, what: str) -> random.Random:
        """Chance of a step's own."""
        return random.Random(f"{self.seed}/{what}/{step.number}")

    def only(
        self,
        actions: Collection[int] | None = None,
        faults: Collection[int] | None = None,
        length_ns: int | None = None,
    ) -> "Plan":
        """The same with these actions and faults only, and no longer than that."""
        end_ns = self.length_ns if length_ns is None else min(length_ns, self.length_ns)
        return replace(
            self,
            length_ns=end_ns,
            actions=_kept(self.actions, actions, end_ns),
            faults=_kept(self.faults, faults, end_ns),
        )


def _kept(steps: tuple[Step, ...], numbers: Collection[int] | None, end_ns: int) -> tuple[Step, ...]:
    return tuple(
        step for step in steps if step.at_ns <= end_ns and (numbers is None or step.number in frozenset(numbers))
    )


def plan_of(seed: int, kinds: Sequence[str] = ()) -> Plan:
    """The plan of a seed; with faults of these kinds only, if any are named."""
    chance = random.Random(f"plan {seed}")
    length_ns = chance.randint(*SECONDS) * SECOND_NS
    traders = chance.randint(3, 6)
    chosen = Chosen(
        root_every=chance.choice((16, 32, 64)),
        segment_bytes=chance.choice((16 << 10, 32 << 10, 64 << 10)),
        snapshot_seconds=chance.choice((0.0, 0.2, 1.0)),
        waiting_bytes=chance.choice((8 << 10, 64 << 10, 1 << 20)),
        cache_bytes=chance.choice((1 << 10, 64 << 10)),
        frame_bytes=chance.choice((1 << 10, 8 << 10, 256 << 10)),
    )
    count = chance.randint(*ACTIONS_A_SECOND) * length_ns // SECOND_NS
    actions = _steps(chance, count, length_ns, lambda: _action(chance), traders)
    every = sorted(FAULTS)
    known = list(kinds) or chance.sample(every, chance.choice((1, 2, 4, 8, len(every))))
    faults = _steps(chance, chance.randint(2, 14), length_ns, lambda: chance.choice(known), 1)
    return Plan(seed, traders, length_ns, chosen, chance.choice((200, 500, 1_000)), actions, faults)


def _action(chance: random.Random) -> str:
    kinds = list(ACTIONS)
    return chance.choices(kinds, [WEIGHTS.get(kind, 1) for kind in kinds])[0]


def _steps(
    chance: random.Random, count: int, length_ns: int, kind: Callable[[], str], traders: int
) -> tuple[Step, ...]:
    times = sorted(chance.randrange(length_ns) for _ in range(count))
    return tuple(Step(number, at_ns, kind(), chance.randrange(traders)) for number, at_ns in enumerate(times))
