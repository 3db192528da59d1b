"""What identity hands out: users and keys as frozen values, and the errors it raises.

    IdentityError
    ├── NameTaken, NameInvalid, UserUnknown    the caller asked for something that cannot be
    └── FileUnusable                           the database or the key file cannot be used; says what to do

A sub-account is a user with an owner: it has a name, an account and keys of its own, and belongs to its owner.  A
user's `account` is the engine's number once it is known; the engine alone decides it, from the handle.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Permission(StrEnum):
    """What a key may do; reading is always allowed."""

    ORDER = "order"
    ORDER_CANCEL = "orderCancel"
    WITHDRAW = "withdraw"
    AUDIT = "audit"
    """Read the journal, everybody's commands in it."""


ALL_PERMISSIONS = frozenset({Permission.ORDER, Permission.ORDER_CANCEL, Permission.WITHDRAW})
"""Over one's own account: what a key has where nothing else is said.  `AUDIT` has to be asked for."""


@dataclass(frozen=True, slots=True)
class User:
    """A person or a program with an account."""

    id: int
    name: str
    handle: bytes
    """16 random bytes by which the engine knows the account."""
    account: int | None
    owner: int | None = None
    """The user whose sub-account this is, or None for a user's own account."""


@dataclass(frozen=True, slots=True)
class Key:
    """An API key.  The secret is readable because requests are signed with it; it never appears in a repr."""

    id: str
    secret: str = field(repr=False)
    user: User
    name: str
    permissions: frozenset[str]
    enabled: bool
    requests_per_minute: int | None
    """Its own limit, or None for the venue's."""
    orders_per_second: int | None
    """Its own limit on order routes, or None for the venue's."""


class IdentityError(Exception):
    """Anything identity refuses; the message is a whole sentence for the operator."""


class NameTaken(IdentityError):
    """Another user has the name."""


class NameInvalid(IdentityError):
    """No name, too long, or not printable."""


class UserUnknown(IdentityError):
    """There is no such user."""


class FileUnusable(IdentityError):
    """The database or the key file cannot be used as it is."""
