"""The three reports on a virtual account: its ledger, the receipt of one entry, and its orders."""

from decimal import Decimal
from typing import Any, cast

import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import (
    BALANCE_TRANSFER,
    BANK_CO,
    CLP,
    COP,
    INTER_MERCHANT_TRANSFER,
    OFFRAMP,
    ONRAMP,
    PAYMENT_LINK,
    PAYOUT,
    SCENARIO,
    UNKNOWN_ACCOUNT,
    USD,
    words,
)

DAY = {"from": "2026-01-05", "to": "2026-01-05"}
LEDGER = f"/accounts/{COP}/reports/ledger-statement"
ORDERS = f"/accounts/{COP}/reports/orders"


def refusal(client: Client, path: str, query: dict[str, Any]) -> tuple[int, str, str]:
    response = client.request("GET", client.merchant + path, params=query)
    body = response.json()
    return response.status_code, body["errorCode"], body["message"]


def told(movements: list[dict[str, Any]]) -> list[tuple[str, Any, str]]:
    return [(each["category"], each["amount"], each["type"]) for each in movements]


def deposit(emulator: Emulator, *amounts: float, account: str = COP, **more: Any) -> None:
    for amount in amounts:
        emulator.command("koywe", "deposit", account=account, amount=amount, **more)


def every_page(client: Client, path: str, member: str, **query: Any) -> list[Any]:
    """What all pages hold, one after the other."""
    found: list[Any] = []
    page = client.get(path, **query)
    while True:
        found += page[member]
        if page["nextCursor"] is None:
            return found
        page = client.get(path, **query, cursor=page["nextCursor"])


def test_29_the_statement_has_the_balances_around_its_movements(emulator: Emulator, client: Client) -> None:
    client.create(
        originCurrencySymbol="PEN", destinationCurrencySymbol="PEN", amountIn=50.25, description="Invoice 77",
        paymentMethods=[{"method": "LIGO"}],
    )  # fmt: skip
    emulator.advance("3s")
    account = COP.replace("101", "106")
    assert client.request("GET", f"{client.merchant}/accounts/{account}/reports/ledger-statement", params=DAY).text == (
        f'{{"accountId":"{account}","currency":"PEN","from":"2026-01-05","to":"2026-01-05","granularity":"daily",'
        '"openingBalance":20000,"closingBalance":20050.25,"movements":[{"ledgerEntryId":"1",'
        '"postedAt":"2026-01-05T12:00:03.000Z","amount":50.25,"currency":"PEN","description":"Invoice 77",'
        '"category":"PAYIN","type":"credit","runningBalance":20050.25}],"nextCursor":null}'
    )


def test_29_statements_agree_with_the_balances_of_their_days(emulator: Emulator, client: Client) -> None:
    for amount in (1, 2.5, 4):
        deposit(emulator, amount)
        client.create({SCENARIO: "manual"}, **PAYOUT, amountIn=100)
        emulator.advance("1d")
    for day in ("2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"):
        page = client.get(LEDGER, **{"from": day, "to": day})
        (row,) = client.get("/accounts/balances", currency="COP", date=day)
        assert page["closingBalance"] == Decimal(row["balance"]), day
        assert page["openingBalance"] + sum(
            each["amount"] if each["type"] == "credit" else -each["amount"] for each in page["movements"]
        ) == page["closingBalance"]  # fmt: skip
    whole = client.get(LEDGER, **{"from": "2026-01-05", "to": "2026-01-31"})
    assert (whole["openingBalance"], whole["closingBalance"]) == (10000000, Decimal("9999707.5"))
    assert len(whole["movements"]) == 6
    balance = whole["openingBalance"]
    for each in whole["movements"]:
        balance += each["amount"] if each["type"] == "credit" else -each["amount"]
        assert each["runningBalance"] == balance
    second = client.get(LEDGER, **{"from": "2026-01-06", "to": "2026-01-06"})
    assert (second["openingBalance"], second["closingBalance"]) == (9999901, Decimal("9999803.5"))
    before = client.get(LEDGER, **{"from": "2026-01-01", "to": "2026-01-04"})
    assert (before["openingBalance"], before["closingBalance"], before["movements"]) == (0, 0, [])


