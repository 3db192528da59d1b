"""What an auction would bring if it ended now: price, volume and surplus, and the saying of it (AUC-03, AUC-05).

Looks at levels, not at orders, from the best of each side as far as they meet, like matching would: as long as what
would trade is deep.  Trades nothing; `uncrossing` does.
"""

import cython

if not cython.compiled:
    from outcry.engine.book import best_ticks, level_slot, next_worse
    from outcry.engine.limits import band_ticks
    from outcry.protocol.layout import (
        InstrumentRow,
        InstrumentState,
        Side,
        TableNumber,
        Tables,
        flag,
        i64,
        instruments_at,
        levels_at,
        new_auction_indicated,
        pools_at,
    )
    from outcry.rules.auction import one_price, surplus_at


def quantity_at(tables: Tables, instrument: InstrumentRow, side: i64, price_ticks: i64) -> i64:
    """Open contracts at a price, hidden ones too; 0 at price 0."""
    if price_ticks == 0:
        return 0
    return levels_at(tables, level_slot(tables, instrument, side, price_ticks)).quantity


def within(price_ticks: i64, low: i64, high: i64) -> i64:
    """A price drawn into the band; who would pay more than its edge pays the edge."""
    return max(low, min(high, price_ticks))


def find_price(tables: Tables, number: i64) -> None:
    """Price, volume and surplus of an auction of the book as it is, into the instrument's row; all 0 if nothing meets.

    Only prices within the band of the mark can be it (AUC-04).
    """
    instrument = instruments_at(tables, number)
    high: i64 = band_ticks(tables, instrument, Side.BUY)
    low: i64 = band_ticks(tables, instrument, Side.SELL)
    bid: i64 = best_ticks(instrument, Side.BUY)
    ask: i64 = best_ticks(instrument, Side.SELL)
    bids: i64 = quantity_at(tables, instrument, Side.BUY, bid)
    asks: i64 = quantity_at(tables, instrument, Side.SELL, ask)
    lowest: i64 = 0
    highest: i64 = 0
    volume: i64 = 0
    take: i64 = 0
    while bid >= low and ask != 0 and ask <= high and min(bid, high) >= max(ask, low):
        take = min(bids, asks)
        volume += take
        bids -= take
        asks -= take
        highest = min(bid, high)
        lowest = max(ask, low)
        if bids == 0:
            bid = next_worse(tables, instrument, Side.BUY, bid)
            bids = quantity_at(tables, instrument, Side.BUY, bid)
        if asks == 0:
            ask = next_worse(tables, instrument, Side.SELL, ask)
            asks = quantity_at(tables, instrument, Side.SELL, ask)
    instrument.auction_ticks = 0
    instrument.auction_volume = volume
    instrument.auction_surplus = 0
    if volume == 0:
        return
    # What stands beyond the band counts at its edge, however many levels that are.
    next_bid: i64 = next_worse(tables, instrument, Side.BUY, bid) if bid != 0 else 0
    while next_bid >= high:
        bids += quantity_at(tables, instrument, Side.BUY, next_bid)
        next_bid = next_worse(tables, instrument, Side.BUY, next_bid)
    next_ask: i64 = next_worse(tables, instrument, Side.SELL, ask) if ask != 0 else 0
    while next_ask != 0 and next_ask <= low:
        asks += quantity_at(tables, instrument, Side.SELL, next_ask)
        next_ask = next_worse(tables, instrument, Side.SELL, next_ask)
    bid = min(bid, high)
    ask = max(ask, low) if ask != 0 else 0
    tick: i64 = instrument.subticks_per_tick
    mark: i64 = instrument.mark_subticks
    price: i64 = one_price(lowest, highest, bid, bids, next_bid, ask, asks, next_ask, mark, tick)
    instrument.auction_ticks = price
    instrument.auction_surplus = surplus_at(price, bid, bids, ask, asks)


def forget_price(instrument: InstrumentRow) -> None:
    """No auction is indicated or under way."""
    instrument.auction_ticks = 0
    instrument.auction_volume = 0
    instrument.auction_surplus = 0


def say_price(tables: Tables, number: i64, fixed: i64) -> None:
    """What the auction would bring, or does."""
    instrument = instruments_at(tables, number)
    said = new_auction_indicated(tables)
    said.instrument = number
    said.fixed = fixed
    said.price_ticks = instrument.auction_ticks
    said.volume = instrument.auction_volume
    said.surplus = instrument.auction_surplus


def indicate_all(tables: Tables) -> None:
    """At a tick: what each auction would bring, where that has changed since it was last said (AUC-05)."""
    if tables.venue.collecting == 0:
        return
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        instrument = instruments_at(tables, number)
        if instrument.state != InstrumentState.INSTRUMENT_AUCTION:
            continue
        price: i64 = instrument.auction_ticks
        volume: i64 = instrument.auction_volume
        surplus: i64 = instrument.auction_surplus
        find_price(tables, number)
        same: flag = price == instrument.auction_ticks and volume == instrument.auction_volume
        if not same or surplus != instrument.auction_surplus:
            say_price(tables, number, 0)
