"""ccxt and the contracts that end: it loads each with the right symbol, size and precision, trades them, and sees a
settlement.  What it cannot parse, options and spreads, it is not shown in its list, and trades by their names."""

from typing import Any

import pytest

from tests.clients.test_ccxt import exchange_of, soon
from tests.venue import Venue, outcry

pytestmark = pytest.mark.venue

KINDS = {"FFWCSX": "swap", "FFCCSX": "future", "FFICSX": "future"}
UNPARSED = '{"typ":["OCECCS","OPECCS","FFMCSX"]}'


@pytest.fixture(scope="module")
def exchange(venue: Venue) -> Any:
    return exchange_of(venue, 0)


@pytest.fixture(scope="module")
def other(venue: Venue) -> Any:
    return exchange_of(venue, 1)


def rows_of(exchange: Any, **asked: Any) -> list[Any]:
    found: list[Any] = exchange.public_get_instrument({"count": 500, **asked})
    return found


def test_every_contract_is_loaded_as_what_it_is(exchange: Any) -> None:
    rows = exchange.public_get_instrument_active()
    assert {row["typ"] for row in rows} == set(KINDS)
    symbols = []
    for row in rows:
        (market,) = exchange.markets_by_id[row["symbol"]]
        symbols.append(market["symbol"])
        assert market["type"] == KINDS[row["typ"]], row["symbol"]
        assert market["precision"] == {"amount": float(row["lotSize"]), "price": float(row["tickSize"])} | {
            name: value for name, value in market["precision"].items() if name not in ("amount", "price")
        }
        assert market["settle"] == {"XBt": "BTC", "USDt": "USDT"}[row["settlCurrency"]]
        assert market["expiryDatetime"] == row["expiry"]
        size = 1 / float(row["underlyingToPositionMultiplier"]) if market["linear"] else abs(float(row["multiplier"]))
        assert market["contractSize"] == pytest.approx(size)
        if row["expiry"]:
            day = row["expiry"][2:10].replace("-", "")
            assert market["symbol"].endswith(f":{market['settle']}-{day}")
    assert len(set(symbols)) == len(symbols)


def test_one_of_every_kind_is_traded(exchange: Any, other: Any) -> None:
    rows = exchange.public_get_instrument_active() + rows_of(exchange, filter=UNPARSED)
    by_kind: dict[str, Any] = {}
    for row in rows:
        kind = "pre-launch" if row["typ"] == "FFCCSX" and not row["referenceSymbol"] else row["typ"]
        if row["state"] == "Open" and row["markPrice"] is not None:
            by_kind.setdefault(kind, row)
    assert set(by_kind) == {*KINDS, "pre-launch", "OCECCS", "OPECCS", "FFMCSX"}
    for kind, row in by_kind.items():
        price = row["markPrice"]
        asked = {"symbol": row["symbol"], "orderQty": row["lotSize"], "price": near(row, float(price))}
        sold = exchange.private_post_order({**asked, "side": "Sell"})
        bought = other.private_post_order({**asked, "side": "Buy"})
        assert "Filled" in (sold["ordStatus"], bought["ordStatus"]), (kind, sold["text"], bought["text"])
        trader = exchange if sold["ordStatus"] == "Filled" else other
        seen = trader.private_get_execution_tradehistory({"reverse": True, "count": 20})
        wanted = {row["symbol"]} if kind != "FFMCSX" else {row["symbol"], row["nearLegSymbol"], row["farLegSymbol"]}
        assert wanted <= {one["symbol"] for one in seen}
    exchange.private_delete_order_all()
    other.private_delete_order_all()


def near(row: Any, price: float) -> float:
    """A price on a tick."""
    tick = float(row["tickSize"])
    return round(round(price / tick) * tick, 8)


def test_a_settlement_is_seen(venue: Venue, exchange: Any) -> None:
    row = next(one for one in exchange.public_get_instrument_active() if one["typ"] == "FFCCSX" and one["isInverse"])
    symbol = row["symbol"]
    (market,) = exchange.markets_by_id[symbol]
    # More than the lot that may have been sold above, or there would be nothing left to settle.
    asked = {"symbol": symbol, "side": "Buy", "orderQty": 3 * int(row["lotSize"]), "ordType": "Market"}
    soon(lambda: exchange.private_post_order(asked)["ordStatus"], lambda status: status == "Filled")
    held = position_of(exchange, symbol)
    assert int(held["currentQty"]) > 0
    told = outcry("expiry", symbol, "+1s", "--data", str(venue.data))
    assert told.returncode == 0, told.stdout + told.stderr
    # The venue has not run for half an hour: its index lacks samples, and the operator has the word.
    soon(lambda: rows_of(exchange, symbol=symbol)[0]["state"], lambda state: state == "Closed", 90)
    price = near(row, float(row["markPrice"]))
    told = outcry("settle", symbol, str(price), "--words", "the venue is too young", "--data", str(venue.data))
    assert told.returncode == 0, told.stdout + told.stderr
    soon(lambda: rows_of(exchange, symbol=symbol)[0]["state"], lambda state: state == "Settled")
    history = exchange.fetch_settlement_history(market["symbol"])
    assert [(one["symbol"], one["price"]) for one in history] == [(market["symbol"], price)]
    last = exchange.fetch_my_trades(market["symbol"], limit=500)[-1]
    assert last["info"]["execType"] == "Settlement"
    assert (last["price"], last["amount"]) == (price, int(held["currentQty"]))
    assert last["side"] == "sell"
    assert int(position_of(exchange, symbol)["currentQty"]) == 0
    newest = exchange.private_get_user_wallethistory({"currency": "XBt", "count": 20})
    assert symbol in {one["address"] for one in newest if one["transactType"] == "RealisedPNL"}
    assert exchange.fetch_ledger("BTC")
    exchange.load_markets(True)
    assert symbol not in exchange.markets_by_id


def position_of(exchange: Any, symbol: str) -> Any:
    return next(one for one in exchange.private_get_position() if one["symbol"] == symbol)
