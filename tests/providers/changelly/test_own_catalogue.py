"""The setting `catalogue`: what it changes in the shipped one, and what is refused. Over HTTP."""

from typing import Any

import pytest

from emulator.testing import ControlRefused, Emulator
from tests.clients.changelly import ETH, Client
from tests.providers.changelly.answers import bound, causes, refused

SHIB = {
    "ticker": "SHIB",
    "name": "Shiba Inu",
    "network": "ethereum",
    "usd": "0.00002",
    "precision": 8,
    "extraIdName": None,
    "extraIdPattern": None,
    "extraIdRequired": False,
    "buyAt": ["moonpay", "transak"],
    "sellLimits": {"moonpay": {"min": "1000000", "max": "400000000"}},
    "addressPattern": "^0x[0-9a-fA-F]{40}$",
}
DKK = {
    "ticker": "DKK",
    "name": "Danish Krone",
    "usd": "0.16",
    "precision": 2,
    "buyLimits": {"moonpay": {"min": "150", "max": "60000"}},
    "sellAt": ["moonpay"],
}
PAIR = {"provider": "moonpay", "flow": "buy", "currencyFrom": "DKK", "currencyTo": "XRP"}
DENMARK: dict[str, Any] = {
    "cryptos": [SHIB],
    "fiats": [DKK],
    "countries": [{"code": "DK", "name": "Denmark"}],
    "excludedPairs": [PAIR],
    "providers": [{"code": "moonpay", "countries": {"+": ["DK"]}}],
    "methods": [{"code": "card", "fiats": {"+": ["DKK"]}}],
}
KADO = {
    "code": "kado",
    "name": "Kado",
    "trustPilotRating": "4.0",
    "flows": ["buy"],
    "countries": ["US"],
    "excludedStates": ["NY"],
    "methods": {"buy": [{"method": "card", "percent": "3"}], "sell": []},
}
IN_DENMARK: dict[str, Any] = {"currencyFrom": "DKK", "currencyTo": "SHIB", "country": "DK"}


def shown(client: Client) -> dict[str, Any]:
    """The lists that show a catalogue, and some offers."""
    paths = ("currencies", "available-countries", "providers")
    lists = {path: client.request("GET", f"/v1/{path}").json() for path in paths}
    offers = {flow: client.offers(currencyFrom=flow, amountFrom="500").json() for flow in ("EUR", "GBP")}
    return {
        **lists,
        **{flow: [each.get("amountExpectedTo") for each in each_offers] for flow, each_offers in offers.items()},
    }


def tickers(client: Client, query: str = "") -> list[str]:
    return [row["ticker"] for row in client.request("GET", f"/v1/currencies{query}").json()]


def offer(client: Client, code: str = "moonpay", **asked: str) -> dict[str, Any]:
    [found] = client.offers(providerCode=code, **asked).json()
    item: dict[str, Any] = found
    return item


def test_33_the_documented_entry_works_and_everything_else_stays(client: Client, emulator: Emulator) -> None:
    before = shown(client)
    emulator.set("changelly", catalogue=DENMARK)
    item = offer(client, amountFrom="200", **IN_DENMARK)
    assert (item["rate"], item["invertedRate"], item["fee"]) == ("7640", "0.0001308901", "9")
    assert item["amountExpectedTo"] == "1528000"
    created = client.create(amountFrom="200", walletAddress=ETH, **IN_DENMARK)
    assert created.status_code == 201
    assert causes(client.create(amountFrom="200", walletAddress="x", **IN_DENMARK)) == ["walletAddress"]
    assert bound(client.create(amountFrom="149", **IN_DENMARK)) == ("min", "150")
    xrp: dict[str, Any] = {
        "currencyTo": "XRP",
        "walletAddress": "rPdvC6ccq8hCdPKSPJkPmyZ4Mi1oG2FFkT",
        "walletExtraId": "7",
    }
    assert refused(client.create(currencyFrom="DKK", country="DK", amountFrom="200", **xrp)) == (
        400,
        "unsupportedExchangePair",
    )
    sold = client.sell(currencyFrom="SHIB", currencyTo="DKK", country="DK", amountFrom="2000000")
    assert sold.status_code == 201
    after = shown(client)
    for part in ("currencies", "available-countries"):
        key = "ticker" if part == "currencies" else "code"
        kept = [row for row in after[part] if row[key] not in ("SHIB", "DKK", "DK")]
        assert kept == before[part]
    assert after["currencies"][11]["ticker"] == "DKK"
    assert after["currencies"][-1]["ticker"] == "SHIB"
    assert [after[name] for name in ("providers", "EUR", "GBP")] == [
        before[name] for name in ("providers", "EUR", "GBP")
    ]


