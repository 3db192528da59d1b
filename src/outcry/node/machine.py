"""What the node needs of an engine; `outcry.engine.engine.Engine` has it, and so has a test's stand-in."""

from typing import Protocol, Self

from outcry.protocol.layout import Tables


class Machine(Protocol):
    """A state that entries change, the same way everywhere."""

    @property
    def tables(self) -> Tables:
        """Views over the live state, for reading only."""

    @property
    def sequence(self) -> int:
        """Last entry applied."""

    @property
    def time_ns(self) -> int:
        """Its time."""

    @property
    def next_due_ns(self) -> int:
        """A tick must come before an entry of this time; 0 for never."""

    @property
    def work_waiting(self) -> bool:
        """Whether the engine has work of its own to do, in `Continue` entries."""

    @property
    def halted(self) -> bool:
        """Whether a broken invariant has stopped the venue."""

    @property
    def root_sequence(self) -> int:
        """The last sequence whose state root was journaled, 0 if none was."""

    def apply(self, body: bytes | memoryview, /) -> bytes:
        """Apply whole entries; returns their events."""

    def origin_sequence(self, origin: int, /) -> int:
        """The last number applied of that origin, 0 if there is none."""

    def wants_grow(self) -> list[tuple[int, int]]:
        """Tables (number and rows) that should grow before the next command."""

    def snapshot(self) -> bytes:
        """The whole state.  Raises when halted."""

    def roots(self) -> tuple[bytes, bytes, bytes]:
        """Public root, private root and root of the state."""

    def copy(self, over: Self | None = None, /) -> Self:
        """Another one in the same state, for a thread to look at while this one goes on.

        `over` is an earlier copy that nobody needs any more and whose memory may be used.
        """


class MachineClass(Protocol):
    """Makes machines: empty ones, and from snapshots."""

    def __call__(self, *, rules_version: int) -> Machine:
        """One before the first entry of a journal that begins under these rules."""

    def restore(self, data: bytes, /) -> Machine:
        """One from a snapshot.  Raises `ValueError` if that cannot be used."""
