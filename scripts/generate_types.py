"""The modules of emulator/testing/types, from the tables that the emulator runs on: the names that exist, the
arguments that calls take and what they return; and what `emulator.testing` has for each provider.
`scripts/generate_docs.py` writes them together with the pages.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from emulator.contract.card import Provider
from emulator.core.faults.registry import FAULTS
from emulator.core.faults.rules import MEMBERS
from emulator.core.library import Library
from emulator.web.control.calls import CALLS
from emulator.web.control.context import Call
from emulator.web.control.sandboxes import CLOCK, NEW_SANDBOX
from emulator.web.control.shapes import SHAPES
from scripts.python_types import Answers, alias, argument, quoted, title, typed_dict, words
from scripts.schema_types import Named, Type, read

FOLDER = Path(__file__).resolve().parent.parent / "emulator" / "testing" / "types"
_MADE = "Made by scripts/generate_docs.py from the tables of the emulator: run it again after a change to them."


def documents(library: Library) -> dict[Path, str]:
    """The text of each module, by its path."""
    texts = {"names": _names(library), "arguments": _arguments(library), "answers": _answers(), "calls": _calls()}
    texts["by_provider"] = _by_provider(library)
    verifiers = {FOLDER.parent / "verify.py": _verifiers(library)}
    return verifiers | {FOLDER / f"{name}.py": text for name, text in texts.items()}


def type_name(provider: Provider) -> str:
    """What types of a provider begin with: its title, as far as that is its name."""
    words = provider.title.replace(" ", "")
    return words[: len(provider.name)] if words.lower().startswith(provider.name) else title(provider.name)


def _with_webhooks(library: Library) -> list[str]:
    return [name for name, provider in library.providers.items() if provider.webhooks is not None]


def _verifiers(library: Library) -> str:
    names = _with_webhooks(library)
    about = (
        '"""Checks a webhook\'s signature as a merchant would.\n\n'
        "Each function takes the raw body as received, the headers (names in any case) and the receiver's key, and "
        "says whether\nthe signature is good."
    )
    lines = [f'{about}\n\n{_MADE}\n"""\n# fmt: off\n']
    lines += [f"from emulator.providers.{name}.verify import verify_{name}" for name in names]
    return "\n".join([*lines, f"\n__all__ = [{', '.join(quoted(f'verify_{name}') for name in names)}]\n"])


def _by_provider(library: Library) -> str:
    lines = [
        f'"""Where the providers are in a sandbox.\n\n{_MADE}\n"""\n',
        "from emulator.contract.client_side import ProviderAccess\n\n",
        "class ByProvider:",
        '    """Access to each provider, by its name."""\n',
        "    _access: dict[str, ProviderAccess]\n",
        "    def __getitem__(self, provider: str) -> ProviderAccess:",
        "        return self._access[provider]\n",
    ]
    for name, provider in library.providers.items():
        lines += [
            "    @property",
            f"    def {name}(self) -> ProviderAccess:",
            f'        """Access to {provider.title}."""',
            f'        return self["{name}"]\n',
        ]
    return "\n".join(lines)


def _names(library: Library) -> str:
    parts = [alias("Provider", words(library.providers))]
    for name, provider in library.providers.items():
        parts += [
            alias(f"{type_name(provider)}{kind}", words(known))
            for kind, known in _words(provider, library.shipped[name].by_name).items()
            if known
        ]
    words_of = {name: _words(provider, ()) for name, provider in library.providers.items()}
    for kind in ("Status", "Event", "Command"):
        of_each = [f"{type_name(library.providers[name])}{kind}" for name, known in words_of.items() if known[kind]]
        parts.append(alias(kind, f"Literal[{', '.join(of_each)}]"))
    parts.append(alias("Fault", words(FAULTS)))
    hosts = [host for provider in library.providers.values() for host in provider.public_hosts]
    parts.append(alias("PUBLIC_HOSTS", f"({', '.join(map(quoted, hosts))})", "The providers' public host names."))
    head = f'"""The names that providers use.\n\n{_MADE}\n"""\n# fmt: off\n\nfrom typing import Literal\n\n'
    return head + "\n".join(parts)


def _words(provider: Provider, scenarios: Iterable[str]) -> dict[str, list[str]]:
    return {
        "Status": list(provider.lifecycle.statuses),
        "Event": list(provider.lifecycle.events),
        "Command": list(provider.commands),
        "Scenario": sorted(scenarios),
    }


def _arguments(library: Library) -> str:
    titles = {name: type_name(provider) for name, provider in library.providers.items()}
    rule = {name: argument(read(schema)) for name, schema in MEMBERS.items() if name != "fault"}
    rule["provider"] = "names.Provider"
    new = _members(NEW_SANDBOX) | {"clock": "Clock", "settings": "Settings"}
    parts = [
        f'"""The arguments of calls.\n\n{_MADE}\n"""\n# fmt: off\n',
        "from collections.abc import Mapping, Sequence\nfrom decimal import Decimal\n"
        "from typing import Any, Literal, Protocol, TypedDict, TypeVar, Unpack, overload\n",
        "from emulator.testing.types import names\n",
        'R_co = TypeVar("R_co", covariant=True)\n',
        *(
            typed_dict(f"{titles[name]}Settings", f"Settings of {provider.title}.", _settings(provider), total=False)
            for name, provider in library.providers.items()
        ),
        typed_dict(
            "Settings",
            "Settings by provider.",
            {name: f"{titled}Settings" for name, titled in titles.items()},
            total=False,
        ),
        typed_dict(
            "Choice",
            "The default scenario of each provider; None clears it.",
            {name: f"names.{titled}Scenario | str | None" for name, titled in titles.items()},
            total=False,
        ),
        typed_dict("Rule", "The members of a fault rule besides its fault.", rule, total=False),
        typed_dict("Clock", "The clock of a new sandbox.", _members(CLOCK), total=False),
        typed_dict("NewSandbox", "What a new sandbox begins with; everything is optional.", new, total=False),
        _change(titles),
    ]
    return "\n".join(parts)


