"""Calling a person: what the house cannot settle by itself is said aloud, not only written down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class AlertKind(StrEnum):
    PAYMENT_UNRESOLVED = "payment_unresolved"
    """For a day the bank has said neither that it charged nor that it did not."""

    REFUND_OVERDUE = "refund_overdue"
    """The bank has had a refund for ten days and has not said what became of it."""

    FILE_LOST = "file_lost"
    """A document's file is gone from the store, or not what was put there; it is made again."""

    INVARIANT_BROKEN = "invariant_broken"
    """Something that must always be true of the money is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """*subject* is what it is about; *facts* are plain words and never hold personal or card data."""

    kind: AlertKind
    subject: str
    facts: Mapping[str, str] = field(default_factory=dict)


class Alerts(Protocol):
    async def call(self, alert: Alert) -> None:
        """Tell whoever looks after the house; the same may be told more than once. Never raises."""
        ...
