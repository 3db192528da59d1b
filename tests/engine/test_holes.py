"""Holes that a review found in the engine's first version, one test each; every one failed before it was closed."""

from typing import Any

import pytest

from outcry.engine import ledger, reading
from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import AccountState, Code, EventKind, InstrumentState, TimeInForce, Valuation
from tests.engine.plain import plain_engine
from tests.engine.worlds import BUY, SELL, World, listing, number_words, of_kind, one, plain, refused, xbtusd

MARK = 100_000  # ticks; 10,000.0
XBT = 10**8


def avail(world: World, account: int, currency: int = 1) -> int:
    return reading.margin_of(world.engine.tables, account, currency).available_minor


def kinds(events: list[wire.Event]) -> list[str]:
    return [
        EventKind(e.head.kind).name + (":" + Code(e.record.code).name if e.head.kind == EventKind.REFUSED else "")
        for e in events
    ]


def state(world: World, account: int, to: AccountState) -> None:
    r = layout.SetAccountState()
    r.account, r.state = account, to
    world.send(r)


def isolate(world: World, account: int, on: int = 1) -> list[wire.Event]:
    r = layout.SetIsolated()
    r.account, r.instrument, r.isolated = account, 1, on
    return world.send(r)


def withdraw(world: World, account: int, amount: int) -> list[wire.Event]:
    r = layout.Withdraw()
    r.account, r.currency, r.amount_minor = account, 1, amount
    wire.put_bytes(r.request, number_words(world.sent + 1, 16))
    return world.send(r)


def test_frozen_account_cannot_amend_and_trade() -> None:
    w = xbtusd()
    a = w.trader(1)
    b = w.trader(2)
    order = one(w.place(a, BUY, 100, MARK - 100), EventKind.PLACED).order_id
    w.place(b, SELL, 10_000, MARK)
    state(w, a, AccountState.ACCOUNT_STOPPED)
    ev = w.amend(a, order, quantity=5000, price_ticks=MARK)
    assert kinds(ev) == ["REFUSED:ACCOUNT_FROZEN"]
    assert w.position(a).quantity == 0


def test_reduce_only_account_cannot_amend_into_a_position() -> None:
    w = xbtusd()
    a = w.trader(1)
    b = w.trader(2)
    order = one(w.place(a, BUY, 100, MARK - 100), EventKind.PLACED).order_id
    w.place(b, SELL, 10_000, MARK)
    state(w, a, AccountState.ACCOUNT_REDUCING)
    w.amend(a, order, quantity=5000, price_ticks=MARK)
    assert w.position(a).quantity == 0


def test_withdraw_only_account_cannot_transfer() -> None:
    w = xbtusd()
    a = w.trader(1)
    b = w.trader(2)
    state(w, a, AccountState.ACCOUNT_WITHDRAWING)
    r = layout.Transfer()
    r.account, r.to_account, r.currency, r.amount_minor = a, b, 1, 1000
    assert kinds(w.send(r)) == ["REFUSED:ACCOUNT_WITHDRAW_ONLY"]


def test_level_changed_when_self_trade_ends_taker_mid_level() -> None:
    w = xbtusd()
    a = w.trader(1)
    b = w.trader(2)
    w.place(b, SELL, 100, MARK)
    w.place(a, SELL, 100, MARK)
    ev = w.place(a, BUY, 200, MARK)

    assert reading.levels(w.engine.tables, 1, SELL) == [(MARK, 100, 1)]
    said = [(level.price_ticks, level.quantity, level.orders) for level in of_kind(ev, EventKind.LEVEL_CHANGED)]
    assert said
    assert said[-1] == (MARK, 100, 1)


