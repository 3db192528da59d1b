"""Published and captured numbers of other venues, computed with our rules: the rows of vectors.toml.

Every row of the collection's sections 2 to 7 is a vector here, a figure of docs/rules, or left out with a reason; a
vector's `by` names the function here that turns `given` into what `expect` names.
"""

import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from outcry.protocol.layout import PPM, FaultRow, InstrumentRow, Side
from outcry.rules import arith, fees, liquidation, margin, position, stamps, value
from outcry.rules.closing import closing_ticks
from tests.rules.test_figures import figures, instrument_of, subticks

Given = dict[str, Any]
ROWS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "vectors.toml").read_text())


def fills(given: Given) -> Given:
    """Fills of one account in turn: cost by average, profit, fees, and what the mark says."""
    row, fault = instrument_of(given), FaultRow()
    held = cost = realised = 0
    values = []
    for quantity, price in given["fills"]:
        lot = value.lot_value_minor(row, subticks(row, price), fault)
        side = Side.BUY if quantity > 0 else Side.SELL
        closing = position.closing_quantity(held, quantity)
        closed = position.cost_of_part(cost, closing, abs(held), fault) if closing else 0
        realised -= closed + value.cost_of_side(row, side, closing // row.lot * lot) if closing else 0
        cost += value.cost_of_side(row, side, (abs(quantity) - closing) // row.lot * lot) - closed
        held += quantity
        values.append(abs(quantity) // row.lot * lot)
    paid = [fees.fee_minor(worth, given.get("maker_fee_ppm", 0), fault) for worth in values]
    found = {"cost_minor": cost, "realised_minor": realised, "fees_minor": paid}
    # The row of a wallet's history has the second leg's fee; the first leg's was a day earlier.
    found["wallet_row_minor"] = realised - paid[-1] + given.get("funding_minor", 0)
    found["initial_minor"] = margin.initial_minor(row, 0, values[0], given.get("leverage_centi", 0), fault)
    if "mark" in given:
        lot = value.lot_value_minor(row, subticks(row, given["mark"]), fault)
        found["unrealised_minor"] = position.unrealised_minor(value.signed_value_minor(row, held, lot), cost)
    return found


def funding(given: Given) -> Given:
    row = InstrumentRow()
    row.lot = 1
    pays = [
        stamps.payment_minor(row, signed, given["lot_minor"], given["rate_ppb"], FaultRow())
        for signed in (given["lots"], -given["lots"])
    ]
    return {"long_pays_minor": pays[0], "short_gets_minor": -pays[1]}


def isolated(given: Given) -> Given:
    """An isolated position's own margin and maintenance, and the values and prices at which it is over."""
    row, fault, cost = instrument_of(given), FaultRow(), given["cost_minor"]
    row.funding_rate_ppb = given["adverse_ppb"] * (1 if given["quantity"] > 0 else -1)
    row.subticks_per_tick = 1
    row.price_ticks_max = 2**29
    leverage, tick = given["leverage_centi"], Decimal(given["tick"])
    initial = margin.initial_minor(row, 0, abs(cost), leverage, fault)
    closing = margin.closing_fee_minor(row, 0, cost, initial, fault)
    own = margin.position_margin_minor(row, 0, 0, cost, leverage, fault) - given["loss_minor"]
    kept = margin.maintenance_minor(row, 0, 0, cost, leverage, fault)
    over = {"liquidation": cost - own + kept, "bankrupt": cost - (own - closing)}
    # Prices in ticks of the venue: one lot's value is numerator / price.
    row.value_numerator = int(given["multiplier_minor"] / tick)
    prices = {name: closing_ticks(row, given["quantity"], signed) for name, signed in over.items()}
    return {
        "initial_minor": initial,
        "closing_fee_minor": closing,
        "own_minor": own,
        "maintenance_minor": kept,
        "liquidation_minor": over["liquidation"],
        "bankrupt_minor": over["bankrupt"],
        "liquidation_price": str(prices["liquidation"] * tick),
        "bankruptcy_price": str(prices["bankrupt"] * tick),
    }


def tiers(given: Given) -> Given:
    row = instrument_of(given)
    row.risk_limit_minor, row.risk_step_minor = given["base_minor"], given["step_minor"]
    steps = [margin.steps_needed(row, worth) for worth in given["risk_values_minor"]]
    return {
        "steps": steps,
        "maintenance_ppm": [margin.maintenance_ppm(row, step) for step in steps],
        "initial_ppm": [margin.initial_ppm(row, step) for step in steps],
    }


def maintenance(given: Given) -> Given:
    row = instrument_of(given)
    return {"maintenance_minor": margin.maintenance_minor(row, given["steps"], 0, given["cost_minor"], 0, FaultRow())}


def cross(given: Given) -> Given:
    """One long position of a linear contract and the whole wallet behind it: the prices at which equity is maintenance,
    and nothing."""
    row, fault = instrument_of({**given, "valuation": "linear"}), FaultRow()
    initial = margin.initial_minor(row, 0, given["cost_minor"], 0, fault)
    kept = margin.maintenance_minor(row, 0, 0, given["cost_minor"], 0, fault)
    per_price = given["contracts"] * given["contract_minor"]
    return {
        "initial_minor": initial,
        "maintenance_minor": kept,
        "available_minor": given["wallet_minor"] - initial,
        "liquidation_price": (given["cost_minor"] - given["wallet_minor"] + kept) // per_price,
        "bankruptcy_price": (given["cost_minor"] - given["wallet_minor"]) // per_price,
    }


def bankrupt(given: Given) -> Given:
    reserve = min(given["fee_minor"], given["own_minor"])
    worth = given["cost_minor"] - given["own_minor"] + reserve
    return {
        "bankrupt_minor": worth,
        "owner_loses_minor": given["cost_minor"] - worth + reserve,
        "unrealised_minor": given["value_minor"] - given["cost_minor"],
    }


def shares(given: Given) -> Given:
    """Bankruptcy values of one of the positions of a pool, for several wallets of quote; and of half of it."""
    found: Given = {"bankrupt_minor": [], "halves_minor": []}
    values, kept, at = given["values_minor"], given["maintenance_minor"], given["at"]
    for wallet in given["wallets_minor"]:
        share = liquidation.share_minor(wallet + sum(values), kept[at], sum(kept), FaultRow())
        found["bankrupt_minor"].append(values[at] - share)
        found["halves_minor"].append(position.cost_of_part(values[at] - share, 1, 2, FaultRow()))
    return found


COMPUTED: dict[str, Callable[[Given], Given]] = {
    "fills": fills,
    "funding": funding,
    "isolated": isolated,
    "tiers": tiers,
    "maintenance": maintenance,
    "cross": cross,
    "bankrupt": bankrupt,
    "shares": shares,
}


@pytest.mark.parametrize("vector", ROWS["vector"], ids=lambda vector: f"{vector['id']} {vector['tag']}")
def test_a_published_number_is_what_our_rules_give(vector: Given) -> None:
    found = COMPUTED[vector["by"]](vector["given"])
    assert {name: found[name] for name in vector["expect"]} == vector["expect"]


def test_every_row_of_the_collection_has_its_place_once() -> None:
    vectors = {vector["id"] for vector in ROWS["vector"]}
    left_out = [row for one in ROWS["left_out"] for row in one["rows"]]
    places = [*vectors, *ROWS["figures"], *left_out]
    assert sorted(places) == sorted(ROWS["rows"])
    assert all(one["reason"] for one in ROWS["left_out"])
    assert len(ROWS["vector"]) + len(ROWS["figures"]) >= 50


def test_the_figures_that_are_named_are_there() -> None:
    assert set(ROWS["figures"].values()) <= {figure["name"] for figure in figures()}


def test_rates_are_whole_ppm() -> None:
    """The unit of the vectors' margins: one whole is a million."""
    assert arith.mul_div_ceil(10**6, 10_000, PPM, FaultRow()) == 10_000
