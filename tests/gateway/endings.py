"""Contracts of every kind for tests of the gateway, and time that goes on until they end.

What the engine cannot do by itself where a test needs it is written into its rows, and told as events by hand.
"""

from typing import Any

from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, InstrumentState, InstrumentType, MarkMethod, Valuation
from tests.engine.worlds import listing, one
from tests.gateway.venues import ObservedWorld, Venue

MINUTE_NS = 60 * 10**9
LATER_NS = 40 * MINUTE_NS


def listed(world: ObservedWorld, symbol: str, **terms: int) -> int:
    """An instrument's number."""
    record = listing(symbol, **terms)
    return int(one(world.send(record), EventKind.LISTED).instrument)


def expiry_of(world: ObservedWorld, after_ns: int = LATER_NS) -> int:
    """A whole minute so far ahead."""
    return (world.now_ns + after_ns) // MINUTE_NS * MINUTE_NS


def future(world: ObservedWorld, symbol: str = "XBTZ23", **terms: int) -> int:
    """An inverse future of .BXBT that ends in 40 minutes unless said, with a settlement fee of 0.05 %."""
    standard = {
        "instrument_type": InstrumentType.FUTURE,
        "mark_method": MarkMethod.MARK_IMPACT,
        "funding_interval_ns": 0,
        "funding_rate_ppb": 0,
        "funding_offset_ns": 0,
        "impact_notional_minor": 10**8,
        "settlement_fee_ppm": 500,
        "expiry_ns": expiry_of(world),
    }
    return listed(world, symbol, **{**standard, **terms})


def become(world: ObservedWorld, number: int, **fields: Any) -> None:
    """Write into an instrument's row, and have the views read its terms again."""
    row = world.engine.tables.instruments[number]
    for name, value in fields.items():
        if isinstance(value, str):
            wire.put_text(getattr(row, name), value)
        else:
            setattr(row, name, value)
    world.recent.directory.forget()


def option(world: ObservedWorld, symbol: str = "XBT-29DEC23-65000-C", strike: int = 65_000, **fields: Any) -> int:
    """A call on .BXBT, premium in XBT to 0.0001; it is a future whose row says otherwise."""
    number = future(world, symbol)
    standard: dict[str, Any] = {
        "instrument_type": InstrumentType.CALL,
        "valuation": Valuation.LINEAR,
        "mark_method": MarkMethod.MARK_MODEL,
        "quote": "XBT",
        "price_decimals": 4,
        "tick_units": 1,
        "lot": 1,
        "multiplier_minor": 10**7,
        "contracts_per_underlying": 10,
        "price_ticks_max": 10_000,
        "strike_units": strike * 100,
        "fee_cap_ppm": 125_000,
        "mark_subticks": 200,
        "index_subticks": 0,
    }
    become(world, number, **{**standard, **fields})
    return number


def prediction(world: ObservedWorld, symbol: str = "ETFZ23", **fields: Any) -> int:
    """A market from 0 to 100 in USDt; it is a future whose row says otherwise."""
    number = future(world, symbol)
    standard: dict[str, Any] = {
        "instrument_type": InstrumentType.PREDICTION,
        "valuation": Valuation.LINEAR,
        "mark_method": MarkMethod.MARK_LAST,
        "index": 0,
        "index_subticks": 0,
        "currency": 2,
        "underlying": "ETF",
        "quote": "USDT",
        "price_decimals": 2,
        "lot": 1,
        "multiplier_minor": 10_000,
        "contracts_per_underlying": 0,
        "price_ticks_max": 10_000,
        "initial_margin_ppm": 10**6,
        "maintenance_margin_ppm": 10**6,
        "mark_subticks": 30_000,
        "dispute_ns": 7_200 * 10**9,
        "bond_minor": 5_000_000,
    }
    become(world, number, **{**standard, **fields})
    return number


def spread(world: ObservedWorld, near: int, far: int, symbol: str = "XBTZ23H24", **fields: Any) -> int:
    """A calendar spread of two futures whose origin is at 10,000 ticks; a future whose row says otherwise."""
    number = future(world, symbol)
    standard: dict[str, Any] = {
        "instrument_type": InstrumentType.SPREAD,
        "mark_method": MarkMethod.MARK_LEGS,
        "index": 0,
        "index_subticks": 0,
        "near_instrument": near,
        "far_instrument": far,
        "origin_ticks": 10_000,
        "price_ticks_max": 20_000,
        "mark_subticks": 99_500,
    }
    become(world, number, **{**standard, **fields})
    return number


def prelaunch(world: ObservedWorld, symbol: str = "NEWZ23", **fields: Any) -> int:
    """A future of an asset that does not trade yet; a future whose row says otherwise."""
    number = future(world, symbol)
    standard: dict[str, Any] = {
        "instrument_type": InstrumentType.PRELAUNCH,
        "mark_method": MarkMethod.MARK_PROTECTED,
        "index": 0,
        "index_subticks": 0,
        "underlying": "NEW",
        "mark_subticks": 100_000,
        "lowest_ticks": 8_000,
        "highest_ticks": 12_000,
    }
    become(world, number, **{**standard, **fields})
    return number


def in_state(world: ObservedWorld, number: int, state: InstrumentState, **fields: Any) -> None:
    """As `become`, with a state."""
    become(world, number, state=state, **fields)


def pass_minutes(venue: Venue, minutes: int, dollars: int = 60_000) -> None:
    """The same for a venue, whose door's clock goes on too."""
    go_on(venue.world, minutes, dollars)
    venue.now = venue.world.now_ns / 1e9


def go_on(world: ObservedWorld, minutes: int, dollars: int = 60_000) -> None:
    """Time passes, with prices of .BXBT and .BETH each minute and the engine's own work done."""
    for _ in range(minutes):
        world.wait(60)
        for constituent, index, price in ((1, 1, dollars), (2, 1, dollars), (3, 2, 3_000), (4, 2, 3_000)):
            world.price(index, price * 100, constituent)
        world.send(layout.Tick())
        while world.engine.work_waiting:
            world.carry_on()
