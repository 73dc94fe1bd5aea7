"""How refusals are answered: one table from the errors of domain and ports to RFC 9457 problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from types import MappingProxyType
from typing import Any, Final

import msgspec

from application.audit.archive_months import MonthChanged
from application.checkout.idempotency import PaymentInProgress
from application.checkout.initiate_payment import AlreadyEnrolled
from application.discrepancies.resolve_discrepancies import TooManyDiscrepancies
from application.documents.cancel_document import CancellationRefused
from application.gateway_config.configuration_secrets import SecretUnreadable
from application.gateway_config.propose_configuration import ConfigurationLocked
from application.ledger.close_ledger import PeriodNotOver
from application.notifications.dead_letters import ClosingRefused
from application.proof.make_proof import ProofRefused, ProofUnsigned
from application.reconciliation.ask_reconciliation import TooManyRuns
from application.reconciliation.compare_file import OutcomeNotWhole
from application.reconciliation.export_run import RunNotConcluded
from application.webhooks.manage_endpoints import ReplayRefused
from domain.audit.archive_state import IllegalArchiveStep
from domain.catalogue.amount_limits import AmountOutOfLimits
from domain.catalogue.course import CourseInvalid
from domain.catalogue.discount import DiscountInvalid, DiscountRefusal, DiscountRefused
from domain.catalogue.expected_quote import PriceChanged
from domain.documents.credit_note_split import CreditImpossible
from domain.documents.document_number import NumberInvalid
from domain.documents.document_snapshot import SnapshotDamaged
from domain.errors import ChangedMeanwhile, DomainError, NotFound
from domain.gateway_config.configuration_version import (
    ConfigurationChanged,
    ConfigurationPending,
    ConfigurationUnchanged,
    NoOldSecrets,
    OldSecretsAccepted,
    OwnProposal,
    VersionDecided,
)
from domain.gateway_config.gateway_terms import ConfigurationInvalid
from domain.gst_returns.gstr1 import ReturnDoesNotTie
from domain.gst_returns.return_period import PeriodInvalid
from domain.jobs.job import JobRunning
from domain.money import CURRENCY, CurrencyUnsupported, Money, MoneyNotExact
from domain.monitoring.alert_case import AlertNotFiring, SilenceRefused
from domain.payments.cancellation import NotCancellable
from domain.payments.client_reference import ClientReferenceInvalid, ClientReferenceUsed
from domain.payments.consent import ConsentMissing, PrivacyNoticeChanged
from domain.payments.dispute import RefundDisputed
from domain.payments.payment_state import IllegalStep, State
from domain.payments.refund import (
    NotRefundable,
    ReasonRefused,
    RefundTooLarge,
    RefundTooSmall,
    StaleAvailable,
    TooManyRefunds,
)
from domain.payments.refund_approval import SecondPersonNeeded
from domain.payments.refund_state import IllegalRefundStep
from domain.payments.resolution import NotUnderReview, ResolutionUnlawful
from domain.payments.retry import RetryRefusal, RetryRefused
from domain.payments.search_term import SearchCardNumberRefused
from domain.reconciliation.discrepancy_state import IllegalDiscrepancyStep
from domain.reconciliation.resolution import (
    IllegalResolutionStep,
    NoteRefused,
    ResolutionSecondPersonNeeded,
)
from domain.reconciliation.resolution_context import StaleDiscrepancy
from domain.reconciliation.resolution_rules import ResolutionActionUnlawful, ResolutionFieldRefused
from domain.reconciliation.resolve import NotAwaitingApproval, ResolutionOvertaken
from domain.reconciliation.run import RangeRefused
from domain.reconciliation.run_state import IllegalRunStep
from domain.reconciliation.undo_resolution import NothingInForce, UndoRefused
from domain.settlements.file_state import IllegalFileStep
from domain.settlements.settlement_report import ReissueNotWaiting
from domain.sign_in.browser_session import TokenExchanged
from domain.sign_in.server_key import ServerKeyInvalid, ServerKeyRefused
from domain.staff.access import NotAllowed
from domain.staff.second_factor import TotpLocked, TotpNotEnrolled, TotpRefused, TotpUsed, TotpWrong
from domain.staff.staff_member import (
    InvitationOver,
    OwnAccount,
    StaffChanged,
    StaffExists,
    StaffInvalid,
    StaffSuspended,
)
from domain.tax.gst import (
    ADDRESS_FROM,
    AddressRequired,
    BuyerCardNumberRefused,
    BuyerInvalid,
    OwnGstin,
    RateInvalid,
    SpecialZoneUnsupported,
    StateDisagrees,
)
from domain.tax.gstin import BadGstin
from domain.tax.indian_states import NotSoldAbroad, UnknownState
from domain.text.card_number import CardNumberRefused, redact
from domain.text.language import IN_ENGLISH, Sentence, Translations
from domain.webhooks.platform_endpoint import EndpointRefused
from entrypoints.http import problem_types
from entrypoints.http.faults import (
    Fault,
    FaultCode,
    body_fault,
    errors,
    field_errors,
    header_fault,
    parameter_fault,
)
from entrypoints.http.problem_answer import ChangedDetailAnswer, PaymentDetailAnswer
from entrypoints.http.problem_types import ProblemType
from entrypoints.logs.setup import correlation_id
from ports.audit.archive_register import DropRefused
from ports.cipher import CannotDecrypt, KeyUnknown
from ports.documents.document_files import DocumentNotReady, NoDocument
from ports.file_store import FileDamaged, FileLocked, FileMissing, FilesUnavailable
from ports.idempotency import IdempotencyKeyInUse, IdempotencyKeyMissing, IdempotencyKeyReused
from ports.ledger.ledger_periods import PeriodClosed
from ports.notifications.email_sender import EmailDelayed, EmailRefused
from ports.notifications.webhook_sender import WebhookDelayed, WebhookGone, WebhookRefused
from ports.payments.gateway_messages import ForgedMessage, MalformedMessage
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayDuplicate,
    GatewayFailure,
    GatewayOutcomeUnknown,
    GatewayRefused,
    GatewaySuspended,
)
from ports.settlements.settlement_file_reader import SettlementFileRefused
from ports.settlements.settlement_source import ReportUnavailable
from ports.unit_of_work import StorageUnavailable

RETRY_GATEWAY: Final = timedelta(seconds=30)
RETRY_STORAGE: Final = timedelta(seconds=5)

PROBLEMS: Final[Mapping[type[DomainError], ProblemType]] = MappingProxyType(
    {
        NotFound: problem_types.NOT_FOUND,
        NotAllowed: problem_types.NOT_ALLOWED,
        ChangedMeanwhile: problem_types.CHANGED_MEANWHILE,
        IllegalStep: problem_types.INTERNAL,
        PeriodClosed: problem_types.PERIOD_CLOSED,
        PeriodNotOver: problem_types.PERIOD_NOT_OVER,
        IllegalRunStep: problem_types.INTERNAL,
        RangeRefused: problem_types.RANGE_REFUSED,
        AlertNotFiring: problem_types.ALERT_NOT_FIRING,
        SilenceRefused: problem_types.SILENCE_REFUSED,
        TooManyRuns: problem_types.TOO_MANY_RUNS,
        RunNotConcluded: problem_types.RUN_NOT_CONCLUDED,
        ProofUnsigned: problem_types.PROOF_UNSIGNED,
        ProofRefused: problem_types.PROOF_REFUSED,
        OutcomeNotWhole: problem_types.INTERNAL,
        IllegalDiscrepancyStep: problem_types.DISCREPANCY_STATE,
        IllegalResolutionStep: problem_types.DISCREPANCY_STATE,
        StaleDiscrepancy: problem_types.DISCREPANCY_STALE,
        ResolutionActionUnlawful: problem_types.RESOLUTION_ACTION,
        ResolutionFieldRefused: problem_types.RESOLUTION_FIELD,
        NoteRefused: problem_types.RESOLUTION_NOTE,
        ResolutionSecondPersonNeeded: problem_types.RESOLUTION_SECOND_PERSON,
        NotAwaitingApproval: problem_types.NOT_AWAITING_APPROVAL,
        ResolutionOvertaken: problem_types.RESOLUTION_OVERTAKEN,
        NothingInForce: problem_types.NOTHING_IN_FORCE,
        UndoRefused: problem_types.UNDO_REFUSED,
        TooManyDiscrepancies: problem_types.TOO_MANY_DISCREPANCIES,
        AlreadyEnrolled: problem_types.ALREADY_ENROLLED,
        PaymentInProgress: problem_types.LIVE_ATTEMPT,
        RetryRefused: problem_types.RETRY_REFUSED,
        NotCancellable: problem_types.NOT_CANCELLABLE,
        PriceChanged: problem_types.PRICE_CHANGED,
        IdempotencyKeyMissing: problem_types.KEY_MISSING,
        IdempotencyKeyReused: problem_types.KEY_REUSED,
        IdempotencyKeyInUse: problem_types.KEY_BUSY,
        DiscountRefused: problem_types.DISCOUNT_REFUSED,
        DiscountInvalid: problem_types.DISCOUNT_INVALID,
        CourseInvalid: problem_types.COURSE_INVALID,
        RateInvalid: problem_types.COURSE_INVALID,
        AmountOutOfLimits: problem_types.AMOUNT_OUT_OF_LIMITS,
        MoneyNotExact: problem_types.AMOUNT_INEXACT,
        CurrencyUnsupported: problem_types.CURRENCY_UNSUPPORTED,
        ClientReferenceInvalid: problem_types.REFERENCE_INVALID,
        ClientReferenceUsed: problem_types.REFERENCE_USED,
        ConsentMissing: problem_types.CONSENT_MISSING,
        PrivacyNoticeChanged: problem_types.PRIVACY_NOTICE_CHANGED,
        AddressRequired: problem_types.ADDRESS_REQUIRED,
        BuyerInvalid: problem_types.BILLING_INVALID,
        StateDisagrees: problem_types.STATE_DISAGREES,
        UnknownState: problem_types.STATE_UNKNOWN,
        NotSoldAbroad: problem_types.NOT_SOLD_ABROAD,
        BadGstin: problem_types.GSTIN_INVALID,
        OwnGstin: problem_types.GSTIN_INVALID,
        SpecialZoneUnsupported: problem_types.SPECIAL_ZONE_UNSUPPORTED,
        CardNumberRefused: problem_types.CARD_NUMBER,
        BuyerCardNumberRefused: problem_types.CARD_NUMBER,
        SearchCardNumberRefused: problem_types.CARD_NUMBER,
        GatewayFailure: problem_types.GATEWAY_UNAVAILABLE,
        GatewaySuspended: problem_types.GATEWAY_AWAY,
        GatewayDown: problem_types.GATEWAY_UNAVAILABLE,
        GatewayBusy: problem_types.GATEWAY_UNAVAILABLE,
        GatewayOutcomeUnknown: problem_types.GATEWAY_UNAVAILABLE,
        GatewayDuplicate: problem_types.GATEWAY_UNAVAILABLE,
        GatewayDenied: problem_types.GATEWAY_DENIED,
        GatewayRefused: problem_types.GATEWAY_REFUSED,
        StorageUnavailable: problem_types.STORAGE_UNAVAILABLE,
        FilesUnavailable: problem_types.STORAGE_UNAVAILABLE,
        DocumentNotReady: problem_types.DOCUMENT_NOT_READY,
        NoDocument: problem_types.NO_DOCUMENT,
        FileMissing: problem_types.INTERNAL,
        FileDamaged: problem_types.INTERNAL,
        FileLocked: problem_types.INTERNAL,
        EmailDelayed: problem_types.MAIL_UNAVAILABLE,
        EmailRefused: problem_types.MAIL_UNAVAILABLE,
        # Workers alone call endpoints of others.
        WebhookDelayed: problem_types.INTERNAL,
        WebhookRefused: problem_types.INTERNAL,
        WebhookGone: problem_types.INTERNAL,
        EndpointRefused: problem_types.ENDPOINT_REFUSED,
        ReplayRefused: problem_types.REPLAY_REFUSED,
        ForgedMessage: problem_types.FORGED_MESSAGE,
        MalformedMessage: problem_types.MALFORMED_MESSAGE,
        StaffInvalid: problem_types.STAFF_INVALID,
        StaffExists: problem_types.STAFF_EXISTS,
        StaffSuspended: problem_types.NOT_ALLOWED,
        TokenExchanged: problem_types.NOT_SIGNED_IN,
        ServerKeyInvalid: problem_types.NOT_SIGNED_IN,
        ServerKeyRefused: problem_types.SERVER_KEY_REFUSED,
        TotpNotEnrolled: problem_types.SECOND_FACTOR_MISSING,
        TotpLocked: problem_types.SECOND_FACTOR_LOCKED,
        TotpRefused: problem_types.SECOND_FACTOR_REFUSED,
        TotpWrong: problem_types.SECOND_FACTOR_REFUSED,
        TotpUsed: problem_types.SECOND_FACTOR_REFUSED,
        NumberInvalid: problem_types.NOT_FOUND,
        PeriodInvalid: problem_types.PERIOD_INVALID,
        ReturnDoesNotTie: problem_types.RETURN_DOES_NOT_TIE,
        SettlementFileRefused: problem_types.SETTLEMENT_FILE_REFUSED,
        ReissueNotWaiting: problem_types.REISSUE_NOT_WAITING,
        ReportUnavailable: problem_types.SETTLEMENT_SOURCE_AWAY,
        IllegalFileStep: problem_types.FILE_STEP_ILLEGAL,
        IllegalArchiveStep: problem_types.INTERNAL,
        DropRefused: problem_types.INTERNAL,
        MonthChanged: problem_types.INTERNAL,
        SnapshotDamaged: problem_types.INTERNAL,
        CreditImpossible: problem_types.INTERNAL,
        CancellationRefused: problem_types.INTERNAL,
        ClosingRefused: problem_types.DEAD_LETTER_REASON,
        CannotDecrypt: problem_types.INTERNAL,
        KeyUnknown: problem_types.INTERNAL,
        NotRefundable: problem_types.NOT_REFUNDABLE,
        RefundDisputed: problem_types.REFUND_DISPUTED,
        RefundTooLarge: problem_types.REFUND_TOO_LARGE,
        RefundTooSmall: problem_types.REFUND_TOO_SMALL,
        StaleAvailable: problem_types.REFUND_STALE,
        TooManyRefunds: problem_types.TOO_MANY_REFUNDS,
        SecondPersonNeeded: problem_types.SECOND_PERSON,
        ReasonRefused: problem_types.REFUND_REASON,
        IllegalRefundStep: problem_types.REFUND_DECIDED,
        OwnAccount: problem_types.OWN_ACCOUNT,
        StaffChanged: problem_types.STAFF_CHANGED,
        ConfigurationInvalid: problem_types.CONFIGURATION_INVALID,
        ConfigurationPending: problem_types.CONFIGURATION_PENDING,
        ConfigurationChanged: problem_types.CONFIGURATION_CHANGED,
        ConfigurationUnchanged: problem_types.CONFIGURATION_UNCHANGED,
        ConfigurationLocked: problem_types.CONFIGURATION_LOCKED,
        VersionDecided: problem_types.CONFIGURATION_DECIDED,
        OwnProposal: problem_types.OWN_PROPOSAL,
        OldSecretsAccepted: problem_types.OLD_SECRETS_ACCEPTED,
        NoOldSecrets: problem_types.NO_OLD_SECRETS,
        SecretUnreadable: problem_types.SECRET_UNREADABLE,
        InvitationOver: problem_types.INVITATION_OVER,
        JobRunning: problem_types.JOB_RUNNING,
        NotUnderReview: problem_types.NOT_UNDER_REVIEW,
        ResolutionUnlawful: problem_types.RESOLUTION_UNLAWFUL,
    }
)

DISCOUNT_WORDS: Final[Mapping[DiscountRefusal, str]] = MappingProxyType(
    {
        DiscountRefusal.UNKNOWN: "There is no such discount code.",
        DiscountRefusal.INACTIVE: "This discount code is switched off.",
        DiscountRefusal.NOT_YET_VALID: "This discount code is not valid yet.",
        DiscountRefusal.EXPIRED: "This discount code has expired.",
        DiscountRefusal.WRONG_COURSE: "This discount code does not apply to this course.",
        DiscountRefusal.BELOW_MINIMUM: "The price is below this discount code's minimum.",
        DiscountRefusal.USED_UP: "This discount code has been used up.",
        DiscountRefusal.USED_UP_BY_STUDENT: "You have used this discount code already.",
    }
)

RETRY_WORDS: Final[Mapping[RetryRefusal, str]] = MappingProxyType(
    {
        RetryRefusal.PAID: "This payment has succeeded. There is nothing more to pay.",
        RetryRefusal.UNDER_REVIEW: "The bank may hold money for this payment; our team is looking into it.",
        RetryRefusal.NOT_RETRIABLE: "Trying again cannot help until somebody has mended something first.",
        RetryRefusal.RETRIED_ALREADY: "This payment was tried again already.",
        RetryRefusal.TOO_MANY: "This payment was tried again three times, and no more are allowed.",
        RetryRefusal.TOO_LATE: "More than 24 hours have gone by since the first attempt.",
    }
)

CANCELLING_WORDS: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.PENDING: "Our team is having a look at this payment, so it cannot be ended now.",
        State.PROCESSING: "The bank is taking the money right now, so this payment cannot be ended any more.",
        State.SUCCESS: "This payment has succeeded, so it cannot be ended any more.",
    }
)

ADDRESS_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Rule 46(d)": "an invoice with a GSTIN",
        "Rule 49(d)": "a bill of supply with a GSTIN",
        "Rule 46(e)": f"the invoice for a purchase of {ADDRESS_FROM} or more before tax",
    }
)
"""What a sale is by the rule of the CGST Rules that wants an address."""

AMOUNTS: Final = frozenset({"payable", "payable_now", "available_amount", "minimum"})
"""Members that hold rupees; beside one of them the currency is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One refusal as it is answered: *members* are added to the standard ones, *headers* to the answer."""

    kind: ProblemType
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, say: Translations = IN_ENGLISH, public_url: str = "") -> dict[str, Any]:
        """
        Return what programs read: title, detail, and what is wrong with a field are said by *say*.

        A problem that is told to programs alone stays in English as a whole. Its type is an address below
        *public_url*; without one it is relative, which RFC 9457 (3.1.1) allows. ``request_id`` is that of the
        answer's header and of the log.
        """
        if not say.knows(self.detail):
            say = IN_ENGLISH
        told = {
            "type": self.kind.type_at(public_url),
            "title": say(self.kind.title),
            "status": int(self.kind.status),
            "detail": say(self.detail),
            **({"request_id": known} if (known := correlation_id()) is not None else {}),
            **self.members,
        }
        if "errors" in self.members:
            told["errors"] = [
                msgspec.structs.replace(each, detail=say(each.detail))
                for each in self.members["errors"]
            ]
        return told


class HttpProblem(Exception):
    """A problem that the HTTP layer itself answers, before any use case is called."""

    def __init__(
        self,
        kind: ProblemType,
        detail: str = "",
        *,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.problem = Problem(
            kind=kind, detail=detail or kind.meaning, members=members or {}, headers=headers or {}
        )
        super().__init__(self.problem.detail)


def as_problem(error: DomainError) -> Problem:
    """Return the problem for *error*; an error without a row of its own has its nearest base class's."""
    kind = _kind(error)
    members = _members(error)
    members |= _further_members(error, members)
    return Problem(kind=kind, detail=_detail(kind, error), members=members, headers=_headers(error))


