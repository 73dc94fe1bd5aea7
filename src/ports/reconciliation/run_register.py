"""Runs as they are asked for, taken by one worker each, and ended once."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from domain.reconciliation.run import Run, RunId


class RunRegister(Protocol):
    async def live(self, first: date, last: date) -> Run | None:
        """Return the run of exactly this range that has not ended, if there is one."""
        ...

    async def claim(self, at: datetime, *, lease: timedelta) -> Run | None:
        """
        Return the run that was requested first, running from now on, or None.

        A run whose worker has not ended it within its *lease* counts as requested again.
        """
        ...

    async def get(self, run: RunId) -> Run:
        """Return the run; raise ``NotFound``."""
        ...

    async def page(
        self, *, before: tuple[datetime, RunId] | None = None, at_most: int
    ) -> Sequence[Run]:
        """Return runs, the latest first, those requested before the one given by its instant and id."""
        ...

    async def asked_since(self, at: datetime, by: str) -> int:
        """Return how many runs *by* somebody were requested since *at* (UTC)."""
        ...


class RunWrites(Protocol):
    """The unit's part by which a run is asked for, and ends with all that it concludes."""

    def request(self, run: Run, nth: int | None = None) -> None:
        """
        Collect *run* as requested; *nth* counts what a person asks for on a day in India, None without a limit.

        The unit ends in ``ChangedMeanwhile`` while another run of the range has not ended, and when the
        person has asked for an *nth* run of that day already.
        """
        ...

    def end(self, run: Run) -> None:
        """
        Collect the end of *run*; earlier runs of the range that have ended are superseded with it.

        The unit ends in ``ChangedMeanwhile`` when another worker has taken the run.
        """
        ...
