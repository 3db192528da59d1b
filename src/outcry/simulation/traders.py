"""Traders: clients of the gateway who do not know whether what they asked for has happened, and find out.

A trader does what the plan says at a time, with chance of that action's own, over signed requests to the real front.
An order carries a client id of its own: without a definite answer it is asked for again under the same id, until there
is one; so whatever is lost on the way, it acts once.  Of what gets a 503 with a number the fate is asked for.
What was answered is kept in `wishes` and compared with the journal at the end (`check`).
"""

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from outcry.client.signing import Credentials, signed_headers
from outcry.gateway.app import Asked, Reply
from outcry.gateway.dialect.ids import Ids
from outcry.gateway.dialect.names import SELF_TRADES
from outcry.protocol.layout import EventKind, Place
from outcry.protocol.wire import client_id_of
from outcry.simulation.crowd import GATEWAY, INDEX_OF, LOTS, SYMBOLS, PersonKey, account_of
from outcry.simulation.feed import Feed
from outcry.simulation.processes import VENUE_KEY
from outcry.simulation.truth import Journal
from outcry.simulation.world import MILLISECOND_NS, Failure

if TYPE_CHECKING:
    from outcry.simulation.machine import Machine

Heard = Callable[[int, dict[str, Any] | list[dict[str, Any]] | None], None]
RETRY_MS = (40, 400)
LOST_ANSWERS = 0.02
WAITS_PER_PUSH = 4
"""After so many answers that a fate is still open a trader hands in something of his own."""
SILENT = re.compile(r"no answer to command (\d+) of origin (\d+)")
"""What a row of a bulk request says of a command without an answer."""


@dataclass
class Wish:
    """An order that a trader wants to have placed once."""

    account: int
    client_id: str
    body: dict[str, Any]
    tries: int = 0
    unsure: bool = False
    """Some try may have acted."""
    status: int = 0
    """Of the definite answer, 0 as long as there is none."""
    order_id: str = ""


