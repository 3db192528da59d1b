"""Why a position that is not margined by rates of its cost needs what it does (OPT-03, COL-01); an option's model.

Every term is a row's number, or what the rules say of it; each check makes the margin again from the terms before it.
"""

from outcry.protocol.layout import FaultRow, InstrumentRow, MarginMethod, PositionRow
from outcry.rules import backing
from outcry.views.directory import Currency
from outcry.views.explaining.words import Check, Term, age, check, money, number, ppm, units


def backing_terms(instrument: InstrumentRow, row: PositionRow, currency: Currency, decimals: int) -> list[Term]:
    """What a position is backed by; nothing where that is rates of its cost."""
    fault, method = FaultRow(), MarginMethod(instrument.margin_method)
    if method == MarginMethod.BY_RATES:
        return []
    terms = [number("margin_method", method, method.name, "OPT-03")]
    if method == MarginMethod.BY_COLLATERAL:
        highest = instrument.highest_lot_minor
        terms.append(money("highest_lot_minor", highest, currency, "COL-01", "value of a lot at the highest price"))
    else:
        terms += [
            units("strike_units", instrument.strike_units, decimals, "OPT-01"),
            units("margin_units", instrument.margin_units, decimals, "OPT-03", "price of the underlying used here"),
            money("underlying_lot_minor", instrument.underlying_lot_minor, currency, "OPT-03", "a lot of it at that"),
            ppm("floor_margin_ppm", instrument.floor_margin_ppm, "OPT-03", "lowest initial margin of the underlying"),
        ]
    if row.quantity >= 0:
        return terms
    closing = backing.closing_lot_minor(instrument, fault)
    if method == MarginMethod.BY_PREMIUM:
        out = backing.out_of_money_lot_minor(instrument, fault)
        initial = backing.written_initial_lot(instrument, row.risk_steps, fault)
        kept = backing.written_maintenance_lot(instrument, row.risk_steps, fault)
        terms += [
            money("out_of_money_lot_minor", out, currency, "OPT-03", "how far out of the money"),
            money("initial_lot_minor", initial, currency, "OPT-03", "of a lot sold, without the mark"),
            money("maintenance_lot_minor", kept, currency, "OPT-03", "of a lot sold, without the mark"),
        ]
    return [*terms, money("closing_lot_minor", closing, currency, "OPT-03", "kept to buy a lot back or settle it")]


def backing_checks(
    instrument: InstrumentRow, row: PositionRow, initial: int, maintenance: int, fee: int
) -> list[Check]:
    """The margins again from those terms."""
    fault, lots = FaultRow(), abs(row.quantity) // instrument.lot
    if instrument.margin_method == MarginMethod.BY_RATES:
        return []
    if row.quantity >= 0:
        return [check("what was paid", max(0, row.cost_minor), initial, "OPT-03")]
    checks = [check("lots times closing fee", lots * backing.closing_lot_minor(instrument, fault), fee, "OPT-03")]
    if instrument.margin_method == MarginMethod.BY_COLLATERAL:
        rest = max(0, lots * instrument.highest_lot_minor + row.cost_minor)
        return [*checks, check("highest price - what was got", rest, initial, "COL-01")]
    kept = lots * backing.written_maintenance_lot(instrument, row.risk_steps, fault) + fee
    own = lots * backing.written_initial_lot(instrument, row.risk_steps, fault)
    return [
        *checks,
        check("lots times initial margin", own, initial, "OPT-03"),
        check("lots times maintenance + closing fee", kept, maintenance, "OPT-03"),
    ]


def model_terms(instrument: InstrumentRow, decimals: int, time_ns: int) -> list[Term]:
    """What the feed's model says of an option (OPT-02)."""
    rule = "OPT-02"
    return [
        units("forward_units", instrument.forward_units, decimals, rule, "of the underlying for its expiry"),
        units("strike_units", instrument.strike_units, decimals, "OPT-01"),
        ppm("volatility_ppm", instrument.volatility_ppm, rule, "implied, of a year"),
        ppm("delta_ppm", instrument.delta_ppm, rule, "change of its value per change of the underlying"),
        number("gamma_ppb", instrument.gamma_ppb, "", rule, "change of delta per unit of quote, in billionths"),
        number("vega_ppm", instrument.vega_ppm, "", rule, "change of value per percent of volatility, in millionths"),
        number("theta_ppm", instrument.theta_ppm, "", rule, "change of value per day, in millionths"),
        age("seen_ns", time_ns - instrument.model_seen_ns, rule, "since the prices it was fitted to were seen"),
    ]
