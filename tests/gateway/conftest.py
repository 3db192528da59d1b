import pytest

from tests.gateway.venues import Venue


@pytest.fixture
def venue() -> Venue:
    return Venue()
