"""`outcry bench risk`: marks, liquidations and funding over very many positions.

First a million positions, of which 300,000 are a hundred thousand cross accounts' in three instruments: marks move by
a tenth of a percent and nobody is liquidated, then a funding is exchanged.  After that another venue, on which one gap
liquidates a hundred thousand accounts.  Time is the thread's CPU time of the engine's entries, a `Continue` among them.
Known limit: the populations are drawn, with sizes and leverages spread as they plausibly are.
"""

import random
from collections.abc import Iterator

from outcry.app import listings
from outcry.app.bench.figures import Figure, Options, Report, at_most, plain, report
from outcry.app.crowd import Entry, Market, limit_order
from outcry.engine.sums import law_sums
from outcry.protocol import layout
from outcry.protocol.layout import EventKind, Side

ALONE, ALONE_SMALL = 700_000, 1_400
TOGETHER, TOGETHER_SMALL = 100_000, 200
GAPPED, GAPPED_SMALL = 100_000, 400
MOVES, MOVES_SMALL = 40, 6
ALONE_IN = "XBTUSDT"
TOGETHER_IN = ("XBTUSDT", "ETHUSDT", "SOLUSDT")
CURRENCY = "USDt"
LEVERAGES = (200, 300, 500, 500, 1_000, 1_000, 1_000, 2_000, 2_500, 5_000)
"""Hundredths, as likely as each stands here."""
TOGETHER_LEVERAGES = (*LEVERAGES, 5_000, 6_600)
AGED_PPM = -8_500
"""Where marks have come to before they are measured: far enough that some are nearer to their bands than when new."""
LOTS_MAX = 40
STEP_PPM = 1_000
GAP_PERCENT = 9
GAP_LEVERAGES = (1_500, 2_000, 2_500, 3_300, 5_000, 10_000)
BUDGET_MARK_MS, BUDGET_GAP_S, BUDGET_SLOWEST_MS, BUDGET_EPOCH_S = 3, 2, 5, 1
MILLION = 10**6
BILLION = 10**9


class BenchWrong(AssertionError):
    """What was measured is not what was meant: a mistake of the benchmark's, or of the engine's."""


def run(options: Options) -> Report:
    """Measure.  Raises `TooSlow` uncompiled unless small."""
    # Its commands are as many as the population needs; asked only so that an uncompiled engine is refused.
    options.count()
    chance = random.Random(options.seed)
    crowd = Crowd(chance)
    crowd.alone(ALONE_SMALL if options.small else ALONE)
    crowd.together(TOGETHER_SMALL if options.small else TOGETHER)
    rows = [*mark_rows(crowd, MOVES_SMALL if options.small else MOVES), *funding_rows(crowd)]
    entries = crowd.market.entries
    rows += gap_rows(chance, GAPPED_SMALL if options.small else GAPPED)
    notes = [
        f"{crowd.positions:,} positions, {len(TOGETHER_IN)} a cross account; a mark move is all prices that make it "
        "and all of the engine's own work until none waits",
    ]
    return report("risk", entries, options.seed, rows, notes)


