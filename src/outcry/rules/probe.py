"""A door for tests only: the compiled arithmetic, one call at a time.

The engine's own door inlines these functions where Python cannot reach them; here each can be asked for any edge.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import Fault, fault_of, i64
    from outcry.rules.arith import mul_div_ceil, mul_div_floor, mul_div_half_up

from outcry.protocol import layout as shapes

COMPILED: bool = cython.compiled


def divide(rounding: str, a: int, b: int, c: int) -> tuple[int, bool]:
    """a * b / c rounded as named ("floor", "ceil" or "half_up"), and whether it fits 64 bits."""
    block = memoryview(bytearray(shapes.SIZES["FaultRow"]))
    left: i64 = a
    right: i64 = b
    over: i64 = c
    fault = fault_of(block)
    result: i64 = 0
    if rounding == "floor":
        result = mul_div_floor(left, right, over, fault)
    elif rounding == "ceil":
        result = mul_div_ceil(left, right, over, fault)
    else:
        result = mul_div_half_up(left, right, over, fault)
    return result, fault.code == Fault.NO_FAULT