def test_33_null_restores_the_shipped_catalogue(client: Client, emulator: Emulator) -> None:
    before = shown(client)
    emulator.set("changelly", catalogue=DENMARK)
    assert shown(client) != before
    emulator.set("changelly", catalogue={"countries": [{"code": "DE", "name": "Deutschland"}]})
    assert "DKK" not in tickers(client)
    emulator.set("changelly", catalogue=None)
    assert shown(client) == before


def test_33_one_member_of_an_entry_can_be_changed(client: Client, emulator: Emulator) -> None:
    emulator.set(
        "changelly",
        catalogue={
            "fiats": [{"ticker": "EUR", "buyLimits": {"moonpay": {"min": "5"}}}],
            "cryptos": [{"ticker": "BTC", "usd": "120000"}],
        },
    )
    assert bound(client.create(currencyFrom="EUR", amountFrom="4.99")) == ("min", "5")
    assert bound(client.create(currencyFrom="EUR", amountFrom="10000.01")) == ("max", "10000")
    assert client.create(currencyFrom="EUR", amountFrom="5").status_code == 201
    assert offer(client, "banxa", currencyFrom="EUR", amountFrom="29")["errorDetails"] == [
        {"cause": "min", "value": "30"}
    ]
    assert offer(client, "banxa", currencyTo="BTC", amountFrom="1200")["amountExpectedTo"] == "0.0098"


def test_33_items_can_be_added_to_and_removed_from_lists(client: Client, emulator: Emulator) -> None:
    change = {
        "code": "wert",
        "countries": {"+": ["GB"], "-": ["DE", "FR"]},
        "methods": {"buy": {"+": [{"method": "pix", "percent": "1"}]}},
    }
    emulator.set(
        "changelly",
        catalogue={
            "providers": [change],
            "fiats": [{"ticker": "BRL", "buyLimits": {"wert": {"min": "10", "max": "99"}}}],
        },
    )
    served = {country: offer(client, "wert", country=country).get("errorType") for country in ("GB", "DE", "FR", "IT")}
    assert served == {"GB": None, "DE": "country", "FR": "country", "IT": None}
    reals = offer(client, "wert", currencyFrom="BRL", amountFrom="50")
    assert [method["method"] for method in reals["paymentMethodOffers"]] == ["card", "pix"]