def test_resting_buy_above_mark_reserves_its_premium() -> None:
    w = xbtusd()
    a = w.trader(1, XBT // 10)
    b = w.trader(2, 100 * XBT)
    w.place(a, BUY, 180_000, 105_000)  # 17.1 XBT at +5 %, IM .4 %
    w.place(b, SELL, 180_000, 105_000)
    assert avail(w, a) >= -10, (avail(w, a), w.balance(a), w.position(a).quantity)


def test_resting_buy_far_above_mark_through_a_fake_best_ask() -> None:
    w = xbtusd()
    a = w.trader(1, XBT // 10)
    b = w.trader(2, 100 * XBT)
    w.place(b, SELL, 100, 1_000_000)  # the only ask: ten times the mark
    w.place(a, BUY, 1_000_000, 999_999)
    w.place(b, SELL, 1_000_000, 999_999)
    assert avail(w, a) >= -10, (avail(w, a), w.balance(a), w.position(a).quantity)


def test_isolated_buy_through_the_mark_pays_its_loss() -> None:
    w = xbtusd()
    a = w.trader(1, XBT // 10)
    b = w.trader(2, 100 * XBT)
    w.leverage(a, 25_000)
    w.place(b, SELL, 180_000, 104_900)
    w.place(a, BUY, 180_000, 104_900)  # taker, at once 4.9 % under water with .4 % margin
    w.place(b, BUY, 180_000, MARK)
    w.place(a, SELL, 180_000, MARK, reduce_only=True)
    assert w.balance(a) >= 0, w.balance(a)


def test_isolating_a_losing_position_does_not_free_the_loss_for_withdrawal() -> None:
    w = xbtusd()
    a = w.trader(1, XBT)
    b = w.trader(2, 100 * XBT)
    w.place(b, SELL, 100_000, MARK)
    w.place(a, BUY, 100_000, MARK)  # 10 XBT
    w.price(1, 1_000_000 * 92 // 100)  # -8.7 %: about .87 XBT of 1 XBT lost
    before = avail(w, a)
    isolate(w, a)
    assert avail(w, a) <= before, (before, avail(w, a), kinds(withdraw(w, a, avail(w, a))))


def test_phantom_reduce_only_level_does_not_hide_the_real_price() -> None:
    w = xbtusd()
    a = w.trader(1, XBT // 10)
    b = w.trader(2, 100 * XBT)
    c = w.trader(3, 100 * XBT)
    w.place(b, SELL, 180_000, MARK)
    w.place(c, BUY, 180_000, MARK)
    w.place(c, SELL, 180_000, MARK + 1, reduce_only=True)  # rests
    w.place(b, BUY, 180_000, MARK)
    w.place(c, SELL, 180_000, MARK)  # c is flat; the level is a phantom
    assert w.position(c).quantity == 0
    w.place(b, SELL, 180_000, 104_900)
    w.place(a, BUY, 180_000, 104_900)
    assert avail(w, a) >= -10, (avail(w, a), w.position(a).quantity)


def test_resting_reduce_only_order_needs_no_margin_after_the_position_is_gone() -> None:
    w = xbtusd()
    a = w.trader(1, XBT // 10)
    b = w.trader(2, 100 * XBT)
    w.place(b, SELL, 180_000, MARK)
    w.place(a, BUY, 180_000, MARK)
    w.place(a, SELL, 180_000, MARK + 5000, reduce_only=True)  # take profit
    w.place(b, BUY, 180_000, MARK)
    ev = w.place(a, SELL, 180_000, MARK, time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL)  # plain close
    assert kinds(ev)[0] == "PLACED", kinds(ev)


def test_resting_reduce_only_leftover_does_not_eat_balance() -> None:
    w = xbtusd()
    a = w.trader(1, XBT // 10)
    b = w.trader(2, 100 * XBT)
    w.place(b, SELL, 180_000, MARK)
    w.place(a, BUY, 180_000, MARK)
    w.place(a, SELL, 180_000, MARK + 5000, reduce_only=True)
    w.place(b, BUY, 180_000, MARK)
    w.place(a, SELL, 180_000, MARK, reduce_only=True)
    assert w.position(a).quantity == 0
    assert avail(w, a) == w.balance(a), (avail(w, a), w.balance(a))


def linear(world_terms: dict[str, int] | None = None) -> World:
    w = World()
    w.currency("USDt", 6)
    w.index(".B")
    w.instrument(
        "LIN",
        valuation=Valuation.LINEAR,
        lot=1,
        multiplier_minor=1000,
        funding_rate_ppb=0,
        **{"risk_limit_minor": 2**52, **(world_terms or {})},
    )
    w.price(1, 1_000_000)
    return w


def test_amending_the_price_alone_keeps_the_value_bound() -> None:
    w = linear({"price_ticks_max": 2**30 - 1, "subticks_per_tick": 1})
    a = w.trader(1, 10**9)
    b = w.trader(2, 10**14)
    # hold long and amend closing sells: no funds check at all
    w.deposit(a, 2**52)
    w.deposit(b, 2**52)
    w.place(b, SELL, 10**7, MARK)
    w.place(a, BUY, 10**7, MARK)
    order = one(w.place(a, SELL, 10**7, MARK + 1), EventKind.PLACED).order_id
    ev = w.amend(a, order, price_ticks=2**30 - 1)
    assert kinds(ev) == ["REFUSED:VALUE_TOO_LARGE"], (kinds(ev), w.position(a).sell_value_minor, 2**53)


def test_a_funding_interval_of_less_than_a_minute_is_not_listed() -> None:
    """Minutes of it divide the mark; the compiled engine died of it."""
    for engine in (Engine(), plain_engine()):
        w = World(engine)
        w.currency("XBt", 8)
        w.index(".B")
        w.price(1, 10**6)
        for interval_ns in (1, 10**9, 90 * 10**9):
            ev = w.send(listing("X", funding_interval_ns=interval_ns, funding_offset_ns=0))
            assert kinds(ev) == ["REFUSED:PARAMETER_INVALID"]


def test_extreme_constituent_price_is_a_value_not_a_halt() -> None:
    w = World()
    w.currency("USDt", 6)
    w.index(".B")
    w.instrument(
        "DOGE", valuation=Valuation.LINEAR, price_decimals=5, multiplier_minor=100_000, lot=1000, price_ticks_max=10**8
    )
    ev = w.price(1, 2**53 - 1)
    assert not w.engine.halted, kinds(ev)


def test_deposits_total_stays_in_bounds() -> None:
    w = World(plain_engine())
    w.currency("XBt", 8)
    for n in range(1, 1100):
        a = w.account(n)
        ev = w.deposit(a, 2**53 - 1)
        if kinds(ev) != ["MOVED"]:
            break
    assert not w.engine.halted, (n, kinds(ev))
    assert w.engine.tables.currencies[1].deposits_minor < 2**62


def test_large_position_can_be_closed() -> None:
    w = xbtusd()
    w = World()
    w.currency("XBt", 8)
    w.index(".BXBT")
    w.instrument("XBTUSD", funding_rate_ppb=0, risk_limit_minor=2**52)
    w.price(1, 1_000_000)
    a = w.trader(1, 2**50)
    b = w.trader(2, 2**50)
    for q in (10**9, 2 * 10**8):
        w.place(b, SELL, q, MARK)
        w.place(a, BUY, q, MARK)
    assert w.position(a).quantity == 12 * 10**8
    ev = w.place(a, SELL, 0, 0, close=True)
    assert kinds(ev)[0] == "PLACED", kinds(ev)


def test_decreasing_an_order_outside_the_band_is_allowed() -> None:
    w = xbtusd()
    a = w.trader(1)
    order = one(w.place(a, BUY, 1000, MARK), EventKind.PLACED).order_id
    w.price(1, 900_000)  # mark falls 10 %
    ev = w.amend(a, order, quantity=500)
    assert kinds(ev)[0] == "AMENDED", kinds(ev)


def test_reduce_only_order_may_be_amended_while_instrument_is_reducing() -> None:
    w = xbtusd()
    a = w.trader(1)
    b = w.trader(2)
    w.place(b, SELL, 1000, MARK)
    w.place(a, BUY, 1000, MARK)
    order = one(w.place(a, SELL, 1000, MARK + 10, reduce_only=True), EventKind.PLACED).order_id
    r = layout.SetInstrumentState()
    r.instrument, r.state = 1, InstrumentState.INSTRUMENT_REDUCING
    w.send(r)
    ev = w.amend(a, order, price_ticks=MARK + 5)
    assert kinds(ev)[0] != "REFUSED:INSTRUMENT_CLOSED", kinds(ev)


def test_a_deposit_that_is_mined_again_after_its_reversal_is_credited() -> None:
    w = xbtusd()
    a = w.account(1)
    w.deposit(a, 1000, reference=7)
    r = layout.ReverseDeposit()
    r.account, r.currency = a, 1
    wire.put_bytes(r.reference, number_words(7, 32))
    w.send(r)
    assert kinds(w.deposit(a, 1000, reference=7)) == ["MOVED"]


def test_moved_names_its_reference() -> None:
    w = xbtusd()
    a = w.account(1)
    ev = w.deposit(a, 1000, reference=7)
    assert bytes(one(ev, EventKind.MOVED).reference) == number_words(7, 32)


def test_refused_names_the_client_id() -> None:
    w = xbtusd()
    a = w.trader(1)
    ev = w.place(a, BUY, 1, MARK, client_id="mine")
    assert wire.client_id_of(one(ev, EventKind.REFUSED).client_id) == "mine"


def test_maker_fee_above_taker_fee_is_reserved_or_not_listed() -> None:
    w = World()
    w.currency("XBt", 8)
    w.index(".B")
    ev = w.send(listing("X", maker_fee_ppm=900_000, taker_fee_ppm=0, funding_rate_ppb=0))
    if kinds(ev)[0].startswith("REFUSED"):
        return
    w.price(1, 1_000_000)
    a = w.trader(1, XBT)
    b = w.trader(2, 100 * XBT)
    w.place(a, BUY, 100_000, MARK)
    w.place(b, SELL, 100_000, MARK)
    assert avail(w, a) >= -10, avail(w, a)


def test_stranger_order_id_is_unknown_not_ended() -> None:
    w = xbtusd()
    a = w.trader(1)
    b = w.trader(2)
    o = one(w.place(a, BUY, 100, MARK), EventKind.PLACED).order_id
    assert refused(w.cancel(b, o)) == "ORDER_UNKNOWN"


def test_time_zero_modulo_is_the_same_in_both_modes() -> None:
    out = []
    for e in (Engine(), plain_engine()):
        w = World(e)
        w.now_ns = 1_000_000_000
        w.currency("XBt", 8)
        w.index(".B")
        w.price(1, 1_000_000)
        ev = w.send(listing("X", funding_rate_ppb=10_000_000))
        out.append([plain(x.record) for x in ev])
    assert out[0] == out[1]


def test_precedence_close_without_position_and_bad_price() -> None:
    w = xbtusd()
    a = w.trader(1)
    assert refused(w.place(a, SELL, 0, 2**30, close=True)) == "PRICE_INVALID"


def test_precedence_amend_closed_instrument_before_duplicate_name() -> None:
    w = xbtusd()
    a = w.trader(1)
    o = one(w.place(a, BUY, 100, MARK, client_id="x"), EventKind.PLACED).order_id
    r = layout.SetInstrumentState()
    r.instrument, r.state = 1, InstrumentState.INSTRUMENT_PAUSED
    w.send(r)
    assert refused(w.amend(a, o, new_client_id="x")) == "INSTRUMENT_CLOSED"


def test_closing_through_the_bankruptcy_price() -> None:
    w = xbtusd()
    a = w.trader(1, XBT // 10)
    b = w.trader(2, 100 * XBT)
    w.place(b, SELL, 180_000, MARK)
    w.place(a, BUY, 180_000, MARK)
    w.place(b, BUY, 180_000, 95_001)
    w.place(a, SELL, 0, 0, close=True)
    assert w.balance(a) >= 0, w.balance(a)


def test_ro_then_plain_opens_unbacked() -> None:
    w = xbtusd()
    a = w.trader(1, XBT // 10)
    b = w.trader(2, 100 * XBT)
    w.place(b, SELL, 180_000, MARK)
    w.place(a, BUY, 180_000, MARK)
    # a's balance is nearly all used up by the position
    w.place(a, SELL, 180_000, MARK + 10)  # free: it only reduces
    w.place(b, BUY, 180_000, MARK)
    w.place(a, SELL, 180_000, MARK, reduce_only=True)  # flat now
    w.place(b, BUY, 180_000, MARK + 10)
    assert w.position(a).quantity == 0 or avail(w, a) >= -10, (avail(w, a), w.position(a).quantity)


def test_grow_refused_by_admission_changes_nothing() -> None:
    w = xbtusd()
    rows = w.engine.tables.pools[9].rows
    w.wait(120)
    r = layout.Grow()
    r.table, r.rows = 9, 8193
    e = wire.encode_entry(r, sequence=w.engine.sequence + 1, time_ns=w.now_ns, origin=1, origin_sequence=w.sent + 1)
    ev = list(wire.events_of(w.engine.apply(e)))
    assert kinds(ev) == ["REFUSED:TICK_DUE"]
    assert w.engine.tables.pools[9].rows == rows


def test_huge_grow_is_refused_not_memory_error() -> None:
    w = xbtusd()
    r = layout.Grow()
    r.table, r.rows = layout.TableNumber.LEAVES_TABLE, 2**26
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, hard))
    try:
        ev = w.send(r)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    assert kinds(ev)[0].startswith("REFUSED")


def test_amend_back_to_back_unfunded_when_improving() -> None:
    w = xbtusd()
    a = w.trader(1, XBT // 10)
    b = w.trader(2, 100 * XBT)
    w.place(b, SELL, 100_000, MARK)
    w.place(a, BUY, 100_000, MARK)
    o = one(w.place(a, BUY, 50_000, MARK - 100), EventKind.PLACED).order_id
    w.price(1, 995_000)
    assert avail(w, a) < 0
    ev = w.amend(a, o, price_ticks=MARK - 2000, quantity=1000)
    assert kinds(ev)[0] != "REFUSED:BALANCE_INSUFFICIENT", (kinds(ev), avail(w, a))


def test_proportional_margin_when_cheap_orders_close_and_dear_ones_open() -> None:
    w = linear()
    a = w.trader(1, 2 * 10**8)
    b = w.trader(2, 10**15)
    w.place(b, SELL, 1000, MARK)
    w.place(a, BUY, 1000, MARK)  # 1e10 of value, margin 4.5e7
    w.place(a, SELL, 1000, MARK + 1)  # free: closes
    best = 0
    for price in range(200_000, 10_000_001, 100_000):
        ev = w.place(a, SELL, 1000, price)
        if kinds(ev)[0] != "PLACED":
            break
        best = price
        w.cancel(a, of_kind(ev, EventKind.PLACED)[0].order_id)
    w.place(a, SELL, 1000, best)
    before = avail(w, a)
    w.place(b, BUY, 1000, MARK + 1)
    assert w.position(a).quantity == 0
    assert avail(w, a) >= -10, (best, before, avail(w, a), w.balance(a))


def world(e: Engine, target: int, withdraw_amount: int) -> Any:
    w = World(e)
    w.currency("USDt", 6)
    w.index(".B")
    w.instrument(
        "LIN",
        valuation=Valuation.LINEAR,
        lot=1,
        multiplier_minor=10**6,
        funding_rate_ppb=0,
        risk_limit_minor=2**52,
        price_ticks_max=2**30 - 1,
        subticks_per_tick=1,
        quantity_max=10**9,
    )
    w.price(1, 10)
    w.trader(2, 10**15)
    a = w.trader(1, 10**12)
    q = 10**8
    o = one(w.place(a, SELL, q, 1), EventKind.PLACED).order_id
    k = kinds(w.amend(a, o, price_ticks=target))
    k2 = kinds(withdraw(w, a, withdraw_amount))
    return k, k2, w.balance(a), w.engine.halted


def test_amend_to_a_wrapping_value_is_the_same_in_both_modes() -> None:
    lot, q = 10**5, 10**8
    first = (2**63 + 10**17) // (q * lot)
    for t in range(first, first + 200, 13):
        x, y = world(Engine(), t, 5 * 10**12), world(plain_engine(), t, 5 * 10**12)
        assert x == y, (t, x, y)


def attack(e: Engine, target: int, amount: int) -> Any:
    w = World(e)
    w.currency("USDt", 6)
    w.index(".B")
    w.instrument(
        "LIN",
        valuation=Valuation.LINEAR,
        lot=1,
        multiplier_minor=80_000_000,
        funding_rate_ppb=0,
        risk_limit_minor=2**52,
        price_ticks_max=2**30 - 1,
        subticks_per_tick=1,
        quantity_max=10**9,
    )
    w.price(1, 10)
    w.trader(2, 10**15)
    a = w.trader(1, 10**9)
    o = one(w.place(a, SELL, 2000, 1), EventKind.PLACED).order_id
    k = kinds(w.amend(a, o, price_ticks=target))
    k2 = kinds(withdraw(w, a, amount))
    return k, k2, w.balance(a)


def test_amending_to_a_price_whose_value_wraps_must_not_let_anyone_withdraw_more_than_he_has() -> None:
    q, lot = 2000, 8_000_000
    first = 2**63 // (q * lot) + 1
    won = []
    for t in range(first, 2**30 - 1, 1_000_003):
        r = attack(Engine(), t, 5 * 10**9)
        if r[1] == ["MOVED"]:
            won.append((t, r))
            break
    assert not won, won


def test_law_watches_the_pots_of_flight_and_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    w = World(plain_engine())
    w.currency("XBt", 8)
    a = w.trader(1)
    honest = ledger.move
    monkeypatch.setattr("outcry.engine.money.move", lambda t, f, to, amount: honest(t, f, to, amount + 5))
    r = layout.Withdraw()
    r.account, r.currency, r.amount_minor = a, 1, 1000
    wire.put_bytes(r.request, number_words(1, 16))
    monkeypatch.undo()
    w.send(r)
    monkeypatch.setattr("outcry.engine.money.move", lambda t, f, to, amount: honest(t, f, to, amount + 5))
    s = layout.SettleWithdrawal()
    s.account, s.settled = a, 1
    wire.put_bytes(s.request, number_words(1, 16))
    w.send(s)
    assert w.engine.halted


def test_renamed_order_is_not_ended_under_its_old_name() -> None:
    w = xbtusd()
    a = w.trader(1)
    o = one(w.place(a, BUY, 100, MARK, client_id="old"), EventKind.PLACED).order_id
    w.amend(a, o, new_client_id="new")
    assert refused(w.cancel(a, client_id="old")) != "ORDER_ENDED"


def test_backwards_time_on_halted_venue() -> None:
    w = xbtusd()
    w.engine.tables.venue.halted = 1
    w.now_ns -= 1
    r = layout.CancelAll()
    r.account = 8
    e = wire.encode_entry(
        r, sequence=w.engine.sequence + 1, time_ns=w.engine.time_ns - 1, origin=1, origin_sequence=10**6
    )
    assert kinds(list(wire.events_of(w.engine.apply(e)))) == ["REFUSED:VENUE_HALTED"]


def test_grow_of_a_table_that_cannot_grow_is_refused() -> None:
    w = xbtusd()
    r = layout.Grow()
    r.table, r.rows = layout.TableNumber.CURRENCIES_TABLE, 9
    assert kinds(w.send(r))[0].startswith("REFUSED")
