"""What is traded: currencies, indices and their sources, instruments (LST-01).

A number is the place in the order of listing and never changes.  What is derived from an instrument's terms is computed
once here, so that valuation is two multiplications and a division.
"""

import cython

if not cython.compiled:
    from outcry.engine.events import refuse
    from outcry.engine.ledger import wallet_for
    from outcry.engine.marks import mark_instrument
    from outcry.engine.pending import plan_next
    from outcry.engine.pools import has_room, take_new, take_node
    from outcry.engine.prelaunch import begin_own_prices, limit_hour
    from outcry.engine.premiums import restart_samples
    from outcry.engine.states import enter_state
    from outcry.engine.terms import power_of_ten, terms_hold
    from outcry.protocol.layout import (
        INSTRUMENTS_MAX,
        MINUTES_KEPT,
        PPM,
        ROLES,
        TASKS,
        TRIGGER_SETS,
        AccountState,
        Code,
        EntryHead,
        InstrumentRow,
        InstrumentState,
        InstrumentType,
        List,
        MarginMethod,
        StateCause,
        TableNumber,
        Tables,
        Valuation,
        accounts_at,
        constituents_at,
        currencies_at,
        flag,
        i64,
        indices_at,
        instruments_at,
        list_constituent_of,
        list_currency_of,
        list_index_of,
        list_of,
        new_constituent_listed,
        new_currency_listed,
        new_index_listed,
        new_listed,
        pools_at,
        wide,
    )
    from outcry.rules.backing import underlying_lot_of
    from outcry.rules.options import is_option
    from outcry.rules.stamps import stamp_after_ns
    from outcry.rules.value import lot_value_minor, subticks_of


def open_roles(tables: Tables) -> None:
    """Accounts 1 to 7 and the ring of tasks, before the first entry."""
    pools_at(tables, TableNumber.TASKS_TABLE).high = TASKS
    pools_at(tables, TableNumber.TASKS_TABLE).live = TASKS
    role: i64
    for role in range(1, ROLES):
        take_new(tables, TableNumber.ACCOUNTS_TABLE)
        accounts_at(tables, role).state = AccountState.ACCOUNT_OPEN


def open_fixed(tables: Tables) -> None:
    """Rows that are there with what is listed: the sets of triggers of instruments, the minutes of indices."""
    sets = pools_at(tables, TableNumber.TRIGGER_SETS_TABLE)
    sets.high = TRIGGER_SETS * (pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1) - 1
    sets.live = sets.high
    minutes = pools_at(tables, TableNumber.INDEX_MINUTES_TABLE)
    minutes.high = MINUTES_KEPT * (pools_at(tables, TableNumber.INDICES_TABLE).high + 1) - 1
    minutes.live = minutes.high


def list_currency(tables: Tables, entry: EntryHead) -> Code:
    """A settlement currency with the wallets of all roles."""
    asked = list_currency_of(entry)
    slot: i64
    place: i64 = 0
    same: flag = False
    bad: flag = asked.scale < 0 or asked.scale > 18 or asked.symbol[0] == 0
    for place in range(8):
        bad = bad or asked.symbol[place] > 126
    for slot in range(1, pools_at(tables, TableNumber.CURRENCIES_TABLE).high + 1):
        same = True
        for place in range(8):
            if currencies_at(tables, slot).symbol[place] != asked.symbol[place]:
                same = False
        if same:
            return refuse(tables, entry, Code.SYMBOL_TAKEN, 0, 0, slot, 0)
    if bad:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, asked.scale, 18)
    if not has_room(tables, TableNumber.CURRENCIES_TABLE, 1) or not has_room(tables, TableNumber.WALLETS_TABLE, ROLES):
        return refuse(tables, entry, Code.TABLE_FULL, 0, 0, 0, 0)

    # From here the currency is listed.
    number: i64 = take_new(tables, TableNumber.CURRENCIES_TABLE)
    row = currencies_at(tables, number)
    row.scale = asked.scale
    row.symbol = asked.symbol
    row.role_wallets = pools_at(tables, TableNumber.WALLETS_TABLE).high
    for slot in range(1, ROLES):
        wallet_for(tables, slot, number)
    listed = new_currency_listed(tables)
    listed.currency = number
    listed.scale = asked.scale
    listed.symbol = asked.symbol
    return Code.OK


