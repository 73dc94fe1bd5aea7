"""What a mail server does to a promise of once: the letter that was sent before we could note it comes again."""

from typing import Final

from faults.enumeration import Struck
from faults.interactions import Fault

SEND: Final = "mail.send"


def may_go_out_again(struck: Struck | None) -> bool:
    """Whether the mail server had the letter before we could note it: it comes again, as the same letter."""
    match struck:
        case Struck(Fault.CRASH_AFTER | Fault.TIMED_OUT_BUT_APPLIED | Fault.DELIVERED_TWICE, name):
            return name == SEND
        case Struck(Fault.CRASH_BEFORE | Fault.ERROR, "write outbox", before):
            return before[-1] == SEND
        case _:
            return False
