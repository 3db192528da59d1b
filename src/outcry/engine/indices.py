"""Prices from outside become indices (IDX-01 to IDX-06); an index moves the marks of the instruments on it.

Judging happens when a source's price comes and at each minute's tick: which sources are fresh, which stand off, which
may come back, and then the mean of those that count.  Each decision is an event.  Bounded by the sources there may be;
the median sorts them in scratch rows, by insertion, because they are few.  Known limit: a single source can lead its
index away in steps below the tolerance.
"""

import cython

if not cython.compiled:
    from outcry.engine.alarms import sound_all
    from outcry.engine.events import refuse
    from outcry.engine.marks import mark_all, mark_instrument
    from outcry.protocol.layout import (
        AMOUNT_BOUND,
        PPM,
        REINTRODUCTION_NS,
        Code,
        ConstituentRow,
        ConstituentState,
        EntryHead,
        TableNumber,
        Tables,
        adopt_weights_of,
        constituent_price_of,
        constituents_at,
        flag,
        i64,
        indices_at,
        instruments_at,
        judged_at,
        new_constituent_judged,
        new_index_moved,
        new_resumed,
        new_weight_set,
        pools_at,
        set_next_weight_of,
        wide,
    )
    from outcry.rules.index import is_fresh, is_held, is_near, middle, stands_off, weighted_mean


def source_refusal(tables: Tables, index: i64, source: i64) -> Code:
    """Why this is not a source of this index, or OK (CMD-05)."""
    if index <= 0 or index > pools_at(tables, TableNumber.INDICES_TABLE).high:
        return Code.INDEX_UNKNOWN
    if source <= 0 or source > pools_at(tables, TableNumber.CONSTITUENTS_TABLE).high:
        return Code.CONSTITUENT_UNKNOWN
    if constituents_at(tables, source).index != index:
        return Code.CONSTITUENT_UNKNOWN
    return Code.OK


def constituent_price(tables: Tables, entry: EntryHead) -> Code:
    """A price seen at a source: the index, the marks on it, and the end of cancel-only when all indices are fresh."""
    asked = constituent_price_of(entry)
    index: i64 = asked.index
    source: i64 = asked.constituent
    price: i64 = asked.price_units
    code: Code = source_refusal(tables, index, source)
    if code == Code.INDEX_UNKNOWN:
        return refuse(tables, entry, code, 0, 0, index, 0)
    if code != Code.OK:
        return refuse(tables, entry, code, 0, 0, source, index)
    if price <= 0 or price >= AMOUNT_BOUND:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, price, AMOUNT_BOUND)

    # From here the price is seen.
    constituents_at(tables, source).price_units = price
    constituents_at(tables, source).price_time_ns = tables.venue.time_ns
    judge_index(tables, index, source)
    mark_on_index(tables, index)
    if tables.venue.cancel_only != 0:
        open_if_fresh(tables)
    return Code.OK


def set_next_weight(tables: Tables, entry: EntryHead) -> Code:
    """A source's weight in the shadow index; 0 leaves it out (IDX-07)."""
    asked = set_next_weight_of(entry)
    index: i64 = asked.index
    source: i64 = asked.constituent
    code: Code = source_refusal(tables, index, source)
    if code == Code.INDEX_UNKNOWN:
        return refuse(tables, entry, code, 0, 0, index, 0)
    if code != Code.OK:
        return refuse(tables, entry, code, 0, 0, source, index)
    if asked.weight_ppm < 0 or asked.weight_ppm > PPM:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, asked.weight_ppm, PPM)

    # From here the weight is to follow.
    constituents_at(tables, source).next_weight_ppm = asked.weight_ppm
    say_weight(tables, source)
    judge_index(tables, index, 0)
    mark_on_index(tables, index)
    return Code.OK


def adopt_weights(tables: Tables, entry: EntryHead) -> Code:
    """The weights that were to follow hold from here; there have to be some (IDX-07)."""
    index: i64 = adopt_weights_of(entry).index
    slot: i64
    weights: i64 = 0
    if index <= 0 or index > pools_at(tables, TableNumber.INDICES_TABLE).high:
        return refuse(tables, entry, Code.INDEX_UNKNOWN, 0, 0, index, 0)
    for slot in range(1, pools_at(tables, TableNumber.CONSTITUENTS_TABLE).high + 1):
        if constituents_at(tables, slot).index == index:
            weights += constituents_at(tables, slot).next_weight_ppm
    if weights == 0:
        return refuse(tables, entry, Code.PARAMETER_INVALID, 0, 0, 0, 0)

    # From here the weights hold.
    for slot in range(1, pools_at(tables, TableNumber.CONSTITUENTS_TABLE).high + 1):
        row = constituents_at(tables, slot)
        if row.index == index:
            row.weight_ppm = row.next_weight_ppm
            row.next_weight_ppm = 0
            say_weight(tables, slot)
    judge_index(tables, index, 0)
    mark_on_index(tables, index)
    return Code.OK


