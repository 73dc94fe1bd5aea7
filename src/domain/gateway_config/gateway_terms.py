"""What of a merchant account may be read by staff: names at the bank, methods, amounts, time to pay."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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
    """The gateway is not configured like this; *field* and *reason* say what is wrong, and quote nothing."""

    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"{field}: {reason}")


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

    With ``EVERY_METHOD`` the bank's page shows whatever the account has.
    """

    merchant_id: str
    payment_page_client_id: str
    api_version: str
    webhook_user: str
    methods: frozenset[PaymentMethod] = EVERY_METHOD
    limits: AmountLimits = WIDEST_LIMITS
    session_lifetime: timedelta = timedelta(minutes=15)

    def widens(self, before: "GatewayTerms") -> bool:
        """Whether these terms touch what identifies us at the bank, or allow anything that *before* did not."""
        return (
            _identity(self) != _identity(before)
            or not self.methods <= before.methods
            or self.limits.minimum < before.limits.minimum
            or self.limits.maximum > before.limits.maximum
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
            "session_seconds": str(int(self.session_lifetime.total_seconds())),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsChange:
    """What somebody wants of the terms; what is None stays as it is."""

    merchant_id: str | None = None
    payment_page_client_id: str | None = None
    api_version: str | None = None
    webhook_user: str | None = None
    methods: frozenset[PaymentMethod] | None = None
    minimum: Money | None = None
    maximum: Money | None = None
    session_lifetime: timedelta | None = None

    def applied_to(self, before: GatewayTerms) -> GatewayTerms:
        """Return *before* with this change, or raise ``ConfigurationInvalid``; only what changes is checked."""
        minimum = before.limits.minimum if self.minimum is None else self.minimum
        maximum = before.limits.maximum if self.maximum is None else self.maximum
        if not minimum >= PAYABLE_MIN:
            raise ConfigurationInvalid("minimum", f"it is at least {PAYABLE_MIN}")
        if not maximum <= PAYABLE_MAX:
            raise ConfigurationInvalid("maximum", f"it is at most {PAYABLE_MAX}")
        if minimum > maximum:
            raise ConfigurationInvalid("maximum", "it is not below the lowest amount")
        texts = dict(self._texts(before))
        methods = before.methods if self.methods is None else self.methods
        if not methods:
            raise ConfigurationInvalid("methods", "at least one is enabled")
        return replace(
            before,
            **texts,
            methods=methods,
            limits=AmountLimits(minimum=minimum, maximum=maximum),
            session_lifetime=self._lifetime(before),
        )

    def _texts(self, before: GatewayTerms) -> Iterator[tuple[str, str]]:
        for name, pattern, fault in _TEXTS:
            wanted: str | None = getattr(self, name)
            if wanted is None or wanted == getattr(before, name):
                continue
            if not pattern.fullmatch(wanted) or contains_card_number(wanted):
                raise ConfigurationInvalid(name, fault)
            yield name, wanted

    def _lifetime(self, before: GatewayTerms) -> timedelta:
        wanted = self.session_lifetime
        if wanted is None or wanted == before.session_lifetime:
            return before.session_lifetime
        if not LIFETIME_MIN <= wanted <= LIFETIME_MAX:
            raise ConfigurationInvalid("session_lifetime", "it is 5 to 60 minutes")
        return wanted


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
