"""What endpoints of the platform are called with, for ``webhooks`` of the description (OpenAPI 3.1, 4.8.1)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    PathItem,
    Reference,
    RequestBody,
    Schema,
)

from domain.documents.tax_document import DocumentKind
from domain.payments.dispute_state import DisputeState
from domain.payments.failure_reason import FailureReason
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.webhook_event import ID_PREFIX, PayloadVersion

Properties = Mapping[str, Schema]


def _text(about: str, example: str, **more: Any) -> Schema:
    return Schema(type=OpenAPIType.STRING, description=about, examples=[example], **more)


def _one_of(about: str, words: type[StrEnum], example: str) -> Schema:
    return _text(about, example, enum=[each.value for each in words])


def _rupees(about: str, example: str = "849.50") -> Schema:
    return _text(f"{about}, in rupees", example, pattern=r"^[0-9]+\.[0-9]{2}$")


PAYMENT: Final = "SKABCDEFGH234567JKLM"
SEQUENCE: Final = Schema(
    type=OpenAPIType.INTEGER,
    minimum=1,
    description="Grows with each fact about the same subject: drop what is not newer than what you have",
    examples=[3],
)
OF_PAYMENT: Final[Properties] = {
    "transaction_id": _text("The payment", PAYMENT),
    "student_id": _text("The student, by the platform's own id", "asha"),
    "course_id": _text("The course", "algebra"),
    "status": _one_of("The state of the payment", State, "success"),
    "sequence": SEQUENCE,
}
REFERENCE: Final[Properties] = {
    "client_reference": _text(
        "What the platform called the purchase, where it told it", "order-4711"
    )
}
CURRENCY: Final = _text("ISO 4217", "INR", pattern="^[A-Z]{3}$")
SALE: Final[Properties] = {
    "amount": _rupees("What was charged, or would have been"),
    "currency": CURRENCY,
    "enrolled": Schema(
        type=OpenAPIType.BOOLEAN,
        description="False for a charge that opens no course: the student has it, and the money is refunded",
        examples=[True],
    ),
}
REASON: Final[Properties] = {
    "reason": _one_of("Why it failed or expired", FailureReason, "declined_by_bank")
}
REFUND: Final[Properties] = {
    "refund_id": _text("The refund", "RFABCDEFGH234567JKLM"),
    "refund_status": _one_of("The state of the refund", RefundState, "success"),
    "refund_amount": _rupees("What is given back", "100.00"),
    "currency": CURRENCY,
}
DISPUTE: Final[Properties] = {
    "dispute_id": _text("The dispute, by the bank's id", "D1"),
    "dispute_status": _one_of("The state of the dispute", DisputeState, "received"),
    "dispute_amount": _rupees("What is disputed"),
    "currency": CURRENCY,
    "respond_by": _text(
        "Until when evidence is accepted (UTC)",
        "2026-12-10T18:29:59Z",
        format=OpenAPIFormat.DATE_TIME,
    ),
}
DOCUMENT: Final[Properties] = {
    "transaction_id": OF_PAYMENT["transaction_id"],
    "kind": _one_of("What it is", DocumentKind, "tax_invoice"),
    "number": _text("Its number in its series", "INV/2627/0000001"),
    "date": _text("Its date in India", "2026-11-30", format=OpenAPIFormat.DATE),
    "total": _rupees("Its total, tax included"),
    "currency": CURRENCY,
    "sequence": SEQUENCE,
}
OF_A_REFUND: Final[Properties] = {"refund_id": REFUND["refund_id"]}
TEST: Final[Properties] = {
    "endpoint_id": _text("The endpoint that is tried", "WEABCDEFGH234567JKLM"),
    "sequence": SEQUENCE,
}
SUMMARIES: Final[Mapping[WebhookEventType, str]] = {
    WebhookEventType.PAYMENT_SUCCEEDED: "The bank charged the payment, or there was nothing to pay",
    WebhookEventType.PAYMENT_FAILED: "The payment was declined, cancelled or could not be begun",
    WebhookEventType.PAYMENT_EXPIRED: "Nobody paid in time",
    WebhookEventType.ENROLMENT_STARTED: "The course is open to the student",
    WebhookEventType.ENROLMENT_ENDED: "The course is closed, after a refund",
    WebhookEventType.REFUND_REQUESTED: "A refund is stored; it may wait for a second person",
    WebhookEventType.REFUND_APPROVED: "A second person approved the refund",
    WebhookEventType.REFUND_REJECTED: "A second person rejected the refund, or nobody decided in time",
    WebhookEventType.REFUND_WITHDRAWN: "Who requested the refund took it back",
    WebhookEventType.REFUND_PENDING: "The bank has the refund and has not paid it yet",
    WebhookEventType.REFUND_SUCCEEDED: "The student has the money",
    WebhookEventType.REFUND_FAILED: "The bank did not pay the refund",
    WebhookEventType.DOCUMENT_ISSUED: "An invoice or note has its number",
    WebhookEventType.DISPUTE_RECEIVED: "The payer's bank disputes the payment",
    WebhookEventType.DISPUTE_EVIDENCE_REQUIRED: "The bank asks for evidence",
    WebhookEventType.DISPUTE_UNDER_REVIEW: "The evidence is with the bank",
    WebhookEventType.DISPUTE_WITHDRAWN: "The payer gave the dispute up",
    WebhookEventType.DISPUTE_WON: "The dispute is won: the money stays",
    WebhookEventType.DISPUTE_LOST: "The dispute is lost: the payer has the money",
    WebhookEventType.ENDPOINT_TEST: "Somebody asked for it; it stands for nothing",
}


def described_webhooks() -> dict[str, PathItem | Reference]:
    """Return a description of each type of event, by its name."""
    return {
        kind.value: PathItem(post=_operation(kind, summary)) for kind, summary in SUMMARIES.items()
    }


def _operation(kind: WebhookEventType, summary: str) -> Operation:
    content = {"application/json": OpenAPIMediaType(schema=_message(kind))}
    return Operation(
        tags=["Webhooks"],
        summary=summary,
        description="Signed by Standard Webhooks. It may come twice, under one `webhook-id`, and in any order.",
        operation_id=kind.value.replace(".", "_"),
        parameters=[
            _header(
                "webhook-id", f"{ID_PREFIX}37jonthcrmwhr7rhuyliqeqyma", "The same in each attempt"
            ),
            _header("webhook-timestamp", "1795933800", "Seconds since 1970 (UTC), of this attempt"),
            _header(
                "webhook-signature",
                "v1,p1iXwZQgLLQ5W3svJWBZXof01uo7/I5qJKIcmObOv9o=",
                "One or more",
            ),
        ],
        request_body=RequestBody(content=content, required=True),
        responses={
            "2XX": OpenAPIResponse(description="It was taken: it does not come again"),
            "410": OpenAPIResponse(description="The endpoint is gone: it is called no more"),
            "default": OpenAPIResponse(description="It comes again, for three days"),
        },
    )


def _header(name: str, example: str, about: str) -> Parameter:
    schema = Schema(type=OpenAPIType.STRING, examples=[example])
    return Parameter(name=name, param_in="header", required=True, description=about, schema=schema)


def _message(kind: WebhookEventType) -> Schema:
    needed, besides = _data(kind)
    data = _object(needed, besides)
    parts: Properties = {
        "type": Schema(const=kind.value),
        "timestamp": _text(
            "When it happened (UTC)", "2026-11-30T06:30:00.000Z", format=OpenAPIFormat.DATE_TIME
        ),
        "version": _one_of(
            "What the endpoint was added with", PayloadVersion, PayloadVersion.FIRST.value
        ),
        "data": data,
    }
    message = _object(parts)
    message.examples = [
        {
            "type": kind.value,
            "timestamp": "2026-11-30T06:30:00.000Z",
            "version": PayloadVersion.FIRST.value,
            "data": {name: each.examples[0] for name, each in needed.items() if each.examples},
        }
    ]
    return message


def _object(needed: Properties, besides: Properties | None = None) -> Schema:
    # Members may be added to a version, so that others than these are no fault.
    return Schema(
        type=OpenAPIType.OBJECT,
        properties={**needed, **(besides or {})},
        required=list(needed),
    )


def _data(kind: WebhookEventType) -> tuple[Properties, Properties]:
    """Return what is always in the data of *kind*, and what may be."""
    match kind:
        case WebhookEventType.PAYMENT_FAILED | WebhookEventType.PAYMENT_EXPIRED:
            return {**OF_PAYMENT, **SALE, **REASON}, REFERENCE
        case WebhookEventType.PAYMENT_SUCCEEDED:
            return {**OF_PAYMENT, **SALE}, REFERENCE
        case WebhookEventType.ENROLMENT_STARTED | WebhookEventType.ENROLMENT_ENDED:
            return OF_PAYMENT, REFERENCE
        case WebhookEventType.DOCUMENT_ISSUED:
            return DOCUMENT, {**OF_A_REFUND, **REFERENCE}
        case WebhookEventType.ENDPOINT_TEST:
            return TEST, {}
    return {**OF_PAYMENT, **(REFUND if kind.value.startswith("refund.") else DISPUTE)}, REFERENCE
