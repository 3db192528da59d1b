"""The keeper's full check: a sound state passes, one satoshi is named with both numbers and keeps the venue down."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from outcry.app.settings import Files
from outcry.app.watching import LawBroken, Looked, Watching, settle_breach
from outcry.engine.invariants import breaches
from tests.laws.planting import add, wallet
from tests.laws.test_invariants import LONG, lively
from tests.laws.test_soundness import troubled


def once(watching: Watching) -> Looked:
    with ThreadPoolExecutor(1) as thread:
        return asyncio.run(watching.once(thread))


def test_a_sound_state_passes_and_is_left_alone(tmp_path: Path) -> None:
    for world in (lively(), troubled()):
        before = world.engine.roots()
        looked = once(Watching(world.engine, Files(tmp_path)))
        assert (looked.sequence, looked.breaches) == (world.engine.sequence, ())
        assert world.engine.roots() == before
    settle_breach(Files(tmp_path))


def test_a_copy_has_what_is_derived_as_it_is() -> None:
    """A bitmap that is wrong is wrong in the copy too: nothing is made anew in it."""
    engine = lively().engine
    engine.tables.nodes[engine.tables.instruments[1].bid_root].bits = 3
    assert {one.invariant for one in breaches(engine.whole_copy().tables)} == {"INV-12"}


def test_one_satoshi_stops_the_venue_and_the_next_start(tmp_path: Path) -> None:
    world, files = lively(), Files(tmp_path)
    add(wallet(world.engine.tables, LONG), "balance_minor")
    with pytest.raises(LawBroken, match=r"INV-01 XBt: money_minor: found [\d,]+, expected"):
        once(Watching(world.engine, files))
    with pytest.raises(LawBroken, match=r"found by the keeper.*outcry verify"):
        settle_breach(files)
    files.broken_law.unlink()
    settle_breach(files)


def test_a_check_that_takes_long_is_made_less_often(tmp_path: Path) -> None:
    watching = Watching(lively().engine, Files(tmp_path), 60.0)
    assert watching.pause_s() == 60.0
    watching.last = Looked(1, 10.0, 0.0, ())
    assert watching.pause_s() == pytest.approx(200.0)


def test_a_halted_venue_is_not_checked(tmp_path: Path) -> None:
    """It has said itself what is broken; the check would only say it again."""
    world = lively()
    add(wallet(world.engine.tables, LONG), "balance_minor")
    world.engine.tables.venue.halted = 1

    async def for_a_moment() -> None:
        async with asyncio.timeout(0.2):
            await Watching(world.engine, Files(tmp_path), 0.01).run()

    with pytest.raises(TimeoutError):
        asyncio.run(for_a_moment())
