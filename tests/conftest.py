"""What all tests share: repeatable Hypothesis runs, golden files that freeze formats, and the summary of what ran."""

import difflib
import os
import platform
import re
import signal
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import httpx
import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase, settings

from emulator.testing import BackgroundServer, Emulator
from tests.redis_server import RedisServer, started
from tests.thorough import EXAMPLES, THOROUGH_EXAMPLES

GOLDEN = Path(__file__).parent / "golden"
WORTH_REPORTING_S = 0.01
SLOW_TO_LOAD = ("anyio", "faker", "pytest_httpx", "respx", "schemathesis", "socket")
"""Plugins of installed packages that nothing here uses, and that take longer to load than most runs of pytest that
tests start."""

settings.register_profile(
    "repeatable", max_examples=EXAMPLES, derandomize=True, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow], phases=set(Phase) - {Phase.explain},
)  # fmt: skip
settings.register_profile("thorough", settings.get_profile("repeatable"), max_examples=THOROUGH_EXAMPLES)
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=2000)
settings.load_profile("repeatable")


# The background jobs of a shell ignore Ctrl-C, and so would the processes that tests start and send one.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden`, `--all`, `--kills`."""
    parser.addoption("--kills", type=int, help="how often a process is killed under load (3, or 100 with --all)")
    parser.addoption("--update-golden", action="store_true", help="write tests/golden/* anew instead of comparing")
    parser.addoption(
        "--all",
        action="store_true",
        help="leave nothing out: what would be skipped fails, all combinations are tried, and Hypothesis tries twenty "
        "times as much",
    )


@pytest.fixture(scope="session", autouse=True)
def one_tls_context() -> Iterator[None]:
    """httpx clients that ask for the default TLS context share one, because reading a file of authorities takes longer
    than a test. They could be given it as `verify`, but in hundreds of places.
    """
    shared = cache(httpx.create_ssl_context)

    def sharing(create: Callable[..., None]) -> Callable[..., None]:
        def create_sharing(transport: Any, verify: Any = True, **named: Any) -> None:
            create(transport, shared() if verify is True else verify, **named)

        return create_sharing

    with pytest.MonkeyPatch.context() as patch:
        for transport in (httpx.HTTPTransport, httpx.AsyncHTTPTransport):
            patch.setattr(transport, "__init__", sharing(transport.__init__))
        yield


@pytest.fixture(scope="session")
def running_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis server."""
    server = started(tmp_path_factory.mktemp("redis"))
    yield server
    server.end()


@pytest.fixture
def redis_server(running_redis: RedisServer) -> RedisServer:
    """A Redis server with nothing in it."""
    return running_redis.empty()


@pytest.fixture
def thorough(request: pytest.FixtureRequest) -> bool:
    """Whether nothing is left out."""
    return bool(request.config.getoption("--all"))


@pytest.fixture
def kills(request: pytest.FixtureRequest, thorough: bool) -> int:
    """How often a process is killed under load."""
    return int(request.config.getoption("--kills") or (100 if thorough else 3))


def pytest_configure(config: pytest.Config) -> None:
    """`--all` looks longer for a counterexample. What is started from here, workers too, loads no needless plugins."""
    added = [os.environ.get("PYTEST_ADDOPTS", ""), *(f"-p no:{name}" for name in SLOW_TO_LOAD)]
    os.environ["PYTEST_ADDOPTS"] = " ".join(added).strip()
    config.addinivalue_line("markers", "long: takes many seconds, and therefore begins before others do.")
    if config.getoption("--all"):
        settings.load_profile("thorough")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first, so that no worker waits for one of them in the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Runs a test, but does not report that its fixtures were quickly made and left: a worker sends each report to the
    process that prints them, which takes as long as a short test."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed or report.duration > WORTH_REPORTING_S:
            item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With `--all` a test that is left out has failed."""
    report = yield
    if report.skipped and item.config.getoption("--all") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"left out, which --all does not allow: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what ran, and on what."""
    counted = Counter(
        Path(report.nodeid.partition("::")[0]).parent.as_posix()
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, ())
        if report.when == "call"
    )
    names = [re.split(r"[^\w.-]", wanted)[0] for wanted in metadata.requires("payment-provider-emulator") or ()
             if "extra ==" not in wanted]  # fmt: skip
    left_out = len(terminalreporter.stats.get("skipped", ())) + len(terminalreporter.stats.get("deselected", ()))
    terminalreporter.section("what ran")
    terminalreporter.line(
        f"{counted.total()} tests: {', '.join(f'{name} {counted[name]}' for name in sorted(counted))}"
    )
    terminalreporter.line(f"left out: {left_out or 'none'}")
    turns = "all combinations" if terminalreporter.config.getoption("--all") else "each case once, they take turns"
    terminalreporter.line(f"doors, stores and colours: {turns}")
    terminalreporter.line(f"Hypothesis: {settings().max_examples} examples, unless a test says otherwise")
    versions = [f"{name} {metadata.version(name)}" for name in names]
    terminalreporter.line(f"on Python {platform.python_version()}, {', '.join(versions)}")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a text with `tests/golden/<name>`; `pytest --update-golden` writes the file instead."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            return
        kept = path.read_text("utf-8") if path.exists() else ""
        difference = difflib.unified_diff(kept.splitlines(), text.splitlines(), f"golden/{name}", "now", lineterm="")
        if kept != text:
            pytest.fail("\n".join(difference) + "\nIf that is meant, run pytest --update-golden.", pytrace=False)

    return compare


@pytest.fixture
def default(emulator_server: BackgroundServer) -> Iterator[Emulator]:
    """The default sandbox, to which belongs what names no other."""
    url = emulator_server.server.ready_document()["control"]
    document = httpx.post(f"{url}/sandboxes/default/reset").json()
    sandbox = Emulator(url, document)
    yield sandbox
    sandbox.call("POST", "reset")
    sandbox.close()
