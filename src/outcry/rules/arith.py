"""Checked products and named roundings.

Divisions act on magnitudes; who calls puts the sign on afterwards.  Products are taken in 128 bits, and a quotient that
does not fit 64 sets the fault and gives 0.  A divisor of 0 is the caller's error and must be excluded before.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import I64_MAX, TOTAL_BOUND, Fault, FaultRow, i64, i128, wide


def magnitude(number: i64) -> i64:
    """The number without its sign."""
    return number if number >= 0 else -number


def signed_like(size: i64, model: i64) -> i64:
    """The size with the sign of the model; 0 counts as positive."""
    return size if model >= 0 else -size


def narrow(number: i128, fault: FaultRow) -> i64:
    """A number of at least 0 in 64 bits, or 0 and a fault."""
    if number > I64_MAX:
        fault.code = Fault.FAULT_OVERFLOW
        return 0
    return number


def capped(number: i128) -> i64:
    """A number of at least 0, or the bound of totals if it is more: too large to be a price, an amount or a value."""
    if number > TOTAL_BOUND:
        return TOTAL_BOUND
    return number


def times(a: i64, b: i64) -> i64:
    """a * b of magnitudes, capped at the bound of totals."""
    return capped(wide(a) * b)


def mul_div_floor(a: i64, b: i64, c: i64, fault: FaultRow) -> i64:
    """a * b / c rounded down; a, b >= 0 and c > 0."""
    product: i128 = wide(a) * b
    if product <= I64_MAX:
        short: i64 = product
        return short // c
    return narrow(product // c, fault)


def mul_div_ceil(a: i64, b: i64, c: i64, fault: FaultRow) -> i64:
    """a * b / c rounded up; a, b >= 0 and c > 0."""
    product: i128 = wide(a) * b + (c - 1)
    if product <= I64_MAX:
        short: i64 = product
        return short // c
    return narrow(product // c, fault)


def mul_div_half_up(a: i64, b: i64, c: i64, fault: FaultRow) -> i64:
    """a * b / c to the nearest, halves up; a, b >= 0 and c > 0."""
    product: i128 = wide(a) * b + c // 2
    if product <= I64_MAX:
        short: i64 = product
        return short // c
    return narrow(product // c, fault)
