"""The documentation is true: its examples run as they stand, and what can be named by a user is named there.

A fenced block says by its info string what becomes of it: `sh` is run against a live server, block after block of a
page in one shell; `sh fails` must end with an error; `sh norun` is only read. `json` right after a block that was run
is what it must have printed: all that is shown must be there, with the same types, and texts without digits with the
same words. `python` with a test in it goes through pytest, other `python` is executed. A scenario in `yaml` must load,
and what a seed file says must be made.
`typescript` and `javascript` are run by `test_node_client.py`, `java` by `test_java_client.py`, `nginx` and `caddyfile`
by `test_proxies.py`.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
import yaml

from emulator import providers
from emulator.cli import COMMANDS, main
from emulator.core.facts import correct_all
from emulator.core.faults.registry import FAULTS
from emulator.core.faults.rules import COMMON
from emulator.files import shipped, yaml_text
from emulator.testing import BackgroundServer, Emulator
from emulator.testing.connection import tls
from emulator.web.application import DEFAULT_PORT, Options
from emulator.web.control.refusals import ERRORS
from emulator.web.seed_trial import problems_of
from scripts import generate_docs
from tests.receivers import Receiver

ROOT = Path(__file__).parent.parent
CLIENT = ROOT / "clients" / "python"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXT = "\n".join(path.read_text("utf-8") for path in PAGES)
RECEIVER = "http://127.0.0.1:9000"
"""What the pages call the reader's own webhook receiver."""
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_LIMIT_S = 120
_STRICT_CURL = 'curl() { command curl --fail-with-body -sS "$@"; }\n'


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    flags: frozenset[str]
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text("utf-8")
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[1], frozenset(found[2].split()), found[3])
        for found in _FENCE.finditer(text)
    ]


def all_blocks(language: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page) if block.language == language]


def runs(block: Block) -> bool:
    return block.language == "sh" and "norun" not in block.flags


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    """An emulator as `make run` starts it, but on free ports."""
    with BackgroundServer(Options(port=0, self_check=True)) as running:
        yield running


@pytest.fixture
def shell(server: BackgroundServer, tmp_path: Path) -> Iterator["Shell"]:
    """A shell before an emulator as it is after its start."""
    addresses = server.server.addresses
    with Receiver(200) as receiver, httpx.Client(base_url=addresses.control, verify=tls()) as control:
        for sandbox in control.get("/sandboxes").json()["sandboxes"]:
            if sandbox["name"] != "default":
                control.delete(f"/sandboxes/{sandbox['name']}")
        control.post("/sandboxes/default/reset")
        ports = [addresses.front_port, *addresses.provider_ports.values()]
        moved = {
            f"http://127.0.0.1:{DEFAULT_PORT + place}": f"http://127.0.0.1:{port}" for place, port in enumerate(ports)
        }
        yield Shell(tmp_path, {**moved, RECEIVER: receiver.url.removesuffix("/hook")})


class Shell:
    """Runs blocks one after the other; what one assigns the next can use."""

    def __init__(self, folder: Path, moved: dict[str, str]) -> None:
        self._folder = folder
        self._moved = moved
        self._state = folder / "state.sh"
        self._state.write_text("")
        self._environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "EMULATOR_URL": moved[f"http://127.0.0.1:{DEFAULT_PORT}"],
        }

    def run(self, block: Block) -> str:
        """What the block prints."""
        text = block.text
        for address, live in self._moved.items():
            text = text.replace(address, live)
        script = (
            f"set -euo pipefail\n{_STRICT_CURL}set -a\n. {self._state}\n{text}\nset +a\nexport -p > {self._state}\n"
        )
        done = subprocess.run(
            ["bash", "-c", script],
            capture_output=True, text=True, timeout=_LIMIT_S, cwd=self._folder, env=self._environment,
        )  # fmt: skip
        assert (done.returncode != 0) is ("fails" in block.flags), f"{block}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def last_document(printed: str) -> Any:
    """The last of the JSON documents that were printed one after the other."""
    decoder, place, found = json.JSONDecoder(), 0, None
    while place < len(printed):
        if printed[place].isspace():
            place += 1
            continue
        found, place = decoder.raw_decode(printed, place)
    return found


