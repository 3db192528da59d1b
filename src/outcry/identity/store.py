"""`Identity`: users and keys of one venue, in one SQLite file.

First opening and closing, then reading, then writing, then how memory follows the file.  Reading never touches the
database: all rows are in memory and are read again when another connection has changed the file, which is looked for
at most every `LOOK_SECONDS` and whenever a key is not known.  So a key made by the command line works in a running
gateway at once, and a disabled one stops working within that time.

Never knows the market: an account is a number here.  Known limit: all users and keys are held in memory.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, Row, create_engine, event, insert, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from outcry.identity.migrations import migrate
from outcry.identity.people import (
    ALL_PERMISSIONS,
    FileUnusable,
    IdentityError,
    Key,
    NameInvalid,
    NameTaken,
    Permission,
    User,
    UserUnknown,
)
from outcry.identity.sealing import Sealer, VenueKey
from outcry.identity.tables import API_KEYS, USERS

log = logging.getLogger("outcry.identity")

LOOK_SECONDS = 0.25
NAME_CHARACTERS_MAX = 64
HANDLE_BYTES = 16
SUBACCOUNTS_MAX = 20
KEY_ID_BYTES = 18
SECRET_BYTES = 36
BUSY_MILLISECONDS = 5_000


class HasId(Protocol):
    """A user, as anybody who was handed one may know it."""

    @property
    def id(self) -> int:
        """Number in identity."""
        ...


class Identity:
    """Users and keys.  Opens the file, and makes it and the venue's key beside it where there are none."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._sealer = Sealer(VenueKey.of_folder(path.parent), "api key secrets")
        self._engine = _engine_of(path)
        try:
            migrate(self._engine, path)
            self._watch = self._engine.connect()
        except DatabaseError as problem:
            self._engine.dispose()
            raise FileUnusable(f"{path} cannot be used: {problem.orig}; restore it from the backup") from problem
        self._version = -1
        self._looked = 0.0
        self._users: dict[int, User] = {}
        self._names: dict[str, int] = {}
        self._rows: dict[str, Row[tuple[object, ...]]] = {}
        self._keys: dict[str, Key] = {}
        self._look()

    def close(self) -> None:
        """Let go of the file."""
        self._watch.close()
        self._engine.dispose()

    def users(self) -> list[User]:
        """All users, oldest first."""
        self._look()
        return [self._users[number] for number in sorted(self._users)]

    def user(self, name: str) -> User:
        """The user of that name.  Raises `UserUnknown`."""
        self._look()
        if name not in self._names:
            raise UserUnknown(f"There is no user {name!r}.")
        return self._users[self._names[name]]

    def key(self, key_id: str) -> Key | None:
        """The key of that id, enabled or not."""
        if self._clock() - self._looked >= LOOK_SECONDS:
            self._look()
        found = self._keys.get(key_id)
        if found is not None:
            return found
        if key_id not in self._rows:
            self._look()
        row = self._rows.get(key_id)
        if row is None:
            return None
        return self._keys.setdefault(key_id, self._key_of(row))

    def keys(self, user: HasId) -> list[Key]:
        """The user's keys, oldest first."""
        self._look()
        rows = [row._mapping for row in self._rows.values() if row._mapping["user_id"] == user.id]
        found = (self.key(row["id"]) for row in sorted(rows, key=lambda row: (row["created_ns"], row["id"])))
        return [key for key in found if key is not None]

    def accounts_of(self, user: HasId) -> list[User]:
        """All accounts of a person, whichever of them is named: the main one, then sub-accounts, oldest first.

        Raises `UserUnknown`.
        """
        self._look()
        named = self._users.get(user.id)
        if named is None:
            raise UserUnknown(f"There is no user number {user.id}.")
        main = named.owner or named.id
        subs = sorted(one.id for one in self._users.values() if one.owner == main)
        return [self._users[main], *(self._users[number] for number in subs)]

    def add_user(self, name: str) -> User:
        """A new user without an account.  Raises `NameInvalid` or `NameTaken`."""
        return self._add(name, None)

    def add_subaccount(self, owner: HasId, name: str) -> User:
        """A further account of a user, with a name of its own.

        Raises `NameInvalid`, `NameTaken`, `UserUnknown`, or `IdentityError` where there are too many.
        """
        accounts = self.accounts_of(owner)
        if accounts[0].id != owner.id:
            raise IdentityError(f"A sub-account has none of its own: name its owner, {accounts[0].name!r}.")
        if len(accounts) > SUBACCOUNTS_MAX:
            raise IdentityError(f"A user has at most {SUBACCOUNTS_MAX} sub-accounts.")
        return self._add(name, owner.id)

    def adopt(self, name: str, handle: bytes, account: int) -> User:
        """The user of a handle that an account in the journal has already, made if there is none (`outcry fork`).

        Raises `NameInvalid` or `NameTaken`.
        """
        self._look()
        found = next((user for user in self._users.values() if user.handle == handle), None)
        user = found if found is not None else self._add(name, None, handle)
        self.set_account(user, account)
        return self.user(user.name)

    def _add(self, name: str, owner: int | None, handle: bytes | None = None) -> User:
        if not 1 <= len(name) <= NAME_CHARACTERS_MAX or not name.isprintable() or name != name.strip():
            raise NameInvalid(f"A user's name has 1 to {NAME_CHARACTERS_MAX} printable characters, not {name!r}.")
        row = {
            "name": name,
            "handle": handle if handle is not None else secrets.token_bytes(HANDLE_BYTES),
            "account": None,
            "created_ns": time.time_ns(),
            "owner_id": owner,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(USERS).values(row))
        except IntegrityError as problem:
            raise NameTaken(f"There is a user {name!r} already.") from problem
        return self.user(name)

    def add_key(
        self,
        user: HasId,
        name: str = "",
        permissions: Iterable[str] = ALL_PERMISSIONS,
        requests_per_minute: int | None = None,
        orders_per_second: int | None = None,
    ) -> Key:
        """A new enabled key.  Raises `UserUnknown`, or `IdentityError` for an unknown permission or a limit below 1."""
        wanted = frozenset(str(permission) for permission in permissions)
        if unknown := sorted(wanted - frozenset(Permission)):
            raise IdentityError(f"There is no permission {unknown[0]!r}; there are {', '.join(sorted(Permission))}.")
        for limit in (requests_per_minute, orders_per_second):
            if limit is not None and limit < 1:
                raise IdentityError(f"A limit is a positive number of requests, not {limit}.")
        if user.id not in self._users:
            raise UserUnknown(f"There is no user number {user.id}.")
        key_id = secrets.token_urlsafe(KEY_ID_BYTES)
        while key_id.startswith("-"):
            # A command line would take it for an option.
            key_id = secrets.token_urlsafe(KEY_ID_BYTES)
        row = {
            "id": key_id,
            "user_id": user.id,
            "name": name,
            "secret_sealed": self._sealer.seal(secrets.token_urlsafe(SECRET_BYTES), key_id),
            "permissions": " ".join(sorted(wanted)),
            "enabled": True,
            "requests_per_minute": requests_per_minute,
            "orders_per_second": orders_per_second,
            "created_ns": time.time_ns(),
        }
        with self._engine.begin() as connection:
            connection.execute(insert(API_KEYS).values(row))
        self._look()
        log.info("a key was made", extra={"user": user.id, "key_id": key_id, "permissions": row["permissions"]})
        return self._key_of(self._rows[key_id])

    def set_enabled(self, key_id: str, enabled: bool) -> None:
        """Switch a key off or on again.  Raises `IdentityError` if there is no such key."""
        with self._engine.begin() as connection:
            changed = connection.execute(
                update(API_KEYS).where(API_KEYS.c.id == key_id).values(enabled=enabled)
            ).rowcount
        if not changed:
            raise IdentityError(f"There is no key {key_id!r}.")
        self._look()

    def set_account(self, user: HasId, account: int) -> None:
        """Note the account number that the engine gave to the user's handle.

        Nobody else has it then: where another user does, that was noted of a journal that has been lost since.
        """
        with self._engine.begin() as connection:
            others = (USERS.c.account == account) & (USERS.c.id != user.id)
            connection.execute(update(USERS).where(others).values(account=None))
            connection.execute(update(USERS).where(USERS.c.id == user.id).values(account=account))
        self._look()

    def _look(self) -> None:
        """Read everything again if the file has changed."""
        self._looked = self._clock()
        version = self._file_version()
        if version != self._version:
            with self._engine.connect() as connection:
                self._read(connection)
            self._version = version

    def _file_version(self) -> int:
        """A number that differs after another connection, of this process or another, has changed the file."""
        driver = self._watch.connection.driver_connection
        if driver is None:
            raise FileUnusable("identity.db has been closed")
        return int(driver.execute("pragma data_version").fetchone()[0])

    def _read(self, connection: Connection) -> None:
        self._users = {
            row.id: User(row.id, row.name, row.handle, row.account, row.owner_id)
            for row in connection.execute(select(USERS))
        }
        self._names = {user.name: user.id for user in self._users.values()}
        self._rows = {row.id: row for row in connection.execute(select(API_KEYS))}
        self._keys = {}

    def _key_of(self, row: Row[tuple[object, ...]]) -> Key:
        values = row._mapping
        return Key(
            id=values["id"],
            secret=self._sealer.open(values["secret_sealed"], values["id"]),
            user=self._users[values["user_id"]],
            name=values["name"],
            permissions=frozenset(values["permissions"].split()),
            enabled=values["enabled"],
            requests_per_minute=values["requests_per_minute"],
            orders_per_second=values["orders_per_second"],
        )


def _engine_of(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def prepare(connection: object, record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # the driver's own connection, which has no common type
        for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on", f"busy_timeout={BUSY_MILLISECONDS}"):
            cursor.execute(f"pragma {pragma}")
        cursor.close()

    return engine
