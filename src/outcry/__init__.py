"""Open Outcry: an exchange for crypto derivatives that anyone can run and anyone can check.

A command is written into the journal, the engine applies the rules to it, events come out, and everything one can see
is a view.  The rooms, by floor: protocol (0); rules (1); engine, journal (2); node, views, history, identity,
custody (3); gateway, feeds, client, proofs (4); bots, simulation (5); app (6).  docs/architecture.md has the picture.
"""

import os

if os.environ.get("OUTCRY_COMPILED") == "0":
    from outcry import _from_source as _from_source

__version__ = "0.1.0"
