"""What is chosen of the contracts that end, and that what is not chosen any more is left."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal

from outcry.bots.dated import CHAIN, FUTURES, PREDICTIONS, PRELAUNCH, Dated
from outcry.bots.market_maker import MakerSettings
from outcry.bots.pace import Pace
from outcry.bots.runners import MakerRunner
from outcry.client import Instrument
from tests.bots.test_runners import SmallVenue


def row(symbol: str, kind: str, mark: str | None = "1", currency: str = "XBt", state: str = "Open") -> Instrument:
    price = None if mark is None else Decimal(mark)
    return Instrument(symbol=symbol, kind=kind, state=state, mark_price=price, settlement_currency=currency)


def chain(root: str, ends: Sequence[str], strikes: Sequence[int], currency: str = "XBt") -> list[Instrument]:
    return [
        row(f"{root}-{end}-{strike}-{kind}", "OCECCS" if kind == "C" else "OPECCS", "0.01", currency)
        for end in ends
        for strike in strikes
        for kind in ("C", "P")
    ]


ROWS = [
    row("XBTUSD", "FFWCSX", "60100"),
    row("ETHUSDT", "FFWCSX", "3010", "USDt"),
    row("XBTZ26", "FFCCSX", "60200"),
    row("ETHUSDTZ26", "FFCCSX", "3015", "USDt"),
    row("NOVAUSDT", "FFCCSX", "0.5", "USDt"),
    row("P_XBT100KZ26", "FFICSX", "20", "USDt"),
    row("XBTZ26-XBTH27", "FFMCSX", "3"),
    row("XBTH27", "FFCCSX", None),
    row("XBTX26", "FFCCSX", "60000", state="Closed"),
    *chain("XBT", ["25DEC26", "04DEC26", "01JAN27"], [58_000, 59_000, 60_000, 61_000, 62_000]),
    *chain("ETHUSDT", ["25DEC26"], [2_500, 3_000, 3_500], "USDt"),
]


def test_everything_that_ends_is_quoted_and_of_options_the_nearest() -> None:
    chosen = Dated().choose(ROWS)
    assert {symbol for symbol in chosen if symbol.count("-") < 3} == {
        *("XBTZ26", "ETHUSDTZ26", "NOVAUSDT", "P_XBT100KZ26")
    }
    assert {symbol for symbol in chosen if symbol.startswith("XBT-")} == {
        f"XBT-{end}-{strike}-{kind}"
        for end in ("04DEC26", "25DEC26")
        for strike in (60_000, 61_000)
        for kind in ("C", "P")
    }
    assert {symbol for symbol in chosen if symbol.startswith("ETHUSDT-")} == {
        f"ETHUSDT-25DEC26-{strike}-{kind}" for strike in (3_000, 3_500) for kind in ("C", "P")
    }
    assert chosen["XBTZ26"] == FUTURES["XBt"]
    assert (chosen["NOVAUSDT"], chosen["P_XBT100KZ26"]) == (PRELAUNCH, PREDICTIONS)
    assert chosen["ETHUSDT-25DEC26-3000-C"] == CHAIN["USDt"]


def test_without_a_price_of_the_underlying_no_option_is_near() -> None:
    assert all("-" not in symbol for symbol in Dated().choose([one for one in ROWS if one.symbol != "XBTUSD"][:6]))
    assert Dated().choose(chain("XBT", ["04DEC26"], [60_000])) == {}


class Fickle:
    """Chooses what it is told to."""

    with_all_kinds = False

    def __init__(self) -> None:
        self.chosen: dict[str, MakerSettings] = {"XBTUSDT": MakerSettings(levels=2)}

    def choose(self, rows: Sequence[Instrument]) -> Mapping[str, MakerSettings]:
        return self.chosen


def test_what_is_not_chosen_any_more_is_cancelled() -> None:
    async def run() -> None:
        venue, fickle = SmallVenue(), Fickle()
        runner = MakerRunner(venue.client(), fickle, 1, Pace(600_000, 1_000))
        await runner.quote_once()
        assert len(venue.orders) == 4
        fickle.chosen = {}
        runner.forget()
        await runner.quote_once()
        assert venue.orders == {}
        await runner.quote_once()
        assert len(venue.placed) == 4

    asyncio.run(run())
