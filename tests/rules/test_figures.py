"""Every worked figure of docs/rules, read from the page and computed with the rules.

A figure is a fenced `figure` block of TOML.  Each rule with figures has one function here that turns `given` into what
`expect` names; a figure of a rule without one, or an expected number nobody computes, fails.
"""

import re
import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from outcry.engine import limits, reading
from outcry.protocol import layout, wire
from outcry.protocol.layout import FaultRow, InstrumentRow, PositionRow, Side, Tables, Valuation
from outcry.rules import arith, fees, margin, position, value
from tests.engine.worlds import number_words, xbtusd
from tests.rules.auction_figures import AUCTIONED
from tests.rules.book_figures import SHOWN
from tests.rules.funding_figures import FUNDED
from tests.rules.insurance_figures import INSURED
from tests.rules.ledger_figures import LEDGERED
from tests.rules.liquidation_figures import LIQUIDATED
from tests.rules.listing_figures import LISTED
from tests.rules.option_figures import OPTIONED
from tests.rules.outcome_figures import ANSWERED
from tests.rules.price_figures import PRICED
from tests.rules.quoting_figures import QUOTED
from tests.rules.settlement_figures import SETTLED
from tests.rules.spread_figures import SPREADING
from tests.rules.trigger_figures import TRIGGERED

PAGES = Path(__file__).parents[2] / "docs" / "rules"
Figures = dict[str, Any]


def figures() -> list[Figures]:
    found = []
    for page in sorted(PAGES.glob("*.md")):
        found += [tomllib.loads(block) for block in re.findall(r"^```figure\n(.*?)^```", page.read_text(), re.M | re.S)]
    return found


def instrument_of(given: Figures) -> InstrumentRow:
    """A row with the figure's terms; prices in sub-ticks of 1e-8."""
    row = InstrumentRow()
    row.valuation = {"inverse": Valuation.INVERSE, "linear": Valuation.LINEAR, "quanto": Valuation.QUANTO}[
        given.get("valuation", "inverse")
    ]
    row.lot = given.get("lot", 1)
    worth = row.lot * given.get("multiplier_minor", 1)
    if row.valuation == Valuation.INVERSE:
        row.value_numerator, row.value_denominator = worth * 10**8 if worth * 10**8 < 2**63 else 0, 1
        if not row.value_numerator:
            row.value_numerator, row.subticks_per_tick = worth * 100, 100
    else:
        row.value_numerator, row.value_denominator = worth, 10**8
    row.initial_margin_ppm = given.get("initial_margin_ppm", 0)
    row.maintenance_margin_ppm = given.get("maintenance_margin_ppm", 0)
    row.taker_fee_ppm = given.get("taker_fee_ppm", 0)
    return row


def subticks(row: InstrumentRow, price: str) -> int:
    """The price in the row's sub-ticks: 0.01 where a finer one would not fit, else 1e-8."""
    return int(Decimal(price) * (100 if row.subticks_per_tick == 100 else 10**8))


def val_01(given: Figures) -> Figures:
    row = instrument_of(given)
    return {"lot_value_minor": value.lot_value_minor(row, subticks(row, given["price"]), FaultRow())}


def val_02(given: Figures) -> Figures:
    row = instrument_of(given)
    return {"value_minor": value.value_minor(row, given["quantity"], subticks(row, given["price"]), FaultRow())}


def pnl_01(given: Figures) -> Figures:
    row, quantity = instrument_of(given), given["quantity"]
    bought = value.value_minor(row, quantity, subticks(row, given["buy_price"]), FaultRow())
    sold = value.value_minor(row, quantity, subticks(row, given["sell_price"]), FaultRow())
    buy, sell = value.cost_of_side(row, Side.BUY, bought), value.cost_of_side(row, Side.SELL, sold)
    return {"buy_cost_minor": buy, "sell_cost_minor": sell, "realised_minor": -(buy + sell)}


def pnl_02(given: Figures) -> Figures:
    return {"part_cost_minor": position.cost_of_part(given["cost_minor"], given["part"], given["whole"], FaultRow())}


def pnl_03(given: Figures) -> Figures:
    row = instrument_of(given)
    lot = value.lot_value_minor(row, subticks(row, given["mark"]), FaultRow())
    worth = value.signed_value_minor(row, given["quantity"], lot)
    return {"value_minor": worth, "unrealised_minor": position.unrealised_minor(worth, given["cost_minor"])}


