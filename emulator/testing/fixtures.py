"""What tests are given: `emulator_server` once per test session, `emulator` with a sandbox of the test's own.

A plugin of pytest, which `emulator.testing.plugin` registers. It imports nothing but pytest until a fixture is used.
"""

import os
import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from emulator.testing import AsyncEmulator, Emulator
    from emulator.testing.server import Sandboxes

_SANDBOX: "pytest.StashKey[Emulator]" = pytest.StashKey()
COVERAGE = "emulator-coverage"
"""Name of the plugin that collects coverage, if there is one."""
_MARKER = """emulator(clock=..., seed=..., settings={...}, scenario={...}, faults=[...]): what the sandbox of a test \
begins with; each may be left out."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of a run."""
    group = parser.getgroup("emulator", "payment provider emulator")
    group.addoption(
        "--emulator-url", metavar="URL",
        help="use the emulator that runs there, such as http://127.0.0.1:8900, instead of starting one; "
        "EMULATOR_CONTROL_TOKEN is its token, if it has one",
    )  # fmt: skip
    group.addoption(
        "--emulator-receiver-host", metavar="HOST", default="127.0.0.1",
        help="with --emulator-url: the name or address by which it reaches this machine, for its webhooks "
        "(default: %(default)s)",
    )  # fmt: skip
    group.addoption(
        "--emulator-reproductions", metavar="DIR",
        help="for each test that fails, write a file there that `emulator reproduce FILE` replays",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture(scope="session")
def emulator_server(request: pytest.FixtureRequest) -> "Iterator[Sandboxes]":
    """The emulator that `--emulator-url` names, or else the one that is started for the tests."""
    url = request.config.getoption("--emulator-url")
    if not url:
        try:
            yield request.getfixturevalue("_started_emulator")
        except pytest.FixtureLookupError:  # the thin client starts none
            pytest.fail("say where an emulator is running: --emulator-url http://127.0.0.1:8900", pytrace=False)
        return
    from emulator.testing import RemoteServer

    token, host = os.environ.get("EMULATOR_CONTROL_TOKEN"), request.config.getoption("--emulator-receiver-host")
    with RemoteServer(url, token, receiver_host=host) as remote:
        yield remote


@pytest.fixture
def emulator(emulator_server: "Sandboxes", request: pytest.FixtureRequest) -> "Iterator[Emulator]":
    """A fresh sandbox with a manual clock, and with what the test's marker asks for."""
    from emulator.testing.mark import read_marks

    try:
        beginning = read_marks(request.node.iter_markers("emulator"))
    except ValueError as error:
        pytest.fail(str(error), pytrace=False)
    with emulator_server.sandbox(**beginning.members) as sandbox:
        request.node.stash[_SANDBOX] = sandbox
        beginning.prepare(sandbox)
        yield sandbox
        run = request.config.pluginmanager.get_plugin(COVERAGE)
        if run is not None and run.whole is not emulator_server:
            run.add(sandbox.coverage())


@pytest.fixture
def async_emulator(emulator: "Emulator") -> "AsyncEmulator":
    """The same sandbox, with calls that are awaited. It needs no plugin for asynchronous tests, and works with any that
    runs on asyncio."""
    return emulator.awaited()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds to the report of a failed test what its sandboxes saw."""
    report = yield
    if report.failed and call.when != "teardown" and "emulator.testing.sandbox" in sys.modules:
        from emulator.testing.report import leave_reproductions, sections

        own = item.stash.get(_SANDBOX, None)  # not yet an argument of the test when another fixture fails
        arguments = [own, *getattr(item, "funcargs", {}).values()]
        report.sections += sections(arguments)
        if folder := item.config.getoption("--emulator-reproductions"):
            report.sections += leave_reproductions(arguments, folder, item.nodeid)
    return report
