"""What the page's addresses answer.

    /                        the page
    /page/{file}             its style, script and icon
    /docs, /docs/{name}      the documents
    /outcry/v1/law           the sums of Law 3 (views.law)
    /outcry/v1/instruments   the rows of /instrument/activeAndIndices, not counted against a rate limit

The page asks the last two once a second, so an answer is made at most once in `KEPT_S` however many browsers look.
Everything is public and read-only; nothing here knows an account.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from outcry.gateway.page.documents import HERE, Documents, documents_folder
from outcry.protocol.layout import Tables
from outcry.views.law import law_view

KEPT_S = 0.9
FILES = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
HEADERS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


class _Kept:
    """A JSON answer that is made anew at most every `KEPT_S` seconds."""

    def __init__(self, make: Callable[[], Any], clock_s: Callable[[], float]) -> None:
        self._make = make
        self._clock_s = clock_s
        self._body = b""
        self._made_s: float | None = None

    def endpoint(self) -> Callable[[Request], Awaitable[Response]]:
        """The answer as Starlette wants it: a function."""

        async def answer(request: Request) -> Response:
            return Response(self._now(), media_type="application/json", headers=HEADERS)

        return answer

    def _now(self) -> bytes:
        now_s = self._clock_s()
        if self._made_s is None or now_s - self._made_s >= KEPT_S:
            self._body = msgspec.json.encode(self._make())
            self._made_s = now_s
        return self._body


def page_routes(
    tables: Callable[[], Tables],
    instruments: Callable[[], Sequence[object]],
    *,
    clock_s: Callable[[], float] = time.monotonic,
) -> list[BaseRoute]:
    """The routes.

    `tables` gives the replica's current tables; `instruments` the rows as /instrument/activeAndIndices answers them.
    """
    files = {name: (HERE / name).read_bytes() for name in ("index.html", *FILES)}
    folder = documents_folder()
    documents = Documents(folder) if folder is not None else None

    async def index(request: Request) -> Response:
        return Response(files["index.html"], media_type="text/html; charset=utf-8", headers=HEADERS)

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in FILES:
            return Response("Not Found", 404)
        return Response(files[name], media_type=FILES[name], headers=HEADERS)

    async def document(request: Request) -> Response:
        name = request.path_params.get("name", "")
        if request.url.path.endswith((".md", "/")):
            # Links between documents are written for a reader of the files; here they lose the suffix.
            return RedirectResponse("/docs" + (f"/{name}" if name else "").removesuffix(".md").rstrip("/"))
        page = documents.page(name) if documents is not None else None
        return Response("Not Found", 404) if page is None else HTMLResponse(page, headers=HEADERS)

    return [
        Route("/", index, methods=["GET"]),
        Route("/page/{name}", file, methods=["GET"]),
        Route("/docs", document, methods=["GET"]),
        Route("/docs/{name:path}", document, methods=["GET"]),
        Route("/outcry/v1/law", _Kept(lambda: law_view(tables()), clock_s).endpoint(), methods=["GET"]),
        Route("/outcry/v1/instruments", _Kept(instruments, clock_s).endpoint(), methods=["GET"]),
    ]
