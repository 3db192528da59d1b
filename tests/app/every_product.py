"""The listings with every product there is a file of, whether the venue lists it yet or not."""

import msgspec

from outcry.app import listings
from outcry.app.listings import FOLDER, PRODUCTS, Listings
from outcry.app.products import Product

DATED = ("XBT", "ETHUSDT", "XBT-options", "ETHUSDT-options")
UNPRICED = ("NOVAUSDT", "P_XBT100K")
"""Without an index."""
SPREADS = ("XBT-spread",)
FILES = (*DATED, *UNPRICED, *SPREADS)
"""In the order in which the demo's venue lists them."""


def every_product(names: tuple[str, ...] = FILES) -> Listings:
    """The venue's listings with these products, each of them checked."""
    paths = [FOLDER / PRODUCTS / f"{name}.toml" for name in FILES]
    assert sorted(paths) == sorted((FOLDER / PRODUCTS).glob("*.toml"))
    terms = listings.load()
    products = tuple(
        msgspec.toml.decode((FOLDER / PRODUCTS / f"{name}.toml").read_bytes(), type=Product) for name in names
    )
    for product in products:
        product.check(terms)
    return Listings(terms.currencies, terms.indices, terms.instruments, products)
