"""Worlds with options and predictions, and short words for what a feed says of an option."""

from random import Random

from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, InstrumentType, MarkMethod, Side, Valuation
from tests.engine.worlds import World, listing, one

BITCOIN = 10**8
DOLLAR = 10**6
STRIKE = 60_000_00
MINUTE_NS = 60 * 10**9


def bitcoin(spot: int = 50_000, world: World | None = None) -> World:
    """XBt and USDt, and .BXBT at so many whole dollars."""
    world = world or World()
    world.currency("XBt", 8)
    world.currency("USDt", 6)
    world.index(".BXBT")
    world.price(1, spot * 100)
    return world


def next_day(world: World) -> int:
    """A whole minute a day from now."""
    return (world.now_ns // MINUTE_NS + 24 * 60) * MINUTE_NS


def option_terms(world: World, symbol: str, kind: int, strike: int = STRIKE, **more: int) -> layout.List:
    """A contract on one bitcoin, premium in bitcoin, a tick of 0.0001; no fees unless said."""
    terms = {
        "instrument_type": kind,
        "valuation": Valuation.LINEAR,
        "price_decimals": 4,
        "lot": 1,
        "multiplier_minor": BITCOIN,
        "quantity_max": 10**6,
        "price_ticks_max": 100_000,
        "initial_margin_ppm": 150_000,
        "floor_margin_ppm": 100_000,
        "maintenance_margin_ppm": 75_000,
        "risk_limit_minor": 1_000 * BITCOIN,
        "risk_step_minor": 0,
        "maker_fee_ppm": 0,
        "taker_fee_ppm": 0,
        "mark_method": MarkMethod.MARK_MODEL,
        "funding_rate_ppb": 0,
        "funding_interval_ns": 0,
        "funding_offset_ns": 0,
        "fee_cap_ppm": 125_000,
        "strike_units": strike,
        "expiry_ns": next_day(world),
    }
    record = listing(symbol, **{**terms, **more})
    wire.put_text(record.quote, "XBT")
    return record


def option(world: World, symbol: str, kind: int = InstrumentType.CALL, strike: int = STRIKE, **more: int) -> int:
    """List such an option."""
    return int(one(world.send(option_terms(world, symbol, kind, strike, **more)), EventKind.LISTED).instrument)


def dollar_option(world: World, symbol: str, kind: int = InstrumentType.CALL, **more: int) -> int:
    """The same on a hundredth of a bitcoin, premium in whole dollars, settled in USDt."""
    terms = {"currency": 2, "multiplier_minor": DOLLAR // 100, "price_decimals": 0, "price_ticks_max": 10**6}
    terms["risk_limit_minor"] = 10**6 * DOLLAR
    record = option_terms(world, symbol, kind, **{**terms, **more})
    wire.put_text(record.quote, "USDT")
    return int(one(world.send(record), EventKind.LISTED).instrument)


def prediction_terms(symbol: str = "P_RAIN", **more: int) -> layout.List:
    """A question worth 0 to 100, a dollar at 100, in cents; no fees unless said."""
    terms = {
        "instrument_type": InstrumentType.PREDICTION,
        "index": 0,
        "currency": 2,
        "valuation": Valuation.LINEAR,
        "price_decimals": 2,
        "lot": 1,
        "multiplier_minor": DOLLAR // 100,
        "quantity_max": 10**6,
        "price_ticks_max": 100_00,
        "initial_margin_ppm": 1_000_000,
        "maintenance_margin_ppm": 1_000_000,
        "risk_limit_minor": 10**6 * DOLLAR,
        "risk_step_minor": 0,
        "maker_fee_ppm": 0,
        "taker_fee_ppm": 0,
        "mark_method": MarkMethod.MARK_LAST,
        "opening_subticks": 50_000,
        "band_ppm": 999_999,
        "funding_rate_ppb": 0,
        "funding_interval_ns": 0,
        "funding_offset_ns": 0,
    }
    return listing(symbol, **{**terms, **more})


def prediction(world: World, symbol: str = "P_RAIN", **more: int) -> int:
    """List such a question."""
    return int(one(world.send(prediction_terms(symbol, **more)), EventKind.LISTED).instrument)


def model(world: World, instrument: int, mark_subticks: int, forward: int = 50_000_00, **more: int) -> list[wire.Event]:
    """What the feed says of an option, seen just now unless said."""
    put = world.engine.tables.instruments[instrument].instrument_type == InstrumentType.PUT
    record = layout.SetOptionMark(
        instrument=instrument,
        mark_subticks=mark_subticks,
        forward_units=forward,
        volatility_ppm=600_000,
        delta_ppm=-300_000 if put else 300_000,
        seen_ns=world.now_ns,
    )
    for name, value in more.items():
        setattr(record, name, value)
    return world.send(record)


class Bourse:
    """Options of both kinds, a question and a perpetual, half a dozen traders, and what they do at random."""

    STRIKE = 52_000_00

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.world = world = bitcoin()
        fees = {"taker_fee_ppm": 500, "maker_fee_ppm": 200}
        steps = {"risk_limit_minor": 20 * BITCOIN, "risk_step_minor": 20 * BITCOIN}
        self.calls = option(world, "C", InstrumentType.CALL, self.STRIKE, **fees)
        self.puts = option(world, "P", InstrumentType.PUT, self.STRIKE, **{**fees, "maker_fee_ppm": -100}, **steps)
        self.dollars = dollar_option(world, "D", InstrumentType.CALL, strike_units=self.STRIKE, **fees)
        self.rain = prediction(world, taker_fee_ppm=2_500)
        self.perpetual = world.instrument("XBTUSD", funding_rate_ppb=0)
        self.spot = 50_000_00
        world.price(1, self.spot)
        self.traders = [world.trader(at, self.chance.choice([2, 20]) * BITCOIN) for at in range(1, 7)]
        for account in self.traders:
            world.deposit(account, 5_000 * DOLLAR, 2)
        self.say_models()

    def say_models(self) -> None:
        """Every option is worth what it would pay now and some time value."""
        for number in (self.calls, self.puts, self.dollars):
            inner = self.STRIKE - self.spot if number == self.puts else self.spot - self.STRIKE
            worth = max(0, inner) + 1_500_00
            subticks = worth // 10 if number == self.dollars else worth * 10**5 // self.spot
            assert not any(e.head.kind == EventKind.REFUSED for e in model(self.world, number, subticks, self.spot))

    def step(self) -> list[wire.Event]:
        """Something at random: the price moves, somebody trades or cancels, the work goes on, a restart."""
        chance, world = self.chance, self.world
        world.wait(chance.choice([1, 5]))
        act = chance.random()
        if act < 0.25:
            self.spot = max(20_000_00, int(self.spot * (1 + chance.gauss(0, 0.02))))
            events = world.price(1, self.spot)
            self.say_models()
            return events + world.carry_on()
        if act < 0.9:
            return self.trade()
        if act < 0.97:
            return world.cancel_all(chance.choice(self.traders))
        world.restart()
        return world.carry_on()

    def trade(self) -> list[wire.Event]:
        """An order near the mark."""
        chance = self.chance
        number = chance.choice([self.calls, self.puts, self.dollars, self.rain, self.perpetual])
        row = self.world.engine.tables.instruments[number]
        far = {self.calls: 300, self.puts: 300, self.rain: 400}.get(number, 2_000)
        ticks = row.mark_subticks // row.subticks_per_tick + chance.randint(-far, far)
        quantity = chance.randint(1, 20) * row.lot
        if number == self.perpetual:
            quantity *= chance.choice([10, 100, 500])
        return self.world.place(
            chance.choice(self.traders),
            chance.choice([Side.BUY, Side.SELL]),
            quantity * (10 if number in (self.rain, self.dollars) else 1),
            min(row.price_ticks_max, max(1, ticks)) if chance.random() < 0.9 else 0,
            instrument=number,
            reduce_only=chance.random() < 0.1,
        )
