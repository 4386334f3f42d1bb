"""What is the same for all: payment methods, banks, countries, and the choices of forms about companies.

Sources: https://docs.koywe.com/en/accepting-payments/payment-methods,
https://docs.koywe.com/core-concepts/contacts-and-bank-accounts and, for economic activities and roles,
https://docs.koywe.com/en/getting-started/onboarding-kyb (seen 2026-11). Observed: the call for methods. Assumed: what
the lists have.
"""

from collections.abc import Iterable

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.core.suggestion import use_one_of
from emulator.core.wording import shown
from emulator.providers.koywe.catalogue import CATALOGUE, Choice, find_country
from emulator.providers.koywe.catalogue import list_payment_methods as methods_of
from emulator.providers.koywe.wire import read_query, write_answer


def list_payment_methods(call: Call) -> Reply:
    """`GET /api/v1/payment-method`: the methods of a country and currency; none for an unknown pair. Refuses with
    `COM90003`."""
    query = read_query(call)
    shown = [
        {
            "method": method.method,
            "name": method.name,
            "minAmount": method.min_amount,
            "maxAmount": method.max_amount,
            "responseType": method.response_type,
            "requiredFields": {"contact": list(method.contact_fields)},
        }
        for method in methods_of(query["countrySymbol"], query["currencySymbol"])
    ]
    return write_answer(call, {"paymentMethods": shown})


def list_banks(call: Call) -> Reply:
    """`GET /api/v1/banks`: all banks, or those of a country. Refuses with `COM90003`."""
    wanted = read_query(call).get("countrySymbol")
    shown = [
        {"code": bank.code, "name": bank.name, "countrySymbol": bank.country_symbol}
        for bank in CATALOGUE.banks
        if wanted in (None, bank.country_symbol)
    ]
    return write_answer(call, shown)


def list_countries(call: Call) -> Reply:
    """`GET /api/v1/countries`: all countries."""
    return write_answer(
        call, [{"id": each.id, "symbol": each.symbol, "name": each.name} for each in CATALOGUE.countries]
    )


def list_economic_activities(call: Call) -> Reply:
    """`GET /api/v1/countries/{countrySymbol}/economic-activities`: what companies can do. Refuses with `CNT90001`."""
    symbol = call.parameters["country_symbol"]
    if find_country(symbol) is None:
        known = use_one_of(symbol, [country.symbol for country in CATALOGUE.countries])
        raise Refusal("country-not-found", f"no country {shown(symbol)}: {known}")
    return write_answer(call, _write_choices(CATALOGUE.economic_activities))


def list_company_roles(call: Call) -> Reply:
    """`GET /api/v1/applicant-company-roles`: what somebody who registers a company can be in it."""
    return write_answer(call, _write_choices(CATALOGUE.applicant_company_roles))


def _write_choices(choices: Iterable[Choice]) -> list[dict[str, str]]:
    return [{"code": choice.code, "name": choice.name} for choice in choices]
