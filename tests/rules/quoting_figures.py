"""How the figures of quoting are computed: by the function that the API's row is made with."""

from collections.abc import Callable
from typing import Any

from outcry.gateway.routes.quoting import ratio_row

Figures = dict[str, Any]


def ord_25(given: Figures) -> Figures:
    quotes = given["placed"] + given["amended"]
    row = ratio_row(8, 0, {0: (quotes, given["filled"])})
    return {"quotes": row["quoteCount"], "ratio_percent": 100 * row["quoteFillRatioMavg7"]}


QUOTED: dict[str, Callable[[Figures], Figures]] = {"ORD-25": ord_25}
