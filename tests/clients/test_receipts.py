"""Receipts of a venue in its four processes: got, kept over kill -9 and a restart, and found in its journal."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from outcry.app.cli import app
from outcry.client import BadRequest, Credentials, ReceiptBook, VenueClient
from outcry.client.receipts import said_in
from tests.venue import Venue

pytestmark = pytest.mark.venue


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    """A venue of its own, because it is killed."""
    running = Venue(tmp_path / "data", ["--seed", "5"])
    running.start()
    yield running
    running.kill()


def test_receipts_stay_true_over_a_kill_and_stand_in_the_journal(venue: Venue, tmp_path: Path) -> None:
    user = venue.users[0]
    signed = ("--key", user.key, "--secret", user.secret, "--url", venue.url)
    asyncio.run(trade(venue, Credentials(user.key, user.secret)))
    book = tmp_path / "receipts.jsonl"
    for name in ("kept", "refused"):
        told = outcry("receipt", "get", *signed, "--client-id", name, "--book", str(book))
        assert (told.exit_code, f"client_id {name}" in told.stdout) == (0, True), told.output
    before = book.read_bytes()
    venue.kill()
    venue.start()
    sequences = [str(one.sequence) for one in ReceiptBook.open(book).all()]
    again = outcry("receipt", "get", *signed, *sequences, "--book", str(book))
    assert (again.exit_code, book.read_bytes()) == (0, before), again.output
    for journal in (str(venue.data), venue.url):
        told = outcry("receipt", "check", str(book), "--journal", journal)
        assert (told.exit_code, "in order: 2 receipts" in told.stdout) == (0, True), told.output
    stranger = venue.users[1]
    other = ("--key", stranger.key, "--secret", stranger.secret, "--url", venue.url)
    refused = outcry("receipt", "get", *other, sequences[0], "--book", str(tmp_path / "other"))
    assert (refused.exit_code, "knows no entry" in refused.stderr) == (1, True), refused.stdout
    empty = outcry("receipt", "get", *signed)
    assert empty.exit_code == 1


def outcry(*words: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, list(words))


async def trade(venue: Venue, credentials: Credentials) -> None:
    async with VenueClient(venue.url, credentials) as client:
        await client.place(
            "XBTUSD", "Buy", 100, price=Decimal(30_000), client_id="kept", instructions=["ParticipateDoNotInitiate"]
        )
        with pytest.raises(BadRequest):
            await client.place("XBTUSD", "Buy", 10**9, price=Decimal(30_000), client_id="refused")
        receipt = await client.receipt(client_id="refused")
        assert said_in(receipt).quantity == 10**9
