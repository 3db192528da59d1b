"""What older programs have left: it verifies, and a copy of it is upgraded, trades and verifies."""

import asyncio
import shutil
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from outcry.app import checking, cli, rebuilding, stretches, upgrading
from outcry.app.settings import Files
from outcry.engine import former
from outcry.engine.engine import Engine
from outcry.engine.invariants import breaches
from outcry.journal.errors import JournalDamaged, JournalOutdated, JournalUpgraded
from outcry.journal.files import list_segments
from outcry.journal.frames import Frame, build_frame
from outcry.journal.reading import read_frames, read_genesis
from outcry.journal.segments import Segments
from outcry.journal.upgraded import upgraded_at
from outcry.node.core import NODE_KINDS
from outcry.node.local import LocalLink
from outcry.node.recovery import recover
from outcry.node.replica import Replica, ReplicaDiverged
from outcry.node.snapshots import FORMER, UPGRADED, list_snapshots, read_snapshot
from outcry.node.writer import Writer
from outcry.protocol import wire
from outcry.protocol.layout import RULES_VERSION, CommandKind, Deposit, EventKind, TableNumber, Upgrade
from outcry.protocol.records import FORMAT_VERSION
from tests.engine.worlds import listing
from tests.formats import layouts
from tests.formats.kept import HERE, KEPT, copy_of, expected_of, make
from tests.laws import commands
from tests.node.venues import LINK, SETTINGS

OLD = "format_3"
FORMER_ONES = [name for name in KEPT if expected_of(name).format < FORMAT_VERSION]


def quiet(sequence: int) -> None:
    """Nobody looks."""


def upgrade(data: Path) -> upgrading.Upgraded:
    """Of what is kept here: journals and states, without history."""
    return upgrading.upgrade(data, without_history=True)


def verified(data: Path) -> checking.Checked:
    return checking.verify(data / "journal", quiet)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return copy_of(OLD, tmp_path / "data")


@pytest.fixture
def upgraded(old: Path) -> Path:
    upgrade(old)
    return old


def test_every_version_there_was_is_kept_and_so_is_the_present_one() -> None:
    kept = {(expected_of(name).format, expected_of(name).rules_version) for name in KEPT}
    assert (FORMAT_VERSION, RULES_VERSION) in kept, "keep files of the new version: tests/formats/README.md"
    assert {version for version, _ in kept} == set(range(3, FORMAT_VERSION + 1))
    assert {rules for _, rules in kept} == set(range(1, RULES_VERSION + 1))
    for version in range(3, FORMAT_VERSION):
        assert stretches.layout_of(version) is not None, "write the layout down: tests/formats/layouts.py"


def test_a_layout_is_written_down_as_the_snapshots_of_its_format_have_it() -> None:
    written = former.Former.decode(layouts.written())
    name = next(name for name in KEPT if expected_of(name).format == FORMAT_VERSION)
    genesis = read_genesis(HERE / name / "journal")
    for path in list_snapshots(HERE / name / "snapshots"):
        snapshot = read_snapshot(path, genesis.hash)
        state = former.read(written, snapshot.data)
        engine = Engine.restore(snapshot.data)
        public_root, _, root = engine.roots()
        assert former.roots(state) == (public_root, root)
        assert Engine.restore(former.translate(state)).roots() == engine.roots()


@pytest.mark.parametrize("name", [name for name in KEPT if name not in FORMER_ONES])
def test_a_journal_of_this_format_is_applied_from_its_beginning(name: str, tmp_path: Path) -> None:
    checked, expected = verified(copy_of(name, tmp_path / "data")), expected_of(name)
    assert checked.sound
    assert (checked.sequence, checked.head, checked.root) == (expected.sequence, expected.head, expected.root)
    assert checked.roots_checked == checked.roots_journaled >= 2


@pytest.mark.parametrize("name", FORMER_ONES)
def test_a_journal_of_an_older_format_is_checked_and_its_states_have_their_roots(name: str, tmp_path: Path) -> None:
    data, expected = copy_of(name, tmp_path / "data"), expected_of(name)
    with pytest.raises(
        JournalOutdated, match=f"entries 1 to {expected.sequence} were made by format {expected.format}"
    ):
        verified(data)
    for at, root in ((expected.sequence, expected.root), (expected.rooted, expected.rooted_root)):
        _, snapshot, state = next(stretches.former_states(data / "journal", at))
        assert former.roots(state)[1].hex() == root
        assert snapshot.head.sequence == state.number("venue", "sequence") == at
        assert Engine.restore(former.translate(state)).sequence == at


