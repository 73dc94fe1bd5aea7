"""What staff see of discrepancies: one, or pages of those that a filter lets through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from domain.identifiers import DiscrepancyId
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import DiscrepancyResolution
from domain.reconciliation.taxonomy import Cause, DiscrepancyType, Owner


class DiscrepancyOrder(StrEnum):
    PRIORITY = "priority"
    """
    Overdue before the rest, then by paise times days since it was found; the gravest first.

    Behind them stand the closed ones, as by ``FOUND``.
    """

    FOUND = "found"
    """By the instant at which a run found it first; the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyFilter:
    """
    What to let through; an empty choice lets through everything.

    *found_before* (UTC) is for those that are older. *seen_at* (UTC) is when a run ended: for
    those that were found first by then and last not before, which are what it saw, since each run reads all
    that is open. *proposed* is for those of which a resolution, or its undoing, waits for a second person.
    *search* is any id, whole: of the discrepancy, its subject, settlement, payment or refund, or of its
    evidence (UTR, RRN).
    """

    types: frozenset[DiscrepancyType] = frozenset()
    causes: frozenset[Cause] = frozenset()
    states: frozenset[DiscrepancyState] = frozenset()
    owners: frozenset[Owner] = frozenset()
    found_before: datetime | None = None
    seen_at: datetime | None = None
    proposed: bool = False
    search: str | None = None

    def lets_through(self, discrepancy: Discrepancy) -> bool:
        """Whether *discrepancy* is one of those that are asked for, as far as it tells that by itself."""
        finding = discrepancy.finding
        return (
            (not self.types or finding.type in self.types)
            and (not self.causes or finding.cause in self.causes)
            and (not self.states or discrepancy.state in self.states)
            and (not self.owners or discrepancy.owner in self.owners)
            and (self.found_before is None or discrepancy.first_found_at < self.found_before)
            and (
                self.seen_at is None
                or discrepancy.first_found_at <= self.seen_at <= discrepancy.last_found_at
            )
            and (self.search is None or self.search in searched_ids(discrepancy))
        )


NO_FILTER = DiscrepancyFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyCursor:
    """The last discrepancy of the page before; *at* (UTC) is when the first page was read."""

    at: datetime
    overdue: bool
    weight: int
    found_at: datetime
    id: DiscrepancyId

    @classmethod
    def behind(cls, discrepancy: Discrepancy, at: datetime) -> Self:
        """Return the cursor of the page that begins behind *discrepancy*."""
        overdue, weight = discrepancy.priority(at)
        return cls(
            at=at,
            overdue=overdue,
            weight=weight,
            found_at=discrepancy.first_found_at,
            id=discrepancy.id,
        )


@dataclass(frozen=True, slots=True)
class DiscrepancyPage:
    """In the order that was asked for; *next* is None on the last page."""

    items: Sequence[Discrepancy]
    next: DiscrepancyCursor | None

    @classmethod
    def of(cls, items: Sequence[Discrepancy], *, at: datetime, at_most: int) -> Self:
        """Return the page of the first *at_most* of *items*; with more of them another page follows."""
        shown = items[:at_most]
        more = len(items) > at_most
        return cls(shown, DiscrepancyCursor.behind(shown[-1], at) if more else None)


class DiscrepancyQueries(Protocol):
    async def page(
        self,
        wanted: DiscrepancyFilter,
        *,
        order: DiscrepancyOrder,
        at: datetime,
        after: DiscrepancyCursor | None = None,
        at_most: int,
    ) -> DiscrepancyPage:
        """
        Return up to *at_most* of what is *wanted*, beginning behind *after*.

        Priorities are those of the instant *at*, or of the first page when there is one before.
        """
        ...

    async def get(self, discrepancy: DiscrepancyId) -> Discrepancy:
        """Return the discrepancy, or raise ``NotFound``."""
        ...

    async def resolutions(self, discrepancy: DiscrepancyId) -> Sequence[DiscrepancyResolution]:
        """Return what people decided about it, in the order in which they did."""
        ...


def searched_ids(discrepancy: Discrepancy) -> frozenset[str]:
    """Return every id by which *discrepancy* is found."""
    finding = discrepancy.finding
    named = (discrepancy.id, finding.ref, finding.settlement, *finding.entries)
    told = (value for _, value in finding.evidence)
    return frozenset(each for each in (*named, *told) if each)
