"""The one price of a call auction: pure functions of what is left at the edge of what trades (AUC-03).

Most volume first, then the smallest surplus, then nearest to the reference, then the lower.  Who is handed in has
matched the book from its ends inwards: every price from the dearest ask to the cheapest bid that trade brings all the
volume there can be, so only surplus and distance are left to choose by.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import flag, i64
    from outcry.rules.arith import magnitude


def nearest_ticks(lowest: i64, highest: i64, reference_subticks: i64, subticks_per_tick: i64) -> i64:
    """The tick between two (both included) that is nearest to the reference, of two equally near the lower (AUC-03)."""
    below: i64 = reference_subticks // subticks_per_tick
    if below >= highest:
        return highest
    if below < lowest:
        return lowest
    over: i64 = reference_subticks - below * subticks_per_tick
    return below + 1 if 2 * over > subticks_per_tick else below


def surplus_at(price_ticks: i64, bid_ticks: i64, bid_quantity: i64, ask_ticks: i64, ask_quantity: i64) -> i64:
    """What is left at a price: positive to buy, negative to sell; bid and ask (0 for none) do not meet (AUC-03)."""
    if bid_ticks != 0 and price_ticks <= bid_ticks:
        return bid_quantity
    return -ask_quantity if ask_ticks != 0 and price_ticks >= ask_ticks else 0


def one_price(
    lowest: i64,
    highest: i64,
    bid_ticks: i64,
    bid_quantity: i64,
    next_bid_ticks: i64,
    ask_ticks: i64,
    ask_quantity: i64,
    next_ask_ticks: i64,
    reference_subticks: i64,
    subticks_per_tick: i64,
) -> i64:
    """The price between two (both included, all with the same volume) at which an auction trades, in ticks (AUC-03).

    Bid and ask are the best of what does not trade, with its quantity, and the next behind them; 0 for none.
    """
    low: i64 = max(lowest, bid_ticks + 1)
    high: i64 = min(highest, ask_ticks - 1) if ask_ticks != 0 else highest
    if low <= high:
        return nearest_ticks(low, high, reference_subticks, subticks_per_tick)
    buyers: flag = bid_ticks >= lowest
    sellers: flag = ask_ticks != 0 and ask_ticks <= highest
    bought: i64 = nearest_ticks(
        max(lowest, next_bid_ticks + 1), min(highest, bid_ticks), reference_subticks, subticks_per_tick
    )
    last: i64 = min(highest, next_ask_ticks - 1) if next_ask_ticks != 0 else highest
    sold: i64 = nearest_ticks(max(lowest, ask_ticks), last, reference_subticks, subticks_per_tick)
    if not sellers or (buyers and bid_quantity < ask_quantity):
        return bought
    if not buyers or ask_quantity < bid_quantity:
        return sold
    bought_off: i64 = magnitude(bought * subticks_per_tick - reference_subticks)
    sold_off: i64 = magnitude(sold * subticks_per_tick - reference_subticks)
    return sold if sold_off < bought_off else bought
