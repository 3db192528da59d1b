"""Icebergs and hidden orders by chance: both modes, the plain model and the auditor agree on every turn (ORD-20)."""

import pytest

from outcry.engine import engine
from outcry.protocol import layout
from tests.engine.plain import plain_engine
from tests.laws import histories
from tests.laws.sharing import Sharing

@pytest.mark.parametrize("first", range(0, 40, 10))
def test_whose_turn_it_is(first: int) -> None:
    histories.run(range(first, first + 10), 60, kind=Sharing)
