"""Rows of what the engine holds now: books, prices, positions, margins, wallets, in our names and integer units.

Reads of the engine's tables and of `engine.reading`; nothing is kept.  0 means none where the engine says so.
Prices of instruments are sub-ticks unless the name says ticks.
"""

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from outcry.engine import reading
from outcry.engine.tiers import volume_before
from outcry.protocol.layout import FEE_TIERS, VOLUME_DAYS, FaultRow, InstrumentRow, Side, Valuation
from outcry.protocol.wire import text_of
from outcry.rules.fees import maker_ppm, taker_ppm
from outcry.rules.margin import initial_ppm, limit_minor, maintenance_ppm
from outcry.views.directory import Currency, Directory, Index, Listing, State

Rates = tuple[tuple[int, int], ...]
"""(maker, taker) by fee tier."""


class LevelView(msgspec.Struct, frozen=True):
    """Open quantity at a price."""

    price_ticks: int
    quantity: int
    orders: int


class InstrumentView(msgspec.Struct, frozen=True):
    """What changes about an instrument."""

    state: int
    mark_subticks: int
    index_subticks: int
    last_price_ticks: int
    lowest_ticks: int
    highest_ticks: int
    auction_ticks: int
    auction_volume: int
    auction_surplus: int
    open_interest: int
    open_value_minor: int
    volume: int
    turnover_minor: int
    initial_margin_ppm: int
    maintenance_margin_ppm: int
    risk_limit_minor: int
    risk_step_minor: int
    maker_fee_ppm: int
    taker_fee_ppm: int
    settlement_fee_ppm: int
    mark_method: int
    funding_rate_ppb: int
    indicative_rate_ppb: int
    next_funding_ns: int
    basis_rate_ppb: int
    impact_notional_minor: int
    sampled_ns: int
    impact_bid_subticks: int
    impact_ask_subticks: int
    settlement_kind: int
    settlement_subticks: int
    model_seen_ns: int
    forward_units: int
    average_subticks: int
    """mean of its index over the last 30 minutes in its own sub-ticks; 0 without one"""


class ConstituentView(msgspec.Struct, frozen=True):
    """A source of an index and its last price."""

    name: str
    weight_ppm: int
    price_units: int
    price_time_ns: int


class PositionView(msgspec.Struct, frozen=True):
    """A position with the figures of mechanics 3.2; amounts are signed from the account's point of view.

    The risk limit and the margin rates are those of its tier.
    """

    slot: int
    account: int
    instrument: int
    quantity: int
    cost_minor: int
    fees_minor: int
    realised_minor: int
    previous_realised_minor: int
    leverage_centi: int
    isolated: bool
    distressed: bool
    """a liquidation of the account is under way"""
    moved_margin_minor: int
    risk_limit_minor: int
    initial_margin_ppm: int
    maintenance_margin_ppm: int
    buy_quantity: int
    buy_value_minor: int
    buy_margin_minor: int
    sell_quantity: int
    sell_value_minor: int
    sell_margin_minor: int
    figures: reading.PositionFigures


class MarginView(msgspec.Struct, frozen=True):
    """An account's margin in one currency."""

    account: int
    currency: Currency
    summary: reading.MarginSummary
    realised_minor: int
    fees_minor: int
    previous_realised_minor: int


class WalletView(msgspec.Struct, frozen=True):
    """An account's money in one currency."""

    account: int
    currency: Currency
    balance_minor: int
    deposited_minor: int
    withdrawn_minor: int
    transferred_in_minor: int
    transferred_out_minor: int
    held_minor: int = 0
    """of the balance, in bonds"""


def levels(state: State, number: int, depth: int) -> tuple[list[LevelView], list[LevelView]]:
    """Bids from the highest and asks from the lowest; `depth` a side, 0 for all."""
    bids = reading.levels(state.tables, number, Side.BUY, depth)
    asks = reading.levels(state.tables, number, Side.SELL, depth)
    return [LevelView(*one) for one in bids], [LevelView(*one) for one in asks]


