"""What the worked figures of docs/rules/prices.md and funding.md say, computed by the rules (IDX, MRK, FND-01 to -03).

Judging is worked through a real engine, because it is a history; the rest are the pure rules.  test_figures reads them.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from outcry.engine import premiums
from outcry.protocol import layout
from outcry.protocol.layout import ConstituentState, FaultRow, InstrumentRow, Side, Valuation
from outcry.rules import funding, index, marks
from tests.engine.worlds import World

Figures = dict[str, Any]
STATES = {
    ConstituentState.SOURCE_WAITING: "waiting",
    ConstituentState.SOURCE_ACTIVE: "active",
    ConstituentState.SOURCE_STALE: "stale",
    ConstituentState.SOURCE_EXCLUDED: "excluded",
}


def at_ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9


def subticks(given: Figures, name: str) -> int:
    """A price of the figure in its sub-ticks."""
    return int(Decimal(given[name]) / Decimal(given["subtick"]))


def indexed(weights: list[int], tolerance: int = 0) -> World:
    """A world with one index of so many sources, numbered from 1."""
    world = World()
    world.now_ns = at_ns(datetime(2024, 5, 1, 12, 0, 30, tzinfo=UTC))
    world.index(".B", weights=tuple(weights), tolerance_ppm=tolerance)
    return world


def idx_01(given: Figures) -> Figures:
    total = sum(w * p for w, p in zip(given["weights_ppm"], given["prices_units"], strict=True))
    return {"value_units": index.weighted_mean(total, sum(given["weights_ppm"]), FaultRow())}


def judged(given: Figures) -> Figures:
    """The prices of a history, each at its second."""
    world = indexed(given["weights_ppm"], given["tolerance_ppm"])
    begun = world.now_ns
    for seconds, source, units in given["seen"]:
        world.now_ns = begun + seconds * 10**9
        world.price(1, units, source)
    row, sources = world.engine.tables.indices[1], world.engine.tables.constituents
    states = [STATES[ConstituentState(sources[at].state)] for at in range(1, row.constituents + 1)]
    return {"value_units": row.value_units, "states": states, "held": bool(row.held)}


def idx_07(given: Figures) -> Figures:
    world = indexed(given["weights_ppm"])
    for source, units in enumerate(given["prices_units"], 1):
        world.price(1, units, source)
    for source, weight in enumerate(given["next_weights_ppm"], 1):
        world.send(layout.SetNextWeight(index=1, constituent=source, weight_ppm=weight))
    row = world.engine.tables.indices[1]
    found = {"value_units": row.value_units, "next_value_units": row.next_value_units}
    world.send(layout.AdoptWeights(index=1))
    assert world.engine.tables.indices[1].next_value_units == 0
    return {**found, "adopted_units": world.engine.tables.indices[1].value_units}


def mrk_01(given: Figures) -> Figures:
    """The minutes left come from the clock time in the figure's name."""
    row, unit = InstrumentRow(), Decimal(given["subtick"])
    row.funding_rate_ppb = given["funding_rate_ppb"]
    row.funding_interval_ns = given["funding_interval_minutes"] * layout.MINUTE_NS
    row.funding_offset_ns = 4 * 60 * layout.MINUTE_NS
    hour, minute, second = (int(part) for part in given["at"].split(":"))
    time_ns = at_ns(datetime(2024, 5, 1, hour, minute, second, tzinfo=UTC))
    left = marks.minutes_to_funding(time_ns, row.funding_interval_ns, row.funding_offset_ns)
    assert left == given["minutes_left"]
    at = subticks(given, "index")
    basis = marks.basis_subticks(row, at, time_ns, FaultRow())
    return {"basis": str(basis * unit), "mark": str((at + basis) * unit)}


