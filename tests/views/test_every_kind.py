"""Orders of every kind at random: what `Recent` has observed is what the engine's tables say, after a restart too."""

import random

import pytest

from outcry.engine import reading
from outcry.protocol.layout import EndReason, OrderFlag, Side, TriggerReference
from outcry.protocol.told import Change
from outcry.views.orders import working_view
from outcry.views.recent import Recent
from tests.every_kind import act_at_random
from tests.gateway.venues import ObservedWorld, listed_world

SEEN = (
    "order_id", "account", "instrument", "side", "order_type", "time_in_force", "quantity", "leaves_quantity",
    "display_quantity", "client_id", "link_id", "trigger_subticks", "peg_kind", "peg_offset_subticks", "contingency",
    "filled_quantity", "filled_value_minor", "stage", "waits",
)  # fmt: skip
BOUND = ("link_id", "contingency", "stage", "peg_kind", "peg_offset_subticks", "trigger_subticks")
ENTRIES = 250


def begun(seed: int) -> tuple[ObservedWorld, random.Random, list[int]]:
    world, chance = listed_world(), random.Random(seed)
    return world, chance, [world.trader(500 + 3 * seed + at, 10**11) for at in range(3)]


def check(world: ObservedWorld, accounts: list[int]) -> None:
    tables = world.engine.tables
    for account in accounts:
        rows = {tables.orders[slot].order_id: tables.orders[slot] for slot in reading.orders_of(tables, account)}
        kept = world.recent.account(account)
        assert set(kept.open) == set(rows)
        for order_id, view in kept.open.items():
            found = working_view(rows[order_id], tables)
            for name in SEEN:
                # A group or a peg that has done its work is remembered here and not by the engine, which in turn has a
                # row for what only ends with the day.
                if name in BOUND and not (found.waits and getattr(found, name)):
                    continue
                assert getattr(view, name) == getattr(found, name), (order_id, name)
            assert view.flags & OrderFlag.TRIGGERED_ONCE == rows[order_id].flags & OrderFlag.TRIGGERED_ONCE
        assert all(view.end_reason and not view.leaves_quantity for view in kept.ended)
        assert len({view.order_id for view in kept.ended}) == len(kept.ended)
        assert not {view.order_id for view in kept.ended} & set(kept.open)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_seen_is_what_the_engine_says(seed: int) -> None:
    world, chance, accounts = begun(seed)
    for number in range(ENTRIES):
        world.wait(chance.choice((0, 0.3, 1, 5)))
        act_at_random(world, chance, accounts, number)
        if number % 10 == 0:
            check(world, accounts)
    check(world, accounts)
    top = world.recent.instrument(1).top
    for side, levels in ((Side.BUY, top.bids), (Side.SELL, top.asks)):
        assert levels == {price: quantity for price, quantity, _ in reading.levels(world.engine.tables, 1, side)}
    again = Recent(world.engine)
    again.load(world.recent.dump())
    for account in accounts:
        assert list(again.orders(account)) == list(world.recent.orders(account))
        assert list(again.executions(account)) == list(world.recent.executions(account))


def test_every_kind_was_there() -> None:
    changes: set[int] = set()
    ends: set[int] = set()
    references: set[int] = set()
    unseen = 0
    for seed in range(3):
        world, chance, accounts = begun(seed)
        for number in range(ENTRIES):
            world.wait(chance.choice((0, 0.3, 1, 5)))
            act_at_random(world, chance, accounts, number)
        for account in accounts:
            reports = list(world.recent.executions(account))
            changes |= {one.change for one in reports}
            unseen += sum(one.change == Change.TRADED and one.place % 2 == 1 and not one.is_maker for one in reports)
            ends |= {one.end_reason for one in world.recent.orders(account)}
            references |= {one.trigger_reference for one in world.recent.orders(account)}
    assert changes == {
        Change.PLACED, Change.AMENDED, Change.TRADED, Change.ENDED, Change.TRIGGERED, Change.TRAILED, Change.CUT,
    }  # fmt: skip
    assert {EndReason.ENDED_SELF_TRADE, EndReason.ENDED_LINKED, EndReason.ENDED_REFUSED} <= ends
    assert references >= set(TriggerReference)
    assert unseen > 5
