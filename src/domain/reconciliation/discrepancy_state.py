"""The states of a discrepancy and every step between them, as a table: nothing is ever deleted."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError


class DiscrepancyState(StrEnum):
    OPEN = "open"
    HEALING = "healing"
    """The order is being read at the bank; its answer may repair the books."""

    HEALED = "healed"
    EXPLAINED = "explained"
    AWAITING_APPROVAL = "awaiting_approval"
    RESOLVED = "resolved"

    @property
    def is_open(self) -> bool:
        """Whether it still needs something: a read, a person, or a second person."""
        return self in {
            DiscrepancyState.OPEN,
            DiscrepancyState.HEALING,
            DiscrepancyState.AWAITING_APPROVAL,
        }


class DiscrepancyEvent(StrEnum):
    """What can happen to a discrepancy."""

    FOUND_AGAIN = "found_again"
    """A later run finds it with the same difference."""

    FOUND_CHANGED = "found_changed"
    """A later run finds it with another difference."""

    READ_BEGUN = "read_begun"
    READ_REPAIRED = "read_repaired"
    READ_CHANGED_NOTHING = "read_changed_nothing"
    """The bank's answer repaired nothing, or there was none."""

    EXPLAINED = "explained"
    """Later evidence explains it; a run whose files are complete does not find it any more."""

    RESOLVED = "resolved"
    """By one person, within that person's limit."""

    SECOND_PERSON_NEEDED = "second_person_needed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"
    LINE_COUNTED = "line_counted"
    """Its line was released, and a run counts it from now on."""


_FOUND: Final = {
    DiscrepancyState.OPEN: DiscrepancyState.OPEN,
    DiscrepancyState.HEALING: DiscrepancyState.HEALING,
    DiscrepancyState.HEALED: DiscrepancyState.OPEN,
    DiscrepancyState.EXPLAINED: DiscrepancyState.OPEN,
    DiscrepancyState.AWAITING_APPROVAL: DiscrepancyState.AWAITING_APPROVAL,
}

DISCREPANCY_STEPS: Final[Mapping[tuple[DiscrepancyState, DiscrepancyEvent], DiscrepancyState]] = (
    MappingProxyType(
        {
            **{
                (before, event): then
                for event in (DiscrepancyEvent.FOUND_AGAIN, DiscrepancyEvent.FOUND_CHANGED)
                for before, then in _FOUND.items()
            },
            # What a person decided holds for the difference that the person saw, and for no other.
            (
                DiscrepancyState.RESOLVED,
                DiscrepancyEvent.FOUND_AGAIN,
            ): DiscrepancyState.RESOLVED,
            (DiscrepancyState.RESOLVED, DiscrepancyEvent.FOUND_CHANGED): DiscrepancyState.OPEN,
            (DiscrepancyState.OPEN, DiscrepancyEvent.READ_BEGUN): DiscrepancyState.HEALING,
            (DiscrepancyState.HEALING, DiscrepancyEvent.READ_REPAIRED): DiscrepancyState.HEALED,
            (
                DiscrepancyState.HEALING,
                DiscrepancyEvent.READ_CHANGED_NOTHING,
            ): DiscrepancyState.OPEN,
            (DiscrepancyState.OPEN, DiscrepancyEvent.EXPLAINED): DiscrepancyState.EXPLAINED,
            (DiscrepancyState.HEALING, DiscrepancyEvent.EXPLAINED): DiscrepancyState.EXPLAINED,
            (
                DiscrepancyState.AWAITING_APPROVAL,
                DiscrepancyEvent.EXPLAINED,
            ): DiscrepancyState.EXPLAINED,
            # Its line was issued anew and is right now: what a person decided about it is taken back.
            (DiscrepancyState.RESOLVED, DiscrepancyEvent.EXPLAINED): DiscrepancyState.EXPLAINED,
            (DiscrepancyState.OPEN, DiscrepancyEvent.RESOLVED): DiscrepancyState.RESOLVED,
            (
                DiscrepancyState.OPEN,
                DiscrepancyEvent.SECOND_PERSON_NEEDED,
            ): DiscrepancyState.AWAITING_APPROVAL,
            (
                DiscrepancyState.AWAITING_APPROVAL,
                DiscrepancyEvent.APPROVED,
            ): DiscrepancyState.RESOLVED,
            (DiscrepancyState.AWAITING_APPROVAL, DiscrepancyEvent.REJECTED): DiscrepancyState.OPEN,
            (DiscrepancyState.AWAITING_APPROVAL, DiscrepancyEvent.WITHDRAWN): DiscrepancyState.OPEN,
            (DiscrepancyState.RESOLVED, DiscrepancyEvent.UNDONE): DiscrepancyState.OPEN,
            # Its line was released: the same run finds out what it is.
            (DiscrepancyState.RESOLVED, DiscrepancyEvent.LINE_COUNTED): DiscrepancyState.OPEN,
        }
    )
)


class IllegalDiscrepancyStep(DomainError):
    """A step that is not in the table: the discrepancy moved meanwhile, or the step was never possible."""

    def __init__(self, state: DiscrepancyState, event: DiscrepancyEvent) -> None:
        self.state, self.event = state, event
        super().__init__(f"a discrepancy that is {state} cannot be {event}")


def discrepancy_after(state: DiscrepancyState, event: DiscrepancyEvent) -> DiscrepancyState:
    """Return the state that *event* leads to, or raise ``IllegalDiscrepancyStep``."""
    try:
        return DISCREPANCY_STEPS[state, event]
    except KeyError:
        raise IllegalDiscrepancyStep(state, event) from None
