"""`outcry audit`: a journal's commands, and the events that the engine makes of them, heard by the independent auditor.

A replica makes the events and holds them against the digests that the writer left in the frames, so what the auditor
hears is what the venue said.  He checks his own books after every entry; at the end they are compared with the
engine's rows: wallets, positions, orders in their queues, open interest, accounts.  Reads only; a running venue may be
audited.  A pruned journal is refused: books cannot be opened in the middle without believing somebody.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from outcry.engine.engine import Engine
from outcry.engine.reading import used
from outcry.journal.errors import JournalPruned
from outcry.journal.frames import Frame, Genesis, Head
from outcry.journal.reading import beginning_of, read_frames, read_genesis
from outcry.node.replica import Replica
from outcry.protocol.layout import Role, TableNumber, Tables
from outcry.protocol.wire import text_of
from outcry.simulation.auditor import CHECKS, AuditBreach, Auditor
from outcry.simulation.auditor_books import Books

POTS = (int(Role.OUTSIDE), int(Role.UNREALISED), int(Role.IN_FLIGHT), int(Role.EPOCHS))
"""Wallets that are the other side of the books; the auditor has sums instead."""


class Money(msgspec.Struct, frozen=True):
    """LAW-03 of a currency in the auditor's books."""

    currency: str
    wallets_minor: int
    unrealised_cost_minor: int
    epochs_minor: int
    in_flight_minor: int
    deposits_minor: int
    withdrawals_minor: int


class Audited(msgspec.Struct, frozen=True):
    """What an audit came to."""

    sequence: int
    entries: int
    refused: int
    events: int
    comparisons: int
    checks: int
    accounts: int
    wallets: int
    positions: int
    open_orders: int
    money: list[Money]
    halt: str
    """What the venue said when it halted itself; empty if it did not."""
    breach: str
    """The first thing that does not hold; empty if everything does."""
    seconds: float

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong and the venue has not halted."""
        return not self.halt and not self.breach


def audit(journal: Path, progress: Callable[[int], None]) -> Audited:
    """Audit a journal from its beginning.  Raises `JournalError`, `ReplicaDiverged`."""
    beginning = beginning_of(journal).first_sequence
    if beginning != 1:
        raise JournalPruned(beginning)
    return audit_frames(read_genesis(journal), read_frames(journal, 1), progress)


def audit_frames(genesis: Genesis, frames: Iterable[Frame], progress: Callable[[int], None]) -> Audited:
    """The same of frames from wherever they come.  Raises what getting them raises, and `ReplicaDiverged`."""
    engine, auditor = Engine(), Auditor()
    replica = Replica(engine, Head.at_genesis(genesis.hash))
    started, breach = time.perf_counter(), ""
    try:
        for frame in frames:
            auditor.hear(bytes(frame.body), replica.advance(frame))
            progress(frame.last_sequence)
        if auditor.books.halt is None:
            compare(auditor.books, engine.tables)
    except AuditBreach as problem:
        breach = str(problem)
    return summary(auditor.books, engine.tables, breach, time.perf_counter() - started)


def summary(books: Books, tables: Tables, breach: str, seconds: float) -> Audited:
    """The figures of an audit."""
    return Audited(
        sequence=books.sequence,
        entries=books.entries,
        refused=books.refusals,
        events=books.events,
        comparisons=books.checks,
        checks=len(CHECKS),
        accounts=len(books.handles),
        wallets=len(books.wallets),
        positions=sum(bool(held.quantity) for owner in books.accounts.values() for held in owner.positions.values()),
        open_orders=len(books.orders),
        money=[
            Money(
                text_of(tables.currencies[number].symbol),
                sums.held,
                sums.cost,
                sums.epochs,
                sums.flight,
                sums.deposits,
                sums.withdrawals,
            )
            for number, sums in books.currencies.items()
        ],
        halt=str(books.halt) if books.halt is not None else "",
        breach=breach,
        seconds=seconds,
    )


def compare(books: Books, tables: Tables) -> None:
    """AUD-30: the venue's rows are the auditor's books.  Raises `AuditBreach`."""
    for subject, pairs in _rows(books, tables):
        books.same("AUD-30", subject, **pairs)


def _rows(books: Books, tables: Tables) -> Iterator[tuple[str, dict[str, tuple[int, int]]]]:
    """Of everything the venue holds what the rows say and what the auditor's books say."""
    yield from _holdings(books, tables)
    open_orders = 0
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        instrument, own = tables.instruments[number], books.instrument(number)
        yield (
            text_of(instrument.symbol),
            {
                "open_interest": (instrument.open_interest, own.interest),
                "volume": (instrument.volume, own.volume),
                "turnover_minor": (instrument.turnover_minor, own.turnover),
                "mark_subticks": (instrument.mark_subticks, own.mark),
                "best_bid_ticks": (instrument.best_bid_ticks, own.bids.best()),
                "best_ask_ticks": (instrument.best_ask_ticks, own.asks.best()),
                "state": (instrument.state, own.state),
            },
        )
    for at in used(tables, TableNumber.ORDERS_TABLE):
        order = tables.orders[at]
        if not order.order_id:
            continue
        open_orders += 1
        known = books.orders.get(order.order_id)
        found = {"known": (int(known is not None), 1)}
        if known is not None:
            queue = list(books.instrument(known.instrument).side(known.side).queues.get(known.price, ()))
            place = queue.index(known.number) if known.resting else -1
            behind = queue[place + 1] if known.resting and place + 1 < len(queue) else 0
            found |= {
                "account": (order.account, known.account),
                "instrument": (order.instrument, known.instrument),
                "side": (order.side, known.side),
                "price_ticks": (order.price_ticks, known.price),
                "quantity": (order.quantity, known.quantity),
                "leaves_quantity": (order.leaves_quantity, known.leaves),
                "behind_it": (tables.orders[order.next].order_id if order.next else 0, behind),
            }
        yield f"order {order.order_id}", found
    yield "orders", {"open": (open_orders, len(books.orders))}
    yield "venue", {"next_order_id": (tables.venue.next_order_id, books.next_order)}


