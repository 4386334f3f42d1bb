"""One message compared with its schema: a request, an answer, a refusal, or a webhook."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from msgspec.structs import replace

from emulator.contract.card import Endpoint, Provider
from emulator.contract.errors import ErrorCase
from emulator.contract.schemas import Violation
from emulator.core import wording
from emulator.core.redaction import hide_in_text
from emulator.traffic.drift import Drift
from emulator.traffic.fields import drifts_of, pointer
from emulator.traffic.recorded import Message, Recorded

_JSON_TYPE = "application/json"
REFUSED = 400
"""The lowest HTTP status of a refusal."""


def judge_request(provider: Provider, endpoint: Endpoint, recorded: Recorded) -> Iterator[Drift]:
    """What the emulator would have refused in a request that the provider accepted."""
    message = f"{endpoint.name} request"
    body = recorded.request.body
    values: list[tuple[list[str], Any]] = [
        ([name], _read_query(recorded.query, provider.schemas.documents.get(name, {})))
        for name in (f"{endpoint.name}.query", "every-call.query")
    ]
    if body.form in ("json", "form"):
        values.append(([f"{endpoint.name}.request", *endpoint.matched], body.value))
    for names, value in values:
        forms = [name for name in names if name in provider.schemas.documents]
        if forms and not any(provider.schemas[name].accepts(value) for name in forms):
            for _, drift in drifts_of(provider, forms[0], value, message):
                said = f"the provider accepted what is {drift.kind}: {drift.said}"
                yield replace(drift, kind="accepted-request", said=said)


def _read_query(query: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as texts; those that are lists may be repeated, or written `name[]` or `name[0]`."""
    properties = document.get("properties", {})
    lists = {name for name, member in properties.items() if member.get("type") == "array"}
    found: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        bare = name.partition("[")[0]
        if bare in lists:
            found.setdefault(bare, []).append(value)
        else:
            found[name] = value
    return found


def judge_answer(provider: Provider, endpoint: Endpoint, status: int, answer: Message) -> list[Drift]:
    """How an answer differs."""
    message = f"{endpoint.name} answer"
    if endpoint.page:
        return []
    if status >= REFUSED:
        return [*_judge_refusal(provider, endpoint, status, answer, f"{endpoint.name} refusal")]
    name = f"{endpoint.name}.response"
    document = provider.schemas.documents.get(name, {})
    if is_refusal(provider, endpoint, status, answer):
        return [*_judge_mild_refusal(provider, status, answer.body.value, f"{endpoint.name} refusal")]
    form = _judge_form(provider, message, answer, endpoint.content_type or _JSON_TYPE)
    found = [*form] if document else []  # else any body is good
    usual = {str(endpoint.success), *document.get("x-also", {})}
    if str(status) not in usual:
        said = f"{status}, not {' or '.join(sorted(usual))}"
        found.append(Drift("wrong-status-code", provider.name, message, "", said, page=document.get("x-page")))
    if document and not _is_unreadable(found) and answer.body.form == "json":
        found += [drift for _, drift in drifts_of(provider, name, answer.body.value, message)]
    return found


def _is_unreadable(found: list[Drift]) -> bool:
    """Whether a body could not be read."""
    return any(drift.kind in ("not-json", "no-body") for drift in found)


def is_refusal(provider: Provider, endpoint: Endpoint, status: int, answer: Message) -> bool:
    """Whether an answer reports an error: by its status or, despite a status of success, by its body."""
    if status >= REFUSED:
        return True
    name, body = f"{endpoint.name}.response", answer.body
    if body.form != "json" or name not in provider.schemas.documents or not provider.error_member:
        return False
    return provider.schemas[endpoint.error_schema].accepts(body.value) and not provider.schemas[name].accepts(
        body.value
    )


def _judge_mild_refusal(provider: Provider, status: int, value: Any, message: str) -> Iterator[Drift]:
    """Whether a setting lets refusals come with the status of success."""
    name, mild = provider.refused_with_success
    if name and provider.settings[name].default == mild:
        return
    said = f"{status}, but the error {value[provider.error_member]} has another status"
    mark = provider.settings[name].mark if name else None
    yield Drift("wrong-status-code", provider.name, message, "", said, mark=mark, setting=name or None)


