"""What happens at the provider apart from any order; it stands for its back office. Assumed: all of it."""

from collections.abc import Mapping
from typing import Any, get_args

from emulator.contract.command import Command, CommandRefused
from emulator.contract.delivery import Delivery
from emulator.contract.named import by_name
from emulator.contract.transaction import Transaction
from emulator.core import json_text
from emulator.core.durations import format_instant
from emulator.core.sample_webhooks import make_test_webhook, read_sample, replace_members
from emulator.core.schema_parts import closed_object
from emulator.providers.baanx.accounts import locks, users
from emulator.providers.baanx.catalogue import USER_WORDS, VerificationState
from emulator.providers.baanx.webhook_endpoints.events import (
    CARD_ACTIVATED,
    EVENT_TYPES,
    KYC_STATUS_CHANGED,
    raise_event,
)

_EXTERNAL_ID = "user_external_id"

_USER: Mapping[str, Any] = {"description": "the word before the @ of the e-mail", "enum": list(USER_WORDS)}


def _expire_tokens(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    users.expire_tokens(tx, arguments["user"])
    return {"user": arguments["user"]}


def _unlock_user(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    locks.unlock(tx, arguments["user"])
    return {"user": arguments["user"]}


def _change_verification(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    word, state = arguments["user"], arguments["state"]
    user = users.find_user(tx, word)
    before = user.seed.profile.verification_state if user is not None else None
    if user is not None and state != before:
        users.change_verification(tx, word, state)
        raise_event(
            tx,
            KYC_STATUS_CHANGED,
            user,
            object_id=user.seed.profile.id,
            status=state,
            changes={"verificationState": {"before": before, "after": state}},
            content={"verificationState": state},
        )
    return {"user": word, "state": state, "changed": state != before}


def _send_event(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    user = users.find_user(tx, arguments.get("user", "user"))
    if user is None:
        raise CommandRefused(f"no user {arguments.get('user')!r}")
    event_id = raise_event(
        tx,
        arguments["event_type"],
        user,
        object_id=arguments.get("object_id") or tx.chance.uuid(),
        status=arguments.get("status"),
        changes=arguments.get("changes"),
        content=arguments.get("object", {}),
    )
    return {"event_type": arguments["event_type"], "id": event_id}


def _send_test_webhook(tx: Transaction, url: str, given: dict[str, Any]) -> Delivery:
    event_type = given.pop("event_type", CARD_ACTIVATED)
    sample: dict[str, Any] = {}
    for name, value in read_sample(tx, "baanx", event_type).items():
        sample[name] = value
        if name == "user_id" and _EXTERNAL_ID in given:
            sample[_EXTERNAL_ID] = None  # only bodies of users who have one have this member
    sample |= {
        "event_id": tx.chance.uuid(),
        "event_category": event_type.partition(".")[0],
        "event_type": event_type,
        "occurred_at": format_instant(tx.now_ms),
    }
    body = json_text.encode(replace_members(sample, given))
    return tx.deliver("baanx", event_type, url, about=f"test:{sample['event_id']}", body=body)


COMMANDS = by_name(
    Command(
        "expire_tokens",
        "invalidates all bearer tokens that a user has so far, ready ones included; later logins work",
        closed_object("user", user=_USER),
        _expire_tokens,
    ),
    Command(
        "unlock_user",
        "ends the lock of a user after failed logins (setting login_lock), and resets their count",
        closed_object("user", user=_USER),
        _unlock_user,
    ),
    Command(
        "change_verification",
        "changes the state of a user's identity check; if it differs, kyc.status.changed is sent",
        closed_object(
            "user",
            "state",
            user=_USER,
            state={
                "description": "the new verificationState",
                "enum": list(get_args(VerificationState)),
            },
        ),
        _change_verification,
    ),
    Command(
        "send_event",
        "raises a webhook event without anything having happened",
        closed_object(
            "event_type",
            event_type={"description": "name of the event", "enum": list(EVENT_TYPES)},
            user={**_USER, "description": "whom it is about; default: user"},
            object={"type": "object", "description": "event_object; default: {}"},
            object_id={"type": "string", "minLength": 1, "maxLength": 100, "description": "default: a new UUID"},
            status={"type": "string", "minLength": 1, "maxLength": 100, "description": "default: left out"},
            changes={"type": "object", "description": "default: left out"},
        ),
        _send_event,
    ),
    make_test_webhook(
        "baanx",
        "sends a made-up webhook about nothing that exists, in no list of events; further "
        "arguments replace members of its body",
        _send_test_webhook,
        event_type={"enum": list(EVENT_TYPES), "default": CARD_ACTIVATED},
    ),
)
