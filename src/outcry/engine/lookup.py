"""Indexes: chained buckets from keys to slots.  Derived; `reindex` rebuilds one after its table has grown.

A table with buckets has 2^k + 1 rows and 2^k buckets, so a bucket is a hash masked by rows - 2.  A search is asked with
a row that holds the key; callers write it into row 0 of the table, which holds nothing else.
"""

import cython

if not cython.compiled:
    from outcry.protocol.layout import (
        ROLES,
        AccountRow,
        ClientIdRow,
        DepositRow,
        LinkRow,
        TableNumber,
        Tables,
        WithdrawalRow,
        account_buckets_at,
        accounts_at,
        client_id_buckets_at,
        client_ids_at,
        deposit_buckets_at,
        deposits_at,
        flag,
        i64,
        link_buckets_at,
        links_at,
        mix,
        order_buckets_at,
        orders_at,
        pools_at,
        position_buckets_at,
        positions_at,
        u64,
        wallets_at,
        withdrawal_buckets_at,
        withdrawals_at,
    )


def bucket_of(tables: Tables, table: i64, number: u64) -> i64:
    """The bucket of a hash in a table's index."""
    rows: i64 = pools_at(tables, table).rows
    mask: u64 = rows - 2
    place: i64 = number & mask
    return place


def pair_bucket(tables: Tables, table: i64, first: i64, second: i64) -> i64:
    """The bucket of a pair of small numbers."""
    seed: u64 = first
    word: u64 = second
    return bucket_of(tables, table, mix(mix(0, seed), word))


def order_bucket(tables: Tables, order_id: i64) -> i64:
    """The bucket of an order's number."""
    number: u64 = order_id
    return bucket_of(tables, TableNumber.ORDERS_TABLE, number)


def position_bucket(tables: Tables, account: i64, instrument: i64) -> i64:
    """The bucket of an account's position in an instrument."""
    return pair_bucket(tables, TableNumber.POSITIONS_TABLE, account, instrument)


def find_order_slot(tables: Tables, order_id: i64) -> i64:
    """Slot of an open order, or 0."""
    slot: i64 = order_buckets_at(tables, order_bucket(tables, order_id)).head
    while slot != 0 and orders_at(tables, slot).order_id != order_id:
        slot = orders_at(tables, slot).hash_next
    return slot


def add_order_slot(tables: Tables, slot: i64) -> None:
    """Make an order findable by its number."""
    bucket = order_buckets_at(tables, order_bucket(tables, orders_at(tables, slot).order_id))
    orders_at(tables, slot).hash_next = bucket.head
    bucket.head = slot


def drop_order_slot(tables: Tables, slot: i64) -> None:
    """Take an order out of the index."""
    bucket = order_buckets_at(tables, order_bucket(tables, orders_at(tables, slot).order_id))
    at: i64 = bucket.head
    if at == slot:
        bucket.head = orders_at(tables, slot).hash_next
        return
    while orders_at(tables, at).hash_next != slot:
        at = orders_at(tables, at).hash_next
    orders_at(tables, at).hash_next = orders_at(tables, slot).hash_next


def find_position_slot(tables: Tables, account: i64, instrument: i64) -> i64:
    """Slot of an account's position in an instrument, or 0."""
    slot: i64 = position_buckets_at(tables, position_bucket(tables, account, instrument)).head
    while slot != 0:
        row = positions_at(tables, slot)
        if row.account == account and row.instrument == instrument:
            return slot
        slot = row.hash_next
    return 0


def add_position_slot(tables: Tables, slot: i64) -> None:
    """Make a position findable."""
    row = positions_at(tables, slot)
    bucket = position_buckets_at(tables, position_bucket(tables, row.account, row.instrument))
    row.hash_next = bucket.head
    bucket.head = slot


def find_wallet_slot(tables: Tables, account: i64, currency: i64) -> i64:
    """Slot of an account's wallet in a currency, or 0.  It has few, so its own chain is its index."""
    slot: i64 = accounts_at(tables, account).first_wallet
    while slot != 0 and wallets_at(tables, slot).currency != currency:
        slot = wallets_at(tables, slot).next_wallet
    return slot