@pytest.mark.parametrize("name", FORMER_ONES)
def test_an_older_folder_is_not_started_and_not_touched(name: str, tmp_path: Path) -> None:
    data = copy_of(name, tmp_path / "data")
    before = {path.name: path.read_bytes() for path in (data / "journal").iterdir()}
    with pytest.raises(JournalOutdated, match="run `outcry upgrade"):
        recover(data, Engine, 1)
    assert {path.name: path.read_bytes() for path in (data / "journal").iterdir()} == before


@pytest.mark.parametrize("name", FORMER_ONES)
def test_an_upgraded_venue_starts_trades_and_verifies(name: str, tmp_path: Path) -> None:
    data, expected = copy_of(name, tmp_path / "data"), expected_of(name)
    made = upgrade(data)
    assert made.root_before == expected.root
    rules = expected.rules_version, RULES_VERSION
    assert (made.sequence, made.rules_before, made.rules_after) == (expected.sequence + 1, *rules)
    checked = verified(data)
    assert checked.sound
    assert checked.root == made.root_after
    assert checked.stretch is not None
    assert (checked.stretch.last_sequence, checked.stretch.state) == (
        expected.sequence,
        f"{expected.sequence:020d}.former",
    )

    async def trade() -> int:
        start_ns, begun_ns = expected.time_ns + 10**9, time.monotonic_ns()
        clock_ns = lambda: start_ns + time.monotonic_ns() - begun_ns  # noqa: E731
        recovered = recover(data, Engine, start_ns, SETTINGS)
        assert isinstance(recovered.engine, Engine)
        replica = Replica(Engine.restore(recovered.engine.snapshot()), recovered.head)
        writer = Writer(recovered, SETTINGS, clock_ns=clock_ns)
        writer.start()
        try:
            assert writer.engine.tables.venue.rules_version == RULES_VERSION
            link = LocalLink(writer, 7, replica, LINK)
            await link.start()
            for number in range(70):
                record = Deposit(account=8, currency=1, amount_minor=1_000)
                record.outpoint_index = number
                await link.execute(record)
            await link.stop()
            return int(replica.sequence)
        finally:
            await writer.stop()

    last = asyncio.run(trade())
    assert last >= expected.sequence + 70
    again = verified(data)
    assert again.sound
    assert again.sequence >= last
    assert again.begins_after == made.sequence
    assert checking.replay(data / "journal", quiet, from_snapshot=True).root == again.root


@pytest.mark.parametrize("name", FORMER_ONES)
def test_a_state_of_before_is_sound_under_the_rules_of_now(name: str, tmp_path: Path) -> None:
    """CMD-11: places in queues go on behind those there were, everything shows all of itself, and nothing is small."""
    data, expected = copy_of(name, tmp_path / "data"), expected_of(name)
    _, _, state = next(stretches.former_states(data / "journal", expected.sequence))
    former_tables = Engine.restore(former.translate(state)).tables
    upgrading.upgrade(data, without_history=True)
    tables = checking.start(data / "journal")[0].tables
    assert breaches(tables) == []
    assert tables.venue.rules_version == RULES_VERSION
    orders = [(one.order_id, one.priority, one.display_quantity, one.shown_quantity) for one in tables.orders]
    before = [(one.order_id, one.priority, one.display_quantity, one.shown_quantity) for one in former_tables.orders]
    assert orders == before
    assert {display for order_id, _, display, _ in orders if order_id} <= {-1}
    assert max(priority for _, priority, _, _ in orders) <= tables.venue.next_place
    counted = sum(row.orders for row in tables.positions)
    assert counted == sum(order_id != 0 for order_id, *_ in orders) > 0
    assert {account.small_orders for account in tables.accounts} == {0}


