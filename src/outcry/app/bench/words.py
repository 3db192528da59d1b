"""Memory as 64-bit numbers that may be written: what the benchmark's door keeps beside the engine's tables."""

import cython

if not cython.compiled:
    from outcry.protocol.layout import Memory, entry_at, i64, number_at


def put_number(memory: Memory, place: i64, number: i64) -> None:
    """Write the number at a place.  An entry's head begins with its sequence, so its address is that of any number."""
    entry_at(memory, 8 * place).sequence = number


def put_least(memory: Memory, place: i64, number: i64) -> None:
    """Keep the smaller of two numbers; 0 stands for none yet."""
    before: i64 = number_at(memory, place)
    if before == 0 or number < before:
        put_number(memory, place, number)
