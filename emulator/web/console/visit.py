"""One visit to the console: who looks at what, and what they are shown."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from msgspec import Struct
from starlette.requests import Request

from emulator.contract.card import Provider
from emulator.core.journal import Entry, Journal
from emulator.core.journal_search import MAX_SEARCH_LETTERS
from emulator.core.library import Library
from emulator.core.sandbox import Sandbox
from emulator.core.transaction import Transaction
from emulator.web.console.commands import Taken
from emulator.web.console.life import KINDS, Wanted
from emulator.web.control.context import SANDBOX, Context
from emulator.web.control.inside import make_call
from emulator.web.control.reading import read_whole_number

ROOT = "/console"
"""Where the sandboxes have their pages, below the front door."""
_MOST_PAGES = 10_000


@dataclass(frozen=True)
class Visit:
    """What the pages and the actions work with."""

    context: Context
    request: Request
    sandbox: Sandbox
    wanted: Wanted
    """Which part of the sandbox's life the list shows."""
    form: Mapping[str, str] = field(default_factory=dict)
    """What was sent, or is to be shown again."""

    @property
    def library(self) -> Library:
        """The providers with their scenarios."""
        return self.context.engine.library

    @property
    def providers(self) -> Mapping[str, Provider]:
        """All providers by name."""
        return self.context.providers

    @property
    def journal(self) -> Journal:
        """The sandbox's journal."""
        return self.context.journal(self.sandbox)

    def transaction(self) -> Transaction:
        """The sandbox as it is now."""
        return self.context.engine.transaction(self.sandbox)

    @property
    def home(self) -> str:
        """Path of the sandbox's first page."""
        return f"{self.context.prefix(self.request)}{ROOT}/{self.sandbox.name}"

    async def call(self, method: str, path: str, body: Any = None, **names: str) -> Any:
        """What a call of the control API gives: by its path below the sandbox's, or below the API's if that begins with
        a slash, and by `names` for what the path leaves open. `body`: its bytes, or what is JSON there. Raises
        ControlError."""
        whole = path if path.startswith("/") else f"{SANDBOX}/{path}"
        names = {"sandbox": self.sandbox.name, **names}
        return await make_call(self.context, self.request.scope, method, whole, names, body)

    def path(self, below: str = "", *keys: str, **query: str) -> str:
        """Path of a page of this sandbox, or of one thing there, the list's state with it."""
        return f"{self.home}{'/' if below else ''}{path_of(below, *keys)}{self.wanted.with_changes(**query)}"

    @property
    def asked(self) -> Mapping[str, str]:
        """What the address and the form say, by name."""
        return {**self.request.query_params, **self.form}

    def choose(self, name: str, known: Iterable[str]) -> str:
        """The one of these that was asked for by this name, or else the first; empty if there is none."""
        found = list(known)
        return self.asked[name] if self.asked.get(name) in found else next(iter(found), "")

    def list_choices(self, part: str, parameter: str, names: Iterable[str], chosen: str) -> list[tuple[str, str, bool]]:
        """Providers to choose from on a page: title, path, and whether it is the one that is chosen."""
        return [(self.title_of(name), self.path(part, **{parameter: name}), name == chosen) for name in names]

    def title_of(self, provider: str | None) -> str:
        """What a provider is called; empty if there is none."""
        card = self.providers.get(provider or "")
        return card.title if card is not None else ""

    def orders_of(self, entry: Entry) -> list[tuple[str, str]]:
        """The orders that an entry of the journal is about, each with its path."""
        return [(each, self.path("orders", each)) for each in entry.orders]

    @property
    def control(self) -> str:
        """Base URL of the control API's calls for this sandbox."""
        return f"{self.context.control_url(self.request)}/sandboxes/{self.sandbox.name}"

    @property
    def events(self) -> str:
        """Path of the stream of what happens in this sandbox."""
        return f"{self.home}/events"


class Shown(Struct, frozen=True):
    """What the chosen thing's place shows."""

    template: str
    title: str
    values: Mapping[str, Any] = {}
    status: int = 200
    order: str = ""
    """The order that it is about: it is looked at again when something happens to it."""
    webhook: str = ""
    """The same for a webhook."""
    state: str = ""
    """What a screen reader tells when it changes."""
    follows: bool = False
    """Whether it is looked at again whatever happens."""
    path: str = ""
    """Where it is found; empty: where the visit has come to."""
    leads_back: bool = True
    """Whether it has a link back to the list."""
    taken: Sequence[Taken] = ()
    """The same as texts to copy."""
    take: str = "As curl, as a test"
    """Their title."""


View = Callable[[Visit], Awaitable[Shown]]
Action = Callable[[Visit], Awaitable[str]]
"""Does something, and gives the path to go to. Raises ControlError, which is shown on the page that asked for it."""


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Which part of the life an address asks for; what makes no sense is ignored."""
    show, page = query.get("show", "all"), read_whole_number(query.get("page", "")) or 1
    return Wanted(
        show if show in KINDS else "all",
        query.get("search", "")[:MAX_SEARCH_LETTERS].strip(),
        query.get("provider", ""),
        min(page, _MOST_PAGES),
    )


def path_of(kind: str, *keys: str) -> str:
    """Path of a thing below its sandbox's."""
    return "/".join([kind, *(quote(key, safe="") for key in keys)])
