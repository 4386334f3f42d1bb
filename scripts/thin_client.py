"""Writes most of clients/python/emulator_client: copies of the modules of emulator/testing that do not need the
emulator itself, for Python 3.9 and newer. `generate_docs.py` calls it.

A copy differs only in its imports, and in what Python 3.9 does not have. What the modules need of the emulator's core
is copied, too, or written by hand beside them: `json_text.py`, `delivery.py`.
"""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from emulator.providers import NAMES

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "clients" / "python" / "emulator_client"
TESTING = ROOT / "emulator" / "testing"
_TAKEN = (
    "adapter", "async_client", "calls", "client", "clients", "connection", "fixtures", "intercept",
    "lifespan", "link", "listeners", "loops", "mark", "methods", "receivers", "remote", "report", "sandbox", "server",
    "transport", "verify", "types/__init__", "types/answers", "types/arguments", "types/by_provider",
    "types/calls", "types/names",
)  # fmt: skip
_OF_PROVIDERS = ("__init__.py", "client.py", "verify.py")
_SOURCES = {
    **{f"{name}.py": TESTING / f"{name}.py" for name in _TAKEN},
    **{
        path.relative_to(ROOT / "emulator").as_posix(): path
        for name in NAMES
        for path in (ROOT / "emulator" / "providers" / name).iterdir()
        if path.name in _OF_PROVIDERS
    },
    "client_side.py": ROOT / "emulator" / "contract" / "client_side.py",
    "durations.py": ROOT / "emulator" / "core" / "durations.py",
    "real_time.py": ROOT / "emulator" / "engine" / "real_time.py",
    "suggestion.py": ROOT / "emulator" / "core" / "suggestion.py",
}
_NAMES = (
    ("emulator.testing", "emulator_client"),
    ("emulator.providers.", "emulator_client.providers."),
    ("emulator.contract.client_side", "emulator_client.client_side"),
    ("emulator.contract.delivery", "emulator_client.delivery"),
    ("emulator.engine.sender", "emulator_client.delivery"),
    ("emulator.core.", "emulator_client."),
    ("from emulator.core import", "from emulator_client import"),
    ("from emulator.engine import", "from emulator_client import"),
    ("from emulator import __version__", "from emulator_client import __version__"),
    ("payment-provider-emulator/{__version__}", "payment-provider-emulator-client/{__version__}"),
)
_CRYPTOGRAPHY = "    from cryptography."
_WITH_CRYPTOGRAPHY = (
    f"    from emulator_client.extra import require_cryptography\n\n    require_cryptography()\n{_CRYPTOGRAPHY}"
)
_EDITS: dict[str, tuple[tuple[str, str], ...]] = {
    "connection.py": (("isinstance(error, TimeoutError)", "isinstance(error, socket.timeout)"),),
    "receivers.py": (
        ("        if others:\n", "        if others and sys.version_info >= (3, 11):\n"),
        ("import inspect\n", "import inspect\nimport sys\n"),
        ("        except TimeoutError:\n", "        except futures.TimeoutError:\n"),
        ("from contextlib import", "from concurrent import futures\nfrom contextlib import"),
    ),
    "real_time.py": (
        (
            "def run(work: Coroutine[Any, Any, None]) -> None:\n"
            '    """Runs a coroutine to its end, on an event loop of its own."""\n'
            "    with asyncio.Runner(loop_factory=new_event_loop) as runner:\n        runner.run(work)\n\n\n",
            "",
        ),
    ),
    "methods.py": (
        ("class CallMethod(Method[..., Any])", "class CallMethod(Method)"),
        ("class SettingsMethod(Method[..., answers.Settings])", "class SettingsMethod(Method)"),
    ),
}
"""What is replaced in a module, and by what."""
_LEFT_OUT = "emulator.testing.lives"
"""Left out, because lives are drawn from the emulator's own tables."""
_NEWER = {"NotRequired": "", "ParamSpec": "TypeVar", "Unpack": ""}
"""What `typing` lacks in Python 3.9, and what replaces it at run time; type checkers get it from typing_extensions."""


def documents(made: Mapping[Path, str]) -> dict[Path, str]:
    """The text of each module, by its path. `made`: the texts of sources that are generated themselves."""
    return {
        PACKAGE / name: _module(name, source, made.get(source) or source.read_text("utf-8"))
        for name, source in _SOURCES.items()
    }


def _module(name: str, source: Path, text: str) -> str:
    text = translated(_without(_LEFT_OUT, text)).replace(_CRYPTOGRAPHY, _WITH_CRYPTOGRAPHY, 1)
    for old, new in _EDITS.get(name, ()):
        if old not in text:
            raise LookupError(f"{source.relative_to(ROOT)} has no {old!r} any more: see to it in {__file__}")
        text = text.replace(old, new, 1)
    made = (
        f"# Made by scripts/generate_docs.py from {source.relative_to(ROOT).as_posix()}: edit that, and run it again."
    )
    return f"{made}\n{text}"


def _without(package: str, text: str) -> str:
    """A module without the functions that import from a package, and without what it imports for their types."""
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.If)) and _imports(node.body, package):
            first, behind = node.lineno - 1, (node.end_lineno or node.lineno) + 1  # with the blank line below
            lines[first:behind] = [""] * (behind - first)
    return "".join(lines)


def _imports(body: list[ast.stmt], package: str) -> bool:
    return any(isinstance(each, ast.ImportFrom) and str(each.module).startswith(package) for each in body)


def translated(text: str) -> str:
    """A module that uses emulator.testing as one that uses emulator_client, for Python 3.9."""
    for old, new in _NAMES:
        text = text.replace(old, new)
    text = text.replace(", slots=True", "").replace(
        "from datetime import UTC, datetime, timedelta\n",
        "from datetime import datetime, timedelta, timezone\n\nUTC = timezone.utc\n",
    )
    text = re.sub(r"^from typing import (.*)$", _typing, text, flags=re.MULTILINE)
    docstring = re.match(r'""".*?"""\n', text, re.DOTALL)
    place = docstring.end() if docstring else 0
    return f"{text[:place]}\nfrom __future__ import annotations\n{text[place:]}"


def _typing(line: re.Match[str]) -> str:
    names = line[1].split(", ")
    newer = [name for name in names if name in _NEWER]
    if not newer:
        return line[0]
    older = dict.fromkeys([name for name in names if name not in newer] + ["TYPE_CHECKING"])
    stand_ins = "".join(f"\n    {name} = {_NEWER[name]}" for name in newer if _NEWER[name])
    return (
        f"from typing import {', '.join(sorted(older))}\n\n"
        f"if TYPE_CHECKING:\n    from typing_extensions import {', '.join(newer)}\n"
        + (f"else:{stand_ins}\n" if stand_ins else "")
    )
