"""What each type of order requires beyond its body, and where its money comes from and goes to."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import (
    BALANCE_TRANSFER,
    BANK_CL,
    BANK_CO,
    CLP,
    CONTACT_BANK_CO,
    COP,
    KINDS,
    OFFRAMP,
    ONRAMP,
    ONRAMP_BY_METHOD,
    PAYMENT_LINK,
    PAYOUT,
    SCENARIO,
    UNKNOWN_ACCOUNT,
    WALLET_USDC,
)

MANUAL = {SCENARIO: "manual"}


def refusal(client: Client, **changes: Any) -> tuple[int, str, str]:
    """Status, code and message of a create call that must be refused."""
    response = client.create(**changes)
    assert not response.is_success, response.text
    body = response.json()
    return response.status_code, str(body["errorCode"]), str(body["message"])


METHODS_TEXT = "Exactly one payment method is required for PAYIN orders"


@pytest.mark.parametrize("methods", [None, [], [{"method": "PSE"}, {"method": "NEQUI"}]])
def test_05_a_payin_has_exactly_one_method(client: Client, methods: Any) -> None:
    assert refusal(client, paymentMethods=methods) == (400, "PM90001", METHODS_TEXT)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"paymentMethods": [{"method": "KHIPU"}]}, ("PMP90001", "Payment method not supported for country/currency")),
        ({"paymentMethods": [{"method": "NONE"}]}, ("PMP90001", "Payment method not supported for country/currency")),
        ({"amountIn": 1999.99}, ("PMP90002", "Amount is below the minimum of 2000 COP for PSE")),
        ({"amountIn": 20000000.01}, ("PMP90003", "Amount is above the maximum of 20000000 COP for PSE")),
        ({**ONRAMP_BY_METHOD, "amountIn": 1}, ("PMP90002", "Amount is below the minimum of 2000 COP for PSE")),
        ({**ONRAMP_BY_METHOD, "paymentMethods": [{"method": "PSE"}, {"method": "NEQUI"}]},
         ("PM90001", "At most one payment method is allowed for ONRAMP orders")),
        ({**PAYMENT_LINK, "paymentMethods": [{"method": "PSE"}, {"method": "NEQUI"}], "amountIn": 1500},
         ("PMP90002", "Amount is below the minimum of 2000 COP for PSE")),
    ],
)  # fmt: skip
def test_05_methods_have_currencies_and_limits(
    client: Client, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal(client, **changes) == (400, *expected)


@pytest.mark.parametrize("amount", [2000, 20000000])
def test_05_limits_are_inclusive(client: Client, amount: int) -> None:
    assert client.create(amountIn=amount).status_code == 201


@pytest.mark.parametrize(
    "extra", ["BANCOLOMBIA", {"bankAccount": {"name": "BANCOLOMBIA"}, "phone": {"countryCode": "57", "number": "3"}}]
)
def test_05_the_member_extra_is_returned_as_sent(client: Client, extra: Any) -> None:
    methods = [{"method": "PSE", "extra": extra}]
    assert client.create(paymentMethods=methods).json()["paymentMethods"] == methods


def test_05_a_payin_needs_no_contact(emulator: Emulator, client: Client) -> None:
    assert client.create().status_code == 201
    emulator.set("koywe", payin_requires_contact=True)
    assert refusal(client) == (400, "CT00036", "Contact is required for PAYIN orders")
    assert client.create(**PAYMENT_LINK).status_code == 201


@pytest.mark.parametrize("scenario", [None, "refuse"])
def test_05_a_method_can_refuse_a_payin(client: Client, scenario: str | None) -> None:
    headers = {SCENARIO: scenario} if scenario else None
    refused = client.create(headers, description="#emu:refuse")
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "OR00007")
    assert refused.json()["message"] == "Error during PAYIN execution"
    assert client.get("/orders")["pagination"]["totalCount"] == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"destinationAccountId": None}, (400, "BAA90001", "destinationAccountId is required for PAYOUT orders")),
        ({"destinationAccountId": UNKNOWN_ACCOUNT}, (404, "BAA90002", "Account not found")),
        ({"destinationAccountId": COP},
         (400, "BAA90003", "destinationAccountId must be a bank account for PAYOUT orders")),
        ({"destinationAccountId": WALLET_USDC},
         (400, "BAA90003", "destinationAccountId must be a bank account for PAYOUT orders")),
        ({"destinationAccountId": BANK_CL},
         (400, "BAA00008", "The destination account currency does not match the order destination currency.")),
    ],
)  # fmt: skip
def test_06_a_payout_needs_a_real_bank_account_in_its_currency(
    client: Client, changes: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert refusal(client, **PAYOUT | changes) == expected


def test_06_a_payout_takes_its_amount_from_the_balance(client: Client) -> None:
    before = client.balances()
    order = client.create(MANUAL, **PAYOUT, amountIn=250000).json()
    assert order["originAccountId"] == COP
    assert client.balances() == (before[0] - 250000, Decimal(0), Decimal(250000))
    assert client.create(MANUAL, **PAYOUT | {"destinationAccountId": CONTACT_BANK_CO}).status_code == 201


def test_06_a_payout_of_more_than_the_balance_is_refused_with_the_balance(emulator: Emulator, client: Client) -> None:
    emulator.command("koywe", "set_balance", account=COP, amount=100000)
    refused = client.create(**PAYOUT, amountIn=500000)
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "INSUFFICIENT_BALANCE")
    assert list(refused.json())[3:] == ["errorCode", "message", "details"]
    assert refused.json()["message"] == "Insufficient balance for payout"
    assert refused.content.endswith(b'"details":{"available":100000,"required":500000,"currency":"COP"}}')
    assert client.balances() == (Decimal(100000), Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (None, (400, "BAA90001", "destinationAccountId is required for ONRAMP orders")),
        (BANK_CO, (400, "BAA90003", "destinationAccountId must be a crypto wallet for ONRAMP orders")),
        ("acc_00000000-0000-4000-8000-000000000252",
         (400, "BAA00008", "The destination account currency does not match the order destination currency.")),
    ],
)  # fmt: skip
def test_07_an_onramp_needs_a_wallet(client: Client, account: str | None, expected: tuple[int, str, str]) -> None:
    assert refusal(client, **ONRAMP | {"destinationAccountId": account}) == expected


def test_07_an_onramp_is_paid_from_the_balance_or_by_a_method(emulator: Emulator, client: Client) -> None:
    available, pending, reserved = client.balances()
    assert (pending, reserved) == (0, 0)
    order = client.create(MANUAL, **ONRAMP_BY_METHOD).json()
    assert (order["originAccountId"], order["providedActionType"]) == (None, "PAYMENT_LINK")
    assert client.balances() == (available, 0, 0)
    order = client.create(MANUAL, **ONRAMP).json()
    assert (order["originAccountId"], order["providedAction"]) == (COP, None)
    assert client.balances() == (available - 50000, 0, 50000)
    emulator.command("koywe", "set_balance", account=COP, amount=1)
    assert refusal(client, **ONRAMP) == (400, "INSUFFICIENT_BALANCE", "Insufficient balance for onramp")
    assert client.create(**ONRAMP_BY_METHOD).status_code == 201


@pytest.mark.parametrize(
    ("account", "shown", "paid_out"), [(None, COP, False), (COP, COP, False), (BANK_CO, BANK_CO, True)]
)
def test_07_an_offramp_ends_in_a_virtual_or_a_bank_account(
    emulator: Emulator, client: Client, account: str | None, shown: str, paid_out: bool
) -> None:
    available, *_ = client.balances()
    order = client.create(**OFFRAMP, destinationAccountId=account).json()
    assert order["destinationAccountId"] == shown
    assert order["providedAction"] == "0x00000000000000000000000000000000000000d1"
    emulator.advance("3s")
    assert client.balances() == (available, Decimal(order["amountOut"]), 0)
    emulator.advance("30s")
    assert client.status(order["id"]) == "COMPLETED"
    assert client.balances() == (available + (0 if paid_out else order["amountOut"]), 0, 0)


@pytest.mark.parametrize(
    ("symbol", "address"),
    [
        ("USDT", "0x00000000000000000000000000000000000000d1"),
        ("BTC", "bc1qdepositdepositdepositdeposit000000000"),
        ("MATIC", "0x00000000000000000000000000000000000000d1"),
    ],
)
def test_07_the_deposit_address_is_that_of_the_network(client: Client, symbol: str, address: str) -> None:
    order = client.create(**OFFRAMP | {"originCurrencySymbol": symbol, "amountIn": 1}).json()
    assert (order["providedAction"], order["providedActionType"]) == (address, "CRYPTO_ADDRESS")


@pytest.mark.parametrize("kind", ["ONRAMP_FROM_BALANCE", "ONRAMP_BY_METHOD", "OFFRAMP"])
def test_07_by_setting_crypto_orders_are_possible_only_through_deals(
    emulator: Emulator, client: Client, kind: str
) -> None:
    emulator.set("koywe", crypto_on_orders="reject")
    order_type = KINDS[kind]["type"]
    assert refusal(client, **KINDS[kind]) == (400, "OR90007", f"{order_type} orders are created through deals")
    assert client.create().status_code == 201


def test_08_a_transfer_moves_money_between_balances(emulator: Emulator, client: Client) -> None:
    cop, *_ = client.balances("COP")
    usd, *_ = client.balances("USD")
    quote = client.post("/quotes", {"type": "BALANCE_TRANSFER", "originCurrencySymbol": "COP",
                                    "destinationCurrencySymbol": "USD", "amountIn": 1000000})  # fmt: skip
    by_quote = client.post("/orders", {"type": "BALANCE_TRANSFER", "quoteId": quote["id"]})
    by_amount = client.create(**BALANCE_TRANSFER, amountIn=400000).json()
    assert by_quote["status"] == by_amount["status"] == "PROCESSING"
    assert client.balances("COP") == (cop - 1400000, 0, 1400000)
    assert client.balances("USD") == (usd, 0, 0)
    emulator.advance("2s")
    assert client.status(by_quote["id"]) == client.status(by_amount["id"]) == "COMPLETED"
    assert client.balances("COP") == (cop - 1400000, 0, 0)
    assert client.balances("USD") == (usd + Decimal("248.75") + Decimal("99.5"), 0, 0)


def test_08_a_transfer_needs_two_currencies_and_enough_balance(emulator: Emulator, client: Client) -> None:
    same = {**BALANCE_TRANSFER, "destinationCurrencySymbol": "COP"}
    assert refusal(client, **same) == (400, "BT90001", "Origin and destination currencies must be different")
    too_much = {**BALANCE_TRANSFER, "amountIn": 10000000.01}
    assert refusal(client, **too_much) == (400, "INSUFFICIENT_BALANCE", "Insufficient balance for balance transfer")


def test_08_a_transfer_ignores_the_account_that_is_sent(client: Client) -> None:
    order = client.create(**BALANCE_TRANSFER, destinationAccountId=UNKNOWN_ACCOUNT).json()
    assert order["destinationAccountId"] == "acc_00000000-0000-4000-8000-000000000108"


def test_08_a_transfer_needs_a_matching_rule(client: Client) -> None:
    rule = f"{client.organization}/policy/rules/rule_00000000-0000-4000-8000-000000000602"
    assert client.request("PUT", rule, {"operation": "PAYOUT"}).json()["operation"] == "PAYOUT"
    expected = (403, "POL00002", "No active policy or matching rule for this operation")
    assert refusal(client, **BALANCE_TRANSFER) == expected
    assert client.create(**PAYOUT).status_code == 201
    assert client.create(**ONRAMP).status_code == 201
    client.request("PUT", rule, {"operation": "ANY"})
    assert client.request("POST", f"{client.organization}/policy", {"active": False}).status_code == 201
    assert refusal(client, **BALANCE_TRANSFER) == expected


@pytest.mark.parametrize("methods", [None, [], [{"method": "PSE"}], [{"method": "PSE"}, {"method": "NEQUI"}]])
def test_09_a_payment_link_has_any_number_of_methods(client: Client, methods: Any) -> None:
    order = client.create(**PAYMENT_LINK | {"paymentMethods": methods}).json()
    assert order["paymentMethods"] == (methods or [])
    assert order["providedAction"] == f"{client.url}/pay/{order['id']}"


@pytest.mark.parametrize("due", ["2026-01-05T11:59:59.999Z", "2026-01-05T12:00:00.000Z", "2026-01-04"])
def test_09_a_payment_link_is_due_in_the_future(client: Client, due: str) -> None:
    assert refusal(client, **PAYMENT_LINK, dueDate=due) == (400, "PL90001", "dueDate must be in the future")
    assert client.create(dueDate=due).status_code == 201


@pytest.mark.parametrize(
    ("due", "shown"),
    [
        ("2026-01-05", "2026-01-05T23:59:59.999Z"),
        ("2026-01-05T12:30:00Z", "2026-01-05T12:30:00.000Z"),
        ("2026-01-05T09:30:00-03:00", "2026-01-05T12:30:00.000Z"),
    ],
)
def test_09_a_payment_link_expires_when_it_is_due(emulator: Emulator, client: Client, due: str, shown: str) -> None:
    created = client.create(MANUAL, **PAYMENT_LINK, dueDate=due)
    assert created.json()["dueDate"] == shown
    order_id = client.order_id(created)
    emulator.advance(to=shown.replace(".999Z", ".998Z").replace("30:00.000Z", "29:59.999Z"))
    assert client.status(order_id) == "PENDING"
    emulator.advance("1ms")
    assert client.status(order_id) == "EXPIRED"


def test_09_a_payment_link_without_a_due_date_does_not_expire(emulator: Emulator, client: Client) -> None:
    order_id = client.order_id(client.create(MANUAL, **PAYMENT_LINK))
    emulator.advance("400d")
    assert client.status(order_id) == "PENDING"


def test_11_a_repeated_external_id_is_a_conflict(emulator: Emulator, client: Client) -> None:
    first = client.order_id(client.create(externalId="inv-77"))
    refused = client.create(externalId="inv-77", amountIn=60000)
    assert (refused.status_code, refused.json()["errorCode"]) == (409, "OR90002")
    assert refused.json()["message"] == "An order with this externalId already exists for this merchant and type"
    assert refused.json()["details"] == {"orderId": first}
    assert client.create(**PAYMENT_LINK, externalId="inv-77").status_code == 201
    assert client.create().status_code == client.create().status_code == 201


def test_11_by_setting_a_repeated_external_id_returns_the_first_order(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", duplicate_external_id="return_first")
    first = client.create(externalId="inv-77")
    again = client.create(externalId="inv-77", amountIn=60000)
    assert again.status_code == 200
    assert again.content == first.content
    emulator.advance("3s")
    assert client.create(externalId="inv-77").json()["status"] == "COMPLETED"
    assert client.get("/orders")["pagination"]["totalCount"] == 1


def test_11_simultaneous_repeats_make_one_order(client: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: client.create(externalId="race").status_code, range(16)))
    assert sorted(statuses) == [201] + [409] * 15
    assert client.get("/orders")["pagination"]["totalCount"] == 1


def test_11_a_refused_create_does_not_use_up_the_external_id(client: Client) -> None:
    assert client.create(externalId="inv-77", amountIn=1).status_code == 400
    assert client.create({SCENARIO: "refuse"}, externalId="inv-77").status_code == 400
    assert client.create(externalId="inv-77").status_code == 201


def test_11_orders_are_found_by_external_id(emulator: Emulator, client: Client) -> None:
    payin = client.order_id(client.create(externalId="a b/ñ"))
    path = f"{client.merchant}/orders/external/a%20b%2F%C3%B1"
    assert client.request("GET", path).json()["id"] == payin
    link = client.order_id(client.create(**PAYMENT_LINK, externalId="a b/ñ"))
    assert client.request("GET", path).json()["id"] == link
    missing = client.request("GET", f"{client.merchant}/orders/external/none")
    assert (missing.status_code, missing.json()["errorCode"]) == (404, "OR90001")


def test_11_external_ids_belong_to_their_merchant(emulator: Emulator, client: Client) -> None:
    assert client.create(externalId="inv-77").status_code == 201
    made = client.request("POST", f"{client.organization}/merchants", {"name": "B", "countrySymbol": "CL"}).json()
    with Client(emulator, merchant_id=made["id"]) as other:
        assert other.request("GET", f"{other.merchant}/orders/external/inv-77").status_code == 404
        assert other.create(externalId="inv-77").status_code == 201


def test_11_after_a_lost_answer_the_external_id_is_taken(client: Client) -> None:
    lost = client.create({"X-Emulator-Fault": "status; status=503; when=after"}, externalId="inv-77")
    assert (lost.status_code, lost.json()["errorCode"]) == (503, "COM90006")
    assert client.create(externalId="inv-77").status_code == 409
    assert client.get("/orders/external/inv-77")["externalId"] == "inv-77"


def test_06_a_balance_of_another_merchant_does_not_count(emulator: Emulator, client: Client) -> None:
    made = client.request("POST", f"{client.organization}/merchants", {"name": "B", "countrySymbol": "CL"}).json()
    with Client(emulator, merchant_id=made["id"]) as other:
        assert refusal(other, **PAYOUT)[1] == "BAA90002"
        assert refusal(other, destinationAccountId=CLP)[1] == "BAA90002"
        assert refusal(other, **BALANCE_TRANSFER)[1] == "INSUFFICIENT_BALANCE"
