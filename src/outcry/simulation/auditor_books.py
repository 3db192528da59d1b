"""The auditor's own books: what he knows of instruments, accounts, wallets, positions, orders and takeovers.

First the rows (those of orders are in `auditor_rows`), then `Books`, which holds them all, moves money, and says what
does not hold.  Plain Python objects made from commands and events only.  Nothing here knows how an entry is read or
what an event means.
"""

from typing import NoReturn

from outcry.protocol.layout import BAND_PPM, PPM, ROLES, DocketStage, Fault, Role
from outcry.simulation.auditor_backing import BACKED, Backing
from outcry.simulation.auditor_rows import Group, Order, Side
from outcry.simulation.auditor_rules import BUY, INVERSE, half_up

INSURANCE, FEES, TAKEOVER = int(Role.INSURANCE), int(Role.FEES), int(Role.TAKEOVER)
OUTSIDE, IN_FLIGHT = int(Role.OUTSIDE), int(Role.IN_FLIGHT)


class AuditBreach(Exception):
    """The first thing that does not hold, with both numbers."""

    def __init__(self, check: str, sequence: int, subject: str, what: str, found: int, expected: int) -> None:
        super().__init__(
            f"{check} does not hold at sequence {sequence}: {subject}: {what}: found {found:,}, expected {expected:,}"
        )
        self.check, self.sequence, self.subject, self.what = check, sequence, subject, what
        self.found, self.expected = found, expected


class Instrument:
    """A contract's terms as listed, its marks as said, its book, and what its positions come to."""

    __slots__ = (
        "asks",
        "auction_left",
        "auction_price",
        "backing",
        "band_ppm",
        "bids",
        "binary",
        "bond",
        "contracts",
        "costs",
        "currency",
        "dispute_ns",
        "docket",
        "epoch",
        "epoch_lot",
        "epoch_rate",
        "expiry",
        "far",
        "following",
        "highest",
        "hourly_ppm",
        "in_kind",
        "index",
        "index_one",
        "interest",
        "inverse",
        "kind",
        "lot",
        "lot_above",
        "lot_below",
        "lowest",
        "maker_ppm",
        "mark",
        "mark_lot",
        "mark_method",
        "mean",
        "near",
        "next_hour",
        "next_rate",
        "number",
        "opening",
        "opens",
        "origin",
        "owing",
        "per_tick",
        "pot",
        "price_max",
        "quantity_max",
        "references",
        "risk_limit",
        "risk_step",
        "settled",
        "settled_rows",
        "settlement_ppm",
        "small",
        "state",
        "steps",
        "strike",
        "sweeping",
        "taken",
        "taker_ppm",
        "tick_units",
        "turnover",
        "until",
        "usd_index",
        "volume",
    )

    def __init__(self, number: int, terms: dict[str, int]) -> None:
        self.number, self.currency, self.lot = number, terms["currency"], terms["lot"]
        self.inverse = terms["valuation"] == INVERSE
        self.per_tick, self.price_max = terms["subticks_per_tick"], terms["price_ticks_max"]
        self.quantity_max, self.mark_method = terms["quantity_max"], terms["mark_method"]
        self.maker_ppm, self.taker_ppm = terms["maker_fee_ppm"], terms["taker_fee_ppm"]
        self.risk_limit, self.risk_step = terms["risk_limit_minor"], terms["risk_step_minor"]
        self.usd_index = terms["usd_index"]
        self.band_ppm, self.small = terms["band_ppm"] or BAND_PPM, terms["small_order_minor"]
        self.near, self.far, self.origin = terms["near_instrument"], terms["far_instrument"], terms["origin_ticks"]
        self.lowest = self.highest = 0
        # VAL-01: a lot is worth lot * multiplier * price, or lot * multiplier / price; a sub-tick is this much price.
        steps_in_one = 10 ** terms["price_decimals"] * self.per_tick
        self.steps, self.tick_units, self.strike = steps_in_one, terms["tick_units"], terms["strike_units"]
        self.index, self.kind, self.settlement_ppm = (
            terms["index"],
            terms["instrument_type"],
            terms["settlement_fee_ppm"],
        )
        self.in_kind = terms["underlying"] == terms["quote"]
        """An option that is quoted and paid in its own underlying."""
        self.opens = terms["opens_ns"]
        self.opening, self.hourly_ppm = terms["opening_subticks"], terms["hourly_band_ppm"]
        self.mean, self.next_hour = self.opening * PPM, 0
        """The mean of its own marks in millionths of a sub-tick, and when its price limits are due."""
        self.ask(terms)
        self.settled, self.taken, self.settled_rows = False, 0, 0
        self.index_one = 1
        worth = self.lot * terms["multiplier_minor"]
        if self.inverse:
            self.lot_above, self.lot_below = worth * steps_in_one // terms["tick_units"], 1
        else:
            self.lot_above, self.lot_below = worth * terms["tick_units"], steps_in_one
        backed = terms["instrument_type"] in BACKED
        self.backing = Backing(terms, self.lot_value(self.price_max * self.per_tick)) if backed else None
        self.bids, self.asks = Side(True), Side(False)
        self.references: dict[int, tuple[int, int, int]] = {}
        """By kind: the price now, and the lowest and highest since the engine had nothing to do."""
        self.mark = self.mark_lot = self.contracts = self.costs = self.interest = self.volume = self.turnover = 0
        self.epoch = self.epoch_lot = self.epoch_rate = self.pot = 0
        self.next_rate: int | None = terms["funding_rate_ppb"]
        self.owing: dict[int, int] = {}
        self.sweeping = False
        self.auction_price = self.auction_left = 0
        self.state, self.following, self.until, self.expiry = 1, 0, 0, terms["expiry_ns"]

    def ask(self, terms: dict[str, int]) -> None:
        """Of a prediction market how its question is answered (PRD-01)."""
        self.dispute_ns, self.bond, self.binary = terms["dispute_ns"], terms["bond_minor"], terms["binary"]
        self.docket: Docket | None = None

    def lot_value(self, subticks: int) -> int:
        """Magnitude of what a lot is worth at a price (VAL-01)."""
        if self.inverse:
            return half_up(self.lot_above, subticks)
        return half_up(subticks * self.lot_above, self.lot_below)

    def cost(self, buys: bool, value: int) -> int:
        """The signed cost to who trades so much (VAL-01)."""
        return value if buys != self.inverse else -value

    def side(self, side: int) -> Side:
        """Bids or asks."""
        return self.bids if side == BUY else self.asks


