"""`outcry drill`: a real venue under load, to which everything happens that can happen to one.

`plan` draws faults and says what came of them; `running` is a drill under way, `cases` are the faults and what is
expected of each, `attempts` and `damage` how they are made; `venue`, `process` and `control` are the venue and what its
node obeys; `load` are its clients, and `books` what is compared in the end.
"""
