"""The stream by which the page of a run learns that a worker took it, or that it has ended."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from litestar import Request, get
from litestar.params import FromPath, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from domain.errors import DomainError
from domain.reconciliation.run import Run, RunId
from entrypoints.http.console.console_page import opened
from entrypoints.http.console.places import RUN_EVENTS
from entrypoints.http.console.runs import named_run
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.event_streams import EventStreams
from entrypoints.http.pages.live_updates import RECONNECT_MILLISECONDS
from entrypoints.http.security.guards import counted_as
from entrypoints.http.security.identity import Caller

POLL_SECONDS: Final = 2.0
VERSION_CHARS: Final = 40


@get(
    RUN_EVENTS,
    opt=opened("GET", RUN_EVENTS, shows_nobody="how far a run has come"),
    include_in_schema=False,
)
async def run_events(
    request: Request[Caller, Any, Any],
    run_id: FromPath[str],
    deps: Deps,
    seen: Annotated[str, QueryParameter(required=False, max_length=VERSION_CHARS)] = "",
) -> ServerSentEvent:
    """
    Stream ``changed`` once the run is in another state than the page has *seen*, or ``settled`` when it has ended.

    The stream ends after either, and after its time; the browser connects again by itself.
    """
    run = named_run(run_id)
    await deps.reconciliation.runs.get(run)
    streams: EventStreams = request.app.state.event_streams
    streams.check_room(counted_as(request.user))
    return ServerSentEvent(_news(deps, streams, counted_as(request.user), run, seen))


def version_of(run: Run) -> str:
    """Return a short text that is another one whenever the page would show something else."""
    return f"{run.state.value}-{run.attempts}"


async def _news(
    deps: Dependencies, streams: EventStreams, whose: str, run: RunId, seen: str
) -> AsyncIterator[ServerSentEventMessage]:
    with streams.opened(whose) as stream:
        yield ServerSentEventMessage(data=None, comment="open", retry=RECONNECT_MILLISECONDS)
        while True:
            try:
                found = await deps.reconciliation.runs.get(run)
            except DomainError:
                return  # The records are away for a moment; the browser asks again.
            if version_of(found) != seen:
                yield ServerSentEventMessage(event="changed")
                return
            if not found.state.is_live:
                yield ServerSentEventMessage(event="settled")
                return
            if not await stream.goes_on_after(POLL_SECONDS):
                return
