"""Commands that deserve a refusal: for every code that can be reached, a short story that ends in it.

A story is handed the stage of a random history and sends what it needs; it leaves instrument, account and venue as
they were.  `UNREACHABLE` names the codes that no history can reach, with the reason and where else they are raised.
"""

from collections.abc import Callable
from random import Random
from typing import Protocol

from outcry.protocol import layout
from outcry.protocol.layout import AccountState, InstrumentState, Side, VenueState
from tests.engine.worlds import listing, place
from tests.laws import commands
from tests.laws.trio import Trio

UNREACHABLE = {
    "VENUE_HALTED": "only after a broken invariant: tests/engine/test_faults.py",
}


class Stage(Protocol):
    """What a story needs of a history."""

    trio: Trio
    chance: Random
    traders: list[int]

    def ticks(self, instrument: int, spread: int = 12) -> int:
        """A price near the mark."""

    def lots(self, instrument: int, most: int = 20) -> int:
        """A quantity."""

    def refresh(self) -> None:
        """A new price for every index that has one."""


Story = Callable[[Stage], object]


def order(stage: Stage, account: int = 0, instrument: int = 1, **more: int) -> layout.Place:
    """A buy near the mark."""
    quantity, ticks = stage.lots(instrument), stage.ticks(instrument)
    return place(
        account or stage.chance.choice(stage.traders), Side.BUY, quantity, ticks, instrument=instrument, **more
    )


def in_account_state(state: int) -> Story:
    """An order of an account in a state."""

    def story(stage: Stage) -> None:
        account = stage.chance.choice(stage.traders)
        stage.trio.send(commands.account_state(account, state))
        stage.trio.send(order(stage, account))
        stage.trio.send(commands.leverage(account, 1, 500))
        stage.trio.send(commands.withdraw(account, 1, 1, stage.trio.sent + 10**6))
        stage.trio.send(commands.transfer(account, stage.traders[0], 1, 1))
        stage.trio.send(commands.account_state(account, AccountState.ACCOUNT_OPEN))

    return story


def in_venue_state(state: int) -> Story:
    """Orders, money and a price while the venue is on a rung, and whoever waited for its end is examined."""

    def story(stage: Stage) -> None:
        account = stage.chance.choice(stage.traders)
        stage.trio.send(commands.venue_state(state))
        stage.trio.send(order(stage, account))
        stage.trio.send(place(account, stage.chance.choice((1, 2)), 100, stage.ticks(1), reduce_only=True))
        stage.trio.send(place(account, stage.chance.choice((1, 2)), 100, stage.ticks(1), post_only=True))
        stage.trio.send(commands.leverage(account, 1, 500))
        stage.trio.send(commands.withdraw(account, 1, 1, stage.trio.sent + 10**6))
        stage.trio.send(commands.transfer(account, stage.traders[0], 1, 1))
        stage.trio.send(commands.deposit(account, 1, 5, stage.trio.sent + 10**6))
        stage.trio.send(commands.venue_state(VenueState.VENUE_OPEN))

    return story


def in_instrument_state(state: int) -> Story:
    """An order, an amendment and a leverage in an instrument that is not open."""

    def story(stage: Stage) -> None:
        stage.trio.send(commands.instrument_state(1, state))
        stage.trio.send(order(stage))
        account = stage.chance.choice(stage.traders)
        stage.trio.send(place(account, stage.chance.choice((1, 2)), 100, stage.ticks(1), reduce_only=True))
        working = stage.trio.model.open_orders(account, 1)
        if working:
            stage.trio.send(commands.amend(account, working[0].number, price_ticks=stage.ticks(1)))
        stage.trio.send(commands.leverage(account, 1, 500))
        stage.trio.send(commands.instrument_state(1, InstrumentState.INSTRUMENT_OPEN))

    return story


def resuming(stage: Stage) -> None:
    """A pause, what is refused in it and what is not, and fresh prices."""
    account = stage.chance.choice(stage.traders)
    stage.trio.wait(10)
    stage.trio.send(commands.resume(10))
    stage.trio.send(order(stage, account))
    stage.trio.send(commands.withdraw(account, 1, 1, stage.trio.sent + 10**6))
    stage.trio.send(commands.transfer(account, stage.traders[0], 1, 1))
    stage.trio.send(commands.leverage(account, 1, 500))
    working = stage.trio.model.open_orders(account, 1)
    if working:
        stage.trio.send(commands.amend(account, working[0].number, price_ticks=stage.ticks(1)))
        stage.trio.send(commands.cancel(account, working[0].number))
    stage.refresh()


