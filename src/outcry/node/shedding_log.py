"""When commands begin to be refused because there is too much to do, and when that is over: a line in the log for each.

Whoever refuses says so for every command, and looks now and then whether it is over: it is when nothing was refused for
`QUIET_NS`, so that a rush on the edge of a limit, which refuses and takes in turn, is one rush.  Times are handed in;
one that goes back ends nothing.  Known limit: the end is said at the first look after it, so a second or so later.
"""

import logging

log = logging.getLogger("outcry.node")

SECOND_NS = 10**9
QUIET_NS = 5 * SECOND_NS


class SheddingLog:
    """The rush under way at one place, if there is one."""

    def __init__(self) -> None:
        self._refused = 0
        self._begun_ns = self._last_ns = 0

    def refused(self, why: str, now_ns: int) -> None:
        """A command was refused; the first of a rush is said, with why."""
        if not self._refused:
            self._begun_ns = now_ns
            log.warning("commands begin to be refused: %s", why)
        self._refused += 1
        self._last_ns = now_ns

    def look(self, now_ns: int) -> None:
        """Say it when the rush is over."""
        if self._refused and now_ns - self._last_ns >= QUIET_NS:
            seconds = (self._last_ns - self._begun_ns) / SECOND_NS
            log.warning("no command is refused any more: %d were in %.1f seconds", self._refused, seconds)
            self._refused = 0
