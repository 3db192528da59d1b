"""The engine's sources uncompiled, beside the compiled door, in one process.

Rooms are always plain Python for who imports them; only the door may be compiled, so its source is loaded under another
name.
"""

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import outcry.engine
from outcry.engine.engine import Engine


@cache
def plain_door() -> ModuleType:
    """`engine/machine.py`, never compiled."""
    file = Path(outcry.engine.__file__).parent / "machine.py"
    spec = spec_from_file_location("outcry_engine_machine_from_source", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    assert module.COMPILED is False
    return module


def plain_engine(data: bytes = b"") -> Engine:
    """An engine that runs the sources; in the state of a snapshot if one is given."""
    door = plain_door().Machine
    return Engine.restore(data, door) if data else Engine(door())
