"""The email about a payment that failed: why in plain words, what to do, and no word of the bank's."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.smtp.email_texts import EmailTemplates
from domain.money import Money
from domain.payments.failure_reason import FailureReason
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import OrderFacts, ReviewReason, Verdict
from domain.payments.payment import Payment
from fakes.samples import under_review
from ports.notifications.email_sender import Email
from unit.adapters.smtp.test_email_texts import HEAD, ID, OPENED, opened, quote, words_of

UNTIL = datetime(2026, 8, 4, 19, 0, tzinfo=UTC)


def declined(
    failure: FailureReason = FailureReason.INSUFFICIENT_FUNDS, *, name: str = "Asha"
) -> Payment:
    facts = OrderFacts(
        payment=ID, verdict=Verdict.DECLINED, failure=failure, word="AUTHORIZATION_FAILED"
    )
    at = OPENED + timedelta(minutes=3)
    return apply_order_facts(opened(quote(), name=name), facts, at=at).payment


def email(payment: Payment | None = None, until: datetime | None = UNTIL) -> Email:
    return EmailTemplates(HEAD).payment_failure(payment or declined(), until)


@pytest.mark.parametrize(
    "expected",
    [
        "₹1,45,678.08",
        "Algebra & Number Theory, बीजगणित",
        "The account has too little balance. Try another account or card.",
        "Try again",
        "until 05 August 2026, 00:30 IST",
        "https://fees.example.com/payments/SKABCDEFGHIJKLMNOPQR",
        "Was your account debited all the same?",
        "within five days",
        "Reference: SKABCDEFGHIJKLMNOPQR",
        "Date: 04 August 2026, 00:33 IST",
        "support@example.com",
        "Dear Asha,",
    ],
)
def test_it_says_why_and_what_to_do(expected: str) -> None:
    """
    In text and in HTML alike.
    """
    written = email()

    assert expected in written.text
    if expected.startswith("https:"):
        assert f'href="{expected}"' in written.html
    else:
        assert expected.replace(": ", " ") in words_of(written.html)


@pytest.mark.parametrize("failure", FailureReason)
def test_no_word_of_the_banks_gets_in(failure: FailureReason) -> None:
    """
    Reasons are ours; codes and states of the bank mean nothing to a student.
    """
    written = email(declined(failure))

    for form in (written.text, words_of(written.html), written.subject):
        assert not re.search(r"[A-Z]{4,}_|gateway|session|juspay|issuer|[a-z]_[a-z]", form)
    assert failure.hint in written.text


def test_without_a_retry_nothing_is_promised() -> None:
    """
    Too late or too often: the email leads to the page that knows what is still possible.
    """
    written = email(until=None)

    for form in (written.text, words_of(written.html)):
        assert "See your payment" in form
        assert "same price" not in form


def test_doubtful_money_is_not_to_be_paid_twice() -> None:
    """
    The hint to try again gives way to a word of ours.
    """
    doubtful = under_review(declined(), ReviewReason.AMOUNT_DIFFERS)

    for form in (email(doubtful, None).text, words_of(email(doubtful, None).html)):
        assert "do not pay again before we write to you" in form
        assert FailureReason.INSUFFICIENT_FUNDS.hint not in form


def test_a_voided_attempt_has_no_reason_of_the_banks() -> None:
    """
    What is not known is not made up; the student is told what can be done.
    """
    unknown = replace(declined(), failure=None)

    assert "Try again, or use another way to pay." in email(unknown).text


def test_the_same_email_has_the_same_id_and_a_name_is_a_name() -> None:
    """
    Sent again it is shown once; markup in a name stays text.
    """
    odd = email(declined(name="<b>Asha</b>"))

    assert email() == email()
    assert email().message_id == "<payment_failure.SKABCDEFGHIJKLMNOPQR@fees.example.com>"
    assert "<b>Asha" not in odd.html
    assert odd.text.startswith("Dear <b>Asha</b>,")


def test_an_id_stays_in_one_piece() -> None:
    """
    On a phone the label gives way, so that the id can be read out; what is long may break.
    """
    rows = re.findall(r'<td valign="top" align="right" style="([^"]*)">([^<]*)<', email().html)
    by_value = {value: style for style, value in rows}

    assert "white-space:nowrap;" in by_value[ID]
    assert "word-break:break-word;" in by_value["04 August 2026, 00:33 IST"]


def test_the_amount_is_what_was_to_be_paid() -> None:
    """
    Nothing was captured, so nothing else can stand there.
    """
    assert declined().captured == Money(0)
    assert email().text.count("₹1,45,678.08") == 2
