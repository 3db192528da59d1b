"""The orders that `Recent` remembers: all open ones, and of each account the last that ended.

By number and by the account's own name for them.  An order that was filled may be opened again (ORD-19); it is then the
same one.  Which ended ones have been forgotten, each account's shelf tells.
"""

from collections.abc import Callable, Iterator

from outcry.views.bounded import Bounded, Together
from outcry.views.orders import OrderView
from outcry.views.shelves import AccountRecent, Bounds


class Remembered:
    """Orders of all accounts; `shelf_of` gives an account's shelf, `bounds` say how many ended ones are kept."""

    def __init__(self, shelf_of: Callable[[int], AccountRecent], bounds: Bounds) -> None:
        self._shelf_of = shelf_of
        self._most = bounds.orders
        self._ended = Together(bounds.orders_in_all, self._forget)
        self._orders: dict[int, OrderView] = {}
        self._by_client_id: dict[tuple[int, str], int] = {}

    def get(self, order_id: int) -> OrderView | None:
        """The order of that number, anybody's."""
        return self._orders.get(order_id)

    def named(self, account: int, client_id: str) -> OrderView | None:
        """The account's latest order of that client id."""
        return self._orders.get(self._by_client_id.get((account, client_id), 0))

    def open_ones(self) -> Iterator[OrderView]:
        """Those that still work."""
        return (one for one in self._orders.values() if one.is_open)

    def keep_open(self, view: OrderView) -> None:
        """An order that is open, new or found."""
        self._orders[view.order_id] = view
        shelf = self._shelf_of(view.account)
        shelf.orders[view.order_id] = shelf.open[view.order_id] = view
        if view.client_id:
            self._by_client_id[view.account, view.client_id] = view.order_id

    def keep_ended(self, view: OrderView) -> None:
        """It is over; the account's oldest may be forgotten for it."""
        shelf = self._shelf_of(view.account)
        shelf.open.pop(view.order_id, None)
        self._ended.keep(shelf.ended, view, self._most)

    def _forget(self, ended: Bounded[OrderView]) -> None:
        forgotten = ended.popleft()
        self._orders.pop(forgotten.order_id, None)
        self._shelf_of(forgotten.account).orders.pop(forgotten.order_id, None)
        key = forgotten.account, forgotten.client_id
        if self._by_client_id.get(key) == forgotten.order_id:
            del self._by_client_id[key]

    def reopen(self, view: OrderView) -> None:
        """One that was filled is open again."""
        shelf = self._shelf_of(view.account)
        self._ended.take(shelf.ended, view)
        shelf.open[view.order_id] = view

    def rename(self, view: OrderView, before: str) -> None:
        """It has another client id than before; the one it had names nothing any more."""
        self._by_client_id.pop((view.account, before), None)
        self._by_client_id[view.account, view.client_id] = view.order_id

    def drop(self, view: OrderView) -> None:
        """Nobody knows how it ended."""
        shelf = self._shelf_of(view.account)
        shelf.open.pop(view.order_id, None)
        shelf.orders.pop(view.order_id, None)
        del self._orders[view.order_id]
