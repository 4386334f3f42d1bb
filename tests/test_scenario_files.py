"""Scenario files: what is wrong with them, and picking up edits."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from emulator.contract.card import Provider
from emulator.core.library import Library
from emulator.core.match_problems import match_problems
from emulator.core.problems import Problem
from emulator.core.scenario import Scenario
from emulator.files import shipped
from emulator.files.scenario_folders import ScenarioFolders, read_scenario_file
from emulator.files.yaml_file import BrokenFiles, FileProblem
from emulator.providers import NAMES, load_all
from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Application, Options
from emulator.web.library import load_library
from tests.clients.baanx import Client
from tests.polling import eventually

GOOD = "version: 1\nprovider: baanx\nabout: A test.\n"
BAD = "version: 1\nprovider: baanx\nabout: A test.\ntimeline:\n  - {after: 5s, to: PAID}\n"
SHIPPED = shipped.folder("scenarios")


@pytest.fixture
def library() -> Library:
    return Library(load_all(), shipped.scenario_schema(NAMES))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "baanx").mkdir()
    write(tmp_path / "baanx" / "one.yaml", GOOD)
    return tmp_path


def waits_for(sandbox: Emulator, order_id: str) -> str:
    """What falls due next for an order."""
    due = sandbox.order(order_id)["next"]
    return due["what"] if due is not None else ""


def write(path: Path, text: str | bytes) -> None:
    """Writes the file with a time of its own, so that the edit shows however fast it came."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    if path.stat().st_mtime_ns <= before:
        os.utime(path, ns=(before + 1, before + 1))


def problems_of(library: Library, path: Path) -> Sequence[FileProblem]:
    with pytest.raises(BrokenFiles) as caught:
        read_scenario_file(library, path)
    return caught.value.problems


def names(library: Library) -> list[str]:
    return sorted(library.shipped["baanx"].by_name)


