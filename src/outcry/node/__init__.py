"""Floor 3: the one writer, and everything that follows it.

machine   what is needed of an engine             settings  sizes, times and limits
core      admit, fill, apply, frame: without I/O  snapshots state files: caches, candidates, rooted
roots     due roots, taken and compared           hashing   roots made in a thread
keeper    roots proposed, snapshots: without I/O  keeping   the same at work
replica   durable frames into another engine      recovery  start: snapshot and tail, or the whole journal
writer    core, journal and clock in one loop     messages  what goes over the socket
shell     the socket server, `run_node`           connection one end of a socket
link      a process's line to the node            local     the same line inside the node's own process
"""
