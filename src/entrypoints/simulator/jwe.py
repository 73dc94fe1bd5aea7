"""
JWT mode on the gateway's side, as SmartGateway documents it: decrypt and verify requests, sign and encrypt answers.

It uses only RSA, AES and SHA and no JOSE library, so that agreement with a client's library is evidence. The OAEP
hash of a request is read from its header: one published client still uses SHA-1. Answers always use SHA-256.
"""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from entrypoints.simulator.refusals import bad_request, unauthorised

OAEP_HASHES: Final[dict[object, type[hashes.HashAlgorithm]]] = {
    "RSA-OAEP": hashes.SHA1,
    "RSA-OAEP-256": hashes.SHA256,
}
ANSWER_KEY_ENCRYPTION: Final = "RSA-OAEP-256"
OUTER: Final = ("header", "encryptedKey", "iv", "encryptedPayload", "tag")
INNER: Final = ("header", "payload", "signature")
TAG_BYTES: Final = 16
NONCE_BYTES: Final = 12
CONTENT_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class JweKeys:
    """The merchant's public key and the simulated bank's private key, under one key id."""

    key_id: str
    merchant: rsa.RSAPublicKey = field(repr=False)
    bank: rsa.RSAPrivateKey = field(repr=False)


def read_jwe_keys(key_id: str, merchant: Path, bank: Path) -> JweKeys:
    """Return the keys in two PEM files, or raise ``ValueError``."""
    public = serialization.load_pem_public_key(merchant.read_bytes())
    private = serialization.load_pem_private_key(bank.read_bytes(), password=None)
    if not isinstance(public, rsa.RSAPublicKey) or not isinstance(private, rsa.RSAPrivateKey):
        raise ValueError("not RSA keys")  # noqa: TRY004 - what a file holds, not what a caller passes
    return JweKeys(key_id=key_id, merchant=public, bank=private)


def decrypt_request(body: bytes, keys: JweKeys) -> bytes:
    """Return the JSON text that the merchant signed and encrypted, or raise ``ApiRefusal``."""
    outer = _parts(body, OUTER)
    head = _head(outer["header"], keys)
    hashed = OAEP_HASHES.get(head.get("alg"))
    if hashed is None or head.get("enc") != "A256GCM":
        raise unauthorised("Encrypt with RSA-OAEP-256 and A256GCM")
    try:
        content_key = keys.bank.decrypt(_raw(outer["encryptedKey"]), _oaep(hashed()))
        reader = Cipher(
            algorithms.AES(content_key), modes.GCM(_raw(outer["iv"]), _raw(outer["tag"]))
        ).decryptor()
        reader.authenticate_additional_data(outer["header"].encode())
        signed = reader.update(_raw(outer["encryptedPayload"])) + reader.finalize()
    except (ValueError, InvalidTag):
        raise unauthorised(
            "The request is not encrypted for this gateway, or was changed"
        ) from None
    inner = _parts(signed, INNER)
    if _head(inner["header"], keys).get("alg") != "RS256":
        raise unauthorised("Sign with RS256")
    try:
        keys.merchant.verify(
            _raw(inner["signature"]),
            f"{inner['header']}.{inner['payload']}".encode(),
            padding.PKCS1v15(),
            hashes.SHA256(),
        )
    except InvalidSignature:
        raise unauthorised("The request is not signed with the key on record") from None
    return _raw(inner["payload"])


def encrypt_answer(body: bytes, keys: JweKeys) -> dict[str, str]:
    """Return *body* signed by the gateway and encrypted for the merchant."""
    head = _text(json.dumps({"alg": "RS256", "kid": keys.key_id}).encode())
    payload = _text(body)
    proof = keys.bank.sign(f"{head}.{payload}".encode(), padding.PKCS1v15(), hashes.SHA256())
    signed = json.dumps({"header": head, "payload": payload, "signature": _text(proof)}).encode()
    outer = _text(
        json.dumps({"alg": ANSWER_KEY_ENCRYPTION, "enc": "A256GCM", "kid": keys.key_id}).encode()
    )
    content_key, nonce = os.urandom(CONTENT_KEY_BYTES), os.urandom(NONCE_BYTES)
    writer = Cipher(algorithms.AES(content_key), modes.GCM(nonce)).encryptor()
    writer.authenticate_additional_data(outer.encode())
    ciphertext = writer.update(signed) + writer.finalize()
    return {
        "header": outer,
        "encryptedKey": _text(keys.merchant.encrypt(content_key, _oaep(hashes.SHA256()))),
        "iv": _text(nonce),
        "encryptedPayload": _text(ciphertext),
        "tag": _text(writer.tag),
    }


def _parts(text: bytes, names: tuple[str, ...]) -> dict[str, str]:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise bad_request("The body is not a JSON object") from None
    if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in names):
        raise bad_request(f"Send {', '.join(names)}")
    return {name: value[name] for name in names}


def _head(text: str, keys: JweKeys) -> dict[str, object]:
    try:
        head: Any = json.loads(_raw(text))
    except (ValueError, RecursionError):
        raise bad_request("A protected header is not JSON") from None
    if not isinstance(head, dict):
        raise bad_request("A protected header is not an object")
    if head.get("kid") != keys.key_id:
        raise unauthorised("There is no key under this kid")
    return head


def _raw(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise bad_request("A part is not base64url") from None


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _oaep(hashed: hashes.HashAlgorithm) -> padding.OAEP:
    return padding.OAEP(mgf=padding.MGF1(hashed), algorithm=hashed, label=None)
