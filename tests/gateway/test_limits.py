"""Token buckets, their headers, and 429s that clients can live with."""

import pytest

from outcry.gateway.answers import Refusal
from outcry.gateway.limits import Limiter, Limits
from tests.gateway.venues import Venue

ORDER = {"symbol": "XBTUSD", "orderQty": 100, "price": 59000}


def test_headers_are_on_every_answer() -> None:
    venue = Venue(Limits())
    first = venue.ask("GET", "/instrument")
    assert (first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-remaining"]) == ("30", "29")
    assert int(first.headers["x-ratelimit-reset"]) >= int(venue.now)
    assert venue.ask("GET", "/nowhere").headers["x-ratelimit-remaining"] == "28"
    assert venue.ask("GET", "/order").headers["x-ratelimit-remaining"] == "27"
    signed = venue.alice.ask("GET", "/order")
    assert (signed.headers["x-ratelimit-limit"], signed.headers["x-ratelimit-remaining"]) == ("120", "119")
    assert "x-ratelimit-remaining-1s" not in signed.headers
    assert venue.alice.ask("POST", "/order", ORDER).headers["x-ratelimit-remaining-1s"] == "9"


def test_a_bad_signature_counts_for_its_address() -> None:
    venue = Venue(Limits(unsigned_per_minute=2))
    headers = {**venue.alice.headers("GET", "/order", b""), "api-signature": "00"}
    assert [venue.ask("GET", "/order", b"", headers).status_code for _ in range(3)] == [401, 401, 429]
    assert venue.alice.ask("GET", "/order").status_code == 200


def test_over_the_limit_and_back() -> None:
    venue = Venue(Limits(unsigned_per_minute=3))
    assert [venue.ask("GET", "/trade").status_code for _ in range(4)] == [200, 200, 200, 429]
    over = venue.ask("GET", "/trade")
    assert over.json()["error"] == {"message": "Rate limit exceeded, retry in 20 seconds.", "name": "RateLimitError"}
    assert over.headers["retry-after"] == "20"
    assert int(over.headers["x-ratelimit-reset"]) == int(venue.now) + 20
    assert over.headers["x-ratelimit-remaining"] == "0"
    venue.now += 20
    assert venue.ask("GET", "/trade").status_code == 200
    assert venue.ask("GET", "/trade").status_code == 429


def test_orders_have_a_layer_of_their_own() -> None:
    venue = Venue(Limits(orders_per_second=2))
    before = venue.world.engine.sequence
    assert [venue.alice.ask("POST", "/order", ORDER).status_code for _ in range(3)] == [200, 200, 429]
    assert venue.world.engine.sequence == before + 2
    over = venue.alice.ask("DELETE", "/order/all")
    assert (over.status_code, over.headers["retry-after"]) == (429, "1")
    assert "x-ratelimit-reset" in over.headers
    assert venue.alice.ask("GET", "/order").status_code == 200
    venue.now += 1
    assert venue.alice.ask("DELETE", "/order/all").status_code == 200


def test_a_key_may_have_its_own_limits() -> None:
    venue = Venue(Limits(signed_per_minute=1, orders_per_second=1))
    maker = venue.member("maker", requests_per_minute=1_000, orders_per_second=100)
    assert {maker.ask("POST", "/order", ORDER).status_code for _ in range(50)} == {200}
    assert maker.ask("GET", "/order").headers["x-ratelimit-limit"] == "1000"
    assert [venue.alice.ask("GET", "/order").status_code for _ in range(2)] == [200, 429]


def test_a_long_list_of_cancels_costs_more() -> None:
    venue = Venue(Limits(signed_per_minute=20, orders_per_second=1_000))
    names = [f"n-{number}" for number in range(95)]
    before = len(venue.exchange.commands)
    answer = venue.alice.ask("DELETE", "/order", {"clOrdID": names})
    assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (200, "10")
    assert len(answer.headers.get_list("x-ratelimit-remaining")) == 1
    assert answer.headers["x-ratelimit-remaining-1s"] == "999"
    assert venue.alice.ask("DELETE", "/order", {"clOrdID": ["x"] * 95}).headers["x-ratelimit-remaining"] == "9"
    sent = len(venue.exchange.commands)
    assert sent == before + 96
    over = venue.alice.ask("DELETE", "/order", {"clOrdID": names})
    assert (over.status_code, over.headers["retry-after"]) == (429, "3")
    assert over.headers.get_list("x-ratelimit-remaining") == ["8"]
    assert len(venue.exchange.commands) == sent
    # A list that costs more than a full bucket holds needs a full bucket.
    venue.now += 60
    answer = venue.alice.ask("DELETE", "/order", {"clOrdID": [f"n-{number}" for number in range(500)]})
    assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (200, "0")


def test_cancels_by_a_filter_cost_as_much() -> None:
    venue = Venue(Limits(signed_per_minute=100, orders_per_second=1_000))
    for step in range(25):
        venue.alice.order("Buy", 100, 59000 - step)
    answer = venue.alice.ask("DELETE", "/order/all", {"filter": {"orderQty": 100}})
    assert len(answer.json()) == 25
    assert answer.headers["x-ratelimit-remaining"] == str(100 - 25 - 3)


def test_made_up_addresses_do_not_push_out_keys() -> None:
    venue = Venue()
    limiter = Limiter(Limits(signed_per_minute=1, buckets_kept=10))
    key = venue.alice.key
    limiter.admit(key, "", is_order=True, now=venue.now)
    for number in range(100):
        limiter.admit(None, f"address {number}", is_order=False, now=venue.now)
    with pytest.raises(Refusal, match="Rate limit exceeded"):
        limiter.admit(key, "", is_order=True, now=venue.now)


def test_a_clock_that_steps_back_gives_nothing() -> None:
    venue = Venue(Limits(unsigned_per_minute=1))
    assert venue.ask("GET", "/trade").status_code == 200
    venue.now -= 3600
    assert venue.ask("GET", "/trade").status_code == 429
    venue.now += 60
    assert venue.ask("GET", "/trade").status_code == 200


def test_an_address_that_is_wrong_too_often_is_shut_out_for_an_hour() -> None:
    venue = Venue(Limits(unsigned_per_minute=10**6, errors_per_minute=3))
    for _ in range(3):
        assert venue.ask("GET", "/nowhere").status_code == 404
        assert venue.ask("GET", "/trade").status_code == 200
    assert venue.ask("GET", "/nowhere").status_code == 404
    answer = venue.ask("GET", "/trade")
    assert (answer.status_code, answer.headers["retry-after"]) == (403, "3600")
    assert "too many of the requests" in answer.json()["error"]["message"]
    assert venue.alice.ask("GET", "/order").status_code == 403
    venue.now += 3_601
    assert venue.ask("GET", "/trade").status_code == 200


def test_nobody_is_shut_out_unless_it_is_asked_for() -> None:
    venue = Venue(Limits(unsigned_per_minute=10**6))
    for _ in range(200):
        assert venue.ask("GET", "/nowhere").status_code == 404
    assert venue.ask("GET", "/trade").status_code == 200
