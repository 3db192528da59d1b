"""What a feed needs of the node: somebody who takes a command, or many at once."""

from collections.abc import Sequence
from typing import Protocol

from outcry.protocol.layout import ConstituentPrice, SetOptionMark


class NotTaken(Exception):
    """The command could not be handed over now; the next price will do as well."""


class Submit(Protocol):
    """Takes one command; returns when it is durable or refused.  Raises `NotTaken` when nobody can be reached."""

    async def __call__(self, record: ConstituentPrice, /) -> object:
        """Hand the command over."""
        ...


class SubmitAll(Protocol):
    """Takes commands one behind another; returns when they are durable or refused.  Raises `NotTaken`."""

    async def __call__(self, records: Sequence[SetOptionMark], /) -> object:
        """Hand the commands over."""
        ...
