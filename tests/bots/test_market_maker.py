"""The maker's core against a tiny book of its own: what stands, what is left alone, what never happens."""

from dataclasses import replace
from decimal import Decimal
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from outcry.bots.market import BUY, MILLI, SELL, Action, Amend, Cancel, Place, Resting, Terms
from outcry.bots.market_maker import MakerSettings, MarketMaker, Observation

TERMS = Terms("XBTUSD", Decimal("0.1"), 100, 10_000_000, 100_000_000, True, "XBt")
SETTINGS = MakerSettings(level_value_minor=40_000_000, position_value_max_minor=800_000_000)
LOT_VALUE = TERMS.lot_value_minor(Decimal(60_000))
MARK = TERMS.milliticks_of(Decimal(60_000))
NAMES = count(1)


def settle(maker: MarketMaker, observation: Observation, passes: int = 60) -> tuple[Observation, int]:
    """Carry out what the maker decides until it decides nothing; also how many actions that took."""
    total = 0
    for _ in range(passes):
        actions = maker.decide(observation)
        if not actions:
            return observation, total
        assert len(actions) <= SETTINGS.actions_max
        for action in actions:
            total += 1
            observation = replace(observation, orders=carried_out(observation.orders, action))
            assert_not_crossed(observation.orders)
    raise AssertionError("the maker never comes to rest")


def carried_out(orders: tuple[Resting, ...], action: Action) -> tuple[Resting, ...]:
    if isinstance(action, Place):
        return (*orders, Resting(f"order {next(NAMES)}", action.side, action.ticks, action.quantity, 0))
    if isinstance(action, Cancel):
        assert any(order.order_id == action.order_id for order in orders)
        return tuple(order for order in orders if order.order_id != action.order_id)
    return tuple(amended(order, action) if order.order_id == action.order_id else order for order in orders)


def amended(order: Resting, action: Amend) -> Resting:
    assert order.side == action.side
    leaves = order.leaves if action.quantity is None else action.quantity - order.filled
    assert leaves > 0
    return replace(order, ticks=action.ticks or order.ticks, leaves=leaves)


def assert_not_crossed(orders: tuple[Resting, ...]) -> None:
    buys = [order.ticks for order in orders if order.side == BUY]
    sells = [order.ticks for order in orders if order.side == SELL]
    assert not buys or not sells or max(buys) < min(sells)


def observation(mark: int = MARK, position: int = 0, orders: tuple[Resting, ...] = ()) -> Observation:
    return Observation(mark, LOT_VALUE, position, orders)


def test_an_empty_book_gets_a_ladder_on_both_sides() -> None:
    seen, actions = settle(MarketMaker(TERMS, SETTINGS, 1), observation())
    buys = sorted((order.ticks for order in seen.orders if order.side == BUY), reverse=True)
    sells = sorted(order.ticks for order in seen.orders if order.side == SELL)
    assert actions == 20
    # 60 ppm of 60,000.0 are 3.6, steps of 100 ppm are 6.0.
    assert buys[:3] == [599_964, 599_904, 599_844]
    assert sells[:3] == [600_036, 600_096, 600_156]
    assert all(order.leaves % TERMS.lot == 0 and order.leaves >= TERMS.lot for order in seen.orders)


def test_a_small_move_of_the_mark_changes_nothing_and_a_step_costs_one_amendment_a_side() -> None:
    maker = MarketMaker(TERMS, SETTINGS, 1)
    seen, _ = settle(maker, observation())
    assert maker.decide(replace(seen, mark_milliticks=MARK + 25 * MILLI)) == ()
    actions = maker.decide(replace(seen, mark_milliticks=MARK + 60 * MILLI))
    assert [type(action) for action in actions] == [Amend, Amend]
    assert [action.side for action in actions if isinstance(action, Amend)] == [SELL, BUY]


def test_a_long_position_lowers_the_ladder_and_at_the_maximum_there_are_no_bids() -> None:
    most = SETTINGS.position_value_max_minor // LOT_VALUE * TERMS.lot
    flat, _ = settle(MarketMaker(TERMS, SETTINGS, 1), observation())
    half, _ = settle(MarketMaker(TERMS, SETTINGS, 1), observation(position=most // 2))
    full, _ = settle(MarketMaker(TERMS, SETTINGS, 1), replace(flat, position=most))
    assert max(o.ticks for o in half.orders if o.side == BUY) < max(o.ticks for o in flat.orders if o.side == BUY)
    assert {order.side for order in full.orders} == {SELL}


def test_an_order_that_was_eaten_into_is_topped_up_by_its_total() -> None:
    maker = MarketMaker(TERMS, SETTINGS, 1)
    seen, _ = settle(maker, observation())
    eaten = replace(seen.orders[0], filled=seen.orders[0].leaves - TERMS.lot, leaves=TERMS.lot)
    actions = maker.decide(replace(seen, orders=(eaten, *seen.orders[1:])))
    assert len(actions) == 1
    assert isinstance(actions[0], Amend)
    assert actions[0].ticks is None
    assert actions[0].quantity is not None
    assert actions[0].quantity > eaten.filled + eaten.leaves


def test_no_mark_no_quotes() -> None:
    assert MarketMaker(TERMS, SETTINGS, 1).decide(observation(mark=0)) == ()


@given(
    moves=st.lists(st.integers(-3_000, 3_000), min_size=1, max_size=8),
    positions=st.lists(st.integers(-20_000, 20_000), min_size=8, max_size=8),
    seed=st.integers(0, 1_000),
)
def test_it_comes_to_rest_after_any_moves_and_never_crosses_itself(
    moves: list[int], positions: list[int], seed: int
) -> None:
    maker = MarketMaker(TERMS, SETTINGS, seed)
    seen, _ = settle(maker, observation())
    for move, position in zip(moves, positions, strict=False):
        moved = replace(seen, mark_milliticks=seen.mark_milliticks + move * MILLI, position=position * TERMS.lot)
        seen, _ = settle(maker, moved)


@given(tick=st.sampled_from(["0.5", "0.01", "0.0001"]), mark=st.decimals("0.01", "100000", places=4))
def test_any_tick_and_mark(tick: str, mark: Decimal) -> None:
    terms = replace(TERMS, tick=Decimal(tick), is_inverse=False, multiplier_minor=1)
    start = Observation(terms.milliticks_of(mark), terms.lot_value_minor(mark), 0, ())
    seen, _ = settle(MarketMaker(terms, SETTINGS, 1), start)
    assert all(order.ticks >= 1 for order in seen.orders)