def test_policies_are_said_after_the_migration(old: Path) -> None:
    """CMD-11, ADL-03."""
    _, _, state = next(stretches.former_states(old / "journal", expected_of(OLD).sequence))
    before = Engine.restore(former.translate(state)).tables
    upgrade(old)
    after = checking.start(old / "journal")[0].tables
    count = before.pools[TableNumber.INSTRUMENTS_TABLE].high
    pairs = [
        (before.instruments[at].deleverage_policy, after.instruments[at].deleverage_policy)
        for at in range(1, count + 1)
    ]
    assert pairs == [(0, 1), (2, 2), (3, 3), (0, 1), (0, 1), (0, 1), (0, 1)]


def test_an_upgrade_is_made_once(upgraded: Path) -> None:
    with pytest.raises(
        upgrading.CannotUpgrade, match=f"stands at format {FORMAT_VERSION} and rules {RULES_VERSION} already"
    ):
        upgrade(upgraded)


def test_without_a_state_at_the_end_nothing_is_done(old: Path) -> None:
    (old / "snapshots" / f"{expected_of(OLD).sequence:020d}.snapshot").unlink()
    with pytest.raises(upgrading.CannotUpgrade, match="start the venue with the program that it ran with"):
        upgrade(old)
    with pytest.raises(JournalOutdated):
        upgraded_at(old / "journal")


def test_without_history_an_older_format_is_not_upgraded_unless_that_is_said(old: Path) -> None:
    """It could not be made again: nothing of before is applied by this program."""
    before = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    told = CliRunner().invoke(cli.app, ["upgrade", str(old)])
    assert told.exit_code == 1
    assert f"{old / 'history.db'} is not there" in told.output
    assert "--without-history" in told.output
    assert {path: path.read_bytes() for path in before} == before
    told = CliRunner().invoke(cli.app, ["upgrade", str(old), "--without-history"])
    assert told.exit_code == 0, told.output
    assert "upgraded  at sequence 685" in told.output


def test_history_of_an_upgraded_journal_cannot_be_made_from_its_beginning(upgraded: Path) -> None:
    with pytest.raises(JournalUpgraded, match="was upgraded at sequence 685"):
        rebuilding.rebuild(Files(upgraded), quiet)