class Docket:
    """What was said of a prediction market's question, and the bond against it."""

    __slots__ = ("bond", "outcome", "owner", "slot", "source", "stage", "until", "void", "voided")

    def __init__(self, slot: int, voided: int, outcome: int, void: int, until: int, source: bytes) -> None:
        self.slot, self.voided, self.outcome, self.void = slot, voided, outcome, void
        self.until, self.source, self.stage = until, source, int(DocketStage.DOCKET_PROPOSED)
        self.owner = self.bond = 0


class Position:
    """What an account holds of an instrument, and how it is margined."""

    __slots__ = (
        "account",
        "cost",
        "fees",
        "isolated",
        "leverage",
        "lifetime",
        "loss",
        "moved",
        "previous",
        "quantity",
        "realised",
        "steps",
    )

    def __init__(self, account: int) -> None:
        self.account = account
        self.quantity = self.cost = self.lifetime = self.realised = self.fees = self.previous = 0
        self.leverage = self.moved = self.loss = self.steps = self.isolated = 0


class Account:
    """Somebody's state, orders, names of orders, and what he has traded by day."""

    __slots__ = (
        "cents",
        "dead_man",
        "ended",
        "ended_count",
        "names",
        "orders",
        "positions",
        "self_trade",
        "small_until",
        "state",
        "tier",
        "tier_day",
        "until",
    )

    def __init__(self) -> None:
        self.state, self.until = 1, 0
        self.tier, self.tier_day, self.dead_man, self.ended_count = 0, -1, 0, 0
        self.self_trade = self.small_until = 0
        self.orders: dict[int, Order] = {}
        self.names: dict[bytes, int] = {}
        """Client ids of open orders."""
        self.ended: dict[bytes, tuple[int, int]] = {}
        """Those of ended ones: when, and the how manieth."""
        self.positions: dict[int, Position] = {}
        self.cents: dict[int, int] = {}


