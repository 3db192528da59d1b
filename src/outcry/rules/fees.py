"""Commissions of fills (FEE-01): a rate in ppm of the value, to the nearest minor unit, halves up on the magnitude."""

import cython

if not cython.compiled:
    from outcry.protocol.layout import PPM, FaultRow, i64
    from outcry.rules.arith import magnitude, mul_div_half_up, signed_like


def fee_minor(value_minor: i64, rate_ppm: i64, fault: FaultRow) -> i64:
    """The fee on a value >= 0; negative for a rebate."""
    return signed_like(mul_div_half_up(value_minor, magnitude(rate_ppm), PPM, fault), rate_ppm)
