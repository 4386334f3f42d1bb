"""What is accepted as a URL."""

import pytest

from tests.clients.basswallet import Client, refused

CONTROLS = ["\r", "\n", "\t", "\0", "\x1f", "\x7f"]


@pytest.mark.parametrize("scheme", ["https", "HTTPS", "Http"])
def test_31_the_scheme_of_a_url_may_be_in_any_case(client: Client, scheme: str) -> None:
    url = f"{scheme}://shop.example/a?b=c"
    assert client.data(client.create(returnUrl=url, webhookUrl=url))["returnUrl"] == url


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
@pytest.mark.parametrize(
    "place",
    ["https://shop.example/a{}b", "https://shop.example/{}", "https://shop{}.example/", "{}https://shop.example/"],
)
@pytest.mark.parametrize(("name", "error"), [("returnUrl", "PARAM_ERROR"), ("webhookUrl", "CALLBACK_URL_ERROR")])
def test_31_control_characters_in_a_url_are_refused(
    client: Client, name: str, error: str, place: str, control: str
) -> None:
    for style in ("python", "php", "json"):
        parameters = {"tokenName": "USDT", "chainName": "Tron", name: place.format(control)}
        assert refused(client.request("POST", "/v1/account/payment", parameters, style=style)) == (400, error)
