"""Requests as they were answered, counted: by route and status, and how long each route took.

What nobody has an address for is counted as one route, so that strangers cannot make these tables grow.  HEAD counts as
the GET that it is answered as.  Time is handed in.
"""

from collections.abc import Iterable, Iterator

from outcry.gateway.delays import Delays

UNKNOWN = ("ANY", "other")


class RouteFigures:
    """One route's answers."""

    __slots__ = ("delays", "statuses")

    def __init__(self) -> None:
        self.delays = Delays()
        """From the whole request to the decided answer."""
        self.statuses: dict[int, int] = {}


class Requests:
    """All routes'."""

    def __init__(self, routes: Iterable[tuple[str, str]]) -> None:
        """`routes` are those that there are, as verb and path."""
        self._routes = {route: RouteFigures() for route in (UNKNOWN, *routes)}

    def note(self, verb: str, path: str, status: int, delay_ns: int) -> None:
        """A request was answered so, after so long."""
        found = self._routes.get((verb, path))
        if found is None:
            asked = ("GET" if verb == "HEAD" else verb, path.rstrip("/"))
            found = self._routes.get(asked) or self._routes[UNKNOWN]
        found.statuses[status] = found.statuses.get(status, 0) + 1
        found.delays.note(delay_ns)

    def asked(self) -> Iterator[tuple[str, str, RouteFigures]]:
        """Routes that were asked for: verb, path and figures."""
        for (verb, path), found in self._routes.items():
            if found.statuses:
                yield verb, path, found
