"""The email about an alert says in its subject what happened, and in its body what to do."""

from dataclasses import replace

import pytest

from adapters.smtp.email_texts import EmailBranding, EmailTemplates
from contracts.monitoring.alerts_register_contract import SILENCED
from domain.monitoring.alert_case import AlertCase
from domain.monitoring.alert_rules import AlertRule
from ports.notifications.email_sender import Email

HEAD = EmailBranding(
    seller_name="Demo Academy",
    support_email="help@example.com",
    public_url="https://fees.example.com/",
)


def written(alert: AlertCase, state: str = "firing") -> Email:
    change = f"{alert.id}/{alert.changes}/{state}"
    return EmailTemplates(HEAD).alert(alert, change, "operators@example.com")


def test_it_says_what_happened() -> None:
    """
    With what it means, its value, and the page; the same email has the same id.
    """
    email = written(SILENCED)

    assert (email.to, email.subject) == ("operators@example.com", "Urgent: queue stuck, outbox")
    assert email.message_id == "<alert.ALAAAAAAAAAAAAAAAAAA.2.firing@fees.example.com>"
    for text in (email.text, email.html):
        assert "11 min 40 s" in text
        assert "03 August 2026, 17:30 IST" in text
        assert "Does a worker run" in text
        assert "https://fees.example.com/console/monitoring" in text


@pytest.mark.parametrize(
    ("rule", "value", "shown"),
    [
        (AlertRule.SUCCESS_LOW, 8705, "87.05 %"),
        (AlertRule.DEAD_LETTERS, 3, "Now: 3"),
        (AlertRule.GATEWAY_SLOW, 6000, "Now: 6000 ms"),
        (AlertRule.FIGURES_BEHIND, 59, "Now: 59 s"),
    ],
)
def test_values_have_their_unit(rule: AlertRule, value: int, shown: str) -> None:
    """
    Shares, numbers, and times below a minute; what has no detail says nothing about it.
    """
    email = written(replace(SILENCED, rule=rule, subject="", value=value, detail=""))

    assert shown in email.text
    assert "About" not in email.text


def test_the_end_is_told() -> None:
    """
    A warning is no urgent matter.
    """
    assert written(SILENCED, "resolved").subject == "Resolved: queue stuck, outbox"
    warning = replace(SILENCED, rule=AlertRule.DEAD_LETTERS, subject="")
    assert written(warning).subject == "Alert: dead letters"
