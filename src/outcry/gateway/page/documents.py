"""The Markdown files of docs/ as plain pages.

They are looked for beside the package (a wheel that carries them) and in the checkout it runs from; without them
`/docs` is Not Found.  A document is rendered when it is asked for first and kept.  Raw HTML in a document is shown as
text, and only names found in the folder at the start are served, so no path of a request reaches the disk.
"""

import html
from pathlib import Path

from markdown_it import MarkdownIt

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
        return None if path is None else str(self._markdown.render(path.read_text(encoding="utf-8")))

    def _list(self) -> str:
        items = "".join(f'<li><a href="/docs/{html.escape(name)}">{html.escape(name)}</a></li>' for name in self._files)
        return f"<h1>Documents</h1><ul>{items}</ul>"
