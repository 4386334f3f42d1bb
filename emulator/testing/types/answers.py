"""The answers of calls.

Made by scripts/generate_docs.py from the tables of the emulator: run it again after a change to them.
"""
# fmt: off

from decimal import Decimal
from typing import Any, Literal, NotRequired, TypedDict

from emulator.testing.types import names


class Health(TypedDict):
    """Answered by `GET /health`."""

    status: Literal["ok"]

class Ready(TypedDict):
    """Answered by `GET /ready`."""

    status: Literal["ready"]

class Version(TypedDict):
    """Answered by `GET /version`."""

    name: str
    version: str

class ProviderEndpoints(TypedDict):
    """Part of `Provider`."""

    name: str
    about: str
    method: str
    path: str
    source: str | None

class ProviderStatuses(TypedDict):
    """Part of `Provider`."""

    name: str
    about: str
    final: bool
    mark: Literal["documented", "observed", "assumed"]
    known_from: str | None

_OtherProviderTransitions = TypedDict("_OtherProviderTransitions", {
    "from": str,
})

class ProviderTransitions(_OtherProviderTransitions):
    """Part of `Provider`."""

    kinds: list[str]
    event: str
    to: str
    only_if: str | None
    mark: Literal["documented", "observed", "assumed"]
    known_from: str | None

class ProviderEvents(TypedDict):
    """Part of `Provider`."""

    name: str
    about: str
    arguments: dict[str, Any]

class ProviderCommands(TypedDict):
    """Part of `Provider`."""

    name: str
    about: str
    arguments: dict[str, Any]

class ProviderErrors(TypedDict):
    """Part of `Provider`."""

    name: str
    about: str
    status: int
    message: str
    mark: Literal["documented", "observed", "assumed"]
    known_from: str | None
    scriptable: bool

class ProviderSettings(TypedDict):
    """Part of `Provider`."""

    name: str
    about: str
    spelling: str
    aliases: list[str]
    default: Any
    schema: dict[str, Any]
    mark: Literal["documented", "observed", "assumed"]
    known_from: str | None

class ProviderScenarios(TypedDict):
    """Part of `Provider`."""

    name: str
    about: str
    match: dict[str, Any]

class Provider(TypedDict):
    """Part of `Providers`."""

    name: str
    title: str
    base_url: str | None
    public_hosts: list[str]
    endpoints: list[ProviderEndpoints]
    statuses: list[ProviderStatuses]
    transitions: list[ProviderTransitions]
    events: list[ProviderEvents]
    commands: list[ProviderCommands]
    errors: list[ProviderErrors]
    settings: list[ProviderSettings]
    scenarios: list[ProviderScenarios]

class Providers(TypedDict):
    """Answered by `GET /providers`."""

    providers: dict[str, Provider]

class CoverageItemHint(TypedDict):
    """Part of `CoverageItem`."""

    test: str
    curl: str | None
    header: str | None

class CoverageItem(TypedDict):
    """Part of `CoverageProvidersParts`."""

    name: str
    about: str
    covered: bool
    hint: CoverageItemHint | None
    """The shortest way to cover it: as a test, in a shell, by a header of the client's own call."""

class CoverageProvidersParts(TypedDict):
    """Part of `CoverageProviders`."""

    name: str
    about: str
    covered: int
    total: int
    percent: int | Decimal
    items: list[CoverageItem]

class CoverageProviders(TypedDict):
    """Part of `Coverage`."""

    name: str
    title: str
    counts: bool
    """Whether it is included in the totals."""
    covered: int
    total: int
    percent: int | Decimal
    parts: list[CoverageProvidersParts]

class Coverage(TypedDict):
    """Answered by `GET /coverage`, `GET /sandboxes/{sandbox}/coverage`."""

    version: int
    complete: bool
    """Whether everything that has happened is counted."""
    why_not: str | None
    """Why not."""
    covered: int
    total: int
    percent: int | Decimal
    providers: list[CoverageProviders]

OpenapiJson = dict[str, Any]
"""Answered by `GET /openapi.json`."""

Openapi = dict[str, Any]
"""Answered by `GET /openapi/{document}`."""

class Clock(TypedDict):
    """Answered by `GET /sandboxes/{sandbox}/clock`."""

    mode: Literal["real", "rate", "manual"]
    rate: int | Decimal
    now: str
    now_ms: int

Credentials = dict[str, Any]
"""Part of `Sandbox`."""

class Sandbox(TypedDict):
    """Answered by `POST /sandboxes`, `GET /sandboxes/{sandbox}`, `POST /sandboxes/{sandbox}/reset`, `PUT
    /sandboxes/{sandbox}/snapshot`."""

    name: str
    seed: str
    clock: Clock
    orders: int
    credentials: Credentials
    urls: dict[str, str]
    """Base URL of each provider."""

