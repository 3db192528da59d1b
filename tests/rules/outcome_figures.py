"""What the worked figures of contracts without an index and of questions say: docs/rules/prelaunch.md, predictions.md.

Prices by the rules; what a docket takes and what becomes of a bond through a real engine.  test_figures reads them.
"""

from datetime import UTC, datetime
from typing import Any

from outcry.engine import dockets, reading
from outcry.protocol import layout
from outcry.protocol.layout import EventKind, FaultRow, InstrumentRow, InstrumentType, Valuation
from outcry.rules import position, prelaunch, value
from tests.engine.questions import TICKS_MAX, decide, dispute, propose, question
from tests.engine.worlds import of_kind

Figures = dict[str, Any]
PER_PERCENT = TICKS_MAX // 100
"""Ticks of a percent in the tests' market; a tick is ten sub-ticks."""


def mean_of(opening_subticks: int, mark_subticks: int, minutes: int) -> int:
    """Millionths of a sub-tick."""
    mean = opening_subticks * layout.PPM
    for _ in range(minutes):
        mean = prelaunch.mean_after(mean, mark_subticks, FaultRow())
    return mean


def pre_01(given: Figures) -> Figures:
    row, fault = InstrumentRow(initial_margin_ppm=given["initial_margin_ppm"]), FaultRow()
    mean = given["opening_subticks"] * layout.PPM
    for _ in range(given["minutes"]):
        mean = prelaunch.capped_mean(
            prelaunch.mean_after(mean, given["mark_subticks"], fault), given["opening_subticks"]
        )
    row.mean_mark_subticks = mean // layout.PPM
    return {
        "mean_subticks": mean // layout.PPM,
        "mean_rest_ppm": mean % layout.PPM,
        "highest_mark_subticks": prelaunch.held_to_mean(row, 2**30, fault),
        "lowest_mark_subticks": prelaunch.held_to_mean(row, 1, fault),
        "held_subticks": prelaunch.held_to_mean(row, given["last_subticks"], fault),
    }


def pre_02(given: Figures) -> Figures:
    row, fault = InstrumentRow(**given), FaultRow()
    return {
        "lowest_ticks": prelaunch.lower_limit_ticks(row, fault),
        "highest_ticks": prelaunch.upper_limit_ticks(row, fault),
    }


def pre_03(given: Figures) -> Figures:
    row = InstrumentRow(mark_subticks=given["mark_subticks"], maintenance_margin_ppm=given["maintenance_margin_ppm"])
    return {
        "near": [bool(prelaunch.is_near_mark(row, one)) for one in given["index_subticks"]],
        "too_far": [not prelaunch.is_near_mark(row, one) for one in given["too_far_subticks"]],
    }


def prd_01(given: Figures) -> Figures:
    """A contract whose lot is worth `lot_minor` at the highest price, in sub-ticks of a percent."""
    row = InstrumentRow(valuation=Valuation.LINEAR, lot=1, value_numerator=given["lot_minor"])
    row.value_denominator = given["highest_percent"]
    lots = [value.lot_value_minor(row, one, FaultRow()) if one else 0 for one in given["outcomes_percent"]]
    longs = [value.signed_value_minor(row, 1, one) for one in lots]
    shorts = [value.signed_value_minor(row, -1, one) for one in lots]
    return {
        "long_value_minor": longs,
        "short_value_minor": shorts,
        "long_gains_minor": [position.unrealised_minor(one, given["long_cost_minor"]) for one in longs],
        "short_gains_minor": [position.unrealised_minor(one, -given["long_cost_minor"]) for one in shorts],
    }


def prd_02(given: Figures) -> Figures:
    if "proposed" in given:
        day = datetime(2026, 11, 23, tzinfo=UTC)
        at = datetime.combine(day.date(), datetime.strptime(given["proposed"], "%H:%M:%S").time(), UTC)
        until = dockets.whole_minute(int(at.timestamp()) * 10**9 + given["dispute_minutes"] * layout.MINUTE_NS)
        return {"until": datetime.fromtimestamp(until // 10**9, UTC).strftime("%H:%M:%S")}
    row = InstrumentRow(
        instrument_type=InstrumentType.PREDICTION, price_ticks_max=given["highest_percent"], subticks_per_tick=10
    )
    row.binary = int(given["binary"])
    return {"taken": [bool(dockets.is_outcome(row, 0, 10 * one)) for one in given["outcomes_percent"]]}


def prd_03(given: Figures) -> Figures:
    """Through a real engine, once for each decision."""
    found: Figures = {"wallet_after_minor": [], "available_after_minor": [], "fund_gets_minor": []}
    for decided in given["decided_percent"]:
        world = question(bond_minor=given["bond_minor"])
        account = world.trader(5, given["wallet_minor"])
        propose(world, given["proposed_percent"] * PER_PERCENT * 10)
        assert of_kind(dispute(world, account), EventKind.BOND_CHANGED)
        found["available_while_held_minor"] = reading.margin_of(world.engine.tables, account, 1).available_minor
        decide(world, decided * PER_PERCENT * 10)
        found["wallet_after_minor"].append(world.balance(account))
        found["available_after_minor"].append(reading.margin_of(world.engine.tables, account, 1).available_minor)
        found["fund_gets_minor"].append(world.balance(layout.Role.INSURANCE))
    return found


def prd_04(given: Figures) -> Figures:
    thousandths = mean_of(1000 * given["opening_percent"], 1000 * given["mark_percent"], given["minutes"]) // layout.PPM
    return {"void_percent": f"{thousandths / 1000:.3f}"}


ANSWERED = {
    "PRE-01": pre_01,
    "PRE-02": pre_02,
    "PRE-03": pre_03,
    "PRD-01": prd_01,
    "PRD-02": prd_02,
    "PRD-03": prd_03,
    "PRD-04": prd_04,
}