def client_id_bucket(tables: Tables, account: i64, name: ClientIdRow) -> i64:
    """The bucket of an account's client id, taken from a row that holds it."""
    seed: u64 = account
    hash: u64 = mix(0, seed)
    word: i64
    for word in range(5):
        hash = mix(hash, name.client_id[word])
    return bucket_of(tables, TableNumber.CLIENT_IDS_TABLE, hash)


def same_client_id(one: ClientIdRow, other: ClientIdRow) -> flag:
    """Whether two rows hold the same client id of the same account."""
    word: i64
    if one.account != other.account:
        return False
    for word in range(5):  # noqa: SIM110 (a generator is no C loop)
        if one.client_id[word] != other.client_id[word]:
            return False
    return True


def find_client_id_slot(tables: Tables, name: ClientIdRow) -> i64:
    """Slot of the remembered client id equal to the given row's, or 0."""
    account: i64 = name.account
    slot: i64 = client_id_buckets_at(tables, client_id_bucket(tables, account, name)).head
    while slot != 0 and not same_client_id(client_ids_at(tables, slot), name):
        slot = client_ids_at(tables, slot).hash_next
    return slot


def add_client_id_slot(tables: Tables, slot: i64) -> None:
    """Make a client id findable."""
    row = client_ids_at(tables, slot)
    account: i64 = row.account
    bucket = client_id_buckets_at(tables, client_id_bucket(tables, account, row))
    row.hash_next = bucket.head
    bucket.head = slot


def drop_client_id_slot(tables: Tables, slot: i64) -> None:
    """Take a client id out of the index."""
    row = client_ids_at(tables, slot)
    account: i64 = row.account
    bucket = client_id_buckets_at(tables, client_id_bucket(tables, account, row))
    at: i64 = bucket.head
    if at == slot:
        bucket.head = row.hash_next
        return
    while client_ids_at(tables, at).hash_next != slot:
        at = client_ids_at(tables, at).hash_next
    client_ids_at(tables, at).hash_next = row.hash_next


def account_bucket(tables: Tables, row: AccountRow) -> i64:
    """The bucket of a handle."""
    return bucket_of(tables, TableNumber.ACCOUNTS_TABLE, mix(mix(0, row.handle[0]), row.handle[1]))


def find_account_slot(tables: Tables, asked: AccountRow) -> i64:
    """The account with the same handle, or 0."""
    slot: i64 = account_buckets_at(tables, account_bucket(tables, asked)).head
    while slot != 0:
        row = accounts_at(tables, slot)
        if row.handle[0] == asked.handle[0] and row.handle[1] == asked.handle[1]:
            return slot
        slot = row.hash_next
    return 0


def add_account_slot(tables: Tables, slot: i64) -> None:
    """Make an account findable by its handle."""
    row = accounts_at(tables, slot)
    bucket = account_buckets_at(tables, account_bucket(tables, row))
    row.hash_next = bucket.head
    bucket.head = slot


def deposit_bucket(tables: Tables, row: DepositRow) -> i64:
    """The bucket of an outpoint."""
    output: u64 = row.output_index
    hash: u64 = mix(0, output)
    word: i64
    for word in range(4):
        hash = mix(hash, row.reference[word])
    return bucket_of(tables, TableNumber.DEPOSITS_TABLE, hash)


def same_outpoint(one: DepositRow, other: DepositRow) -> flag:
    """Whether two rows hold the same outpoint of the same currency."""
    word: i64
    if one.output_index != other.output_index or one.currency != other.currency:
        return False
    for word in range(4):  # noqa: SIM110 (a generator is no C loop)
        if one.reference[word] != other.reference[word]:
            return False
    return True


def find_deposit_slot(tables: Tables, asked: DepositRow) -> i64:
    """The deposit with the same outpoint, or 0."""
    slot: i64 = deposit_buckets_at(tables, deposit_bucket(tables, asked)).head
    while slot != 0 and not same_outpoint(deposits_at(tables, slot), asked):
        slot = deposits_at(tables, slot).hash_next
    return slot


