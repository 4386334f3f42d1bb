"""Laying entries over a catalogue. Assumed: all of it.

An entry with a known key changes the members that it gives, one with a new key comes last, `remove` takes an entry out
with all that names it, and the part `only` names parts that are given whole.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from emulator.core.wording import cut
from emulator.providers.changelly.overlay.entries import (
    PARTS,
    BrokenCatalogue,
    Document,
    Entry,
    Flaw,
    Key,
    key_of,
    place_of,
    refuse,
    require_good,
    require_key,
)

ONLY = "only"
REMOVE = "remove"
_PLUS, _MINUS = "+", "-"

_NAMED_BY = {
    "countries": "countries",
    "fiats": "fiats",
    "buyAt": "providers",
    "sellAt": "providers",
    "buyLimits": "providers",
    "sellLimits": "providers",
}
"""Member that names entries -> their part."""


def lay_over(shipped: Document, parts: Mapping[str, Any]) -> dict[str, list[Entry]]:
    """A new catalogue: `shipped` with the parts laid over it. Raises BrokenCatalogue."""
    whole = _read_only(parts)
    given = {name: _read_entries(name, parts[name]) for name in PARTS if name in parts}
    laid = {name: _keep(name, () if name in whole else shipped[name], given.get(name, [])) for name in PARTS}
    gone = {name: _find_gone(name, shipped[name], laid[name], given.get(name, [])) for name in PARTS}
    for name, known in laid.items():
        for key, entry in tuple(known.items()):
            known[key] = _without(entry, gone)
            if entry.get("provider") in gone["providers"]:
                del known[key]
        for entry in given.get(name, ()):
            if REMOVE not in entry:
                _lay_entry(name, entry, known)
    document = {name: list(known.values()) for name, known in laid.items()}
    require_good(document)
    return document


def _keep(part: str, shipped: Iterable[Entry], given: Iterable[Entry]) -> dict[Key, Entry]:
    """The entries that are not taken out, by key."""
    kept = {key_of(part, entry): entry for entry in shipped}
    for entry in given:
        if REMOVE in entry and kept.pop(key_of(part, entry), None) is None:
            raise refuse(part, entry, Flaw(REMOVE, "there is no such entry"))
    return kept


def _find_gone(part: str, shipped: Iterable[Entry], kept: Collection[Key], given: Iterable[Entry]) -> set[str]:
    """The names of entries that are neither kept nor given anew."""
    there = {*kept, *(key_of(part, entry) for entry in given if REMOVE not in entry)}
    return {key_of(part, entry)[0] for entry in shipped if key_of(part, entry) not in there}


def _read_only(parts: Mapping[str, Any]) -> list[str]:
    """The parts that are given whole."""
    for name in parts:
        if name != ONLY and name not in PARTS:
            raise BrokenCatalogue(f"{cut(name)}: no such part: there are {', '.join(PARTS)}, {ONLY}")
    whole = parts.get(ONLY, [])
    if not isinstance(whole, list) or not all(isinstance(each, str) and each in PARTS for each in whole):
        raise BrokenCatalogue(f"{ONLY}: expected a list of {', '.join(PARTS)}")
    absent = next((name for name in whole if name not in parts), None)
    if absent is not None:
        raise BrokenCatalogue(f"{ONLY}: names {absent}, which is missing")
    return whole


def _read_entries(part: str, entries: Any) -> list[Entry]:
    """The entries of a part, each with its key and with known members alone."""
    if not isinstance(entries, list):
        raise BrokenCatalogue(f"{part}: expected a list of entries, each with {', '.join(PARTS[part].key)}")
    members = PARTS[part].members
    for place, entry in enumerate(entries, 1):
        require_key(part, entry, place)
        unknown = next((member for member in entry if member not in members and member != REMOVE), None)
        if unknown is not None:
            raise refuse(part, entry, Flaw(cut(unknown), f"no such member: there are {', '.join(members)}"))
        if REMOVE in entry and (entry[REMOVE] is not True or len(entry) > len(PARTS[part].key) + 1):
            raise refuse(part, entry, Flaw(REMOVE, "expected true, beside the key alone"))
    return entries


def _without(entry: Entry, gone: Mapping[str, set[str]]) -> Entry:
    """A shipped entry without the names of entries that are gone."""
    left = dict(entry)
    for member, part in _NAMED_BY.items():
        names = left.get(member)
        if isinstance(names, dict):
            left[member] = {name: value for name, value in names.items() if name not in gone[part]}
        elif isinstance(names, list):
            left[member] = [name for name in names if name not in gone[part]]
    if "methods" in left:
        left["methods"] = {
            flow: [fee for fee in fees if fee["method"] not in gone["methods"]]
            for flow, fees in left["methods"].items()
        }
    return left


def _lay_entry(part: str, entry: Entry, entries: dict[Key, Entry]) -> None:
    """Changes the entry with this key, or puts a new one at the end."""
    key = key_of(part, entry)
    known = entries.get(key, {})
    place = place_of(part, entry)
    changed = (
        {name: _merge(known.get(name), new, f"{place}: {name}") for name, new in entry.items()} if known else entry
    )
    entries[key] = known | changed


def _merge(old: Any, new: Any, place: str) -> Any:
    """What becomes of a value: objects are merged, lists are replaced, added to or taken from, all else is replaced."""
    if not isinstance(new, dict):
        return new
    if isinstance(old, list):
        return _change_list(old, new, place)
    merged = dict(old) if isinstance(old, dict) else {}
    for name, value in new.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value, f"{place}.{cut(name)}")
    return merged


def _change_list(old: list[Any], change: Mapping[str, Any], place: str) -> list[Any]:
    known = set(change) <= {_PLUS, _MINUS} and all(isinstance(items, list) for items in change.values())
    if not change or not known:
        raise BrokenCatalogue(f'{place}: expected a list, or {{"+":[...]}} to add, or {{"-":[...]}} to take away')
    taken = change.get(_MINUS, [])
    if any(item not in old for item in taken):
        raise BrokenCatalogue(f"{place}.{_MINUS}: cannot take away what is not in the list")
    left = [item for item in old if item not in taken]
    return left + [item for item in change.get(_PLUS, []) if item not in left]
