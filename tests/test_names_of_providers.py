"""Only a provider's own folders name it: general code takes the providers from the registry and from their cards."""

import ast
from collections.abc import Iterator

import pytest

from emulator.providers import NAMES
from tests.test_architecture import PACKAGE, ROOT, module_of, parse, sources

MAY_NAME_PROVIDERS = {
    "emulator/providers/__init__.py": "the registry",
    "emulator/testing/types/": "made from the registry",
    "emulator/testing/verify.py": "made from the registry",
    "emulator/cli/": "examples in help and messages",
    "scripts/generate_docs.py": "an example in docs/settings.md",
    "scripts/shoot_docs.py": "which pages the pictures of the docs show",
}
"""Where general code may name providers, and why."""


def test_core_traffic_stores_and_pages_name_no_provider() -> None:
    paths = (*sources("core"), *sources("traffic"), *sources("stores"), *sources("pages"))
    texts = {module_of(path): path.read_text("utf-8").lower() for path in paths}
    assert [(module, name) for module, text in texts.items() for name in NAMES if name in text] == []


def test_a_provider_names_no_other() -> None:
    found = [
        (module_of(path), other)
        for name in NAMES
        for path in sources("providers", name)
        for other in NAMES
        if other != name and other in path.read_text("utf-8").lower()
    ]
    assert found == []


def naming(node: ast.AST) -> Iterator[str]:
    """What in a piece of code names a provider; docstrings may, to give an example."""
    standing_alone = [each.value for each in ast.walk(node) if isinstance(each, ast.Expr)]
    docstrings = {id(each) for each in standing_alone if isinstance(each, ast.Constant)}
    for each in ast.walk(node):
        words = [getattr(each, part, None) for part in ("id", "attr", "name", "arg", "module", "value")]
        if id(each) not in docstrings and any(isinstance(word, str) and names_provider(word) for word in words):
            yield f"{getattr(each, 'lineno', 0)}: {ast.unparse(each)[:80]}"


def names_provider(text: str) -> bool:
    """Whether one of them is named in a text."""
    return any(name in text.lower() for name in NAMES)


def test_general_code_names_no_provider() -> None:
    own = {PACKAGE / "providers" / name for name in NAMES}
    paths = [path for path in (*sources(), *(ROOT / "scripts").glob("*.py")) if not own.intersection(path.parents)]
    named = {path.relative_to(ROOT).as_posix(): list(naming(parse(path))) for path in paths}
    for path in PACKAGE.rglob("*"):
        if path.suffix in (".html", ".js", ".css") and not own.intersection(path.parents):
            named[path.relative_to(ROOT).as_posix()] = [path.name] if names_provider(path.read_text("utf-8")) else []
    found = {path: places for path, places in named.items() if places}
    assert {path: places for path, places in found.items() if not path.startswith(tuple(MAY_NAME_PROVIDERS))} == {}
    assert [each for each in MAY_NAME_PROVIDERS if not any(path.startswith(each) for path in found)] == []


def over_all_providers(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Tests that run once for each provider."""

    def is_mark(node: ast.expr) -> bool:
        values = [ast.unparse(each) for each in node.args[1:2]] if isinstance(node, ast.Call) else []
        return bool(values) and (values[0] in ("NAMES", "providers.NAMES") or values[0].startswith("load_all()"))

    marks = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and is_mark(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            is_mark(each) or (isinstance(each, ast.Name) and each.id in marks) for each in node.decorator_list
        ):
            yield node


def test_a_test_over_all_providers_names_none() -> None:
    tests = {path: list(over_all_providers(parse(path))) for path in (ROOT / "tests").rglob("test_*.py")}
    assert sum(map(len, tests.values())) > 20
    assert [(path.name, place) for path, each in tests.items() for test in each for place in naming(test)] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [(f'f("{NAMES[0]}")', 1), (f"sandbox.{NAMES[0]}", 1), (f"import {NAMES[0]}", 1), ("sandbox.name", 0),
     (f'def f():\n    """As {NAMES[0]}."""', 0), (f'def f():\n    return "{NAMES[0]}"', 1)],
)  # fmt: skip
def test_the_rule_about_names_finds_them_outside_docstrings(code: str, found: int) -> None:
    assert len(list(naming(ast.parse(code)))) == found