def add_deposit_slot(tables: Tables, slot: i64) -> None:
    """Make a deposit findable by its outpoint."""
    row = deposits_at(tables, slot)
    bucket = deposit_buckets_at(tables, deposit_bucket(tables, row))
    row.hash_next = bucket.head
    bucket.head = slot


def withdrawal_bucket(tables: Tables, row: WithdrawalRow) -> i64:
    """The bucket of a request id."""
    return bucket_of(tables, TableNumber.WITHDRAWALS_TABLE, mix(mix(0, row.request[0]), row.request[1]))


def find_withdrawal_slot(tables: Tables, asked: WithdrawalRow) -> i64:
    """The withdrawal with the same request id, or 0."""
    slot: i64 = withdrawal_buckets_at(tables, withdrawal_bucket(tables, asked)).head
    while slot != 0:
        row = withdrawals_at(tables, slot)
        if row.request[0] == asked.request[0] and row.request[1] == asked.request[1]:
            return slot
        slot = row.hash_next
    return 0


def add_withdrawal_slot(tables: Tables, slot: i64) -> None:
    """Make a withdrawal findable by its request id."""
    row = withdrawals_at(tables, slot)
    bucket = withdrawal_buckets_at(tables, withdrawal_bucket(tables, row))
    row.hash_next = bucket.head
    bucket.head = slot


def link_bucket(tables: Tables, row: LinkRow) -> i64:
    """The bucket of an account's group of linked orders, taken from a row that holds its name."""
    account: i64 = row.account
    seed: u64 = account
    hash: u64 = mix(0, seed)
    word: i64
    for word in range(5):
        hash = mix(hash, row.link_id[word])
    return bucket_of(tables, TableNumber.LINKS_TABLE, hash)


def same_link(one: LinkRow, other: LinkRow) -> flag:
    """Whether two rows hold the same name of the same account."""
    word: i64
    if one.account != other.account:
        return False
    for word in range(5):  # noqa: SIM110 (a generator is no C loop)
        if one.link_id[word] != other.link_id[word]:
            return False
    return True


def find_link_slot(tables: Tables, asked: LinkRow) -> i64:
    """The group with the same account and name, or 0."""
    slot: i64 = link_buckets_at(tables, link_bucket(tables, asked)).head
    while slot != 0 and not same_link(links_at(tables, slot), asked):
        slot = links_at(tables, slot).hash_next
    return slot


def add_link_slot(tables: Tables, slot: i64) -> None:
    """Make a group findable."""
    row = links_at(tables, slot)
    bucket = link_buckets_at(tables, link_bucket(tables, row))
    row.hash_next = bucket.head
    bucket.head = slot


def drop_link_slot(tables: Tables, slot: i64) -> None:
    """Take a group out of the index."""
    row = links_at(tables, slot)
    bucket = link_buckets_at(tables, link_bucket(tables, row))
    at: i64 = bucket.head
    if at == slot:
        bucket.head = row.hash_next
        return
    while links_at(tables, at).hash_next != slot:
        at = links_at(tables, at).hash_next
    links_at(tables, at).hash_next = row.hash_next


def reindex(tables: Tables, table: i64) -> None:
    """Fill a table's empty buckets again from its rows, after it has grown; the chain of freed rows is kept apart."""
    slot: i64
    high: i64 = pools_at(tables, table).high
    for slot in range(1, high + 1):
        if table == TableNumber.ORDERS_TABLE and orders_at(tables, slot).order_id != 0:
            add_order_slot(tables, slot)
        elif table == TableNumber.CLIENT_IDS_TABLE and client_ids_at(tables, slot).client_id[4] != 0:
            add_client_id_slot(tables, slot)
        elif table == TableNumber.POSITIONS_TABLE:
            add_position_slot(tables, slot)
        elif table == TableNumber.ACCOUNTS_TABLE and slot >= ROLES:
            add_account_slot(tables, slot)
        elif table == TableNumber.DEPOSITS_TABLE:
            add_deposit_slot(tables, slot)
        elif table == TableNumber.WITHDRAWALS_TABLE:
            add_withdrawal_slot(tables, slot)
        elif table == TableNumber.LINKS_TABLE and links_at(tables, slot).account != 0:
            add_link_slot(tables, slot)
