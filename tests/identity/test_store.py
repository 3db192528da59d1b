"""Users and keys: what is kept, what is sealed, what another process sees, what is refused."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from outcry.identity import Identity, IdentityError, NameInvalid, NameTaken, UserUnknown, migrations
from outcry.identity.people import FileUnusable
from outcry.identity.store import LOOK_SECONDS, SUBACCOUNTS_MAX
from outcry.identity.tables import METADATA


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "identity.db"


@pytest.fixture
def identity(path: Path) -> Iterator[Identity]:
    opened = Identity(path)
    yield opened
    opened.close()


def test_a_user_and_a_key_are_there_after_opening_again(path: Path, identity: Identity) -> None:
    user = identity.add_user("alice")
    key = identity.add_key(user, "laptop", ["order"], requests_per_minute=600, orders_per_second=20)
    again = Identity(path)
    assert again.users() == [user]
    assert again.key(key.id) == key
    assert key.permissions == {"order"}
    assert (key.requests_per_minute, key.orders_per_second, key.enabled) == (600, 20, True)
    assert len(user.handle) == 16
    assert (len(key.id), len(key.secret)) == (24, 48)
    again.close()


def test_an_id_is_no_option_of_a_command_line(identity: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(("-dashed", "-again", "plain", "secret"))
    monkeypatch.setattr("outcry.identity.store.secrets.token_urlsafe", lambda _: next(drawn))
    assert identity.add_key(identity.add_user("alice")).id == "plain"


def test_the_secret_is_in_no_file_and_in_no_repr(path: Path, identity: Identity) -> None:
    key = identity.add_key(identity.add_user("alice"))
    identity.close()
    for file in path.parent.iterdir():
        assert key.secret.encode() not in file.read_bytes()
    assert key.secret not in repr(key)


def test_another_connections_key_is_seen_at_once_and_its_end_soon(path: Path, identity: Identity) -> None:
    clock = Clock()
    running = Identity(path, clock)
    key = identity.add_key(identity.add_user("alice"))
    assert running.key(key.id) == key
    identity.set_enabled(key.id, False)
    clock.now += LOOK_SECONDS
    seen = running.key(key.id)
    assert seen is not None
    assert not seen.enabled
    running.close()


def test_an_account_is_noted_for_user_and_keys(path: Path, identity: Identity) -> None:
    user = identity.add_user("alice")
    key = identity.add_key(user)
    identity.set_account(user, 8)
    assert identity.user("alice").account == 8
    seen = identity.key(key.id)
    assert seen is not None
    assert seen.user.account == 8


def test_an_account_noted_of_a_lost_journal_is_replaced(identity: Identity) -> None:
    alice, bob = identity.add_user("alice"), identity.add_user("bob")
    identity.set_account(alice, 8)
    identity.set_account(bob, 8)
    assert (identity.user("alice").account, identity.user("bob").account) == (None, 8)
    identity.set_account(alice, 9)
    assert (identity.user("alice").account, identity.user("bob").account) == (9, 8)


def test_keys_of_one_user_only_oldest_first(identity: Identity) -> None:
    alice, bob = identity.add_user("alice"), identity.add_user("bob")
    mine = [identity.add_key(alice, str(number)) for number in range(3)]
    identity.add_key(bob)
    assert identity.keys(alice) == mine


def test_refusals_change_nothing(identity: Identity) -> None:
    user = identity.add_user("alice")
    with pytest.raises(NameTaken, match="already"):
        identity.add_user("alice")
    for name in ("", " alice", "a\nb", "x" * 65):
        with pytest.raises(NameInvalid):
            identity.add_user(name)
    with pytest.raises(UserUnknown):
        identity.user("nobody")
    with pytest.raises(IdentityError, match="permission 'everything'"):
        identity.add_key(user, permissions=["everything"])
    with pytest.raises(IdentityError, match="positive"):
        identity.add_key(user, requests_per_minute=0)
    with pytest.raises(IdentityError, match="no key"):
        identity.set_enabled("unknown", False)
    assert identity.key("unknown") is None
    assert identity.users() == [user]
    assert identity.keys(user) == []


def test_another_venues_key_file_opens_nothing(path: Path, identity: Identity) -> None:
    key = identity.add_key(identity.add_user("alice"))
    identity.close()
    (path.parent / "venue.key").write_bytes(bytes(32))
    other = Identity(path)
    with pytest.raises(FileUnusable, match="one backup"):
        other.key(key.id)
    other.close()


def test_a_sealed_secret_cannot_be_moved_to_another_key(path: Path, identity: Identity) -> None:
    user = identity.add_user("alice")
    first, second = identity.add_key(user), identity.add_key(user)
    with sqlite3.connect(path) as database:
        database.execute(
            "update api_keys set secret_sealed = (select secret_sealed from api_keys where id = ?) where id = ?",
            (first.id, second.id),
        )
    with pytest.raises(FileUnusable):
        Identity(path).key(second.id)


def test_a_file_that_is_no_database_is_refused_with_a_sentence(path: Path) -> None:
    path.write_bytes(b"nonsense" * 1000)
    with pytest.raises(FileUnusable, match="restore it from the backup"):
        Identity(path)


def test_the_migrations_make_the_tables_and_the_head_is_known(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'new.db'}")
    migrations.migrate(engine, tmp_path / "new.db")
    found = inspect(engine)
    for table in METADATA.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_a_user_has_further_accounts(path: Path, identity: Identity) -> None:
    alice, bob = identity.add_user("alice"), identity.add_user("bob")
    hedge = identity.add_subaccount(alice, "alice-hedge")
    assert (hedge.owner, alice.owner) == (alice.id, None)
    assert hedge.handle != alice.handle
    assert identity.accounts_of(alice) == identity.accounts_of(hedge) == [alice, hedge]
    assert identity.accounts_of(bob) == [bob]
    assert identity.add_key(hedge).user == hedge
    assert identity.keys(alice) == []
    with pytest.raises(NameTaken):
        identity.add_subaccount(bob, "alice-hedge")
    with pytest.raises(IdentityError, match="name its owner, 'alice'"):
        identity.add_subaccount(hedge, "deeper")
    for number in range(SUBACCOUNTS_MAX - 1):
        identity.add_subaccount(alice, f"more-{number}")
    with pytest.raises(IdentityError, match="at most 20"):
        identity.add_subaccount(alice, "too-many")
    again = Identity(path)
    assert len(again.accounts_of(hedge)) == SUBACCOUNTS_MAX + 1
    again.close()


def test_a_file_from_before_sub_accounts_keeps_its_users_and_keys(tmp_path: Path) -> None:
    path = tmp_path / "identity.db"
    identity = Identity(path)
    key = identity.add_key(identity.add_user("alice"))
    identity.close()
    with sqlite3.connect(path) as database:
        database.execute("alter table users drop column owner_id")
        database.execute("update alembic_version set version_num = '0001'")
    database.close()
    again = Identity(path)
    found = again.key(key.id)
    assert found is not None
    assert (found.secret, found.user.owner) == (key.secret, None)
    assert again.add_subaccount(found.user, "sub").owner == found.user.id
    again.close()
