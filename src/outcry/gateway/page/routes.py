"""What the page's addresses answer.

    /                     the page
    /page/{file}          its style, script and icon, and its figures: /page/now.json
    /docs, /docs/{name}   the documents
    /outcry/v1/law        the sums of LAW-03, for programs
    /outcry/v1/law/full   every numbered invariant, checked over all rows

The page asks for its figures once a second, so they and the sums are made at most once in `KEPT_S` however many look,
and no rate limit counts them; the full check is made at most once a minute.  Everything is public and read-only;
nothing here knows an account.
"""

import time
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from outcry.gateway.page.documents import HERE, Documents, documents_folder
from outcry.gateway.page.now import venue_now
from outcry.views.directory import State
from outcry.views.law import TooManyRows, law_in_full, law_view
from outcry.views.recent import Recent

KEPT_S = 0.9
FULL_KEPT_S = 60.0
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


class Kept:
    """A JSON body that is made anew at most every so many seconds."""

    def __init__(self, make: Callable[[], Any], clock_s: Callable[[], float], kept_s: float = KEPT_S) -> None:
        self._make = make
        self._clock_s = clock_s
        self._kept_s = kept_s
        self._body = b""
        self._made_s: float | None = None

    def body(self) -> bytes:
        """The body, made now or a moment ago."""
        now_s = self._clock_s()
        if self._made_s is None or now_s - self._made_s >= self._kept_s:
            self._body = msgspec.json.encode(self._make())
            self._made_s = now_s
        return self._body


def page_routes(state: State, recent: Recent, *, clock_s: Callable[[], float] = time.monotonic) -> list[BaseRoute]:
    """The routes; `state` is the replica's engine and `recent` its observer, as for `create_app`."""
    now = Kept(lambda: venue_now(state, recent), clock_s)
    law = Kept(lambda: law_view(state.tables), clock_s)
    return routes_of(now, law, Kept(lambda: law_in_full(state.tables), clock_s, FULL_KEPT_S))


def routes_of(now: Kept, law: Kept, full: Kept) -> list[BaseRoute]:
    """The routes around the figures of the moment, the sums and the invariants."""
    files = {name: (HERE / name).read_bytes() for name in ("index.html", *FILES)}
    folder = documents_folder()
    documents = Documents(folder) if folder is not None else None

    async def index(request: Request) -> Response:
        return Response(files["index.html"], media_type="text/html; charset=utf-8", headers=HEADERS)

    async def figures(request: Request) -> Response:
        return Response(now.body(), media_type="application/json", headers=HEADERS)

    async def sums(request: Request) -> Response:
        return Response(law.body(), media_type="application/json", headers=HEADERS)

    async def invariants(request: Request) -> Response:
        try:
            return Response(full.body(), media_type="application/json", headers=HEADERS)
        except TooManyRows as problem:
            return JSONResponse({"error": {"message": str(problem), "name": "TooManyRows"}}, 503, headers=HEADERS)

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
        if name and documents is not None and f"{name}/README" in documents.names():
            return RedirectResponse(f"/docs/{name}/README")
        page = documents.page(name) if documents is not None else None
        return Response("Not Found", 404) if page is None else HTMLResponse(page, headers=HEADERS)

    return [
        Route("/", index, methods=["GET"]),
        Route("/page/now.json", figures, methods=["GET"]),
        Route("/page/{name}", file, methods=["GET"]),
        Route("/outcry/v1/law", sums, methods=["GET"]),
        Route("/outcry/v1/law/full", invariants, methods=["GET"]),
        Route("/docs", document, methods=["GET"]),
        Route("/docs/{name:path}", document, methods=["GET"]),
    ]
