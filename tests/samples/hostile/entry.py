"""One hostile message by name, byte for byte as it is sent, and the answers that are fit for it."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlencode

from domain.identifiers import PaymentId

CALLBACK: Final = "/api/payment/callback"
WEBHOOK: Final = "/api/payment/webhook"
FORM: Final = b"application/x-www-form-urlencoded"
JSON: Final = b"application/json"

UNPAID: Final = PaymentId("SKUNPAIDUNPAIDUNPAID")
"""An order of ours that nobody has paid, whatever a message says."""

SOLD: Final = PaymentId("SKSOLDSOLDSOLDSOLD22")
"""An order of ours that was paid, and whose course is open."""

NOBODYS: Final = PaymentId("SKNOBODYKNOWSTHIS222")

KEY: Final = "made-up-response-key"
USER: Final = "hook"
PASSWORD: Final = "made-up-pässword:with-a-colon"
CARD: Final = "4012000000001097"
CARDS: Final = (CARD, "5204730541000464", "378282246310005", "6521111111111110")

FORGED: Final = frozenset({401})
MALFORMED: Final = frozenset({400})
REFUSED: Final = frozenset({400, 401})
LED_ON: Final = frozenset({303})
KEPT: Final = frozenset({200})

Fields = Sequence[tuple[str, str]]
Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    *name* says where it goes and what is wrong with it; *answers* are the statuses it may have. When
    *broken_off*, the sender goes away after the body's first half.
    """

    name: str
    method: str
    path: str
    answers: frozenset[int]
    query: bytes = b""
    headers: Headers = ()
    body: bytes = b""
    broken_off: bool = False


def claim(order: str = UNPAID, status: str = "CHARGED", status_id: str = "21") -> Fields:
    """Return the fields of a return, not signed yet."""
    return [("order_id", order), ("status", status), ("status_id", status_id)]


def message(fields: Fields) -> str:
    """Return what the bank signs, by a code of our own (SmartGateway's documentation of the return)."""
    pairs = sorted((quote(name, safe=""), quote(value, safe="")) for name, value in fields)
    return quote("&".join(f"{name}={value}" for name, value in pairs), safe="")


def sign(text: str, *, key: str = KEY, digest: str = "sha256") -> str:
    """Return the HMAC of *text* in base64."""
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), digest)).decode()


def signed(fields: Fields, *, key: str = KEY) -> Fields:
    return with_signature(fields, sign(message(fields), key=key))


def with_signature(
    fields: Fields, signature: str | None, algorithm: str | None = "HMAC-SHA256"
) -> Fields:
    """Return *fields* with these two beside them; None leaves one out."""
    more = (("signature", signature), ("signature_algorithm", algorithm))
    return [*fields, *((name, value) for name, value in more if value is not None)]


def encoded(fields: Fields) -> bytes:
    return urlencode(list(fields)).encode()


def plain_digest(text: str, digest: str = "sha256") -> str:
    return base64.b64encode(hashlib.new(digest, text.encode()).digest()).decode()


def basic(user: str = USER, password: str = PASSWORD, encoding: str = "utf-8") -> bytes:
    return b"Basic " + base64.b64encode(f"{user}:{password}".encode(encoding))


def by_the_bank(*more: tuple[bytes, bytes]) -> Headers:
    """Return headers with the bank's own credentials."""
    return ((b"authorization", basic()), (b"content-type", JSON), *more)


def named(entries: Iterable[Entry], prefix: str) -> list[Entry]:
    """Return *entries* with *prefix* before their names."""
    return [replace(each, name=f"{prefix}/{each.name}") for each in entries]
