"""What goes over the node's socket, in both directions.

A message is its length (u32, of what follows), its kind (one byte) and its body.  Client to node: HELLO once, then
SUBMIT with an entry each, or ADMIN with a JSON object at any time, also without HELLO.  Node to client: WELCOME as the
answer to HELLO, FRAME with a durable frame each, TURNED_AWAY for a submission that got no sequence, ADMIN_ANSWER with a
JSON object, GOODBYE with a sentence before the node closes a line that it cannot serve.
A message that is too long or of no known kind ends the connection.
"""

import struct
from enum import IntEnum
from typing import NamedTuple

from outcry.journal.frames import FRAME_BYTES_MAX, Genesis
from outcry.node.core import Why

VERSION = 2
PREFIX = struct.Struct("<IB")
HELLO = struct.Struct("<Iiq")
WELCOME = struct.Struct("<qq")
"""What stands before the genesis."""
TURNED_AWAY = struct.Struct("<qB")
MESSAGE_BYTES_MAX = FRAME_BYTES_MAX + 1


class MessageKind(IntEnum):
    """What a message is."""

    HELLO = 1
    SUBMIT = 2
    ADMIN = 3
    WELCOME = 11
    FRAME = 12
    TURNED_AWAY = 13
    ADMIN_ANSWER = 14
    GOODBYE = 15


class BadMessage(Exception):
    """Bytes that are no message of this protocol."""


class Hello(NamedTuple):
    """Who calls, and from which sequence on it wants frames (0 for none)."""

    version: int
    origin: int
    first_sequence: int


class Welcome(NamedTuple):
    """How far the origin has come, what is durable, and which journal this is."""

    last_admitted: int
    durable_sequence: int
    genesis: Genesis


class TurnedAwayMessage(NamedTuple):
    """The origin's own number of a submission that was not admitted, and why."""

    origin_sequence: int
    why: Why


def encode(kind: MessageKind, body: bytes) -> bytes:
    """A message's bytes."""
    return PREFIX.pack(len(body) + 1, kind) + body


def encode_hello(origin: int, first_sequence: int) -> bytes:
    """HELLO."""
    return encode(MessageKind.HELLO, HELLO.pack(VERSION, origin, first_sequence))


def decode_hello(body: bytes) -> Hello:
    """What HELLO says.  Raises `BadMessage`."""
    if len(body) != HELLO.size:
        raise BadMessage("the greeting has a wrong length")
    hello = Hello(*HELLO.unpack(body))
    if hello.version != VERSION:
        raise BadMessage(f"the other end speaks version {hello.version}, this one version {VERSION}")
    if hello.origin < 0 or hello.first_sequence < 0:
        raise BadMessage("the greeting's numbers are negative")
    return hello


def encode_welcome(welcome: Welcome) -> bytes:
    """WELCOME."""
    body = WELCOME.pack(welcome.last_admitted, welcome.durable_sequence) + welcome.genesis.encode()
    return encode(MessageKind.WELCOME, body)


def decode_welcome(body: bytes) -> Welcome:
    """What WELCOME says.  Raises `BadMessage`, or `FrameDamaged` for a genesis of another format."""
    if len(body) <= WELCOME.size:
        raise BadMessage("the welcome has a wrong length")
    last_admitted, durable_sequence = WELCOME.unpack_from(body)
    return Welcome(last_admitted, durable_sequence, Genesis.decode(body[WELCOME.size :]))


def encode_turned_away(origin_sequence: int, why: Why) -> bytes:
    """TURNED_AWAY."""
    return encode(MessageKind.TURNED_AWAY, TURNED_AWAY.pack(origin_sequence, why))


def decode_turned_away(body: bytes) -> TurnedAwayMessage:
    """What TURNED_AWAY says.  Raises `BadMessage`."""
    if len(body) != TURNED_AWAY.size:
        raise BadMessage("a refusal has a wrong length")
    number, why = TURNED_AWAY.unpack(body)
    try:
        return TurnedAwayMessage(number, Why(why))
    except ValueError as problem:
        raise BadMessage(f"there is no refusal {why}") from problem


class Splitter:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[tuple[MessageKind, bytes]]:
        """The messages that are whole now.  Raises `BadMessage`."""
        buffer, place = self._buffer, 0
        buffer += data
        messages: list[tuple[MessageKind, bytes]] = []
        while len(buffer) - place >= PREFIX.size:
            length, kind = PREFIX.unpack_from(buffer, place)
            if not 0 < length <= MESSAGE_BYTES_MAX:
                raise BadMessage(f"a message of {length} bytes")
            end = place + PREFIX.size - 1 + length
            if len(buffer) < end:
                break
            try:
                messages.append((MessageKind(kind), bytes(memoryview(buffer)[place + PREFIX.size : end])))
            except ValueError as problem:
                raise BadMessage(f"there is no message of kind {kind}") from problem
            place = end
        del buffer[:place]
        return messages
