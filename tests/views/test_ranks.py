"""The fifths of the deleveraging queue: the published example, and how long they are kept."""

from outcry.views.ranks import FEW, KEPT_NS, Ranks, fifths_of
from tests.engine.worlds import BUY, SELL
from tests.gateway.venues import listed_world


def test_the_published_example() -> None:
    """ADL-01: six longs by account, quantity and score."""
    longs = [(1, 10, 3), (2, 10, 6), (3, 20, 1), (4, 30, 4), (5, 20, 5), (6, 10, 2)]
    fifths = {slot: 20 * fifth for slot, fifth in fifths_of(longs).items()}
    assert fifths == {2: 20, 5: 40, 4: 60, 1: 80, 6: 80, 3: 100}
    # Shorts are a queue of their own, and of equal scores the older is first.
    both = fifths_of([*longs, (7, -50, 2), (8, -50, 2)])
    assert (both[7], both[8]) == (3, 5)
    assert {slot: 20 * both[slot] for slot in range(1, 7)} == fifths
    assert fifths_of([]) == {}


def test_they_are_kept_for_a_second() -> None:
    world = listed_world()
    first, second, third = (world.trader(number) for number in (1, 2, 3))
    ranks = Ranks(world.engine)

    def fifth(account: int) -> int:
        slot = next(at for at in range(1, 50) if world.engine.tables.positions[at].account == account)
        return ranks.fifth(1, slot)

    def trade(buyer: int, seller: int, quantity: int = 100) -> None:
        world.place(seller, SELL, quantity, 600_000)
        world.place(buyer, BUY, quantity, 600_000)

    assert ranks.fifth(1, 1) == 0
    trade(first, second)
    # It has a position since, and there are few: it is told at once.
    assert (fifth(first), fifth(second)) == (5, 5)
    trade(third, second, 400)
    assert fifth(third) in (4, 5)
    before = fifth(first)
    trade(first, third, 100)
    trade(first, third, 100)
    assert fifth(first) == before
    world.wait(KEPT_NS / 10**9)
    trade(second, first, 300)
    assert fifth(first) == 0
    assert FEW > 20
