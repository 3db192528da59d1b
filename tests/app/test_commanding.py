"""The gateway hears the line's silence and refusals as its own errors, each with what it is about."""

import asyncio

import pytest

from outcry.app.commanding import Door
from outcry.engine.engine import Engine
from outcry.feeds.door import NotTaken
from outcry.gateway import door
from outcry.node import link
from outcry.node.replica import Replica
from outcry.node.settings import LinkSettings
from outcry.protocol.layout import ConstituentPrice, Place


class Line(link.Link):
    """Takes everything, or nothing, and never hears of it."""

    def __init__(self, is_open: bool = True) -> None:
        super().__init__(7, Replica(Engine()), LinkSettings(answer_seconds=0.01), clock_ns=lambda: 5_000)
        self.is_open = is_open

    def _can_send(self) -> bool:
        return self.is_open

    def _send(self, entry: bytes) -> None:
        pass


def test_a_command_without_an_answer_is_the_gateways_error_and_names_it() -> None:
    async def main() -> None:
        commands = Door(Line())
        with pytest.raises(door.NoAnswer, match="no answer to command 5 of origin 7") as silence:
            await commands.execute(ConstituentPrice())
        assert (silence.value.origin, silence.value.origin_sequence) == (7, 5)
        told = await commands.execute_all([(ConstituentPrice(), b""), (ConstituentPrice(), b"")])
        assert [(type(one), one.origin_sequence) for one in told if isinstance(one, door.NoAnswer)] == [
            (type(silence.value), 6),
            (type(silence.value), 7),
        ]
        with pytest.raises(NotTaken):
            await commands.submit(ConstituentPrice())

    asyncio.run(main())


def test_a_command_that_is_not_taken_is_the_gateways_error() -> None:
    async def main() -> None:
        commands = Door(Line(is_open=False))
        with pytest.raises(door.Overloaded, match="cannot be reached"):
            await commands.execute(Place())
        told = await commands.execute_all([(Place(), b"")])
        assert isinstance(told[0], door.Overloaded)

    asyncio.run(main())
