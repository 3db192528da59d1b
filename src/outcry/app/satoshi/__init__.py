"""`outcry satoshi`: one satoshi too much in each place where money is kept or said, and who notices it, where.

A small venue is recorded first (`recording`), then each layer in turn is given a satoshi more (`layers`): what a
handler does, rows of the node, of a replica and of a gateway, what is said, snapshot, journal, history, what an owner
is answered.  Who has to notice must name the sequence that is due: that of the command itself, or the first one
after it at which that layer is looked at.
The handler that cheats is run from the sources, because a compiled one cannot be changed; it is the same source.
Nothing of a running venue is touched; all files are in a temporary folder.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from outcry.app.satoshi.layers import LAYERS, Layer, Noticed
from outcry.app.satoshi.recording import record

__all__ = ["LAYERS", "Layer", "Noticed", "lines", "run"]


def run(layers: Sequence[Layer] = LAYERS) -> list[Noticed]:
    """These layers, each over the same recording."""
    with tempfile.TemporaryDirectory(prefix="outcry-satoshi-") as folder:
        recorded = record(Path(folder))
        return [layer(recorded) for layer in layers]


def lines(found: Sequence[Noticed]) -> Iterator[str]:
    """In words, a layer after the other."""
    width = max(len(one.layer) for one in found)
    for one in found:
        verdict = "" if one.in_time else "   NOT NOTICED WHERE IT IS DUE"
        yield f"{one.layer:<{width}}  {one.changed}{verdict}"
        at = f" at {one.sequence:,}" if one.sequence else ""
        yield f"{'':<{width}}    due at sequence {one.due_sequence:,}, noticed{at} by {one.by}"
        if one.told:
            yield f"{'':<{width}}    {one.told}"
    missed = sum(not one.in_time for one in found)
    yield f"verdict   {len(found) - missed} of {len(found)} layers notice one satoshi at the very sequence"
