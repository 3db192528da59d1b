"""AUD-30: at the end the venue's rows against the auditor's books: wallets, positions, orders in their queues.

The only place where both are seen; the auditor himself never looks at a row, and nothing here is told to him.
"""

from collections.abc import Iterator

from outcry.engine.reading import used
from outcry.protocol.layout import PPM, Role, TableNumber, Tables
from outcry.protocol.wire import text_of
from outcry.simulation.auditor_books import Books

POTS = (int(Role.OUTSIDE), int(Role.UNREALISED), int(Role.IN_FLIGHT), int(Role.EPOCHS))
"""Wallets that are the other side of the books; the auditor has sums instead."""


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
                "mean_ppm": (instrument.mean_mark_subticks * PPM + instrument.mean_mark_rest_ppm, own.mean),
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
            own_side = books.instrument(known.instrument).side(known.side)
            queue = [*own_side.queues.get(known.price, ()), *own_side.unseen.get(known.price, ())]
            place = queue.index(known.number) if known.resting else -1
            behind = queue[place + 1] if known.resting and place + 1 < len(queue) else 0
            found |= {
                "account": (order.account, known.account),
                "instrument": (order.instrument, known.instrument),
                "side": (order.side, known.side),
                "price_ticks": (order.price_ticks, known.price),
                "quantity": (order.quantity, known.quantity),
                "leaves_quantity": (order.leaves_quantity, known.leaves),
                "shown_quantity": (order.shown_quantity, known.shown),
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
                "held_minor": (row.held_minor, wallet.held),
                "bonds_lost_minor": (row.bonds_lost_minor, wallet.lost),
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
