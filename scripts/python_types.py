"""Writes types in Python, and lays out their lines."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from keyword import iskeyword

from scripts.schema_types import Anything, Both, Either, ListOf, Member, Named, Object, Simple, Type, Words

_WIDTH = 118


def title(name: str) -> str:
    """The name of the type for a thing of this name."""
    return "".join(word[:1].upper() + word[1:] for word in name.replace("_", "-").split("-"))


def argument(kind: Type) -> str:
    """The type of an argument of a call."""
    simple = {"boolean": "bool", "integer": "int", "null": "None", "number": "float | Decimal", "string": "str"}
    match kind:
        case Simple(name):
            return simple[name]
        case Words(values):
            return words(values)
        case Either(types):
            return union(map(argument, types))
        case ListOf(items):
            return f"Sequence[{argument(items)}]"
        case Object(members, others):
            return f"Mapping[str, {argument(others) if others and not members else 'Any'}]"
    return "Any"


class Answers:
    """The types of answers: objects with known members are classes, each after those that it uses."""

    def __init__(
        self, components: Mapping[str, Type], about: Mapping[str, str], words: Mapping[tuple[str, ...], str]
    ) -> None:
        """`components`: types that others refer to, `about`: sentences about types, both by the types' names; `words`:
        what certain words are called together."""
        self._components = components
        self._about = about
        self._words = words
        self.written: dict[str, str] = {}
        """The lines of each type, by its name."""

    def add(self, name: str, kind: Type, owner: str = "") -> str:
        """Writes a type under its own name; returns how others refer to it. Raises LookupError for a name in use."""
        known = self._components.get(name)
        if known is not None and kind not in (known, Named(name)):
            raise LookupError(f"{name} is the name of a component: give the answer another name")
        if name not in self.written:
            about, kind = self._about.get(name, f"Part of `{owner}`."), known or kind
            if isinstance(kind, Object) and _is_class(kind):
                self.written[name] = self._class(name, kind, about)
            else:
                self.written[name] = alias(name, self.write(kind, name, name), about)
        return name

    def write(self, kind: Type, name: str, owner: str) -> str:
        """A type, as a part of its owner; a class that is needed for it is called `name`."""
        simple = {"boolean": "bool", "integer": "int", "null": "None", "number": "int | Decimal", "string": "str"}
        match kind:
            case Simple(known):
                return simple[known]
            case Words(values):
                return self._words.get(values) or words(values)
            case Named(component):
                return self.add(title(component), Named(title(component)), owner)
            case Either(types):
                return union(self.write(each, name, owner) for each in types)
            case ListOf(items):
                return f"list[{self.write(items, name, owner)}]"
            case Object() if _is_class(kind):
                return self.add(name, kind, owner)
            case Object(members, others):
                return f"dict[str, {'Any' if members else self.write(others or Anything(), name, owner)}]"
            case Both():
                raise TypeError(f"{name} is several types at once, which Python cannot say")
        return "Any"

    def _class(self, name: str, kind: Object, about: str) -> str:
        members = {each: self._member(name, each, member) for each, member in kind.members.items()}
        notes = {each: member.about for each, member in kind.members.items()}
        return typed_dict(name, about, members, notes)

    def _member(self, owner: str, name: str, member: Member) -> str:
        written = self.write(member.type, f"{owner}{title(name)}", owner)
        if name in _WORDS:
            written = re.sub(r"\bstr\b", _WORDS[name], written)
        return written if member.required else f"NotRequired[{written}]"


def _is_class(kind: Object) -> bool:
    """Whether all its members are known."""
    return bool(kind.members) and kind.others is None


_WORDS = {"provider": "names.Provider", "status": "names.Status", "events": "names.Event"}
"""The type of texts in members with these names."""


def union(types: Iterable[str]) -> str:
    """Any of these, with None last."""
    return " | ".join(sorted(dict.fromkeys(types), key=lambda each: each == "None"))


def words(values: Iterable[object]) -> str:
    """One of these values."""
    return f"Literal[{', '.join(map(quoted, values))}]"


def quoted(value: object) -> str:
    """A value as a literal, texts in double quotes."""
    return f'"{value}"' if isinstance(value, str) else repr(value)


def alias(name: str, kind: str, about: str = "") -> str:
    """Another name for a type."""
    return wrapped(f"{name} = {kind}") + (_docstring(about, "") if about else "")


def typed_dict(
    name: str, about: str, members: Mapping[str, str], notes: Mapping[str, str] | None = None, *, total: bool = True
) -> str:
    """A TypedDict, with notes about its members; in the functional form for members that are not Python names."""
    odd = {each: kind for each, kind in members.items() if not each.isidentifier() or iskeyword(each)}
    options = "" if total else ", total=False"
    base = f"_Other{name}" if odd else "TypedDict"
    lines = [*_odd_members(base, odd, total), f"class {name}({base}{options}):", _docstring(about, "    ")]
    for each, kind in ((each, kind) for each, kind in members.items() if each not in odd):
        lines.append(wrapped(f"    {each}: {kind}", "    ").rstrip())
        if notes and notes.get(each):
            lines.append(_docstring(notes[each], "    ").rstrip())
    return "\n".join(lines) + "\n"


def _docstring(text: str, indent: str) -> str:
    sentence = text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
    return textwrap.fill(f'"""{sentence}"""', _WIDTH, initial_indent=indent, subsequent_indent=indent) + "\n"


def _odd_members(name: str, members: Mapping[str, str], total: bool) -> Iterator[str]:
    """The part of a class with the members that are not Python names."""
    if not members:
        return
    optional = not total or all(kind.startswith("NotRequired[") for kind in members.values())
    yield f'{name} = TypedDict("{name}", {{'
    for each, kind in members.items():
        plain = kind.removeprefix("NotRequired[").removesuffix("]") if total and optional else kind
        # Quoted, as it is evaluated, and Python 3.9 knows no `|` between types.
        yield wrapped(f'    "{each}": {f"{plain!r}" if "|" in plain else plain}', "    ").rstrip() + ","
    yield f"}}{', total=False' if optional else ''})\n"


def wrapped(line: str, indent: str = "") -> str:
    """A line, or several, broken after commas within brackets."""
    if len(line) <= _WIDTH:
        return f"{line}\n"
    opened = next(place for place, letter in enumerate(line) if letter in "[(") + 1
    inside = textwrap.fill(line[opened:-1], _WIDTH, initial_indent=f"{indent}    ", subsequent_indent=f"{indent}    ",
                           break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return f"{line[:opened]}\n{inside}\n{indent}{line[-1]}\n"
