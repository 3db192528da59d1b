"""Reads that want to have seen an entry, and HEAD."""

import asyncio
from typing import Any

import pytest

from outcry.gateway import app
from outcry.gateway.noting import spans
from tests.gateway.venues import Venue


def test_every_answer_says_how_far_it_has_seen(venue: Venue) -> None:
    answer = venue.alice.ask("POST", "/order", {"symbol": "XBTUSD", "orderQty": 100, "price": 59_000})
    assert int(answer.headers["outcry-sequence"]) == venue.world.engine.sequence
    assert int(venue.ask("GET", "/instrument").headers["outcry-sequence"]) == venue.world.engine.sequence


def test_a_read_of_what_is_seen_answers_at_once(venue: Venue) -> None:
    here = venue.world.engine.sequence
    for number in (0, here, str(here)):
        assert venue.alice.ok("GET", "/order", {"min_sequence": number}) == []
    for wrong in ("x", -1, 1.5, 2**70):
        assert venue.alice.refused("GET", "/order", {"min_sequence": wrong}) == (400, "Invalid min_sequence")


def test_a_read_waits_for_the_entry_it_names(venue: Venue) -> None:
    wanted = venue.world.engine.sequence + 1

    async def both() -> Any:
        target = f"/trade?min_sequence={wanted}"
        reading = asyncio.ensure_future(venue.send("GET", target, b"", {}))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not reading.done()
        venue.world.deposit(venue.alice.account, 5, 1)
        return await reading

    answer = asyncio.run(both())
    assert answer.status_code == 200
    assert int(answer.headers["outcry-sequence"]) == wanted


def test_a_read_that_waits_in_vain_says_where_it_stands(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "REACH_SECONDS", 0.01)
    here = venue.world.engine.sequence
    answer = venue.ask("GET", f"/instrument?min_sequence={here + 5}")
    error = answer.json()["error"]
    assert (answer.status_code, error["sequence"]) == (503, here)
    assert str(here) in error["message"]


@pytest.mark.parametrize("path", ["/instrument", "/order", "", "/nowhere", "/order/bulk"])
def test_head_is_get_without_a_body(venue: Venue, path: str) -> None:
    venue.alice.order("Buy", 100, 59_000)
    get, head = (
        venue.ask(verb, path, b"", venue.alice.headers(verb, path, b"")) for verb in ("GET", "HEAD")
    )  # fmt: skip
    assert head.content == b""
    assert (head.status_code, head.headers["content-length"]) == (get.status_code, get.headers["content-length"])
    assert int(head.headers["content-length"]) > 0


def test_head_is_signed_as_head(venue: Venue) -> None:
    assert venue.ask("HEAD", "/order", b"", venue.alice.headers("GET", "/order", b"")).status_code == 401


def test_numbers_of_entries_are_written_as_spans() -> None:
    assert [spans(one) for one in ([], [7], [7, 8, 9], [9, 7, 8, 12, 14, 15])] == [b"", b"7", b"7-9", b"7-9,12,14-15"]


def test_an_answer_names_the_entries_of_its_own_commands(venue: Venue) -> None:
    order = {"symbol": "XBTUSD", "side": "Buy", "orderQty": 100, "price": 59_000, "clOrdID": "a"}
    here = venue.world.engine.sequence
    assert venue.alice.ask("POST", "/order", order).headers["outcry-entry"] == str(here + 1)
    refused = venue.alice.ask("POST", "/order", order)
    assert (refused.status_code, refused.headers["outcry-entry"]) == (400, str(here + 2))
    rows = [{**order, "clOrdID": name} for name in ("b", "a", "c")]
    listed = venue.alice.ask("POST", "/order/bulk", {"orders": rows})
    assert listed.headers["outcry-entry"] == f"{here + 3}-{here + 5}"
    assert "outcry-entry" not in venue.alice.ask("POST", "/order", {"symbol": "nothing"}).headers
    assert "outcry-entry" not in venue.alice.ask("GET", "/order").headers
