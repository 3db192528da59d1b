"""The worked figures of what a book shows, each through a real engine: whole contracts at prices around its mark."""

from typing import Any

from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    Code,
    EndReason,
    EventKind,
    OrderFlag,
    OrderType,
    PegKind,
    SelfTrade,
    Side,
    TimeInForce,
)
from tests.engine.worlds import World, of_kind, one

Figures = dict[str, Any]
MARK = 150
"""In ticks of a dollar; the band is so wide that any figure's price is within it."""


def venue(mark: int = MARK, **terms: int) -> tuple[World, list[int]]:
    """A venue with one linear contract of one unit a dollar, and ten accounts with more than they need."""
    world = World()
    world.currency("XBt", 8)
    world.index(".FIG")
    standard = {"valuation": layout.Valuation.LINEAR, "lot": 1, "multiplier_minor": 1, "price_decimals": 0}
    standard |= {
        "tick_units": 1,
        "subticks_per_tick": 100,
        "band_ppm": 900_000,
        "risk_limit_minor": 10**12,
        "funding_rate_ppb": 0,
    }
    world.instrument("FIG", **{**standard, **terms})
    world.price(1, mark * 100)
    return world, [world.trader(100 + at, 10**12) for at in range(10)]


def sizes(events: list[Any]) -> list[int]:
    return [fill.quantity for fill in of_kind(events, EventKind.FILL)]


def ord_10(given: Figures) -> Figures:
    found = {}
    for mode in SelfTrade:
        world, (own, first, last, *_) = venue()
        accounts = {"own": own, "first": first, "last": last}
        for name, quantity in given["sells"]:
            world.place(accounts[name], Side.SELL, quantity, MARK)
        names = {account: name for name, account in accounts.items()}
        said: list[Any] = []
        taker = 0
        for event in world.place(own, Side.BUY, given["buys"], MARK, self_trade=mode):
            if event.head.kind == EventKind.PLACED:
                taker = event.record.order_id
            elif event.head.kind == EventKind.FILL:
                said.append([names[event.record.maker_account], event.record.quantity])
            elif event.head.kind == EventKind.ENDED and event.record.reason == EndReason.ENDED_SELF_TRADE:
                said.append("taker ends" if event.record.order_id == taker else "maker ends")
        found[mode.name.lower()] = said
    return found


def ord_17(given: Figures) -> Figures:
    found = {}
    for name, side, kind, offset in (
        ("primary_buy_plus_10", Side.BUY, PegKind.PEG_PRIMARY, 10),
        ("primary_sell_minus_10", Side.SELL, PegKind.PEG_PRIMARY, -10),
        ("market_buy_minus_50", Side.BUY, PegKind.PEG_MARKET, -50),
        ("market_sell_plus_50", Side.SELL, PegKind.PEG_MARKET, 50),
    ):
        world, (maker, account, *_) = venue()
        world.place(maker, Side.BUY, 1, given["bid"])
        world.place(maker, Side.SELL, 1, given["ask"])
        world.place(maker, Side.BUY, 1, given["hidden_bid"], display_quantity=0)
        world.place(maker, Side.SELL, 1, given["hidden_ask"], display_quantity=0)
        more = {"order_type": OrderType.PEGGED, "flags": OrderFlag.FIXED_PEG, "peg_kind": kind}
        events = world.place(
            account,
            side,
            1,
            0,
            peg_offset_subticks=100 * offset,
            time_in_force=TimeInForce.GOOD_TILL_CANCEL,
            **more,
        )
        found[name] = of_kind(events, EventKind.PLACED)[0].price_ticks
    return found


def ord_19(given: Figures) -> Figures:
    quantities = []
    for seconds in given["seconds"]:
        world, (maker, taker, *_) = venue()
        placed = of_kind(world.place(maker, Side.SELL, given["filled"], MARK), EventKind.PLACED)[0]
        world.place(taker, Side.BUY, given["filled"], MARK)
        world.wait(seconds)
        amended = of_kind(world.amend(maker, placed.order_id, leaves_quantity=given["leaves"]), EventKind.AMENDED)
        quantities.append(amended[0].quantity if amended else 0)
    return {"quantities": quantities}


