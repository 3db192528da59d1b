"""Floor 2: what happened.  Carries entries as bytes and knows no rule.

errors    every way in which a journal says no   frames   one group commit as bytes, and the genesis
merkle    root and paths over entries            files    names, zeroed creation, compression, the folder's own sync
reading   frames from a sequence on, verify      segments the one writer: open, append, sync, upkeep
"""
