"""One line of thought per use case; no logic, no branches."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from dependency_injector import containers, providers

from application.catalogue.replace_catalogue import ReplaceCourses, ReplaceDiscounts
from application.checkout.create_session import CreateSession
from application.checkout.initiate_payment import InitiatePayment
from application.checkout.quote_course import QuoteCourse
from application.checkout.record_refusal import RecordRefusal
from application.checkout.retry_payment import RetryPayment
from application.documents.attach_document import AttachDocument
from application.documents.cancel_document import CancelDocument
from application.documents.download_document import DownloadDocument
from application.documents.fetch_file import FetchFile
from application.documents.file_documents import FileDocuments, MakeFile
from application.documents.issue_document import IssueCreditNote, IssueInvoice
from application.documents.regenerate_file import RegenerateFile
from application.evidence.check_status import CheckStatus
from application.evidence.poll_orders import PollOrders
from application.evidence.process_inbox import ProcessInbox
from application.evidence.receive_callback import ReceiveCallback
from application.evidence.receive_webhook import ReceiveWebhook
from application.gst_returns.export_return import ExportReturn
from application.monitoring.check_invariants import CheckInvariants, WatchInvariants
from application.notifications.dead_letters import CloseDeadLetter, RequeueDeadLetter
from application.notifications.relay_outbox import RelayOutbox
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.refresh_order import RefreshOrder
from application.refunds.decide_refund import ApproveRefund, RejectRefund
from application.refunds.poll_refunds import PollRefunds
from application.refunds.request_refund import RequestRefund
from application.refunds.send_refund import SendRefund
from domain.identifiers import PaymentId, RefundId
from domain.payments.refund_polling import RefundPollingSchedule
from domain.tax.indian_states import IndianState
from entrypoints.settings.settings import Settings
from entrypoints.wiring.company import company, document_policy
from ports.alerts import Alerts
from ports.clock import Clock
from ports.documents.document_renderer import DocumentRenderer
from ports.file_store import FileStore
from ports.gst_returns.return_files import ReturnFiles
from ports.notifications.email_sender import EmailSender
from ports.notifications.email_texts import EmailTexts
from ports.payments.gateway_messages import GatewayMessages
from ports.payments.payment_gateway import PaymentGateway

ASKER_WAITS: Final = timedelta(seconds=5)
"""How long a student's browser is kept waiting for the bank's answer."""

SLACK: Final = timedelta(seconds=30)


def call_max(settings: Settings) -> timedelta:
    """
    Return what a question, the one before it, and a request may take together at the bank.

    Longer than this nobody works on one payment: locks and leases that rest on it may be taken over.
    """
    circuit_policy = timedelta(
        seconds=settings.gateway_connect_timeout_seconds + settings.gateway_read_timeout_seconds
    )
    return 3 * circuit_policy + SLACK


def seller_state(settings: Settings) -> IndianState:
    """Return the State that the seller's GSTIN names."""
    return settings.seller_gstin.state


