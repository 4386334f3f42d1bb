# Made by scripts/generate_docs.py from emulator/testing/plugin.py: edit that, and run it again.
"""The pytest plugin: `emulator_server` runs once per test session, `emulator` gives each test a sandbox of its own.

pytest loads this module in every run. It imports nothing but pytest until a fixture is used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from emulator_client import AsyncEmulator, Emulator, RemoteServer

_SANDBOX: "pytest.StashKey[Emulator]" = pytest.StashKey()
_MARKER = """emulator(clock=..., seed=..., settings={...}, scenario={...}, faults=[...]): what the sandbox of a test \
begins with; all may be left out."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of a run."""
    group = parser.getgroup("emulator", "payment provider emulator")
    group.addoption(
        "--emulator-url", metavar="URL",
        help="use the emulator that runs there, as http://127.0.0.1:8900, "
        "EMULATOR_CONTROL_TOKEN is its token, if it has one",
    )  # fmt: skip
    group.addoption(
        "--emulator-receiver-host", metavar="HOST", default="127.0.0.1",
        help="with --emulator-url: the name or address by which it reaches this machine, for its webhooks "
        "(default: %(default)s)",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture(scope="session")
def emulator_server(request: pytest.FixtureRequest) -> "Iterator[RemoteServer]":
    """An emulator that `--emulator-url` names."""
    url = request.config.getoption("--emulator-url")
    if url:
        from emulator_client import RemoteServer

        token, host = os.environ.get("EMULATOR_CONTROL_TOKEN"), request.config.getoption("--emulator-receiver-host")
        with RemoteServer(url, token, receiver_host=host) as remote:
            yield remote
        return
    pytest.fail("say where an emulator runs: --emulator-url http://127.0.0.1:8900", pytrace=False)


@pytest.fixture
def emulator(
    emulator_server: "RemoteServer", request: pytest.FixtureRequest
) -> "Iterator[Emulator]":
    """A fresh sandbox with a manual clock, and with what the test's marker asks for."""
    from emulator_client.mark import read_marks

    try:
        beginning = read_marks(request.node.iter_markers("emulator"))
    except ValueError as error:
        pytest.fail(str(error), pytrace=False)
    with emulator_server.sandbox(**beginning.members) as sandbox:
        request.node.stash[_SANDBOX] = sandbox
        beginning.prepare(sandbox)
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
    if report.failed and call.when != "teardown" and "emulator_client.sandbox" in sys.modules:
        from emulator_client.report import sections

        own = item.stash.get(_SANDBOX, None)  # not yet an argument of the test when another fixture fails
        report.sections += sections([own, *getattr(item, "funcargs", {}).values()])
    return report
