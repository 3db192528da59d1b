"""Settlements, and what they and spreads did to accounts, over history and what is recent: both say the same."""

from pathlib import Path

from outcry.protocol.layout import Fill, Side
from tests.engine.worlds import BUY, SELL
from tests.gateway.endings import future, go_on
from tests.gateway.test_history import Pair, adopted
from tests.gateway.test_risk_history import few

ASKED: dict[str, list[dict[str, str]]] = {
    "/settlement": [
        {}, {"reverse": "true"}, {"count": "2"}, {"start": "1", "count": "1"}, {"symbol": "XBTZ23"},
        {"filter": '{"symbol":["XBTF24","XBTG24"]}', "reverse": "true"}, {"endTime": "2023-11-14T22:54"},
    ],
    "/execution/tradeHistory": [
        {"count": "500"}, {"filter": '{"execType":"Settlement"}'}, {"filter": '{"text":"Spread"}'},
        {"symbol": "XBTZ23", "reverse": "true", "count": "5"},
    ],
    "/execution": [{"count": "500"}, {"filter": '{"execType":"Settlement"}', "reverse": "true"}],
    "/user/walletHistory": [{"currency": "all"}],
    "/user/walletSummary": [{"currency": "all"}],
    "/trade/bucketed": [{"symbol": "XBTZ23", "binSize": "1h", "count": "1000"}],
}  # fmt: skip


def settled_pair(folder: Path) -> Pair:
    """Five futures settle one after the other; the forgetful one remembers two, after trades and a spread's legs."""
    pair = Pair(folder, 3, 20)
    alice, bob = (one.account for one in pair.callers)
    symbols = ("XBTZ23", "XBTF24", "XBTG24", "XBTH24", "XBTJ24")
    for at, symbol in enumerate(symbols):
        number = future(pair.world, symbol, expiry_ns=(pair.world.now_ns // (60 * 10**9) + 40 + at) * 60 * 10**9)
        pair.world.place(alice, BUY, 1_000 * (at + 1), 600_000, instrument=number)
        pair.world.place(bob, SELL, 1_000 * (at + 1), 600_000, instrument=number)
        pair.world.tell(
            Fill(
                instrument=number, spread=1, taker_side=Side.SELL, taker_account=alice, maker_account=bob,
                price_ticks=600_000, quantity=100, value_minor=166_667, taker_fee_minor=83, maker_fee_minor=33,
            )
        )  # fmt: skip
    go_on(pair.world, 50, 61_000)
    return pair


def check(pair: Pair) -> None:
    rows = 0
    for path, questions in ASKED.items():
        for asked in questions:
            for caller in (None,) if path in ("/settlement", "/trade/bucketed") else pair.callers:
                short, long = pair.both(path, asked, caller)
                assert short == long, (path, asked)
                assert short[0] == 200
                rows += len(short[1])
    assert rows > 60


def test_what_was_forgotten_is_told_as_it_was(tmp_path: Path) -> None:
    pair = settled_pair(tmp_path)
    assert pair.both("/settlement", {})[1][0] == 200
    pair.small.settlements.kept = few(pair.small.settlements.kept)
    pair.kept.commit()
    check(pair)
    pair.reader.close()


def test_one_that_begins_with_a_snapshot_knows_what_has_ended(tmp_path: Path) -> None:
    pair = settled_pair(tmp_path)
    pair.kept.commit()
    adopted(pair)
    check(pair)
    pair.reader.close()
