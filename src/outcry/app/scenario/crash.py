"""`outcry scenario crash`: very many leveraged accounts, a fall of 40 % in ten minutes, and a gap.

First who is there: accounts with one isolated position, and cross accounts with three; makers quote all books but one.
Then the fall, second by second, with the sources' prices and the makers' quotes as a venue would journal them, and a
funding within it.  Near the end *dip buyers* come: longs at 25x in a contract that nobody quotes any more, sold to them
by accounts that are long in another.  The gap takes both at once, and the longs' takeovers find nobody.
The same seed gives the same events.  Known limit: nobody but makers and the engine trades during the fall.
"""

import random
import time
from collections.abc import Iterator

import msgspec

from outcry.app import listings
from outcry.app.crowd import Market
from outcry.app.scenario.people import CENTI, Makers, Pair, People, Terms
from outcry.app.scenario.tally import Tally
from outcry.engine.engine import Engine
from outcry.engine.machine import COMPILED
from outcry.engine.sums import LawSums, law_sums
from outcry.protocol import layout
from outcry.protocol.layout import InstrumentState, Role, TableNumber

SEED = 1
ACCOUNTS, ACCOUNTS_SMALL = 100_000, 1_000
SECONDS, SECONDS_SMALL = 600, 60
FALL_PERCENT = 40
GAP_PERCENT = 9
"""Less than the tolerance of the indices: by more, and a source would not be believed (IDX-03)."""
NOISE_PPM = 300
TOGETHER_PERCENT = 30
DIP_PERCENT = 20
MAKERS = 10
MAKERS_SHARE = 4.0
"""A maker's quote, in bitcoins' worth; scaled with the number of accounts."""
ALONE_IN = (("XBTUSD", 40), ("XBTUSDT", 30), ("ETHUSD", 15), ("ETHUSDT", 15))
TOGETHER_IN = ("XBTUSD", "ETHUSD", "XBTUSDT")
THIN, HEAVY = "SOLUSDT", (("XBTUSDT", 3), ("ETHUSDT", 1))
"""What nobody quotes, and what who sells it is long of, times as much."""
LEVERAGES = ((200, 12), (300, 14), (500, 18), (1_000, 20), (2_000, 14), (2_500, 8), (5_000, 8), (10_000, 6))
"""Hundredths and how many of a hundred choose them."""
CALM = (200, 300, 500, 1_000)
DIP_IN = ("XBTUSD", "XBTUSDT")
DIP_LEVERAGE, DIP_SELLER_LEVERAGE = 2_500, 2_500
SHARES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
"""Sizes in bitcoins' worth."""
FUND_SHARE = {"XBt": 1_000, "USDt": 1_000_000}
"""The insurance fund at first, in minor units an account."""
WHALES_PER_ACCOUNT = 2_000
WHALE_LEVERAGE, WHALE_SHARE, WHALE_STEPS = 1_000, 25, 2
"""Large enough to need two steps of the risk limit."""
RESTING_PERCENT = 20
"""So many of the cross accounts have an order resting far away, which is margin they could do without."""
EMPTY_SHARE = 100
"""A fund counts as empty with a hundredth of what it had: it pays whole lots, so it rarely ends at nothing."""
GAP_UNITS_PER_ACCOUNT = 200
"""A Continue of the gap does one unit for so many accounts: prices come in while longs are being examined."""


class ScenarioTooSlow(Exception):
    """Uncompiled, the full scenario would take hours."""


class CrashOptions(msgspec.Struct, frozen=True):
    """What somebody may choose."""

    seed: int = SEED
    accounts: int = ACCOUNTS
    small: bool = False


class Fund(msgspec.Struct, frozen=True):
    """The insurance fund of a currency, minor units."""

    currency: str
    before: int
    lowest: int
    after: int
    paid_in: int
    paid_out: int
    takeover_wallet: int


class Crash(msgspec.Struct, frozen=True):
    """What a crash came to."""

    seed: int
    accounts: int
    together: int
    positions: int
    entries: int
    seconds: float
    engine_seconds: float
    slowest_ms: float
    slowest_kind: str
    steps: dict[str, int]
    liquidated: int
    takeovers: int
    funds: list[Fund]
    deleveragings: int
    rounds: int
    taken: dict[str, int]
    filled: dict[str, int]
    deleveraged: dict[str, int]
    left: dict[str, int]
    alternatives: dict[str, dict[str, int]]
    """By instrument and policy, of those positions only that were taken from."""
    stuck: int
    reducing: list[str]
    funded: int
    law: LawSums
    root: str
    failures: list[str]


