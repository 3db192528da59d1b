"""Reading the state from Python: lookups, the book, and the figures of positions and balances.

Uses the rules themselves, uncompiled, on the rows as they are, so what is shown is what decides.  Never writes, not
even the probe rows that the engine's own searches use; a search here walks a chain instead.
"""

from collections.abc import Iterator
from typing import NamedTuple

from outcry.engine import book, equity, funds
from outcry.protocol import layout
from outcry.protocol.layout import TableNumber, Tables
from outcry.rules import backing, liquidation, margin, position, ranking, value


class MarginSummary(NamedTuple):
    """An account's money in one currency, settlement minor units."""

    wallet_minor: int
    unrealised_minor: int
    unrealised_loss_minor: int
    isolated_unrealised_minor: int
    position_margin_minor: int
    order_margin_minor: int
    maintenance_minor: int
    moved_margin_minor: int
    available_minor: int
    open_value_minor: int
    mark_value_minor: int
    equity_minor: int
    """of the cross positions together, as LIQ-01 weighs it"""
    cross_maintenance_minor: int
    held_minor: int
    """in bonds; it is in the wallet and backs nothing"""


class PositionFigures(NamedTuple):
    """What follows from a position's row, settlement minor units unless said."""

    value_minor: int
    unrealised_minor: int
    initial_minor: int
    exit_fee_minor: int
    maintenance_minor: int
    order_margin_minor: int
    margin_minor: int
    loss_minor: int
    loss_held_minor: int
    leverage_centi: int
    risk_value_minor: int
    liquidation_subticks: int
    """the first mark at which LIQ-01 fails if nothing else moves; 0 if no mark does"""
    bankrupt_minor: int
    """the signed value at which it would be taken over now (LIQ-05)"""
    break_even_minor: int
    """the signed value at which closing as the taker leaves nothing won or lost (PNL-05); 0 if there is none, and of
    options, whose fee is of their underlying"""


def used(tables: Tables, table: TableNumber) -> range:
    """The slots of a table that have been used."""
    return range(1, tables.pools[table].high + 1)


def levels(tables: Tables, instrument: int, side: int, depth: int = 0) -> list[tuple[int, int, int]]:
    """(price ticks, quantity, orders) of what a side shows, best first; depth 0 for all (ORD-20)."""
    row = tables.instruments[instrument]
    out: list[tuple[int, int, int]] = []
    price = book.best_ticks(row, side)
    while price and (not depth or len(out) < depth):
        level = tables.levels[book.level_slot(tables, row, side, price)]
        if level.shown_orders:
            out.append((price, level.quantity - level.hidden_quantity, level.shown_orders))
        price = book.next_worse(tables, row, side, price)
    return out


def queue(tables: Tables, instrument: int, side: int) -> Iterator[int]:
    """Slots of the orders of a side in the order in which they would trade."""
    row = tables.instruments[instrument]
    price = book.best_ticks(row, side)
    while price:
        slot = tables.levels[book.level_slot(tables, row, side, price)].head
        while slot:
            yield slot
            slot = tables.orders[slot].next
        price = book.next_worse(tables, row, side, price)


def wallets_of(tables: Tables, account: int) -> Iterator[int]:
    """Slots of the account's wallets."""
    slot = tables.accounts[account].first_wallet
    while slot:
        yield slot
        slot = tables.wallets[slot].next_wallet


def positions_of(tables: Tables, account: int) -> Iterator[int]:
    """Slots of the account's positions."""
    slot = tables.accounts[account].first_position
    while slot:
        yield slot
        slot = tables.positions[slot].next_position


def orders_of(tables: Tables, account: int) -> Iterator[int]:
    """Slots of the account's open orders, newest first."""
    slot = tables.accounts[account].first_order
    while slot:
        yield slot
        slot = tables.orders[slot].account_next


def find_account(tables: Tables, handle: bytes) -> int:
    """The account of a handle, or 0."""
    accounts = used(tables, TableNumber.ACCOUNTS_TABLE)
    return next((at for at in accounts if at >= layout.ROLES and bytes(tables.accounts[at].handle) == handle), 0)


def find_wallet(tables: Tables, account: int, currency: int) -> int:
    """Slot of the account's wallet, or 0."""
    return next((at for at in wallets_of(tables, account) if tables.wallets[at].currency == currency), 0)


def find_position(tables: Tables, account: int, instrument: int) -> int:
    """Slot of the account's position, or 0."""
    return next((at for at in positions_of(tables, account) if tables.positions[at].instrument == instrument), 0)


def find_order(tables: Tables, account: int, order_id: int = 0, client_id: bytes = bytes(40)) -> int:
    """Slot of the account's open order by number or, with number 0, by its 40-byte client id; or 0."""
    for slot in orders_of(tables, account):
        row = tables.orders[slot]
        if order_id and row.order_id == order_id:
            return slot
        if not order_id and row.client and bytes(tables.client_ids[row.client].client_id) == client_id:
            return slot
    return 0


