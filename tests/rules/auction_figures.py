"""What the worked figures of docs/rules/auctions.md say, played out in a real engine (AUC-03, AUC-04).

Prices are ticks of 0.1 of XBTUSD as the page writes them; a mark between two ticks has a sub-tick.
"""

from collections.abc import Callable
from typing import Any

from outcry.protocol import layout
from outcry.protocol.layout import EventKind, InstrumentState
from tests.engine.worlds import BUY, SELL, World, of_kind, one, xbtusd

Figures = dict[str, Any]


def collected(given: Figures) -> World:
    """An auction that has collected the figure's orders."""
    world = xbtusd(1_000)
    world.price(1, round(given["mark"] * 10))
    traders = {BUY: world.trader(1), SELL: world.trader(2)}
    world.send(layout.SetInstrumentState(instrument=1, state=InstrumentState.INSTRUMENT_AUCTION))
    for side, levels in ((BUY, given["bids"]), (SELL, given["asks"])):
        for price, quantity in levels:
            one(world.place(traders[side], side, quantity, price), EventKind.PLACED)
    return world


def indicated(world: World) -> Figures:
    world.wait(1)
    said = one(world.send(layout.Tick()), EventKind.AUCTION_INDICATED)
    return {"price": said.price_ticks, "volume": said.volume, "surplus": said.surplus}


def auc_03(given: Figures) -> Figures:
    return indicated(collected(given))


def auc_04(given: Figures) -> Figures:
    world = collected(given)
    world.price(1, given["later_mark"] * 10)
    found = indicated(world)
    world.send(layout.SetInstrumentState(instrument=1, state=InstrumentState.INSTRUMENT_OPEN))
    events = [event for _ in range(9) for event in world.carry_on(9)]
    (price,) = {fill.price_ticks for fill in of_kind(events, EventKind.FILL)}
    return {**found, "fixed_price": price}


AUCTIONED: dict[str, Callable[[Figures], Figures]] = {"AUC-03": auc_03, "AUC-04": auc_04}
