"""Messages about invalid scenario files: in our own words, at the key itself, the same everywhere."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from emulator.core.library import Library
from emulator.files import shipped
from emulator.files.scenario_folders import read_scenario_file
from emulator.files.yaml_file import BrokenFiles
from emulator.providers import NAMES, load_all
from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Options
from tests.broken_scenarios import BROKEN, HEAD
from tests.command import emulator as run
from tests.command import in_process
from tests.polling import eventually

THEIR_WORDS = re.compile(
    r"did not find|found|expected|while (?:scanning|parsing)|is not of type|required property|were unexpected|codec|"
    r"unterminated|is not valid under|Traceback"
)
"""Words of PyYAML, of validators of JSON Schema, and of Python."""


def written(folder: Path, name: str) -> Path:
    """The file of a case, in a folder of its own."""
    file, content = BROKEN[name]
    path = folder / re.sub(r"[^a-z0-9]+", "-", name.lower()) / "changelly" / file
    path.parent.mkdir(parents=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(load_all(), shipped.scenario_schema(NAMES))


@pytest.fixture(scope="module")
def said(library: Library, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What is said of each case."""
    folder = tmp_path_factory.mktemp("broken")
    found = {}
    for name in BROKEN:
        path = written(folder, name)
        with pytest.raises(BrokenFiles) as caught:
            read_scenario_file(library, path)
        found[name] = [str(problem).removeprefix(f"{path.parent}/") for problem in caught.value.problems]
    return found


def test_the_messages_about_invalid_files_are_frozen(
    said: dict[str, list[str]], golden: Callable[[str, str], None]
) -> None:
    golden("broken-scenarios.txt", "".join(f"{line}\n" for name in BROKEN for line in (f"== {name}", *said[name])))


@pytest.mark.parametrize("name", BROKEN)
def test_no_message_about_an_invalid_file_quotes_a_library(said: dict[str, list[str]], name: str) -> None:
    assert said[name]
    for line in said[name]:
        assert not THEIR_WORDS.search(line), line


def test_validate_reports_the_same_for_a_whole_folder(tmp_path: Path, said: dict[str, list[str]]) -> None:
    paths = {name: written(tmp_path, name) for name in BROKEN}
    ended = run("validate", str(tmp_path))
    assert ended.returncode == 1
    expected = sorted(f"{paths[name].parent}/{line}" for name in BROKEN for line in said[name])
    assert sorted(ended.stderr.splitlines()) == expected
    assert ended.stdout == f"{len(BROKEN)} files checked, {len(expected)} problems\n"


PUT_AS_WELL = [name for name, (file, _) in BROKEN.items() if file == "x.yaml"]


@pytest.mark.parametrize("name", PUT_AS_WELL)
def test_the_control_api_reports_the_same(emulator: Emulator, said: dict[str, list[str]], name: str) -> None:
    content = BROKEN[name][1]
    url = f"{emulator.control_url}/sandboxes/{emulator.name}/scenarios/changelly/x"
    answer = httpx.put(url, content=content, headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 422, answer.text
    refusal = answer.json()
    assert refusal["error"] == "broken-scenario"
    assert [f"x.yaml:{p['line']}:{p['column']}: {p['message']}" for p in refusal["problems"]] == said[name]
    assert all(problem["message"] in refusal["message"] for problem in refusal["problems"])


@pytest.mark.parametrize("name", ["Slow", "slow payer", "a" * 41, "größe"])
def test_an_impossible_name_of_a_scenario_is_refused_with_a_possible_one(emulator: Emulator, name: str) -> None:
    answer = httpx.put(f"{emulator.control_url}/sandboxes/{emulator.name}/scenarios/changelly/{name}", content=HEAD)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad-request")
    assert "use lower-case letters, digits and dashes, like slow-payer" in answer.json()["message"]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "changelly").mkdir()
    (tmp_path / "changelly" / "one.yaml").write_text(HEAD)
    yield tmp_path


def test_a_folder_with_a_file_that_has_to_be_renamed_is_not_served(folder: Path) -> None:
    (folder / "changelly" / "Two payers.yml").write_text(HEAD)
    ended = in_process("--port", "0", "--scenarios", str(folder))
    assert ended.exit_code == 1
    assert f"{folder}/changelly/Two payers.yml:1:1: rename it to two-payers.yaml: " in ended.stderr


def test_a_file_that_has_to_be_renamed_is_reported_in_the_server_s_log(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with BackgroundServer(Options(port=0, scenarios=folder)):
        (folder / "changelly" / "two.yml").write_text(HEAD)
        eventually(lambda: "two.yml:1:1: rename it to two.yaml: " in caplog.text)


def test_problems_in_json_with_tabs_are_reported_at_the_right_lines(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text('{\n\t"version": 1,\n\t"provider": "changelly",\n\t"about": "A test.",\n\t"timline": []\n}\n')
    with pytest.raises(BrokenFiles) as caught:
        read_scenario_file(library, path)
    assert str(caught.value) == f"{path}:5:2: `timline`: did you mean `timeline`?"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["without mark", "with the mark of UTF-8"])
def test_a_valid_file_may_begin_with_a_byte_order_mark(library: Library, tmp_path: Path, mark: bytes) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(mark + HEAD.encode())
    assert read_scenario_file(library, path).name == "x"
