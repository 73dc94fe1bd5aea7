"""Emails to a student who chose Hindi: the same facts in Hindi; staff are written to in English."""

import re
from dataclasses import replace
from typing import Final

import pytest

from adapters.smtp.email_texts import EmailTemplates
from adapters.translations.shipped import shipped
from domain.payments.payment import Payment
from domain.text.language import Language
from entrypoints.operations.email_samples import EmailSamples
from ports.notifications.email_sender import Email
from unit.adapters.smtp.test_email_texts import HEAD
from unit.adapters.smtp.test_failure_emails import UNTIL, declined
from worlds.settings import settings_with

TO_STUDENTS: Final = (
    *("payment-confirmation", "free-enrolment", "payment-failure"),
    *("refund-requested", "refund-confirmation"),
)
ALIKE: Final = re.compile(
    r"https?://\S+|\S+@\S+|\b(?:SK|RF|INV|CRN)[A-Z0-9/-]+"
    r"|\b(ARN|GST|CGST|SGST|UTGST|IGST|UPI|IST|Card|VISA|TEN|WELCOME)\b"
    r"|Algebra|Number Theory for Beginners|Venkata\w+|Lakshmi\w+|Subrah\w+|Chandra\w+|Iyer"
)


def in_hindi(payment: Payment) -> Payment:
    return replace(payment, student=replace(payment.student, language=Language.HINDI))


def test_a_failure_is_told_in_hindi() -> None:
    """
    With the amount, the reference, the day by its Hindi name, and the reason.
    """
    email = EmailTemplates(HEAD, shipped()).payment_failure(in_hindi(declined()), UNTIL)

    assert email.subject.startswith("भुगतान पूरा नहीं हुआ: Algebra")
    for said in (email.text, email.html):
        assert "₹1,45,678.08" in said
        assert "05 अगस्त 2026, 00:30 IST" in said
        assert "खाते में पर्याप्त राशि नहीं है" in said
        assert "SKABCDEFGHIJKLMNOPQR" in said
    assert '<html lang="hi-IN">' in email.html


def test_without_translations_it_is_written_in_english() -> None:
    """
    Rather than not at all.
    """
    email = EmailTemplates(HEAD).payment_failure(in_hindi(declined()), UNTIL)

    assert email.text == EmailTemplates(HEAD).payment_failure(declined(), UNTIL).text


@pytest.mark.parametrize("name", TO_STUDENTS)
async def test_every_email_to_a_student_is_in_hindi(name: str) -> None:
    """
    No English is left but names, ids and what both languages write alike.
    """
    settings = settings_with(seller_name="शिक्षा")
    email: Email = await EmailSamples(settings, Language.HINDI).by_name[name]()
    shown = re.sub(r"<style.*?</style>|<[^>]*>|&\w+;", " ", email.html, flags=re.DOTALL)

    for text in (email.text, shown, email.subject):
        assert re.findall(r"[A-Za-z]{2,}", ALIKE.sub(" ", text)) == []


async def test_staff_are_written_to_in_english() -> None:
    """
    Summaries and alerts have no student whose choice would count.
    """
    samples = EmailSamples(settings_with(), Language.HINDI)

    for name in ("reconciliation-summary", "alert"):
        assert 'lang="en-IN"' in (await samples.by_name[name]()).html
