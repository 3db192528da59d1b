"""What the venue signed about a command, for who sent it; the signed frame of any entry, and the key, for anybody.

A receipt holds the entry's bytes, which are its owner's to know, and what leads from them to a signature.  Whose entry
it is stands in the entry: the account of the request, or one that its main account may act for.  What is somebody
else's is answered as what does not exist.  A frame's header and an entry's leaf say nothing of anybody, so that
strangers may compare what they are shown.
"""

from typing import Any

from outcry.gateway import parameters
from outcry.gateway.answers import NOT_FOUND, Refusal
from outcry.gateway.door import KeyShown, Proven, ReceiptProblem, Receipts
from outcry.gateway.venue import Request, Venue
from outcry.protocol.layout import SECTIONS, CommandKind, OpenAccount
from outcry.protocol.wire import ENTRY_HEAD_BYTES, ENTRY_PUBLIC_BYTES, Entry, client_id_of, entry_of
from outcry.views import rows

Row = dict[str, Any]
NUMBER_MAX = 2**63 - 1
ORIGIN_MAX = 2**31 - 1
FORMAT = "outcry receipt 1"
REFUSED_LOOKED_AT = 100
"""A client id that no order has is looked for among so many of the account's last refused orders."""


async def key(venue: Venue, request: Request) -> Row:
    """GET /outcry/v1/key: under which key this venue signs, and the genesis that names it."""
    try:
        shown = _receipts(venue).key
    except ReceiptProblem as problem:
        raise _refusal(problem) from problem
    return _key_row(shown)


async def frame(venue: Venue, request: Request) -> Row:
    """GET /outcry/v1/frame: header and signature of the frame that holds entry `sequence`, and the entry's leaf."""
    proven = await _proven(venue, _sequence(request))
    return {
        "sequence": _sequence(request),
        "leaf": proven.leaf.hex(),
        "index": proven.index,
        "count": proven.count,
        "path": [one.hex() for one in proven.path],
        "header": proven.header.hex(),
        "signature": proven.signature.hex(),
    }


async def receipt(venue: Venue, request: Request) -> Row:
    """GET /outcry/v1/receipt: of entry `sequence`, of command `origin` and `originSequence`, of an order's placing."""
    asked = request.parameters
    name = parameters.text(asked, "clOrdID")
    wire_id = parameters.text(asked, "orderID")
    if asked.get("sequence") not in (None, ""):
        proven = await _own(venue, request, _sequence(request))
    elif asked.get("originSequence") not in (None, ""):
        proven = await _own(venue, request, _by_origin(venue, request))
    elif wire_id is not None:
        proven = await _own(venue, request, _by_order(venue, request, wire_id))
    elif name is not None:
        proven = await _by_client_id(venue, request, name)
    else:
        raise _bad("name the entry: 'sequence', 'origin' and 'originSequence', 'orderID' or 'clOrdID'")
    return _receipt_row(proven, _receipts(venue).key)


def _sequence(request: Request) -> int:
    try:
        found = parameters.whole(request.parameters, "sequence", 1, NUMBER_MAX)
    except Refusal as problem:
        raise _bad("'sequence' is a whole number from 1 on") from problem
    if found is None:
        raise _bad("'sequence' is a required arg.")
    return found


def _by_origin(venue: Venue, request: Request) -> int:
    """The entry of the account's command of that number, 0 if none is known."""
    try:
        origin = parameters.whole(request.parameters, "origin", 0, ORIGIN_MAX)
        number = parameters.whole(request.parameters, "originSequence", 1, NUMBER_MAX)
    except Refusal as problem:
        raise _bad("'origin' and 'originSequence' are whole numbers") from problem
    if origin is None or number is None:
        raise _bad("'origin' and 'originSequence' belong together")
    fate = venue.recent.fates.find(request.account, origin, number)
    return fate.sequence if fate is not None else 0


def _by_order(venue: Venue, request: Request, wire_id: str) -> int:
    """The entry that placed the account's order, 0 if none is known."""
    try:
        order_id = venue.ids.order_id(wire_id)
    except ValueError as problem:
        raise _bad("'orderID' is no order's") from problem
    return venue.recent.fates.placing(request.account, order_id or -1)


async def _by_client_id(venue: Venue, request: Request, name: str) -> Proven:
    """The placing of the account's latest order of that client id, or the latest refused one that bore it."""
    view = venue.recent.order_named(request.account, name)
    if view is not None:
        return await _own(venue, request, venue.recent.fates.placing(request.account, view.order_id))
    for sequence in venue.recent.fates.refused(request.account, CommandKind.PLACE, REFUSED_LOOKED_AT):
        proven = await _own(venue, request, sequence)
        if client_id_of(entry_of(proven.entry).record.client_id) == name:
            return proven
    raise _refusal(ReceiptProblem.unknown())


async def _own(venue: Venue, request: Request, sequence: int) -> Proven:
    """An entry of the request's own.  Raises `Refusal` with 404 for any other."""
    proven = await _proven(venue, sequence)
    if not _is_own(venue, request, entry_of(proven.entry)):
        raise _refusal(ReceiptProblem.unknown())
    return proven


def _is_own(venue: Venue, request: Request, entry: Entry) -> bool:
    if request.key is None:
        return False
    if isinstance(entry.record, OpenAccount):
        return bytes(entry.record.handle) == request.key.user.handle
    account = getattr(entry.record, "account", 0)
    if account == 0 or account == request.account:
        return account != 0
    people = venue.people.accounts_of(request.key.user)
    is_main = bool(people) and people[0].handle == request.key.user.handle
    return is_main and any(rows.account_of(venue.state, one.handle) == account for one in people)


async def _proven(venue: Venue, sequence: int) -> Proven:
    try:
        return await _receipts(venue).proven(sequence)
    except ReceiptProblem as problem:
        raise _refusal(problem) from problem


def _receipts(venue: Venue) -> Receipts:
    if venue.receipts is None:
        raise _refusal(ReceiptProblem.elsewhere())
    return venue.receipts


def _bad(sentence: str) -> Refusal:
    return _refusal(ReceiptProblem("RCP-01", 400, sentence))


def _refusal(problem: ReceiptProblem) -> Refusal:
    message = NOT_FOUND if problem.status == 404 else str(problem)
    return Refusal(problem.status, message, extra={"code": problem.code})


def _key_row(shown: KeyShown) -> Row:
    return {
        "signingKey": shown.public_key.hex(),
        "genesis": shown.genesis.hex(),
        "genesisHash": shown.genesis_hash.hex(),
    }


def _receipt_row(proven: Proven, shown: KeyShown) -> Row:
    data = proven.entry
    entry = entry_of(data)
    head, start = entry.head, ENTRY_HEAD_BYTES
    public_end, private_end = SECTIONS[type(entry.record).__name__]
    return {
        "format": FORMAT,
        "sequence": head.sequence,
        "timeNs": head.time_ns,
        "kind": CommandKind(head.kind).name,
        "head": data[:ENTRY_PUBLIC_BYTES].hex(),
        "salt": data[ENTRY_PUBLIC_BYTES:start].hex(),
        "public": data[start : start + public_end].hex(),
        "private": data[start + public_end : start + private_end].hex(),
        "payload": entry.payload.hex(),
        "index": proven.index,
        "count": proven.count,
        "path": [one.hex() for one in proven.path],
        "header": proven.header.hex(),
        "signature": proven.signature.hex(),
        "key": shown.public_key.hex(),
    }
