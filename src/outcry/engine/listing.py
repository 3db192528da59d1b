"""What is traded: currencies, indices and their sources, instruments (LST-01).

A number is the place in the order of listing and never changes.  What is derived from an instrument's terms is computed
once here, so that valuation is two multiplications and a division.
"""

import cython

if not cython.compiled:
    from outcry.engine.events import refuse
    from outcry.engine.ledger import wallet_for
    from outcry.engine.marks import mark_instrument
    from outcry.engine.pools import has_room, take_new, take_node
    from outcry.engine.premiums import restart_samples
    from outcry.protocol.layout import (
        AMOUNT_BOUND,
        I64_MAX,
        MINUTE_NS,
        PPB,
        PPM,
        PRICE_TICKS_BOUND,
        QUANTITY_BOUND,
        ROLES,
        SUBTICKS_BOUND,
        TASKS,
        AccountState,
        Code,
        DeleveragePolicy,
        EntryHead,
        InstrumentRow,
        InstrumentState,
        InstrumentType,
        List,
        MarkMethod,
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
    from outcry.rules.stamps import stamp_after_ns


def open_roles(tables: Tables) -> None:
    """Accounts 1 to 7 and the ring of tasks, before the first entry."""
    pools_at(tables, TableNumber.TASKS_TABLE).high = TASKS
    pools_at(tables, TableNumber.TASKS_TABLE).live = TASKS
    open_fixed(tables)
    role: i64
    for role in range(1, ROLES):
        take_new(tables, TableNumber.ACCOUNTS_TABLE)
        accounts_at(tables, role).state = AccountState.ACCOUNT_OPEN


def open_fixed(tables: Tables) -> None:
    """Rows that are there from the beginning: the sets of triggers of every instrument that may be."""
    sets = pools_at(tables, TableNumber.TRIGGER_SETS_TABLE)
    sets.high = sets.rows - 1
    sets.live = sets.rows - 1


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


def power_of_ten(exponent: i64) -> i64:
    """10 to a power from 0 to 18."""
    result: i64 = 1
    left: i64 = exponent
    while left > 0:
        result *= 10
        left -= 1
    return result


def terms_hold(tables: Tables, asked: List) -> flag:
    """Whether an instrument's terms are within the bounds that every later product relies on (LST-01)."""
    if asked.valuation < Valuation.INVERSE or asked.valuation > Valuation.QUANTO or asked.symbol[0] == 0:
        return False
    if asked.price_decimals < 0 or asked.price_decimals > 12 or not 0 < asked.tick_units < PRICE_TICKS_BOUND:
        return False
    if not 0 < asked.subticks_per_tick <= 1000 or not 0 < asked.lot < QUANTITY_BOUND:
        return False
    if not 0 < asked.multiplier_minor < AMOUNT_BOUND or not 0 <= asked.contracts_per_underlying < AMOUNT_BOUND:
        return False
    if not asked.lot <= asked.quantity_max < QUANTITY_BOUND or not 0 < asked.price_ticks_max < PRICE_TICKS_BOUND:
        return False
    if asked.price_ticks_max * asked.subticks_per_tick >= SUBTICKS_BOUND:
        return False
    if not 0 < asked.initial_margin_ppm <= PPM or not 0 <= asked.maintenance_margin_ppm <= asked.initial_margin_ppm:
        return False
    if not 0 < asked.risk_limit_minor < AMOUNT_BOUND or not 0 <= asked.risk_step_minor < AMOUNT_BOUND:
        return False
    if not 0 <= asked.taker_fee_ppm < PPM or not -asked.taker_fee_ppm <= asked.maker_fee_ppm <= asked.taker_fee_ppm:
        return False
    if not 0 <= asked.settlement_fee_ppm < PPM or not orders_hold(asked):
        return False
    if asked.deleverage_policy > DeleveragePolicy.PRO_RATA or not is_ascii(asked):
        return False
    # Rules 1 took 0 for RANKED; since then a listing says its policy (ADL-03).
    if asked.deleverage_policy == 0 and tables.venue.rules_version >= 2:
        return False
    return funding_holds(asked) and kind_holds(tables, asked) and scales_hold(tables, asked)


def orders_hold(asked: List) -> flag:
    """Whether the terms of how orders are taken are within bounds (ORD-21 to ORD-23)."""
    if not 0 <= asked.band_ppm < PPM or not 0 <= asked.small_order_minor < AMOUNT_BOUND:
        return False
    return asked.orders_max >= 0 and asked.stops_max >= 0


def funding_holds(asked: List) -> flag:
    """Whether the terms of funding and of its measuring are within bounds; stamps are at whole minutes (LST-01)."""
    if not 0 <= asked.funding_interval_ns < AMOUNT_BOUND or not -PPB < asked.funding_rate_ppb < PPB:
        return False
    if not 0 <= asked.funding_offset_ns <= asked.funding_interval_ns:
        return False
    if asked.funding_interval_ns % MINUTE_NS != 0 or asked.funding_offset_ns % MINUTE_NS != 0:
        return False
    if not -PPB < asked.interest_quote_ppb < PPB or not -PPB < asked.interest_base_ppb < PPB:
        return False
    return 0 <= asked.impact_notional_minor < AMOUNT_BOUND


def kind_holds(tables: Tables, asked: List) -> flag:
    """Whether type, expiry, funding and mark method go together (LST-01).

    A perpetual never expires, a future does and has no funding, a pre-launch future may expire and has no funding.
    """
    method: i64 = asked.mark_method
    if asked.strike_subticks != 0 or method < MarkMethod.MARK_FUNDING or method > MarkMethod.MARK_LAST:
        return False
    if method == MarkMethod.MARK_PROTECTED and asked.maintenance_margin_ppm == 0:
        return False
    expires: flag = asked.expiry_ns != 0
    if expires and (asked.expiry_ns <= tables.venue.time_ns or asked.expiry_ns % MINUTE_NS != 0):
        return False
    if asked.instrument_type == InstrumentType.PERPETUAL:
        return not expires and method != MarkMethod.MARK_IMPACT
    if method == MarkMethod.MARK_FUNDING or asked.funding_interval_ns != 0 or asked.funding_rate_ppb != 0:
        return False
    if asked.instrument_type == InstrumentType.FUTURE:
        return expires
    return asked.instrument_type == InstrumentType.PRELAUNCH and method != MarkMethod.MARK_IMPACT


def is_ascii(asked: List) -> flag:
    """Whether the instrument's texts can be shown anywhere."""
    place: i64
    for place in range(24):
        if asked.symbol[place] > 126:
            return False
    for place in range(8):  # noqa: SIM110 (a generator is no C loop)
        if asked.underlying[place] > 126 or asked.quote[place] > 126:
            return False
    return True


def scales_hold(tables: Tables, asked: List) -> flag:
    """Whether the derived numerators fit 64 bits, and a lot at the highest and lowest price an account's bound."""
    per_unit = wide(power_of_ten(asked.price_decimals)) * asked.subticks_per_tick
    lot = wide(asked.lot) * asked.multiplier_minor
    index_unit = wide(power_of_ten(indices_at(tables, asked.index).decimals)) * asked.tick_units
    worth: i64 = indices_at(tables, asked.usd_index).decimals
    scale: i64 = currencies_at(tables, asked.currency).scale
    if worth + scale > 18:
        return False
    if per_unit > I64_MAX or index_unit > I64_MAX or lot > I64_MAX:
        return False
    if asked.valuation == Valuation.INVERSE:
        whole: i64 = lot
        return wide(whole) * per_unit // asked.tick_units < AMOUNT_BOUND
    if lot * asked.tick_units > I64_MAX:
        return False
    dearest: i64 = lot * asked.tick_units
    return wide(dearest) * asked.price_ticks_max * asked.subticks_per_tick // per_unit < AMOUNT_BOUND


def list_instrument(tables: Tables, entry: EntryHead) -> Code:
    """An instrument, open at once; it trades when it has a mark (LST-01)."""
    asked = list_of(entry)
    slot: i64
    place: i64 = 0
    same: flag = False
    if asked.currency <= 0 or asked.currency > pools_at(tables, TableNumber.CURRENCIES_TABLE).high:
        return refuse(tables, entry, Code.CURRENCY_UNKNOWN, 0, 0, asked.currency, 0)
    if asked.index <= 0 or asked.index > pools_at(tables, TableNumber.INDICES_TABLE).high:
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

    # From here the instrument is listed.
    number: i64 = take_new(tables, TableNumber.INSTRUMENTS_TABLE)
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
    mark_instrument(tables, number)
    restart_samples(instrument)
    return Code.OK


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
    instrument.strike_subticks = asked.strike_subticks
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
    listed.strike_subticks = instrument.strike_subticks
    listed.band_ppm = instrument.band_ppm
    listed.small_order_minor = instrument.small_order_minor
    listed.orders_max = instrument.orders_max
    listed.stops_max = instrument.stops_max
    listed.symbol = instrument.symbol
    listed.underlying = instrument.underlying
    listed.quote = instrument.quote
