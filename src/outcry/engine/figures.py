"""A door for what is shown: the figures of positions and balances, by the rules themselves, compiled.

The same numbers as `reading.position_figures` and `reading.margin_of`, which are the plain way to them and what tests
hold this against, at a fortieth of their cost: every change of an order or a position shows them to its owner.
Looks at the engine's own memory and never writes there: what is weighed, and an overflow on the way, is noted in rows
of this door's own.
Whoever grows a table makes the door anew.  Known limit: slots and accounts are believed, so they have to exist.
"""

import cython

from outcry.protocol import layout as shapes

if not cython.compiled:
    from outcry.engine.bankruptcy import bankrupt_alone, bankrupt_together, cushion_minor, weigh_position
    from outcry.engine.equity import gain_minor, isolated_slack_minor, slack_minor, weigh, worth_minor
    from outcry.engine.funds import chosen_leverage, held_back_minor, risk_value_minor
    from outcry.engine.lookup import find_wallet_slot
    from outcry.protocol.layout import (
        PPM,
        ROLES,
        TableNumber,
        Tables,
        accounts_at,
        i64,
        instruments_at,
        pools_at,
        positions_at,
        tables_of,
        wallets_at,
    )
    from outcry.rules.backing import is_paid_up
    from outcry.rules.liquidation import passed_subticks
    from outcry.rules.margin import (
        closing_fee_minor,
        initial_ppm,
        maintenance_minor,
        open_orders_minor,
        position_initial_minor,
        position_margin_minor,
    )
    from outcry.rules.position import break_even_minor, unrealised_minor
    from outcry.rules.ranking import score_ppb
    from outcry.rules.value import signed_value_minor

COMPILED: bool = cython.compiled


