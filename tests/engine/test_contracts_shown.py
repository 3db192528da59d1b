"""Every kind of contract from its listing to its end, in one venue whose clock the test drives, with figures that were
worked out by hand: a chain of options, a quarterly future, a pre-launch future, and two prediction markets.

After each of them nobody has a position, what was deposited is what wallets, fund and fees hold, to the unit, and the
auditor, who knows nothing but the journal and what the engine said, comes to the same rows.
"""

from outcry.engine import reading
from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    BondStage,
    DocketStage,
    EventKind,
    InstrumentState,
    InstrumentType,
    MarkMethod,
    Role,
    SettlementKind,
    TableNumber,
)
from tests.engine.ending import FUTURE, heard_again
from tests.engine.optional import BITCOIN, DOLLAR, model, option
from tests.engine.questions import FIRST_NS, HIGHEST, HOUR_NS, PREDICTION, PRELAUNCH, convert, decide, dispute, propose
from tests.engine.worlds import BUY, SELL, World, of_kind, one, refused
from tests.laws import invariants

MINUTE_NS = layout.MINUTE_NS
QUARTER_NS = 91 * 24 * HOUR_NS
XBT, USDT = 1, 2
"""Currencies."""
CALL, PUT = InstrumentType.CALL, InstrumentType.PUT
NO, YES = 0, HIGHEST


class Shown(World):
    """Alice and Bob with 10 XBT and 1,000 USDT each, `.BXBT` at 60,000 dollars, and `.NEW` without a price."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ns = FIRST_NS
        self.currency("XBt", 8)
        self.currency("USDt", 6)
        self.index(".BXBT")
        self.index(".NEW", decimals=4)
        self.deposited = {XBT: 0, USDT: 0}
        self.bitcoin_units = 60_000_00
        self.price(1, self.bitcoin_units)
        self.alice, self.bob = self.account(1), self.account(2)
        for account in (self.alice, self.bob):
            self.deposit(account, 10 * BITCOIN, XBT)
            self.deposit(account, 1_000 * DOLLAR, USDT)

    def deposit(self, account: int, amount_minor: int, currency: int = XBT, reference: int = 0) -> list[wire.Event]:
        self.deposited[currency] += amount_minor
        return super().deposit(account, amount_minor, currency, reference)

    def minutes(self, count: int, dollars: int) -> list[wire.Event]:
        """So many minutes; bitcoin is at so many dollars just before each of them ends."""
        self.bitcoin_units = dollars * 100
        said: list[wire.Event] = []
        for _ in range(count):
            self.now_ns = (self.now_ns // MINUTE_NS + 1) * MINUTE_NS - 1
            said += self.price(1, self.bitcoin_units)
            self.now_ns += 1
            said += self.send(layout.Tick())
        return said

    def trade(self, instrument: int, maker: int, side: int, taker: int, quantity: int, ticks: int) -> None:
        """The maker's order rests; the taker's takes all of it."""
        self.place(maker, side, quantity, ticks, instrument=instrument)
        events = self.place(taker, SELL if side == BUY else BUY, quantity, ticks, instrument=instrument)
        assert (
            sum(fill.quantity for fill in of_kind(events, EventKind.FILL) if fill.instrument == instrument) == quantity
        )

    def work(self) -> list[wire.Event]:
        """All of the engine's own work."""
        said: list[wire.Event] = []
        while self.engine.work_waiting:
            said += self.carry_on(7)
            invariants.check(self.engine.tables)
        return said

    def row(self, instrument: int) -> layout.InstrumentRow:
        return self.engine.tables.instruments[instrument]

    def paid(self, currency: int) -> tuple[int, int]:
        """What Alice and Bob have."""
        return self.balance(self.alice, currency), self.balance(self.bob, currency)

    def conserved(self, currency: int, fees: int, fund: int = 0) -> None:
        """Nothing is open, so every unit that came in is somebody's, the fund's or the fees'; the auditor agrees."""
        tables = self.engine.tables
        assert all(tables.positions[at].quantity == 0 for at in reading.used(tables, TableNumber.POSITIONS_TABLE))
        rows = [tables.wallets[at] for at in reading.used(tables, TableNumber.WALLETS_TABLE)]
        wallets = {row.account: row.balance_minor for row in rows if row.currency == currency}
        outside = wallets.pop(Role.OUTSIDE)
        assert -outside == self.deposited[currency] == sum(wallets.values())
        assert (wallets.pop(Role.FEES, 0), wallets.pop(Role.INSURANCE, 0)) == (fees, fund)
        people = {account: amount for account, amount in wallets.items() if account >= self.alice}
        assert sum(people.values()) + fees + fund == self.deposited[currency]
        assert all(row.held_minor == 0 for row in rows)
        invariants.check(tables)
        heard_again(self)


def test_every_contract_from_its_listing_to_its_end() -> None:
    world = Shown()
    options_are_exercised(world)
    a_quarterly_future_settles(world)
    a_contract_converts(world)
    questions_are_answered(world)


