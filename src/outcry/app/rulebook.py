"""`outcry rules`: the numbered rules of docs/rules, and which of them nothing tests.

A rule is a heading `## ABC-01 Title` of a page.  It is tested when a file under tests/ cites its number, or when a
worked figure of a page, each of which a test reads, works it out.  Reads the source tree that this package runs from;
what is installed without one has neither pages nor tests, and says so.  Known limit: a citation is taken at its word.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

import outcry

ROOT = Path(outcry.__file__).parents[2]
HEADING = re.compile(r"^## ([A-Z]{3}-\d\d) (.+)$", re.MULTILINE)
FIGURE = re.compile(r"^```figure\n(.*?)^```", re.MULTILINE | re.DOTALL)
FIGURE_RULE = re.compile(r'^rule = "([A-Z]{3}-\d\d)"$', re.MULTILINE)
NUMBER = re.compile(r"\b[A-Z]{3}-\d\d\b")


class NoRulebook(Exception):
    """The pages of the rules or their tests are not there; the message says where they would be."""


class Rule(msgspec.Struct, frozen=True):
    """One rule, where it stands, and how many figures work it out and tests cite it."""

    number: str
    title: str
    page: str
    figures: int
    tests: int

    @property
    def is_tested(self) -> bool:
        """Whether anything does."""
        return bool(self.figures or self.tests)


def rules(root: Path = ROOT) -> list[Rule]:
    """Every rule, page by page.  Raises `NoRulebook` where there is no source tree."""
    pages, tests = root / "docs" / "rules", root / "tests"
    for folder in (pages, tests):
        if not folder.is_dir():
            raise NoRulebook(
                "the rules and their tests stand in the source tree, and this installation came without one: "
                "run the command in a clone of the repository"
            )
    texts = {page.name: page.read_text() for page in sorted(pages.glob("*.md"))}
    figures = [rule for text in texts.values() for rule in _figures(text)]
    cited = [number for path in sorted(tests.rglob("*.py")) for number in set(NUMBER.findall(path.read_text()))]
    return [
        Rule(number, title, name, figures.count(number), cited.count(number))
        for name, text in texts.items()
        for number, title in HEADING.findall(text)
    ]


def _figures(text: str) -> Iterator[str]:
    """The rule that each figure of a page works out."""
    for block in FIGURE.findall(text):
        yield from FIGURE_RULE.findall(block)
