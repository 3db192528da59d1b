"""Fee tiers: what counts, when a tier is found, and that no fill ever costs the venue money (FEE-02, FEE-03)."""

import pytest

from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, FaultRow, InstrumentRow, Role
from outcry.rules import fees
from tests.engine.plain import plain_engine
from tests.engine.worlds import BUY, SELL, World, listing, of_kind, one, refused, xbtusd
from tests.laws import invariants

MARK = 100_000
DAY_NS = 24 * 3600 * 10**9
MILLION_CENTS = 100 * 10**6


def venue() -> World:
    """XBTUSD at 10,000.00 with its currency priced in dollars by its index."""
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument("XBTUSD", funding_rate_ppb=0, usd_index=1, risk_limit_minor=10**15)
    world.price(1, MARK * 10)
    return world


def trade(world: World, maker: int, taker: int, quantity: int) -> list[wire.Event]:
    world.place(maker, SELL, quantity, MARK)
    return world.place(taker, BUY, quantity, MARK)


def to_day(world: World, days: int) -> None:
    """One hour into the day that is so many after the present one."""
    world.now_ns = (world.now_ns // DAY_NS + days) * DAY_NS + 3600 * 10**9
    world.send(layout.Tick())
    world.price(1, MARK * 10)
    while world.engine.work_waiting:
        world.carry_on()


def volume(world: World, account: int) -> layout.VolumeRow:
    tables = world.engine.tables
    return tables.volumes[tables.accounts[account].volume]


def test_a_fill_counts_for_both_sides_in_cents() -> None:
    world = venue()
    maker, taker, other = (world.trader(number) for number in (1, 2, 3))
    trade(world, maker, taker, 12_300)
    trade(world, taker, maker, 700)
    day = world.now_ns // DAY_NS
    for account in (maker, taker):
        row = volume(world, account)
        assert (row.account, row.day) == (account, day)
        assert row.cents[day % 32] == 13_000 * 100
        assert sum(row.cents) == 13_000 * 100
    assert world.engine.tables.accounts[other].volume == 0
    assert world.engine.tables.accounts[Role.FEES].volume == 0


def test_a_tier_is_found_with_the_first_fill_of_a_day_and_stays_for_it() -> None:
    world = venue()
    maker, taker = world.trader(1, 10**12), world.trader(2, 10**12)
    whole = 30 * 10**6
    fill = one(trade(world, maker, taker, whole), EventKind.FILL)
    assert (fill.taker_fee_minor, fill.maker_fee_minor) == (fill.value_minor // 2000, fill.value_minor // 5000)
    assert not of_kind(trade(world, maker, taker, 100), EventKind.FEE_TIER_SET)
    to_day(world, 1)
    events = trade(world, maker, taker, 30_000)
    told = {event.account: (event.tier, event.volume_cents) for event in of_kind(events, EventKind.FEE_TIER_SET)}
    assert told == dict.fromkeys((maker, taker), (1, 3000 * 10**6 + 10000))
    fill = one(events, EventKind.FILL)
    rates = [fee * 10**6 // fill.value_minor for fee in (fill.taker_fee_minor, fill.maker_fee_minor)]
    assert rates == [333, 100]
    assert not of_kind(trade(world, maker, taker, 100), EventKind.FEE_TIER_SET)
    invariants.check(world.engine.tables)


def test_thirty_whole_days_count_and_today_does_not() -> None:
    world = venue()
    maker, taker = world.trader(1, 10**12), world.trader(2, 10**12)
    trade(world, maker, taker, 30 * 10**6)
    start = world.now_ns // DAY_NS
    tiers = {}
    for day in (1, 2, 15, 30, 31, 32):
        to_day(world, start + day - world.now_ns // DAY_NS)
        trade(world, maker, taker, 100)
        tiers[day] = world.engine.tables.accounts[maker].fee_tier
        total = sum(volume(world, maker).cents)
        assert total == 100 * (30 * 10**6 * (day < 32) + sum(100 for d in tiers if day - d < 32))
    assert tiers == {1: 1, 2: 1, 15: 1, 30: 1, 31: 0, 32: 0}


def test_an_account_that_was_away_for_long_begins_anew() -> None:
    world = venue()
    maker, taker = world.trader(1, 10**12), world.trader(2, 10**12)
    trade(world, maker, taker, 30 * 10**6)
    to_day(world, 1)
    trade(world, maker, taker, 100)
    assert world.engine.tables.accounts[taker].fee_tier == 1
    to_day(world, 1000)
    events = trade(world, maker, taker, 100)
    assert {event.tier for event in of_kind(events, EventKind.FEE_TIER_SET)} == {0}
    assert sum(volume(world, taker).cents) == 10_000


def test_volumes_are_the_same_in_both_modes_and_after_a_restart() -> None:
    world = venue()
    plain = plain_engine()
    traders = [world.trader(number, 10**12) for number in range(1, 5)]
    for day in range(4):
        for at, account in enumerate(traders):
            trade(world, account, traders[at - 1], 20_000_000 * (at + 1) // (day + 1) // 100 * 100)
        world.restart()
        to_day(world, 1)
    for entry in world.journal:
        plain.apply(entry)
    assert plain.roots() == world.engine.roots()
    fresh = Engine.restore(plain.snapshot())
    found = [fresh.tables.accounts[account].volume for account in traders]
    assert found == [plain.tables.accounts[account].volume for account in traders]
    assert sorted(found) == [1, 2, 3, 4]
    invariants.check(fresh.tables)


def test_there_is_room_for_the_volumes_of_all_accounts_after_they_have_grown() -> None:
    world = venue()
    maker, taker = world.trader(1, 10**12), world.trader(2, 10**12)
    record = layout.Grow()
    record.table, record.rows = layout.TableNumber.ACCOUNTS_TABLE, 8_193
    one(world.send(record), EventKind.GROWN)
    pools = world.engine.tables.pools
    assert pools[layout.TableNumber.VOLUMES_TABLE].rows == 8_193
    trade(world, maker, taker, 100)
    world.restart()
    trade(world, maker, taker, 100)
    assert sum(volume(world, maker).cents) == 20_000
    invariants.check(world.engine.tables)


def test_a_currency_that_is_a_dollar_needs_no_index() -> None:
    world = xbtusd()
    maker, taker = world.trader(1), world.trader(2)
    value = one(trade(world, maker, taker, 1_000_000), EventKind.FILL).value_minor
    assert sum(volume(world, maker).cents) == value // 10**6


@pytest.mark.parametrize("dollars", [0, 10**6 - 1, 10**6, 5 * 10**6, 24_999_999, 10**9 - 1, 10**9, 2**62 // 3000])
def test_a_tier_begins_with_its_average(dollars: int) -> None:
    scheme = (0, 1, 5, 10, 25, 50, 100, 250, 500, 1000)
    expected = max(tier for tier, millions in enumerate(scheme) if dollars >= millions * 10**6)
    assert fees.tier_of(dollars * 100 * 30 + 99) == expected


@pytest.mark.parametrize("taker", [0, 1, 175, 300, 500, 750, 2500, 999_999])
@pytest.mark.parametrize("maker", [-1_000_000, -250, -100, -1, 0, 200, 500, 10**6])
def test_no_fill_costs_the_venue_money_whatever_the_tiers(taker: int, maker: int) -> None:
    row = InstrumentRow()
    row.taker_fee_ppm, row.maker_fee_ppm = taker, max(-taker, min(taker, maker))
    fault = FaultRow()
    takers = [fees.taker_ppm(row, tier, fault) for tier in range(layout.FEE_TIERS)]
    makers = [fees.maker_ppm(row, tier, fault) for tier in range(layout.FEE_TIERS)]
    assert (takers[0], makers[0]) == (row.taker_fee_ppm, row.maker_fee_ppm)
    assert sorted(takers, reverse=True) == takers
    assert sorted(makers, reverse=True) == makers
    for value in (1, 3, 9_999, 10**9 + 1):
        paid = min(fees.fee_minor(value, rate, fault) for rate in takers)
        got = min(fees.fee_minor(value, rate, fault) for rate in makers)
        assert paid + got >= 0


def test_a_tier_never_makes_a_fill_dearer_than_what_was_weighed() -> None:
    row = InstrumentRow()
    row.taker_fee_ppm, row.maker_fee_ppm = 500, 200
    fault = FaultRow()
    for tier in range(layout.FEE_TIERS):
        assert fees.maker_ppm(row, tier, fault) <= fees.taker_ppm(row, 0, fault)
        assert fees.taker_ppm(row, tier, fault) <= row.taker_fee_ppm


def test_a_listing_whose_dollars_cannot_be_told_is_refused() -> None:
    """The decimals of a currency and of the index that says what it is worth are at most 18 together (LST-01)."""
    world = World()
    world.currency("XBt", 10)
    world.index(".BXBT", decimals=9)
    world.index(".BXBT2", decimals=8)
    assert refused(world.send(listing("XBTUSD", usd_index=1))) == "PARAMETER_INVALID"
    one(world.send(listing("XBTUSD", usd_index=2)), EventKind.LISTED)
