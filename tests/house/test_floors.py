"""An import points to a lower floor: the contracts of pyproject.toml, and that they say what the design says."""

import tomllib
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
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
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_the_contract_draws_the_floors_of_the_design_and_has_a_place_for_every_room() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(contract for contract in settings["contracts"] if contract["type"] == "layers")
    drawn = [{room.strip(" ()") for room in layer.split("|")} for layer in reversed(layers["layers"])]
    assert drawn == FLOORS
    assert layers["exhaustive"]
    rooms = {path.parent.name for path in (ROOT / "src" / "outcry").glob("*/__init__.py")}
    assert rooms <= set().union(*FLOORS)
