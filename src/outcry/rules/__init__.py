"""Floor 1: what is true.  Pure integer arithmetic on what it is handed; it changes nothing and knows no table.

arith     checked products and named roundings      value   what contracts are worth (VAL)
position  cost, realised and unrealised (PNL)       margin  order cost, position margin, leverage (MRG)
marks     index and mark prices (IDX, MRK)          fees    commissions (FEE)
"""
