"""Translate the disputes of an order, which the bank calls chargebacks, into domain facts."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from adapters.hdfc.formats.message_fields import part
from adapters.hdfc.outbound.amounts import amount_of
from adapters.hdfc.outbound.wire import ChargebackEntry
from adapters.hdfc.sanitise import WORD_LENGTH_MAX, clean, reference
from adapters.hdfc.timestamps import instant
from domain.payments.dispute import DISPUTE_REASON_MAX
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DisputeState

DISPUTES_READ_MAX: Final = 25
EVENT_PREFIX: Final = "CHARGEBACK_"

DISPUTE_STATUSES: Final[Mapping[str, DisputeState]] = MappingProxyType(
    {
        "RECEIVED": DisputeState.RECEIVED,
        "EVIDENCE_REQUIRED": DisputeState.EVIDENCE_REQUIRED,
        "UNDER_REVIEW": DisputeState.UNDER_REVIEW,
        "RESOLVED_IN_MERCHANT_FAVOUR": DisputeState.WON,
        "RESOLVED_IN_CUSTOMER_FAVOUR": DisputeState.LOST,
        "EXPIRED": DisputeState.LOST,
        "CANCELED": DisputeState.WITHDRAWN,
        "ALREADY_REFUNDED": DisputeState.WITHDRAWN,
    }
)
"""The words behind ``CHARGEBACK_`` in the names of the gateway vendor's webhooks; HDFC documents no others."""


def disputes_of(listed: object) -> tuple[DisputeFacts, ...]:
    """Return the facts in *listed*, the ``chargebacks`` of an order, which may be missing or empty."""
    if listed is None:
        return ()
    try:
        entries = msgspec.convert(listed, list[object])
    except msgspec.ValidationError:
        # This is no list of disputes: it counts as one unclear dispute, so that a person looks at it.
        entries = [listed]
    return tuple(_facts(part(entry, ChargebackEntry)) for entry in entries[:DISPUTES_READ_MAX])


def _facts(entry: ChargebackEntry) -> DisputeFacts:
    word = clean(entry.dispute_status or entry.status, WORD_LENGTH_MAX)
    return DisputeFacts(
        id=reference(entry.id),
        amount=amount_of(entry.amount),
        state=DISPUTE_STATUSES.get(word.removeprefix(EVENT_PREFIX)),
        word=word,
        reason=clean(entry.reason, DISPUTE_REASON_MAX),
        opened_at=instant(entry.date_created),
        respond_by=instant(entry.due_date),
    )
