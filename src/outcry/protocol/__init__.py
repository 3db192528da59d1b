"""Floor 0: what can be said.

schema    how records are described        records   the one table of commands, events and state rows
codes     refusals in their precedence     generate  writes layout.py, layout.pxd and the reference page
layout    the uncompiled twin (generated)  wire      bytes of entries and events, and their hashes
units     decimal text to integers         ids       client ids, handles
"""