class Trader:
    """One key's holder."""

    def __init__(self, machine: "Machine", feed: Feed, key: PersonKey) -> None:
        self.machine = machine
        self.key = key
        self.account = account_of(key.user)
        self.wishes: list[Wish] = []
        self.fates: dict[tuple[int, int], dict[str, Any]] = {}
        self._feed = feed
        self._world = machine.world
        self._waiting: set[tuple[int, int]] = set()
        self._credentials = Credentials(key.id, key.secret)
        self._numbers = 0
        self._waits = 0

    @property
    def idle(self) -> bool:
        """Whether nothing that was wished is without a definite answer."""
        return not self._waiting and all(wish.status for wish in self.wishes)

    def act(self, kind: str, chance: random.Random) -> None:
        """Do what the plan says."""
        ACTIONS[kind](self, chance)

    # Actions.

    def place(self, chance: random.Random) -> None:
        """An order near the index's price, small or as large as a fortune."""
        self._wish(self._order(chance), chance)

    def cross(self, chance: random.Random) -> None:
        """An order that takes what is there."""
        order = self._order(chance)
        del order["price"]
        order["ordType"] = "Market"
        self._wish(order, chance)

    def stop(self, chance: random.Random) -> None:
        """An order that waits: a stop or a touched one, one that trails, for a day or longer."""
        self._wish(self._waiting_order(chance), chance)

    def peg(self, chance: random.Random) -> None:
        """An order priced from a touch."""
        order = self._order(chance)
        del order["price"]
        order |= {"ordType": "Pegged", "execInst": "Fixed", "pegPriceType": chance.choice(("PrimaryPeg", "MarketPeg"))}
        if chance.random() < 0.5:
            order["pegOffsetValue"] = chance.choice((-1, -0.5, 0.5))
        self._wish(order, chance)

    def linked(self, chance: random.Random) -> None:
        """A bracket, or orders of which one cancels the others."""
        name, bracket = f"{self.key.user.id}-{self._numbers}-linked", chance.random() < 0.5
        for number in range(3):
            order = self._order(chance) if number == 0 or chance.random() < 0.4 else self._waiting_order(chance)
            first = bracket and number == 0
            order["contingencyType"] = "OneTriggersTheOther" if first else "OneCancelsTheOther"
            order["clOrdLinkID"] = name
            self._wish(order, chance)

    def revive(self, chance: random.Random) -> None:
        """More of one of the last orders, which may have been filled."""
        wish = self._one_of(chance)
        if wish is not None:
            changes = {"origClOrdID": wish.client_id, "leavesQty": self._quantity(wish.body["symbol"], chance)}
            self._send("PUT", "/api/v1/order", changes, self._heard_once, chance)

    def move_stop(self, chance: random.Random) -> None:
        """Another trigger for one of the last orders, which may wait."""
        wish = self._one_of(chance)
        if wish is not None:
            changes = {"origClOrdID": wish.client_id, "stopPx": self._price(wish.body["symbol"], chance)}
            self._send("PUT", "/api/v1/order", changes, self._heard_once, chance)

    def bulk(self, chance: random.Random) -> None:
        """Several orders in one request; what has no definite answer is asked for one by one."""
        wishes = [self._new_wish(self._order(chance)) for _ in range(chance.randint(2, 6))]

        def heard(status: int, found: Any) -> None:
            rows = {row.get("clOrdID"): row for row in _rows(found)}
            for row in rows.values():
                silent = SILENT.search(row.get("error", ""))
                if silent is not None:
                    self.ask_fate((int(silent[2]), int(silent[1])), chance)
            for wish in wishes:
                told = rows.get(wish.client_id)
                if told is not None and told.get("orderID") and told.get("ordStatus") != "Rejected":
                    self._fulfil(wish, told)
                else:
                    # What its row says need not be definite, and asking for it once more under its name harms nobody.
                    wish.unsure = True
                    self._again(wish, chance)

        self._send("POST", "/api/v1/order/bulk", {"orders": [wish.body for wish in wishes]}, heard, chance)

    def amend(self, chance: random.Random) -> None:
        """Another price or quantity for one of the last orders."""
        wish = self._one_of(chance)
        if wish is not None:
            changes: dict[str, Any] = {"origClOrdID": wish.client_id}
            if chance.random() < 0.5:
                changes["price"] = self._price(wish.body["symbol"], chance)
            else:
                changes["orderQty"] = self._quantity(wish.body["symbol"], chance)
            self._send("PUT", "/api/v1/order", changes, self._heard_once, chance)

    def cancel(self, chance: random.Random) -> None:
        """One of the last orders."""
        wish = self._one_of(chance)
        if wish is not None:
            self._send("DELETE", "/api/v1/order", {"clOrdID": wish.client_id}, self._heard_once, chance)

    def cancel_all(self, chance: random.Random) -> None:
        """All orders."""
        self._send("DELETE", "/api/v1/order/all", {}, self._heard_once, chance)

    def close(self, chance: random.Random) -> None:
        """Out of a position."""
        body = {"symbol": chance.choice(SYMBOLS), "execInst": "Close", "ordType": "Market"}
        self._wish(body, chance)

    def leverage(self, chance: random.Random) -> None:
        """Isolated at some leverage, or back into cross."""
        body = {"symbol": chance.choice(SYMBOLS), "leverage": chance.choice((0, 2, 25, 100))}
        self._send("POST", "/api/v1/position/leverage", body, self._heard_once, chance)

    def margin(self, chance: random.Random) -> None:
        """Money into or out of an isolated position."""
        body = {"symbol": chance.choice(SYMBOLS), "amount": chance.randrange(-(10**6), 10**6)}
        self._send("POST", "/api/v1/position/transferMargin", body, self._heard_once, chance)

    def transfer(self, chance: random.Random) -> None:
        """Money to another account, which only the first two have."""
        target = account_of(self.machine.people.keys[(self.key.user.id + 1) % 2].user)
        body = {"currency": "XBt", "amount": chance.randrange(1, 10**6), "targetAccountId": target}
        self._send("POST", "/api/v1/user/walletTransfer", body, self._heard_once, chance)

    def dead_man(self, chance: random.Random) -> None:
        """A switch that cancels everything after a while."""
        body = {"timeout": chance.choice((0, 300, 900, 2_000))}
        self._send("POST", "/api/v1/order/cancelAllAfter", body, self._heard_once, chance)

    def look(self, chance: random.Random) -> None:
        """Read what one has."""
        path = chance.choice(("/api/v1/order", "/api/v1/position", "/api/v1/execution", "/api/v1/user/margin"))
        self._send("GET", path, {}, self._heard_once, chance)

    # Orders and their fates.

    def _order(self, chance: random.Random) -> dict[str, Any]:
        symbol = chance.choice(SYMBOLS)
        order: dict[str, Any] = {
            "symbol": symbol,
            "side": chance.choice(("Buy", "Sell")),
            "orderQty": self._quantity(symbol, chance),
            "price": self._price(symbol, chance),
        }
        if chance.random() < 0.15:
            order["execInst"] = chance.choice(("ParticipateDoNotInitiate", "ReduceOnly"))
        if chance.random() < 0.1:
            order["timeInForce"] = chance.choice(("ImmediateOrCancel", "FillOrKill"))
        if chance.random() < 0.1:
            order["text"] = "x" * chance.randrange(1, 400)
        if chance.random() < 0.15:
            order["displayQty"] = chance.choice((0, LOTS[symbol]))
        if chance.random() < 0.15:
            order["selfTrade"] = chance.choice(sorted(SELF_TRADES))
        return order

    def _waiting_order(self, chance: random.Random) -> dict[str, Any]:
        """A stop or a touched order near the index's price, or one that trails it."""
        order = self._order(chance)
        symbol = order["symbol"]
        order.pop("execInst", None)
        kind = chance.choice(("Stop", "StopLimit", "MarketIfTouched", "LimitIfTouched"))
        order["ordType"] = kind
        if not kind.startswith(("StopL", "Limit")):
            del order["price"]
        reference = chance.choice(("", "MarkPrice", "LastPrice", "IndexPrice", "LastPrice LastWithinMark"))
        if reference and ("Within" not in reference or kind.startswith("Stop")):
            order["execInst"] = reference
        if chance.random() < 0.3:
            rises = (order["side"] == "Buy") == kind.startswith("Stop")
            order |= {"pegPriceType": "TrailingStopPeg", "pegOffsetValue": 20 if rises else -20}
        else:
            order["stopPx"] = self._price(symbol, chance)
        if chance.random() < 0.2:
            order["timeInForce"] = "Day"
        return order

    def _price(self, symbol: str, chance: random.Random) -> float:
        units = self._feed.prices[INDEX_OF[symbol]] * chance.randint(9_970, 10_030) // 10_000
        return units // 10 / 10

    def _quantity(self, symbol: str, chance: random.Random) -> int:
        return LOTS[symbol] * chance.choice((1, 2, 10, 100, 1_000, 3_000))

    def _one_of(self, chance: random.Random) -> Wish | None:
        return chance.choice(self.wishes[-8:]) if self.wishes else None

    def _new_wish(self, body: dict[str, Any]) -> Wish:
        self._numbers += 1
        client_id = f"{self.key.user.id}-{self._numbers}"
        wish = Wish(self.account, client_id, {**body, "clOrdID": client_id})
        self.wishes.append(wish)
        return wish

    def _wish(self, body: dict[str, Any], chance: random.Random) -> None:
        self._try(self._new_wish(body), chance)

    def _try(self, wish: Wish, chance: random.Random) -> None:
        wish.tries += 1

        def heard(status: int, found: Any) -> None:
            error = found.get("error", {}) if isinstance(found, dict) else {}
            if status == 200:
                self._fulfil(wish, found)
            elif (status == 503 and "originSequence" not in error) or status == 429:
                self._again(wish, chance)
            elif status in (0, 503):
                wish.unsure = True
                self._again(wish, chance)
            elif "Duplicate clOrdID" in error.get("message", ""):
                self._world.count("retry recognised")
                if not wish.unsure:
                    self._fail(wish, "a client id was called a duplicate at its first try")
                wish.status = status
            else:
                wish.status = status

        self._send("POST", "/api/v1/order", wish.body, heard, chance)

    def _fulfil(self, wish: Wish, row: Any) -> None:
        wish.status, wish.order_id = 200, row["orderID"]
        if row.get("clOrdID") != wish.client_id or row.get("symbol") != wish.body["symbol"]:
            self._fail(wish, f"was answered with another order: {row}")

    def _again(self, wish: Wish, chance: random.Random) -> None:
        self._world.count("order retried")
        wait_ms = chance.randrange(*RETRY_MS)
        self._world.after(wait_ms * MILLISECOND_NS, lambda: self._try(wish, chance))

    def _heard_once(self, status: int, found: Any) -> None:
        """What is not asked for again."""

    def _send(
        self, verb: str, path: str, body: dict[str, Any], heard: Heard, chance: random.Random, query: str = ""
    ) -> None:
        """Send a signed request; `heard` gets status and body, or 0 when the line broke."""
        data = msgspec.json.encode(body) if body else b""
        target = (path + query).encode()
        expires = self.machine.wall_ns() // 10**9 + 3600
        headers = signed_headers(self._credentials, verb, target, expires, data)
        raw = {name.encode(): value.encode() for name, value in headers.items()} | {
            b"content-type": b"application/json"
        }
        asked = Asked(verb, path, target, query[1:].encode(), raw, data, "10.0.0.1")
        loses = chance.random() < LOST_ANSWERS

        def done(reply: Reply | None) -> None:
            if reply is None or loses:
                self._world.count("answer lost")
                heard(0, None)
                return
            found = msgspec.json.decode(reply.body)
            self._world.note("answer", f"{self.key.id} {verb} {path} {reply.status}")
            self._world.counts[f"status {reply.status}"] += 1
            if reply.status == 503 and isinstance(found, dict) and "originSequence" in found["error"]:
                self.ask_fate((found["error"]["origin"], found["error"]["originSequence"]), chance)
            elif reply.status == 500:
                self._world.fail(Failure("an error of our own", f"{verb} {path} {body} was answered with a 500"))
            heard(reply.status, found)

        network = self.machine.network
        self._world.after(network.delay_ns(chance), lambda: self.machine.running[GATEWAY].ask(asked, done))

    def ask_fate(self, command: tuple[int, int], chance: random.Random) -> None:
        """Ask what became of a command until the gateway knows, unless that is known."""
        if command in self.fates or command in self._waiting:
            return
        self._waiting.add(command)
        self._look_for(command, chance)

    def _look_for(self, command: tuple[int, int], chance: random.Random) -> None:

        def heard(status: int, found: Any) -> None:
            if status == 200 and isinstance(found, dict) and found["fate"] != "waiting":
                self.fates[command] = found
                self._waiting.discard(command)
                return
            if status == 200:
                self._world.count("fate waiting")
                self._waits += 1
                if self._waits % WAITS_PER_PUSH == 0:
                    # The next command of the gateway's settles it (docs/api/own.md); on a quiet day that is one's own.
                    self._send("POST", "/api/v1/order/cancelAllAfter", {"timeout": 0}, self._heard_once, chance)
            wait_ms = chance.randrange(*RETRY_MS)
            self._world.after(wait_ms * MILLISECOND_NS, lambda: self._look_for(command, chance))

        query = "?" + urlencode({"origin": command[0], "originSequence": command[1]})
        self._send("GET", "/outcry/v1/command", {}, heard, chance, query)

    def check(self, journal: Journal, placed: Counter[tuple[int, str]]) -> None:
        """Compare what was answered with what the journal says."""
        ids = Ids(VENUE_KEY)
        orders = orders_of(journal)
        for wish in self.wishes:
            times = placed[wish.account, wish.client_id]
            if wish.status == 200:
                if times != 1 or orders.get((wish.account, wish.client_id)) != ids.order_id(wish.order_id):
                    self._fail(wish, f"was answered as placed and was placed {times} times")
            elif not wish.unsure and times:
                self._fail(wish, f"was refused with {wish.status} and was placed")

    def _fail(self, wish: Wish, what: str) -> None:
        self._world.fail(Failure("answers", f"order {wish.client_id} of account {wish.account} {what}"))


