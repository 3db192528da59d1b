"""Sizes, times and limits of a node and of the links to it.  Defaults suit one machine; nothing here changes a rule."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from outcry.journal.disk import SYSTEM_DISK, Disk
from outcry.journal.frames import ROOT_EVERY
from outcry.journal.segments import SegmentSettings
from outcry.journal.signing import draw_key
from outcry.protocol.layout import RULES_VERSION

SECOND_NS = 10**9
ENTRY_BYTES_MAX = 64 << 10
"""A longer submission is malformed, for every node and every link."""


@dataclass(frozen=True, slots=True)
class CoreSettings:
    """When frames close, when time is journaled, how much may wait."""

    frame_bytes: int = 256 << 10
    """A frame closes at this length even while the one before is being synced."""
    waiting_bytes: int = 4 << 20
    """With more than this admitted and not yet durable, all submissions are turned away."""
    orders_waiting_bytes: int = 2 << 20
    """With more than this admitted and not yet durable, new orders and amendments are; less on a slow disk."""
    orders_waiting_bytes_min: int = 16 << 10
    """So much may wait on the slowest disk before they are."""
    wait_target_ns: int = SECOND_NS // 4
    """A write that takes longer makes less room for new orders and amendments."""
    idle_tick_ns: int = SECOND_NS
    """A tick is journaled when nothing else has been for so long."""
    resume_after_ns: int = 5 * SECOND_NS
    """A longer forward jump of the clock is a pause, journaled as Resume."""


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """Everything that can be chosen about a node."""

    core: CoreSettings = field(default_factory=CoreSettings)
    segments: SegmentSettings = field(default_factory=SegmentSettings)
    disk: Disk = SYSTEM_DISK
    """Under the journal; another one only where faults are tried."""
    rules_version: int = RULES_VERSION
    """Written into the genesis of a new journal."""
    seen_sequence: int = 0
    """What others than the node are known to have seen: the journal is not cut below that, nor does it start there."""
    draw_key: Callable[[], bytes] = draw_key
    """The private key of a new journal; another one only where chance is played."""
    root_every: int = ROOT_EVERY
    """After how many sequences a state root is due; written into the genesis of a new journal, and what stands there
    holds."""
    snapshots_kept: int = 2
    """Older snapshots are removed after a new one is durable."""
    cache_bytes: int = 8 << 20
    """Memory for recent frames, for replicas that are a little behind."""
    session_bytes: int = 4 << 20
    """With more than this unsent to a replica, it is served from the journal until it has caught up."""
    handle_signals: bool = True
    """Whether SIGINT and SIGTERM stop the node cleanly."""


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Everything that can be chosen about a line to the node."""

    answer_seconds: float = 5.0
    """A command without a durable frame for so long is answered with NoAnswer."""
    pending_max: int = 8192
    """With so many commands unanswered, further ones are refused with Overloaded."""
    pending_orders_max: int = 4096
    """With so many commands unanswered, new orders and amendments are."""
    unsent_bytes_max: int = 4 << 20
    """With so much unsent to the node, commands are refused with Overloaded."""
    unsent_orders_bytes_max: int = 2 << 20
    """With so much unsent to the node, new orders and amendments are."""
    behind_seconds_max: float = math.inf
    """With the last entry applied here older than this, new orders and amendments are refused with Overloaded; never
    where nobody trades.  More than a second, because a quiet node journals a tick a second."""
    backoff_seconds: float = 0.05
    """Wait before the second try to connect; doubled for each further one."""
    backoff_seconds_max: float = 2.0
    """The longest wait between tries."""
