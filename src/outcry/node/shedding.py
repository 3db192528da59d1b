"""What is refused first when there is too much to do: new orders and amendments, before anything else.

First which commands those are, then how many bytes of them may wait for the disk, learned from how long it took of
late.  Cancels, closing orders and everything else (money, margin, prices, the operator) are taken up to a higher limit,
because whoever cannot cancel or close in a rush carries a risk that he did not choose.  What is shed gets no sequence
and never acts.  No clock and no engine here: times are handed in, and an entry is judged by its kind and flags alone.
Known limit: an order that only closes is not shed, so a flood of closing orders and cancels still fills the higher one.
"""

import ctypes

from outcry.node.settings import CoreSettings
from outcry.protocol import wire
from outcry.protocol.layout import CommandKind, EntryHead, OrderFlag, Place

PLACE, AMEND = int(CommandKind.PLACE), int(CommandKind.AMEND)
CLOSING = int(OrderFlag.CLOSE | OrderFlag.REDUCE_ONLY)
GROWTH = 1.25
"""By how much more may wait after the disk was quick."""
PLACE_BYTES = ctypes.sizeof(Place)


def place_of(row: type[ctypes.LittleEndianStructure], name: str, start: int = 0) -> slice:
    """Where a field stands in bytes in which its row begins there."""
    field = getattr(row, name)
    return slice(start + field.offset, start + field.offset + field.size)


KIND, FLAGS = place_of(EntryHead, "kind"), place_of(Place, "flags", wire.ENTRY_HEAD_BYTES)
"""Of an entry, and of the order in it; the rest of them is not looked at."""


def is_shed_first(entry: bytes) -> bool:
    """Whether a whole entry is a new order that may open a position, or an amendment."""
    kind = int.from_bytes(entry[KIND], "little")
    if kind == PLACE:
        # One that is too short to be an order closes nothing; that it is malformed the engine says.
        whole = len(entry) >= wire.ENTRY_HEAD_BYTES + PLACE_BYTES
        return not (whole and int.from_bytes(entry[FLAGS], "little") & CLOSING)
    return kind == AMEND


class Allowance:
    """How many bytes may be admitted and not durable while new orders are still taken.

    Such that what is admitted now is durable after about `CoreSettings.wait_target_ns`: after a write that took longer,
    what the disk would have made in that time; after a quick one a quarter more, up to `orders_waiting_bytes`.
    """

    def __init__(self, settings: CoreSettings) -> None:
        self._target_ns = settings.wait_target_ns
        self._bytes_max = min(settings.orders_waiting_bytes, settings.waiting_bytes)
        self._bytes_min = min(settings.orders_waiting_bytes_min, self._bytes_max)
        self.bytes = self._bytes_max

    def learn(self, written_bytes: int, took_ns: int) -> None:
        """So many bytes were durable after so long; a clock that was set back makes it quick."""
        if took_ns > self._target_ns:
            wanted = written_bytes * self._target_ns // took_ns
        else:
            wanted = int(self.bytes * GROWTH) + 1
        self.bytes = max(self._bytes_min, min(self._bytes_max, wanted))
