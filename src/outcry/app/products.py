"""A product: terms that many contracts have in common, and when which of them are listed (LST-03).

First what its file may say, then when contracts end, then what they are called.  A file has the keys of an instrument
(`terms`); `symbol` is a pattern, `index` and the rest are as they are.  What may stand in a pattern is in `PATTERNS`.
Knows no clock and no engine; `series` says what is to be listed now.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta

import msgspec

from outcry.app.terms import (
    PPM_DECIMALS,
    InstrumentTerms,
    ListingError,
    Things,
    instrument_record,
    with_unit,
)

CODES = "FGHJKMNQUVXZ"
"""A month's letter, January first, as futures have had them for a century."""
MONTHS = tuple(calendar.month_abbr[month].upper() for month in range(1, 13))
FRIDAY = 4
SETTLES_AT_HOUR = 12
QUARTER_MONTHS = 3
WEEKLY, MONTHLY, QUARTERLY, ONCE = "weekly", "monthly", "quarterly", "once"
CADENCES = (WEEKLY, MONTHLY, QUARTERLY, ONCE)
PATTERNS = {
    "{code}": f"[{CODES}][0-9]{{2}}",
    "{next}": f"[{CODES}][0-9]{{2}}",
    "{date}": f"[0-9]{{2}}({'|'.join(MONTHS)})[0-9]{{2}}",
    "{strike}": r"[0-9]+(\.[0-9]+)?",
    "{kind}": "[CP]",
}
"""What may stand in a pattern, and what it looks like in a name: month and year of the end, those of the end after it,
the day of the end, the strike, and C or P for call or put."""
OPTION, SPREAD = "option", "spread"
UNDATED = datetime(2100, 1, 1, tzinfo=UTC)


class Series(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often contracts of a product end, and how many of them are listed ahead."""

    cadence: str
    ahead: int
    strikes: int = 0
    """Options: so many strikes on each side of the money."""
    strike_step: str = "0 %"
    """Options: strikes are about so far from each other."""

    @property
    def step_ppm(self) -> int:
        """`strike_step` as millionths.  Raises `ListingError`."""
        return with_unit("strike_step", self.strike_step, "%", PPM_DECIMALS - 2)


class Product(InstrumentTerms, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Terms of many contracts.  Its type may also be `option`, which is a call and a put of each strike."""

    series: tuple[Series, ...]
    leg: str = ""
    """Spreads: the pattern of the symbols of the futures."""
    question: str = ""
    """Predictions: what is asked; it travels with the listing as its text."""

    def names(self, symbol: str) -> bool:
        """Whether a symbol may be one of this product's."""
        pattern = re.escape(self.symbol).replace(r"\{", "{").replace(r"\}", "}")
        for mark, looks in PATTERNS.items():
            pattern = pattern.replace(mark, looks)
        return re.fullmatch(pattern, symbol) is not None

    def terms(self, **changes: object) -> InstrumentTerms:
        """The terms of one contract."""
        common = {name: getattr(self, name) for name in InstrumentTerms.__struct_fields__}
        return InstrumentTerms(**{**common, **changes})

    def check(self, things: Things) -> None:
        """That every contract of it could be said as a command.  Raises `ListingError`."""
        if not self.series:
            raise ListingError(f"{self.symbol}: a product without series lists nothing")
        for one in self.series:
            if one.cadence not in CADENCES:
                raise ListingError(f"{self.symbol}: cadence: {one.cadence!r} should be one of {', '.join(CADENCES)}")
            if one.ahead < 1 or one.strikes < 0 or (self.type == OPTION and one.step_ppm <= 0):
                raise ListingError(
                    f"{self.symbol}: a series is at least one ahead, and one of options has a strike_step"
                )
        sample = self.terms(symbol=self.symbol.partition("{")[0] or "sample")
        for kind in ("call", "put") if self.type == OPTION else (self.type,):
            instrument_record(things, msgspec.structs.replace(sample, type=kind))


def ends_after(cadence: str, time: datetime, count: int) -> list[datetime]:
    """The next `count` ends of contracts strictly after a time: Fridays at 12:00 UTC, of a week, month or quarter."""
    if cadence == ONCE:
        return [UNDATED]
    if cadence == WEEKLY:
        first = (time + timedelta(days=(FRIDAY - time.weekday()) % 7)).date()
        fridays = [_noon(first.year, first.month, first.day) + timedelta(weeks=week) for week in range(count + 1)]
        return [friday for friday in fridays if friday > time][:count]
    ends: list[datetime] = []
    year, month = time.year, time.month
    while len(ends) < count:
        end = last_friday(year, month)
        if end > time and (cadence == MONTHLY or month % QUARTER_MONTHS == 0):
            ends.append(end)
        year, month = (year + 1, 1) if month == len(CODES) else (year, month + 1)
    return ends


def last_friday(year: int, month: int) -> datetime:
    """Noon UTC of a month's last Friday."""
    days = calendar.monthrange(year, month)[1]
    return _noon(year, month, days - (calendar.weekday(year, month, days) - FRIDAY) % 7)


def code(end: datetime) -> str:
    """Month and year as futures are called by, such as Z26."""
    return f"{CODES[end.month - 1]}{end:%y}"


def date(end: datetime) -> str:
    """The day as options are called by, such as 25DEC26."""
    return f"{end:%d}{MONTHS[end.month - 1]}{end:%y}"


def _noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, SETTLES_AT_HOUR, tzinfo=UTC)
