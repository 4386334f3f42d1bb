"""The standard checkers find no problem in the shipped files, and find planted ones."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_docs import ROOT, all_blocks
from tests.tools import check

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = [ROOT / "action.yml", ROOT / "action" / "report" / "action.yml"]
COMPOSE = sorted([ROOT / "compose.yaml", *(ROOT / "examples").rglob("compose.yaml")])
_PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


CHECKED = names([*WORKFLOWS, *ACTIONS, *COMPOSE])
CHECKS = {
    "hadolint": ["Dockerfile"],
    "actionlint": ["-shellcheck=", "-pyflakes=", *names(WORKFLOWS)],
    "zizmor": ["--offline", "--no-progress", "--min-severity", "medium", *names([*WORKFLOWS, *ACTIONS])],
    "yamllint": ["--strict", "mkdocs.yml", *CHECKED],
}
SCHEMAS = {"vendor.github-workflows": WORKFLOWS, "vendor.github-actions": ACTIONS, "vendor.compose-spec": COMPOSE}


def test_every_script_that_is_called_exists() -> None:
    callers = [ROOT / "Makefile", ROOT / "Dockerfile", ROOT / "CONTRIBUTING.md", *WORKFLOWS]
    called = {name for path in callers for name in re.findall(r"\bscripts/\w+\.(?:py|sh)\b", path.read_text("utf-8"))}
    assert len(called) > 8
    assert sorted(name for name in called if not (ROOT / name).is_file()) == []


@pytest.mark.parametrize("tool", CHECKS)
def test_a_checker_finds_no_problem(tool: str) -> None:
    check(tool, *CHECKS[tool], folder=ROOT)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_match_their_published_schema(schema: str) -> None:
    check("check-jsonschema", "--builtin-schema", schema, *names(SCHEMAS[schema]), folder=ROOT)


@pytest.mark.parametrize(
    ("tool", "path", "good", "bad"),
    [
        ("hadolint", "Dockerfile", "USER 10001:10001", "USER root"),
        ("actionlint", ".github/workflows/test.yml", "steps.emulator.outputs", "steps.emulators.outputs"),
        ("zizmor", ".github/workflows/test.yml", '"$URL/_emulator/ready"', '"${{ github.head_ref }}"'),
        ("yamllint", "action.yml", "  icon: credit-card", "  icon: credit-card\n  icon: x"),
    ],
)
def test_a_checker_finds_a_planted_problem(tool: str, path: str, good: str, bad: str, tmp_path: Path) -> None:
    for name in (*CHECKED, ".yamllint.yaml", "mkdocs.yml", "Dockerfile"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    check(tool, *CHECKS[tool], folder=tmp_path)
    text = (tmp_path / path).read_text("utf-8")
    assert good in text
    (tmp_path / path).write_text(text.replace(good, bad), "utf-8")
    with pytest.raises(AssertionError, match=tool):
        check(tool, *CHECKS[tool], folder=tmp_path)


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_docker_compose_accepts_a_file(path: Path) -> None:
    check("docker-compose", "--file", str(path), "config", "--quiet", folder=path.parent)


def test_docker_compose_accepts_the_files_in_the_docs(tmp_path: Path) -> None:
    found = [block for block in all_blocks("yaml") if re.search(r"^services:", block.text, re.MULTILINE)]
    assert found
    for place, block in enumerate(found):
        (tmp_path / f"{place}.yaml").write_text(block.text, "utf-8")
        check("docker-compose", "--file", f"{place}.yaml", "config", "--quiet", folder=tmp_path)


def test_the_workflows_in_the_docs_are_valid(tmp_path: Path) -> None:
    found = [block for block in all_blocks("yaml") if "runs-on:" in block.text]
    assert found
    for place, block in enumerate(found):
        (tmp_path / f"{place}.yml").write_text(block.text, "utf-8")
        check("actionlint", "-shellcheck=", f"{place}.yml", folder=tmp_path)
        check("check-jsonschema", "--builtin-schema", "vendor.github-workflows", f"{place}.yml", folder=tmp_path)


# -- what no checker checks


def steps() -> list[str]:
    """The lines that use an action of somebody else's."""
    lines = [line.strip() for path in [*WORKFLOWS, *ACTIONS] for line in path.read_text("utf-8").splitlines()]
    uses = [line.partition("uses: ")[2] for line in lines if line.removeprefix("- ").startswith("uses: ")]
    return [each for each in uses if not each.startswith("./")]


def test_every_action_is_pinned_to_a_commit_and_says_its_version() -> None:
    assert steps()
    assert [each for each in steps() if not _PINNED.fullmatch(each)] == []
    assert len({each.partition("@")[0] for each in steps()}) == len(set(steps())), "two versions of one action"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_only_the_permissions_it_needs(path: Path) -> None:
    workflow: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {}
    granted = {(scope, right) for job in workflow["jobs"].values() for scope, right in job["permissions"].items()}
    releases = {("id-token", "write"), ("packages", "write")}
    assert granted == {("contents", "read"), *(releases if path.name == "release.yml" else ())}
    assert all(job["timeout-minutes"] for job in workflow["jobs"].values())


def test_a_release_is_built_from_the_tested_commit_for_two_architectures() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))["jobs"]
    assert {name for name, job in jobs.items() if job.get("needs") == "build"} == {*jobs} - {"build"}
    pushed = jobs["image"]["steps"][-1]["with"]
    assert pushed["platforms"] == "linux/amd64,linux/arm64"
    assert (pushed["provenance"], pushed["sbom"]) == ("mode=max", True)


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS, *COMPOSE, ROOT / "Dockerfile"], ids=lambda path: path.name)
def test_no_registry_is_named(path: Path) -> None:
    named = r"ghcr\.io|docker\.io|quay\.io|pypi\.org|registry\.npmjs|pythonhosted"
    assert re.findall(named, path.read_text("utf-8")) == []
