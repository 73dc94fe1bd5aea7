"""
Sign and encrypt, decrypt and verify: a JWS (RS256) inside a JWE (RSA-OAEP-256, A256GCM), as two JSON objects.

As SmartGateway's JWT documentation says. The algorithms are fixed here: a message never chooses its own. A key id
only has to match the one pair of keys that was agreed with the bank.
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
from cryptography.x509 import load_pem_x509_certificate
from jwt.api_jws import PyJWS
from jwt.exceptions import InvalidTokenError

from adapters.hdfc.auth.request_auth import NotAuthentic
from adapters.hdfc.formats.json_text import NotJson, read_json

KEY_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,128}")
KEY_BITS_MIN: Final = 2048
CERTIFICATE: Final = b"-----BEGIN CERTIFICATE-----"
CONTENT_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
SIGNATURE_ALGORITHM: Final = "RS256"
KEY_ENCRYPTION: Final = "RSA-OAEP-256"
CONTENT_ENCRYPTION: Final = "A256GCM"
JWE_FIELDS: Final = ("header", "encryptedKey", "iv", "encryptedPayload", "tag")
JWS_FIELDS: Final = ("header", "payload", "signature")

_TEXT: Final = re.compile(r"[A-Za-z0-9_-]*")
# Header parameters that change how the rest is read; none of them was agreed.
_CHANGES_MEANING: Final = frozenset({"crit", "zip", "b64"})
_jws: Final = PyJWS(algorithms=[SIGNATURE_ALGORITHM])


class NotAKey(ValueError):
    """A file holds no key for JWT mode; the message says what it should hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JweKeys:
    """
    *private_key* is ours: it signs requests and decrypts answers. *bank_key* encrypts requests and verifies answers.

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
    """Return the bank's key, from its certificate if that is what it gave, or raise ``NotAKey``."""
    try:
        key = (
            load_pem_x509_certificate(pem).public_key()
            if CERTIFICATE in pem
            else load_pem_public_key(pem)
        )
    except ValueError:
        raise NotAKey("an RSA public key in PEM form") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < KEY_BITS_MIN:
        raise NotAKey(f"an RSA public key of at least {KEY_BITS_MIN} bits")
    return key


def sign_and_encrypt(payload: bytes, keys: JweKeys) -> dict[str, str]:
    """Return *payload* as a JWE that only the bank can decrypt, around a JWS with our signature."""
    headers = {"kid": keys.key_id, "typ": None}
    token = _jws.encode(payload, keys.private_key, algorithm=SIGNATURE_ALGORITHM, headers=headers)
    signed = dict(zip(JWS_FIELDS, token.split("."), strict=True))
    header = _encoded(
        _compact(
            {"alg": KEY_ENCRYPTION, "enc": CONTENT_ENCRYPTION, "cty": "JWT", "kid": keys.key_id}
        )
    )
    content_key, nonce = (
        AESGCM.generate_key(CONTENT_KEY_BYTES * 8),
        secrets.token_bytes(NONCE_BYTES),
    )
    encrypted = AESGCM(content_key).encrypt(nonce, _compact(signed), header.encode())
    return {
        "header": header,
        "encryptedKey": _encoded(keys.bank_key.encrypt(content_key, _oaep())),
        "iv": _encoded(nonce),
        "encryptedPayload": _encoded(encrypted[:-TAG_BYTES]),
        "tag": _encoded(encrypted[-TAG_BYTES:]),
    }


def decrypt_and_verify(jwe: Mapping[str, object], keys: JweKeys) -> bytes:
    """Return the payload that the bank signed, or raise ``NotAuthentic``; nothing is read before it is verified."""
    header, *rest = _texts(jwe, JWE_FIELDS)
    _check_header(_decoded(header), keys, alg=KEY_ENCRYPTION, enc=CONTENT_ENCRYPTION)
    key_part, nonce, ciphertext, tag = map(_decoded, rest)
    if len(nonce) != NONCE_BYTES or len(tag) != TAG_BYTES:
        raise NotAuthentic("encrypted with a nonce or tag of another length than agreed")
    content_key = _content_key(key_part, keys.private_key)
    try:
        signed = AESGCM(content_key).decrypt(nonce, ciphertext + tag, header.encode())
    except InvalidTag:
        raise NotAuthentic("encrypted, and was tampered with") from None
    return _verified(signed, keys)


def _verified(signed: bytes, keys: JweKeys) -> bytes:
    header, payload, signature = _texts(_object(signed), JWS_FIELDS)
    _check_header(_decoded(header), keys, alg=SIGNATURE_ALGORITHM)
    try:
        proven = _jws.decode(
            f"{header}.{payload}.{signature}", keys.bank_key, algorithms=[SIGNATURE_ALGORITHM]
        )
    except InvalidTokenError:
        raise NotAuthentic("not signed by the bank") from None
    if not isinstance(proven, bytes):
        raise NotAuthentic("signed, and its payload is not bytes")
    return proven


def _content_key(key_part: bytes, private_key: RSAPrivateKey) -> bytes:
    try:
        content_key = private_key.decrypt(key_part, _oaep())
    except ValueError:
        raise NotAuthentic("not encrypted for our key") from None
    if len(content_key) != CONTENT_KEY_BYTES:
        raise NotAuthentic("encrypted with a key of another length than agreed")
    return content_key


def _check_header(header: bytes, keys: JweKeys, **pinned: str) -> None:
    parameters = _object(header)
    if any(parameters.get(name) != algorithm for name, algorithm in pinned.items()):
        raise NotAuthentic("encrypted or signed by other algorithms than agreed")
    if _CHANGES_MEANING & set(parameters):
        raise NotAuthentic("marked with a header that changes its meaning")
    if parameters.get("kid") != keys.key_id:
        raise NotAuthentic("under another key id than ours")


def _texts(value: Mapping[str, object], names: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(value.get(name) for name in names)
    if not all(isinstance(text, str) and _TEXT.fullmatch(text) for text in found):
        raise NotAuthentic("not signed and encrypted")
    return tuple(str(text) for text in found)


def _object(text: bytes) -> Mapping[str, object]:
    try:
        value = read_json(text)
    except NotJson:
        raise NotAuthentic("signed or encrypted, and what is inside is not JSON") from None
    if not isinstance(value, dict):
        raise NotAuthentic("signed or encrypted, and what is inside is not an object")
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
        raise NotAuthentic("not in base64url") from None