def duplicate_name(stage: Stage) -> None:
    """The same client id twice, and an amendment to it; then a cancel by a name that is not the order's any more."""
    account, name = stage.chance.choice(stage.traders), f"n{stage.trio.sent}"
    for _ in range(2):
        stage.trio.send(order(stage, account, client_id=name))  # type: ignore[arg-type]
    for owned in stage.trio.model.open_orders(account, 1)[:1]:
        stage.trio.send(commands.amend(account, owned.number, new_client_id=name, price_ticks=stage.ticks(1)))
        stage.trio.send(commands.amend(account, owned.number, new_client_id=f"{name}x"))
        stage.trio.send(commands.cancel(account, client_id=name))


def duplicate_outpoint(stage: Stage) -> None:
    """Credited, credited again, reversed, reversed again, and credited once more."""
    account, reference = stage.chance.choice(stage.traders), stage.trio.sent + 10**6
    for _ in range(2):
        stage.trio.send(commands.deposit(account, 1, 50, reference))
    for _ in range(2):
        stage.trio.send(commands.reverse(account, 1, reference))
    stage.trio.send(commands.deposit(account, 1, 60, reference))


def duplicate_request(stage: Stage) -> None:
    """Asked for twice, settled by another, settled wrongly, settled twice."""
    account, request = stage.chance.choice(stage.traders), stage.trio.sent + 10**6
    for _ in range(2):
        stage.trio.send(commands.withdraw(account, 1, 5, request))
    other = stage.traders[stage.traders.index(account) - 1]
    for who, settled in ((other, 1), (account, 2), (account, stage.chance.choice((0, 1))), (account, 1)):
        stage.trio.send(commands.settle(who, request, settled))


def ended(stage: Stage) -> None:
    """An order that is over, and one that never was, by number and by name."""
    account, name = stage.chance.choice(stage.traders), f"e{stage.trio.sent}"
    stage.trio.send(order(stage, account, client_id=name))  # type: ignore[arg-type]
    number = stage.trio.model.next_order - 1
    for _ in range(2):
        stage.trio.send(commands.cancel(account, client_id=name))
    for asked in (number, 10**9, 0):
        stage.trio.send(commands.cancel(account, asked))
        stage.trio.send(commands.amend(account, asked, quantity=100))


def unchanged(stage: Stage) -> None:
    """An amendment to what is already so, with shapes that mean nothing."""
    for account in stage.traders:
        for owned in stage.trio.model.open_orders(account, 1)[:1]:
            stage.trio.send(commands.amend(account, owned.number, quantity=owned.quantity, price_ticks=owned.ticks))
            stage.trio.send(commands.amend(account, owned.number, trigger_subticks=5))
            stage.trio.send(commands.amend(account, owned.number, quantity=-5))
            stage.trio.send(commands.amend(account, owned.number, quantity=-5, peg_offset_subticks=5))
            stage.trio.send(commands.amend(account, owned.number, quantity=150))
            stage.trio.send(commands.amend(account, owned.number, quantity=2**33))
            stage.trio.send(commands.amend(account, owned.number, price_ticks=-3))
            stage.trio.send(commands.amend(account, owned.number, price_ticks=owned.ticks * 3))
            return


def moving_margin(stage: Stage) -> None:
    """Margin moved where there is none to move, too much of it, and none at all."""
    account, instrument = stage.chance.choice(stage.traders), stage.chance.choice((1, 2, 3))
    for amount in (stage.chance.randint(1, 10**6), 0, 2**60, 10**15, -1, -(10**6)):
        stage.trio.send(commands.move_margin(account, instrument, amount))


def isolating_a_loser(stage: Stage) -> None:
    """A long whose mark falls wants to be isolated at the highest leverage."""
    model, chance = stage.trio.model, stage.chance
    losers = [key for key, held in model.positions.items() if held.quantity and key[0] in stage.traders]
    for account, instrument in chance.sample(losers, min(4, len(losers))):
        stage.trio.send(commands.leverage(account, instrument, 0))
    stage.refresh()
    for account, instrument in chance.sample(losers, min(6, len(losers))):
        stage.trio.send(commands.leverage(account, instrument, chance.choice((25_000, 10_000, 5_000))))
        stage.trio.send(commands.isolate(account, instrument, chance.choice((0, 1, 1))))


def risky(stage: Stage) -> None:
    """A rich trader wants more than the risk limit allows, and a poor one more than there is."""
    lots = 30_000 + stage.chance.randint(0, 5_000)
    for account in (stage.traders[-1], stage.traders[0]):
        stage.trio.send(place(account, Side.BUY, 100 * lots, stage.ticks(1)))


def full(stage: Stage) -> None:
    """Currencies until no more fit."""
    for at in range(8):
        stage.trio.send(commands.currency(f"C{stage.trio.sent}{at}", 2))


