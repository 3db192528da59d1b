"""The listings with every product there is a file of, whether the venue lists it yet or not."""

import msgspec

from outcry.app import listings
from outcry.app.listings import FOLDER, PRODUCTS, Listings
from outcry.app.products import Product

FILES = ("XBT", "ETHUSDT", "XBT-options", "ETHUSDT-options", "NOVAUSDT", "P_XBT100K", "XBT-spread")


def every_product() -> Listings:
    """In the order in which the demo's venue is to list them."""
    paths = [FOLDER / PRODUCTS / f"{name}.toml" for name in FILES]
    assert sorted(paths) == sorted((FOLDER / PRODUCTS).glob("*.toml"))
    products = tuple(msgspec.toml.decode(path.read_bytes(), type=Product) for path in paths)
    return with_products(listings.load(), products)


def with_products(terms: Listings, products: tuple[Product, ...]) -> Listings:
    """The same with other products, each of them checked."""
    for product in products:
        product.check(terms)
    return Listings(terms.currencies, terms.indices, terms.instruments, products)
