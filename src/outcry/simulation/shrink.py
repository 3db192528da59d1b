"""A failing plan made smaller: fewer faults, fewer actions, as long as the same law is broken.

Delta debugging: pieces of the schedule are left out, halves first, then smaller ones, and what still fails is gone on
with.  Whatever is left can be named by its numbers (`words`), so the small plan is a command too.  Faults go first,
because a run without most of them is shorter.  Known limit: it stops after so many runs, at something that still fails.
"""

from collections.abc import Callable, Sequence

from outcry.simulation.plan import Plan
from outcry.simulation.processes import Parts
from outcry.simulation.run import Verdict, simulate

RUNS_MAX = 150
Tried = Callable[[int, Plan], None]


def quiet(runs: int, plan: Plan) -> None:
    """For who does not want to be told."""


class Shrinking:
    """One failing plan on its way down."""

    def __init__(self, plan: Plan, verdict: Verdict, parts: Parts, tried: Tried = quiet) -> None:
        assert verdict.failure is not None
        self.plan = plan
        self.verdict = verdict
        self._law = verdict.failure.law
        self._parts = parts
        self._tried = tried
        self._runs = 0

    def shrink(self) -> tuple[Plan, Verdict]:
        """The smallest plan found, and what becomes of it."""
        self._smaller(lambda kept: self.plan.only(faults=kept), [step.number for step in self.plan.faults])
        self._smaller(lambda kept: self.plan.only(actions=kept), [step.number for step in self.plan.actions])
        self._smaller(lambda kept: self.plan.only(faults=kept), [step.number for step in self.plan.faults])
        last_ns = max((step.at_ns for step in (*self.plan.actions, *self.plan.faults)), default=0)
        self._fails(self.plan.only(length_ns=last_ns))
        return self.plan, self.verdict

    def _smaller(self, only: Callable[[Sequence[int]], Plan], numbers: list[int]) -> None:
        """Leave out what can be left out of these numbers."""
        size = len(numbers)
        while size >= 1:
            start = 0
            while start < len(numbers):
                kept = numbers[:start] + numbers[start + size :]
                if self._fails(only(kept)):
                    numbers = kept
                else:
                    start += size
            size = min(size, len(numbers)) // 2

    def _fails(self, plan: Plan) -> bool:
        """Whether it still fails in the same way; then it is gone on with."""
        if self._runs >= RUNS_MAX:
            return False
        self._runs += 1
        verdict = simulate(plan, self._parts)
        self._tried(self._runs, plan)
        if verdict.failure is None or verdict.failure.law != self._law:
            return False
        self.plan, self.verdict = plan, verdict
        return True


def words(plan: Plan) -> str:
    """What of a plan is left, as the options of the command that plays it."""
    faults, actions = (spans([step.number for step in steps]) for steps in (plan.faults, plan.actions))
    milliseconds = -(-plan.length_ns // 10**6)
    return f"--seed {plan.seed} --faults {faults} --actions {actions} --milliseconds {milliseconds}"


def spans(numbers: Sequence[int]) -> str:
    """Numbers as `0-4,7`, or `none`."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(f"{low}-{high}" if low < high else str(low) for low, high in found) or "none"


def numbers_of(text: str) -> frozenset[int]:
    """What `spans` wrote.  Raises `ValueError`."""
    if text == "none":
        return frozenset()
    pairs = [part.partition("-") for part in text.split(",")]
    return frozenset(number for low, _, high in pairs for number in range(int(low), int(high or low) + 1))
