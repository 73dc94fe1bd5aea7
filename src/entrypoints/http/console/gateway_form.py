"""What the form of the gateway configuration holds: read as it was typed, and as the change that it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from litestar import Request

from application.gateway_config.configuration_drafts import ConfigurationDrafts
from application.gateway_config.propose_configuration import (
    ConfigurationChange,
    ProposeConfigurationCommand,
)
from domain.business_day import IST
from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import (
    ConfigurationInvalid,
    GatewayTerms,
    PaymentMethod,
    TermsChange,
)
from domain.money import Money
from domain.staff.staff_member import StaffId
from domain.text.printable import on_one_line
from entrypoints.http.api.refund_wire import CODE_MAX
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

NAMES: Final = ("merchant_id", "payment_page_client_id", "api_version", "webhook_user")
MAXIMA: Final[Mapping[PaymentMethod, str]] = MappingProxyType(
    {each: f"maximum_{each.value.lower()}" for each in PaymentMethod}
)
"""By the method: the field with its highest amount, empty where it has none of its own."""

FIELDS: Final = (
    *(*NAMES, "minimum", "maximum", *MAXIMA.values()),
    *("minutes", "effective_from", "based_on", "reason"),
)
TEXT_MAX: Final = 300
KEPT_CHARS_MAX: Final = 4_000
NUMBER_DIGITS_MAX: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeForm:
    """*fields* and *methods* as they were typed; *typed* are new secrets, *kept* those of a page before."""

    fields: Mapping[str, str]
    methods: frozenset[PaymentMethod]
    typed: Mapping[SecretField, str] = field(default_factory=dict, repr=False)
    kept: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    back_to: str = ""
    act: str = ""

    @classmethod
    def of(cls, terms: GatewayTerms, based_on: int) -> "ChangeForm":
        """Return the form with what is in effect; the fields of secrets are empty."""
        fields = fields_of(terms) | {"based_on": str(based_on)}
        return cls(fields=fields, methods=terms.methods)

    def secrets(self, drafts: ConfigurationDrafts, by: StaffId) -> Mapping[SecretField, str]:
        """Return what was typed here and on a page before, or raise ``ConfigurationInvalid``."""
        return {**drafts.read(self.kept, by), **self.typed}

    def change(self, secrets: Mapping[SecretField, str]) -> ConfigurationChange:
        """Return what the form asks for with *secrets*. Raises ``DomainError``."""
        return ConfigurationChange(terms=change_of(self.fields, self.methods), secrets=secrets)

    def command(
        self, request: Request[Caller, Any, Any], change: ConfigurationChange
    ) -> ProposeConfigurationCommand:
        """Return what is asked for by whoever sends the form. Raises ``ConfigurationInvalid``."""
        return ProposeConfigurationCommand(
            change=change,
            reason=on_one_line(self.fields["reason"]),
            based_on=number_of("based_on", self.fields["based_on"]),
            by=StaffId(request.user.id),
            origin=origin_of_request(request, Source.ADMIN),
            code=self.code,
            effective_from=instant_of(self.fields["effective_from"]),
        )


async def form_of(request: Request[Caller, Any, Any]) -> ChangeForm:
    """Return the form that was sent."""
    form = await request.form()
    known = {each.value for each in PaymentMethod}
    return ChangeForm(
        fields={name: str(form.get(name, "")).strip()[:TEXT_MAX] for name in FIELDS},
        methods=frozenset(
            PaymentMethod(str(each)) for each in form.getall("method", []) if str(each) in known
        ),
        typed={
            each: text.strip()
            for each in SecretField
            if (text := str(form.get(each.value, "")).strip())
        },
        kept=str(form.get("kept", ""))[:KEPT_CHARS_MAX],
        code=str(form.get("code", ""))[:CODE_MAX],
        back_to=str(form.get("back_to", ""))[:NUMBER_DIGITS_MAX],
        act=str(form.get("act", "")),
    )


def fields_of(terms: GatewayTerms) -> dict[str, str]:
    """Return *terms* as the form shows them."""
    minutes = terms.session_lifetime / timedelta(minutes=1)
    return {
        **{name: str(getattr(terms, name)) for name in NAMES},
        "minimum": terms.limits.minimum.plain(),
        "maximum": terms.limits.maximum.plain(),
        **{
            name: terms.maxima[each].plain() if each in terms.maxima else ""
            for each, name in MAXIMA.items()
        },
        "minutes": f"{minutes:g}",
    }


def change_of(fields: Mapping[str, str], methods: frozenset[PaymentMethod]) -> TermsChange:
    """Return what the fields say; what equals the version in effect changes nothing. Raises ``DomainError``."""
    return TermsChange(
        **{name: fields[name] for name in NAMES},
        methods=methods,
        minimum=_rupees(fields["minimum"]),
        maximum=_rupees(fields["maximum"]),
        session_lifetime=_minutes(fields["minutes"]),
        maxima={each: _rupees(fields[name]) for each, name in MAXIMA.items() if fields[name]},
    )


def _rupees(text: str) -> Money:
    return Money.from_rupees(text.replace(",", "").removeprefix("₹").strip())


def _minutes(text: str) -> timedelta:
    try:
        return timedelta(seconds=round(float(text) * 60))
    except (ValueError, OverflowError):
        raise ConfigurationInvalid("session_seconds", "write minutes as a number") from None


def number_of(name: str, text: str) -> int:
    """Return the number of a version, or raise ``ConfigurationInvalid`` about the field *name*."""
    if not (text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX):
        raise ConfigurationInvalid(name, "open the form again")
    return int(text)


def instant_of(text: str) -> datetime | None:
    """Return the instant of a date and time in India, None for as soon as it may."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=IST).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigurationInvalid("effective_from", "write a date and a time") from None
