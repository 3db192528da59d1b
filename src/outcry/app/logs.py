"""What processes write down of their own doing: JSON lines in DATA/logs/ROLE.log, or words on a terminal.

`set_up` is called once a process, `keeping` is the same for as long as a block lasts.  Rooms call the standard
library's `logging`, with `extra=` for fields; bots call structlog; both end in one handler that bounds its file.
A line has `time` (ISO, UTC), `level`, `role`, `logger`, `event` and the fields.  Fields named like a secret are never
written.  Never raises: a log that cannot be written is not written, because trading does not depend on it.
Known limit: a secret inside a sentence would not be seen; `tests/app/test_logs.py` looks for those there are.
"""

import contextlib
import logging
import sys
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

FILE_BYTES_MAX, FILES_KEPT = 4 << 20, 3
"""Of a role's log: so long before it becomes ROLE.log.1, and so many of those."""
SECRET_WORDS = ("secret", "key", "signature", "password", "token", "seal", "authorization", "cookie")
PUBLIC_NAMES = frozenset({"key_id"})
REDACTED = "[redacted]"
OWN, QUIET = "outcry", "outcry.bots"
"""Our loggers tell what happens; guests, who are refused all the time, and libraries only what is wrong."""


class Bounded(RotatingFileHandler):
    """A file that is moved aside when it is long; what it does not take is lost without a word."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=FILE_BYTES_MAX, backupCount=FILES_KEPT, encoding="utf-8", delay=True)

    def handleError(self, record: logging.LogRecord) -> None:
        """The disk is full, or the folder gone."""


def set_up(role: str = "", folder: Path | None = None) -> None:
    """Log to FOLDER/ROLE.log from info on; warnings to standard error in words where there is no folder."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    root = logging.getLogger()
    for earlier in list(root.handlers):
        if isinstance(earlier.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(earlier)
            earlier.close()
    handler: logging.Handler
    if folder is None:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(formatter(role, structlog.dev.ConsoleRenderer(colors=False)))
    else:
        # Its folder may not be there yet; without one nothing is written.
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        handler = Bounded(folder / f"{role}.log")
        handler.setFormatter(formatter(role, structlog.processors.JSONRenderer(ensure_ascii=False)))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(OWN).setLevel(logging.WARNING if folder is None else logging.INFO)
    logging.getLogger(QUIET).setLevel(logging.WARNING)


def also_to_terminal() -> None:
    """Warnings in words on standard error too, where one process is the whole venue."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.WARNING)
    handler.setFormatter(formatter("", structlog.dev.ConsoleRenderer(colors=False)))
    logging.getLogger().addHandler(handler)


@contextlib.contextmanager
def keeping(role: str, folder: Path) -> Iterator[None]:
    """Log to FOLDER/ROLE.log meanwhile."""
    root, own = logging.getLogger(), logging.getLogger(OWN)
    before, levels = list(root.handlers), (root.level, own.level)
    set_up(role, folder)
    try:
        yield
    finally:
        for handler in [one for one in root.handlers if one not in before]:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(levels[0])
        own.setLevel(levels[1])


def formatter(role: str, renderer: Processor) -> logging.Formatter:
    """What makes a line of a record, whichever library it came by."""

    def with_role(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        return {**line, "role": role} if role else line

    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time" if role else "timestamp"),
        with_role,
    ]
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact]
    if role:
        last += [structlog.processors.format_exc_info, in_order]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder()],
        processors=[*shared, *last, renderer],
    )


def redact(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Hide what a field's name says is a secret, also inside of other fields."""
    return {name: _hidden(name, value) for name, value in line.items()}


def _hidden(name: str, value: object) -> object:
    if name not in PUBLIC_NAMES and any(word in name.lower() for word in SECRET_WORDS):
        return REDACTED
    if isinstance(value, dict):
        return {inner: _hidden(str(inner), one) for inner, one in value.items()}
    return value


def in_order(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """First what every line has, so that a person can read the file too."""
    names = ("time", "level", "role", "logger", "event")
    return {**{name: line[name] for name in names if name in line}, **line}
