"""One run of the reconciliation: what it came to, which files it had, and what it found, as it stands now."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from domain.money import Money
from domain.reconciliation.run import Run, RunSummary
from domain.reconciliation.taxonomy import Cause
from domain.staff.access import Permission
from entrypoints.http.api.discrepancy_cursor import (
    read_discrepancy_cursor,
    write_discrepancy_cursor,
)
from entrypoints.http.console.charts import DAY_ROW, day_bars
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.discrepancies import LAID_OUT, DiscrepancyRow
from entrypoints.http.console.discrepancy_words import CAUSE_WORDS
from entrypoints.http.console.places import DISCREPANCIES, RECONCILIATION, RUN
from entrypoints.http.console.run_updates import version_of
from entrypoints.http.console.runs import named_run
from entrypoints.http.console.words import plain_words
from entrypoints.http.dependencies import Deps
from entrypoints.http.security.identity import Caller
from ports.reconciliation.discrepancy_queries import DiscrepancyFilter, DiscrepancyOrder

SHOWN: Final = 20


@get(RUN, opt=opened("GET", RUN), include_in_schema=False)
async def run(request: Request[Caller, Any, Any], run_id: FromPath[str], deps: Deps) -> Template:
    """Show what the run came to, and a page of what it found, the gravest first; while it runs, that it does."""
    found = await deps.reconciliation.runs.get(named_run(run_id))
    cursor = request.query_params.get("cursor") or None
    now, page = deps.clock.now(), None
    if found.summary is not None and found.ended_at is not None:
        page = await deps.discrepancies.queries.page(
            DiscrepancyFilter(seen_at=found.ended_at),
            order=DiscrepancyOrder.PRIORITY,
            at=now,
            after=read_discrepancy_cursor(cursor) if cursor is not None else None,
            at_most=SHOWN,
        )
    address = f"{RECONCILIATION}/{found.id}"
    older = write_discrepancy_cursor(page.next) if page is not None and page.next else None
    return console_page(
        request,
        "run.html",
        run=found,
        version=version_of(found),
        again=_again(found),
        may_run=request.user.may(Permission.RUN_RECONCILIATION),
        sees_files=request.user.may(Permission.IMPORT_SETTLEMENTS),
        summary=found.summary,
        missing=_missing(found.summary),
        by_cause=_by_cause(found.summary),
        day_row=DAY_ROW,
        day_bars=day_bars(found.summary.days) if found.summary is not None else (),
        rows=[DiscrepancyRow.of(each, now) for each in page.items] if page is not None else (),
        is_first=cursor is None,
        address=address,
        next=f"{address}?{urlencode({'cursor': older})}#found" if older else None,
        paise=Money,
        plain_words=plain_words,
        **LAID_OUT,
    )


def _again(run: Run) -> str:
    """Return the address of the form with the days of *run* filled in."""
    return f"{RECONCILIATION}?{urlencode({'first': run.first, 'last': run.last})}"


def _missing(summary: RunSummary | None) -> Sequence[tuple[str, date]]:
    if summary is None:
        return ()
    return [(mid, date.fromisoformat(day)) for mid, day in summary.missing.items()]


def _by_cause(summary: RunSummary | None) -> Sequence[tuple[str, int, str]]:
    """Return each cause that was found, how often, and the list of all that have it, the most frequent first."""
    if summary is None:
        return ()
    return [
        (
            CAUSE_WORDS[Cause(cause)][0],
            count,
            f"{DISCREPANCIES}?{urlencode({'view': 'all', 'cause': cause})}",
        )
        for cause, count in sorted(summary.causes.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