@pytest.mark.parametrize("path", [LEDGER, ORDERS])
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, "from must be a valid ISO 8601 date string, to must be a valid ISO 8601 date string"),
        ({"to": "2026-01-05"}, "from must be a valid ISO 8601 date string"),
        ({"from": "2026-01-05"}, "to must be a valid ISO 8601 date string"),
        ({**DAY, "from": "2026-01-05T12:00:00Z"}, "from must be a valid ISO 8601 date string"),
        ({**DAY, "to": "2026-02-30"}, "to must be a valid ISO 8601 date string"),
        ({**DAY, "to": "soon"}, "to must be a valid ISO 8601 date string"),
        ({**DAY, "to": ""}, "to must be a valid ISO 8601 date string"),
        ({"from": "2026-01-06", "to": "2026-01-05"}, "to must not be earlier than from"),
        ({**DAY, "limit": "0"}, "limit must be a number conforming to the specified constraints"),
        ({**DAY, "limit": "101"}, "limit must be a number conforming to the specified constraints"),
        ({**DAY, "cursor": "1"}, "cursor must be the nextCursor of the page before"),
        ({**DAY, "cursor": ""}, "cursor must be the nextCursor of the page before"),
        ({**DAY, "cursor": "ñ~"}, "cursor must be the nextCursor of the page before"),
    ],
)
def test_29_bad_parameters_of_a_report_are_refused(
    client: Client, path: str, query: dict[str, str], message: str
) -> None:
    assert refusal(client, path, query) == (422, "COM90003", message)


def test_29_the_reason_names_what_was_sent(emulator: Emulator, client: Client) -> None:
    def reason(**query: str) -> str:
        client.request("GET", client.merchant + LEDGER, params=query)
        return str(emulator.journal(kind="request")[-1]["reason"])

    assert reason(**{"from": "2026-01-06", "to": "2026-01-05"}) == 'to: "2026-01-05" is earlier than from, "2026-01-06"'
    assert reason(to="soon") == 'from: missing; to: not an ISO 8601 date, got "soon"'
    assert reason(**DAY, cursor="x") == 'cursor: "x" is not the nextCursor of a page of this report'


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        (LEDGER, {"granularity": "weekly"}, "granularity must be one of the following values: daily, monthly"),
        (ORDERS, {"type": "x"}, "type must be one of the following values: PAYIN, PAYOUT, ONRAMP, OFFRAMP, "
                                "BALANCE_TRANSFER, PAYMENT_LINK, INTER_MERCHANT_TRANSFER"),
        (ORDERS, {"status": "OPEN"}, "status must be one of the following values: DRAFT, PENDING, PROCESSING, PAID, "
                                     "COMPLETED, FAILED, CANCELLED, EXPIRED, ON_HOLD, REFUND_REQUESTED, REFUNDED"),
    ],
)  # fmt: skip
def test_29_each_report_has_its_own_messages(client: Client, path: str, query: dict[str, str], message: str) -> None:
    assert refusal(client, path, DAY | query) == (422, "COM90003", message)


@pytest.mark.parametrize("report", ["ledger-statement", "orders", "ledger-entry/1"])
@pytest.mark.parametrize("account", [BANK_CO, UNKNOWN_ACCOUNT])
def test_29_only_virtual_accounts_have_reports(client: Client, report: str, account: str) -> None:
    client.create(**PAYOUT)
    expected = (404, "BAA90002", "Account not found")
    assert refusal(client, f"/accounts/{account}/reports/{report}", {"from": "x"}) == expected


def test_29_monthly_reports_need_whole_months(emulator: Emulator, client: Client) -> None:
    deposit(emulator, 1)
    emulator.advance("30d")
    deposit(emulator, 2)
    asked = {"from": "2026-01-20", "to": "2026-02-03"}
    daily = client.get(LEDGER, **asked, granularity="daily")
    assert (daily["from"], daily["to"], daily["openingBalance"]) == ("2026-01-20", "2026-02-03", 10000001)
    assert client.get(LEDGER, **asked) == daily
    monthly = client.get(LEDGER, **asked, granularity="monthly")
    assert (monthly["from"], monthly["to"], monthly["granularity"]) == ("2026-01-01", "2026-02-28", "monthly")
    assert (monthly["openingBalance"], monthly["closingBalance"]) == (10000000, 10000003)
    assert [each["amount"] for each in monthly["movements"]] == [1, 2]
    leap = client.get(LEDGER, **{"from": "2028-02-10", "to": "2028-02-10"}, granularity="monthly")
    assert (leap["from"], leap["to"]) == ("2028-02-01", "2028-02-29")


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_29_pages_of_the_ledger_neither_repeat_nor_skip_entries(emulator: Emulator, client: Client, order: Any) -> None:
    emulator.set("koywe", ledger_order=order)
    deposit(emulator, *range(1, 6))
    first = client.get(LEDGER, **DAY, limit=2)
    assert [each["amount"] for each in first["movements"]] == ([1, 2] if order == "asc" else [5, 4])
    deposit(emulator, 6)
    second = client.get(LEDGER, **DAY, limit=2, cursor=first["nextCursor"])
    assert [each["amount"] for each in second["movements"]] == ([3, 4] if order == "asc" else [3, 2])
    assert (second["openingBalance"], second["closingBalance"]) == (10000000, 10000021)
    third = client.get(LEDGER, **DAY, limit=100, cursor=second["nextCursor"])
    assert [each["amount"] for each in third["movements"]] == ([5, 6] if order == "asc" else [1])
    assert third["nextCursor"] is None
    upwards = [str(number) for number in range(1, 7)]
    numbers = [each["ledgerEntryId"] for each in every_page(client, LEDGER, "movements", **DAY, limit=1)]
    assert numbers == (upwards if order == "asc" else upwards[::-1])


