"""Floor 3: people.  Users and their API keys, in a database file of their own beside the journal.

people   User, Key, and the ways in which identity says no
sealing  the venue's key file, and secrets sealed under it
tables   the database's tables            migrations/  how older files become like them
store    `Identity`, the only door: everything is read from memory, which follows the file
"""

from outcry.identity.people import IdentityError, Key, NameInvalid, NameTaken, Permission, User, UserUnknown
from outcry.identity.sealing import VenueKey
from outcry.identity.store import Identity

__all__ = [
    "Identity",
    "IdentityError",
    "Key",
    "NameInvalid",
    "NameTaken",
    "Permission",
    "User",
    "UserUnknown",
    "VenueKey",
]
