"""The compiled arithmetic is the exact arithmetic, on edges and on 100,000 random triples."""

import random
from collections.abc import Callable

from outcry.rules import probe

ADDED: dict[str, Callable[[int], int]] = {"floor": lambda c: 0, "ceil": lambda c: c - 1, "half_up": lambda c: c // 2}
EDGES = (0, 1, 2, 3, 10**8, 2**31 - 1, 2**31, 2**32 + 1, 2**53 - 1, 2**53, 2**62, 2**63 - 1)


def some(chance: random.Random) -> int:
    return chance.choice((chance.choice(EDGES), chance.getrandbits(chance.randint(1, 63))))


def test_compiled_products_are_exact_or_say_that_they_do_not_fit() -> None:
    chance = random.Random(20261122)
    overflows = 0
    for _ in range(100_000 if probe.COMPILED else 5_000):
        rounding = chance.choice(list(ADDED))
        a, b, c = some(chance), some(chance), max(1, some(chance))
        exact = (a * b + ADDED[rounding](c)) // c
        fits = exact < 2**63
        assert probe.divide(rounding, a, b, c) == (exact if fits else 0, fits), (rounding, a, b, c)
        overflows += not fits
    assert overflows > 100