class Wallet:
    """Money of an account in a currency, and how it came and went."""

    __slots__ = ("balance", "deposited", "held", "lost", "received", "sent", "withdrawn")

    def __init__(self) -> None:
        self.balance = self.deposited = self.withdrawn = self.received = self.sent = 0
        self.held = self.lost = 0
        """In bonds, and lost with them."""


class Currency:
    """A settlement currency: its scale and the sums of Law 3."""

    __slots__ = ("cost", "deposits", "epochs", "flight", "held", "scale", "withdrawals")

    def __init__(self, scale: int) -> None:
        self.scale = scale
        self.held = self.cost = self.epochs = self.flight = self.deposits = self.withdrawals = 0


class Takeover:
    """A position taken over, as far as it is not closed."""

    __slots__ = ("cost", "instrument", "number", "quantity")

    def __init__(self, number: int, instrument: int, quantity: int, cost: int) -> None:
        self.number, self.instrument, self.quantity, self.cost = number, instrument, quantity, cost


class Halt:
    """What the venue said when it stopped itself."""

    __slots__ = ("expected", "fault", "found", "sequence", "subject")

    def __init__(self, sequence: int, fault: int, subject: int, found: int, expected: int) -> None:
        self.sequence, self.fault, self.subject, self.found, self.expected = sequence, fault, subject, found, expected

    def __str__(self) -> str:
        name = Fault(self.fault).name if self.fault in list(Fault) else f"fault {self.fault}"
        return (
            f"the venue halted itself at sequence {self.sequence}: {name} of {self.subject}: found {self.found:,}, "
            f"expected {self.expected:,}"
        )


