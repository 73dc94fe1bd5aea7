"""Requests and answers of the payment API; amounts are rupees as text with two decimals."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Final, Literal, Self

import msgspec
from msgspec import Meta

from domain.catalogue.course import CourseId, parse_course_id
from domain.catalogue.discount import parse_discount_code
from domain.catalogue.expected_quote import ANY_QUOTE, ExpectedQuote
from domain.catalogue.quote import Quote
from domain.money import CURRENCY, Money, check_currency
from domain.payments.client_reference import ClientReference
from domain.payments.consent import PrivacyNotice
from domain.payments.payment import Payment
from domain.tax.gst import ADDRESS_MAX, NAME_MAX, Buyer, PriceMode, SpecialZoneUnsupported
from domain.tax.gstin import Gstin
from domain.tax.indian_states import SecondTax, indian_state
from domain.text.postal_address import address_line
from domain.text.printable import on_one_line
from entrypoints.http.body_faults import AMOUNT, Check, Checks
from ports.payments.payment_queries import HistoryItem

TEXT_MAX: Final = 400
CODE_MAX: Final = 64

Text = Annotated[str, Meta(max_length=TEXT_MAX)]
Rupees = Annotated[str, Meta(pattern=r"^[0-9]+\.[0-9]{2}$", examples=["1180.00"])]
Currency = Annotated[
    Literal["INR"],
    Meta(description="ISO 4217. Each amount is in rupees, as text with two decimals."),
]
TransactionId = Annotated[str, Meta(pattern="^SK[A-Z2-7]{18}$", examples=["SKABCDEFGH234567JKLM"])]


class Billing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Who is billed. The State decides the tax; `gstin` and `address` go on the invoice.

    An address may be typed in lines: each line break becomes a comma.
    """

    checks: ClassVar[Checks] = {
        "name": Check(
            lambda text: _billed(name=on_one_line(text)), f"1 to {NAME_MAX} printable characters"
        ),
        "state_code": Check(
            lambda text: indian_state(text.strip()), "the two digits of a State, such as 29"
        ),
        "gstin": Check(
            lambda text: Gstin.parse(given) if (given := _given(text)) else None,
            "15 letters and digits, as the registration certificate shows them",
        ),
        "address": Check(
            lambda text: _billed(address=address_line(text) or None),
            f"at most {ADDRESS_MAX} printable characters",
        ),
        "": Check(lambda billing: billing.buyer()),
    }

    name: Annotated[
        str, Meta(max_length=TEXT_MAX, description="Up to 100 characters.", examples=["Asha"])
    ]
    state_code: Annotated[
        str,
        Meta(
            max_length=CODE_MAX,
            description="GST code of the buyer's State, two digits.",
            examples=["29"],
        ),
    ]
    gstin: Annotated[str, Meta(max_length=CODE_MAX)] | None = None
    address: Annotated[str, Meta(max_length=TEXT_MAX)] | None = None
    special_economic_zone: Annotated[
        bool,
        Meta(
            description="Whether the buyer is a unit or developer of a special economic zone (SEZ);"
            " such a buyer cannot be billed here yet."
        ),
    ] = False

    def buyer(self) -> Buyer:
        """
        Return these details trimmed and checked, or raise what the domain says of them.

        A GSTIN does not tell whether its holder is in a special economic zone, so the buyer says it.
        """
        if self.special_economic_zone:
            raise SpecialZoneUnsupported
        gstin = _given(self.gstin)
        return Buyer(
            name=self.line_name,
            state=indian_state(self.state_code.strip()),
            gstin=Gstin.parse(gstin) if gstin else None,
            address=self.line_address,
        )

    @property
    def line_name(self) -> str:
        """The name as it is printed: a tab or line break in it is a blank."""
        return on_one_line(self.name)

    @property
    def line_address(self) -> str | None:
        """The address as it is printed: typed in lines, it is one with commas."""
        return address_line(self.address or "") or None


class PaymentWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A course, who is billed for it, and perhaps a discount code."""

    checks: ClassVar[Checks] = {
        "discount_code": Check(
            lambda text: parse_discount_code(typed) if (typed := _given(text)) else None
        )
    }

    course_id: Annotated[str, Meta(max_length=CODE_MAX, examples=["python-foundations"])]
    billing: Billing
    discount_code: Annotated[str, Meta(max_length=CODE_MAX)] | None = None
    currency: (
        Annotated[
            str,
            Meta(
                max_length=CODE_MAX,
                description="INR where it is told: nothing is sold in another currency.",
                examples=["INR"],
            ),
        ]
        | None
    ) = None

    def check_currency(self) -> None:
        """Raise ``CurrencyUnsupported`` for another currency than ours."""
        if self.currency is not None:
            check_currency(self.currency)

    @property
    def course(self) -> CourseId:
        return parse_course_id(self.course_id)

    @property
    def code(self) -> str | None:
        """The code as it is looked up; raises ``DiscountRefused`` for what no code looks like."""
        typed = _given(self.discount_code)
        return parse_discount_code(typed) if typed else None

    def digest(self) -> str:
        """Return the hex SHA-256 of what is asked for, however it was spaced on the wire."""
        billing = self.billing
        said = (
            self.course,
            billing.line_name,
            billing.state_code.strip(),
            (_given(billing.gstin) or "").upper(),
            billing.line_address,
            self.code,
        )
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


class StudentTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The student for whom a back end pays: `name` goes on the invoice and in emails, the confirmation to `email`,
    and the bank's page is filled in with `phone`.
    """

    name: Annotated[
        str,
        Meta(max_length=TEXT_MAX, description="Up to 100 characters.", examples=["Asha"]),
    ]
    email: Annotated[str, Meta(max_length=TEXT_MAX, examples=["asha@example.com"])]
    phone: Annotated[str, Meta(max_length=CODE_MAX, examples=["+919876543210"])] = ""