def _judge_form(provider: Provider, message: str, found: Message, content_type: str) -> Iterator[Drift]:
    """How the type of a body differs."""
    if found.body.form in ("text", "form") and content_type == _JSON_TYPE:
        text = str(found.body.value).strip()
        example = wording.shown(hide_in_text(text))
        yield Drift("not-json", provider.name, message, "/", "the body is not JSON", example)
    elif found.body.form == "nothing":
        yield Drift("no-body", provider.name, message, "/", "there is no body")
    elif found.content_type not in ("", content_type):
        said = f"{found.content_type}, not {content_type}"
        yield Drift("other-content-type", provider.name, message, "", said)


def _judge_refusal(
    provider: Provider, endpoint: Endpoint, status: int, answer: Message, message: str
) -> Iterator[Drift]:
    form = [*_judge_form(provider, message, answer, _JSON_TYPE)]
    yield from form
    if all(_status_of(provider, case) != status for case in provider.errors.values()):
        yield Drift("wrong-status-code", provider.name, message, "", f"no error of the catalogue has {status}")
    if _is_unreadable(form) or answer.body.form != "json":
        return
    place = (provider.error_member,) if provider.error_member else ()
    for violation, drift in drifts_of(provider, endpoint.error_schema, answer.body.value, message):
        if not place or violation.path != place or drift.kind == "missing-member":
            yield drift
    value = answer.body.value
    if place and isinstance(value, dict) and provider.error_member in value:
        yield from _judge_code(provider, status, value[provider.error_member], message)


def _judge_code(provider: Provider, status: int, code: Any, message: str) -> Iterator[Drift]:
    """Whether the code by which clients tell errors apart is in the catalogue, and with this status."""
    field = pointer((provider.error_member,))
    cases = [case for case in provider.errors.values() if code in (case.code or case.name, case.message)]
    if not cases:
        yield Drift("unknown-error", provider.name, message, field, f"{wording.shown(code)} is not in the catalogue")
    elif status not in [_status_of(provider, case) for case in cases]:
        known = " or ".join(sorted({str(_status_of(provider, case)) for case in cases}))
        said = f"{status} for {code}, not {known}"
        setting = cases[0].setting or None
        yield Drift("wrong-status-code", provider.name, message, "", said, mark=cases[0].mark, setting=setting)


def _status_of(provider: Provider, case: ErrorCase) -> int:
    """The HTTP status of an error: its own, or what a setting says that it usually is."""
    return int(provider.settings[case.setting].default) if case.setting else case.status


def judge_webhook(provider: Provider, webhook: Message, event: str = "") -> tuple[str, list[Drift]]:
    """The event that a webhook reports, and how the webhook differs; an empty event: it is unknown. `event`: the one
    that the record names."""
    known = provider.webhooks.events if provider.webhooks is not None else ()
    body = webhook.body
    if body.form not in ("json", "form"):
        return "", [*_judge_form(provider, "webhook", webhook, _JSON_TYPE)]
    ending = "-form" if body.form == "form" else ""
    events = [each for each in known if event in ("", each.name)] or known
    schemas = {f"{name}{ending}": each.name for each in reversed(events) for name in (*each.also, each.schema)}
    schemas = {name: each for name, each in schemas.items() if name in provider.schemas.documents}
    if not schemas:
        said = f"{webhook.content_type or body.form}, not {provider.webhook_type}"
        return "", [Drift("other-content-type", provider.name, "webhook", "", said)]
    judged = {name: drifts_of(provider, name, body.value, "webhook") for name in schemas}
    nearest = min(reversed(judged), key=lambda name: len(judged[name]))
    names = {each.name for each in known}
    name = next((each.name for each in known if _names(body.value, each.name)), schemas[nearest])
    found = [_retell(violation, drift, names) for violation, drift in judged[nearest]]
    return name, [replace(drift, message=f"{name} webhook") for drift in found]


def _names(value: Any, event: str) -> bool:
    """Whether one of a webhook's members names this event."""
    return isinstance(value, dict) and event in [each for each in value.values() if isinstance(each, str)]


def _retell(violation: Violation, drift: Drift, events: set[str]) -> Drift:
    """An unknown word where events are named is an unknown event."""
    expected = violation.expected if isinstance(violation.expected, list) else [violation.expected]
    if drift.kind == "unknown-value" and events.intersection(each for each in expected if isinstance(each, str)):
        return replace(drift, kind="unknown-event")
    return drift
