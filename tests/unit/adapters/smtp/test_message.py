"""What is accepted as an address where it is entered is one that an email can be written to."""

from email import message_from_bytes, message_from_string
from email.policy import SMTP, SMTPUTF8, default
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.smtp.message import compose, mailbox
from contracts.notifications.email_contract import EMAIL
from domain.text.email_address import email_fault
from fakes.clock import NOON
from ports.notifications.email_sender import EmailRefused
from text_vectors import EMAILS, NO_EMAILS

NAMES: Final = (
    "Fees",
    "Shulk Courses, a unit of the Example Education Company Private Limited of Bengaluru, India",
    "S" * 93 + ",",
    "Fees; <of> (Shulk): @ [all] courses, " * 2,
    'The "Shulk" \\ Courses, of the Example Education and Training Company, Bengaluru, India',
    "शुल्क पाठ्यक्रम, बेंगलुरु, " * 3,
    "Shulk Bengal\u00fcru, a unit of the Example Education Company Private Limited, of India",
)


@pytest.mark.parametrize("text", EMAILS)
def test_an_accepted_address_is_written(text: str) -> None:
    """
    With its host as the name system knows it: in ASCII.
    """
    assert mailbox(text).addr_spec.isascii()


@pytest.mark.parametrize("text", [each for each in NO_EMAILS if each.isascii() and "<" not in each])
def test_a_refused_address_is_not_written(text: str) -> None:
    """
    The same rule at both ends.
    """
    with pytest.raises(EmailRefused):
        mailbox(text)


@given(st.text(st.characters(), min_size=1, max_size=8), st.sampled_from(["मेल", "a", "भारत"]))
def test_whatever_the_rule_accepts_the_library_can_encode(label: str, beside: str) -> None:
    """
    The rule of the domain is within IDNA 2008, which the library knows whole.
    """
    for host in (f"{label}.example", f"{beside}{label}.भारत", f"{label}{beside}.{beside}"):
        if email_fault(f"x@{host}") is None:
            assert mailbox(f"x@{host}").domain


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("policy", [SMTP, SMTPUTF8])
def test_the_sender_is_one_mailbox(name: str, policy: object) -> None:
    """
    However long the name, and whatever commas and brackets it holds.
    """
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    message = compose(EMAIL, sender=f'"{quoted}" <fees@example.com>', at=NOON)

    read = message_from_string(message.as_bytes(policy=policy).decode(), policy=default)  # type: ignore[arg-type]  # object above

    (sender,) = read["From"].addresses
    assert sender.addr_spec == "fees@example.com"
    assert sender.display_name.replace(" ", "") == name.replace(" ", "")


def test_an_unquoted_comma_parts_nothing() -> None:
    """
    An operator writes the name as it is read.
    """
    message = compose(EMAIL, sender=f"{NAMES[1]} <fees@example.com>", at=NOON)

    (sender,) = message_from_bytes(message.as_bytes(), policy=default)["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (NAMES[1], "fees@example.com")
