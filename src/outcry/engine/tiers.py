"""Fee tiers: what an account has traded on each of the last days, and the tier that follows from it (FEE-03).

The tier is found once a day, with the first fill of the day, from the 30 whole days before; during the day it stays.
The venue's roles have no volume and pay as listed.
"""

import cython

if not cython.compiled:
    from outcry.engine.pools import take_new
    from outcry.protocol.layout import (
        DAY_NS,
        ROLES,
        TOTAL_BOUND,
        VOLUME_DAYS,
        VOLUME_DAYS_KEPT,
        InstrumentRow,
        TableNumber,
        Tables,
        accounts_at,
        hint,
        i64,
        indices_at,
        new_fee_tier_set,
        volumes_at,
    )
    from outcry.rules.fees import cents_of, tier_of


def today(tables: Tables) -> i64:
    """The day of the entry, counted from 1970 in UTC."""
    return tables.venue.time_ns // DAY_NS


def tier_today(tables: Tables, account: i64) -> i64:
    """The tier of an account that trades now; found anew with its first fill of a day."""
    row = accounts_at(tables, account)
    now: i64 = today(tables)
    if account >= ROLES and row.tier_day != now:
        row.tier_day = now
        find_tier(tables, account)
    return row.fee_tier


def find_tier(tables: Tables, account: i64) -> None:
    """The tier of what the account has traded on the 30 days before today; told if it is another."""
    row = accounts_at(tables, account)
    cents: i64 = volume_before(tables, account)
    tier: i64 = tier_of(cents)
    if tier == row.fee_tier:
        return
    row.fee_tier = tier
    changed = new_fee_tier_set(tables)
    changed.account = account
    changed.tier = tier
    changed.volume_cents = cents


def volume_before(tables: Tables, account: i64) -> i64:
    """Cents that the account has traded on the 30 days before today."""
    row = volumes_at(tables, accounts_at(tables, account).volume)
    last: i64 = row.day
    total: i64 = 0
    now: i64 = today(tables)
    day: i64
    for day in range(now - VOLUME_DAYS, min(now, last + 1)):
        total = min(TOTAL_BOUND, total + row.cents[day % VOLUME_DAYS_KEPT])
    return total


def hint_volume(tables: Tables, account: i64) -> None:
    """An account's volumes will be needed soon: rows of their own that nothing else of a fill touches."""
    hint(volumes_at(tables, accounts_at(tables, account).volume))


def count_volume(tables: Tables, instrument: InstrumentRow, taker: i64, maker: i64, value_minor: i64) -> None:
    """A fill counts for both its sides, at what its currency is worth in dollars now."""
    units: i64 = 1
    if instrument.usd_index != 0:
        units = indices_at(tables, instrument.usd_index).value_units
    cents: i64 = cents_of(value_minor, units, instrument.cents_denominator)
    add_volume(tables, taker, cents)
    add_volume(tables, maker, cents)


def add_volume(tables: Tables, account: i64, cents: i64) -> None:
    """Count so many cents to today's volume; days on which the account did not trade are nothing.

    There is room for a row for every account.
    """
    if account < ROLES:
        return
    owner = accounts_at(tables, account)
    if owner.volume == 0:
        owner.volume = take_new(tables, TableNumber.VOLUMES_TABLE)
        volumes_at(tables, owner.volume).account = account
    row = volumes_at(tables, owner.volume)
    last: i64 = row.day
    now: i64 = today(tables)
    day: i64
    if last != now:
        for day in range(max(last + 1, now - VOLUME_DAYS_KEPT + 1), now + 1):
            row.cents[day % VOLUME_DAYS_KEPT] = 0
        row.day = now
    day = now % VOLUME_DAYS_KEPT
    row.cents[day] = min(TOTAL_BOUND, row.cents[day] + cents)
