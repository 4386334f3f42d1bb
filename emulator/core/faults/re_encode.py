"""The same body in other bytes, which `emulator.core.webhook_bodies` writes."""

from collections.abc import Collection

from emulator.contract.card import Provider
from emulator.contract.delivery import Delivery
from emulator.contract.webhooks import FORMS
from emulator.core.faults.fault import DeliveryFault, DeliveryTransaction, Rule


def _ask_for_form(tx: DeliveryTransaction, delivery: Delivery, rule: Rule) -> bool:
    delivery.form = rule.get("form", "")
    return True


def _possible(rule: Rule, provider: Provider) -> bool:
    webhooks = provider.webhooks
    return webhooks is not None and ("form" not in rule or rule["form"] in webhooks.forms)


def _check(rule: Rule, providers: Collection[Provider]) -> None:
    if "form" not in rule or any(_possible(rule, provider) for provider in providers):
        return
    good = "; ".join(f"{each.name}: {', '.join(each.webhooks.forms)}" for each in providers if each.webhooks)
    raise ValueError(f"the form {rule['form']} changes nothing in these webhooks; there are {good or 'none'}")


FAULT = DeliveryFault(
    "re-encode",
    "the same body in other legal bytes, correctly signed",
    {"form": {"enum": list(FORMS)}},
    check=_check,
    possible=_possible,
    on_delivery=_ask_for_form,
)