def pnl_04(given: Figures) -> Figures:
    paid = given["fees_minor"] + sum(given.get("funding_minor", []))
    return {"realised_minor": -given["realised_cost_minor"] - paid}


def fee_01(given: Figures) -> Figures:
    return {"fee_minor": fees.fee_minor(given["value_minor"], given["rate_ppm"], FaultRow())}


def mrg_01(given: Figures) -> Figures:
    row, fault = instrument_of(given), FaultRow()
    worth = value.value_minor(row, given["quantity"], subticks(row, given["price"]), fault)
    initial = margin.initial_minor(row, 0, worth, given["leverage_centi"], fault)
    return {
        "value_minor": worth,
        "initial_minor": initial,
        "opening_fee_minor": fees.fee_minor(worth, row.taker_fee_ppm, fault),
        "closing_fee_minor": margin.exit_fee_minor(row, worth, initial, fault),
        "order_cost_minor": margin.order_cost_minor(row, 0, worth, given["leverage_centi"], fault),
    }


def mrg_02(given: Figures) -> Figures:
    row = PositionRow()
    for name, number in given.items():
        if name != "held":
            setattr(row, name, number)
    return {"orders_margin_minor": margin.orders_margin_minor(row, given["held"], 1)}


def mrg_03(given: Figures) -> Figures:
    row, fault, cost, leverage = instrument_of(given), FaultRow(), given["cost_minor"], given["leverage_centi"]
    initial = margin.initial_minor(row, 0, cost, leverage, fault)
    return {
        "initial_minor": initial,
        "closing_fee_minor": margin.closing_fee_minor(row, 0, cost, initial, fault),
        "position_margin_minor": margin.position_margin_minor(row, 0, 0, cost, leverage, fault),
        "own_margin_minor": margin.position_margin_minor(row, 0, 0, cost, leverage, fault) - given["paid_fees_minor"],
        "maintenance_minor": margin.maintenance_minor(row, 0, 0, cost, leverage, fault),
    }


def mrg_05(given: Figures) -> Figures:
    names = ("position_value_minor", "open_orders_value_minor", "order_value_minor")
    risk = sum(given[name] for name in names)
    return {"risk_value_minor": risk, "refused": risk > given["risk_limit_minor"]}


def mrg_06(given: Figures) -> Figures:
    needed = margin.position_margin_minor(instrument_of(given), 0, 0, given["position_value_minor"], 0, FaultRow())
    loss = max(0, -given["unrealised_minor"])
    return {"position_margin_minor": needed, "available_minor": given["wallet_minor"] - loss - needed}


def mrg_07(given: Figures) -> Figures:
    return {"spare_minor": max(0, given["moved_minor"] - given["paid_fees_minor"] + min(0, given["unrealised_minor"]))}


def mrg_08(given: Figures) -> Figures:
    side = {"buy": Side.BUY, "sell": Side.SELL}[given["side"]]
    rises = given["valuation"] != "inverse"
    premium = margin.premium_minor(side, given["value_at_limit_minor"], given["value_at_mark_minor"], rises)
    return {"premium_minor": premium}


def ord_07(given: Figures) -> Figures:
    row, tick = InstrumentRow(), Decimal(given["tick"])
    row.subticks_per_tick = given["subticks_per_tick"]
    row.mark_subticks = int(Decimal(given["mark"]) / tick * row.subticks_per_tick)
    row.best_ask_ticks = int(Decimal(given["best_ask"]) / tick)
    row.price_ticks_max = given["price_ticks_max"]
    tables = Tables()
    tables.fault = FaultRow()
    return {"edge_ticks": limits.band_ticks(tables, row, Side.BUY)}


def ord_08(given: Figures) -> Figures:
    """Through a real engine: the position, its orders (prices above the mark), then the sale."""
    world, mark = xbtusd(), 100_000
    account, other = world.trader(1), world.trader(2)
    world.place(other, Side.SELL, given["position"], mark)
    world.place(account, Side.BUY, given["position"], mark)
    for name, above, quantity in given["sells"]:
        world.place(account, Side.SELL, quantity, mark + above, reduce_only=True, client_id=name)
    world.place(other, Side.BUY, given["shrinks_by"], mark)
    world.place(account, Side.SELL, given["shrinks_by"], mark)
    tables = world.engine.tables
    slots = reading.queue(tables, 1, Side.SELL)
    rows = [(wire.client_id_of(tables.client_ids[tables.orders[slot].client].client_id), slot) for slot in slots]
    return {"sells": [[n, tables.orders[at].price_ticks - mark, tables.orders[at].leaves_quantity] for n, at in rows]}


