"""Money that leaves for the merchant's bank account, and entries that are booked by hand."""

from decimal import Decimal
from typing import Any

import pytest

from emulator.testing import BackgroundServer, ControlRefused, Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import BANK_CL, BANK_CO, CLP, COP, PAYOUT, SCENARIO, USD, WALLET_USDC
from tests.providers.koywe.webhook_calls import subscribe
from tests.receivers import Receiver

START = 10_000_000
MONTH = {"from": "2026-01-01", "to": "2026-01-31"}
BANK = {"kind": "BANK", "currencySymbol": "COP", "countrySymbol": "CO", "entity": "BANCOLOMBIA", "type": "SAVINGS"}


def entries(client: Client, account: str = COP) -> list[tuple[str, Any, str, str | None]]:
    movements = client.get(f"/accounts/{account}/reports/ledger-statement", **MONTH)["movements"]
    return [(each["category"], each["amount"], each["type"], each["description"]) for each in movements]


def settled_at(client: Client, account: str = COP) -> list[str]:
    movements = client.get(f"/accounts/{account}/reports/ledger-statement", **MONTH)["movements"]
    return [each["postedAt"] for each in movements if each["category"] == "SETTLEMENT"]


def refused(emulator: Emulator, name: Any, **arguments: Any) -> str:
    with pytest.raises(ControlRefused) as error:
        emulator.command("koywe", name, **arguments)
    assert error.value.error == "bad-request"
    return str(error.value)


def test_31_a_settlement_pays_out_everything_available(emulator: Emulator, client: Client) -> None:
    client.create({SCENARIO: "manual"}, **PAYOUT, amountIn=100)
    orders = client.get("/orders")["pagination"]["totalCount"]
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        result = emulator.command("koywe", "settle_account", account=COP)["result"]
        emulator.advance("1s")
        assert receiver.received == []
    assert (result["available"], result["reserved"], result["to"]) == ("0.00", "100.00", BANK_CO)
    assert client.balances() == (0, 0, 100)
    assert entries(client)[1:] == [("SETTLEMENT", START - 100, "debit", "Settlement to 8901")]
    receipt = client.get(f"/accounts/{COP}/reports/ledger-entry/{result['ledger_entry']}")
    assert receipt["settlementId"] == result["settlement"]
    assert receipt["settlementId"].startswith("stl_")
    assert (receipt["orderId"], receipt["balanceAfter"]) == (None, 0)
    assert client.get("/orders")["pagination"]["totalCount"] == orders


def test_31_a_settlement_can_pay_out_a_part(emulator: Emulator, client: Client) -> None:
    result = emulator.command("koywe", "settle_account", account=COP, amount=2500.5)["result"]
    assert result["available"] == "9997499.50"
    assert entries(client) == [("SETTLEMENT", Decimal("2500.5"), "debit", "Settlement to 8901")]


def test_31_a_settlement_goes_to_the_default_account_or_else_the_oldest(emulator: Emulator, client: Client) -> None:
    client.post("/accounts", {**BANK, "accountNumber": "55550001"})
    assert emulator.command("koywe", "settle_account", account=COP, amount=1)["result"]["to"] == BANK_CO
    client.request("DELETE", f"{client.merchant}/accounts/{BANK_CO}")
    client.post("/accounts", {**BANK, "accountNumber": "55550002", "isVirtual": True, "isDefault": True})
    client.post("/accounts", {**BANK, "accountNumber": "55550003"})
    emulator.command("koywe", "settle_account", account=COP, amount=1)
    made = client.post("/accounts", {**BANK, "accountNumber": "55550004", "isDefault": True})
    assert emulator.command("koywe", "settle_account", account=COP, amount=1)["result"]["to"] == made["id"]
    texts = [description for _, _, _, description in entries(client)]
    assert texts == ["Settlement to 8901", "Settlement to 0001", "Settlement to 0004"]
    assert emulator.command("koywe", "settle_account", account=CLP, amount=1)["result"]["to"] == BANK_CL


def test_31_a_settlement_needs_a_bank_account_and_money(emulator: Emulator, client: Client) -> None:
    assert "only 10000000.00 COP are available, not 10000000.01" in refused(
        emulator, "settle_account", account=COP, amount=10000000.01
    )
    assert "COP has 2 decimals" in refused(emulator, "settle_account", account=COP, amount=1.001)
    client.request("DELETE", f"{client.merchant}/accounts/{BANK_CO}")
    assert "no real bank account in COP: create one by POST" in refused(emulator, "settle_account", account=COP)
    emulator.command("koywe", "set_balance", account=CLP, amount=0)
    assert f"nothing is available on {CLP}" in refused(emulator, "settle_account", account=CLP)
    assert "no virtual account" in refused(emulator, "settle_account", account=WALLET_USDC)
    assert entries(client) == []


def test_31_settlements_happen_by_themselves_at_whole_days_from_the_start(emulator: Emulator, client: Client) -> None:
    emulator.advance("90m")
    emulator.set("koywe", settlement_every_s=86400)
    emulator.advance("86399s")
    assert settled_at(client) == ["2026-01-06T12:00:00.000Z"]
    assert client.balances() == (0, 0, 0)
    emulator.advance("2d")
    assert len(settled_at(client)) == 1
    emulator.command("koywe", "deposit", account=COP, amount=5)
    emulator.advance("1d")
    assert settled_at(client) == ["2026-01-06T12:00:00.000Z", "2026-01-09T12:00:00.000Z"]
    assert settled_at(client, USD) == []
    emulator.set("koywe", settlement_every_s=None)
    emulator.command("koywe", "deposit", account=COP, amount=5)
    emulator.advance("10d")
    assert client.balances() == (5, 0, 0)


