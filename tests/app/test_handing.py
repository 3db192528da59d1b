"""The journal over HTTP: who may have it, in which pieces, and an audit of a venue from outside it."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from outcry.app import auditing
from outcry.app.cli import app
from outcry.app.handing import CannotFetch, Fetched, JournalPieces
from outcry.client import Credentials
from outcry.gateway.door import JournalGone
from outcry.journal.errors import JournalDamaged, JournalPruned
from outcry.journal.files import GENESIS_NAME, list_segments
from outcry.journal.frames import HEADER_BYTES, Genesis, Head, build_frame
from outcry.journal.segments import Segments
from outcry.journal.signing import new_signer
from outcry.protocol import wire
from outcry.protocol.layout import RULES_VERSION
from tests.gateway.venues import Caller, FakeKey, Venue

AUDIT = frozenset({"audit"})


def written(venue: Venue, folder: Path) -> Path:
    """What the venue did so far as a signed journal, three entries a frame."""
    signer, world = new_signer(folder), venue.world
    genesis = Genesis(RULES_VERSION, 1, signing_key=signer.public_key)
    journal, head = Segments.open(folder / "journal", genesis), Head.at_genesis(genesis.hash)
    engine = type(world.engine)()
    for at in range(0, len(world.journal), 3):
        entries = world.journal[at : at + 3]
        body = b"".join(entries)
        frame = build_frame(at + 1, len(entries), body, head.frame_hash, head.events_digest, signer.sign)
        head = Head(frame.last_sequence, frame.hash, wire.events_digest(engine.apply(body)))
        journal.append(frame)
    journal.sync()
    journal.close()
    return folder / "journal"


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    made = Venue()
    made.alice.order("Buy", 100, 60_000)
    made.bob.order("Sell", 100, 60_000)
    made.app.venue.journal = JournalPieces(written(made, tmp_path), piece_bytes=2_000)
    return made


@pytest.fixture
def auditor(venue: Venue) -> FakeKey:
    return venue.people.add("auditor", permissions=AUDIT)


def over(venue: Venue, spoil: bytes = b"") -> httpx.MockTransport:
    """The venue behind HTTP; a stretch of bytes in its answers may be changed on the way."""

    def handle(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        answer = asyncio.run(venue.send(request.method, target, request.content, dict(request.headers)))
        body = answer.content.replace(spoil, bytes(len(spoil))) if spoil else answer.content
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return httpx.Response(answer.status_code, content=body, headers=headers)

    return httpx.MockTransport(handle)


def fetched(venue: Venue, key: FakeKey, spoil: bytes = b"") -> Fetched:
    return Fetched(
        "http://venue.test", Credentials(key.id, key.secret), over(venue, spoil), lambda: venue.now, lambda wait: None
    )


def test_a_stranger_with_the_permission_audits_the_venue(venue: Venue, auditor: FakeKey) -> None:
    before = venue.state
    source = fetched(venue, auditor)
    frames = list(source.frames())
    assert frames[-1].last_sequence == venue.world.engine.sequence
    audited = auditing.audit_frames(source.genesis, frames, lambda sequence: None)
    assert audited.sound, audited.breach
    assert (audited.sequence, audited.accounts > 0) == (venue.world.engine.sequence, True)
    # Nothing was done for it: the auditor has no account.
    assert venue.state == before


def test_nobody_else_gets_a_byte(venue: Venue) -> None:
    for who in (venue.alice, Caller(venue, venue.people.add("reader", permissions=frozenset()), 0)):
        assert who.refused("GET", "/outcry/v1/journal?from=0") == (403, "Access Denied")
    answer = venue.ask("GET", "/outcry/v1/journal?from=0")
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, "Authorization Required")
    with pytest.raises(CannotFetch, match=r"answers 403.*permission `audit`"):
        fetched(venue, venue.alice.key)


def test_an_audit_key_does_nothing_else(venue: Venue) -> None:
    who = venue.member("auditor", permissions=AUDIT)
    assert who.refused("POST", "/order", {"symbol": "XBTUSD", "orderQty": 100, "price": 1}) == (403, "Access Denied")


def test_pieces_are_whole_frames_and_go_on_where_they_ended(venue: Venue, auditor: FakeKey) -> None:
    who, at, pieces = Caller(venue, auditor, 0), 1, 0
    while True:
        answer = who.ask("GET", f"/outcry/v1/journal?from={at}")
        assert answer.status_code == 200
        following = int(answer.headers["outcry-next-sequence"])
        if not answer.content:
            break
        assert len(answer.content) < 4_000
        assert following > at
        at, pieces = following, pieces + 1
    assert pieces >= 2
    assert (following, at) == (venue.world.engine.sequence + 1, following)


def test_nothing_is_handed_out_that_is_not_applied_here(venue: Venue) -> None:
    assert venue.app.venue.journal is not None
    data, following = venue.app.venue.journal.piece(1, 7)
    assert (len(data) > 0, following) == (True, 7)


def test_a_byte_changed_on_the_way_is_named(venue: Venue, auditor: FakeKey) -> None:
    signature = list(fetched(venue, auditor).frames())[2].signature[:16]
    with pytest.raises(JournalDamaged, match="the frame of sequence 7"):
        list(fetched(venue, auditor, signature).frames())


def test_a_pruned_journal_says_where_it_begins(venue: Venue, auditor: FakeKey, monkeypatch: pytest.MonkeyPatch) -> None:
    class Pruned(JournalPieces):
        def piece(self, first_sequence: int, last_sequence: int) -> tuple[bytes, int]:
            if 0 < first_sequence < 10:
                raise JournalGone(10)
            return super().piece(first_sequence, last_sequence)

    venue.app.venue.journal = Pruned(venue.app.venue.journal._folder)  # type: ignore[union-attr]
    answer = Caller(venue, auditor, 0).ask("GET", "/outcry/v1/journal?from=3")
    assert (answer.status_code, answer.json()["error"]["firstSequence"]) == (410, 10)
    with pytest.raises(JournalPruned):
        list(fetched(venue, auditor).frames())


def test_a_journal_that_cannot_be_read_is_503_and_the_operator_alone_hears_why(
    venue: Venue, auditor: FakeKey, caplog: pytest.LogCaptureFixture
) -> None:
    assert isinstance(venue.app.venue.journal, JournalPieces)
    folder, who = venue.app.venue.journal._folder, Caller(venue, auditor, 0)
    (segment,) = list_segments(folder)
    first, second = list(fetched(venue, auditor).frames())[:2]
    unreadable = (503, "Service unavailable: the journal cannot be read here at this entry.")
    # A byte of the second frame: the first is handed out, and what follows is refused.
    spoilt = bytearray(segment.path.read_bytes())
    spoilt[len(first.data) + HEADER_BYTES + 8] ^= 1
    segment.path.write_bytes(spoilt)
    answer = who.ask("GET", "/outcry/v1/journal?from=1")
    assert (answer.status_code, answer.content) == (200, first.data)
    assert answer.headers["outcry-next-sequence"] == str(second.first_sequence)
    assert who.refused("GET", f"/outcry/v1/journal?from={second.first_sequence}") == unreadable
    assert f"the journal in {folder} cannot be handed out from sequence {second.first_sequence}: " in caplog.text
    # A disk that does not answer.
    segment.path.unlink()
    segment.path.mkdir()
    assert who.refused("GET", "/outcry/v1/journal?from=1") == unreadable
    assert who.ask("GET", "/outcry/v1/journal?from=0").status_code == 200
    (folder / GENESIS_NAME).write_bytes(b"short")
    assert who.refused("GET", "/outcry/v1/journal?from=0") == unreadable


@pytest.fixture
def over_http(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's client asks this venue."""
    make = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **given: make(**{**given, "transport": over(venue)}))
    monkeypatch.setattr(time, "time", lambda: venue.now)


def test_the_command_takes_a_url(over_http: None, auditor: FakeKey, venue: Venue) -> None:
    told = CliRunner().invoke(app, ["audit", "http://venue.test", "--key", auditor.id, "--secret", auditor.secret])
    assert told.exit_code == 0, told.output
    assert "verdict   sound" in told.stdout
    refused = CliRunner().invoke(app, ["audit", "http://venue.test", "--key", "nobody", "--secret", "x"])
    assert refused.exit_code == 1
    assert "outcry: http://venue.test answers 401" in refused.output