def taken(stage: Stage) -> None:
    """Symbols that are taken, also with terms that are wrong."""
    stage.trio.send(commands.currency("XBt", 2))
    stage.trio.send(commands.currency("XBt", 99))
    stage.trio.send(commands.index(".BXBT", 2))
    stage.trio.send(commands.index(".BXBT", 99))
    stage.trio.send(listing("XBTUSD"))
    stage.trio.send(listing("XBTUSD", lot=0))


def bad_terms(stage: Stage) -> None:
    """Listings that name nothing or say nothing."""
    for wrong in ({"currency": 99}, {"index": 99}, {"currency": 99, "index": 0}, {"lot": 0}, {"taker_fee_ppm": -1}):
        stage.trio.send(listing(f"L{stage.trio.sent}", **wrong))
    stage.trio.send(commands.currency("\x7f", 2))
    stage.trio.send(commands.currency(f"D{stage.trio.sent}", -1))
    stage.trio.send(commands.index(f"D{stage.trio.sent}", 13))
    stage.trio.send(commands.constituent(99, 5))
    stage.trio.send(commands.constituent(1, 0))


def unknowns(stage: Stage) -> None:
    """Numbers that name nothing, several at once."""
    account = stage.chance.choice(stage.traders)
    for record in (
        commands.deposit(account, 99, 5, 1),
        commands.deposit(99_999, 99, 5, 1),
        commands.deposit(layout.Role.FEES, 1, 5, 1),
        commands.reverse(account, 1, 10**9),
        commands.reverse(99_999, 99, 10**9),
        commands.withdraw(account, 99, 5, 1),
        commands.withdraw(99_999, 1, -5, 1),
        commands.settle(account, 10**9, 1),
        commands.settle(account, 10**9, 2),
        commands.settle(99_999, 10**9, 2),
        commands.transfer(account, 99_999, 1, 5),
        commands.transfer(account, account, 1, 5),
        commands.transfer(99_999, account, 99, 5),
        commands.transfer(account, layout.Role.INSURANCE, 1, -5),
        commands.price(99, 1, 5),
        commands.price(1, 99, 5),
        commands.price(1, 3, 5),
        commands.price(1, 1, 0),
        commands.price(1, 3, -5),
        commands.cancel_all(99_999, 99, 9),
        commands.cancel_all(account, 99, 9),
        commands.cancel_all(account, 1, 9),
        commands.cancel_all(layout.Role.FEES),
        commands.leverage(99_999, 99, -1),
        commands.leverage(account, 99, -1),
        commands.leverage(account, 1, -1),
        commands.leverage(account, 1, 25_001),
        commands.isolate(account, 1, 2),
        commands.isolate(99_999, 1, 2),
        commands.account_state(99_999, 9),
        commands.account_state(account, 9),
        commands.instrument_state(99, 9),
        commands.instrument_state(1, 9),
        commands.resume(-1),
        commands.root(0),
        commands.root(2**40),
        commands.grow(layout.TableNumber.VENUE_TABLE, 5),
        commands.grow(layout.TableNumber.WITHDRAWALS_TABLE, 5),
    ):
        stage.trio.send(record)


def misshapen(stage: Stage) -> None:
    """Orders that are wrong in one way and in several."""
    wrong: list[dict[str, int]] = [
        {"account": 99_999},
        {"account": layout.Role.FEES},
        {"instrument": 99},
        {"instrument": 4},
        {"side": 3},
        {"order_type": 3},
        {"time_in_force": 4},
        {"flags": 64},
        {"display_quantity": 5},
        {"trigger_subticks": 5},
        {"contingency": 1},
        {"quantity": 0},
        {"quantity": 150},
        {"quantity": -(2**40)},
        {"quantity": 2**31},
        {"price_ticks": -1},
        {"price_ticks": 10**7 + 1},
        {"price_ticks": 10**6},
        {"price_ticks": 1, "quantity": 10**9},
        {"flags": 2, "side": 1},
        {"flags": 4, "quantity": 0},
        {"order_type": 2},
    ]
    for _ in range(12):
        record = order(stage)
        for more in stage.chance.sample(wrong, stage.chance.choice((1, 1, 2, 3))):
            for name, number in more.items():
                setattr(record, name, number)
        stage.trio.send(record)


def out_of_time(stage: Stage) -> None:
    """Entries before the time, after what is due, and with a number that was there."""
    trio = stage.trio
    trio.send(layout.Tick(), at_ns=trio.engine.time_ns - 1)
    trio.send(order(stage), repeated=True)
    trio.send(commands.lot(1, 10), repeated=True)
    due = trio.engine.next_due_ns + stage.chance.randint(0, 10**9)
    trio.send(order(stage), at_ns=due)
    trio.now_ns = max(trio.now_ns, due)


