"""What the sources of settlement files said of each business date, so that it is known what is awaited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.settlements.settlement_report import FileOrigin, ReportAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """
    The last answer of a source about the business date *day* (India) and one MID, at *asked_at* (UTC).

    *retry_at* is when to ask again, where the source said so; *why* is what it said, or what failed.
    """

    mid: str
    day: date
    origin: FileOrigin
    answer: ReportAnswer
    asked_at: datetime
    retry_at: datetime | None = None
    why: str | None = None
    first_asked_at: datetime | None = None
    """Since when it is asked, as it is kept."""

    times: int = 0
    """How often it was asked, as it is kept."""


class ReportAnswers(Protocol):
    async def keep(self, answers: Sequence[KeptAnswer]) -> None:
        """Keep *answers* in place of the earlier ones of the same source, day and MID."""
        ...

    async def of_days(self, first: date, last: date) -> Sequence[KeptAnswer]:
        """Return the answers about the days *first* to *last*, both included, by day, MID and source."""
        ...

    async def awaited(self, first: date, last: date) -> frozenset[tuple[str, date]]:
        """
        Return the MIDs and days, likewise, that were asked for and of which no report is there.

        No source has it or says that nothing was settled, and nobody else has brought one that counts. The
        MID ``*`` is any one, where sources are asked without.
        """
        ...