class InitiationWanted(PaymentWanted, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What is bought, and what the student saw of its price. With `expected_payable`, `expected_quote` or both the
    request is refused when the price is another one by now: `price-changed`. A server key, and nothing else, also
    sends the `student`.
    """

    checks: ClassVar[Checks] = {
        **PaymentWanted.checks,
        "expected_payable": AMOUNT._replace(
            run=lambda text: Money.from_rupees(given) if (given := _given(text)) else None
        ),
    }

    expected_payable: (
        Annotated[
            str,
            Meta(
                max_length=CODE_MAX,
                description="`payable` as the student saw it, in rupees.",
                examples=["1180.00"],
            ),
        ]
        | None
    ) = None
    expected_quote: (
        Annotated[
            str,
            Meta(
                max_length=CODE_MAX,
                description="`fingerprint` of the quote that the student saw: it stands for each of its parts.",
            ),
        ]
        | None
    ) = None

    client_reference: (
        Annotated[
            str,
            Meta(
                max_length=TEXT_MAX,
                description="The platform's own name of the purchase, such as an order number: up to 100 printable "
                "ASCII characters without blanks. It names one course for one student, until that is sold.",
                examples=["order-4711"],
            ),
        ]
        | None
    ) = None

    consent: (
        Annotated[
            str,
            Meta(
                max_length=CODE_MAX,
                description="`version` of the quote's `privacy_notice` that the student was shown and agreed to. It is "
                "kept with the payment.",
                examples=["5ac1" * 16],
            ),
        ]
        | None
    ) = None

    student: StudentTold | None = None

    @property
    def agreed(self) -> str | None:
        """The version of the privacy notice that the student agreed to."""
        return _given(self.consent)

    @property
    def reference(self) -> ClientReference | None:
        """What the platform calls the purchase; raises ``ClientReferenceInvalid``."""
        text = _given(self.client_reference)
        return ClientReference.parse(text) if text else None

    @property
    def expected(self) -> ExpectedQuote:
        """What the student saw; raises ``MoneyNotExact``."""
        payable = _given(self.expected_payable)
        return ExpectedQuote(
            payable=Money.from_rupees(payable) if payable else None,
            fingerprint=_given(self.expected_quote),
        )

    def digest(self) -> str:
        """Return the hex SHA-256 of what is asked for and agreed to, however it was spaced on the wire."""
        digest, expected = super().digest(), self.expected
        if expected != ANY_QUOTE:
            payable = None if expected.payable is None else expected.payable.paise
            digest = _digest(digest, payable, expected.fingerprint)
        if self.reference is not None:
            digest = _digest(digest, "client_reference", self.reference.text)
        if self.agreed is not None:
            digest = _digest(digest, "consent", self.agreed)
        if self.student is not None:
            digest = _digest(digest, "student", self.student)
        return digest


class Breakdown(msgspec.Struct, frozen=True, kw_only=True):
    """How the price is made up. UTGST travels in `sgst`; `second_tax` says which of the two it is."""

    list_price: Rupees
    discount: Rupees
    taxable: Rupees
    cgst: Rupees
    sgst: Rupees
    igst: Rupees
    payable: Rupees
    second_tax: SecondTax | None
    place_of_supply: Annotated[str, Meta(examples=["29-Karnataka"])]

    @classmethod
    def of(cls, quote: Quote) -> Self:
        return cls(
            list_price=quote.list_price.plain(),
            discount=quote.discount.plain(),
            taxable=quote.taxable.plain(),
            cgst=quote.cgst.plain(),
            sgst=quote.sgst.plain(),
            igst=quote.igst.plain(),
            payable=quote.payable.plain(),
            second_tax=quote.second_tax,
            place_of_supply=str(quote.place),
        )


class PrivacyNoticeView(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a student is asked to agree to before they pay: show them the words of `texts` in their language, with a link
    to `url`. `version` stands for both: as `consent` of the payment it says what they agreed to.
    """

    version: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    url: str
    texts: Annotated[
        Mapping[str, str], Meta(description="By language: `en` for English, `hi` for Hindi.")
    ]

    @classmethod
    def of(cls, notice: PrivacyNotice) -> Self:
        return cls(
            version=notice.version,
            url=notice.url,
            texts={language.value: words for language, words in notice.texts.items()},
        )


class QuoteAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the course would cost now; it binds nobody until a payment is opened. `fingerprint` stands for all of it: as
    `expected_quote` it makes sure that a payment is opened for this quote or not at all. `privacy_notice` is null where
    students are asked to agree to nothing.
    """

    course_id: str
    title: str
    discount_code: str | None
    gst_rate: Annotated[str, Meta(examples=["18"], description="Per cent, all heads together.")]
    price_mode: PriceMode
    breakdown: Breakdown
    fingerprint: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    privacy_notice: PrivacyNoticeView | None = None
    currency: Currency = CURRENCY

    @classmethod
    def of(cls, quote: Quote, notice: PrivacyNotice | None) -> Self:
        return cls(
            course_id=quote.course,
            title=quote.course_title,
            discount_code=quote.discount_code,
            gst_rate=f"{quote.gst_rate.percent.normalize():f}",
            price_mode=quote.price_mode,
            breakdown=Breakdown.of(quote),
            fingerprint=quote.fingerprint,
            privacy_notice=None if notice is None else PrivacyNoticeView.of(notice),
        )


class InitiateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    The payment that was opened. `payment_url` is null when there was nothing to pay.

    Every member is fixed with the payment, so that the same idempotency key has the same answer.
    """

    transaction_id: TransactionId
    order_id: TransactionId
    payment_url: str | None
    expires_at: datetime
    breakdown: Breakdown
    client_reference: str | None = None
    currency: Currency = CURRENCY

    @classmethod
    def of(cls, payment: Payment) -> Self:
        return cls(
            transaction_id=payment.id,
            order_id=payment.id,
            payment_url=payment.gateway_order.payment_url if payment.gateway_order else None,
            expires_at=payment.expires_at,
            breakdown=Breakdown.of(payment.quote),
            client_reference=payment.reference_text,
        )


class HistoryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the student's payments, newest first; `next` is null on the last page."""

    items: Sequence[HistoryItem]
    next: str | None


class FormToken(msgspec.Struct, frozen=True, kw_only=True):
    """Send `csrf_token` as the header X-CSRF-Token with every request that changes something."""

    csrf_token: str


class Accepted(msgspec.Struct, frozen=True):
    """The message is kept; there is nothing more to say."""


def _digest(*said: str | int | msgspec.Struct | None) -> str:
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def _billed(name: str = "Asha", address: str | None = None) -> Buyer:
    """Return a buyer of whom one thing is checked by itself, whatever else the body says."""
    return Buyer(name=name, state=indian_state("29"), address=address)


def _given(text: str | None) -> str | None:
    return (text or "").strip() or None
