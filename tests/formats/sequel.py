"""What follows the crisis in a journal that is kept: contracts of every other type are listed, trade, and some end.

`sequel(steps)` takes times and commands as a history journaled them and says the commands that come after, with their
times.  A future settles by the mean of its index and a call with it; another option is marked and held, one question is
disputed and one is answered, a spread trades its legs, and what is not launched rests in its book.
"""

import ctypes

from outcry.protocol import layout, wire
from outcry.protocol.layout import InstrumentType, OrderFlag, Side
from tests.engine.worlds import World, listing, number_words, place
from tests.laws import commands, products
from tests.laws.products import BITCOIN, DOLLAR, MINUTE_NS

Step = tuple[int, ctypes.LittleEndianStructure]
SPOT_UNITS, STRIKE_UNITS = 50_000_00, 49_000_00
MINUTES = 24


class Sequel(World):
    """A venue that has been through something, its next commands, and two accounts that are new there."""

    def __init__(self, steps: list[Step]) -> None:
        super().__init__()
        self.steps: list[Step] = []
        for time_ns, record in steps:
            self.now_ns = time_ns
            super().send(record)
        self.index_number = self.engine.tables.pools[layout.TableNumber.INDICES_TABLE].high + 1
        self.source = self.engine.tables.pools[layout.TableNumber.CONSTITUENTS_TABLE].high + 1
        self.accounts = [self.engine.tables.pools[layout.TableNumber.ACCOUNTS_TABLE].high + at for at in (0, 1)]
        self.steps = []

    def send(self, record: ctypes.LittleEndianStructure, payload: bytes = b"") -> list[wire.Event]:
        """As a node would: work first."""
        if self.engine.work_waiting and not isinstance(record, (layout.Tick, layout.Continue)):
            self.carry_on()
        events = super().send(record, payload)
        self.steps.append((self.now_ns, record))
        return events

    def list_one(self, record: layout.List) -> int:
        """On the index of the sequel, if it has one."""
        if record.index:
            record.index = self.index_number
        self.send(record)
        return int(self.engine.tables.pools[layout.TableNumber.INSTRUMENTS_TABLE].high)

    def trade(self, number: int, quantity: int, ticks: int) -> None:
        """The second sells to the first."""
        buyer, seller = self.accounts
        self.send(place(seller, Side.SELL, quantity, ticks, instrument=number))
        self.send(place(buyer, Side.BUY, quantity, ticks, instrument=number))

    def model(self, number: int, mark_subticks: int) -> None:
        """What a feed says of a call."""
        said = {"forward_units": SPOT_UNITS, "volatility_ppm": 600_000, "delta_ppm": 400_000, "seen_ns": self.now_ns}
        self.send(layout.SetOptionMark(instrument=number, mark_subticks=mark_subticks, **said))

    def minutes(self, count: int) -> None:
        """So many, each with a price."""
        for _ in range(count):
            self.now_ns = (self.now_ns // MINUTE_NS + 1) * MINUTE_NS
            self.send(commands.price(self.index_number, self.source, SPOT_UNITS + self.sent % 7))


def ending(first: int, minutes: int) -> int:
    """The whole minute so many after one that has begun."""
    return (first // MINUTE_NS + minutes) * MINUTE_NS


def sequel(steps: list[Step]) -> list[Step]:
    """The commands that follow those."""
    world = Sequel(steps)
    now = world.now_ns
    world.send(commands.index(".LATER", 2))
    world.send(commands.constituent(world.index_number, 1_000_000))
    world.send(commands.price(world.index_number, world.source, SPOT_UNITS))
    for account, handle in zip(world.accounts, (7_001, 7_002), strict=True):
        world.send(commands.open_account(handle))
        for currency, amount in ((1, 10**3 * BITCOIN), (2, 10**6 * DOLLAR)):
            world.send(commands.deposit(account, currency, amount, 10**9 + world.sent))
    near = world.list_one(products.inverse_future("LATERN", ending(now, MINUTES - 3)))
    far = world.list_one(products.inverse_future("LATERF", ending(now, 3_000)))
    spread = world.list_one(products.spread("LATERNF", near, far, ending(now, MINUTES - 3)))
    over = world.list_one(products.option("LATERC", InstrumentType.CALL, STRIKE_UNITS, ending(now, MINUTES - 3)))
    held = world.list_one(products.option("LATERP", InstrumentType.CALL, STRIKE_UNITS, ending(now, 3_000)))
    asked = [world.list_one(products.prediction(f"P_LATER{at}", 0, 3 * at, 0)) for at in (1, 2)]
    early = world.list_one(products.prelaunch("EARLY"))
    world.list_one(listing("LATERU", opens_ns=ending(now, 10_000)))
    for option in (over, held):
        world.model(option, 3_000)
        world.trade(option, 3, 300)
    world.trade(near, 1_000, 10 * SPOT_UNITS // 100)
    world.trade(spread, 2_000, products.ORIGIN + 5)
    world.send(place(world.accounts[0], Side.BUY, 500, products.ORIGIN - 20, instrument=spread))
    for number in asked:
        world.trade(number, 500, 6_000)
    world.trade(early, 1_000, 10_100)
    world.send(place(world.accounts[0], Side.BUY, 50, 9_900, instrument=early, flags=OrderFlag.POST_ONLY))
    for number in asked:
        proposed = layout.ProposeOutcome(instrument=number, outcome_subticks=100_000)
        wire.put_bytes(proposed.source_hash, number_words(number, 32))
        world.send(proposed)
    disputed = layout.DisputeOutcome(account=world.accounts[1], instrument=asked[1])
    wire.put_bytes(disputed.source_hash, number_words(9, 32))
    world.send(disputed)
    world.minutes(MINUTES)
    world.model(held, 3_100)
    world.send(place(world.accounts[1], Side.SELL, 2, 320, instrument=held))
    world.minutes(2)
    return world.steps
