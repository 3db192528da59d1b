"""Who is written to first: nobody always, nobody before his neighbour always, and all can see how they are served."""

from collections import Counter
from itertools import combinations, count

import pytest

from outcry.gateway.delays import STEPS, UNITS_MAX, Delays, end_of
from outcry.gateway.stream.turns import Turns
from tests.gateway.streams import StreamClient
from tests.gateway.venues import Venue


class One:
    """Somebody with a number."""

    def __init__(self, number: int) -> None:
        self.number = number


@pytest.mark.parametrize("together", [2, 3, 7])
def test_each_of_a_group_is_first_as_often_and_before_each_other_as_often(together: int) -> None:
    turns, group = Turns(), [One(number) for number in range(together)]
    firsts: Counter[int] = Counter()
    before: Counter[tuple[int, int]] = Counter()
    rounds = 2 * together
    for _ in range(5 * rounds):
        order = turns.order(group)
        assert sorted(one.number for one in order) == list(range(together))
        firsts[order[0].number] += 1
        before.update((first.number, second.number) for first, second in combinations(order, 2))
    assert set(firsts.values()) == {5 * rounds // together}
    assert set(before.values()) == {5 * together}


def test_at_any_moment_nobody_is_ahead_by_more_than_one() -> None:
    turns, group = Turns(), [One(number) for number in range(5)]
    firsts: Counter[int] = Counter(dict.fromkeys(range(5), 0))
    for _ in range(50):
        firsts[turns.order(group)[0].number] += 1
        assert max(firsts.values()) - min(firsts.values()) <= 1


def test_what_others_are_told_moves_nobodys_turn() -> None:
    """A session that makes itself rare is first no more often in what it shares."""
    turns, quiet, loud, third = Turns(), One(1), One(2), One(3)
    firsts: Counter[int] = Counter()
    for _ in range(100):
        for _ in range(7):
            turns.order([loud, third])
        turns.order([loud])
        firsts[turns.order([quiet, loud])[0].number] += 1
    assert firsts == {1: 50, 2: 50}


def test_turns_of_many_groups_are_forgotten_and_new_groups_do_not_begin_alike() -> None:
    turns = Turns(groups_kept=4)
    begun = Counter(turns.order([One(2 * number), One(2 * number + 1)])[0].number % 2 for number in range(100))
    assert len(turns._turns) == 4
    assert begun == {0: 50, 1: 50}


def test_sockets_take_turns_with_public_rows(venue: Venue) -> None:
    written: list[int] = []
    clients = [client_that_notes(venue, number, written) for number in range(4)]
    for client in clients:
        client.subscribe("orderBookL2:XBTUSD")
    firsts: Counter[int] = Counter()
    for number in range(40):
        del written[:]
        venue.alice.order("Buy", 100, 50_000 - number)
        venue.app.stream.flush()
        assert sorted(written) == [0, 1, 2, 3]
        firsts[written[0]] += 1
    assert firsts == {0: 10, 1: 10, 2: 10, 3: 10}
    told = [client.session.told() for client in clients]
    assert [one["firsts"] for one in told] == [10] * 4
    assert [(one["shared"], one["meanPlace"], one["meanOthers"]) for one in told] == [(40, 1.5, 3.0)] * 4


def test_sockets_take_turns_with_private_rows(venue: Venue) -> None:
    written: list[int] = []
    clients = [client_that_notes(venue, number, written, signed=True) for number in range(3)]
    for client in clients:
        client.subscribe("order")
    firsts: Counter[int] = Counter()
    for number in range(30):
        del written[:]
        venue.alice.order("Buy", 100, 50_000 - number)
        venue.app.stream.flush()
        firsts[written[0]] += 1
    assert firsts == {0: 10, 1: 10, 2: 10}


def test_everybody_can_ask_how_he_is_served(venue: Venue) -> None:
    ticks = count(5_000_000, 5_000_000)
    venue.app.stream._stopwatch_ns = lambda: next(ticks)
    mine, other = StreamClient(venue, venue.alice), StreamClient(venue)
    for client in (mine, other):
        client.subscribe("orderBookL2:XBTUSD")
    venue.alice.order("Buy", 100, 50_000)
    venue.app.stream.flush()
    (told,) = mine.ask("session")
    assert told["success"]
    assert told["request"] == {"op": "session", "args": []}
    row = told["session"]
    assert (row["topics"], row["deliveries"], row["shared"]) == (1, 1, 1)
    # The clock was read once when the frame was applied and once after each write, 5 ms apart.
    first = mine.session.firsts
    delay_ns = 5_000_000 if first else 10_000_000
    assert delay_ns <= row["p99Micros"] * 1_000 + 999 <= delay_ns * 1.126
    assert venue.app.stream.delays().count == 2
    rows = venue.alice.ok("GET", "/outcry/v1/session")
    assert [one["session"] for one in rows] == [mine.session.number]
    venue.app.stream.leave(other.session)
    assert venue.app.stream.delays().count == 2


def test_nobody_sees_the_sessions_of_others(venue: Venue) -> None:
    StreamClient(venue, venue.alice)
    StreamClient(venue)
    assert venue.bob.ok("GET", "/outcry/v1/session") == []
    assert venue.ask("GET", "/outcry/v1/session").status_code == 401


@pytest.mark.parametrize("delay_ns", [0, 1, 1_023, 1_024, 8_191, 8_192, 100_000, 5_000_000, 10**9, 3 * 10**10])
def test_a_quantile_is_at_most_an_eighth_too_high(delay_ns: int) -> None:
    delays = Delays()
    delays.note(delay_ns)
    told = delays.quantile_ns(0.5)
    assert delay_ns < told <= max(delay_ns * (1 + 1 / STEPS), delay_ns + 1_024) + 1_024
    bounds = [(bound, reached) for bound, reached in delays.doublings() if reached]
    assert bounds[0][0] >= told
    assert bounds[-1][1] == delays.count == 1


def test_what_takes_for_ever_and_clocks_that_go_back_are_counted() -> None:
    delays = Delays()
    delays.note(10**15)
    delays.note(-5)
    assert delays.count == 2
    assert delays.quantile_ns(1.0) == (UNITS_MAX + 1) << 10
    assert delays.quantile_ns(0.5) == end_of(0)
    assert Delays().quantile_ns(0.99) == 0


def client_that_notes(venue: Venue, number: int, written: list[int], signed: bool = False) -> StreamClient:
    """A client that writes its number down whenever it is written to."""
    client = StreamClient(venue, venue.alice if signed else None)
    write = client.write

    def noting(data: bytes) -> None:
        written.append(number)
        write(data)

    client.write = noting  # type: ignore[method-assign]
    return client