def _members(schema: Mapping[str, Any]) -> dict[str, str]:
    """The types of the members of an object."""
    return {name: argument(read(each)) for name, each in schema["properties"].items()}


def _settings(provider: Provider) -> dict[str, str]:
    """Type by name, under each spelling of a setting; older spellings may have values of their own."""
    types: dict[str, str] = {}
    for setting in provider.settings.values():
        types |= dict.fromkeys((setting.name, setting.spelling or setting.name), argument(read(setting.schema)))
        types |= dict.fromkeys(setting.aliases, "Any")
    return types


def _change(titles: Mapping[str, str]) -> str:
    lines = [
        "class ChangeSettings(Protocol[R_co]):",
        '    """Changes settings of a provider."""',
        "",
    ]
    for name, titled in titles.items():
        lines += [
            "    @overload",
            f'    def __call__(self, provider: Literal["{name}"], **settings: Unpack[{titled}Settings]) -> R_co: ...',
        ]
    return "\n".join(lines) + "\n"


def _answers() -> str:
    components = {title(name): read(schema) for name, schema in SHAPES.items()}
    answered = {_name_of(call, kind): kind for call, kind in _answered()}
    about: dict[str, list[str]] = {}
    for call, kind in _answered():
        about.setdefault(_name_of(call, kind), []).append(f"`{call.method} {call.path}`")
    sentences = {name: f"Answered by {', '.join(paths)}." for name, paths in about.items()}
    writer = Answers(components, sentences, {tuple(FAULTS): "names.Fault"})
    for name, kind in answered.items():
        writer.add(name, Named(name) if isinstance(kind, Named) else kind)
    return "\n".join(
        [
            f'"""The answers of calls.\n\n{_MADE}\n"""\n# fmt: off\n',
            "from decimal import Decimal\nfrom typing import Any, Literal, NotRequired, TypedDict\n",
            "from emulator.testing.types import names\n\n",
            *writer.written.values(),
        ]
    )


def _calls() -> str:
    parts = [
        f'"""What `call` returns, by method and path.\n\n{_MADE}\n"""\n# fmt: off\n',
        "from collections.abc import Coroutine\nfrom typing import Any, Literal, Protocol, overload\n",
        "from emulator.testing.types import answers\n\n",
    ]
    for name, about, form in (
        ("AnyCall", "Any call below a sandbox.", "{}"),
        ("AnyAwaitedCall", "Any call below a sandbox, to be awaited.", "Coroutine[Any, Any, {}]"),
    ):
        lines = [f"class {name}(Protocol):", f'    """{about}"""', ""]
        for asked, kind in _fixed_calls():
            lines += ["    @overload", "    def __call__(", f"        self, {asked}, body: Any = None, **query: Any",
                      f"    ) -> {form.format(kind)}: ..."]  # fmt: skip
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _fixed_calls() -> Iterator[tuple[str, str]]:
    """The calls below a sandbox with a fixed path, as arguments, and what they return; then all others."""
    names, prefix = answer_names(), "/sandboxes/{sandbox}/"
    for call in CALLS:
        path, written = call.path.removeprefix(prefix), f"{call.method} {call.path}"
        is_json = call.answer is not None and call.answer.media_type == "application/json"
        if call.path.startswith(prefix) and "{" not in path and is_json:
            kind = f"answers.{names[written]}" if written in names else "None"
            yield f'method: Literal["{call.method}"], path: Literal["{path}"]', kind
    yield "method: str, path: str", "Any"


def _answered() -> Iterator[tuple[Call, Type]]:
    """The calls that return JSON, and its type."""
    for call in CALLS:
        if call.answer and call.answer.schema is not None and call.answer.media_type == "application/json":
            yield call, read(call.answer.schema)


def answer_names() -> dict[str, str]:
    """The name of the type of the JSON that each call returns, by method and path."""
    return {f"{call.method} {call.path}": _name_of(call, kind) for call, kind in _answered()}


def _name_of(call: Call, kind: Type) -> str:
    """The name of an answer's type: that of its component, or the words of the call's path, with the method in front if
    a GET has the same words."""
    if isinstance(kind, Named):
        return title(kind.name)
    named = re.sub(r"/{\w+}", "", call.path.removeprefix("/sandboxes/{sandbox}") or call.path).strip("/")
    name = title(re.sub(r"\W+", "-", named))
    return name if call.method == "GET" or "/" in named else f"{title(call.method.lower())}{name}"
