"""What an attacker or an auditor tried on the risk engine (issue 5): each a small history on the real engine."""

from outcry.engine import equity, reading
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, Valuation
from tests.engine.seizing import give_fund, work
from tests.engine.worlds import BUY, SELL, World, one, refused
from tests.laws import invariants

MARK = 100_000
LINEAR = {
    "valuation": Valuation.LINEAR,
    "lot": 1,
    "multiplier_minor": 1_000,
    "risk_limit_minor": 10**15,
    "funding_rate_ppb": 0,
    "initial_margin_ppm": 10_000,
    "maintenance_margin_ppm": 5_000,
}


def two_contracts(**terms: int) -> World:
    """Two linear contracts of one currency, both at 10,000 on an index each; a contract is worth 10^7."""
    world = World()
    world.currency("XBt", 8)
    for number in (1, 2):
        world.index(f".B{number}")
        world.instrument(f"X{number}", **{**LINEAR, **terms, "index": number})
        world.price(number, 10 * MARK)
    give_fund(world, 10**13)
    return world


def isolate(world: World, account: int, isolated: int, instrument: int = 1) -> list[wire.Event]:
    record = layout.SetIsolated()
    record.account, record.instrument, record.isolated = account, instrument, isolated
    return world.send(record)


def hedged(deposit_minor: int) -> tuple[World, int]:
    """An account long of one contract and short of the other, both a tenth higher since: it has lost nothing."""
    world = two_contracts()
    maker, thief = world.trader(1, 10**14), world.trader(2, deposit_minor)
    for number, side in ((1, BUY), (2, SELL)):
        world.place(maker, SELL if side == BUY else BUY, 10_000, MARK, instrument=number)
        one(world.place(thief, side, 10_000, MARK, instrument=number), EventKind.FILL)
    for number in (1, 2):
        world.price(number, 11 * MARK)
    work(world)
    assert reading.margin_of(world.engine.tables, thief, 1).available_minor < 0
    return world, thief


def test_a_gain_is_not_isolated_away_from_the_loss_it_covers() -> None:
    """Else the loss is the fund's, or of those who are deleveraged, and the gain stays the thief's."""
    world, thief = hedged(3 * 10**9)
    assert refused(isolate(world, thief, 1)) == "LIQUIDATION_IMMEDIATE"
    assert refused(world.leverage(thief, 10_000)) == "LIQUIDATION_IMMEDIATE"
    assert (world.position(thief).isolated, world.position(thief).leverage_centi) == (0, 0)
    # The losing one could not stand alone.
    assert refused(isolate(world, thief, 1, instrument=2)) == "LIQUIDATION_IMMEDIATE"
    # With money enough for what stays behind the gain may stand alone.
    world.deposit(thief, 10**11)
    one(isolate(world, thief, 1), EventKind.MARGIN_SET)
    invariants.check(world.engine.tables)


def test_a_gain_is_not_given_away_as_long_as_it_covers_a_loss() -> None:
    """5 % under the mark to a friend: more than the account has, so others would pay for it."""
    world, thief = hedged(3 * 10**9)
    friend = world.trader(3, 10**13)
    world.place(friend, BUY, 10_000, 104_500)
    assert refused(world.place(thief, SELL, 10_000, 104_500)) == "LIQUIDATION_IMMEDIATE"
    assert refused(world.place(thief, SELL, 10_000, 104_500, reduce_only=True)) == "LIQUIDATION_IMMEDIATE"
    assert refused(world.place(thief, SELL, 10_000, 0, close=True)) == "LIQUIDATION_IMMEDIATE"
    # What it can bear it may do.
    one(world.place(thief, SELL, 2_000, 104_500), EventKind.FILL)
    invariants.check(world.engine.tables)


