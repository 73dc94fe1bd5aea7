"""What of a merchant account may be read by staff: names at the bank, methods, amounts, time to pay."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from domain.catalogue.amount_limits import PAYABLE_MAX, PAYABLE_MIN, WIDEST_LIMITS, AmountLimits
from domain.errors import DomainError
from domain.money import Money
from domain.text.card_number import contains_card_number

NAME_MAX: Final = 100
LIFETIME_MIN: Final = timedelta(minutes=5)
LIFETIME_MAX: Final = timedelta(minutes=60)

_NAME: Final = re.compile(r"[\x21-\x7e]{1,100}")
_USER: Final = re.compile(r"[\x21-\x39\x3b-\x7e]{1,100}")
_DAY: Final = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]")


class ConfigurationInvalid(DomainError):
    """
    The gateway is not configured like this.

    *faults* are the fields that are wrong, each with the reason; they quote nothing. There is *field* with its
    *reason*, and perhaps *others*.
    """

    def __init__(self, field: str, reason: str, *others: tuple[str, str]) -> None:
        self.faults = ((field, reason), *others)
        super().__init__("; ".join(f"{name}: {what}" for name, what in self.faults))


class PaymentMethod(StrEnum):
    """What a student may pay by, under the bank's names (SmartGateway's ``payment_filter``)."""

    UPI = "UPI"
    CARD = "CARD"
    NET_BANKING = "NB"
    WALLET = "WALLET"


EVERY_METHOD: Final = frozenset(PaymentMethod)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayTerms:
    """
    *api_version* pins the shape of the bank's answers. *session_lifetime* is how long a student may pay.

    With ``EVERY_METHOD`` the bank's page shows whatever the account has. *maxima* are the highest amounts of
    methods that take less than *limits* allow; one may be there of a method that is not enabled.
    """

    merchant_id: str
    payment_page_client_id: str
    api_version: str
    webhook_user: str
    methods: frozenset[PaymentMethod] = EVERY_METHOD
    limits: AmountLimits = WIDEST_LIMITS
    session_lifetime: timedelta = timedelta(minutes=15)
    maxima: Mapping[PaymentMethod, Money] = field(default_factory=dict, hash=False)

    @property
    def payable(self) -> AmountLimits:
        """What one payment may come to: no more than some method that is enabled takes."""
        highest = max(self.highest_by(each) for each in self.methods)
        return AmountLimits(minimum=self.limits.minimum, maximum=min(self.limits.maximum, highest))

    def highest_by(self, method: PaymentMethod) -> Money:
        """Return the highest amount that *method* takes."""
        return self.maxima.get(method, PAYABLE_MAX)

    def methods_for(self, amount: Money) -> frozenset[PaymentMethod]:
        """
        Return by what *amount* may be paid.

        Where that is nothing, because the maxima were lowered after the payment began, it is all that is enabled.
        """
        fitting = frozenset(each for each in self.methods if amount <= self.highest_by(each))
        return fitting or self.methods

    def widens(self, before: "GatewayTerms") -> bool:
        """Whether these terms touch what identifies us at the bank, or allow anything that *before* did not."""
        return (
            _identity(self) != _identity(before)
            or not self.methods <= before.methods
            or self.limits.minimum < before.limits.minimum
            or self.limits.maximum > before.limits.maximum
            or any(self.highest_by(each) > before.highest_by(each) for each in PaymentMethod)
            or self.session_lifetime > before.session_lifetime
        )

    def words(self) -> Mapping[str, str]:
        """Return each field as text, for the audit log and for comparing two versions."""
        return {
            "merchant_id": self.merchant_id,
            "payment_page_client_id": self.payment_page_client_id,
            "api_version": self.api_version,
            "webhook_user": self.webhook_user,
            "methods": " ".join(each.value for each in PaymentMethod if each in self.methods),
            "minimum": self.limits.minimum.plain(),
            "maximum": self.limits.maximum.plain(),
            "method_maxima": " ".join(
                f"{each.value} {self.maxima[each].plain()}"
                for each in PaymentMethod
                if each in self.maxima
            ),
            "session_seconds": str(int(self.session_lifetime.total_seconds())),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsChange:
    """What somebody wants of the terms; what is None stays as it is. *maxima* are wanted as a whole."""

    merchant_id: str | None = None
    payment_page_client_id: str | None = None
    api_version: str | None = None
    webhook_user: str | None = None
    methods: frozenset[PaymentMethod] | None = None
    minimum: Money | None = None
    maximum: Money | None = None
    session_lifetime: timedelta | None = None
    maxima: Mapping[PaymentMethod, Money] | None = None

    def applied_to(self, before: GatewayTerms) -> GatewayTerms:
        """Return *before* with this change, or raise ``ConfigurationInvalid``; only what changes is checked."""
        limits, lifetime = self._limits(before), self.session_lifetime
        methods = before.methods if self.methods is None else self.methods
        if faults := list(self._faults(before, *limits, methods)):
            raise ConfigurationInvalid(*faults[0], *faults[1:])
        return replace(
            before,
            **{name: wanted for name, wanted, _, _ in self._texts(before)},
            methods=methods,
            limits=AmountLimits(minimum=limits[0], maximum=limits[1]),
            session_lifetime=before.session_lifetime if lifetime is None else lifetime,
            maxima=before.maxima if self.maxima is None else dict(self.maxima),
        )

    def _limits(self, before: GatewayTerms) -> tuple[Money, Money]:
        return (
            before.limits.minimum if self.minimum is None else self.minimum,
            before.limits.maximum if self.maximum is None else self.maximum,
        )

    def _faults(
        self,
        before: GatewayTerms,
        minimum: Money,
        maximum: Money,
        methods: frozenset[PaymentMethod],
    ) -> Iterator[tuple[str, str]]:
        if not minimum >= PAYABLE_MIN:
            yield "minimum", f"it is at least {PAYABLE_MIN}"
        if not maximum <= PAYABLE_MAX:
            yield "maximum", f"it is at most {PAYABLE_MAX}"
        elif minimum > maximum:
            yield "maximum", "it is not below the lowest amount"
        for name, wanted, pattern, fault in self._texts(before):
            if not pattern.fullmatch(wanted) or contains_card_number(wanted):
                yield name, fault
        if not methods:
            yield "methods", "at least one is enabled"
        maxima = before.maxima if self.maxima is None else self.maxima
        if not all(PAYABLE_MIN <= each <= PAYABLE_MAX for each in maxima.values()):
            yield "method_maxima", f"each is {PAYABLE_MIN} to {PAYABLE_MAX}"
        elif methods and all(maxima.get(each, PAYABLE_MAX) < minimum for each in methods):
            yield "method_maxima", "no method that is enabled takes the lowest amount"
        lifetime = self.session_lifetime
        if (
            lifetime is not None
            and lifetime != before.session_lifetime
            and not LIFETIME_MIN <= lifetime <= LIFETIME_MAX
        ):
            yield "session_seconds", "it is 5 to 60 minutes"

    def _texts(self, before: GatewayTerms) -> Iterator[tuple[str, str, re.Pattern[str], str]]:
        """Yield what changes: its name, what is wanted, its form, and what is said of another form."""
        for name, pattern, fault in _TEXTS:
            wanted: str | None = getattr(self, name)
            if wanted is not None and wanted != getattr(before, name):
                yield name, wanted, pattern, fault


_WRITTEN: Final = f"1 to {NAME_MAX} printable ASCII characters without blanks, and no card number"
_TEXTS: Final = (
    ("merchant_id", _NAME, _WRITTEN),
    ("payment_page_client_id", _NAME, _WRITTEN),
    ("api_version", _DAY, "a day, such as 2023-06-30"),
    ("webhook_user", _USER, f"{_WRITTEN}, and no colon"),
)


def _identity(terms: GatewayTerms) -> tuple[str, ...]:
    return (
        terms.merchant_id,
        terms.payment_page_client_id,
        terms.api_version,
        terms.webhook_user,
    )
