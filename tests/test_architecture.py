"""The rules of the code base, checked on the code itself."""

import ast
import re
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from emulator.core.faults.registry import FAULTS
from emulator.providers import NAMES, load

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "emulator"
REAL_TIME = PACKAGE / "engine" / "real_time.py"
LAYERS = (
    ("",), ("contract",), ("core",), ("traffic",), ("pages", "stores", "views"), ("files",), ("providers",),
    ("engine",), ("web",), ("asgi", "cli", "testing"), ("__main__",),
)  # fmt: skip
"""The parts of the package, each of which imports only earlier ones; parts on one line do not import each other.
Providers import even less: see below.
"""
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 50
MOST_BRANCHES = 15
PARTS = ("emulator", "tests", "bench", "scripts")
PURE = {
    "__future__", "base64", "binascii", "bisect", "collections", "contextlib", "copy", "dataclasses", "datetime",
    "decimal", "difflib", "enum", "fractions", "functools", "hashlib", "heapq", "hmac", "html", "io", "ipaddress",
    "itertools", "json", "math", "operator", "re", "statistics", "string", "struct", "textwrap", "types", "typing",
    "unicodedata", "urllib", "uuid", "zlib", "zoneinfo",
}  # fmt: skip
"""Modules of the standard library that cannot touch the world."""
CORE_MAY = PURE | {"msgspec", "jsonschema_rs"}
PROVIDERS_MAY = PURE | {"pathlib", "importlib", "msgspec", "cryptography", "faker", "segno"}
"""`pathlib` and `importlib` are for data files that lie beside a module and are read when it is imported."""
CLIENT_SIDE = "client.py"
"""What only tests load of a provider; it may use httpx."""
CLOCKS_AND_DICE = {
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.sleep",
    "asyncio.sleep", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now",
    "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today", "uuid.uuid1", "uuid.uuid4",
    "uuid1", "uuid4", "os.urandom", "os.getrandom", "secrets.token_hex", "secrets.token_bytes",
    "secrets.token_urlsafe", "secrets.randbelow", "secrets.choice",
}  # fmt: skip
DISTRIBUTIONS = {
    "yaml": "pyyaml",
    "jsonschema_rs": "jsonschema-rs",
    "PIL": "pillow",
    "prometheus_client": "prometheus-client",
    "opentelemetry": "opentelemetry-sdk",
}
"""Distributions that are not named like what they install."""


@cache
def parse(path: Path) -> ast.Module:
    """The syntax tree of a file of the package."""
    return ast.parse(path.read_text("utf-8"), str(path))


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements within another one, or in a module, and what they are parts of, but no expressions."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.expr, ast.expr_context)):
            yield child
            yield from statements(child)


def sources(*parts: str) -> list[Path]:
    """The modules below a folder of the package."""
    return sorted(PACKAGE.joinpath(*parts).rglob("*.py"))


def module_of(path: Path) -> str:
    """The dotted name of a file's module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that a file imports, wherever in it; `from a import b` is `a.b` where that is a module."""
    found: list[str] = []
    for node in statements(parse(path)):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            wholes = (f"{module}.{alias.name}" for alias in node.names)
            found += (whole if is_module(whole) else module for whole in wholes)
    return tuple(found)


@cache
def is_module(name: str) -> bool:
    """Whether a name is one of our modules or packages."""
    place = ROOT / name.replace(".", "/")
    return place.with_suffix(".py").exists() or place.is_dir()


