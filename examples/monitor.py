"""A monitor on bitmex-ws: one line a second of prices, book, position, margin and open orders of a demo user.

bitmex-ws keeps the tables of the stream in a thread of its own; this only looks at them.
"""

import argparse
import contextlib
import json
import time
from pathlib import Path
from typing import Any

from bitmex_websocket import BitMEXWebsocket


def line(stream: Any, symbol: str) -> str:
    """What is seen now."""
    # The instrument first: bitmex-ws rounds the ticker by what that works out.
    seen = stream.get_instrument()["timestamp"]
    ticker, funds, depth = stream.get_ticker(), stream.funds(), stream.market_depth()
    held = sum(row["currentQty"] for row in stream.positions() if row["symbol"] == symbol)
    sizes = {side: sum(row["size"] for row in list(depth) if row["side"] == side) for side in ("Buy", "Sell")}
    return (
        f"{seen} {symbol} last {ticker['last']} bid {ticker['buy']} ask {ticker['sell']}"
        f" | book {sizes['Buy']:,} / {sizes['Sell']:,} in {len(depth)} levels | position {held:,}"
        f" | {funds['currency']} {funds['marginBalance']:,}, available {funds['availableMargin']:,}"
        f" | {len(stream.open_orders(''))} open orders"
    )


def main(options: argparse.Namespace) -> None:
    """Connect as a demo user and look."""
    card = json.loads(options.card.read_text())
    user = card["users"][options.user]
    stream = BitMEXWebsocket(endpoint=card["ws"], symbol=options.symbol, api_key=user["key"], api_secret=user["secret"])
    began = time.monotonic()
    try:
        while stream.ws.sock.connected and not 0 < options.seconds < time.monotonic() - began:
            print(line(stream, options.symbol), flush=True)
            time.sleep(1)
    finally:
        stream.exit()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Watches a venue whose demo.json is at hand.")
    parser.add_argument("--card", type=Path, default=Path("data/demo.json"), help="the venue's demo.json")
    parser.add_argument("--user", type=int, default=0, help="which of its users to be")
    parser.add_argument("--symbol", default="XBTUSDT", help="in BitMEX's spelling")
    parser.add_argument("--seconds", type=float, default=0, help="how long; 0 for ever")
    with contextlib.suppress(KeyboardInterrupt):
        main(parser.parse_args())
