"""Translate the refunds of an order into domain facts (SmartGateway's refund API)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from adapters.hdfc.formats.message_fields import part
from adapters.hdfc.outbound.amounts import amount_of
from adapters.hdfc.outbound.wire import RefundEntry
from adapters.hdfc.sanitise import NAME_LENGTH_MAX, WORD_LENGTH_MAX, clean, identifier, reference
from adapters.hdfc.timestamps import instant
from domain.identifiers import RefundId
from domain.payments.order_facts import REFUND_ID_MAX, RefundFacts, RefundVerdict

REFUNDS_READ_MAX: Final = 100
AUTOMATIC: Final = "AUTO_REFUNDED"

REFUND_STATUSES: Final[Mapping[str, RefundVerdict]] = MappingProxyType(
    {
        "PENDING": RefundVerdict.PENDING,
        "SUCCESS": RefundVerdict.PAID,
        "FAILURE": RefundVerdict.FAILED,
        "MANUAL_REVIEW": RefundVerdict.IN_REVIEW,
    }
)
WITH_ERROR: Final = frozenset({RefundVerdict.FAILED, RefundVerdict.IN_REVIEW})


def refunds_of(listed: object) -> tuple[RefundFacts, ...]:
    """Return the facts in *listed*, the ``refunds`` of an order, which may be missing or empty."""
    if listed is None:
        return ()
    try:
        entries = msgspec.convert(listed, list[object])
    except msgspec.ValidationError:
        # This is no list of refunds: it counts as one unclear refund, so that a person looks at it.
        entries = [listed]
    return tuple(_facts(part(entry, RefundEntry)) for entry in entries[:REFUNDS_READ_MAX])


def _facts(entry: RefundEntry) -> RefundFacts:
    verdict = REFUND_STATUSES.get(str(entry.status), RefundVerdict.UNCLEAR)
    initiated_by = clean(entry.initiated_by, NAME_LENGTH_MAX)
    code = reference(entry.error_code)
    return RefundFacts(
        id=_refund_id(entry.unique_request_id),
        amount=amount_of(entry.amount),
        verdict=verdict,
        word=clean(entry.status, WORD_LENGTH_MAX),
        reference=reference(entry.ref),
        arn=reference(entry.arn),
        # A paid refund has an error code too (``00``).
        error=(code or clean(entry.error_message, NAME_LENGTH_MAX))
        if verdict in WITH_ERROR
        else "",
        initiated_by=initiated_by,
        automatic=initiated_by == AUTOMATIC,
        asked_at=instant(entry.created),
    )


def _refund_id(text: object) -> RefundId:
    """Return the id, or an empty one when it is too long: a cut id could be another refund's."""
    known = identifier(text)
    return RefundId(known if len(known) <= REFUND_ID_MAX else "")
