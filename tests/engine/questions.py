"""Short words for contracts without an index: a pre-launch future, a prediction market, and what is said to them."""

from outcry.protocol import layout, wire
from outcry.protocol.layout import InstrumentType, MarkMethod, Valuation
from tests.engine.worlds import World, number_words

FIRST_NS = 1_700_002_800 * 10**9
"""A whole hour."""
MINUTE_NS, HOUR_NS = layout.MINUTE_NS, layout.HOUR_NS
TICKS_MAX = 10_000
"""100 % in hundredths; a tick is ten sub-ticks."""
HIGHEST = 10 * TICKS_MAX
NO_FUNDING = {"funding_rate_ppb": 0, "funding_interval_ns": 0, "funding_offset_ns": 0}
PRELAUNCH = {
    **NO_FUNDING,
    "index": 0,
    "instrument_type": InstrumentType.PRELAUNCH,
    "valuation": Valuation.LINEAR,
    "mark_method": MarkMethod.MARK_PROTECTED,
    "price_decimals": 4,
    "lot": 1,
    "multiplier_minor": 1_000_000,
    "price_ticks_max": 1_000_000,
    "initial_margin_ppm": 500_000,
    "maintenance_margin_ppm": 250_000,
    "risk_limit_minor": 10**15,
    "risk_step_minor": 0,
    "opening_subticks": 100_000,
    "hourly_band_ppm": 200_000,
    "band_ppm": 500_000,
}
"""One dollar at the opening: 10,000 ticks, 100,000 sub-ticks; a contract is worth 1,000,000 minor units then."""
PREDICTION = {
    **NO_FUNDING,
    "index": 0,
    "instrument_type": InstrumentType.PREDICTION,
    "valuation": Valuation.LINEAR,
    "mark_method": MarkMethod.MARK_LAST,
    "price_decimals": 4,
    "lot": 1,
    "multiplier_minor": 1_000_000,
    "price_ticks_max": TICKS_MAX,
    "initial_margin_ppm": 1_000_000,
    "maintenance_margin_ppm": 1_000_000,
    "risk_limit_minor": 10**15,
    "risk_step_minor": 0,
    "maker_fee_ppm": 0,
    "taker_fee_ppm": 0,
    "opening_subticks": HIGHEST // 2,
    "dispute_ns": 2 * HOUR_NS,
    "bond_minor": 10**6,
    "band_ppm": 900_000,
}
"""A contract is worth 1,000,000 minor units at 100 %; it opens at 50 %."""


def venue() -> World:
    """A currency, an index that has no value yet, and time at a whole hour."""
    world = World()
    world.now_ns = FIRST_NS
    world.currency("USDt", 6)
    world.index(".NEW", decimals=4)
    return world


def prelaunch(**terms: int) -> World:
    """The pre-launch future as instrument 1, and traders 8 and 9 with money."""
    world = venue()
    world.instrument("NEWUSDT", **{**PRELAUNCH, **terms})
    for number in (1, 2):
        world.trader(number, 10**12)
    return world


def question(**terms: int) -> World:
    """The prediction market as instrument 1, and traders 8 and 9 with money."""
    world = venue()
    world.instrument("P_RAIN", **{**PREDICTION, **terms})
    for number in (1, 2):
        world.trader(number, 10**10)
    return world


def source(number: int) -> bytes:
    """The hash of a source."""
    return number_words(number, 32)


def propose(world: World, outcome: int, voided: int = 0, instrument: int = 1) -> list[wire.Event]:
    record = layout.ProposeOutcome(instrument=instrument, voided=voided, outcome_subticks=outcome)
    wire.put_bytes(record.source_hash, source(1))
    return world.send(record)


def dispute(world: World, account: int, instrument: int = 1) -> list[wire.Event]:
    record = layout.DisputeOutcome(account=account, instrument=instrument)
    wire.put_bytes(record.source_hash, source(2))
    return world.send(record)


def decide(world: World, outcome: int, voided: int = 0, instrument: int = 1) -> list[wire.Event]:
    record = layout.DecideOutcome(instrument=instrument, voided=voided, outcome_subticks=outcome)
    wire.put_bytes(record.source_hash, source(3))
    return world.send(record)


def convert(world: World, **terms: int) -> list[wire.Event]:
    """To a perpetual of index 1 with a funding every eight hours, unless terms say otherwise."""
    standard = {
        "instrument": 1,
        "index": 1,
        "instrument_type": InstrumentType.PERPETUAL,
        "mark_method": MarkMethod.MARK_FUNDING,
        "impact_notional_minor": 10**9,
        "funding_interval_ns": 8 * HOUR_NS,
        "funding_offset_ns": 4 * HOUR_NS,
    }
    return world.send(layout.Convert(**{**standard, **terms}))


def until(world: World, time_ns: int) -> list[wire.Event]:
    """Minute after minute up to a time, its tick included; what the last one said."""
    events: list[wire.Event] = []
    while world.now_ns < time_ns:
        world.now_ns = min(time_ns, (world.now_ns // MINUTE_NS + 1) * MINUTE_NS)
        events = world.send(layout.Tick())
    return events