def list_index(tables: Tables, entry: EntryHead) -> Code:
    """An index without sources yet."""
    asked = list_index_of(entry)
    slot: i64
    place: i64 = 0
    same: flag = False
    bad: flag = asked.decimals < 0 or asked.decimals > 12 or asked.symbol[0] == 0
    bad = bad or asked.tolerance_ppm < 0 or asked.tolerance_ppm > PPM
    for place in range(24):
        bad = bad or asked.symbol[place] > 126
    for place in range(8):
        bad = bad or asked.underlying[place] > 126 or asked.quote[place] > 126
    for slot in range(1, pools_at(tables, TableNumber.INDICES_TABLE).high + 1):
        same = True
        for place in range(24):
            if indices_at(tables, slot).symbol[place] != asked.symbol[place]:
                same = False
        if same:
            return refuse(tables, entry, Code.SYMBOL_TAKEN, 0, 0, slot, 0)
    if bad:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, asked.decimals, 12)
    if not has_room(tables, TableNumber.INDICES_TABLE, 1):
        return refuse(tables, entry, Code.TABLE_FULL, 0, 0, 0, 0)

    # From here the index is listed.
    number: i64 = take_new(tables, TableNumber.INDICES_TABLE)
    open_fixed(tables)
    row = indices_at(tables, number)
    row.decimals = asked.decimals
    row.tolerance_ppm = asked.tolerance_ppm
    row.symbol = asked.symbol
    row.underlying = asked.underlying
    row.quote = asked.quote
    row.listed_sequence = tables.venue.sequence
    listed = new_index_listed(tables)
    listed.index = number
    listed.decimals = asked.decimals
    listed.symbol = asked.symbol
    return Code.OK


def list_constituent(tables: Tables, entry: EntryHead) -> Code:
    """A source of an index; one is legal."""
    asked = list_constituent_of(entry)
    index: i64 = asked.index
    if index <= 0 or index > pools_at(tables, TableNumber.INDICES_TABLE).high:
        return refuse(tables, entry, Code.INDEX_UNKNOWN, 0, 0, index, 0)
    if asked.weight_ppm <= 0 or asked.weight_ppm > PPM:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, asked.weight_ppm, PPM)
    if not has_room(tables, TableNumber.CONSTITUENTS_TABLE, 1):
        return refuse(tables, entry, Code.TABLE_FULL, 0, 0, 0, 0)

    # From here the source is listed.
    number: i64 = take_new(tables, TableNumber.CONSTITUENTS_TABLE)
    row = constituents_at(tables, number)
    row.index = index
    row.weight_ppm = asked.weight_ppm
    row.name = asked.name
    indices_at(tables, index).constituents += 1
    listed = new_constituent_listed(tables)
    listed.index = index
    listed.constituent = number
    listed.weight_ppm = asked.weight_ppm
    listed.name = asked.name
    return Code.OK


def list_instrument(tables: Tables, entry: EntryHead) -> Code:
    """An instrument, open at once or at its time (SET-05); it trades when it has a mark (LST-01)."""
    asked = list_of(entry)
    slot: i64
    place: i64 = 0
    same: flag = False
    if asked.currency <= 0 or asked.currency > pools_at(tables, TableNumber.CURRENCIES_TABLE).high:
        return refuse(tables, entry, Code.CURRENCY_UNKNOWN, 0, 0, asked.currency, 0)
    unpriced: flag = asked.index == 0 and asked.opening_subticks == 0
    if unpriced or asked.index < 0 or asked.index > pools_at(tables, TableNumber.INDICES_TABLE).high:
        return refuse(tables, entry, Code.INDEX_UNKNOWN, 0, 0, asked.index, 0)
    if asked.usd_index < 0 or asked.usd_index > pools_at(tables, TableNumber.INDICES_TABLE).high:
        return refuse(tables, entry, Code.INDEX_UNKNOWN, 0, 0, asked.usd_index, 0)
    for slot in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        same = True
        for place in range(24):
            if instruments_at(tables, slot).symbol[place] != asked.symbol[place]:
                same = False
        if same:
            return refuse(tables, entry, Code.SYMBOL_TAKEN, 0, slot, 0, 0)
    if not terms_hold(tables, asked):
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, 0, 0)
    if not has_room(tables, TableNumber.INSTRUMENTS_TABLE, 1) or not has_room(tables, TableNumber.NODES_TABLE, 4):
        return refuse(tables, entry, Code.TABLE_FULL, 0, 0, 0, 0)
    if living(tables) >= INSTRUMENTS_MAX:
        return refuse(tables, entry, Code.TABLE_FULL, 0, 0, INSTRUMENTS_MAX, INSTRUMENTS_MAX)

    # From here the instrument is listed.
    number: i64 = take_new(tables, TableNumber.INSTRUMENTS_TABLE)
    open_fixed(tables)
    instrument = instruments_at(tables, number)
    copy_terms(instrument, asked)
    derive_scales(tables, instrument)
    instrument.state = InstrumentState.INSTRUMENT_OPEN
    open_book(tables, instrument)
    instrument.listed_ns = tables.venue.time_ns
    instrument.listed_sequence = tables.venue.sequence
    if instrument.funding_interval_ns != 0:
        instrument.next_funding_ns = stamp_after_ns(
            tables.venue.time_ns, instrument.funding_interval_ns, instrument.funding_offset_ns
        )
    say_listed(tables, number)
    if instrument.opens_ns > tables.venue.time_ns:
        opening: i64 = instrument.opens_ns
        following: i64 = InstrumentState.INSTRUMENT_OPEN
        unlisted: i64 = InstrumentState.INSTRUMENT_UNLISTED
        enter_state(tables, number, unlisted, StateCause.CAUSE_SCHEDULE, following, opening)
        plan_next(tables)
    begin_own_prices(tables, number)
    mark_instrument(tables, number)
    limit_hour(tables, number)
    restart_samples(instrument)
    return Code.OK


