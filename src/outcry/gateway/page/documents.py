"""The Markdown files of docs/ as plain pages.

They are looked for beside the package (a wheel that carries them) and in the checkout it runs from; without them
`/docs` is Not Found.  A document is rendered when it is asked for first and kept.  Raw HTML in a document is shown as
text, and only names found in the folder at the start are served, so no path of a request reaches the disk.  Headings
have the names by which GitHub links to them; a link out of the folder is shown as its text, because nothing is there.
"""

import html
import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

HERE = Path(__file__).parent
_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark">
<title>{title} · Open Outcry</title>
<link rel="icon" href="/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/page.css">
</head>
<body>
<header><div class="name">Open <b>Outcry</b></div>
<nav aria-label="Pages"><a href="/">Venue</a><a href="/docs">Docs</a></nav></header>
<article>
{body}
</article>
</body>
</html>
"""


def documents_folder() -> Path | None:
    """Where the documents are, if they are anywhere."""
    candidates = (HERE / "docs", HERE.parents[3] / "docs")
    return next((folder for folder in candidates if (folder / "architecture.md").is_file()), None)


class Documents:
    """The documents of one folder, by their path in it without `.md`."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.rglob("*.md"))
        }
        self._pages: dict[str, str] = {}
        self._markdown = MarkdownIt("commonmark", {"html": False}).enable("table")

    def names(self) -> list[str]:
        """Names of all documents, sorted."""
        return list(self._files)

    def page(self, name: str) -> str | None:
        """A document as a whole HTML page; the list of all for the empty name; None for a name that is not there."""
        name = name.strip("/").removesuffix(".md")
        if name not in self._pages:
            body = self._list() if not name else self._body(name)
            if body is None:
                return None
            self._pages[name] = _FRAME.format(title=html.escape(name or "Documents"), body=body)
        return self._pages[name]

    def _body(self, name: str) -> str | None:
        path = self._files.get(name)
        if path is None:
            return None
        tokens = self._markdown.parse(path.read_text(encoding="utf-8"))
        _name_headings(tokens)
        for token in tokens:
            if token.children is not None:
                token.children = self._without_dead_links(token.children, posixpath.dirname(name))
        return str(self._markdown.renderer.render(tokens, self._markdown.options, {}))

    def _without_dead_links(self, tokens: Sequence[Token], folder: str) -> list[Token]:
        """A line's tokens without the links to files that are not documents."""
        kept, dead = [], False
        for token in tokens:
            if token.type == "link_open":
                dead = self._is_dead(str(token.attrGet("href") or ""), folder)
            if not (dead and token.type in ("link_open", "link_close")):
                kept.append(token)
        return kept

    def _is_dead(self, link: str, folder: str) -> bool:
        address = link.partition("#")[0]
        if not address or "://" in address or address.startswith("/"):
            return False
        return posixpath.normpath(posixpath.join(folder, address)).removesuffix(".md") not in self._files

    def _list(self) -> str:
        items = "".join(f'<li><a href="/docs/{html.escape(name)}">{html.escape(name)}</a></li>' for name in self._files)
        return f"<h1>Documents</h1><ul>{items}</ul>"


def _name_headings(tokens: Sequence[Token]) -> None:
    """Give every heading its name as an id; the second of a name gets `-1`, as on GitHub."""
    seen: Counter[str] = Counter()
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type == "heading_open":
            heading = re.sub(r"[^\w\- ]", "", inline.content.lower()).replace(" ", "-")
            opening.attrSet("id", f"{heading}-{seen[heading]}" if seen[heading] else heading)
            seen[heading] += 1
