"""Recipes: how something of a provider's behaviour is met, step by step, written as a test and for the shell.

`{sandbox}`, `{order}` and `{made}` in texts stand for the sandbox's name, the id of the order that was made before, and
the id of what was made by the call before.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from emulator.core.call import SCENARIO_HEADER
from emulator.core.json_text import encode

Step = Mapping[str, Any]
"""What is done: `do` names it, all else says how."""
_PLACES = {"sandbox": "emulator.name", "order": "order['id']", "made": "made"}
_PLACE = re.compile(r"\{(sandbox|order|made)\}")
_REFUSED = "with pytest.raises(ControlRefused):\n    "


def write_hint(provider: str, recipe: Sequence[Step], sandbox: str, control_url: str) -> dict[str, Any]:
    """The recipe as lines of a test (`test`) and, if no signature and no answer of an earlier call are needed, of a
    shell (`curl`); `header`: what makes a client's own call meet it, if a header does."""
    return {
        "test": "\n".join(_TESTS[step["do"]](provider, step) for step in recipe),
        "curl": write_curl(provider, recipe, sandbox, control_url),
        "header": _find_header(recipe),
    }


def _find_header(recipe: Iterable[Step]) -> str | None:
    for step in recipe:
        if step["do"] == "order" and step.get("scenario") and step.get("refused"):
            return f"{SCENARIO_HEADER.title()}: {step['scenario']}"
        for name, value in step.get("headers", {}).items():
            return f"{name}: {value}"
    return None


# -- as a test


def _python(value: Any) -> str:
    """A value as Python writes it; texts with places in them as formatted ones."""
    if isinstance(value, str) and _PLACE.search(value):
        inner = "".join(
            f"{{{_PLACES[part]}}}" if place % 2 else part.replace("{", "{{").replace("}", "}}")
            for place, part in enumerate(_PLACE.split(value))
        )
        return f'f"{inner}"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_python(name)}: {_python(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_python, value)) + "]"
    return f'"{value}"' if isinstance(value, str) and repr(value) == f"'{value}'" and '"' not in value else repr(value)


def _arguments(*first: Any, named: Mapping[str, Any]) -> str:
    """The arguments of a function; those whose names Python cannot write, as a mapping."""
    good = {name: value for name, value in named.items() if name.isidentifier()}
    other = {name: value for name, value in named.items() if name not in good}
    parts = [*map(_python, first), *(f"{name}={_python(value)}" for name, value in good.items())]
    return ", ".join([*parts, f"**{_python(other)}"] if other else parts)


def _test_order(provider: str, step: Step) -> str:
    kind = [step["kind"]] if step.get("kind") else []
    scenario = {"scenario": step["scenario"]} if step.get("scenario") else {}
    made = f"emulator.make_order({_arguments(provider, *kind, named=scenario | step.get('body', {}))})"
    return f"{_REFUSED}{made}" if step.get("refused") else f"order = {made}"


def _test_fire(provider: str, step: Step) -> str:
    return f'emulator.fire(order["id"], {_arguments(step["event"], named=step.get("arguments", {}))})'


def _test_call(provider: str, step: Step) -> str:
    more = {name: step[name] for name in ("params", "json", "data", "headers") if name in step}
    asked = f'emulator.client("{provider}").{step["method"].lower()}({_arguments(step["path"], named=more)})'
    if "hidden" in step:
        return f"made = {asked}.text.partition('name=\"{step['hidden']}\" value=\"')[2].partition('\"')[0]"
    if "leads" in step:
        return f"made = {asked}.next_request.url.params[{_python(step['leads'])}]"
    kept = "".join(f"[{_python(part)}]" for part in step.get("keep", ()))
    return f"made = {asked}.json(){kept}" if kept else asked


def _test_inject(provider: str, step: Step) -> str:
    return f"emulator.inject({_arguments(step['fault'], named={'provider': provider} | step['rule'])})"


def _test_command(provider: str, step: Step) -> str:
    return f"emulator.command({_arguments(provider, step['name'], named=step.get('arguments', {}))})"


def _test_receive(provider: str, step: Step) -> str:
    return 'emulator.call("POST", "webhooks/subscribe", {"url": emulator.call("GET", "receiver")["url"]})'


def _test_refuse(provider: str, step: Step) -> str:
    return (
        'emulator.receive_at("shop.test", lambda environ, start: start("500 Failed", []) and [])\n'
        'emulator.call("POST", "webhooks/subscribe", {"url": "http://shop.test/"})'
    )


_TESTS: Mapping[str, Callable[[str, Step], str]] = {
    "order": _test_order,
    "fire": _test_fire,
    "advance": lambda provider, step: f"emulator.advance({_arguments(named=step.get('arguments', {'until': 'idle'}))})",
    "call": _test_call,
    "set": lambda provider, step: f"emulator.set({_arguments(provider, named=step['settings'])})",
    "inject": _test_inject,
    "command": _test_command,
    "receive": _test_receive,
    "refuse": _test_refuse,
}


# -- for a shell


def write_curl(provider: str, recipe: Sequence[Step], sandbox: str, control_url: str) -> str | None:
    """The recipe as calls of the control API; None if it needs more."""
    if not all(step["do"] in _CALLS for step in recipe):
        return None
    lines = []
    receiver = {"url": f"{control_url.removesuffix('/_emulator')}/receiver/{sandbox}"}
    for step in recipe:
        method, path, body = _CALLS[step["do"]](provider, step)
        data = encode(receiver if body is None else body).decode()
        lines.append(f"curl -s -X {method} {control_url}/sandboxes/{sandbox}/{path} -d {shlex.quote(data)}")
    return "\n".join(lines)


def _call_order(provider: str, step: Step) -> tuple[str, str, Any]:
    wanted = {"provider": provider} | {name: step[name] for name in ("kind", "scenario", "body") if step.get(name)}
    return "POST", "orders", wanted


_CALLS: Mapping[str, Callable[[str, Step], tuple[str, str, Any]]] = {
    "order": _call_order,
    "advance": lambda provider, step: ("POST", "clock/advance", step.get("arguments", {"until": "idle"})),
    "set": lambda provider, step: ("PUT", "settings", {provider: step["settings"]}),
    "inject": lambda provider, step: ("POST", "faults", {"fault": step["fault"], "provider": provider} | step["rule"]),
    "receive": lambda provider, step: ("POST", "webhooks/subscribe", None),
    "command": lambda provider, step: (
        "POST", f"commands/{provider}/{step['name']}", step.get("arguments", {})),
}  # fmt: skip
