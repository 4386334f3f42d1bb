"""What a provider may ask of the sandbox, and do in it, while one command is decided."""

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
        """A document, as a fresh value; None if there is none."""

    def put(self, table: str, key: str, value: Any, *, even_if_refused: bool = False) -> None:
        """Keeps a document. With `even_if_refused` also if the command is refused in the end, as counts are."""

    def put_passing(self, table: str, key: str, value: Any, most: int, is_over: Callable[[Any], bool]) -> None:
        """Keeps a document that matters for a time only; each time, a few that have come before and are over go."""

    def forget(self, table: str, key: str) -> None:
        """Removes a document."""

    def make_room(self, table: str, most: int) -> None:
        """Forgets the oldest documents of a table, so that hardly more than `most` are left."""

    def has(self, table: str) -> bool:
        """Whether the table held anything when the command began."""

    def scan(self, table: str) -> Iterator[tuple[str, Any]]:
        """All documents of a table with their keys, oldest first."""

    def settings(self, provider: str) -> Mapping[str, Any]:
        """Every setting of a provider with its value."""

    def scenario(self, provider: str, name: str) -> Scenario | None:
        """The scenario with this name."""

    def change_settings(self, provider: str, changed: Mapping[str, Any]) -> None:
        """Changes settings of a provider; what is not named stays. They hold from the next command on."""

    def order(self, order_id: str) -> Order | None:
        """The order with this id; within a transaction always the same object."""

    def order_ids(self, provider: str, key: str) -> list[str]:
        """Ids of the provider's orders with this key, oldest first; the key `owner:<owner>` has all of an owner."""

    def count_orders(self, provider: str, key: str) -> int:
        """How many orders with this key there were when the command began."""

    def touch(self, order: Order) -> None:
        """Says that the order was changed and has to be kept."""

    def start_timer(self, order: Order, name: str, due_ms: int) -> None:
        """Makes the event `name` happen to the order at `due_ms`; replaces a timer with the same name."""

    def stop_timer(self, order: Order, name: str) -> None:
        """Makes sure that the event does not happen."""

    def note(self, kind: str, order: Order, **details: Any) -> None:
        """Adds to the story of an order."""

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
        """Sends a webhook, `after_ms` from now. `fields` is what the provider needs to compose it at each attempt;
        a `body` is sent as it is, with headers and signature of its own."""

    def delivery(self, delivery_id: str) -> Delivery | None:
        """A delivery."""

    def deliveries(self) -> Iterator[Delivery]:
        """All deliveries that are still known, oldest first."""

    def give_up(self, delivery: Delivery) -> None:
        """Sees to it that a delivery that waits for an attempt is never sent."""

    def release(self, delivery: Delivery) -> None:
        """Lets a delivery go on that was held."""
