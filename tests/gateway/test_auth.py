"""Signatures over the bytes as they came; BitMEX's published vector; who is refused with which words."""

import hashlib
import hmac

import pytest

from outcry.gateway.answers import Refusal
from outcry.gateway.auth import authenticate, signature_of
from tests.gateway.venues import FakeKey, FakePeople, FakeUser, Venue

SECRET = "chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO"
KEY_ID = "LAqUlngMIQkIUjXMUreyu3qn"
SIGNATURE = "c7682d435d0cfe87c16098df34ef2eb5a549d4c5a3c2b1f0f77b8af73423bf00"


def test_the_published_vector() -> None:
    assert signature_of(SECRET.encode(), b"GET", b"/api/v1/instrument", b"1518064236", b"") == SIGNATURE


def test_a_signature_is_the_standard_librarys_hmac() -> None:
    for length in (0, 1, 48, 63, 64, 65, 200):
        secret, body = bytes(range(length)), bytes(length)
        wanted = hmac.new(secret, b"POST/api/v1/order7" + body, hashlib.sha256).hexdigest()
        assert signature_of(secret, b"POST", b"/api/v1/order", b"7", body) == wanted


def test_the_published_vector_through_the_door() -> None:
    people = FakePeople({KEY_ID: FakeKey(KEY_ID, SECRET, FakeUser(1, "reader", bytes(16)))})
    headers = {b"api-key": KEY_ID.encode(), b"api-expires": b"1518064236", b"api-signature": SIGNATURE.encode()}
    key = authenticate(people, headers, b"GET", b"/api/v1/instrument", b"", 1518064236)
    assert key is not None
    assert key.id == KEY_ID
    with pytest.raises(Refusal, match=r"has expired.*Current time: 1518064237"):
        authenticate(people, headers, b"GET", b"/api/v1/instrument", b"", 1518064237.5)


@pytest.mark.parametrize(
    ("verb", "target", "content_type", "body"),
    [
        ("GET", "/order?symbol=XBTUSD&filter=%7B%22open%22%3Atrue%7D", "application/json", b""),
        ("GET", "/order?filter=%7B%22ordStatus.isTerminated%22%3A+false%7D&count=500", "application/json", b""),
        ("GET", "/instrument?filter=%7B%22typ%22:+%22FFWCSX%22%7D", "application/octet-stream", b""),
        ("POST", "/order", "application/json", b'{"symbol": "XBTUSD", "orderQty": 100, "price": 59000}'),
        ("POST", "/order", "application/json", b'{"symbol":"XBTUSD","orderQty":100,"price":59000}'),
        ("POST", "/order", "application/x-www-form-urlencoded", b"symbol=XBTUSD&orderQty=100&price=59000"),
        ("POST", "/order?symbol=XBTUSD&orderQty=100.0&price=59000.0", "application/octet-stream", b""),
    ],
)
def test_every_clients_encoding_is_signed_as_sent(
    venue: Venue, verb: str, target: str, content_type: str, body: bytes
) -> None:
    headers = {**venue.alice.headers(verb, target, body), "content-type": content_type}
    answer = venue.ask(verb, target, body, headers)
    assert answer.status_code == 200, answer.text


def said(venue: Venue, target: str, headers: dict[str, str], verb: str = "GET") -> tuple[int, str]:
    answer = venue.ask(verb, target, b"", headers)
    return answer.status_code, answer.json()["error"]["message"]


@pytest.mark.parametrize("target", ["/order", "/instrument", "/trade", "/nothing"])
def test_a_bad_signature_is_refused_everywhere(venue: Venue, target: str) -> None:
    headers = {**venue.alice.headers("GET", target, b""), "api-signature": "0" * 64}
    assert said(venue, target, headers) == (401, "Signature not valid.")


def test_a_signature_is_of_this_verb_path_and_body(venue: Venue) -> None:
    headers = venue.alice.headers("GET", "/order?count=1", b"")
    assert said(venue, "/order?count=2", headers) == (401, "Signature not valid.")
    assert said(venue, "/order?count=1", headers, "DELETE") == (401, "Signature not valid.")
    answer = venue.ask("POST", "/order", b"{}", venue.alice.headers("POST", "/order", b""))
    assert answer.status_code == 401


def test_who_is_not_known(venue: Venue) -> None:
    headers = {**venue.alice.headers("GET", "/order", b""), "api-key": "nobody"}
    assert said(venue, "/order", headers) == (401, "Invalid API Key.")
    assert said(venue, "/order", {}) == (401, "Authorization Required")
    assert said(venue, "/order", {"api-key": "nobody"})[0] == 401
    assert said(venue, "/order", {"api-key": "nobody", "api-signature": "x", "api-nonce": "1"})[0] == 401


@pytest.mark.parametrize("expires", ["", "soon", "1e12", "-1", "٣" * 10, "9" * 40])
def test_expires_is_a_number(venue: Venue, expires: str) -> None:
    headers: dict[str, str] = {**venue.alice.headers("GET", "/order", b""), "api-expires": expires}
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    with pytest.raises(Refusal) as refused:
        authenticate(venue.people, raw, b"GET", b"/api/v1/order", b"", venue.now)
    assert refused.value.status == 401


def test_expires_may_be_milliseconds_and_has_no_upper_bound(venue: Venue) -> None:
    now = int(venue.now)
    for expires in (now, now + 3600, (now + 5) * 1000, 10**17):
        headers = venue.alice.headers("GET", "/order", b"", expires)
        assert venue.ask("GET", "/order", b"", headers).status_code == 200
    for expires in (now - 1, (now - 5) * 1000):
        headers = venue.alice.headers("GET", "/order", b"", expires)
        assert said(venue, "/order", headers)[1].startswith("This request has expired - `expires` is in the past.")


def test_disabled_keys_and_permissions(venue: Venue) -> None:
    disabled = venue.member("carol", enabled=False)
    assert disabled.refused("GET", "/order") == (403, "This key is disabled.")
    reader = venue.member("dave", permissions=frozenset())
    assert reader.ok("GET", "/order") == []
    order = {"symbol": "XBTUSD", "orderQty": 100, "price": 59000}
    assert reader.refused("POST", "/order", order) == (403, "Access Denied")
    canceller = venue.member("erin", permissions=frozenset({"orderCancel"}))
    assert canceller.ok("DELETE", "/order/all") == []
    assert canceller.refused("PUT", "/order", {"orderID": "x"}) == (403, "Access Denied")


def test_upper_case_digits_are_the_same_signature(venue: Venue) -> None:
    headers = venue.alice.headers("GET", "/order", b"")
    headers["api-signature"] = headers["api-signature"].upper()
    assert venue.ask("GET", "/order", b"", headers).status_code == 200


def test_an_account_is_opened_for_who_has_none(venue: Venue) -> None:
    key = venue.people.add("frank")
    message = f"GET/api/v1/user/margin{int(venue.now) + 9}".encode()
    signature = hmac.new(key.secret.encode(), message, hashlib.sha256).hexdigest()
    headers = {"api-key": key.id, "api-expires": str(int(venue.now) + 9), "api-signature": signature}
    answer = venue.ask("GET", "/user/margin", b"", headers)
    account = answer.json()["account"]
    assert venue.people.accounts == {key.user.id: account}
    assert account not in (venue.alice.account, venue.bob.account)
    assert venue.ask("GET", "/user/margin", b"", headers).json()["account"] == account
    assert len(venue.exchange.commands) == 1
