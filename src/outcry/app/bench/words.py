"""Memory as 64-bit numbers: what the benchmark's door keeps beside the engine's tables (stamps, traces, quantiles)."""

import cython

if not cython.compiled:
    from outcry.protocol.layout import Memory, entry_at, i64


def word_at(memory: Memory, index: i64) -> i64:
    """The number at a place.  An entry's head begins with its sequence, so its address is that of any such number."""
    return entry_at(memory, 8 * index).sequence


def put_word(memory: Memory, index: i64, number: i64) -> None:
    """Write the number at a place."""
    entry_at(memory, 8 * index).sequence = number


def put_least(memory: Memory, index: i64, number: i64) -> None:
    """Keep the smaller of two numbers; 0 stands for none yet."""
    before: i64 = word_at(memory, index)
    if before == 0 or number < before:
        put_word(memory, index, number)
