"""After the drill: what the journal says against what the clients were told, and whether all replays agree.

`settle` reads a stopped venue's journal once through a fresh engine and counts answered orders that are not in it,
answered amends and cancels that are not, client ids that acted twice and refused ones that acted at all.  `roots` makes
the root of the state three ways: as the node starts, as `outcry verify` checks, and as the keeper saved it.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from outcry.app import checking, saved
from outcry.app.drill.load import Ledger
from outcry.app.settings import Files
from outcry.engine.engine import Engine
from outcry.journal.reading import read_frames, read_genesis
from outcry.node.recovery import recover
from outcry.protocol import wire
from outcry.protocol.layout import EventKind

KINDS = frozenset({int(EventKind.PLACED), int(EventKind.AMENDED), int(EventKind.ENDED)})


@dataclass(frozen=True, slots=True)
class Settled:
    """What was found wrong; all zero when nothing is."""

    lost: int
    """Answered commands that the journal does not have."""
    doubled: int
    """Client ids that acted more often than once, and refused ones that acted."""
    example: str = ""
    """One of them."""


@dataclass(frozen=True, slots=True)
class Roots:
    """The state's root, hexadecimal, three ways, and the entry that each stands at."""

    node: str
    verified: str
    keeper: str
    sequences: tuple[int, int, int]
    problems: tuple[str, ...] = ()
    """Invariants that do not hold."""

    @property
    def equal(self) -> bool:
        """Whether all three agree."""
        return self.node == self.verified == self.keeper and len(set(self.sequences)) == 1 and not self.problems


def settle(journal: Path, ledgers: Iterable[Ledger]) -> Settled:
    """Compare the journal with what clients know.  Raises `JournalError`."""
    placed: Counter[str] = Counter()
    names: dict[int, str] = {}
    amended: set[str] = set()
    ended: set[str] = set()
    engine = Engine(rules_version=read_genesis(journal).rules_version)
    for frame in read_frames(journal):
        for event in wire.events_among(engine.apply(frame.body), KINDS):
            if event.head.kind == EventKind.PLACED:
                name = wire.client_id_of(event.record.client_id)
                if name:
                    placed[name] += 1
                    names[event.record.order_id] = name
            elif event.record.order_id in names:
                done = ended if event.head.kind == EventKind.ENDED else amended
                done.add(names[event.record.order_id])
    lost: list[str] = []
    doubled = [f"{name} acted {times} times" for name, times in placed.items() if times > 1]
    for ledger in ledgers:
        lost += [f"order {name} was answered and is not in the journal" for name in ledger.answered if not placed[name]]
        lost += [f"the cancel of {name} was answered and is not in the journal" for name in ledger.ended.keys() - ended]
        lost += [f"the amend of {name} was answered and is not in the journal" for name in ledger.amended - amended]
        doubled += [f"{name} was refused and acted" for name in ledger.refused if placed[name]]
    return Settled(len(lost), len(doubled), (lost + doubled + [""])[0])


def roots(files: Files) -> Roots:
    """Make the root three ways, of a venue that was stopped in order.  Raises `JournalError`, `ReplicaDiverged`."""
    recovered = recover(files.folder, Engine, time.time_ns())
    try:
        engine = recovered.engine
        assert isinstance(engine, Engine)
        node, node_sequence = engine.roots()[2].hex(), recovered.head.sequence
    finally:
        recovered.journal.close()
    checked = checking.verify(files.journal, lambda sequence: None, files.known_false())
    kept = saved.read(files.keeper_state, read_genesis(files.journal).hash)
    keeper = Engine.restore(kept.engine).roots()[2].hex() if kept is not None else "none was saved"
    problems = tuple(f"{breach.invariant}: {breach.what}" for breach in checked.breaches)
    return Roots(
        node,
        checked.root,
        keeper,
        (node_sequence, checked.sequence, kept.sequence if kept is not None else 0),
        problems if checked.law.adds_up and not checked.halted else (*problems, "the books do not add up"),
    )