def test_what_an_isolated_position_has_paid_beyond_its_margin_backs_nothing_else() -> None:
    """Funding has eaten more than its own margin, its gain keeps it; the others can lose the wallet and no more."""
    world = two_contracts(funding_rate_ppb=20_000_000)
    maker, holder = world.trader(1, 10**14), world.trader(2, 2 * 10**10)
    world.leverage(holder, 1_000)
    world.place(maker, SELL, 10_000, MARK)
    one(world.place(holder, BUY, 10_000, MARK), EventKind.FILL)
    world.price(1, 11 * MARK)
    one(world.leverage(holder, 10_000), EventKind.MARGIN_SET)
    world.wait(8 * 3600)
    world.send(layout.Tick())
    work(world)
    row, tables = world.position(holder), world.engine.tables
    assert equity.own_margin_minor(tables, row, tables.instruments[1]) < 0
    world.place(maker, SELL, 30_000, MARK, instrument=2)
    one(world.place(holder, BUY, 30_000, MARK, instrument=2), EventKind.FILL)
    world.price(2, 9 * MARK)
    work(world)
    assert world.position(holder, 2).quantity == 0
    assert world.balance(holder) == 0
    assert world.position(holder).quantity == 10_000
    invariants.check(world.engine.tables)


def test_what_reduces_through_the_mark_is_backed() -> None:
    """It rests where nobody else bids; the friend takes it, and the wallet would owe what nobody has."""
    world = two_contracts()
    maker, thief = world.trader(1, 10**14), world.trader(2, 12 * 10**8)
    world.place(maker, SELL, 10_000, MARK)
    one(world.place(thief, BUY, 10_000, MARK), EventKind.FILL)
    assert refused(world.place(thief, SELL, 10_000, 95_000)) == "BALANCE_INSUFFICIENT"
    assert refused(world.place(thief, SELL, 10_000, 95_000, reduce_only=True)) == "BALANCE_INSUFFICIENT"
    assert refused(world.place(thief, SELL, 2_000, 95_000, reduce_only=True)) == "BALANCE_INSUFFICIENT"
    # At the mark and above it is free, and so is what the balance can bear.
    available = reading.margin_of(world.engine.tables, thief, 1).available_minor
    order = one(world.place(thief, SELL, 5_000, MARK, reduce_only=True), EventKind.PLACED).order_id
    assert reading.margin_of(world.engine.tables, thief, 1).available_minor == available
    assert refused(world.amend(thief, order, price_ticks=95_000)) == "BALANCE_INSUFFICIENT"
    world.deposit(thief, 10**10)
    world.amend(thief, order, price_ticks=95_000)
    rest = reading.margin_of(world.engine.tables, thief, 1).available_minor
    assert rest == available + 10**10 - 5_000 * 5_000 * 100
    world.restart()
    assert reading.margin_of(world.engine.tables, thief, 1).available_minor == rest
    invariants.check(world.engine.tables)


def test_a_skipped_funding_leaves_no_band_of_the_old_rate() -> None:
    """The rate that begins after a pause asks for more maintenance: who fails now is found before his old band."""
    world = two_contracts(interest_quote_ppb=1_800_000, impact_notional_minor=10**9)
    maker, holder = world.trader(1, 10**14), world.trader(2, 10**12)
    world.leverage(holder, 5_000)
    world.place(maker, SELL, 10_000, MARK)
    world.place(holder, BUY, 10_000, MARK)
    for minute in range(5):
        world.wait(60)
        world.price(1, 10 * MARK + minute)
        work(world)
    tables = world.engine.tables
    instrument, band = tables.instruments[1], world.position(holder).band_subticks
    world.wait(9 * 3600)
    world.send(layout.Resume(paused_ns=9 * 3600 * 10**9))
    assert instrument.funding_rate_ppb == 500_000
    work(world)
    world.price(2, 10 * MARK)
    world.price(1, band + 1)
    assert instrument.mark_subticks > band
    assert equity.fails(tables, holder)
    work(world)
    assert world.position(holder).quantity == 0
    invariants.check(tables)


def test_who_fails_when_an_instrument_opens_again_is_found_at_once() -> None:
    """Not only when the next mark moves: until then he would trade and take money out."""
    world = two_contracts()
    maker, holder = world.trader(1, 10**14), world.trader(2, 10**12)
    world.leverage(holder, 5_000)
    world.place(maker, SELL, 10_000, MARK)
    world.place(holder, BUY, 10_000, MARK)
    state = layout.SetInstrumentState(instrument=1, state=layout.InstrumentState.INSTRUMENT_PAUSED)
    world.send(state)
    world.price(1, 9 * MARK)
    work(world)
    assert world.position(holder).quantity == 10_000
    state.state = layout.InstrumentState.INSTRUMENT_OPEN
    world.send(state)
    assert refused(world.place(holder, BUY, 100, 9_000 * 10)) == "ACCOUNT_WAITS"
    work(world)
    assert world.position(holder).quantity == 0
