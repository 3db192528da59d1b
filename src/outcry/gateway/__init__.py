"""Floor 4: the door.  REST in BitMEX's dialect at /api/v1, WebSocket at /realtime, ours beside them at /outcry/v1.

door        what the gateway needs from the rest of the house, and what may go wrong there
app         the ASGI application: routing, body, who asks, limits, answer; the only orchestrator
auth        signatures over raw bytes            limits      token buckets and their headers
parameters  query, form and JSON in one mapping  answers     what is sent back
dialect/    BitMEX's names, numbers, words       routes/     what each address does
stream/     what is pushed to whom
"""
