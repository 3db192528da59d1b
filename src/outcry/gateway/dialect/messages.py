"""Messages of the stream: welcome, replies, errors, help, partials and changes of tables (API 3.1 to 3.5).

Each is made once, as bytes of JSON; `request` is echoed as the client sent it, because clients find their own by it.
"""

from collections.abc import Sequence
from typing import Any

from outcry.gateway.answers import Refusal, encode
from outcry.gateway.dialect.tables import OPERATIONS, TABLES, Table
from outcry.gateway.dialect.times import time_text, time_text_or_none

Row = dict[str, Any]
Request = dict[str, Any]
PONG = b"pong"
DOCUMENTS = "/docs/api/stream.md"
UNRECOGNISED = 'Unrecognized request. A request is an object such as {"op": "subscribe", "args": ["trade:XBTUSD"]}.'
ACCOUNT_LOCKED = "User requested an account-locked subscription but no authorization was provided."


def welcome(now_ns: int, remaining: int) -> bytes:
    """The first message of every line; `remaining` is how many more lines its address may open this hour."""
    return encode(
        {
            "info": "Welcome to the BitMEX Realtime API.",
            "version": "2.0.0",
            "timestamp": time_text(now_ns),
            "docs": DOCUMENTS,
            "heartbeatEnabled": False,
            "limit": {"remaining": remaining},
            "appName": "ws-server",
        }
    )


def subscribed(topic: str, request: Request) -> bytes:
    """A topic, as it was sent, is subscribed to."""
    return encode({"success": True, "subscribe": topic, "request": request})


def unsubscribed(topic: str, request: Request) -> bytes:
    """A topic is not subscribed to any more."""
    return encode({"success": True, "unsubscribe": topic, "request": request})


def succeeded(request: Request) -> bytes:
    """It is done."""
    return encode({"success": True, "request": request})


def served(told: Row, request: Request) -> bytes:
    """How the line is served; ours, there is no word of BitMEX's for it."""
    return encode({"success": True, "session": told, "request": request})


def timer_set(now_ns: int, cancel_ns: int, request: Request) -> bytes:
    """The dead-man switch is set, or put out with a time of 0."""
    return encode({"now": time_text(now_ns), "cancelTime": time_text_or_none(cancel_ns) or 0, "request": request})


def failed(refusal: Refusal, request: Request) -> bytes:
    """It is not done, and nothing has changed."""
    return encode({"status": refusal.status, "error": refusal.message, "meta": refusal.extra, "request": request})


def helped() -> bytes:
    """What can be asked."""
    names = {
        private: sorted(one.name for one in TABLES.values() if one.private is private) for private in (True, False)
    }
    return encode(
        {
            "info": f"See {DOCUMENTS}.",
            "usage": 'Send operations as JSON: {"op": "<operation>", "args": ["arg1", "arg2"]}.',
            "ops": list(OPERATIONS),
            "subscribe": 'To subscribe, send: {"op": "subscribe", "args": [subscriptionTopic, ...]}.',
            "subscriptionSubjects": {"authenticationRequired": names[True], "public": names[False]},
        }
    )


def partial(table: Table, wanted: Row, rows: Sequence[Row]) -> bytes:
    """A table as it stands; `wanted` is the filter that the topic means."""
    return encode(
        {
            "table": table.name,
            "action": "partial",
            "keys": table.keys,
            "types": table.types,
            "foreignKeys": table.foreign_keys,
            "attributes": table.attributes,
            "filter": wanted,
            "data": rows,
        }
    )


def change(table: str, action: str, rows: Sequence[Row]) -> bytes:
    """Rows inserted, updated or deleted."""
    return encode({"table": table, "action": action, "data": rows})
