"""What is open to whom: the platform asks, page by page, also for what has changed since it asked before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.catalogue.course import CourseId
from domain.identifiers import PaymentId, StudentId


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentView:
    """*course* is open to *student* since *started_at* until *ended_at*, None while it is. Instants are UTC."""

    payment: PaymentId
    student: StudentId
    course: CourseId
    started_at: datetime
    ended_at: datetime | None

    @property
    def changed_at(self) -> datetime:
        return self.ended_at or self.started_at


@dataclass(frozen=True, slots=True)
class EnrolmentCursor:
    """The last enrolment of the page before, as it was then."""

    changed_at: datetime
    payment: PaymentId


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentFilter:
    """Those of *student*, of *course*, and that began or ended at *changed_from* or later; None: all."""

    student: StudentId | None = None
    course: CourseId | None = None
    changed_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentPage:
    """What changed first comes first; *next* is None on the last page."""

    items: Sequence[EnrolmentView]
    next: EnrolmentCursor | None


class EnrolmentQueries(Protocol):
    async def find(
        self, wanted: EnrolmentFilter, *, after: EnrolmentCursor | None = None, at_most: int
    ) -> EnrolmentPage:
        """
        Return up to *at_most* enrolments, each as it is now, in the order in which they began or ended last.

        Whoever reads on from *after* meets one that ends meanwhile again: none is passed over.
        """
        ...
