"""A soak from an empty folder to its verdict.

First the venue (`outcry up` as a child, with its metrics on), then load and readings side by side, then the end of the
load, the end of the venue, and what the readings say.  The first `WARM_MINUTES` are not looked at.  Readings are also
written down as they are made, one JSON line each, so that a soak that is cut off is not lost.
Known limits: Linux only; load and venue share this machine.
"""

import asyncio
import contextlib
import signal
import sys
import time
from asyncio.subprocess import Process as Child
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from outcry.app.metrics.door import fetch, values_in
from outcry.app.settings import RECENT_ROWS_MIN, Files
from outcry.app.soak import load, readings, verdict
from outcry.app.soak.readings import Reading
from outcry.app.soak.verdict import Grown
from outcry.client import Credentials

WARM_MINUTES = 10.0
READ_EVERY_S = 5.0
TELL_EVERY_S = 60.0
READY_S, STOP_S = 180.0, 60.0
LISTENERS = 16
RECENT_ROWS = RECENT_ROWS_MIN
"""So little is remembered by the gateway that all of it is full before the readings count."""

Say = Callable[[str], None]


class SoakFailed(Exception):
    """The venue did not live as long as the soak; the message says how it ended."""


class Plan(msgspec.Struct, frozen=True):
    """How long, on what, and with which load."""

    data: Path
    minutes: float
    seed: int
    warm_minutes: float
    listeners: int = LISTENERS
    recent_rows: int = RECENT_ROWS


class Soaked(msgspec.Struct, frozen=True):
    """The report."""

    minutes: float
    warm_minutes: float
    entries: int
    told: dict[str, int]
    memory: list[Grown]
    queues: list[Grown]
    disk_bytes_per_entry: dict[str, float]
    processor_share: dict[str, float]
    stopped_in_order: bool

    @property
    def is_sound(self) -> bool:
        """Whether nothing grew and the venue left in order."""
        return self.stopped_in_order and not any(one.is_growing for one in (*self.memory, *self.queues))


def soak(plan: Plan, say: Say) -> Soaked:
    """Soak a new venue in this folder.  Raises `SoakFailed`."""
    if sys.platform != "linux":
        raise SoakFailed("readings are taken from /proc, which only Linux has")
    if plan.data.exists() and any(plan.data.iterdir()):
        raise SoakFailed(f"{plan.data} is not empty: a soak begins with a venue of its own")
    return asyncio.run(_soak(plan, say))


async def _soak(plan: Plan, say: Say) -> Soaked:
    plan.data.mkdir(parents=True, exist_ok=True)
    told = load.Told()
    taken: list[Reading] = []
    async with _venue(plan, say) as (child, card):
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        guests = [loop.create_task(one) for one in _guests(plan, card, told, stop)]
        try:
            await _watch(plan, child, taken, told, stop, say, guests)
        finally:
            stop.set()
            await asyncio.gather(*guests, return_exceptions=True)
    return report(plan, taken, told, child.returncode == 0)


class Card(msgspec.Struct, frozen=True):
    """What DATA/demo.json says that is needed here."""

    class User(msgspec.Struct, frozen=True):
        """A funded user."""

        name: str
        key: str
        secret: str

    url: str
    websocket: str = msgspec.field(name="ws")
    users: list[User]


def _guests(plan: Plan, card: Card, told: load.Told, stop: asyncio.Event) -> Iterator[Coroutine[Any, Any, None]]:
    keys = [Credentials(user.key, user.secret) for user in card.users]
    for number, key in enumerate(keys):
        yield load.trade(card.url, key, plan.seed * 1_000 + number, told, stop)
    for number in range(plan.listeners):
        listener = keys[number % len(keys)] if number % 2 else None
        yield load.listen(card.websocket, listener, plan.seed * 1_000 + number, told, stop)


@contextlib.asynccontextmanager
async def _venue(plan: Plan, say: Say) -> AsyncIterator[tuple[Child, Card]]:
    """The venue as a child that is asked to stop at the end."""
    words = plan.data.with_name(plan.data.name + ".out")
    with words.open("wb") as out:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "outcry.app.cli", "up", "--port", "0", "--data", str(plan.data)),
            *("--seed", str(plan.seed), "--recent-rows", str(plan.recent_rows)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            # A Ctrl-C is for the soak, which then stops the venue.
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + READY_S
        while not any(line.startswith("ready") for line in words.read_text().splitlines()):
            if child.returncode is not None or time.monotonic() > deadline:
                raise SoakFailed(f"the venue did not become ready:\n{words.read_text()[-2_000:]}")
            await asyncio.sleep(0.1)
        say(f"venue  {plan.data} is ready; its words are in {words}")
        yield child, msgspec.json.decode(Files(plan.data).demo.read_bytes(), type=Card)
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_S):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()


async def _watch(
    plan: Plan,
    child: Child,
    taken: list[Reading],
    told: load.Told,
    stop: asyncio.Event,
    say: Say,
    guests: Sequence["asyncio.Task[None]"],
) -> None:
    """Take readings until the time is over.  Raises `SoakFailed` when the venue ends before, or a guest's own error."""
    begun, spoken = time.monotonic(), 0.0
    record = plan.data.with_name(plan.data.name + ".readings")
    with record.open("wb") as lines:
        while not stop.is_set() and (minute := (time.monotonic() - begun) / 60) < plan.minutes:
            for guest in guests:
                if guest.done():
                    guest.result()
            reading = await _read(plan, child.pid, minute)
            if reading is None:
                raise SoakFailed(f"the venue ended after {minute:.1f} minutes: see {plan.data.with_name('logs')}")
            taken.append(reading)
            lines.write(msgspec.json.encode(reading) + b"\n")
            lines.flush()
            if time.monotonic() - spoken >= TELL_EVERY_S:
                spoken = time.monotonic()
                say(_line(reading, told))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(READ_EVERY_S):
                    await stop.wait()


