"""How the C library hands out memory in a venue's processes: so that what is given back comes back to the system.

A state that is saved or a snapshot that is packed is several blocks of many megabytes for a moment, in a thread.  Left
to itself, glibc moves the bound from which a block is the system's own up to the largest that was freed, and gives each
thread a heap of its own; then such a moment leaves as many megabytes behind for good, more with every longer state.
So that bound is fixed, and there is one heap.  Known limit: glibc only; elsewhere nothing is done.
"""

import ctypes

LARGE_BYTES = 256 << 10
"""A block from this on is the system's own and goes back to it when it is freed."""
ARENAS = 1
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""As <malloc.h> numbers them."""


def give_memory_back() -> bool:
    """Set it for this process, before its threads begin; whether the C library has it."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    wanted = ((M_MMAP_THRESHOLD, LARGE_BYTES), (M_TRIM_THRESHOLD, LARGE_BYTES), (M_ARENA_MAX, ARENAS))
    taken = [mallopt(name, value) for name, value in wanted]
    return all(taken)
