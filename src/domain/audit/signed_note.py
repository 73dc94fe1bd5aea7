"""Signed notes, as C2SP signed-note defines them: a text, an empty line, and lines with signatures."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

KEY_NAME: Final = re.compile(r"[^\s+]+")
KEY_NAME_CHARS_MAX: Final = 100
KEY_ID_BYTES: Final = 4
ED25519: Final = b"\x01"
PUBLIC_KEY_BYTES: Final = 32
NOTE_CHARS_MAX: Final = 10_000
_SIGNED: Final = "\u2014 "


class NoteMalformed(ValueError):
    """What should be a note, a key or a proof is none; the message says why and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public Ed25519 key with the name that its signatures go by; written ``name+keyid+base64``."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not KEY_NAME.fullmatch(self.name) or len(self.name) > KEY_NAME_CHARS_MAX:
            raise NoteMalformed(
                "the name of a key has no spaces, no plus sign and 100 characters at most"
            )
        if len(self.public_key) != PUBLIC_KEY_BYTES:
            raise NoteMalformed("a public Ed25519 key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        whole = self.name.encode() + b"\n" + ED25519 + self.public_key
        return sha256(whole).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        key = base64.b64encode(ED25519 + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"

    @classmethod
    def parse(cls, written: str) -> Self:
        """Return the key in *written*, or raise ``NoteMalformed``."""
        name, _, rest = written.strip().partition("+")
        key_id, _, key = rest.partition("+")
        raw = decoded(key)
        if raw[:1] != ED25519:
            raise NoteMalformed("only Ed25519 keys are known")
        found = cls(name, raw[1:])
        if found.key_id.hex() != key_id:
            raise NoteMalformed("the id of a key is not that of its name and bytes")
        return found


@dataclass(frozen=True, slots=True)
class NoteSignature:
    name: str
    key_id: bytes
    signature: bytes

    def is_by(self, key: VerifierKey) -> bool:
        """Whether it says that *key* made it; only its verification shows that."""
        return (self.name, self.key_id) == (key.name, key.key_id)

    def __str__(self) -> str:
        return f"{_SIGNED}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """*text* ends with a line end; what is signed is its UTF-8 form."""

    text: str
    signatures: Sequence[NoteSignature]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    @classmethod
    def parse(cls, written: str) -> Self:
        """Return the note in *written*, or raise ``NoteMalformed``."""
        text, between, signed = written.rpartition("\n\n")
        if len(written) > NOTE_CHARS_MAX or not between or not signed.endswith("\n"):
            raise NoteMalformed("a note is a text, an empty line, and lines with signatures")
        return cls(f"{text}\n", tuple(map(_signature, signed[:-1].split("\n"))))


def decoded(text: str) -> bytes:
    """Return what *text* holds in base64, written in the one way there is, or raise ``NoteMalformed``."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        raise NoteMalformed("this is not base64") from None
    # The decoder ignores the unused last bits.
    if base64.b64encode(raw).decode() != text:
        raise NoteMalformed("this is not base64 as it is written")
    return raw


def _signature(line: str) -> NoteSignature:
    name, _, key = line.removeprefix(_SIGNED).partition(" ")
    if not line.startswith(_SIGNED) or not KEY_NAME.fullmatch(name):
        raise NoteMalformed("a line behind the text of a note is not a signature")
    raw = decoded(key)
    if len(raw) <= KEY_ID_BYTES:
        raise NoteMalformed("a signature is too short")
    return NoteSignature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])
