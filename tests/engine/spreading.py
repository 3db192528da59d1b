"""A venue with two futures of one index and the calendar spread between them, inverse or linear, for tests of SPR."""

from typing import Any

from outcry.protocol.layout import EventKind, InstrumentType, MarkMethod, Valuation
from tests.engine.worlds import START_NS, World, of_kind

NEAR, FAR, SPREAD = 1, 2, 3
ORIGIN = 10_000
"""Ticks that mean no difference."""
DAY_NS = 86_400 * 10**9
FIRST_NS = START_NS // DAY_NS * DAY_NS + 30 * DAY_NS
FUTURE = {
    "instrument_type": InstrumentType.FUTURE,
    "mark_method": MarkMethod.MARK_IMPACT,
    "funding_rate_ppb": 0,
    "funding_interval_ns": 0,
    "funding_offset_ns": 0,
    "initial_margin_ppm": 10_000,
    "maintenance_margin_ppm": 5_000,
}
LINEAR = {"valuation": Valuation.LINEAR, "lot": 1, "multiplier_minor": 1_000}
"""A contract is a millionth of a coin, its money has six decimals."""


def terms(**more: int) -> dict[str, int]:
    """Those of the spread; more may say otherwise."""
    own = {
        "instrument_type": InstrumentType.SPREAD,
        "mark_method": MarkMethod.MARK_LEGS,
        "expiry_ns": FIRST_NS,
        "near_instrument": NEAR,
        "far_instrument": FAR,
        "origin_ticks": ORIGIN,
        "price_ticks_max": 2 * ORIGIN,
        "band_ppm": 20_000,
    }
    return {**FUTURE, **own, **more}


def apart(linear: bool = False, dollars: int = 10_000, limit: int = 200 * 10**8, impact: int = 0, **more: int) -> World:
    """The venue, both legs at this mark, with this risk limit and impact notional."""
    world = World()
    world.currency("USDt" if linear else "XBt", 6 if linear else 8)
    world.index(".BXBT")
    kind = {**FUTURE, **(LINEAR if linear else {}), "risk_limit_minor": limit, "impact_notional_minor": impact}
    world.instrument("XBTH", **{**kind, "expiry_ns": FIRST_NS})
    world.instrument("XBTM", **{**kind, "expiry_ns": FIRST_NS + 90 * DAY_NS})
    world.instrument("XBTH-XBTM", **{**(LINEAR if linear else {}), **terms(**more)})
    world.price(1, dollars * 100)
    return world


def order(world: World, account: int, side: int, quantity: int, difference: int, **more: Any) -> list[Any]:
    """An order in the spread at a difference in ticks."""
    return world.place(account, side, quantity, ORIGIN + difference, instrument=SPREAD, **more)


def at_market(world: World, account: int, side: int, quantity: int, **more: Any) -> list[Any]:
    """A market order in the spread."""
    return world.place(account, side, quantity, 0, instrument=SPREAD, **more)


def legs(events: list[Any]) -> list[tuple[int, int, int]]:
    """Instrument, quantity and price of every fill among the events."""
    return [(event.instrument, event.quantity, event.price_ticks) for event in of_kind(events, EventKind.FILL)]


def held(world: World, account: int) -> tuple[int, int, int]:
    """What an account holds of the near leg, the far leg and the spread."""
    return tuple(world.position(account, number).quantity for number in (NEAR, FAR, SPREAD))  # type: ignore[return-value]