class Sandboxes(TypedDict):
    """Answered by `GET /sandboxes`."""

    sandboxes: list[Sandbox]

class HappenedItem(TypedDict):
    """Part of `ChangedClock`."""

    at: str
    kind: Literal["transition", "delivery"] | str
    provider: names.Provider
    order: str
    status: NotRequired[names.Status]
    source: NotRequired[str]
    event: NotRequired[str]
    cause: NotRequired[str]
    webhook: NotRequired[str]
    url: NotRequired[str]
    attempt: NotRequired[int]
    outcome: NotRequired[str]
    answered: NotRequired[int | None]
    error: NotRequired[str | None]
    fault: NotRequired[names.Fault]

class Silent(TypedDict):
    """Part of `ChangedClock`."""

    webhook: str
    provider: names.Provider
    event: str
    order: str
    receiver: str

class ChangedClock(TypedDict):
    """Answered by `PUT /sandboxes/{sandbox}/clock`."""

    mode: Literal["real", "rate", "manual"]
    rate: int | Decimal
    now: str
    now_ms: int
    happened: list[HappenedItem]
    omitted: NotRequired[int]
    settled: bool
    silent: NotRequired[list[Silent]]

class Advanced(TypedDict):
    """Answered by `POST /sandboxes/{sandbox}/clock/advance`."""

    happened: list[HappenedItem]
    omitted: NotRequired[int]
    settled: bool
    silent: NotRequired[list[Silent]]
    now: str

class Next(TypedDict):
    """Part of `Order`."""

    at: str | None
    what: str | Literal["event", "reads"]
    does: NotRequired[str | list[str]]
    event: NotRequired[str]
    reads: NotRequired[int]

class Order(TypedDict):
    """Part of `Orders`."""

    id: str
    provider: names.Provider
    kind: str | None
    owner: str
    status: names.Status
    final: bool
    created_at: str
    updated_at: str
    scenario: str | None
    page: str | None
    """Where the order's payer pays; null if nobody does."""
    next: Next | None
    events: list[names.Event]
    """What can happen to it now."""

class Orders(TypedDict):
    """Answered by `GET /sandboxes/{sandbox}/orders`."""

    orders: list[Order]
    total: int

class SentRequest(TypedDict):
    """Part of `MadeOrder`."""

    method: str
    url: str
    headers: dict[str, str]
    body: str
    status: int
    answer: str

class MadeOrder(TypedDict):
    """Answered by `POST /sandboxes/{sandbox}/orders`."""

    id: str
    provider: names.Provider
    kind: str | None
    owner: str
    status: names.Status
    final: bool
    created_at: str
    updated_at: str
    scenario: str | None
    page: str | None
    """Where the order's payer pays; null if nobody does."""
    next: Next | None
    events: list[names.Event]
    """What can happen to it now."""
    sent: SentRequest

class StoryItem(TypedDict):
    """Part of `OrderWithStory`."""

    at: str
    kind: Literal["created", "transition", "request", "delivery"] | str
    status: NotRequired[names.Status | int | None]
    event: NotRequired[str]
    cause: NotRequired[str]
    number: NotRequired[int]
    endpoint: NotRequired[str | None]
    method: NotRequired[str]
    path: NotRequired[str]
    sent: NotRequired[bool]
    error: NotRequired[str | None]
    reason: NotRequired[str | None]
    webhook: NotRequired[str]
    url: NotRequired[str]
    attempt: NotRequired[int]
    outcome: NotRequired[str]
    answered: NotRequired[int | None]
    fault: NotRequired[names.Fault]

class OrderWithStory(TypedDict):
    """Answered by `GET /sandboxes/{sandbox}/orders/{order}`."""

    id: str
    provider: names.Provider
    kind: str | None
    owner: str
    status: names.Status
    final: bool
    created_at: str
    updated_at: str
    scenario: str | None
    page: str | None
    """Where the order's payer pays; null if nobody does."""
    next: Next | None
    events: list[names.Event]
    """What can happen to it now."""
    fields: dict[str, Any]
    story: list[StoryItem]

class OrderWithHappened(TypedDict):
    """Answered by `POST /sandboxes/{sandbox}/orders/{order}/events`."""

    id: str
    provider: names.Provider
    kind: str | None
    owner: str
    status: names.Status
    final: bool
    created_at: str
    updated_at: str
    scenario: str | None
    page: str | None
    """Where the order's payer pays; null if nobody does."""
    next: Next | None
    events: list[names.Event]
    """What can happen to it now."""
    happened: list[HappenedItem]
    omitted: NotRequired[int]

