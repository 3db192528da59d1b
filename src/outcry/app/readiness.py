"""Why strangers should not be sent to this gateway now, if there is a reason.

It follows the journal (its last entry is young, because the node journals a tick a second), its line to the node is up,
the node answers and is not far ahead, nothing has halted, no pause is being resumed from, and the disk has room.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from outcry.node.link import Link
from outcry.node.shell import ask_admin
from outcry.views.directory import State

AGE_S_MAX = 5.0
BEHIND_ENTRIES_MAX = 1_000
ANSWER_S_MAX = 1.0
SECOND_NS = 10**9
HALTED = "the venue has halted"

Standing = Callable[[], Awaitable[tuple[int, bool] | None]]
"""The node's durable sequence and whether its disk has room; None if it does not answer."""


def standing_of(node: Path) -> Standing:
    """Asks the node behind this socket where it stands."""

    async def standing() -> tuple[int, bool] | None:
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                status = await ask_admin(node, {"ask": "status"})
        except (OSError, TimeoutError):
            return None
        return status["durable_sequence"], status["room_left"]

    return standing


class Readiness:
    """Asked by the gateway's `/outcry/v1/ready`."""

    def __init__(
        self, link: Link, state: State, standing: Standing, clock_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self._link = link
        self._state = state
        self._standing = standing
        self._clock_ns = clock_ns

    async def reasons(self) -> list[str]:
        """All of them."""
        venue = self._state.tables.venue
        found = []
        if venue.halted:
            found.append(HALTED)
        if self._link.replica is not None and self._link.replica.diverged is not None:
            found.append("this replica has halted, because it differs from the journal")
        if not self._link.connected:
            found.append("the line to the node is down")
        age_s = (self._clock_ns() - venue.time_ns) / SECOND_NS
        if age_s > AGE_S_MAX:
            found.append(f"the last entry applied here is {age_s:.0f} seconds old")
        if self._link.is_behind:
            found.append("this gateway is behind, so it takes cancels and closing orders only")
        if venue.cancel_only:
            found.append("only cancels are taken until every index is fresh again after a pause")
        standing = await self._standing()
        if standing is None:
            found.append("the node does not answer")
            return found
        durable_sequence, room_left = standing
        behind = durable_sequence - self._state.tables.venue.sequence
        if behind > BEHIND_ENTRIES_MAX:
            found.append(f"{behind:,} durable entries are not applied here yet")
        if not room_left:
            found.append("the disk is nearly full, so commands are refused")
        return found