def _holdings(books: Books, tables: Tables) -> Iterator[tuple[str, dict[str, tuple[int, int]]]]:
    """Wallets, currencies, positions and takeovers."""
    for at in used(tables, TableNumber.WALLETS_TABLE):
        row = tables.wallets[at]
        if row.account in POTS:
            continue
        wallet = books.wallet(row.account, row.currency)
        yield (
            f"wallet of account {row.account} in currency {row.currency}",
            {
                "balance_minor": (row.balance_minor, wallet.balance),
                "deposited_minor": (row.deposited_minor, wallet.deposited),
                "withdrawn_minor": (row.withdrawn_minor, wallet.withdrawn),
                "transferred_in_minor": (row.transferred_in_minor, wallet.received),
                "transferred_out_minor": (row.transferred_out_minor, wallet.sent),
            },
        )
    for number in used(tables, TableNumber.CURRENCIES_TABLE):
        totals, sums = tables.currencies[number], books.currencies[number]
        yield (
            text_of(totals.symbol),
            {
                "deposits_minor": (totals.deposits_minor, sums.deposits),
                "withdrawals_minor": (totals.withdrawals_minor, sums.withdrawals),
                "in_flight_minor": (totals.in_flight_minor, sums.flight),
                "epochs_minor": (totals.epochs_minor, sums.epochs),
            },
        )
    for at in used(tables, TableNumber.POSITIONS_TABLE):
        held = tables.positions[at]
        own = books.position(held.account, held.instrument)
        found = {
            "quantity": (held.quantity, own.quantity),
            "cost_minor": (held.cost_minor, own.cost),
            "lifetime_cost_minor": (held.lifetime_cost_minor, own.lifetime),
        }
        if held.account != Role.TAKEOVER:
            found |= {
                "realised_minor": (held.realised_minor, own.realised),
                "fees_minor": (held.fees_minor, own.fees),
                "previous_realised_minor": (held.previous_realised_minor, own.previous),
                "isolated": (held.isolated, own.isolated),
                "leverage_centi": (held.leverage_centi, own.leverage),
                "loss_minor": (held.loss_minor, own.loss),
                "moved_margin_minor": (held.moved_margin_minor, own.moved),
            }
        yield f"position of account {held.account} in instrument {held.instrument}", found
    live = sum(
        row.instrument != 0 for row in (tables.takeovers[at] for at in used(tables, TableNumber.TAKEOVERS_TABLE))
    )
    yield "takeovers", {"open": (live, len(books.takeovers))}


def lines(audited: Audited) -> Iterator[str]:
    """An audit in words."""
    speed = round(audited.entries / audited.seconds) if audited.seconds else 0
    yield f"sequence  {audited.sequence:,}"
    yield f"entries   {audited.entries:,}, of which {audited.refused:,} were refused; {speed:,} a second"
    yield f"events    {audited.events:,}"
    yield f"checks    {audited.checks}, in {audited.comparisons:,} comparisons"
    yield f"accounts  {audited.accounts:,} with {audited.wallets:,} wallets, the venue's own included"
    yield f"holdings  {audited.positions:,} positions and {audited.open_orders:,} open orders"
    for one in audited.money:
        held = one.wallets_minor - one.unrealised_cost_minor + one.epochs_minor + one.in_flight_minor
        difference = held - (one.deposits_minor - one.withdrawals_minor)
        yield (
            f"money     {one.currency}: wallets {one.wallets_minor:,} - unrealised cost {one.unrealised_cost_minor:,} "
            f"+ epochs {one.epochs_minor:,} + in flight {one.in_flight_minor:,} = deposits {one.deposits_minor:,} - "
            f"withdrawals {one.withdrawals_minor:,} {'(holds)' if not difference else f'(BROKEN by {difference:,})'}"
        )
    if audited.halt:
        yield f"halted    {audited.halt}"
    if audited.breach:
        yield f"breach    {audited.breach}"
    if audited.sound:
        yield "verdict   sound: the auditor's books hold after every entry, and are the venue's rows at the end"
