"""Read the bank's callbacks and webhooks: first the sender is verified, and the content is a hint at most."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from adapters.hdfc.formats.json_text import NotJson, read_json
from adapters.hdfc.formats.message_fields import fault_in, part
from adapters.hdfc.inbound.callback_signature import check_signature
from adapters.hdfc.inbound.webhook_event import WebhookEvent, WebhookSubject
from adapters.hdfc.inbound.webhook_signature import BodySignature
from adapters.hdfc.sanitise import NAME_LENGTH_MAX, WORD_LENGTH_MAX, clean, plain_number
from adapters.hdfc.settings import HdfcSettings
from domain.identifiers import PaymentId, is_payment_id
from domain.text.opaque_id import is_opaque_id
from ports.payments.gateway_messages import (
    ForgedMessage,
    GatewayEvent,
    MalformedMessage,
    ReturnClaim,
)

CREDENTIALS_MAX: Final = 3
"""Those in effect, and the two that an operator may have set before."""
HEADER_LENGTH_MAX: Final = 1000
EVENT_BYTES_MAX: Final = 1024 * 1024
EVENT_ID_LENGTH_MAX: Final = 100
SUBJECTS: Final = ("order", "txn", "chargeback")
ONLY_SALE: Final = frozenset(
    {
        *("TXN_CREATED", "TXN_CHARGED", "TXN_FAILED"),
        *("ORDER_CREATED", "ORDER_SUCCEEDED", "ORDER_FAILED"),
    }
)
"""Events about charging alone (SmartGateway's webhook documentation): they add nothing once the order is paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookCredentials:
    """A user name and password that the bank sends with each event (SmartGateway's webhook documentation)."""

    user: str = field(repr=False)
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.user or not self.password or ":" in self.user:
            raise ValueError("a webhook needs a user name without a colon, and a password")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretHeader:
    """One more header that the bank sends with each event."""

    name: str
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.name or not self.value or self.name.lower() == "authorization":
            raise ValueError("a secret header has a name of its own, and a value")


@dataclass(frozen=True, slots=True, kw_only=True)
class HdfcMessages:
    """
    *credentials* are all valid at once: several during a rotation, and so are *old_response_keys*.

    They and the secret header are one proof, the signature of the body is another. All agreed proofs are
    needed, or one of them with *any_proof*.
    """

    settings: HdfcSettings
    credentials: tuple[WebhookCredentials, ...]
    secret_header: SecretHeader | None = None
    body_signature: BodySignature | None = None
    any_proof: bool = False
    old_response_keys: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.credentials) <= CREDENTIALS_MAX:
            raise ValueError("one pair of webhook credentials is valid, or a few during a rotation")

    def read_return(self, fields: Sequence[tuple[str, str]]) -> ReturnClaim:
        named = check_signature(fields, self.settings.response_key, *self.old_response_keys)
        for name in ("order_id", "status", "status_id"):
            if not named.get(name):
                raise MalformedMessage(f"{name} is missing")
        if not is_payment_id(named["order_id"]):
            raise MalformedMessage("order_id is not one of ours")
        return ReturnClaim(
            payment=PaymentId(named["order_id"]),
            status=clean(named["status"], WORD_LENGTH_MAX),
            status_id=plain_number(named["status_id"]),
        )

    def check_sender(self, headers: Mapping[str, str]) -> None:
        agreed = self.body_signature
        wrong = [self._credentials(headers)]
        if agreed is not None:
            unsigned = not headers.get(agreed.header.lower())
            wrong.append("webhook body signature is missing or wrong" if unsigned else "")
        if all(wrong) or (any(wrong) and not self.any_proof):
            raise ForgedMessage(" and ".join(filter(None, wrong)))

    def read_event(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        self._check_sender(headers, body)
        if len(body) > EVENT_BYTES_MAX:
            raise MalformedMessage("body is too large")
        try:
            event = msgspec.convert(read_json(body), WebhookEvent)
        except NotJson as error:
            raise MalformedMessage(f"body is {error}") from error
        except msgspec.ValidationError as error:
            raise MalformedMessage(f"body is no event: {fault_in(error)}") from error
        subject = _subject(event.content)
        return GatewayEvent(
            id=_visible(event.id, "id"),
            name=clean(event.event_name, NAME_LENGTH_MAX),
            order=_visible(subject.order_id, "order_id") if subject.order_id else "",
            status=clean(subject.status, WORD_LENGTH_MAX),
            status_id=plain_number(subject.status_id),
            body_sha256=hashlib.sha256(body).hexdigest(),
            only_sale=event.event_name in ONLY_SALE,
        )

    def _check_sender(self, headers: Mapping[str, str], body: bytes) -> None:
        wrong = [
            each for each in (self._credentials(headers), self._signature(headers, body)) if each
        ]
        agreed = 1 if self.body_signature is None else 2
        if len(wrong) == agreed or (wrong and not self.any_proof):
            raise ForgedMessage(" and ".join(wrong))

    def _credentials(self, headers: Mapping[str, str]) -> str:
        """Return what is wrong with the credentials and their secret header, or nothing."""
        given = _basic(headers.get("authorization", ""))
        # Every pair is compared, so that the time taken does not tell which one is valid.
        known = [_same(given, f"{each.user}:{each.password}".encode()) for each in self.credentials]
        confirmed = True
        if (secret := self.secret_header) is not None:
            sent = headers.get(secret.name.lower(), "")
            confirmed = _same(sent.encode(errors="replace"), secret.value.encode())
        if not any(known):
            return "webhook credentials are missing or wrong"
        return "" if confirmed else "webhook secret header is missing or wrong"

    def _signature(self, headers: Mapping[str, str], body: bytes) -> str:
        """Return what is wrong with the body's signature, or nothing; nothing when none was agreed."""
        agreed = self.body_signature
        if agreed is None or agreed.verifies(headers.get(agreed.header.lower(), ""), body):
            return ""
        return "webhook body signature is missing or wrong"


def _subject(content: Mapping[str, object]) -> WebhookSubject:
    """Return the order that the event is about; events about mandates and notifications have none."""
    for key in SUBJECTS:
        if isinstance(content.get(key), dict):
            return part(content[key], WebhookSubject)
    return WebhookSubject()


def _visible(text: object, name: str) -> str:
    if isinstance(text, str) and is_opaque_id(text, EVENT_ID_LENGTH_MAX):
        return text
    raise MalformedMessage(f"{name} is missing, too long or not printable")


def _basic(header: str) -> bytes:
    scheme, _, token = header[:HEADER_LENGTH_MAX].partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(token.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _same(given: bytes, expected: bytes) -> bool:
    # Digests are compared, so that the time taken does not tell the length either.
    return hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(expected).digest())
