"""What the demo's guests quote and trade of the contracts that end: which of them, and how much.

`Dated.choose` is told every contract that trades and picks all futures, pre-launch futures and prediction markets, and
of options those nearest to the money with the soonest ends; the names of options say what they are
(`XBT-25DEC26-70000-C`).  Pure.  Spreads are left to others.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from outcry.bots.market_maker import MakerSettings
from outcry.client import Instrument

OPTION_NAME = re.compile(r"(?P<root>\w+)-(?P<end>\d\d[A-Z]{3}\d\d)-(?P<strike>[\d.]+)-(?P<kind>[CP])")
FUTURE, PREDICTION = "FFCCSX", "FFICSX"
OPTIONS = ("OCECCS", "OPECCS")
ENDS, STRIKES = 2, 2
"""Options of so many ends are quoted, and so many strikes of each."""

FUTURES = {
    # About 25,000 dollars a level at 60,000 dollars a bitcoin, as in the perpetuals, but wider and fewer.
    "XBt": MakerSettings(3, 150, 200, level_value_minor=40_000_000, position_value_max_minor=800_000_000),
    "USDt": MakerSettings(3, 150, 200, level_value_minor=25_000_000_000, position_value_max_minor=500_000_000_000),
}
PRELAUNCH = MakerSettings(3, 5_000, 5_000, level_value_minor=2_000_000_000, position_value_max_minor=20_000_000_000)
"""Two thousand USDT a level, half a percent from the mark."""
PREDICTIONS = MakerSettings(3, 20_000, 20_000, level_value_minor=100_000_000, position_value_max_minor=2_000_000_000)
"""A hundred USDT a level: four tenths of a point at twenty."""
CHAIN = {
    # Premiums: half a bitcoin's worth of options at two percent of it, and a few ethers' at three.
    "XBt": MakerSettings(2, 20_000, 20_000, level_value_minor=1_000_000, position_value_max_minor=10_000_000),
    "USDt": MakerSettings(2, 20_000, 20_000, level_value_minor=300_000_000, position_value_max_minor=3_000_000_000),
}


class Dated:
    """Chooses contracts that end, and says how a maker quotes them."""

    with_all_kinds = True

    def choose(self, rows: Sequence[Instrument]) -> Mapping[str, MakerSettings]:
        """Settings by symbol, of what is to be quoted now."""
        trading = [row for row in rows if row.state == "Open" and row.mark_price is not None]
        marks = {row.symbol: row.mark_price for row in trading if row.mark_price is not None}
        chosen: dict[str, MakerSettings] = {}
        for row in trading:
            settings = _settings_of(row)
            if settings is not None:
                chosen[row.symbol] = settings
        for row in near_the_money([row for row in trading if row.kind in OPTIONS], marks):
            settings = CHAIN.get(row.settlement_currency or "")
            if settings is not None:
                chosen[row.symbol] = settings
        return chosen


def _settings_of(row: Instrument) -> MakerSettings | None:
    """How a contract is quoted that is no option; None if it is not."""
    if row.kind == PREDICTION:
        return PREDICTIONS
    if row.kind != FUTURE:
        return None
    if row.symbol[-1].isdigit():
        return FUTURES.get(row.settlement_currency or "")
    return PRELAUNCH


def near_the_money(options: Sequence[Instrument], marks: Mapping[str, Decimal]) -> list[Instrument]:
    """Of each underlying the options of the soonest ends with the strikes nearest to its perpetual's mark."""
    roots: dict[str, dict[str, list[tuple[Decimal, Instrument]]]] = {}
    for row in options:
        name = OPTION_NAME.fullmatch(row.symbol)
        if name is None:
            continue
        mark = marks.get(name["root"], marks.get(name["root"] + "USD"))
        if mark is not None:
            ends = roots.setdefault(name["root"], {})
            ends.setdefault(name["end"], []).append((abs(Decimal(name["strike"]) - mark), row))
    near: list[Instrument] = []
    for ends in roots.values():
        for end in sorted(ends, key=_day)[:ENDS]:
            distances = sorted({distance for distance, _ in ends[end]})[:STRIKES]
            near += [row for distance, row in ends[end] if distance in distances]
    return near


MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def _day(end: str) -> tuple[int, int, int]:
    """Year, month and day of an option's end."""
    return int(end[5:]), MONTHS.index(end[2:5]), int(end[:2])