def options_are_exercised(world: Shown) -> None:
    """A chain on one bitcoin each; taker 0.03 % of it, settlement 0.015 %, both at most an eighth of what is paid.

    Bitcoin settles at a mean of 62,500 dollars:   pays                bought by   at       of them   gains (Alice)
      call 50,000      12,500 / 62,500           = 0.20                Alice       0.1900   2          0.0200
      call 60,000       2,500 / 62,500           = 0.04                Alice       0.0300   1          0.0100
      put 70,000        7,500 / 62,500           = 0.12                Bob         0.1750   3          0.1650
      put 50,000                                   0                   Alice       0.0005   4         -0.0020
                                                                                                       0.1930
    Takers' fees: Alice 3 * 0.0003 + 4 * 0.0000625 (an eighth of 0.0005) = 0.00115, Bob 3 * 0.0003 = 0.0009.
    Settlement: either 6 * 0.00015 = 0.0009; what pays nothing costs nothing.
    """
    ends = FIRST_NS + 2 * HOUR_NS
    strikes = [(CALL, 50_000), (CALL, 60_000), (PUT, 50_000), (PUT, 70_000)]
    terms = {"expiry_ns": ends, "taker_fee_ppm": 300, "settlement_fee_ppm": 150}
    call_50, call_60, put_50, put_70 = chain = [
        option(world, f"XBT-{strike}-{kind.name[0]}", kind, strike * 100, **terms) for kind, strike in strikes
    ]
    for number, mark in zip(chain, (19_000, 3_000, 50, 17_500), strict=True):
        assert one(model(world, number, mark, 60_000_00), EventKind.OPTION_MARKED).mark_subticks == mark
        assert world.row(number).mark_subticks == mark
    world.trade(call_50, world.bob, SELL, world.alice, 2, 1_900)
    world.trade(call_60, world.bob, SELL, world.alice, 1, 300)
    world.trade(put_50, world.bob, SELL, world.alice, 4, 5)
    world.trade(put_70, world.alice, SELL, world.bob, 3, 1_750)
    # Marked at 0.2100 the two calls that were bought at 0.1900 are worth 0.42 bitcoin, 0.04 more than they cost.
    model(world, call_50, 21_000, 61_000_00)
    tables = world.engine.tables
    held = reading.position_figures(tables, reading.find_position(tables, world.alice, call_50))
    assert (held.value_minor, held.unrealised_minor) == (42_000_000, 4_000_000)

    world.minutes(90, 60_000)
    told = world.minutes(15, 62_000) + world.minutes(15, 63_000)
    assert world.now_ns == ends
    prices = {fixed.instrument: fixed.price_subticks for fixed in of_kind(told, EventKind.SETTLEMENT_FIXED)}
    assert prices == {call_50: 20_000, call_60: 4_000, put_50: 0, put_70: 12_000}
    gains = {
        record.instrument: record.realised_minor
        for record in of_kind(world.work(), EventKind.SETTLED)
        if record.account == world.alice
    }
    assert gains == {call_50: 2_000_000, call_60: 1_000_000, put_50: -200_000, put_70: 16_500_000}
    assert {world.row(number).state for number in chain} == {InstrumentState.INSTRUMENT_SETTLED}
    # 10 + 0.193 - 0.00115 - 0.0009, and 10 - 0.193 - 0.0009 - 0.0009.
    assert world.paid(XBT) == (1_019_095_000, 980_520_000)
    world.conserved(XBT, fees=385_000)


def a_quarterly_future_settles(world: Shown) -> None:
    """100,000 contracts of a dollar at 62,500 are 1.6 bitcoin; at the mean of 75,000 and 85,000, half each, 1.25.

    So who bought them gains 0.35, which a mean of the two values (1.2549) or the last price (1.1765) would not give.
    Fees: taker 1.6 * 0.05 % = 0.0008, maker 1.6 * 0.02 % = 0.00032, settlement 1.25 * 0.05 % = 0.000625 either side.
    """
    ends = FIRST_NS + QUARTER_NS
    number = world.instrument("XBTQ", **FUTURE, expiry_ns=ends, settlement_fee_ppm=500)
    world.minutes(1, 62_500)
    world.trade(number, world.bob, SELL, world.alice, 100_000, 625_000)
    # Nobody says anything for a quarter of a year, but for the last hour.
    world.now_ns = ends - HOUR_NS
    world.minutes(30, 70_000)
    told = world.minutes(15, 75_000) + world.minutes(15, 85_000)
    fixed = one(told, EventKind.SETTLEMENT_FIXED)
    assert (fixed.instrument, fixed.kind, fixed.samples) == (number, SettlementKind.BY_AVERAGE, 30)
    assert (fixed.average_units, fixed.price_subticks) == (80_000_00, 80_000_00)
    assert refused(world.place(world.bob, SELL, 100, 800_000, instrument=number)) == "INSTRUMENT_CLOSED"
    settled = {record.account: record.realised_minor for record in of_kind(world.work(), EventKind.SETTLED)}
    assert settled == {world.alice: 35_000_000, world.bob: -35_000_000}
    assert world.row(number).state == InstrumentState.INSTRUMENT_SETTLED
    # 10.19095 + 0.35 - 0.0008 - 0.000625, and 9.8052 - 0.35 - 0.00032 - 0.000625.
    assert world.paid(XBT) == (1_053_952_500, 945_425_500)
    world.conserved(XBT, fees=622_000)


