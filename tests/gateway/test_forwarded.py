"""A client's address behind a proxy: only a trusted proxy's word counts, and only the part that it wrote itself."""

import pytest

from outcry.gateway.forwarded import Forwarded


@pytest.mark.parametrize(
    ("trusted", "peer", "said", "client"),
    [
        ((), "127.0.0.1", b"203.0.113.7", "127.0.0.1"),
        (("127.0.0.1",), "127.0.0.1", None, "127.0.0.1"),
        (("127.0.0.1",), "127.0.0.1", b"203.0.113.7", "203.0.113.7"),
        (("127.0.0.1",), "198.51.100.1", b"203.0.113.7", "198.51.100.1"),
        # What the client wrote itself stands before what the proxy saw.
        (("127.0.0.1",), "127.0.0.1", b"192.0.2.1, 203.0.113.7", "203.0.113.7"),
        (("127.0.0.1", "10.0.0.0/8"), "127.0.0.1", b"203.0.113.7, 10.1.2.3", "203.0.113.7"),
        (("127.0.0.1", "10.0.0.0/8"), "127.0.0.1", b"garbage, 10.1.2.3", "10.1.2.3"),
        (("127.0.0.1",), "127.0.0.1", b"unknown", "127.0.0.1"),
        (("127.0.0.1",), "::ffff:127.0.0.1", b"2001:db8::1", "2001:db8::1"),
        (("127.0.0.1",), "", b"203.0.113.7", ""),
    ],
)
def test_whose_address_counts(trusted: tuple[str, ...], peer: str, said: bytes | None, client: str) -> None:
    assert Forwarded(trusted).client_of(peer, said) == client


def test_what_is_no_network_is_not_trusted() -> None:
    with pytest.raises(ValueError, match="appear to be"):
        Forwarded(("everybody",))
