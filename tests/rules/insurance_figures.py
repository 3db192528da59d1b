"""What the worked figures of docs/rules/insurance.md say, computed by the rules (LIQ-06 to LIQ-08, INS-01, ADL).

Squaring is worked through a real engine, because it is a movement of money; the rest are the pure rules.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from outcry.engine import insurance, ledger
from outcry.protocol.layout import Code, EntryHead, FaultRow, InstrumentRow, Role, Tables, Valuation
from outcry.rules import closing, position, ranking, value
from tests.engine.seizing import by_hand, give_fund, owed, plain_world
from tests.engine.seizing import fund as fund_of

Figures = dict[str, Any]


def row_of(given: Figures) -> InstrumentRow:
    """A row with the figure's terms; a sub-tick is a tick, of the figure's or of a hundredth."""
    row, unit = InstrumentRow(), Decimal(given.get("tick", "0.01"))
    row.valuation = Valuation.INVERSE if given["valuation"] == "inverse" else Valuation.LINEAR
    row.lot, row.subticks_per_tick, row.price_ticks_max = given.get("lot", 1), 1, 10**7
    row.taker_fee_ppm = given.get("taker_fee_ppm", 0)
    worth = row.lot * given["multiplier_minor"]
    whole = int(1 / unit)
    row.value_numerator = worth * whole if row.valuation == Valuation.INVERSE else worth
    row.value_denominator = 1 if row.valuation == Valuation.INVERSE else whole
    return row


def ticks(given: Figures, price: str) -> int:
    return int(Decimal(price) / Decimal(given.get("tick", "0.01")))


def liq_06(given: Figures) -> Figures:
    row, fault = row_of(given), FaultRow()
    quantity, bankrupt = given["quantity"], given["bankrupt_minor"]
    limit = closing.closing_ticks(row, quantity, bankrupt)
    found: Figures = {"limit": str(limit * Decimal(given["tick"]))}
    if "fill_price" in given:
        worth = value.value_minor(row, abs(quantity), ticks(given, given["fill_price"]), fault)
        found["to_fund_minor"] = -(bankrupt + value.cost_of_side(row, closing.closing_side(quantity), worth))
    return found


def liq_07(given: Figures) -> Figures:
    row, fault, quantity, bankrupt = row_of(given), FaultRow(), given["quantity"], given["bankrupt_minor"]
    at_mark = value.lot_value_minor(row, ticks(given, given["mark"]), fault)
    worth = value.signed_value_minor(row, quantity, at_mark)
    lot = value.lot_value_minor(row, ticks(given, given["price"]), fault)
    loss = closing.lot_loss_minor(row, quantity, bankrupt, lot, fault)
    lots = closing.affordable_lots(given["fund_minor"], loss, given["lots_there"])
    return {"value_at_mark_minor": worth, "past": worth < bankrupt, "lot_loss_minor": loss, "lots": lots}


def ins_01(given: Figures) -> Figures:
    world = plain_world()
    give_fund(world, given["fund_minor"])

    def bring(tables: Tables, entry: EntryHead) -> Code:
        wallets = [ledger.role_wallet(tables, 1, role) for role in (Role.FEES, Role.TAKEOVER)]
        ledger.move(tables, wallets[0], wallets[1], given["takeover_minor"])
        insurance.square(tables, 1, 0)
        return Code.OK

    before = fund_of(world)
    by_hand(world, bring)
    return {
        "takeover_after_minor": owed(world),
        "fund_after_minor": fund_of(world),
        "moved_minor": fund_of(world) - before,
    }


def adl_01(given: Figures) -> Figures:
    if "longs" in given:
        return ranked_longs(given)
    numbers = {name: given[f"{name}_minor"] for name in ("unrealised", "cost", "value", "bankrupt")}
    cushion = numbers["value"] - numbers["bankrupt"]
    return {
        "profit_ppb": ranking.profit_ppb(numbers["unrealised"], numbers["cost"]),
        "leverage_ppm": ranking.leverage_ppm(numbers["value"], cushion),
        "score_ppb": ranking.score_ppb(numbers["unrealised"], numbers["cost"], numbers["value"], cushion),
    }


def ranked_longs(given: Figures) -> Figures:
    ordered = sorted(given["longs"], key=lambda row: -row[2])
    befores = [sum(row[1] for row in ordered[:at]) for at in range(len(ordered))]
    total = sum(row[1] for row in ordered)
    takes = [ranking.in_turn(row[1], before, given["need"]) for row, before in zip(ordered, befores, strict=True)]
    return {
        "order": [row[0] for row in ordered],
        "quintiles": [ranking.quintile(b, row[1], total) for row, b in zip(ordered, befores, strict=True)],
        "taken": [[row[0], take] for row, take in zip(ordered, takes, strict=True) if take],
    }


def adl_02(given: Figures) -> Figures:
    cost, whole, part = given["takeover_cost_minor"], abs(given["takeover_quantity"]), given["quantity"]
    traded = position.cost_of_part(cost, part, whole, FaultRow())
    closed = position.cost_of_part(given["cost_minor"], part, abs(given["held"]), FaultRow())
    realised = -(closed + traded)
    return {
        "value_minor": traded,
        "realised_minor": realised,
        "wallet_after_minor": given["wallet_minor"] + realised,
        "takeover_left_minor": cost - traded,
    }


def adl_03(given: Figures) -> Figures:
    sizes, ranks, need, lot = given["quantities"], given["ranks"], given["need"], given["lot"]
    better = [sum(size for size, other in zip(sizes, ranks, strict=True) if other < rank) for rank in ranks]
    older = [sum(sizes[:at]) for at in range(len(sizes))]
    return {
        "ranked": [ranking.in_turn(size, before, need) for size, before in zip(sizes, better, strict=True)],
        "queue": [ranking.in_turn(size, before, need) for size, before in zip(sizes, older, strict=True)],
        "pro_rata": [ranking.in_proportion(size, need, sum(sizes), lot) for size in sizes],
    }


INSURED: dict[str, Callable[[Figures], Figures]] = {
    "LIQ-06": liq_06,
    "LIQ-07": liq_07,
    "INS-01": ins_01,
    "ADL-01": adl_01,
    "ADL-02": adl_02,
    "ADL-03": adl_03,
}
