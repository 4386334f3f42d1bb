"""Any bytes get the provider's own answer, and money adds up whatever happens to orders."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import providers
from emulator.core import json_text
from emulator.providers.koywe.formats.moments import read_moment
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import ANA, BANK_CO, COP, KINDS, SCENARIO, WALLET_USDC
from tests.thorough import tries

CARD = providers.load("koywe")
MEMBERS = sorted(
    {name for document in CARD.schemas.documents.values() for name in document.get("properties", {})}
    | {"__proto__", ""}
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=5
)
LIKELY = st.sampled_from(
    ["PAYIN", "PAYOUT", "ONRAMP", "COP", "USDC", "BANK", "CRYPTO", "PERSON", "CO", "ANY", "ALLOW", "succeed", COP, ANA,
     BANK_CO, WALLET_USDC, "2026-02-01", "+573001112233", [{"method": "PSE"}], 50000, 0.01, 1e300, 5e-324]
)  # fmt: skip
BODIES = st.dictionaries(st.sampled_from(MEMBERS), LIKELY | VALUES, max_size=8).map(json_text.encode)
QUIET = settings(max_examples=tries(300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def sandbox(emulator_server: BackgroundServer) -> Iterator[Emulator]:
    with emulator_server.sandbox() as made:
        yield made


@pytest.fixture(scope="module")
def app(sandbox: Emulator) -> Iterator[Client]:
    with Client(sandbox) as client:
        yield client


def path_of(client: Client, path: str, name: str) -> str:
    known = {"organization_id": client.organization_id, "merchant_id": client.merchant_id}
    for parameter in ("organization_id", "merchant_id", "order_id", "external_id", "quote_id", "deal_id", "contact_id",
                      "account_id", "rule_id", "approval_id"):  # fmt: skip
        path = path.replace(f"{{{parameter}}}", known.get(parameter, name))
    return path


# Deleting the merchant would leave nothing to ask for.
ENDPOINTS = st.sampled_from([each for each in CARD.endpoints if each.name != "delete-merchant"])


@QUIET
@given(endpoint=ENDPOINTS, content=BODIES | st.binary(max_size=60))
def test_the_provider_answers_any_body(app: Client, endpoint: Any, content: bytes) -> None:
    assert app.request(endpoint.method, path_of(app, endpoint.path, ANA), content=content).status_code < 500


@QUIET
@given(
    endpoint=ENDPOINTS,
    query=st.dictionaries(
        st.sampled_from(MEMBERS), LIKELY.map(str) | st.text(st.characters(exclude_categories=["Cs"])), max_size=8
    ),
)
def test_the_provider_answers_any_query(app: Client, endpoint: Any, query: dict[str, str]) -> None:
    path = path_of(app, endpoint.path, COP)
    assert app.request(endpoint.method, path, params=query, content=b"{}").status_code < 500


@QUIET
@given(endpoint=ENDPOINTS, raw=st.binary(min_size=1, max_size=30).map(lambda octets: octets.hex("%", 1)))
def test_the_provider_answers_any_id(app: Client, endpoint: Any, raw: str) -> None:
    path = path_of(app, endpoint.path, f"%{raw}")
    assert app.request(endpoint.method, path, content=b"{}").status_code < 500


@settings(max_examples=tries(100), deadline=None)
@given(
    literal=st.from_regex(r"(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    currencies=st.sampled_from([("COP", "COP"), ("CLP", "CLP"), ("COP", "USD"), ("USD", "COP")]),
    side=st.sampled_from(["amountIn", "amountOut"]),
)
def test_any_amount_is_refused_or_kept_exactly(
    app: Client, literal: str, currencies: tuple[str, str], side: str
) -> None:
    body = (
        f'{{"type":"PAYMENT_LINK","originCurrencySymbol":"{currencies[0]}",'
        f'"destinationCurrencySymbol":"{currencies[1]}","{side}":{literal}}}'
    )
    created = app.request("POST", f"{app.merchant}/orders", content=body.encode())
    if created.status_code != 201:
        assert created.json()["errorCode"] == "COM90003"
        return
    assert f'"{side}":{literal},'.encode() in created.content
    assert app.read(created.json()["id"]).content == created.content


EVENTS = sorted(CARD.lifecycle.events)
HELD_MONEY = {"PENDING", "PROCESSING", "ON_HOLD"}


def share(kind: str, order: Any) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """What an order in its status adds to the available, pending and reserved balances of each currency."""
    nothing, status = Decimal(0), order["status"]
    amount_in, amount_out = Decimal(order["amountIn"]), Decimal(order["amountOut"])
    origin, destination = order["originCurrencySymbol"], order["destinationCurrencySymbol"]
    if kind in ("PAYIN", "PAYMENT_LINK", "OFFRAMP"):
        coming = {"PROCESSING"} if kind == "OFFRAMP" else {"PROCESSING", "PAID", "ON_HOLD"}
        arrived = {"COMPLETED"} if kind == "OFFRAMP" else {"COMPLETED", "REFUND_REQUESTED"}
        return {destination: (amount_out * (status in arrived), amount_out * (status in coming), nothing)}
    if kind == "ONRAMP_BY_METHOD":
        return {}
    spent = status == "COMPLETED"
    held = status in HELD_MONEY
    shares = {origin: (-amount_in * (held or spent), nothing, amount_in * held)}
    if kind == "BALANCE_TRANSFER":
        shares[destination] = (amount_out * spent, nothing, nothing)
    return shares


@settings(max_examples=tries(25), deadline=None)
@given(
    scenario=st.sampled_from(["manual", "hold", "draft"]),
    kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4),
    happening=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(EVENTS)), max_size=25),
)
def test_balances_are_the_sum_of_what_orders_hold(
    sandbox: Emulator, app: Client, scenario: str, kinds: list[str], happening: list[tuple[int, str]]
) -> None:
    sandbox.reset()
    before = {each: app.balances(each) for each in ("COP", "USD")}
    orders = [app.order_id(app.create({SCENARIO: scenario}, **KINDS[kind])) for kind in kinds]
    for place, event in happening:
        try:
            sandbox.fire(orders[place % len(orders)], cast(Any, event))
        except ControlRefused as refused:
            assert refused.error == "illegal-event"
    expected = {each: list(parts) for each, parts in before.items()}
    for kind, order_id in zip(kinds, orders, strict=True):
        for currency, parts in share(kind, json_text.decode(app.read(order_id).content)).items():
            expected[currency] = [left + right for left, right in zip(expected[currency], parts, strict=True)]
    assert {each: list(app.balances(each)) for each in before} == expected


EDGES = st.sampled_from(["0001-01-01", "9999-12-31"])
TIMES = st.builds(
    lambda day, clock, offset: f"{day}T{clock}{offset}",
    EDGES,
    st.sampled_from(["00:00:00", "00:00:59.999", "12:00", "23:59:59"]),
    st.from_regex(r"Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]", fullmatch=True),
)
DATED = [
    ("/orders", "startDate"),
    ("/orders", "endDate"),
    ("/accounts/balances", "date"),
]


@settings(max_examples=tries(100), deadline=None)
@given(text=TIMES | EDGES, place=st.sampled_from(DATED))
def test_dates_at_the_ends_of_the_calendar_are_read_or_refused(app: Client, text: str, place: tuple[str, str]) -> None:
    path, field = place
    good = read_moment(text) is not None
    found = app.request("GET", app.merchant + path, params={field: text})
    events = app.request("GET", f"{app.organization}/webhook-events", params={"to": text})
    created = app.create(dueDate=text)
    for answer, name in ((found, field), (events, "to"), (created, "dueDate")):
        if good:
            assert answer.is_success, answer.text
        else:
            assert (answer.status_code, answer.json()["errorCode"]) == (422, "COM90003")
            assert answer.json()["message"] == f"{name} must be a valid ISO 8601 date string"
    if good:
        assert created.json()["dueDate"] is not None


def test_a_date_beyond_the_calendar_is_named_at_its_place(app: Client) -> None:
    refused = app.create(amountIn="1", dueDate="9999-12-31T23:59:59-12:00", description=5)
    assert refused.json()["message"] == (
        "amountIn must be a number conforming to the specified constraints, "
        "dueDate must be a valid ISO 8601 date string, description must be a string"
    )
