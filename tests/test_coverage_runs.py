"""The coverage of runs: the command, the files that it writes and merges, and the options of pytest."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from emulator.providers import NAMES
from emulator.testing import BackgroundServer, Emulator
from emulator.testing.types.names import Provider
from tests.beside.test_plugin import python
from tests.command import emulator as command
from tests.test_coverage import covered

USED = """
def test_a_sale(emulator):
    emulator.make_order("changelly", "sell")

def test_a_purchase(emulator):
    order = emulator.make_order("changelly", "buy", "manual")
    emulator.fire(order["id"], "start")
"""
UNUSED = "def test_nothing(emulator):\n    assert emulator.now\n"


@pytest.fixture
def server() -> Iterator[BackgroundServer]:
    """An emulator of one's own."""
    with BackgroundServer() as running:
        yield running


def run(url: str | None, *arguments: object) -> tuple[int, str, str]:
    """Exit status, output and errors of `emulator coverage`."""
    to = ["--url", url] if url is not None else []
    done = command("coverage", *to, *map(str, arguments))
    return done.returncode, done.stdout, done.stderr


def pytest_run(folder: Path, text: str, *arguments: str) -> tuple[int, str]:
    """Exit status and output of these tests."""
    (folder / "test_mine.py").write_text(text)
    done = python(folder, "-m", "pytest", "-p", "emulator.testing.plugin", "-p", "no:cacheprovider", *arguments)
    return done.returncode, done.stdout + done.stderr


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_a_run_that_exercised_nothing_fails_and_says_so(server: BackgroundServer) -> None:
    status, output, errors = run(server.control_url)
    assert (status, "0 of 0, 0 %" in output) == (1, True)
    assert "nothing was exercised" in errors


def test_the_command_prints_figures_gaps_and_how_to_fill_them(server: BackgroundServer) -> None:
    with server.sandbox() as emulator:
        emulator.make_order("changelly", "buy")
    status, output, _ = run(server.control_url)
    assert status == 0
    others = ", ".join(name for name in NAMES if name != "changelly")
    assert "changelly  1/11" in output and f"Not used, and not counted: {others}." in output
    assert "create-order limits: X-Emulator-Scenario: refused-limits" in output
    assert "\x1b" not in output


def test_the_command_can_be_limited_to_one_sandbox(server: BackgroundServer) -> None:
    with server.sandbox() as first, server.sandbox() as second:
        first.make_order("changelly", "buy")
        second.make_order("baanx")
        told = [json.loads(run(server.control_url, "--json", "--sandbox", each.name)[1]) for each in (first, second)]
        whole = json.loads(run(server.control_url, "--json")[1])
    assert [covered(each, "changelly", "calls") for each in told] == [["create-order"], []]
    assert covered(whole, "changelly", "calls") == covered(whole, "baanx", "calls") == ["create-order"]


def test_a_named_provider_counts_alone_even_if_it_was_not_used(server: BackgroundServer) -> None:
    with server.sandbox() as emulator:
        emulator.make_order("changelly", "buy")
    status, output, errors = run(server.control_url, "--provider", "koywe", "--json")
    document = json.loads(output)
    assert (status, document["covered"], [each["name"] for each in document["providers"]]) == (1, 0, ["koywe"])
    assert document["total"] > 100 and "nothing was exercised" in errors
    assert run(server.control_url, "--provider", "changelly")[0] == 0
    assert run(server.control_url, "--provider", "koiwe")[0] == 2


def test_coverage_below_the_threshold_is_a_failure(server: BackgroundServer) -> None:
    with server.sandbox() as emulator:
        emulator.make_order("changelly", "buy")
    percent = json.loads(run(server.control_url, "--json")[1])["percent"]
    assert run(server.control_url, "--fail-under", percent)[0] == 0
    status, _, errors = run(server.control_url, "--fail-under", percent + 0.1)
    assert status == 1 and "is less than" in errors


def test_the_junit_report_has_a_case_for_each_item_and_a_hint_for_those_not_covered(
    server: BackgroundServer, tmp_path: Path
) -> None:
    with server.sandbox() as emulator:
        emulator.make_order("changelly", "buy")
    assert run(server.control_url, "--junit", tmp_path / "coverage.xml")[0] == 0
    [suite] = ElementTree.parse(tmp_path / "coverage.xml").getroot()
    cases = {(case.get("classname"), case.get("name")): case for case in suite}
    assert cases["changelly.calls", "create-order"].find("failure") is None
    failure = cases["changelly.errors", "create-order limits"].find("failure")
    assert failure is not None and "refused-limits" in str(failure.text)
    assert suite.get("tests") == str(len(cases))
    assert suite.get("failures") == str(sum(case.find("failure") is not None for case in suite))


def test_the_page_needs_no_other_files_and_shows_the_life_cycle_in_colours(
    server: BackgroundServer, tmp_path: Path
) -> None:
    with server.sandbox() as emulator:
        order = emulator.make_order("changelly", "buy", "manual")
        emulator.fire(order["id"], "start")
        emulator.client("changelly").get("/v1/orders")
    assert run(server.control_url, "--html", tmp_path / "coverage.html")[0] == 0
    page = (tmp_path / "coverage.html").read_text("utf-8")
    assert "<svg" in page and ".stop.been" in page
    for elsewhere in ("src=", "<link", "@import", "url(http"):
        assert elsewhere not in page
    assert page.count('<div class="stop been"') == page.count('<path class="way been"') > 0
    assert page.count('<div class="stop not"') == 6 * page.count('<div class="stop been"')
    assert "Koywe" not in page


