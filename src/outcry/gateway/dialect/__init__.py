"""BitMEX's names, numbers and words; the rest of the house does not know them.

prices       decimal text to ticks and back          ids       UUIDs of orders, executions and trades
times        ISO times                               symbols   what a symbol means
query        the table conventions of API 1.8        errors    refusal codes to BitMEX's words
entry        parameters to commands                  orders    order and execution rows
instruments  instrument rows                         market    book, trade, candle, quote, index rows
positions    position rows                           accounts  margin, wallet, user rows
tables       tables of the stream                    messages  its welcome, replies, errors, partials
levels       rows of its books                       transfers rows of deposits and withdrawals
"""
