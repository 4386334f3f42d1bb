"""What the tests of Baanx share: a client in a sandbox of its own."""

from collections.abc import Iterator

import pytest

from emulator.testing import Emulator
from tests.clients.baanx import Client


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """An app with a signed-in user who may do everything."""
    with Client(emulator) as app:
        yield app
