"""One venue for all tests of this folder; it takes a few seconds to start."""

from collections.abc import Iterator

import pytest

from tests.venue import Venue


@pytest.fixture(scope="session")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """The demo venue: simulated prices, market makers, two funded users."""
    running = Venue(tmp_path_factory.mktemp("venue") / "data", ["--seed", "7"])
    running.start()
    yield running
    if running.is_running():
        assert running.stop() == 0
