"""An import points to a lower floor: the contracts of pyproject.toml, and that they say what the design says."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "outcry"
FLOORS = [
    {"protocol"},
    {"rules"},
    {"engine", "journal"},
    {"node", "views", "history", "identity", "custody"},
    {"gateway", "feeds", "client", "proofs"},
    {"bots", "simulation"},
    {"app"},
]


def test_all_contracts_are_kept() -> None:
    """In a process of its own, because the linter reconfigures logging for everybody."""
    command = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    told = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout


def test_the_contract_draws_the_floors_of_the_design_and_has_a_place_for_every_room() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(contract for contract in settings["contracts"] if contract["type"] == "layers")
    drawn = [{room.strip(" ()") for room in layer.split("|")} for layer in reversed(layers["layers"])]
    assert drawn == FLOORS
    assert layers["exhaustive"]
    rooms = {path.parent.name for path in (ROOT / "src" / "outcry").glob("*/__init__.py")}
    assert rooms <= set().union(*FLOORS)


def test_nothing_here_can_sign_a_withdrawal() -> None:
    """LAW-08: until custody has processes of its own, no room holds a key that could spend anything.

    Two files know signatures: the one that signs the journal's frames, and the one with which a client checks them.
    """
    signing = re.compile(r"\basymmetric\b|\bembit\b|\bbdkpython\b|\bsecp256k1\b|\bcoincurve\b")
    texts = {path: path.read_text() for path in SOURCE.rglob("*.py") if "custody" not in path.parts}
    assert "PrivateKey" not in texts[SOURCE / "client" / "receipts.py"]
    for name in ("journal/signing.py", "client/receipts.py"):
        texts.pop(SOURCE / name)
    assert [str(path) for path, text in texts.items() if signing.search(text)] == []