def wal_03(given: Figures) -> Figures:
    """Through a real engine: deposit, withdraw, settle."""
    world = xbtusd()
    account = world.account(1)
    world.deposit(account, given["deposits_minor"])
    record = layout.Withdraw()
    record.account, record.currency, record.amount_minor = account, 1, given["withdrawn_minor"]
    wire.put_bytes(record.request, number_words(1, 16))
    world.send(record)
    in_flight = world.engine.tables.currencies[1].in_flight_minor
    found = {"wallet_minor": world.balance(account), "in_flight_minor": in_flight}
    found["held_before_settling_minor"] = world.balance(account) + in_flight
    settled = layout.SettleWithdrawal()
    settled.account, settled.settled, settled.request = account, 1, record.request
    world.send(settled)
    found["held_after_settling_minor"] = world.balance(account) + world.engine.tables.currencies[1].in_flight_minor
    return found


def law_03(given: Figures) -> Figures:
    held = sum(given["wallets_minor"]) - sum(given["unrealised_costs_minor"]) + given["epochs_minor"]
    owed = given["deposits_minor"] - given["withdrawals_minor"]
    return {"held_minor": held, "owed_minor": owed, "adds_up": held + given["in_flight_minor"] == owed}


COMPUTED: dict[str, Callable[[Figures], Figures]] = {
    "VAL-01": val_01,
    "VAL-02": val_02,
    "PNL-01": pnl_01,
    "PNL-02": pnl_02,
    "PNL-03": pnl_03,
    "PNL-04": pnl_04,
    "FEE-01": fee_01,
    "MRG-01": mrg_01,
    "MRG-02": mrg_02,
    "MRG-03": mrg_03,
    "MRG-05": mrg_05,
    "MRG-06": mrg_06,
    "MRG-07": mrg_07,
    "MRG-08": mrg_08,
    **PRICED,
    "ORD-07": ord_07,
    "ORD-08": ord_08,
    **SHOWN,
    "WAL-03": wal_03,
    "LAW-03": law_03,
    **FUNDED,
    **LEDGERED,
    **AUCTIONED,
    **SPREADING,
    **TRIGGERED,
    **SETTLED,
    **INSURED,
    **LIQUIDATED,
    **LISTED,
    **QUOTED,
    **OPTIONED,
    **ANSWERED,
}


@pytest.mark.parametrize("figure", figures(), ids=lambda f: f"{f['rule']} {f['name']}")
def test_the_page_and_the_rules_agree(figure: Figures) -> None:
    assert figure["expect"].items() <= COMPUTED[figure["rule"]](figure["given"]).items()


def test_no_rule_lost_its_figures() -> None:
    assert {figure["rule"] for figure in figures()} == set(COMPUTED)
    assert len(figures()) >= 25


@pytest.mark.parametrize("name", ["floor", "ceil", "half_up"])
def test_products_are_exact_or_set_the_fault(name: str) -> None:
    """At every mixture of edges a quotient is the exact one, or 0 with the fault."""
    edges = (0, 1, 2, 3, 7, 10**6, 2**31, 2**32 + 1, 2**53, 2**62, 2**63 - 1)
    adds: dict[str, Callable[[int], int]] = {"floor": lambda c: 0, "ceil": lambda c: c - 1, "half_up": lambda c: c // 2}
    add = adds[name]
    rounded = {"floor": arith.mul_div_floor, "ceil": arith.mul_div_ceil, "half_up": arith.mul_div_half_up}[name]
    overflows = 0
    for a in edges:
        for b in edges:
            for c in edges[1:]:
                exact, fault = (a * b + add(c)) // c, FaultRow()
                fits = exact < 2**63
                assert rounded(a, b, c, fault) == (exact if fits else 0)
                assert (fault.code == 0) == fits
                overflows += not fits
    assert overflows > 100
