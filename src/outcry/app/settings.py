"""Everything an operator can choose, as one typed object; flags and OUTCRY_* variables become it in `cli`.

First the settings, then how they travel to other processes, then the names of the files in a data folder.
Never reads the environment itself.
"""

import ipaddress
from pathlib import Path

import msgspec

from outcry.journal.files import GENESIS_NAME, SEGMENT
from outcry.journal.frames import ROOT_EVERY

BOOK_INTERVAL_MS_MAX = 10_000
RECENT_ROWS_MIN = 200
DEMO, TEST, FORK = "demo", "test", "fork"
PROFILES = (DEMO, TEST, FORK)


class SettingsError(Exception):
    """A setting is impossible; the message says which values are possible."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How one venue is run."""

    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8080
    """0 takes any free port."""
    empty: bool = False
    """Lists nothing, simulates nothing and funds nobody."""
    profile: str = DEMO
    """DEMO has simulated prices, makers and a taker; TEST has one maker and prices from the operator alone; FORK has
    nobody but who comes, and the prices of the journal that it was made of until the operator sets others."""
    seed: int = 1
    """Of the simulated prices and of the guests."""
    one_process: bool = False
    """Node, keeper, gateway and guests in one process instead of four."""
    root_every: int = ROOT_EVERY
    """After how many entries a state root is due; counts for a new journal only, whose genesis says it."""
    false_roots: tuple[int, ...] = ()
    """Sequences whose journaled state roots are known to be false; once told, the data folder remembers them."""
    book_interval_ms: int = 0
    """How often the stream tells of a book at most; 0 tells of every durable frame before its requests are answered."""

    metrics_port: int | None = None
    """Port of the loopback address for the operator's metrics; None for the Unix socket alone, 0 for any free port."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose word about their clients' addresses is believed."""
    behind_seconds: float = 3.0
    """With the last entry applied at the gateway older than this, it takes cancels and closing orders only."""
    recent_rows: int = 2_000
    """So many ended orders of an account the gateway has in memory, and of all else it remembers in proportion."""
    errors_per_minute: int = 0
    """So many requests of one address that were wrong shut it out for an hour; 0 shuts out nobody."""
    law_seconds: float = 60.0
    """From one full check of the laws to the next at least; it takes a twentieth of the keeper's time at most."""

    def check(self) -> "Settings":
        """The settings themselves.  Raises `SettingsError`."""
        if not 0 <= self.port < 65536:
            raise SettingsError(f"a port is a number from 0 (any free one) to 65535, not {self.port}")
        if self.metrics_port is not None and not 0 <= self.metrics_port < 65536:
            raise SettingsError(f"a port is a number from 0 (any free one) to 65535, not {self.metrics_port}")
        if self.metrics_port and self.metrics_port == self.port:
            raise SettingsError("metrics are not for strangers: their port is another than the venue's")
        for network in self.trusted_proxies:
            try:
                ipaddress.ip_network(network)
            except ValueError as problem:
                raise SettingsError(f"a trusted proxy is an address or a network: {problem}") from problem
        if not self.host:
            raise SettingsError("the host is empty; 127.0.0.1 is this machine only, 0.0.0.0 all its addresses")
        if self.profile not in PROFILES:
            raise SettingsError(f"a profile is one of {', '.join(PROFILES)}, not {self.profile!r}")
        if self.profile == FORK and not self.files.fork.exists():
            raise SettingsError(f"{self.data} is no fork: `outcry fork` makes one")
        if not 0 <= self.book_interval_ms <= BOOK_INTERVAL_MS_MAX:
            raise SettingsError(f"a book's interval is 0 to {BOOK_INTERVAL_MS_MAX} ms, not {self.book_interval_ms}")
        if self.errors_per_minute < 0:
            raise SettingsError(f"wrong requests a minute are 0 (no limit) or more, not {self.errors_per_minute}")
        if not 0 <= self.seed < 2**63:
            raise SettingsError(f"a seed is a number from 0 to 2^63 - 1, not {self.seed}")
        if not self.behind_seconds > 1:
            raise SettingsError(f"a quiet venue is a second behind, so more than 1 second, not {self.behind_seconds}")
        if self.recent_rows < RECENT_ROWS_MIN:
            # The rows that answer a request are looked for among them.
            raise SettingsError(f"at least {RECENT_ROWS_MIN} rows are kept in memory, not {self.recent_rows}")
        if not self.law_seconds > 0:
            raise SettingsError(f"the laws are checked every so many seconds, more than 0, not {self.law_seconds}")
        if not self.data.parts:
            raise SettingsError("the data folder is empty; name one, such as ./data")
        if not 1 <= self.root_every < 2**32:
            raise SettingsError(f"a state root is due every 1 to 2^32 - 1 entries, not every {self.root_every}")
        try:
            if self.data.exists() and not self.data.is_dir():
                raise SettingsError(f"{self.data} is a file; the data folder must be a folder or not exist yet")
        except OSError as problem:
            raise SettingsError(f"{self.data} cannot be looked at: {problem.strerror}") from problem
        return self

    @property
    def files(self) -> "Files":
        """The names in the data folder."""
        return Files(self.data)


def encode(settings: Settings) -> str:
    """As JSON, for another process."""
    return msgspec.json.encode(settings, enc_hook=str).decode()


def decode(text: str) -> Settings:
    """From JSON."""
    return msgspec.json.decode(text, type=Settings, dec_hook=lambda kind, value: kind(value))


class Files:
    """What lies where in a data folder.  The node's own names are the node's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.identity = folder / "identity.db"
        self.socket = folder / "node.sock"
        self.metrics_socket = folder / "metrics.sock"
        self.demo = folder / "demo.json"
        self.prices = folder / "prices.json"
        self.fork = folder / "fork.json"
        self.restored = folder / "restored.json"
        self.lock = folder / "venue.lock"
        self.gateway_state = folder / "gateway.state"
        self.keeper_state = folder / "keeper.state"
        self.history = folder / "history.db"
        self.disputed_root = folder / "disputed-root"
        self.false_roots = folder / "false-roots"
        self.broken_law = folder / "broken-law"
        self.halted = folder / "halted"
        self.logs = folder / "logs"

    @property
    def states(self) -> tuple[Path, ...]:
        """Where replicas save how far they are."""
        return (self.gateway_state, self.keeper_state)

    @property
    def snapshots(self) -> Path:
        """The snapshots; beside the journal, also where the folder is one itself."""
        return self.journal.parent / "snapshots"

    @property
    def journal(self) -> Path:
        """The journal; a folder that is one itself is taken as it is, so that a copied journal can be checked."""
        is_one = (self.folder / GENESIS_NAME).exists() or any(self.folder.glob("*" + SEGMENT + "*"))
        return self.folder if is_one else self.folder / "journal"

    def known_false(self) -> frozenset[int]:
        """Sequences whose journaled state roots are false, as the operator has told this venue."""
        return frozenset(map(int, self.false_roots.read_text().split())) if self.false_roots.exists() else frozenset()
