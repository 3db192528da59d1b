"""A plain model of a calendar spread among accounts that can back everything: one list of orders, books kept by hand.

Written from docs/rules/spreads.md alone, in the most obvious way: no tick is shifted, nothing is indexed, every order
is looked at each time.  It says who trades what at which prices, and what everybody then holds and has.
Known limit: nobody is ever refused or ended for want of money here.
"""

from dataclasses import dataclass, field

NEAR, FAR = "near", "far"


def half_up(above: int, below: int) -> int:
    """The nearest whole number to a quotient of positive ones, halves up."""
    return (2 * above + below) // (2 * below)


@dataclass
class Leg:
    """What somebody holds of a leg, and what it has cost him."""

    quantity: int = 0
    cost: int = 0


@dataclass
class Open:
    """An order in the book."""

    number: int
    account: int
    buys: bool
    difference: int
    leaves: int


@dataclass
class Plain:
    """The spread, its legs and its accounts."""

    inverse: bool
    lot: int
    multiplier: int
    per_dollar: int = 10
    """Ticks in a dollar, and sub-ticks in a tick."""
    taker_ppm: int = 500
    maker_ppm: int = 200
    mark: int = 0
    """Of the near leg, in sub-ticks."""
    orders: list[Open] = field(default_factory=list)
    legs: dict[tuple[int, str], Leg] = field(default_factory=dict)
    money: dict[int, int] = field(default_factory=dict)
    fills: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Of the last order: the maker, the quantity, the near and the far price in ticks."""

    def worth(self, quantity: int, ticks: int) -> int:
        """What so many contracts are worth at a price, in minor units: each lot is rounded, then counted."""
        if self.inverse:
            one = half_up(self.lot * self.multiplier * self.per_dollar, ticks)
        else:
            one = half_up(self.lot * self.multiplier * ticks, self.per_dollar)
        return quantity // self.lot * one

    def trade(self, account: int, leg: str, change: int, ticks: int, ppm: int) -> None:
        """Book a trade of one side in one leg: first what it closes, at the average cost of what is held."""
        held = self.legs.setdefault((account, leg), Leg())
        worth = self.worth(abs(change), ticks)
        sign = 1 if (change > 0) != self.inverse else -1
        closing = min(abs(held.quantity), abs(change)) if held.quantity * change < 0 else 0
        closed = 0
        if closing:
            size = half_up(abs(held.cost) * closing, abs(held.quantity))
            closed = size if held.cost >= 0 else -size
        closing_worth = sign * self.worth(closing, ticks)
        self.money[account] = self.money.get(account, 0) - (closed + closing_worth if closing else 0)
        self.money[account] -= half_up(worth * ppm, 10**6)
        held.quantity += change
        held.cost += sign * worth - closing_worth - closed

    def offers(self, buys: bool, limit: int) -> list[Open]:
        """Whom an order of this side and limit meets, in turn."""
        met = [one for one in self.orders if one.buys != buys]
        met = [one for one in met if (one.difference <= limit if buys else one.difference >= limit)]
        return sorted(met, key=lambda one: (one.difference if buys else -one.difference, self.orders.index(one)))

    def place(self, number: int, account: int, buys: bool, quantity: int, limit: int, force: str) -> None:
        """A new order: `good`, `now` (what is left ends), `all` (all or nothing) or `post`."""
        self.fills = []
        met = self.offers(buys, limit)
        if force == "post" and met:
            return
        if force == "all" and not self.certain(met, account, quantity):
            return
        left = quantity
        for other in met:
            if left == 0:
                break
            if other.account == account:
                left = 0
                break
            part = min(left, other.leaves)
            near = max(1, half_up(self.mark, 10))
            far = near + other.difference
            self.fills.append((other.account, part, near, far))
            for who, sign, ppm in (
                (account, 1 if buys else -1, self.taker_ppm),
                (other.account, -1 if buys else 1, self.maker_ppm),
            ):
                self.trade(who, NEAR, -sign * part, near, ppm)
                self.trade(who, FAR, sign * part, far, ppm)
            left -= part
            other.leaves -= part
        self.orders = [one for one in self.orders if one.leaves]
        if left and force in ("good", "post"):
            self.orders.append(Open(number, account, buys, limit, left))

    def certain(self, met: list[Open], account: int, quantity: int) -> bool:
        """Whether the first it meets, each of another account, fill it (SPR-07)."""
        seen: set[int] = {account}
        for other in met[:64]:
            if other.account in seen:
                return False
            seen.add(other.account)
            quantity -= other.leaves
            if quantity <= 0:
                return True
        return False

    def cancel(self, number: int) -> None:
        """Take an order out."""
        self.orders = [one for one in self.orders if one.number != number]
