"""Requests and answers about alerts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import msgspec
from msgspec import Meta

from domain.monitoring.alert_case import TEXT_MAX, AlertCase, AlertState
from domain.monitoring.alert_rules import Severity, Unit

AlertNumber = Annotated[str, Meta(max_length=40, examples=["ALABCDEFGH234567JKLM"])]
Words = Annotated[str, Meta(max_length=TEXT_MAX)]


class AlertAcknowledged(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`note` may be empty; it is shown to everybody who sees the alert."""

    note: Words = ""


class AlertSilenced(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`until` is an instant with its offset, at most 24 hours from now."""

    until: Annotated[datetime, Meta(tz=True, examples=["2026-08-03T18:00:00+05:30"])]
    reason: Words


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """
    `value` is in the rule's `unit`: `basis_points` are hundredths of a per cent. `since` is when the
    state changed last. `means` and `remedy` are the rule's. A `subject` is empty for the whole.
    """

    id: AlertNumber
    rule: str
    subject: str
    state: AlertState
    severity: Severity
    since: datetime
    value: int
    unit: Unit
    sample: int
    detail: str
    means: str
    remedy: str
    acknowledged_by: str
    note: str
    silenced_until: datetime | None
    silenced_by: str
    silence_reason: str

    @classmethod
    def of(cls, alert: AlertCase) -> Self:
        terms = alert.terms
        return cls(
            id=alert.id,
            rule=alert.rule.value,
            subject=alert.subject,
            state=alert.state,
            severity=terms.severity,
            since=alert.since,
            value=alert.value,
            unit=terms.unit,
            sample=alert.sample,
            detail=alert.detail,
            means=terms.means,
            remedy=terms.remedy,
            acknowledged_by=alert.acknowledged_by,
            note=alert.note,
            silenced_until=alert.silenced_until,
            silenced_by=alert.silenced_by,
            silence_reason=alert.silence_reason,
        )


class AlertsView(msgspec.Struct, frozen=True, kw_only=True):
    """Those that go on come first, then the latest change; there is one for each rule and subject."""

    items: Sequence[AlertView]
