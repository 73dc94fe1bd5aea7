"""
RSA keys made up for one run, and JWT mode's JWE with any part of it other than agreed.

This is a third implementation, beside the adapter's and the simulator's: with nothing changed, both accept it.
"""

import base64
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

KEY_ID: Final = "key_00112233445566778899aabbccddeeff"


@cache
def pair(whose: str) -> RSAPrivateKey:
    """Return the key pair of *whose*, the same within a run: ``merchant``, ``bank``, ``stranger``."""
    assert whose in {"merchant", "bank", "stranger"}
    return generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_files(folder: Path) -> dict[str, Path]:
    """Write every half of the merchant's and the bank's pair into *folder*, and return where."""
    written = {}
    for whose in ("merchant", "bank"):
        for half, pem in (("private", private_pem), ("public", public_pem)):
            written[f"{whose}_{half}"] = folder / f"{whose}-{half}.pem"
            written[f"{whose}_{half}"].write_bytes(pem(pair(whose)))
    return written


@dataclass(frozen=True, slots=True, kw_only=True)
class JweRecipe:
    """How a JWE is made; the default is what SmartGateway's JWT documentation asks for."""

    kid: object = KEY_ID
    alg: str = "RSA-OAEP-256"
    enc: str = "A256GCM"
    oaep: type[hashes.HashAlgorithm] = hashes.SHA256
    content_key_bytes: int = 32
    nonce_bytes: int = 12
    outer: tuple[tuple[str, object], ...] = ()
    inner_kid: object = KEY_ID
    inner_alg: str = "RS256"
    inner: tuple[tuple[str, object], ...] = ()
    signature: bytes | None = None

    def sign_and_encrypt(
        self, payload: bytes, signer: RSAPrivateKey, reader: RSAPublicKey
    ) -> dict[str, str]:
        """Return *payload* signed by *signer* and encrypted for *reader*."""
        head = b64({"alg": self.inner_alg, "kid": self.inner_kid, **dict(self.inner)})
        body = b64(payload)
        proof = signer.sign(f"{head}.{body}".encode(), PKCS1v15(), hashes.SHA256())
        proof = proof if self.signature is None else self.signature
        signed = json.dumps({"header": head, "payload": body, "signature": b64(proof)}).encode()
        return self.encrypt(signed, reader)

    def encrypt(self, signed: bytes, reader: RSAPublicKey) -> dict[str, str]:
        outer = b64({"alg": self.alg, "enc": self.enc, "kid": self.kid, **dict(self.outer)})
        content_key, nonce = os.urandom(self.content_key_bytes), os.urandom(self.nonce_bytes)
        ciphertext = AESGCM(content_key).encrypt(nonce, signed, outer.encode())
        oaep = OAEP(mgf=MGF1(self.oaep()), algorithm=self.oaep(), label=None)
        return {
            "header": outer,
            "encryptedKey": b64(reader.encrypt(content_key, oaep)),
            "iv": b64(nonce),
            "encryptedPayload": b64(ciphertext[:-16]),
            "tag": b64(ciphertext[-16:]),
        }


def b64(value: bytes | dict[str, object]) -> str:
    raw = json.dumps(value).encode() if isinstance(value, dict) else value
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_jwe(
    jwe: dict[str, str], reader: RSAPrivateKey, signer: RSAPublicKey
) -> tuple[bytes, dict[str, object], dict[str, object]]:
    """Return payload, outer and inner header of a JWE, everything verified; raise otherwise."""
    oaep = OAEP(mgf=MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    content_key = reader.decrypt(unb64(jwe["encryptedKey"]), oaep)
    ciphertext = unb64(jwe["encryptedPayload"]) + unb64(jwe["tag"])
    header = jwe["header"]
    signed = json.loads(AESGCM(content_key).decrypt(unb64(jwe["iv"]), ciphertext, header.encode()))
    signer.verify(
        unb64(signed["signature"]),
        f"{signed['header']}.{signed['payload']}".encode(),
        PKCS1v15(),
        hashes.SHA256(),
    )
    return (
        unb64(signed["payload"]),
        json.loads(unb64(header)),
        json.loads(unb64(signed["header"])),
    )
