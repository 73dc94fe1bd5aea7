"""The words of the email about an alert: that it fired or is resolved, what it means, and what to do."""

from collections.abc import Mapping, Sequence

from adapters.smtp.one_line import Line, one_line
from domain.business_day import IST
from domain.monitoring.alert_case import AlertCase, AlertState
from domain.monitoring.alert_rules import Severity, Unit


def subject(alert: AlertCase, state: str) -> str:
    """Return the subject, which already says what happened."""
    if state == AlertState.RESOLVED:
        return f"Resolved: {_named(alert)}"
    urgent = alert.terms.severity is Severity.URGENT
    return f"{'Urgent' if urgent else 'Alert'}: {_named(alert)}"


def words(alert: AlertCase, state: str) -> Mapping[str, object]:
    """Return what the templates say about the change of *alert* to *state*."""
    return {
        "headline": subject(alert, state),
        "means": alert.terms.means,
        "remedy": alert.terms.remedy,
        "lines": _lines(alert),
    }


def measured(alert: AlertCase) -> str:
    """Return the value of the last measure in its unit."""
    match alert.terms.unit:
        case Unit.BASIS_POINTS:
            whole, rest = divmod(alert.value, 100)
            return f"{whole}.{rest:02d} %"
        case Unit.SECONDS:
            minutes, seconds = divmod(alert.value, 60)
            return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
        case Unit.MILLISECONDS:
            return f"{alert.value} ms"
        case Unit.DAYS:
            return f"{alert.value} days"
        case Unit.COUNT:
            return str(alert.value)


def _named(alert: AlertCase) -> str:
    name = alert.rule.replace("_", " ")
    return one_line(f"{name}, {alert.subject}" if alert.subject else name)


def _lines(alert: AlertCase) -> Sequence[Line]:
    lines = [
        Line("Now", measured(alert)),
        Line("Since", f"{alert.since.astimezone(IST):%d %B %Y, %H:%M} IST"),
    ]
    return [*lines, Line("About", one_line(alert.detail))] if alert.detail else lines
