"""What is sent back: a status, headers and a body, JSON unless a table is wanted as CSV; and refusals, answers too.

Every error body is BitMEX's shape, `{"error": {"message", "name"}}`.  Whole numbers leave as JSON integers because rows
hold them as `int`.
"""

import csv
import io
from typing import Any

import msgspec

JSON_TYPE = (b"content-type", b"application/json; charset=utf-8")
OCTETS_TYPE = (b"content-type", b"application/octet-stream")
CSV_TYPE = (b"content-type", b"text/csv; charset=utf-8")
encode = msgspec.json.Encoder().encode


class Octets(msgspec.Struct, frozen=True):
    """An answer that is no JSON: bytes, with headers of their own."""

    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Refusal(Exception):
    """A request is turned down: status, BitMEX's words and the name of its error."""

    def __init__(
        self,
        status: int,
        message: str,
        name: str = "HTTPError",
        *,
        extra: dict[str, Any] | None = None,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.name = name
        self.extra = extra or {}
        self.headers = headers

    def body(self) -> bytes:
        """The error body."""
        return encode({"error": {"message": self.message, "name": self.name, **self.extra}})


OVERLOADED = "The system is currently overloaded. Please try again later."
RETRY_AFTER = (b"retry-after", b"1")
"""In seconds, the least that the header can say."""
NOT_TAKEN = (
    "It was not taken, has no sequence and will never act; sending it again, with the same clOrdID, is safe. "
    "New orders and amendments are refused first: cancels and closing orders may still be taken."
)


def overloaded(message: str = OVERLOADED) -> Refusal:
    """The 503 of a command that was not handed in: the only error after which the same command is just sent again."""
    return Refusal(503, message, extra={"detail": NOT_TAKEN, "acted": False}, headers=(RETRY_AFTER,))


def bad(message: str, name: str = "HTTPError") -> Refusal:
    """A 400."""
    return Refusal(400, message, name)


NOT_FOUND = "Not Found"


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    """A table with the names of the columns above it, nothing for no rows; null is empty, the rest as in JSON."""
    text = io.StringIO()
    if rows:
        table = csv.writer(text)
        table.writerow(rows[0])
        table.writerows([_cell(row.get(name)) for name in rows[0]] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else encode(value).decode()
