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
from outcry.journal.errors import JournalPruned
from outcry.journal.frames import Frame, Genesis, Head
from outcry.journal.reading import beginning_of, read_frames, read_genesis
from outcry.node.recovery import check_applied
from outcry.node.replica import Replica
from outcry.protocol.layout import Tables
from outcry.protocol.wire import text_of
from outcry.simulation.auditor import CHECKS, AuditBreach, Auditor
from outcry.simulation.auditor_books import Books
from outcry.simulation.auditor_compared import compare


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
    check_applied(journal)
    return audit_frames(read_genesis(journal), read_frames(journal, 1), progress)


def audit_frames(genesis: Genesis, frames: Iterable[Frame], progress: Callable[[int], None]) -> Audited:
    """The same of frames from wherever they come.  Raises what getting them raises, and `ReplicaDiverged`."""
    engine, auditor = Engine(rules_version=genesis.rules_version), Auditor()
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
