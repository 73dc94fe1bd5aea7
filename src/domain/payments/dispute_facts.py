"""What the bank says of one dispute of an order."""

from dataclasses import dataclass
from datetime import datetime

from domain.money import Money
from domain.payments.dispute_state import DisputeState


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFacts:
    """
    What the bank says of one dispute. *state* is None for a word that is unknown, *amount* where it is unreadable.

    *word* is the bank's own status. Instants are UTC; they are bounded where they are used.
    """

    id: str
    amount: Money | None
    state: DisputeState | None
    word: str = ""
    reason: str = ""
    opened_at: datetime | None = None
    respond_by: datetime | None = None
