"""All that the HTTP door is given to work with: use cases, two reads, and the house's settings."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO, TypeAlias, cast

from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from application.checkout.initiate_payment import InitiationWanted
from application.checkout.quote_course import QuoteWanted
from application.checkout.retry_payment import RetryWanted
from application.documents.download_document import DocumentFile, DocumentWanted
from application.refunds.authorise_refund import AuthoriseRefund
from domain.catalogue.course import Course
from domain.catalogue.discount import DiscountCode
from domain.catalogue.quote import Quote
from domain.errors import DomainError
from domain.gst_returns.gstr1 import Gstr1
from domain.gst_returns.return_period import ReturnPeriod
from domain.identifiers import PaymentId, StudentId
from domain.payments.payment import Payment
from entrypoints.settings.settings import Settings
from ports.audit_log import Origin
from ports.catalogue.catalogue import Catalogue
from ports.clock import Clock
from ports.documents.document_register import DocumentReads
from ports.gst_returns.return_files import ReturnFormat
from ports.payments.inbox import EntryState
from ports.payments.payment_queries import PaymentQueries, StatusView
from ports.refunds.refund_queries import RefundQueries


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """
    *opening_rest* and *reading_rest* tell how long the bank is left alone with new pages and with
    questions, None when it answers. *wake* tells the workers that there is something to do and never
    raises. *ready* answers for each part of the house: its name, and ``ok`` or what is wrong with
    it. *start* and *stop* frame the process.
    """

    settings: Settings
    quote_course: Callable[[QuoteWanted], Awaitable[Quote]]
    initiate_payment: Callable[[InitiationWanted], Awaitable[Payment]]
    retry_payment: Callable[[RetryWanted], Awaitable[Payment]]
    record_refusal: Callable[[StudentId, DomainError, Origin], Awaitable[None]]
    receive_callback: Callable[[Sequence[tuple[str, str]], Origin], Awaitable[PaymentId]]
    receive_webhook: Callable[[Mapping[str, str], bytes], Awaitable[EntryState]]
    check_status: Callable[[PaymentId, StudentId, Origin], Awaitable[StatusView]]
    replace_courses: Callable[[Sequence[Course], Origin], Awaitable[None]]
    replace_discounts: Callable[[Sequence[DiscountCode], Origin], Awaitable[None]]
    export_return: Callable[[ReturnPeriod, ReturnFormat, BinaryIO, Origin], Awaitable[Gstr1]]
    download_document: Callable[[DocumentWanted], Awaitable[DocumentFile]]
    payment_queries: PaymentQueries
    catalogue: Catalogue
    documents: DocumentReads
    authorise_refund: AuthoriseRefund
    refund_queries: RefundQueries
    clock: Clock
    session_suspended_for: Callable[[], timedelta | None]
    read_suspended_for: Callable[[], timedelta | None]
    wake: Callable[[], Awaitable[None]]
    ready: Callable[[], Awaitable[Mapping[str, str]]]
    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]


Deps: TypeAlias = NamedDependency[SkipValidation[Dependencies]]
"""How a route asks for the door; it has no other dependency."""


def provide_dependencies(state: State) -> Dependencies:
    """Return the door that the app was made with."""
    return cast("Dependencies", state.deps)
