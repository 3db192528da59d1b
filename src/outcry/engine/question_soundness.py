"""The invariants of contracts without an index and of dockets: what is held of wallets, stages, means.

They are listed with the others in invariants.py and described in docs/rules/law.md.  Each walks the rows themselves and
names both numbers.  Reads the engine's tables, never changes them.
"""

from collections import Counter
from collections.abc import Iterator

from outcry.engine.breaches import Breach, differing
from outcry.engine.reading import used
from outcry.protocol.layout import (
    MINUTE_NS,
    PPM,
    DocketRow,
    DocketStage,
    InstrumentState,
    InstrumentType,
    MarkMethod,
    TableNumber,
    Tables,
)
from outcry.protocol.wire import text_of
from outcry.rules import prelaunch

OVER = (InstrumentState.INSTRUMENT_SETTLING, InstrumentState.INSTRUMENT_SETTLED)


def inv_41_bonds(tables: Tables) -> Iterator[Breach]:
    """What is held of a wallet is the sum of its account's bonds in dockets that are disputed."""
    bonds: Counter[tuple[int, int]] = Counter()
    for at in used(tables, TableNumber.DOCKETS_TABLE):
        row = tables.dockets[at]
        if row.bond_minor:
            bonds[row.disputed_by, tables.instruments[row.instrument].currency] += row.bond_minor
    for at in used(tables, TableNumber.WALLETS_TABLE):
        wallet = tables.wallets[at]
        held = bonds.pop((wallet.account, wallet.currency), 0)
        yield from differing("INV-41", f"wallet of account {wallet.account}", held_minor=(wallet.held_minor, held))
    yield from differing("INV-41", "wallets", without_one=(sum(bonds.values()), 0))


def inv_42_dockets(tables: Tables) -> Iterator[Breach]:
    """A docket and its prediction market name each other; its stage, bond and answer go together, and with the
    market's end."""
    named: Counter[int] = Counter()
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        one = tables.instruments[number]
        if one.docket:
            named[one.docket] += 1
            yield from differing(
                "INV-42", text_of(one.symbol), instrument=(tables.dockets[one.docket].instrument, number)
            )
    for at in used(tables, TableNumber.DOCKETS_TABLE):
        yield from _docket(tables, at, tables.dockets[at], named[at])


def _docket(tables: Tables, at: int, row: DocketRow, named: int) -> Iterator[Breach]:
    own = tables.instruments[row.instrument]
    highest = own.price_ticks_max * own.subticks_per_tick
    disputed, decided = row.stage == DocketStage.DOCKET_DISPUTED, row.stage == DocketStage.DOCKET_DECIDED
    answered = row.void_subticks if row.voided else row.outcome_subticks
    binary = not own.binary or row.voided or row.outcome_subticks in (0, highest)
    yield from differing(
        "INV-42",
        f"docket {at}",
        named=(named, 1),
        prediction=(own.instrument_type, InstrumentType.PREDICTION),
        known_stage=(int(row.stage in list(DocketStage)), 1),
        bond_minor=(row.bond_minor, own.bond_minor if disputed else 0),
        somebody=(int(row.disputed_by != 0), int(disputed or (decided and row.disputed_by != 0))),
        outcome_subticks=(row.outcome_subticks, answered),
        within=(int(0 <= row.outcome_subticks <= highest and 0 < row.void_subticks <= highest), 1),
        of_a_binary_one=(int(binary), 1),
        beside_a_minute=(row.until_ns % MINUTE_NS, 0),
        market_over=(int(own.state in OVER), int(decided)),
    )


def inv_43_own_prices(tables: Tables) -> Iterator[Breach]:
    """A contract has an index or an opening mark and a mean of its own, never both; hourly limits are due in time."""
    for number in used(tables, TableNumber.INSTRUMENTS_TABLE):
        own = tables.instruments[number]
        if own.instrument_type == InstrumentType.SPREAD:
            continue
        mean = own.mean_mark_subticks * PPM + own.mean_mark_rest_ppm
        most = own.price_ticks_max * own.subticks_per_tick * PPM
        if own.mark_method == MarkMethod.MARK_PROTECTED:
            most = min(most, prelaunch.capped_mean(most, own.opening_subticks))
        alone = own.opening_subticks != 0
        yield from differing(
            "INV-43",
            text_of(own.symbol),
            has_index=(int(own.index != 0), int(not alone)),
            has_mean=(int(mean != 0), int(alone)),
            mean_too_high=(max(0, mean - most) if alone else 0, 0),
            rest_ppm=(own.mean_mark_rest_ppm % PPM, own.mean_mark_rest_ppm),
            has_a_next_hour=(int(own.next_band_ns != 0), int(own.hourly_band_ppm != 0)),
        )
