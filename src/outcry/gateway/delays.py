"""How long something took, counted: a histogram whose steps are an eighth of their height, from 1 µs to a minute.

`note` is made for hot paths: two shifts and an addition, no allocation, a fixed size.  A quantile is told as the upper
end of the step that it falls into, so it is at most an eighth too high and never too low.  What takes longer than the
last step counts as that.  Time is handed in; nothing here reads a clock.
"""

from array import array

UNIT_BITS = 10
"""A unit is 1,024 ns."""
STEPS_BITS = 3
STEPS = 1 << STEPS_BITS
DOUBLINGS = 24
PLACES = STEPS * DOUBLINGS
UNITS_MAX = (1 << (STEPS_BITS + DOUBLINGS - 1)) - 1
"""Some 69 seconds."""


class Delays:
    """Durations of one kind."""

    __slots__ = ("counts", "sum_ns")

    def __init__(self) -> None:
        self.counts = array("Q", bytes(8 * PLACES))
        self.sum_ns = 0

    def note(self, delay_ns: int) -> None:
        """It took so long; a clock that stepped back counts as nothing."""
        units = delay_ns >> UNIT_BITS
        if units >= STEPS:
            if units > UNITS_MAX:
                units = UNITS_MAX
            shift = units.bit_length() - STEPS_BITS - 1
            # The leading bit is the doubling's, the three behind it choose the step.
            units = (shift << STEPS_BITS) + (units >> shift)
        elif units < 0:
            units = delay_ns = 0
        self.counts[units] += 1
        self.sum_ns += delay_ns

    def add(self, other: "Delays") -> None:
        """Take in what somebody else has counted."""
        for place, count in enumerate(other.counts):
            if count:
                self.counts[place] += count
        self.sum_ns += other.sum_ns

    @property
    def count(self) -> int:
        """How many."""
        return sum(self.counts)

    def quantile_ns(self, part: float) -> int:
        """What that part of them did not exceed, rounded up to the end of a step; 0 of none."""
        left = part * self.count
        reached = 0
        for place, count in enumerate(self.counts):
            reached += count
            if count and reached >= left:
                return end_of(place)
        return 0

    def doublings(self) -> list[tuple[int, int]]:
        """How many took at most so many ns, each bound twice the one before: coarse, to be sent on."""
        told, reached = [], 0
        for doubling in range(DOUBLINGS):
            reached += sum(self.counts[doubling * STEPS : (doubling + 1) * STEPS])
            told.append((end_of((doubling + 1) * STEPS - 1), reached))
        return told


def end_of(place: int) -> int:
    """The first duration in ns that belongs to the step behind this one."""
    if place < STEPS:
        return (place + 1) << UNIT_BITS
    shift, step = divmod(place, STEPS)
    return (STEPS + step + 1) << (shift - 1 + UNIT_BITS)
