"""The emulator beside which the shop of the examples is tried, and the shop at each provider."""

from collections.abc import Iterator

import pytest

from emulator.testing import BackgroundServer
from tests.examples.stage import PROVIDERS, Stage, stage


@pytest.fixture(scope="session")
def server() -> Iterator[BackgroundServer]:
    """A server without sockets, for all these tests."""
    with BackgroundServer(sockets=False) as running:
        yield running


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    """Each of the four."""
    return str(request.param)


@pytest.fixture
def at(server: BackgroundServer, provider: str) -> Iterator[Stage]:
    """The shop at a provider where nothing happens by itself."""
    with stage(server, provider) as opened:
        yield opened
