"""What can be set about a provider."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct


class Setting(Struct, frozen=True):
    """Something about a provider that is not known for sure, or that people want to vary."""

    name: str
    """In snake_case."""
    default: Any
    schema: Mapping[str, Any]
    """JSON Schema of the values that are good."""
    about: str
    mark: str = "assumed"
    check: Callable[[Any], str | None] = lambda value: None
    """What is wrong with a value that fits the schema, where a schema can not say it all."""
    scenarios: Callable[[Any], Iterable[str]] = lambda value: ()
    """Names of the scenarios that a value asks for; they must exist where it is set."""
    beside: Callable[[Any, Mapping[str, Any]], str | None] = lambda value, settings: None
    """What is wrong with a good value beside the other settings of the provider, all of which it gets."""
    spelling: str = ""
    """Another name that is as good, as `publicBase` for `public_base`; empty: there is none."""
