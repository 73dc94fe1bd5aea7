"""One rule says what an email address is."""

import pytest

from domain.text.email_address import email_fault, mailbox_parts
from text_vectors import EMAILS, NO_EMAILS


@pytest.mark.parametrize("text", EMAILS)
def test_an_address_that_mail_can_go_to(text: str) -> None:
    """
    Hosts of any script as the name system knows them, and every dot-atom of ASCII before them.
    """
    assert email_fault(text) is None


@pytest.mark.parametrize("text", NO_EMAILS)
def test_an_address_that_no_mail_can_go_to(text: str) -> None:
    """
    The fault does not repeat the address.
    """
    fault = email_fault(text)

    assert fault
    assert "asha" not in fault


def test_an_international_name_is_for_servers_that_take_one() -> None:
    """
    It is accepted only where it is known that the server has SMTPUTF8, or that it will be asked.
    """
    assert email_fault("आशा@example.com", international_local=True) is None
    for text in ("आ..शा@example.com", "आ शा@example.com", "आ\u202eशा@example.com", "आ@b"):
        assert email_fault(text, international_local=True)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("fees@example.com", ("", "fees@example.com")),
        (" Fees <fees@example.com> ", ("Fees", "fees@example.com")),
        ("Fees<fees@example.com>", ("Fees", "fees@example.com")),
        ("<fees@example.com>", ("", "fees@example.com")),
        ("Shulk, of India <fees@example.com>", ("Shulk, of India", "fees@example.com")),
        ('"Fees @ \\"Shulk\\"" <fees@example.com>', ('Fees @ "Shulk"', "fees@example.com")),
        ("शुल्क <fees@उदाहरण.भारत>", ("शुल्क", "fees@उदाहरण.भारत")),
        ("Fees", None),
        ("fees@example.com, ravi@example.com", None),
        ("a@example.com, Fees <fees@example.com>", None),
        ("Fees <fees@example.com>, Ravi <ravi@example.com>", None),
        ("Fees <fees@example.com> Ravi", None),
        ("Fees <fees@localhost>", None),
        ("\u200d <fees@example.com>", None),
        ("Fees\n <fees@example.com>", None),
        (f"{'x' * 101} <fees@example.com>", None),
    ],
)
def test_a_mailbox_is_one_address_with_a_name(text: str, parts: tuple[str, str] | None) -> None:
    """
    A comma in the name parts nothing; a second address is refused.
    """
    assert parts == mailbox_parts(text)
