"""Orders of one account that meet: which of them ends, and what that means for who weighs an order (ORD-10).

The aggressor's mode decides: its own, else what its account has chosen, else it ends itself.
"""

import cython

if not cython.compiled:
    from outcry.engine.book import best_ticks, level_slot, may_shrink, next_worse, visible
    from outcry.engine.events import refuse
    from outcry.engine.known import known_account
    from outcry.protocol.layout import (
        Code,
        EntryHead,
        InstrumentRow,
        SelfTrade,
        Side,
        Tables,
        accounts_at,
        flag,
        i64,
        levels_at,
        new_self_trade_set,
        orders_at,
        set_self_trade_of,
    )


def mode_of(tables: Tables, account: i64, chosen: i64) -> i64:
    """The mode of an order that has chosen this one, or 0 (ORD-10)."""
    if chosen != 0:
        return chosen
    usual: i64 = accounts_at(tables, account).self_trade
    return usual if usual != 0 else SelfTrade.EXPIRE_TAKER


def set_self_trade(tables: Tables, entry: EntryHead) -> Code:
    """What happens when two orders of the account meet, unless the later one says otherwise (ORD-10)."""
    asked = set_self_trade_of(entry)
    account: i64 = asked.account
    code: Code = known_account(tables, account)
    if code == Code.OK and (asked.self_trade < SelfTrade.EXPIRE_TAKER or asked.self_trade > SelfTrade.EXPIRE_BOTH):
        code = Code.PARAMETER_INVALID
    if code != Code.OK:
        return refuse(tables, entry, code, account, 0, asked.self_trade, 0)

    # From here it holds.
    accounts_at(tables, account).self_trade = asked.self_trade
    chosen = new_self_trade_set(tables)
    chosen.account = account
    chosen.self_trade = asked.self_trade
    return Code.OK


def own_quantity(tables: Tables, level: i64, account: i64) -> i64:
    """Open contracts of an account at a level, but for those of orders that may shrink.

    Looked for among all at the level or among all of the account, whichever are fewer.
    """
    listed: flag = accounts_at(tables, account).orders < levels_at(tables, level).orders
    slot: i64 = accounts_at(tables, account).first_order if listed else levels_at(tables, level).head
    own: i64 = 0
    while slot != 0:
        order = orders_at(tables, slot)
        if order.account == account and order.level == level and not may_shrink(tables, order):
            own += order.leaves_quantity
        slot = order.account_next if listed else order.next
    return own


def surely_fills(
    tables: Tables, instrument: InstrumentRow, account: i64, side: i64, quantity: i64, limit_ticks: i64, mode: i64
) -> flag:
    """Whether a fill-or-kill order trades in full (ORD-10, ORD-11).

    Orders that may shrink or vanish do not count, nor do its own account's: they end it, or end themselves by its mode.
    """
    other: i64 = Side.SELL if side == Side.BUY else Side.BUY
    left: i64 = quantity
    price: i64 = best_ticks(instrument, other)
    level: i64 = 0
    while price != 0 and (limit_ticks >= price if side == Side.BUY else limit_ticks <= price):
        level = level_slot(tables, instrument, other, price)
        left = left_after(tables, level, account, left, mode, False)
        if left > 0 and levels_at(tables, level).hidden_quantity != 0:
            left = left_after(tables, level, account, left, mode, True)
        if left <= 0:
            return left == 0
        price = next_worse(tables, instrument, other, price)
    return False


def left_after(tables: Tables, level: i64, account: i64, left: i64, mode: i64, hidden: flag) -> i64:
    """What of a quantity is left after all that a level shows, or hides; -1 if its own order would end it there.

    What is hidden is shared among all, so one's own order is met wherever it stands.
    """
    slot: i64 = levels_at(tables, level).first_hidden if hidden else levels_at(tables, level).head
    part: i64 = 0
    own: flag = False
    if hidden:
        while slot != 0:
            if orders_at(tables, slot).account == account and mode != SelfTrade.EXPIRE_MAKER:
                return -1
            slot = orders_at(tables, slot).next
        slot = levels_at(tables, level).head
    while slot != 0 and left > 0:
        order = orders_at(tables, slot)
        part = order.leaves_quantity - visible(order) if hidden else visible(order)
        own = order.account == account
        if own and part > 0 and mode != SelfTrade.EXPIRE_MAKER:
            return -1
        if not own and not may_shrink(tables, order):
            left -= part
        slot = order.next
    return max(0, left)
