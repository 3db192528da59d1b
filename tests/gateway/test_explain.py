"""`/outcry/v1/explain/...`: what everybody may ask, what only the owner may, and what there is nothing to say of."""

from typing import Any
from urllib.parse import urlencode

import pytest

from outcry.protocol.layout import EventKind
from tests.gateway.venues import Caller, Venue

BASE = "/outcry/v1/explain"


def asked(venue: Venue, who: Caller | None, what: str, **parameters: Any) -> tuple[int, Any]:
    target = f"{BASE}/{what}" + (f"?{urlencode(parameters)}" if parameters else "")
    answer = venue.ask("GET", target) if who is None else who.ask("GET", target)
    return answer.status_code, answer.json()


def term(told: dict[str, Any], name: str) -> Any:
    return next(one["value"] for one in told["terms"] if one["name"] == name)


def test_marks_and_indices_are_public(venue: Venue) -> None:
    status, mark = asked(venue, None, "mark", symbol="XBTUSD")
    assert status == 200
    assert term(mark, "mark_subticks") == venue.world.engine.tables.instruments[1].mark_subticks
    status, index = asked(venue, None, "index", symbol=".bxbt")
    assert (status, index["title"]) == (200, ".BXBT")
    assert asked(venue, None, "index", symbol="XBTUSD") == (status, index)


def test_a_margin_is_its_owners(venue: Venue) -> None:
    assert asked(venue, None, "margin")[0] == 401
    status, told = asked(venue, venue.alice, "margin", currency="XBt")
    assert (status, len(told)) == (200, 1)
    assert term(told[0], "available_minor") == venue.alice.ok("GET", "/user/margin")["availableMargin"]
    assert all(check["holds"] for check in told[0]["checks"])
    assert [one["title"].split()[-1] for one in asked(venue, venue.alice, "margin")[1]] == ["XBt", "USDt"]


@pytest.mark.parametrize(
    ("what", "parameters", "status", "words"),
    [
        ("mark", {}, 400, "'symbol' is a required arg."),
        ("mark", {"symbol": "NOSUCH"}, 400, "symbol is invalid"),
        ("index", {"symbol": "NOSUCH"}, 400, "symbol is invalid"),
        ("margin", {"currency": "EUR"}, 400, "Invalid currency"),
        ("funding", {"symbol": "XBTUSD", "epoch": "7"}, 404, "XBTUSD has had no funding yet"),
        ("liquidation", {}, 404, "no liquidation of account"),
        ("liquidation", {"id": "-1"}, 400, "id"),
        ("deleveraging", {"sequence": "5"}, 404, "no such deleveraging"),
        ("nothing", {}, 404, "Not Found"),
    ],
)
def test_what_cannot_be_told(venue: Venue, what: str, parameters: dict[str, str], status: int, words: str) -> None:
    found, told = asked(venue, venue.alice, what, **parameters)
    assert found == status
    assert words in told["error"]["message"]


def test_events_of_others_are_not_told(venue: Venue) -> None:
    assert venue.world.recent.reasons.of_account(venue.bob.account, EventKind.LIQUIDATION_STEP) == []
    assert asked(venue, None, "liquidation")[0] == 401
