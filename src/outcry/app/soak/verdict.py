"""What grows: a straight line through each series of readings by least squares, and the limits it is held to.

A pure fold over readings.  What happens in the first minutes is left out, because caches fill then.  Memory grows
when it rises over the whole time looked at and goes on rising over its later half: what fills and then stops is no
leak, nor is a copy that is made once and kept.  A queue is a number that should be near nothing whenever it is looked
at: it grows when its line rises by more than `QUEUE_GROWTH` of its unit over the time looked at and its last third is
always above its first third.  Known limit: a leak slower than these limits, or that adds less than `RISE_MB_MIN` in a
short run, is not seen; the standard error is told beside each slope.
"""

import math
from collections.abc import Sequence

import msgspec

SLOPE_MB_PER_MINUTE_MAX = 0.2
"""About 60 bytes an entry under the load of a soak.  Client ids, which are remembered for a day, are half of it where
there are three copies of the state."""
RISE_MB_MIN = 3.0
"""Less than this over the whole time is a copy of a state, or chance."""
QUEUE_GROWTH = {"bytes": 64 << 10, "entries": 1_000, "files": 20, "milliseconds": 50, "commands": 100}
"""How much a queue may rise over a run before it counts as growing, by its unit."""


class Line(msgspec.Struct, frozen=True):
    """A straight line through readings: units a minute, its standard error, and where it begins."""

    per_minute: float
    error: float
    begins_at: float


class Grown(msgspec.Struct, frozen=True):
    """One series and what became of it."""

    name: str
    unit: str
    first: float
    last: float
    largest: float
    per_minute: float
    error: float
    is_growing: bool
    later_per_minute: float = 0.0
    """Of memory, the slope over the later half."""


def fit(minutes: Sequence[float], values: Sequence[float]) -> Line:
    """The line with the least squares.  Of fewer than three readings nothing is known: it is level."""
    count = len(minutes)
    if count < 3:
        return Line(0.0, math.inf, values[0] if values else 0.0)
    middle, height = sum(minutes) / count, sum(values) / count
    spread = sum((minute - middle) ** 2 for minute in minutes)
    if spread == 0:
        return Line(0.0, math.inf, height)
    slope = sum((minute - middle) * (value - height) for minute, value in zip(minutes, values, strict=True)) / spread
    begins_at = height - slope * middle
    left = sum((value - begins_at - slope * minute) ** 2 for minute, value in zip(minutes, values, strict=True))
    return Line(slope, math.sqrt(left / (count - 2) / spread), begins_at)


def memory(name: str, minutes: Sequence[float], megabytes: Sequence[float]) -> Grown:
    """A process's memory: it grows from `SLOPE_MB_PER_MINUTE_MAX` on, over the whole time and over its later half."""
    line, half = fit(minutes, megabytes), len(minutes) // 2
    later = fit(minutes[half:], megabytes[half:])
    rise = line.per_minute * (minutes[-1] - minutes[0]) if minutes else 0.0
    growing = min(line.per_minute, later.per_minute) >= SLOPE_MB_PER_MINUTE_MAX and rise >= RISE_MB_MIN
    return msgspec.structs.replace(_grown(name, "MB", megabytes, line, growing), later_per_minute=later.per_minute)


def queue(name: str, unit: str, minutes: Sequence[float], values: Sequence[float]) -> Grown:
    """A queue: it grows when it rises for the whole time, by more than noise."""
    line = fit(minutes, values)
    third = max(1, len(values) // 3)
    rises = bool(values) and min(values[-third:]) > max(values[:third])
    lasted = minutes[-1] - minutes[0] if minutes else 0.0
    growing = rises and line.per_minute * lasted > QUEUE_GROWTH[unit]
    return _grown(name, unit, values, line, growing)


def _grown(name: str, unit: str, values: Sequence[float], line: Line, growing: bool) -> Grown:
    first, last, largest = (values[0], values[-1], max(values)) if values else (0.0, 0.0, 0.0)
    return Grown(name, unit, first, last, largest, line.per_minute, line.error, growing)