async def _read(plan: Plan, supervisor: int, minute: float) -> Reading | None:
    """One reading; nothing once the venue does not answer any more."""
    try:
        page = await fetch(Files(plan.data).metrics_socket)
    except (OSError, TimeoutError):
        return None
    found = {role: readings.process_of(number) for role, number in readings.processes_of(supervisor).items()}
    return Reading(
        minute,
        int(values_in([page], "outcry_durable_sequence").get("", 0)),
        {role: one for role, one in found.items() if one is not None},
        readings.queues_of(page),
        readings.loop_sums(page),
        readings.journal_bytes(page),
        readings.disk_of(plan.data),
    )


def _line(reading: Reading, told: load.Told) -> str:
    memory = " ".join(f"{role} {one.megabytes:.0f}" for role, one in sorted(reading.processes.items()))
    orders = told.counts["limit orders"] + told.counts["market orders"]
    return (
        f"{reading.minute:6.1f} min  {reading.sequence:>11,} entries  {orders:>8,} orders  "
        f"{told.counts['messages']:>9,} messages  MB: {memory}"
    )


def report(plan: Plan, taken: Sequence[Reading], told: load.Told, in_order: bool) -> Soaked:
    """What the readings say."""
    looked = [one for one in taken if one.minute >= plan.warm_minutes]
    minutes = [one.minute for one in looked]
    roles = sorted(set.intersection(*(set(one.processes) for one in looked))) if looked else []
    memory = [verdict.memory(role, minutes, [one.processes[role].megabytes for one in looked]) for role in roles]
    queues = [
        verdict.queue(f"{role} files", "files", minutes, [float(one.processes[role].files) for one in looked])
        for role in roles
    ]
    for name in sorted(set.intersection(*(set(one.queues) for one in looked))) if looked else []:
        unit = looked[0].queues[name][0]
        queues.append(verdict.queue(name, unit, minutes, [one.queues[name][1] for one in looked]))
    queues += list(_loops(looked))
    entries = looked[-1].sequence - looked[0].sequence if looked else 0
    seconds = 60 * (minutes[-1] - minutes[0]) if looked else 0.0
    disk = {
        name: (looked[-1].disk_bytes[name] - looked[0].disk_bytes.get(name, 0)) / entries
        for name in (looked[-1].disk_bytes if looked and entries else ())
    }
    if entries:
        disk["journal, as written"] = (looked[-1].journal_bytes - looked[0].journal_bytes) / entries
    shares = {
        role: (looked[-1].processes[role].processor_s - looked[0].processes[role].processor_s) / seconds
        for role in (roles if seconds else ())
    }
    return Soaked(
        minutes=taken[-1].minute if taken else 0.0,
        warm_minutes=plan.warm_minutes,
        entries=taken[-1].sequence if taken else 0,
        told=dict(sorted(told.counts.items())),
        memory=memory,
        queues=queues,
        disk_bytes_per_entry=disk,
        processor_share=shares,
        stopped_in_order=in_order,
    )


def _loops(looked: Sequence[Reading]) -> Iterator[Grown]:
    """How late the event loops were between one reading and the next, on average."""
    for role in sorted(set.intersection(*(set(one.loops) for one in looked))) if looked else []:
        late = []
        for before, after in pairwise(looked):
            seconds, times = (after.loops[role][part] - before.loops[role][part] for part in (0, 1))
            late.append(seconds / times * readings.MILLISECONDS if times > 0 else 0.0)
        yield verdict.queue(f"loop lag {role}", "milliseconds", [one.minute for one in looked[1:]], late)


def lines(soaked: Soaked) -> Iterator[str]:
    """The report for people."""
    yield f"soaked    {soaked.minutes:.1f} minutes, {soaked.entries:,} entries; from minute {soaked.warm_minutes:g}:"
    yield "guests    " + ", ".join(f"{count:,} {what}" for what, count in soaked.told.items())
    for one in soaked.memory:
        yield (
            f"memory    {one.name:<11} {one.first:8.1f} -> {one.last:8.1f} MB  "
            f"{one.per_minute:+.3f} MB/min (+-{one.error:.3f}), later half {one.later_per_minute:+.3f}"
        )
    for one in soaked.queues:
        yield (
            f"queue     {one.name:<32} {one.first:10,.0f} -> {one.last:10,.0f}, at most {one.largest:,.0f} {one.unit}"
            f"{'  GROWS' if one.is_growing else ''}"
        )
    for name, per_entry in sorted(soaked.disk_bytes_per_entry.items()):
        yield f"disk      {name:<16} {per_entry:8.1f} bytes/entry"
    for role, share in sorted(soaked.processor_share.items()):
        yield f"processor {role:<11} {100 * share:5.1f} % of one"
    yield from verdicts(soaked)


def verdicts(soaked: Soaked) -> Iterator[str]:
    """What became of each process and of the queues, and then of all."""
    for one in soaked.memory:
        said = "GROWS: its memory goes on rising" if one.is_growing else "does not grow"
        yield f"verdict   {one.name:<11} {said}"
    queues = [one.name for one in soaked.queues if one.is_growing]
    yield f"verdict   {'queues':<11} {'GROW: ' + ', '.join(queues) if queues else 'do not grow'}"
    yield f"verdict   {'venue':<11} {'stopped in order' if soaked.stopped_in_order else 'did NOT STOP IN ORDER'}"
    yield f"verdict   {'sound' if soaked.is_sound else 'NOT SOUND'}"
