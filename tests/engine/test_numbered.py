"""Rules that are plain enough to be shown in a few commands, each test naming the one that it is about."""

import pytest

from outcry.engine.engine import Engine
from outcry.engine.reading import margin_of
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind, Role
from tests.engine.worlds import BUY, SELL, World, listing, number_words, of_kind, one, refused, xbtusd

MARK = 100_000
"""Ticks of 10,000 dollars."""


def transfer(world: World, giver: int, taker: int, amount_minor: int) -> list[wire.Event]:
    record = layout.Transfer()
    record.account, record.to_account, record.currency, record.amount_minor = giver, taker, 1, amount_minor
    return world.send(record)


def reverse(world: World, account: int, reference: int) -> list[wire.Event]:
    record = layout.ReverseDeposit()
    record.account, record.currency = account, 1
    wire.put_bytes(record.reference, number_words(reference, 32))
    return world.send(record)


def test_the_journal_alone_makes_the_state() -> None:
    """LAW-01: what no command said is not there, and what the commands said makes it again."""
    world = xbtusd()
    maker, taker = world.trader(1), world.trader(2)
    world.place(maker, SELL, 300, MARK)
    before = world.engine.roots()
    world.wait(3_600)
    assert world.engine.roots() == before
    world.place(taker, BUY, 200, MARK)
    assert world.engine.roots() != before
    again = Engine()
    for entry in world.journal:
        again.apply(entry)
    assert again.roots() == world.engine.roots()


def test_the_best_price_trades_first_and_at_one_price_the_older_order() -> None:
    """ORD-01: the price is the resting order's, and a higher account number is no disadvantage."""
    world = xbtusd()
    young, old, taker = world.trader(1), world.trader(2), world.trader(3)
    for account, price in ((old, MARK + 1), (young, MARK + 1), (young, MARK)):
        world.place(account, SELL, 100, price)
    fills = of_kind(world.place(taker, BUY, 300, MARK + 5), EventKind.FILL)
    assert [(fill.maker_account, fill.price_ticks) for fill in fills] == [
        (young, MARK),
        (old, MARK + 1),
        (young, MARK + 1),
    ]


@pytest.mark.parametrize(("maker_fee_ppm", "is_listed"), [(-500, True), (-501, False)])
def test_trading_with_oneself_never_pays(maker_fee_ppm: int, is_listed: bool) -> None:
    """FEE-02: at the lowest maker rate that is listed a fill costs the venue nothing, and brings it nothing."""
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    events = world.send(listing("X", maker_fee_ppm=maker_fee_ppm, taker_fee_ppm=500, funding_rate_ppb=0))
    if not is_listed:
        assert refused(events) == "PARAMETER_INVALID"
        return
    world.price(1, 1_000_000)
    maker, taker = world.trader(1), world.trader(2)
    world.place(maker, SELL, 12_300, MARK + 7)
    fill = one(world.place(taker, BUY, 12_300, MARK + 7), EventKind.FILL)
    assert fill.taker_fee_minor + fill.maker_fee_minor == 0 < fill.taker_fee_minor
    assert world.balance(Role.FEES) == 0


def test_a_deposit_is_credited_once_and_reversed_once() -> None:
    """WAL-02: what was spent meanwhile is missing after the reversal, and the wallet says so."""
    world = xbtusd()
    account, other = world.account(1), world.account(2)
    world.deposit(account, 1_000, reference=7)
    assert refused(world.deposit(account, 1_000, reference=7)) == "OUTPOINT_DUPLICATE"
    assert refused(world.deposit(other, 1_000, reference=7)) == "OUTPOINT_DUPLICATE"
    assert refused(reverse(world, account, 8)) == "DEPOSIT_UNKNOWN"
    transfer(world, account, other, 400)
    assert one(reverse(world, account, 7), EventKind.MOVED).amount_minor == 1_000
    assert (world.balance(account), world.balance(other)) == (-400, 400)
    assert refused(reverse(world, account, 7)) == "DEPOSIT_UNKNOWN"


def test_a_transfer_takes_of_the_available_balance_and_goes_to_another() -> None:
    """WAL-04: what backs an order stays."""
    world = xbtusd()
    giver, taker = world.trader(1, 1_000_000), world.account(2)
    world.place(giver, BUY, 1_000, MARK - 10)
    free = margin_of(world.engine.tables, giver, 1).available_minor
    assert 0 < free < 1_000_000
    assert refused(transfer(world, giver, taker, free + 1)) == "BALANCE_INSUFFICIENT"
    assert refused(transfer(world, giver, giver, 1)) == "PARAMETER_INVALID"
    moved = one(transfer(world, giver, taker, free), EventKind.MOVED)
    assert (moved.from_balance_minor, moved.to_balance_minor) == (1_000_000 - free, free)


@pytest.mark.parametrize(("units", "subticks"), [(100_000, 1_000), (100_050, 1_001), (100_049, 1_000)])
def test_an_index_becomes_sub_ticks_half_up(units: int, subticks: int) -> None:
    """VAL-03: an index of two decimals and a sub-tick of a whole dollar."""
    world = World()
    world.currency("XBt", 8)
    world.index(".BXBT")
    world.instrument("X", price_decimals=0, subticks_per_tick=1, price_ticks_max=10**6, funding_rate_ppb=0)
    moved = one(world.price(1, units), EventKind.MARK_MOVED)
    assert (moved.index_subticks, moved.mark_subticks) == (subticks, subticks)
