"""The tables of identity.db as the newest migration leaves them.  Times are nanoseconds since 1970 UTC."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

METADATA = MetaData()

USERS = Table(
    "users",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("handle", LargeBinary(16), nullable=False, unique=True),
    Column("account", Integer, nullable=True, unique=True),
    Column("created_ns", BigInteger, nullable=False),
    Column("owner_id", Integer, ForeignKey("users.id"), nullable=True),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("secret_sealed", LargeBinary, nullable=False),
    Column("permissions", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("requests_per_minute", Integer, nullable=True),
    Column("orders_per_second", Integer, nullable=True),
    Column("created_ns", BigInteger, nullable=False),
)
