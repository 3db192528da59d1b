"""Every way in which a journal says no.

    JournalError
    ├── FrameDamaged      bytes that are no whole frame (no place known yet)
    ├── JournalDamaged    the journal is wrong at a sequence; the message says what to do
    ├── JournalPruned     what was asked for has been removed on purpose
    ├── JournalOutdated   all of it is of an older format: `outcry upgrade` goes on from it
    ├── JournalUpgraded   what was asked for was made by rules of an older format
    ├── SigningKeyUnusable  the key that signs frames is not the one it should be
    ├── SecondWriter      another process holds the writer's lock
    ├── DiskNearlyFull    appending would eat into the reserve
    └── DiskFailed        the disk did not take a frame, or did not say that it has it

Each message is a whole sentence meant for the operator who reads it.
"""

RESTORE = "Restore the file from a backup, a replica or the stream; nothing was changed."
"""What to do about damage."""


class JournalError(Exception):
    """Anything a journal refuses."""


class FrameDamaged(JournalError):
    """Bytes that are no whole frame, or a frame that is not what it says."""

    def __init__(self, message: str, sequence: int = 0) -> None:
        super().__init__(message)
        self.sequence = sequence
        """The entry that is wrong, where that is known."""


class JournalDamaged(JournalError):
    """The journal is wrong at this sequence, so nothing may be built on what follows it."""

    def __init__(self, sequence: int, message: str, file: str = "", offset: int = -1) -> None:
        super().__init__(message)
        self.sequence = sequence
        self.file = file
        """The file's name, where one is to blame."""
        self.offset = offset
        """The byte in it from which on it is wrong, -1 where that is not known."""


class JournalPruned(JournalError):
    """What was asked for was removed by `outcry prune`; the journal begins later."""

    def __init__(self, first_sequence: int) -> None:
        super().__init__(
            f"this journal was pruned and begins at sequence {first_sequence}: what was before can only be had from an "
            "archive, and a start needs a usable snapshot of later"
        )
        self.first_sequence = first_sequence


class SigningKeyUnusable(JournalError):
    """The key file that signs this journal's frames is missing, open to others, or another one."""


class SecondWriter(JournalError):
    """Another process writes this journal."""


class DiskNearlyFull(JournalError):
    """There is less free space than the reserve."""


class DiskFailed(JournalError):
    """The disk refused a write or a sync.  What was told to anybody is durable; what was not is unknown."""

    def __init__(self, sequence: int, message: str) -> None:
        super().__init__(message)
        self.sequence = sequence


class JournalOutdated(JournalError):
    """All of the journal was written by a program of an older format, and nothing of it is applied by this one."""

    def __init__(self, folder: object, found: int, known: int, checked: str = "") -> None:
        super().__init__(
            f"{checked}This journal was written in format {found}, and this program goes on in format {known} only: "
            f"run `outcry upgrade {folder}` while the venue is stopped"
        )
        self.folder, self.found, self.known = folder, found, known


class JournalUpgraded(JournalError):
    """What was asked for was made by rules of an older format; it can be checked, not applied."""

    def __init__(self, first_sequence: int) -> None:
        super().__init__(
            f"this journal was upgraded at sequence {first_sequence - 1}, and what is before was made by rules that "
            f"this program has no more: it is applied from sequence {first_sequence} on, from the upgrade's snapshot "
            f"({first_sequence - 1:020d}.upgraded) or a later one"
        )
        self.first_sequence = first_sequence
