"""LAW-06: who somebody is changes nothing: no fill, no price, no liquidation, no funding, no victim.

Histories are played in two worlds that differ in all that must not matter (renaming.py), and what the engine says is
the same, event by event, up to the names.  Then it is shown that a privilege would be seen: one line of a room is
written otherwise, and the two worlds part.
"""

import contextlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from outcry.engine import (
    bankruptcy,
    deleveraging,
    eligibility,
    examining,
    firing,
    funding,
    icebergs,
    matching,
    placing,
    tiers,
    uncrossing,
)
from outcry.engine.engine import Engine
from outcry.protocol.layout import EventKind
from tests.engine.plain import plain_engine
from tests.laws import renaming
from tests.laws.auctions import Auctions
from tests.laws.crises import Crisis
from tests.laws.history import History
from tests.laws.vocabulary import Vocabulary
from tests.laws.waiting import Waiting

STORIES: tuple[tuple[type[History], int, int], ...] = (
    (Crisis, 0, 150),
    (Crisis, 2, 100),
    (Crisis, 3, 100),
    (renaming.Trading, 1, 600),
)
"""The first trades a day away and is funded, the second is cornered, and in the last there are many orders."""
WORDY: tuple[tuple[type[History], int, int], ...] = (
    (Vocabulary, 3, 250),
    (Waiting, 4, 250),
    (Auctions, 5, 250),
    (Vocabulary, 1, 250),
)
"""Of every order there is: icebergs, pegs, triggers, linked ones, auctions."""
WORLDS = 4
FEW_WORLDS = 2


@cache
def story(number: int) -> renaming.Story:
    return renaming.story(*(*STORIES, *WORDY)[number])


def parting(make: Callable[[], Engine], worlds: int, first: int = 0, last: int = len(STORIES)) -> str:
    """Where another world parts from the plain one, in any of these stories; nothing if none does."""
    for number in range(first, last):
        of = story(number)
        one = renaming.play(of, renaming.plain(of), make)
        for world in range(worlds):
            two = renaming.play(of, renaming.other(100 * number + world, of), make)
            if found := renaming.first_difference(one, two):
                return f"story {number}, world {world}, {found}"
    return ""


def test_another_world_says_the_same() -> None:
    assert parting(Engine, WORLDS) == ""


def test_another_world_says_the_same_of_every_order() -> None:
    assert parting(Engine, WORLDS, len(STORIES), len(STORIES) + len(WORDY)) == ""
    kinds = {kind for at in range(len(WORDY)) for kind in kinds_of(len(STORIES) + at)}
    wanted = {EventKind.TRIGGERED, EventKind.TRAILED, EventKind.CONDITIONED, EventKind.AUCTION_INDICATED}
    assert wanted | {EventKind.FILL, EventKind.SELF_TRADE_SET, EventKind.SMALL_ORDERS_FLAGGED} <= kinds


def kinds_of(number: int) -> set[int]:
    """Kinds of events in a story."""
    of = story(number)
    return {kind for _, kind, _ in renaming.play(of, renaming.plain(of))}


@pytest.mark.parametrize("privilege", [0, 1, 2], ids=lambda at: WORDY_PRIVILEGES[at][1][0].__name__)
def test_a_privilege_among_those_who_wait_is_seen(privilege: int) -> None:
    at, planted = WORDY_PRIVILEGES[privilege]
    with privileged(*planted):
        assert parting(plain_engine, FEW_WORLDS, len(STORIES) + at, len(STORIES) + at + 1) != ""


def test_much_has_happened_in_them() -> None:
    stories = [story(number) for number in range(len(STORIES))]
    kinds = {kind for of in stories for _, kind, _ in renaming.play(of, renaming.plain(of))}
    wanted = {EventKind.FILL, EventKind.TAKEN_OVER, EventKind.FUNDED, EventKind.DELEVERAGED, EventKind.LIQUIDATION_STEP}
    assert wanted | {EventKind.REFUSED, EventKind.FEE_TIER_SET, EventKind.MARK_MOVED, EventKind.AMENDED} <= kinds
    assert EventKind.HALTED not in kinds


