"""What is found among all sandboxes without a look at each: which is due next, and which holds an order."""

import heapq
from collections.abc import Iterable

_SLACK = 64


class Wakes:
    """When which sandbox has to be looked at, by real time."""

    def __init__(self) -> None:
        self._planned: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []
        """Everything that is planned, and some of what no longer is."""

    def hasten(self, name: str, real_ms: int) -> bool:
        """Has the sandbox looked at then, or sooner if that is planned already, which it tells by False."""
        planned_ms = self._planned.get(name)
        if planned_ms is not None and planned_ms <= real_ms:
            return False
        self._planned[name] = real_ms
        heapq.heappush(self._heap, (real_ms, name))
        if len(self._heap) > 2 * len(self._planned) + _SLACK:
            self._heap = [(each_ms, each) for each, each_ms in self._planned.items()]
            heapq.heapify(self._heap)
        return True

    def take(self, now_ms: int) -> list[str]:
        """The sandboxes that have to be looked at by now, the first due first; nothing is planned for them any more."""
        taken = []
        while self._heap and self._heap[0][0] <= now_ms:
            real_ms, name = heapq.heappop(self._heap)
            if self._planned.get(name) == real_ms:
                del self._planned[name]
                taken.append(name)
        return taken

    def next_ms(self) -> int | None:
        """When the first has to be looked at; None: none by itself."""
        while self._heap and self._planned.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def forget(self, name: str) -> None:
        """Plans nothing for a sandbox that is no more."""
        self._planned.pop(name, None)


class Holders:
    """Which sandbox holds an order that is asked for without a credential, by the index keys that are open to all."""

    def __init__(self, open_keys: Iterable[str]) -> None:
        """`open_keys`: what those keys begin with, as `koywe/pay:`."""
        self._open_keys = tuple(open_keys)
        self._of_key: dict[str, dict[str, None]] = {}
        self._of_sandbox: dict[str, list[str]] = {}
        self._places: dict[str, int] = {}
        self._next_place = 0

    def add(self, name: str) -> None:
        """A new sandbox, made later than all others."""
        self._of_sandbox[name] = []
        self._next_place += 1
        self._places[name] = self._next_place

    def hold(self, name: str, keys: Iterable[str]) -> None:
        """The sandbox has orders with these index keys."""
        for key in keys:
            if key.startswith(self._open_keys):
                holders = self._of_key.setdefault(key, {})
                if name not in holders:
                    holders[name] = None
                    self._of_sandbox[name].append(key)

    def release(self, name: str) -> None:
        """The sandbox has no orders any more."""
        for key in self._of_sandbox[name]:
            holders = self._of_key[key]
            del holders[name]
            if not holders:
                del self._of_key[key]
        self._of_sandbox[name] = []

    def forget(self, name: str) -> None:
        """The sandbox is no more."""
        self.release(name)
        del self._of_sandbox[name], self._places[name]

    def find(self, key: str) -> str | None:
        """The sandbox that holds an order with this key; of several the one made last.

        Raises LookupError for a key that is not open to all."""
        if not key.startswith(self._open_keys):
            raise LookupError(f"no provider says of {key!r} that it finds an order without a credential")
        return max(self._of_key.get(key, ()), key=self._places.__getitem__, default=None)
