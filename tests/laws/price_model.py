"""The plain model of indices, marks and funding rates (IDX-01 to IDX-07, MRK-01 to MRK-06, FND-01 to FND-03).

Medians by sorting, averages by fractions, and the whole book gone through for an impact price.  The order of a minute's
work is the engine's: funding first (at the mark as it stood), then all sources, then instrument by instrument the own
book, the anchor, the mark, the sample.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from outcry.protocol import layout
from outcry.protocol.layout import ConstituentState, InstrumentState, MarkMethod
from tests.laws.ladder_model import LadderModel
from tests.laws.model import Order, half_up

MINUTE_NS = layout.MINUTE_NS
ACTIVE, STALE, EXCLUDED = (
    ConstituentState.SOURCE_ACTIVE,
    ConstituentState.SOURCE_STALE,
    ConstituentState.SOURCE_EXCLUDED,
)


@dataclass
class Source:
    """Where prices of an index come from."""

    weight: int
    next_weight: int = 0
    price: int = 0
    seen_ns: int = 0
    state: int = ConstituentState.SOURCE_WAITING
    near_since_ns: int = 0


@dataclass
class Index:
    """A weighted mean of those of its sources that can be trusted."""

    decimals: int
    tolerance: Fraction = Fraction(0)
    sources: dict[int, Source] = field(default_factory=dict)
    units: int = 0
    next_units: int = 0
    held: bool = False
    time_ns: int = 0

    def active(self) -> list[Source]:
        return [one for one in self.sources.values() if one.state == ACTIVE]

    def off(self, price: int, against: int, parts: int = 1) -> bool:
        """A tolerance, or that part of it, or more away; nothing is without a tolerance."""
        return self.tolerance > 0 and abs(price - against) * parts >= self.tolerance * against

    def cannot_be_trusted(self) -> bool:
        """IDX-04, IDX-05."""
        prices = [one.price for one in self.active()]
        if not prices:
            return self.units > 0
        if len(prices) == 1:
            return self.units > 0 and self.off(prices[0], self.units)
        return len(prices) == 2 and any(self.off(price, median(prices), 2) for price in prices)


def median(prices: list[int]) -> int:
    """Of an even number the mean of the middle two, half up; 0 of none."""
    ordered = sorted(prices)
    middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    return half_up(Fraction(sum(middle), len(middle))) if middle else 0


@dataclass
class Look:
    """What is measured of an instrument's own book, and where its marks come from."""

    index_at: int = 0
    last: int = 0
    anchor: int = 0
    minute_mark: int = 0
    """The mark at the last minute's tick."""
    minute_index: int = 0
    """The index then."""
    basis_ppb: int = 0
    impact_bid: int = 0
    impact_ask: int = 0
    sampled_ns: int = 0
    premiums: int = 0
    samples: int = 0
    indicative_ppb: int = 0