def instrument(state: State, number: int) -> InstrumentView:
    """The instrument's row now."""
    row = state.tables.instruments[number]
    return InstrumentView(
        state=row.state,
        mark_subticks=row.mark_subticks,
        index_subticks=row.index_subticks,
        last_price_ticks=row.last_price_ticks,
        lowest_ticks=row.lowest_ticks,
        highest_ticks=row.highest_ticks,
        auction_ticks=row.auction_ticks,
        auction_volume=row.auction_volume,
        auction_surplus=row.auction_surplus,
        open_interest=row.open_interest,
        open_value_minor=row.open_interest // row.lot * row.mark_lot_minor,
        volume=row.volume,
        turnover_minor=row.turnover_minor,
        initial_margin_ppm=row.initial_margin_ppm,
        maintenance_margin_ppm=row.maintenance_margin_ppm,
        risk_limit_minor=row.risk_limit_minor,
        risk_step_minor=row.risk_step_minor,
        maker_fee_ppm=row.maker_fee_ppm,
        taker_fee_ppm=row.taker_fee_ppm,
        settlement_fee_ppm=row.settlement_fee_ppm,
        mark_method=row.mark_method,
        funding_rate_ppb=row.funding_rate_ppb,
        indicative_rate_ppb=row.indicative_rate_ppb,
        next_funding_ns=row.next_funding_ns,
        basis_rate_ppb=row.basis_rate_ppb,
        impact_notional_minor=row.impact_notional_minor,
        sampled_ns=row.sampled_ns,
        impact_bid_subticks=row.impact_bid_subticks,
        impact_ask_subticks=row.impact_ask_subticks,
        settlement_kind=row.settlement_kind,
        settlement_subticks=row.settlement_subticks,
        model_seen_ns=row.model_seen_ns,
        forward_units=row.forward_units,
        average_subticks=_average_subticks(state, row),
    )


