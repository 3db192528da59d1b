"""What the keeper writes into its log of what it follows: pauses, halts, state roots.

`Noting.observe` is called once for every applied entry.  A root is noted once in `ROOT_NS` of the journal's time, so
that a long journal which is followed from its beginning does not fill the log.  Never changes anything.
"""

import logging
from collections.abc import Sequence

from outcry.protocol.layout import EventKind
from outcry.protocol.wire import Entry, Event

log = logging.getLogger("outcry.keeper")

ROOT_NS = 60 * 10**9
RESUMED, HALTED, ROOT_NOTED = EventKind.RESUMED, EventKind.HALTED, EventKind.ROOT_NOTED
NS_PER_SECOND = 10**9


class Noting:
    """An observer of a replica."""

    def __init__(self) -> None:
        self._root_ns = -ROOT_NS

    def observe(self, entry: Entry, events: Sequence[Event]) -> None:
        """An entry was applied."""
        sequence, time_ns = entry.head.sequence, entry.head.time_ns
        for head, record in events:
            kind = head.kind
            if kind == HALTED:
                both = {"found": record.found, "expected": record.expected}
                law = {"sequence": sequence, "fault": record.fault, "subject": record.subject}
                log.error("the venue has halted", extra=law | both)
            elif kind == RESUMED and record.cancel_only:
                paused = {"sequence": sequence, "paused_s": record.paused_ns / NS_PER_SECOND}
                log.info("the venue resumes after a pause", extra=paused)
            elif kind == RESUMED:
                log.info("all indices are fresh again", extra={"sequence": sequence})
            elif kind == ROOT_NOTED and time_ns - self._root_ns >= ROOT_NS:
                self._root_ns = time_ns
                root = {"sequence": sequence, "at_sequence": record.at_sequence, "root": bytes(record.root).hex()}
                log.info("a state root stands in the journal", extra=root)