class CommandResult(TypedDict):
    """Answered by `POST /sandboxes/{sandbox}/commands/{provider}/{name}`."""

    happened: list[HappenedItem]
    omitted: NotRequired[int]
    result: Any

class JournalEntryAnswer(TypedDict):
    """Part of `JournalEntry`."""

    header: dict[str, str]
    body: Any

class JournalEntryUnsent(TypedDict):
    """Part of `JournalEntry`."""

    status: int
    body: Any

class JournalEntry(TypedDict):
    """Part of `Journal`."""

    number: int
    at: str
    kind: Literal["request", "transition", "delivery"] | str
    provider: names.Provider
    order: str | None
    orders: list[str]
    endpoint: NotRequired[str | None]
    method: NotRequired[str]
    path: NotRequired[str]
    query: NotRequired[str]
    status: NotRequired[int | names.Status | None]
    sent: NotRequired[bool]
    error: NotRequired[str | None]
    reason: NotRequired[str | None]
    header: NotRequired[dict[str, str]]
    body: NotRequired[Any]
    answer: NotRequired[JournalEntryAnswer | None]
    unsent: NotRequired[JournalEntryUnsent | None]
    source: NotRequired[str]
    event: NotRequired[str]
    cause: NotRequired[str]
    webhook: NotRequired[str]
    url: NotRequired[str]
    attempt: NotRequired[int]
    outcome: NotRequired[str]
    answered: NotRequired[int | None]
    fault: NotRequired[names.Fault]

class Journal(TypedDict):
    """Answered by `GET /sandboxes/{sandbox}/journal`."""

    entries: list[JournalEntry]
    evicted: int
    complete: bool

class JournalCount(TypedDict):
    """Answered by `POST /sandboxes/{sandbox}/journal/count`."""

    count: int
    complete: bool

class DiagnosisGood(TypedDict):
    """Part of `Diagnosis`."""

    name: str
    text: str

class DiagnosisSignature(TypedDict):
    """Part of `Diagnosis`."""

    received: str | None
    expected: str | None
    made_by: str

class DiagnosisChecks(TypedDict):
    """Part of `Diagnosis`."""

    name: str
    about: str
    outcome: Literal["passed", "refused", "not reached"]

class DiagnosisHowEnvironment(TypedDict):
    """Part of `DiagnosisHow`."""

    variable: str
    credential: str | None

class DiagnosisHow(TypedDict):
    """Part of `Diagnosis`."""

    programs: dict[str, str]
    environment: DiagnosisHowEnvironment | None
    why_not: str | None

class Diagnosis(TypedDict):
    """Answered by `GET /sandboxes/{sandbox}/journal/{number}/diagnosis`."""

    request: JournalEntry
    sentence: str
    found: bool
    reason: str
    means: str | None
    came: str | None
    good: list[DiagnosisGood]
    signature: DiagnosisSignature | None
    checks: list[DiagnosisChecks]
    how: DiagnosisHow

class SentAgain(TypedDict):
    """Answered by `POST /sandboxes/{sandbox}/journal/{number}/resend`."""

    sent: SentRequest
    number: int | None
    order: str | None
    error: str | None
    reason: str | None

class FaultRuleLognormal(TypedDict):
    """Part of `FaultRule`."""

    median: str | int | Decimal
    """A duration, such as 250ms, 30s or 1h."""
    sigma: NotRequired[int | Decimal]

_OtherFaultRule = TypedDict("_OtherFaultRule", {
    "with": dict[str, Any],
}, total=False)

class FaultRule(_OtherFaultRule):
    """Answered by `POST /sandboxes/{sandbox}/faults`."""

    id: str
    fault: names.Fault
    when: NotRequired[Literal["before", "after"]]
    """Before anything is done, or afterwards, so that only the answer is lost."""
    provider: NotRequired[names.Provider]
    """Only at this provider."""
    endpoint: NotRequired[str]
    """Only this call."""
    event: NotRequired[str]
    """Only webhooks of this name."""
    order: NotRequired[str]
    """Only requests and webhooks about the order with this id."""
    match: NotRequired[dict[str, Any]]
    """Only what fits, such as {"body.amountFrom": "151"}."""
    skip: NotRequired[int]
    """Lets this many matches pass before it acts."""
    times: NotRequired[int]
    """Acts this often and never again; without it, always."""
    chance: NotRequired[int | Decimal]
    """How likely it is to act, from 0 to 1; without it, always."""
    fixed: NotRequired[str | int | Decimal]
    """A duration, such as 250ms, 30s or 1h."""
    uniform: NotRequired[list[str | int | Decimal]]
    """Between two durations, such as ["1s", "3s"]."""
    lognormal: NotRequired[FaultRuleLognormal]
    """By chance, such as {"median": "300ms", "sigma": 0.8}."""
    error: NotRequired[str]
    """Name of one of the provider's errors."""
    status: NotRequired[int]
    retry_after: NotRequired[str | int | Decimal]
    """A duration, such as 250ms, 30s or 1h."""
    content_type: NotRequired[str]
    body: NotRequired[str]
    """Instead of the usual page."""
    by: NotRequired[str | int | Decimal]
    """A duration, such as 250ms, 30s or 1h."""
    form: NotRequired[Literal["ascii", "spaced", "reordered", "slashes"]]

