"""Every fault that is tried, each with the row of the table that says what is expected.

First what befalls a running venue, then what is found at a start: bytes of the journal, of snapshots and saved states,
of history, and other formats.  docs/operating/faults.md shows these rows, and a test that they are the same.
"""

from outcry.app.drill import damage
from outcry.app.drill.attempts import (
    Case,
    Damaged,
    clock_moved,
    full,
    killed,
    second_venue,
    second_writer,
    short_writes,
    struck,
)
from outcry.app.drill.control import SECOND_NS, DiskFault
from outcry.app.drill.table import Outcome, Row
from outcry.journal.errors import RESTORE

AGAIN = "Start again; what was answered is there."
NOTHING = "Nothing."
SEE_DISK = "See to the disk, then start again."
FORWARD_NS, BACK_NS = 60 * SECOND_NS, 20 * SECOND_NS
RESTORED = "Restore the file as it says; `outcry verify` names what else is damaged."
FROM_BACKUP = "Restore it from the backup."
BACKUP = ": restore it from the backup"
REBUILD = "Run `outcry history rebuild`."


def at_start(fault: str, damage_it: damage.Damage, says: str, remedy: str = RESTORED) -> Case:
    """A damage with which the venue does not start."""
    return Case(Row(fault, Outcome.REFUSED, says, remedy), Damaged(damage_it))


def unusable_history(fault: str, damage_it: damage.Damage, why: str = "…", remedy: str = REBUILD) -> Case:
    """A history that the keeper finds to be of no use."""
    says = f"PATH cannot be used ({why}): stop the venue and run `outcry history rebuild` on its data folder"
    return Case(Row(fault, Outcome.REFUSED, says, remedy), Damaged(damage_it, "keeper", in_history=True))


def passed_over(fault: str, damage_it: damage.Damage, says: str = "", role: str = "node") -> Case:
    """A damage with which it starts, saying so where something is of no use."""
    remedy = "Nothing; the start takes longer." if says else NOTHING
    return Case(Row(fault, Outcome.STARTS, says, remedy), Damaged(damage_it, role))


RUNNING = [
    Case(
        Row("node killed", Outcome.ENDS, "the node process was killed by signal 9: …", AGAIN),
        killed("node"),
    ),
    Case(
        Row("gateway killed", Outcome.ENDS, "the gateway process was killed by signal 9: …", AGAIN),
        killed("gateway"),
    ),
    Case(
        Row("keeper killed", Outcome.AGAIN, "the keeper process was killed by signal 9: …", NOTHING),
        killed("keeper", outcome=Outcome.AGAIN),
    ),
    Case(
        Row("everything killed", Outcome.ENDS, "", AGAIN),
        killed(),
    ),
    Case(
        Row(
            "a write returns EIO",
            Outcome.ENDS,
            "the node process ended with status 1: PATH: … could not be written (Input/output error). "
            "Nobody was told of it. See to the disk, then start again: what was answered is there.",
            SEE_DISK,
        ),
        struck(DiskFault.WRITE_EIO),
    ),
    Case(
        Row(
            "a write returns ENOSPC",
            Outcome.ENDS,
            "the node process ended with status 1: PATH: … could not be written (No space left on device). "
            "Nobody was told of it. See to the disk, then start again: what was answered is there.",
            SEE_DISK,
        ),
        struck(DiskFault.WRITE_ENOSPC),
    ),
    Case(
        Row(
            "fdatasync returns EIO",
            Outcome.ENDS,
            "the node process ended with status 1: PATH: sequence N could not be made durable (Input/output error). "
            "Nobody was told of it. See to the disk, then start again: what was answered is there.",
            SEE_DISK,
        ),
        struck(DiskFault.SYNC_EIO),
    ),
    Case(
        Row(
            "fdatasync returns ENOSPC",
            Outcome.ENDS,
            "the node process ended with status 1: PATH: sequence N could not be made durable (No space left on "
            "device). Nobody was told of it. See to the disk, then start again: what was answered is there.",
            SEE_DISK,
        ),
        struck(DiskFault.SYNC_ENOSPC),
    ),
    Case(Row("writes are short", Outcome.GOES_ON, "", NOTHING), short_writes),
    Case(
        Row(
            "the disk is nearly full",
            Outcome.GOES_ON,
            "the disk of PATH is nearly full: submissions are turned away until space is freed … there is room on the "
            "disk again: submissions are taken",
            "Free space; until then commands get 503.",
        ),
        full,
    ),
    Case(
        Row(
            "the clock goes forward by more than 5 s",
            Outcome.GOES_ON,
            "N seconds have passed without an entry: only cancels are taken until prices are fresh",
            NOTHING,
        ),
        clock_moved(FORWARD_NS, "have passed without an entry"),
    ),
    Case(
        Row(
            "the clock goes back",
            Outcome.GOES_ON,
            "the clock went back by N seconds: the venue's time stands still until the clock has caught up",
            "Set the clock right.",
        ),
        clock_moved(-BACK_NS, "the clock went back"),
    ),
    Case(
        Row(
            "a second venue on the folder",
            Outcome.REFUSED,
            "another venue (process N) runs on PATH: stop it first",
            "Stop the other one, or name another folder.",
        ),
        second_venue,
    ),
    Case(
        Row(
            "a second writer of the journal",
            Outcome.REFUSED,
            "PATH is being written by process N; stop it first, or use another folder",
            "Stop the other one.",
        ),
        second_writer,
    ),
]

