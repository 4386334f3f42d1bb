"""Changelly Fiat."""

from emulator.core.lifecycle import Lifecycle
from emulator.core.provider import ErrorCase, Provider, Refusal, json_reply


def _refuse(call: object) -> None:
    raise Refusal("not_found", "nothing is here yet")


provider = Provider(
    name="changelly",
    title="Changelly Fiat",
    public_hosts=(),
    endpoints=(),
    lifecycle=Lifecycle((), (), (), {}),
    errors={"not_found": ErrorCase("not_found", 404, "Not found", "no such path")},
    settings={},
    checks=(_refuse,),
    render=lambda call, refusal: json_reply(404, {"message": refusal.reason}),
    find_sandbox=lambda request, holder: None,
    credentials=lambda sandbox: {},
    seed=lambda tx, sandbox: None,
)
