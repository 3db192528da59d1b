"""Where the tables' memory comes from: anonymous pages, which the system zeroes one by one as they are first used.

So a table may be large and take only what its used rows take (a `bytearray` would be written over at once), and every
table begins on a line of the caches.
"""

import mmap


def zeroed(length: int) -> memoryview:
    """So many zero bytes, to be written in place; given back when nobody holds them any more.

    Private: a forked process has them as they were, and a page that is only read takes nothing.
    """
    return memoryview(mmap.mmap(-1, length, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
