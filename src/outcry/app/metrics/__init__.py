"""What an operator's monitoring is told, in Prometheus's words: views of events, counted as they pass.

families    every metric there is: its name, kind, labels and meaning; the documents are made from it
market      what happened on the market, counted by the keeper from entries and events
node        the writer: frames, syncs, queues, replicas
gateway     requests, sessions, fan-out
process     what every process has: memory, files, processor, event loop, and how far its replica is
door        a process's own socket for them, and the one address where all are merged

Nothing here asks anything of a path that carries orders: figures are kept as plain numbers where something passes
anyway, and become metrics when somebody looks.
"""