def within(module: str, *packages: str) -> bool:
    """Whether a module is one of these packages, or in one of them."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def strangers(paths: list[Path], ours: tuple[str, ...], others: set[str]) -> list[str]:
    """Imports of anything but these packages of ours and these others."""
    return [
        f"{module_of(path)} imports {module}"
        for path in paths
        for module in imports(path)
        if not within(module, *ours) and module.partition(".")[0] not in others
    ]


def test_the_contract_imports_nothing_and_has_no_side_effects() -> None:
    assert strangers(sources("contract"), ("emulator.contract",), PURE | {"msgspec"}) == []


def test_the_core_imports_only_itself_and_has_no_side_effects() -> None:
    assert strangers(sources("core"), ("emulator.contract", "emulator.core"), CORE_MAY) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_provider_imports_only_the_core_and_itself_and_has_no_side_effects(name: str) -> None:
    ours = ("emulator.contract", "emulator.core", "emulator.pages", f"emulator.providers.{name}")
    paths = sources("providers", name)
    server = [path for path in paths if path.name != CLIENT_SIDE]
    assert strangers(server, ours, PROVIDERS_MAY) == []
    assert strangers(paths, ours, PROVIDERS_MAY | {"httpx"}) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_provider_s_server_code_imports_nothing_of_its_client_code(name: str) -> None:
    of_clients = (f"emulator.providers.{name}.client", f"emulator.providers.{name}.verify")
    found = [(path, each) for path in sources("providers", name) for each in imports(path) if within(each, *of_clients)]
    assert found == []


def test_pages_import_only_the_core_and_read_only_their_own_files() -> None:
    may = PURE | {"babel", "jinja2", "markupsafe", "msgspec", "pathlib", "segno"}
    assert strangers(sources("pages"), ("emulator.contract", "emulator.core", "emulator.pages"), may) == []


def test_the_registry_of_providers_imports_only_the_core_and_their_files() -> None:
    registry = [PACKAGE / "providers" / "__init__.py"]
    assert strangers(registry, ("emulator.contract", "emulator.core", "emulator.files.shipped"), PROVIDERS_MAY) == []


def test_of_the_emulator_stores_import_only_the_core() -> None:
    known = ("emulator.contract", "emulator.core", "emulator.stores")
    assert [each for each in strangers(sources("stores"), known, set()) if " imports emulator" in each] == []


def test_the_checks_of_traffic_import_only_the_core_and_have_no_side_effects() -> None:
    ours = ("emulator.contract", "emulator.core", "emulator.traffic")
    assert strangers(sources("traffic"), ours, CORE_MAY) == []


def import_graph() -> dict[str, set[str]]:
    """Which modules of the package each of them imports, wherever in it, also if only for type checkers."""
    modules = {module_of(path): path for path in sources()}
    return {module: {each for each in imports(path) if each in modules} for module, path in modules.items()}


def cycle_of(graph: Mapping[str, Collection[str]]) -> list[str]:
    """Modules that import each other in a circle, from one of them back to it; none, if there is no circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def against_the_layers(graph: Mapping[str, Collection[str]]) -> list[str]:
    """Imports of what is not below."""
    heights = {part: height for height, parts in enumerate(LAYERS) for part in parts}
    found = []
    for module, imported in graph.items():
        for each in imported:
            above, below = part_of(module), part_of(each)
            if above != below and heights[above] <= heights[below]:
                found.append(f"{module} imports {each}")
    return found


def part_of(module: str) -> str:
    """The part of the package that a module belongs to; the package itself, which has only its version, is one."""
    return ".".join(module.split(".")[1:2])


def test_no_module_imports_itself_through_others() -> None:
    assert cycle_of(import_graph()) == []


@pytest.mark.parametrize("graph", [{"a": ["a"]}, {"a": ["b"], "b": ["a"]}, {"a": ["b"], "b": ["c"], "c": ["b"]}])
def test_the_rule_about_import_cycles_finds_one(graph: dict[str, list[str]]) -> None:
    assert cycle_of(graph) != []


def test_imports_point_one_way_through_the_layers() -> None:
    assert against_the_layers(import_graph()) == []


@pytest.mark.parametrize(
    ("module", "imported", "good"),
    [
        ("core.call", "contract.reply", True),
        ("contract.reply", "core.call", False),
        ("engine.engine", "web.router", False),
        ("stores.memory", "views.story", False),
        ("web.router", "web.guard", True),
    ],
)
def test_the_rule_about_layers_finds_a_wrong_import(module: str, imported: str, good: bool) -> None:
    found = against_the_layers({f"emulator.{module}": [f"emulator.{imported}"]})
    assert found == ([] if good else [f"emulator.{module} imports emulator.{imported}"])


def test_imports_are_absolute() -> None:
    assert [module_of(path) for path in sources() if any(each.startswith(".") for each in imports(path))] == []


def test_each_fault_is_one_module_and_one_line_of_the_registry() -> None:
    around = {"__init__", "fault", "registry", "rules", "injection"}
    modules = [path.stem for path in sources("core", "faults") if path.stem not in around]
    assert sorted(FAULTS) == sorted(name.replace("_", "-") for name in modules)


def test_code_for_tests_is_used_only_by_tests() -> None:
    found = [
        f"{module_of(path)} imports {module}"
        for path in sources()
        if not within(module_of(path), "emulator.testing")
        for module in imports(path)
        if within(module, "emulator.testing", "pytest", "hypothesis")
    ]
    assert found == []


def test_every_import_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [each for name, extra in project["optional-dependencies"].items() if name != "dev" for each in extra]
    declared = {re.split(r"[^A-Za-z0-9_.-]", each)[0].lower() for each in (*project["dependencies"], *extras)}
    found = []
    for path in sources():
        for module in imports(path):
            name = module.partition(".")[0]
            testing = within(module_of(path), "emulator.testing") and name in ("pytest", "hypothesis", "requests")
            known = name == "emulator" or name in sys.stdlib_module_names or DISTRIBUTIONS.get(name, name) in declared
            if not known and not testing:
                found.append(f"{module_of(path)} imports {name}")
    assert found == []


def dotted(node: ast.expr) -> str:
    """`time.time` for the expression `time.time`; nothing for what has no plain name."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


def clocks_and_dice(tree: ast.Module) -> list[str]:
    """Places that read the real clock, sleep, or draw random numbers."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)) and (name := dotted(node)) in CLOCKS_AND_DICE:
            found.append(f"{node.lineno}: {name}")
        elif isinstance(node, ast.Import):
            found += [f"{node.lineno}: {alias.name}" for alias in node.names if alias.name in ("random", "time")]
        elif isinstance(node, ast.ImportFrom) and node.module in ("random", "time"):
            found.append(f"{node.lineno}: {node.module}")
    return found