def living(tables: Tables) -> i64:
    """How many instruments have not ended: a tick may have to say something of each of them (LST-01)."""
    found: i64 = 0
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        if instruments_at(tables, number).state != InstrumentState.INSTRUMENT_SETTLED:
            found += 1
    return found


def open_book(tables: Tables, instrument: InstrumentRow) -> None:
    """An empty book, and nobody to examine: one node a side."""
    instrument.bid_root = take_node(tables)
    instrument.ask_root = take_node(tables)
    instrument.long_root = take_node(tables)
    instrument.short_root = take_node(tables)


def copy_terms(instrument: InstrumentRow, asked: List) -> None:
    """The terms as listed."""
    instrument.index = asked.index
    instrument.currency = asked.currency
    instrument.instrument_type = asked.instrument_type
    instrument.valuation = asked.valuation
    instrument.price_decimals = asked.price_decimals
    instrument.tick_units = asked.tick_units
    instrument.subticks_per_tick = asked.subticks_per_tick
    instrument.lot = asked.lot
    instrument.multiplier_minor = asked.multiplier_minor
    instrument.contracts_per_underlying = asked.contracts_per_underlying
    instrument.quantity_max = asked.quantity_max
    instrument.price_ticks_max = asked.price_ticks_max
    instrument.initial_margin_ppm = asked.initial_margin_ppm
    instrument.maintenance_margin_ppm = asked.maintenance_margin_ppm
    instrument.risk_limit_minor = asked.risk_limit_minor
    instrument.risk_step_minor = asked.risk_step_minor
    instrument.maker_fee_ppm = asked.maker_fee_ppm
    instrument.taker_fee_ppm = asked.taker_fee_ppm
    instrument.settlement_fee_ppm = asked.settlement_fee_ppm
    instrument.mark_method = asked.mark_method
    instrument.deleverage_policy = asked.deleverage_policy
    instrument.usd_index = asked.usd_index
    instrument.impact_notional_minor = asked.impact_notional_minor
    instrument.interest_quote_ppb = asked.interest_quote_ppb
    instrument.interest_base_ppb = asked.interest_base_ppb
    instrument.funding_rate_ppb = asked.funding_rate_ppb
    instrument.funding_interval_ns = asked.funding_interval_ns
    instrument.funding_offset_ns = asked.funding_offset_ns
    instrument.expiry_ns = asked.expiry_ns
    instrument.opens_ns = asked.opens_ns
    instrument.opening_subticks = asked.opening_subticks
    instrument.strike_units = asked.strike_units
    instrument.floor_margin_ppm = asked.floor_margin_ppm
    instrument.fee_cap_ppm = asked.fee_cap_ppm
    instrument.hourly_band_ppm = asked.hourly_band_ppm
    instrument.near_instrument = asked.near_instrument
    instrument.far_instrument = asked.far_instrument
    instrument.origin_ticks = asked.origin_ticks
    instrument.dispute_ns = asked.dispute_ns
    instrument.bond_minor = asked.bond_minor
    instrument.binary = asked.binary
    instrument.band_ppm = asked.band_ppm
    instrument.small_order_minor = asked.small_order_minor
    instrument.orders_max = asked.orders_max
    instrument.stops_max = asked.stops_max
    instrument.symbol = asked.symbol
    instrument.underlying = asked.underlying
    instrument.quote = asked.quote


