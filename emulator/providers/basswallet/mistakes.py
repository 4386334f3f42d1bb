"""Why a request was not trusted: the usual mistakes with keys, signatures and timestamps, tried on what came."""

from datetime import datetime

from emulator.contract.card import Call
from emulator.contract.diagnosis import Diagnosis, Good
from emulator.core.credential_mistakes import find_elsewhere, find_other_writing, find_unset
from emulator.core.durations import format_duration, format_instant
from emulator.core.origin import DEFAULT
from emulator.core.redaction import is_secret_text
from emulator.providers.basswallet import catalogue
from emulator.providers.basswallet.signature.mistakes import (
    SignedRequest,
    explain_signature,
    find_mistake,
    list_good_texts,
)
from emulator.providers.basswallet.signature.texts import sign
from emulator.providers.basswallet.wire import Parameters

KEY_HEADER = "api-access-key"
LEGACY_KEY_HEADER = "x-bs-apikey"
_SIGNATURE_HEADER = "signature"
_HALF_HOUR_MS = 30 * 60 * 1000
_SLACK_MS = 60 * 1000


def diagnose_key(call: Call, sent: str | None) -> Diagnosis:
    """What is wrong with an access key that is missing (None) or unknown."""
    sandbox = call.tx.sandbox_name
    keys = catalogue.list_access_keys(sandbox)
    good = tuple(Good(each.word, f"API-Access-Key: {each.access_key}") for each in keys)
    known = {each.access_key for each in keys}
    if not sent:
        elsewhere = find_elsewhere(call.request, known.__contains__, (KEY_HEADER,))
        if call.header(LEGACY_KEY_HEADER):
            elsewhere = "X-BS-APIKEY is no longer taken (setting legacy_key_header)"
        missing = "API-Access-Key is missing; send the access key in it"
        told = f"{elsewhere}; send the access key in API-Access-Key" if elsewhere else missing
        return Diagnosis(told, elsewhere is not None, good=good)
    mistake = find_unset(sent) or find_other_writing(sent, known.__contains__) or _find_wrong_kind(sent, sandbox)
    said = f"{sent[:80]!r} is not a known access key"
    more = f"those of {sandbox} are {', '.join(sorted(known))}"
    secret = mistake is not None and "secret" in mistake
    came = "API-Access-Key: [redacted]" if secret else f"API-Access-Key: {sent[:80]}"
    if mistake is None:
        return Diagnosis(said, False, more, came, good)
    told = mistake if secret else f"{said}: {mistake}"
    return Diagnosis(told, True, more, came, good, secrets=(sent,) if secret else ())


def _find_wrong_kind(sent: str, sandbox: str) -> str | None:
    """What was sent in place of an access key of the sandbox."""
    if is_secret_text(sent) or sent in _list_secrets(sandbox):
        return "a secret key was sent as access key: a secret is never sent, only signed with"
    if any(sent == each.access_key for each in catalogue.list_callback_keys(sandbox)):
        return "it is the webhooks' key, which signs what the provider sends"
    other = catalogue.find_sandbox_of_access_key(sent)
    if other is not None and other != sandbox:
        return f"it belongs to the sandbox {other}, which does not exist"
    return None


def _list_secrets(sandbox: str) -> list[str]:
    own = [each.secret_key for each in catalogue.list_access_keys(sandbox)]
    return own + [each.secret_key for each in catalogue.list_callback_keys(sandbox)]


def diagnose_signature(call: Call, parameters: Parameters) -> Diagnosis:
    """What is wrong with a signature that is missing, or that fits none of the texts that may be signed."""
    request, key = call.request, call.caller
    form = call.settings["signature_text"]
    written = request.headers.get(_SIGNATURE_HEADER)
    texts = list_good_texts(parameters, form)
    signed = SignedRequest(
        parameters, request.method, request.root + request.path, request.origin, request.body, key.access_key
    )
    secrets = _secrets(call)
    came = None
    if written:
        found = find_mistake(written, secrets, signed, form)
        came = found.text if found is not None else None
        sentence = found.mistake if found is not None else find_unset(written) or "the signature is wrong"
        is_found = found is not None or sentence != "the signature is wrong"
    else:
        elsewhere = find_elsewhere(
            request,
            lambda value: value in texts or find_mistake(value, secrets, signed) is not None,
            (_SIGNATURE_HEADER,),
        )
        is_found = elsewhere is not None
        sentence = f"{elsewhere}; send it in Signature" if elsewhere else "Signature is missing"
    more = f"with the secret of {key.access_key} {explain_signature(parameters, form)}"
    expected = sign(next(iter(texts)), key.secret_key) if texts else ""
    return Diagnosis(
        sentence,
        is_found,
        more,
        came,
        tuple(Good(name, text) for text, name in texts.items()),
        (written or "")[:200],
        expected,
        f"HMAC-SHA256 with the secret of {key.access_key}, in hex",
    )


