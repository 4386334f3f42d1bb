"""What was found in a record: equal drifts as one, with how often and where they were first seen."""

from collections import Counter
from typing import Any

from msgspec import Struct, field

from emulator.traffic.drift import Drift
from emulator.traffic.judge import Judgement

MAX_GROUPS = 1_000
"""How many different drifts are listed; the rest are only counted."""
_FIRST_PLACES = 3
_MOST_HOSTS = 20


class Group(Struct):
    """Drifts that are the same."""

    drift: Drift
    count: int = 0
    places: list[str] = field(default_factory=list)
    """Where in the record the first of them are."""


class Report:
    """What was found so far."""

    def __init__(self) -> None:
        self.groups: dict[tuple[str, ...], Group] = {}
        self.omitted = 0
        """Drifts beyond those that are listed."""
        self.judged: Counter[tuple[str, str]] = Counter()
        """How many calls and webhooks were judged, by provider and what they are."""
        self.unjudged: Counter[str] = Counter()
        """Why bodies were not judged."""
        self.others: Counter[str] = Counter()
        """Calls that belong to no provider, by host."""

    def add(self, place: str, host: str, judgement: Judgement | None) -> list[Drift]:
        """Adds what was found in one call; the drifts that were not seen before. None: the call belongs to no
        provider."""
        if judgement is None:
            self.others[host if host in self.others or len(self.others) < _MOST_HOSTS else "others"] += 1
            return []
        self.judged[judgement.provider, judgement.message] += 1
        self.unjudged.update(judgement.unjudged)
        return [drift for drift in judgement.drifts if self._is_new(place, drift)]

    def _is_new(self, place: str, drift: Drift) -> bool:
        group = self.groups.get(drift.group)
        if group is None:
            if len(self.groups) >= MAX_GROUPS:
                self.omitted += 1
                return False
            group = self.groups[drift.group] = Group(drift)
        group.count += 1
        if len(group.places) < _FIRST_PLACES:
            group.places.append(place)
        return group.count == 1

    @property
    def drifts(self) -> int:
        """How many differences there are, the same ones counted once."""
        return len(self.groups)

    @property
    def matched(self) -> int:
        """How many calls and webhooks were judged."""
        return self.judged.total()

    def sorted_groups(self) -> list[Group]:
        """By provider, message and field."""
        return sorted(
            self.groups.values(), key=lambda each: (each.drift.provider, each.drift.message, each.drift.field)
        )

    def as_json(self) -> dict[str, Any]:
        """The report as a document."""
        return {
            "matched": self.matched,
            "others": dict(self.others),
            "calls": [
                {"provider": provider, "message": message, "count": count}
                for (provider, message), count in sorted(self.judged.items())
            ],
            "unjudged": dict(self.unjudged),
            "drifts": [
                {**group.drift.as_json(), "count": group.count, "places": group.places}
                for group in self.sorted_groups()
            ],
            "omitted": self.omitted,
        }
