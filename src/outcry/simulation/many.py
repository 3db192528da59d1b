"""Many seeds, one after the other in every worker, and what all of them have reached together.

`play_many` yields verdicts in the order of the seeds.  `missing` says which faults and which rare states none of them
has met: a simulator that never gets there proves nothing about it.
"""

import contextlib
import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

from outcry.simulation.faults import FAULTS
from outcry.simulation.plan import plan_of
from outcry.simulation.processes import Parts
from outcry.simulation.run import Verdict, simulate

AT_ONCE = 8
SEEDS_TO_MEET_ALL = 200
"""So many seeds have to meet everything."""
RARE = (
    "killed node",
    "killed keeper",
    "killed gateway",
    "killed guests",
    "stopped node",
    "power cut",
    "crash of the node at the disk",
    "crash of the keeper at the disk",
    "node ended on its disk",
    "sync failed",
    "write torn",
    "file torn",
    "disk nearly full",
    "snapshot rotten",
    "snapshot passed over",
    "node began with a snapshot",
    "gateway began with a snapshot",
    "line cut",
    "line cut at one end first",
    "partition",
    "slow replica",
    "clock forward",
    "clock back",
    "clock before a funding",
    "no answer in time",
    "overloaded",
    "answer lost",
    "order retried",
    "retry recognised",
    "fate applied",
    "fate refused",
    "fate never",
    "fate forgotten",
    "fate waiting",
    "command RESUME",
    "command CONTINUE",
    "command TRANSFER",
    "command SET_INSTRUMENT_STATE",
    "command SET_ACCOUNT_STATE",
    "event FILL",
    "event FUNDED",
    "event FUNDING_SKIPPED",
    "event ROOT_NOTED",
    "event LIQUIDATION_STEP",
    "event TAKEN_OVER",
    "event DELEVERAGED",
)
"""What all seeds together have to have met, beside every kind of fault."""


def play_many(seeds: Sequence[int], parts: Parts, workers: int, length_ns: int | None = None) -> Iterator[Verdict]:
    """The verdicts of these seeds in their order, made by so many processes; of each plan no more than so long."""
    pieces = [seeds[start : start + AT_ONCE] for start in range(0, len(seeds), AT_ONCE)]
    if workers <= 1:
        for piece in pieces:
            yield from play_some(parts, length_ns, piece)
        return
    with ProcessPoolExecutor(workers) as pool:
        for verdicts in pool.map(partial(play_some, parts, length_ns), pieces):
            yield from verdicts


@contextlib.contextmanager
def naming(seed: int) -> Iterator[None]:
    """What goes wrong inside says in which seed: a mistake of the simulator's own has no verdict to say it."""
    try:
        yield
    except BaseException as problem:
        problem.add_note(f"in seed {seed}")
        raise


def play_some(parts: Parts, length_ns: int | None, seeds: Sequence[int]) -> list[Verdict]:
    """Some of them, in this process."""
    verdicts = []
    for seed in seeds:
        with naming(seed):
            verdicts.append(replace(simulate(plan_of(seed).only(length_ns=length_ns), parts), lines=[]))
    # Worlds are full of cycles, and a run goes faster when nobody looks for them meanwhile.
    gc.collect()
    return verdicts


def missing(counts: Counter[str]) -> list[str]:
    """What has not been met."""
    return [name for name in (*(f"fault {kind}" for kind in FAULTS), *RARE) if not counts[name]]
