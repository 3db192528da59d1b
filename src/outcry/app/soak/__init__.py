"""`outcry soak`: a demo venue under seeded load for as long as one likes, and whether anything in it grows.

load       traders, listeners and who connects again and again: guests through the public API
readings   what a venue is like at one moment: memory, files, processor, queues, sequences, disk
verdict    least squares over readings: what grows and how fast
running    the venue as a child, load and readings beside it, and the report
"""
