"""Whatever a client sends, it gets an answer for it, the line stays, and the venue is as it was."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.gateway.dialect.tables import OPERATIONS, TABLES
from outcry.gateway.stream.settings import StreamSettings
from tests.gateway.streams import StreamClient
from tests.gateway.venues import FREE, Venue

VENUE = Venue(FREE, StreamSettings(operations_kept=10**9, lines_per_hour=10**9))
SYMBOLS = ("XBTUSD", "xbtusd", ".BXBT", "CONTRACTS", "XBt", "NOSUCH", "", ":", "XBTUSD:XBTUSD")
VALUES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=20)
NESTED = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
)
TOPICS = st.builds("{}:{}".format, st.sampled_from([*TABLES, "nosuch"]), st.sampled_from(SYMBOLS))
OPERATION = st.fixed_dictionaries(
    {"op": st.sampled_from(OPERATIONS) | NESTED}, optional={"args": NESTED | TOPICS | st.lists(TOPICS, max_size=5)}
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=40) | OPERATION | NESTED, min_size=1, max_size=6), st.booleans())
def test_every_message_is_answered_and_none_changes_anything(messages: list[Any], with_key: bool) -> None:
    before = VENUE.state
    client = StreamClient(VENUE, VENUE.alice if with_key else None)
    for message in messages:
        if with_key and isinstance(message, dict) and message.get("op") == "cancelAllAfter":
            continue
        try:
            data = message if isinstance(message, bytes) else msgspec.json.encode(message)
        except (OverflowError, UnicodeEncodeError):
            # Numbers and texts that JSON has no form for.
            continue
        told = client.send(data)
        assert told
        for one in told:
            assert one == "pong" or {"status", "error"} <= set(one) or set(one) & {"success", "table", "ops"}, one
        assert client.closed is None
    assert VENUE.state == before
    VENUE.app.stream.leave(client.session)
    assert VENUE.app.stream.sessions == {}
