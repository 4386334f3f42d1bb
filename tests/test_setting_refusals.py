"""Every provider has the common settings, and each of its settings refuses values of the wrong type: briefly, with the
place, and without secrets."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from emulator import providers
from emulator.core.common_settings import COMMON
from emulator.core.problems import type_problem
from emulator.testing import Emulator

SECRET = "S3CRET-of-somebody"
PEM = f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----"
WRONG: tuple[Any, ...] = (
    None, True, 7, -1, 0.5, "", "nonsense", "x" * 3000, PEM, [], [SECRET], [{"a": SECRET}], {}, {"a": SECRET},
    {"a": {"b": [SECRET]}}, {"x" * 3000: SECRET}, {f"a{number}": SECRET for number in range(100)},
)  # fmt: skip
LONGEST = 600
SETTINGS = [(name, setting) for name in providers.NAMES for setting in providers.load(name).settings.values()]
LARGE = [
    (provider, setting.name, each)
    for provider, setting in SETTINGS
    for each in (setting.default, *setting.schema.get("examples", ()))
    if isinstance(each, (dict, list)) and each
]


@pytest.mark.parametrize("provider", providers.NAMES)
def test_every_provider_has_the_common_settings(provider: str) -> None:
    settings = providers.load(provider).settings
    assert [each.name for each in COMMON if settings.get(each.name) != each] == [], "begin settings.py with *COMMON"


def put(emulator: Emulator, client: httpx.Client, provider: str, name: str, value: Any) -> httpx.Response:
    return client.put(f"{emulator.control_url}/sandboxes/{emulator.name}/settings", json={provider: {name: value}})


@pytest.mark.parametrize("provider", providers.NAMES)
def test_a_value_of_the_wrong_type_is_refused_briefly_with_the_setting_s_name_and_no_secrets(
    emulator: Emulator, provider: str
) -> None:
    with httpx.Client() as client:
        for owner, setting in SETTINGS:
            if owner != provider:
                continue
            answers = [put(emulator, client, provider, setting.name, value) for value in WRONG]
            refused = [answer.json() for answer in answers if answer.status_code != 200]
            assert refused, setting.name
            for said in refused:
                assert said["error"] == "bad-request"
                assert said["message"].startswith(f"{provider}.{setting.name}"), said
                assert SECRET not in said["message"], said
                assert len(said["message"]) < LONGEST, said
            put(emulator, client, provider, setting.name, setting.default)


def places_in(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of everything in a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in items:
        yield (*path, name)
        yield from places_in(member, (*path, name))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    name, *rest = path
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[name] = replaced(value[name], tuple(rest), new)
    return changed


@pytest.mark.parametrize(("provider", "name", "value"), LARGE, ids=lambda each: each if isinstance(each, str) else "")
def test_a_mistake_inside_a_value_is_refused_with_its_place(
    emulator: Emulator, provider: str, name: str, value: Any
) -> None:
    refused = 0
    with httpx.Client() as client:
        for path in places_in(value):
            answer = put(emulator, client, provider, name, replaced(value, path, [[{"a": SECRET}]]))
            if answer.status_code == 200:
                put(emulator, client, provider, name, value)
                continue
            refused += 1
            message = answer.json()["message"]
            assert "".join(f"/{part}" for part in path) in message or _names(path, message), (path, message)
            assert SECRET not in message
            assert len(message) < LONGEST
    assert refused


def _names(path: tuple[str | int, ...], message: str) -> bool:
    """Whether the place is given by names, because the mistake is found after entries were merged."""
    return any(isinstance(part, str) for part in path) and all(
        part in message for part in path if isinstance(part, str)
    )


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    amount: int | None
    rate: str = ""


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([{"amount": "7"}], "/own/0/amount: not a whole number or null"),
        ([{"rate": "7"}], "/own/0/amount: missing"),
        ([{"amount": 1, "rates": 7}], "/own/0: unknown: rates"),
        ([7], "/own/0: not an object"),
        (7, "/own: not a list"),
    ],
)
def test_a_mistake_is_described_in_our_own_words_with_its_place(value: Any, problem: str) -> None:
    with pytest.raises(msgspec.ValidationError) as mistake:
        msgspec.convert(value, list[Shape])
    assert type_problem(mistake.value, "own") == problem
