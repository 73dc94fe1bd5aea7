"""What any cipher must do: run against the fake and against AES-256-GCM."""

from dataclasses import replace
from string import ascii_letters, digits
from typing import Final, Protocol

import pytest

from ports.cipher import CannotDecrypt, Cipher, EncryptedText, KeyUnknown, SecretLocation, key_of

HERE: Final = SecretLocation(table="staff", column="totp_seed", row="mira")
TEXT: Final = "JBSWY3DPEHPK3PXP शुल्क"


class Ciphers(Protocol):
    def cipher(self, *keys: str) -> Cipher:
        """Return a cipher that knows *keys* by their ids, the same bytes for the same id, first active."""
        ...


class CipherContract:
    """Subclasses give the fixture ``ciphers``."""

    def test_a_text_decrypts_at_its_location(self, ciphers: Ciphers) -> None:
        """
        Any text comes back whole, and the encrypted text names its key.
        """
        cipher = ciphers.cipher("today")

        for text in (TEXT, "", "x" * 10_000):
            encrypted = cipher.encrypt(text, HERE)
            assert text == cipher.decrypt(encrypted, HERE)
            assert key_of(encrypted) == cipher.active_key == "today"

    def test_an_encrypted_text_shows_nothing(self, ciphers: Ciphers) -> None:
        """
        The text is not to be found in it, and the same text never looks the same.
        """
        cipher = ciphers.cipher("today")
        twice = [cipher.encrypt(TEXT, HERE) for _ in range(2)]

        assert all(TEXT not in each for each in twice)
        assert twice[0] != twice[1]

    @pytest.mark.parametrize(
        "elsewhere",
        [replace(HERE, row="ravi"), replace(HERE, column="note"), replace(HERE, table="other")],
        ids=["row", "column", "table"],
    )
    def test_a_moved_text_does_not_decrypt(
        self, ciphers: Ciphers, elsewhere: SecretLocation
    ) -> None:
        """
        Whoever can write to the database cannot give one person's secret to another.
        """
        cipher = ciphers.cipher("today")
        encrypted = cipher.encrypt(TEXT, HERE)

        with pytest.raises(CannotDecrypt) as refusal:
            cipher.decrypt(encrypted, elsewhere)
        assert refusal.value.location == elsewhere

    def test_locations_are_never_confused(self, ciphers: Ciphers) -> None:
        """
        ``ab`` beside ``c`` is another location than ``a`` beside ``bc``.
        """
        cipher = ciphers.cipher("today")
        encrypted = cipher.encrypt(TEXT, SecretLocation(table="ab", column="c", row="d"))

        with pytest.raises(CannotDecrypt):
            cipher.decrypt(encrypted, SecretLocation(table="a", column="bc", row="d"))

    def test_a_changed_text_does_not_decrypt(self, ciphers: Ciphers) -> None:
        """
        An error whatever any single character is changed to, and never another text.
        """
        cipher = ciphers.cipher("today")

        for encrypted in (cipher.encrypt(text, HERE) for text in ("", "a", "ab")):
            for index, character in enumerate(encrypted):
                for other in set(ascii_letters + digits + "+/=:") - {character}:
                    changed = EncryptedText(encrypted[:index] + other + encrypted[index + 1 :])
                    with pytest.raises(CannotDecrypt):
                        cipher.decrypt(changed, HERE)

    @pytest.mark.parametrize("cut", ["today", "today:", "today:1", "today:1:", "", "today:1:AAAA"])
    def test_what_was_never_encrypted_does_not_decrypt(self, ciphers: Ciphers, cut: str) -> None:
        """
        Too little is refused like too much.
        """
        with pytest.raises(CannotDecrypt):
            ciphers.cipher("today").decrypt(EncryptedText(cut), HERE)

    def test_an_older_key_still_decrypts(self, ciphers: Ciphers) -> None:
        """
        While keys change, both are known: the first encrypts, each decrypts its own.
        """
        old = ciphers.cipher("old").encrypt(TEXT, HERE)
        both = ciphers.cipher("new", "old")

        assert both.decrypt(old, HERE) == TEXT
        assert key_of(both.encrypt(TEXT, HERE)) == "new"

    def test_a_key_that_is_gone_is_named(self, ciphers: Ciphers) -> None:
        """
        A text under a key that was taken away is an error that says which.
        """
        old = ciphers.cipher("old").encrypt(TEXT, HERE)

        with pytest.raises(KeyUnknown) as refusal:
            ciphers.cipher("new").decrypt(old, HERE)
        assert refusal.value.key_id == "old"
