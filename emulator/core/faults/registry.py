"""All faults. A new one is a module here and a line in one of these tables."""

from emulator.core.faults import (
    bad_signature,
    drop,
    duplicate,
    gateway,
    hold,
    late,
    latency,
    malformed,
    old_secret,
    rate_limit,
    re_encode,
    reorder,
    reset,
    stale_timestamp,
    status,
    timeout,
    truncate,
    unknown_status,
)
from emulator.core.faults.fault import AnswerFault, DeliveryFault, Fault

ON_ANSWERS: dict[str, AnswerFault] = {
    fault.name: fault
    for fault in (
        latency.FAULT,
        status.FAULT,
        rate_limit.FAULT,
        gateway.FAULT,
        malformed.FAULT,
        truncate.FAULT,
        reset.FAULT,
        timeout.FAULT,
    )
}
ON_DELIVERIES: dict[str, DeliveryFault] = {
    fault.name: fault
    for fault in (
        drop.FAULT,
        duplicate.FAULT,
        late.FAULT,
        hold.FAULT,
        reorder.FAULT,
        bad_signature.FAULT,
        old_secret.FAULT,
        stale_timestamp.FAULT,
        unknown_status.FAULT,
        re_encode.FAULT,
    )
}
FAULTS: dict[str, Fault] = {**ON_ANSWERS, **ON_DELIVERIES}
"""All of them by name, in the order in which they are listed."""