@pytest.mark.parametrize(
    ("name", "text", "line", "words"),
    [
        ("baanx/x.yaml", BAD, 5, "no status 'PAID': use one of COMPLETED"),
        ("baanx/x.yaml", "version: 1\nprovider: baanx\n", 1, "about"),
        ("baanx/x.yaml", "version: 1\nprovider: koywe\nabout: .\n", 2, "this folder is for baanx, not koywe"),
        ("baanx/x.yaml", "version: 1\nabout: .\nprovider: nobody\n", 3, "must be one of baanx, "),
        ("baanx/x.yaml", "a: 1\nb: [", 3, "a bracket is not closed"),
        ("baanx/x.yaml", b"a: \xff", 1, "is not UTF-8"),
        ("baanx/x.yaml", "", 1, "it is empty"),
        ("baanx/x.yaml", GOOD + "match:\n  body.a: 1\n  body.b: {pattern: '('}\n", 6, "is not a pattern"),
        ("other/x.yaml", "version: 1\nprovider: nobody\nabout: .\n", 2, "`provider` must be the name of a provider: "),
        ("other/x.yaml", "version: 1\n", 1, "`provider` must be the name of a provider: use one of "),
        ("other/x.yaml", "- 1\n", 1, "not a list: remove the dashes"),
        ("x.yaml", "version: 1\nprovider: [baanx]\n", 2, "`provider` must be the name of a provider: use one of "),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_line_and_reason(
    library: Library, tmp_path: Path, name: str, text: str | bytes, line: int, words: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    write(path, text)
    problems = problems_of(library, path)
    assert problems[0].line == line
    assert words in problems[0].message
    assert str(problems[0]) == f"{path}:{line}:{problems[0].column}: {problems[0].message}"


def test_a_missing_file_or_a_folder_in_its_place_is_a_problem(library: Library, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").mkdir()
    for path in (tmp_path / "x.yaml", tmp_path / "none.yaml"):
        assert "cannot be read" in problems_of(library, path)[0].message


def test_a_valid_file_is_a_scenario_with_the_file_s_name(library: Library, folder: Path) -> None:
    scenario = read_scenario_file(library, folder / "baanx" / "one.yaml")
    assert (scenario.provider, scenario.name) == ("baanx", "one")


def test_a_file_outside_the_providers_folders_belongs_to_the_provider_it_names(
    library: Library, tmp_path: Path
) -> None:
    write(tmp_path / "mine.yaml", GOOD)
    assert read_scenario_file(library, tmp_path / "mine.yaml").provider == "baanx"


def test_at_the_start_only_conditions_in_a_given_folder_are_checked_against_schemas(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = []

    def note(provider: Provider, scenario: Scenario) -> list[Problem]:
        judged.append(scenario.name)
        return match_problems(provider, scenario)

    monkeypatch.setattr("emulator.core.library.match_problems", note)
    write(folder / "baanx" / "one.yaml", GOOD + "match: {body.productId: 7}\n")
    with pytest.raises(BrokenFiles, match=r"one\.yaml:4:9: `body\.productId`"):
        load_library(folder)
    assert judged == ["one"]


def test_all_shipped_scenarios_are_valid(library: Library) -> None:
    ScenarioFolders(library, [SHIPPED]).load()
    assert all("happy" in scenarios.by_name for scenarios in library.shipped.values())


def test_a_scenario_of_a_later_folder_replaces_an_earlier_one(library: Library, folder: Path) -> None:
    write(folder / "baanx" / "happy.yaml", GOOD)
    ScenarioFolders(library, [SHIPPED, folder]).load()
    assert library.shipped["baanx"].by_name["happy"].about == "A test."
    assert "manual" in names(library)


def test_every_invalid_file_is_named_and_nothing_is_loaded(library: Library, folder: Path) -> None:
    write(folder / "baanx" / "two.yaml", BAD)
    write(folder / "baanx" / "three.yaml", "a: [")
    with pytest.raises(BrokenFiles) as caught:
        ScenarioFolders(library, [folder]).load()
    assert [(problem.path.name, problem.line) for problem in caught.value.problems] == [
        ("three.yaml", 2),
        ("two.yaml", 5),
    ]
    assert names(library) == []


def test_edits_additions_and_removals_are_picked_up(library: Library, folder: Path) -> None:
    folders = ScenarioFolders(library, [folder])
    folders.load()
    assert not folders.reload_if_edited()
    write(folder / "baanx" / "one.yaml", GOOD.replace("A test.", "Edited."))
    assert folders.reload_if_edited()
    assert library.shipped["baanx"].by_name["one"].about == "Edited."
    write(folder / "baanx" / "two.yaml", GOOD)
    assert folders.reload_if_edited()
    assert names(library) == ["one", "two"]
    (folder / "baanx" / "one.yaml").unlink()
    assert folders.reload_if_edited()
    assert names(library) == ["two"]
    assert not folders.reload_if_edited()


def test_an_invalid_edit_keeps_the_previous_scenario_and_is_reported_once(
    library: Library, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folders = ScenarioFolders(library, [folder])
    folders.load()
    write(folder / "baanx" / "one.yaml", BAD)
    assert not folders.reload_if_edited()
    assert not folders.reload_if_edited()
    assert names(library) == ["one"]
    assert library.shipped["baanx"].by_name["one"].about == "A test."
    assert caplog.text.count("the last good ones stay") == 1
    assert "one.yaml:5:17: no status 'PAID'" in caplog.text
    write(folder / "baanx" / "one.yaml", GOOD.replace("A test.", "Mended."))
    assert folders.reload_if_edited()
    assert library.shipped["baanx"].by_name["one"].about == "Mended."


def test_a_scenario_that_was_not_edited_stays_the_same_object(library: Library, folder: Path) -> None:
    folders = ScenarioFolders(library, [SHIPPED, folder])
    folders.load()
    kept = library.shipped["koywe"]
    write(folder / "baanx" / "two.yaml", GOOD)
    folders.reload_if_edited()
    assert library.shipped["koywe"] is kept


def test_the_scenarios_of_a_removed_folder_are_gone(library: Library, folder: Path) -> None:
    folders = ScenarioFolders(library, [folder])
    folders.load()
    (folder / "baanx" / "one.yaml").unlink()
    (folder / "baanx").rmdir()
    folder.rmdir()
    assert folders.reload_if_edited()
    assert names(library) == []


def test_a_running_server_picks_up_edits(folder: Path) -> None:
    with (
        BackgroundServer(Options(port=0, scenarios=folder)) as server,
        server.sandbox() as sandbox,
        Client(sandbox) as client,
    ):
        headers = {"X-Emulator-Scenario": "one"}
        order = client.order_id(client.create(headers))
        assert sandbox.advance("1h")[0]["status"] == "EXPIRED"
        write(folder / "baanx" / "one.yaml", GOOD + "timeline:\n  - {after: 1s, to: FAILED}\n")
        eventually(lambda: waits_for(sandbox, client.order_id(client.create(headers))) == "step")
        assert sandbox.order(order)["status"] == "EXPIRED"
        assert sandbox.advance("1s")[-1]["status"] == "FAILED"


def test_shipped_scenarios_are_read_when_their_provider_is_first_called(folder: Path, library: Library) -> None:
    folders = ScenarioFolders(library, [folder])
    write(folder / "baanx" / "two.yaml", BAD)
    folders.load(judged=folder)
    assert not library.shipped["baanx"].is_loaded
    with pytest.raises(BrokenFiles, match=r"two.yaml:5:\d+: no status 'PAID'"):
        names(library)
    write(folder / "baanx" / "two.yaml", GOOD)
    assert names(library) == ["one", "two"]
    assert library.shipped["baanx"].is_loaded


def test_an_emulator_starts_without_reading_the_shipped_scenarios() -> None:
    library, folders = load_library()
    engine = Application(Options(), library, folders).engine
    asyncio.run(engine.open())
    assert "default" in engine.sandboxes
    assert not [name for name, scenarios in library.shipped.items() if scenarios.is_loaded]


def test_a_user_s_scenarios_replace_shipped_ones_of_the_same_name(
    folder: Path, library: Library, tmp_path_factory: pytest.TempPathFactory
) -> None:
    own = tmp_path_factory.mktemp("own")
    (own / "baanx").mkdir()
    write(own / "baanx" / "one.yaml", GOOD.replace("A test", "Mine"))
    ScenarioFolders(library, [folder, own]).load(judged=folder)
    assert library.shipped["baanx"].by_name["one"].about == "Mine."
    write(own / "baanx" / "one.yaml", BAD)
    with pytest.raises(BrokenFiles, match="no status 'PAID'"):
        ScenarioFolders(library, [folder, own]).load(judged=folder)


def test_an_edit_before_the_first_look_is_picked_up(folder: Path, library: Library) -> None:
    folders = ScenarioFolders(library, [folder])
    folders.load(judged=folder)
    write(folder / "baanx" / "one.yaml", GOOD.replace("A test", "Edited"))
    (folder / "baanx" / "two.yaml").write_text(GOOD)
    assert folders.reload_if_edited()
    assert library.shipped["baanx"].by_name["one"].about == "Edited."
    assert names(library) == ["one", "two"]