class UseCases(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = providers.DependenciesContainer()
    gateway: providers.Dependency[PaymentGateway] = providers.Dependency()
    messages: providers.Dependency[GatewayMessages] = providers.Dependency()
    read_order: providers.Dependency[ReadOrder] = providers.Dependency()
    gateway_suspended_for: providers.Dependency[Callable[[], timedelta | None]] = (
        providers.Dependency()
    )
    clock: providers.Dependency[Clock] = providers.Dependency()
    texts: providers.Dependency[EmailTexts] = providers.Dependency()
    sender: providers.Dependency[EmailSender] = providers.Dependency()
    files: providers.Dependency[FileStore] = providers.Dependency()
    renderer: providers.Dependency[DocumentRenderer] = providers.Dependency()
    return_files: providers.Dependency[ReturnFiles] = providers.Dependency()
    new_payment_id: providers.Dependency[Callable[[], PaymentId]] = providers.Dependency()
    new_refund_id: providers.Dependency[Callable[[], RefundId]] = providers.Dependency()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    chance: providers.Dependency[Callable[[], int]] = providers.Dependency()

    unit = storage.unit_of_work
    seller = providers.Callable(seller_state, settings)

    quote_course = providers.Singleton(QuoteCourse, unit, clock, seller)
    longest = providers.Callable(call_max, settings)
    looks = providers.Singleton(RefundPollingSchedule, settings.provided.refund_poll_delay, chance)
    apply = providers.Singleton(
        ApplyOrderStatus, unit, clock, looks, settings.provided.failure_told_after
    )
    refresh_order = providers.Singleton(RefreshOrder, read_order, apply, ASKER_WAITS)
    create_session = providers.Singleton(CreateSession, unit, gateway, read_order, apply, clock)
    initiate_payment = providers.Singleton(
        InitiatePayment,
        unit_of_work=unit,
        create_session=create_session,
        read_order=read_order,
        apply=apply,
        refresh_order=refresh_order,
        clock=clock,
        new_id=new_payment_id,
        seller=seller,
        lifetime=settings.provided.session_lifetime,
        call_max=longest,
        gateway_suspended_for=gateway_suspended_for,
    )
    retry_payment = providers.Singleton(
        RetryPayment,
        unit_of_work=unit,
        create_session=create_session,
        read_order=read_order,
        apply=apply,
        clock=clock,
        new_id=new_payment_id,
        seller=seller,
        lifetime=settings.provided.session_lifetime,
        call_max=longest,
        gateway_suspended_for=gateway_suspended_for,
    )
    record_refusal = providers.Singleton(RecordRefusal, unit, clock)
    receive_callback = providers.Singleton(ReceiveCallback, messages, unit, refresh_order)
    receive_webhook = providers.Singleton(ReceiveWebhook, messages, storage.inbox, clock)
    process_inbox = providers.Singleton(
        ProcessInbox, storage.inbox, unit, read_order, apply, clock, longest
    )
    check_status = providers.Singleton(
        CheckStatus,
        storage.payment_queries,
        storage.order_polls,
        refresh_order,
        clock,
        settings.provided.status_read_interval,
    )
    poll_orders = providers.Singleton(
        PollOrders,
        questions=storage.order_polls,
        unit_of_work=unit,
        read_order=read_order,
        apply=apply,
        alerts=alerts,
        clock=clock,
        chance=chance,
        lease=longest,
    )
    check_invariants = providers.Singleton(CheckInvariants, storage.invariants, clock)
    watch_invariants = providers.Singleton(WatchInvariants, check_invariants, alerts)
    seller_company = providers.Callable(company, settings)
    gst_policy = providers.Callable(document_policy, settings)
    issue_invoice = providers.Singleton(IssueInvoice, unit, clock, seller_company, gst_policy)
    issue_credit_note = providers.Singleton(
        IssueCreditNote, unit, clock, seller_company, gst_policy, issue_invoice
    )
    cancel_document = providers.Singleton(CancelDocument, unit, storage.documents, clock)
    filed = storage.filed_documents
    fetch_file = providers.Singleton(
        FetchFile, files=files, unit_of_work=unit, alerts=alerts, clock=clock
    )
    download_document = providers.Singleton(DownloadDocument, filed, fetch_file)
    make_file = providers.Singleton(MakeFile, renderer, files, clock)
    file_documents = providers.Singleton(FileDocuments, unit, filed, make_file)
    regenerate_file = providers.Singleton(
        RegenerateFile, unit_of_work=unit, filed=filed, files=files, make=make_file, clock=clock
    )
    relay_outbox = providers.Singleton(
        RelayOutbox,
        storage.outbox,
        unit,
        texts,
        sender,
        clock,
        issue_invoice=issue_invoice,
        issue_credit_note=issue_credit_note,
        file_documents=file_documents,
        regenerate_file=regenerate_file,
        attach=providers.Singleton(AttachDocument, filed, fetch_file),
    )
    requeue_dead_letter = providers.Singleton(RequeueDeadLetter, storage.outbox, unit, clock)
    close_dead_letter = providers.Singleton(CloseDeadLetter, storage.outbox, unit, clock)
    send_refund = providers.Singleton(SendRefund, unit, gateway, read_order, apply, clock)
    request_refund = providers.Singleton(
        RequestRefund,
        unit_of_work=unit,
        send=send_refund,
        clock=clock,
        new_id=new_refund_id,
        approval_threshold=settings.provided.refund_approval_threshold,
        schedule=looks,
    )
    approve_refund = providers.Singleton(
        ApproveRefund, unit_of_work=unit, send=send_refund, clock=clock, schedule=looks
    )
    reject_refund = providers.Singleton(RejectRefund, unit_of_work=unit, clock=clock)
    poll_refunds = providers.Singleton(
        PollRefunds,
        watch=storage.refund_polls,
        alerts=alerts,
        unit_of_work=unit,
        read_order=read_order,
        send=send_refund,
        apply=apply,
        clock=clock,
        lease=longest,
    )
    export_return = providers.Singleton(
        ExportReturn,
        unit_of_work=unit,
        periods=storage.document_periods,
        files=return_files,
        clock=clock,
        seller=settings.provided.seller_gstin,
        version=settings.provided.gst_return_version,
    )
    replace_courses = providers.Singleton(ReplaceCourses, storage.catalogue, clock)
    replace_discounts = providers.Singleton(ReplaceDiscounts, storage.catalogue, clock)
