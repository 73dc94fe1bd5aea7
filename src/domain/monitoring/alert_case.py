"""An alert as staff see it: one for each rule and subject, with its state, who took it on, and its silence."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, Self

from domain.errors import DomainError
from domain.monitoring.alert_rules import RULES, AlertRule, Measure, RuleTerms
from domain.text.card_number import refuse_card_numbers
from domain.text.printable import unprintable_reason

AlertId = NewType("AlertId", str)

ALERT_ID_PREFIX: Final = "AL"
"""Followed by random characters as in a payment's id."""

SILENCE_MAX: Final = timedelta(hours=24)
TEXT_MAX: Final = 200
DETAIL_MAX: Final = 400


class AlertState(StrEnum):
    PENDING = "pending"
    """Beyond its threshold, and not for long enough to call anybody."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    """It goes on, and somebody looks at it."""

    RESOLVED = "resolved"


class AlertNotFiring(DomainError):
    """Only an alert that fires can be acknowledged."""

    def __init__(self, alert: AlertId, state: AlertState) -> None:
        self.alert, self.state = alert, state
        super().__init__(f"alert {alert} is {state}, so there is nothing to acknowledge")


class SilenceRefused(DomainError):
    """
    A silence without a reason, without an end, or longer than ``SILENCE_MAX``; or a note that cannot be kept.

    *faults* are all fields that are wrong, each with the reason.
    """

    def __init__(self, *faults: tuple[str, str]) -> None:
        self.faults = faults
        told = "; ".join(reason for _, reason in faults)
        super().__init__(f"the alert is not silenced: {told}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCase:
    """
    *since* is the instant (UTC) of the last change of the state, *changes* counts those that were told.

    *beyond* and *within* count evaluations in a row, as far as the rule asks for them. *value*, *sample* and
    *detail* are of the last measure. *version* is that of the row.
    """

    id: AlertId
    rule: AlertRule
    subject: str
    state: AlertState
    since: datetime
    beyond: int = 0
    within: int = 0
    value: int = 0
    sample: int = 0
    detail: str = ""
    changes: int = 0
    acknowledged_by: str = ""
    note: str = ""
    silenced_until: datetime | None = None
    silenced_by: str = ""
    silence_reason: str = ""
    version: int = 0

    @property
    def terms(self) -> RuleTerms:
        return RULES[self.rule]

    @property
    def is_open(self) -> bool:
        """Whether it goes on and was told."""
        return self.state in {AlertState.FIRING, AlertState.ACKNOWLEDGED}

    def is_silent(self, at: datetime) -> bool:
        return self.silenced_until is not None and at < self.silenced_until

    def after(self, measure: Measure, at: datetime) -> Self:
        """Return this alert after one more evaluation at the instant *at* (UTC)."""
        seen = replace(
            self,
            beyond=min(self.beyond + 1, self.terms.fires_after) if measure.is_beyond else 0,
            within=min(self.within + 1, self.terms.resolves_after) if measure.is_within else 0,
            value=measure.value,
            sample=measure.sample,
            detail=measure.detail[:DETAIL_MAX],
        )
        if self.is_open:
            resolves = seen.within >= self.terms.resolves_after
            return seen.moved(AlertState.RESOLVED, at) if resolves else seen
        if seen.beyond >= self.terms.fires_after:
            return replace(seen.moved(AlertState.FIRING, at), acknowledged_by="", note="")
        state = AlertState.PENDING if seen.beyond else AlertState.RESOLVED
        return seen if state is self.state else replace(seen, state=state, since=at)

    def acknowledged(self, by: str, note: str, at: datetime) -> Self:
        """Return this alert taken on by *by*. Raises ``AlertNotFiring``, ``SilenceRefused``, ``CardNumberRefused``."""
        if not self.is_open:
            raise AlertNotFiring(self.id, self.state)
        check_text("note", note)
        return replace(
            self, state=AlertState.ACKNOWLEDGED, since=at, acknowledged_by=by, note=note.strip()
        )

    def silenced(self, by: str, reason: str, until: datetime, at: datetime) -> Self:
        """
        Return this alert without emails and webhooks up to *until* (UTC); it goes on being judged.

        Raises ``SilenceRefused`` and ``CardNumberRefused``.
        """
        refuse_card_numbers("reason", reason)
        if faults := tuple(_faults_of_silence(reason, until, at)):
            raise SilenceRefused(*faults)
        return replace(self, silenced_until=until, silenced_by=by, silence_reason=reason.strip())

    def moved(self, state: AlertState, at: datetime) -> Self:
        """Return this alert after a change that people are told."""
        return replace(self, state=state, since=at, changes=self.changes + 1)


def begun(alert: AlertId, measure: Measure, at: datetime) -> AlertCase:
    """Return the alert for a rule and subject that had none, after its first evaluation."""
    fresh = AlertCase(
        id=alert,
        rule=measure.rule,
        subject=measure.subject,
        state=AlertState.RESOLVED,
        since=at,
    )
    return fresh.after(measure, at)


def check_text(field: str, text: str) -> None:
    """Raise ``SilenceRefused`` for a text that is too long or cannot be shown, ``CardNumberRefused`` for a card's."""
    refuse_card_numbers(field, text)
    if text.strip() and (why := unprintable_reason(text, TEXT_MAX)):
        raise SilenceRefused((field, f"of the {field}, {why}"))


def _faults_of_silence(reason: str, until: datetime, at: datetime) -> Iterator[tuple[str, str]]:
    if not reason.strip():
        yield "reason", "it needs a reason"
    elif why := unprintable_reason(reason, TEXT_MAX):
        yield "reason", f"of the reason, {why}"
    if until <= at:
        yield "until", "its end has passed"
    elif until - at > SILENCE_MAX:
        yield "until", f"it lasts longer than {SILENCE_MAX // timedelta(hours=1)} hours"
