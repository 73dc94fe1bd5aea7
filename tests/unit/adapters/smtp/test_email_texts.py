"""The confirmation email tells the truth twice, in text and in HTML, and lets nobody write into it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest

from adapters.smtp.email_texts import EmailBranding, EmailTemplates
from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, Percent
from domain.catalogue.quote import Quote, quote_course
from domain.identifiers import PaymentId, StudentId
from domain.money import Money
from domain.payments.order_decisions import apply_order_facts, complete_without_payment
from domain.payments.order_facts import Instrument, OrderFacts, Verdict
from domain.payments.payment import Payment, Student
from domain.tax.gst import Buyer, GstRate, PriceMode
from domain.tax.indian_states import IndianState, indian_state
from domain.text.card_number import CardTail
from fakes.documents.issued import an_invoice, sold
from ports.notifications.email_sender import Email

ID = PaymentId("SKABCDEFGHIJKLMNOPQR")
OPENED = datetime(2026, 8, 3, 19, 0, tzinfo=UTC)
KARNATAKA = indian_state("29")
CHANDIGARH = indian_state("04")
COURSE = Course(
    id=CourseId("algebra"),
    title="Algebra & Number Theory, बीजगणित",
    list_price=Money(1_23_456_00),
    price_mode=PriceMode.EXCLUSIVE,
    sac="999293",
    gst_rate=GstRate(Decimal(18)),
)
UPI = Instrument(method="UPI")
CARD = Instrument(method="CARD", card_tail=CardTail("1111"), card_brand="VISA")
HEAD = EmailBranding(
    seller_name="Shulk Courses",
    support_email="Help desk <support@example.com>",
    public_url="https://fees.example.com/",
)


def quote(
    course: Course = COURSE,
    *,
    seller: IndianState = KARNATAKA,
    buyer: IndianState = KARNATAKA,
    discount: DiscountCode | None = None,
) -> Quote:
    who = Buyer(name="Asha", state=buyer, address="1 Sample Street")
    return quote_course(course, who, seller, discount)


def discount(percent: int) -> DiscountCode:
    return DiscountCode(code="WELCOME", kind=Percent(Decimal(percent)))


def opened(priced: Quote, *, name: str = "Asha") -> Payment:
    return Payment.begin(
        ID,
        student=Student(id=StudentId("student-1"), name=name, email="asha@example.com"),
        buyer=Buyer(name="Asha", state=priced.place, address="1 Sample Street"),
        quote=priced,
        at=OPENED,
        lifetime=timedelta(minutes=15),
    )


def paid(priced: Quote, instrument: Instrument = UPI) -> Payment:
    facts = OrderFacts(
        payment=ID,
        verdict=Verdict.CHARGED,
        amount=priced.payable,
        currency="INR",
        bank_txn_id="txn-1",
        bank_reference="621512345678",
        instrument=instrument,
        charged_at=OPENED + timedelta(minutes=2),
    )
    return apply_order_facts(opened(priced), facts, at=OPENED + timedelta(minutes=3)).payment


def email(payment: Payment) -> Email:
    return EmailTemplates(HEAD).payment_confirmation(payment)


def words_of(html: str) -> str:
    body = html[html.index("<body") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def links_of(html: str) -> list[tuple[str, str]]:
    """Return the words and the address of each link, in their order."""
    found = re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [(words_of(f"<body>{words}"), unescape(address)) for address, words in found]


@pytest.mark.parametrize(
    "expected",
    [
        "₹1,45,678.08",
        "Course fee: ₹1,23,456.00",
        "Taxable value: ₹1,23,456.00",
        "CGST: ₹11,111.04",
        "SGST: ₹11,111.04",
        "Reference: SKABCDEFGHIJKLMNOPQR",
        "Bank reference: 621512345678",
        "Paid by: Card VISA •••• 1111",
        "Date: 04 August 2026, 00:32 IST",
        "https://fees.example.com/payments/SKABCDEFGHIJKLMNOPQR",
        "support@example.com",
        "Shulk Courses",
        "Algebra & Number Theory, बीजगणित",
    ],
)
def test_the_email_says_what_was_paid_and_how(expected: str) -> None:
    """
    Figures in Indian grouping, the business day in IST, the card by its last four digits; in both forms.
    """
    written = email(paid(quote(), CARD))

    assert expected in written.text
    if expected.startswith("https:"):
        assert f'href="{expected}"' in written.html
    else:
        assert expected.replace(": ", " ") in words_of(written.html)


@pytest.mark.parametrize("free", [False, True])
def test_the_email_leads_to_the_course(*, free: bool) -> None:
    """
    By its address where one is known, in text and in HTML, before the payment; else to the payment alone.
    """
    payment = paid(quote())
    if free:
        begun = opened(quote(discount=discount(100)))
        payment = complete_without_payment(begun, OPENED + timedelta(minutes=1)).payment
    head = replace(
        HEAD, course_link=lambda course: f"https://learn.example.com/c/{course}?from=fees&to=1"
    )
    page = f"https://fees.example.com/payments/{ID}"

    linked = EmailTemplates(head).payment_confirmation(payment)
    plain = email(payment)

    course = "https://learn.example.com/c/algebra?from=fees&to=1"
    assert f"\nGo to your course:\n{course}\n\nSee your payment:\n{page}\n" in linked.text
    assert links_of(linked.html)[:2] == [("Go to your course", course), ("See your payment", page)]
    assert links_of(plain.html)[:1] == [("See your payment", page)]
    for each in (plain.text, plain.html):
        assert "Go to your course" not in each
        assert "learn.example.com" not in each


@pytest.mark.parametrize(
    ("seller", "buyer", "there", "absent"),
    [
        (CHANDIGARH, CHANDIGARH, "UTGST: ₹11,111.04", "SGST: "),
        (KARNATAKA, CHANDIGARH, "IGST: ₹22,222.08", "CGST: "),
        (KARNATAKA, KARNATAKA, "SGST: ₹11,111.04", "IGST: "),
    ],
)
def test_each_tax_goes_by_its_name(
    seller: IndianState, buyer: IndianState, there: str, absent: str
) -> None:
    """
    A union territory's half is UTGST, another State's tax is IGST, and no empty head is shown.
    """
    text = email(paid(quote(seller=seller, buyer=buyer))).text

    assert f"\n{there}" in text
    assert f"\n{absent}" not in text


def test_a_discount_is_shown_with_its_code() -> None:
    """
    The email adds up: fee, less discount, and the taxes on the rest.
    """
    assert "Discount (WELCOME): −₹12,345.60" in email(paid(quote(discount=discount(10)))).text  # noqa: RUF001 - a minus sign


def test_a_free_enrolment_speaks_of_no_payment() -> None:
    """
    Who paid nothing is not told that a payment was received.
    """
    free = complete_without_payment(
        opened(quote(discount=discount(100))), OPENED + timedelta(minutes=1)
    ).payment

    written = email(free)

    assert written.subject.startswith("Your course is open: ")
    for form in (written.text, words_of(written.html)):
        assert "nothing to pay" in form
        assert not re.search("received|paid|bank|GST", form, re.IGNORECASE)


def test_the_same_email_has_the_same_id() -> None:
    """
    However often it is written, a mail program shows it once.
    """
    payment = paid(quote())

    assert email(payment) == email(payment)
    assert (
        email(payment).message_id == "<payment_confirmation.SKABCDEFGHIJKLMNOPQR@fees.example.com>"
    )


def test_a_host_without_a_name_makes_an_id_too() -> None:
    """
    A service reached by a bare IPv6 address writes it as the mail rules ask.
    """
    texts = EmailTemplates(replace(HEAD, public_url="http://[::1]:8000"))

    assert texts.payment_confirmation(paid(quote())).message_id.endswith("@[IPv6:::1]>")


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ 7 * 7 }}{% raw %}",
        "Asha\r\nBcc: ravi@example.com\n\nPay again at",
        "Asha \u202egnirts\u2066 \u2028next",
    ],
)
def test_a_name_is_a_name(name: str) -> None:
    """
    Markup, template marks, line breaks and turned reading order stay words on one line.
    """
    payment = replace(paid(quote()), student=replace(opened(quote(), name=name).student))

    written = email(payment)

    first = written.text.splitlines()[0]
    assert first.startswith("Dear ")
    assert first.endswith(",")
    assert "<script>" not in written.html
    assert "<img" not in written.html
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028]", written.text + written.html)
    assert "\nBcc" not in written.text
    if "{" in name:
        assert name in written.text


def test_a_subject_stays_short() -> None:
    """
    A long title is cut in the subject, never in the email.
    """
    long = replace(COURSE, title="Mathematics " * 16)

    written = email(paid(quote(long)))

    assert len(written.subject) <= 140
    assert written.subject.endswith("…")
    assert " ".join(long.title.split()) in written.text


def test_an_unknown_way_to_pay_is_left_out() -> None:
    """
    Where the bank did not say how, the email does not either; the transaction stands in for a missing reference.
    """
    payment = paid(quote(), Instrument())
    assert payment.capture is not None
    payment = replace(payment, capture=replace(payment.capture, bank_reference=""))

    text = email(payment).text

    assert "Paid by" not in text
    assert "Bank reference: txn-1" in text


@pytest.mark.parametrize(
    ("exempt", "said"),
    [
        (False, "Your tax invoice INV/2627/0000001 is attached."),
        (True, "Your bill of supply BOS/2627/0000001 is attached."),
    ],
)
def test_the_email_names_what_is_attached(*, exempt: bool, said: str) -> None:
    """
    By its number, in text and HTML alike; without a document it speaks of none.
    """
    payment = paid(quote())
    attached = an_invoice(sold(rate="0" if exempt else "18", exempt=exempt))

    email = EmailTemplates(HEAD).payment_confirmation(payment, attached)

    assert said in email.text
    assert said in words_of(email.html)
    bare = EmailTemplates(HEAD).payment_confirmation(payment)
    assert "attached" not in bare.text + bare.html
