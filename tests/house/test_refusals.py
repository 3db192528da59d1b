"""Every refusal is raised by a test: its name stands in one, as `Code.NAME` or as text."""

import re
from pathlib import Path

from outcry.protocol.codes import REFUSALS

TESTS = Path(__file__).parents[1]


def test_every_refusal_is_named_by_a_test() -> None:
    texts = [path.read_text() for path in TESTS.rglob("*.py") if "house" not in path.parts]
    named = set(re.findall(r"\b[A-Z][A-Z_]+\b", "\n".join(texts)))
    assert [refusal.name for refusal in REFUSALS if refusal.name not in named] == []


def test_numbers_and_names_are_unique_and_in_the_order_of_precedence() -> None:
    numbers = [refusal.number for refusal in REFUSALS]
    assert numbers == sorted(set(numbers))
    assert len({refusal.name for refusal in REFUSALS}) == len(REFUSALS)


def test_every_refusal_has_a_sentence_and_a_rule() -> None:
    for refusal in REFUSALS:
        assert refusal.sentence.endswith(".")
        assert re.fullmatch(r"[A-Z]{3}-\d\d", refusal.rule), refusal.name