def test_29_a_page_has_fifty_entries_by_default(emulator: Emulator, client: Client) -> None:
    deposit(emulator, *range(1, 52))
    page = client.get(LEDGER, **DAY)
    assert (len(page["movements"]), page["nextCursor"] is None) == (50, False)
    exact = client.get(LEDGER, **DAY, limit=51)
    assert (len(exact["movements"]), exact["nextCursor"]) == (51, None)


def test_29_a_cursor_is_valid_only_for_its_own_query(emulator: Emulator, client: Client) -> None:
    deposit(emulator, 1, 2, 3)
    deposit(emulator, 1, 2, account=CLP)
    cursor = client.get(LEDGER, **DAY, limit=1)["nextCursor"]
    expected = (422, "COM90003", "cursor must be the nextCursor of the page before")
    assert refusal(client, LEDGER.replace(COP, CLP), {**DAY, "cursor": cursor}) == expected
    assert refusal(client, ORDERS, {**DAY, "cursor": cursor}) == expected
    assert refusal(client, LEDGER, {**DAY, "to": "2026-01-06", "cursor": cursor}) == expected
    assert refusal(client, LEDGER, {**DAY, "cursor": cursor + "A"}) == expected
    emulator.set("koywe", ledger_order="desc")
    assert refusal(client, LEDGER, {**DAY, "cursor": cursor}) == expected
    emulator.set("koywe", ledger_order="asc")
    assert [each["amount"] for each in client.get(LEDGER, **DAY, cursor=cursor)["movements"]] == [2, 3]