def test_only_one_module_reads_the_clock_sleeps_or_draws_random_numbers() -> None:
    found = {module_of(path): clocks_and_dice(parse(path)) for path in sources() if path != REAL_TIME}
    assert {module: places for module, places in found.items() if places} == {}


@pytest.mark.parametrize(
    "line",
    ["import time", "from time import sleep", "import random", "from random import choice", "x = datetime.now",
     "x = datetime.datetime.now()", "asyncio.sleep(1)", "f(key=time.monotonic)", "uuid.uuid4()",
     "os.urandom(8)", "secrets.token_hex()"],
)  # fmt: skip
def test_the_rule_about_clocks_and_chance_finds_what_it_forbids(line: str) -> None:
    assert clocks_and_dice(ast.parse(line)) != []


Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public(node: ast.Module | ast.ClassDef, inside: str) -> Iterator[tuple[str, Documented]]:
    """Public classes, functions and methods, but for methods whose class, or its base class, says what they are."""
    foreign = isinstance(node, ast.ClassDef) and any(
        dotted(base).partition(".")[0] in ("uvicorn", "click", "Protocol") for base in node.bases
    )
    for child in node.body:
        if isinstance(child, Documented) and not child.name.startswith("_"):
            if not foreign or isinstance(child, ast.ClassDef):
                yield f"{inside}.{child.name}", child
            if isinstance(child, ast.ClassDef):
                yield from public(child, f"{inside}.{child.name}")


def said_by_the_contract() -> set[str]:
    """Methods, as `Class.method`, that protocols of the contract describe, for whoever implements them."""
    return {
        f"{node.name}.{method.name}"
        for path in sources("contract")
        for node in parse(path).body
        if isinstance(node, ast.ClassDef) and any(dotted(base) == "Protocol" for base in node.bases)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and ast.get_docstring(method)
    }


def test_everything_public_has_a_docstring_or_one_in_the_contract() -> None:
    bare = [module_of(path) for path in sources() if parse(path).body and not ast.get_docstring(parse(path))]
    bare += [
        name
        for path in sources()
        for name, node in public(parse(path), module_of(path))
        if not ast.get_docstring(node)
        and not (within(name, "emulator.core") and ".".join(name.split(".")[-2:]) in said_by_the_contract())
    ]
    assert bare == []


def everything() -> list[Path]:
    """All modules that people read: not those that a script generates from tables."""
    found = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
    return [path for path in found if path.parent != ROOT / "emulator" / "testing" / "types"]


def test_no_file_is_over_400_lines() -> None:
    lengths = {module_of(path): len(path.read_text("utf-8").splitlines()) for path in everything()}
    assert {module: length for module, length in lengths.items() if length > MOST_LINES} == {}


def long_functions(tree: ast.Module) -> list[str]:
    """Names of functions with too many lines, decorators not counted."""
    functions = [node for node in statements(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= MOST_LINES_OF_A_FUNCTION]


def test_no_function_is_over_50_lines() -> None:
    found = {
        f"{module_of(path)}.{name}"
        for path in everything()
        for name in long_functions(ast.parse(path.read_text("utf-8")))
    }
    assert found == set()


@pytest.mark.parametrize(("lines", "found"), [(50, []), (51, ["f"])])
@pytest.mark.parametrize("beginning", ["def f():", "async def f():", "@g\ndef f():", "class C:\n  def f():"])
def test_the_rule_about_long_functions_counts_their_lines(beginning: str, lines: int, found: list[str]) -> None:
    assert long_functions(ast.parse(beginning + "\n    pass" * (lines - 1))) == found


def test_the_linter_checks_complexity_everywhere() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    assert "C90" in lint["select"]
    assert lint["mccabe"]["max-complexity"] == MOST_BRANCHES
    excused = [*lint["ignore"], *(rule for rules in lint["per-file-ignores"].values() for rule in rules)]
    assert [rule for rule in excused if rule.startswith("C9")] == []


def test_no_todo_is_left() -> None:
    unfinished = re.compile(r"\bTODO\b|\bFIXME\b|\bNotImplementedError\b")
    found = [(module_of(path), unfinished.findall(path.read_text("utf-8"))) for path in sources()]
    assert [each for each in found if each[1]] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_endpoint_has_exactly_one_place_for_faults(name: str) -> None:
    provider = load(name)
    for endpoint in provider.endpoints:
        checks = [getattr(check, "__name__", "") for check in (*provider.checks, *endpoint.checks)]
        assert checks.count("inject_faults") == 1, endpoint.name


def test_exactly_the_providers_have_schemas_and_scenarios() -> None:
    for kind in ("schemas", "scenarios"):
        assert {path.name for path in (ROOT / kind).iterdir() if path.is_dir()} == set(NAMES)
    for name in NAMES:
        assert list((ROOT / "schemas" / name).glob("*.json"))
        assert (ROOT / "scenarios" / name / "happy.yaml").is_file()
