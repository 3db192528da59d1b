"""The arithmetic of the rules in plain Python integers, written anew for the auditor from docs/rules.

Values, fees, tiers, costs, funding, bands and bankruptcy prices.  Nothing is bounded here: Python's integers are as
long as they must be.  Shares no code with `outcry.rules`, so that one mistake cannot hide in both.
"""

from outcry.protocol.layout import FEE_TIERS, PPB, PPM, VOLUME_DAYS, Valuation

INVERSE = int(Valuation.INVERSE)
BUY, SELL = 1, 2
TIER_DOLLARS = (0, 1, 5, 10, 25, 50, 100, 250, 500, 1_000)
"""Millions of dollars a day from which each tier holds (FEE-03)."""
TIER_TAKER_PPM = (750, 500, 400, 350, 300, 250, 240, 230, 220, 175)
TIER_MAKER_PPM = (200, 100, 0, 0, 0, 0, -30, -50, -80, -100)
assert len(TIER_DOLLARS) == len(TIER_TAKER_PPM) == len(TIER_MAKER_PPM) == FEE_TIERS


def half_up(above: int, below: int) -> int:
    """A quotient of magnitudes to the nearest, halves up."""
    return (2 * above + below) // (2 * below)


def up(above: int, below: int) -> int:
    """A quotient of magnitudes, rounded up."""
    return -(-above // below)


def signed_half_up(above: int, below: int) -> int:
    """The same as `half_up` for a signed number: the magnitude is rounded and the sign put on afterwards."""
    return half_up(above, below) if above >= 0 else -half_up(-above, below)


def cost_of_part(cost: int, part: int, whole: int) -> int:
    """The share of a position's cost that belongs to part of its quantity (PNL-02)."""
    return cost if part == whole else signed_half_up(cost * part, whole)


def fee_of(value: int, rate_ppm: int) -> int:
    """The fee on a value, negative for a rebate (FEE-01)."""
    return half_up(value * rate_ppm, PPM) if rate_ppm >= 0 else -half_up(value * -rate_ppm, PPM)


def rates_of(maker_ppm: int, taker_ppm: int, tier: int) -> tuple[int, int]:
    """Maker's and taker's rate of a tier on a listing with these base rates (FEE-02, FEE-03)."""
    if tier == 0:
        return maker_ppm, taker_ppm
    taker = max(half_up(taker_ppm * TIER_TAKER_PPM[tier], TIER_TAKER_PPM[0]), -maker_ppm)
    lowest = max(half_up(taker_ppm * TIER_TAKER_PPM[-1], TIER_TAKER_PPM[0]), -maker_ppm)
    return max(maker_ppm - (TIER_MAKER_PPM[0] - TIER_MAKER_PPM[tier]), -lowest), taker


def tier_of(volume_cents: int) -> int:
    """The tier that so many cents of 30 days bring, by the average of a day (FEE-03)."""
    dollars = volume_cents // VOLUME_DAYS // 100
    return max(tier for tier, millions in enumerate(TIER_DOLLARS) if dollars >= millions * 1_000_000)


def funding_of(value: int, rate_ppb: int, is_long: bool) -> int:
    """What a position of this value pays at a rate, negative if it gets: longs pay a positive one (FND-04)."""
    if is_long == (rate_ppb > 0):
        return up(value * abs(rate_ppb), PPB)
    return -(value * abs(rate_ppb) // PPB)


def loss_after(loss: int, fee: int, held: int, closing: int, traded: int) -> int:
    """Fees that an isolated position has paid out of its own margin, after a fill (MRG-03); quantities unsigned."""
    kept = 0
    if closing < held:
        kept = abs(loss) * (held - closing) // held
        kept = kept if loss >= 0 else -kept
    if traded > closing:
        kept += signed_half_up(fee * (traded - closing), traded)
    return kept


def closing_of(held: int, traded: int) -> int:
    """How much of a signed trade closes a signed position (PNL-01)."""
    return 0 if held == 0 or (held > 0) == (traded > 0) else min(abs(held), abs(traded))
