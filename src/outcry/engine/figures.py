"""A door for what is shown: the figures of positions and balances, by the rules themselves, compiled.

The same numbers as `reading.position_figures` and `reading.margin_of`, which are the plain way to them and what tests
hold this against, at a fortieth of their cost: every change of an order or a position shows them to its owner.
Looks at the engine's own memory and never writes there; an overflow on the way is noted in a row of this door's own.
Whoever grows a table makes the door anew.  Known limit: slots and accounts are believed, so they have to exist.
"""

import cython

from outcry.protocol import layout as shapes

if not cython.compiled:
    from outcry.engine.funds import chosen_leverage, held_back_minor
    from outcry.protocol.layout import (
        PPM,
        Tables,
        accounts_at,
        i64,
        instruments_at,
        positions_at,
        tables_of,
        wallets_at,
    )
    from outcry.rules.margin import (
        closing_fee_minor,
        initial_minor,
        initial_ppm,
        maintenance_minor,
        orders_margin_minor,
        position_margin_minor,
    )
    from outcry.rules.position import unrealised_minor
    from outcry.rules.value import signed_value_minor

COMPILED: bool = cython.compiled


class Figures:
    """Figures of one engine's state as it is when asked."""

    held: dict[str, memoryview]
    frame: memoryview
    tables: Tables

    def __init__(self, memory: dict[str, memoryview]) -> None:
        """Over the tables' memory by name."""
        self.held = {**memory, "fault": memoryview(bytearray(shapes.SIZES["FaultRow"]))}
        self.frame = memoryview(bytearray(8 * (len(self.held) + 1)))
        self.tables = tables_of(self.frame, self.held)

    def position(self, slot: int) -> tuple[int, int, int, int, int, int, int, int, int, int, int]:
        """The fields of `reading.PositionFigures` for the position in that slot."""
        tables = self.tables
        at: i64 = slot
        row = positions_at(tables, at)
        instrument = instruments_at(tables, row.instrument)
        fault = tables.fault
        leverage: i64 = chosen_leverage(row)
        worth: i64 = signed_value_minor(instrument, row.quantity, instrument.mark_lot_minor)
        cost: i64 = row.cost_minor
        size: i64 = cost if cost >= 0 else -cost
        steps: i64 = row.risk_steps
        initial: i64 = initial_minor(instrument, steps, size, leverage, fault)
        exit_fee: i64 = closing_fee_minor(instrument, cost, initial, fault)
        orders: i64 = orders_margin_minor(row, row.quantity, instrument.lot)
        own: i64 = row.moved_margin_minor - row.loss_minor
        held_back: i64 = held_back_minor(row, instrument, row.quantity, cost, own, fault)
        maintenance: i64 = maintenance_minor(instrument, steps, cost, leverage, fault)
        unrealised: i64 = unrealised_minor(worth, cost)
        highest: i64 = 100 * PPM // initial_ppm(instrument, steps)
        shown: i64 = leverage if leverage < highest else highest
        if shown == 0:
            shown = highest
        loss: i64 = row.loss_minor
        margin: i64 = initial + exit_fee + own
        lacking: i64 = held_back - margin
        risk: i64 = (worth if worth >= 0 else -worth) + row.buy_value_minor + row.sell_value_minor
        return worth, unrealised, initial, exit_fee, maintenance, orders, margin, loss, lacking, shown, risk

    def margin(self, account: int, currency: int) -> tuple[int, int, int, int, int, int, int, int, int, int, int]:
        """The fields of `reading.MarginSummary` for an account and currency."""
        tables = self.tables
        whose: i64 = account
        wanted: i64 = currency
        fault = tables.fault
        balance: i64 = 0
        slot: i64 = accounts_at(tables, whose).first_wallet
        while slot != 0:
            if wallets_at(tables, slot).currency == wanted:
                balance = wallets_at(tables, slot).balance_minor
            slot = wallets_at(tables, slot).next_wallet
        unrealised: i64 = 0
        lacking: i64 = 0
        isolated: i64 = 0
        positions: i64 = 0
        orders: i64 = 0
        maintenance: i64 = 0
        moved: i64 = 0
        open_value: i64 = 0
        mark_value: i64 = 0
        slot = accounts_at(tables, whose).first_position
        while slot != 0:
            row = positions_at(tables, slot)
            instrument = instruments_at(tables, row.instrument)
            if instrument.currency == wanted:
                leverage: i64 = chosen_leverage(row)
                cost: i64 = row.cost_minor
                worth: i64 = signed_value_minor(instrument, row.quantity, instrument.mark_lot_minor)
                margin: i64 = position_margin_minor(instrument, row.risk_steps, cost, leverage, fault)
                own: i64 = row.moved_margin_minor - row.loss_minor
                gain: i64 = unrealised_minor(worth, cost)
                unrealised += gain
                if row.isolated != 0:
                    isolated += gain
                lacking += held_back_minor(row, instrument, row.quantity, cost, own, fault) - margin - own
                positions += margin
                orders += orders_margin_minor(row, row.quantity, instrument.lot)
                maintenance += maintenance_minor(instrument, row.risk_steps, cost, leverage, fault)
                moved += own
                open_value += row.buy_value_minor + row.sell_value_minor
                mark_value += worth if worth >= 0 else -worth
            slot = row.next_position
        available: i64 = balance - lacking - moved - positions - orders
        return (
            balance,
            unrealised,
            lacking,
            isolated,
            positions,
            orders,
            maintenance,
            moved,
            available,
            open_value,
            mark_value,
        )
