"""Histories and crises for the trio, counted: what they have seen, and what they should have seen and have not.

`run` plays them, `tell(counts)` says in words what they have met and `wanting(counts)` what is missing, so that they
never become vacuous.  `python -m tests.laws.histories --histories 200 --commands 500` plays as many, by seed in turn
histories of every mistake (history.py), crises (crises.py), of every order (vocabulary.py), of orders that wait
(waiting.py), of auctions (auctions.py) and of contracts that end (lifetimes.py), and prints both (`make histories`).
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from enum import IntEnum

from outcry.engine.engine import Engine
from outcry.protocol.codes import REFUSALS
from outcry.protocol.layout import (
    AccountState,
    BondStage,
    ConditionStage,
    ConstituentState,
    DeleveragePolicy,
    DocketStage,
    EndReason,
    EventKind,
    InstrumentState,
    InstrumentType,
    LadderStep,
    MarginMethod,
    MarkMethod,
    OrderType,
    PegKind,
    SelfTrade,
    SettlementKind,
    SettlementPhase,
    StateCause,
    TakeoverStage,
    TaskKind,
    TimeInForce,
    TriggerReference,
    VenueState,
)
from tests.laws.auctions import Auctions
from tests.laws.crises import Crisis
from tests.laws.history import History
from tests.laws.lifetimes import Lifetimes
from tests.laws.mistakes import UNREACHABLE
from tests.laws.vocabulary import Vocabulary
from tests.laws.waiting import Waiting

Kind = type[History] | type[Lifetimes]
KINDS: tuple[Kind, ...] = (History, Crisis, Vocabulary, Waiting, Auctions, Lifetimes)
"""By the seed in turn."""
FILLED_SHARE = 0.2
UNREACHED = {
    "RISK_PARAMETERS_SET": "no command sets them yet",
    "HALTED": "only after a broken invariant: tests/engine/test_faults.py",
    "TAKEOVER_NEW": "a takeover is told as TakenOver",
    "SOURCE_WAITING": "a source waits from the start; it only goes back to that when weights leave it out",
}
"""What no history need meet, and why."""
OUTCOMES = (
    "rests",
    "keeps",
    "filled",
    "nothing left",
    "post only",
    "killed",
    "self trade",
    "ioc",
    "market",
    "bankruptcy",
)
MET: tuple[type[IntEnum], ...] = (
    EndReason,
    LadderStep,
    TakeoverStage,
    ConstituentState,
    MarkMethod,
    DeleveragePolicy,
    TaskKind,
    OrderType,
    TimeInForce,
    SelfTrade,
    PegKind,
    TriggerReference,
    ConditionStage,
    InstrumentState,
    AccountState,
    VenueState,
    StateCause,
    SettlementKind,
    SettlementPhase,
    DocketStage,
    BondStage,
    MarginMethod,
)
"""Every member of these is met by all histories together."""
LIVED = (
    *(f"traded {kind.name}" for kind in InstrumentType if kind != InstrumentType.SPREAD),
    *(f"settled {kind} BY_AVERAGE" for kind in ("PERPETUAL", "FUTURE", "CALL", "PUT")),
    *(f"settled {kind} BY_DECLARATION" for kind in ("FUTURE", "CALL", "PUT")),
    *(f"settled {kind} at nothing" for kind in ("CALL", "PUT", "PREDICTION")),
    "settled PREDICTION BY_OUTCOME",
    "settled PREDICTION BY_VOID",
    "settled takeovers",
    "settlement fees",
    "converted to PERPETUAL",
    "converted to FUTURE",
    "legs",
    "spreads over",
    "units of settlements",
    "ended with nothing",
)
"""What contracts that begin, change and end have met besides (lifetimes.py)."""


def reachable() -> list[str]:
    """The names of all refusals that a history can meet."""
    return [refusal.name for refusal in REFUSALS if refusal.name not in UNREACHABLE]


def wanting(counts: Counter[str]) -> list[str]:
    """What the histories should have seen and have not; nothing if they are not vacuous."""
    missing = [name for name in reachable() if not counts[name]]
    missing += [one.name for kind in MET for one in kind if not counts[one.name] and one.name not in UNREACHED]
    missing += [
        f"event {one.name}" for one in EventKind if not counts[f"event {one.name}"] and one.name not in UNREACHED
    ]
    missing += [f"outcome {name}" for name in OUTCOMES if not counts[f"outcome {name}"]]
    missing += [name for name in LIVED if not counts[name]]
    if counts["ENDED_FILLED"] < FILLED_SHARE * counts["orders"]:
        missing.append(f"{FILLED_SHARE:.0%} of the orders filled")
    return missing


def tell(counts: Counter[str]) -> list[str]:
    """The counts in words."""
    orders, filled = counts["orders"], counts["ENDED_FILLED"]
    refused = {name: counts[name] for name in (refusal.name for refusal in REFUSALS) if counts[name]}
    met = {kind.__name__: {one.name: counts[one.name] for one in kind if counts[one.name]} for kind in MET}
    return [
        f"commands  {counts['commands']:,} in {counts['histories']:,} histories, alike in both modes (and in the model, where there is one)",
        f"orders    {orders:,}, of which {filled:,} filled ({filled / max(1, orders):.1%}), {counts['fills']:,} fills",
        f"refused   {sum(refused.values()):,} with {len(refused)} of {len(reachable())} reachable codes",
        *(f"          {number:7,} {name}" for name, number in refused.items()),
        "lifetimes: " + ", ".join(f"{counts[name]:,} {name}" for name in LIVED if counts[name]),
        *(f"{kind}: " + ", ".join(f"{number:,} {name}" for name, number in of.items()) for kind, of in met.items()),
        "not met   " + (", ".join(wanting(counts)) or "nothing of what there is to meet"),
    ]


def run(
    seeds: range | tuple[int, ...], count: int, twin: Callable[[], Engine] | None = None, kind: Kind = History
) -> Counter[str]:
    """So many commands for each seed; the counts of all."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        history = kind(seed, twin() if twin else None)
        history.run(count)
        counts += history.trio.counts
        counts["histories"] += 1
        counts["commands"] += history.trio.sent
    return counts


def play(seed: int, count: int) -> Counter[str]:
    """One of them, of the kind whose turn it is."""
    return run(range(seed, seed + 1), count, kind=KINDS[seed % len(KINDS)])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--commands", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1_000)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    started, counts = time.perf_counter(), Counter[str]()
    seeds = range(asked.seed, asked.seed + asked.histories)
    with ProcessPoolExecutor(asked.processes) as workers:
        for done, of_one in enumerate(workers.map(play, seeds, [asked.commands] * len(seeds)), 1):
            counts += of_one
            print(f"\r{done} of {asked.histories} histories", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    for line in [*tell(counts), f"took      {time.perf_counter() - started:.0f} s"]:
        print(line)
    if wanting(counts):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