class Books:
    """All that the auditor knows, the entry he is at, and how much he has compared."""

    def __init__(self) -> None:
        self.sequence = self.time_ns = self.entries = self.events = self.checks = self.refusals = self.kind = 0
        self.command, self.command_at = b"", 0
        self.halt: Halt | None = None
        self.cancel_only = False
        self.venue_state = self.venue_until = 0
        self.currencies: dict[int, Currency] = {}
        self.indices: dict[int, int] = {}
        """Decimals of each."""
        self.index_units: dict[int, int] = {}
        self.instruments: dict[int, Instrument] = {}
        self.accounts: dict[int, Account] = {role: Account() for role in range(1, ROLES)}
        self.handles: dict[bytes, int] = {}
        self.wallets: dict[tuple[int, int], Wallet] = {}
        self.orders: dict[int, Order] = {}
        self.next_order = 1
        self.takeovers: dict[int, Takeover] = {}
        self.takeovers_made = 0
        self.origins: dict[int, int] = {}
        self.deposits: dict[tuple[bytes, int, int], tuple[int, int]] = {}
        """Credited outpoints with currency: account and amount; those that were reversed are taken out."""
        self.withdrawals: dict[bytes, tuple[int, int, int]] = {}
        """Requests in flight: account, currency, amount."""
        self.requests: set[bytes] = set()
        """All requests there ever were."""
        self.active: Order | None = None
        """The order that is being matched."""
        self.dirty: set[tuple[int, int, int]] = set()
        """Levels that have changed and were not said since."""
        self.exhausted: set[tuple[int, int, int]] = set()
        """Levels at which icebergs wait for the taker to be done."""
        self.sharing: tuple[tuple[int, int, int, int], list[Order]] | None = None
        """Entry, taker, side and price of what is hidden and shared, and who has not had his share yet."""
        self.filled: dict[int, tuple[Order, int]] = {}
        """Orders filled not long ago, and when."""
        self.groups: dict[tuple[int, bytes], Group] = {}
        self.places = 0
        """Places given to orders that wait."""
        self.released: list[int] = []
        """Orders whose primaries were filled, in their turn."""
        self.stirred: list[tuple[Order, Group]] = []
        """Orders that have traded or were triggered, whose others are to end before the next trade."""
        self.orphaned: list[Group] = []
        """Groups whose primaries have ended unfilled."""
        self.expired: tuple[int, int, int] = (0, 0, 0)
        """Entry, account and instrument of the last order that ended in an auction because it met one of its own."""
        self.moving: Order | None = None
        """The order that an amendment has taken out of its queue."""
        self.taking: int = 0
        """The account whose position is about to be taken over, as the step before said."""
        self.advance: int | None = None
        """What the takeover's wallet has got that is not told yet."""
        self.closing: int = 0
        """The takeover for which an order is announced."""
        self.announced: tuple[int, int, int] | None = None
        """Account, number and quantity of the order that a liquidation announced."""
        self.averages: dict[int, tuple[int, int]] = {}
        """Of each index how many of the last 30 minutes have a sample, and their mean."""
        self.settled: tuple[int, int, int] | None = None
        """Instrument, contracts and cost that were settled of the takeover that is named next."""
        self.legs: list[tuple[int, ...]] = []
        """Legs of a spread's fill that were said, before the fill itself: leg, both orders, quantity, price."""
        self.minute = self.dockets = self.lost_bond = 0  # whose means are made; how many; what the last came to
        self.said: set[int] = set()
        """Kinds of events of the entry so far."""

    def waiting(self) -> "list[Order]":
        """The orders that wait."""
        return [order for order in self.orders.values() if order.wait is not None]

    def wrong(self, check: str, subject: str, what: str, found: int, expected: int) -> NoReturn:
        """Something does not hold.  Raises `AuditBreach`."""
        raise AuditBreach(check, self.sequence, subject, what, int(found), int(expected))

    def same(self, check: str, subject: str, **pairs: tuple[int, int]) -> None:
        """Of pairs (found, expected) none differs.  Raises `AuditBreach`."""
        self.checks += len(pairs)
        for what, (found, expected) in pairs.items():
            if found != expected:
                self.wrong(check, subject, what, found, expected)

    def account(self, number: int) -> Account:
        """An account that was opened, or a role.  Raises `AuditBreach`."""
        found = self.accounts.get(number)
        if found is None:
            self.wrong("AUD-26", f"account {number}", "was never opened", number, 0)
        return found

    def instrument(self, number: int) -> Instrument:
        """An instrument that was listed.  Raises `AuditBreach`."""
        found = self.instruments.get(number)
        if found is None:
            self.wrong("AUD-26", f"instrument {number}", "was never listed", number, 0)
        return found

    def wallet(self, account: int, currency: int) -> Wallet:
        """A wallet, empty if it had none."""
        found = self.wallets.get((account, currency))
        if found is None:
            if currency not in self.currencies:
                self.wrong("AUD-26", f"currency {currency}", "was never listed", currency, 0)
            found = self.wallets[account, currency] = Wallet()
        return found

    def position(self, account: int, instrument: int) -> Position:
        """A position, flat and cross if it had none."""
        positions = self.account(account).positions
        found = positions.get(instrument)
        if found is None:
            found = positions[instrument] = Position(account)
        return found

    def takeover(self, number: int) -> Takeover:
        """A takeover that is not closed.  Raises `AuditBreach`."""
        found = self.takeovers.get(number)
        if found is None:
            self.wrong("AUD-21", f"takeover {number}", "is not open", number, 0)
        return found

    def give(self, account: int, currency: int, amount: int) -> Wallet:
        """Money comes into a wallet, or leaves it if negative."""
        found = self.wallet(account, currency)
        found.balance += amount
        self.currencies[currency].held += amount
        return found

    def check_money(self, number: int) -> None:
        """LAW-03 of a currency: what is held is what came in and has not left.  Raises `AuditBreach`."""
        self.checks += 1
        sums = self.currencies[number]
        held = sums.held - sums.cost + sums.epochs + sums.flight
        if held != sums.deposits - sums.withdrawals:
            self.wrong("AUD-15", f"currency {number}", "money", held, sums.deposits - sums.withdrawals)
