"""Which sandbox is due next, found without a look at each."""

import heapq

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
