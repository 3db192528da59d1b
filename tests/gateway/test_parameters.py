"""One mapping out of query, form and JSON; every spelling of a list; what cannot be read is a 400."""

from decimal import Decimal

import pytest

from outcry.gateway import parameters
from outcry.gateway.answers import Refusal
from outcry.gateway.parameters import BODY_BYTES_MAX, read_parameters
from tests.gateway.venues import Venue

JSON, FORM = b"application/json", b"application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("query", "kind", "body"),
    [
        (b"orderID=a%2Cb", b"", b""),
        (b"orderID=%5B%22a%22%2C%22b%22%5D", b"", b""),
        (b"orderID=a&orderID=b", b"", b""),
        (b"", FORM, b"orderID=%5B%22a%22%2C+%22b%22%5D"),
        (b"", JSON, b'{"orderID":["a","b"]}'),
        (b"", JSON, b'{"orderID":"a,b"}'),
        (b"", JSON + b"; charset=utf-8", b'{"orderID":"[\\"a\\",\\"b\\"]"}'),
    ],
)
def test_spellings_of_a_list(query: bytes, kind: bytes, body: bytes) -> None:
    assert parameters.texts(read_parameters(query, kind, body), "orderID") == ["a", "b"]


def test_query_and_body_are_merged_and_the_body_wins() -> None:
    read = read_parameters(b"a=1&b=2", JSON, b'{"b":3,"c":null}')
    assert read == {"a": "1", "b": 3, "c": None}
    assert parameters.text(read, "c") is None
    assert parameters.text(read_parameters(b"symbol=", b"", b""), "symbol") is None


def test_no_number_passes_through_a_float() -> None:
    read = read_parameters(b"", JSON, b'{"price":60000.10,"other":1e2}')
    assert read["price"] == Decimal("60000.10")
    assert parameters.whole(read, "other", 0, 1000) == 100


@pytest.mark.parametrize("value", ["100", "100.0", " 100 ", "1e2", "+100", "100.", 100, Decimal("1E+2")])
def test_whole_numbers(value: object) -> None:
    assert parameters.whole({"n": value}, "n", 0, 1000) == 100


@pytest.mark.parametrize(
    "value",
    [
        "NaN",
        "Infinity",
        "-inf",
        "0x10",
        "1_000",
        "\u0661\u0660\u0660",
        "",
        "1 0",
        "1e",
        "1e9999",
        "9" * 41,
        True,
        [],
        {},
        "100.5",
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1E+999999"),
        Decimal("0E+999999"),
        Decimal("1E-999999"),
        Decimal("1." + "0" * 80),
        10**80,
    ],
)
def test_what_is_no_whole_number(value: object) -> None:
    if value == "":
        assert parameters.whole({"n": value}, "n", 0, 1000) is None
        return
    with pytest.raises(Refusal, match="Invalid n"):
        parameters.whole({"n": value}, "n", 0, 1000)


@pytest.mark.parametrize(
    ("word", "meant"), [(True, True), ("true", True), ("False", False), ("0", False), (None, None)]
)
def test_switches(word: object, meant: bool | None) -> None:
    assert parameters.switch({"s": word}, "s") is meant


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"[1]", b"null", b'"text"', b"{'a':1}", b'{"a":NaN}', b'{"a":Infinity}', b"\xff\xfe", b'{"a":1}{"b":2}',
        b"[" * 100_000 + b"]" * 100_000, b'{"a":' + b"9" * 5_000 + b"}", b'{"a":"\\ud800"}',
    ],
)  # fmt: skip
def test_broken_json(venue: Venue, body: bytes) -> None:
    before = venue.state
    status, message = venue.alice.refused("POST", "/order", raw=body)
    assert status == 400
    assert "JSON" in message
    assert venue.state == before


@pytest.mark.parametrize("query", ["a=%ff", "&".join(f"k{n}=1" for n in range(2_000))])
def test_broken_queries(venue: Venue, query: str) -> None:
    answer = venue.ask("GET", f"/trade?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["name"] == "HTTPError"


def test_oversized_bodies(venue: Venue) -> None:
    before = venue.state
    body = b'{"text":"' + b"x" * BODY_BYTES_MAX + b'"}'
    status, message = venue.alice.refused("POST", "/order", raw=body)
    assert status == 413
    assert str(BODY_BYTES_MAX) in message
    # An announced length is believed, and one that lies low is found out.
    assert venue.ask("POST", "/order", b"", {"content-length": "999999999"}).status_code == 413
    assert venue.state == before


@pytest.mark.parametrize("filter_text", ["{", "[]", "1", '{"a":}', '{"nothing":1}'])
def test_broken_filters(venue: Venue, filter_text: str) -> None:
    venue.alice.order("Buy", 100, 59000)
    status, message = venue.alice.refused("GET", "/order", {"filter": filter_text})
    assert status == 400
    assert message.startswith("Invalid filter")
