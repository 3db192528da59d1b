"""The page's addresses: what is served, how often it is made, and that nothing else of the disk is reachable."""

import asyncio
import re
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from starlette.applications import Starlette

from outcry.gateway.page.documents import HERE, Documents, documents_folder
from outcry.gateway.page.routes import Kept, routes_of
from outcry.gateway.routes.table import API, ROUTES
from outcry.views.law import TooManyRows


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def asked() -> list[int]:
    return []


class Browser:
    """Asks the routes without a socket."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://venue.test") as client:
                return await client.get(path)

        return asyncio.run(ask())


@pytest.fixture
def client(clock: Clock, asked: list[int]) -> Browser:
    def now() -> dict[str, int]:
        asked.append(1)
        return {"sequence": len(asked)}

    return Browser(Starlette(routes=routes_of(Kept(now, clock), Kept(now, clock), Kept(now, clock, 60.0))))


def test_the_page_and_its_files(client: Browser) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for name, kind in (("page.css", "text/css"), ("page.js", "text/javascript"), ("icon.svg", "image/svg+xml")):
        assert f"/page/{name}" in page.text
        assert client.get(f"/page/{name}").headers["content-type"].startswith(kind)


def test_the_page_loads_nothing_from_elsewhere() -> None:
    for name in ("index.html", "page.css", "page.js"):
        text = (HERE / name).read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text


@pytest.mark.parametrize("path", ["/page/routes.py", "/page/..%2froutes.py", "/docs/..%2fREADME", "/docs/nothing"])
def test_nothing_else_is_served(client: Browser, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_figures_are_made_once_a_second(client: Browser, clock: Clock, asked: list[int]) -> None:
    for _ in range(5):
        assert client.get("/page/now.json").json() == {"sequence": 1}
    assert len(asked) == 1
    clock.now_s += 1
    assert client.get("/page/now.json").json() == {"sequence": 2}


def test_the_full_check_is_made_once_a_minute(client: Browser, clock: Clock, asked: list[int]) -> None:
    for _ in range(3):
        assert client.get("/outcry/v1/law/full").json() == {"sequence": 1}
        clock.now_s += 10
    assert len(asked) == 1
    clock.now_s += 60
    assert client.get("/outcry/v1/law/full").json() == {"sequence": 2}


def test_a_state_too_large_for_a_full_check_says_so(clock: Clock) -> None:
    def make() -> None:
        raise TooManyRows("the state has 30,000 rows")

    kept = Kept(make, clock)
    answer = Browser(Starlette(routes=routes_of(kept, kept, kept))).get("/outcry/v1/law/full")
    assert answer.status_code == 503
    assert "30,000" in answer.json()["error"]["message"]


def test_documents_are_rendered_and_linked(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "money.md").write_text("# Money\n\n| a | b |\n|---|---|\n| 1 | <script>x</script> |\n")
    documents = Documents(tmp_path)
    assert documents.names() == ["rules/money"]
    page = documents.page("rules/money.md")
    assert page is not None
    assert "<table>" in page
    assert "<script>x" not in page
    listing = documents.page("")
    assert listing is not None
    assert 'href="/docs/rules/money"' in listing
    assert documents.page("rules/../money") is None


def test_a_link_with_a_suffix_leads_to_the_page(client: Browser) -> None:
    assert client.get("/docs/api").headers["location"] == "/docs/api/README"
    answer = client.get("/docs/architecture.md")
    assert answer.headers["location"] == "/docs/architecture"


def test_every_link_of_a_document_leads_somewhere() -> None:
    """The text of a link out of the folder is shown without the link, and a heading can be linked to."""
    folder = documents_folder()
    assert folder is not None
    documents = Documents(folder)
    pages = {name: documents.page(name) or "" for name in documents.names()}
    followed = 0
    for name, page in pages.items():
        here = f"/docs/{name}"
        for link in re.findall(r'href="([^"]*)"', page):
            address, _, heading = urljoin(here, link).partition("#")
            if not link.startswith("/"):
                assert address.startswith("/docs/"), (name, link)
                target = address.removeprefix("/docs/").removesuffix(".md")
                assert target in pages, (name, link)
                assert not heading or f'id="{heading}"' in pages[target], (name, link)
                followed += 1
    assert followed > 20


def test_headings_are_named_as_readers_of_the_files_know_them(tmp_path: Path) -> None:
    text = "# The `disputed-root`: what now?\n\n" + "## Kill and restart\n\n" * 2 + "[out](../README.md) [in](b.md)\n"
    (tmp_path / "a.md").write_text(text)
    (tmp_path / "b.md").write_text("# B")
    page = Documents(tmp_path).page("a")
    assert page is not None
    assert '<h1 id="the-disputed-root-what-now">' in page
    assert '<h2 id="kill-and-restart">' in page
    assert '<h2 id="kill-and-restart-1">' in page
    assert "README" not in page
    assert '<a href="b.md">in</a>' in page


def test_the_page_tells_where_the_stream_is(client: Browser) -> None:
    assert '<dd id="stream"></dd>' in client.get("/").text
    script = client.get("/page/page.js").text
    assert 'element("stream").textContent' in script
    assert '"/realtime"' in script


def test_the_list_of_addresses_is_that_of_the_routes() -> None:
    folder = documents_folder()
    assert folder is not None
    listed = (folder / "api" / "differences.md").read_text().partition("## Addresses")[2].partition("\n\nSo of ")[0]
    routes = {path.removeprefix(API) for _, path in ROUTES if path.startswith(API)} - {""}
    assert set(re.findall(r"/[A-Za-z0-9/]+", listed)) - {"/api/v1"} == routes