def position_figures(tables: Tables, slot: int) -> PositionFigures:
    """Value at the mark, margins and risk value of a position's row (MRG-02, MRG-03, PNL-03), and its end (LIQ-01,
    LIQ-05)."""
    row = tables.positions[slot]
    instrument = tables.instruments[row.instrument]
    found = _held_figures(tables, slot)
    if not row.quantity:
        return found
    if backing.is_paid_up(instrument, row.quantity):
        return found._replace(bankrupt_minor=backing.bankrupt_paid_up_minor(instrument, row.quantity))
    left, share = max(0, found.margin_minor), max(0, found.margin_minor)
    fails_at = row.cost_minor - found.margin_minor + found.maintenance_minor
    worth = row.cost_minor
    if not row.isolated:
        together = margin_of(tables, row.account, instrument.currency)
        slack = together.equity_minor - together.order_margin_minor - together.cross_maintenance_minor
        fails_at = found.value_minor - slack
        worth = found.value_minor
        share = liquidation.share_minor(
            together.equity_minor, found.maintenance_minor, together.cross_maintenance_minor, layout.FaultRow()
        )
        left = max(0, share)
    return found._replace(
        liquidation_subticks=liquidation.passed_subticks(instrument, row.quantity, fails_at),
        bankrupt_minor=worth - share + min(found.exit_fee_minor, left),
    )


def _held_figures(tables: Tables, slot: int) -> PositionFigures:
    """All that follows from the row alone."""
    row = tables.positions[slot]
    instrument = tables.instruments[row.instrument]
    fault = layout.FaultRow()
    leverage = funds.chosen_leverage(row)
    worth = value.signed_value_minor(instrument, row.quantity, instrument.mark_lot_minor)
    held, cost = row.quantity, row.cost_minor
    initial = margin.position_initial_minor(instrument, row.risk_steps, held, cost, leverage, fault)
    exit_fee = margin.closing_fee_minor(instrument, held, cost, initial, fault)
    orders_margin = margin.open_orders_minor(instrument, row, held)
    own = row.moved_margin_minor - row.loss_minor
    held_back = funds.held_back_minor(row, instrument, row.quantity, row.cost_minor, own, fault)
    highest = 100 * layout.PPM // margin.initial_ppm(instrument, row.risk_steps)
    return PositionFigures(
        value_minor=worth,
        unrealised_minor=position.unrealised_minor(worth, row.cost_minor),
        initial_minor=initial,
        exit_fee_minor=exit_fee,
        maintenance_minor=margin.maintenance_minor(instrument, row.risk_steps, held, cost, leverage, fault),
        order_margin_minor=orders_margin,
        margin_minor=initial + exit_fee + own,
        loss_minor=row.loss_minor,
        loss_held_minor=held_back - (initial + exit_fee + own),
        leverage_centi=min(leverage, highest) or highest,
        risk_value_minor=funds.risk_value_minor(instrument, row, held, row.buy_value_minor + row.sell_value_minor),
        liquidation_subticks=0,
        bankrupt_minor=0,
        break_even_minor=0
        if instrument.fee_cap_ppm
        else position.break_even_minor(
            row.cost_minor, row.realised_minor, row.fees_minor, instrument.taker_fee_ppm, fault
        ),
    )


def stands_alone(tables: Tables, row: layout.PositionRow) -> bool:
    """Whether a position is no part of what its account's are weighed as together (LIQ-01, COL-01)."""
    return bool(equity.stands_alone(row, tables.instruments[row.instrument]))


def margin_of(tables: Tables, account: int, currency: int) -> MarginSummary:
    """The account's balance in a currency and what is taken from it (MRG-06), and how it is weighed (LIQ-01)."""
    wallet = tables.wallets[find_wallet(tables, account, currency)]
    balance, bonds = wallet.balance_minor, wallet.held_minor
    figures = [
        (tables.positions[slot], _held_figures(tables, slot))
        for slot in positions_of(tables, account)
        if tables.instruments[tables.positions[slot].instrument].currency == currency
    ]
    loss = sum(f.loss_held_minor for _, f in figures)
    moved = sum(row.moved_margin_minor - row.loss_minor for row, _ in figures)
    positions = sum(f.initial_minor + f.exit_fee_minor for _, f in figures)
    orders = sum(f.order_margin_minor for _, f in figures)
    held = [(stands_alone(tables, row), f) for row, f in figures if row.quantity]
    cross = [f for alone, f in held if not alone]
    own = sum(max(0, f.margin_minor) for alone, f in held if alone)
    return MarginSummary(
        wallet_minor=balance,
        unrealised_minor=sum(f.unrealised_minor for _, f in figures),
        unrealised_loss_minor=loss,
        isolated_unrealised_minor=sum(f.unrealised_minor for row, f in figures if row.isolated),
        position_margin_minor=positions,
        order_margin_minor=orders,
        maintenance_minor=sum(f.maintenance_minor for _, f in figures),
        moved_margin_minor=moved,
        available_minor=balance - bonds - loss - moved - positions - orders,
        open_value_minor=sum(row.buy_value_minor + row.sell_value_minor for row, _ in figures),
        mark_value_minor=sum(abs(f.value_minor) for _, f in figures),
        equity_minor=equity.bounded(balance - bonds - own + sum(f.unrealised_minor for f in cross)),
        cross_maintenance_minor=equity.bounded(sum(f.maintenance_minor for f in cross)),
        held_minor=bonds,
    )


def scores(tables: Tables, instrument: int) -> list[tuple[int, int, int]]:
    """(slot, signed contracts, score) of everybody's open positions in an instrument, as a ranking would have them
    (ADL-01)."""
    out: list[tuple[int, int, int]] = []
    for slot in used(tables, TableNumber.POSITIONS_TABLE):
        row = tables.positions[slot]
        if row.instrument == instrument and row.quantity and row.account >= layout.ROLES:
            f = position_figures(tables, slot)
            cushion = f.value_minor - f.bankrupt_minor
            out.append(
                (slot, row.quantity, ranking.score_ppb(f.unrealised_minor, row.cost_minor, f.value_minor, cushion))
            )
    return out
