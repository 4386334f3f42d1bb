"""What the tests of BassWallet share."""

from collections.abc import Iterator

import pytest

from emulator.testing import Emulator
from tests.clients.basswallet import Client


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """A merchant with the key that may do everything; orders follow the scenario `manual`."""
    emulator.choose(basswallet="manual")
    with Client(emulator) as merchant:
        yield merchant


@pytest.fixture
def other(emulator: Emulator) -> Iterator[Client]:
    """A merchant with another account of the same sandbox."""
    with Client(emulator, word="other") as merchant:
        yield merchant
