"""Floor 6: the only place where rooms are joined.

settings   everything an operator can choose, one typed object
listings   listings/*.toml into commands that list them
demo       the demo profile: who is funded with what, and DATA/demo.json
compose    node, gateway and guests made from the rooms      supervise  `outcry up`: their processes
serving    uvicorn with limits                               saved      what the gateway keeps for its next start
checking   `replay` and `verify`                              bench      `outcry bench`
cli        the command `outcry`
"""
