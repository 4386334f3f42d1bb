"""When each sandbox needs its next look, because something falls due there; found without looking at each of them."""

import heapq

_SLACK = 64


class Schedule:
    """The next look at each sandbox, in real time."""

    def __init__(self) -> None:
        self._planned: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []
        """Everything that is planned, and some that no longer is."""

    def plan(self, name: str, real_ms: int) -> bool:
        """Plans a look at the sandbox for `real_ms`. Returns False if one is planned for then or earlier anyway."""
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
        """Removes and returns the sandboxes that are due for a look by now, in the order in which they fell due."""
        taken = []
        while self._heap and self._heap[0][0] <= now_ms:
            real_ms, name = heapq.heappop(self._heap)
            if self._planned.get(name) == real_ms:
                del self._planned[name]
                taken.append(name)
        return taken

    def next_ms(self) -> int | None:
        """The time of the first planned look; None if none is planned."""
        while self._heap and self._planned.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def forget(self, name: str) -> None:
        """Drops what is planned for a sandbox that is gone."""
        self._planned.pop(name, None)
