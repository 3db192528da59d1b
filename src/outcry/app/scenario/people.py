"""Who trades in a scenario: leveraged accounts that come in pairs, and makers who quote around the mark.

A *pair* is a buyer and a seller of one quantity at the mark.  An account has as much money as its leverage asks for and
a little more, so all of it is at stake.  Makers have plenty, are never the venue's concern, and go away when told to.
"""

import random
from collections.abc import Iterable, Iterator

import msgspec

from outcry.app.crowd import Entry, Market, limit_order
from outcry.protocol import layout
from outcry.protocol.layout import Side

CENTI = 100
SPARE_PERCENT = 125
"""What an account has, of what its leverage asks for: fees and margins of lots are part of it."""
MAKER_MINOR = {"XBt": 10_000 * 10**8, "USDt": 400_000_000 * 10**6}
LEVELS = 5
MAKER_STEPS = 90
"""Of the risk limit, with the margin that asks for."""
FIRST_PPM, STEP_PPM = 500, 1_000


class Pair(msgspec.Struct, frozen=True):
    """A buyer and a seller of so many lots."""

    instrument: int
    buyer: int
    seller: int
    lots: int


class Terms(msgspec.Struct, frozen=True):
    """An instrument as people see it now."""

    number: int
    symbol: str
    currency: int
    lot: int
    lot_minor: int
    price_ticks: int
    leverage_most: int
    """Hundredths."""


class People:
    """Everybody, and the market they trade on."""

    def __init__(self, market: Market, chance: random.Random) -> None:
        self.market = market
        self.chance = chance
        self._symbols = [one.symbol for one in market.terms.instruments]

    def terms(self, symbol: str) -> Terms:
        """The instrument of that symbol, as it is marked now."""
        number = self._symbols.index(symbol) + 1
        row = self.market.engine.tables.instruments[number]
        return Terms(
            number=number,
            symbol=symbol,
            currency=row.currency,
            lot=row.lot,
            lot_minor=row.mark_lot_minor,
            price_ticks=row.mark_subticks // row.subticks_per_tick,
            leverage_most=CENTI * layout.PPM // row.initial_margin_ppm,
        )

    def lots_worth(self, terms: Terms, share: float) -> int:
        """How many lots a share of a whole bitcoin's value is, at least one; so that all instruments weigh alike."""
        whole = self.terms("XBTUSDT").lot_minor * 1_000 if terms.currency == 2 else 10**8
        return max(1, int(share * whole / terms.lot_minor))

    def fund(self, stakes: dict[tuple[int, int], int]) -> None:
        """Deposit what is at stake, by account and currency."""
        self.market.deposit(
            (account, currency, minor * SPARE_PERCENT // 100) for (account, currency), minor in stakes.items()
        )

    def isolate(self, chosen: Iterable[tuple[int, int, int]]) -> None:
        """Isolate positions to come: instrument, account, leverage in hundredths."""
        entries: dict[int, Entry] = {}

        def made() -> Iterator[bytearray]:
            for number, account, leverage in chosen:
                if number not in entries:
                    entries[number] = Entry(layout.SetLeverage(instrument=number), "account", "leverage_centi")
                yield entries[number].of(account, leverage)

        self.market.flood(made())

    def widen(self, number: int, accounts: range, steps: int) -> None:
        """Choose a risk limit so many steps above the base."""
        row = self.market.engine.tables.instruments[number]
        limit = row.risk_limit_minor + steps * row.risk_step_minor
        entry = Entry(layout.SetRiskLimit(instrument=number, risk_limit_minor=limit), "account")
        self.market.flood(entry.of(account) for account in accounts)

    def rest(self, orders: Iterable[tuple[int, int, int]]) -> None:
        """Bids at half the mark: instrument, account, lots."""
        known: dict[int, tuple[Terms, Entry]] = {}

        def made() -> Iterator[bytearray]:
            for number, account, lots in orders:
                if number not in known:
                    known[number] = (self.terms(self._symbols[number - 1]), limit_order(number, Side.BUY))
                terms, entry = known[number]
                yield entry.of(account, lots * terms.lot, terms.price_ticks // 2)

        self.market.flood(made())

    def trade(self, pairs: Iterable[Pair]) -> int:
        """Have all pairs trade at the marks of now; how many positions that opened."""
        known: dict[int, tuple[Terms, Entry, Entry]] = {}
        opened = 0

        def made() -> Iterator[bytearray]:
            nonlocal opened
            for pair in pairs:
                if pair.instrument not in known:
                    terms = self.terms(self._symbols[pair.instrument - 1])
                    buy = limit_order(pair.instrument, Side.BUY)
                    known[pair.instrument] = (terms, buy, limit_order(pair.instrument, Side.SELL))
                terms, buy, sell = known[pair.instrument]
                yield buy.of(pair.buyer, pair.lots * terms.lot, terms.price_ticks)
                yield sell.of(pair.seller, pair.lots * terms.lot, terms.price_ticks)
                opened += 2

        self.market.flood(made())
        return opened


class Makers:
    """A few accounts that quote both sides around the mark, anew at every turn."""

    def __init__(self, people: People, count: int, symbols: tuple[str, ...], share: float) -> None:
        self._people = people
        self._symbols = symbols
        self._share = share
        self.accounts = people.market.open_accounts(count)
        currencies = people.market.terms.currencies
        people.market.deposit(
            (account, number, MAKER_MINOR[currency.symbol])
            for account in self.accounts
            for number, currency in enumerate(currencies, 1)
        )
        self._cancel = Entry(layout.CancelAll(), "account", "instrument")
        for symbol in symbols:
            people.widen(people.terms(symbol).number, self.accounts, MAKER_STEPS)

    def leave(self) -> None:
        """Take all orders back."""
        for account in self.accounts:
            self._people.market.hand(self._cancel.of(account, 0))

    def quote(self, turn: int) -> None:
        """One maker quotes each instrument anew, around its mark of now."""
        account = self.accounts[turn % len(self.accounts)]
        market = self._people.market
        for symbol in self._symbols:
            terms = self._people.terms(symbol)
            market.hand(self._cancel.of(account, terms.number))
            quantity = terms.lot * self._people.lots_worth(terms, self._share)
            for level in range(LEVELS):
                away = max(1 + level, terms.price_ticks * (FIRST_PPM + level * STEP_PPM) // layout.PPM)
                market.hand(limit_order(terms.number, Side.BUY).of(account, quantity, terms.price_ticks - away))
                market.hand(limit_order(terms.number, Side.SELL).of(account, quantity, terms.price_ticks + 1 + away))