def test_files_of_several_runs_can_be_merged(server: BackgroundServer, tmp_path: Path) -> None:
    providers: tuple[tuple[str, Provider], ...] = (("first", "changelly"), ("second", "baanx"))
    for name, provider in providers:
        with server.sandbox() as emulator:
            emulator.make_order(provider)
            (tmp_path / name).write_text(run(server.control_url, "--json", "--sandbox", emulator.name)[1])
    status, output, _ = run(None, tmp_path / "first", tmp_path / "second", "--json")
    merged, parts = json.loads(output), [read(tmp_path / "first"), read(tmp_path / "second")]
    assert status == 0
    assert merged["covered"] == sum(each["covered"] for each in parts)
    assert merged["total"] == sum(each["total"] for each in parts)
    again = json.loads(run(None, tmp_path / "first", tmp_path / "first", "--json")[1])
    assert again == parts[0]


@pytest.mark.parametrize(
    "text, says",
    [
        ("{", "not JSON"),
        ("{}", "not a coverage file"),
        ('{"version": 99, "complete": true, "providers": []}', "version is 99"),
    ],
)
def test_a_file_without_coverage_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "file.json").write_text(text)
    status, _, errors = run(None, tmp_path / "file.json")
    assert status == 2 and says in errors


def test_a_run_of_pytest_prints_and_writes_what_its_tests_covered(tmp_path: Path) -> None:
    status, output = pytest_run(tmp_path, USED, "--emulator-coverage=covered.json")
    assert status == 0 and "coverage of providers' behaviour" in output
    document = read(tmp_path / "covered.json")
    assert covered(document, "changelly", "calls") == ["create-order", "create-sell-order"]
    assert covered(document, "changelly", "transitions") == ["created start pending"]
    assert f"Covered: {document['covered']} of {document['total']}" in output


def test_a_run_of_pytest_fails_if_coverage_is_too_low(tmp_path: Path) -> None:
    status, output = pytest_run(tmp_path, USED, "--emulator-coverage-fail-under", "90")
    assert status == 1 and "2 passed" in output and "is less than 90 %" in output
    assert pytest_run(tmp_path, USED, "--emulator-coverage-fail-under", "1")[0] == 0


def test_a_run_of_pytest_that_covered_nothing_fails(tmp_path: Path) -> None:
    status, output = pytest_run(tmp_path, UNUSED, "--emulator-coverage")
    assert status == 1 and "1 passed" in output and "nothing was exercised" in output
    assert pytest_run(tmp_path, UNUSED)[0] == 0


def test_the_coverage_of_xdist_workers_is_merged(tmp_path: Path) -> None:
    status, output = pytest_run(tmp_path, USED, "-p", "xdist", "-n", "2", "--emulator-coverage=covered.json")
    assert status == 0, output
    document = read(tmp_path / "covered.json")
    assert covered(document, "changelly", "calls") == ["create-order", "create-sell-order"]
    assert document["complete"] is True
    assert output.count("coverage of providers' behaviour") == 1


@pytest.mark.parametrize("suffix, begins", [("html", "<!doctype html>"), ("xml", "<?xml")])
def test_a_run_of_pytest_writes_html_or_junit_depending_on_the_file_s_name(
    tmp_path: Path, suffix: str, begins: str
) -> None:
    assert pytest_run(tmp_path, USED, f"--emulator-coverage=out/covered.{suffix}")[0] == 0
    assert (tmp_path / "out" / f"covered.{suffix}").read_text("utf-8").lstrip().startswith(begins)


def test_of_a_shared_emulator_only_the_tests_own_sandboxes_count(server: BackgroundServer, tmp_path: Path) -> None:
    with server.sandbox() as other:
        other.make_order("baanx")
        arguments = ("--emulator-url", server.control_url, "--emulator-coverage=covered.json")
        assert pytest_run(tmp_path, USED, *arguments)[0] == 0
    document = read(tmp_path / "covered.json")
    assert covered(document, "changelly", "calls") == ["create-order", "create-sell-order"]
    assert covered(document, "baanx", "calls") == []


def test_the_console_shows_coverage_of_a_sandbox_and_of_all(emulator: Emulator) -> None:
    import httpx

    emulator.make_order("changelly", "buy")
    base = f"{emulator.control_url.removesuffix('/_emulator')}/console/{emulator.name}/coverage"
    own, koywe, whole = (httpx.get(base, params=query) for query in ({}, {"of": "koywe"}, {"whole": "1"}))
    assert own.status_code == koywe.status_code == whole.status_code == 200
    assert "Changelly Fiat 0.9 %" in own.text and "refused-limits" in own.text and "<svg" in own.text
    assert "Koywe 0.0 %" in koywe.text and "order.created acknowledged" in koywe.text
    assert 'aria-current="true">This sandbox' in own.text and 'aria-current="true">All sandboxes' in whole.text
