"""Decimal text to ticks, and ticks, units and ratios to JSON numbers.

In: a price is the nearest tick if it is within a millionth of a tick of it (clients compute in floats), else refused;
all in integers.  Out: a number is an int when it is whole, else the float nearest to the exact ratio, whose shortest
text is the decimal that was meant (60000.1, never 60000.100000000006).  A spread's prices are differences and may be
negative: in the engine they are ticks above an origin, which is taken off and put on here and nowhere else.
"""

from decimal import Decimal

from outcry.gateway.answers import bad
from outcry.protocol.layout import PPM, PRICE_TICKS_BOUND, InstrumentType, Valuation
from outcry.views.directory import Listing

SPREAD = InstrumentType.SPREAD
SNAP = 10**6
EXPONENT_MAX = 60
ROUND_SIGNIFICANT = 10**8

POWERS = tuple(int(10**places) for places in range(19))
Number = int | float


def ratio(numerator: int, denominator: int) -> Number:
    """The quotient as a JSON number."""
    return numerator // denominator if numerator % denominator == 0 else numerator / denominator


def ticks_of(price: Decimal, listing: Listing, name: str) -> int:
    """The ticks of a difference of prices, signed.  Raises `Refusal` when they are no number or out of range.

    How long it may be written has been seen to by who read it (`parameters.number`).
    """
    if not price.is_finite() or abs(price.adjusted()) > EXPONENT_MAX:
        raise bad(f"Invalid {name}")
    numerator, denominator = price.as_integer_ratio()
    scaled, tick = numerator * int(10**listing.price_decimals), denominator * listing.tick_units
    nearest = (2 * scaled + tick) // (2 * tick)
    if abs(nearest) >= PRICE_TICKS_BOUND:
        raise bad(f"Invalid {name}")
    if abs(scaled - nearest * tick) * SNAP > tick:
        raise bad(f"Invalid {name} tickSize")
    return nearest


def price_ticks_of(price: Decimal, listing: Listing, name: str) -> int:
    """The ticks of a price.  Raises `Refusal` for one below the lowest: of anything but a spread a tick above zero."""
    if price.is_nan() or (price <= 0 and not listing.origin_ticks):
        raise bad(f"Invalid {name}")
    ticks = ticks_of(price, listing, name) + listing.origin_ticks
    if not 0 < ticks < PRICE_TICKS_BOUND:
        raise bad(f"Invalid {name}")
    return ticks


def of_ticks(ticks: int, listing: Listing) -> Number:
    """A number of ticks as a price."""
    return difference_of_ticks(ticks - listing.origin_ticks, listing)


def difference_of_ticks(ticks: int, listing: Listing) -> Number:
    """A number of ticks as what one price is above another, such as the size of a tick."""
    return ratio(ticks * listing.tick_units, int(10**listing.price_decimals))


def of_ticks_or_none(ticks: int, listing: Listing) -> Number | None:
    """The same, null for 0, which means that there is none."""
    if not ticks:
        return None
    # As `ratio` does it: there is one in every order's row.
    numerator = (ticks - listing.origin_ticks) * listing.tick_units
    denominator = POWERS[listing.price_decimals]
    return numerator / denominator if numerator % denominator else numerator // denominator


def of_subticks(subticks: int, listing: Listing) -> Number:
    """A number of sub-ticks as a price."""
    return difference_of_subticks(subticks - listing.origin_ticks * listing.subticks_per_tick, listing)


def difference_of_subticks(subticks: int, listing: Listing) -> Number:
    """A number of sub-ticks as what one price is above another."""
    return ratio(subticks * listing.tick_units, int(10**listing.price_decimals) * listing.subticks_per_tick)


def middle_of(low: int, high: int, listing: Listing, per_tick: int) -> Number:
    """Half way between two prices, of so many parts of a tick."""
    parts = low + high - 2 * listing.origin_ticks * per_tick
    return ratio(parts * listing.tick_units, 2 * int(10**listing.price_decimals) * per_tick)


def of_subticks_or_none(subticks: int, listing: Listing) -> Number | None:
    """The same, null for 0, which means that there is none."""
    return of_subticks(subticks, listing) if subticks else None


def of_trigger_or_none(subticks: int, rising: bool, listing: Listing) -> Number | None:
    """A trigger in whole ticks, as BitMEX has them, null for none: by the price that is shown it has been reached.

    Only a trigger that trails lies between ticks; it is rounded away from the market, up if its reference has to rise.
    """
    if not subticks:
        return None
    ticks = subticks // listing.subticks_per_tick
    return of_ticks(ticks + (rising and subticks % listing.subticks_per_tick != 0), listing)


def of_ppm(rate_ppm: int) -> Number:
    """A rate in millionths as a number."""
    return ratio(rate_ppm, PPM)


def rounded(numerator: int, denominator: int, places: int) -> Number:
    """The quotient rounded half up (by magnitude) to so many decimal places."""
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    scale = int(10**places)
    magnitude = (2 * abs(numerator) * scale + abs(denominator)) // (2 * abs(denominator))
    return ratio(sign * magnitude, scale)


def subticks_of_value(quantity: int, value_minor: int, listing: Listing) -> tuple[int, int]:
    """The exact price, as a ratio of sub-ticks, at which so many contracts have this value; magnitudes.

    What trades in a spread has no value of its own: it is told as lots times ticks (SPR-02).
    """
    if listing.instrument_type == SPREAD:
        return value_minor * listing.lot * listing.subticks_per_tick, quantity
    units = int(10**listing.price_decimals) * listing.subticks_per_tick
    if listing.valuation == Valuation.INVERSE:
        return quantity * listing.multiplier_minor * units, value_minor * listing.tick_units
    return value_minor * units, quantity * listing.multiplier_minor * listing.tick_units


def average_or_none(
    quantity: int, value_minor: int, listing: Listing, low_ticks: int, high_ticks: int
) -> Number | None:
    """The average price of what has this value, to the sub-tick, within the bounds if they are known; null for nothing.

    The bounds are the lowest and highest price that went into it; when they agree the price is exactly theirs, although
    values are rounded.
    """
    if not quantity or not value_minor:
        return None
    numerator, denominator = subticks_of_value(quantity, value_minor, listing)
    subticks = (2 * numerator + denominator) // (2 * denominator)
    if low_ticks:
        low, high = low_ticks * listing.subticks_per_tick, high_ticks * listing.subticks_per_tick
        subticks = min(max(subticks, low), high)
    return of_subticks(subticks, listing)


def notionals(
    listing: Listing, quantity: int, price_ticks: int, value_minor: int, conversion: tuple[int, int]
) -> tuple[Number, Number]:
    """Home and foreign notional as magnitudes; `conversion` is a quanto's index value and its units in one whole.

    A spread has none: what it trades is in its legs.
    """
    if listing.instrument_type == SPREAD:
        return 0, 0
    minor = listing.currency.minor_units
    if listing.valuation == Valuation.INVERSE:
        return ratio(value_minor, minor), ratio(quantity * listing.multiplier_minor, minor)
    if listing.valuation == Valuation.LINEAR:
        home = ratio(quantity, listing.contracts_per_underlying or 1)
        return home, ratio(value_minor, minor)
    numerator, denominator = value_minor * conversion[0], minor * conversion[1]
    foreign = rounded(numerator, denominator, 8)
    price = price_ticks * listing.tick_units
    if not price:
        return 0, foreign
    return rounded(numerator * int(10**listing.price_decimals), denominator * price, 8), foreign