def too_much_money(stage: Stage) -> None:
    """Amounts that are none, and more than there is."""
    account, other = stage.chance.sample(stage.traders, 2)
    for amount in (0, -1, 2**53, 2**63 - 1, 2**53 - 1):
        stage.trio.send(commands.deposit(account, 1, amount, stage.trio.sent + 10**7))
        stage.trio.send(commands.withdraw(account, 1, amount, stage.trio.sent + 10**7))
        stage.trio.send(commands.transfer(account, other, 1, amount))


def falling_silent(stage: Stage) -> None:
    """A dead-man switch goes off; until its orders are gone the account waits."""
    account, trio = stage.chance.choice(stage.traders), stage.trio
    trio.send(commands.cancel_all_after(account, -1))
    trio.send(commands.cancel_all_after(account, 2**60))
    trio.send(commands.cancel_all_after(99_999, 2**60))
    trio.send(commands.cancel_all_after(account, 10**9))
    trio.wait(1)
    trio.idle = True
    trio.send(order(stage, account))
    trio.send(commands.cancel_all_after(account, -1))
    trio.send(commands.withdraw(account, 1, 1, trio.sent + 10**6))
    trio.send(commands.transfer(account, stage.traders[0], 1, 1))
    for units in (0, 4_097, 1, 4_096, 1):
        trio.send(commands.carry_on(units))
    trio.idle = False


def too_many_reducing(stage: Stage) -> None:
    """More resting reduce-only orders than one position may have."""
    long, short = stage.traders[-1], stage.traders[-2]
    ticks = stage.ticks(2)
    for account, side in ((short, Side.SELL), (long, Side.BUY)):
        stage.trio.send(commands.cancel_all(account, 2))
        stage.trio.send(place(account, side, 400, ticks, instrument=2))
    held = stage.trio.model.positions.items()
    large = [key for key, position in held if abs(position.quantity) >= 101 and key[1] == 2]
    if not large:
        return
    account, instrument = large[0]
    long_one = stage.trio.model.position(account, instrument).quantity > 0
    side, ticks = (Side.SELL, stage.ticks(2) + 300) if long_one else (Side.BUY, stage.ticks(2) - 300)
    for _ in range(layout.REDUCING_ORDERS + 2):
        stage.trio.send(place(account, side, 1, ticks, instrument=instrument, reduce_only=True))
    stage.trio.send(commands.cancel_all(account, instrument))


def without_rule(stage: Stage) -> None:
    """A kind of command whose rules come later."""
    stage.trio.send(commands.lot(1, 10))


def limits(stage: Stage) -> None:
    """Risk limits that are none, that are too low for what is held, too high for the balance, and fine."""
    terms = stage.trio.model.terms
    held = [key for key, one in stage.trio.model.positions.items() if one.quantity and key[0] in stage.traders]
    for account, instrument in [*stage.chance.sample(held, min(3, len(held))), (stage.traders[0], 1)]:
        base, step = terms[instrument].risk_limit, terms[instrument].risk_step
        for limit in (base + step // 2 + 1, base - step, 0, -5, 2**53, base + 300 * step, 2**63 - 1):
            stage.trio.send(commands.risk_limit(account, instrument, limit))
        for steps in (stage.chance.randint(0, 60), stage.chance.randint(0, 3)):
            stage.trio.send(commands.risk_limit(account, instrument, base + steps * step))
    stage.trio.send(commands.risk_limit(99_999, 99, 5))


STORIES: tuple[Story, ...] = (
    without_rule,
    out_of_time,
    resuming,
    unknowns,
    in_instrument_state(InstrumentState.INSTRUMENT_PAUSED),
    in_instrument_state(InstrumentState.INSTRUMENT_REDUCING),
    in_instrument_state(InstrumentState.INSTRUMENT_POSTING),
    in_instrument_state(InstrumentState.INSTRUMENT_SHUT),
    in_venue_state(VenueState.VENUE_POSTING),
    in_venue_state(VenueState.VENUE_REDUCING),
    in_venue_state(VenueState.VENUE_CANCELLING),
    in_venue_state(VenueState.VENUE_WITHDRAWING),
    in_venue_state(VenueState.VENUE_STOPPED),
    in_account_state(AccountState.ACCOUNT_CANCELLING),
    in_account_state(AccountState.ACCOUNT_POSTING),
    in_account_state(AccountState.ACCOUNT_STOPPED),
    in_account_state(AccountState.ACCOUNT_WITHDRAWING),
    in_account_state(AccountState.ACCOUNT_REDUCING),
    duplicate_name,
    duplicate_outpoint,
    duplicate_request,
    taken,
    ended,
    moving_margin,
    misshapen,
    unchanged,
    too_much_money,
    isolating_a_loser,
    risky,
    full,
    bad_terms,
    falling_silent,
    limits,
    too_many_reducing,
)
