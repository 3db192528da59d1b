"""A venue in a world of its own: one loop of events, with a seeded clock, disk, network and crowd.

The node, keeper and gateway that run here are the real ones, shells included; what is simulated is what they stand on.
`world` is time, `loop` what asyncio runs on, `disk` and `network` what can fail, `processes` and `machine` who is
started, killed and started again, `traders` and `feed` who wants something, `plan` what a seed means, `truth` what must
hold, `run` one seed from its beginning to its verdict, `shrink` the smallest plan that still fails.

`auditor` stands beside: who hears commands and events of any venue, real or simulated, and keeps books of his own.
"""
