"""The webhook is sent twice."""

from emulator.contract.delivery import Delivery
from emulator.core.faults.fault import DeliveryFault, DeliveryTransaction, Rule


def _send_again(tx: DeliveryTransaction, delivery: Delivery, rule: Rule) -> bool:
    again = tx.deliver(
        delivery.provider,
        delivery.event,
        delivery.url,
        delivery.order_id,
        delivery.fields,
        about=delivery.about,
        retries=delivery.retries,
        body=delivery.body,
    )
    again.fault, again.fault_decided = delivery.fault, True
    tx.keep_delivery(again)
    return True


FAULT = DeliveryFault("duplicate", "the webhook is sent twice", on_delivery=_send_again)
