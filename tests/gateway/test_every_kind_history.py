"""Orders of every kind, forgotten by a gateway that has history: its answers are those of one that forgets nothing."""

import random
from pathlib import Path

import pytest

from tests.every_kind import act_at_random
from tests.gateway.test_history import Pair, adopted

FILTERS = {
    "/order": [
        '{"triggered":"StopOrderTriggered"}', '{"workingIndicator":false,"open":true}', '{"ordStatus":"Rejected"}',
        '{"ordType":["Stop","StopLimit"]}', '{"open":true}', '{"clOrdLinkID":"g1"}', '{"displayQty":0}',
    ],
    "/execution": [
        '{"execType":"TriggeredOrActivatedBySystem"}', '{"execType":"Rejected"}', '{"execType":["Replaced","New"]}',
        '{"lastLiquidityInd":"RemovedLiquidity"}', '{"pegPriceType":"TrailingStopPeg"}', "{}",
    ],
}  # fmt: skip


@pytest.mark.parametrize("restarts", [False, True])
def test_what_was_forgotten_is_told_as_it_was(tmp_path: Path, restarts: bool) -> None:
    pair = Pair(tmp_path, 11, 20)
    try:
        chance = random.Random(17)
        accounts = [caller.account for caller in pair.callers]
        for number in range(300):
            pair.world.wait(chance.choice((0, 0.3, 1, 5)))
            act_at_random(pair.world, chance, accounts, number)
        pair.kept.commit()
        if restarts:
            adopted(pair)
        told = 0
        for path, filters in FILTERS.items():
            for wanted in filters:
                for caller in pair.callers:
                    asked = {"filter": wanted, "count": "500", "reverse": chance.choice(("true", "false"))}
                    short, long = pair.both(path, asked, caller)
                    assert short[0] == 200, short
                    assert shown(short[1], restarts) == shown(long[1], restarts), (path, wanted)
                    told += len(short[1])
        assert told > 300
    finally:
        pair.reader.close()


def shown(rows: list[dict[str, object]], restarts: bool) -> list[dict[str, object]]:
    """What of the rows of open orders is known after a restart without anything but the engine."""
    lost = ("text", "avgPx", "timestamp", "transactTime", "pegPriceType", "pegOffsetValue", "clOrdLinkID",
            "contingencyType", "stopPx", "execInst", "triggered")  # fmt: skip
    if not restarts:
        return rows
    return [
        {name: value for name, value in row.items() if name not in lost} if row["ordStatus"] in OPEN else row
        for row in rows
        if "execType" in row or row["ordStatus"] not in OPEN
    ]


OPEN = ("New", "PartiallyFilled")
