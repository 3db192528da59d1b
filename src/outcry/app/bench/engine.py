"""`outcry bench engine`: the budgets of the engine, one row each, and beside them what explains them.

Matching alone and its floor, every rule, latencies, the trie against a dense ladder, a replay with every hash, and
what an order, a position and an empty book cost in memory.
"""

from collections.abc import Iterator

from outcry.app.bench import journal, memory, sparse
from outcry.app.bench.figures import Figure, Options, Report, at_least, at_most, plain, report
from outcry.app.bench.speed import FLOOR, LADDER, RULES, TRIE, Speeds, by_kind, measure, percentiles
from outcry.app.bench.stream import Stream

LAPS = 5
LAPS_SMALL = 2
BUDGET_BARE = 10_000_000
BUDGET_FLOOR = 5
BUDGET_RULES = 3_000_000
BUDGET_LATENCY_NS = 2_000
NAMES = {TRIE: "matching only", RULES: "every rule"}


def run(options: Options) -> Report:
    """Measure.  Raises `TooSlow` uncompiled unless small."""
    commands = options.count()
    stream = Stream(commands, options.seed)
    speeds = measure(stream, LAPS_SMALL if options.small else LAPS)
    rows = [*bulk_rows(speeds), *latency_rows(speeds, TRIE), *latency_rows(speeds, RULES), *kind_rows(speeds)]
    rows += sparse.rows(options.small)
    rows += journal.rows(Stream(min(commands, journal.COMMANDS), options.seed))
    rows += memory.rows(options.small)
    notes = [
        f"trades: trie {speeds.trades[TRIE]:,}, ladder {speeds.trades[LADDER]:,}, every rule {speeds.trades[RULES]:,} "
        f"(a taker that meets its own account is expired there), refused {speeds.refused:,}",
        f"latencies contain the clock's own {speeds.clock_ns:.0f} ns and leave out the first {skipped_of(speeds):,} "
        "commands",
    ]
    return report("engine", commands, options.seed, rows, notes)


def bulk_rows(speeds: Speeds) -> Iterator[Figure]:
    """Throughput, the floor and the ladder."""
    bulk = speeds.bulk
    yield at_least("matching only", 1e9 / bulk[TRIE], "commands/s", BUDGET_BARE)
    yield plain("matching only", bulk[TRIE], "ns/command")
    yield plain("floor: the same lines touched", bulk[FLOOR], "ns/command")
    yield at_most("matching only / floor", bulk[TRIE] / bulk[FLOOR], "times", BUDGET_FLOOR)
    yield plain("matching only, dense ladder", bulk[LADDER], "ns/command")
    yield plain("trie / ladder", bulk[TRIE] / bulk[LADDER], "times")
    yield at_least("every rule", 1e9 / bulk[RULES], "commands/s", BUDGET_RULES)
    yield plain("every rule", bulk[RULES], "ns/command")
    yield plain("every rule / matching only", bulk[RULES] / bulk[TRIE], "times")


def latency_rows(speeds: Speeds, name: str) -> Iterator[Figure]:
    """Percentiles of one run, and of each command's least over all runs; the budget is for matching only."""
    skipped = skipped_of(speeds)
    for stamps, method in ((speeds.single[name], "one run"), (speeds.least[name], "least of all runs")):
        for share, spent in percentiles(stamps[skipped:]).items():
            label = f"{NAMES[name]}, {share}, {method}"
            if name == TRIE and share == "p99.9":
                yield at_most(label, spent, "ns", BUDGET_LATENCY_NS)
            else:
                yield plain(label, spent, "ns")


def kind_rows(speeds: Speeds) -> Iterator[Figure]:
    """Where the time goes, by kind of command."""
    for name in (TRIE, RULES):
        for kind, spent in by_kind(speeds, name, skipped_of(speeds)).items():
            yield plain(f"{NAMES[name]}, {kind}, mean of least", spent, "ns")


def skipped_of(speeds: Speeds) -> int:
    """Commands left out of latencies: the book is filled, and as many again."""
    return min(20_000, speeds.commands // 5)