def test_29_amounts_can_be_text_with_all_decimals(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", report_amounts="string")
    deposit(emulator, 0.5)
    deposit(emulator, 7, account=CLP)
    page = client.get(LEDGER, **DAY)
    (entry,) = page["movements"]
    assert (page["openingBalance"], page["closingBalance"]) == ("10000000.00", "10000000.50")
    assert (entry["amount"], entry["runningBalance"]) == ("0.50", "10000000.50")
    receipt = client.get(f"/accounts/{CLP}/reports/ledger-entry/2")
    assert (receipt["amount"], receipt["balanceBefore"], receipt["balanceAfter"]) == ("7", "5000000", "5000007")
    emulator.set("koywe", currency_decimals={"CLP": 3})
    assert client.get(f"/accounts/{CLP}/reports/ledger-entry/2")["amount"] == "7.000"


@pytest.mark.parametrize(
    ("changes", "events", "expected"),
    [
        ({}, ("confirm", "settle"), [("PAYIN", 50000, "credit")]),
        (PAYMENT_LINK, ("confirm", "settle"), [("PAYIN", 50000, "credit")]),
        ({}, ("confirm", "settle", "request_refund", "refund"),
         [("PAYIN", 50000, "credit"), ("REVERSE", 50000, "debit")]),
        (PAYOUT, ("start", "settle"), [("PAYOUT", 50000, "debit")]),
        (PAYOUT, ("cancel",), [("PAYOUT", 50000, "debit"), ("REVERSE", 50000, "credit")]),
        (PAYOUT, ("start", "settle", "refund"), [("PAYOUT", 50000, "debit"), ("REVERSE", 50000, "credit")]),
        (ONRAMP, (), [("ONRAMP", 50000, "debit")]),
        (ONRAMP, ("fail",), [("ONRAMP", 50000, "debit"), ("REVERSE", 50000, "credit")]),
        (BALANCE_TRANSFER, ("settle",), [("BALANCE_TRANSFER", 50000, "debit")]),
        (BALANCE_TRANSFER, ("fail",), [("BALANCE_TRANSFER", 50000, "debit"), ("REVERSE", 50000, "credit")]),
        (INTER_MERCHANT_TRANSFER, ("settle",), [("OTHER", 50000, "debit")]),
        (INTER_MERCHANT_TRANSFER, ("fail",), [("OTHER", 50000, "debit"), ("REVERSE", 50000, "credit")]),
        ({**OFFRAMP, "destinationCurrencySymbol": "COP"}, ("confirm", "start", "settle"),
         [("OFFRAMP", 398000, "credit")]),
        ({"destinationAccountId": BANK_CO}, ("confirm", "settle"), []),
    ],
)  # fmt: skip
def test_29_each_change_has_its_category(
    emulator: Emulator, client: Client, changes: dict[str, Any], events: tuple[str, ...], expected: list[Any]
) -> None:
    order_id = client.order_id(client.create({SCENARIO: "manual"}, **changes, description="Invoice 77"))
    for event in events:
        emulator.fire(order_id, cast(Any, event))
    movements = client.get(LEDGER, **DAY)["movements"]
    assert told(movements) == expected
    assert {each["description"] for each in movements} <= {"Invoice 77"}


def test_29_both_sides_of_a_transfer_have_the_same_category(emulator: Emulator, client: Client) -> None:
    client.create(**BALANCE_TRANSFER, amountIn=400000)
    emulator.advance("2s")
    page = client.get(LEDGER.replace(COP, USD), **DAY)
    assert told(page["movements"]) == [("BALANCE_TRANSFER", Decimal("99.5"), "credit")]


def test_29_deposits_and_adjustments_have_their_categories(emulator: Emulator, client: Client) -> None:
    deposit(emulator, 10, reference="wire 5")
    deposit(emulator, 10, accepted=False)
    emulator.set("koywe", deposit_category="PAYIN")
    deposit(emulator, 20)
    for amount in (100, 150, 150):
        emulator.command("koywe", "set_balance", account=COP, amount=amount)
    movements = client.get(LEDGER, **DAY)["movements"]
    assert told(movements) == [
        ("OTHER", 10, "credit"), ("PAYIN", 20, "credit"),
        ("ADJUSTMENT", 9999930, "debit"), ("ADJUSTMENT", 50, "credit"),
    ]  # fmt: skip
    assert [each["description"] for each in movements] == ["wire 5", None, None, None]


def test_29_entries_are_numbered_across_all_accounts(emulator: Emulator, client: Client) -> None:
    deposit(emulator, 1)
    deposit(emulator, 1, account=CLP)
    deposit(emulator, 1)
    assert [each["ledgerEntryId"] for each in client.get(LEDGER, **DAY)["movements"]] == ["1", "3"]
    assert [each["ledgerEntryId"] for each in client.get(LEDGER.replace(COP, CLP), **DAY)["movements"]] == ["2"]
    emulator.reset()
    deposit(emulator, 1, account=CLP)
    assert [each["ledgerEntryId"] for each in client.get(LEDGER.replace(COP, CLP), **DAY)["movements"]] == ["1"]


def test_29_an_entry_has_a_receipt(emulator: Emulator, client: Client) -> None:
    order_id = client.order_id(client.create(**PAYOUT, amountIn=100.5, description="Salary"))
    receipt = client.get(f"/accounts/{COP}/reports/ledger-entry/1")
    assert list(receipt) == words(
        "ledgerEntryId accountId merchantId merchantName accountNumber postedAt type category amount currency "
        "balanceBefore balanceAfter description orderId settlementId"
    )
    assert receipt == {
        "ledgerEntryId": "1", "accountId": COP, "merchantId": client.merchant_id, "merchantName": "Emulator Store",
        "accountNumber": f"VIRTUAL_FIAT-{client.merchant_id}-COP", "postedAt": "2026-01-05T12:00:00.000Z",
        "type": "debit", "category": "PAYOUT", "amount": Decimal("100.5"), "currency": "COP",
        "balanceBefore": 10000000, "balanceAfter": Decimal("9999899.5"), "description": "Salary",
        "orderId": order_id, "settlementId": None,
    }  # fmt: skip
    deposit(emulator, 5, reference="wire 5")
    receipt = client.get(f"/accounts/{COP}/reports/ledger-entry/2")
    assert (receipt["orderId"], receipt["description"], receipt["balanceBefore"]) == (
        None, "wire 5", Decimal("9999899.5"))  # fmt: skip
    deposit(emulator, 5, account=CLP)
    for missing in ("3", "4", "x", "01"):
        path = f"/accounts/{COP}/reports/ledger-entry/{missing}"
        assert refusal(client, path, {}) == (404, "LE90001", "Ledger entry not found")


def test_29_the_orders_report_counts_orders_that_match_the_filters(emulator: Emulator, client: Client) -> None:
    paid = client.order_id(client.create())
    failed = client.order_id(client.create({SCENARIO: "fail"}, **PAYOUT))
    open_one = client.order_id(client.create({SCENARIO: "manual"}))
    client.create(destinationAccountId=BANK_CO)
    client.create(**ONRAMP)
    emulator.advance("1d")
    later = client.order_id(client.create({SCENARIO: "manual"}, **PAYOUT))
    report = client.get(ORDERS, **DAY)
    assert list(report) == words("accountId currency from to summary orders nextCursor")
    assert (report["accountId"], report["currency"], report["from"], report["to"]) == (COP, "COP", *DAY.values())
    assert [order["id"] for order in report["orders"]][1:] == [open_one, failed, paid]
    assert report["summary"] == {
        "totalOrders": 4,
        "byType": {"PAYIN": 2, "PAYOUT": 1, "ONRAMP": 1},
        "byStatus": {"COMPLETED": 2, "FAILED": 1, "EXPIRED": 1},
    }
    assert list(report["summary"]["byStatus"]) == ["COMPLETED", "FAILED", "EXPIRED"]
    assert report["orders"][3] == client.read(paid).json()
    page = client.get(ORDERS, **DAY, type="PAYIN", limit=1)
    assert page["summary"] == {"totalOrders": 2, "byType": {"PAYIN": 2}, "byStatus": {"COMPLETED": 1, "EXPIRED": 1}}
    rest = client.get(ORDERS, **DAY, type="PAYIN", limit=1, cursor=page["nextCursor"])
    assert [order["id"] for order in page["orders"] + rest["orders"]] == [open_one, paid]
    assert (rest["summary"], rest["nextCursor"]) == (page["summary"], None)
    assert [order["id"] for order in client.get(ORDERS, **DAY, status="FAILED")["orders"]] == [failed]
    both_days = client.get(ORDERS, **{"from": "2026-01-05", "to": "2026-01-06"})
    assert (both_days["summary"]["totalOrders"], both_days["orders"][0]["id"]) == (5, later)
    nothing = client.get(ORDERS, **{"from": "2026-01-07", "to": "2026-01-07"})
    assert nothing["summary"] == {"totalOrders": 0, "byType": {}, "byStatus": {}}


def test_29_paging_goes_on_even_if_an_order_no_longer_matches_the_filter(emulator: Emulator, client: Client) -> None:
    made = [client.order_id(client.create({SCENARIO: "manual"})) for _ in range(3)]
    page = client.get(ORDERS, **DAY, status="PENDING", limit=1)
    emulator.fire(made[2], "start")
    client.create({SCENARIO: "manual"})
    rest = client.get(ORDERS, **DAY, status="PENDING", cursor=page["nextCursor"])
    assert [order["id"] for order in page["orders"] + rest["orders"]] == made[::-1]


def test_36_entries_of_the_same_instant_keep_their_order_in_reports(client: Client) -> None:
    made = [client.order_id(client.create({SCENARIO: "manual"}, **PAYOUT)) for _ in range(5)]
    assert [order["id"] for order in every_page(client, ORDERS, "orders", **DAY, limit=2)] == made[::-1]
    entries = every_page(client, LEDGER, "movements", **DAY, limit=2)
    receipts = [client.get(f"/accounts/{COP}/reports/ledger-entry/{each['ledgerEntryId']}") for each in entries]
    assert [receipt["orderId"] for receipt in receipts] == made


def test_32_a_transfer_is_in_the_reports_of_both_merchants(emulator: Emulator, client: Client) -> None:
    with Client(emulator, merchant_id=client.make_merchant()) as other:
        order_id = client.order_id(client.create(
            **INTER_MERCHANT_TRANSFER, destinationMerchantId=other.merchant_id, description="Rent"))  # fmt: skip
        emulator.advance("2s")
        account = other.read_account("COP")
        movements = other.get(LEDGER.replace(COP, account), **DAY)["movements"]
        assert told(movements) == [("OTHER", 50000, "credit")]
        assert movements[0]["description"] == "Rent"
        receipt = other.get(f"/accounts/{account}/reports/ledger-entry/{movements[0]['ledgerEntryId']}")
        assert receipt["orderId"] == order_id
        report = other.get(ORDERS.replace(COP, account), **DAY)
        assert [order["id"] for order in report["orders"]] == [order_id]
    assert told(client.get(LEDGER, **DAY)["movements"]) == [("OTHER", 50000, "debit")]
    assert [order["id"] for order in client.get(ORDERS, **DAY)["orders"]] == [order_id]
