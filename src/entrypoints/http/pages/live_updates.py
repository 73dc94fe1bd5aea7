"""What a page about a payment waits for, and the stream that tells it to fetch itself anew."""

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get
from litestar.params import FromPath, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from domain.errors import DomainError
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.staff.access import Permission
from entrypoints.http.api.payment import named, status_of
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.event_streams import EventStream, EventStreams
from entrypoints.http.security.guards import counted_as, opened_to
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.payments.payment_queries import StatusView

POLL_SECONDS: Final = 2.0
RECONNECT_MILLISECONDS: Final = 1_000
VERSION_CHARS: Final = 16

Watching = Request[Caller, Any, Any]


@get(
    "/payments/{transaction_id:str}/events",
    opt=opened_to(Permission.SEE_OWN_PAYMENTS, Budget.READ, page=True),
    include_in_schema=False,
)
async def payment_events(
    request: Watching,
    transaction_id: FromPath[str],
    deps: Deps,
    seen: Annotated[str, QueryParameter(required=False, max_length=VERSION_CHARS)] = "",
) -> ServerSentEvent:
    """
    Stream ``changed`` once the payment is another than the page has *seen*, or ``settled`` when nothing is awaited.

    The stream ends after either, and after its time; the browser connects again by itself.
    """
    await deps.payments.status(named(transaction_id), request.user.id)
    streams: EventStreams = request.app.state.event_streams
    streams.check_room(counted_as(request.user))
    return ServerSentEvent(_news(request, deps, streams, transaction_id, seen))


def version_of(view: StatusView) -> str:
    """Return a short text that is another one whenever the page would show something else."""
    return hashlib.sha256(msgspec.json.encode(view)).hexdigest()[:VERSION_CHARS]


def awaits_news(view: StatusView) -> bool:
    """Whether something of the payment comes within minutes by itself: the bank's answer, or a document."""
    return State(view.status).is_live or awaits_documents(view)


def awaits_documents(view: StatusView) -> bool:
    """Whether its invoice, or the credit note of a refund that was paid, is still being made."""
    if not State(view.status).is_sold or view.payable == "0.00":
        return False
    paid_back = sum(refund.status == RefundState.SUCCESS for refund in view.refunds)
    return view.invoice_number is None or len(view.credit_note_numbers) < paid_back


async def _news(
    request: Watching, deps: Dependencies, streams: EventStreams, transaction_id: str, seen: str
) -> AsyncIterator[ServerSentEventMessage]:
    with streams.opened(counted_as(request.user)) as stream:
        yield ServerSentEventMessage(data=None, comment="open", retry=RECONNECT_MILLISECONDS)
        event = await _awaited(request, deps, stream, transaction_id, seen)
        if event is not None:
            yield ServerSentEventMessage(event=event)


async def _awaited(
    request: Watching, deps: Dependencies, stream: EventStream, transaction_id: str, seen: str
) -> str | None:
    """Return what there is to tell, None when the stream ends before there is anything."""
    while True:
        try:
            view = await status_of(request, transaction_id, deps)
        except DomainError:
            return None  # The records are away for a moment; the browser asks again.
        if version_of(view) != seen:
            return "changed"
        if not awaits_news(view):
            return "settled"
        if not await stream.goes_on_after(POLL_SECONDS):
            return None
