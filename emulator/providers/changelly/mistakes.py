"""Why a request was not trusted: the usual mistakes with API keys, tried on what came, and verdicts on signatures."""

import re
from collections.abc import Collection
from typing import Any

from emulator.contract.card import Call
from emulator.contract.diagnosis import Diagnosis, Good
from emulator.core.credential_mistakes import find_elsewhere, find_other_writing, find_unset
from emulator.core.names import NAME

KEY_HEADER = "x-api-key"
SIGNATURE_HEADER = "x-api-signature"
_OF_SANDBOX = re.compile(f"(?:key|other)-({NAME.pattern})")
_BASE64_KEY_BEGINNING = ("LS0tLS1CRUdJTi", "MII")
"""What PEM and DER begin with in base64."""


def diagnose_key(call: Call, sent: str | None, keys: Collection[str]) -> Diagnosis:
    """What is wrong with an API key that is missing (None) or not among the sandbox's `keys`, the usual one first."""
    expected = next(iter(keys))
    good = tuple(Good("partner" if each == expected else "other partner", f"X-Api-Key: {each}") for each in keys)
    if sent is None:
        elsewhere = find_elsewhere(call.request, lambda value: value in keys, (KEY_HEADER,))
        more = f": {elsewhere}, send it in X-Api-Key" if elsewhere else "; send the API key in it"
        return Diagnosis(f"X-Api-Key is missing{more}", elsewhere is not None, good=good)
    if _is_key_pair(sent):
        sentence = "a key for signatures was sent as API key: it is for signing, and is never sent"
        return Diagnosis(sentence, True, f"that of this sandbox is {expected!r}", "X-Api-Key: [redacted]", good,
                         secrets=(sent,))  # fmt: skip
    mistake = find_unset(sent) or find_other_writing(sent, lambda text: text in keys) or _find_other_sandbox(call, sent)
    said = f"{sent[:80]!r} is not a known API key"
    told = f"{said}: {mistake}" if mistake else said
    return Diagnosis(
        told, mistake is not None, f"that of this sandbox is {expected!r}", f"X-Api-Key: {sent[:80]}", good
    )


def _is_key_pair(sent: str) -> bool:
    return "-----BEGIN" in sent or (len(sent) > 200 and sent.startswith(_BASE64_KEY_BEGINNING))


def _find_other_sandbox(call: Call, sent: str) -> str | None:
    found = _OF_SANDBOX.fullmatch(sent)
    if found is None:
        return None
    if found[1] != call.tx.sandbox_name:
        return f"it belongs to the sandbox {found[1]}, which does not exist"
    return "this sandbox has a key of its own (setting api_key)"


def diagnose_signature(call: Call, verdict: Any, expected: str) -> Diagnosis:
    """What a refusing `verdict` says of a signature. `expected`: the right one; empty where only the partner can make
    it."""
    written = call.header(SIGNATURE_HEADER)
    sentence, found = verdict.reason, verdict.found
    if written is None:
        elsewhere = find_elsewhere(
            call.request, lambda value: bool(expected) and value == expected, (SIGNATURE_HEADER,)
        )
        sentence, found = (f"{sentence}: {elsewhere}", True) if elsewhere else (sentence, False)
    elif not found:
        unset = find_unset(written)
        sentence, found = (f"{sentence}: {unset}", True) if unset else (sentence, False)
    texts = []
    if verdict.text is not None:
        texts = [verdict.text.text]
        if verdict.text.url.endswith(target := call.request.target.encode("latin-1", "replace")):
            texts += [base + target + verdict.text.body for base in verdict.other_bases]
    return Diagnosis(
        sentence,
        found,
        verdict.expectation,
        None if verdict.signed is None else verdict.signed.decode(errors="backslashreplace"),
        tuple(
            Good("as sent" if not place else "with another base", text.decode(errors="backslashreplace"))
            for place, text in enumerate(texts)
        ),
        (written or "")[:1000],
        expected,
        "RSA PKCS#1 v1.5 with SHA-256 and the partner's private key, in base64",
    )
