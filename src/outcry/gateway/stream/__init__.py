"""The stream: what changes, pushed over WebSocket to who subscribed; BitMEX's names are in `gateway/dialect`.

settings  limits            topics    what a topic means            session   one client: what it wants, what it gets
hub       who wants what; takes entries in, gives messages out      market    public tables    books  shown books
accounts  private tables    operations  what clients send           line      the socket; the only part with I/O

Entries come in through `Hub.observe` while a durable frame is applied, and all that follows from the frame goes out in
one `Hub.flush` before anything that waits for the frame goes on, so before the POST that caused it is answered.
Everything but `line` is without I/O and clock.
"""
