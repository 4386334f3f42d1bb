"""The modules of emulator/testing/types, from the tables that the emulator runs by: which names there are, and which
arguments calls take. `scripts/generate_docs.py` writes them together with the pages.
"""

import textwrap
from collections.abc import Iterable, Mapping
from keyword import iskeyword
from typing import Any

from emulator.contract.card import Provider
from emulator.core.faults.registry import FAULTS
from emulator.core.faults.rules import MEMBERS
from emulator.core.library import Library

_MADE = "Made by scripts/generate_docs.py from the tables of the emulator: run it again after a change to them."
_WIDTH = 118
_SIMPLE = {"boolean": "bool", "integer": "int", "null": "None", "number": "float | Decimal", "string": "str"}


def modules(library: Library) -> dict[str, str]:
    """The text of each module, by its name."""
    return {"names": _names(library), "arguments": _arguments(library)}


def _names(library: Library) -> str:
    parts = [_literal("Provider", library.providers)]
    for name, provider in library.providers.items():
        parts += [
            _literal(f"{_title(name)}{kind}", words)
            for kind, words in _words(provider, library.shipped[name].by_name).items()
            if words
        ]
    words_of = {name: _words(provider, ()) for name, provider in library.providers.items()}
    for kind in ("Status", "Event", "Command"):
        parts.append(
            f"{kind} = {' | '.join(f'{_title(name)}{kind}' for name, words in words_of.items() if words[kind])}\n"
        )
    parts.append(_literal("Fault", FAULTS))
    head = f'"""What things are called.\n\n{_MADE}\n"""\n# fmt: off\n\nfrom typing import Literal\n\n'
    return head + "\n".join(parts)


def _words(provider: Provider, scenarios: Iterable[str]) -> dict[str, list[str]]:
    return {
        "Status": list(provider.lifecycle.statuses),
        "Event": list(provider.lifecycle.events),
        "Command": list(provider.commands),
        "Scenario": sorted(scenarios),
    }


def _arguments(library: Library) -> str:
    titles = {name: _title(name) for name in library.providers}
    rule = {name: schema for name, schema in MEMBERS.items() if name != "fault"}
    parts = [
        f'"""What calls take.\n\n{_MADE}\n"""\n# fmt: off\n',
        "from collections.abc import Mapping, Sequence\nfrom decimal import Decimal\n"
        "from typing import Any, Literal, Protocol, TypedDict, TypeVar, Unpack, overload\n",
        "from emulator.testing.types import names\n",
        'R_co = TypeVar("R_co", covariant=True)\n',
        *(
            _class(
                f"{title}Settings", f"Settings of {library.providers[name].title}.", _settings(library.providers[name])
            )
            for name, title in titles.items()
        ),
        _class(
            "Choice",
            "The default scenario of each provider; None chooses none.",
            {name: f"names.{title}Scenario | str | None" for name, title in titles.items()},
        ),
        _class(
            "Rule",
            "What a fault rule says besides its fault.",
            {name: "names.Provider" if name == "provider" else typed(schema) for name, schema in rule.items()},
        ),
        _change(titles),
    ]
    return "\n".join(parts)


def _settings(provider: Provider) -> dict[str, str]:
    """Type by name, under each name that a setting goes by; older names may take values of their own."""
    types: dict[str, str] = {}
    for setting in provider.settings.values():
        types |= dict.fromkeys((setting.name, setting.spelling or setting.name), typed(setting.schema))
        types |= dict.fromkeys(setting.aliases, "Any")
    return types


def _change(titles: Mapping[str, str]) -> str:
    lines = [
        "class ChangeSettings(Protocol[R_co]):",
        '    """Changes settings of a provider."""',
        "",
    ]
    for name, title in titles.items():
        lines += [
            "    @overload",
            f'    def __call__(self, provider: Literal["{name}"], **settings: Unpack[{title}Settings]) -> R_co: ...',
        ]
    return "\n".join(lines) + "\n"


def typed(schema: Mapping[str, Any]) -> str:
    """The type of the values that a JSON Schema takes, as far as types can say it."""
    if "enum" in schema:
        return f"Literal[{', '.join(_quoted(word) for word in schema['enum'])}]"
    kinds = schema.get("type", [])
    return (
        " | ".join(dict.fromkeys(_typed(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)))
        or "Any"
    )


def _typed(kind: str, schema: Mapping[str, Any]) -> str:
    if kind == "array":
        return f"Sequence[{typed(schema.get('items', {}))}]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"Mapping[str, {typed(values) if isinstance(values, Mapping) and 'properties' not in schema else 'Any'}]"
    return _SIMPLE[kind]


def _quoted(word: object) -> str:
    return f'"{word}"' if isinstance(word, str) else repr(word)


def _title(name: str) -> str:
    return {"basswallet": "BassWallet"}.get(name, name.capitalize())


def _literal(name: str, words: Iterable[str]) -> str:
    return _wrapped(f"{name} = Literal[{', '.join(map(_quoted, words))}]")


def _class(name: str, about: str, members: Mapping[str, str]) -> str:
    if all(each.isidentifier() and not iskeyword(each) for each in members):
        return (
            "\n".join(
                [f"class {name}(TypedDict, total=False):", f'    """{about}"""', "", *map(_member, members.items())]
            )
            + "\n"
        )
    pairs = ", ".join(f'"{each}": {kind}' for each, kind in members.items())
    return _wrapped(f'{name} = TypedDict("{name}", {{{pairs}}}, total=False)') + f'"""{about}"""\n'


def _member(member: tuple[str, str]) -> str:
    line = f"    {member[0]}: {member[1]}"
    return line if len(line) <= _WIDTH else _wrapped(line, "    ").rstrip()


def _wrapped(line: str, indent: str = "") -> str:
    """A line, or several: broken after commas, within brackets."""
    if len(line) <= _WIDTH:
        return f"{line}\n"
    opened = next(place for place, letter in enumerate(line) if letter in "[(") + 1
    inside = textwrap.fill(line[opened:-1], _WIDTH, initial_indent=f"{indent}    ", subsequent_indent=f"{indent}    ",
                           break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return f"{line[:opened]}\n{inside}\n{indent}{line[-1]}\n"
