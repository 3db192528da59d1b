"""Times as ISO 8601 in UTC with milliseconds and Z, and back.

Nanoseconds since 1970 inside.  Dates that stand for spans (`fundingInterval`) count from 2000-01-01, as BitMEX's do.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from outcry.gateway.answers import bad

SECOND_NS = 10**9
MILLISECOND_NS = 10**6
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_2000_NS = 946_684_800 * SECOND_NS
LATEST_NS = 2**63 - 1
DIGITS = re.compile(r"\d{1,16}", re.ASCII)
YEAR_DIGITS, DATE_DIGITS = 4, 8


def time_text(time_ns: int) -> str:
    """The time, cut to milliseconds."""
    return _millisecond_text(time_ns // MILLISECOND_NS)


@lru_cache(maxsize=4_096)
def _millisecond_text(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1_000)
    return f"{_second_text(seconds)}.{rest:03d}Z"


@lru_cache(maxsize=4_096)
def _second_text(seconds: int) -> str:
    return f"{EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}"


def time_text_or_none(time_ns: int) -> str | None:
    """The same, null for 0."""
    return time_text(time_ns) if time_ns else None


def span_text(span_ns: int) -> str | None:
    """A span as a date, null for none."""
    return time_text(YEAR_2000_NS + span_ns) if span_ns else None


def time_ns_of(value: Any, name: str) -> int:
    """Nanoseconds of an ISO time (UTC unless it says otherwise) or of integer milliseconds.

    A text of four digits is a year and one of eight a date, as ISO 8601 has them; fewer than four digits are refused.
    """
    if isinstance(value, str):
        value = value.strip()
        if DIGITS.fullmatch(value) and len(value) > YEAR_DIGITS and len(value) != DATE_DIGITS:
            value = int(value)
        elif DIGITS.fullmatch(value) and len(value) == YEAR_DIGITS:
            value = f"{value}-01-01"
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LATEST_NS // MILLISECOND_NS:
        return value * MILLISECOND_NS
    if not isinstance(value, str):
        raise bad(f"Invalid {name}")
    try:
        # A + that was not escaped in a query has become a space.
        moment = datetime.fromisoformat(value.replace(" 00:00", "+00:00"))
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        span = moment - EPOCH
    except (ValueError, OverflowError) as error:
        raise bad(f"Invalid {name}") from error
    return ((span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds) * 1_000
