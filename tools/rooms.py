"""Which modules are rooms (inlined into a door) and which are doors (compiled), read off the disk.

A module of `rules` or `engine` is a room unless it is named here: DOORS are the only things compiled, PLAIN is Python
around the compiled part, BENCH are the rooms of the benchmark's door.  A door that is not written yet is left out.
"""

from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = Path("src")
DOORS = (
    "outcry.engine.machine",
    "outcry.engine.figures",
    "outcry.rules.probe",
    "outcry.protocol.digests",
    "outcry.app.bench.stopwatch",
)
BENCH = tuple(f"outcry.app.bench.{name}" for name in ("bare", "drawing", "floor", "ladder", "words"))
PLAIN = tuple(
    f"outcry.engine.{name}"
    for name in (
        "blocks",
        "breaches",
        "counting_soundness",
        "engine",
        "former",
        "invariants",
        "reading",
        "settling_soundness",
        "snapshot",
        "soundness",
        "structure",
        "sums",
        "waiting_soundness",
    )
)


def source(module: str) -> Path:
    """The module's file, relative to the root of the checkout."""
    return (SOURCE / Path(*module.split("."))).with_suffix(".py")


def doors() -> tuple[str, ...]:
    """The doors that are there."""
    return tuple(module for module in DOORS if (ROOT / source(module)).is_file())


def rooms() -> tuple[str, ...]:
    """The rooms that are there, in the order of their names."""
    found = []
    for package in ("rules", "engine"):
        for file in sorted((ROOT / SOURCE / "outcry" / package).glob("*.py")):
            module = f"outcry.{package}.{file.stem}"
            if file.stem != "__init__" and module not in DOORS + PLAIN:
                found.append(module)
    return (*found, *BENCH)
