"""What became of commands, by the origin that handed them in and its number, per account.

A fate is kept for a day of the journal's time, and of each account the youngest so many, so that nobody's commands push
out another's; beyond the number kept in all, the account with the most loses its older half.  For each account and
origin the highest number forgotten is noted, so that "never applied" is said only where it is known: every entry of the
origin from that number on was seen here, its last applied number is past it, and none was the account's.
"""

from array import array
from collections.abc import Iterator
from itertools import islice

import msgspec

from outcry.protocol.layout import CommandKind

DAY_NS = 86_400 * 10**9
PLACE = CommandKind.PLACE


class Fate(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What became of a command: its entry, and the refusal's code or 0."""

    origin: int
    origin_sequence: int
    sequence: int
    time_ns: int
    kind: int
    code: int
    order_id: int


FIELDS = len(Fate.__struct_fields__)
NUMBER, TIME = Fate.__struct_fields__.index("origin_sequence"), Fate.__struct_fields__.index("time_ns")
GONE_MAX = 1_000
"""So many forgotten fates at the front of a queue, or as many as are left, before their memory is given back."""


class Packed:
    """Fates, oldest first, as plain numbers: 56 bytes each, where an object with its numbers takes some 200."""

    def __init__(self, content: bytes = b"") -> None:
        """Raises `ValueError` if the content is no whole number of fates."""
        self._numbers = array("Q", content)
        if len(self._numbers) % FIELDS:
            raise ValueError("not a whole number of fates")
        self._gone = 0

    def __len__(self) -> int:
        return len(self._numbers) // FIELDS - self._gone

    def __reversed__(self) -> Iterator[Fate]:
        return map(self._at, reversed(range(self._gone, len(self._numbers) // FIELDS)))

    def append(self, fate: tuple[int, ...]) -> None:
        """Keep one more, whose numbers are handed in the order of `Fate`."""
        self._numbers.extend(fate)

    def oldest_ns(self) -> int:
        """When the oldest was, if there is one."""
        return self._numbers[self._gone * FIELDS + TIME]

    def popleft(self) -> Fate:
        """Forget the oldest."""
        oldest = self._at(self._gone)
        self._gone += 1
        if self._gone > min(GONE_MAX, len(self)):
            del self._numbers[: self._gone * FIELDS]
            self._gone = 0
        return oldest

    def find(self, origin: int, number: int) -> Fate | None:
        """The youngest of that origin and number."""
        numbers = self._numbers
        for place in range(len(numbers) - FIELDS, self._gone * FIELDS - 1, -FIELDS):
            if numbers[place + NUMBER] == number and numbers[place] == origin:
                return self._at(place // FIELDS)
        return None

    def _at(self, place: int) -> Fate:
        return Fate(*self._numbers[place * FIELDS : (place + 1) * FIELDS])

    def content(self) -> bytes:
        """As bytes."""
        return self._numbers[self._gone * FIELDS :].tobytes()


class KeptFates(msgspec.Struct):
    """All of it, as it is written down: fates by account (packed), first number seen by origin, (account, origin,
    number) forgotten."""

    fates: dict[int, bytes]
    first_seen: dict[int, int]
    forgotten: list[tuple[int, int, int]]


class Fates:
    """Fates by account, oldest first."""

    def __init__(self, kept_per_account: int, kept_in_all: int) -> None:
        self._kept_per_account = kept_per_account
        self._kept_in_all = kept_in_all
        self._count = 0
        self._by_account: dict[int, Packed] = {}
        self._first_seen: dict[int, int] = {}
        self._forgotten: dict[tuple[int, int], int] = {}

    def see(self, origin: int, number: int) -> None:
        """An entry of an origin has been applied; told of every one, whoever's it is."""
        self._first_seen.setdefault(origin, number)

    def note(self, account: int, fate: tuple[int, ...]) -> None:
        """Keep the fate of an account's command: its numbers, in the order of `Fate`."""
        kept = self._by_account.get(account)
        if kept is None:
            kept = self._by_account[account] = Packed()
        kept.append(fate)
        self._count += 1
        if len(kept) > self._kept_per_account:
            self._forget(account, kept)
        if self._count > self._kept_in_all:
            account, kept = max(self._by_account.items(), key=lambda item: len(item[1]))
            for _ in range((len(kept) + 1) // 2):
                self._forget(account, kept)

    def forget_before(self, time_ns: int) -> None:
        """Forget what is older."""
        for account, kept in list(self._by_account.items()):
            while kept and kept.oldest_ns() < time_ns:
                self._forget(account, kept)
            if not kept:
                del self._by_account[account]

    def _forget(self, account: int, kept: Packed) -> None:
        gone = kept.popleft()
        self._count -= 1
        self._forgotten[account, gone.origin] = gone.origin_sequence

    def find(self, account: int, origin: int, number: int) -> Fate | None:
        """The fate of that command of the account's, if it is kept; looked for from the youngest."""
        kept = self._by_account.get(account)
        return None if kept is None else kept.find(origin, number)

    def placing(self, account: int, order_id: int) -> int:
        """The entry in which the account's order was placed, 0 if it is not kept."""
        for one in reversed(self._by_account.get(account) or Packed()):
            if one.order_id == order_id and one.kind == PLACE and not one.code:
                return one.sequence
        return 0

    def refused(self, account: int, kind: int, most: int) -> list[int]:
        """The entries of so many of the account's latest refused commands of a kind, the latest first."""
        kept = reversed(self._by_account.get(account) or Packed())
        return list(islice((one.sequence for one in kept if one.code and one.kind == kind), most))

    def is_known(self, account: int, origin: int, number: int) -> bool:
        """Whether a command of that number, had it been applied for this account, would be found."""
        first = self._first_seen.get(origin)
        return first is not None and first <= number and self._forgotten.get((account, origin), 0) < number

    def miss(self) -> None:
        """Entries have been applied that were not seen here: nothing is known of the numbers so far."""
        self._first_seen.clear()

    def dump(self) -> KeptFates:
        """As it is written down; what is noted later changes nothing of it."""
        return KeptFates(
            fates={account: kept.content() for account, kept in self._by_account.items()},
            first_seen=dict(self._first_seen),
            forgotten=[(*key, number) for key, number in self._forgotten.items()],
        )

    def load(self, kept: KeptFates) -> None:
        """Take over what was written down."""
        self._first_seen = dict(kept.first_seen)
        self._forgotten = {(account, origin): number for account, origin, number in kept.forgotten}
        for account, content in kept.fates.items():
            packed = self._by_account[account] = Packed(content)
            self._count += len(packed)
            while len(packed) > self._kept_per_account:
                self._forget(account, packed)