JOURNAL = [
    at_start("genesis: a byte flipped", damage.flip_genesis, "PATH/genesis: … " + RESTORE),
    at_start("genesis: cut", damage.cut_genesis, "PATH/genesis: a genesis has N bytes, not N. " + RESTORE),
    at_start(
        "genesis: missing",
        damage.remove_genesis,
        "PATH/genesis is missing, so the chain has no beginning. " + RESTORE,
    ),
    at_start(
        "journal: all of it missing",
        damage.remove_journal,
        "PATH is the key of a journal that is not here: put that journal back; to begin a new venue, choose another "
        "folder",
        FROM_BACKUP,
    ),
    at_start(
        "last frame: a byte flipped",
        damage.flip_last_frame,
        "PATH, byte N, frame of sequence N: …; but sequence N has been handed out, so this frame was durable and its "
        "file has been damaged since. " + RESTORE,
    ),
    at_start(
        "earlier frame of the newest segment: a byte flipped",
        damage.flip_earlier_frame,
        "PATH, byte N, frame of sequence N: … follow… " + RESTORE,
    ),
    at_start("newest segment: cut in its frames", damage.cut_newest, "sequence N has been handed out, … " + RESTORE),
    at_start(
        "newest segment: missing",
        damage.remove_newest,
        "sequence N has been handed out, but the journal ends at N. " + RESTORE,
    ),
    passed_over("newest segment: cut behind its frames", damage.cut_zeros),
    passed_over("newest segment: bytes behind its frames, as of a torn write", damage.tear),
    Case(
        Row(
            "closed segment before the newest snapshot: a byte flipped or a part cut",
            Outcome.VERIFY,
            "PATH cannot be decompressed: … " + RESTORE,
            RESTORED,
        ),
        Damaged(damage.flip_closed, examine=Outcome.VERIFY),
        1,
    ),
    Case(
        Row(
            "closed segment before the newest snapshot: missing",
            Outcome.VERIFY,
            "PATH, byte N, frame of sequence N: frames are missing until segment PATH. " + RESTORE,
            RESTORED,
        ),
        Damaged(damage.remove_closed, examine=Outcome.VERIFY),
        2,
    ),
    Case(
        Row(
            "closed segment: a byte flipped, and no snapshot",
            Outcome.REFUSED,
            "PATH cannot be decompressed: … " + RESTORE,
            RESTORED,
        ),
        Damaged(damage.flip_closed_and_forget),
        1,
    ),
    at_start(
        "mark of pruning: damaged",
        damage.spoil_pruned,
        "PATH fails its checksum, so it is not known where the journal begins. " + RESTORE,
    ),
    passed_over("mark of what was handed out: a byte flipped", damage.spoil_seen),
    passed_over("spare segment: a byte flipped", damage.spoil_spare),
]