class Crowd:
    """A venue with prices, and accounts that come in pairs of a buyer and a seller."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.market = Market(listings.load())
        self.market.list_all()
        self.units = {place: index.start_units for place, index in enumerate(self.market.terms.indices, 1)}
        for index, units in self.units.items():
            self.market.set_prices(index, units)
        self.currency = self.market.terms.currency_number(CURRENCY)
        self.positions = 0

    def number(self, symbol: str) -> int:
        """The instrument's number."""
        return [one.symbol for one in self.market.terms.instruments].index(symbol) + 1

    def mark_ticks(self, instrument: int) -> int:
        """The tick at its mark."""
        row = self.market.engine.tables.instruments[instrument]
        return int(row.mark_subticks // row.subticks_per_tick)

    def alone(self, count: int) -> None:
        """Accounts with one isolated position each."""
        number = self.number(ALONE_IN)
        row = self.market.engine.tables.instruments[number]
        lot, worth = row.lot, row.mark_lot_minor
        self.market.make_room(count, count, 10_000)
        accounts = self.market.open_accounts(count)
        # Who comes in a pair has the same size; who takes fills who rests at once.
        lots = [1 + self.chance.randrange(LOTS_MAX) for _ in range(count // 2)]
        chosen = [self.chance.choice(LEVERAGES) for _ in range(count)]
        self.market.deposit(
            (account, self.currency, 2 * lots[at // 2] * worth * 100 // chosen[at])
            for at, account in enumerate(accounts)
        )
        leverage = Entry(layout.SetLeverage(instrument=number), "account", "leverage_centi")
        self.market.flood(leverage.of(account, chosen[at]) for at, account in enumerate(accounts))
        self.market.flood(self._pairs(number, accounts, [lot * one for one in lots]))
        self.positions += count

    def together(self, count: int) -> None:
        """Accounts with cross positions in three instruments, each account with one leverage over all."""
        self.market.make_room(count, self.positions + len(TOGETHER_IN) * count, 10_000)
        accounts = self.market.open_accounts(count)
        numbers = [self.number(symbol) for symbol in TOGETHER_IN]
        rows = [self.market.engine.tables.instruments[number] for number in numbers]
        lots = [1 + self.chance.randrange(LOTS_MAX) for _ in range(count // 2)]
        worth = rows[0].mark_lot_minor
        scale = [max(1, worth // row.mark_lot_minor) for row in rows]
        value = sum(times * row.mark_lot_minor for times, row in zip(scale, rows, strict=True))
        self.market.deposit(
            (account, self.currency, lots[at // 2] * value * 120 // self.chance.choice(TOGETHER_LEVERAGES))
            for at, account in enumerate(accounts)
        )
        for number, row, times in zip(numbers, rows, scale, strict=True):
            self.market.flood(self._pairs(number, accounts, [row.lot * times * one for one in lots]))
        self.positions += len(TOGETHER_IN) * count

    def _pairs(self, number: int, accounts: range, quantities: list[int]) -> Iterator[bytearray]:
        """Every two accounts trade with each other, the first with the second, at the mark."""
        price = self.mark_ticks(number)
        sides = [limit_order(number, Side.BUY), limit_order(number, Side.SELL)]
        for at, quantity in enumerate(quantities):
            first = self.chance.randrange(2)
            yield sides[first].of(accounts[2 * at], quantity, price)
            yield sides[1 - first].of(accounts[2 * at + 1], quantity, price)

    def move(self, index: int, units: int) -> None:
        """All sources of an index say a price, and everything that follows is done."""
        self.units[index] = units
        self.market.set_prices(index, units)
        self.market.work()


def mark_rows(crowd: Crowd, moves: int) -> Iterator[Figure]:
    """Each index in turn a tenth of a percent up or down, around where it began."""
    market = crowd.market
    of_index = [market.engine.tables.instruments[crowd.number(symbol)].index for symbol in TOGETHER_IN]
    for index in of_index:
        # Whoever has just traded is examined at the next move, and gets his bands.
        crowd.move(index, crowd.units[index] * (MILLION + AGED_PPM // 2) // MILLION)
        crowd.move(index, crowd.units[index] * (MILLION + AGED_PPM // 2) // MILLION)
    start = dict(crowd.units)
    spent: list[int] = []
    left: list[int] = []
    for turn in range(moves):
        index = of_index[turn % len(of_index)]
        away = crowd.chance.choice((-STEP_PPM, STEP_PPM)) if crowd.units[index] == start[index] else 0
        market.watch()
        crowd.move(index, start[index] * (MILLION + away) // MILLION)
        spent.append(market.spent_ns)
        left.append(market.examined)
        if market.counts[EventKind.LIQUIDATION_STEP]:
            raise BenchWrong("a move of a tenth of a percent liquidated somebody")
    label = f"mark moves 0.1 %, {crowd.positions:,} positions, none liquidated: "
    yield at_most(label + "the mean of all moves", sum(spent) / len(spent) / MILLION, "ms", BUDGET_MARK_MS)
    yield plain("the longest of them", max(spent) / MILLION, "ms")
    yield plain("accounts whose bands were left, a move", sum(left) / len(left), "accounts")


def funding_rows(crowd: Crowd) -> Iterator[Figure]:
    """The stamp that comes next, and its sweep."""
    market = crowd.market
    market.watch()
    market.tick(120)
    market.work()
    paid = market.counts[EventKind.FUNDED]
    if paid != crowd.positions:
        raise BenchWrong(f"{paid:,} of {crowd.positions:,} positions had their funding")
    check_law(market)
    yield at_most(
        f"funding of {paid:,} positions: the slowest entry", market.slowest_ns / MILLION, "ms", BUDGET_SLOWEST_MS
    )
    yield at_most("the whole epoch", market.spent_ns / BILLION, "s", BUDGET_EPOCH_S)


def gap_rows(chance: random.Random, count: int) -> Iterator[Figure]:
    """Longs of at least 10x against shorts that can bear it, and one gap."""
    crowd = Crowd(chance)
    market = crowd.market
    number = crowd.number(ALONE_IN)
    row = market.engine.tables.instruments[number]
    lot, worth, index = row.lot, row.mark_lot_minor, row.index
    market.make_room(2 * count, 2 * count, 4 * count)
    accounts = market.open_accounts(2 * count)
    chosen = [chance.choice(GAP_LEVERAGES) if at % 2 == 0 else 200 for at in range(2 * count)]
    lots = [1 + chance.randrange(LOTS_MAX) for _ in range(count)]
    market.deposit(
        (account, crowd.currency, 2 * lots[at // 2] * worth * 100 // chosen[at]) for at, account in enumerate(accounts)
    )
    leverage = Entry(layout.SetLeverage(instrument=number), "account", "leverage_centi")
    market.flood(leverage.of(account, chosen[at]) for at, account in enumerate(accounts))
    price = crowd.mark_ticks(number)
    buy, sell = limit_order(number, Side.BUY), limit_order(number, Side.SELL)
    market.flood(
        (sell if at % 2 else buy).of(account, lot * lots[at // 2], price) for at, account in enumerate(accounts)
    )
    market.work()
    market.watch()
    crowd.move(index, crowd.units[index] * (100 - GAP_PERCENT) // 100)
    taken = market.counts[EventKind.TAKEN_OVER]
    if taken != count:
        raise BenchWrong(f"{taken:,} of {count:,} accounts were taken over")
    check_law(market)
    label = f"{taken:,} accounts liquidated in one gap, {market.counts[EventKind.DELEVERAGED]:,} deleveragings"
    yield at_most(label, market.spent_ns / BILLION, "s", BUDGET_GAP_S)
    yield plain("the slowest entry of it", market.slowest_ns / MILLION, "ms")


def check_law(market: Market) -> None:
    """Raises `BenchWrong` unless everything is conserved to the unit."""
    if not law_sums(market.engine.tables).adds_up:
        raise BenchWrong("the books do not add up")
