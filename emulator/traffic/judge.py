"""Recorded calls, judged one after another."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from emulator.contract.card import Endpoint, Provider
from emulator.traffic.courses import Courses, Sighting, sightings
from emulator.traffic.drift import Drift
from emulator.traffic.matching import Match, match
from emulator.traffic.messages import REFUSED, is_refusal, judge_answer, judge_request, judge_webhook
from emulator.traffic.recorded import Message, Recorded

_NOT_THERE = (404, 405)
"""With these the provider says itself that it has no such call."""


class Judgement(Struct, frozen=True):
    """What was found in one call or webhook."""

    provider: str
    message: str
    """The endpoint, or the webhook, that it is."""
    drifts: list[Drift]
    unjudged: tuple[str, ...] = ()
    """Why one of its bodies was not judged."""


class Judge:
    """Compares calls with the cards of the providers, and remembers the status of each order."""

    def __init__(self, providers: Mapping[str, Provider], provider: str = "", host: str = "") -> None:
        """`provider`, `host`: as for `match`."""
        self._providers = providers
        self._provider, self._host = provider, host
        self._courses = Courses()

    def judge(self, recorded: Recorded) -> Judgement | None:
        """How a call or a webhook differs; None: it belongs to no provider."""
        found = match(self._providers, recorded, self._provider, self._host)
        if found is None or _is_aside(found, recorded):
            return None
        if found.is_webhook:
            return self._judge_webhook(found.provider, recorded)
        if found.endpoint is None:
            drifts = [] if recorded.status in _NOT_THERE else [_unknown(found, recorded)]
            return Judgement(found.provider.name, "nothing known", drifts)
        return self._judge_call(found.provider, found.endpoint, recorded)

    def _judge_call(self, provider: Provider, endpoint: Endpoint, recorded: Recorded) -> Judgement:
        drifts: list[Drift] = []
        answer, status = recorded.answer, recorded.status
        if status is not None and recorded.method != "HEAD":
            if not is_refusal(provider, endpoint, status, answer):
                drifts += judge_request(provider, endpoint, recorded)
            if answer.body.form != "unknown":
                drifts += judge_answer(provider, endpoint, status, answer)
        if status is not None and status < REFUSED and answer.body.form == "json":
            seen = [*sightings(provider, endpoint.name, answer.body.value)]
            is_new = bool(endpoint.matched)
            message = f"{endpoint.name} answer"
            drifts = self._with_course(provider, message, seen, drifts, is_new=is_new)
        return Judgement(provider.name, endpoint.name, drifts, _reasons(endpoint.name, recorded.request, answer))

    def _judge_webhook(self, provider: Provider, recorded: Recorded) -> Judgement:
        webhook = recorded.request
        if webhook.body.form == "unknown":
            return Judgement(provider.name, "webhook", [], _reasons("webhook", webhook))
        event, drifts = judge_webhook(provider, webhook, recorded.event)
        seen = [*sightings(provider, event, webhook.body.value)]
        message = f"{event} webhook"
        drifts = self._with_course(provider, message, seen, drifts, may_be_late=True)
        return Judgement(provider.name, f"{event} webhook".strip(), drifts)

    def _with_course(
        self,
        provider: Provider,
        message: str,
        seen: list[Sighting],
        drifts: list[Drift],
        *,
        is_new: bool = False,
        may_be_late: bool = False,
    ) -> list[Drift]:
        """The drifts of a message, and those of the orders that it shows. An unknown status is reported once."""
        course = [*self._courses.follow(provider, message, seen, is_new=is_new, may_be_late=may_be_late)]
        known = {drift.field: drift for drift in drifts if drift.kind == "unknown-value"}
        unknown = {drift.field for drift in course if drift.kind == "unknown-status"}
        kept = [drift for drift in drifts if drift.kind != "unknown-value" or drift.field not in unknown]
        return kept + [_marked(drift, known.get(drift.field)) for drift in course]


def _marked(drift: Drift, known: Drift | None) -> Drift:
    """A drift with what the schema says about the same field."""
    return drift if known is None else replace(known, kind=drift.kind, said=drift.said)


def _reasons(name: str, *messages: Message) -> tuple[str, ...]:
    return tuple(f"{name}: {message.body.why}" for message in messages if message.body.form == "unknown")


def _is_aside(found: Match, recorded: Recorded) -> bool:
    """Whether a call is not part of the API: what browsers ask first, or the parts of a page of the provider."""
    if found.is_webhook or found.endpoint is not None:
        return False
    kind = recorded.answer.content_type
    return recorded.method == "OPTIONS" or (recorded.method == "GET" and kind != "" and not kind.endswith("json"))


def _unknown(found: Match, recorded: Recorded) -> Drift:
    status = "" if recorded.status is None else f", answered with {recorded.status}"
    kind = "unknown-method" if found.path_is_known else "unknown-endpoint"
    said = f"{recorded.method} {found.path} is not known{status}"
    return Drift(kind, found.provider.name, "call", "", said)
