"""Orders of every kind at random and a keeper that crashes: history has the orders and reports that were observed."""

import random
from pathlib import Path

import pytest

from outcry.gateway.recalled import execution_view, order_view
from outcry.history.reader import Asked, Reader
from tests.every_kind import act_at_random
from tests.history.keeping import kept_world


@pytest.mark.parametrize("seed", range(3))
def test_history_is_what_was_observed(tmp_path: Path, seed: int) -> None:
    world, chance = kept_world(tmp_path / "history.db"), random.Random(100 + seed)
    accounts = [world.trader(600 + 3 * seed + at, 10**11) for at in range(3)]
    kept = world.kept
    assert kept is not None
    for number in range(250):
        world.wait(chance.choice((0, 0.3, 1, 5)))
        act_at_random(world, chance, accounts, number)
        if chance.random() < 0.1:
            kept.commit()
            if chance.random() < 0.5:
                kept.begin_again()
    kept.commit()
    reader = Reader(kept.store.path)
    try:
        for account in accounts:
            asked = Asked(where={"account": (account,)}, limit=5_000)
            assert [order_view(row) for row in reader.page("orders", asked)] == list(world.recent.orders(account))
            found = [execution_view(row) for row in reader.page("executions", asked)]
            assert found == list(world.recent.executions(account))
    finally:
        reader.close()
