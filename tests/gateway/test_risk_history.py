"""Fundings, funds and what they did to accounts, over history and what is recent.

A gateway that forgets almost at once, and one that was only there for the end, say what one says that forgets nothing.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outcry.protocol import layout
from outcry.views.bounded import Bounded
from tests.gateway.test_history import Pair, adopted
from tests.gateway.test_risk import deleveraged, taken_over
from tests.history.keeping import trade_at_random

DAY_S = 86_400


def few(kept: Bounded[Any]) -> Bounded[Any]:
    """The same where only two are remembered."""
    short: Bounded[Any] = Bounded(maxlen=2)
    for one in kept:
        short.append(one)
    return short


def day(pair: Pair, gift_minor: int) -> None:
    """Trades, the fundings of a day, and a gift to the fund."""
    alice, bob = (one.account for one in pair.callers)
    trade_at_random(pair.world, [alice, bob], pair.chance, 12, pauses=(0, 5))
    for _ in range(3):
        pair.world.wait(DAY_S / 3)
        pair.world.send(layout.Tick())
        while pair.world.engine.work_waiting:
            pair.world.carry_on()
    pair.world.deposit(layout.Role.INSURANCE, gift_minor)


def pair_of(folder: Path) -> Pair:
    made = Pair(folder, 9, 120)
    alice, bob = (one.account for one in made.callers)
    for number in range(4):
        day(made, 10 + number)
    made.world.tell(taken_over(alice, order_id=10**6), deleveraged(bob))
    for shelf in (made.small.risk.fundings, made.small.risk.noons):
        shelf.update({number: few(kept) for number, kept in shelf.items()})
    day(made, 100)
    made.kept.commit()
    made.world.deposit(layout.Role.INSURANCE, 1)
    trade_at_random(made.world, [alice, bob], made.chance, 3, pauses=(0,))
    return made


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    made = pair_of(tmp_path_factory.mktemp("pair"))
    yield made
    made.reader.close()


ASKED: dict[str, list[dict[str, str]]] = {
    "/funding": [
        {}, {"reverse": "true", "count": "3"}, {"start": "2", "count": "4"}, {"symbol": "XBTUSD", "count": "500"},
        {"symbol": "XBTUSD", "reverse": "true", "start": "1"}, {"startTime": "2023-11-16"}, {"symbol": ".BXBT"},
        {"endTime": "2023-11-16T12:00", "count": "2"}, {"filter": '{"symbol":"ETHUSD"}'}, {"columns": "fundingRate"},
    ],
    "/insurance": [
        {}, {"reverse": "true", "count": "3"}, {"start": "3", "count": "4"}, {"filter": '{"currency":"USDt"}'},
        {"startTime": "2023-11-16T12:00"}, {"endTime": "2023-11-16T12:00"}, {"reverse": "true", "start": "4"},
    ],
    "/execution/tradeHistory": [
        {"count": "500"}, {"reverse": "true", "count": "7"}, {"filter": '{"execType":"Funding"}'}, {"start": "9"},
        {"filter": '{"text":["ADL","Liquidation"]}'}, {"symbol": "XBTUSD", "count": "20"},
    ],
    "/execution": [{"count": "500"}, {"filter": '{"execType":"Funding"}'}, {"reverse": "true", "count": "12"}],
    "/order": [{"count": "500"}, {"filter": '{"text":"Liquidation"}'}],
    "/user/walletHistory": [{"currency": "all"}, {"count": "4"}, {"reverse": "false"}],
    "/user/walletSummary": [{"currency": "all"}],
}  # fmt: skip


@pytest.mark.parametrize("path", list(ASKED))
def test_history_and_memory_say_the_same(pair: Pair, path: str) -> None:
    rows = 0
    for asked in ASKED[path]:
        for caller in pair.callers if path not in ("/funding", "/insurance") else (None,):
            short, long = pair.both(path, asked, caller)
            assert short == long, asked
            assert short[0] == 200
            rows += len(short[1])
    assert rows > 6


def test_one_that_begins_with_a_snapshot_does_too(tmp_path: Path) -> None:
    pair = pair_of(tmp_path)
    pair.kept.commit()
    adopted(pair)
    for number in range(2):
        day(pair, 1_000 + number)
    # When an open order was changed last an engine does not know.
    for path in [path for path in ASKED if path != "/order"]:
        for asked in ASKED[path]:
            for caller in pair.callers if path not in ("/funding", "/insurance") else (None,):
                short, long = pair.both(path, asked, caller)
                assert short == long, (path, asked)
    pair.reader.close()