def test_the_worlds_are_not_the_same() -> None:
    """Numbers, handles and rows do differ."""
    of = story(1)
    worlds = [renaming.plain(of), renaming.other(1, of)]
    assert sum(worlds[1].names[number] != number for number in renaming.everybody(of)) > of.people // 2
    assert worlds[0].handles != worlds[1].handles
    rows = []
    for world in worlds:
        engine = Engine()
        renaming.play(of, world, lambda engine=engine: engine)  # type: ignore[misc]
        real = {world.names[number] for number in renaming.everybody(of)[: of.people]}
        held = [slot for slot, row in enumerate(engine.tables.positions) if row.account in real]
        rows.append(held)
    assert len(rows[0]) == len(rows[1])
    assert rows[0] != rows[1]


PRIVILEGES: list[tuple[Callable[..., Any], str, str]] = [
    (
        matching.match_at_book,
        "maker_slot: i64 = levels_at(tables, level).head",
        "tail = levels_at(tables, level).tail; "
        "maker_slot = tail if orders_at(tables, tail).account == 9 else levels_at(tables, level).head",
    ),
    (
        matching.fill,
        "taker_fee: i64 = commission_minor(instrument, quantity, value, taker_rate, tables.fault)",
        "taker_fee = 0 if taker.account % 8 == 1 else "
        "commission_minor(instrument, quantity, value, taker_rate, tables.fault)",
    ),
    (
        deleveraging.rank,
        "row.key = row.score",
        "row.key = row.score = row.score - (10**9 if position.account % 2 else 0)",
    ),
    (eligibility.is_eligible, "bring_account(tables, position.account)", "if position.account % 2: return False"),
    (
        examining.examine,
        "bring_account(tables, account)",
        "if accounts_at(tables, account).handle[0] % 2: return Health.HEALTH_PASSED",
    ),
    (funding.bring_up_to_date, "if position.quantity == 0:", "if position.quantity == 0 or position_slot % 3 == 1:"),
    (
        bankruptcy.closing_fee,
        "cost: i64 = position.cost_minor",
        "cost = 0 if slot % 4 == 1 else position.cost_minor",
    ),
    (
        placing.weigh_new,
        "side: i64 = asked.side",
        "side = asked.side; quantity = 100 if asked.client_id[4] else quantity",
    ),
    (tiers.tier_today, "return row.fee_tier", "return 9 if account == 11 else row.fee_tier"),
]
"""A function of a room, one of its lines, and that line with a privilege for a number, a handle, a row or a name."""
WORDY_PRIVILEGES: list[tuple[int, tuple[Callable[..., Any], str, str]]] = [
    (
        0,
        (
            icebergs.shows_again,
            "return min(order.display_quantity, order.leaves_quantity)",
            "return min(order.display_quantity * (1 + order.account % 2), order.leaves_quantity)",
        ),
    ),
    (
        1,
        (
            firing.reached_now,
            "if reference == 0:",
            "if reference == 0 or instruments_at(tables, number).last_price_ticks and "
            "orders_at(tables, conditions_at(tables, slot).order).account % 2:",
        ),
    ),
    (2, (uncrossing.is_later, "return one.priority > other.priority", "return one.account > other.account")),
]
"""In which of those stories they are seen, and where they are planted."""


@contextlib.contextmanager
def privileged(function: Callable[..., Any], line: str, planted: str) -> Iterator[None]:
    """The room's function with one line written otherwise, for whoever calls it."""
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(line) == 1, line
    made: dict[str, Any] = {}
    exec(compile(source.replace(line, planted), "planted", "exec"), function.__globals__, made)
    honest = function.__code__
    function.__code__ = made[function.__name__].__code__
    try:
        yield
    finally:
        function.__code__ = honest


def test_without_a_privilege_the_uncompiled_engine_says_the_same_too() -> None:
    assert parting(plain_engine, FEW_WORLDS) == ""


@pytest.mark.parametrize("privilege", PRIVILEGES, ids=lambda privilege: privilege[0].__name__)
def test_a_privilege_of_one_line_is_seen(privilege: tuple[Callable[..., Any], str, str]) -> None:
    with privileged(*privilege):
        assert parting(plain_engine, FEW_WORLDS) != ""
