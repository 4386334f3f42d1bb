"""Ways in which a stand-in drifts from what the emulator knows: what it changes, and what should be found."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from emulator.core import json_text
from emulator.providers import load
from tests.traffic.stand_in import Answer, Change, StandIn


@dataclass(frozen=True)
class Planted:
    """One way to drift."""

    provider: str
    call: str
    """Method and the end of the path of the answers that are changed."""
    statuses: range
    """HTTP statuses of the answers that are changed."""
    change: Change
    found: set[tuple[str, str]]
    """Kind and field of all that is to be named."""

    def __str__(self) -> str:
        return f"{self.provider}-{'-'.join(kind for kind, _ in sorted(self.found))}-{self.call}"

    @contextmanager
    def at(self, stand_in: StandIn) -> Iterator[None]:
        """The stand-in drifts so meanwhile."""
        method, _, ending = self.call.partition(" ")

        def change(answer: Answer) -> Answer:
            wanted = answer.method == method and ending in answer.path and answer.status in self.statuses
            return self.change(answer) if wanted else answer

        before, stand_in.change = stand_in.change, change
        try:
            yield
        finally:
            stand_in.change = before


def _edited(edit: Callable[[Any], None]) -> Change:
    """The JSON of the answer is changed in place."""

    def change(answer: Answer) -> Answer:
        value = json_text.decode(answer.body)
        edit(value)
        return answer.having(body=json_text.encode(value))

    return change


def _set(*way: str | int, value: Any) -> Change:
    def edit(found: Any) -> None:
        for part in way[:-1]:
            found = found[part]
        found[way[-1]] = value

    return _edited(edit)


def _without(*way: str | int) -> Change:
    def edit(found: Any) -> None:
        for part in way[:-1]:
            found = found[part]
        del found[way[-1]]

    return _edited(edit)


def _status(status: int) -> Change:
    return lambda answer: answer.having(status=status)


def _typed(content_type: str, body: bytes | None = None) -> Change:
    return lambda answer: answer.having(
        headers={**answer.headers, "content-type": content_type}, body=answer.body if body is None else body
    )


def _one_after_the_other(*statuses: str) -> Change:
    left = itertools.cycle(statuses)
    return _edited(lambda order: order.update(status=next(left)))


def _taken(answer: Answer) -> Answer:
    """The request is not refused, but makes an order."""
    order = load("koywe").schemas.documents["create-order.response"]["examples"][0]
    return answer.having(status=201, body=json_text.encode(order))


OK, REFUSED = range(200, 300), range(400, 500)
ORDER, ORDERS = "GET /orders/ord_", "GET /v1/orders"
PLANTED = (
    Planted("koywe", ORDER, OK, _set("settledBy", value="x"), {("new-member", "/settledBy")}),
    Planted("koywe", ORDER, OK, _without("createdAt"), {("missing-member", "/createdAt")}),
    Planted("koywe", ORDER, OK, _set("amountIn", value="50000"), {("other-type", "/amountIn")}),
    Planted("koywe", ORDER, OK, _set("sendEmail", value=None), {("other-type", "/sendEmail")}),
    Planted("koywe", ORDER, OK, _set("type", value="SUBSCRIPTION"), {("unknown-value", "/type")}),
    Planted("koywe", ORDER, OK, _set("status", value="SETTLING"), {("unknown-status", "/status")}),
    Planted("koywe", ORDER, OK, _set("createdAt", value="26/11/2026"), {("other-form", "/createdAt")}),
    Planted("koywe", ORDER, OK, _set("paymentMethods", 0, "fee", value=1), {("new-member", "/paymentMethods/*/fee")}),
    Planted("koywe", ORDER, OK, _one_after_the_other("COMPLETED", "PENDING"), {("illegal-transition", "/status")}),
    Planted("koywe", "POST /orders", OK, _status(200), {("wrong-status-code", "")}),
    Planted("koywe", "POST /orders", OK, _set("status", value="PAID"),
            {("illegal-start", "/status"), ("illegal-transition", "/status")}),
    Planted("koywe", "POST /orders", REFUSED, _set("errorCode", value="OR12345"), {("unknown-error", "/errorCode")}),
    Planted("koywe", "POST /orders", REFUSED, _without("timestamp"), {("missing-member", "/timestamp")}),
    Planted("koywe", "POST /orders", REFUSED, _status(418), {("wrong-status-code", "")}),
    Planted("koywe", "POST /orders", REFUSED, _status(201), {("wrong-status-code", "")}),
    Planted("koywe", "POST /orders", REFUSED, _taken, {("accepted-request", "/paymentMethods")}),
    Planted("koywe", "GET /nowhere", REFUSED, _status(200), {("unknown-endpoint", "")}),
    Planted("koywe", "DELETE /orders/ord_", REFUSED, _status(200), {("unknown-method", "")}),
    Planted("changelly", ORDERS, OK, _typed("text/html", b"<html>maintenance</html>"), {("not-json", "/")}),
    Planted("changelly", ORDERS, OK, _typed("text/plain"), {("other-content-type", "")}),
    Planted("changelly", ORDERS, OK, _typed("application/json", b""), {("no-body", "/")}),
    Planted("changelly", ORDERS, OK, _set("orders", 0, "amountFrom", value=150),
            {("other-type", "/orders/*/amountFrom")}),
    Planted("changelly", ORDERS, OK, _without("orders", 0, "ip"), {("missing-member", "/orders/*/ip")}),
    Planted("changelly", ORDERS, OK, _set("orders", value={}), {("other-type", "/orders")}),
    Planted("changelly", "POST /v1/orders", REFUSED, _status(403), {("wrong-status-code", "")}),
    Planted("basswallet", "POST /payment", range(200, 500), lambda answer: answer.having(status=200),
            {("wrong-status-code", "")}),
    Planted("basswallet", "GET /order/query", OK, _set("data", "risk", value="low"), {("new-member", "/data/risk")}),
    Planted("basswallet", "GET /order/query", OK, _edited(lambda order: order["data"].update(risk="low", chainName=7)),
            {("new-member", "/data/risk"), ("other-type", "/data/chainName")}),
    Planted("basswallet", "GET /order/query", OK, _set("data", "status", value="Frozen"),
            {("unknown-status", "/data/status")}),
    Planted("baanx", "GET /v1/order/ord_", OK, _set("status", value="LOST"), {("unknown-status", "/status")}),
    Planted("baanx", "POST /v1/order", OK, _set("orderId", value=7), {("other-type", "/orderId")}),
    Planted("baanx", "POST /v1/order", REFUSED, _set("code", value=12), {("new-member", "/code")}),
)  # fmt: skip
