"""Verify the signature of the bank's callback (SmartGateway's documentation of the return)."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote, quote_plus, unquote

from ports.payments.gateway_messages import ForgedMessage, MalformedMessage

ALGORITHM: Final = "HMAC-SHA256"
SIGNATURE: Final = "signature"
SIGNATURE_ALGORITHM: Final = "signature_algorithm"
SIGNATURE_LENGTH: Final = 44
ENCODINGS_MAX: Final = 2
FIELDS_MAX: Final = 40
FIELD_LENGTH_MAX: Final = 2000

Encoder = Callable[[str], str]


def rfc3986(text: str) -> str:
    return quote(text, safe="")


def java(text: str) -> str:
    """Encode as Java's ``URLEncoder`` does, which the bank's own sample code uses."""
    return quote_plus(text, safe="*").replace("~", "%7E")


# Variants without the inner encoding are left out on purpose: with them ``&`` and ``=`` in a value would read as
# further fields.
ENCODERS: Final[tuple[Encoder, ...]] = (rfc3986, java)


def check_signature(fields: Sequence[tuple[str, str]], *keys: str) -> Mapping[str, str]:
    """
    Return the signed *fields* by name, without ``signature`` and ``signature_algorithm``.

    Raises ``MalformedMessage`` when a name repeats, or the fields are too many, too long or not text. Raises
    ``ForgedMessage`` when none of *keys* signed exactly these fields.
    """
    named = _by_name(fields)
    if named.pop(SIGNATURE_ALGORITHM, None) != ALGORITHM:
        raise ForgedMessage("signature_algorithm is missing or not HMAC-SHA256")
    given = _decoded(named.pop(SIGNATURE, ""))
    if len(given) != SIGNATURE_LENGTH:
        raise ForgedMessage("signature is missing or not the length of one")
    expected = [sign(named.items(), key, encode) for key in keys for encode in ENCODERS]
    # Every variant is compared, so that the time taken does not tell which one matched.
    matching = [hmac.compare_digest(given.encode(), each.encode()) for each in expected]
    if not any(matching):
        raise ForgedMessage("signature does not fit the fields")
    return named


def sign(fields: Iterable[tuple[str, str]], key: str, encode: Encoder = rfc3986) -> str:
    """Return the signature in base64 of *fields*, given decoded and in any order."""
    pairs = sorted((encode(name), encode(value)) for name, value in fields)
    message = encode("&".join(f"{name}={value}" for name, value in pairs))
    return base64.b64encode(
        hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()
    ).decode()


def _by_name(fields: Sequence[tuple[str, str]]) -> dict[str, str]:
    if len(fields) > FIELDS_MAX:
        raise MalformedMessage("too many fields")
    named: dict[str, str] = {}
    for name, value in fields:
        if max(len(name), len(value)) > FIELD_LENGTH_MAX or not _is_text(name + value):
            raise MalformedMessage("a field is too long or no text")
        if name in named:
            raise MalformedMessage("a field is repeated")
        named[name] = value
    return named


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _decoded(signature: str) -> str:
    # The gateway encodes once or twice and the framework has decoded once; base64 has no ``%``. A ``+`` that was not
    # encoded arrives as a space.
    for _ in range(ENCODINGS_MAX):
        if "%" in signature:
            signature = unquote(signature)
    return signature.replace(" ", "+")
