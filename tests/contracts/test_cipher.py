"""Both ciphers keep the contract, and the real one is AES-256-GCM by the standard."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.aesgcm.cipher import AesGcmCipher
from contracts.cipher_contract import HERE, TEXT, CipherContract
from fakes.cipher import MemoryCipher
from ports.cipher import CannotDecrypt, CipherKeys, EncryptedText, SecretLocation

KEYS: Mapping[str, bytes] = {
    "today": bytes(range(32)),
    "old": bytes(range(32, 64)),
    "new": bytes(range(64, 96)),
}


@dataclass
class MemoryCiphers:
    vault: dict[EncryptedText, tuple[str, SecretLocation]] = field(default_factory=dict)

    def cipher(self, *keys: str) -> MemoryCipher:
        return MemoryCipher(keys, self.vault)


class RealCiphers:
    def cipher(self, *keys: str) -> AesGcmCipher:
        return AesGcmCipher.under(CipherKeys(keys[0], {each: KEYS[each] for each in keys}))


class TestMemoryCipher(CipherContract):
    @pytest.fixture
    def ciphers(self) -> MemoryCiphers:
        return MemoryCiphers()


class TestAesGcm(CipherContract):
    @pytest.fixture
    def ciphers(self) -> RealCiphers:
        return RealCiphers()


def test_a_wrong_key_under_the_right_name_decrypts_nothing() -> None:
    """
    Two keys mixed up are an error, never garbage.
    """
    encrypted = AesGcmCipher.under(CipherKeys("today", {"today": KEYS["old"]})).encrypt(TEXT, HERE)

    with pytest.raises(CannotDecrypt):
        RealCiphers().cipher("today").decrypt(encrypted, HERE)


def test_a_text_cannot_be_passed_off_as_another_keys() -> None:
    """
    The key's name is authenticated too, even when both names mean the same bytes.
    """
    same = AesGcmCipher.under(CipherKeys("a", {"a": KEYS["old"], "b": KEYS["old"]}))
    encrypted = same.encrypt(TEXT, HERE)

    with pytest.raises(CannotDecrypt):
        same.decrypt(EncryptedText("b" + encrypted[1:]), HERE)


def test_it_is_what_the_standard_says() -> None:
    """
    Another implementation decrypts it: 96 bits of nonce, then the text and its tag, under the 256-bit key.
    """
    encrypted = RealCiphers().cipher("today").encrypt(TEXT, HERE)
    raw = base64.b64decode(encrypted.removeprefix("today:1:"))
    bound = b"".join(
        len(each).to_bytes(4, "big") + each.encode()
        for each in ("shulk", "1", "today", "staff", "totp_seed", "mira")
    )

    assert AESGCM(KEYS["today"]).decrypt(raw[:12], raw[12:], bound).decode() == TEXT
    assert len(raw) == 12 + len(TEXT.encode()) + 16


def test_nonces_do_not_come_twice() -> None:
    """
    Each text has a new random nonce.
    """
    cipher = RealCiphers().cipher("today")
    nonces = {
        base64.b64decode(cipher.encrypt("", HERE).rpartition(":")[2])[:12] for _ in range(2000)
    }

    assert len(nonces) == 2000