def a_contract_converts(world: Shown) -> None:
    """A contract on something new, a dollar at its opening, bought at 1.08; converted at an index of 1.05, sold there.

    100 of them lose Alice 3 dollars. Fees: taker 108 * 0.05 % = 0.054 and 105 * 0.05 % = 0.0525, both hers; maker
    108 * 0.02 % = 0.0216 and 105 * 0.02 % = 0.021, both Bob's.
    """
    number = world.instrument("NEWUSDT", **{**PRELAUNCH, "currency": USDT})
    assert (world.row(number).index, world.row(number).mark_subticks) == (0, 100_000)
    world.trade(number, world.bob, SELL, world.alice, 100, 10_800)
    assert world.row(number).mark_subticks == 108_000
    to_new = {"instrument": number, "index": 2}
    assert refused(convert(world, **to_new)) == "INDEX_TOO_FAR"
    world.price(2, 10_500)
    converted = convert(world, **to_new)
    assert one(converted, EventKind.CONVERTED).instrument_type == InstrumentType.PERPETUAL
    assert one(converted, EventKind.MARK_MOVED).mark_subticks == 105_000
    assert world.row(number).mark_method == MarkMethod.MARK_FUNDING
    assert [world.position(who, number).quantity for who in (world.alice, world.bob)] == [100, -100]
    world.price(2, 10_600)
    assert world.row(number).mark_subticks == 106_000
    world.trade(number, world.bob, BUY, world.alice, 100, 10_500)
    # 1,000 - 3 - 0.054 - 0.0525, and 1,000 + 3 - 0.0216 - 0.021.
    assert world.paid(USDT) == (996_893_500, 1_002_957_400)
    world.conserved(USDT, fees=149_100)


def questions_are_answered(world: Shown) -> None:
    """A contract pays a dollar if the answer is yes. Rain: Alice buys 100 at 0.40. Snow: Bob buys 50 at 0.70.

    Rain is proposed as no; Carol puts up a dollar against it and is right: Alice gains 60, Carol has her dollar again.
    Snow is proposed as yes; Carol disputes that too, and is wrong: Bob gains 15, and her dollar is the fund's.
    """
    rain, snow = (world.instrument(name, **{**PREDICTION, "currency": USDT}) for name in ("P_RAIN", "P_SNOW"))
    carol = world.account(3)
    world.deposit(carol, 3 * DOLLAR, USDT)
    world.trade(rain, world.bob, SELL, world.alice, 100, 4_000)
    world.trade(snow, world.alice, SELL, world.bob, 50, 7_000)
    for number, proposed in ((rain, NO), (snow, YES)):
        stage = one(propose(world, proposed, instrument=number), EventKind.DOCKET_CHANGED)
        assert (stage.stage, stage.outcome_subticks) == (DocketStage.DOCKET_PROPOSED, proposed)
        held = one(dispute(world, carol, instrument=number), EventKind.BOND_CHANGED)
        assert (held.stage, held.amount_minor) == (BondStage.BOND_HELD, DOLLAR)
    assert reading.margin_of(world.engine.tables, carol, USDT).available_minor == DOLLAR
    # Disputed questions wait for a decision, however long it takes.
    assert not of_kind(world.minutes(180, 85_000), EventKind.SETTLEMENT_FIXED)
    for number, bond in ((rain, BondStage.BOND_RETURNED), (snow, BondStage.BOND_LOST)):
        decided = decide(world, YES, instrument=number)
        assert one(decided, EventKind.DOCKET_CHANGED).stage == DocketStage.DOCKET_DECIDED
        assert one(decided, EventKind.BOND_CHANGED).stage == bond
        fixed = one(decided, EventKind.SETTLEMENT_FIXED)
        assert (fixed.kind, fixed.price_subticks) == (SettlementKind.BY_OUTCOME, HIGHEST)
    world.work()
    assert {world.row(number).state for number in (rain, snow)} == {InstrumentState.INSTRUMENT_SETTLED}
    # 996.8935 + 60 - 15, and 1,002.9574 - 60 + 15.
    assert world.paid(USDT) == (1_041_893_500, 957_957_400)
    assert world.balance(carol, USDT) == 2 * DOLLAR
    world.conserved(USDT, fees=149_100, fund=DOLLAR)
