"""Whoever was not in the room when the venue did what it did: the independent auditor, and seeded worlds."""
