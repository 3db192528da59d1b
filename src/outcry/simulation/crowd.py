"""Who has accounts here, what is listed, and the commands with which a venue begins.

Users and keys made from numbers, as the gateway wants them; two of the users are one person's.  Then the listings:
two currencies, two indices, an inverse, a quanto and a linear perpetual with fundings every minute, all with high
leverage and low limits, so that a jump of the index takes somebody over.
"""

import ctypes
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from outcry.identity.people import ALL_PERMISSIONS
from outcry.protocol import layout, wire
from outcry.protocol.layout import DeleveragePolicy, InstrumentType, MarkMethod, Role, Valuation

NODE, KEEPER, GATEWAY, GUESTS = "node", "keeper", "gateway", "guests"
ORIGINS = {GATEWAY: 1, GUESTS: 2, KEEPER: 3}
"""Of what each process hands in."""
Record = ctypes.LittleEndianStructure
MINUTE_NS = layout.MINUTE_NS
INDICES = {1: (50_000_00, (1, 2, 3)), 2: (2_500_00, (4, 5))}
"""By number: where its price begins, in units, and its sources."""
SYMBOLS = ("XBTUSD", "ETHUSD", "XBTUSDT")
INDEX_OF = {"XBTUSD": 1, "ETHUSD": 2, "XBTUSDT": 1}
LOTS = {"XBTUSD": 100, "ETHUSD": 1, "XBTUSDT": 1_000}


@dataclass(frozen=True)
class Person:
    """A user."""

    id: int
    name: str
    handle: bytes


@dataclass(frozen=True)
class PersonKey:
    """A key that may do everything."""

    id: str
    secret: str
    user: Person
    permissions: frozenset[str] = ALL_PERMISSIONS
    enabled: bool = True
    requests_per_minute: int | None = None
    orders_per_second: int | None = None


class People:
    """Users and their keys, by number."""

    def __init__(self, count: int) -> None:
        users = [Person(n, f"trader {n}", hashlib.sha256(f"handle {n}".encode()).digest()[:16]) for n in range(count)]
        self.keys = [PersonKey(f"key-{user.id}", f"secret-{user.id}", user) for user in users]
        self._by_id = {key.id: key for key in self.keys}

    def key(self, key_id: str) -> PersonKey | None:
        """The key of that id."""
        return self._by_id.get(key_id)

    def set_account(self, user: object, account: int) -> None:
        """Accounts are opened in the order of users, so there is nothing to note."""

    def accounts_of(self, user: object) -> Sequence[Person]:
        """The first two users are one person; the others have one account each."""
        assert isinstance(user, Person)
        return [key.user for key in self.keys[:2]] if user.id < 2 else [user]


def account_of(user: Person) -> int:
    """The number that his account gets, because accounts are opened in the order of users."""
    return layout.ROLES + user.id


def opening(people: People) -> Iterator[Record]:
    """What an empty venue is handed before anybody trades."""
    for symbol, scale in (("XBt", 8), ("USDt", 6)):
        currency = layout.ListCurrency(scale=scale)
        wire.put_text(currency.symbol, symbol)
        yield currency
    for number, symbol, underlying in ((1, ".BXBT", "XBT"), (2, ".BETH", "ETH")):
        index = layout.ListIndex(decimals=2, tolerance_ppm=250_000)
        wire.put_text(index.symbol, symbol)
        wire.put_text(index.underlying, underlying)
        wire.put_text(index.quote, "USD")
        yield index
        sources = INDICES[number][1]
        for source in sources:
            share = 1_000_000 // len(sources)
            weight = 1_000_000 - share * (len(sources) - 1) if source == sources[0] else share
            constituent = layout.ListConstituent(index=number, weight_ppm=weight)
            wire.put_text(constituent.name, f"source {source}")
            yield constituent
    yield listing("XBTUSD", usd_index=1, impact_notional_minor=10**7)
    yield listing("ETHUSD", valuation=Valuation.QUANTO, lot=1, multiplier_minor=100, index=2)
    linear = {"valuation": Valuation.LINEAR, "lot": 1_000, "multiplier_minor": 1, "currency": 2}
    linear["deleverage_policy"] = DeleveragePolicy.PRO_RATA
    yield listing("XBTUSDT", **linear, risk_limit_minor=10**11, risk_step_minor=10**11)
    for number, (price, sources) in INDICES.items():
        for source in sources:
            yield layout.ConstituentPrice(index=number, constituent=source, price_units=price)
    for user in (key.user for key in people.keys):
        account = layout.OpenAccount()
        wire.put_bytes(account.handle, user.handle)
        yield account
    for user in (key.user for key in people.keys):
        for number in (1, 2):
            yield deposit(account_of(user), number, (2 * 10**7, 10**10)[number - 1] * (1 + 9 * (user.id % 3)), user.id)
    for number in (1, 2):
        yield deposit(Role.INSURANCE, number, 10**6, 1_000)


def deposit(account: int, currency: int, amount_minor: int, reference: int) -> layout.Deposit:
    """Money for an account; the reference makes it another deposit than those before."""
    record = layout.Deposit(account=account, currency=currency, amount_minor=amount_minor)
    wire.put_bytes(record.reference, hashlib.sha256(f"{account} {currency} {reference}".encode()).digest())
    return record


def listing(symbol: str, **terms: int) -> layout.List:
    """An inverse perpetual on the first index unless the terms say otherwise."""
    record = layout.List()
    standard: dict[str, int] = {
        "index": 1,
        "currency": 1,
        "instrument_type": InstrumentType.PERPETUAL,
        "valuation": Valuation.INVERSE,
        "price_decimals": 1,
        "tick_units": 1,
        "subticks_per_tick": 10,
        "lot": 100,
        "multiplier_minor": 100_000_000,
        "quantity_max": 10**9,
        "price_ticks_max": 10_000_000,
        "initial_margin_ppm": 10_000,
        "maintenance_margin_ppm": 5_000,
        "risk_limit_minor": 10**10,
        "risk_step_minor": 10**10,
        "maker_fee_ppm": 200,
        "taker_fee_ppm": 500,
        "deleverage_policy": DeleveragePolicy.RANKED,
        "mark_method": MarkMethod.MARK_FUNDING,
        "funding_rate_ppb": 100_000,
        "funding_interval_ns": MINUTE_NS,
        "funding_offset_ns": 0,
    }
    for name, value in {**standard, **terms}.items():
        setattr(record, name, value)
    wire.put_text(record.symbol, symbol)
    wire.put_text(record.underlying, symbol[:3])
    wire.put_text(record.quote, symbol[3:])
    return record
