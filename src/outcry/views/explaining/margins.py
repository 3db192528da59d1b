"""An account's margin now: every term of its wallets, positions and orders, with the rules that made them.

By settlement currency: what is in the wallet, what positions and orders hold back of it, what is left (MRG-06), and how
far what is held is from liquidation (LIQ-01).  Every number is a row's, or the engine's own figure of that row.
"""

from outcry.engine import reading
from outcry.protocol.layout import PositionRow
from outcry.views.directory import Currency, Directory, State
from outcry.views.explaining.backings import backing_checks, backing_terms
from outcry.views.explaining.words import (
    CENTI,
    Explanation,
    NothingKnown,
    Term,
    check,
    contracts,
    money,
    number,
    ppb,
    ppm,
    price,
)

Held = tuple[PositionRow, reading.PositionFigures]


def explain_margin(state: State, directory: Directory, account: int, currency: Currency, time_ns: int) -> Explanation:
    """What an account has in a currency and what it needs (MRG-01 to MRG-10, LIQ-01).  Raises `NothingKnown`."""
    tables = state.tables
    if not reading.find_wallet(tables, account, currency.number):
        raise NothingKnown(f"account {account} has no wallet in {currency.symbol}")
    summary = reading.margin_of(tables, account, currency.number)
    held: list[Held] = [
        (tables.positions[slot], reading.position_figures(tables, slot))
        for slot in sorted(reading.positions_of(tables, account), key=lambda at: tables.positions[at].instrument)
        if tables.instruments[tables.positions[slot].instrument].currency == currency.number
    ]

    def amount(name: str, minor: int, rule: str = "", how: str = "") -> Term:
        return money(name, minor, currency, rule, how)

    terms = [
        amount("wallet_minor", summary.wallet_minor, "WAL-01", "settled money"),
        amount("position_margin_minor", summary.position_margin_minor, "MRG-03", "initial margins and closing fees"),
        amount("moved_margin_minor", summary.moved_margin_minor, "MRG-07", "moved into isolated positions, less paid"),
        amount(
            "unrealised_loss_minor", summary.unrealised_loss_minor, "MRG-06", "losses that count against new orders"
        ),
        amount("order_margin_minor", summary.order_margin_minor, "MRG-02", "of open orders"),
        amount("held_minor", summary.held_minor, "PRD-03", "in bonds of who disputes an outcome"),
        amount("available_minor", summary.available_minor, "MRG-06", "for orders, withdrawals and transfers"),
        amount("unrealised_minor", summary.unrealised_minor, "PNL-03", "of all positions at their marks"),
        amount("maintenance_minor", summary.maintenance_minor, "MRG-10", "of all positions"),
    ]
    left = summary.wallet_minor - summary.position_margin_minor - summary.moved_margin_minor
    left -= summary.unrealised_loss_minor + summary.order_margin_minor + summary.held_minor
    checks = [
        check("wallet - positions - moved - losses - orders - bonds", left, summary.available_minor, "MRG-06"),
        check(
            "margin of positions",
            sum(f.initial_minor + f.exit_fee_minor for _, f in held),
            summary.position_margin_minor,
            "MRG-03",
        ),
    ]
    cross = [(row, figures) for row, figures in held if row.quantity and not reading.stands_alone(tables, row)]
    if cross:
        alone = [figures for row, figures in held if row.quantity and reading.stands_alone(tables, row)]
        own = sum(max(0, figures.margin_minor) for figures in alone)
        gain = sum(figures.unrealised_minor for _, figures in cross)
        needed = sum(figures.maintenance_minor for _, figures in cross)
        equity = summary.wallet_minor - summary.held_minor - own + gain
        slack = equity - summary.order_margin_minor - needed
        terms += [
            amount(
                "isolated_margin_minor", own, "LIQ-01", "own margins of isolated and paid up positions, out of the pool"
            ),
            amount("cross_unrealised_minor", gain, "LIQ-01", "of the cross positions"),
            amount("cross_equity_minor", equity, "LIQ-01", "wallet - bonds - isolated margins + their unrealised PnL"),
            amount("cross_maintenance_minor", needed, "MRG-10", "what the cross positions have to have"),
            amount("cross_slack_minor", slack, "LIQ-01", "equity - orders - maintenance; liquidated at 0 or less"),
        ]
    parts = [
        _position(state, directory, currency, row, figures, time_ns)
        for row, figures in held
        if row.quantity or row.buy_quantity or row.sell_quantity
    ]
    title = f"margin of account {account} in {currency.symbol}"
    return Explanation("margin", title, tables.venue.sequence, time_ns, terms, checks, parts)


