"""
Sign, then seal; open, then verify: a JWS (RS256) inside a JWE (RSA-OAEP-256, A256GCM), as two JSON objects.

Protocol page, 1.5. Which algorithms are used is settled here and never by what a message says of itself, and a
key id is only looked up: it picks the one pair of keys that was agreed, or none.
"""

import base64
import binascii
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)
from jwt.api_jws import PyJWS
from jwt.exceptions import InvalidTokenError

from adapters.hdfc.formats.json_text import NotJson, read_json
from adapters.hdfc.outbound.request_auth import NotSealed

KEY_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,128}")
KEY_BITS_MIN: Final = 2048
CONTENT_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
SIGNED_BY: Final = "RS256"
SEALED_BY: Final = "RSA-OAEP-256"
ENCRYPTED_BY: Final = "A256GCM"
ENVELOPE: Final = ("header", "encryptedKey", "iv", "encryptedPayload", "tag")
SIGNED: Final = ("header", "payload", "signature")

_TEXT: Final = re.compile(r"[A-Za-z0-9_-]*")
# Whoever sets one of these wants the message read otherwise than was agreed.
_CHANGES_MEANING: Final = frozenset({"crit", "zip", "b64"})
_jws: Final = PyJWS(algorithms=[SIGNED_BY])


class NotAKey(ValueError):
    """A file holds no key that this mode can use; the message says what it should hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JweKeys:
    """
    Our half and the bank's: *private_key* signs what we ask and opens what we are told, *bank_key* the reverse.

    One *key_id* names the pair in both layers.
    """

    key_id: str
    private_key: RSAPrivateKey = field(repr=False)
    bank_key: RSAPublicKey = field(repr=False)

    def __post_init__(self) -> None:
        if not KEY_ID.fullmatch(self.key_id):
            raise NotAKey("a key id is up to 128 letters, digits, dots, hyphens and underscores")


def private_key_in(pem: bytes) -> RSAPrivateKey:
    """Return our key, or raise ``NotAKey``."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise NotAKey("an unencrypted RSA private key in PEM form") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < KEY_BITS_MIN:
        raise NotAKey(f"an RSA private key of at least {KEY_BITS_MIN} bits")
    return key


def public_key_in(pem: bytes) -> RSAPublicKey:
    """Return the bank's key, or raise ``NotAKey``."""
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        raise NotAKey("an RSA public key in PEM form") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < KEY_BITS_MIN:
        raise NotAKey(f"an RSA public key of at least {KEY_BITS_MIN} bits")
    return key


def sealed(payload: bytes, keys: JweKeys) -> dict[str, str]:
    """Return *payload* signed by us and readable for the bank alone."""
    headers = {"kid": keys.key_id, "typ": None}
    token = _jws.encode(payload, keys.private_key, algorithm=SIGNED_BY, headers=headers)
    signed = dict(zip(SIGNED, token.split("."), strict=True))
    header = _encoded(
        _compact({"alg": SEALED_BY, "enc": ENCRYPTED_BY, "cty": "JWT", "kid": keys.key_id})
    )
    content_key, nonce = (
        AESGCM.generate_key(CONTENT_KEY_BYTES * 8),
        secrets.token_bytes(NONCE_BYTES),
    )
    locked = AESGCM(content_key).encrypt(nonce, _compact(signed), header.encode())
    return {
        "header": header,
        "encryptedKey": _encoded(keys.bank_key.encrypt(content_key, _oaep())),
        "iv": _encoded(nonce),
        "encryptedPayload": _encoded(locked[:-TAG_BYTES]),
        "tag": _encoded(locked[-TAG_BYTES:]),
    }


def opened(envelope: Mapping[str, object], keys: JweKeys) -> bytes:
    """Return what the bank signed for us, or raise ``NotSealed``: nothing is read before it is proven."""
    header, *rest = _texts(envelope, ENVELOPE)
    _check_header(_decoded(header), keys, alg=SEALED_BY, enc=ENCRYPTED_BY)
    key_part, nonce, locked, tag = map(_decoded, rest)
    if len(nonce) != NONCE_BYTES or len(tag) != TAG_BYTES:
        raise NotSealed("sealed with parts of other lengths than agreed")
    content_key = _content_key(key_part, keys.private_key)
    try:
        signed = AESGCM(content_key).decrypt(nonce, locked + tag, header.encode())
    except InvalidTag:
        raise NotSealed("sealed, and was tampered with") from None
    return _verified(signed, keys)


def _verified(signed: bytes, keys: JweKeys) -> bytes:
    header, payload, signature = _texts(_object(signed), SIGNED)
    _check_header(_decoded(header), keys, alg=SIGNED_BY)
    try:
        proven = _jws.decode(
            f"{header}.{payload}.{signature}", keys.bank_key, algorithms=[SIGNED_BY]
        )
    except InvalidTokenError:
        raise NotSealed("not signed by the bank") from None
    if not isinstance(proven, bytes):
        raise NotSealed("signed around something that is no text")
    return proven


def _content_key(key_part: bytes, private_key: RSAPrivateKey) -> bytes:
    try:
        content_key = private_key.decrypt(key_part, _oaep())
    except ValueError:
        raise NotSealed("not sealed for our key") from None
    if len(content_key) != CONTENT_KEY_BYTES:
        raise NotSealed("sealed with a key of another length than agreed")
    return content_key


def _check_header(header: bytes, keys: JweKeys, **pinned: str) -> None:
    says = _object(header)
    if any(says.get(name) != algorithm for name, algorithm in pinned.items()):
        raise NotSealed("sealed or signed by other algorithms than agreed")
    if _CHANGES_MEANING & set(says):
        raise NotSealed("to be read otherwise than agreed")
    if says.get("kid") != keys.key_id:
        raise NotSealed("under another key id than ours")


def _texts(value: Mapping[str, object], names: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(value.get(name) for name in names)
    if not all(isinstance(text, str) and _TEXT.fullmatch(text) for text in found):
        raise NotSealed("not sealed and signed")
    return tuple(str(text) for text in found)


def _object(text: bytes) -> Mapping[str, object]:
    try:
        value = read_json(text)
    except NotJson:
        raise NotSealed("sealed around something that is no JSON") from None
    if not isinstance(value, dict):
        raise NotSealed("sealed around something that is no object")
    return value


def _oaep() -> OAEP:
    return OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None)


def _compact(value: Mapping[str, str]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise NotSealed("not written as agreed") from None
