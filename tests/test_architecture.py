"""The rules of the code base, read off the code itself."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from emulator.providers import NAMES

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "emulator"
MOST_LINES = 420

PURE_LIBRARY = {
    "base64", "binascii", "bisect", "collections", "contextlib", "copy", "dataclasses", "datetime", "decimal", "enum",
    "functools", "hashlib", "heapq", "hmac", "html", "importlib", "ipaddress", "itertools", "json", "math", "operator",
    "pathlib", "re", "statistics", "string", "struct", "textwrap", "types", "typing", "unicodedata", "urllib", "zoneinfo",
}  # fmt: skip
"""What can not touch the world; `pathlib` and `importlib` are for reading data files that lie beside a module."""
CORE_PACKAGES = {"msgspec", "jsonschema_rs"}
PROVIDER_PACKAGES = {"msgspec", "cryptography", "faker"}
FORBIDDEN_CALLS = {
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.sleep", "asyncio.sleep",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now", "datetime.datetime.today",
    "datetime.date.today", "uuid.uuid1", "uuid.uuid4", "os.urandom", "os.getrandom", "secrets.token_hex", "secrets.token_bytes",
    "secrets.token_urlsafe", "secrets.randbelow", "secrets.choice",
}  # fmt: skip
WALL = PACKAGE / "wall.py"
LAYERS = {
    # a module may import what stands at the same place or further up
    "emulator.core": ("emulator.core",),
    "emulator.stores": ("emulator.core", "emulator.stores"),
    "emulator.providers": ("emulator.core", "emulator.providers"),
}


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def sources(*parts: str) -> list[Path]:
    return sorted(PACKAGE.joinpath(*parts).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it; `from a import b` counts as `a.b` where that is a module."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (
                    whole
                    if (ROOT / (whole.replace(".", "/") + ".py")).exists() or (ROOT / whole.replace(".", "/")).is_dir()
                    else str(node.module)
                )


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def id_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", sources("core"), ids=id_of)
def test_the_core_knows_only_itself_and_touches_nothing(path: Path) -> None:
    for module in imports(path):
        if within(module, "emulator"):
            assert within(module, "emulator.core"), module
        else:
            assert module.partition(".")[0] in PURE_LIBRARY - {"pathlib", "importlib"} | CORE_PACKAGES, module


@pytest.mark.parametrize("path", sources("providers"), ids=id_of)
def test_a_provider_knows_only_the_core_and_itself_and_touches_nothing(path: Path) -> None:
    package = ".".join(module_of(path).split(".")[:3])
    for module in imports(path):
        if within(module, "emulator"):
            registry = path == PACKAGE / "providers" / "__init__.py" and module == "emulator.files"
            assert registry or within(module, "emulator.core") or within(module, package), module
        else:
            assert module.partition(".")[0] in PURE_LIBRARY | PROVIDER_PACKAGES, module


@pytest.mark.parametrize("path", sources("stores"), ids=id_of)
def test_stores_know_only_the_core(path: Path) -> None:
    for module in imports(path):
        if within(module, "emulator"):
            assert within(module, "emulator.core") or within(module, "emulator.stores") or module == "emulator.wall", (
                module
            )


@pytest.mark.parametrize("path", [path for path in sources() if path.parent == PACKAGE], ids=id_of)
def test_the_web_is_known_only_to_what_starts_it(path: Path) -> None:
    if path.name in ("server.py", "cli.py", "__main__.py"):
        return
    for module in imports(path):
        assert not within(module, "emulator.web"), module
        assert not within(module, "emulator.testing"), module


@pytest.mark.parametrize("path", sources(), ids=id_of)
def test_every_import_is_a_dependency_or_the_standard_library(path: Path) -> None:
    declared = {
        "click", "cryptography", "faker", "httptools", "httpx", "jsonschema_rs", "msgspec", "pytest", "redis", "starlette",
        "uvicorn", "uvloop", "yaml", "hypothesis", "jinja2",
    }  # fmt: skip
    for module in imports(path):
        name = module.partition(".")[0]
        assert name == "emulator" or name in declared or name in sys.stdlib_module_names, module


@pytest.mark.parametrize("path", sources("core") + sources("stores"), ids=id_of)
def test_core_and_stores_name_no_provider(path: Path) -> None:
    text = path.read_text("utf-8").lower()
    assert [name for name in NAMES if name in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_provider_names_no_other(name: str) -> None:
    for path in sources("providers", name):
        text = path.read_text("utf-8").lower()
        assert [other for other in NAMES if other != name and other in text] == [], path


def called(node: ast.expr) -> str:
    """`time.time` of `time.time()`; empty for what has no plain name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{called(node.value)}.{node.attr}"
    return ""