@dataclass
class PriceModel(LadderModel):
    """A venue of the model with prices."""

    indices: dict[int, Index] = field(default_factory=dict)
    looks: dict[int, Look] = field(default_factory=dict)
    minute_ns: int = 0
    scales: dict[int, int] = field(default_factory=dict)
    """Decimal places of the currencies."""

    def dollars(self, instrument: int) -> Fraction:
        """A minor unit's worth, by the index that prices its currency in dollars, or it is a dollar's part itself."""
        terms = self.terms[instrument]
        whole = Fraction(1)
        if terms.usd_index:
            index = self.indices[terms.usd_index]
            whole = Fraction(index.units, 10**index.decimals)
        return whole * Fraction(1, 10 ** self.scales[terms.currency])

    # Indices.

    def judge(self, number: int, priced: int = 0) -> None:
        """Who counts, who may come back, and what the index comes to; `priced` is the source whose price has come."""
        index = self.indices[number]
        self.judge_sources(index)
        if index.tolerance:
            self.readmit(index)
        self.compose(index, priced)

    def fresh(self, source: Source) -> bool:
        return source.price > 0 and self.time_ns - source.seen_ns <= layout.STALE_NS

    def becomes(self, index: Index, number: int, state: int) -> None:
        source = index.sources[number]
        if source.state != state:
            source.state, source.near_since_ns = state, 0

    def judge_sources(self, index: Index) -> None:
        """IDX-02, IDX-03."""
        priced = {n: one for n, one in index.sources.items() if one.price and one.weight + one.next_weight}
        held_against = [one.price for one in priced.values() if one.state != EXCLUDED and self.fresh(one)]
        middle = median(held_against) if len(held_against) >= 3 else 0
        for number, source in index.sources.items():
            if number not in priced:
                self.becomes(index, number, ConstituentState.SOURCE_WAITING)
            elif source.state == EXCLUDED:
                continue
            elif not self.fresh(source):
                self.becomes(index, number, STALE)
            elif middle and index.off(source.price, middle):
                self.becomes(index, number, EXCLUDED)
            else:
                self.becomes(index, number, ACTIVE)

    def readmit(self, index: Index) -> None:
        """IDX-06."""
        active, held = index.active(), index.cannot_be_trusted()
        middle = median([one.price for one in active])
        needed = not active or (len(active) == 1 and held)
        for number, source in index.sources.items():
            if source.state != EXCLUDED:
                continue
            near = abs(source.price - middle) * layout.PPM <= layout.REINTRODUCTION_PPM * middle
            if not self.fresh(source):
                source.near_since_ns = 0
            elif needed:
                source.near_since_ns = 0
                if index.units and not index.off(source.price, index.units):
                    self.becomes(index, number, ACTIVE)
            elif not near or index.off(source.price, middle):
                source.near_since_ns = 0
            elif not source.near_since_ns:
                source.near_since_ns = self.time_ns
            elif self.time_ns - source.near_since_ns >= layout.REINTRODUCTION_NS:
                self.becomes(index, number, ACTIVE)

    def compose(self, index: Index, priced: int) -> None:
        """IDX-01, IDX-04, IDX-05."""
        now = [(one.weight, one.price) for one in index.active() if one.weight]
        later = [(one.next_weight, one.price) for one in index.active() if one.next_weight]
        index.held = index.cannot_be_trusted() if now else index.units > 0
        if index.held:
            return
        if now:
            index.units = mean(now)
            if priced and index.sources[priced].state == ACTIVE:
                index.time_ns = self.time_ns
        index.next_units = mean(later) if later else 0

    # Marks.

    def mark(self, number: int) -> None:
        """MRK-02: a mark that cannot be is not taken."""
        terms, look = self.terms[number], self.looks[number]
        highest = terms.price_ticks_max * terms.subticks
        index = self.indices[terms.index]
        at_index = half_up(Fraction(index.units, 10**index.decimals) / terms.tick * terms.subticks)
        at_index = at_index if 0 < at_index <= 2 * highest else 0
        mark = self.mark_at(number, at_index)
        if not 0 < mark <= highest:
            return
        look.index_at = at_index or look.index_at
        if terms.mark_method == MarkMethod.MARK_PROTECTED and not look.anchor:
            look.anchor = mark
        if not look.minute_mark:
            look.minute_mark, look.minute_index = mark, look.index_at
        if self.marks.get(number) != mark:
            self.marks[number] = mark
            self.mark_has_moved(number)

    def mark_has_moved(self, number: int) -> None:
        """For whoever waits for marks."""

    def mark_at(self, number: int, at_index: int) -> int:
        """By the instrument's method; 0 for none."""
        terms, look = self.terms[number], self.looks[number]
        if terms.mark_method == MarkMethod.MARK_FUNDING:
            if not at_index or not terms.funding_minutes:
                return at_index
            share = Fraction(self.minutes_to_funding(number), terms.funding_minutes)
            return at_index + half_up(at_index * Fraction(self.rates[number], layout.PPB) * share)
        if terms.mark_method == MarkMethod.MARK_IMPACT:
            share = Fraction(self.minutes_to_expiry(number), layout.YEAR_MINUTES)
            return at_index and at_index + half_up(at_index * Fraction(look.basis_ppb, layout.PPB) * share)
        last = look.last * terms.subticks
        if not last or terms.mark_method == MarkMethod.MARK_LAST or not look.anchor:
            return last or at_index
        return self.protected(number, last)

    def protected(self, number: int, last: int) -> int:
        """MRK-05."""
        look, mark = self.looks[number], self.marks.get(number, 0)
        half = floor(look.anchor * self.terms[number].maintenance / 2)
        low, high = look.anchor - half, look.anchor + half
        if low <= last <= high:
            return last
        if last > high:
            return min(mark, last) if mark > high else high
        return max(mark, last) if 0 < mark < low else low

    def minutes_to_funding(self, number: int) -> int:
        terms, minute = self.terms[number], self.time_ns // MINUTE_NS
        return terms.funding_minutes - (minute - terms.funding_offset_minutes) % terms.funding_minutes

    def minutes_to_expiry(self, number: int) -> int:
        left = self.terms[number].expiry_ns - self.time_ns // MINUTE_NS * MINUTE_NS
        return max(0, left // MINUTE_NS)

    def trade(self, taker: Order, maker: Order, quantity: int) -> None:
        super().trade(taker, maker, quantity)
        self.looks[taker.instrument].last = self.one_price or maker.ticks

    def mark_before(self, number: int) -> int:
        """Where trades move the mark, the one of the last minute; where the book does, moved with the index."""
        method, look = self.terms[number].mark_method, self.looks[number]
        if method == MarkMethod.MARK_FUNDING:
            return self.marks[number]
        since = look.index_at - look.minute_index if method == MarkMethod.MARK_IMPACT else 0
        return look.minute_mark + since

    def traded(self, instrument: int) -> None:
        """Matching is done: marks that follow the last price do so."""
        if self.terms[instrument].mark_method in (MarkMethod.MARK_PROTECTED, MarkMethod.MARK_LAST):
            self.mark(instrument)

    # The minute.

    def pass_minute(self) -> None:
        """Once for every minute in which there is a tick that is due."""
        minute = self.time_ns // MINUTE_NS * MINUTE_NS
        if minute <= self.minute_ns:
            return
        self.minute_ns = minute
        for number in self.indices:
            self.judge(number)
        for number, terms in self.terms.items():
            if 0 < terms.expiry_ns <= self.time_ns:
                self.instrument_states[number] = InstrumentState.INSTRUMENT_PAUSED
            self.look_at_book(number)
            self.looks[number].minute_mark = self.marks.get(number, 0)
            self.looks[number].minute_index = self.looks[number].index_at
            if terms.mark_method == MarkMethod.MARK_PROTECTED:
                self.looks[number].anchor = self.marks.get(number, 0)
            self.mark(number)
            self.take_sample(number)

    def looks_at(self, number: int) -> bool:
        terms = self.terms[number]
        priced = self.looks[number].index_at > 0 and number in self.marks
        by_book = terms.funding_minutes > 0 or terms.mark_method == MarkMethod.MARK_IMPACT
        return terms.impact_notional > 0 and priced and by_book

    def impact(self, number: int, buys: bool) -> int:
        """MRK-03, in sub-ticks."""
        terms = self.terms[number]
        levels: dict[int, int] = {}
        for order in self.book(number, buys):
            if order.visible:
                levels[order.ticks] = levels.get(order.ticks, 0) + order.visible
        left, weighted = terms.impact_notional, Fraction(0)
        for ticks, quantity in list(levels.items())[: layout.IMPACT_LEVELS]:
            worth = min(left, terms.value(quantity, ticks))
            weighted += worth * ticks * terms.subticks
            left -= worth
            if not left:
                return half_up(weighted / terms.impact_notional)
        return 0

    def look_at_book(self, number: int) -> None:
        """MRK-03, MRK-04."""
        if not self.looks_at(number):
            return
        terms, look = self.terms[number], self.looks[number]
        look.sampled_ns = self.minute_ns
        look.impact_bid, look.impact_ask = self.impact(number, True), self.impact(number, False)
        if self.collecting(number) or self.crossed(number):
            look.impact_bid = look.impact_ask = 0
        left = self.minutes_to_expiry(number)
        if terms.mark_method != MarkMethod.MARK_IMPACT or not left or not look.impact_bid or not look.impact_ask:
            return
        middle, apart = Fraction(look.impact_bid + look.impact_ask, 2), look.impact_ask - look.impact_bid
        if apart < middle * terms.maintenance or apart <= 3 * terms.subticks:
            year = (middle / look.index_at - 1) * Fraction(layout.YEAR_MINUTES, left)
            step = Fraction(layout.BASIS_RATE_STEP_PPB, layout.PPB)
            look.basis_ppb = half_up(year / step) * layout.BASIS_RATE_STEP_PPB

    def take_sample(self, number: int) -> None:
        """FND-01, FND-02."""
        look = self.looks[number]
        if not self.looks_at(number) or look.sampled_ns != self.minute_ns or not self.terms[number].funding_minutes:
            return
        mark = self.marks[number]
        beyond = max(0, look.impact_bid - mark) - (max(0, mark - look.impact_ask) if look.impact_ask else 0)
        premium = max(-layout.PPB, min(layout.PPB, half_up(Fraction(beyond * layout.PPB, look.index_at))))
        look.premiums += premium + self.rates[number]
        look.samples += 1
        look.indicative_ppb = self.measured(number)

    def measured(self, number: int) -> int:
        """FND-02, FND-03: the rate if the period ended now."""
        terms, look, now = self.terms[number], self.looks[number], self.rates[number]
        if not terms.impact_notional or not terms.funding_minutes:
            return now
        day = Fraction(terms.funding_minutes * MINUTE_NS, layout.DAY_NS)
        interest = half_up((terms.interest_quote_ppb - terms.interest_base_ppb) * day)
        premium = half_up(Fraction(look.premiums, look.samples)) if look.samples else 0
        rate = premium + within(interest - premium, layout.CLAMP_PPB)
        change = floor(terms.maintenance * layout.PPB * 3 / 4)
        most = floor((terms.initial - terms.maintenance) * layout.PPB * 3 / 4)
        return within(now + within(rate - now, change), most)

    def next_period(self, number: int) -> None:
        """The rate that was measured becomes the rate, and measuring begins anew."""
        look = self.looks[number]
        self.rates[number] = self.measured(number)
        look.premiums = look.samples = 0
        look.indicative_ppb = self.measured(number)
        super().next_period(number)


def mean(weighted: list[tuple[int, int]]) -> int:
    """IDX-01: half up."""
    return half_up(Fraction(sum(w * p for w, p in weighted), sum(w for w, _ in weighted)))


def within(number: int, most: int) -> int:
    """Held between minus and plus the most."""
    return max(-most, min(most, number))