STATES = [
    passed_over("snapshots: a byte flipped in each", damage.flip_snapshot, "PATH fails its checksum; it was not used"),
    passed_over("snapshots: each cut", damage.cut_snapshot, "PATH fails its checksum; it was not used"),
    passed_over("snapshots and saved states: missing", damage.remove_snapshots),
    passed_over(
        "gateway.state: a byte flipped",
        damage.flip_gateway_state,
        "PATH was not used: it fails its checksum",
        "gateway",
    ),
    passed_over("gateway.state: cut", damage.cut_gateway_state, "PATH was not used: it fails its checksum", "gateway"),
    passed_over(
        "keeper.state: a byte flipped", damage.flip_keeper_state, "PATH was not used: it fails its checksum", "keeper"
    ),
    passed_over("keeper.state: cut", damage.cut_keeper_state, "PATH was not used: it fails its checksum", "keeper"),
]

HISTORY = [
    unusable_history("history.db: its head flipped", damage.flip_history_head),
    unusable_history("history.db: cut", damage.cut_history),
    unusable_history("history.db: a page overwritten", damage.overwrite_history),
    Case(
        Row(
            "history.db: a number in a row flipped",
            Outcome.CHECK,
            "PATH is not what the journal makes: table PATH, … stop the venue and run `outcry history rebuild` on its "
            "data folder",
            REBUILD,
        ),
        Damaged(damage.flip_history_row, examine=Outcome.CHECK, in_history=True),
    ),
]

IDENTITY = [
    Case(
        Row(
            "identity.db: its head flipped",
            Outcome.REFUSED,
            "PATH cannot be used: file is not a database; restore it from the backup",
            FROM_BACKUP,
        ),
        Damaged(damage.flip_identity_head, "gateway"),
    ),
    Case(
        Row(
            "venue.key: cut",
            Outcome.REFUSED,
            "a venue key has 32 bytes, not N; restore it from the backup",
            FROM_BACKUP,
        ),
        Damaged(damage.cut_venue_key, "gateway"),
    ),
    at_start("signing.key: cut", damage.cut_signing_key, f"PATH has N bytes, a key has N{BACKUP}", FROM_BACKUP),
    at_start(
        "signing.key: a byte flipped",
        damage.flip_signing_key,
        f"PATH is another key than the one that the journal was begun with{BACKUP}",
        FROM_BACKUP,
    ),
    at_start(
        "signing.key: missing",
        damage.remove_signing_key,
        f"PATH is missing, and the journal's frames are signed under it{BACKUP}",
        FROM_BACKUP,
    ),
]

FORMATS = [
    at_start(
        "genesis of an older or newer format",
        damage.other_genesis,
        "PATH/genesis: the journal has format N, this program reads format N. ",
        "Use a program of that format.",
    ),
    at_start(
        "last frame of another format",
        damage.other_frame,
        "PATH, byte N, frame of sequence N: the frame has format N, this program reads format N",
        "Use a program of that format.",
    ),
    passed_over(
        "snapshots of another format",
        damage.other_snapshot,
        "PATH has format N, this program reads format N; it was not used",
    ),
    passed_over("saved states of another format", damage.other_state, "PATH was not used: …", "gateway"),
    unusable_history(
        "history.db of a newer program",
        damage.newer_history,
        "it has revision N, this program knows revisions up to N",
        "Use that program, or " + REBUILD[0].lower() + REBUILD[1:],
    ),
]

CASES = [*RUNNING, *JOURNAL, *STATES, *HISTORY, *IDENTITY, *FORMATS]
KILLS = RUNNING[:4]
"""Those that a drill draws most."""
