"""What is wrong with a journal, for people and for programs: which sequence, in which file and frame, and what to do.

Made of the error that ended a check; where the error does not say it, the frame is looked for in its file.
"""

from pathlib import Path

import msgspec

from outcry.journal.errors import JournalDamaged, JournalError, JournalPruned
from outcry.journal.tails import Place, place_of
from outcry.node.replica import ReplicaDiverged, RootDiffers

OTHER_RULES = (
    "Check the same journal with the version it was written by, or on another machine: if that agrees, these rules or "
    "this machine are others; if not, restore the journal from a backup or a replica. Nothing was changed."
)
FALSE_ROOT = (
    "If the digests of events agree this far, the root in the journal is false: whoever knows that says "
    "--false-root {sequence}. Otherwise check with the version that wrote it, or on another machine."
)


class Finding(msgspec.Struct, frozen=True):
    """The first thing that is wrong."""

    sequence: int
    """The first that is wrong, 0 for the genesis; of a frame that is wrong as a whole the first in it."""
    frame_first_sequence: int
    """Of the frame, 0 where it is not known."""
    frame_last_sequence: int
    """0 where it is not known, because the frame cannot be read."""
    file: str
    """Empty where no one file is to blame."""
    offset: int
    """Where the frame begins in the file, -1 where that is not known."""
    problem: str
    sound: bool = False


def finding_of(journal: Path, problem: JournalError | ReplicaDiverged) -> Finding:
    """What a check has found."""
    sequence = 0
    file, offset, what = "", -1, str(problem)
    if isinstance(problem, JournalDamaged):
        sequence, file, offset = problem.sequence, problem.file, problem.offset
    elif isinstance(problem, JournalPruned):
        sequence = problem.first_sequence
    elif isinstance(problem, ReplicaDiverged):
        sequence = problem.sequence
        advice = FALSE_ROOT.format(sequence=sequence) if isinstance(problem, RootDiffers) else OTHER_RULES
        what = f"{what}. {advice}"
    place = _place(journal, sequence) if sequence and not file else None
    if place is not None:
        where = f"{place.file}, byte {place.offset}"
        what = f"{where}: {what}" if place.file not in what else what
        return Finding(sequence, place.first_sequence, place.last_sequence, place.file, place.offset, what)
    return Finding(sequence, sequence if file and offset >= 0 else 0, 0, file, offset, what)


def _place(journal: Path, sequence: int) -> Place | None:
    """Where it is, or nothing if the journal is too broken to say."""
    try:
        return place_of(journal, sequence)
    except (JournalError, OSError):
        return None
