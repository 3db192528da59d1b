"""The exchange of funding: epochs fixed at stamps, positions brought up to date (FND-04, FND-06).

At a stamp the numbers of an epoch are fixed on the instrument and nothing else is done; a position pays or gets its
part when its account is next weighed or changed, and a sweep over all rows does the rest, a row a unit.  No second
epoch of any instrument begins before the sweep is over, so a position is behind by one at most.  The rate itself is
measured elsewhere.
"""

import cython

if not cython.compiled:
    from outcry.engine.insurance import square
    from outcry.engine.ledger import breach, move, role_wallet
    from outcry.engine.pending import make_task, note_examined, task_waits
    from outcry.engine.premiums import restart_samples
    from outcry.protocol.layout import (
        TOTAL_BOUND,
        Fault,
        InstrumentRow,
        Role,
        TableNumber,
        Tables,
        TaskKind,
        accounts_at,
        currencies_at,
        flag,
        i64,
        instruments_at,
        new_funded,
        new_funding_fixed,
        new_funding_skipped,
        pools_at,
        positions_at,
        wallets_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.funding import measured_rate_ppb
    from outcry.rules.stamps import payment_minor, stamp_after_ns


def is_due(tables: Tables, instrument: InstrumentRow) -> flag:
    """Whether a stamp of the instrument has come."""
    return instrument.next_funding_ns != 0 and instrument.next_funding_ns <= tables.venue.time_ns


def fund_stamps(tables: Tables) -> None:
    """At a tick, before marks move: an epoch for every instrument whose stamp has come (FND-04).

    While a sweep runs the stamp waits; the tick after its end finds it.  While only cancels are taken the mark is as
    old as the pause, so the stamp is skipped (FND-06).
    """
    if tables.venue.cancel_only != 0:
        skip_stamps(tables)
        return
    if tables.venue.sweep_position != 0:
        return
    begun: flag = False
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        if is_due(tables, instruments_at(tables, number)):
            fix_epoch(tables, number)
            begun = True
    if begun:
        begin_sweep(tables)


def begin_sweep(tables: Tables) -> None:
    """All positions are gone through from the first on; those that are up to date cost nothing more than the look."""
    tables.venue.sweep_position = 1
    if not task_waits(tables, TaskKind.TASK_FUNDING, 0):
        make_task(tables, TaskKind.TASK_FUNDING, 0)


def fix_epoch(tables: Tables, number: i64) -> None:
    """Fix what every position of this instant pays or gets, and begin the next period (FND-04)."""
    instrument = instruments_at(tables, number)
    epoch: i64 = instrument.epoch
    instrument.epoch = epoch + 1
    instrument.epoch_rate_ppb = instrument.funding_rate_ppb
    instrument.epoch_lot_minor = instrument.mark_lot_minor
    instrument.sweeping = 1
    second: i64 = instrument.next_funding_ns + instrument.funding_interval_ns
    next_period(tables, instrument)
    fixed = new_funding_fixed(tables)
    fixed.instrument = number
    fixed.epoch = instrument.epoch
    fixed.rate_ppb = instrument.epoch_rate_ppb
    fixed.lot_minor = instrument.epoch_lot_minor
    fixed.mark_subticks = instrument.mark_subticks
    fixed.next_rate_ppb = instrument.funding_rate_ppb
    fixed.next_funding_ns = instrument.next_funding_ns
    if second < instrument.next_funding_ns:
        say_skipped(tables, number, second)


def next_period(tables: Tables, instrument: InstrumentRow) -> None:
    """The period that ends at the first stamp after now, with the rate measured in the one that has ended (FND-02)."""
    instrument.funding_rate_ppb = measured_rate_ppb(instrument)
    instrument.next_funding_ns = stamp_after_ns(
        tables.venue.time_ns, instrument.funding_interval_ns, instrument.funding_offset_ns
    )
    restart_samples(instrument)


def skip_stamps(tables: Tables) -> None:
    """After a pause, and until prices are fresh: stamps that have come are not made up for (FND-06).

    The next rate may ask for a larger allowance, so everybody is gone through all the same: bands knew the old one.
    """
    skipped: flag = False
    number: i64
    first: i64 = 0
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        instrument = instruments_at(tables, number)
        if is_due(tables, instrument):
            first = instrument.next_funding_ns
            next_period(tables, instrument)
            say_skipped(tables, number, first)
            skipped = True
    if skipped:
        begin_sweep(tables)


def say_skipped(tables: Tables, number: i64, first_ns: i64) -> None:
    """The stamps from the first on that are before the next funding are skipped."""
    instrument = instruments_at(tables, number)
    skipped = new_funding_skipped(tables)
    skipped.instrument = number
    skipped.stamps = (instrument.next_funding_ns - first_ns) // instrument.funding_interval_ns
    skipped.first_ns = first_ns
    skipped.last_ns = instrument.next_funding_ns - instrument.funding_interval_ns


def bring_account(tables: Tables, account: i64) -> None:
    """Bring all positions of an account up to date, before anything of it is weighed or changed; cheap if none can be
    behind."""
    if tables.venue.sweep_position == 0:
        return
    slot: i64 = accounts_at(tables, account).first_position
    while slot != 0:
        bring_up_to_date(tables, slot)
        slot = positions_at(tables, slot).next_position


def bring_up_to_date(tables: Tables, position_slot: i64) -> None:
    """A position pays or gets its funding, if it has not (FND-04): its quantity is still that of the instant."""
    position = positions_at(tables, position_slot)
    instrument = instruments_at(tables, position.instrument)
    if position.epoch == instrument.epoch:
        return
    position.epoch = instrument.epoch
    if position.quantity == 0:
        return
    # The period that begins may ask for another allowance, whatever was paid for the one that ends.
    note_examined(tables, position.account)
    amount: i64 = payment_minor(
        instrument, position.quantity, instrument.epoch_lot_minor, instrument.epoch_rate_ppb, tables.fault
    )
    position.fees_minor += amount
    if position.isolated != 0:
        position.loss_minor += amount
    instrument.epoch_pot_minor += amount
    if magnitude(instrument.epoch_pot_minor) >= TOTAL_BOUND:
        breach(tables, Fault.FAULT_OVERFLOW, position.instrument, instrument.epoch_pot_minor, TOTAL_BOUND)
    currencies_at(tables, instrument.currency).epochs_minor += amount
    move(tables, position.wallet, role_wallet(tables, instrument.currency, Role.EPOCHS), amount)
    funded = new_funded(tables)
    funded.account = position.account
    funded.instrument = position.instrument
    funded.epoch = position.epoch
    funded.quantity = position.quantity
    funded.amount_minor = amount
    funded.balance_minor = wallets_at(tables, position.wallet).balance_minor
    if position.account == Role.TAKEOVER:
        square(tables, instrument.currency, position.instrument)
