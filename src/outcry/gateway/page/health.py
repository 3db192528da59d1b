"""Whether this gateway lives, and whether it should be sent anybody, for proxies and whoever watches.

    /outcry/v1/health   200 as long as it answers at all
    /outcry/v1/ready    200, or 503 with every reason why not: halted, behind, the node unreachable, indices not fresh

Public, not counted against rate limits, and made at most once in `KEPT_S` however many ask.
"""

import time
from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from outcry.views.recent import Recent

KEPT_S = 0.5
NO_CACHE = {"cache-control": "no-store"}

Reasons = Callable[[], Awaitable[Sequence[str]]]
"""Why nobody should be sent here, a sentence each; none if all is well."""


def health_routes(
    recent: Recent, reasons: Reasons, *, clock_s: Callable[[], float] = time.monotonic
) -> list[BaseRoute]:
    """The routes; `reasons` is asked at most once in `KEPT_S`."""
    kept: list[tuple[float, Sequence[str]]] = []

    async def health(request: Request) -> Response:
        return JSONResponse({"alive": True, "sequence": recent.sequence}, headers=NO_CACHE)

    async def ready(request: Request) -> Response:
        now_s = clock_s()
        if not kept or now_s - kept[0][0] >= KEPT_S:
            kept[:] = [(now_s, await reasons())]
        found = list(kept[0][1])
        told = {"ready": not found, "reasons": found, "sequence": recent.sequence}
        return JSONResponse(told, 503 if found else 200, headers=NO_CACHE)

    return [
        Route("/outcry/v1/health", health, methods=["GET"]),
        Route("/outcry/v1/ready", ready, methods=["GET"]),
    ]
