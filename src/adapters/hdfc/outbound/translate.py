"""Translate the bank's answer about an order into domain facts; an unknown status is never a sale."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from adapters.hdfc.formats.message_fields import part
from adapters.hdfc.formats.numbers import whole_number
from adapters.hdfc.outbound.adjustment_facts import adjustment_of
from adapters.hdfc.outbound.amounts import amount_of
from adapters.hdfc.outbound.dispute_facts import disputes_of
from adapters.hdfc.outbound.refund_facts import refunds_of
from adapters.hdfc.outbound.wire import Card, OrderAnswer, PaymentGatewayResponse, TxnDetail
from adapters.hdfc.sanitise import NAME_LENGTH_MAX, WORD_LENGTH_MAX, clean, reference
from adapters.hdfc.timestamps import instant
from domain.identifiers import PaymentId
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import Instrument, OrderFacts, ReviewReason, Verdict
from domain.text.card_number import CardTail


@dataclass(frozen=True, slots=True)
class Meaning:
    verdict: Verdict
    failure: FailureReason | None = None
    review_reason: ReviewReason | None = None


_IN_PROGRESS: Final = Meaning(Verdict.IN_PROGRESS)
_NOT_ATTEMPTED: Final = Meaning(Verdict.NOT_ATTEMPTED)
_VOIDED: Final = Meaning(Verdict.UNCLEAR, review_reason=ReviewReason.VOIDED)
UNKNOWN: Final = Meaning(Verdict.UNCLEAR, review_reason=ReviewReason.UNKNOWN_STATUS)

STATUSES: Final[Mapping[tuple[str, int], Meaning]] = MappingProxyType(
    {
        ("CREATED", 1): _NOT_ATTEMPTED,
        ("NEW", 10): _NOT_ATTEMPTED,
        ("STARTED", 20): _IN_PROGRESS,
        ("CHARGED", 21): Meaning(Verdict.CHARGED),
        ("JUSPAY_DECLINED", 22): Meaning(Verdict.DECLINED, FailureReason.DECLINED_BY_GATEWAY),
        ("PENDING_VBV", 23): _IN_PROGRESS,
        ("VBV_SUCCESSFUL", 24): _IN_PROGRESS,
        ("AUTHORIZED", 25): Meaning(Verdict.UNCLEAR, review_reason=ReviewReason.AUTHORISED_ONLY),
        ("AUTHENTICATION_FAILED", 26): Meaning(
            Verdict.DECLINED, FailureReason.AUTHENTICATION_FAILED
        ),
        ("AUTHORIZATION_FAILED", 27): Meaning(Verdict.DECLINED, FailureReason.DECLINED_BY_BANK),
        ("AUTHORIZING", 28): _IN_PROGRESS,
        ("VOIDED", 31): _VOIDED,
        ("VOID_INITIATED", 32): _VOIDED,
        ("CAPTURE_INITIATED", 33): Meaning(
            Verdict.UNCLEAR, review_reason=ReviewReason.CAPTURE_PENDING
        ),
        ("AUTO_REFUNDED", 36): Meaning(Verdict.UNCLEAR, review_reason=ReviewReason.AUTO_REFUNDED),
        ("PARTIAL_CHARGED", 37): Meaning(
            Verdict.UNCLEAR, review_reason=ReviewReason.PARTLY_CHARGED
        ),
        ("NOT_FOUND", 40): Meaning(Verdict.UNKNOWN_ORDER),
    }
)
"""From SmartGateway's order-status API: a status word counts only together with its own number."""

BANK_CODES: Final[Mapping[str, FailureReason]] = MappingProxyType(
    {
        "03": FailureReason.INSUFFICIENT_FUNDS,  # the bank's test gateway: "Not sufficient funds"
        "51": FailureReason.INSUFFICIENT_FUNDS,  # ISO 8583
    }
)
"""Codes of the payer's bank that are more precise than the order's status."""


def facts_of(answer: OrderAnswer, payment: PaymentId) -> OrderFacts:
    """Return what *answer* proves about *payment*; an inexact amount proves nothing."""
    word, word_id = clean(answer.status, WORD_LENGTH_MAX), whole_number(answer.status_id)
    amount = amount_of(answer.amount)
    meaning = meaning_of(answer.status, word_id) if amount else UNKNOWN
    response = part(answer.payment_gateway_response, PaymentGatewayResponse)
    detail = part(answer.txn_detail, TxnDetail)
    return OrderFacts(
        payment=payment,
        verdict=meaning.verdict,
        amount=amount,
        currency=clean(answer.currency, WORD_LENGTH_MAX),
        word=word,
        word_id=word_id,
        failure=_failure(meaning, answer, response, detail),
        review_reason=meaning.review_reason,
        bank_txn_id=reference(answer.txn_id) or reference(detail.txn_id),
        bank_reference=reference(response.rrn),
        instrument=_instrument(answer),
        charged_at=instant(response.created) or instant(detail.created)
        if meaning.verdict is Verdict.CHARGED
        else None,
        adjustment=adjustment_of(answer, detail),
        refunds=refunds_of(answer.refunds),
        disputes=disputes_of(answer.chargebacks),
    )


def meaning_of(word: str, word_id: int | None) -> Meaning:
    """Return the meaning of a status; an unknown word, or one with another number, is unclear."""
    return UNKNOWN if word_id is None else STATUSES.get((word, word_id), UNKNOWN)


def _failure(
    meaning: Meaning, answer: OrderAnswer, response: PaymentGatewayResponse, detail: TxnDetail
) -> FailureReason | None:
    if meaning.failure is None:
        return None
    for code in (answer.bank_error_code, detail.error_code, response.resp_code):
        if isinstance(code, str) and code in BANK_CODES:
            return BANK_CODES[code]
    return meaning.failure


def _instrument(answer: OrderAnswer) -> Instrument:
    card = part(answer.card, Card)
    return Instrument(
        method=reference(answer.payment_method_type)[:WORD_LENGTH_MAX],
        card_tail=_tail(card.last_four_digits),
        card_brand=reference(card.card_brand)[:WORD_LENGTH_MAX],
        card_issuer=clean(card.card_issuer, NAME_LENGTH_MAX),
    )


def _tail(digits: object) -> CardTail | None:
    try:
        return CardTail(digits) if isinstance(digits, str) else None
    except ValueError:
        return None
