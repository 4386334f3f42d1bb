"""Recipes: following a hint of the coverage covers its item. Each of them is tried."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from emulator import providers
from emulator.files.recipes import load_recipes
from emulator.providers import NAMES, load_all
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from emulator.views.coverage import list_covered, list_items
from tests.test_coverage import covered

HOW = "run scripts/find_recipes.py"


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    """An emulator without a socket."""
    with BackgroundServer(sockets=False) as running:
        yield running


def gaps(emulator: Emulator, provider: str) -> list[tuple[str, str, Any]]:
    """Part, item and hint of everything of a provider."""
    document = emulator.call("GET", "coverage", provider=provider)
    [found] = [each for each in document["providers"] if each["name"] == provider]
    return [(part["name"], item["name"], item["hint"]) for part in found["parts"] for item in part["items"]]


@pytest.mark.parametrize("provider", NAMES)
def test_following_a_hint_covers_its_item(server: BackgroundServer, provider: str) -> None:
    with server.sandbox() as emulator:
        hinted = [(part, item, hint["test"]) for part, item, hint in gaps(emulator, provider) if hint]
    failed = []
    card, coverages = providers.load(provider), server.server.engine.records.coverages
    for part, item, test in hinted:
        with server.sandbox() as emulator:
            exec(test, {"emulator": emulator, "pytest": pytest, "ControlRefused": ControlRefused})
            emulator.orders(limit=1)  # first everything happens that is due now
            coverage = coverages.find(emulator.name)
            if coverage is None or item not in list_covered(card, coverage)[part]:
                failed.append(f"{part}: {item}")
    assert hinted and failed == [], HOW


@pytest.mark.parametrize("provider", NAMES)
def test_every_item_has_a_hint_and_every_hint_an_item(provider: str) -> None:
    items = {(part, item.name) for part, items in list_items(load_all()[provider]).items() for item in items}
    hinted = {(part, item) for part, recipes in load_recipes(provider).items() for item in recipes}
    assert hinted == items, HOW


def test_the_lines_for_a_shell_do_what_the_lines_of_a_test_do(emulator_server: BackgroundServer) -> None:
    tried = 0
    for provider in NAMES:
        with emulator_server.sandbox() as emulator:
            names = [(part, item) for part, item, hint in gaps(emulator, provider) if hint and hint["curl"]]
        for part, item in names[:: max(1, len(names) // 8)]:
            with emulator_server.sandbox() as emulator:
                [hint] = [each for *name, each in gaps(emulator, provider) if name == [part, item]]
                subprocess.run(hint["curl"], shell=True, check=True, capture_output=True)
                emulator.advance("1s")
                assert item in covered(emulator.call("GET", "coverage"), provider, part), hint["curl"]
                tried += 1
    assert tried > 8 * len(NAMES) - 4


def test_a_hint_names_the_header_for_a_client_s_own_call(emulator: Emulator) -> None:
    hints = {(part, item): hint for part, item, hint in gaps(emulator, "changelly")}
    limits = hints["errors", "create-order limits"]
    assert limits["header"] == "X-Emulator-Scenario: refused-limits"
    assert limits["curl"].startswith(f"curl -s -X POST {emulator.control_url}/sandboxes/{emulator.name}/orders -d ")
    assert "ControlRefused" in limits["test"]
    assert hints["statuses", "hold"]["header"] is None
