"""The plain model's accounts, money, prices, listings and time, written from docs/rules; orders are in venue_model.py.

Money is kept per account and currency; outpoints, requests, handles and symbols are remembered as they are given.
"""

import ctypes
from dataclasses import dataclass, field
from fractions import Fraction

from outcry.protocol import layout
from outcry.protocol.layout import (
    AccountState,
    InstrumentState,
    SelfTrade,
    TaskKind,
    VenueState,
)
from tests.laws.listing_model import shown, terms_hold, terms_of
from tests.laws.model import Key
from tests.laws.price_model import Index, Look, PriceModel, Source

BOUND = layout.AMOUNT_BOUND
MINUTE_NS = layout.MINUTE_NS


def room(table: str) -> int:
    """Rows of a table at the start; slot 0 stands for none."""
    return layout.TABLE_ROWS[table][1] - 1


def earliest(*reasons: str) -> str:
    """The reason that stands first in the table of codes, or nothing (LAW-07)."""
    return min((reason for reason in reasons if reason), key=lambda name: layout.Code[name], default="")


@dataclass
class Withdrawal:
    """Money on its way out."""

    account: int
    currency: int
    amount: int
    over: bool = False


@dataclass
class Deposit:
    """A credited outpoint."""

    account: int
    amount: int
    reversed: bool = False


