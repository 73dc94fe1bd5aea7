"""One fact as the platform is told it: its stable id, and its body in each version of the payload."""

import json
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from domain.identifiers import PaymentId
from domain.webhooks.event_type import WebhookEventType

ID_PREFIX: Final = "evt_"
ID_CHARS: Final = 26
"""Out of a hash: 130 bits tell facts apart. The id has no full stop, which separates the parts that are signed."""

Fact = str | int | bool


class PayloadVersion(StrEnum):
    """An endpoint keeps the version that it was added with; a later one never changes what an older says."""

    FIRST = "2026-11-30"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """
    *subject* is what it is about: the payment's id, or that of a refund, of a dispute or the count of a document.

    Of two events about one subject the newer has the greater *sequence*. *at* is the instant of the
    fact (UTC). *data* holds ids, states and amounts (rupees), and no name, address or number of a person.
    """

    type: WebhookEventType
    payment: PaymentId
    subject: str
    sequence: int
    at: datetime
    data: Mapping[str, Fact]

    @property
    def id(self) -> str:
        """The same for the same fact, whoever writes it and however often it is sent."""
        fact = (self.type.value, self.payment, self.subject, str(self.sequence))
        digest = sha256("\x1f".join(fact).encode()).digest()
        return ID_PREFIX + b32encode(digest).decode()[:ID_CHARS].lower()

    def body(self, version: PayloadVersion) -> bytes:
        """
        Return the JSON that is signed and sent: the same bytes each time.

        Its members follow standardwebhooks.com, specification, "Payload structure".
        """
        told = {
            "type": self.type.value,
            "timestamp": _instant(self.at),
            "version": version.value,
            "data": {**self.data, "sequence": self.sequence},
        }
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
