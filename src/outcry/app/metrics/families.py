"""Every metric there is: name, kind, labels, who tells it and what it means; and how numbers become samples.

`docs/operating/metrics.md` is this table (`python -m outcry.app.metrics.families`), and a test holds it to that.  A
counter's name ends in `_total`; units are base units and stand in the name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from outcry.gateway.delays import Delays

NANO = 1e9
COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"
NODE, KEEPER, GATEWAY, EVERY, REPLICAS, SUPERVISOR = (
    *("node", "keeper", "gateway", "every process", "every replica", "supervisor"),
)


class Family(msgspec.Struct, frozen=True):
    """One metric."""

    name: str
    kind: str
    labels: tuple[str, ...]
    told_by: str
    meaning: str


FAMILIES = (
    Family("outcry_commands_total", COUNTER, ("kind",), KEEPER, "Entries of the journal, the venue's own among them."),
    Family("outcry_refusals_total", COUNTER, ("kind", "code"), KEEPER, "Commands that the engine refused, and why."),
    Family("outcry_fills_total", COUNTER, ("symbol",), KEEPER, "Trades."),
    Family("outcry_volume_contracts_total", COUNTER, ("symbol",), KEEPER, "Contracts traded."),
    Family("outcry_liquidation_steps_total", COUNTER, ("step",), KEEPER, "Steps of liquidations, by their kind."),
    Family("outcry_takeovers_total", COUNTER, ("symbol",), KEEPER, "Positions taken over at their bankruptcy price."),
    Family("outcry_deleveragings_total", COUNTER, ("symbol",), KEEPER, "Positions reduced by deleveraging."),
    Family("outcry_fundings_total", COUNTER, ("symbol",), KEEPER, "Funding epochs that were fixed."),
    Family("outcry_fundings_skipped_total", COUNTER, ("symbol",), KEEPER, "Fundings that fell into a pause."),
    Family("outcry_resumes_total", COUNTER, (), KEEPER, "Pauses of the clock or of the venue after which it resumed."),
    Family("outcry_open_interest_contracts", GAUGE, ("symbol",), KEEPER, "Sum of the long positions."),
    Family("outcry_mark_price", GAUGE, ("symbol",), KEEPER, "Mark price; in the quote currency."),
    Family("outcry_funding_rate", GAUGE, ("symbol",), KEEPER, "Rate of the funding period under way, as a fraction."),
    Family("outcry_insurance_fund_minor", GAUGE, ("currency",), KEEPER, "The insurance fund, in minor units."),
    Family("outcry_takeovers_open", GAUGE, ("symbol",), KEEPER, "Takeovers of which something is left."),
    Family("outcry_accounts", GAUGE, (), KEEPER, "Accounts that have been opened."),
    Family("outcry_snapshot_age_seconds", GAUGE, (), KEEPER, "Age of the newest snapshot with a journaled root."),
    Family("outcry_root_sequence", GAUGE, (), KEEPER, "Last sequence whose state root stands in the journal."),
    Family("outcry_sequence", GAUGE, ("role",), EVERY, "Last entry applied there; of the node, before it is durable."),
    Family("outcry_lag_seconds", GAUGE, ("role",), REPLICAS, "Age of the last entry applied; below 1 s plus a sync."),
    Family("outcry_lag_entries", GAUGE, ("role",), SUPERVISOR, "Durable at the node and not applied there yet."),
    Family("outcry_halted", GAUGE, ("role",), EVERY, "1 once the books did not add up: nothing is taken any more."),
    Family("outcry_cancel_only", GAUGE, ("role",), EVERY, "1 after a pause until every index is fresh again."),
    Family("outcry_connected", GAUGE, ("role",), REPLICAS, "1 while its line to the node is up."),
    Family("outcry_commands_pending", GAUGE, ("role",), REPLICAS, "Commands handed in and not answered yet."),
    Family(
        "outcry_commands_refused_total",
        COUNTER,
        ("role", "reason"),
        REPLICAS,
        "Commands that were not taken and never act, and why; SHED... are new orders and amendments.",
    ),
    Family("outcry_roots_compared", GAUGE, ("role",), REPLICAS, "Journaled state roots that agreed with its own."),
    Family("outcry_diverged", GAUGE, ("role",), REPLICAS, "1 once it differs from the journal; it has halted then."),
    Family("outcry_durable_sequence", GAUGE, (), NODE, "Last entry on stable storage, published."),
    Family("outcry_frames_total", COUNTER, (), NODE, "Frames, each of which is one group commit."),
    Family("outcry_journal_bytes_total", COUNTER, (), NODE, "Bytes appended to the journal."),
    Family("outcry_frame_bytes", HISTOGRAM, (), NODE, "Bytes of a frame."),
    Family("outcry_frame_entries", HISTOGRAM, (), NODE, "Entries in a frame."),
    Family("outcry_sync_seconds", HISTOGRAM, (), NODE, "Appending frames and syncing them to the disk."),
    Family("outcry_disk_free_bytes", GAUGE, (), NODE, "Free on the disk of the journal."),
    Family("outcry_disk_room", GAUGE, (), NODE, "0 while commands are refused because the disk is nearly full."),
    Family("outcry_unsynced_bytes", GAUGE, (), NODE, "Admitted and not durable yet."),
    Family("outcry_work_waiting", GAUGE, (), NODE, "Tasks in the engine's own queue of work (CMD-10)."),
    Family("outcry_turned_away_total", COUNTER, ("why",), NODE, "Submissions that got no sequence, and why."),
    Family("outcry_orders_waiting_bytes", GAUGE, (), NODE, "Not durable yet when new orders begin to be turned away."),
    Family("outcry_unsent_entries", GAUGE, ("origin",), NODE, "Durable and not sent to that replica yet."),
    Family("outcry_unsent_bytes", GAUGE, ("origin",), NODE, "Sent to that replica and not taken by it yet."),
    Family("outcry_requests_total", COUNTER, ("verb", "route", "status"), GATEWAY, "Requests answered."),
    Family("outcry_request_seconds", HISTOGRAM, ("verb", "route"), GATEWAY, "From the whole request to its answer."),
    Family("outcry_rate_limited_total", COUNTER, (), GATEWAY, "Requests answered with 429."),
    Family("outcry_stream_sessions", GAUGE, (), GATEWAY, "Lines to the stream."),
    Family("outcry_stream_topics", GAUGE, (), GATEWAY, "Subscriptions of all lines."),
    Family("outcry_stream_behind", GAUGE, (), GATEWAY, "Lines with something unread."),
    Family("outcry_stream_unread_bytes", GAUGE, (), GATEWAY, "Written to lines and not taken by them, in all."),
    Family("outcry_stream_unread_bytes_max", GAUGE, (), GATEWAY, "The same of the line with the most."),
    Family("outcry_fan_out_seconds", HISTOGRAM, (), GATEWAY, "From a frame's application to the write to a line."),
    Family("outcry_loop_lag_seconds", HISTOGRAM, ("role",), EVERY, "How late the event loop was, ten times a second."),
    Family("outcry_resident_bytes", GAUGE, ("role",), EVERY, "Memory."),
    Family("outcry_open_files", GAUGE, ("role",), EVERY, "Files and sockets."),
    Family("outcry_cpu_seconds_total", COUNTER, ("role",), EVERY, "Time of the processor."),
    Family("outcry_started_seconds", GAUGE, ("role",), EVERY, "When it was started, UNIX time."),
    Family("outcry_up", GAUGE, ("role",), SUPERVISOR, "1 if that process told its figures just now."),
    Family("outcry_keeper_restarts_total", COUNTER, (), SUPERVISOR, "How often the keeper was started again."),
    Family("outcry_build_info", GAUGE, ("version", "compiled"), SUPERVISOR, "Always 1."),
)
BY_NAME = {family.name: family for family in FAMILIES}

Labels = Sequence[str]
Values = Mapping[str, float] | Mapping[tuple[str, str], float] | Mapping[tuple[str, str, str], float]


def numbers(name: str, values: Values | float) -> Metric:
    """A counter or gauge: a value, or one for each of its labels, or for each combination of them."""
    family = BY_NAME[name]
    kind = CounterMetricFamily if family.kind == COUNTER else GaugeMetricFamily
    made = kind(name, family.meaning, labels=family.labels)
    if not isinstance(values, Mapping):
        made.add_metric([], values)
        return made
    for labels, value in values.items():
        made.add_metric([labels] if isinstance(labels, str) else list(labels), value)
    return made


def durations(name: str, found: Iterable[tuple[Labels, Delays]]) -> Metric:
    """A histogram of times in seconds."""
    made = HistogramMetricFamily(name, BY_NAME[name].meaning, labels=BY_NAME[name].labels)
    for labels, delays in found:
        told = [(repr(bound_ns / NANO), float(reached)) for bound_ns, reached in delays.doublings()]
        made.add_metric(list(labels), [*told, ("+Inf", float(delays.count))], delays.sum_ns / NANO)
    return made


class Sizes:
    """How large something was, counted in doublings from 1 to 2^24."""

    DOUBLINGS = 25

    def __init__(self) -> None:
        self.counts = [0] * self.DOUBLINGS
        self.sum = 0

    def note(self, size: int) -> None:
        """It was so large."""
        self.counts[min(max(size - 1, 0).bit_length(), self.DOUBLINGS - 1)] += 1
        self.sum += size

    def buckets(self) -> Iterator[tuple[str, float]]:
        """How many were at most so large."""
        reached = 0
        for place, count in enumerate(self.counts[:-1]):
            reached += count
            yield str(float(1 << place)), float(reached)
        yield "+Inf", float(reached + self.counts[-1])


def sizes(name: str, found: Sizes) -> Metric:
    """A histogram of sizes."""
    made = HistogramMetricFamily(name, BY_NAME[name].meaning)
    made.add_metric([], list(found.buckets()), found.sum)
    return made


def page() -> str:
    """The document."""
    lines = [
        "# Metrics",
        "",
        "Made from `src/outcry/app/metrics/families.py` by `python -m outcry.app.metrics.families`; a test compares.",
        "How to have them: [README.md](README.md#metrics-health-and-status).",
        "",
        "| metric | kind | labels | told by | |",
        "|---|---|---|---|---|",
    ]
    for one in FAMILIES:
        labels = " ".join(f"`{label}`" for label in one.labels)
        lines.append(f"| `{one.name}` | {one.kind} | {labels} | {one.told_by} | {one.meaning} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