@dataclass
class WorldlyModel(PriceModel):
    """Everything around trading."""

    due_ns: int = 0
    resumed_ns: int = 0
    sequence: int = 0
    root_sequence: int = 0
    origins: dict[int, int] = field(default_factory=dict)
    handles: dict[bytes, int] = field(default_factory=dict)
    states: dict[int, int] = field(default_factory=dict)
    currencies: list[bytes] = field(default_factory=list)
    index_symbols: list[bytes] = field(default_factory=list)
    sources: dict[int, int] = field(default_factory=dict)
    symbols: list[bytes] = field(default_factory=list)
    deposits: dict[tuple[int, bytes, int], Deposit] = field(default_factory=dict)
    withdrawals: dict[bytes, Withdrawal] = field(default_factory=dict)
    brought: dict[int, int] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    switches: dict[int, Key] = field(default_factory=dict)
    """Dead-man switches that are armed: when, and which entry armed it."""
    waiting: set[TaskKind] = field(default_factory=set)
    """Kinds of the engine's own work that wait; how much of it is done by a `Continue` is the engine's."""
    moved: bool = False
    """Whether a mark has moved in this entry."""

    def admit(self, record: ctypes.LittleEndianStructure, time_ns: int, origin: int, origin_sequence: int) -> str:
        """What holds for every entry, before its command is looked at (CMD-02, CMD-03)."""
        self.sequence += 1
        if time_ns < self.time_ns:
            return "TIME_BACKWARDS"
        self.time_ns = time_ns
        timed = isinstance(record, (layout.Tick, layout.Resume))
        if self.due_ns and time_ns >= self.due_ns and not timed:
            return "TICK_DUE"
        if origin:
            if origin_sequence <= self.origins.get(origin, 0):
                return "ORIGIN_REPEATED"
            self.origins[origin] = origin_sequence
        if not self.due_ns:
            self.plan()
        return ""

    def plan(self) -> None:
        """CMD-02: the next minute, or the first time of an account unless those are being worked through."""
        self.due_ns = (self.time_ns // MINUTE_NS + 1) * MINUTE_NS
        if self.timers() and TaskKind.TASK_DEAD_MEN not in self.waiting:
            self.due_ns = min(self.due_ns, self.timers()[0][0])

    def timers(self) -> list[tuple[int, int, int]]:
        """When the time of an account has come, by what entry, and whose: switches (ORD-12), the first first."""
        return sorted((*due, account) for account, due in self.switches.items())

    def after_minute(self) -> None:
        """In the models of triggers and auctions: what else a tick does."""

    def end_states(self) -> None:
        """In the model of states: those whose time is over."""

    def waits(self, account: int) -> str:
        """CMD-10: its switch has gone off, or it is to be liquidated."""
        due = self.switches.get(account)
        if due and due[0] <= self.time_ns:
            return "ACCOUNT_WAITS"
        fails = any(self.stand(subject).fails for subject in self.subjects(account))
        return "ACCOUNT_WAITS" if TaskKind.TASK_EXAMINE in self.waiting and fails else ""

    def account_reason(self, account: int) -> str:
        """CMD-05, LAW-06."""
        if account <= 0 or account >= layout.ROLES + len(self.handles):
            return "ACCOUNT_UNKNOWN"
        return "ACCOUNT_IS_ROLE" if account < layout.ROLES else ""

    def currency_reason(self, currency: int) -> str:
        return "" if 1 <= currency <= len(self.currencies) else "CURRENCY_UNKNOWN"

    def balance(self, account: int, currency: int) -> int:
        return self.wallets.get((account, currency), 0)

    def pay(self, account: int, currency: int, amount: int) -> None:
        self.wallets[account, currency] = self.balance(account, currency) + amount

    # Accounts.

    def on_OpenAccount(self, asked: layout.OpenAccount) -> str:
        self.handles.setdefault(bytes(asked.handle), layout.ROLES + len(self.handles))
        return ""

    # Money.

    def amount_reason(self, account: int, currency: int, amount: int) -> str:
        """WAL-01."""
        held, brought = self.balance(account, currency), self.brought.get(currency, 0)
        within = held + amount < BOUND and brought + amount < layout.TOTAL_BOUND
        return "" if 0 < amount < BOUND and within else "AMOUNT_INVALID"

    def on_Deposit(self, asked: layout.Deposit) -> str:
        account, currency, amount = asked.account, asked.currency, asked.amount_minor
        refusal = earliest(self.money_reason(), self.currency_reason(currency), self.given_reason(account))
        if refusal:
            return refusal
        key = (currency, bytes(asked.reference), asked.output_index)
        known = self.deposits.get(key)
        twice = "OUTPOINT_DUPLICATE" if known and not known.reversed else ""
        refusal = earliest(twice, self.amount_reason(account, currency, amount))
        if not refusal:
            self.deposits[key] = Deposit(account, amount)
            self.brought[currency] = self.brought.get(currency, 0) + amount
            self.pay(account, currency, amount)
            self.square_after(account, currency)
        return refusal

    def square_after(self, account: int, currency: int) -> None:
        """If it was the fund that was given money, what takeovers lack is covered (INS-01)."""
        if account == layout.Role.INSURANCE:
            self.square(currency)

    def given_reason(self, account: int) -> str:
        """INS-01: the insurance fund may be given money from outside, like anybody."""
        return "" if account == layout.Role.INSURANCE else self.account_reason(account)

    def on_ReverseDeposit(self, asked: layout.ReverseDeposit) -> str:
        account, currency = asked.account, asked.currency
        refusal = earliest(self.currency_reason(currency), self.given_reason(account))
        if refusal:
            return refusal
        known = self.deposits.get((currency, bytes(asked.reference), asked.output_index))
        if known is None or known.reversed or known.account != account:
            return "DEPOSIT_UNKNOWN"
        known.reversed = True
        self.brought[currency] -= known.amount
        self.pay(account, currency, -known.amount)
        self.square_after(account, currency)
        return ""

    def spending_reasons(self, account: int, currency: int, leaves: bool) -> list[str]:
        """CMD-04, CMD-05, CMD-07, CMD-12."""
        state = self.states.get(account)
        frozen, held = state == AccountState.ACCOUNT_STOPPED, self.venue_state == VenueState.VENUE_CANCELLING
        held = held or (self.venue_state == VenueState.VENUE_WITHDRAWING and not leaves)
        return [
            "VENUE_CANCEL_ONLY" if self.cancel_only else "",
            "VENUE_HELD" if held else "",
            self.money_reason(),
            "ACCOUNT_WITHDRAW_ONLY" if state == AccountState.ACCOUNT_WITHDRAWING and not leaves else "",
            "ACCOUNT_CANCEL_ONLY" if state == AccountState.ACCOUNT_CANCELLING else "",
            self.currency_reason(currency),
            self.account_reason(account),
            "ACCOUNT_FROZEN" if frozen else "",
            self.waits(account),
        ]

    def money_reason(self) -> str:
        """CMD-12: on the last rung nothing comes in or goes out."""
        return "VENUE_MONEY_HELD" if self.venue_state == VenueState.VENUE_STOPPED else ""

    def on_Withdraw(self, asked: layout.Withdraw) -> str:
        account, currency, amount = asked.account, asked.currency, asked.amount_minor
        request = bytes(asked.request)
        reasons = self.spending_reasons(account, currency, True)
        reasons += ["REQUEST_DUPLICATE" if request in self.withdrawals else ""]
        reasons += ["" if 0 < amount < BOUND else "AMOUNT_INVALID"]
        refusal = earliest(*reasons)
        if not refusal and amount > self.available(account, currency):
            refusal = "BALANCE_INSUFFICIENT"
        if not refusal:
            self.withdrawals[request] = Withdrawal(account, currency, amount)
            self.pay(account, currency, -amount)
        return refusal

    def on_SettleWithdrawal(self, asked: layout.SettleWithdrawal) -> str:
        refusal = self.account_reason(asked.account)
        if refusal:
            return refusal
        under_way = self.withdrawals.get(bytes(asked.request))
        known = under_way is not None and not under_way.over and under_way.account == asked.account
        bad = "PARAMETER_INVALID" if asked.settled > 1 else ""
        refusal = earliest("" if known else "WITHDRAWAL_UNKNOWN", bad)
        if not refusal and under_way is not None:
            under_way.over = True
            if not asked.settled:
                self.pay(under_way.account, under_way.currency, under_way.amount)
        return refusal

    def on_Transfer(self, asked: layout.Transfer) -> str:
        account, target, currency, amount = asked.account, asked.to_account, asked.currency, asked.amount_minor
        reasons = [*self.spending_reasons(account, currency, False), self.account_reason(target)]
        frozen = self.states.get(target) == AccountState.ACCOUNT_STOPPED
        reasons += ["ACCOUNT_FROZEN" if frozen else "", "PARAMETER_INVALID" if account == target else ""]
        reasons += [self.amount_reason(target, currency, amount)]
        refusal = earliest(*reasons)
        if not refusal and amount > self.available(account, currency):
            refusal = "BALANCE_INSUFFICIENT"
        if not refusal:
            self.pay(account, currency, -amount)
            self.pay(target, currency, amount)
        return refusal

    # Trading, but for orders.

    def on_SetSelfTrade(self, asked: layout.SetSelfTrade) -> str:
        """ORD-10."""
        known = SelfTrade.EXPIRE_TAKER <= asked.self_trade <= SelfTrade.EXPIRE_BOTH
        refusal = earliest(self.account_reason(asked.account), "" if known else "PARAMETER_INVALID")
        if not refusal:
            self.self_trades[asked.account] = asked.self_trade
        return refusal

    def on_SetPriceLimits(self, asked: layout.SetPriceLimits) -> str:
        """ORD-22."""
        if asked.instrument not in self.terms:
            return "INSTRUMENT_UNKNOWN"
        terms, low, high = self.terms[asked.instrument], asked.lowest_ticks, asked.highest_ticks
        fits = 0 <= low <= terms.price_ticks_max and 0 <= high <= terms.price_ticks_max
        if not fits or low > high > 0:
            return "PARAMETER_INVALID"
        terms.lowest, terms.highest = low, high
        return ""

    # Prices and time.

    def on_ConstituentPrice(self, asked: layout.ConstituentPrice) -> str:
        known = self.sources.get(asked.constituent) == asked.index
        refusal = earliest(
            "" if asked.index in self.indices else "INDEX_UNKNOWN",
            "" if known else "CONSTITUENT_UNKNOWN",
            "" if 0 < asked.price_units < BOUND else "PARAMETER_INVALID",
        )
        if refusal:
            return refusal
        source = self.indices[asked.index].sources[asked.constituent]
        source.price, source.seen_ns = asked.price_units, self.time_ns
        self.judge(asked.index, asked.constituent)
        self.mark_on_index(asked.index)
        self.open_if_fresh()
        return ""

    def mark_on_index(self, index: int) -> None:
        for number, terms in self.terms.items():
            if terms.index == index:
                self.mark(number)

    def mark_has_moved(self, number: int) -> None:
        self.moved = True

    def source_reason(self, index: int, source: int) -> str:
        """CMD-05."""
        return earliest(
            "" if index in self.indices else "INDEX_UNKNOWN",
            "" if self.sources.get(source) == index else "CONSTITUENT_UNKNOWN",
        )

    def on_SetNextWeight(self, asked: layout.SetNextWeight) -> str:
        """IDX-07."""
        fits = 0 <= asked.weight_ppm <= layout.PPM
        refusal = earliest(self.source_reason(asked.index, asked.constituent), "" if fits else "PARAMETER_INVALID")
        if not refusal:
            self.indices[asked.index].sources[asked.constituent].next_weight = asked.weight_ppm
            self.judge(asked.index)
            self.mark_on_index(asked.index)
        return refusal

    def on_AdoptWeights(self, asked: layout.AdoptWeights) -> str:
        """IDX-07."""
        if asked.index not in self.indices:
            return "INDEX_UNKNOWN"
        sources = self.indices[asked.index].sources.values()
        if not any(source.next_weight for source in sources):
            return "PARAMETER_INVALID"
        for source in sources:
            source.weight, source.next_weight = source.next_weight, 0
        self.judge(asked.index)
        self.mark_on_index(asked.index)
        return ""

    def open_if_fresh(self) -> None:
        """CMD-04."""
        stale = [index for index in self.indices.values() if index.units and index.time_ns < self.resumed_ns]
        if self.cancel_only and not stale:
            self.cancel_only, self.moved = False, True
            for number in self.terms:
                self.mark(number)

    def on_Tick(self, asked: layout.Tick) -> str:
        if self.time_ns >= self.due_ns:
            self.on_stamps()
            self.end_states()
            self.pass_minute()
            self.after_minute()
            if self.timers() and self.timers()[0][0] <= self.time_ns:
                self.waiting.add(TaskKind.TASK_DEAD_MEN)
            self.plan()
        return ""

    def on_CancelAllAfter(self, asked: layout.CancelAllAfter) -> str:
        """ORD-12."""
        account, timeout = asked.account, asked.timeout_ns
        fits = 0 <= timeout <= layout.DEAD_MAN_NS_MAX
        refusal = earliest(self.account_reason(account), self.waits(account), "" if fits else "PARAMETER_INVALID")
        if not refusal:
            self.switches.pop(account, None)
            if timeout:
                self.switches[account] = (self.time_ns + timeout, self.sequence)
            self.plan()
        return refusal

    def on_Resume(self, asked: layout.Resume) -> str:
        if asked.paused_ns < 0:
            return "PARAMETER_INVALID"
        self.cancel_only, self.resumed_ns = True, self.time_ns
        self.plan()
        self.skip_stamps()
        self.open_if_fresh()
        return ""

    def on_Root(self, asked: layout.Root) -> str:
        if not self.root_sequence < asked.at_sequence < self.sequence:
            return "PARAMETER_INVALID"
        self.root_sequence = asked.at_sequence
        return ""

    def on_Grow(self, asked: layout.Grow) -> str:
        """CMD-09: one table of the histories grows, to 2^k + 1 rows, never smaller."""
        table, rows = layout.TableNumber.WITHDRAWALS_TABLE, asked.rows
        now = self.rows.get(asked.table, room("withdrawals") + 1)
        fits = rows == now or (now < rows <= 2**24 + 1 and (rows - 1) & (rows - 2) == 0)
        if asked.table != table or not fits:
            return "PARAMETER_INVALID"
        self.rows[asked.table] = rows
        return ""

    # Listings.

    def on_ListCurrency(self, asked: layout.ListCurrency) -> str:
        symbol = bytes(asked.symbol)
        bad = not 0 <= asked.scale <= 18 or not shown(symbol)
        refusal = earliest(
            "SYMBOL_TAKEN" if symbol in self.currencies else "",
            "PARAMETER_INVALID" if bad else "",
            "TABLE_FULL" if len(self.currencies) >= room("currencies") else "",
        )
        if not refusal:
            self.currencies.append(symbol)
            self.scales[len(self.currencies)] = asked.scale
        return refusal

    def on_ListIndex(self, asked: layout.ListIndex) -> str:
        symbol = bytes(asked.symbol)
        texts = shown(bytes(asked.underlying), True) and shown(bytes(asked.quote), True)
        bad = not 0 <= asked.decimals <= 12 or not shown(symbol) or not texts
        bad = bad or not 0 <= asked.tolerance_ppm <= layout.PPM
        refusal = earliest(
            "SYMBOL_TAKEN" if symbol in self.index_symbols else "",
            "PARAMETER_INVALID" if bad else "",
            "TABLE_FULL" if len(self.indices) >= room("indices") else "",
        )
        if not refusal:
            self.index_symbols.append(symbol)
            self.indices[len(self.indices) + 1] = Index(asked.decimals, Fraction(asked.tolerance_ppm, layout.PPM))
        return refusal

    def on_ListConstituent(self, asked: layout.ListConstituent) -> str:
        refusal = earliest(
            "" if asked.index in self.indices else "INDEX_UNKNOWN",
            "" if 0 < asked.weight_ppm <= layout.PPM else "PARAMETER_INVALID",
        )
        if not refusal:
            number = len(self.sources) + 1
            self.sources[number] = asked.index
            self.indices[asked.index].sources[number] = Source(asked.weight_ppm)
        return refusal

    def on_List(self, asked: layout.List) -> str:
        symbol = bytes(asked.symbol)
        refusal = earliest(
            self.currency_reason(asked.currency),
            "" if asked.index in self.indices and asked.usd_index in (0, *self.indices) else "INDEX_UNKNOWN",
            "SYMBOL_TAKEN" if symbol in self.symbols else "",
            "" if terms_hold(asked, self.time_ns) else "PARAMETER_INVALID",
        )
        if refusal:
            return refusal
        number = len(self.terms) + 1
        self.symbols.append(symbol)
        self.terms[number] = terms_of(asked)
        self.instrument_states[number] = InstrumentState.INSTRUMENT_OPEN
        self.looks[number] = Look()
        self.begins_funding(number)
        self.looks[number].indicative_ppb = self.measured(number)
        self.mark(number)
        return ""
