"""Wherever a user can set a webhook URL, one that can never work is refused, and HTTP in capitals is accepted."""

from typing import Any, cast

import pytest

from emulator.contract.setting import Setting
from emulator.core.problems import setting_problem
from emulator.providers import NAMES, load_all
from emulator.testing import ControlRefused, Emulator
from tests.clients import basswallet, changelly, koywe
from tests.receivers import Receiver

NEVER = ["http://[::1", "http://a:99999", "http://", "http:///x", "http://a b/", "http://a/\n", "ftp://a/", "a.test"]


def _is_url(setting: Setting) -> bool:
    """Whether texts without a host are refused where one with a host is good."""
    return setting_problem(setting, "http://a.test") is None and setting_problem(setting, "http://") is not None


SETTINGS = [(name, each.name) for name, card in load_all().items() for each in card.settings.values() if _is_url(each)]


@pytest.mark.parametrize("url", NEVER)
@pytest.mark.parametrize(("provider", "name"), SETTINGS)
def test_a_setting_refuses_a_url_that_cannot_be_called(emulator: Emulator, provider: Any, name: Any, url: Any) -> None:
    with pytest.raises(ControlRefused, match=rf"{provider}\.{name}"):
        emulator.set(provider, **{name: url})


@pytest.mark.parametrize("url", NEVER)
def test_settings_that_contain_urls_refuse_one_that_cannot_be_called(emulator: Emulator, url: str) -> None:
    for name, value in (("acceptedBases", ["https://a.test", url]), ("otherPartner", {"callbackUrl": url})):
        with pytest.raises(ControlRefused, match=name):
            emulator.set("changelly", **cast(Any, {name: value}))


@pytest.mark.parametrize(("provider", "name"), SETTINGS)
def test_a_setting_accepts_a_url_in_capitals(emulator: Emulator, provider: Any, name: Any) -> None:
    emulator.set(cast(Any, provider), **cast(Any, {name: "HTTP://Shop.Test:9/hook"}))


def test_every_setting_with_a_url_is_tested() -> None:
    named = {
        (name, each)
        for name, card in load_all().items()
        for each in card.settings
        if each.lower().endswith(("url", "base")) and not each.startswith(("query", "accept"))
    }
    assert set(SETTINGS) == named >= {(name, "public_base") for name in NAMES}


@pytest.mark.parametrize("url", NEVER)
def test_basswallet_refuses_a_bad_url_with_its_own_error(emulator: Emulator, url: str) -> None:
    with basswallet.Client(emulator) as client:
        answer = client.create(webhookUrl=url)
        assert (answer.status_code, answer.json()["msg"]) == (400, "CALLBACK_URL_ERROR")


@pytest.mark.parametrize("url", NEVER)
def test_koywe_names_the_member_with_the_bad_url(emulator: Emulator, url: str) -> None:
    with koywe.Client(emulator) as client:
        answer = client.request("POST", f"{client.organization}/webhooks", {"url": url, "secret": "whsec_of_mine"})
        assert (answer.status_code, answer.json()["message"]) == (422, "url must be a URL address")
        answer = client.request("POST", f"{client.organization}/webhooks", {"url": url, "secret": "short"})
        assert answer.json()["message"].split(", ")[0] == "url must be a URL address"


@pytest.mark.parametrize("url", [*NEVER, 7])
def test_changelly_names_the_member_with_the_bad_url_if_it_is_used(emulator: Emulator, url: Any) -> None:
    with changelly.Client(emulator) as client:
        assert client.create(callbackUrl=url).status_code == 201
        emulator.set("changelly", acceptCallbackUrl=True)
        for answer in (client.create(callbackUrl=url), client.sell(callbackUrl=url)):
            assert answer.status_code == 400
            assert [each["cause"] for each in answer.json()["errorDetails"]] == ["callbackUrl"]
        assert client.create(callbackUrl="").status_code == 201


def test_webhooks_reach_a_url_in_capitals(emulator: Emulator) -> None:
    with (
        Receiver() as receiver,
        basswallet.Client(emulator) as first,
        changelly.Client(emulator) as second,
        koywe.Client(emulator) as third,
    ):
        url = receiver.url.replace("http://127.0.0.1", "HTTP://LOCALHOST")
        emulator.set("changelly", acceptCallbackUrl=True)
        order_id = first.order_id(first.create({"X-Emulator-Scenario": "manual"}, webhookUrl=url, returnUrl=url))
        emulator.fire(order_id, "expire")
        emulator.move(second.start(callbackUrl=url), "pending")
        third.request("POST", f"{third.organization}/webhooks", {"url": url, "secret": "whsec_of_mine"})
        third.create()
        emulator.advance("1s")
        assert {each["provider"] for each in emulator.webhooks()} == {"basswallet", "changelly", "koywe"}
        assert {each["state"] for each in emulator.webhooks()} == {"delivered"}
