"""Accounts are examined after marks have moved (LIQ-01, LIQ-09): the queue of those that changed, then passed bands.

A unit examines one account.  What becomes of one that fails the test is `ladder`'s; here it is only found, and one that
passes gets its bands anew.
"""

import cython

if not cython.compiled:
    from outcry.engine.alarms import begin_round
    from outcry.engine.bands import drop_band, first_passed, put_band
    from outcry.engine.equity import (
        can_trade,
        isolated_slack_minor,
        own_margin_minor,
        slack_minor,
        upkeep_minor,
        weigh,
        worth_minor,
    )
    from outcry.engine.funding import bring_account
    from outcry.engine.ladder import climb_isolated, climb_together, say_saved
    from outcry.engine.pending import note_examined
    from outcry.engine.rungs import venue_trades
    from outcry.protocol.layout import (
        PPM,
        Health,
        InstrumentRow,
        MarginMethod,
        PositionRow,
        TableNumber,
        Tables,
        accounts_at,
        flag,
        i64,
        instruments_at,
        pools_at,
        positions_at,
        wallets_at,
        wide,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.backing import is_paid_up
    from outcry.rules.liquidation import passed_subticks
    from outcry.rules.margin import maintenance_ppm
    from outcry.rules.options import is_call


def examine_unit(tables: Tables) -> flag:
    """Examine one account, or do one step of the ladder for it; False if none is left.

    A pause may have come while accounts waited: they wait on until the venue trades again (LIQ-01).
    """
    if not venue_trades(tables):
        tables.venue.examine_last = 0
        return False
    account: i64 = 0
    outcome: i64 = 0
    if tables.venue.examine_last != 0:
        account = tables.venue.first_examined
        outcome = examine(tables, account)
        if outcome != Health.HEALTH_STEPPED:
            dequeue(tables)
        if outcome == Health.HEALTH_WAITS:
            note_examined(tables, account)
        return True
    account = account_passed(tables)
    if account != 0:
        if examine(tables, account) == Health.HEALTH_WAITS:
            unband(tables, account)
            note_examined(tables, account)
        return True
    if tables.venue.examine_again == 0:
        return False
    begin_round(tables)
    return True


def account_passed(tables: Tables) -> i64:
    """The account of the next position whose band a mark has passed, 0 if none is left in this round."""
    slot: i64 = 0
    while tables.venue.band_instrument <= pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high:
        slot = first_passed(tables, tables.venue.band_instrument)
        if slot != 0:
            return positions_at(tables, slot).account
        tables.venue.band_instrument += 1
    return 0


def dequeue(tables: Tables) -> None:
    """The first of the queue has been examined."""
    account: i64 = tables.venue.first_examined
    row = accounts_at(tables, account)
    tables.venue.first_examined = row.next_examined
    if row.next_examined == 0:
        tables.venue.last_examined = 0
    if account == tables.venue.examine_last:
        tables.venue.examine_last = 0
    row.next_examined = 0
    row.examined = 0


def examine(tables: Tables, account: i64) -> i64:
    """Test the account: a step of the ladder if it fails, otherwise new bands for all its positions (LIQ-01).

    Returns a Health.
    """
    waits: flag = False
    bring_account(tables, account)
    slot: i64 = accounts_at(tables, account).first_position
    while slot != 0:
        position = positions_at(tables, slot)
        instrument = instruments_at(tables, position.instrument)
        alone: flag = position.quantity != 0 and position.isolated != 0
        if alone and isolated_slack_minor(tables, position, instrument) <= 0:
            if can_trade(instrument):
                climb_isolated(tables, slot)
                return Health.HEALTH_STEPPED
            waits = True
        slot = position.next_position
    wallet: i64 = accounts_at(tables, account).first_wallet
    while wallet != 0:
        weigh(tables, account, wallets_at(tables, wallet).currency)
        if tables.weighing.positions != 0 and slack_minor(tables) <= 0:
            if climb_together(tables, account, wallets_at(tables, wallet).currency):
                return Health.HEALTH_STEPPED
            waits = True
        wallet = wallets_at(tables, wallet).next_wallet
    if waits:
        return Health.HEALTH_WAITS
    if accounts_at(tables, account).distressed != 0:
        accounts_at(tables, account).distressed = 0
        say_saved(tables, account)
    band_account(tables, account)
    return Health.HEALTH_PASSED


def band_account(tables: Tables, account: i64) -> None:
    """Bands for all positions of an account that passes the test (LIQ-09).

    A position of its own is looked at exactly where it fails.  Positions held together may each use an equal share of
    what the account has over what it needs; as long as each is within its share they pass together.
    """
    wallet: i64 = accounts_at(tables, account).first_wallet
    while wallet != 0:
        weigh(tables, account, wallets_at(tables, wallet).currency)
        share: i64 = 0
        if tables.weighing.positions != 0:
            positions: i64 = tables.weighing.positions
            share = max(1, slack_minor(tables) // positions)
        band_currency(tables, account, wallets_at(tables, wallet).currency, share)
        wallet = wallets_at(tables, wallet).next_wallet


def band_currency(tables: Tables, account: i64, currency: i64, share: i64) -> None:
    """Bands for the account's positions of one currency, given what each of its cross positions may lose."""
    slot: i64 = accounts_at(tables, account).first_position
    while slot != 0:
        position = positions_at(tables, slot)
        instrument = instruments_at(tables, position.instrument)
        if instrument.currency == currency:
            band: i64 = 0
            least: i64 = 0
            if position.quantity != 0 and not is_paid_up(instrument, position.quantity):
                least = worth_minor(position, instrument) - slack_used(instrument, position, share)
                if position.isolated != 0:
                    least = position.cost_minor - own_margin_minor(tables, position, instrument)
                    least += upkeep_minor(tables, position, instrument)
                band = passed_subticks(instrument, position.quantity, least)
            if band != position.band_subticks or (position.quantity > 0) != (position.band_long != 0):
                drop_band(tables, slot)
                put_band(tables, slot, band)
        slot = position.next_position


def slack_used(instrument: InstrumentRow, position: PositionRow, share: i64) -> i64:
    """How much a position may lose before it has used a share of its account's slack (LIQ-09).

    The maintenance margin of a put that was sold may rise with its mark, and takes part of the share (OPT-03).
    """
    if instrument.margin_method == MarginMethod.BY_RATES or is_call(instrument):
        return share
    rate: i64 = PPM + maintenance_ppm(instrument, position.risk_steps)
    return max(1, wide(share) * PPM // rate - magnitude(position.quantity) // instrument.lot)


def unband(tables: Tables, account: i64) -> None:
    """Take the bands of an account that waits: it is examined at every move of a mark until it can be helped."""
    slot: i64 = accounts_at(tables, account).first_position
    while slot != 0:
        drop_band(tables, slot)
        slot = positions_at(tables, slot).next_position
