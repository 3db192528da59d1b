"""A fork is the same engine with the market as it was: the same root there, the same roots for the same commands."""

import asyncio
import contextlib
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from outcry.app import checking, forking, operated
from outcry.app.cli import app
from outcry.app.settings import FORK, Files, Settings, SettingsError
from outcry.engine.engine import Engine
from outcry.feeds.operated import run_operated
from outcry.identity import Identity
from outcry.journal.files import list_segments, segment_path
from outcry.journal.frames import hung_on, sealed, unsigned
from outcry.journal.reading import read_frames, read_genesis
from outcry.node.core import NodeCore, Submission
from outcry.node.recovery import recover
from outcry.node.replica import ReplicaDiverged
from outcry.protocol import wire
from outcry.protocol.layout import CommandKind, ConstituentPrice, EventKind
from tests.app.recorded import record
from tests.node.venues import SETTINGS

LATER_NS = 3 * 24 * 3_600 * 10**9


def outcry(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def ignore(sequence: int) -> None:
    """Nobody looks at the progress."""


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a journal that has everything in it."""
    folder = tmp_path_factory.mktemp("venue")
    record(folder / "journal")
    return folder


class Told:
    """What a journal holds: entries, roots after each of them, and where something happened."""

    def __init__(self, journal: Path) -> None:
        self.entries = [bytes(entry) for frame in read_frames(journal) for entry in wire.entry_slices(frame.body)]
        self.roots = [b""]
        self.waiting: list[int] = []
        self.at: dict[EventKind, list[int]] = {}
        self.ends = [frame.last_sequence for frame in read_frames(journal)]
        engine = Engine()
        for sequence, entry in enumerate(self.entries, 1):
            for event in wire.events_of(engine.apply(entry)):
                self.at.setdefault(EventKind(event.head.kind), []).append(sequence)
            self.roots.append(engine.roots()[2])
            if engine.work_waiting:
                self.waiting.append(sequence)

    def chosen(self) -> dict[str, int]:
        """Places that matter."""
        inside = next(number for number in range(100, len(self.entries)) if number not in self.ends)
        continued = self.at[EventKind.CONTINUED]
        return {
            "the first entry": 1,
            "a due root": 128,
            "inside a frame": inside,
            "work waits": self.waiting[len(self.waiting) // 2],
            "before a continue": continued[len(continued) // 2] - 1,
            "before a funding": self.at[EventKind.FUNDING_FIXED][1] - 1,
            "at a funding": self.at[EventKind.FUNDING_FIXED][1],
            "after a liquidation": self.at[EventKind.TAKEN_OVER][1],
            "after a deleveraging": self.at[EventKind.DELEVERAGED][0],
            "at a pause": self.at[EventKind.RESUMED][0],
            "the last": len(self.entries),
        }


@pytest.fixture(scope="module")
def told(venue: Path) -> Told:
    return Told(venue / "journal")


PLACES = (
    *("the first entry", "a due root", "inside a frame", "work waits", "before a continue", "before a funding"),
    *("at a funding", "after a liquidation", "after a deleveraging", "at a pause", "the last"),
)


@pytest.mark.parametrize("where", PLACES)
def test_a_fork_has_the_root_and_goes_on_to_the_same_roots(venue: Path, told: Told, tmp_path: Path, where: str) -> None:
    at, into = told.chosen()[where], tmp_path / "fork"
    made = forking.fork(Files(venue), into, at, ignore)
    assert made.origin.root == told.roots[at].hex() == checking.replay(venue / "journal", ignore, to=at).root
    checked = checking.verify(into / "journal", ignore)
    assert (checked.sequence, checked.root, checked.sound) == (at, told.roots[at].hex(), True)
    copied = [bytes(entry) for frame in read_frames(into / "journal") for entry in wire.entry_slices(frame.body)]
    assert copied == told.entries[:at]
    recovered = recover(into, Engine, 0, SETTINGS)
    try:
        assert (recovered.snapshot_sequence > 0, recovered.notes) == (True, [])
        engine = recovered.engine
        for sequence, entry in enumerate(told.entries[at:], at + 1):
            engine.apply(entry)
            assert engine.roots()[2] == told.roots[sequence], sequence
    finally:
        recovered.journal.close()


def test_the_frames_before_the_cut_are_the_venues_own(venue: Path, told: Told, tmp_path: Path) -> None:
    at = told.chosen()["inside a frame"]
    made = forking.fork(Files(venue), tmp_path / "fork", at, ignore)
    theirs, ours = list(read_frames(venue / "journal")), list(read_frames(tmp_path / "fork" / "journal"))
    assert [frame.header.merkle_root for frame in ours[:-1]] == [
        frame.header.merkle_root for frame in theirs[: len(ours) - 1]
    ]
    assert ours[-1].last_sequence == at < theirs[len(ours) - 1].last_sequence
    assert made.origin.frame == theirs[len(ours) - 1].hash.hex()


def test_a_fork_starts_with_the_prices_it_was_made_with_and_opens(venue: Path, told: Told, tmp_path: Path) -> None:
    """The node's core on a fork, three days later: a pause, prices as they were, then trading."""
    at = told.chosen()["after a liquidation"]
    forking.fork(Files(venue), tmp_path / "fork", at, ignore)
    recovered = recover(tmp_path / "fork", Engine, 0, SETTINGS)
    recovered.journal.close()
    engine = recovered.engine
    assert isinstance(engine, Engine)
    before = [(row.value_units, row.symbol) for row in engine.tables.indices[1:3]]
    now_ns = engine.time_ns + LATER_NS
    every = read_genesis(tmp_path / "fork" / "journal").roots_due_every
    core = NodeCore(engine, recovered.head, lambda count: bytes(count), root_every=every)
    frames = core.step([], now_ns).append
    kinds = [entry.head.kind for frame in frames for entry in wire.entries_of(frame.body)]
    assert kinds[0] == CommandKind.RESUME
    assert engine.tables.venue.cancel_only == 1
    number = 1_000

    async def feed() -> None:
        stop = asyncio.Event()

        async def submit(price: ConstituentPrice) -> None:
            nonlocal number
            number += 1
            core.step([Submission(9, wire.encode_entry(price, origin=9, origin_sequence=number))], now_ns)
            if not engine.tables.venue.cancel_only:
                stop.set()

        prices, wanted = operated.feed_of_fork(Files(tmp_path / "fork"), engine.tables)
        await asyncio.wait_for(run_operated(prices, wanted, submit, stop), 60)

    asyncio.run(feed())
    assert engine.tables.venue.cancel_only == 0
    assert [row.value_units for row in engine.tables.indices[1:3]] == pytest.approx([one for one, _ in before], rel=0.3)


def test_prices_set_in_a_fork_are_wanted(venue: Path, tmp_path: Path) -> None:
    forking.fork(Files(venue), tmp_path / "fork", 0, ignore)
    recovered = recover(tmp_path / "fork", Engine, 0, SETTINGS)
    recovered.journal.close()
    assert isinstance(recovered.engine, Engine)
    tables = recovered.engine.tables
    files = Files(tmp_path / "fork")
    _, wanted = operated.feed_of_fork(files, tables)
    before = dict(wanted())
    symbol, name = wire.text_of(tables.indices[1].symbol), wire.text_of(tables.constituents[1].name)
    files.prices.write_text(json.dumps({symbol: {name: "77777.5"}}))
    assert wanted()[1, 1] == 77_777.5 * 10 ** tables.indices[1].decimals
    assert {key: units for key, units in wanted().items() if key[0] != 1} == {
        key: units for key, units in before.items() if key[0] != 1
    }


def test_keys_are_made_for_chosen_accounts(venue: Path, tmp_path: Path) -> None:
    into = tmp_path / "fork"
    result = outcry("fork", str(venue), "--at", "200", "--into", str(into), "--account", "9", "--account", "12")
    assert result.exit_code == 0, result.stderr
    assert f"start     outcry up --data {into}" in result.stdout
    line = next(line for line in result.stdout.splitlines() if line.startswith("key       account-12"))
    with contextlib.closing(Identity(into / "identity.db")) as identity:
        key = identity.key(line.split()[2])
        assert key is not None
        assert (key.user.account, key.secret) == (12, line.split()[3])
        recovered = recover(into, Engine, 0, SETTINGS)
        recovered.journal.close()
        assert isinstance(recovered.engine, Engine)
        assert bytes(recovered.engine.tables.accounts[12].handle) == key.user.handle


def test_users_and_keys_can_be_copied(venue: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(venue, tmp_path / "data"))
    with contextlib.closing(Identity(data / "identity.db")) as identity:
        there = identity.add_key(identity.add_user("carol"))
    made = json.loads(outcry("fork", str(data), "--into", str(tmp_path / "fork"), "--with-identity", "--json").stdout)
    assert made["identity"]
    with contextlib.closing(Identity(tmp_path / "fork" / "identity.db")) as identity:
        here = identity.key(there.id)
        assert here is not None
        assert (here.secret, here.user.name) == (there.secret, "carol")


def test_what_cannot_be_is_refused_with_a_sentence_and_leaves_nothing(venue: Path, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "something").write_text("of somebody")
    inside = venue / "journal" / "fork"
    for arguments, words in (
        (("--at", "9999999", "--into", str(tmp_path / "a")), "there is no sequence 9,999,999 in this journal"),
        (("--into", str(full)), "not empty"),
        (("--into", str(inside)), "lies in the journal"),
        (("--into", str(tmp_path / "b"), "--account", "3"), "there was no account 3"),
        (("--into", str(tmp_path / "c"), "--account", "999"), "there was no account 999"),
        (("--into", str(tmp_path / "d"), "--with-identity"), "has no users to copy"),
    ):
        result = outcry("fork", str(venue), *arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        assert words in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full"]
    assert not inside.exists()
    with pytest.raises(SettingsError, match="is no fork"):
        Settings(data=tmp_path, profile=FORK).check()


def test_a_journal_that_does_not_agree_makes_no_fork(venue: Path, tmp_path: Path) -> None:
    journal = Path(shutil.copytree(venue / "journal", tmp_path / "journal"))
    frames = list(read_frames(journal))
    for segment in list_segments(journal):
        segment.path.unlink()
    # The events of the fifth frame are said to be others by the sixth, which begins another chain.
    changed = frames[5].header._replace(events_digest=bytes(32))
    forged = [*frames[:5], sealed(changed, frames[5].body, unsigned)]
    for frame in frames[6:]:
        forged.append(hung_on(frame, forged[-1].hash))
    segment_path(journal, 1).write_bytes(b"".join(frame.data for frame in forged))
    with pytest.raises(ReplicaDiverged, match="events made here differ"):
        forking.fork(Files(tmp_path), tmp_path / "fork", 0, ignore)
    assert not (tmp_path / "fork").exists()
