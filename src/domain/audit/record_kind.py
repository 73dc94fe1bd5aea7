"""Which rows beside the audit log are a record, and for how long each kind stays at hand before it is archived."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class RecordKind(StrEnum):
    INBOX = "inbox"
    """Webhooks of the bank that were applied, or refused and dismissed."""

    OUTBOX = "outbox"
    """Tasks that were carried out: what a student was told, and when. One that a person closed undone is none."""

    DECISIONS = "decision_basis"
    """What each change of a payment was decided on: the bank's answers about its order among them."""


HOT_MONTHS: Final[Mapping[RecordKind, int]] = MappingProxyType(
    {
        # Thirteen months, and at least the 400 days for which the bank's messages have to be known again.
        RecordKind.INBOX: 14,
        # 90 days after they were carried out.
        RecordKind.OUTBOX: 3,
        # As the audit log: for as long as refunds, credit notes and chargebacks ask for them.
        RecordKind.DECISIONS: 24,
    }
)
"""Months after its end for which a month stays in the database before it is archived."""
