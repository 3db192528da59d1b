"""Short words for orders that wait: stops, trailing ones, groups; and the engine's own work done to the end."""

from typing import Any

from outcry.engine.engine import Engine
from outcry.protocol import layout, wire
from outcry.protocol.layout import (
    Contingency,
    EventKind,
    OrderType,
    PegKind,
    TimeInForce,
    TriggerReference,
)
from outcry.simulation.auditor import Auditor
from outcry.simulation.auditor_compared import compare
from tests.engine.worlds import World, of_kind, one, place

LIMITED = (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED)


def stop(account: int, side: int, quantity: int, trigger: float, **more: Any) -> layout.Place:
    """A stop on the last price at this price in ticks; a market one unless a limit or a type is given."""
    price = more.pop("price_ticks", 0)
    kind = more.pop("order_type", OrderType.STOP_LIMIT if price else OrderType.STOP)
    more.setdefault("trigger_reference", TriggerReference.ON_LAST)
    record = place(account, side, quantity, price, **more)
    record.order_type = kind
    record.time_in_force = more.get("time_in_force", TimeInForce.GOOD_TILL_CANCEL)
    record.trigger_subticks = int(trigger * 10)
    return record


def trailing(account: int, side: int, quantity: int, offset: float, **more: Any) -> layout.Place:
    """A stop that trails its reference by an offset in ticks."""
    record = stop(account, side, quantity, 0, **more)
    record.peg_kind, record.peg_offset_subticks = PegKind.PEG_TRAILING, int(offset * 10)
    return record


def linked(record: layout.Place, name: str, contingency: Contingency) -> layout.Place:
    """The same order in a group."""
    record.contingency = contingency
    wire.put_client_id(record.link_id, name)
    return record


def order_id(events: list[wire.Event]) -> int:
    """The number of the order that was placed."""
    return int(one(events, EventKind.PLACED).order_id)


def trade(world: World, price_ticks: int, makers: tuple[int, int] = (1, 2), quantity: int = 100) -> list[wire.Event]:
    """A trade at this price between two others, so that it is the last price; the events of its taker and of the work
    that it made.  Who comes first is on the far side of the mark, where no band stops him."""
    seller, buyer = makers
    sides = [(seller, layout.Side.SELL), (buyer, layout.Side.BUY)]
    if price_ticks * 10 < world.engine.tables.instruments[1].mark_subticks:
        sides.reverse()
    (maker, side), (taker, other) = sides
    world.place(maker, side, quantity, price_ticks)
    return world.place(taker, other, quantity, price_ticks) + work(world)


def work(world: World) -> list[wire.Event]:
    """All that the engine has to do of itself."""
    events: list[wire.Event] = []
    while world.engine.work_waiting:
        events += world.carry_on()
    return events


def ended(events: list[wire.Event]) -> list[tuple[int, str]]:
    """Orders that ended, and why."""
    return [(row.order_id, layout.EndReason(row.reason).name) for row in of_kind(events, EventKind.ENDED)]


def triggered(events: list[wire.Event]) -> list[int]:
    """Orders that went on, in their order."""
    return [row.order_id for row in of_kind(events, EventKind.TRIGGERED)]


def audit(world: World) -> None:
    """Play the journal of a world again, without restarts: the same state comes out, and the auditor who hears it all
    finds nothing, and holds what the rows hold."""
    engine, auditor = Engine(), Auditor()
    for entry in world.journal:
        auditor.hear(entry, engine.apply(entry))
    assert engine.roots() == world.engine.roots()
    compare(auditor.books, engine.tables)