def say_weight(tables: Tables, source: i64) -> None:
    """A source's weights as they are now."""
    row = constituents_at(tables, source)
    said = new_weight_set(tables)
    said.index = row.index
    said.constituent = source
    said.weight_ppm = row.weight_ppm
    said.next_weight_ppm = row.next_weight_ppm


def judge_all(tables: Tables) -> None:
    """All indices at the current time; a price may have grown old."""
    index: i64
    for index in range(1, pools_at(tables, TableNumber.INDICES_TABLE).high + 1):
        judge_index(tables, index, 0)


def judge_index(tables: Tables, index: i64, priced: i64) -> None:
    """Judge an index's sources and compose it anew; `priced` is the source whose price has just come, 0 if none."""
    judge_sources(tables, index)
    if indices_at(tables, index).tolerance_ppm > 0:
        readmit(tables, index)
    compose(tables, index, priced)


def takes_part(source: ConstituentRow) -> flag:
    """Whether a source has a price and a weight, now or in the shadow index."""
    return source.price_units > 0 and source.weight_ppm + source.next_weight_ppm > 0


def put_judged(tables: Tables, count: i64, price_units: i64) -> None:
    """Put a price among the first `count` scratch rows, which are in rising order."""
    place: i64 = count
    while place > 0 and judged_at(tables, place).price_units > price_units:
        judged_at(tables, place + 1).price_units = judged_at(tables, place).price_units
        place -= 1
    judged_at(tables, place + 1).price_units = price_units


def gather(tables: Tables, index: i64, candidates: flag) -> i64:
    """Prices of the active sources, or of the candidates, in rising order in scratch rows 1 and up; how many.

    A candidate is a source that takes part, is fresh and is not excluded.
    """
    count: i64 = 0
    slot: i64
    wanted: flag = False
    for slot in range(1, pools_at(tables, TableNumber.CONSTITUENTS_TABLE).high + 1):
        row = constituents_at(tables, slot)
        if row.index != index:
            continue
        wanted = row.state == ConstituentState.SOURCE_ACTIVE
        if candidates:
            wanted = row.state != ConstituentState.SOURCE_EXCLUDED and takes_part(row)
            wanted = wanted and is_fresh(row.price_units, row.price_time_ns, tables.venue.time_ns)
        if wanted:
            put_judged(tables, count, row.price_units)
            count += 1
    return count