def misfits(shown: Any, real: Any, path: str = "$") -> Iterator[str]:
    """Where a document in the docs shows something that the real one has not."""
    if isinstance(shown, dict) and isinstance(real, dict):
        for name, member in shown.items():
            if name not in real:
                yield f"{path} has no {name}"
            else:
                yield from misfits(member, real[name], f"{path}.{name}")
    elif isinstance(shown, list) and isinstance(real, list):
        for place, item in enumerate(shown):
            if not any(next(misfits(item, each), None) is None for each in real):
                yield f"{path} has nothing like item {place}"
    elif isinstance(shown, str) and isinstance(real, str):
        if shown.endswith("..."):
            if not real.startswith(shown.removesuffix("...")):
                yield f"{path} does not begin so: {real}"
        elif shown != real and not re.search(r"\d", shown):
            yield f"{path} is {real!r}"
    elif isinstance(shown, bool) or isinstance(real, bool) or shown is None or real is None:
        if shown is not real:
            yield f"{path} is {real!r}"
    elif not (isinstance(shown, (int, float)) and isinstance(real, (int, float))):
        yield f"{path} is {real!r}"


@pytest.mark.parametrize("page", [page for page in PAGES if any(map(runs, blocks(page)))], ids=lambda page: page.name)
def test_the_shell_examples_of_a_page_do_what_it_says(page: Path, shell: Shell) -> None:
    printed: str | None = None
    for block in blocks(page):
        if runs(block):
            printed = shell.run(block)
        elif block.language == "json" and printed is not None:
            document = last_document(printed)
            assert list(misfits(json.loads(block.text), document)) == [], f"{block}\n{json.dumps(document, indent=2)}"
            printed = None
        else:
            printed = None


def test_the_python_tests_of_the_docs_pass(tmp_path: Path) -> None:
    examples = [block for block in all_blocks("python") if "def test_" in block.text]
    for place, block in enumerate(examples):
        (tmp_path / f"test_example_{place}.py").write_text(f"# {block}\n{block.text}")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)],
        capture_output=True, text=True, timeout=_LIMIT_S, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(CLIENT)},
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{sum(block.text.count('def test_') for block in examples)} passed" in run.stdout


@pytest.mark.parametrize("block", [each for each in all_blocks("python") if "def test_" not in each.text], ids=str)
def test_the_other_python_of_the_docs_runs(
    block: Block, server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(CLIENT)
    text = block.text.replace(f"http://127.0.0.1:{DEFAULT_PORT}", server.server.addresses.front)
    exec(compile(text, str(block), "exec"), {"__name__": "__main__"})


def test_the_first_example_of_the_readme_is_a_test_of_ten_lines() -> None:
    first = next(block for block in blocks(ROOT / "README.md") if block.language == "python")
    assert len([line for line in first.text.splitlines() if line.strip()]) == 10


def test_the_scenarios_and_other_files_in_the_docs_are_valid(server: BackgroundServer, tmp_path: Path) -> None:
    library = server.server.engine.library
    for block in all_blocks("yaml"):
        if "\nsandboxes:\n" in block.text:
            file = tmp_path / "seeds.yaml"
            file.write_text(block.text, "utf-8")
            assert problems_of(file) == []
        elif "version: 1\n" in block.text:
            document = yaml_text.read_yaml(block.text)
            if "provider" in document:
                library.read_scenario(document["provider"], "example", document)
            else:
                correct_all(library.providers, document)
        else:
            assert yaml.safe_load(block.text), str(block)
    for block in all_blocks("json"):
        json.loads(block.text)


def test_every_code_block_in_the_docs_is_checked() -> None:
    known = {"sh", "json", "python", "yaml", "mermaid", "text"}
    of_page = {
        "docs/clients.md": {"typescript", "javascript", "java"},
        "docs/how-to/webhooks.md": {"javascript", "java"},
        "docs/proxies.md": {"nginx", "caddyfile"},
    }
    for page in PAGES:
        run_by_others = of_page.get(str(page.relative_to(ROOT)), set())
        assert [str(block) for block in blocks(page) if block.language not in known | run_by_others] == []
    assert {flag for page in PAGES for block in blocks(page) for flag in block.flags} <= {"norun", "fails"}
    for page in PAGES:
        assert page.read_text("utf-8").count("\n```") == 2 * len(blocks(page)), (
            f"{page.name} has a block without a language"
        )


def slugs(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_within_the_docs_leads_somewhere() -> None:
    for page in PAGES:
        for target in _LINK.findall(_FENCE.sub("", page.read_text("utf-8"))):
            if "://" in target:
                continue
            path, _, anchor = target.partition("#")
            found = (page.parent / path).resolve() if path else page
            assert found.exists(), f"{page.name}: {target}"
            assert not anchor or anchor in slugs(found), f"{page.name}: {target}"


def test_the_generated_pages_are_up_to_date() -> None:
    old = [str(path.relative_to(ROOT)) for path in generate_docs.stale(generate_docs.documents())]
    assert old == [], "run: .venv/bin/python scripts/generate_docs.py"
    assert generate_docs.documents() == generate_docs.documents()


def test_every_provider_has_its_page() -> None:
    for folder in ("providers", "conformance"):
        assert {path.stem for path in (ROOT / "docs" / folder).glob("*.md")} == set(providers.NAMES)


# -- what can be named is documented


def test_every_flag_and_variable_is_documented() -> None:
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        assert f"emulator {name}" in TEXT, name
        for parameter in command.params:
            for flag in parameter.opts:
                assert not flag.startswith("--") or f"`{flag}" in TEXT, flag
            variable = parameter.envvar
            assert not isinstance(variable, str) or f"`{variable}`" in TEXT, variable


def control_calls(emulator: Emulator) -> list[str]:
    """The calls of the control API, as the docs write them."""
    document = httpx.get(f"{emulator.control_url}/openapi.json", verify=tls()).json()
    return [
        f"{method.upper()} {path.removeprefix('/').replace('{sandbox}', '{s}')}"
        for path, methods in document["paths"].items()
        for method in methods
    ]


def test_every_control_call_is_documented_with_an_example(emulator: Emulator) -> None:
    page = ROOT / "docs" / "control-api.md"
    text = page.read_text("utf-8")
    assert [call for call in control_calls(emulator) if f"`{call}`" not in text] == []
    lines = re.sub(r"\\\n\s*", "", "\n".join(block.text for block in blocks(page) if runs(block))).splitlines()
    tried = {
        (found[1] if (found := re.search(r"-X (\w+)", line)) else "POST" if " -d '" in line else "GET", path[1])
        for line in lines
        for path in re.finditer(r"\$api/([^\s?\"]+)", line)
    }
    for call in control_calls(emulator):
        method, _, path = call.partition(" ")
        pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))
        assert any(each == method and pattern.fullmatch(tried_path) for each, tried_path in tried), call


