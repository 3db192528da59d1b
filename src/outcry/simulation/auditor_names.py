"""Client ids in the auditor's books: AUD-04."""

from outcry.protocol.layout import CLIENT_ID_AGE_NS, CLIENT_IDS_KEPT
from outcry.simulation.auditor_books import Account, Books
from outcry.simulation.auditor_rows import Order

NO_ID = bytes(40)


def name_order(books: Books, owner: Account, order: Order, name: bytes) -> None:
    """A client id names an order from now on; it must not be one that is remembered (ORD-02, LAW-05)."""
    books.checks += 1
    if name in owner.names:
        books.wrong(
            "AUD-04", f"order {order.number}", "has the client id of open order", order.number, owner.names[name]
        )
    when, how_manieth = owner.ended.get(name, (0, 0))
    if how_manieth:
        age, newer = books.time_ns - when, owner.ended_count - how_manieth
        if age <= CLIENT_ID_AGE_NS or newer < CLIENT_IDS_KEPT:
            books.wrong("AUD-04", f"order {order.number}", "has a client id that was acted on", age, CLIENT_ID_AGE_NS)
        del owner.ended[name]
    owner.names[name] = order.number
    order.client_id = name


def forget_name(books: Books, order: Order) -> None:
    """The order has ended or has another name: its own is kept among those that must not be used again."""
    if not order.client_id:
        return
    owner = books.accounts[order.account]
    del owner.names[order.client_id]
    owner.ended_count += 1
    owner.ended[order.client_id] = books.time_ns, owner.ended_count
    order.client_id = b""
    while len(owner.ended) > CLIENT_IDS_KEPT:
        oldest = next(iter(owner.ended))
        when, how_manieth = owner.ended[oldest]
        if books.time_ns - when <= CLIENT_ID_AGE_NS or owner.ended_count - how_manieth < CLIENT_IDS_KEPT:
            return
        del owner.ended[oldest]
