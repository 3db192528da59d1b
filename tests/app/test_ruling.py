"""`outcry state`: the operator's rungs reach a running node and hold there, and `outcry status` shows them (CMD-06)."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from outcry.app import ruling, standing
from outcry.app.cli import app
from outcry.app.settings import Files
from outcry.engine.stated import Stated, restricted
from outcry.node.connection import Connection, SocketAddress
from outcry.node.messages import encode_hello
from outcry.node.settings import NodeSettings
from outcry.node.shell import ask_admin, run_node
from outcry.protocol import wire
from outcry.protocol.layout import AccountState, SetAccountState, SetVenueState
from tests.engine.worlds import xbtusd


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """The data folder of a node that runs, with XBTUSD and account 8."""
    ready = threading.Event()

    async def serve() -> None:
        await run_node(tmp_path, NodeSettings(handle_signals=False), ready=ready.set)

    node = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    node.start()
    assert ready.wait(20)
    listed = xbtusd()
    listed.account(1)
    asyncio.run(hand_in(tmp_path, listed.journal))
    yield tmp_path
    asyncio.run(ask_admin(Files(tmp_path).socket, {"ask": "stop"}))
    node.join(20)


async def hand_in(folder: Path, journal: list[bytes]) -> None:
    """Have the node take what a small world has journaled, as another origin's."""
    for entry in wire.entries_of(b"".join(journal)):
        if entry.head.origin:
            await ruling.submit(Files(folder).socket, entry.record, b"")


def run(data: Path, *words: str) -> tuple[int, str]:
    told = CliRunner().invoke(app, ("state", *words, "--data", str(data)))
    return told.exit_code, told.output


def test_a_rung_of_each_kind_is_set_held_and_shown(data: Path) -> None:
    code, line = run(
        data, "instrument", "XBTUSD", "auction", "--cause", "schedule", "--until", "+15m", "--next", "posting"
    )
    assert code == 0
    assert line.startswith("XBTUSD  auction, cause schedule, until 20")
    assert line.endswith("Z, then posting\n")
    assert run(data, "account", "8", "stopped", "--cause", "compliance") == (
        0,
        "account 8  stopped, cause compliance\n",
    )
    code, text = run(data, "venue", "withdrawing", "--until", "2199-01-01T00:00:00Z", "--json", "--words", "fire drill")
    assert code == 0
    found = msgspec.json.decode(text.encode(), type=Stated)
    assert (found.of, found.state, found.cause, found.following) == ("venue", "withdrawing", "operator", "")
    told = standing.standing(data)
    assert told["venue"] == "withdrawing, operator, until 2199-01-01T00:00:00Z"
    assert told["XBTUSD"].startswith("auction, schedule, until 20")
    assert told["account 8"] == "stopped, compliance"
    assert "account 9" not in told
    run(data, "instrument", "XBTUSD", "open")
    run(data, "venue", "open")
    run(data, "account", "8", "open")
    told = standing.standing(data)
    assert told["venue"] == "open, operator"
    assert told.keys().isdisjoint({"XBTUSD", "account 8"})


def test_status_finds_the_folder_by_itself(data: Path) -> None:
    told = CliRunner().invoke(app, ("status",), env={"OUTCRY_DATA": str(data)})
    assert told.exit_code == 0
    assert "venue" in told.output


def test_of_many_restricted_accounts_the_first_are_shown_and_the_others_counted() -> None:
    world = xbtusd()
    for number in range(60):
        account = world.account(number)
        if number % 20:
            world.send(SetAccountState(account=account, state=AccountState.ACCOUNT_REDUCING))
    shown = restricted(world.engine.tables)
    assert [one.of for one in shown[:2]] == ["account 9", "account 10"]
    assert len(shown) == 51
    assert (shown[-1].of, shown[-1].state) == ("other accounts", "7 more are restricted")
    assert restricted(xbtusd().engine.tables) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("venue", "shut"), "the venue's state 'shut' is none of open, posting"),
        (("venue", "open", "--until", "+5m"), "the engine refused it"),
        (("venue", "posting", "--cause", "expired"), "the cause 'expired' is none of operator"),
        (("venue", "posting", "--until", "soon"), "'soon' is no time"),
        (("venue", "posting", "--until", "2001-01-01T00:00:00Z"), "is over already"),
        (("instrument", "XBTUSD", "uncrossing"), "is none of open, paused"),
        (("instrument", "XBTUSD", "paused", "--next", "open"), "--next needs --until"),
        (("instrument", "NONE", "paused"), "there is no NONE"),
        (("account", "4000", "stopped"), "there is no account 4000"),
        (("account", "3", "stopped"), "the engine refused it"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_status_1(data: Path, words: tuple[str, ...], sentence: str) -> None:
    code, text = run(data, *words)
    assert code == 1
    assert sentence in text
    assert text.count("\n") == 1


def test_without_a_node_it_is_one_sentence(tmp_path: Path) -> None:
    code, text = run(tmp_path, "venue", "open")
    assert (code, text.count("\n")) == (1, 1)
    assert "no node answers" in text


def test_a_second_operator_is_told_so(data: Path) -> None:
    async def one_behind_the_other() -> None:
        socket = Files(data).socket
        with SocketAddress(socket) as address:
            _, first = await asyncio.get_running_loop().create_unix_connection(
                lambda: Connection(lambda *_: None, lambda _: None), address
            )
        first.send(encode_hello(ruling.OPERATOR_ORIGIN, 0))
        with pytest.raises(ruling.Crowded, match="another operator is at it"):
            await ruling.submit(socket, SetVenueState(), b"")
        first.close()
        await ruling.submit(socket, SetVenueState(), b"")

    asyncio.run(one_behind_the_other())
