"""Isolated margin: what it is made of, what leverage changes and moved margin do to it, and back to cross."""

from outcry.engine import reading
from outcry.protocol import layout, wire
from outcry.protocol.layout import EventKind
from tests.engine.worlds import BUY, SELL, World, of_kind, one, refused, xbtusd
from tests.laws import invariants

XBT = 10**8
MARK = 100_000
TEN = 1_000


def move(world: World, account: int, amount_minor: int) -> list[wire.Event]:
    record = layout.MoveMargin()
    record.account, record.instrument, record.amount_minor = account, 1, amount_minor
    return world.send(record)


def isolate(world: World, account: int, isolated: int) -> list[wire.Event]:
    record = layout.SetIsolated()
    record.account, record.instrument, record.isolated = account, 1, isolated
    return world.send(record)


def available(world: World, account: int) -> int:
    return reading.margin_of(world.engine.tables, account, 1).available_minor


def opened(leverage_centi: int = TEN) -> tuple[World, int, int]:
    """A taker long 10,000 (1 XBT) at the mark, isolated; the maker on the other side is cross."""
    world = xbtusd()
    maker, taker = world.trader(1, 100 * XBT), world.trader(2, XBT)
    world.leverage(taker, leverage_centi)
    world.place(maker, SELL, 10_000, MARK)
    one(world.place(taker, BUY, 10_000, MARK), EventKind.FILL)
    return world, maker, taker


def test_the_opening_fee_comes_out_of_the_positions_own_margin() -> None:
    world, _, taker = opened()
    figures = reading.position_figures(world.engine.tables, reading.find_position(world.engine.tables, taker, 1))
    # 10 % of 1 XBT, the exit fee of 0.05 % on 1.1 XBT, and the opening fee of 0.05 % on 1 XBT paid out of them.
    assert (figures.initial_minor, figures.exit_fee_minor, figures.loss_minor) == (10_000_000, 55_000, 50_000)
    assert figures.margin_minor == 10_005_000
    assert world.balance(taker) == XBT - 50_000
    assert available(world, taker) == XBT - 50_000 - 10_005_000


def test_an_order_reserves_what_the_fill_then_takes() -> None:
    world = xbtusd()
    maker, taker = world.trader(1, 100 * XBT), world.trader(2, XBT)
    world.leverage(taker, TEN)
    world.place(taker, BUY, 10_000, MARK)
    reserved = XBT - available(world, taker)
    assert reserved == 10_000_000 + 50_000 + 55_000
    world.place(maker, SELL, 10_000, MARK)
    assert XBT - available(world, taker) <= reserved


def test_closing_half_takes_half_of_the_paid_fees_with_it() -> None:
    world, maker, taker = opened()
    world.place(maker, BUY, 5_000, MARK)
    world.place(taker, SELL, 5_000, MARK)
    assert world.position(taker).loss_minor == 25_000
    world.place(maker, BUY, 10_000, MARK)
    world.place(taker, SELL, 10_000, MARK)
    # Through zero: 5,000 closed, 5,000 opened; the fee of 0.05 % on 1 XBT belongs by half to what is open.
    assert (world.position(taker).quantity, world.position(taker).loss_minor) == (-5_000, 25_000)
    invariants.check(world.engine.tables)


def test_leverage_of_an_open_position_and_its_orders() -> None:
    world, maker, taker = opened()
    world.place(taker, BUY, 10_000, MARK - 10)
    before = available(world, taker)
    one(world.leverage(taker, 2_000), EventKind.MARGIN_SET)
    assert available(world, taker) > before
    assert refused(world.leverage(taker, 100)) == "BALANCE_INSUFFICIENT"
    assert world.position(taker).leverage_centi == 2_000
    invariants.check(world.engine.tables)
    assert available(world, maker) > 0


def test_margin_moves_in_and_only_the_surplus_out() -> None:
    world, _, taker = opened()
    before = available(world, taker)
    assert one(move(world, taker, 1_000_000), EventKind.MARGIN_SET).moved_margin_minor == 1_000_000
    assert available(world, taker) == before - 1_000_000
    assert refused(move(world, taker, before)) == "BALANCE_INSUFFICIENT"
    # The paid fee of 50,000 stays covered; nothing was lost at the mark.
    assert refused(move(world, taker, -950_001)) == "BALANCE_INSUFFICIENT"
    one(move(world, taker, -950_000), EventKind.MARGIN_SET)
    assert refused(move(world, taker, 0)) == "AMOUNT_INVALID"


def test_an_unrealised_loss_holds_moved_margin_back() -> None:
    world, _, taker = opened()
    move(world, taker, 2_000_000)
    world.price(1, 990_000)
    loss = 10_000 // 100 * (1_010_101 - 1_000_000)
    assert refused(move(world, taker, -(2_000_000 - 50_000 - loss + 1))) == "BALANCE_INSUFFICIENT"
    one(move(world, taker, -(2_000_000 - 50_000 - loss)), EventKind.MARGIN_SET)


def test_switching_to_cross_and_back_with_open_orders() -> None:
    world, _, taker = opened()
    move(world, taker, 1_000_000)
    world.place(taker, SELL, 10_000, MARK + 100)
    one(isolate(world, taker, 0), EventKind.MARGIN_SET)
    row = world.position(taker)
    assert (row.isolated, row.moved_margin_minor, row.loss_minor, row.leverage_centi) == (0, 0, 0, TEN)
    invariants.check(world.engine.tables)
    one(isolate(world, taker, 1), EventKind.MARGIN_SET)
    assert available(world, taker) == XBT - 50_000 - 10_055_000
    invariants.check(world.engine.tables)


def test_losses_at_the_mark_count_for_cross_only() -> None:
    world, maker, taker = opened()
    at_entry = available(world, taker), available(world, maker)
    world.price(1, 990_000)
    assert available(world, taker) == at_entry[0]
    world.price(1, 1_010_000)
    assert available(world, taker) == at_entry[0]
    assert available(world, maker) == at_entry[1] - 10_000 // 100 * (1_000_000 - 990_099)
    assert not of_kind(world.cancel_all(taker), EventKind.REFUSED)
