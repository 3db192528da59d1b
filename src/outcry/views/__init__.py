"""Floor 3: what can be seen.  Reads the engine's state and its events, never changes either.

directory  what is listed, by symbol and number, with the terms that never change
rows       rows of books, positions, margins, wallets and prices, in our names and integer units
recent     orders, executions, trades, candles and quotes of late, fed with entries and events
bins       candles and rolling sums of one instrument    orders  one order and its executions
tops       the touch of one instrument                   kept    the form of a dump           law   the sums of Law 3
"""
