"""Listings as TOML files into the commands that list them, and what an engine still lacks of them.

First what the files hold (what one may say is in `terms`), then reading a folder, then what is outstanding.  A thing's
number is its place in the order, so what an engine has listed must be the beginning of what the files say; only
contracts of a series, which are listed as time passes (`series`), may stand among the instruments.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import msgspec

from outcry.app.products import Product
from outcry.app.terms import (
    PPM_DECIMALS,
    ConstituentTerms,
    CurrencyTerms,
    IndexTerms,
    InstrumentTerms,
    ListingError,
    Record,
    Things,
    currency_record,
    decimal,
    index_record,
    instrument_record,
    source_record,
    whole,
    with_unit,
)
from outcry.protocol import layout
from outcry.protocol.wire import text_of

__all__ = [
    "FOLDER",
    "ConstituentTerms",
    "CurrencyTerms",
    "IndexTerms",
    "InstrumentTerms",
    "Kind",
    "ListingError",
    "Listings",
    "Record",
    "decimal",
    "listed_names",
    "load",
    "outstanding",
    "uncounted",
    "whole",
    "with_unit",
]

FOLDER = Path(__file__).parent / "listings"
PRODUCTS = "products"
"""The folder beside the files that has a file of each product with series."""
Decoded = TypeVar("Decoded")


class OrderFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """order.toml."""

    files: tuple[str, ...]
    products: tuple[str, ...] = ()


class GroupFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of currencies or of indices."""

    currency: tuple[CurrencyTerms, ...] = ()
    index: tuple[IndexTerms, ...] = ()


@dataclass(frozen=True, slots=True)
class Listings(Things):
    """Everything a venue lists, each kind in the order of its numbers from 1."""

    instruments: tuple[InstrumentTerms, ...]
    products: tuple[Product, ...] = ()
    """Of which contracts are listed as time passes, in this order."""

    def constituents(self) -> list[tuple[int, ConstituentTerms]]:
        """Index number and source, in the order of the sources' numbers."""
        return [(number, c) for number, index in enumerate(self.indices, 1) for c in index.constituents]

    def commands(self) -> list[Record]:
        """All `List*` records in their order.  Raises `ListingError`."""
        return [record for kind in self.kinds() for record in kind.records]

    def kinds(self) -> tuple["Kind", ...]:
        """What is listed, kind by kind in the order of listing.  Raises `ListingError`."""
        sources = self.constituents()
        return (
            Kind("currency", "currencies", _symbols(self.currencies), [currency_record(c) for c in self.currencies]),
            Kind("index", "indices", _symbols(self.indices), [index_record(i) for i in self.indices]),
            Kind("constituent", "constituents", [c.name for _, c in sources], [source_record(*s) for s in sources]),
            Kind(
                "instrument",
                "instruments",
                _symbols(self.instruments),
                [instrument_record(self, i) for i in self.instruments],
            ),
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """All things of one kind: its name, the engine's table, and names and records by number from 1."""

    name: str
    table: str
    names: list[str]
    records: Sequence[Record]


def uncounted(terms: Listings) -> Listings:
    """The same without counts of orders and small ones (ORD-21, ORD-23): what a benchmark sends is no market."""
    free = (msgspec.structs.replace(one, orders_max=0, stops_max=0, small_order="") for one in terms.instruments)
    return replace(terms, instruments=tuple(free))


def load(folder: Path = FOLDER) -> Listings:
    """Read a folder of listings.  Raises `ListingError`."""
    currencies: list[CurrencyTerms] = []
    indices: list[IndexTerms] = []
    instruments: list[InstrumentTerms] = []
    order = _decoded(folder / "order.toml", OrderFile)
    for name in order.files:
        path = folder / name
        if name in ("currencies.toml", "indices.toml"):
            group = _decoded(path, GroupFile)
            currencies += group.currency
            indices += group.index
        else:
            instruments.append(_decoded(path, InstrumentTerms))
    products = tuple(_decoded(folder / PRODUCTS / name, Product) for name in order.products)
    listings = Listings(tuple(currencies), tuple(indices), tuple(instruments), products)
    for symbols in (_symbols(currencies), _symbols(indices), _symbols(instruments)):
        _check_distinct(symbols)
    for index in indices:
        _check_weights(index)
    for product in products:
        product.check(listings)
    # Building the records finds whatever else is wrong, so a listing that loads can be handed in.
    listings.commands()
    return listings


def outstanding(listings: Listings, tables: layout.Tables) -> list[Record]:
    """The records an engine has not applied yet, in order.  Raises `ListingError` if it has listed something else."""
    out: list[Record] = []
    for kind in listings.kinds():
        found = [(number, name) for number, name in enumerate(listed_names(tables, kind.table), 1)]
        if kind.table == "instruments":
            found = [(number, name) for number, name in found if not _of_series(listings, tables, number, name)]
        for ours, (number, theirs) in zip(kind.names, found, strict=False):
            if ours != theirs:
                raise ListingError(
                    f"{kind.name} number {number} of this data folder is {theirs!r}, but the listings say {ours!r}: "
                    f"listings are only ever added at the end; use another data folder or the listings it was made with"
                )
        out += kind.records[len(found) :]
    return out


def _of_series(listings: Listings, tables: layout.Tables, number: int, name: str) -> bool:
    """Whether an instrument was listed as one of a series: by a product of now, or by one of before that ends."""
    if name in _symbols(listings.instruments):
        return False
    return tables.instruments[number].expiry_ns != 0 or any(product.names(name) for product in listings.products)


def listed_names(tables: layout.Tables, table: str) -> list[str]:
    """The names in a table of listed things, by number."""
    pool = tables.pools[layout.TableNumber[f"{table.upper()}_TABLE"]]
    rows = getattr(tables, table)
    return [text_of(rows[n].name if table == "constituents" else rows[n].symbol) for n in range(1, pool.high + 1)]


def _decoded(path: Path, kind: type[Decoded]) -> Decoded:
    """The file's content.  Raises `ListingError`."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except FileNotFoundError as problem:
        raise ListingError(f"{path.name}: there is no such file in {path.parent}") from problem
    except msgspec.DecodeError as problem:
        raise ListingError(f"{path.name}: {problem}") from problem


def _symbols(kind: Sequence[CurrencyTerms] | Sequence[IndexTerms] | Sequence[InstrumentTerms]) -> list[str]:
    return [terms.symbol for terms in kind]


def _check_distinct(symbols: Sequence[str]) -> None:
    for symbol in symbols:
        if symbols.count(symbol) > 1:
            raise ListingError(f"{symbol} is listed twice")


def _check_weights(index: IndexTerms) -> None:
    total = sum(with_unit(f"{index.symbol}: {c.name}", c.weight, "%", PPM_DECIMALS - 2) for c in index.constituents)
    if total != layout.PPM:
        raise ListingError(
            f"{index.symbol}: the weights add up to {Decimal(total).scaleb(-4).normalize():f} %, not 100 %"
        )
    if index.start_units <= 0:
        raise ListingError(f"{index.symbol}: simulated_start must be positive")
