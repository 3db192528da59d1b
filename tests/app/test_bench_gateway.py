"""`outcry bench gateway`: it runs, refuses to lie about refused orders, and sends what it says."""

import random
import subprocess
import sys
from typing import Any

import msgspec
import pytest

from outcry.app.bench import gateway, load
from outcry.client.signing import Credentials, signed_headers
from tests.venue import outcry

PLAN = load.Plan("127.0.0.1", 1, [], 1.0, 1, 0, "XBTUSD", 60_000.0, 0.1, 100, 7)


def test_requests_are_signed_as_a_client_signs() -> None:
    signer = load.Signer("key", "secret")
    for orders, path in ((1, b"/api/v1/order"), (3, b"/api/v1/order/bulk")):
        plan = msgspec.structs.replace(PLAN, orders_per_request=orders)
        head, _, body = load.request_of(plan, signer, random.Random(1)).partition(b"\r\n\r\n")
        sent = dict(line.split(": ") for line in head.decode().split("\r\n")[1:])
        wanted = signed_headers(Credentials("key", "secret"), "POST", path, int(load.EXPIRES), body)
        assert sent["api-signature"] == wanted["api-signature"]
        assert int(sent["content-length"]) == len(body)
        found = msgspec.json.decode(body)
        assert len(found["orders"]) == 3 if orders > 1 else found["symbol"] == "XBTUSD"


def test_a_small_run_has_every_row_with_its_budget() -> None:
    run = outcry("bench", "gateway", "--small", "--json")
    assert run.returncode == 0, run.stderr
    told = msgspec.json.decode(run.stdout)
    rows = {row["name"]: row for row in told["rows"]}
    assert len(rows) == 15
    assert all(row["figure"] >= 0 for row in rows.values())
    assert rows["lists of 10, 4 clients"]["budget"] == ">= 20,000"
    assert (rows["single, gateway CPU"]["unit"], rows["single, gateway CPU"]["budget"]) == ("us/order", "<= 120")
    assert rows["single, 4 clients"]["figure"] > 0
    assert told["commands"] > 100


def test_refused_orders_are_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    result = load.Result(10, 3, "HTTP/1.1 400 Bad Request", 1.0, 0.1, 1.0, 2.0, 3.0)
    script = f"import sys; sys.stdin.read(); print({msgspec.json.encode(result).decode()!r})"
    command = subprocess.run

    def answers(arguments: list[str], **more: Any) -> Any:
        return command([sys.executable, "-c", script], **more)

    monkeypatch.setattr(subprocess, "run", answers)
    venue = gateway.Running(None, "127.0.0.1", 1, 1, 1)  # type: ignore[arg-type]
    monkeypatch.setattr(gateway, "cpu_seconds", lambda process: 0.0)
    with pytest.raises(gateway.BenchFailed, match="3 of 10 requests were refused"):
        gateway.carry_out(PLAN, venue)
