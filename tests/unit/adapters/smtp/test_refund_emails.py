"""The emails about money that goes back: how much, of what, expected when, and how to find it."""

from datetime import timedelta

import pytest

from adapters.smtp.email_texts import EmailTemplates
from domain.documents.invoicing import credit_for
from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import OrderFacts, RefundFacts, RefundVerdict, Verdict
from domain.payments.payment import Payment
from domain.payments.refund import RefundRequest
from domain.payments.refunds import Refunds
from fakes.clock import NOON
from fakes.documents.issued import POLICY, a_company, an_invoice, numbered, paid_back
from ports.notifications.email_sender import Email
from unit.adapters.smtp.test_email_texts import HEAD, ID, OPENED, paid, quote, words_of

MINE = RefundId("RFABCDEFGHIJKLMNOPQR")
LATER = OPENED + timedelta(days=2)


def refunding(
    paise: int,
    verdict: RefundVerdict = RefundVerdict.PENDING,
    *,
    revokes: bool = False,
    refund: RefundId = MINE,
    of: Payment | None = None,
    arn: str = "",
    reference: str = "",
) -> Payment:
    request = RefundRequest(
        id=refund, amount=Money(paise), reason="cancelled", by="staff:mira", revokes=revokes
    )
    asked = (of or paid(quote())).request_refund(request, at=LATER, approval_threshold=Money(10**9))
    facts = OrderFacts(
        payment=ID,
        verdict=Verdict.CHARGED,
        refunds=(
            RefundFacts(
                id=refund, amount=Money(paise), verdict=verdict, arn=arn, reference=reference
            ),
        ),
    )
    return apply_order_facts(asked, facts, at=LATER).payment


def emails(payment: Payment, refund: RefundId = MINE) -> tuple[Email, Email]:
    texts, known = EmailTemplates(HEAD), payment.refunds.get(refund)
    return texts.refund_requested(payment, known), texts.refund_confirmation(payment, known)


@pytest.mark.parametrize(
    "expected",
    [
        "₹500.00",
        "Algebra & Number Theory, बीजगणित",
        "Refund id: RFABCDEFGHIJKLMNOPQR",
        "Reference: SKABCDEFGHIJKLMNOPQR",
        "Expected in your account by: 17 August 2026",
        "support@example.com",
        "Shulk Courses",
        "Dear Asha,",
    ],
)
def test_a_refund_on_its_way_says_when_to_expect_it(expected: str) -> None:
    """
    In text and in HTML alike; the day is a working day in India.
    """
    written, _ = emails(refunding(500_00))

    assert "Your refund is on its way" in written.subject
    assert expected in written.text
    for part in expected.split(": "):
        assert part in words_of(written.html)


def test_the_arn_finds_the_money() -> None:
    """
    When the bank has told it; its reference until then.
    """
    both = refunding(500_00, RefundVerdict.PAID, arn="74537604221", reference="r-1")
    one = refunding(500_00, RefundVerdict.PAID, reference="r-1")
    none = refunding(500_00, RefundVerdict.PAID)

    assert "Acquirer reference (ARN): 74537604221" in emails(both)[1].text
    assert "r-1" not in emails(both)[1].text
    assert "Bank reference: r-1" in emails(one)[1].text
    assert "Bank reference" not in emails(none)[1].text


def test_what_becomes_of_the_course_is_said() -> None:
    """
    Only when it is closed, or will be.
    """
    stays = emails(refunding(500_00, RefundVerdict.PAID))
    closing = emails(refunding(500_00, revokes=True))
    closed = emails(refunding(paid(quote()).captured.paise, RefundVerdict.PAID))

    assert all("course" not in email.text.split("\n", 4)[-1] for email in stays)
    assert "stays open until the money is back" in closing[0].text
    assert "The course is closed to you now" in closed[1].text


def test_the_sum_so_far_is_told_of_a_second_one() -> None:
    """
    A single one is its own sum.
    """
    first = refunding(500_00, RefundVerdict.PAID)
    second = refunding(300_00, RefundVerdict.PAID, refund=RefundId("RF2"), of=first)

    assert "Given back so far" not in emails(first)[1].text
    assert "Given back so far: ₹800.00" in emails(second, RefundId("RF2"))[1].text


def test_each_refund_has_emails_of_its_own() -> None:
    """
    Two refunds, four message ids; an id of the bank's own breaks none of them.
    """
    payment = refunding(500_00)
    odd = RefundId("AR-1/ü@x")
    known = payment.refunds.get(MINE)
    outside = Refunds((known, *refunding(300_00, refund=odd).refunds))
    ids = {
        email.message_id
        for refund in outside
        for email in (
            EmailTemplates(HEAD).refund_requested(payment, refund),
            EmailTemplates(HEAD).refund_confirmation(payment, refund),
        )
    }

    assert len(ids) == 4
    assert all(each.isascii() and each.count("@") == 1 for each in ids)


def test_the_email_at_the_end_names_its_credit_note() -> None:
    """
    In text and HTML alike; where nothing was invoiced it speaks of none.
    """
    payment = refunding(500_00)
    note = numbered(
        credit_for(
            an_invoice(), [], paid_back("500.00"), company=a_company(), policy=POLICY, at=NOON
        )
    )

    email = EmailTemplates(HEAD).refund_confirmation(payment, payment.refunds.get(MINE), note)

    for said in (email.text, email.html):
        assert "Your credit note CRN/2627/0000001 is attached." in said
    assert all("attached" not in each.text + each.html for each in emails(payment))
