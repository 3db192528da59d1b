"""`outcry bench NAME`: what things cost on this machine, each figure beside its budget.

A benchmark is a module with `run(options) -> Report`, named in `BENCHES`; the command line needs no more to know.
`figures` holds rows and reports, `stream` the commands that are measured; `pushing` is what measures the WebSocket.
`stopwatch` is the compiled door, with the rooms `bare`, `ladder`, `drawing`, `floor` and `words`; the engine itself
knows no clock.
"""

from outcry.app.bench import engine, gateway, journal, overload, pushing, risk, start
from outcry.app.bench.figures import SEED, Bench, Figure, Options, Report, TooSlow, lines
from outcry.app.bench.gateway import BenchFailed
from outcry.app.bench.stream import Stream, write_journal

BENCHES: dict[str, tuple[Bench, str]] = {
    "engine": (engine.run, "Matching, every rule, latencies, replay and memory, on a mixed stream."),
    "gateway": (gateway.run, "Signed orders over REST on a venue of its own: waits, orders a second, CPU time."),
    "journal": (journal.run, "A stream from disk: replayed, and verified with every hash."),
    "overload": (overload.run, "Ten times the orders that a venue can take: orders are shed, cancels are not."),
    "risk": (risk.run, "Marks, liquidations and funding over a million positions."),
    "start": (start.run, "The start of a venue from its last snapshot, and what a state root costs."),
    "stream": (pushing.run, "Frames to a thousand WebSocket clients, one of whom never reads."),
}
"""Name to benchmark and what it says of itself."""

__all__ = [
    "BENCHES",
    "SEED",
    "Bench",
    "BenchFailed",
    "Figure",
    "Options",
    "Report",
    "Stream",
    "TooSlow",
    "lines",
    "write_journal",
]