def _secrets(call: Call) -> dict[str, str]:
    """Secrets by their owners, the right one first, and what clients mistake for one."""
    sandbox, key = call.tx.sandbox_name, call.caller
    secrets = {key.access_key: key.secret_key}
    for each in catalogue.list_access_keys(sandbox):
        secrets.setdefault(f"the secret of {each.access_key}", each.secret_key)
    for callback in catalogue.list_callback_keys(sandbox):
        secrets[f"the secret of {callback.access_key}, which signs webhooks"] = callback.secret_key
    for each in catalogue.list_access_keys(DEFAULT) if sandbox != DEFAULT else ():
        secrets[f"the secret of {each.access_key}, a key of another sandbox"] = each.secret_key
    secrets["the access key in place of the secret"] = key.access_key
    secrets["an empty secret"] = ""
    secrets["a secret with a line break at its end"] = f"{key.secret_key}\n"
    secrets["a secret in quotation marks"] = f'"{key.secret_key}"'
    secrets["the secret in upper case"] = key.secret_key.upper()
    return {name: secret for name, secret in secrets.items() if name == key.access_key or secret != key.secret_key}


def diagnose_timestamp(call: Call, timestamp: str, now_ms: int) -> Diagnosis:
    """What is wrong with a timestamp that is malformed, or too far from the time `now_ms`."""
    mistake = _find_wrong_time(call, timestamp, now_ms)
    said = f"timestamp is {timestamp[:40]!r}"
    clock = f"it is {now_ms} by the clock of the setting timestamp_clock"
    more = f"{clock}; it may be up to 10s old (setting future_tolerance_ms)"
    came, good = f"timestamp={timestamp[:40]}", (Good("now", f"timestamp={now_ms}"),)
    if mistake is not None:
        return Diagnosis(f"{said}, {mistake}", True, more, came, good)
    return Diagnosis(f"{said}, {clock}", False, "it may be up to 10s old (setting future_tolerance_ms)", came, good)


def _find_wrong_time(call: Call, timestamp: str, now_ms: int) -> str | None:
    """The usual mistake that explains a timestamp."""
    text = timestamp.strip()
    if not text:
        return "which is missing: send Unix milliseconds as text"
    if not (text.isascii() and text.isdigit()):
        return _find_written_time(text, now_ms)
    stamp = int(text[:20])
    for unit, per_ms, scale in (("seconds", 1000, 0), ("microseconds", 1, 1000), ("nanoseconds", 1, 1_000_000)):
        meant_ms = stamp * per_ms if not scale else stamp // scale
        if abs(meant_ms - now_ms) < _SLACK_MS * 60 * 24:
            return f"which is in {unit}: send Unix milliseconds"
    other_ms = call.tx.real_ms if now_ms == call.tx.now_ms else call.tx.now_ms
    if now_ms != other_ms and abs(stamp - other_ms) < _SLACK_MS:
        clock = "real one" if other_ms == call.tx.real_ms else "sandbox's clock"
        return f"which is by the {clock}: the other one counts here (setting timestamp_clock)"
    away_ms = stamp - now_ms
    halves = round(away_ms / _HALF_HOUR_MS)
    if halves and abs(halves) <= 28 and abs(away_ms - halves * _HALF_HOUR_MS) < 10_000:
        hours = f"{format_duration(abs(halves) * _HALF_HOUR_MS)} {'ahead' if halves > 0 else 'behind'}"
        return f"which is {hours}: local time was taken for UTC"
    away = format_duration(abs(away_ms))
    return f"which is {away} old" if away_ms < 0 else f"which is {away} in the future"


def _find_written_time(text: str, now_ms: int) -> str:
    if text.replace(".", "", 1).isdigit():
        return "which has a decimal point: send whole Unix milliseconds"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return "which is not a number: send Unix milliseconds"
    return f"which is a date: send Unix milliseconds, as {now_ms} for {format_instant(now_ms)}"