def _average_subticks(state: State, row: InstrumentRow) -> int:
    """Half up; 0 where an instrument has no index, or none of its minutes is known."""
    average_units = state.tables.indices[row.index].average_units if row.index else 0
    if not average_units or not row.index_denominator:
        return 0
    return int((2 * average_units * row.index_numerator + row.index_denominator) // (2 * row.index_denominator))


def fee_rates(state: State, number: int) -> Rates:
    """(maker, taker) rate of each fee tier in ppm, tier 0 being the listing's (FEE-03)."""
    row = state.tables.instruments[number]
    return _rates_of(row.maker_fee_ppm, row.taker_fee_ppm)


@lru_cache(maxsize=256)
def _rates_of(listed_maker_ppm: int, listed_taker_ppm: int) -> Rates:
    listed, fault = InstrumentRow(maker_fee_ppm=listed_maker_ppm, taker_fee_ppm=listed_taker_ppm), FaultRow()
    return tuple((maker_ppm(listed, tier, fault), taker_ppm(listed, tier, fault)) for tier in range(FEE_TIERS))


def fee_tier(state: State, account: int) -> int:
    """The tier in which an account traded last."""
    return int(state.tables.accounts[account].fee_tier)


def daily_cents(state: State, account: int) -> int:
    """US cents a day that an account has traded on the average of the last 30 whole days (FEE-03)."""
    return int(volume_before(state.tables, account)) // VOLUME_DAYS


def index_value(state: State, number: int) -> tuple[int, int]:
    """An index's value in its units (0 before the first) and when it last moved."""
    row = state.tables.indices[number]
    return row.value_units, row.value_time_ns


def constituents(state: State, number: int) -> Iterator[ConstituentView]:
    """The sources of an index, in the order of listing."""
    for row in state.tables.constituents[1:]:
        if not row.index:
            return
        if row.index == number:
            yield ConstituentView(text_of(row.name), row.weight_ppm, row.price_units, row.price_time_ns)


def conversion_index(directory: Directory, listing: Listing) -> Index | None:
    """The index that tells what a quanto's settlement currency is worth in its quote currency."""
    if listing.valuation != Valuation.QUANTO:
        return None
    return directory.index_between(listing.currency.major, listing.quote)


def account_of(state: State, handle: bytes) -> int:
    """The number of the account with this handle; 0 if there is none yet."""
    return reading.find_account(state.tables, handle)


def position(state: State, account: int, number: int) -> PositionView | None:
    """The account's row in an instrument, if it ever had one."""
    slot = reading.find_position(state.tables, account, number)
    return _position_at(state, slot) if slot else None


def held_quantity(state: State, account: int, number: int) -> int:
    """The account's signed contracts in an instrument."""
    slot = reading.find_position(state.tables, account, number)
    return int(state.tables.positions[slot].quantity) if slot else 0


def positions(state: State, account: int, *, exposed: bool = False) -> Iterator[PositionView]:
    """All rows of the account, by instrument number; or only those that a mark moves, with contracts or orders."""
    table = state.tables.positions
    slots = sorted((table[at].instrument, at) for at in reading.positions_of(state.tables, account))
    for _, slot in slots:
        row = table[slot]
        if not exposed or row.quantity or row.buy_quantity or row.sell_quantity:
            yield _position_at(state, slot)


def _position_at(state: State, slot: int) -> PositionView:
    row = state.tables.positions[slot]
    instrument = state.tables.instruments[row.instrument]
    return PositionView(
        slot=slot,
        account=row.account,
        instrument=row.instrument,
        quantity=row.quantity,
        cost_minor=row.cost_minor,
        fees_minor=row.fees_minor,
        realised_minor=row.realised_minor,
        previous_realised_minor=row.previous_realised_minor,
        leverage_centi=row.leverage_centi,
        isolated=bool(row.isolated),
        distressed=bool(state.tables.accounts[row.account].distressed),
        moved_margin_minor=row.moved_margin_minor,
        risk_limit_minor=limit_minor(instrument, row.risk_steps),
        initial_margin_ppm=initial_ppm(instrument, row.risk_steps),
        maintenance_margin_ppm=maintenance_ppm(instrument, row.risk_steps),
        buy_quantity=row.buy_quantity,
        buy_value_minor=row.buy_value_minor,
        buy_margin_minor=row.buy_margin_minor,
        sell_quantity=row.sell_quantity,
        sell_value_minor=row.sell_value_minor,
        sell_margin_minor=row.sell_margin_minor,
        figures=reading.PositionFigures(*state.figures.position(slot)),
    )


def margin(state: State, account: int, currency: Currency) -> MarginView:
    """The account's margin in a currency, all zeros if it has no wallet there."""
    realised = fees = previous = 0
    tables = state.tables
    for slot in reading.positions_of(tables, account):
        row = tables.positions[slot]
        if tables.instruments[row.instrument].currency == currency.number:
            realised += row.realised_minor
            fees += row.fees_minor
            previous += row.previous_realised_minor
    return MarginView(
        account=account,
        currency=currency,
        summary=reading.MarginSummary(*state.figures.margin(account, currency.number)),
        realised_minor=realised,
        fees_minor=fees,
        previous_realised_minor=previous,
    )


def wallet(state: State, account: int, currency: Currency) -> WalletView:
    """The account's wallet in a currency, all zeros if it has none."""
    slot = reading.find_wallet(state.tables, account, currency.number)
    if not slot:
        return WalletView(account, currency, 0, 0, 0, 0, 0)
    row = state.tables.wallets[slot]
    return WalletView(
        account,
        currency,
        row.balance_minor,
        row.deposited_minor,
        row.withdrawn_minor,
        row.transferred_in_minor,
        row.transferred_out_minor,
        row.held_minor,
    )
