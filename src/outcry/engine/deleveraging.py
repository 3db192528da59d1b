"""Reducing the other side's positions to close takeovers that nobody bought (ADL-01 to ADL-03).

A round serves all takeovers of one side of an instrument: first every position is looked at, and who is eligible goes
into the heap of ranked positions; then, takeover by takeover, the first of the heap is reduced at the takeover's own
cost.  A position is looked at again before it is touched: one that is no longer eligible, or that the price would make
bankrupt, leaves the round.  When the heap is empty what is left of the takeovers is stuck until marks move.

Known limit: a position that cannot bear the price of one takeover is not asked by the others of the same round.
"""

import cython

if not cython.compiled:
    from outcry.engine.assess import opposite
    from outcry.engine.bankruptcy import cushion_minor
    from outcry.engine.booking import close_at_cost
    from outcry.engine.eligibility import bears, is_eligible
    from outcry.engine.heap import drop_first, lift, order_next
    from outcry.engine.lookup import find_position_slot
    from outcry.engine.orders import end_resting
    from outcry.engine.reducing import fit_reducing
    from outcry.engine.settlements import settle_takeover
    from outcry.engine.states import enter_state
    from outcry.engine.takeover_rows import after_reduction, reduce_takeover, say_takeover
    from outcry.engine.takeovers import is_past, stand_at_bankruptcy, withdraw_order
    from outcry.protocol.layout import (
        DeleveragePolicy,
        EndReason,
        InstrumentState,
        RankedRow,
        Role,
        StateCause,
        TableNumber,
        Tables,
        TakeoverPhase,
        TakeoverRow,
        TakeoverStage,
        accounts_at,
        flag,
        i64,
        instruments_at,
        new_deleveraged,
        new_deleveraging_ranked,
        orders_at,
        pools_at,
        positions_at,
        ranked_at,
        takeovers_at,
        wallets_at,
    )
    from outcry.rules.arith import magnitude
    from outcry.rules.closing import closing_side
    from outcry.rules.position import cost_of_part, unrealised_minor
    from outcry.rules.ranking import in_proportion, in_turn, policy_key, score_ppb
    from outcry.rules.value import signed_value_minor


def begin_ranking(tables: Tables) -> None:
    """A round begins: nobody is ranked yet."""
    end_ranking(tables)
    tables.venue.takeover_phase = TakeoverPhase.PHASE_RANKING
    tables.venue.ranking_position = 1


def end_ranking(tables: Tables) -> None:
    """The round is over; what is left in the heap is out of use, and its rows will be written over."""
    pool = pools_at(tables, TableNumber.RANKED_TABLE)
    pool.high = 0
    pool.live = 0
    tables.venue.ranked = 0
    tables.venue.ranked_gone = 0
    tables.venue.ranking_position = 0
    tables.venue.ranking_eligible = 0
    tables.venue.ranking_quantity = 0
    tables.venue.ranking_before = 0
    tables.venue.ranking_sequence = 0


def deleverage_step(tables: Tables) -> None:
    """The unit at hand."""
    phase: i64 = tables.venue.takeover_phase
    if phase == TakeoverPhase.PHASE_RANKING:
        rank_step(tables)
    elif phase == TakeoverPhase.PHASE_ORDERING:
        if tables.venue.ranked != 0:
            order_next(tables)
        else:
            tables.venue.ranking_before = 0
            tables.venue.takeover_phase = TakeoverPhase.PHASE_AGEING
    elif phase == TakeoverPhase.PHASE_AGEING:
        age_step(tables)
    else:
        take_step(tables, tables.venue.takeover)


def begin_taking(tables: Tables) -> None:
    """The ranking stands: the takeovers are served, the oldest first."""
    tables.venue.takeover_phase = TakeoverPhase.PHASE_TAKING
    tables.venue.takeover = instruments_at(tables, tables.venue.takeover_instrument).first_takeover


