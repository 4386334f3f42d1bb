"""What the tests of Changelly Fiat share: a partner in a sandbox of its own, and a second partner beside it."""

from collections.abc import Iterator

import pytest

from emulator.testing import Emulator
from tests.clients.changelly import Client


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """The sandbox's partner."""
    with Client(emulator) as partner:
        yield partner


@pytest.fixture
def other(emulator: Emulator) -> Iterator[Client]:
    """Another partner in the same sandbox."""
    with Client(emulator, api_key=f"other-{emulator.name}") as partner:
        yield partner
