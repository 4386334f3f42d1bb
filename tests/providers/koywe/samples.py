"""Requests and ids that several tests use."""

from typing import Any

COP = "acc_00000000-0000-4000-8000-000000000101"
CLP = "acc_00000000-0000-4000-8000-000000000102"
USD = "acc_00000000-0000-4000-8000-000000000108"
BANK_CO = "acc_00000000-0000-4000-8000-000000000201"
BANK_CL = "acc_00000000-0000-4000-8000-000000000202"
CONTACT_BANK_CO = "acc_00000000-0000-4000-8000-000000000209"
WALLET_USDC = "acc_00000000-0000-4000-8000-000000000251"
ANA = "con_00000000-0000-4000-8000-000000000301"
UNKNOWN_ACCOUNT = "acc_00000000-0000-4000-8000-000000000999"
UNKNOWN_CONTACT = "con_00000000-0000-4000-8000-000000000999"
UNKNOWN_QUOTE = "qte_00000000-0000-4000-8000-000000000999"

SCENARIO = "X-Emulator-Scenario"

PAYIN: dict[str, Any] = {}
PAYMENT_LINK: dict[str, Any] = {"type": "PAYMENT_LINK", "paymentMethods": []}
PAYOUT: dict[str, Any] = {"type": "PAYOUT", "paymentMethods": None, "destinationAccountId": BANK_CO}
BALANCE_TRANSFER: dict[str, Any] = {
    "type": "BALANCE_TRANSFER",
    "paymentMethods": None,
    "destinationCurrencySymbol": "USD",
}
INTER_MERCHANT_TRANSFER: dict[str, Any] = {"type": "INTER_MERCHANT_TRANSFER", "paymentMethods": None}
"""The client makes the other merchant where none is named."""
ONRAMP: dict[str, Any] = {
    "type": "ONRAMP",
    "paymentMethods": None,
    "destinationCurrencySymbol": "USDC",
    "destinationAccountId": WALLET_USDC,
}
ONRAMP_BY_METHOD: dict[str, Any] = {**ONRAMP, "paymentMethods": [{"method": "PSE"}]}
OFFRAMP: dict[str, Any] = {
    "type": "OFFRAMP",
    "paymentMethods": None,
    "originCurrencySymbol": "USDC",
    "amountIn": 100,
}

KINDS: dict[str, dict[str, Any]] = {
    "PAYIN": PAYIN,
    "PAYMENT_LINK": PAYMENT_LINK,
    "PAYOUT": PAYOUT,
    "BALANCE_TRANSFER": BALANCE_TRANSFER,
    "INTER_MERCHANT_TRANSFER": INTER_MERCHANT_TRANSFER,
    "ONRAMP_FROM_BALANCE": ONRAMP,
    "ONRAMP_BY_METHOD": ONRAMP_BY_METHOD,
    "OFFRAMP": OFFRAMP,
}
"""Changes to the client's smallest create request that give an order of each kind."""


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


ORDER_MEMBERS = words(
    "id type originAccountId destinationAccountId originCurrencySymbol destinationCurrencySymbol amountIn amountOut "
    "dueDate description externalId paymentMethods quoteId contactId enforcedDocument sendEmail sendNotification "
    "sendWhatsapp sendReminders providedAction providedActionType createdAt status"
)
"""Members of an order, in wire order."""
