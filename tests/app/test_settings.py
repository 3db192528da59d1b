"""Settings: what is possible, how they travel, and where things lie in a data folder."""

from pathlib import Path

import pytest

from outcry.app.settings import Files, Settings, SettingsError, decode, encode


def test_the_defaults_are_the_designs() -> None:
    settings = Settings().check()
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 8080, Path("data"))
    assert not settings.empty


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": -1},
        {"port": 65536},
        {"seed": -1},
        {"host": ""},
        {"book_interval_ms": -1},
        {"recent_rows": 199},
        {"errors_per_minute": -1},
    ],
)
def test_an_impossible_setting_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(SettingsError):
        Settings(**wrong).check()  # type: ignore[arg-type]  # that is the point


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(SettingsError, match="is a file"):
        Settings(data=tmp_path / "data").check()


def test_settings_arrive_in_another_process_as_they_were() -> None:
    settings = Settings(data=Path("somewhere else"), port=0, seed=2**62, one_process=True)
    assert decode(encode(settings)) == settings


def test_a_copied_journal_is_found_as_well_as_a_data_folder(tmp_path: Path) -> None:
    assert Files(tmp_path).journal == tmp_path / "journal"
    (tmp_path / "genesis").write_bytes(b"")
    assert Files(tmp_path).journal == tmp_path
