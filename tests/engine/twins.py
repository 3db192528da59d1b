"""What a history of prices is held to at its end: the other mode agrees, nothing is broken, a snapshot restores it."""

from outcry.engine.engine import Engine
from outcry.simulation.auditor import Auditor
from outcry.simulation.auditor_compared import compare
from tests.engine.plain import plain_engine
from tests.engine.worlds import World
from tests.laws import invariants


def agree(world: World) -> None:
    """The whole journal, applied at once by the uncompiled engine, comes to the same root."""
    invariants.check(world.engine.tables)
    twin = plain_engine()
    twin.apply(b"".join(world.journal))
    assert twin.roots() == world.engine.roots()
    assert Engine.restore(world.engine.snapshot()).roots() == world.engine.roots()


def audited(world: World) -> None:
    """The auditor hears the whole journal, applied anew entry by entry, and ends with the venue's rows."""
    auditor, again = Auditor(), Engine()
    for entry in world.journal:
        auditor.hear(entry, again.apply(entry))
    compare(auditor.books, again.tables)
