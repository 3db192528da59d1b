"""Commissions of fills: rates in ppm of the value (FEE-01), and the tiers in which who trades much pays less (FEE-03).

The tiers are those of BitMEX's scheme of 2023: dollars traded a day on the average of 30 days, and the taker and maker
rates they bring on a listing that begins with 0.075 % and 0.020 %.  Any other listing is scaled to it.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import (
        FEE_TIERS,
        I64_MAX,
        PPM,
        TOTAL_BOUND,
        VOLUME_DAYS,
        FaultRow,
        InstrumentRow,
        i64,
        i128,
        wide,
    )
    from outcry.rules.arith import capped, magnitude, mul_div_floor, mul_div_half_up, signed_like, times


def fee_minor(value_minor: i64, rate_ppm: i64, fault: FaultRow) -> i64:
    """The fee on a value >= 0, to the nearest minor unit, halves up; negative for a rebate (FEE-01)."""
    return signed_like(mul_div_half_up(value_minor, magnitude(rate_ppm), PPM, fault), rate_ppm)


def fee_basis_minor(instrument: InstrumentRow, quantity: i64, value_minor: i64) -> i64:
    """What fees are charged on and tiers count: the value, of an option that of its underlying (FEE-03, OPT-04)."""
    if instrument.fee_cap_ppm == 0:
        return value_minor
    return times(quantity // instrument.lot, instrument.underlying_lot_minor)


def commission_minor(instrument: InstrumentRow, quantity: i64, value_minor: i64, rate_ppm: i64, fault: FaultRow) -> i64:
    """The fee of trading or settling a quantity >= 0 of this value; negative for a rebate (FEE-01, OPT-04).

    Of an option the rate is of its underlying, and the fee at most a share of the premium, rounded down.
    """
    if instrument.fee_cap_ppm == 0:
        return fee_minor(value_minor, rate_ppm, fault)
    fee: i64 = mul_div_half_up(fee_basis_minor(instrument, quantity, value_minor), magnitude(rate_ppm), PPM, fault)
    return signed_like(min(fee, mul_div_floor(value_minor, instrument.fee_cap_ppm, PPM, fault)), rate_ppm)


def settlement_fee_minor(instrument: InstrumentRow, value_minor: i64, fault: FaultRow) -> i64:
    """The fee of settling a value >= 0 at expiry: the listing's settlement rate, in every tier (FEE-04)."""
    return fee_minor(value_minor, instrument.settlement_fee_ppm, fault)


def tier_dollars(tier: i64) -> i64:
    """Average dollars a day from which the tier holds."""
    if tier == 0:
        return 0
    if tier == 1:
        return 1_000_000
    if tier == 2:
        return 5_000_000
    if tier == 3:
        return 10_000_000
    if tier == 4:
        return 25_000_000
    if tier == 5:
        return 50_000_000
    if tier == 6:
        return 100_000_000
    if tier == 7:
        return 250_000_000
    if tier == 8:
        return 500_000_000
    return 1_000_000_000


def tier_taker_ppm(tier: i64) -> i64:
    """Taker rate of the scheme."""
    if tier == 0:
        return 750
    if tier == 1:
        return 500
    if tier == 2:
        return 400
    if tier == 3:
        return 350
    if tier == 4:
        return 300
    if tier == 5:
        return 250
    if tier == 6:
        return 240
    if tier == 7:
        return 230
    if tier == 8:
        return 220
    return 175


def tier_maker_ppm(tier: i64) -> i64:
    """Maker rate of the scheme; negative is a rebate."""
    if tier == 0:
        return 200
    if tier == 1:
        return 100
    if tier <= 5:
        return 0
    if tier == 6:
        return -30
    if tier == 7:
        return -50
    return -80 if tier == 8 else -100


def tier_of(volume_cents: i64) -> i64:
    """The tier that so many cents traded in the 30 days bring; their average a day counts (FEE-03)."""
    dollars: i64 = volume_cents // VOLUME_DAYS // 100
    tier: i64 = FEE_TIERS - 1
    while dollars < tier_dollars(tier):
        tier -= 1
    return tier


def lowest_taker_ppm(instrument: InstrumentRow, fault: FaultRow) -> i64:
    """What a taker pays at least, in any tier: no tier is cheaper than the listing's rebate to makers (FEE-02)."""
    taker: i64 = instrument.taker_fee_ppm
    scaled: i64 = mul_div_half_up(taker, tier_taker_ppm(FEE_TIERS - 1), tier_taker_ppm(0), fault)
    return max(scaled, -instrument.maker_fee_ppm)


def taker_ppm(instrument: InstrumentRow, tier: i64, fault: FaultRow) -> i64:
    """The taker rate of a tier: the listing's in the proportion of the scheme, half up; tier 0 pays the listing's."""
    taker: i64 = instrument.taker_fee_ppm
    if tier == 0:
        return taker
    scaled: i64 = mul_div_half_up(taker, tier_taker_ppm(tier), tier_taker_ppm(0), fault)
    return max(scaled, -instrument.maker_fee_ppm)


def maker_ppm(instrument: InstrumentRow, tier: i64, fault: FaultRow) -> i64:
    """The maker rate of a tier: the listing's less what the scheme takes off, never a rebate of more than the lowest
    taker rate, so that a fill never costs the venue money (FEE-02)."""
    maker: i64 = instrument.maker_fee_ppm
    if tier == 0:
        return maker
    return max(maker - (tier_maker_ppm(0) - tier_maker_ppm(tier)), -lowest_taker_ppm(instrument, fault))


def cents_of(value_minor: i64, dollar_units: i64, denominator: i64) -> i64:
    """A value >= 0 of settlement money in US cents, down; held at the bound of totals (FEE-03).

    `dollar_units` is what its index says one whole of it is worth, and the denominator minor units in a whole times
    units in a dollar.
    """
    product: i128 = wide(100 * dollar_units) * value_minor
    if product <= I64_MAX:
        short: i64 = product
        return min(TOTAL_BOUND, short // denominator)
    return capped(product // denominator)