def _further_members(error: DomainError, members: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(error, ClientReferenceInvalid):
        return field_errors(("client_reference", "it is too long, or holds what it may not"))
    if isinstance(error, ClientReferenceUsed):
        return {
            "reason": error.reason.value,
            "client_reference": error.text,
            "transaction_id": error.payment,
        }
    if isinstance(error, ConsentMissing):
        return field_errors(("consent", "it is needed before the payment is opened"))
    if isinstance(error, PrivacyNoticeChanged):
        return field_errors(("consent", "it is given to words that have changed since"))
    if isinstance(error, CurrencyUnsupported):
        fault = f"it can be {error.supported} only"
        return {"supported": [error.supported]} | field_errors(("currency", fault))
    return {"currency": CURRENCY} if AMOUNTS & members.keys() else {}


def _kind(error: DomainError) -> ProblemType:
    if isinstance(error, NotFound) and error.kind == "course":
        return problem_types.UNKNOWN_COURSE
    rows = (PROBLEMS[each] for each in type(error).__mro__ if each in PROBLEMS)
    return next(rows, problem_types.INTERNAL)


def _detail(kind: ProblemType, error: DomainError) -> str:
    if (said := _said_of_a_purchase(error)) is not None:
        return said
    if kind.conceals:
        return kind.meaning
    # What was asked for may be told again, and may be anything.
    text = str(redact(str(error)))
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _said_of_a_purchase(error: DomainError) -> str | None:
    """Return the words of a refusal that students read as well, None where the error's own will do."""
    match error:
        case DiscountRefused():
            return DISCOUNT_WORDS[error.reason]
        case RetryRefused():
            return RETRY_WORDS[error.reason]
        case NotCancellable():
            said = CANCELLING_WORDS.get(error.state, "This payment is over already.")
        case AddressRequired():
            said = Sentence.of(
                "GST law wants your address on %(paper)s.", paper=ADDRESS_WORDS[error.rule]
            )
        case AmountOutOfLimits():
            said = Sentence.of(
                "To pay are %(payable)s, and the bank takes %(minimum)s to %(maximum)s in one payment.",
                payable=error.payable,
                minimum=error.minimum,
                maximum=error.maximum,
            )
        case PriceChanged():
            return _said_of_a_price(error.before, error.now)
        case _:
            return _said_of_a_buyer(error)
    return said


def _said_of_a_price(before: Money | None, now: Money) -> str:
    if before is None:
        return Sentence.of(
            "What makes up the price has changed; %(now)s is to be paid now.", now=now
        )
    if before == now:
        return Sentence.of(
            "What makes up the price has changed; %(now)s is to be paid as before.", now=now
        )
    return Sentence.of("The price was %(before)s then and is %(now)s now.", before=before, now=now)


def _said_of_a_buyer(error: DomainError) -> str | None:
    match error:
        case BuyerInvalid():
            said = Sentence.of(
                "Your %(field)s cannot stand on the invoice: %(reason)s.",
                field=error.field,
                reason=error.reason,
            )
        case UnknownState() if not error.code.strip():
            return "Choose your State or union territory."
        case UnknownState():
            said = Sentence.of("No State of India has the GST code %(code)s.", code=error.code)
        case BadGstin():
            said = Sentence.of("Not a usable GSTIN: %(reason)s.", reason=error.reason.words)
        case StateDisagrees():
            said = Sentence.of(
                "The GSTIN was issued in %(registered)s, and the billing State is %(declared)s.",
                registered=error.registered.name,
                declared=error.declared.name,
            )
        case _:
            return None
    return said


def _members(error: DomainError) -> dict[str, Any]:
    if faults := _faults_of(error):
        return field_errors(*faults)
    match error:
        case PaymentInProgress() | RetryRefused() | PriceChanged():
            return _members_of_another_payment(error)
        case DiscountRefused():
            return {"reason": error.reason.value} | field_errors(
                ("discount_code", DISCOUNT_WORDS[error.reason]), code=error.reason.value
            )
        case AmountOutOfLimits():
            return {
                "payable": error.payable.plain(),
                "minimum": error.minimum.plain(),
                "maximum": error.maximum.plain(),
            }
        case BuyerInvalid():
            return field_errors((f"billing.{error.field}", error.reason))
        case _:
            return _members_of_one_field(error)


def _faults_of(error: DomainError) -> Sequence[tuple[str, str]]:
    """Return all fields of what staff sent that *error* finds wrong, each with the reason."""
    match error:
        case CourseInvalid() | DiscountInvalid() | StaffInvalid() | ConfigurationInvalid():
            return error.faults
        case EndpointRefused() | ServerKeyRefused() | SilenceRefused():
            return error.faults
        case ClosingRefused():
            return [("why", error.fault)]
        case RangeRefused():
            return [("last", error.why)]
        case ReplayRefused():
            return [("until", str(error))]
        case _:
            return ()


def _members_of_another_payment(
    error: PaymentInProgress | RetryRefused | PriceChanged,
) -> dict[str, Any]:
    match error:
        case PaymentInProgress():
            return {
                "transaction_id": error.payment,
                "order_id": error.payment,
                "payment_url": error.payment_url,
                "expires_at": _instant(error.expires_at),
                "payable": error.payable.plain(),
                "differs": _differing(error),
            }
        case RetryRefused():
            return {"reason": error.reason.value, "transaction_id": error.payment}
        case _:
            before = None if error.before is None else error.before.plain()
            return {"payable_before": before, "payable_now": error.now.plain()}


def _differing(error: PaymentInProgress) -> Sequence[ChangedDetailAnswer]:
    return [
        ChangedDetailAnswer(
            field=PaymentDetailAnswer[each.detail.name], under_way=each.under_way, asked=each.asked
        )
        for each in error.differs
    ]


STATE_FAULTS: Final[Mapping[type[DomainError], str]] = MappingProxyType(
    {
        StateDisagrees: "it is not the State of the GSTIN",
        UnknownState: "no State has this code",
        NotSoldAbroad: "it is a place abroad",
    }
)


BUYER_FAULTS: Final[Mapping[type[DomainError], tuple[str, str]]] = MappingProxyType(
    {
        AddressRequired: ("billing.address", "it is needed for this sale"),
        OwnGstin: ("billing.gstin", "it is the seller's own"),
        SpecialZoneUnsupported: ("billing.special_economic_zone", "it cannot be billed here yet"),
    }
)


def _members_of_one_field(error: DomainError) -> dict[str, Any]:
    match error:
        case UnknownState() if not error.code.strip():
            return field_errors(
                ("billing.state_code", "choose your State or union territory"),
                code=FaultCode.MISSING,
            )
        case StateDisagrees() | UnknownState() | NotSoldAbroad():
            code = FaultCode.NOT_ALLOWED if isinstance(error, UnknownState) else FaultCode.INVALID
            return field_errors(("billing.state_code", STATE_FAULTS[type(error)]), code=code)
        case BadGstin():
            return {"reason": error.reason.value} | field_errors(
                ("billing.gstin", error.reason.words), code=error.reason.value
            )
        case AddressRequired() | OwnGstin() | SpecialZoneUnsupported():
            code = FaultCode.MISSING if isinstance(error, AddressRequired) else FaultCode.INVALID
            return field_errors(BUYER_FAULTS[type(error)], code=code)
        case CardNumberRefused():
            return errors(_card_fault(error))
        case _:
            return _members_of_a_code(error)


def _card_fault(error: CardNumberRefused) -> Fault:
    """Return the fault of the text in question: fields of other requests have the names of a buyer's."""
    said: Final = ("card_number", "it holds what looks like a card number")
    match error:
        case BuyerCardNumberRefused():
            return body_fault(("billing", error.field), *said)
        case SearchCardNumberRefused():
            return parameter_fault("q", *said)
        case _:
            return body_fault((error.field,), *said)


def _members_of_a_code(error: DomainError) -> dict[str, Any]:
    match error:
        case TotpWrong():
            return {"reason": "wrong"} | field_errors(
                ("otp", "it is wrong or too old"), code="wrong"
            )
        case TotpUsed():
            return {"reason": "used"} | field_errors(("otp", "it was used before"), code="used")
        case SettlementFileRefused():
            return {"reason": error.reason.value, "line": error.line_no}
        case JobRunning():
            return {"since": _instant(error.since)}
        case RefundDisputed():
            return {"dispute_id": error.dispute, "dispute_status": error.state.value}
        case _:
            return _members_of_a_refund(error)


def _members_of_a_refund(error: DomainError) -> dict[str, Any]:
    match error:
        case RefundTooLarge() | StaleAvailable():
            return {"available_amount": error.left.plain()}
        case RefundTooSmall():
            return {"minimum": error.least.plain()}
        case IdempotencyKeyMissing():
            fault = "one of the two is required"
            return errors(
                header_fault("Idempotency-Key", FaultCode.MISSING, fault),
                body_fault(("available_amount",), FaultCode.MISSING, fault),
            )
        case ReasonRefused():
            return field_errors(("reason", error.fault))
        case ResolutionUnlawful():
            return {
                "payment_status": error.state.value,
                "lawful": [each.value for each in error.lawful],
            }
        case _:
            return _members_of_a_discrepancy(error)


def _members_of_a_discrepancy(error: DomainError) -> dict[str, Any]:
    match error:
        case StaleDiscrepancy():
            return {"version": error.version}
        case IllegalDiscrepancyStep():
            return {"state": error.state.value}
        case ResolutionActionUnlawful():
            return {"lawful": [each.value for each in error.lawful]}
        case ResolutionFieldRefused():
            return field_errors((error.field, error.fault))
        case NoteRefused():
            return field_errors(("note", error.fault))
        case _:
            return {"at_most": error.at_most} if isinstance(error, TooManyDiscrepancies) else {}


def _headers(error: DomainError) -> dict[str, str]:
    match error:
        case IdempotencyKeyInUse() | TotpLocked() | TooManyRuns():
            wait = error.retry_after
        case GatewaySuspended():
            wait = error.retry_after
        case GatewayBusy():
            wait = error.retry_after or RETRY_GATEWAY
        case GatewayDenied() | GatewayRefused():
            return {}
        case GatewayFailure():
            wait = RETRY_GATEWAY
        case StorageUnavailable() | FilesUnavailable() | DocumentNotReady():
            wait = RETRY_STORAGE
        case _:
            return {}
    return {"Retry-After": str(max(1, ceil(wait.total_seconds())))}


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
