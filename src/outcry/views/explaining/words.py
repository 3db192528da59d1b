"""What an explanation is made of: terms with their integers, units and rules, checks that terms add up, and parts.

An explanation computes nothing but its checks.  A term's `value` is the engine's own integer, `text` the same for
people; `rule` is the number under which docs/rules says how it came about.
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from outcry.protocol.layout import PPB, PPM
from outcry.views.directory import Currency, Listing

CENTI = 100
SECOND_NS = 10**9


class NothingKnown(Exception):
    """There is nothing to explain, or it is not known here any more; the message says which."""


class Term(msgspec.Struct, frozen=True):
    """One number: its name in the schema or the rules, what it is and where it comes from."""

    name: str
    value: int
    text: str
    rule: str = ""
    how: str = ""


class Check(msgspec.Struct, frozen=True):
    """A sum that has to come out; both numbers, whether it does."""

    sum: str
    found: int
    expected: int
    holds: bool
    rule: str = ""


class Explanation(msgspec.Struct, frozen=True):
    """What is so after an entry, and why."""

    about: str
    title: str
    sequence: int
    time_ns: int
    terms: list[Term]
    checks: list[Check] = []
    parts: list["Explanation"] = []

    def term(self, name: str) -> Term:
        """The term of that name.  Raises `KeyError`."""
        for one in self.terms:
            if one.name == name:
                return one
        raise KeyError(name)

    def holds(self) -> bool:
        """Whether every check comes out, those of the parts too."""
        return all(one.holds for one in self.checks) and all(part.holds() for part in self.parts)


def check(sum_text: str, found: int, expected: int, rule: str = "") -> Check:
    """A check of two numbers that should be equal."""
    return Check(sum_text, found, expected, found == expected, rule)


def money(name: str, minor: int, currency: Currency, rule: str = "", how: str = "") -> Term:
    """An amount in minor units."""
    return Term(name, minor, f"{minor:,} {currency.symbol}", rule, how)


def contracts(name: str, quantity: int, rule: str = "", how: str = "") -> Term:
    """A quantity."""
    return Term(name, quantity, f"{quantity:,} contracts", rule, how)


def price(name: str, subticks: int, listing: Listing, rule: str = "", how: str = "") -> Term:
    """A price or a difference of prices in the instrument's sub-ticks."""
    return Term(name, subticks, price_text(subticks, listing), rule, how)


def price_text(subticks: int, listing: Listing) -> str:
    """A price in sub-ticks as decimal text, exactly."""
    exact = Decimal(subticks * listing.tick_units).scaleb(-listing.price_decimals) / listing.subticks_per_tick
    return f"{exact.normalize():,f}"


def ticks(name: str, at_ticks: int, listing: Listing, rule: str = "", how: str = "") -> Term:
    """A price in ticks."""
    return Term(name, at_ticks, price_text(at_ticks * listing.subticks_per_tick, listing), rule, how)


def units(name: str, value: int, decimals: int, rule: str = "", how: str = "") -> Term:
    """A value of an index, with all its decimals."""
    return Term(name, value, f"{Decimal(value).scaleb(-decimals):f}", rule, how)


def ppm(name: str, rate: int, rule: str = "", how: str = "") -> Term:
    """A rate in millionths."""
    return Term(name, rate, percent(rate, PPM), rule, how)


def ppb(name: str, rate: int, rule: str = "", how: str = "") -> Term:
    """A rate in billionths."""
    return Term(name, rate, percent(rate, PPB), rule, how)


def percent(rate: int, whole: int) -> str:
    """A rate as percent text, exactly."""
    return f"{(Decimal(100 * rate) / whole).normalize():f} %"


def number(name: str, value: int, text: str = "", rule: str = "", how: str = "") -> Term:
    """A number without a unit, or one whose text says more."""
    return Term(name, value, text or f"{value:,}", rule, how)


def age(name: str, nanoseconds: int, rule: str = "", how: str = "") -> Term:
    """A length of time."""
    return Term(name, nanoseconds, f"{Decimal(nanoseconds) / SECOND_NS:.3f} s", rule, how)


def lines(told: Explanation, depth: int = 0) -> Iterator[str]:
    """An explanation for people: a title, a line a term, a line a check, then its parts further in."""
    indent = "  " * depth
    yield f"{indent}{told.title}, sequence {told.sequence:,}"
    wide = max((len(one.name) for one in told.terms), default=0)
    for one in told.terms:
        why = "  ".join(filter(None, (one.rule, one.how)))
        yield f"{indent}  {one.name:<{wide}}  {one.text:>26}  {why}".rstrip()
    for one_check in told.checks:
        verdict = "holds" if one_check.holds else f"DOES NOT HOLD: expected {one_check.expected:,}"
        yield f"{indent}  {one_check.sum} = {one_check.found:,} ({verdict}) {one_check.rule}".rstrip()
    for part in told.parts:
        yield from lines(part, depth + 1)
