"""Receipts from a signed journal through the gateway to a client who checks them, and what is refused."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from outcry.client import Unsound
from outcry.client.receipts import FORMER_KINDS, KINDS, Receipt, check_receipt, said_in
from outcry.gateway.door import Proven
from outcry.gateway.routes.receipts import _receipt_row
from outcry.journal import merkle
from outcry.journal.files import compress, list_segments
from outcry.journal.frames import build_frame
from outcry.journal.pruning import prune
from outcry.protocol import layout
from outcry.protocol.kinds import command_shapes
from outcry.protocol.layout import SECTIONS, CommandKind
from outcry.protocol.records import FORMAT_VERSION
from outcry.protocol.wire import leaf_of
from tests.app.signed_venue import SignedVenue
from tests.gateway.venues import Caller


@pytest.fixture
def venue(tmp_path: Path) -> SignedVenue:
    return SignedVenue(tmp_path / "journal")


def entries_of(answer: Any) -> list[int]:
    found: list[int] = []
    for span in answer.headers["outcry-entry"].split(","):
        first, _, last = span.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def said(venue: SignedVenue, caller: Caller, sequence: int) -> Any:
    receipt = venue.receipt(caller, sequence=sequence)
    check_receipt(receipt, venue.signer.public_key)
    return said_in(receipt)


def test_the_clients_kinds_are_the_protocols() -> None:
    for number, (name, public_bytes, private_bytes) in KINDS.items():
        record = layout.COMMAND_CLASSES[number].__name__
        assert CommandKind(number).name == name
        assert SECTIONS[record] == (public_bytes, public_bytes + private_bytes)
    for version, kinds in FORMER_KINDS.items():
        shapes = command_shapes(version)
        for number, (_, public_bytes, private_bytes) in kinds.items():
            assert shapes[number] == (public_bytes + private_bytes, public_bytes, public_bytes + private_bytes)
        changed = {number for number in KINDS if shapes[number] != command_shapes(FORMAT_VERSION)[number]}
        assert changed == set(kinds)
    owned = {
        number
        for number, one in layout.COMMAND_CLASSES.items()
        if {"account", "handle"} & {name for name, *_ in one._fields_}
    }
    assert owned == set(KINDS)
    places = {
        (layout.Place, "side"): 4,
        (layout.Place, "quantity"): 8,
        (layout.Place, "price_ticks"): 16,
        (layout.Place, "client_id"): SECTIONS["Place"][0] + 8,
        (layout.Amend, "client_id"): 16,
        (layout.Amend, "quantity"): 96,
        (layout.Amend, "price_ticks"): 112,
        (layout.Cancel, "client_id"): 16,
    }
    assert {one: getattr(*one).offset for one in places} == places


def test_an_order_its_amendment_and_its_cancel_have_receipts(venue: SignedVenue) -> None:
    placed = venue.alice.ask("POST", "/order", order("Buy", 100, 59_000, clOrdID="mine", text="hello"))
    amended = venue.alice.ask("PUT", "/order", {"origClOrdID": "mine", "orderQty": 200})
    cancelled = venue.alice.ask("DELETE", "/order", {"clOrdID": "mine"})
    first, second, third = (entries_of(one)[0] for one in (placed, amended, cancelled))
    account = venue.alice.account
    assert said(venue, venue.alice, first) == ("PLACE", account, "mine", "Buy", 100, 590_000, "hello")
    assert said(venue, venue.alice, second)[:5] == ("AMEND", account, "mine", None, 200)
    assert said(venue, venue.alice, third)[:3] == ("CANCEL", account, "mine")
    by_name = venue.receipt(venue.alice, client_id="mine")
    by_id = venue.receipt(venue.alice, order_id=placed.json()["orderID"])
    assert by_name == by_id == venue.receipt(venue.alice, sequence=first)


def test_a_refused_order_has_a_receipt_too(venue: SignedVenue) -> None:
    answer = venue.alice.ask("POST", "/order", order("Buy", 10**9, 59_000, clOrdID="too much"))
    assert answer.status_code == 400
    receipt = venue.receipt(venue.alice, client_id="too much")
    assert receipt.sequence == entries_of(answer)[0]
    assert venue.book().keep(receipt, client_id="too much", quantity=10**9, side="Buy") == []
    with pytest.raises(Unsound, match="quantity"):
        venue.book().keep(receipt, quantity=100)


def test_each_of_a_list_and_what_is_no_order_have_receipts(venue: SignedVenue) -> None:
    rows = [order("Buy", 100 * number, 59_000, clOrdID=f"b{number}") for number in (1, 2, 3)]
    answer = venue.alice.ask("POST", "/order/bulk", {"orders": rows})
    numbers = entries_of(answer)
    assert [said(venue, venue.alice, number).client_id for number in numbers] == ["b1", "b2", "b3"]
    leverage = venue.alice.ask("POST", "/position/leverage", {"symbol": "XBTUSD", "leverage": 5})
    assert said(venue, venue.alice, entries_of(leverage)[0]).kind == "SET_LEVERAGE"
    kinds = {
        said_in(venue.receipt(venue.alice, sequence=number)).kind
        for number, entry in enumerate(venue.world.journal, 1)
        if entry[28] in (CommandKind.DEPOSIT, CommandKind.OPEN_ACCOUNT) and is_of(venue, entry, venue.alice)
    }
    assert kinds == {"DEPOSIT", "OPEN_ACCOUNT"}


def test_what_reads_has_no_entry_and_by_origin_it_is_the_same(venue: SignedVenue) -> None:
    assert "outcry-entry" not in venue.alice.ask("GET", "/order").headers
    answer = venue.alice.ask("POST", "/order", order("Buy", 100, 59_000))
    venue.write()
    fate = {"origin": venue.world.origin, "originSequence": venue.world.sent}
    told = venue.alice.ok("GET", "/outcry/v1/receipt", fate)
    assert told["sequence"] == entries_of(answer)[0]


def test_somebody_elses_is_as_if_it_were_not_there(venue: SignedVenue) -> None:
    number = entries_of(venue.alice.ask("POST", "/order", order("Buy", 100, 59_000, clOrdID="mine")))[0]
    venue.write()
    for asked in ({"sequence": number}, {"clOrdID": "mine"}, {"sequence": 10**9}, {"sequence": 1}):
        answer = venue.bob.ask("GET", "/outcry/v1/receipt", asked)
        assert answer.status_code == 404
        assert answer.json()["error"] == {"message": "Not Found", "name": "HTTPError", "code": "RCP-02"}
    assert venue.ask("GET", f"/outcry/v1/receipt?sequence={number}").status_code == 401
    shown = venue.ask("GET", f"/outcry/v1/frame?sequence={number}").json()
    assert shown["header"] == venue.receipt(venue.alice, sequence=number).header
    assert not {"salt", "private", "payload"} & set(shown)


@pytest.mark.parametrize("asked", [{}, {"sequence": 0}, {"sequence": "x"}, {"originSequence": 5}, {"orderID": "x"}])
def test_a_bad_number_is_said(venue: SignedVenue, asked: dict[str, Any]) -> None:
    answer = venue.alice.ask("GET", "/outcry/v1/receipt", asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "RCP-01")


def test_what_is_applied_but_not_in_the_journal_here_is_no_receipt(venue: SignedVenue) -> None:
    number = entries_of(venue.alice.ask("POST", "/order", order("Buy", 100, 59_000)))[0]
    answer = venue.alice.ask("GET", "/outcry/v1/receipt", {"sequence": number})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "RCP-06")
    venue.write()
    venue.world.recent.sequence = number - 1
    # Written, but not yet known to be durable: a crash could undo it.
    assert venue.alice.ask("GET", "/outcry/v1/receipt", {"sequence": number}).status_code == 404


def test_compressed_and_pruned_segments(venue: SignedVenue) -> None:
    numbers = [entries_of(venue.alice.ask("POST", "/order", order("Buy", 100, 59_000)))[0] for _ in range(80)]
    before = [venue.receipt(venue.alice, sequence=number) for number in numbers]
    segments = list_segments(venue.folder)
    assert len(segments) > 3
    for segment in segments[:-1]:
        compress(segment)
    venue.receipts._frames.clear()
    assert [venue.receipt(venue.alice, sequence=number) for number in numbers] == before
    for one in before:
        check_receipt(one, venue.signer.public_key)
    prune(venue.folder, segments[-1].first_sequence)
    venue.receipts._frames.clear()
    answer = venue.alice.ask("GET", "/outcry/v1/receipt", {"sequence": numbers[0]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "RCP-03")
    assert str(segments[-1].first_sequence) in answer.json()["error"]["message"]
    assert venue.receipt(venue.alice, sequence=numbers[-1]) == before[-1]


def test_an_unsigned_journal_and_one_elsewhere_are_said(tmp_path: Path) -> None:
    venue = SignedVenue(tmp_path / "journal", signed=False)
    number = entries_of(venue.alice.ask("POST", "/order", order("Buy", 100, 59_000)))[0]
    for target in (f"/outcry/v1/receipt?sequence={number}", "/outcry/v1/key", f"/outcry/v1/frame?sequence={number}"):
        answer = venue.alice.ask("GET", target)
        assert (answer.status_code, answer.json()["error"]["code"]) == (501, "RCP-04")
    venue.app.venue.receipts = None
    assert venue.alice.ask("GET", "/outcry/v1/key").json()["error"]["code"] == "RCP-05"


def test_a_changed_character_anywhere_fails(venue: SignedVenue) -> None:
    number = five(venue)[2]
    text = msgspec.json.encode(venue.receipt(venue.alice, sequence=number)).decode()
    venue.book().keep(msgspec.json.decode(text, type=Receipt))
    passed = []
    for place, was in enumerate(text):
        changed = text[:place] + ("1" if was != "1" else "2") + text[place + 1 :]
        try:
            check_receipt(msgspec.json.decode(changed, type=Receipt), venue.signer.public_key)
        except (Unsound, msgspec.DecodeError):
            continue
        passed.append(place)
    assert passed == []
    upper = [text[:place] + was.upper() + text[place + 1 :] for place, was in enumerate(text) if was in "abcdef"]
    with_digits = [one for one in upper if '"' + one.split('"')[1] in text]
    assert len(with_digits) > 100
    for one in with_digits:
        with pytest.raises((Unsound, msgspec.ValidationError)):
            check_receipt(msgspec.json.decode(one, type=Receipt), venue.signer.public_key)


@pytest.mark.parametrize(("index", "number"), [(1, -1), (0, -4), (0, 4), (2, 1)])
def test_an_entry_under_another_number_than_its_places_is_no_receipt_though_it_is_signed(
    venue: SignedVenue, index: int, number: int
) -> None:
    """The venue itself numbers an entry falsely: at `index` of a frame of four stands the one of place `number`."""
    first = len(venue.world.journal) + 1
    five(venue)
    entries = venue.world.journal[first - 1 : first + 3]
    entries[index] = (first + number).to_bytes(8, "little") + entries[index][8:]
    leaves = [leaf_of(one) for one in entries]
    frame = build_frame(first, 4, b"".join(entries), bytes(32), bytes(32), venue.signer.sign)
    for claimed in (index, number):
        path = merkle.path(leaves, index)
        proven = Proven(entries[index], claimed, 4, path, frame.data[:128], frame.signature, leaves[index])
        receipt = msgspec.convert(_receipt_row(proven, venue.receipts.key), Receipt)
        with pytest.raises(Unsound):
            check_receipt(receipt, venue.signer.public_key)


def test_fields_that_are_taken_away_or_added_fail(venue: SignedVenue) -> None:
    number = five(venue)[2]
    row = json.loads(msgspec.json.encode(venue.receipt(venue.alice, sequence=number)))
    for changed in [{**row, "more": 1}] + [{k: v for k, v in row.items() if k != name} for name in row]:
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(json.dumps(changed).encode(), type=Receipt)
    for path in (row["path"][:-1], [*row["path"], row["path"][0]]):
        changed_path = msgspec.json.decode(json.dumps({**row, "path": path}).encode(), type=Receipt)
        with pytest.raises(Unsound, match="Merkle"):
            check_receipt(changed_path, venue.signer.public_key)


def five(venue: SignedVenue) -> list[int]:
    return [entries_of(venue.alice.ask("POST", "/order", order("Buy", 100, 59_000, text="t")))[0] for _ in range(5)]


def order(side: str, quantity: int, price: int, **more: Any) -> dict[str, Any]:
    return {"symbol": "XBTUSD", "side": side, "orderQty": quantity, "price": price, **more}


def is_of(venue: SignedVenue, entry: bytes, caller: Caller) -> bool:
    if entry[28] == CommandKind.OPEN_ACCOUNT:
        return entry[56:72] == caller.key.user.handle
    return int.from_bytes(entry[56 + 16 : 56 + 20], "little") == caller.account
