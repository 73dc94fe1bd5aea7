"""The states of a dispute at the bank and every step between them, as a table that goes forward only."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import combinations
from types import MappingProxyType
from typing import Final


class DisputeState(StrEnum):
    """In the order in which they can follow each other; any may be the first that is known here."""

    RECEIVED = "received"
    """The payer's bank disputes the charge; the merchant may contest it until the deadline."""

    EVIDENCE_REQUIRED = "evidence_required"
    """The bank asks the merchant for evidence."""

    UNDER_REVIEW = "under_review"
    """The evidence is with the bank, which decides."""

    WITHDRAWN = "withdrawn"
    """The payer or their bank gave it up, or a refund has settled it."""

    WON = "won"
    LOST = "lost"
    """The payer has the disputed amount; also when the deadline passed without evidence."""

    @property
    def is_open(self) -> bool:
        """Whether the bank may still give the disputed amount to the payer."""
        return self in {
            DisputeState.RECEIVED,
            DisputeState.EVIDENCE_REQUIRED,
            DisputeState.UNDER_REVIEW,
        }


DISPUTE_STEPS: Final[Mapping[tuple[DisputeState, DisputeState], DisputeState]] = MappingProxyType(
    # Forward only, so that an older answer of the bank changes nothing. A dispute that was won may
    # still be lost at the next instance; a lost one is never won.
    {(before, told): told for before, told in combinations(DisputeState, 2)}
)
"""The state before, what the bank says, and the state after it; what is not in the table changes nothing."""
