"""What is kept for asking: orders, executions, trades, wallet history, quotes and candles, in a database.

`Recorder` observes entries and their events and writes what `Fold` makes of them; `Store` is the file for the one who
writes, `Reader` for those who ask.  Rows can always be made again from the journal; nothing here decides anything.
"""

from outcry.history.reader import Reader
from outcry.history.recorder import Recorder
from outcry.history.store import HistoryError, HistoryUnusable, Store, reached

__all__ = ["HistoryError", "HistoryUnusable", "Reader", "Recorder", "Store", "reached"]