def test_33_null_removes_a_key_from_an_object(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", catalogue={"fiats": [{"ticker": "EUR", "buyLimits": {"moonpay": None}}]})
    assert offer(client, currencyFrom="EUR")["errorType"] == "currency"
    assert "errorType" not in offer(client, "banxa", currencyFrom="EUR")
    emulator.set("changelly", catalogue={"cryptos": [{"ticker": "XRP", "extraIdName": None}]})
    assert client.create(currencyTo="XRP", walletAddress="rPdvC6ccq8hCdPKSPJkPmyZ4Mi1oG2FFkT").status_code == 201


def test_33_an_entry_is_removed_together_with_what_refers_to_it(client: Client, emulator: Emulator) -> None:
    removed = {
        "cryptos": [{"ticker": "EOS", "remove": True}],
        "providers": [{"code": "banxa", "remove": True}],
        "methods": [{"code": "apple_pay", "remove": True}],
        "countries": [{"code": "FR", "remove": True}],
        "fiats": [{"ticker": "GBP", "remove": True}],
        "excludedPairs": [
            {"provider": "moonpay", "flow": "buy", "currencyFrom": "BRL", "currencyTo": "XLM", "remove": True}
        ],
    }
    emulator.set("changelly", catalogue=removed)
    assert [row["code"] for row in client.request("GET", "/v1/providers").json()] == ["moonpay", "wert", "transak"]
    assert not {"EOS", "GBP"} & set(tickers(client))
    assert "banxa" not in client.request("GET", "/v1/currencies").text
    assert "banxa" not in client.request("GET", "/v1/available-countries").text
    assert [method["method"] for method in offer(client)["paymentMethodOffers"]] == ["card"]
    assert offer(client, country="FR")["errorType"] == "country"
    assert "errorType" not in offer(client, currencyFrom="BRL", currencyTo="XLM")


def test_33_a_part_can_be_replaced_whole(client: Client, emulator: Emulator) -> None:
    emulator.set(
        "changelly",
        catalogue={
            "only": ["providers", "cryptos"],
            "providers": [KADO],
            "cryptos": [{**SHIB, "buyAt": ["kado"], "sellLimits": {}}],
            "fiats": [{"ticker": "USD", "buyLimits": {"kado": {"min": "1", "max": "100"}}}],
        },
    )
    assert [row["code"] for row in client.request("GET", "/v1/providers").json()] == ["kado"]
    assert tickers(client, "?type=crypto") == ["SHIB"]
    asked = {"country": "US", "state": "TX", "currencyTo": "SHIB", "amountFrom": "100"}
    assert offer(client, "kado", **asked)["amountExpectedTo"] == "4850000"
    assert offer(client, "kado", **{**asked, "state": "NY"})["errorType"] == "state"
    emulator.set(
        "changelly",
        catalogue={
            "only": ["countries"],
            "countries": [{"code": "US", "name": "USA", "states": [{"code": "TX", "name": "Texas"}]}],
        },
    )
    [country] = client.request("GET", "/v1/available-countries").json()
    assert (country["name"], country["states"]) == ("USA", [{"code": "TX", "name": "Texas"}])
    assert causes(client.create(country="US", state="CA")) == ["state"]
    emulator.set("changelly", catalogue={"only": ["excludedPairs"], "excludedPairs": []})
    gbp: dict[str, Any] = {"providerCode": "banxa", "currencyFrom": "GBP", "currencyTo": "EOS"}
    assert client.create(**gbp, walletAddress="sandboxacct1", walletExtraId="7").status_code == 201


def test_33_complete_entries_can_be_added_to_every_part(client: Client, emulator: Emulator) -> None:
    cash = {"code": "cash", "name": "Cash", "fiats": ["USD", "EUR"]}
    emulator.set(
        "changelly",
        catalogue={
            "providers": [{**KADO, "methods": {"buy": [{"method": "cash", "percent": "3"}], "sell": []}}],
            "methods": [cash],
            "fiats": [{"ticker": "USD", "buyLimits": {"kado": {"min": "1", "max": "100"}}}],
            "cryptos": [{"ticker": "ETH", "buyAt": {"+": ["kado"]}}],
        },
    )
    item = offer(client, "kado", country="US", state="TX", amountFrom="100")
    assert [method["methodName"] for method in item["paymentMethodOffers"]] == ["Cash"]


def test_33_an_extra_id_is_required_unless_the_entry_says_otherwise(client: Client, emulator: Emulator) -> None:
    coin = {**SHIB, "extraIdName": "Memo"}
    del coin["extraIdRequired"]
    emulator.set("changelly", catalogue={"cryptos": [coin]})
    order: dict[str, Any] = {"currencyTo": "SHIB", "walletAddress": ETH}
    assert causes(client.create(**order)) == ["walletExtraId"]
    assert client.create(**order, walletExtraId="anything").status_code == 201
    emulator.set("changelly", catalogue={"cryptos": [{**coin, "extraIdRequired": False}]})
    assert client.create(**order).status_code == 201


SECRET = "s3cr3t-value"
LONG = "X" * 5000
EUR = {"ticker": "EUR"}


def limits(part: str, entry: dict[str, Any], member: str, code: str, least: str | None, most: str) -> dict[str, Any]:
    return {part: [{**entry, member: {code: {"min": least, "max": most}}}]}


def fees(buy: Any) -> dict[str, Any]:
    return {"providers": [{"code": "wert", "methods": {"buy": buy}}]}


@pytest.mark.parametrize(
    ("catalogue", "place"),
    [
        ({"cryptos": [{**SHIB, "precision": SECRET}]}, "cryptos SHIB: precision: expected a whole number"),
        ({"cryptos": [{**SHIB, "precision": 8.0}]}, "cryptos SHIB: precision: expected a whole number"),
        ({"cryptos": [{"ticker": "SHIB", "usd": "1"}]}, "cryptos SHIB: name: missing"),
        ({"cryptos": [{**SHIB, SECRET: SECRET}]}, f"cryptos SHIB: {SECRET}: no such member"),
        ({"cryptos": [{**SHIB, LONG: 1}]}, "cryptos SHIB: " + "X" * 40 + "...: no such member"),
        ({"cryptos": [{**SHIB, "usd": "0"}]}, "cryptos SHIB: usd: expected what one unit is worth"),
        ({"cryptos": [{**SHIB, "usd": "-1"}]}, "cryptos SHIB: usd"),
        ({"cryptos": [{**SHIB, "usd": 0.5}]}, "cryptos SHIB: usd"),
        ({"cryptos": [{**SHIB, "addressPattern": f"({SECRET}"}]}, "cryptos SHIB: addressPattern: expected "),
        ({"cryptos": [{**SHIB, "extraIdPattern": f"({SECRET}"}]}, "cryptos SHIB: extraIdPattern: expected "),
        ({"cryptos": [{**SHIB, "buyAt": ["nobody"]}]}, "cryptos SHIB: buyAt.nobody: unknown"),
        ({"cryptos": [{**SHIB, "buyAt": [SECRET, 5]}]}, "cryptos SHIB: buyAt."),
        (limits("cryptos", SHIB, "sellLimits", "moonpay", "9", "1"), "cryptos SHIB: sellLimits.moonpay: the minimum"),
        (limits("cryptos", SHIB, "sellLimits", LONG, "1", "2"), "cryptos SHIB: sellLimits.XXXX"),
        ({"cryptos": [{**SHIB, "ticker": "EUR"}]}, "cryptos EUR: ticker: a fiat currency has the same"),
        ({"cryptos": [{**SHIB, "ticker": SECRET}]}, "cryptos entry 1: ticker: expected a ticker"),
        ({"cryptos": [{"name": "x"}]}, "cryptos entry 1: ticker: missing"),
        ({"cryptos": [SHIB, SECRET]}, "cryptos entry 2: expected an object with ticker"),
        ({"cryptos": {"SHIB": SHIB}}, "cryptos: expected a list of entries, each with ticker"),
        ({"cryptos": [{"ticker": "ETH", "buyAt": {"+": SECRET}}]}, "cryptos ETH: buyAt: expected a list, or"),
        ({"cryptos": [{"ticker": "ETH", "buyAt": {"*": []}}]}, "cryptos ETH: buyAt: expected a list, or"),
        ({"cryptos": [{"ticker": "ETH", "buyAt": {"-": [SECRET]}}]}, "cryptos ETH: buyAt.-: cannot take away what"),
        ({"cryptos": [{"ticker": "ETH", "name": None}]}, "cryptos ETH: name: expected a name"),
        ({"cryptos": [{"ticker": "SHIB", "remove": True}]}, "cryptos SHIB: remove: there is no such entry"),
        ({"cryptos": [{"ticker": "ETH", "remove": SECRET}]}, "cryptos ETH: remove: expected true"),
        ({"cryptos": [{"ticker": "ETH", "remove": True, "usd": "1"}]}, "cryptos ETH: remove: expected true"),
        ({"only": ["cryptos"], "cryptos": [{"ticker": "ETH", "usd": "1"}]}, "cryptos ETH: name: missing"),
        ({"only": ["cryptos"], "cryptos": [{"ticker": "ETH", "remove": True}]}, "cryptos ETH: remove: there is no"),
        ({"only": ["coins"]}, "only: expected a list of providers"),
        ({"only": "cryptos", "cryptos": []}, "only: expected a list of providers"),
        ({"only": ["cryptos"]}, "only: names cryptos, which is missing"),
        ({"coins": []}, "coins: no such part: there are providers"),
        ({LONG: []}, "X" * 40 + "...: no such part"),
        (limits("fiats", EUR, "buyLimits", "moonpay", "10001", "10000"), "fiats EUR: buyLimits.moonpay: the minimum"),
        (limits("fiats", EUR, "buyLimits", "banxa", None, "10000"), "fiats EUR: buyLimits.banxa.min: missing"),
        (limits("fiats", EUR, "buyLimits", "kado", "1", "2"), "fiats EUR: buyLimits.kado: unknown"),
        ({"fiats": [DKK, {**DKK, "sellAt": ["nobody"]}]}, "fiats DKK: sellAt.nobody: unknown"),
        (fees({"+": [{"method": "cash", "percent": "1"}]}), "providers wert: methods.buy.cash: unknown"),
        (fees({"+": [{"method": "card", "percent": "1"}]}), "providers wert: methods.buy: a method is named twice"),
        (fees([{"method": "card", "percent": "101"}]), "providers wert: methods.buy.0.percent"),
        ({"providers": [{"code": "wert", "flows": ["swap"]}]}, "providers wert: flows.0"),
        ({"providers": [{"code": "Kado"}]}, "providers entry 1: code: expected a code"),
        ({"methods": [{"code": "x" * 64}]}, "methods " + "x" * 40 + "...: name: missing"),
        ({"methods": [{"code": "x" * 64, "remove": True}]}, "methods " + "x" * 40 + "...: remove: there is no"),
        ({"methods": [{"code": "card", "fiats": ["usd"]}]}, "methods card: fiats.0"),
        ({"countries": [{"code": "DNK", "name": "x"}]}, "countries entry 1: code: expected two capital letters"),
        ({"countries": [{"code": "DK"}]}, "countries DK: name: missing"),
        ({"excludedPairs": [{**PAIR, "flow": "swap"}]}, "excludedPairs entry 1: flow: expected buy or sell"),
        ({"excludedPairs": [{**PAIR, "provider": "nobody"}]}, "excludedPairs nobody buy DKK XRP: provider.nobody"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_33_an_invalid_entry_is_refused_with_its_place(
    emulator: Emulator, catalogue: dict[str, Any], place: str
) -> None:
    with pytest.raises(ControlRefused) as refusal:
        emulator.set("changelly", catalogue=catalogue)
    message = refusal.value.body["message"]
    assert refusal.value.status == 400
    assert place in message
    assert len(message) <= 300
    assert SECRET not in message.replace(f"{SECRET}: no such member", "")
    assert "X" * 41 not in message


def test_33_excluded_pairs_may_name_unknown_tickers(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", catalogue={"excludedPairs": [{**PAIR, "currencyFrom": "USD", "currencyTo": "ETH"}, PAIR]})
    assert refused(client.create()) == (400, "unsupportedExchangePair")
