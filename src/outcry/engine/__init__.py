"""Floor 2: what happens.  The state in flat tables, one dispatch, one file a command family.

Rooms, from below: pools (rows taken and given back), lookup (indexes), book (the trie), ledger (the one move, Law 3),
events (refusals), funds (what an account can spend), assess (what an order would need), orders (lists and margins),
matching, placing, amending, accounts, money, listing, prices, journaled (tick, resume, root, grow), dispatch.
The door: machine (compiled if a compiler is there).  Plain Python around it: engine, snapshot, reading,
sums.
"""
