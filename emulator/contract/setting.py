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
    """What is wrong with a value that fits the schema, where a schema cannot say it all."""
    scenarios: Callable[[Any], Iterable[tuple[str, str]]] = lambda value: ()
    """The scenarios that a value asks for, which must exist where it is set: where in it each is named (a JSON
    pointer), and the name."""
    beside: Callable[[Any, Mapping[str, Any]], str | None] = lambda value, settings: None
    """What is wrong with a good value beside the other settings of the provider, all of which it gets."""
    spelling: str = ""
    """Another name that is as good, as `publicBase` for `public_base`; empty: there is none."""
    identifies: bool = False
    """Whether no two sandboxes may have the same value, by which `find_sandbox` finds its sandbox when it asks for
    `<provider>/<name>:<value>`. As a setting of new sandboxes it is that of the default one alone."""
    aliases: tuple[str, ...] = ()
    """Names that are as good, besides."""
    words: tuple[tuple[Any, Any], ...] = ()
    """Other words for values: each with the value that it stands for."""
    known_from: str = ""
    """Where a file of the user's own has it from; empty: no such file says anything of it."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every name that is good, its own first."""
        return tuple(each for each in (self.name, self.spelling, *self.aliases) if each)

    def read(self, value: Any) -> Any:
        """What a value stands for."""
        return next((meant for word, meant in self.words if word == value and type(word) is type(value)), value)
