"""What is sent back: a status, headers and a JSON body; and refusals, which are answers too.

Every error body is BitMEX's shape, `{"error": {"message", "name"}}`.  Whole numbers leave as JSON integers because rows
hold them as `int`.
"""

from typing import Any

import msgspec

JSON_TYPE = (b"content-type", b"application/json; charset=utf-8")
encode = msgspec.json.Encoder().encode


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


def bad(message: str, name: str = "HTTPError") -> Refusal:
    """A 400."""
    return Refusal(400, message, name)


NOT_FOUND = "Not Found"
