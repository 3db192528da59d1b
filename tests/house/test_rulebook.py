"""Every rule that stands in docs/rules is tested, its number is its own, and who has no source tree is told so."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from outcry.app import rulebook
from outcry.app.cli import app

# In pieces, so that this file is no citation of its own.
KNOWN, LONELY = "ABC" + "-01", "ABC" + "-02"
PAGE = f"""# A page

## {KNOWN} With a figure

```figure
rule = "{KNOWN}"
name = "none"
```

## {LONELY} Alone
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree with two rules, of which a figure works out one."""
    (tmp_path / "docs" / "rules").mkdir(parents=True)
    (tmp_path / "docs" / "rules" / "page.md").write_text(PAGE)
    (tmp_path / "tests" / "room").mkdir(parents=True)
    return tmp_path


def test_no_rule_is_untested() -> None:
    told = CliRunner().invoke(app, ("rules", "--untested"))
    assert (told.exit_code, told.output) == (0, "")


def test_all_rules_are_listed_once() -> None:
    rules = rulebook.rules()
    assert len({rule.number for rule in rules}) == len(rules) > 50
    told = CliRunner().invoke(app, ("rules",)).output.splitlines()
    assert [line.split()[0] for line in told] == [rule.number for rule in rules]


def test_a_rule_without_figure_and_citation_is_told_with_status_1(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [(rule.number, rule.is_tested) for rule in rulebook.rules(tree)] == [(KNOWN, True), (LONELY, False)]
    found = rulebook.rules
    monkeypatch.setattr(rulebook, "rules", lambda: found(tree))
    told = CliRunner().invoke(app, ("rules", "--untested"))
    assert (told.exit_code, told.stdout) == (1, f"{LONELY}  Alone (page.md)\n")
    (tree / "tests" / "room" / "test_it.py").write_text(f'"""It holds {LONELY}."""\n')
    told = CliRunner().invoke(app, ("rules", "--untested"))
    assert (told.exit_code, told.stdout) == (0, "")


def test_without_a_source_tree_it_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = rulebook.rules
    monkeypatch.setattr(rulebook, "rules", lambda: found(tmp_path))
    told = CliRunner().invoke(app, ("rules",))
    assert told.exit_code == 1
    assert "run the command in a clone" in told.stderr
