"""Alerts are told by the book that tests read and by the log that operators watch."""

import logging

import pytest

from adapters.system.alerts import LoggedAlerts
from contracts.alerts_contract import AlertsContract, Told
from entrypoints.logs.fields import ALLOWED
from fakes.alerts import AlertBook


class TestBook(AlertsContract):
    @pytest.fixture
    def alerts(self) -> AlertBook:
        return AlertBook()

    @pytest.fixture
    def told(self, alerts: AlertBook) -> Told:
        return lambda: [
            (each.kind.value, each.subject, each.facts["state"]) for each in alerts.called
        ]


class TestLog(AlertsContract):
    """A line of its own kind, with the severity of an error, made of fields that may be logged."""

    @pytest.fixture
    def alerts(self) -> LoggedAlerts:
        return LoggedAlerts()

    @pytest.fixture
    def told(self, caplog: pytest.LogCaptureFixture) -> Told:
        def read() -> list[tuple[str, str, str]]:
            lines = [line.__dict__ for line in caplog.records]
            assert {(line["event_type"], line["levelno"]) for line in lines} == {
                ("alert", logging.ERROR)
            }
            assert {"event_type", "kind", "subject", "state"} <= ALLOWED
            return [(line["kind"], line["subject"], line["state"]) for line in lines]

        return read
