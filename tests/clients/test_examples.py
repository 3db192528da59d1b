"""The programs of examples/ do what their first lines say, on a running venue, as children with nothing of ours."""

import subprocess
import sys
from pathlib import Path

import ccxt
import pytest

from tests.venue import Venue

pytestmark = pytest.mark.venue

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(venue: Venue, name: str, *arguments: str) -> str:
    command = [sys.executable, str(EXAMPLES / name), "--card", str(venue.data / "demo.json"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    return done.stdout


@pytest.mark.slow
def test_the_market_maker_quotes_both_sides_and_leaves_nothing(venue: Venue) -> None:
    user, symbol = venue.users[1], "BTC/USDT:USDT"
    urls = {"api": {"public": venue.url, "private": venue.url}}
    exchange = ccxt.bitmex({"apiKey": user.key, "secret": user.secret, "urls": urls})
    known = {order["id"] for order in exchange.fetch_orders(symbol)}
    told = run(venue, "market_maker.py", "--user", "1", "--symbol", symbol, "--seconds", "6")
    assert told.splitlines()[-1].startswith("left with position")
    made = [order for order in exchange.fetch_orders(symbol) if order["id"] not in known]
    assert {order["side"] for order in made if order["type"] == "limit"} == {"buy", "sell"}
    assert all(order["postOnly"] for order in made)
    assert [order for order in made if order["status"] == "open"] == []


def test_the_monitor_tells_a_line_a_second(venue: Venue) -> None:
    lines = run(venue, "monitor.py", "--symbol", "XBTUSDT", "--seconds", "2.5").splitlines()
    assert len(lines) in (2, 3, 4)
    assert all(" XBTUSDT last " in line and " open orders" in line for line in lines)