def test_31_scheduled_settlements_go_only_to_default_accounts_of_every_merchant(
    emulator: Emulator, client: Client
) -> None:
    with Client(emulator, merchant_id=client.make_merchant()) as other:
        other.post("/accounts", {**BANK, "accountNumber": "55550001", "isDefault": True})
        account = other.read_account("COP")
        emulator.command("koywe", "deposit", account=account, amount=7)
        emulator.set("koywe", settlement_every_s=60)
        emulator.advance("60s")
        assert (other.balances(), client.balances("CLP")) == ((0, 0, 0), (5000000, 0, 0))
        assert entries(other, account)[-1] == ("SETTLEMENT", 7, "debit", "Settlement to 0001")


def test_31_a_change_of_the_setting_counts_from_the_start_too(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", settlement_every_s=3600)
    emulator.advance("100s")
    emulator.set("koywe", settlement_every_s=60)
    emulator.advance("19s")
    assert settled_at(client) == []
    emulator.advance("1s")
    assert settled_at(client) == ["2026-01-05T12:02:00.000Z"]
    emulator.set("koywe", fee_bps_same=0)
    emulator.command("koywe", "deposit", account=COP, amount=5)
    emulator.advance("1h")
    assert settled_at(client)[1:] == ["2026-01-05T12:03:00.000Z"]


def test_31_a_sandbox_may_begin_with_the_setting_and_an_advance_until_idle_ends(
    emulator_server: BackgroundServer,
) -> None:
    with (
        emulator_server.sandbox(settings={"koywe": {"settlement_every_s": 86400}}) as sandbox,
        Client(sandbox) as client,
    ):
        order_id = client.order_id(client.create(**PAYOUT))
        sandbox.advance(until="idle")
        assert (client.status(order_id), settled_at(client)) == ("COMPLETED", [])
        sandbox.advance("1d")
        assert settled_at(client) == ["2026-01-06T12:00:00.000Z"]
        sandbox.reset()
        sandbox.advance("1d")
        assert settled_at(client) == ["2026-01-06T12:00:00.000Z"]


def test_31_settlements_go_on_after_a_restore(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", settlement_every_s=3600)
    emulator.advance("30m")
    snapshot = emulator.call("GET", "snapshot")
    emulator.reset()
    emulator.advance("2h")
    assert settled_at(client) == []
    emulator.call("PUT", "snapshot", snapshot)
    emulator.advance("30m")
    assert settled_at(client) == ["2026-01-05T13:00:00.000Z"]
    (row,) = snapshot["tables"]["recurring"].values()
    breaks: list[dict[str, Any]] = [
        {"koywe/other": row},
        {"koywe/settlement": {**row, "due": [-1, 1]}},
        {"koywe/settlement": {}},
    ]
    for broken in breaks:
        changed = {**snapshot, "tables": {**snapshot["tables"], "recurring": broken}}
        with pytest.raises(ControlRefused):
            emulator.call("PUT", "snapshot", changed)


@pytest.mark.parametrize("category", ["FEE", "TAX", "OTHER", "PAYIN", "ADJUSTMENT"])
@pytest.mark.parametrize("direction", ["credit", "debit"])
def test_31_an_entry_can_be_booked_by_hand(emulator: Emulator, client: Client, category: str, direction: str) -> None:
    sign = 1 if direction == "credit" else -1
    result = emulator.command(
        "koywe", "book", account=COP, amount=12.5, type=direction, category=category, description="IVA"
    )["result"]
    assert client.balances() == (START + sign * Decimal("12.5"), 0, 0)
    assert entries(client) == [(category, Decimal("12.5"), direction, "IVA")]
    assert result["ledger_entry"] == "1"
    assert result["available"] == ("10000012.50" if direction == "credit" else "9999987.50")


def test_31_a_booking_cannot_take_more_than_the_balance(emulator: Emulator, client: Client) -> None:
    wanted: dict[str, Any] = {"account": COP, "type": "debit", "category": "FEE"}
    told = refused(emulator, "book", **wanted, amount=10000000.01)
    assert "only 10000000.00 COP are available" in told
    assert "not one of credit, debit" in refused(emulator, "book", **{**wanted, "type": "both"}, amount=1)
    assert "not one of PAYIN, PAYOUT" in refused(emulator, "book", **{**wanted, "category": "DEPOSIT"}, amount=1)
    assert "missing" in refused(emulator, "book", account=COP, amount=1, type="debit")
    assert entries(client) == []
    emulator.command("koywe", "book", **wanted, amount=10000000)
    assert client.balances() == (0, 0, 0)


def test_31_a_manual_credit_lets_deals_go_on(emulator: Emulator, client: Client) -> None:
    emulator.command("koywe", "set_balance", account=COP, amount=0)
    wanted = {"orderType": "ONRAMP", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USDC"}
    quote_id = client.post("/quotes", {**wanted, "amountIn": 400000})["id"]
    deal = client.post("/deals", {"quoteId": quote_id, "destinationAccountId": WALLET_USDC})
    emulator.command("koywe", "book", account=COP, amount=100000, type="credit", category="OTHER")
    assert client.get(f"/deals/{deal['id']}")["paidAmountIn"] == 100000
