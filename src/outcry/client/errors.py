"""What can go wrong between a guest and a venue.

ClientError
  Unreachable          no answer came: the request may or may not have been carried out
  Unintelligible       an answer came that is not the API's
  Refused              the venue answered with an error: status, name and message
    BadRequest         400  a parameter or the engine's rules
    Unauthorised       401  key, signature or expiry
    Forbidden          403  the key may not do this
    NotFound           404  no such route or order
    RateLimited        429  `retry_after_s` says when to come back
    Overloaded         503  try again; a write that got it may be asked for by its client id
    VenueError         any other 5xx

Nothing here knows why a rule refused; the message is the venue's own sentence.
"""


class ClientError(Exception):
    """Anything a call of the client raises by design."""


class Unreachable(ClientError):
    """No answer came, so the fate of a write is unknown until it is asked for."""


class Unintelligible(ClientError):
    """The answer is not JSON of the expected shape."""


class Refused(ClientError):
    """The venue answered with an error."""

    def __init__(self, status: int, name: str, message: str, retry_after_s: int | None = None) -> None:
        super().__init__(f"{status} {name}: {message}")
        self.status = status
        self.name = name
        self.message = message
        self.retry_after_s = retry_after_s


class BadRequest(Refused):
    """400: the venue will not do this as it stands."""


class Unauthorised(Refused):
    """401: unknown key, wrong signature or an expired request."""


class Forbidden(Refused):
    """403: the key has not this permission."""


class NotFound(Refused):
    """404: no such route, or no such order of this account."""


class RateLimited(Refused):
    """429: too many requests."""


class Overloaded(Refused):
    """503: the venue sheds load or has no durable answer yet."""


class VenueError(Refused):
    """Any other 5xx."""


_BY_STATUS: dict[int, type[Refused]] = {
    400: BadRequest,
    401: Unauthorised,
    403: Forbidden,
    404: NotFound,
    429: RateLimited,
    503: Overloaded,
}


def refusal(status: int, name: str, message: str, retry_after_s: int | None) -> Refused:
    """The exception for an error answer."""
    kind = _BY_STATUS.get(status, VenueError if status >= 500 else Refused)
    return kind(status, name, message, retry_after_s)
