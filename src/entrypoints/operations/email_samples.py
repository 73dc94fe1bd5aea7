"""Sample emails: made from payments, refunds and documents as the domain makes them, for previews."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from adapters.smtp.email_texts import EmailTemplates
from adapters.translations.shipped import shipped
from adapters.typst.renderer import TypstRenderer
from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, Percent
from domain.catalogue.quote import quote_course
from domain.documents.document_number import DocumentNumber
from domain.documents.document_snapshot import sha256_of, snapshot
from domain.documents.invoicing import PaidBack, credit_for, invoice_for
from domain.documents.tax_document import (
    Particulars,
    RefundReference,
    RegisteredDocument,
    TaxDocument,
)
from domain.identifiers import PaymentId, RefundId, StudentId
from domain.money import Money
from domain.monitoring.alert_case import AlertCase, AlertId, AlertState
from domain.monitoring.alert_rules import AlertRule
from domain.payments.failure_reason import FailureReason
from domain.payments.order_decisions import apply_order_facts, complete_without_payment
from domain.payments.order_facts import Instrument, OrderFacts, RefundFacts, RefundVerdict, Verdict
from domain.payments.payment import Payment, Student
from domain.payments.refund import RefundRequest
from domain.payments.retry import RETRY_WITHIN
from domain.tax.gst import Buyer, GstRate, PriceMode
from domain.tax.indian_states import indian_state
from domain.text.language import Language
from entrypoints.settings.settings import Settings
from entrypoints.wiring.documents import company, document_policy
from entrypoints.wiring.notifications import email_branding
from ports.documents.document_renderer import Copy
from ports.notifications.email_sender import Attachment, Email
from ports.notifications.email_texts import ReconciliationFigures, UnexplainedItem

AT: Final = datetime(2026, 11, 26, 9, 12, tzinfo=UTC)
ORDER: Final = PaymentId("SKSAMPLEABCDEFGHIJKL")
REFUND: Final = RefundId("RFSAMPLEABCDEFGHIJKL")
ACCOUNTS: Final = "accounts@example.com"
SHORT_NAME: Final = "आशा शर्मा"
LONG_NAME: Final = "Venkatanarasimharajuvaripeta Lakshminarayana Subrahmanya Chandrasekharan Iyer"
COURSE: Final = Course(
    id=CourseId("algebra"),
    title="Algebra & Number Theory for Beginners, बीजगणित",
    list_price=Money(11_800_00),
    price_mode=PriceMode.INCLUSIVE,
    sac="999293",
    gst_rate=GstRate(Decimal(18)),
)
RECONCILED: Final = ReconciliationFigures(
    run="2026-11-26-1",
    first=date(2026, 11, 26),
    last=date(2026, 11, 26),
    settled_count=1_284,
    settled=Money(1_48_73_912_50),
    matched_count=1_282,
    matched=Money(1_48_50_312_51),
    awaited_count=97,
    awaited=Money(11_42_300_00),
    difference=Money(-1),
    checkpoint=(
        "fees.example.in/audit\n3\nkLUuDOf8sMpZHKKvPUIzW5dw26/zQirg0L3FuzCobLY=\n\n\N{EM DASH} fees.example.in/audit"
        " xpAkaswrLPWF84tXCvZ2TDCoq6aY21QbpD12fSKm5u86u42U3zDBAur9r5I9LsRiI/i2FwFlIpyFXRCghQzQqNExDAw=\n"
    ),
    unexplained=(
        UnexplainedItem(
            reference="SKSAMPLEQRSTUVWXYZ23",
            what="settled 1 paisa less than was captured",
            difference=Money(-1),
        ),
        UnexplainedItem(
            reference="UTR 633112345678",
            what="settled twice",
            difference=Money(11_800_00),
        ),
        UnexplainedItem(
            reference="SKSAMPLE234567ABCDEF",
            what="captured, and missing from the settlement after its day",
            difference=Money(-11_800_00),
        ),
    ),
    page="/console/reconciliation/2026-11-26",
)

OPERATORS: Final = "operators@example.com"
STUCK: Final = AlertCase(
    id=AlertId("ALSAMPLE234567ABCDEF"),
    rule=AlertRule.QUEUE_STUCK,
    subject="outbox",
    state=AlertState.FIRING,
    since=AT,
    value=740,
    detail="12 due",
    changes=1,
)

Writing = Callable[[], Awaitable[Email]]


@dataclass(frozen=True, slots=True)
class EmailSamples:
    """One email of each kind that is ever sent, in the name of the seller in *settings*, to a reader of *language*."""

    settings: Settings
    language: Language = Language.ENGLISH

    @property
    def by_name(self) -> Mapping[str, Writing]:
        return {
            "payment-confirmation": self._paid,
            "free-enrolment": self._free,
            "payment-failure": self._failed,
            "refund-requested": self._going_back,
            "refund-confirmation": self._back,
            "reconciliation-summary": self._reconciled,
            "alert": self._alert,
        }

    @property
    def _texts(self) -> EmailTemplates:
        return EmailTemplates(email_branding(self.settings), shipped())

    async def _paid(self) -> Email:
        payment = self._sold()
        invoice = self._invoice(payment)
        email = self._texts.payment_confirmation(payment, invoice.document)
        return await self._enclosing(email, invoice)

    async def _free(self) -> Email:
        given = complete_without_payment(self._opened(LONG_NAME, percent=100), AT).payment
        return self._texts.payment_confirmation(given)

    async def _failed(self) -> Email:
        facts = OrderFacts(
            payment=ORDER, verdict=Verdict.DECLINED, failure=FailureReason.INSUFFICIENT_FUNDS
        )
        payment = apply_order_facts(self._opened(LONG_NAME), facts, at=AT).payment
        return self._texts.payment_failure(payment, payment.opened_at + RETRY_WITHIN)

    async def _going_back(self) -> Email:
        payment = self._refunded(RefundVerdict.PENDING)
        return self._texts.refund_requested(payment, payment.refunds.get(REFUND))

    async def _back(self) -> Email:
        payment = self._refunded(RefundVerdict.PAID)
        refund = payment.refunds.get(REFUND)
        back = PaidBack(
            reference=RefundReference(refund=refund.id, arn=refund.arn, refunded_at=AT),
            amount=refund.amount,
        )
        said = credit_for(
            self._invoice(payment).document,
            (),
            back,
            company=company(self.settings),
            policy=document_policy(self.settings),
            at=AT,
        )
        note = _first(said)
        email = self._texts.refund_confirmation(payment, refund, note.document)
        return await self._enclosing(email, note)

    async def _reconciled(self) -> Email:
        return self._texts.reconciliation_summary(RECONCILED, ACCOUNTS)

    async def _alert(self) -> Email:
        return self._texts.alert(STUCK, f"{STUCK.id}/{STUCK.changes}/{STUCK.state}", OPERATORS)

    async def _enclosing(self, email: Email, document: RegisteredDocument) -> Email:
        renderer = TypstRenderer(self.settings.public_url)
        content = await renderer.render(document, Copy.ORIGINAL)
        name = f"{document.document.number}.pdf".replace("/", "-")
        return replace(email, attachments=(Attachment(name=name, content=content),))

    def _opened(self, name: str, *, percent: int = 10) -> Payment:
        buyer = Buyer(name=name, state=indian_state("29"), address="12 Sample Road, Mysuru 570001")
        code = DiscountCode(code="WELCOME", kind=Percent(Decimal(percent)))
        quote = quote_course(COURSE, buyer, self.settings.seller_gstin.state, code)
        return Payment.begin(
            ORDER,
            student=Student(
                id=StudentId("sample"),
                name=name,
                email="student@example.com",
                language=self.language,
            ),
            buyer=buyer,
            quote=quote,
            at=AT - timedelta(minutes=4),
            lifetime=self.settings.session_lifetime,
        )

    def _sold(self) -> Payment:
        opened = self._opened(SHORT_NAME)
        facts = OrderFacts(
            payment=ORDER,
            verdict=Verdict.CHARGED,
            amount=opened.quote.payable,
            currency="INR",
            bank_txn_id="SAMPLE-SKSAMPLEABCDEFGHIJKL-1",
            bank_reference="633012345678",
            instrument=Instrument(method="UPI"),
            charged_at=AT,
        )
        return apply_order_facts(opened, facts, at=AT).payment

    def _refunded(self, verdict: RefundVerdict) -> Payment:
        request = RefundRequest(
            id=REFUND, amount=Money(5_000_00), reason="A sample", by="staff:sample"
        )
        asked = self._sold().request_refund(request, at=AT, approval_threshold=request.amount)
        arn = "74332745123456789012345" if verdict is RefundVerdict.PAID else ""
        told = RefundFacts(id=REFUND, amount=request.amount, verdict=verdict, arn=arn)
        facts = OrderFacts(payment=ORDER, verdict=Verdict.CHARGED, refunds=(told,))
        return apply_order_facts(asked, facts, at=AT).payment

    def _invoice(self, payment: Payment) -> RegisteredDocument:
        policy = document_policy(self.settings)
        return _first(invoice_for(payment, company(self.settings), policy, AT))


def _first(said: Particulars) -> RegisteredDocument:
    number = DocumentNumber(said.series, said.year, 1)
    document = TaxDocument(number=number, particulars=said)
    return RegisteredDocument(document=document, sha256=sha256_of(snapshot(document)))