class Faults(TypedDict):
    """Answered by `GET /sandboxes/{sandbox}/faults`."""

    faults: list[FaultRule]

class Attempt(TypedDict):
    """Part of `Webhook`."""

    at: str
    url: str
    headers: dict[str, str]
    body: str
    status: int | None
    error: str | None
    answer: str
    duration_ms: int
    next_at: str | None

class Webhook(TypedDict):
    """Answered by `POST /sandboxes/{sandbox}/webhooks/send`, `POST /sandboxes/{sandbox}/webhooks/{webhook}/replay`,
    `POST /sandboxes/{sandbox}/webhooks/{webhook}/resend`, `POST /sandboxes/{sandbox}/webhooks/{webhook}/hold`, `POST
    /sandboxes/{sandbox}/webhooks/{webhook}/release`."""

    id: str
    provider: names.Provider
    order: str | None
    event: str
    url: str
    state: str
    fault: str | None
    created_at: str
    next_at: str | None
    attempts: list[Attempt]

class Webhooks(TypedDict):
    """Answered by `GET /sandboxes/{sandbox}/webhooks`."""

    webhooks: list[Webhook]

class WebhooksWait(TypedDict):
    """Answered by `POST /sandboxes/{sandbox}/webhooks/wait`."""

    complete: bool
    count: int
    webhooks: list[Webhook]

class Received(TypedDict):
    """Part of `Receiver`."""

    number: int
    at: str
    provider: names.Provider | None
    verified: bool
    reason: str | None
    method: str
    path: str
    headers: dict[str, str]
    body: str | None
    body_base64: NotRequired[str]

class Receiver(TypedDict):
    """Answered by `GET /sandboxes/{sandbox}/receiver`."""

    url: str
    received: list[Received]
    forgotten: int

class Verdict(TypedDict):
    """Answered by `POST /sandboxes/{sandbox}/receiver/verify`."""

    at: str
    provider: names.Provider | None
    event: str | None
    order: str | None
    verified: bool
    reason: str | None

Settings = dict[str, dict[str, Any]]
"""Answered by `GET /sandboxes/{sandbox}/settings`, `PUT /sandboxes/{sandbox}/settings`."""

class Scenario(TypedDict):
    """Part of `Scenarios`."""

    name: str
    about: str
    match: dict[str, Any]
    default: bool
    own: bool

class Scenarios(TypedDict):
    """Answered by `GET /sandboxes/{sandbox}/scenarios`."""

    scenarios: dict[str, list[Scenario]]

class PutScenarios(TypedDict):
    """Answered by `PUT /sandboxes/{sandbox}/scenarios/{provider}/{name}`."""

    provider: names.Provider
    name: str
    about: str

PutDefaultScenario = dict[str, str]
"""Answered by `PUT /sandboxes/{sandbox}/default-scenario`."""

class ReproductionClock(TypedDict):
    """Part of `Reproduction`."""

    mode: Literal["real", "rate", "manual"]
    rate: str
    now_ms: int | None

class Reproduction(TypedDict):
    """Answered by `GET /sandboxes/{sandbox}/reproduction`."""

    version: int
    emulator: str
    complete: bool
    """Whether it has every step since the sandbox began; otherwise it has none."""
    why_not: str | None
    sandbox: str
    begun_real_ms: int
    seed: str
    clock: ReproductionClock
    settings: dict[str, dict[str, Any]]
    webhook_url: str | None
    steps: list[dict[str, Any]]

class SnapshotClock(TypedDict):
    """Part of `Snapshot`."""

    mode: Literal["real", "rate", "manual"]
    rate: str
    anchor_ms: int
    real_anchor_ms: int

class Snapshot(TypedDict):
    """Answered by `GET /sandboxes/{sandbox}/snapshot`."""

    version: int
    name: str
    seed: str
    sequence: int
    clock: SnapshotClock
    tables: dict[str, dict[str, Any]]
