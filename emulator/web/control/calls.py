"""The table of the calls of the control API: by it they are found, held to what they take and answer, and described."""

from msgspec.structs import replace

from emulator.web.control import (
    answers,
    behaviour,
    coverages,
    diagnoses,
    faults,
    journals,
    new_orders,
    orders,
    probes,
    receivers,
    sandboxes,
    server,
    streams,
    webhooks,
)
from emulator.web.control.context import MAX_SNAPSHOT_BYTES, SANDBOX, Call
from emulator.web.control.shapes import OBJECT, TEXT, TRUTH, WHOLE, by_name, listed, shape

_CHANGES_NOTHING = "it changes nothing"
_ASKS_A_PROVIDER = "what it does is a request to a provider, which is recorded itself"
_BEGINS_ANEW = "the recording begins anew"

_ABOUT_THE_SERVER = (
    Call("GET", "/health", probes.get_health, answers.members(status={"const": "ok"})),
    Call("GET", "/ready", probes.get_ready, answers.members(status={"const": "ready"})),
    Call("GET", "/version", server.get_version, answers.members(name=TEXT, version=TEXT)),
    Call("GET", "/ca.pem", server.get_ca, answers.other("application/x-pem-file"), errors=("not-found",)),
    Call("GET", "/metrics", server.get_metrics, answers.other("text/plain; version=1.0.0")),
    Call("GET", "/providers", server.get_providers, answers.members(providers=by_name(shape("provider")))),
    Call(
        "GET", "/coverage", coverages.get_whole_coverage, answers.named("coverage"),
        query=coverages.SELECTION, errors=("unknown-provider",),
    ),
    Call("GET", "/openapi.json", server.get_own_openapi, answers.ANY_OBJECT),
    Call("GET", "/openapi/{document}", server.get_openapi, answers.ANY_OBJECT),
    Call("GET", "/docs", server.get_docs, answers.other("text/html")),
    Call(
        "POST", "/sandboxes", sandboxes.post_sandbox, answers.named("sandbox", 201),
        body=sandboxes.NEW_SANDBOX, errors=("sandbox-exists", "too-many-sandboxes"),
    ),
    Call("GET", "/sandboxes", sandboxes.get_sandboxes, answers.members(sandboxes=listed(shape("sandbox")))),
)  # fmt: skip
_BELOW_A_SANDBOX = (
    Call("GET", "", sandboxes.get_sandbox, answers.named("sandbox")),
    Call("DELETE", "", sandboxes.delete_sandbox, answers.NOTHING),
    Call("POST", "/reset", sandboxes.post_reset, answers.named("sandbox"), unrecorded=_BEGINS_ANEW),
    Call("GET", "/clock", sandboxes.get_clock, answers.named("clock")),
    Call(
        "PUT", "/clock", sandboxes.put_clock, answers.named("changed-clock"),
        body=sandboxes.CHANGED_CLOCK, errors=("advance-under-way",),
    ),
    Call(
        "POST", "/clock/advance", sandboxes.post_advance, answers.named("advanced"),
        body=sandboxes.ADVANCE, errors=("advance-under-way",),
    ),
    Call(
        "GET", "/orders", orders.get_orders, answers.members(orders=listed(shape("order")), total=WHOLE),
        query=orders.SELECTION, errors=("unknown-provider",),
    ),
    Call(
        "POST", "/orders", new_orders.post_order, answers.named("made-order", 201),
        body=new_orders.NEW, errors=("unknown-provider", "order-refused"), unrecorded=_ASKS_A_PROVIDER,
    ),
    Call("GET", "/orders/{order}", orders.get_order, answers.named("order-with-story"), errors=("unknown-order",)),
    Call(
        "POST", "/orders/{order}/events", orders.post_event, answers.named("order-with-happened"),
        body=orders.EVENT, errors=("unknown-order", "illegal-event"),
    ),
    Call(
        "POST", "/commands/{provider}/{name}", orders.post_command, answers.named("command-result"),
        body=OBJECT, errors=("unknown-command",),
    ),
    Call(
        "GET", "/events", streams.get_events, answers.other(streams.MEDIA_TYPE),
        query=streams.SELECTION, errors=("unknown-provider", "too-many-streams"),
    ),
    Call(
        "GET", "/journal", journals.get_journal,
        answers.members(entries=listed(shape("journal-entry")), evicted=WHOLE, complete=TRUTH),
        query=journals.SELECTION, errors=("unknown-provider",),
    ),
    Call(
        "POST", "/journal/count", journals.post_count, answers.members(count=WHOLE, complete=TRUTH),
        body=journals.COUNT, unrecorded=_CHANGES_NOTHING,
    ),
    Call(
        "GET", "/journal/{number}/diagnosis", diagnoses.get_diagnosis, answers.named("diagnosis"),
        errors=("unknown-entry", "not-refused"),
    ),
    Call(
        "POST", "/journal/{number}/resend", diagnoses.post_resend, answers.named("sent-again"),
        errors=("unknown-entry", "not-refused", "not-signable"), unrecorded=_ASKS_A_PROVIDER,
    ),
    Call(
        "GET", "/coverage", coverages.get_coverage, answers.named("coverage"),
        query=coverages.SELECTION, errors=("unknown-provider",),
    ),
    Call("GET", "/faults", faults.get_faults, answers.members(faults=listed(shape("fault-rule")))),
    Call(
        "POST", "/faults", faults.post_fault, answers.named("fault-rule", 201),
        body=faults.RULE, errors=("too-many-faults",),
    ),
    Call("DELETE", "/faults", faults.delete_faults, answers.NOTHING),
    Call("DELETE", "/faults/{fault}", faults.delete_faults, answers.NOTHING, errors=("unknown-fault",)),
    Call(
        "GET", "/webhooks", webhooks.get_webhooks, answers.members(webhooks=listed(shape("webhook"))),
        query=webhooks.SELECTION,
    ),
    Call(
        "POST", "/webhooks/wait", webhooks.post_wait,
        answers.members(complete=TRUTH, count=WHOLE, webhooks=listed(shape("webhook"))),
        body=webhooks.WAIT, unrecorded=_CHANGES_NOTHING,
    ),
    Call(
        "POST", "/webhooks/send", webhooks.post_send, answers.named("webhook"),
        body=webhooks.SEND, errors=("unknown-provider",),
    ),
    Call("POST", "/webhooks/subscribe", webhooks.post_subscribe, answers.NOTHING, body=webhooks.SUBSCRIPTION),
    *(
        Call(
            "POST", f"/webhooks/{{webhook}}/{word}", webhooks.post_replay, answers.named("webhook"),
            errors=("unknown-webhook",),
        )
        for word in ("replay", "resend")
    ),
    *(
        Call(
            "POST", f"/webhooks/{{webhook}}/{word}", handler, answers.named("webhook"),
            errors=("unknown-webhook", "illegal-event"),
        )
        for word, handler in (("hold", webhooks.post_hold), ("release", webhooks.post_release))
    ),
    Call(
        "GET", "/receiver", receivers.get_receiver,
        answers.members(url=TEXT, received=listed(shape("received")), forgotten=WHOLE),
        query=receivers.SELECTION,
    ),
    Call(
        "POST", "/receiver/verify", receivers.post_verify, answers.named("verdict"),
        body=receivers.GOT, unrecorded=_CHANGES_NOTHING,
    ),
    Call("DELETE", "/receiver", receivers.delete_receiver, answers.NOTHING, unrecorded=_CHANGES_NOTHING),
    Call("GET", "/settings", behaviour.get_settings, answers.named("settings")),
    Call("PUT", "/settings", behaviour.put_settings, answers.named("settings"), body=behaviour.SETTINGS),
    Call("GET", "/scenarios", behaviour.get_scenarios, answers.members(scenarios=by_name(listed(shape("scenario"))))),
    Call(
        "PUT", "/scenarios/{provider}/{name}", behaviour.put_scenario,
        answers.members(provider=TEXT, name=TEXT, about=TEXT),
        body=behaviour.SCENARIO, media_types=behaviour.SCENARIO_TYPES,
        errors=("broken-scenario", "too-many-scenarios"),
    ),
    Call(
        "PUT", "/default-scenario", behaviour.put_default_scenario, answers.NAMES_BY_PROVIDER,
        body=behaviour.CHOICE, errors=("unknown-provider", "unknown-scenario"),
    ),
    Call("GET", "/reproduction", sandboxes.get_reproduction, answers.named("reproduction")),
    Call("GET", "/snapshot", sandboxes.get_snapshot, answers.named("snapshot")),
    Call(
        "PUT", "/snapshot", sandboxes.put_snapshot, answers.named("sandbox"),
        body=OBJECT, body_limit=MAX_SNAPSHOT_BYTES, unrecorded=_BEGINS_ANEW,
    ),
)  # fmt: skip
CALLS = (*_ABOUT_THE_SERVER, *(replace(call, path=SANDBOX + call.path) for call in _BELOW_A_SANDBOX))
