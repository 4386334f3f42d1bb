"""The pytest plugin: `emulator_server` runs once per test session, `emulator` gives each test a sandbox of its own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from emulator.testing import BackgroundServer, Emulator


@pytest.fixture(scope="session")
def emulator_server() -> "Iterator[BackgroundServer]":
    """An emulator in this process, on free ports."""
    from emulator.testing import BackgroundServer

    with BackgroundServer() as server:
        yield server


@pytest.fixture
def emulator(emulator_server: "BackgroundServer") -> "Iterator[Emulator]":
    """A fresh sandbox with a manual clock."""
    with emulator_server.sandbox() as sandbox:
        yield sandbox
