"""What any cipher must do: run against the fake and against AES-256-GCM."""

from dataclasses import replace
from string import ascii_letters, digits
from typing import Final, Protocol

import pytest

from ports.cipher import CannotDecrypt, Cipher, EncryptedText, KeyUnknown, Place, key_of

HERE: Final = Place(table="staff", column="totp_seed", row="mira")
TEXT: Final = "JBSWY3DPEHPK3PXP शुल्क"


class Locksmith(Protocol):
    def cipher(self, *keys: str) -> Cipher:
        """Return a cipher that knows *keys* by their ids, the same bytes for the same id, first active."""
        ...


class CipherContract:
    """Subclasses give the fixture ``locksmith``."""

    def test_what_was_sealed_opens_where_it_was_sealed(self, locksmith: Locksmith) -> None:
        """
        Any text comes back whole, and the sealed one names its key.
        """
        cipher = locksmith.cipher("today")

        for text in (TEXT, "", "x" * 10_000):
            sealed = cipher.seal(text, HERE)
            assert text == cipher.open(sealed, HERE)
            assert key_of(sealed) == cipher.active_key == "today"

    def test_a_sealed_text_shows_nothing(self, locksmith: Locksmith) -> None:
        """
        The text is not to be found in it, and the same text never looks the same.
        """
        cipher = locksmith.cipher("today")
        twice = [cipher.seal(TEXT, HERE) for _ in range(2)]

        assert all(TEXT not in each for each in twice)
        assert twice[0] != twice[1]

    @pytest.mark.parametrize(
        "elsewhere",
        [replace(HERE, row="ravi"), replace(HERE, column="note"), replace(HERE, table="other")],
        ids=["row", "column", "table"],
    )
    def test_what_was_moved_does_not_open(self, locksmith: Locksmith, elsewhere: Place) -> None:
        """
        Whoever can write to the database cannot give one person's secret to another.
        """
        cipher = locksmith.cipher("today")
        sealed = cipher.seal(TEXT, HERE)

        with pytest.raises(CannotDecrypt) as refusal:
            cipher.open(sealed, elsewhere)
        assert refusal.value.place == elsewhere

    def test_places_do_not_run_together(self, locksmith: Locksmith) -> None:
        """
        ``ab`` beside ``c`` is another place than ``a`` beside ``bc``.
        """
        cipher = locksmith.cipher("today")
        sealed = cipher.seal(TEXT, Place(table="ab", column="c", row="d"))

        with pytest.raises(CannotDecrypt):
            cipher.open(sealed, Place(table="a", column="bc", row="d"))

    def test_a_text_changed_anywhere_does_not_open(self, locksmith: Locksmith) -> None:
        """
        An error whatever any single character is changed to, and never another text.
        """
        cipher = locksmith.cipher("today")

        for sealed in (cipher.seal(text, HERE) for text in ("", "a", "ab")):
            for place, letter in enumerate(sealed):
                for other in set(ascii_letters + digits + "+/=:") - {letter}:
                    changed = EncryptedText(sealed[:place] + other + sealed[place + 1 :])
                    with pytest.raises(CannotDecrypt):
                        cipher.open(changed, HERE)

    @pytest.mark.parametrize("cut", ["today", "today:", "today:1", "today:1:", "", "today:1:AAAA"])
    def test_what_was_never_sealed_does_not_open(self, locksmith: Locksmith, cut: str) -> None:
        """
        Too little is refused like too much.
        """
        with pytest.raises(CannotDecrypt):
            locksmith.cipher("today").open(EncryptedText(cut), HERE)

    def test_an_older_key_still_opens(self, locksmith: Locksmith) -> None:
        """
        While keys change, both are known: the first seals, each opens its own.
        """
        old = locksmith.cipher("old").seal(TEXT, HERE)
        both = locksmith.cipher("new", "old")

        assert both.open(old, HERE) == TEXT
        assert key_of(both.seal(TEXT, HERE)) == "new"

    def test_a_key_that_is_gone_is_named(self, locksmith: Locksmith) -> None:
        """
        A text under a key that was taken away is an error that says which.
        """
        old = locksmith.cipher("old").seal(TEXT, HERE)

        with pytest.raises(KeyUnknown) as refusal:
            locksmith.cipher("new").open(old, HERE)
        assert refusal.value.key_id == "old"
