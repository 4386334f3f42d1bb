"""The coverage of a test run: what the sandboxes of all its tests have met, over all processes that it runs in."""

from pathlib import Path
from typing import Any

import pytest

from emulator.core import json_text
from emulator.views.coverage import merge
from emulator.views.coverage_reports import find_problem, write_junit, write_tables

_OUTPUT = "emulator_coverage"
"""The member of a worker's output that has its coverage."""
_LOST = {"why_not": "a worker of pytest-xdist was lost, with what its tests had met", "providers": []}


class CoverageRun:
    """Collects coverage, and at the end of the run reports, writes and judges it. With pytest-xdist there is one in
    each worker, which hands over what it has, and one that merges."""

    def __init__(self, config: pytest.Config, path: str | None, fail_under: float | None) -> None:
        """`path`: where the document is written; as a page or as JUnit XML if it ends with .html or .xml."""
        self._config = config
        self._path = Path(path) if path else None
        self._fail_under = fail_under
        self.whole: object = None
        """The server that reports at the end on all its sandboxes, so that none has to be asked separately."""
        self._documents: list[dict[str, Any]] = []
        self._problem: str | None = None

    @property
    def document(self) -> dict[str, Any]:
        """What was met so far."""
        self._documents = [merge(self._documents)]
        return self._documents[0]

    def add(self, document: Any) -> None:
        """Adds what was met in a sandbox, or in several."""
        self._documents = [merge([*self._documents, document])]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes over what a worker has collected; what a dead one had is lost."""
        text = getattr(node, "workeroutput", {}).get(_OUTPUT)
        self.add(_LOST if text is None else json_text.decode(text.encode()))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Writes the document, and fails a run whose coverage is too low."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = json_text.encode(self.document).decode()
            return
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(self._written(), "utf-8")
        self._problem = find_problem(self.document, self._fail_under)
        if self._problem is not None and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Prints the figures."""
        if hasattr(self._config, "workeroutput"):
            return
        terminalreporter.section("coverage of providers' behaviour")
        if self.document["covered"]:
            terminalreporter.line(write_tables(self.document, color=False, gaps=False))
            told = f"The gaps are in {self._path}." if self._path else "For the gaps: --emulator-coverage=FILE."
            terminalreporter.line(told)
        if self._problem is not None:
            terminalreporter.line(f"FAILED: {self._problem}", red=True)

    def _written(self) -> str:
        suffix = self._path.suffix.lower() if self._path is not None else ""
        if suffix == ".xml":
            return write_junit(self.document)
        if suffix in (".html", ".htm"):
            from emulator.providers import load_all
            from emulator.web.console.coverage import write_page

            return write_page(self.document, load_all())
        return json_text.encode(self.document).decode() + "\n"