def _position(
    state: State,
    directory: Directory,
    currency: Currency,
    row: PositionRow,
    figures: reading.PositionFigures,
    time_ns: int,
) -> Explanation:
    listing, instrument = directory.listing(row.instrument), state.tables.instruments[row.instrument]

    def amount(name: str, minor: int, rule: str = "", how: str = "") -> Term:
        return money(name, minor, currency, rule, how)

    leverage = f"{row.leverage_centi / CENTI:g}x isolated" if row.isolated else "cross"
    terms = [
        contracts("quantity", row.quantity, "PNL-01", "signed"),
        price("mark_subticks", instrument.mark_subticks, listing, "MRK-01"),
        amount("lot_minor", instrument.mark_lot_minor, "VAL-01", "value of a lot at the mark"),
        amount("value_minor", figures.value_minor, "VAL-02", "signed value at the mark"),
        amount("cost_minor", row.cost_minor, "PNL-01", "signed"),
        amount("unrealised_minor", figures.unrealised_minor, "PNL-03", "value - cost"),
        number("leverage_centi", row.leverage_centi, leverage, "MRG-04"),
        number("risk_steps", row.risk_steps, "", "MRG-09", "steps of the risk limit above the base"),
        amount("risk_limit_minor", row.risk_limit_minor, "MRG-09"),
        amount("risk_value_minor", figures.risk_value_minor, "MRG-05", "position and open orders"),
        ppm("initial_margin_ppm", instrument.initial_margin_ppm, "MRG-09", "base rate"),
        ppm("maintenance_margin_ppm", instrument.maintenance_margin_ppm, "MRG-09", "base rate"),
        ppb("funding_rate_ppb", instrument.funding_rate_ppb, "MRG-10", "its adverse part is in the maintenance"),
        amount("initial_minor", figures.initial_minor, "MRG-03", "posInit"),
        amount("closing_fee_minor", figures.exit_fee_minor, "MRG-03", "posComm: kept for closing as a taker"),
        amount("moved_margin_minor", row.moved_margin_minor, "MRG-07", "moved in by hand"),
        amount("loss_minor", row.loss_minor, "MRG-03", "posLoss: fees and funding paid out of its own margin"),
        amount("margin_minor", figures.margin_minor, "MRG-03", "own margin: initial + closing fee + moved - paid"),
        amount("maintenance_minor", figures.maintenance_minor, "MRG-10", "with closing fee and funding allowance"),
        amount("order_margin_minor", figures.order_margin_minor, "MRG-02"),
    ]
    decimals = directory.index(listing.index).decimals if listing.index else 0
    terms += backing_terms(instrument, row, currency, decimals)
    if row.band_subticks:
        terms.append(price("band_subticks", row.band_subticks, listing, "LIQ-01", "examined when the mark passes it"))
    own = figures.initial_minor + figures.exit_fee_minor + row.moved_margin_minor - row.loss_minor
    checks = [
        check(
            "lots times value of a lot",
            abs(row.quantity) // listing.lot * instrument.mark_lot_minor,
            abs(figures.value_minor),
            "VAL-02",
        ),
        check("value - cost", figures.value_minor - row.cost_minor, figures.unrealised_minor, "PNL-03"),
        check("initial + closing fee + moved - paid", own, figures.margin_minor, "MRG-03"),
    ]
    checks += backing_checks(instrument, row, figures.initial_minor, figures.maintenance_minor, figures.exit_fee_minor)
    if row.isolated and row.quantity:
        equity = figures.margin_minor + figures.unrealised_minor
        terms.append(amount("equity_minor", equity, "LIQ-01", "own margin + unrealised PnL"))
        terms.append(amount("slack_minor", equity - figures.maintenance_minor, "LIQ-01", "liquidated at 0 or less"))
    return Explanation("position", listing.symbol, state.tables.venue.sequence, time_ns, terms, checks)