def rank_step(tables: Tables) -> None:
    """Look at one position and rank it if it is eligible; after the last say who is (ADL-01)."""
    slot: i64 = tables.venue.ranking_position
    instrument = instruments_at(tables, tables.venue.takeover_instrument)
    if slot <= pools_at(tables, TableNumber.POSITIONS_TABLE).high:
        if is_eligible(tables, slot, tables.venue.takeover_instrument, tables.venue.ranking_side):
            rank(tables, slot)
        tables.venue.ranking_position += 1
        return
    tables.venue.ranking_sequence = tables.venue.sequence
    said = new_deleveraging_ranked(tables)
    said.instrument = tables.venue.takeover_instrument
    said.side = tables.venue.ranking_side
    said.need_quantity = tables.venue.ranking_need
    said.eligible = tables.venue.ranking_eligible
    said.eligible_quantity = tables.venue.ranking_quantity
    if policy_of(tables, instrument.deleverage_policy) == DeleveragePolicy.RANKED:
        begin_taking(tables)
    else:
        tables.venue.takeover_phase = TakeoverPhase.PHASE_ORDERING


def policy_of(tables: Tables, listed: i64) -> i64:
    """The policy of a listing; under rules 1 a 0 stood for RANKED (ADL-03)."""
    return DeleveragePolicy.RANKED if listed == 0 and tables.venue.rules_version < 2 else listed


def rank(tables: Tables, slot: i64) -> None:
    """Put a position into the heap, with what the other policies would go by (ADL-01, ADL-03)."""
    position = positions_at(tables, slot)
    instrument = instruments_at(tables, position.instrument)
    worth: i64 = signed_value_minor(instrument, position.quantity, instrument.mark_lot_minor)
    gain: i64 = unrealised_minor(worth, position.cost_minor)
    pool = pools_at(tables, TableNumber.RANKED_TABLE)
    place: i64 = pool.high + 1
    row = ranked_at(tables, place)
    row.position = slot
    row.score = score_ppb(gain, position.cost_minor, worth, cushion_minor(tables, slot))
    row.key = row.score
    row.quantity = magnitude(position.quantity)
    row.older_quantity = tables.venue.ranking_quantity
    row.better_quantity = 0
    row.taken_quantity = 0
    pool.high = place
    pool.live = place
    tables.venue.ranked = place
    tables.venue.ranking_eligible = place
    tables.venue.ranking_quantity += row.quantity
    lift(tables, place)


def age_step(tables: Tables) -> None:
    """Put one more of the positions into the heap again, by the key of the policy (ADL-03)."""
    ranked: i64 = tables.venue.ranked
    place: i64 = ranked + 1
    if place > pools_at(tables, TableNumber.RANKED_TABLE).high:
        begin_taking(tables)
        return
    instrument = instruments_at(tables, tables.venue.takeover_instrument)
    row = ranked_at(tables, place)
    row.key = policy_key(policy_of(tables, instrument.deleverage_policy), row.score, row.position)
    tables.venue.ranked = place
    lift(tables, place)


def take_step(tables: Tables, slot: i64) -> None:
    """One step for the takeover at hand: an order of the first position is cancelled, or the position is reduced."""
    row = takeovers_at(tables, slot)
    other_side: flag = opposite(closing_side(row.quantity)) != tables.venue.ranking_side
    if other_side or row.stage < TakeoverStage.TAKEOVER_DELEVERAGING:
        tables.venue.takeover = row.next
        return
    if not is_past(tables, slot):
        tables.venue.takeover = row.next
        rest_or_wait(tables, slot, TakeoverStage.TAKEOVER_RESTING)
        return
    if tables.venue.ranked == 0:
        if instruments_at(tables, row.instrument).state == InstrumentState.INSTRUMENT_SETTLING:
            # Nobody trades there any more: what nobody could take is settled like the rest (SET-03).
            settle_takeover(tables, slot, magnitude(row.quantity))
            return
        tables.venue.takeover = row.next
        restrict(tables, row.instrument)
        if row.stage != TakeoverStage.TAKEOVER_STUCK:
            rest_or_wait(tables, slot, TakeoverStage.TAKEOVER_STUCK)
        return
    first = ranked_at(tables, 1)
    quantity: i64 = quantity_to_take(tables, row, first)
    if not is_eligible(tables, first.position, row.instrument, tables.venue.ranking_side):
        quantity = 0
    if quantity == 0 or not bears(tables, row, first.position, quantity):
        leave_round(tables)
        return
    if row.order != 0:
        withdraw_order(tables, slot, TakeoverStage.TAKEOVER_DELEVERAGING)
        return
    order: i64 = order_of(tables, first.position)
    if order != 0:
        end_resting(tables, order, EndReason.ENDED_DELEVERAGED)
        return
    deleverage(tables, slot, quantity)


