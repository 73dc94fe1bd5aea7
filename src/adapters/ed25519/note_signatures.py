"""Ed25519 signatures of notes, and the files that hold their keys, one a line, as other tools write them."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.audit.signed_note import ED25519, NoteMalformed, NoteSignature, VerifierKey, decoded

PRIVATE: Final = "PRIVATE+KEY+"
SEED_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A private key with the name that it signs by; written ``PRIVATE+KEY+name+keyid+base64``."""

    name: str
    seed: bytes = field(repr=False)

    @classmethod
    def drawn(cls, name: str) -> Self:
        return cls(name, secrets.token_bytes(SEED_BYTES))

    @classmethod
    def parse(cls, written: str) -> Self:
        """Return the key in *written*, or raise ``NoteMalformed``, which repeats nothing of it."""
        name, _, rest = written.strip().removeprefix(PRIVATE).partition("+")
        key_id, _, text = rest.partition("+")
        raw = decoded(text)
        if not written.startswith(PRIVATE) or raw[:1] != ED25519 or len(raw) != 1 + SEED_BYTES:
            raise NoteMalformed("this is no private Ed25519 key of a note")
        key = cls(name, raw[1:])
        if key.public.key_id.hex() != key_id:
            raise NoteMalformed("the id of a key is not that of its name and bytes")
        return key

    @property
    def public(self) -> VerifierKey:
        return VerifierKey(self.name, self._private.public_key().public_bytes_raw())

    @property
    def written(self) -> str:
        text = base64.b64encode(ED25519 + self.seed).decode()
        return f"{PRIVATE}{self.name}+{self.public.key_id.hex()}+{text}"

    def sign(self, text: str) -> NoteSignature:
        signature = self._private.sign(text.encode())
        return NoteSignature(self.name, self.public.key_id, signature)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """Signs under each of *signing*; they go by one name."""

    signing: Sequence[NoteKey]

    @classmethod
    def parse(cls, written: str) -> Self:
        """Return the signer with the keys in *written*, one a line, or raise ``NoteMalformed``."""
        keys = [NoteKey.parse(line) for line in written.splitlines() if line.strip()]
        if len({key.name for key in keys}) != 1:
            raise NoteMalformed("a file of keys has at least one key, and all have one name")
        return cls(keys)

    @property
    def keys(self) -> Sequence[VerifierKey]:
        return [key.public for key in self.signing]

    def sign(self, text: str) -> Sequence[NoteSignature]:
        return [key.sign(text) for key in self.signing]


def is_signature(key: VerifierKey, message: bytes, signature: bytes) -> bool:
    """Whether *signature* over *message* is by *key*."""
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
