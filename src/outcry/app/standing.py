"""`outcry status`: what an operator wants to know of a running venue at a glance, from its node and its metrics.

Asks the node's ADMIN door and the socket of the merged metrics; never the engine.
"""

import asyncio
import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outcry.app import compose, ruling
from outcry.app.metrics.door import fetch, values_in
from outcry.app.settings import Files, Settings
from outcry.engine.stated import RESTRICTED, Stated

MEGABYTE = 1_000_000


class NotRunning(Exception):
    """No venue runs there; the message says where."""


def standing(data: Path) -> dict[str, Any]:
    """How the venue stands.  Raises `NotRunning`."""
    status, page, held = asyncio.run(_ask(data))
    if status is None and not page:
        raise NotRunning(f"no venue runs on {data}: start one with `outcry up --data {data}`")
    told: dict[str, Any] = {}
    if status is not None:
        told |= {
            "sequence": status["durable_sequence"],
            "halted": status["halted"],
            "head": status["frame_hash"],
            "disk room": status["room_left"],
        }

    told |= shown_states(held)

    def first(name: str) -> float | None:
        return next(iter(values_in([page], name).values()), None)

    for label, name in (("root", "outcry_root_sequence"), ("snapshot age s", "outcry_snapshot_age_seconds")):
        value = first(name)
        if value is not None:
            told[label] = round(value)
    free = first("outcry_disk_free_bytes")
    if free is not None:
        told["disk free MB"] = round(free / MEGABYTE)
    up, memory = values_in([page], "outcry_up"), values_in([page], "outcry_resident_bytes")
    sequences, lags = values_in([page], "outcry_sequence"), values_in([page], "outcry_lag_entries")
    for role, alive in up.items():
        words = ["up" if alive else "does not answer"]
        if role in sequences:
            words.append(f"sequence {sequences[role]:,.0f}")
        if role in lags:
            words.append(f"{lags[role]:,.0f} behind")
        if role in memory:
            words.append(f"{memory[role] / MEGABYTE:,.0f} MB")
        told[role] = ", ".join(words)
    return told


def shown_states(held: list[Stated]) -> dict[str, Any]:
    """The venue's state, and every instrument's and account's that is not just open: why, until when, what follows."""
    shown = {}
    for one in held:
        if one.of != "venue" and (one.state, one.until_ns) == ("open", 0):
            continue
        words = [one.state]
        if one.cause:
            words.append(one.cause)
        if one.until_ns:
            words.append(f"until {datetime.fromtimestamp(one.until_ns // 10**9, UTC):%Y-%m-%dT%H:%M:%SZ}")
        if one.following:
            words.append(f"then {one.following}")
        shown[one.of] = ", ".join(words)
    return shown


async def _ask(data: Path) -> tuple[dict[str, Any] | None, bytes, list[Stated]]:
    status, held = await compose.node_status(Settings(data=data)), []
    if status is not None:
        with contextlib.suppress(ruling.CannotRule):
            held = (await ruling.ask(Files(data).socket, RESTRICTED)).states
    try:
        return status, await fetch(Files(data).metrics_socket), held
    except (OSError, TimeoutError):
        return status, b"", held