def derive_scales(tables: Tables, instrument: InstrumentRow) -> None:
    """Numerators and denominators of valuation and of index conversion; `scales_hold` has bounded them."""
    decimals: i64 = indices_at(tables, instrument.index).decimals
    worth: i64 = indices_at(tables, instrument.usd_index).decimals
    scale: i64 = currencies_at(tables, instrument.currency).scale
    instrument.cents_denominator = power_of_ten(worth + scale)
    per_unit: i64 = power_of_ten(instrument.price_decimals) * instrument.subticks_per_tick
    lot: i64 = instrument.lot * instrument.multiplier_minor
    instrument.index_numerator = per_unit
    instrument.index_denominator = instrument.tick_units * power_of_ten(decimals)
    if instrument.valuation == Valuation.INVERSE:
        whole = wide(lot) * per_unit // instrument.tick_units
        instrument.value_numerator = whole
        instrument.value_denominator = 1
    else:
        instrument.value_numerator = lot * instrument.tick_units
        instrument.value_denominator = per_unit
    derive_margins(tables, instrument)


def derive_margins(tables: Tables, instrument: InstrumentRow) -> None:
    """By what it is margined, and what a lot of it stands for then (OPT-03, COL-01)."""
    instrument.margin_method = MarginMethod.BY_RATES
    if instrument.instrument_type == InstrumentType.PREDICTION:
        instrument.margin_method = MarginMethod.BY_COLLATERAL
        highest: i64 = subticks_of(instrument, instrument.price_ticks_max)
        instrument.highest_lot_minor = lot_value_minor(instrument, highest, tables.fault)
    elif is_option(instrument):
        instrument.margin_method = MarginMethod.BY_PREMIUM
        instrument.underlying_lot_minor = underlying_lot_of(instrument, instrument.margin_units)


def say_listed(tables: Tables, number: i64) -> None:
    """The terms for the world."""
    instrument = instruments_at(tables, number)
    listed = new_listed(tables)
    listed.instrument = number
    listed.index = instrument.index
    listed.currency = instrument.currency
    listed.instrument_type = instrument.instrument_type
    listed.valuation = instrument.valuation
    listed.price_decimals = instrument.price_decimals
    listed.tick_units = instrument.tick_units
    listed.subticks_per_tick = instrument.subticks_per_tick
    listed.lot = instrument.lot
    listed.multiplier_minor = instrument.multiplier_minor
    listed.contracts_per_underlying = instrument.contracts_per_underlying
    listed.quantity_max = instrument.quantity_max
    listed.price_ticks_max = instrument.price_ticks_max
    listed.initial_margin_ppm = instrument.initial_margin_ppm
    listed.maintenance_margin_ppm = instrument.maintenance_margin_ppm
    listed.risk_limit_minor = instrument.risk_limit_minor
    listed.risk_step_minor = instrument.risk_step_minor
    listed.maker_fee_ppm = instrument.maker_fee_ppm
    listed.taker_fee_ppm = instrument.taker_fee_ppm
    listed.settlement_fee_ppm = instrument.settlement_fee_ppm
    listed.mark_method = instrument.mark_method
    listed.deleverage_policy = instrument.deleverage_policy
    listed.usd_index = instrument.usd_index
    listed.impact_notional_minor = instrument.impact_notional_minor
    listed.interest_quote_ppb = instrument.interest_quote_ppb
    listed.interest_base_ppb = instrument.interest_base_ppb
    listed.funding_rate_ppb = instrument.funding_rate_ppb
    listed.funding_interval_ns = instrument.funding_interval_ns
    listed.funding_offset_ns = instrument.funding_offset_ns
    listed.expiry_ns = instrument.expiry_ns
    listed.opens_ns = instrument.opens_ns
    listed.opening_subticks = instrument.opening_subticks
    listed.strike_units = instrument.strike_units
    listed.floor_margin_ppm = instrument.floor_margin_ppm
    listed.fee_cap_ppm = instrument.fee_cap_ppm
    listed.hourly_band_ppm = instrument.hourly_band_ppm
    listed.near_instrument = instrument.near_instrument
    listed.far_instrument = instrument.far_instrument
    listed.origin_ticks = instrument.origin_ticks
    listed.dispute_ns = instrument.dispute_ns
    listed.bond_minor = instrument.bond_minor
    listed.binary = instrument.binary
    listed.band_ppm = instrument.band_ppm
    listed.small_order_minor = instrument.small_order_minor
    listed.orders_max = instrument.orders_max
    listed.stops_max = instrument.stops_max
    listed.symbol = instrument.symbol
    listed.underlying = instrument.underlying
    listed.quote = instrument.quote