def rest_or_wait(tables: Tables, slot: i64, stage: i64) -> None:
    """What is left of a takeover stands at its bankruptcy price, or waits if there is no such price (LIQ-08)."""
    row = takeovers_at(tables, slot)
    if row.price_ticks != 0 and row.order == 0:
        stand_at_bankruptcy(tables, slot, stage)
    else:
        say_takeover(tables, slot, stage, row.price_ticks)


def restrict(tables: Tables, number: i64) -> None:
    """Nobody is left to take it: from here the instrument only takes what reduces positions (ADL-02)."""
    instrument = instruments_at(tables, number)
    if instrument.state == InstrumentState.INSTRUMENT_REDUCING:
        return
    following: i64 = instrument.next_state
    until: i64 = instrument.state_until_ns
    cause: i64 = StateCause.CAUSE_TAKEOVERS
    enter_state(tables, number, InstrumentState.INSTRUMENT_REDUCING, cause, following, until)


def quantity_to_take(tables: Tables, row: TakeoverRow, first: RankedRow) -> i64:
    """How much of the first position the policy takes for this takeover; 0 if nothing more of it (ADL-03)."""
    instrument = instruments_at(tables, row.instrument)
    most: i64 = min(magnitude(positions_at(tables, first.position).quantity), magnitude(row.quantity))
    if policy_of(tables, instrument.deleverage_policy) != DeleveragePolicy.PRO_RATA:
        return most
    return min(most, max(0, proportion_of(tables, first, instrument.lot) - first.taken_quantity))


def proportion_of(tables: Tables, first: RankedRow, lot: i64) -> i64:
    """What the policy PRO_RATA takes of a ranked position in this round."""
    return in_proportion(first.quantity, tables.venue.ranking_need, tables.venue.ranking_quantity, lot)


def order_of(tables: Tables, slot: i64) -> i64:
    """An open order of a position's account in its instrument, the newest, or 0."""
    order: i64 = accounts_at(tables, positions_at(tables, slot).account).first_order
    while order != 0 and orders_at(tables, order).position != slot:
        order = orders_at(tables, order).account_next
    return order


def deleverage(tables: Tables, slot: i64, quantity: i64) -> None:
    """Close so much of the first ranked position at the takeover's own cost, without a fee (ADL-02)."""
    row = takeovers_at(tables, slot)
    first = ranked_at(tables, 1)
    at: i64 = first.position
    position = positions_at(tables, at)
    instrument = instruments_at(tables, row.instrument)
    need: i64 = tables.venue.ranking_need
    traded: i64 = cost_of_part(row.cost_minor, quantity, magnitude(row.quantity), tables.fault)
    reduce_takeover(tables, slot, find_position_slot(tables, Role.TAKEOVER, row.instrument), quantity, -traded)
    realised: i64 = close_at_cost(tables, at, quantity, traded, 0)
    policy: i64 = policy_of(tables, instrument.deleverage_policy)
    first.taken_quantity += quantity
    if policy == DeleveragePolicy.RANKED:
        first.better_quantity = tables.venue.ranking_before
    said = new_deleveraged(tables)
    said.instrument = row.instrument
    said.side = tables.venue.ranking_side
    said.takeover = row.takeover
    said.quantity = quantity
    said.value_minor = magnitude(traded)
    said.mark_subticks = instrument.mark_subticks
    said.account = position.account
    gone: i64 = tables.venue.ranked_gone
    said.rank = gone + 1
    said.eligible = tables.venue.ranking_eligible
    said.policy = policy
    said.score = first.score
    said.realised_minor = realised
    said.position_quantity = position.quantity
    said.balance_minor = wallets_at(tables, position.wallet).balance_minor
    said.ranked_quantity = in_turn(first.quantity, first.better_quantity, need)
    said.queue_quantity = in_turn(first.quantity, first.older_quantity, need)
    said.pro_rata_quantity = proportion_of(tables, first, instrument.lot)
    done: flag = position.quantity == 0
    if policy == DeleveragePolicy.PRO_RATA and first.taken_quantity >= said.pro_rata_quantity:
        done = True
    fit_reducing(tables, at)
    after_reduction(tables, slot, row.price_ticks)
    if done:
        leave_round(tables)


def leave_round(tables: Tables) -> None:
    """The first position is done with in this round."""
    tables.venue.ranking_before += ranked_at(tables, 1).quantity
    tables.venue.ranked_gone += 1
    drop_first(tables)