def test_only_one_module_looks_at_the_clock_sleeps_or_draws_lots() -> None:
    found = []
    for path in sources():
        if path == WALL:
            continue
        for node in ast.walk(parse(path)):
            if isinstance(node, (ast.Attribute, ast.Name)) and called(node) in FORBIDDEN_CALLS:
                found.append(f"{id_of(path)}:{node.lineno}: {called(node)}")
        found += [f"{id_of(path)}: {module}" for module in imports(path) if module in ("random", "time", "uuid")]
    assert found == []


def test_that_rule_would_find_what_it_forbids() -> None:
    tree = ast.parse("import time\ntime.time()\ndatetime.datetime.now()\nkey=time.monotonic")
    names = {called(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert names & FORBIDDEN_CALLS == {"time.time", "datetime.datetime.now", "time.monotonic"}


Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public(node: ast.Module | ast.ClassDef, within_name: str) -> Iterator[tuple[str, Documented]]:
    """Public classes, functions and methods of a module or class."""
    for child in node.body:
        if isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and not child.name.startswith("_"):
            yield f"{within_name}.{child.name}", child
            if isinstance(child, ast.ClassDef):
                yield from public(child, f"{within_name}.{child.name}")


def overrides(name: str, node: Documented) -> bool:
    """Methods whose meaning is laid down by the class that they come from."""
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(
        called(decorator) in ("override", "typing.override") for decorator in node.decorator_list
    )


@pytest.mark.parametrize("path", sources(), ids=id_of)
def test_everything_public_says_what_it_is(path: Path) -> None:
    tree = parse(path)
    bare = [] if ast.get_docstring(tree) or not tree.body else [module_of(path)]
    for name, node in public(tree, module_of(path)):
        if not ast.get_docstring(node) and not overrides(name, node) and not _of_base_class(tree, name):
            bare.append(name)
    assert bare == []


def _of_base_class(tree: ast.Module, name: str) -> bool:
    """Whether it is a method of a class with a base class of another library: what it means is said there."""
    owner = name.split(".")[-2]
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    return owner in classes and any(
        called(base).partition(".")[0] in ("uvicorn", "click") for base in classes[owner].bases
    )


@pytest.mark.parametrize("path", sources(), ids=id_of)
def test_no_file_is_longer_than_fits_in_one_head(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


FORBIDDEN_WORDS = ("TODO", "FIXME", "XXX", "contract sheet", "NotImplementedError")


@pytest.mark.parametrize("path", sources(), ids=id_of)
def test_nothing_is_left_to_be_done(path: Path) -> None:
    text = path.read_text("utf-8")
    assert [word for word in FORBIDDEN_WORDS if word in text] == []


def test_every_provider_has_its_schemas_and_scenarios() -> None:
    for name in NAMES:
        assert list((ROOT / "schemas" / name).glob("*.json")), name
        assert (ROOT / "scenarios" / name / "happy.yaml").is_file(), name
    assert {path.name for path in (ROOT / "scenarios").iterdir() if path.is_dir()} == set(NAMES)
    assert {path.name for path in (ROOT / "schemas").iterdir() if path.is_dir()} == set(NAMES)
