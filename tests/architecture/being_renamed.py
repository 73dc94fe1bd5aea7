"""Names that still have to be renamed; nothing is added, and the list goes when it is empty."""

from typing import Final

BEING_RENAMED: Final[frozenset[str]] = frozenset(
    {
        "ports.payments.inbox: EntryState.PARKED",
        "src/adapters/postgres/queues/inbox.py: parked",
        "src/adapters/postgres/queues/outbox.py: CLOSE_PARKED",
        "src/adapters/postgres/queues/outbox.py: IS_PARKED",
        "src/adapters/postgres/queues/outbox.py: PARKED",
        "src/adapters/postgres/queues/outbox.py: PARKED_LINE",
        "src/adapters/postgres/queues/outbox.py: parked",
        "src/adapters/postgres/queues/outbox.py: parked_line",
        "src/adapters/postgres/queues/tables.py: question",
        "src/application/evidence/process_inbox.py: STRANGER_KEPT_FOR",
        "src/application/order_status/reschedule_poll.py: question",
        "src/ports/notifications/outbox.py: parked",
        "src/ports/notifications/outbox.py: parked_line",
        "src/ports/payments/inbox.py: PARKED",
        "src/ports/payments/inbox.py: parked",
    }
)
