"""What the emulator says about its providers, as data and as tables."""

import re

import pytest

from emulator.testing import BackgroundServer
from emulator.views.describe import describe
from emulator.views.tables import provider_table, start_table
from tests.core import toy

DESCRIPTION = describe(toy.provider, toy.library().shipped["toy"], "http://127.0.0.1:1")


def test_everything_in_the_tables_of_a_provider_is_described() -> None:
    assert [each["name"] for each in DESCRIPTION["endpoints"]] == [each.name for each in toy.provider.endpoints]
    assert [each["name"] for each in DESCRIPTION["statuses"]] == list(toy.LIFECYCLE.statuses)
    assert [(each["from"], each["event"], each["to"]) for each in DESCRIPTION["transitions"]] == [
        (row.source, row.event, row.target) for row in toy.LIFECYCLE.transitions
    ]
    assert [each["name"] for each in DESCRIPTION["events"]] == list(toy.LIFECYCLE.events)
    assert {each["name"]: each["scriptable"] for each in DESCRIPTION["errors"]} == {
        name: bool(error.scripted) for name, error in toy.ERRORS.items()
    }
    assert [each["name"] for each in DESCRIPTION["settings"]] == list(toy.SETTINGS)
    assert [each["name"] for each in DESCRIPTION["scenarios"]] == sorted(toy.SCENARIOS)
    assert DESCRIPTION["base_url"] == "http://127.0.0.1:1"


@pytest.mark.parametrize("color", [True, False])
def test_a_table_names_everything_that_is_described(color: bool) -> None:
    table = provider_table(DESCRIPTION, color=color)
    for part in ("endpoints", "statuses", "events", "errors", "settings", "scenarios"):
        for each in DESCRIPTION[part]:
            assert re.search(rf"^{re.escape(each['name'])} ", table, re.MULTILINE)
    assert ("\x1b[1m" in table) == color
    assert not [line for line in table.splitlines() if line != line.rstrip()]


def test_the_columns_of_a_table_are_aligned() -> None:
    rows = provider_table(DESCRIPTION, color=False).split("Statuses\n")[1].split("\n\n")[0].splitlines()
    place = rows[0].index("known")
    assert {row[place - 2 : place] for row in rows} == {"  "}
    assert {row[place] == " " for row in rows} == {False}


def test_the_table_at_the_start_fits_a_terminal_and_keeps_names_and_values_together(
    emulator_server: BackgroundServer,
) -> None:
    document = emulator_server.server.ready_document()
    lines = start_table(document, color=False).splitlines()
    assert max(map(len, lines)) <= 80
    for credentials in (each for each in document["credentials"].values() if isinstance(each, dict)):
        for name, value in credentials.items():
            shown = value if len(value) <= 64 else ".."
            assert any(f"{name} {shown}" in line for line in lines)


def test_for_long_credentials_the_table_says_where_they_are() -> None:
    document = {
        "control": "http://c", "urls": {"toy": "http://t"}, "credentials": {"toy": {"key": "k-1", "pem": "x" * 65}},
    }  # fmt: skip
    table = start_table(document, color=False)
    assert "key k-1, pem .." in table
    assert table.endswith("start with --json, or ask\nGET http://c/sandboxes/default")
    assert "xxx" not in table
    assert "\x1b" not in table
