"""The limits of the stream, each with its default."""

import msgspec


class StreamSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How much a client may ask for and may leave unread."""

    soft_bytes: int = 1 << 20
    """Unread beyond this, changes of public tables are dropped; the client gets a new partial once it has read."""
    hard_bytes: int = 16 << 20
    """Unread beyond this, the client is cut off."""
    message_bytes_max: int = 64 << 10
    """A longer message closes the line."""
    messages_waiting_max: int = 64
    """Messages of one client read ahead while one of its operations waits for the node."""
    operations_kept: int = 600
    """Operations and topics a client may send at once; they come back at `operations_per_second`."""
    operations_per_second: int = 10
    topics_max: int = 1_000
    """Topics a client may be subscribed to."""
    lines_max: int = 10_000
    """Clients at a time."""
    lines_per_hour: int = 720
    """Lines one address may open in an hour, continuously refilled."""
    silence_seconds: float = 30.0
    """A client not heard of for this long is pinged, and cut off if it stays silent as long again."""
    book_interval_s: float = 0.0
    """How often a book's changes are told at most; 0 tells every durable frame at once, before its POSTs are answered.

    With thousands of clients on busy books a gateway has no time left for anything else; BitMEX's own figure is 0.05.
    """
    account_interval_ns: int = 10**9
    """How often positions and margins follow the mark, by the entries' time."""
