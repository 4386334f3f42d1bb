"""Which sandbox holds an order, found without a look at each."""

from collections.abc import Iterable


class Holders:
    """Which sandbox holds an order that is asked for without a credential, by the index keys that are open to all."""

    def __init__(self, open_keys: Iterable[str]) -> None:
        """`open_keys`: what those keys begin with, as `<provider>/pay:`."""
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
