"""One history in two worlds that may not differ: other names, numbers, rows, strangers and flags, the same events.

`story(kind, seed)` is a journal; `play(story, world, engine)` applies it as a `World` translates it and returns what
the engine said, entry by entry, in the first world's names.  The `plain` world changes nothing; `other(seed, story)`
changes all that must not matter: numbers and handles of accounts and the order in which they were opened, client ids
(orders get one that had none), texts, salts and origins, and how the rows of the real lie between those of strangers,
who come in everywhere, open positions, and are stopped and let go.  A position's row tells which of two is
the older, which is a rule (ADL-03), so strangers move rows about but never one past another.
"""

import ctypes
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import ROLES, AccountState, EventKind
from tests.engine.worlds import number_words
from tests.laws import commands
from tests.laws.history import ACTIONS, History

Record = ctypes.LittleEndianStructure
Said = tuple[int, int, bytes]
"""Number of the history's entry, kind and record of an event."""
ACCOUNTS = ("account", "to_account", "from_account", "taker_account", "maker_account")
"""Fields that name an account."""
CLIENT_IDS = ("client_id", "new_client_id", "link_id")
STRANGERS = 24
EVERY = 3
"""After so many entries of the history a stranger does something, in every world."""
STATES = tuple(AccountState)


@dataclass(frozen=True)
class Story:
    """A history: times and commands, and how many people there are."""

    journal: list[tuple[int, Record]]
    people: int


class Trading(History):
    """A history without its mistakes: some of them are about numbers of accounts that nobody has."""

    @property
    def actions(self) -> dict[Callable[[History], None], int]:
        return {action: weight for action, weight in ACTIONS.items() if action is not History.mistake}


def story(kind: type[History], seed: int, length: int = 150) -> Story:
    """What happened to the engine in such a history."""
    history = kind(seed, Engine())
    history.run(length)
    opened = {bytes(record.handle) for _, record in history.trio.journal if isinstance(record, layout.OpenAccount)}
    return Story(history.trio.journal, len(opened))


@dataclass
class World:
    """What is called how: `names` are the numbers of accounts by those of the history, strangers included."""

    names: dict[int, int]
    handles: dict[int, int]
    chance: random.Random
    disguised: bool = True
    origins: dict[int, "count[int]"] = field(default_factory=dict)

    def record(self, record: Record) -> Record:
        """A command in this world's words."""
        copy = renamed(record, self.names)
        if isinstance(copy, layout.OpenAccount):
            # Everybody is there already; who comes again changes nothing.
            wire.put_bytes(copy.handle, number_words(self.handles[ROLES], 16))
        elif isinstance(copy, layout.Continue):
            # Strangers are work as well: it is always done whole, so that it never ends in between.
            copy.units_max = layout.WORK_UNITS_MAX
        for name in CLIENT_IDS if self.disguised else ():
            text = wire.client_id_of(getattr(copy, name)) if hasattr(copy, name) else ""
            if text:
                wire.put_client_id(getattr(copy, name), f"other {text}")
            elif name == "client_id" and isinstance(copy, layout.Place) and self.chance.random() < 0.5:
                wire.put_client_id(copy.client_id, f"fresh {self.chance.getrandbits(64):x}")
        return copy

    def entry(self, record: Record, sequence: int, time_ns: int) -> bytes:
        """A whole entry; who hands it in, its text and its salt are nobody's business."""
        origin = self.chance.randint(1, 5) if self.disguised else 1
        payload = self.chance.randbytes(self.chance.randint(0, 20)) if self.disguised else b""
        return wire.encode_entry(
            record,
            payload,
            sequence=sequence,
            time_ns=time_ns,
            origin=origin,
            origin_sequence=next(self.origins.setdefault(origin, count(1))),
            salt=number_words(self.chance.getrandbits(128), 16),
        )

    def stranger(self, number: int, instruments: int) -> Record:
        """What a stranger does after this entry: opens a position or comes back to it, or is stopped and let go again.

        Which of the two, and where, does not depend on the world: whoever opened one is examined, and the engine's
        works come one after another in the order in which they were begun.
        """
        last = max(self.names)
        if number % (2 * EVERY) == 0:
            quiet = self.chance.randint(last - STRANGERS // 4 + 1, last)
            return commands.account_state(self.names[quiet], self.chance.choice(STATES))
        busy = self.chance.randint(last - STRANGERS + 1, last - STRANGERS // 4)
        centi = self.chance.choice((0, 500, 2_500))
        return commands.leverage(self.names[busy], 1 + number // EVERY % max(1, instruments), centi)


def everybody(of: Story) -> range:
    """Numbers of the real and then of the strangers."""
    return range(ROLES, ROLES + of.people + STRANGERS)


def plain(of: Story) -> World:
    """The history as it was."""
    numbers = {number: number for number in everybody(of)}
    return World(numbers, numbers, random.Random(0), disguised=False)


def other(seed: int, of: Story) -> World:
    """All that must not matter is otherwise."""
    chance = random.Random(seed)
    numbers = list(everybody(of))
    others = chance.sample(numbers, len(numbers))
    handles = {number: chance.getrandbits(128) for number in numbers}
    return World(dict(zip(numbers, others, strict=True)), handles, chance)


def renamed(record: Record, names: dict[int, int]) -> Record:
    """A copy with other numbers of accounts."""
    copy = type(record).from_buffer_copy(record)
    for name in ACCOUNTS:
        if hasattr(copy, name):
            setattr(copy, name, names.get(getattr(copy, name), getattr(copy, name)))
    return copy


def play(of: Story, world: World, make: Callable[[], Engine] = Engine) -> list[Said]:
    """Apply the history; what was said of the real, in the names of the history."""
    engine, said, sequence = make(), list[Said](), count(1)
    back = {number: name for name, number in world.names.items()}
    strangers = set(everybody(of)[of.people :])

    def apply(record: Record, time_ns: int, number: int) -> None:
        for event in wire.events_of(engine.apply(world.entry(record, next(sequence), time_ns))):
            told = renamed(event.record, back)
            if event.head.kind != EventKind.ACCOUNT_OPENED and getattr(told, "account", 0) not in strangers:
                for name in CLIENT_IDS:
                    if hasattr(told, name):
                        ctypes.memset(getattr(told, name), 0, ctypes.sizeof(getattr(told, name)))
                if event.head.kind == EventKind.CONTINUED:
                    # Strangers' positions are looked at too.
                    told.units = 0
                said.append((number, event.head.kind, bytes(told)))

    for number in everybody(of):
        apply(commands.open_account(world.handles[number]), of.journal[0][0], 0)
    instruments = 0
    for number, (time_ns, record) in enumerate(of.journal, 1):
        instruments += isinstance(record, layout.List)
        apply(world.record(record), time_ns, number)
        if number % EVERY == 0:
            apply(world.stranger(number, instruments), time_ns, number)
    return said


def first_difference(one: list[Said], two: list[Said]) -> str:
    """Where two worlds part, in words; nothing if they never do."""
    for own, theirs in zip(one, two, strict=False):
        if own != theirs:
            return f"entry {own[0]}: {EventKind(own[1]).name} here and {EventKind(theirs[1]).name} there"
    return "" if len(one) == len(two) else "one world goes on where the other has ended"
