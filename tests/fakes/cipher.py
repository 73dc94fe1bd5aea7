"""A cipher that remembers each text that it encrypted, instead of hiding it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from ports.cipher import CannotDecrypt, EncryptedText, KeyUnknown, SecretLocation, key_of


@dataclass(slots=True)
class MemoryCipher:
    """*vault* is shared by all ciphers of one test, as real ciphers share the bytes of a key."""

    keys: Sequence[str] = ("today",)
    vault: dict[EncryptedText, tuple[str, SecretLocation]] = field(default_factory=dict)

    @property
    def active_key(self) -> str:
        return self.keys[0]

    def encrypt(self, text: str, location: SecretLocation) -> EncryptedText:
        number = sha256(str(len(self.vault)).encode()).hexdigest()
        encrypted = EncryptedText(f"{self.active_key}:{number}")
        self.vault[encrypted] = (text, location)
        return encrypted

    def decrypt(self, encrypted: EncryptedText, location: SecretLocation) -> str:
        if key_of(encrypted) not in self.keys:
            raise KeyUnknown(location, key_of(encrypted))
        text, meant = self.vault.get(encrypted, ("", None))
        if meant != location:
            raise CannotDecrypt(location)
        return text
