"""The simulator finds mistakes: each planted one is seen within so many seeds, by the law it breaks."""

import pytest

from outcry.engine.engine import Engine
from outcry.protocol import wire
from outcry.protocol.layout import EventKind, Fill
from outcry.simulation.plan import plan_of
from outcry.simulation.run import simulate
from outcry.simulation.truth import Truth
from tests.simulation.planted import PLANTED, SOUND

SEEDS = 40


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_found(name: str) -> None:
    planted = PLANTED[name]
    for seed in range(SEEDS):
        failure = simulate(plan_of(seed, planted.kinds), planted.parts).failure
        if failure is not None:
            assert failure.law in planted.laws, f"seed {seed}: {failure}"
            # And it is the mistake that was found.
            assert simulate(plan_of(seed, planted.kinds), SOUND).failure is None
            return
    raise AssertionError(f"{SEEDS} seeds did not find it")


def test_a_satoshi_that_everybody_says_alike_is_heard_by_the_auditor_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writer and replicas all say a fee that is one satoshi more than the rule's, so nobody differs from anybody."""
    honest = Engine.apply

    def apply(self: Engine, body: bytes | memoryview) -> bytes:
        events, offset = bytearray(honest(self, body)), 0
        for head, piece in wire.event_slices(bytes(events)):
            offset += wire.EVENT_HEAD_BYTES
            if head.kind == EventKind.FILL:
                Fill.from_buffer(events, offset).taker_fee_minor += 1
            offset += len(piece)
        return bytes(events)

    seed = 3
    assert simulate(plan_of(seed), SOUND).failure is None
    monkeypatch.setattr(Engine, "apply", apply)
    failure = simulate(plan_of(seed), SOUND).failure
    assert failure is not None
    assert failure.law == "AUD-12"
    monkeypatch.setattr(Truth, "_audit", lambda self, journal: None)
    assert simulate(plan_of(seed), SOUND).failure is None
