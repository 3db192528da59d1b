"""What the worked figures of docs/rules/spreads.md say, played out in a real engine (SPR-02, SPR-04, SPR-06)."""

from collections.abc import Callable
from typing import Any

from outcry.protocol.layout import EventKind
from tests.engine.spreading import FAR, NEAR, SPREAD, apart, held, order
from tests.engine.worlds import BUY, SELL, of_kind, refused

Figures = dict[str, Any]


def spr_02(given: Figures) -> Figures:
    world = apart(given["valuation"] == "linear", given["mark"])
    maker, taker = world.trader(1), world.trader(2)
    order(world, maker, BUY, given["quantity"], given["difference_ticks"])
    fills = of_kind(order(world, taker, SELL, given["quantity"], given["difference_ticks"]), EventKind.FILL)
    assert [fill.instrument for fill in fills] == [NEAR, FAR, SPREAD]
    near, far, _ = fills
    buyer_near, buyer_far, none = held(world, maker)
    assert none == 0
    return {
        "near_ticks": near.price_ticks,
        "far_ticks": far.price_ticks,
        "near_value_minor": near.value_minor,
        "far_value_minor": far.value_minor,
        "buyer_near": buyer_near,
        "buyer_far": buyer_far,
        "taker_fees_minor": near.taker_fee_minor + far.taker_fee_minor,
        "maker_fees_minor": near.maker_fee_minor + far.maker_fee_minor,
    }


def spr_04(given: Figures) -> Figures:
    world = apart(given["valuation"] == "linear", given["mark"])
    sells = given.get("side") == "sell"
    order(world, world.trader(1), SELL if sells else BUY, given["quantity"], given["difference_ticks"])
    return {"margin_minor": world.engine.tables.orders[1].margin_minor}


def spr_06(given: Figures) -> Figures:
    """The furthest differences that are not refused."""
    world = apart(given["valuation"] == "linear", given["mark"])
    account = world.trader(1)

    def furthest(side: int, step: int) -> int:
        difference = 1_900 * step
        while of_kind(order(world, account, side, 100, difference + step), EventKind.PLACED):
            difference += step
        assert refused(order(world, account, side, 100, difference + step)) == "PRICE_OUTSIDE_BAND"
        world.cancel_all(account)
        return difference

    return {"highest_difference_ticks": furthest(BUY, 1), "lowest_difference_ticks": furthest(SELL, -1)}


SPREADING: dict[str, Callable[[Figures], Figures]] = {"SPR-02": spr_02, "SPR-04": spr_04, "SPR-06": spr_06}