class Figures:
    """Figures of one engine's state as it is when asked."""

    held: dict[str, memoryview]
    frame: memoryview
    tables: Tables

    def __init__(self, memory: dict[str, memoryview]) -> None:
        """Over the tables' memory by name."""
        own = {"fault": "FaultRow", "weighing": "WeighingRow"}
        self.held = {**memory, **{name: memoryview(bytearray(shapes.SIZES[row])) for name, row in own.items()}}
        self.frame = memoryview(bytearray(8 * (len(self.held) + 1)))
        self.tables = tables_of(self.frame, self.held)

    def position(self, slot: int) -> tuple[int, int, int, int, int, int, int, int, int, int, int, int, int, int]:
        """The fields of `reading.PositionFigures` for the position in that slot."""
        tables = self.tables
        at: i64 = slot
        row = positions_at(tables, at)
        instrument = instruments_at(tables, row.instrument)
        fault = tables.fault
        leverage: i64 = chosen_leverage(row)
        worth: i64 = signed_value_minor(instrument, row.quantity, instrument.mark_lot_minor)
        cost: i64 = row.cost_minor
        steps: i64 = row.risk_steps
        quantity: i64 = row.quantity
        initial: i64 = position_initial_minor(instrument, steps, quantity, cost, leverage, fault)
        exit_fee: i64 = closing_fee_minor(instrument, quantity, cost, initial, fault)
        orders: i64 = open_orders_minor(instrument, row, quantity)
        own: i64 = row.moved_margin_minor - row.loss_minor
        held_back: i64 = held_back_minor(row, instrument, row.quantity, cost, own, fault)
        maintenance: i64 = maintenance_minor(instrument, steps, quantity, cost, leverage, fault)
        unrealised: i64 = unrealised_minor(worth, cost)
        highest: i64 = 100 * PPM // initial_ppm(instrument, steps)
        shown: i64 = leverage if leverage < highest else highest
        if shown == 0:
            shown = highest
        loss: i64 = row.loss_minor
        margin: i64 = initial + exit_fee + own
        lacking: i64 = held_back - margin
        open_value: i64 = row.buy_value_minor + row.sell_value_minor
        risk: i64 = risk_value_minor(instrument, row, quantity, open_value)
        fails_at: i64 = self.last_mark(at)
        bankrupt: i64 = self.bankrupt(at)
        even: i64 = 0
        if instrument.fee_cap_ppm == 0:
            even = break_even_minor(cost, row.realised_minor, row.fees_minor, instrument.taker_fee_ppm, fault)
        return (
            worth,
            unrealised,
            initial,
            exit_fee,
            maintenance,
            orders,
            margin,
            loss,
            lacking,
            shown,
            risk,
            fails_at,
            bankrupt,
            even,
        )

    def last_mark(self, slot: int) -> int:
        """The first mark at which the test fails if nothing else moves, in sub-ticks; 0 if no mark does (LIQ-01)."""
        tables = self.tables
        at: i64 = slot
        row = positions_at(tables, at)
        instrument = instruments_at(tables, row.instrument)
        if row.quantity == 0 or is_paid_up(instrument, row.quantity):
            return 0
        slack: i64 = 0
        if row.isolated != 0:
            slack = isolated_slack_minor(tables, row, instrument)
        else:
            weigh_position(tables, at)
            slack = slack_minor(tables)
        found: i64 = passed_subticks(instrument, row.quantity, worth_minor(row, instrument) - slack)
        return found

    def bankrupt(self, slot: int) -> int:
        """The signed value at which a position would be taken over now (LIQ-05); 0 without one."""
        tables = self.tables
        at: i64 = slot
        row = positions_at(tables, at)
        found: i64 = 0
        if row.quantity != 0 and row.isolated != 0:
            found = bankrupt_alone(tables, at)
        elif row.quantity != 0:
            weigh_position(tables, at)
            found = bankrupt_together(tables, at)
        return found

    def scores(self, number: int) -> list[tuple[int, int, int]]:
        """(slot, signed contracts, score) of everybody's open positions in an instrument (ADL-01)."""
        tables = self.tables
        wanted: i64 = number
        found = []
        slot: i64
        for slot in range(1, pools_at(tables, TableNumber.POSITIONS_TABLE).high + 1):
            row = positions_at(tables, slot)
            if row.instrument == wanted and row.quantity != 0 and row.account >= ROLES:
                instrument = instruments_at(tables, row.instrument)
                worth: i64 = worth_minor(row, instrument)
                gain: i64 = gain_minor(row, instrument)
                score: i64 = score_ppb(gain, row.cost_minor, worth, cushion_minor(tables, slot))
                quantity: i64 = row.quantity
                found.append((slot, quantity, score))
        return found

    def margin(
        self, account: int, currency: int
    ) -> tuple[int, int, int, int, int, int, int, int, int, int, int, int, int, int]:
        """The fields of `reading.MarginSummary` for an account and currency."""
        tables = self.tables
        whose: i64 = account
        wanted: i64 = currency
        fault = tables.fault
        wallet: i64 = find_wallet_slot(tables, whose, wanted)
        balance: i64 = wallets_at(tables, wallet).balance_minor
        bonds: i64 = wallets_at(tables, wallet).held_minor
        slot: i64 = 0
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
                margin: i64 = position_margin_minor(instrument, row.risk_steps, row.quantity, cost, leverage, fault)
                own: i64 = row.moved_margin_minor - row.loss_minor
                gain: i64 = unrealised_minor(worth, cost)
                unrealised += gain
                if row.isolated != 0:
                    isolated += gain
                lacking += held_back_minor(row, instrument, row.quantity, cost, own, fault) - margin - own
                positions += margin
                orders += open_orders_minor(instrument, row, row.quantity)
                maintenance += maintenance_minor(instrument, row.risk_steps, row.quantity, cost, leverage, fault)
                moved += own
                open_value += row.buy_value_minor + row.sell_value_minor
                mark_value += worth if worth >= 0 else -worth
            slot = row.next_position
        available: i64 = balance - bonds - lacking - moved - positions - orders
        weigh(tables, whose, wanted)
        equity: i64 = tables.weighing.equity_minor
        upkeep: i64 = tables.weighing.maintenance_minor
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
            equity,
            upkeep,
            bonds,
        )
