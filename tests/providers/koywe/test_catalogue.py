"""The seed data, line by line."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.koywe import catalogue
from emulator.providers.koywe.catalogue import CATALOGUE
from emulator.providers.koywe.formats.identifiers import PREFIXES


def seed_id(kind: str, number: int) -> str:
    """The fixed id of a seed object."""
    return f"{PREFIXES[kind]}00000000-0000-4000-8000-000000000{number:03}"


COUNTRIES = [
    ("CO", 501, "COP", 401, 2, "4000", 101, "10000000.00"),
    ("CL", 502, "CLP", 402, 0, "1000", 102, "5000000"),
    ("MX", 503, "MXN", 403, 2, "20", 103, "100000.00"),
    ("BR", 504, "BRL", 404, 2, "5", 104, "50000.00"),
    ("AR", 505, "ARS", 405, 2, "1000", 105, "10000000.00"),
    ("PE", 506, "PEN", 406, 2, "4", 106, "20000.00"),
    ("BO", 507, "BOB", 407, 2, "8", 107, "20000.00"),
    ("US", 508, "USD", 408, 2, "1", 108, "10000.00"),
]


@pytest.mark.parametrize(
    ("symbol", "n", "currency", "currency_n", "decimals", "units", "account_n", "balance"), COUNTRIES
)
def test_a_country_has_its_currency_and_virtual_account(
    symbol: str, n: int, currency: str, currency_n: int, decimals: int, units: str, account_n: int, balance: str
) -> None:
    country = catalogue.find_country(symbol)
    assert country is not None
    assert (country.id, country.currency) == (seed_id("country", n), currency)
    assert catalogue.find_country_of_currency(currency) is country
    money = catalogue.find_currency(currency)
    assert money is not None
    assert (money.id, money.kind, money.decimals) == (seed_id("currency", currency_n), "fiat", decimals)
    assert (str(money.units_per_usd), money.country) == (units, symbol)
    assert catalogue.find_currency_by_id(money.id) is money
    (account,) = [each for each in CATALOGUE.accounts if each.id == seed_id("account", account_n)]
    assert (account.kind, account.type, account.is_virtual) == ("BANK", "VIRTUAL", True)
    assert (account.country, account.currency, str(account.balance)) == (symbol, currency, balance)


@pytest.mark.parametrize(
    ("symbol", "n", "decimals", "units"),
    [
        ("USDC", 411, 6, "1"),
        ("USDT", 412, 6, "1"),
        ("ETH", 413, 8, "0.0004"),
        ("BTC", 414, 8, "0.00002"),
        ("MATIC", 415, 8, "2"),
        ("BNB", 416, 8, "0.002"),
    ],
)
def test_a_crypto_currency_has_no_country(symbol: str, n: int, decimals: int, units: str) -> None:
    money = catalogue.find_currency(symbol)
    assert money is not None
    assert (money.id, money.kind, money.decimals) == (seed_id("currency", n), "crypto", decimals)
    assert (money.units_per_usd, money.country) == (Decimal(units), None)
    assert catalogue.find_country_of_currency(symbol) is None


METHODS = [
    ("CO", "COP", "PSE", "PSE", "PAYMENT_LINK", 2000, 20000000, ("documentNumber", "lastName", "phone", "email")),
    ("CO", "COP", "NEQUI", "NEQUI", "QR", 1000, 5000000, ()),
    ("CL", "CLP", "KHIPU", "Khipu", "PAYMENT_LINK", 1000, 5000000, ("email",)),
    ("CL", "CLP", "CARD_PAYMENT", "CARD_PAYMENT", "PAYMENT_LINK", 1000, 2000000, ()),
    ("CL", "CLP", "QRI", "QRI", "QR", 1000, 1000000, ()),
    ("MX", "MXN", "SPEI", "SPEI", "BANK_DETAILS", 10, 500000, ()),
    ("MX", "MXN", "CARD_PAYMENT", "CARD_PAYMENT", "PAYMENT_LINK", 10, 100000, ()),
    ("BR", "BRL", "PIX_STATIC", "PIX_STATIC", "QR", 1, 50000, ()),
    ("BR", "BRL", "PIX_DYNAMIC", "PIX_DYNAMIC", "QR", 1, 50000, ()),
    ("AR", "ARS", "KHIPU", "Khipu", "PAYMENT_LINK", 1000, 5000000, ()),
    ("PE", "PEN", "LIGO", "LIGO", "QR", 1, 20000, ()),
    ("BO", "BOB", "SIP_QR", "SIP_QR", "QR", 1, 20000, ()),
]


def test_the_payment_methods_are_exactly_these_in_this_order() -> None:
    listed = [
        (
            method.country,
            method.currency,
            method.method,
            method.name,
            method.response_type,
            int(method.min_amount),
            int(method.max_amount),
            method.contact_fields,
        )
        for country in CATALOGUE.countries
        for method in catalogue.list_payment_methods(country.symbol, country.currency)
    ]
    assert listed == METHODS


def test_an_unknown_pair_has_no_payment_methods() -> None:
    assert catalogue.list_payment_methods("CL", "COP") == ()
    assert catalogue.list_payment_methods("US", "USD") == ()
    assert catalogue.list_payment_methods("??", "") == ()


def test_a_payment_method_belongs_to_its_currency() -> None:
    khipu = catalogue.find_payment_method("ARS", "KHIPU")
    assert khipu is not None
    assert khipu.country == "AR"
    assert catalogue.find_payment_method("COP", "KHIPU") is None
    assert [method.method for method in catalogue.list_payment_methods_of_currency("BRL")] == [
        "PIX_STATIC",
        "PIX_DYNAMIC",
    ]


NETWORKS = {
    "ETHEREUM": {"USDC", "USDT", "ETH"},
    "POLYGON": {"USDC", "USDT", "MATIC"},
    "BSC": {"USDC", "USDT", "BNB"},
    "BITCOIN": {"BTC"},
    "TRON": {"USDT"},
}


def test_a_network_carries_only_its_currencies() -> None:
    assert [network.name for network in CATALOGUE.networks] == list(NETWORKS)
    for network in [*NETWORKS, "SOLANA", "ethereum"]:
        for currency in CATALOGUE.currencies:
            supported = currency.symbol in NETWORKS.get(network, set())
            assert catalogue.network_supports(network, currency.symbol) is supported


@pytest.mark.parametrize(
    ("symbol", "network"),
    [
        ("USDC", "ETHEREUM"),
        ("USDT", "ETHEREUM"),
        ("ETH", "ETHEREUM"),
        ("MATIC", "POLYGON"),
        ("BNB", "BSC"),
        ("BTC", "BITCOIN"),
    ],
)
def test_the_first_network_that_carries_a_currency_is_its_default(symbol: str, network: str) -> None:
    found = catalogue.find_default_network(symbol)
    assert found is not None
    assert found.name == network
    assert catalogue.find_default_network("COP") is None


def test_deposit_addresses_and_the_clabe_are_the_known_ones() -> None:
    evm = "0x00000000000000000000000000000000000000d1"
    assert [network.deposit_address for network in CATALOGUE.networks] == [
        evm,
        evm,
        evm,
        "bc1qdepositdepositdepositdeposit000000000",
        "TDeposit11111111111111111111111111",
    ]
    assert CATALOGUE.spei_clabe == "002010077777777771"


@pytest.mark.parametrize(
    ("n", "fields"),
    [
        (201, ("BANK", "CO", "COP", "SAVINGS", "BANCOLOMBIA", "12345678901", None, None, None, True)),
        (202, ("BANK", "CL", "CLP", "CHECKING", "SANTANDER", "0012345678", None, None, None, False)),
        (203, ("BANK", "MX", "MXN", "CHECKING", None, "032180000118359719", None, None, None, False)),
        (204, ("BANK", "BR", "BRL", "CHECKING", None, "pix@store.example", None, None, None, False)),
        (205, ("BANK", "AR", "ARS", "SAVINGS", None, "0000003100012345678907", None, None, None, False)),
        (206, ("BANK", "PE", "PEN", "SAVINGS", None, "00219300123456789012", None, None, None, False)),
        (207, ("BANK", "BO", "BOB", "SAVINGS", None, "1000200030", None, None, None, False)),
        (208, ("BANK", "US", "USD", "CHECKING", None, "000123456789", "110000000", None, None, False)),
        (209, ("BANK", "CO", "COP", "SAVINGS", "DAVIVIENDA", "98765432101", None, None, None, False)),
        (251, ("CRYPTO", None, "USDC", "VIRTUAL", None, None, None, "POLYGON", f"0x{'0' * 38}a1", False)),
        (252, ("CRYPTO", None, "ETH", "VIRTUAL", None, None, None, "ETHEREUM", f"0x{'0' * 38}a2", False)),
        (253, ("CRYPTO", None, "BTC", "VIRTUAL", None, None, None, "BITCOIN", f"bc1q{'emulator' * 4}00000", False)),
        (
            254,
            ("CRYPTO", None, "USDT", "VIRTUAL", None, None, None, "TRON", "TEmu1ator1111111111111111111111111", False),
        ),
    ],
)
def test_a_seed_account_is_the_known_one(n: int, fields: tuple[object, ...]) -> None:
    (account,) = [each for each in CATALOGUE.accounts if each.id == seed_id("account", n)]
    assert fields == (
        account.kind,
        account.country,
        account.currency,
        account.type,
        account.entity,
        account.account_number,
        account.routing_number,
        account.network,
        account.address,
        account.is_default,
    )
    assert account.contact_id == (seed_id("contact", 301) if n == 209 else None)
    assert (account.is_virtual, account.is_tracked, account.balance) == (False, False, None)


def test_seed_accounts_are_consistent() -> None:
    assert len(CATALOGUE.accounts) == 8 + 9 + 4
    for account in CATALOGUE.accounts:
        if account.network is not None:
            assert catalogue.network_supports(account.network, account.currency)
        if account.entity is not None and account.country is not None:
            assert catalogue.find_bank(account.country, account.entity) is not None


@pytest.mark.parametrize(
    ("n", "fields"),
    [
        (301, "Ana Prueba CO PERSON PERSON ana@payer.example +573001234567 CED_CIU 1020304050"),
        (302, "Luis Ejemplo CL PERSON PERSON luis@payer.example +56912345678 RUT 11.111.111-1"),
        (303, "Proveedor Demo AR COMPANY BUSINESS pagos@vendor.example +5491112345678 CUIT 20-11111111-2"),
        (304, "Bia Teste BR PERSON PERSON bia@payer.example +5511912345678 CPF 111.444.777-35"),
    ],
)
def test_a_seed_contact_is_the_known_one(n: int, fields: str) -> None:
    (contact,) = [each for each in CATALOGUE.contacts if each.id == seed_id("contact", n)]
    values = [getattr(contact, name) for name in contact.__struct_fields__]
    assert " ".join(values[1:]) == fields


def test_banks_are_listed_by_country() -> None:
    assert [bank.code for bank in catalogue.list_banks("CL")] == ["BANCO_DE_CHILE", "SANTANDER", "BANCO_ESTADO", "BCI"]
    assert [bank.code for bank in catalogue.list_banks("CO")] == [
        "BANCOLOMBIA",
        "DAVIVIENDA",
        "BOGOTA",
        "OCCIDENTE",
        "BANCO_DE_BOGOTA",
        "BANCO_POPULAR",
        "BBVA_COLOMBIA",
        "BANCO_OCCIDENTE",
        "BANCO_AV_VILLAS",
        "BANCO_GNB_SUDAMERIS",
    ]
    assert catalogue.list_banks("MX") == ()
    assert catalogue.find_bank("CL", "BANCOLOMBIA") is None


def test_the_policy_lets_everything_pass() -> None:
    (rule,) = CATALOGUE.policy.rules
    assert (CATALOGUE.policy.id, CATALOGUE.policy.active) == (seed_id("policy", 601), True)
    assert (rule.id, rule.operation, rule.action) == (seed_id("rule", 602), "ANY", "ALLOW")
    assert (rule.currency_symbol, rule.min_amount, rule.max_amount) == (None, None, None)


def test_deposit_instructions_are_the_known_ones() -> None:
    instructions = CATALOGUE.deposit_instructions
    assert (instructions.bank_name, instructions.account_holder_name) == ("Emulator Bank", "Koywe Emulator SpA")
    assert (instructions.currency, instructions.country, instructions.account_number) == ("CLP", "CL", "0000500102")
    assert (instructions.document_number, instructions.account_type) == ("76.123.456-0", "CHECKING")


def test_every_id_has_the_form_of_its_kind() -> None:
    ids = [("country", country.id) for country in CATALOGUE.countries]
    ids += [("currency", currency.id) for currency in CATALOGUE.currencies]
    ids += [("account", account.id) for account in CATALOGUE.accounts]
    ids += [("contact", contact.id) for contact in CATALOGUE.contacts]
    assert all(text == seed_id(kind, int(text[-3:])) for kind, text in ids)
    assert len({text for _, text in ids}) == len(ids)


def test_the_default_sandbox_has_the_known_names() -> None:
    names = catalogue.read_names("default")
    assert (names.organization.id, names.organization.name) == ("org_default", "Emulator Org")
    assert (names.merchant.id, names.merchant.name) == ("mrc_default", "Emulator Store")
    assert names.merchant.country_symbol == "CL"
    assert [(c.api_key, c.secret, c.permission) for c in names.credentials] == [
        ("api-default", "secret-default", "write"),
        ("readonly-default", "secret-default", "read"),
    ]


@given(st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True))
def test_a_sandbox_is_found_by_its_keys_and_its_ids_contain_its_name(sandbox: str) -> None:
    names = catalogue.read_names(sandbox)
    for credential in names.credentials:
        assert catalogue.find_sandbox_of_api_key(credential.api_key) == sandbox
        assert catalogue.find_sandbox_of_api_key(f"{credential.api_key}.1f0c22aa") == sandbox
    assert (names.organization.id, names.merchant.id) == (f"org_{sandbox}", f"mrc_{sandbox}")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "api-",
        "api--x",
        "api-UPPER",
        "api-a\n",
        "key-default",
        "API-default",
        "api-" + "a" * 41,
        "api-a.",
        "api-a.XY",
    ],
)
def test_a_key_that_no_sandbox_can_have_is_recognized(key: str) -> None:
    assert catalogue.find_sandbox_of_api_key(key) is None


def test_fiat_currencies_are_those_of_virtual_accounts() -> None:
    fiat = [currency.symbol for currency in catalogue.list_fiat_currencies()]
    assert fiat == [account.currency for account in CATALOGUE.accounts if account.is_virtual]