def run_crash(options: CrashOptions) -> Crash:
    """Play it.  Raises `ScenarioTooSlow` uncompiled unless small."""
    if not COMPILED and not options.small:
        raise ScenarioTooSlow("the engine is not compiled, and the full scenario would take hours: say --small")
    accounts = min(options.accounts, ACCOUNTS_SMALL) if options.small else options.accounts
    return Play(options.seed, accounts, SECONDS_SMALL if options.small else SECONDS).run()


class Play:
    """One crash."""

    def __init__(self, seed: int, accounts: int, seconds: int) -> None:
        self.begun = time.perf_counter()
        self.chance = random.Random(seed)
        self.seed = seed
        self.accounts = accounts
        self.seconds = seconds
        self.tally = Tally()
        self.market = Market(listings.load(), self.tally.see)
        self.people = People(self.market, self.chance)
        self.positions = 0
        self.together = 0
        self.start = {at: index.start_units for at, index in enumerate(self.market.terms.indices, 1)}

    def run(self) -> Crash:
        """From an empty venue to what is left of it."""
        self.open()
        self.fall()
        self.gap()
        return self.told()

    def open(self) -> None:
        """Listings, prices, the fund, people and makers."""
        market = self.market
        market.list_all()
        market.make_room(self.accounts, 2 * self.accounts, 4 * self.accounts)
        for index, units in self.start.items():
            market.set_prices(index, units)
        names = {currency.symbol: number for number, currency in enumerate(market.terms.currencies, 1)}
        self.fund = {names[symbol]: minor * self.accounts for symbol, minor in FUND_SHARE.items()}
        market.deposit((Role.INSURANCE, currency, minor) for currency, minor in self.fund.items())
        dips = self.accounts * DIP_PERCENT // 100
        self.together = self.accounts * TOGETHER_PERCENT // 100 // 2 * 2 - dips // 4
        everybody = market.open_accounts(self.accounts)
        alone = self.accounts - self.together - dips
        self.dips = everybody[alone + self.together :]
        self.join_alone(everybody[:alone])
        self.join_together(everybody[alone : alone + self.together])
        self.join_whales()
        share = MAKERS_SHARE * self.accounts / ACCOUNTS
        self.makers = Makers(self.people, MAKERS, tuple(symbol for symbol, _ in ALONE_IN), share)

    def join_alone(self, accounts: range) -> None:
        """One isolated position each, in one of four instruments."""
        symbols, weights = [symbol for symbol, _ in ALONE_IN], [weight for _, weight in ALONE_IN]
        stakes: dict[tuple[int, int], int] = {}
        chosen: list[tuple[int, int, int]] = []
        pairs: list[Pair] = []
        for buyer, seller in zip(accounts[::2], accounts[1::2], strict=False):
            terms = self.people.terms(self.chance.choices(symbols, weights)[0])
            lots = self.people.lots_worth(terms, self.chance.choice(SHARES))
            for account in (buyer, seller):
                leverage = self.leverage(terms)
                stakes[account, terms.currency] = lots * terms.lot_minor * CENTI // leverage + lots
                chosen.append((terms.number, account, leverage))
            pairs.append(Pair(terms.number, buyer, seller, lots))
        self.join(stakes, chosen, pairs)

    def join_together(self, accounts: range) -> None:
        """Cross positions in three instruments and two currencies, in all of them on one side or mixed."""
        stakes: dict[tuple[int, int], int] = {}
        pairs: list[Pair] = []
        known = [self.people.terms(symbol) for symbol in TOGETHER_IN]
        for first, second in zip(accounts[::2], accounts[1::2], strict=False):
            share = self.chance.choice(SHARES)
            leverages = {account: self.chance.choice(CALM) for account in (first, second)}
            for terms in known:
                lots = self.people.lots_worth(terms, share)
                buyer, seller = (first, second) if self.chance.randrange(4) else (second, first)
                pairs.append(Pair(terms.number, buyer, seller, lots))
                for account, leverage in leverages.items():
                    stake = lots * terms.lot_minor * CENTI // leverage + lots
                    key = (account, terms.currency)
                    stakes[key] = stakes.get(key, 0) + stake
        self.people.fund(stakes)
        self.positions += self.people.trade(pairs)

        self.people.rest(
            (known[0].number, account, 1) for account in accounts if self.chance.randrange(100) < RESTING_PERCENT
        )

    def join_whales(self) -> None:
        """A few accounts whose positions need more than the base risk limit."""
        terms = self.people.terms(HEAVY[0][0])
        accounts = self.market.open_accounts(2 * max(1, self.accounts // WHALES_PER_ACCOUNT // 2))
        lots = self.people.lots_worth(terms, WHALE_SHARE)
        stake = lots * terms.lot_minor * CENTI // WHALE_LEVERAGE + lots
        self.people.fund({(account, terms.currency): stake for account in accounts})
        self.people.widen(terms.number, accounts, WHALE_STEPS)
        self.people.isolate((terms.number, account, WHALE_LEVERAGE) for account in accounts)
        pairs = (Pair(terms.number, *two, lots) for two in zip(accounts[::2], accounts[1::2], strict=True))
        self.positions += self.people.trade(pairs)

    def leverage(self, terms: Terms) -> int:
        """As people choose, within what the instrument allows."""
        choices, weights = [one for one, _ in LEVERAGES], [weight for _, weight in LEVERAGES]
        return min(self.chance.choices(choices, weights)[0], terms.leverage_most)

    def fall(self) -> None:
        """Second by second, the makers one after another."""
        step = SECONDS // self.seconds
        for second in range(0, SECONDS, step):
            self.market.time_ns += step * 10**9
            self.prices(100 * FALL_PERCENT * (second + step) // SECONDS)
            self.makers.quote(second // step)

    def prices(self, fallen_centi: int) -> None:
        """Every source says a price so many hundredths of a percent below its index's start, or a little beside it."""
        for place, (index, _) in enumerate(self.market.terms.constituents(), 1):
            beside = self.chance.randrange(-NOISE_PPM, NOISE_PPM + 1)
            units = self.start[index] * (10_000 - fallen_centi) * (layout.PPM + beside) // (10_000 * layout.PPM)
            self.market.send(layout.ConstituentPrice(index=index, constituent=place, price_units=units))

    def gap(self) -> None:
        """Dip buyers come, makers step back, the next prices are far below the last, and makers quote there."""
        market = self.market
        market.work()
        self.prices(100 * FALL_PERCENT)
        market.work()
        half = len(self.dips) // 4 * 2
        self.join_dip(self.dips[half:])
        self.join_thin(self.dips[:half])
        self.makers.leave()
        market.work()
        thin = market.terms.index_number(market.terms.instruments[self.people.terms(THIN).number - 1].index)
        market.units = max(1, self.accounts // GAP_UNITS_PER_ACCOUNT)
        for index in sorted(self.start, key=lambda one: one != thin):
            below = self.start[index] * (100 - FALL_PERCENT) * (100 - GAP_PERCENT) // 10_000
            market.set_prices(index, below)
        for turn in range(MAKERS):
            self.makers.quote(turn)
        market.units = layout.WORK_UNITS_MAX
        market.work()
        for _ in range(3):
            market.tick(61)
            market.work()

    def join_dip(self, accounts: range) -> None:
        """Longs at 25x, bought from the makers."""
        known = [self.people.terms(symbol) for symbol in DIP_IN]
        stakes: dict[tuple[int, int], int] = {}
        chosen: list[tuple[int, int, int]] = []
        pairs: list[Pair] = []
        for at, buyer in enumerate(accounts):
            terms = known[at % len(known)]
            lots = self.people.lots_worth(terms, self.chance.choice(SHARES))
            stakes[buyer, terms.currency] = lots * terms.lot_minor * CENTI // DIP_LEVERAGE + lots
            chosen.append((terms.number, buyer, DIP_LEVERAGE))
            pairs.append(Pair(terms.number, buyer, self.makers.accounts[at % MAKERS], lots))
        self.join(stakes, chosen, pairs)

    def join_thin(self, accounts: range) -> None:
        """Longs at 25x in what nobody quotes; who sells to them is long elsewhere, for as much as he has."""
        thin = self.people.terms(THIN)
        heavy = [(self.people.terms(symbol), times) for symbol, times in HEAVY]
        stakes: dict[tuple[int, int], int] = {}
        chosen: list[tuple[int, int, int]] = []
        pairs: list[Pair] = []
        for at, (buyer, seller) in enumerate(zip(accounts[::2], accounts[1::2], strict=False)):
            share = self.chance.choice(SHARES)
            lots = self.people.lots_worth(thin, share)
            stakes[buyer, thin.currency] = lots * thin.lot_minor * CENTI // DIP_LEVERAGE + lots
            chosen.append((thin.number, buyer, DIP_LEVERAGE))
            pairs.append(Pair(thin.number, buyer, seller, lots))
            worth = lots * thin.lot_minor
            for terms, times in heavy:
                held = self.people.lots_worth(terms, times * share)
                worth += held * terms.lot_minor
                pairs.append(Pair(terms.number, seller, self.makers.accounts[at % MAKERS], held))
            stakes[seller, thin.currency] = worth * CENTI // DIP_SELLER_LEVERAGE + lots
        self.join(stakes, chosen, pairs)

    def join(self, stakes: dict[tuple[int, int], int], chosen: list[tuple[int, int, int]], pairs: list[Pair]) -> None:
        """Money in, positions isolated, trades done."""
        self.people.fund(stakes)
        self.people.isolate(chosen)
        self.positions += self.people.trade(pairs)

    def told(self) -> Crash:
        """What it came to, and what should not have come to pass."""
        tables, tally = self.market.engine.tables, self.tally
        symbols = [one.symbol for one in self.market.terms.instruments]
        left = {
            symbol: sum(abs(row.quantity) for row in self.takeovers() if row.instrument == number)
            for number, symbol in enumerate(symbols, 1)
        }
        crash = Crash(
            seed=self.seed,
            accounts=self.accounts,
            together=self.together + len(self.dips) // 4,
            positions=self.positions,
            entries=self.market.entries,
            seconds=time.perf_counter() - self.begun,
            engine_seconds=self.market.spent_ns / 10**9,
            slowest_ms=self.market.slowest_ns / 10**6,
            slowest_kind=layout.CommandKind(self.market.slowest_kind).name,
            steps=dict(sorted(tally.steps.items())),
            liquidated=len(tally.liquidated),
            takeovers=tally.takeovers,
            funds=list(self.funds()),
            deleveragings=tally.deleveragings,
            rounds=tally.rounds,
            taken={symbol: tally.taken[number] for number, symbol in enumerate(symbols, 1)},
            filled={symbol: tally.filled[number] for number, symbol in enumerate(symbols, 1)},
            deleveraged={symbol: tally.deleveraged[number] for number, symbol in enumerate(symbols, 1)},
            left=left,
            alternatives={symbols[number - 1]: dict(of) for number, of in sorted(tally.alternatives.items())},
            stuck=len(tally.stuck),
            reducing=[
                symbol
                for number, symbol in enumerate(symbols, 1)
                if tables.instruments[number].state == InstrumentState.INSTRUMENT_REDUCING
            ],
            funded=tally.funded,
            law=law_sums(tables),
            root=self.market.engine.roots()[2].hex(),
            failures=[],
        )
        return msgspec.structs.replace(crash, failures=list(failures(crash)))

    def takeovers(self) -> Iterator[layout.TakeoverRow]:
        """Those with something left."""
        tables = self.market.engine.tables
        for slot in range(1, tables.pools[TableNumber.TAKEOVERS_TABLE].high + 1):
            if tables.takeovers[slot].quantity:
                yield tables.takeovers[slot]

    def funds(self) -> Iterator[Fund]:
        """The insurance fund of each currency that has one."""
        engine = self.market.engine
        for number, before in self.fund.items():
            yield Fund(
                currency=self.market.terms.currencies[number - 1].symbol,
                before=before,
                lowest=min(before, self.tally.lowest_fund.get(number, before)),
                after=wallet_of(engine, Role.INSURANCE, number),
                paid_in=self.tally.fund_in[number],
                paid_out=self.tally.fund_out[number],
                takeover_wallet=wallet_of(engine, Role.TAKEOVER, number),
            )


def wallet_of(engine: Engine, role: Role, currency: int) -> int:
    """A role's money."""
    row = engine.tables.currencies[currency]
    return int(engine.tables.wallets[row.role_wallets + role].balance_minor)


def failures(crash: Crash) -> Iterator[str]:
    """Why this was not the crash it should have been, a sentence each."""
    if not crash.deleveragings:
        yield "nobody was deleveraged: the insurance fund was enough"
    if not any(EMPTY_SHARE * fund.lowest <= fund.before for fund in crash.funds):
        yield "no insurance fund was ever empty"
    if not crash.stuck:
        yield "no takeover was left without a counterparty"
    if not crash.law.adds_up:
        yield "the books do not add up"
    for symbol, taken in crash.taken.items():
        closed = crash.filled[symbol] + crash.deleveraged[symbol]
        if taken != closed + crash.left[symbol]:
            left = crash.left[symbol]
            yield f"{symbol}: {taken:,} contracts were taken over, {closed:,} closed and {left:,} are left"
    for fund in crash.funds:
        if fund.before + fund.paid_in - fund.paid_out != fund.after:
            yield f"the insurance fund of {fund.currency} is not what went in and out of it"
