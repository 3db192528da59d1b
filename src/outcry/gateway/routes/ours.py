"""What is ours beside the dialect: the fate of a command for who sent it, and the venue's sums for everyone."""

from typing import Any

from outcry.gateway import parameters
from outcry.gateway.answers import bad
from outcry.gateway.venue import Request, Venue
from outcry.protocol.layout import Code, CommandKind
from outcry.views.sums import sums

Row = dict[str, Any]
NUMBER_MAX = 2**63 - 1
ORIGIN_MAX = 2**31 - 1


async def command(venue: Venue, request: Request) -> Row:
    """What became of a command that a 503 named; only its own account is told.

    `applied` or `refused` once its entry is applied here; `unknown` if it is not, or was long ago, or is another's.
    """
    origin = parameters.whole(request.parameters, "origin", 0, ORIGIN_MAX)
    number = parameters.whole(request.parameters, "originSequence", 1, NUMBER_MAX)
    if origin is None or number is None:
        raise bad("'origin' and 'originSequence' are required args.")
    told: Row = {"origin": origin, "originSequence": number, "seenSequence": venue.recent.sequence}
    fate = venue.recent.fate(origin, number)
    if fate is None or fate.account != request.account:
        return {**told, "fate": "unknown"}
    return {
        **told,
        "fate": "refused" if fate.code else "applied",
        "sequence": fate.sequence,
        "command": CommandKind(fate.kind).name,
        "code": Code(fate.code).name if fate.code else None,
        "orderID": venue.ids.order(fate.order_id) if fate.order_id else None,
    }


async def venue(venue: Venue, request: Request) -> Row:
    """Where the journal stands and the sums of Law 3, by currency and by instrument."""
    currencies, instruments = sums(venue.state, venue.directory)
    row = venue.state.tables.venue
    return {
        "sequence": row.sequence,
        "timeNs": row.time_ns,
        "halted": bool(row.halted),
        "cancelOnly": bool(row.cancel_only),
        "currencies": [
            {
                "currency": one.symbol,
                "wallets": one.wallets_minor,
                "unrealisedCost": one.unrealised_cost_minor,
                "epochs": one.epochs_minor,
                "inFlight": one.in_flight_minor,
                "deposits": one.deposits_minor,
                "withdrawals": one.withdrawals_minor,
                "difference": one.difference_minor,
            }
            for one in currencies
        ],
        "instruments": [
            {"symbol": one.symbol, "quantity": one.quantity, "longQuantity": one.long_quantity, "cost": one.cost_minor}
            for one in instruments
        ],
    }
