"""The keys of a sandbox, and limits of requests call by call."""

from collections.abc import Callable

import httpx
import pytest

from emulator import providers
from emulator.providers.basswallet.settings import RATED_CALLS
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from tests.clients.basswallet import Client, refused

# -- 34. limits by call


def statuses(client: Client, *calls: str) -> list[int]:
    """The HTTP status of each call."""
    made: dict[str, Callable[[], httpx.Response]] = {
        "create": client.create,
        "tokens": client.tokens,
        "history": client.history,
    }
    return [made[call]().status_code for call in calls]


def test_34_one_call_can_be_limited_alone(emulator: Emulator, client: Client, other: Client) -> None:
    emulator.set("basswallet", rate_limit={"create-order": "2/30"})
    assert statuses(client, "create", "history", "create", "create") == [200, 200, 200, 429]
    assert statuses(client, *["history", "tokens"] * 5) == [200] * 10
    assert statuses(other, "create", "create", "create") == [200, 200, 429]
    emulator.advance("30s")
    assert statuses(client, "create") == [200]


def test_34_the_star_limits_each_other_call_separately(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", rate_limit={"create-order": "3/30", "*": "1/30"})
    assert statuses(client, "create", "create", "create", "create") == [200, 200, 200, 429]
    assert statuses(client, "history", "tokens", "history", "tokens") == [200, 200, 429, 429]
    (refusal,) = (
        each for each in emulator.journal(kind="request") if each["status"] == 429 and "tokens" in each["path"]
    )
    assert "more than 1 in 30s" in str(refusal["reason"])


def test_34_every_call_of_a_key_can_be_limited(emulator: Emulator) -> None:
    calls = [endpoint.name for endpoint in providers.load("basswallet").endpoints if not endpoint.page]
    assert tuple(dict.fromkeys(calls)) == RATED_CALLS
    emulator.set("basswallet", rate_limit=dict.fromkeys(calls, "1/1"))


def test_34_a_limit_for_an_unknown_call_is_refused_by_name(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused, match="create-ordr: did you mean"):
        emulator.set("basswallet", rate_limit={"create-ordr": "1/1"})


# -- 32. the keys of a sandbox


def test_32_all_keys_are_among_the_credentials(emulator_server: BackgroundServer, emulator: Emulator) -> None:
    name = emulator.name
    shown = {
        f"{prefix}{kind}_key": f"{beginning}{name}"
        for prefix, access, secret in (
            ("", "access-", "secret-"),
            ("noauth_", "noauth-", "secret-noauth-"),
            ("ip_", "ip-", "secret-ip-"),
            ("other_", "other-", "secret-other-"),
            ("callback_", "callback-access-", "callback-secret-"),
        )
        for kind, beginning in (("access", access), ("secret", secret))
    }
    assert emulator.call("GET", "")["credentials"]["basswallet"] == shown
    with emulator_server.sandbox() as made:
        assert list(made.basswallet.credentials) == list(shown)


@pytest.mark.parametrize(("word", "answer"), [("noauth", (403, "NO_AUTH")), ("ip", (401, "IP_NOT_IN_WHITELIST"))])
def test_32_keys_without_rights_are_refused_with_their_own_secrets(
    emulator: Emulator, word: str, answer: tuple[int, str]
) -> None:
    with Client(emulator, word=word) as client:
        client.access_key = emulator.basswallet.credentials[f"{word}_access_key"]
        client.secret = emulator.basswallet.credentials[f"{word}_secret_key"]
        assert refused(client.create()) == answer


def test_32_the_other_key_belongs_to_another_account(emulator: Emulator, client: Client, other: Client) -> None:
    other.access_key = emulator.basswallet.credentials["other_access_key"]
    other.secret = emulator.basswallet.credentials["other_secret_key"]
    order_id = client.start()
    assert refused(other.query(id=order_id)) == (400, "PARAM_ERROR")
    assert other.data(other.query(id=other.order_id(other.create())))["status"] == "Pending"
