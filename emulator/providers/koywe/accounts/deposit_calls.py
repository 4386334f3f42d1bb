"""The calls that say where a bank can send money, and the one that issues a number.

Sources: https://docs.koywe.com/core-concepts/virtual-accounts and
https://docs.koywe.com/en/balance-management/deposit-accounts (seen 2026-11) for the paths. Observed: the members, that
the instructions are always the same object, and that inner numbers are never among them. Assumed: the other forms of
the instructions, and the numbers themselves.
"""

from typing import Any

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.providers.koywe.access import MERCHANTS, Merchant, require_own_merchant
from emulator.providers.koywe.accounts.virtual_numbers import (
    ROUTING_NUMBERS,
    find_country_of_instructions,
    is_issued,
    issue,
    list_issued,
    write_alias,
    write_virtual_number,
)
from emulator.providers.koywe.catalogue import CATALOGUE, Country, find_country
from emulator.providers.koywe.wire import read_body, write_answer, write_created


def list_virtual_accounts(call: Call) -> Reply:
    """`GET M/virtual-accounts`: the issued numbers, one for each currency, in the order of the catalogue."""
    found = MERCHANTS.find(call.tx, call.caller.merchant_id)
    countries = list_issued(call.tx, call.caller.merchant_id)
    return write_answer(call, [_write_virtual_account(each, found) for each in countries] if found else [])


def create_virtual_account(call: Call) -> Reply:
    """`POST M/virtual-accounts`: the new number. Refuses with `BAA90009`, `BAA90008`."""
    body = read_body(call)
    symbol, currency = body["country"], body["currency"]
    merchant_id, merchant = require_own_merchant(call)
    country = find_country(symbol)
    if country is None or country.currency != currency:
        pairs = ", ".join(f"{each.symbol}/{each.currency}" for each in CATALOGUE.countries)
        reason = f"no country and currency {symbol}/{currency}: use one of {pairs}"
        raise Refusal("virtual-account-unavailable", reason, country=symbol, currency=currency)
    if is_issued(call.tx, merchant_id, symbol):
        number = write_virtual_number(symbol, merchant.number)
        reason = f"the merchant already has {number}: GET the same path"
        raise Refusal("virtual-account-exists", reason, country=symbol, currency=currency)
    issue(call.tx, merchant_id, symbol)
    return write_created(call, _write_virtual_account(country, merchant))


def list_bank_income_accounts(call: Call) -> Reply:
    """`GET M/bankIncome/accounts`: where to send money, in the form that the setting `deposit_accounts` asks for."""
    form = call.settings["deposit_accounts"]
    if form == "list":
        merchant = MERCHANTS.find(call.tx, call.caller.merchant_id)
        countries = list_issued(call.tx, call.caller.merchant_id)
        return write_answer(call, [_write_instructions(each, merchant) for each in countries] if merchant else [])
    _, merchant = require_own_merchant(call)
    if form == "by_country":
        return write_answer(call, _write_instructions(find_country_of_instructions(merchant), merchant))
    shared = CATALOGUE.deposit_instructions
    details = _write_account_details(shared.account_number, shared.account_holder_name)
    return write_answer(call, {"currency": shared.currency, "country": shared.country, "accountDetails": details})


def _write_virtual_account(country: Country, merchant: Merchant) -> dict[str, Any]:
    return {
        "isActive": True,
        "currency": country.currency,
        "country": country.symbol,
        "virtualBankAccountNumber": write_virtual_number(country.symbol, merchant.number),
        "provider": CATALOGUE.deposit_instructions.virtual_account_provider,
        "alias": write_alias(country.symbol, merchant.number),
    }


def _write_instructions(country: Country, merchant: Merchant) -> dict[str, Any]:
    symbol = country.symbol
    details = _write_account_details(write_virtual_number(symbol, merchant.number), merchant.name)
    more = {"alias": write_alias(symbol, merchant.number), "routingNumber": ROUTING_NUMBERS.get(symbol)}
    details |= {name: value for name, value in more.items() if value is not None}
    return {"currency": country.currency, "country": symbol, "accountDetails": details}


def _write_account_details(number: str, holder: str) -> dict[str, Any]:
    shared = CATALOGUE.deposit_instructions
    return {
        "accountNumber": number,
        "bankName": shared.bank_name,
        "accountHolderName": holder,
        "documentNumber": shared.document_number,
        "accountType": shared.account_type,
    }
