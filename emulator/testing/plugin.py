"""The pytest plugin: `emulator_server` runs once per test session, `emulator` gives each test a sandbox of its own.

pytest loads this module in every run. It imports nothing but pytest until a fixture is used.
"""

import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from emulator.testing import AsyncEmulator, BackgroundServer, Emulator

_SANDBOX: "pytest.StashKey[Emulator]" = pytest.StashKey()


@pytest.fixture(scope="session")
def emulator_server() -> "Iterator[BackgroundServer]":
    """An emulator in this process, on free ports."""
    from emulator.testing import BackgroundServer

    with BackgroundServer() as server:
        yield server


@pytest.fixture
def emulator(emulator_server: "BackgroundServer", request: pytest.FixtureRequest) -> "Iterator[Emulator]":
    """A fresh sandbox with a manual clock."""
    with emulator_server.sandbox() as sandbox:
        request.node.stash[_SANDBOX] = sandbox
        yield sandbox


@pytest.fixture
def async_emulator(emulator: "Emulator") -> "AsyncEmulator":
    """The same sandbox, with calls that are awaited. It needs no plugin for asynchronous tests, and serves any of those
    that run on asyncio."""
    return emulator.awaited()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds to the report of a failed test what its sandboxes have seen."""
    report = yield
    if report.failed and call.when != "teardown" and "emulator.testing.sandbox" in sys.modules:
        from emulator.testing.report import sections

        own = item.stash.get(_SANDBOX, None)  # not yet an argument of the test when another fixture fails
        report.sections += sections([own, *getattr(item, "funcargs", {}).values()])
    return report
