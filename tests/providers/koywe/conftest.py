"""What the HTTP tests of this provider share."""

from collections.abc import Iterator

import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """A client of the test's own sandbox."""
    with Client(emulator) as made:
        yield made
