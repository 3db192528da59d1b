"""How the figures of listing are computed: by the functions that the operator's process lists with."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from outcry.app import series
from outcry.app.products import Series
from tests.app.every_product import every_product

Figures = dict[str, Any]


def lst_03(given: Figures) -> Figures:
    """What a product without prices lists; spreads follow their legs, so it is asked until nothing is left."""
    terms, listed = every_product(), dict[str, int]()
    time_ns = int(datetime.fromisoformat(given["time"]).timestamp()) * 10**9
    while found := series.wanted(terms, terms.products, time_ns, {}, listed):
        for one in found:
            listed[one.terms.symbol] = len(listed) + 1
    product = next(one for one in terms.products if one.symbol == given["product"])
    return {"listed": [symbol for symbol in listed if product.names(symbol)]}


def lst_04(given: Figures) -> Figures:
    one = Series("weekly", 1, given["strikes"], given["strike_step"])
    return {"strikes_units": series.strikes_around(given["value_units"], one)}


LISTED: dict[str, Callable[[Figures], Figures]] = {"LST-03": lst_03, "LST-04": lst_04}
