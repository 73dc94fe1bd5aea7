"""What the bank says of an order's refunds, in our words (protocol page, 4.3 and 4.4)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from adapters.hdfc.outbound.amounts import amount_of
from adapters.hdfc.sanitise import NAME_LENGTH_MAX, WORD_LENGTH_MAX, clean, identifier, reference
from adapters.hdfc.timestamps import instant
from adapters.hdfc.wire import RefundEntry, part
from domain.identifiers import RefundId
from domain.payments.order_facts import RefundFacts, RefundVerdict

REFUND_ID_LENGTH_MAX: Final = 40
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
TELLING: Final = frozenset({RefundVerdict.FAILED, RefundVerdict.IN_REVIEW})


def refunds_of(told: object) -> tuple[RefundFacts, ...]:
    """Return what *told*, the ``refunds`` of an order, says; no refunds are no key, or an empty one."""
    if told is None:
        return ()
    try:
        entries = msgspec.convert(told, list[object])
    except msgspec.ValidationError:
        # Something stands where refunds belong: that has to come to somebody's notice.
        entries = [told]
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
        # The bank gives a paid refund an error code too (``00``).
        error=(code or clean(entry.error_message, NAME_LENGTH_MAX)) if verdict in TELLING else "",
        initiated_by=initiated_by,
        automatic=initiated_by == AUTOMATIC,
        asked_at=instant(entry.created),
    )


def _refund_id(text: object) -> RefundId:
    """Return the id, or an empty one for what is none: half an id would be somebody else's."""
    known = identifier(text)
    return RefundId(known if len(known) <= REFUND_ID_LENGTH_MAX else "")