def lower_middle(tables: Tables, count: i64) -> i64:
    """The lower of the middle two gathered prices; 0 if there are none."""
    return judged_at(tables, (count + 1) // 2).price_units if count > 0 else 0


def upper_middle(tables: Tables, count: i64) -> i64:
    """The upper of the middle two gathered prices; 0 if there are none."""
    return judged_at(tables, count // 2 + 1).price_units if count > 0 else 0


def judge_sources(tables: Tables, index: i64) -> None:
    """Waiting, stale, excluded or active, all held against the same median (IDX-02, IDX-03); who is excluded stays."""
    tolerance: i64 = indices_at(tables, index).tolerance_ppm
    count: i64 = gather(tables, index, True)
    median: i64 = 0
    if count >= 3 and tolerance > 0:
        median = middle(lower_middle(tables, count), upper_middle(tables, count))
    slot: i64
    state: i64 = 0
    for slot in range(1, pools_at(tables, TableNumber.CONSTITUENTS_TABLE).high + 1):
        row = constituents_at(tables, slot)
        if row.index != index:
            continue
        if not takes_part(row):
            state = ConstituentState.SOURCE_WAITING
        elif row.state == ConstituentState.SOURCE_EXCLUDED:
            state = ConstituentState.SOURCE_EXCLUDED
        elif not is_fresh(row.price_units, row.price_time_ns, tables.venue.time_ns):
            state = ConstituentState.SOURCE_STALE
        elif median > 0 and stands_off(row.price_units, median, tolerance, 1):
            state = ConstituentState.SOURCE_EXCLUDED
        else:
            state = ConstituentState.SOURCE_ACTIVE
        set_source_state(tables, slot, state, median)


def readmit(tables: Tables, index: i64) -> None:
    """Excluded sources that have been near for long enough, or are needed, count again (IDX-06)."""
    own = indices_at(tables, index)
    count: i64 = gather(tables, index, False)
    lower: i64 = lower_middle(tables, count)
    upper: i64 = upper_middle(tables, count)
    median: i64 = middle(lower, upper)
    held: flag = is_held(count, lower, upper, own.value_units, own.tolerance_ppm)
    at_once: flag = count == 0 or (count == 1 and held)
    now: i64 = tables.venue.time_ns
    slot: i64
    for slot in range(1, pools_at(tables, TableNumber.CONSTITUENTS_TABLE).high + 1):
        row = constituents_at(tables, slot)
        if row.index != index or row.state != ConstituentState.SOURCE_EXCLUDED:
            continue
        price: i64 = row.price_units
        if not is_fresh(price, row.price_time_ns, now):
            row.near_since_ns = 0
        elif at_once:
            row.near_since_ns = 0
            if own.value_units > 0 and not stands_off(price, own.value_units, own.tolerance_ppm, 1):
                set_source_state(tables, slot, ConstituentState.SOURCE_ACTIVE, own.value_units)
        elif not is_near(price, median, own.tolerance_ppm):
            row.near_since_ns = 0
        elif row.near_since_ns == 0:
            row.near_since_ns = now
        elif now - row.near_since_ns >= REINTRODUCTION_NS:
            set_source_state(tables, slot, ConstituentState.SOURCE_ACTIVE, median)


def set_source_state(tables: Tables, slot: i64, state: i64, against_units: i64) -> None:
    """Whether a source counts; said if that is new."""
    row = constituents_at(tables, slot)
    if row.state == state:
        return
    row.state = state
    row.near_since_ns = 0
    judged = new_constituent_judged(tables)
    judged.index = row.index
    judged.constituent = slot
    judged.state = state
    judged.price_units = row.price_units
    judged.against_units = against_units
    if row.price_units > 0:
        judged.age_ns = tables.venue.time_ns - row.price_time_ns


def compose(tables: Tables, index: i64, priced: i64) -> None:
    """The weighted mean of the active sources, at both weights, or the last one held (IDX-01, IDX-04, IDX-05, IDX-07).

    The index is as young as the last price that counted in it (CMD-04).
    """
    own = indices_at(tables, index)
    total = wide(0)
    next_total = wide(0)
    weights: i64 = 0
    next_weights: i64 = 0
    slot: i64
    for slot in range(1, pools_at(tables, TableNumber.CONSTITUENTS_TABLE).high + 1):
        row = constituents_at(tables, slot)
        if row.index == index and row.state == ConstituentState.SOURCE_ACTIVE:
            total += wide(row.weight_ppm) * row.price_units
            weights += row.weight_ppm
            next_total += wide(row.next_weight_ppm) * row.price_units
            next_weights += row.next_weight_ppm
    count: i64 = gather(tables, index, False)
    own.active = count
    lower: i64 = lower_middle(tables, count)
    upper: i64 = upper_middle(tables, count)
    held: flag = is_held(count, lower, upper, own.value_units, own.tolerance_ppm)
    if weights == 0:
        held = own.value_units > 0
    value: i64 = own.value_units
    next_value: i64 = own.next_value_units
    if not held and weights > 0:
        value = weighted_mean(total, weights, tables.fault)
        if priced != 0 and constituents_at(tables, priced).state == ConstituentState.SOURCE_ACTIVE:
            own.value_time_ns = tables.venue.time_ns
    if not held:
        next_value = weighted_mean(next_total, next_weights, tables.fault) if next_weights > 0 else 0
    if value == own.value_units and next_value == own.next_value_units and (held == (own.held != 0)):
        return
    own.value_units = value
    own.next_value_units = next_value
    own.held = 1 if held else 0
    if value > 0:
        say_index(tables, index)


def say_index(tables: Tables, index: i64) -> None:
    """The index as it is now."""
    own = indices_at(tables, index)
    moved = new_index_moved(tables)
    moved.index = index
    moved.constituents = own.active
    moved.held = own.held
    moved.value_units = own.value_units
    moved.next_value_units = own.next_value_units


def mark_on_index(tables: Tables, index: i64) -> None:
    """The marks of the instruments on an index, which may have moved."""
    number: i64
    for number in range(1, pools_at(tables, TableNumber.INSTRUMENTS_TABLE).high + 1):
        if instruments_at(tables, number).index == index:
            mark_instrument(tables, number)


def open_if_fresh(tables: Tables) -> None:
    """After a pause: trading goes on once every index that had a value has a new one (CMD-04)."""
    index: i64
    for index in range(1, pools_at(tables, TableNumber.INDICES_TABLE).high + 1):
        row = indices_at(tables, index)
        if row.value_units > 0 and row.value_time_ns < tables.venue.resumed_ns:
            return
    tables.venue.cancel_only = 0
    tables.venue.resumed_ns = 0
    mark_all(tables)
    sound_all(tables)
    new_resumed(tables)
