"""What a mail server does to a promise of once: the email that was sent before we could note it comes again."""

from typing import Final

from fault_injection.enumeration import Injected
from fault_injection.interactions import Fault

SEND: Final = "mail.send"
FILE: Final = [
    "claim outbox",
    "read payment",
    "files.put",
    "files.put",
    "apply document_file, audit_log, outbox",
    "apply outbox",
]
"""Both copies of one document are kept before anything is written down of them."""

LETTER_WITH_FILE: Final = [
    "claim outbox",
    "read payment",
    "read payment",
    "files.get",
    SEND,
    "apply outbox",
]
"""The payment, what is on file about it, and the recipient's copy."""


def may_go_out_again(injected: Injected | None) -> bool:
    """Whether the mail server had the email before we could note it: it comes again, as the same email."""
    match injected:
        case Injected(
            Fault.CRASH_AFTER | Fault.TIMED_OUT_BUT_APPLIED | Fault.DELIVERED_TWICE, name
        ):
            return name == SEND
        case Injected(Fault.CRASH_BEFORE | Fault.ERROR, "apply outbox", before):
            return before[-1] == SEND
        case _:
            return False
