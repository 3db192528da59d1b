"""Logs are JSON lines with what happened, bounded, and hold no secret; on a terminal they are words."""

import json
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import structlog

from outcry.app import logs
from outcry.app.noting import Noting
from outcry.identity.sealing import FILE_NAME as VENUE_KEY
from outcry.protocol.layout import EventKind
from tests.venue import Venue

FIRST = ["time", "level", "role", "logger", "event"]
SIGNING_KEY = "signing.key"


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_has_its_fields_whichever_library_it_came_by(tmp_path: Path) -> None:
    with logs.keeping("node", tmp_path):
        logging.getLogger("outcry.node").info("the journal stands at %d", 7, extra={"sequence": 7})
        structlog.get_logger("outcry.bots").warning("guest waits", guest="maker", pause_s=2)
        logging.getLogger("outcry.node").debug("not told")
        logging.getLogger("httpx").info("not told")
        structlog.get_logger("outcry.bots").info("not told")
        try:
            raise ValueError("why")
        except ValueError:
            logging.getLogger("asyncio").exception("a task failed")
    told = lines_of(tmp_path / "node.log")
    assert [line["event"] for line in told] == ["the journal stands at 7", "guest waits", "a task failed"]
    assert all(list(line)[: len(FIRST)] == FIRST for line in told)
    assert (told[0]["level"], told[0]["role"], told[0]["logger"]) == ("info", "node", "outcry.node")
    assert told[0]["sequence"] == 7
    assert (told[1]["guest"], told[1]["pause_s"]) == ("maker", 2)
    assert str(told[0]["time"]).endswith("Z")
    assert "ValueError: why" in str(told[2]["exception"])


def test_a_field_named_like_a_secret_is_not_written(tmp_path: Path) -> None:
    with logs.keeping("node", tmp_path):
        fields = {"api_secret": "abc", "signing_key": b"abc", "headers": {"api-signature": "abc"}, "key_id": "shown"}
        logging.getLogger("outcry.node").info("a key was made", extra=fields)
        structlog.get_logger("outcry.bots").warning("a key was made", password="abc")
    text = (tmp_path / "node.log").read_text()
    assert "abc" not in text
    assert text.count(logs.REDACTED) == 4
    assert "shown" in text


def test_a_log_is_bounded_and_the_venue_goes_on_where_it_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES_MAX", 2_000)
    with logs.keeping("node", tmp_path):
        for number in range(200):
            logging.getLogger("outcry.node").info("line", extra={"number": number})
    kept = sorted(tmp_path.iterdir())
    assert [path.name for path in kept] == ["node.log", "node.log.1", "node.log.2", "node.log.3"]
    assert max(path.stat().st_size for path in kept) <= 2_000
    assert lines_of(tmp_path / "node.log")[-1]["number"] == 199
    (tmp_path / "in the way").write_text("")
    with logs.keeping("node", tmp_path / "in the way"):
        logging.getLogger("outcry.node").warning("lost")
    assert capsys.readouterr().err == ""


def test_without_a_folder_warnings_are_words_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    handlers = list(logging.getLogger().handlers)
    logs.set_up()
    try:
        logging.getLogger("outcry.node").warning("the disk of %s is nearly full", "here", extra={"sequence": 7})
        logging.getLogger("outcry.node").info("not told")
    finally:
        for handler in [one for one in logging.getLogger().handlers if one not in handlers]:
            logging.getLogger().removeHandler(handler)
    told = capsys.readouterr().err
    assert "the disk of here is nearly full" in told
    assert "sequence=7" in told
    assert "not told" not in told


def observed(folder: Path, *events: tuple[EventKind, dict[str, object]]) -> list[dict[str, object]]:
    """What the keeper writes of these events, one entry a second each."""
    with logs.keeping("keeper", folder):
        noting = Noting()
        for sequence, (kind, fields) in enumerate(events, 1):
            head = SimpleNamespace(sequence=sequence, time_ns=sequence * 10**9)
            event = SimpleNamespace(kind=kind), SimpleNamespace(**fields)
            noting.observe(cast(Any, SimpleNamespace(head=head)), cast(Any, [event]))
    return lines_of(folder / "keeper.log")


def test_the_keeper_notes_pauses_halts_and_now_and_then_a_root(tmp_path: Path) -> None:
    root = {"at_sequence": 1, "root": bytes(32)}
    told = observed(
        tmp_path,
        (EventKind.RESUMED, {"cancel_only": 1, "paused_ns": 7 * 10**9}),
        (EventKind.RESUMED, {"cancel_only": 0, "paused_ns": 0}),
        *[(EventKind.ROOT_NOTED, root)] * 61,
        (EventKind.HALTED, {"fault": 3, "subject": 1, "found": 12, "expected": 13}),
    )
    assert [line["event"] for line in told] == [
        "the venue resumes after a pause",
        "all indices are fresh again",
        *["a state root stands in the journal"] * 2,
        "the venue has halted",
    ]
    assert (told[0]["sequence"], told[0]["paused_s"]) == (1, 7.0)
    assert (told[-1]["level"], told[-1]["found"], told[-1]["expected"]) == ("error", 12, 13)


@pytest.mark.venue
def test_a_venue_tells_its_life_and_none_of_its_secrets(tmp_path: Path) -> None:
    venue = Venue(tmp_path / "data", ("--profile", "test", "--root-every", "64"))
    venue.start()
    users = venue.users
    assert venue.stop() == 0
    folder = venue.data / "logs"
    told = {role: lines_of(folder / f"{role}.log") for role in ("supervisor", "node", "keeper", "gateway", "guests")}
    for role, lines in told.items():
        assert {line["role"] for line in lines} == {role}
        assert lines[0]["event"] == "started"
    events = {role: [line["event"] for line in lines] for role, lines in told.items()}
    made = [line for line in told["supervisor"] if line["event"] == "a key was made"]
    assert {user.key for user in users} <= {line["key_id"] for line in made}
    assert events["supervisor"][-2:] == ["ready", "stopping"]
    assert any(str(event).startswith("recovered: the journal stands at") for event in events["node"])
    assert "a state root stands in the journal" in events["keeper"]
    assert all(events[role][-1] == "stopped in order" for role in ("node", "keeper", "gateway", "guests"))
    written = b"".join(path.read_bytes() for path in folder.iterdir())
    for user in users:
        assert user.secret.encode() not in written
    for name in (SIGNING_KEY, VENUE_KEY):
        key = (venue.data / name).read_bytes()
        assert key not in written
        assert key.hex().encode() not in written
