"""Contracts that end as they stand: option chains with what their model says, questions of predictions, averages.

Reads of the engine's tables; nothing is kept.  Money is minor units, index values the index's units, and 0 means none.
Who disputed an outcome is not here, because that is private.
"""

from collections.abc import Iterator

import msgspec

from outcry.protocol.layout import DocketStage, InstrumentType, SettlementKind
from outcry.views.directory import Directory, Index, Listing, State
from outcry.views.states import word_of


class OptionView(msgspec.Struct, frozen=True):
    """What an option's model says; greeks are in the underlying's quote, `seen_ns` is 0 before it has said anything."""

    number: int
    strike_units: int
    forward_units: int
    volatility_ppm: int
    delta_ppm: int
    gamma_ppb: int
    vega_ppm: int
    theta_ppm: int
    seen_ns: int


class DocketView(msgspec.Struct, frozen=True):
    """The question of a prediction market; `stage` is none before an outcome is proposed."""

    instrument: int
    stage: str | None
    voided: bool
    outcome_subticks: int
    until_ns: int
    source_hash: bytes


class AverageView(msgspec.Struct, frozen=True):
    """An index's mean over the last 30 minutes, of so many minutes that have a value."""

    index: int
    samples: int
    average_units: int


STAGE_WORDS = {one.value: word_of(one.name, "DOCKET_") for one in DocketStage}
KIND_WORDS = {one.value: word_of(one.name, "BY_") for one in SettlementKind}


def option(state: State, number: int) -> OptionView:
    """An option's model now."""
    row = state.tables.instruments[number]
    return OptionView(
        number=number,
        strike_units=row.strike_units,
        forward_units=row.forward_units,
        volatility_ppm=row.volatility_ppm,
        delta_ppm=row.delta_ppm,
        gamma_ppb=row.gamma_ppb,
        vega_ppm=row.vega_ppm,
        theta_ppm=row.theta_ppm,
        seen_ns=row.model_seen_ns,
    )


def options(directory: Directory, underlying: str | None, expiry_ns: int | None) -> list[Listing]:
    """The options of an underlying and an expiry, or of all, by expiry, strike and calls first; ended ones left out."""
    found = [
        one
        for one in directory.listings()
        if one.is_option
        and not directory.is_over(one.number)
        and (underlying is None or one.underlying.upper() == underlying.upper())
        and (expiry_ns is None or one.expiry_ns == expiry_ns)
    ]
    return sorted(found, key=lambda one: (one.underlying, one.expiry_ns, one.strike_units, one.instrument_type))


def predictions(directory: Directory) -> Iterator[Listing]:
    """All prediction markets, in the order of listing."""
    return (one for one in directory.listings() if one.instrument_type == InstrumentType.PREDICTION)


def docket(state: State, number: int) -> DocketView:
    """A prediction market's question as it stands."""
    tables = state.tables
    slot = tables.instruments[number].docket
    if not slot:
        return DocketView(number, None, False, 0, 0, b"")
    row = tables.dockets[slot]
    return DocketView(
        instrument=number,
        stage=STAGE_WORDS.get(row.stage),
        voided=bool(row.voided),
        outcome_subticks=row.outcome_subticks,
        until_ns=row.until_ns,
        source_hash=bytes(row.source_hash),
    )


def average(state: State, index: Index) -> AverageView:
    """An index's mean now."""
    row = state.tables.indices[index.number]
    return AverageView(index.number, row.average_samples, row.average_units)
