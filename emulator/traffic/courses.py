"""What orders were seen to do, compared with the life cycle."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.card import Provider
from emulator.contract.lifecycle import Lifecycle
from emulator.contract.order_view import EACH, OrderView
from emulator.traffic.drift import Drift
from emulator.traffic.fields import pointer

MAX_ORDERS = 100_000
"""How many orders are followed at once; those seen longest ago are forgotten."""
_Path = tuple[str | int, ...]


class Sighting(Struct, frozen=True):
    """An order in a message."""

    order: str
    status: str
    path: _Path
    """Where its status is in the message."""
    kinds: frozenset[str]
    """The kinds that it may be of."""
    by_hand: bool = False


class _Course(Struct):
    status: str
    kinds: frozenset[str]


def sightings(provider: Provider, name: str, value: Any) -> Iterator[Sighting]:
    """The orders that the answer of an endpoint, or the webhook of an event, shows with their status."""
    for view in provider.order_views:
        if name not in view.messages:
            continue
        for path, order in _find(value, view.within):
            order_id, status = _member(order, view.id), _member(order, view.status)
            if isinstance(order_id, str | int) and isinstance(status, str):
                word = provider.status_words.get(status, status)
                kinds = _kinds(provider.lifecycle, view, order)
                yield Sighting(str(order_id), word, (*path, *view.status), kinds, view.by_hand)


def _find(value: Any, way: tuple[str, ...], path: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    if not way:
        yield path, value
    elif way[0] != EACH and isinstance(value, dict) and way[0] in value:
        yield from _find(value[way[0]], way[1:], (*path, way[0]))
    elif way[0] == EACH and isinstance(value, list):
        for place, item in enumerate(value):
            yield from _find(item, way[1:], (*path, place))


def _member(value: Any, way: tuple[str, ...]) -> Any:
    return next((found for _, found in _find(value, way)), None)


def _kinds(lifecycle: Lifecycle, view: OrderView, order: Any) -> frozenset[str]:
    said = _member(order, view.kind) if view.kind else None
    word = said if isinstance(said, str) else ""
    usual = frozenset({word}) if word in lifecycle.initial else frozenset(lifecycle.initial)
    return view.kinds.get(word, usual)


class Courses:
    """The status in which each order was last seen."""

    def __init__(self) -> None:
        self._orders: OrderedDict[tuple[str, str], _Course] = OrderedDict()
        self._reachable: dict[tuple[str, str, str], frozenset[str]] = {}

    def follow(
        self,
        provider: Provider,
        message: str,
        seen: Iterable[Sighting],
        *,
        is_new: bool = False,
        may_be_late: bool = False,
    ) -> Iterator[Drift]:
        """What the life cycle does not allow of what was seen. `is_new`: the message is the answer that makes the
        order; `may_be_late`: it may report an earlier status, as webhooks that are sent again do."""
        for sighting in seen:
            field = pointer(sighting.path)
            if sighting.status not in provider.lifecycle.statuses:
                said = f'"{sighting.status}" is not a status of the life cycle'
                yield Drift("unknown-status", provider.name, message, field, said)
                continue
            key = (provider.name, sighting.order)
            before = self._orders.pop(key, None)
            kinds = before.kinds & sighting.kinds or sighting.kinds if before else sighting.kinds
            after = sighting.status
            if before is None:
                if is_new and not any(after in provider.lifecycle.initial[kind] for kind in kinds):
                    yield _illegal("illegal-start", provider, message, field, f"an order begins as {after}", after)
            elif may_be_late and self._leads(provider, kinds, after, before.status):
                after = before.status
            elif not sighting.by_hand and not self._leads(provider, kinds, before.status, after):
                said = f"{before.status} -> {after}"
                yield _illegal("illegal-transition", provider, message, field, said, before.status)
            self._orders[key] = _Course(after, kinds)
            if len(self._orders) > MAX_ORDERS:
                self._orders.popitem(last=False)

    def _leads(self, provider: Provider, kinds: Iterable[str], source: str, target: str) -> bool:
        """Whether an order can get from one status to the other, directly or by way of others, or stays."""
        return source == target or any(target in self._after(provider, kind, source) for kind in kinds)

    def _after(self, provider: Provider, kind: str, status: str) -> frozenset[str]:
        key = (provider.name, kind, status)
        if key not in self._reachable:
            self._reachable[key] = frozenset(row.target for row in provider.lifecycle.rows_from(kind, (status,)))
        return self._reachable[key]


def _illegal(kind: str, provider: Provider, message: str, field: str, said: str, status: str) -> Drift:
    """The mark is the weakest of what is known about that status and what leads out of it."""
    known: Mapping[str, None] = dict.fromkeys(
        [provider.lifecycle.statuses[status].mark]
        + [row.mark for row in provider.lifecycle.transitions if row.source == status]
    )
    mark = next(each for each in ("assumed", "observed", "documented") if each in known)
    return Drift(kind, provider.name, message, field, said, mark=mark)