def test_every_error_of_the_control_api_is_documented() -> None:
    text = (ROOT / "docs" / "control-api.md").read_text("utf-8")
    named = {*ERRORS, "unknown-scenario", "bad-fault", "self-check"}
    assert [name for name in sorted(named) if f"`{name}`" not in text] == []


def test_every_fault_and_its_arguments_are_documented() -> None:
    text = (ROOT / "docs" / "faults.md").read_text("utf-8")
    names = {*FAULTS, *COMMON, *(name for fault in FAULTS.values() for name in fault.arguments)}
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
    tour = (ROOT / "docs" / "tour.md").read_text("utf-8")
    assert [name for name in FAULTS if f"`{name}`" not in tour] == []


def test_every_key_of_a_scenario_is_documented() -> None:
    text = (ROOT / "docs" / "scenarios.md").read_text("utf-8")
    schema = shipped.scenario_schema(providers.NAMES).document
    step = schema["$defs"]["step"]["properties"]
    keys = {
        *schema["properties"],
        *step,
        *step["one_of"]["items"]["properties"],
        *schema["properties"]["answer"]["properties"],
    }
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []


def test_everything_that_tests_can_use_is_documented() -> None:
    import emulator.testing as testing

    text = (ROOT / "docs" / "testing.md").read_text("utf-8")
    methods = [name for name in dir(Emulator) if not name.startswith("_")]
    methods += [name for name in vars(BackgroundServer) if not name.startswith("_")]
    told = [name for name in (*testing.__all__, *methods) if not name.endswith(providers.NAMES)]
    assert [name for name in told if name not in text] == []
    assert "verify_<provider>" in text


def test_the_page_of_each_provider_has_what_is_known_of_it() -> None:
    for name, card in providers.load_all().items():
        text = (ROOT / "docs" / "providers" / f"{name}.md").read_text("utf-8")
        told = [*card.lifecycle.statuses, *card.lifecycle.events, *card.errors, *card.settings, *card.commands]
        told += [endpoint.name for endpoint in card.endpoints]
        told += [event.name for event in card.webhooks.events] if card.webhooks else []
        assert [each for each in told if f"`{each}`" not in text] == [], name


# -- the container image


def test_the_build_of_the_image_gets_what_the_wheel_needs() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    needed = {"pyproject.toml", "README.md", "LICENSE", "emulator", "schemas", "scenarios"}
    assert needed <= {word.rstrip("/") for line in copied for word in line.split()}
