"""Random histories of traders with little money: the engine refuses what the margin model refuses, and nothing else.

Orders, amendments, cancels, changes of leverage and moves of the mark, over three contracts.  After every command the
available balance of every trader is the model's, to the unit; the invariants hold; both modes give the same root.
"""

import random
from collections import Counter

import pytest

from outcry.engine import reading
from outcry.protocol import wire
from outcry.protocol.layout import Code, EventKind
from tests.engine.plain import plain_engine
from tests.engine.worlds import BUY, SELL, World, of_kind, one, place
from tests.laws import invariants
from tests.laws.contracts import list_contracts, terms_of_contracts
from tests.laws.margin_model import MarginModel
from tests.laws.model import Order

HISTORIES = 10
COMMANDS = 150
WALLET = 3 * 10**7
RISK = 6 * 10**9


class Stage:
    """A world, its model, and the money its traders have."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World()
        self.counts: Counter[str] = Counter()
        list_contracts(self.world, RISK)
        self.model = MarginModel(
            terms=terms_of_contracts(),
            marks={},
            risk_limits=dict.fromkeys((1, 2, 3), RISK),
        )
        self.set_mark(10_000)
        amounts = [WALLET, WALLET // 3, 10 * WALLET, 10**12]
        self.traders = [self.world.trader(n, amount) for n, amount in enumerate(amounts, 1)]
        self.model.wallets = dict(zip(self.traders, amounts, strict=True))
        self.known: list[Order] = []

    def set_mark(self, dollars: int) -> None:
        self.world.price(1, dollars * 100)
        self.mark = dollars
        self.model.marks = dict.fromkeys((1, 2, 3), dollars * 100)

    def step(self) -> None:
        draw = self.chance.random()
        if draw < 0.7:
            self.place()
        elif draw < 0.8:
            self.amend()
        elif draw < 0.87:
            self.cancel()
        elif draw < 0.94:
            self.leverage()
        else:
            self.set_mark(self.mark + self.chance.randint(-40, 40))
        self.compare()

    def place(self) -> None:
        chance = self.chance
        account, instrument = chance.choice(self.traders), chance.choice((1, 2, 3))
        buys, reduces = chance.random() < 0.5, chance.random() < 0.15
        size = {1: 30_000, 2: 100_000, 3: 200}[instrument] // self.model.terms[instrument].lot
        quantity = self.model.terms[instrument].lot * chance.randint(1, size)
        ticks = self.mark * 10 + chance.randint(-10, 10)
        record = place(account, BUY if buys else SELL, quantity, ticks, instrument=instrument, reduce_only=reduces)
        events = self.world.send(record)
        placed = of_kind(events, EventKind.PLACED)
        number = placed[0].order_id if placed else 0
        order = Order(number, account, instrument, buys, quantity, quantity, ticks, False, reduces)
        if reduces:
            order.leaves = order.quantity = min(quantity, self.model.reducible(order))
        expected = "REDUCE_ONLY_NO_POSITION" if not order.leaves else self.model.refusal(order, True)
        if self.agreed(events, expected):
            self.counts[self.model.place(order, "gtc")] += 1
            self.known.append(order)

    def agreed(self, events: list[wire.Event], expected: str) -> bool:
        """Whether the command was taken, and the model says so too."""
        codes = [Code(record.code).name for record in of_kind(events, EventKind.REFUSED)]
        assert codes == ([expected] if expected else []), (codes, expected)
        self.counts[expected or "taken"] += 1
        return not expected

    def amend(self) -> None:
        working = [order for order in self.known if self.model.find(order.number)]
        if not working:
            return
        order = self.chance.choice(working)
        lot = self.model.terms[order.instrument].lot
        quantity = max(lot, order.quantity * self.chance.randint(1, 40) // 10 // lot * lot)
        ticks = self.mark * 10 + self.chance.randint(-10, 10)
        if (quantity, ticks) == (order.quantity, order.ticks):
            return
        events = self.world.amend(order.account, order.number, quantity=quantity, price_ticks=ticks)
        leaves = max(0, quantity - (order.quantity - order.leaves))
        asked = Order(0, order.account, order.instrument, order.buys, leaves, leaves, ticks)
        asked.reduce_only = order.reduce_only
        if order.reduce_only:
            asked.leaves = min(leaves, self.model.reducible(asked))
        keeps = ticks == order.ticks and asked.leaves <= order.leaves
        if self.agreed(events, "" if keeps else self.model.refusal(asked, True, order)):
            self.model.amend(order.number, quantity, ticks)

    def cancel(self) -> None:
        working = [order for order in self.known if self.model.find(order.number)]
        if working:
            order = self.chance.choice(working)
            one(self.world.cancel(order.account, order.number), EventKind.ENDED)
            self.model.cancel(order.number)

    def leverage(self) -> None:
        account, instrument = self.chance.choice(self.traders), self.chance.choice((1, 2, 3))
        centi = self.chance.choice((0, 100, 1_000, 2_500, 10_000))
        events = self.world.leverage(account, centi, instrument)
        done = self.model.set_leverage(account, instrument, centi)
        self.agreed(events, "" if done else self.model.refused_by)

    def compare(self) -> None:
        tables = self.world.engine.tables
        invariants.check(tables)
        for account in self.traders:
            assert self.world.balance(account) == self.model.wallets[account]
            assert reading.margin_of(tables, account, 1).available_minor == self.model.available(account)


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_the_engine_takes_what_the_model_takes(seed: int) -> None:
    stage = Stage(seed)
    for _ in range(COMMANDS):
        stage.step()
    plain = plain_engine()
    plain.apply(b"".join(stage.world.journal))
    assert plain.roots() == stage.world.engine.roots()


def test_the_histories_are_not_vacuous() -> None:
    counts: Counter[str] = Counter()
    for seed in range(HISTORIES):
        stage = Stage(seed)
        for _ in range(COMMANDS):
            stage.step()
        counts += stage.counts
    assert counts["BALANCE_INSUFFICIENT"] > 50
    assert counts["RISK_LIMIT_EXCEEDED"] > 5
    assert counts["filled"] > 100
    assert counts["taken"] > 500


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1_000, 1_200))
def test_two_hundred_long_histories(seed: int) -> None:
    stage = Stage(seed)
    for _ in range(500):
        stage.step()
    plain = plain_engine()
    plain.apply(b"".join(stage.world.journal))
    assert plain.roots() == stage.world.engine.roots()