def mrk_03(given: Figures) -> Figures:
    """Through a real book of a linear contract worth its price in millionths of a coin."""
    side, other = (Side.BUY, Side.SELL) if given["side"] == "bids" else (Side.SELL, Side.BUY)
    world = World()
    world.currency("USDt", 6)
    world.index(".B")
    terms = {"valuation": Valuation.LINEAR, "lot": 1, "multiplier_minor": 1, "risk_limit_minor": 2**52}
    world.instrument("X", **terms, subticks_per_tick=1, impact_notional_minor=given["notional"])
    world.price(1, 10_000_00)
    maker = world.trader(1, 10**12)
    for price, quantity in given["levels"]:
        world.place(maker, side, quantity, subticks({**given, "price": price}, "price"))
    tables = world.engine.tables
    assert premiums.impact_price(tables, tables.instruments[1], other) == 0
    impact = premiums.impact_price(tables, tables.instruments[1], side)
    return {"impact": str(impact * Decimal(given["subtick"]))}


def mrk_04(given: Figures) -> Figures:
    unit, at = Decimal(given["subtick"]), subticks(given, "index")
    left = marks.minutes_to_expiry(at_ns(given["at"]), at_ns(given["expiry"]))
    found: Figures = {}
    rate = given.get("basis_rate_ppb", 0)
    if "impact_bid" in given:
        row = InstrumentRow(
            maintenance_margin_ppm=given["maintenance_margin_ppm"], subticks_per_tick=given["subticks_per_tick"]
        )
        bid, ask = subticks(given, "impact_bid"), subticks(given, "impact_ask")
        rate = marks.fair_basis_ppb(bid, ask, at, left)
        found = {"believed": marks.impact_is_tight(row, bid, ask), "basis_rate_ppb": rate}
    basis = marks.carry_subticks(at, rate, left)
    return {**found, "basis": str(basis * unit), "mark": f"{(at + basis) * unit:f}"}


def mrk_05(given: Figures) -> Figures:
    row = InstrumentRow(anchor_subticks=given["anchor"], maintenance_margin_ppm=given["maintenance_margin_ppm"])
    half, mark, found = marks.half_band_subticks(row, FaultRow()), given["mark"], []
    for last in given["lasts"]:
        mark = marks.protected_subticks(mark, last, given["anchor"] - half, given["anchor"] + half)
        found.append(mark)
    return {"marks": found}


def fnd_01(given: Figures) -> Figures:
    bid, ask, mark, at = (subticks(given, name) for name in ("impact_bid", "impact_ask", "mark", "index"))
    premium = funding.premium_ppb(bid, ask, mark, at, given.get("rate_ppb", 0))
    return {"premium_ppb": premium, "premium_ppm": abs(premium) // 1_000 * (1 if premium > 0 else -1)}


def fnd_02(given: Figures) -> Figures:
    interest = funding.interest_ppb(
        given["interest_quote_ppb"], given["interest_base_ppb"], given["interval_hours"] * 60 * layout.MINUTE_NS
    )
    premium = funding.mean_ppb(sum(given["premiums_ppb"]), len(given["premiums_ppb"]))
    return {"interest_ppb": interest, "premium_ppb": premium, "rate_ppb": funding.rate_ppb(premium, interest)}


def fnd_03(given: Figures) -> Figures:
    row = InstrumentRow(
        initial_margin_ppm=given["initial_margin_ppm"],
        maintenance_margin_ppm=given["maintenance_margin_ppm"],
        funding_rate_ppb=given["current_ppb"],
    )
    rate = funding.capped_rate_ppb(row, given["wanted_ppb"])
    row.funding_rate_ppb = 10**8
    most = funding.capped_rate_ppb(row, 10**9)
    # With so much initial margin only the change is capped.
    row.funding_rate_ppb, row.initial_margin_ppm = 0, layout.PPM
    step = funding.capped_rate_ppb(row, 10**9)
    day = {"most_a_day_ppb": 3 * most, "most_a_day_of_two_hours_ppb": 12 * most}
    return {"rate_ppb": rate, "most_ppb": most, "step_ppb": step, **day}


PRICED = {
    "IDX-01": idx_01,
    "IDX-02": judged,
    "IDX-03": judged,
    "IDX-04": judged,
    "IDX-05": judged,
    "IDX-06": judged,
    "IDX-07": idx_07,
    "MRK-01": mrk_01,
    "MRK-03": mrk_03,
    "MRK-04": mrk_04,
    "MRK-05": mrk_05,
    "FND-01": fnd_01,
    "FND-02": fnd_02,
    "FND-03": fnd_03,
}