def test_a_wrong_migration_is_found_where_the_old_state_is_kept(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rightly = former.translate

    def wrongly(state: former.FormerState) -> bytes:
        engine = Engine.restore(rightly(state))
        engine.tables.accounts[9].handle[1] ^= 1
        return engine.snapshot()

    with monkeypatch.context() as patch:
        patch.setattr(former, "translate", wrongly)
        upgrade(old)
    with pytest.raises(JournalDamaged, match="was not migrated as it should have been") as found:
        verified(old)
    assert found.value.sequence == 685


def test_a_state_after_the_upgrade_that_was_changed_is_not_begun_from(upgraded: Path) -> None:
    path = upgraded / "snapshots" / f"{685:020d}{UPGRADED}"
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    with pytest.raises(JournalUpgraded, match=r"685\.upgraded"):
        verified(upgraded)
    with pytest.raises(JournalUpgraded):
        recover(upgraded, Engine, 1)


def test_an_old_part_that_was_changed_is_named(upgraded: Path) -> None:
    path = list_segments(upgraded / "journal")[3].path
    frame = next(frame for frame in read_frames(upgraded / "journal", 640))
    offset = path.read_bytes().find(frame.data)
    with path.open("r+b") as file:
        file.seek(offset + len(frame.data) - 20)
        file.write(b"?")
    with pytest.raises(JournalDamaged) as found:
        verified(upgraded)
    assert found.value.sequence == frame.first_sequence


def test_an_old_state_that_was_changed_is_not_taken_for_the_one_before(upgraded: Path) -> None:
    path = upgraded / "snapshots" / f"{684:020d}{FORMER}"
    path.write_bytes(path.read_bytes()[:-1])
    (upgraded / "snapshots" / f"{684:020d}.snapshot").unlink()
    checked = verified(upgraded)
    assert checked.stretch is not None
    assert not checked.stretch.state


class Killed(BaseException):
    """As much as SIGKILL can be told in one process."""


@pytest.mark.parametrize("where", ["begin_segment", "append", "_roll", "torn", "sync"])
def test_a_kill_on_the_way_leaves_the_old_or_the_new(old: Path, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    append, roll, sync = Segments.append, Segments._roll, Segments.sync

    def killed(*_: object) -> None:
        raise Killed

    def rolled(journal: Segments, first_sequence: int, length: int) -> None:
        roll(journal, first_sequence, length)
        raise Killed

    def torn(journal: Segments, frame: Frame) -> None:
        append(journal, frame)
        with list_segments(journal.folder)[-1].path.open("r+b") as file:
            file.write(frame.data[:90] + bytes(len(frame.data) - 90))
        raise Killed

    def at_sync(journal: Segments) -> None:
        if journal.last_sequence == 685:
            raise Killed
        sync(journal)

    doing = {"_roll": rolled, "torn": torn, "sync": at_sync}.get(where, killed)
    with monkeypatch.context() as patch:
        patch.setattr(Segments, "append" if where == "torn" else where, doing)
        with pytest.raises(Killed):
            upgrade(old)
    if where == "sync":
        # The frame is whole in the file, so it happens to have reached the disk.
        assert verified(old).sound
        return
    with pytest.raises(JournalOutdated):
        recover(old, Engine, 1)
    upgrade(old)
    assert verified(old).sound


@pytest.fixture(scope="module")
def of_rules_1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules") / "data"
    make(folder, 1, 100)
    return folder


@pytest.fixture
def younger(of_rules_1: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(of_rules_1, tmp_path / "data"))


def test_other_rules_in_the_same_format_are_each_replayed_with_their_own(younger: Path) -> None:
    before = verified(younger)
    made = upgrade(younger)
    assert (made.root_before, made.format_before, made.rules_before) == (before.root, FORMAT_VERSION, 1)
    checked = verified(younger)
    assert checked.sound
    assert (checked.begins_after, checked.sequence, checked.root) == (0, before.sequence + 1, made.root_after)
    assert checked.roots_checked == checked.roots_journaled >= 2
    recovered = recover(younger, Engine, 1)
    assert recovered.engine.tables.venue.rules_version == RULES_VERSION
    recovered.journal.close()


@pytest.mark.parametrize("side", ["root_before", "root_after"])
def test_a_root_that_an_upgrade_says_falsely_stops_every_replica(younger: Path, side: str) -> None:
    upgrade(younger)
    *frames, last = read_frames(younger / "journal")
    replica = Replica(Engine(rules_version=1))
    replica.begin(read_genesis(younger / "journal").hash)
    for frame in frames:
        replica.advance(frame)
    entry = wire.entry_of(last.body)
    getattr(entry.record, side)[0] ^= 1
    number, time_ns = entry.head.sequence, entry.head.time_ns
    body = wire.encode_entry(entry.record, sequence=number, time_ns=time_ns, origin_sequence=number)
    header = last.header
    with pytest.raises(ReplicaDiverged, match=f"the state {side.removeprefix('root_')} the upgrade has the root"):
        replica.advance(build_frame(last.first_sequence, 1, body, header.previous_hash, header.events_digest))


def said(engine: Engine, record: object) -> list[int]:
    number = engine.sequence + 1
    entry = wire.encode_entry(record, sequence=number, origin=1, origin_sequence=number, time_ns=10**9)  # type: ignore[arg-type]
    return [event.head.kind for event in wire.events_of(engine.apply(entry))]


@pytest.mark.parametrize(
    ("begun", "asked"), [(1, 1), (1, RULES_VERSION + 1), (RULES_VERSION, RULES_VERSION), (2, 1), (1, 0), (1, -(2**63))]
)
def test_only_newer_rules_that_are_known_are_taken(begun: int, asked: int) -> None:
    """CMD-11."""
    engine = Engine(rules_version=begun)
    assert said(engine, Upgrade(rules_version=asked)) == [EventKind.REFUSED]
    assert engine.tables.venue.rules_version == begun


def test_rules_2_want_the_policy_said() -> None:
    found = []
    for rules in (1, 2):
        engine = Engine(rules_version=rules)
        for record in (commands.currency("XBt", 8), commands.index(".BXBT", 2, 100_000)):
            said(engine, record)
        found.append(said(engine, listing("XBTUSD", deleverage_policy=0)))
    assert found == [[EventKind.LISTED], [EventKind.REFUSED]]


def test_nobody_but_the_tool_journals_an_upgrade() -> None:
    assert CommandKind.UPGRADE in NODE_KINDS
