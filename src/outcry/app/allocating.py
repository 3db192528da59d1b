"""How the C library hands out memory in a venue's processes: so that what is given back comes back to the system.

A state that is saved or a snapshot that is packed is many blocks, some of many megabytes, for a moment and in a thread.
Left to itself, glibc moves the bound from which a block is the system's own up to the largest that was freed, and gives
each thread a heap of its own; then such moments leave megabytes behind for good, more with every longer state.  So that
bound is fixed, there is one heap, and who has just let go of much says so.

The bound is above what a frame and its events take, because fresh memory of the system's is slow: two milliseconds a
megabyte on a virtual machine.  Known limit: glibc only; elsewhere nothing is done.
"""

import ctypes

OWN_BYTES = 2 << 20
"""A block from this on is the system's own and goes back to it when it is freed."""
SPARE_BYTES = 4 * OWN_BYTES
"""So much at the end of the heap stays for the next block."""
ARENAS = 1
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""As <malloc.h> numbers them."""
LIBRARY = ctypes.CDLL(None)


def settle() -> bool:
    """Set it for this process, before its threads begin; whether the C library can do it."""
    mallopt = getattr(LIBRARY, "mallopt", None)
    if mallopt is None:
        return False
    wanted = ((M_MMAP_THRESHOLD, OWN_BYTES), (M_TRIM_THRESHOLD, SPARE_BYTES), (M_ARENA_MAX, ARENAS))
    taken = [mallopt(name, value) for name, value in wanted]
    return all(taken)


def give_back() -> None:
    """Give all free pages of the heap back to the system.

    Takes a few milliseconds, in which other threads may have to wait for memory.
    """
    trim = getattr(LIBRARY, "malloc_trim", None)
    if trim is not None:
        trim(0)
