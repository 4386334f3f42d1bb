"""Which sandbox holds an order or a document that is open to all, found without a look at each."""

from collections.abc import Iterable


class Holders:
    """Which sandbox holds what is asked for without a credential, by the keys that are open to all."""

    def __init__(self, open_keys: Iterable[str]) -> None:
        """`open_keys`: what those keys begin with, as `<provider>/pay:` of orders and `<table>/` of documents."""
        self.open_keys = tuple(open_keys)
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
        """The sandbox has orders or documents with these keys."""
        for key in keys:
            if key.startswith(self.open_keys):
                holders = self._of_key.setdefault(key, {})
                if name not in holders:
                    holders[name] = None
                    self._of_sandbox[name].append(key)

    def release(self, name: str) -> None:
        """The sandbox has none of them any more."""
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
        """The sandbox that holds this key; of several the one made last.

        Raises LookupError for a key that is not open to all."""
        if not key.startswith(self.open_keys):
            raise LookupError(f"no provider says that {key!r} can be found without a credential")
        return max(self._of_key.get(key, ()), key=self._places.__getitem__, default=None)