def ord_20(given: Figures) -> Figures:
    world, accounts = venue()
    taker = accounts.pop()
    if "hidden" in given:
        for account, quantity in zip(accounts, given["hidden"], strict=False):
            world.place(account, Side.SELL, quantity, MARK, display_quantity=0)
        world.place(accounts[-1], Side.SELL, given["next"], MARK + 1)
        return {"fills": sizes(world.place(taker, Side.BUY, given["wanted"], MARK + 1))}
    for account, quantity in zip(accounts, given["shown"], strict=False):
        world.place(account, Side.SELL, quantity, MARK)
    quantity, shown = given["iceberg"]
    events = world.place(taker, Side.BUY, quantity, MARK, display_quantity=shown)
    orders = world.engine.tables.orders
    own = [order.leaves_quantity for order in orders if order.order_id and order.account == taker]
    return {"fills": sizes(events), "rests": sum(own)}


def ord_21(given: Figures) -> Figures:
    if "amended" in given:
        return ord_21_amended(given)
    small = []
    for quantity in given["quantities"]:
        world = World()
        world.currency("XBt", 8)
        world.index(".FIG")
        world.instrument("FIG", lot=1, small_order_minor=given["small_order_minor"])
        price = int(given["price"])
        world.price(1, price * 100)
        account = world.trader(1, 10**9)
        world.place(account, Side.BUY, quantity, price * 10)
        small.append(world.engine.tables.accounts[account].small_orders == 1)
    return {"small": small}


def ord_21_amended(given: Figures) -> Figures:
    """A fresh venue for each amendment, once more for a post-only order."""

    def amended(quantity: int, post_only: bool) -> list[wire.Event]:
        world = World()
        world.currency("XBt", 8)
        world.index(".FIG")
        world.instrument("FIG", lot=1, small_order_minor=given["small_order_minor"])
        ticks = int(given["price"]) * 10
        world.price(1, ticks * 10)
        account = world.trader(1, 10**9)
        size, count = given["small"]
        for _ in range(count):
            world.place(account, Side.BUY, size, ticks)
        large = one(world.place(account, Side.BUY, given["large"], ticks, post_only=post_only), EventKind.PLACED)
        return world.amend(account, large.order_id, quantity=quantity)

    told = [amended(quantity, False) for quantity in given["amended"]]
    refusals = [of_kind(amended(quantity, True), EventKind.REFUSED) for quantity in given["amended"]]
    return {
        "shown": [one(events, EventKind.AMENDED).display_quantity == -1 for events in told],
        "flagged": [bool(of_kind(events, EventKind.SMALL_ORDERS_FLAGGED)) for events in told],
        "post_only_refused": [bool(of) and of[0].code == Code.SMALL_ORDER_POST_ONLY for of in refusals],
    }


def ord_22(given: Figures) -> Figures:
    def furthest(limited: bool, price: int) -> bool:
        world, (maker, account, *_) = venue(given["market"], band_ppm=given["band_ppm"])
        world.place(maker, Side.SELL, 1, given["market"])
        if limited:
            world.send(layout.SetPriceLimits(instrument=1, highest_ticks=given["highest"]))
        return bool(of_kind(world.place(account, Side.BUY, 1, price), EventKind.PLACED))

    def highest(limited: bool) -> int:
        around = (given["market"], given["highest"], given["market"] * (10**6 + given["band_ppm"]) // 10**6)
        candidates = {edge + step for edge in around for step in (-1, 0, 1)}
        return max(int(price) for price in candidates if furthest(limited, price))

    world, (maker, account, *_) = venue(given["market"], band_ppm=given["band_ppm"])
    for price in range(given["highest"] - 1, given["highest"] + 2):
        world.place(maker, Side.SELL, 1, price)
    world.send(layout.SetPriceLimits(instrument=1, highest_ticks=given["highest"]))
    fills = of_kind(world.place(account, Side.BUY, 3, 0), EventKind.FILL)
    return {
        "limit_up_to": highest(True),
        "market_buy_up_to": max(fill.price_ticks for fill in fills),
        "without_limits": highest(False),
    }


def ord_23(given: Figures) -> Figures:
    world, (account, *_) = venue(orders_max=given["orders_max"])
    taken: list[bool] = []
    orders: list[int] = []
    for at in range(given["placed"] + given["placed_again"]):
        if at == given["placed"]:
            for order in orders[: given["cancelled"]]:
                world.cancel(account, order)
        placed = of_kind(world.place(account, Side.BUY, 1, MARK - at), EventKind.PLACED)
        orders += [one.order_id for one in placed]
        taken.append(bool(placed))
    return {"taken": taken}


SHOWN = {
    "ORD-10": ord_10,
    "ORD-17": ord_17,
    "ORD-19": ord_19,
    "ORD-20": ord_20,
    "ORD-21": ord_21,
    "ORD-22": ord_22,
    "ORD-23": ord_23,
}
