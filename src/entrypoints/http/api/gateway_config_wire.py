"""Requests and answers about the gateway configuration; a secret goes in and never comes out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Final, Self

import msgspec
from msgspec import Meta

from application.gateway_config.propose_configuration import ConfigurationChange
from application.gateway_config.read_configuration import (
    ConfigurationOverview,
    ConfigurationView,
    SecretMask,
)
from application.gateway_config.try_connection import ConnectionTest, ConnectionVerdict
from domain.gateway_config.configuration_version import REASON_MAX, ConfigurationVersion
from domain.gateway_config.gateway_secrets import SECRET_MAX, SecretField
from domain.gateway_config.gateway_terms import NAME_MAX, PaymentMethod, TermsChange
from domain.money import CURRENCY, Money
from entrypoints.http.api.refund_wire import Amount, Code
from entrypoints.http.api.wire import Currency, Rupees
from entrypoints.http.body_faults import AMOUNT, Checks

SESSION_SECONDS_MAX: Final = 3600
Name = Annotated[str, Meta(max_length=NAME_MAX)]
Secret = Annotated[str, Meta(max_length=SECRET_MAX)]
Reason = Annotated[str, Meta(min_length=1, max_length=REASON_MAX)]
Version = Annotated[int, Meta(ge=0, le=2_147_483_647)]


class SecretView(msgspec.Struct, frozen=True, kw_only=True):
    """
    All that is shown of a secret: its last four characters when it has 16 or more, and a fingerprint by
    which two people can compare what they were given. `readable` is false when it has to be entered again.
    """

    secret: SecretField
    tail: str
    fingerprint: str
    readable: bool

    @classmethod
    def of(cls, mask: SecretMask) -> Self:
        return cls(
            secret=mask.secret,
            tail=mask.tail,
            fingerprint=mask.fingerprint,
            readable=mask.readable,
        )


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A version; 0 is what the process was started with, and has no history. `needs_second` is whether
    another officer has to approve it. `old_secrets_until` is how long the secrets before are accepted.
    """

    version: int
    state: str
    merchant_id: str
    payment_page_client_id: str
    api_version: str
    webhook_user: str
    methods: Sequence[PaymentMethod]
    minimum: Rupees
    maximum: Rupees
    session_seconds: int
    secrets: Sequence[SecretView]
    method_maxima: Mapping[PaymentMethod, Rupees] = {}
    needs_second: bool = False
    reason: str = ""
    proposed_by: str = ""
    proposed_at: datetime | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    decision_reason: str = ""
    effective_from: datetime | None = None
    old_secrets_until: datetime | None = None

    @classmethod
    def of(cls, view: ConfigurationView) -> Self:
        terms = view.terms
        return cls(
            version=view.number,
            merchant_id=terms.merchant_id,
            payment_page_client_id=terms.payment_page_client_id,
            api_version=terms.api_version,
            webhook_user=terms.webhook_user,
            methods=[each for each in PaymentMethod if each in terms.methods],
            minimum=terms.limits.minimum.plain(),
            maximum=terms.limits.maximum.plain(),
            session_seconds=int(terms.session_lifetime.total_seconds()),
            secrets=[SecretView.of(each) for each in view.secrets],
            method_maxima={each: highest.plain() for each, highest in terms.maxima.items()},
            **_history(view.stored),
        )


class ConfigurationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is in effect, what waits for a second officer or for its instant, and the versions before.

    While `old_secrets_since` names a version, the secrets before that one are accepted as well.
    `locked` is whether the operator keeps the configuration in the environment.
    """

    in_effect: VersionView
    pending: VersionView | None
    old_secrets_since: int | None
    old_secrets_until: datetime | None
    history: Sequence[VersionView]
    locked: bool
    currency: Currency = CURRENCY

    @classmethod
    def of(cls, overview: ConfigurationOverview) -> Self:
        pending, old = overview.pending, overview.old_secrets
        return cls(
            in_effect=VersionView.of(overview.in_effect),
            pending=None if pending is None else VersionView.of(pending),
            old_secrets_since=None if old is None else old.number,
            old_secrets_until=None if old is None else old.overlap_until,
            history=[VersionView.of(each) for each in overview.history],
            locked=overview.locked,
        )


class MethodMaxima(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The highest amounts of methods that take less than `maximum`; a method that is left out has none."""

    checks: ClassVar[Checks] = dict.fromkeys((each.value for each in PaymentMethod), AMOUNT)

    UPI: Amount | None = None
    CARD: Amount | None = None
    NB: Amount | None = None
    WALLET: Amount | None = None

    def told(self) -> Mapping[PaymentMethod, Money]:
        """Return those that are there; raises ``MoneyNotExact``."""
        wanted = {each: _money(getattr(self, each.value)) for each in PaymentMethod}
        return {each: highest for each, highest in wanted.items() if highest is not None}


class ConfigurationAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What is to change, and why; what is left out stays as it is, secrets too. `based_on` is the version that
    was seen in effect. `effective_from` is an instant with its offset, at most 30 days ahead; without it the
    version is in effect a minute after its approval. `otp` is a code of whoever asks.
    """

    checks: ClassVar[Checks] = {"minimum": AMOUNT, "maximum": AMOUNT}

    merchant_id: Name | None = None
    payment_page_client_id: Name | None = None
    api_version: Annotated[str, Meta(max_length=10, examples=["2023-06-30"])] | None = None
    webhook_user: Name | None = None
    methods: Annotated[list[PaymentMethod], Meta(max_length=len(PaymentMethod))] | None = None
    minimum: Amount | None = None
    maximum: Amount | None = None
    session_seconds: Annotated[int, Meta(ge=1, le=SESSION_SECONDS_MAX)] | None = None
    method_maxima: MethodMaxima | None = None
    api_key: Secret | None = None
    response_key: Secret | None = None
    webhook_password: Secret | None = None
    based_on: Version
    reason: Reason
    effective_from: Annotated[datetime, Meta(tz=True)] | None = None
    otp: Code

    @property
    def change(self) -> ConfigurationChange:
        """What is wanted; raises ``MoneyNotExact``."""
        seconds = self.session_seconds
        return ConfigurationChange(
            terms=TermsChange(
                merchant_id=self.merchant_id,
                payment_page_client_id=self.payment_page_client_id,
                api_version=self.api_version,
                webhook_user=self.webhook_user,
                methods=None if self.methods is None else frozenset(self.methods),
                minimum=_money(self.minimum),
                maximum=_money(self.maximum),
                session_lifetime=None if seconds is None else timedelta(seconds=seconds),
                maxima=None if self.method_maxima is None else self.method_maxima.told(),
            ),
            secrets=_given(self),
        )

    @property
    def instant(self) -> datetime | None:
        """The instant in UTC, None for as soon as it may."""
        return None if self.effective_from is None else self.effective_from.astimezone(UTC)

    def __repr__(self) -> str:
        # The other fields hold secrets, and a repr may be logged.
        return f"ConfigurationAsked(based_on={self.based_on})"


class ConfigurationDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`otp` is a code of whoever decides."""

    reason: Reason
    otp: Code


class ConnectionAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`version` is tried, the one in effect without it; what is given besides is tried in place of its own."""

    version: Version | None = None
    merchant_id: Name | None = None
    api_version: Name | None = None
    api_key: Secret | None = None

    @property
    def change(self) -> ConfigurationChange:
        """What is tried in place of what is stored."""
        terms = TermsChange(merchant_id=self.merchant_id, api_version=self.api_version)
        return ConfigurationChange(terms=terms, secrets=_given(self))

    def __repr__(self) -> str:
        return f"ConnectionAsked(version={self.version})"


class ConnectionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    `works`, `cannot_tell` (the bank answers spoilt credentials in the same way), `refused` or `unreachable`.
    It proves neither the response key nor the webhook password.
    """

    version: int
    verdict: ConnectionVerdict
    detail: str

    @classmethod
    def of(cls, test: ConnectionTest) -> Self:
        return cls(version=test.number, verdict=test.verdict, detail=test.detail)


def _given(asked: ConfigurationAsked | ConnectionAsked) -> Mapping[SecretField, str]:
    return {
        each: text for each in SecretField if (text := getattr(asked, each.value, None)) is not None
    }


def _money(rupees: str | None) -> Money | None:
    return None if rupees is None else Money.from_rupees(rupees)


def _history(stored: ConfigurationVersion | None) -> dict[str, Any]:
    if stored is None:
        return {"state": "environment"}
    return {
        "state": stored.state.value,
        "needs_second": not stored.alone,
        "reason": stored.reason,
        "proposed_by": stored.proposed_by,
        "proposed_at": stored.proposed_at,
        "decided_by": stored.decided_by or "",
        "decided_at": stored.decided_at,
        "decision_reason": stored.decision_reason,
        "effective_from": stored.effective_from,
        "old_secrets_until": stored.overlap_until,
    }
