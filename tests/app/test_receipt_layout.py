"""A stranger's checker, written from docs/api/receipts.md alone: hashlib, struct and an Ed25519 verification."""

import hashlib
import struct
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from typer.testing import CliRunner

from outcry.app.cli import app
from tests.app.signed_venue import SignedVenue

DOCUMENT = Path(__file__).parents[2] / "docs" / "api" / "receipts.md"


def hashed(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def holds(receipt: dict[str, Any], key: bytes) -> bool:
    head, salt, public, private, payload, header, signature = (
        bytes.fromhex(receipt[name]) for name in ("head", "salt", "public", "private", "payload", "header", "signature")
    )
    node = hashed(b"\0", head, public, hashed(salt, private), hashed(salt, payload))
    path = [bytes.fromhex(one) for one in receipt["path"]]
    index, count = receipt["index"], receipt["count"]
    while count > 1:
        if index ^ 1 < count:
            beside = path.pop(0)
            node = hashed(b"\1", node, beside) if index % 2 == 0 else hashed(b"\1", beside, node)
        index, count = index // 2, (count + 1) // 2
    first, entries = struct.unpack_from("<qI", header, 8)
    if path or node != header[92:124] or entries != receipt["count"]:
        return False
    if struct.unpack_from("<q", head)[0] != receipt["sequence"] or first + receipt["index"] != receipt["sequence"]:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, b"outcry frame\0" + hashed(header))
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("per_frame", [1, 2, 3, 7, 8])
def test_what_the_document_says_checks_every_receipt(tmp_path: Path, per_frame: int) -> None:
    venue = SignedVenue(tmp_path / "journal", per_frame=per_frame)
    numbers = [int(post(venue, f"n{number}").headers["outcry-entry"]) for number in range(9)]
    venue.write()
    shown = venue.get("/outcry/v1/key")
    genesis, key = bytes.fromhex(shown["genesis"]), bytes.fromhex(shown["signingKey"])
    assert (genesis[:8], genesis[32:64], hashed(genesis).hex()) == (b"OOgenes\0", key, shown["genesisHash"])
    for number in numbers:
        receipt = venue.alice.ok("GET", "/outcry/v1/receipt", {"sequence": number})
        assert holds(receipt, key)
        other = {**receipt, "salt": hashed(b"").hex()[:32]}
        assert not holds(other, key)
        assert not holds(receipt, bytes(reversed(key)))


def test_the_document_names_every_field_and_every_command_that_it_shows_is_there(tmp_path: Path) -> None:
    venue = SignedVenue(tmp_path / "journal")
    number = int(post(venue, "n").headers["outcry-entry"])
    venue.write()
    receipt = venue.alice.ok("GET", "/outcry/v1/receipt", {"sequence": number})
    text = DOCUMENT.read_text()
    assert [name for name in receipt if f"`{name}`" not in text] == []
    for words in (("get",), ("check",), ("prove",)):
        assert CliRunner().invoke(app, ["receipt", *words, "--help"]).exit_code == 0


def post(venue: SignedVenue, name: str) -> Any:
    order = {"symbol": "XBTUSD", "side": "Buy", "orderQty": 100, "price": 59_000, "clOrdID": name, "text": name}
    return venue.alice.ask("POST", "/order", order)
