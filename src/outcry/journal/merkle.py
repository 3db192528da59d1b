"""A Merkle tree over the leaves of one frame: its root, the path of one leaf, and the check of a path.

The shape is that of RFC 6962: neighbours are paired level by level and an odd last node moves up unchanged.  Leaves
come hashed with the prefix 0x00 (`wire.leaf_of`), inner nodes are hashed with 0x01, so neither can pass for the other.
Never looks into a leaf.
"""

import hashlib
from collections.abc import Sequence


def _parent(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    above = [_parent(level[place], level[place + 1]) for place in range(0, len(level) - 1, 2)]
    if len(level) % 2:
        above.append(level[-1])
    return above


def root(leaves: Sequence[bytes]) -> bytes:
    """The root.  Raises `ValueError` without leaves, because no frame is empty."""
    if not leaves:
        raise ValueError("a Merkle root needs at least one leaf")
    level = leaves
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The neighbours that lead from one leaf to the root, lowest first."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"there is no leaf {index} among {len(leaves)}")
    neighbours, level = [], leaves
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            neighbours.append(level[beside])
        level, index = _level_above(level), index // 2
    return neighbours


def check(leaf: bytes, index: int, count: int, neighbours: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether the path leads from this leaf, at this place of so many, to that root."""
    if not 0 <= index < count:
        return False
    node, remaining = leaf, list(neighbours)
    while count > 1:
        if index ^ 1 < count:
            if not remaining:
                return False
            beside = remaining.pop(0)
            node = _parent(beside, node) if index % 2 else _parent(node, beside)
        index, count = index // 2, (count + 1) // 2
    return not remaining and node == expected_root
