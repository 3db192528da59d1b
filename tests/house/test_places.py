"""No file names a package host or a place on somebody's machine, and the lock file pins everything with hashes."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Written in pieces, so that this file is no finding of its own.
HOSTS = ("py" + "pi.org", "python" + "hosted.org", "registry.npm" + "js", "deb.deb" + "ian.org", "npm" + "mirror")
PLACES = ("/work" + "/", "/root" + "/", "/home" + "/", "/tmp" + "/", "../sha" + "red")
BINARY = frozenset({".png", ".ico", ".woff2", ".zst"})


def files() -> list[Path]:
    """What is or would be in git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    paths = (ROOT / name for name in listed if name)
    return [path for path in paths if path.suffix not in BINARY and path.is_file()]


@pytest.mark.parametrize("words", [HOSTS, PLACES], ids=["package hosts", "machine paths"])
def test_no_file_names_one(words: tuple[str, ...]) -> None:
    found = []
    for path in files():
        text = path.read_text(errors="replace")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in words if word in text]
    assert found == []


def locked() -> dict[str, tuple[str, int]]:
    """Version and number of hashes of every package in the lock file."""
    out: dict[str, tuple[str, int]] = {}
    name = ""
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if match := re.match(r"([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^\s;]+)", line):
            name = match[1]
            out[name] = (match[2], 0)
        elif "--hash=sha256:" in line:
            out[name] = (out[name][0], out[name][1] + 1)
        else:
            assert line.startswith("#"), line
    return out


def test_the_lock_file_pins_everything_with_hashes() -> None:
    assert all(hashes for _, hashes in locked().values())


def test_the_lock_file_has_every_package_that_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["dev"],
    ]
    names = {re.split(r"[<>=!~\[ ]", requirement)[0].lower() for requirement in asked}
    assert names - set(locked()) == set()


def test_what_the_source_imports_is_asked_for() -> None:
    """A package that only another one brings could go away with it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = {re.split(r"[<>=!~\[ ]", line)[0].replace("-", "_") for line in project["project"]["dependencies"]}
    asked |= {"markdown_it"} if "markdown_it_py" in asked else set()
    imported = {
        match[1]
        for path in (ROOT / "src").rglob("*.py")
        for match in re.finditer(r"^\s*(?:from|import) ([a-zA-Z0-9_]+)", path.read_text(), re.MULTILINE)
    }
    third_party = {name for name in imported if name in {other.replace("-", "_") for other in locked()}} | {
        "markdown_it"
    }
    assert third_party - asked == set()
