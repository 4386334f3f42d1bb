"""What a provider can read and do in a sandbox while a command is decided."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from emulator.contract.chance import Chance
from emulator.contract.delivery import Delivery
from emulator.contract.order import Order
from emulator.contract.scenario import Scenario


class Transaction(Protocol):
    """One command on one sandbox, at one instant. It reads the sandbox and collects changes."""

    sandbox_name: str
    seed: str
    now_ms: int
    """Sandbox time, ms since 1970."""
    real_ms: int
    """Real time, ms since 1970; only for what the provider compares with its client's own clock."""
    chance: Chance

    def get(self, table: str, key: str) -> Any:
        """A document as a fresh value; None if there is none."""

    def put(self, table: str, key: str, value: Any, *, even_if_refused: bool = False) -> None:
        """Stores a document; with `even_if_refused` (for counts, say) even if the command is refused in the end."""

    def put_passing(self, table: str, key: str, value: Any, most: int, is_over: Callable[[Any], bool]) -> None:
        """Stores a document that matters only for a while, and removes a few older ones that are over.

        `is_over` says whether a document is over. Beyond `most`, the oldest are removed in any case."""

    def forget(self, table: str, key: str) -> None:
        """Removes a document."""

    def make_room(self, table: str, most: int) -> None:
        """Removes the oldest documents of a table, so that hardly more than `most` are left."""

    def has(self, table: str) -> bool:
        """Whether the table held anything when the command began."""

    def scan(self, table: str) -> Iterator[tuple[str, Any]]:
        """All documents of a table with their keys, oldest first."""

    def settings(self, provider: str) -> Mapping[str, Any]:
        """The value of each of a provider's settings, by name."""

    def scenario(self, provider: str, name: str) -> Scenario | None:
        """The scenario with this name; None if there is none."""

    def change_settings(self, provider: str, changed: Mapping[str, Any]) -> None:
        """Changes some of a provider's settings, starting with the next command; the others stay."""

    def order(self, order_id: str) -> Order | None:
        """The order with this id, always the same object within a transaction; None if there is none."""

    def order_ids(self, provider: str, key: str) -> list[str]:
        """Ids of the provider's orders with this key, oldest first; all orders of an owner have `owner:<owner>`."""

    def count_orders(self, provider: str, key: str) -> int:
        """How many orders had this key when the command began."""

    def touch(self, order: Order) -> None:
        """Marks the order as changed, so that it is stored."""

    def start_timer(self, order: Order, name: str, due_ms: int) -> None:
        """Makes the event `name` happen to the order at `due_ms`, in place of any timer of the same name."""

    def stop_timer(self, order: Order, name: str) -> None:
        """Stops the timer of this name, if there is one."""

    def note(self, kind: str, order: Order, **details: Any) -> None:
        """Adds a note to the story of an order."""

    def deliver(
        self,
        provider: str,
        event: str,
        url: str,
        order_id: str = "",
        fields: dict[str, Any] | None = None,
        *,
        delivery_id: str | None = None,
        after_ms: int = 0,
        retries: bool = True,
        about: str = "",
        body: bytes | None = None,
    ) -> Delivery:
        """Sends a webhook, `after_ms` from now. `fields`: what the provider needs to compose it at each attempt.
        `about`: its subject, if that is not an order; webhooks about one subject are sent in sequence. A `body` is sent
        as it is, with headers and signature made for it."""

    def delivery(self, delivery_id: str) -> Delivery | None:
        """A fresh copy of a delivery; None if there is none."""

    def deliveries(self) -> Iterator[Delivery]:
        """All deliveries that the sandbox still holds, oldest first."""

    def give_up(self, delivery: Delivery) -> None:
        """Gives up a delivery whose attempt is still to come."""

    def release(self, delivery: Delivery) -> None:
        """Makes the attempt of a held delivery due now."""
