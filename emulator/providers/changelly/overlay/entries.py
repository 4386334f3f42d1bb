"""The parts of the catalogue as JSON, and what is wrong with an entry. Assumed: all of it."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import Struct

from emulator.core.schema import Schema
from emulator.core.schema_parts import closed_object
from emulator.core.wording import cut

Entry = dict[str, Any]
Key = tuple[str, ...]
Document = Mapping[str, list[Entry]]
"""The catalogue as JSON: part -> entries."""

_FLOWS = ["buy", "sell"]


class BrokenCatalogue(ValueError):
    """The value is not a catalogue; the message names part, key and member, and says what is expected there."""


class Part(Struct, frozen=True):
    """A list of entries of one kind."""

    key: tuple[str, ...]
    """The members that tell an entry from the others."""
    schema: Schema
    key_schema: Schema
    """Of the key alone."""

    @property
    def members(self) -> Mapping[str, Any]:
        """The JSON Schema of each member; its description says what is expected."""
        members: Mapping[str, Any] = self.schema.document["properties"]
        return members


def _part(key: tuple[str, ...], optional: tuple[str, ...] = (), **members: Mapping[str, Any]) -> Part:
    whole = closed_object(*(name for name in members if name not in optional), **members)
    return Part(key, Schema(whole), Schema({"properties": {name: members[name] for name in key}, "required": key}))


def _text(expected: str, pattern: str = r"\S", longest: int = 100) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern, "maxLength": longest, "description": expected}


def _list(expected: str, items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "uniqueItems": True, "description": expected}


_CODE = _text("a code of lower-case letters, digits and _", "^[a-z0-9_]+$", 64)
_CAPITALS = _text("two capital letters", "^[A-Z]{2}$")
_TICKER = _text("a ticker, 2 to 12 capital letters and digits", "^[A-Z0-9]{2,12}$")
_NAME = _text("a name")
_FLOW = {"enum": _FLOWS, "description": "buy or sell"}
_AMOUNT = _text('a decimal number as text, as "0.5"', r"^(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?$")
_PRICE = _text("what one unit is worth in USD, above 0, as text", r"^(?=.*[1-9])(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?$")
_PRECISION = {"type": "integer", "minimum": 0, "maximum": 18, "description": "a whole number from 0 to 18"}
_CODES = _list("a list of codes of providers", _CODE)
_LIMITS = {
    "type": "object",
    "additionalProperties": closed_object("min", "max", min=_AMOUNT, max=_AMOUNT),
    "description": 'bounds by the code of a provider, as {"moonpay":{"min":"20","max":"10000"}}',
}
_FEES = {
    "type": "array",
    "items": closed_object("method", "percent", method=_CODE, percent=_text("", r"^(100|[1-9]?[0-9])(\.[0-9]{1,4})?$")),
}
_STATE = closed_object("code", "name", code=_CAPITALS, name=_NAME)

PARTS: Mapping[str, Part] = {
    "providers": _part(
        ("code",),
        code=_CODE,
        name=_NAME,
        trustPilotRating=_text('a rating as text, as "4.1"'),
        flows=_list("a list of buy, sell", _FLOW),
        countries=_list("a list of countries, two capital letters each", _CAPITALS),
        excludedStates=_list("a list of US states, two capital letters each", _CAPITALS),
        methods=closed_object(*_FLOWS, **dict.fromkeys(_FLOWS, _FEES))
        | {"description": 'lists buy and sell of fees in percent, as {"method":"card","percent":"4.5"}'},
    ),
    "methods": _part(("code",), code=_CODE, name=_NAME, fiats=_list("a list of tickers", _TICKER)),
    "fiats": _part(
        ("ticker",),
        ticker=_TICKER,
        name=_NAME,
        usd=_PRICE,
        precision=_PRECISION,
        buyLimits=_LIMITS,
        sellAt=_CODES,
    ),
    "cryptos": _part(
        ("ticker",),
        ("extraIdRequired",),
        ticker=_TICKER,
        name=_NAME,
        network=_text("a network"),
        usd=_PRICE,
        precision=_PRECISION,
        extraIdName={"type": ["string", "null"], "pattern": r"\S", "maxLength": 100, "description": "a name, or null"},
        extraIdPattern={"type": ["string", "null"], "maxLength": 1000, "description": "a regular expression, or null"},
        extraIdRequired={"type": "boolean", "description": "true or false"},
        buyAt=_CODES,
        sellLimits=_LIMITS,
        addressPattern=_text("a regular expression", "", 1000),
    ),
    "excludedPairs": _part(
        ("provider", "flow", "currencyFrom", "currencyTo"),
        provider=_CODE,
        flow=_FLOW,
        currencyFrom=_TICKER,
        currencyTo=_TICKER,
    ),
    "countries": _part(
        ("code",),
        ("states",),
        code=_CAPITALS,
        name=_NAME,
        states=_list('a list of states, as {"code":"TX","name":"Texas"}', _STATE),
    ),
}
"""Every part by name, in the order in which they are laid over."""


class Flaw(NamedTuple):
    """What is wrong with an entry."""

    member: str
    expected: str


def key_of(part: str, entry: Entry) -> Key:
    """What tells the entry from the others of its part."""
    return tuple(entry[name] for name in PARTS[part].key)


def place_of(part: str, entry: Entry) -> str:
    """What a message calls an entry: its part and key, `cryptos ETH`."""
    return f"{part} {' '.join(map(cut, key_of(part, entry)))}"


def refuse(part: str, entry: Entry, flaw: Flaw) -> BrokenCatalogue:
    """The refusal of an entry whose key is right."""
    return BrokenCatalogue(f"{place_of(part, entry)}: {flaw.member}: {flaw.expected}")


def require_key(part: str, entry: Any, place: int) -> None:
    """Refuses with BrokenCatalogue an entry, the `place`th of its part, that lacks a member of its key."""
    if not isinstance(entry, dict):
        raise BrokenCatalogue(f"{part} entry {place}: expected an object with {', '.join(PARTS[part].key)}")
    flaw = _find_flaw(PARTS[part], PARTS[part].key_schema, entry)
    if flaw is not None:
        raise BrokenCatalogue(f"{part} entry {place}: {flaw.member}: {flaw.expected}")


def require_good(document: Document) -> None:
    """Refuses with BrokenCatalogue the first entry that is incomplete, misspelt or contradictory. All keys are known to
    be right."""
    names = {name: dict.fromkeys(entry[part.key[0]] for entry in document[name]) for name, part in PARTS.items()}
    for name, part in PARTS.items():
        known = set()
        for entry in document[name]:
            flaw = _find_flaw(part, part.schema, entry) or next(_find_contradictions(name, entry, names), None)
            if flaw is None and key_of(name, entry) in known:
                flaw = Flaw(part.key[0], "another entry has the same")
            if flaw is not None:
                raise refuse(name, entry, flaw)
            known.add(key_of(name, entry))


def _find_flaw(part: Part, schema: Schema, entry: Entry) -> Flaw | None:
    """What is wrong with the form of an entry; None if it is complete and well formed."""
    violations = schema.violations(entry)
    if not violations:
        return None
    first = violations[0]
    if not first.path:
        return Flaw(cut(first.unexpected[0]), f"no such member: there are {', '.join(part.members)}")
    expected = f"expected {part.members[str(first.path[0])]['description']}"
    place = ".".join(cut(str(each)) for each in first.path)
    return Flaw(place, f"missing, {expected}" if first.keyword == "required" else expected)


def _find_contradictions(part: str, entry: Entry, names: Mapping[str, Collection[str]]) -> Iterator[Flaw]:
    """Where a well-formed entry contradicts itself or the others. `names`: part -> the names of its entries."""
    providers = names["providers"]
    if not isinstance(entry.get("precision", 0), int):  # as 8.0, which is whole by JSON Schema
        yield Flaw("precision", f"expected {_PRECISION['description']}")
    for member in ("buyLimits", "sellLimits"):
        for code, limits in entry.get(member, {}).items():
            if Decimal(limits["min"]) > Decimal(limits["max"]):
                yield Flaw(f"{member}.{cut(code)}", "the minimum is above the maximum")
    for member in ("buyLimits", "sellLimits", "buyAt", "sellAt"):
        yield from _find_strangers(member, entry.get(member, ()), providers)
    if part == "excludedPairs":
        yield from _find_strangers("provider", [entry["provider"]], providers)
    if part == "providers":
        for flow, fees in entry["methods"].items():
            named = [fee["method"] for fee in fees]
            yield from _find_strangers(f"methods.{flow}", named, names["methods"])
            if len(set(named)) < len(named):
                yield Flaw(f"methods.{flow}", "a method is named twice")
    if part == "cryptos":
        yield from _find_flaws_of_coin(entry, names["fiats"])


def _find_flaws_of_coin(entry: Entry, fiats: Collection[str]) -> Iterator[Flaw]:
    if entry["ticker"] in fiats:
        yield Flaw("ticker", "a fiat currency has the same")
    for member in ("extraIdPattern", "addressPattern"):
        try:
            re.compile(entry[member] or "")
        except (re.error, RecursionError, OverflowError):
            yield Flaw(member, "expected a regular expression")


def _find_strangers(member: str, codes: Iterable[str], known: Collection[str]) -> Iterator[Flaw]:
    for code in codes:
        if code not in known:
            yield Flaw(f"{member}.{cut(code)}", f"unknown: there are {cut(', '.join(known))}")
