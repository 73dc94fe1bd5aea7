"""What the worlds of one process share: production's use cases by their names, on whatever storage."""

from dataclasses import replace
from datetime import timedelta

from application.checkout.cancel_payment import CancelPayment
from application.checkout.create_session import CreateSession
from application.checkout.initiate_payment import InitiatePayment
from application.checkout.quote_course import QuoteCourse
from application.checkout.retry_payment import RetryPayment
from application.discrepancies.decide_resolution import DecideResolution
from application.discrepancies.resolve_discrepancies import ResolveDiscrepancies
from application.documents.download_document import DownloadDocument
from application.documents.fetch_file import FetchFile
from application.documents.file_documents import FileDocuments
from application.documents.issue_credit_note import IssueCreditNote
from application.documents.issue_invoice import IssueInvoice
from application.documents.regenerate_file import RegenerateFile
from application.evidence.check_status import CheckStatus
from application.evidence.poll_orders import PollOrders
from application.evidence.process_inbox import ProcessInbox
from application.evidence.receive_callback import ReceiveCallback
from application.evidence.receive_webhook import ReceiveWebhook
from application.notifications.relay_outbox import RelayOutbox
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.refresh_order import RefreshOrder
from application.refunds.authorise_refund import AuthoriseRefund
from application.refunds.decide_refund import ApproveRefund, RejectRefund
from application.refunds.poll_refunds import PollRefunds
from application.refunds.request_refund import RequestRefund
from application.refunds.send_refund import SendRefund
from application.reviews.resolve_review import ResolveReview
from domain.money import Money
from entrypoints.wiring.use_cases.use_cases import UseCases
from ports.payments.payment_gateway import PaymentGateway
from worlds.wiring import Wiring


class WiredWorld:
    """A world whose use cases *wiring* makes."""

    __slots__ = ()
    wiring: Wiring

    @property
    def use_cases(self) -> UseCases:
        return self.wiring.use_cases

    @property
    def read_order(self) -> ReadOrder:
        read_order: ReadOrder = self.wiring.container.bank.read_order()
        return read_order

    @property
    def apply(self) -> ApplyOrderStatus:
        return self.use_cases.order_status().apply_order_status()

    @property
    def refresh_order(self) -> RefreshOrder:
        return self.use_cases.order_status().refresh_order()

    @property
    def create_session(self) -> CreateSession:
        return self.use_cases.checkout().create_session()

    @property
    def initiate(self) -> InitiatePayment:
        return self.use_cases.checkout().initiate_payment()

    @property
    def retry(self) -> RetryPayment:
        return self.use_cases.checkout().retry_payment()

    @property
    def quote_course(self) -> QuoteCourse:
        return self.use_cases.checkout().quote_course()

    @property
    def receive_callback(self) -> ReceiveCallback:
        return self.use_cases.evidence().receive_callback()

    @property
    def receive_webhook(self) -> ReceiveWebhook:
        return self.use_cases.evidence().receive_webhook()

    @property
    def process_inbox(self) -> ProcessInbox:
        return self.use_cases.evidence().process_inbox()

    @property
    def cancel_payment(self) -> CancelPayment:
        return self.use_cases.checkout().cancel_payment()

    @property
    def check_status(self) -> CheckStatus:
        return self.use_cases.evidence().check_status()

    @property
    def poll_orders(self) -> PollOrders:
        return self.use_cases.evidence().poll_orders()

    @property
    def request_refund(self) -> RequestRefund:
        return self.use_cases.refunds().request_refund()

    @property
    def approve_refund(self) -> ApproveRefund:
        return self.use_cases.refunds().approve_refund()

    @property
    def reject_refund(self) -> RejectRefund:
        return self.use_cases.refunds().reject_refund()

    @property
    def authorise_refund(self) -> AuthoriseRefund:
        return self.use_cases.refunds().authorise_refund()

    @property
    def send_refund(self) -> SendRefund:
        return self.use_cases.refunds().send_refund()

    @property
    def poll_refunds(self) -> PollRefunds:
        return self.use_cases.refunds().poll_refunds()

    @property
    def resolve_discrepancies(self) -> ResolveDiscrepancies:
        return self.use_cases.discrepancies().resolve_discrepancies()

    @property
    def decide_resolution(self) -> DecideResolution:
        return self.use_cases.discrepancies().decide_resolution()

    @property
    def resolve_review(self) -> ResolveReview:
        return self.use_cases.reviews().resolve_review()

    @property
    def relay_outbox(self) -> RelayOutbox:
        return self.use_cases.notifications().relay_outbox()

    @property
    def issue_invoice(self) -> IssueInvoice:
        return self.use_cases.documents().issue_invoice()

    @property
    def issue_credit_note(self) -> IssueCreditNote:
        return self.use_cases.documents().issue_credit_note()

    @property
    def file_documents(self) -> FileDocuments:
        return self.use_cases.documents().file_documents()

    @property
    def regenerate_file(self) -> RegenerateFile:
        return self.use_cases.documents().regenerate_file()

    @property
    def fetch_file(self) -> FetchFile:
        return self.use_cases.documents().fetch_file()

    @property
    def download_document(self) -> DownloadDocument:
        return self.use_cases.documents().download_document()

    def read_orders_through(self, gateway: PaymentGateway) -> None:
        """Read every order through *gateway* from now on."""
        self.wiring.replace((self.wiring.container.bank.read_order, ReadOrder(gateway)))

    def wait_at_most(self, patience: timedelta) -> None:
        """Let whoever waits for the bank's answer go on without it after *patience*."""
        refresh_order = RefreshOrder(self.read_order, self.apply, patience)
        provider = self.use_cases.order_status().refresh_order
        self.wiring.replace((provider, refresh_order))

    def approve_alone_up_to(self, threshold: Money) -> None:
        """Let one member of staff give back at most *threshold* alone."""
        request_refund = replace(self.request_refund, approval_threshold=threshold)
        provider = self.use_cases.refunds().request_refund
        self.wiring.replace((provider, request_refund))
