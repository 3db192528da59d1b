"""Whose address counts when a proxy stands in front: its word is believed only if its own address is a trusted one.

A proxy appends the address that it was reached from to `X-Forwarded-For`.  So the list is read from its end: trusted
addresses are proxies of ours, the first that is not is the client's, and what stands before it anybody may have
written.  What is no address there is not gone beyond.  Without trusted proxies, and from anybody else, the header says
nothing.
"""

import ipaddress
from collections.abc import Sequence

HEADER = b"x-forwarded-for"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Forwarded:
    """The proxies that are trusted."""

    def __init__(self, trusted: Sequence[str] = ()) -> None:
        """Addresses or networks.  Raises `ValueError` for what is none."""
        self._networks = [ipaddress.ip_network(one) for one in trusted]

    def client_of(self, peer: str, said: bytes | None) -> str:
        """The client's address, by the address at the other end of the line and the header, if there was one."""
        if not self._networks or said is None or not self._is_trusted(_address(peer)):
            return peer
        client = peer
        for text in reversed(said.decode("latin-1").split(",")):
            address = _address(text.strip())
            if address is None:
                break
            client = str(address)
            if not self._is_trusted(address):
                break
        return client

    def _is_trusted(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    # A socket that takes both kinds calls an IPv4 client by an IPv6 name.
    return getattr(found, "ipv4_mapped", None) or found
