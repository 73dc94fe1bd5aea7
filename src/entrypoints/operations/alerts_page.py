"""The page of the alert rules, printed from the code that judges them."""

from textwrap import fill
from typing import Final

from domain.monitoring.alert_rules import RULES, AlertRule, RuleTerms, Unit

LINE_MAX: Final = 120
OPENING: Final = """\
# What calls a person

Printed from the rules in `domain/monitoring/alert_rules.py` by `shulk docs write`. A job judges them every five
minutes. An alert fires after so many evaluations beyond its threshold, one after the other, and is resolved after so
many that have come back to its second one; in between nothing changes. A measure of less than its least sample says
nothing. Of each change one email goes to `SHULK_ALERT_EMAIL`, and one call by Standard Webhooks (`alert.firing`,
`alert.resolved`) to `SHULK_ALERT_WEBHOOK_URL`, unless the alert is silenced. There is one alert for each rule and
subject: `shulk alerts list`, `GET /api/admin/alerts`, and the page *Monitoring* of the console.

A success rate is judged by the upper bound of Wilson's interval (one true rate in a hundred lies above it), of the last
half hour or of as long as it takes to have the least sample, at most six hours. So one failure of two wakes nobody.
"""


def alerts_page() -> str:
    """Return ``docs/alerts.md`` as it has to be."""
    return OPENING + "".join(_rule(rule, terms) for rule, terms in RULES.items())


def _rule(rule: AlertRule, terms: RuleTerms) -> str:
    items = (
        f"Severity: {terms.severity}",
        f"Fires: {_fires(terms)}",
        f"Is resolved: {_resolves(terms)}",
        f"To do: {terms.remedy}",
    )
    told = "".join(
        fill(each, LINE_MAX, initial_indent="- ", subsequent_indent="  ") + "\n" for each in items
    )
    return f"\n## {rule}\n\n{fill(terms.means, LINE_MAX)}\n\n{told}"


def _fires(terms: RuleTerms) -> str:
    if terms.lasts is not None:
        together = "; all subjects are told as one" if terms.grouped else "; once for each subject"
        return f"when a use case or a check raises it{together}."
    side = "below" if terms.when_low else "above"
    sample = f", of at least {terms.least_sample}" if terms.least_sample else ""
    return f"{side} {_amount(terms, terms.fires_at)}{sample}, {_times(terms.fires_after)}."


def _resolves(terms: RuleTerms) -> str:
    if terms.lasts is not None:
        minutes = int(terms.lasts.total_seconds() // 60)
        return f"when it was not raised again for {minutes} minutes."
    side = "at least" if terms.when_low else "at most"
    return f"{side} {_amount(terms, terms.resolves_at)}, {_times(terms.resolves_after)}."


def _amount(terms: RuleTerms, number: int) -> str:
    match terms.unit:
        case Unit.BASIS_POINTS:
            return f"{number // 100} %"
        case Unit.SECONDS:
            return f"{number} seconds"
        case Unit.MILLISECONDS:
            return f"{number} milliseconds"
        case Unit.DAYS:
            return f"{number} days"
        case Unit.COUNT:
            return str(number)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times in a row"
