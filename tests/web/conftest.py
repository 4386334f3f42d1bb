"""Raw HTTP to the control API, beside the client that the fixture `emulator` gives."""

from collections.abc import Iterator

import httpx
import pytest

from emulator.testing import BackgroundServer, Emulator
from tests.clients.baanx import Client


@pytest.fixture(scope="session")
def control(emulator_server: BackgroundServer) -> Iterator[httpx.Client]:
    """The control API of the running emulator."""
    with httpx.Client(base_url=emulator_server.server.addresses.control, verify=False, timeout=30) as client:
        yield client


@pytest.fixture
def baanx(emulator: Emulator) -> Iterator[Client]:
    """An app that orders cards in the test's sandbox."""
    with Client(emulator) as client:
        yield client


@pytest.fixture
def other(emulator_server: BackgroundServer) -> Iterator[Emulator]:
    """A second sandbox of the same server."""
    with emulator_server.sandbox() as sandbox:
        yield sandbox