def _rows(found: Any) -> list[dict[str, Any]]:
    """The rows of a bulk request's answer, also of one that refuses all of them."""
    if isinstance(found, dict):
        found = found.get("error", {}).get("orders")
    return found if isinstance(found, list) else []


def orders_of(journal: Journal) -> dict[tuple[int, str], int]:
    """Order numbers by account and client id."""
    found = {}
    for entry, events in journal.entries.values():
        if isinstance(entry.record, Place) and entry.record.client_id[4]:
            for event in events:
                if event.head.kind == EventKind.PLACED:
                    found[entry.record.account, client_id_of(entry.record.client_id)] = int(event.record.order_id)
    return found


ACTIONS: dict[str, Callable[[Trader, random.Random], None]] = {
    "place": Trader.place,
    "cross": Trader.cross,
    "stop": Trader.stop,
    "peg": Trader.peg,
    "linked": Trader.linked,
    "revive": Trader.revive,
    "move stop": Trader.move_stop,
    "bulk": Trader.bulk,
    "amend": Trader.amend,
    "cancel": Trader.cancel,
    "cancel all": Trader.cancel_all,
    "close": Trader.close,
    "leverage": Trader.leverage,
    "margin": Trader.margin,
    "transfer": Trader.transfer,
    "dead man": Trader.dead_man,
    "look": Trader.look,
}
"""What a plan may have a trader do."""
