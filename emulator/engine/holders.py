"""Which sandbox holds an order or a document that needs no credential, found without looking at each sandbox."""

from collections.abc import Iterable


class Holders:
    """Sandboxes by the keys of orders and documents that need no credential (open keys)."""

    def __init__(self, open_keys: Iterable[str]) -> None:
        """`open_keys`: prefixes of such keys: `<provider>/pay:`, say, for orders, and `<table>/` for documents."""
        self.open_keys = tuple(open_keys)
        self._of_key: dict[str, dict[str, None]] = {}
        self._of_sandbox: dict[str, list[str]] = {}
        self._places: dict[str, int] = {}
        self._next_place = 0

    def add(self, name: str) -> None:
        """Adds a sandbox that was created after all others."""
        self._of_sandbox[name] = []
        self._next_place += 1
        self._places[name] = self._next_place

    def hold(self, name: str, keys: Iterable[str]) -> None:
        """Records that the sandbox has orders or documents with these keys; keys that are not open are ignored."""
        for key in keys:
            if key.startswith(self.open_keys):
                holders = self._of_key.setdefault(key, {})
                if name not in holders:
                    holders[name] = None
                    self._of_sandbox[name].append(key)

    def release(self, name: str) -> None:
        """Records that the sandbox has no such orders or documents any more."""
        for key in self._of_sandbox[name]:
            holders = self._of_key[key]
            del holders[name]
            if not holders:
                del self._of_key[key]
        self._of_sandbox[name] = []

    def forget(self, name: str) -> None:
        """Removes a sandbox."""
        self.release(name)
        del self._of_sandbox[name], self._places[name]

    def find(self, key: str) -> str | None:
        """The sandbox that holds this key, of several the one created last; None if none does.

        Raises LookupError for a key that is not open."""
        if not key.startswith(self.open_keys):
            raise LookupError(f"no provider says that {key!r} can be found without a credential")
        return max(self._of_key.get(key, ()), key=self._places.__getitem__, default=None)
