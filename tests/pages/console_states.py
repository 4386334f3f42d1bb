"""The console in every state that it has, each a function that brings a sandbox there and gives the path to look at."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from emulator.testing import Emulator
from tests.receivers import Receiver
from tests.refused import refuse


def _home(emulator: Emulator) -> str:
    return f"/console/{emulator.name}"


def empty(emulator: Emulator) -> str:
    """Nothing has happened."""
    return _home(emulator)


def lively(emulator: Emulator) -> str:
    """Orders of all providers in several states, webhooks, refused requests."""
    with Receiver(200) as receiver:
        emulator.set("basswallet", webhook_url=receiver.url)
        for provider in ("baanx", "basswallet", "changelly", "koywe"):
            for _ in range(3):
                emulator.make_order(provider)
        emulator.advance("3s")
        emulator.make_order("koywe", "PAYOUT")
        emulator.advance("20s")
    emulator.advance("3m")
    emulator.make_order("basswallet")
    emulator.make_order("changelly", scenario="kyc-hold")
    emulator.advance("10s")
    _be_refused(emulator)
    return _home(emulator)


def _be_refused(emulator: Emulator) -> None:
    from tests.clients.basswallet import Client

    with Client(emulator) as client:
        client.secret = "wrong"
        client.create()


def order_of(provider: Any, *advances: str, kind: Any = None, scenario: Any = None) -> Callable[[Emulator], str]:
    """An order, after these advances of the clock."""

    def bring(emulator: Emulator) -> str:
        lively(emulator)
        order = emulator.make_order(provider, kind, scenario)
        for each in advances:
            emulator.advance(each)
        return f"{_home(emulator)}/orders/{order['id']}"

    return bring


def part_paid(emulator: Emulator) -> str:
    """An order with a form of arguments open."""
    return order_of("basswallet", "6s", "3s")(emulator) + "?fire=pay"


def failing_webhook(emulator: Emulator) -> str:
    """A webhook whose receiver has failed twice."""
    with Receiver(500) as receiver:
        emulator.set("basswallet", webhook_url=receiver.url)
        emulator.make_order("basswallet")
        emulator.advance("25s")
    return f"{_home(emulator)}/webhooks/{emulator.webhooks()[0]['id']}"


def received(emulator: Emulator) -> str:
    """Webhooks at the built-in receiver, a bad one among them."""
    emulator.set(
        "basswallet", webhook_url=f"{emulator.control_url.removesuffix('/_emulator')}/receiver/{emulator.name}"
    )
    emulator.make_order("basswallet")
    emulator.inject("bad-signature", times=1)
    emulator.advance("2m")
    return f"{_home(emulator)}/receiver"


def part_of(path: str) -> Callable[[Emulator], str]:
    """A part of the console that needs nothing to have happened."""
    return lambda emulator: f"{_home(emulator)}{'' if path.startswith('?') else '/'}{path}"


def crowded(emulator: Emulator) -> str:
    """More orders than fit on a page of the list."""
    for _ in range(120):
        emulator.make_order("changelly", scenario="manual")
    return _home(emulator)


def typed_wrong(page: Page) -> None:
    """Sends an argument that the event does not have."""
    page.get_by_label("amount", exact=True).fill("-1")
    page.get_by_role("button", name="Fire pay").click()
    page.get_by_role("alert").wait_for()


def refused(provider: str) -> Callable[[Emulator], str]:
    """A request that was signed wrongly, and others before it."""

    def bring(emulator: Emulator) -> str:
        for name in ("baanx", "koywe", "changelly", "basswallet", provider, provider):
            refuse(emulator, name)
        return f"{_home(emulator)}/requests/{emulator.journal(kind='request', order='desc', limit=1)[0]['number']}"

    return bring


def refused_for_its_members(emulator: Emulator) -> str:
    """A correctly signed request for something that does not exist."""
    from tests.clients.changelly import Client

    with Client(emulator) as partner:
        partner.create(currencyTo="NOPE")
    return f"{_home(emulator)}/requests/1"


def faults(emulator: Emulator) -> str:
    """A rule that has fired, one that waits, and one that acts every time."""
    emulator.inject("status", error="NOT_FOUND", times=1, provider="basswallet")
    emulator.inject("latency", fixed="10ms", times=5, provider="baanx")
    emulator.inject("bad-signature", provider="koywe")
    refuse(emulator, "basswallet")
    return f"{_home(emulator)}/faults?fault=latency"


def settings(emulator: Emulator) -> str:
    """A provider's settings, one of them changed."""
    emulator.set("basswallet", signature_text="plain")
    return f"{_home(emulator)}/settings?of=basswallet"


def scenarios(emulator: Emulator) -> str:
    """A scenario that new orders follow."""
    emulator.choose(koywe="happy")
    return f"{_home(emulator)}/scenarios?of=koywe"


def entry(emulator: Emulator) -> str:
    """An entry of the journal that is no request."""
    lively(emulator)
    [change] = emulator.journal(kind="transition", limit=1)
    return f"{_home(emulator)}/journal/{change['number']}"


def nothing_found(emulator: Emulator) -> str:
    """A search that finds nothing."""
    lively(emulator)
    return f"{_home(emulator)}/journal?kind=request&find=nobody-wrote-this"


def held_webhook(emulator: Emulator) -> str:
    """A webhook that somebody holds back."""
    path = failing_webhook(emulator)
    emulator.hold_webhook(path.rpartition("/")[2])
    return path


STATES: dict[str, Callable[[Emulator], str]] = {
    "empty": empty,
    "home": lively,
    "order-basswallet": part_paid,
    "order-changelly": order_of("changelly", "4s", scenario="kyc-hold"),
    "order-koywe": order_of("koywe", "2s"),
    "order-baanx": order_of("baanx"),
    "error": part_paid,
    "crowded": crowded,
    "webhook": failing_webhook,
    "webhook-held": held_webhook,
    "receiver": received,
    "journal": lambda emulator: f"{lively(emulator)}/journal",
    "journal-empty": part_of("journal"),
    "journal-nothing-fits": nothing_found,
    "journal-crowded": lambda emulator: f"{crowded(emulator)}/journal?before=100",
    "entry": entry,
    "coverage": lambda emulator: f"{lively(emulator)}/coverage",
    "coverage-empty": part_of("coverage"),
    "new": part_of("new?maker=koywe&kind=PAYOUT"),
    "keys": part_of("access"),
    "nothing-fits": part_of("?show=refused&search=nothing"),
    "refused-baanx": refused("baanx"),
    "refused-basswallet": refused("basswallet"),
    "refused-changelly": refused("changelly"),
    "refused-koywe": refused("koywe"),
    "refused-members": refused_for_its_members,
    "faults": faults,
    "settings": settings,
    "scenarios": scenarios,
}
AFTERWARDS: dict[str, Callable[[Page], None]] = {"error": typed_wrong}
"""What is done on the page before anybody looks."""


def finish(page: Page, name: str) -> None:
    """Does what is still to be done on the page of a state."""
    if name in AFTERWARDS:
        AFTERWARDS[name](page)
