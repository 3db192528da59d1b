"""What is ours beside the dialect: the fate of a command, for who sent it, and how one's own streams are served."""

import asyncio
from typing import Any

from outcry.gateway import parameters
from outcry.gateway.answers import NOT_FOUND, Octets, Refusal, bad
from outcry.gateway.door import JournalGone, JournalUnreadable
from outcry.gateway.venue import Request, Venue
from outcry.protocol.layout import Code, CommandKind

Row = dict[str, Any]
NUMBER_MAX = 2**63 - 1
ORIGIN_MAX = 2**31 - 1
NEXT_HEADER = b"outcry-next-sequence"


async def command(venue: Venue, request: Request) -> Row:
    """What became of a command that a 503 named; only its own account is told.

    `applied` or `refused` once its entry is applied here; `waiting` while the origin's applied numbers have not reached
    it; `never` if they are past it and none of the account's had it; `forgotten` if that cannot be told any more.
    """
    origin = parameters.whole(request.parameters, "origin", 0, ORIGIN_MAX)
    number = parameters.whole(request.parameters, "originSequence", 1, NUMBER_MAX)
    if origin is None or number is None:
        raise bad("'origin' and 'originSequence' are required args.")
    told: Row = {"origin": origin, "originSequence": number, "seenSequence": venue.recent.sequence}
    fate = venue.recent.fates.find(request.account, origin, number)
    if fate is None and venue.state.origin_sequence(origin) < number:
        return {**told, "fate": "waiting"}
    if fate is None:
        known = venue.recent.fates.is_known(request.account, origin, number)
        return {**told, "fate": "never" if known else "forgotten"}
    return {
        **told,
        "fate": "refused" if fate.code else "applied",
        "sequence": fate.sequence,
        "command": CommandKind(fate.kind).name,
        "code": Code(fate.code).name if fate.code else None,
        "orderID": venue.ids.order(fate.order_id) if fate.order_id else None,
    }


async def journal(venue: Venue, request: Request) -> Octets:
    """Frames of the journal as they were written, and in a header what to ask for next."""
    first = parameters.whole(request.parameters, "from", 0, NUMBER_MAX) or 0
    if venue.journal is None:
        raise Refusal(404, NOT_FOUND)
    try:
        found, following = await asyncio.to_thread(venue.journal.piece, first, venue.recent.sequence)
    except JournalGone as gone:
        raise Refusal(410, f"Gone: {gone}.", extra={"firstSequence": gone.first_sequence}) from gone
    except JournalUnreadable as problem:
        raise Refusal(503, "Service unavailable: the journal cannot be read here at this entry.") from problem
    return Octets(found, ((NEXT_HEADER, b"%d" % following),))


async def session(venue: Venue, request: Request) -> list[Row]:
    """How the account's lines to this gateway's stream are served: delays, and how often each was written to first."""
    return venue.sessions(request.account)
