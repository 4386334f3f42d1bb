"""Recipes of more steps than `find_recipes.py` finds by trying; a module for each provider that needs some."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

Recipe = list[dict[str, Any]]


def longer_recipes(provider: str) -> Sequence[Recipe]:
    """The recipes of a provider; none where it needs none."""
    name = f"{__name__}.{provider}"
    return import_module(name).RECIPES if find_spec(name) is not None else ()


def call(method: str, path: str, **more: Any) -> dict[str, Any]:
    """A call of the client. `keep`, `hidden` and `leads` say where in the answer is what the next call needs: in the
    JSON, in a hidden field of a page, or in the query of the address that it leads to."""
    return {"do": "call", "method": method, "path": path, **more}
