"""Follows the steps of the Dockerfile without a container engine: in a folder in place of the image's root.

The steps are read from the Dockerfile, so what is tried is what it says. Three things differ from a real build: the
Python is this one, the absolute paths of the image lie below a folder, and packages come through pip's own cache.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

_PATHS = re.compile(r"(?<![\w./])/(?=(?:opt|src|usr/local)\b)")


def read_instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile, each as its name and the rest, without comments and continued lines."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def read_context(root: Path, into: Path) -> None:
    """Copies what `.dockerignore` allows; it must be a list of exceptions from "nothing"."""
    first, *rest = (root / ".dockerignore").read_text("utf-8").split()
    assert first == "*"
    unwanted = [line.removeprefix("**/") for line in rest if line.startswith("**/")]
    wanted = [line.removeprefix("!") for line in rest if line.startswith("!")]
    assert len(wanted) + len(unwanted) == len(rest)
    for name in wanted:
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        if (root / name).is_dir():
            shutil.copytree(root / name, into / name, ignore=shutil.ignore_patterns(*unwanted))
        else:
            shutil.copy(root / name, into / name)


@dataclass
class Image:
    """What the last stage says, and the folder that has its files."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    user: str = ""
    ports: list[int] = field(default_factory=list)
    health_check: list[str] = field(default_factory=list)
    entry_point: list[str] = field(default_factory=list)
    log: str = ""


def build(project: Path, work: Path) -> Image:
    """Follows all steps; `work` is an empty folder. Raises AssertionError with the output of a step that failed."""
    context, root = work / "context", work / "root"
    read_context(project, context)
    instructions = read_instructions((project / "Dockerfile").read_text("utf-8"))
    starts = [place for place, (name, _) in enumerate(instructions) if name == "FROM"]
    assert len(starts) == 2, "the steps are followed for one stage that builds and one that runs"
    image = Image(root)
    _follow(instructions[: starts[1]], image, context, None, work)
    built = root.rename(work / "built")
    image = Image(root, log=image.log)
    _follow(instructions[starts[1] :], image, context, built, work)
    return image


def _follow(steps: list[tuple[str, str]], image: Image, context: Path, built: Path | None, work: Path) -> None:
    folder = image.root
    _lay_base(image.root)
    for name, rest in steps:
        match name:
            case "FROM":
                assert re.match(r"python:3\.1[1-9]-slim\b", rest), rest
            case "WORKDIR":
                folder = image.root / rest.lstrip("/")
                folder.mkdir(parents=True)
            case "COPY":
                _copy(rest, image.root, folder, context, built)
            case "RUN":
                image.log += _run(rest, image.root, folder, work)
            case "ENV" | "LABEL":
                pairs = dict(each.split("=", 1) for each in shlex.split(rest))
                (image.environment if name == "ENV" else image.labels).update(pairs)
            case "USER":
                image.user = rest
            case "EXPOSE":
                image.ports += map(int, rest.split())
            case "HEALTHCHECK":
                image.health_check = json.loads(rest.partition(" CMD ")[2])
            case "ENTRYPOINT":
                image.entry_point = json.loads(rest)
            case _:
                raise AssertionError(f"{name}: teach tests/dockerfile.py what it means")


def _lay_base(root: Path) -> None:
    """The parts of the base image that the steps need: its pip, and an empty /opt."""
    library = root / "usr/local/lib/python3.12"
    for name in ("site-packages/pip", "site-packages/pip-25.0.1.dist-info", "ensurepip"):
        (library / name).mkdir(parents=True)
    (root / "usr/local/bin").mkdir()
    (root / "opt").mkdir(exist_ok=True)
    (root / "usr/local/bin/pip").touch()


def _copy(rest: str, root: Path, folder: Path, context: Path, built: Path | None) -> None:
    *sources, target = [part for part in rest.split() if not part.startswith("--from=")]
    into = root / target.lstrip("/") if target.startswith("/") else folder / target
    for source in sources:
        if rest.startswith("--from="):  # the first stage is not needed any more
            assert built is not None
            (built / source.lstrip("/")).rename(into)
            continue
        found = context / source
        if found.is_dir():
            shutil.copytree(found, into, symlinks=True)
        else:
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(found, into / found.name if target.endswith("/") else into)


def _run(rest: str, root: Path, folder: Path, work: Path) -> str:
    """Runs a step's commands with `python` and `pip` being those of this interpreter."""
    commands = work / "commands"
    commands.mkdir(exist_ok=True)
    for name, means in {"python": "", "pip": " -m pip"}.items():
        path = commands / name
        path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{means} "$@"\n')
        path.chmod(0o755)
    script = place(re.sub(r"--mount=\S+ ", "", rest), root)
    environment = {"PIP_RETRIES": "1", **os.environ, "PATH": f"{commands}:{os.environ['PATH']}"}
    ran = subprocess.run(
        ["sh", "-c", script], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert ran.returncode == 0, f"This step of the Dockerfile failed:\n  {rest}\nIt said:\n{ran.stdout}"
    return ran.stdout


def place(text: str, root: Path) -> str:
    """A text with the image's paths replaced by those in the folder."""
    return _PATHS.sub(f"{root}/", text)
