"""GET /user/quoteFillRatio (ORD-25): the vector of 8 orders, 4 amendments and 3 fills, day by day, with history and
without."""

from pathlib import Path
from typing import Any

import pytest

from outcry.gateway.routes.quoting import ratio_row
from outcry.protocol.layout import DAY_NS
from tests.gateway.test_history import Pair
from tests.gateway.venues import Venue

COLUMNS = ["date", "account", "quoteCount", "dealtCount", "quotesMavg7", "dealtMavg7", "quoteFillRatioMavg7"]
Row = dict[str, Any]


def quoted(venue: Venue) -> None:
    ids = [venue.alice.order("Buy", 100, 59_000 - number)["orderID"] for number in range(8)]
    for one in ids[:4]:
        venue.alice.ok("PUT", "/order", {"orderID": one, "price": 58_000})
    for _ in range(3):
        venue.bob.order("Sell", 100, 58_990)
    venue.alice.ok("DELETE", "/order", {"orderID": ids[0]})
    venue.alice.refused("POST", "/order", {"symbol": "XBTUSD", "orderQty": 7, "price": 59_000})


def test_a_day(venue: Venue) -> None:
    empty = venue.alice.ok("GET", "/user/quoteFillRatio")
    assert len(empty) == 7
    assert all(list(row) == COLUMNS for row in empty)
    assert {(row["quoteCount"], row["dealtCount"], row["quoteFillRatioMavg7"]) for row in empty} == {(0, 0, None)}
    quoted(venue)
    today = venue.alice.ok("GET", "/user/quoteFillRatio")[-1]
    assert (today["quoteCount"], today["dealtCount"], today["quoteFillRatioMavg7"]) == (12, 3, 0.25)
    assert today["account"] == venue.alice.account
    assert today["date"].endswith("T00:00:00.000Z")
    assert venue.bob.ok("GET", "/user/quoteFillRatio")[-1]["quoteCount"] == 3


def test_it_is_ones_own(venue: Venue) -> None:
    assert venue.ask("GET", "/user/quoteFillRatio").status_code == 401


def test_the_average_is_of_seven_days_that_end_with_the_row() -> None:
    counts = {back * DAY_NS: (10 * (back + 1), back) for back in range(9)}
    row = ratio_row(8, 8 * DAY_NS, counts)
    assert (row["quoteCount"], row["dealtCount"]) == (90, 8)
    assert (row["quotesMavg7"], row["dealtMavg7"]) == (60, 5)
    assert row["quoteFillRatioMavg7"] == pytest.approx(35 / 420, abs=1e-6)


def test_history_counts_what_is_remembered(tmp_path: Path) -> None:
    pair = Pair(tmp_path, 5, 200)
    try:
        pair.kept.commit()
        for caller in pair.callers:
            short, long = pair.both("/user/quoteFillRatio", {}, caller)
            assert short == long
            assert short[1][-1]["quoteCount"] > 20
    finally:
        pair.reader.close()
