"""What any register of alerts must do: keep them whole, one for each rule and subject, and refuse old versions."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from contracts.storage import Storage
from domain.errors import ChangedMeanwhile, NotFound
from domain.monitoring.alert_case import AlertCase, AlertId, AlertState
from domain.monitoring.alert_rules import AlertRule
from fakes.clock import NOON
from ports.alerts import Alert, AlertKind
from ports.monitoring.raised_alerts import RaisedAlert

HOUR: Final = timedelta(hours=1)
SILENCED: Final = AlertCase(
    id=AlertId("ALAAAAAAAAAAAAAAAAAA"),
    rule=AlertRule.QUEUE_STUCK,
    subject="outbox",
    state=AlertState.ACKNOWLEDGED,
    since=NOON,
    beyond=3,
    within=1,
    value=700,
    sample=4,
    detail="4 due",
    changes=2,
    acknowledged_by="staff:mira",
    note="I look",
    silenced_until=NOON + HOUR,
    silenced_by="staff:mira",
    silence_reason="the mail server moves",
)
CALM: Final = AlertCase(
    id=AlertId("ALBBBBBBBBBBBBBBBBBB"),
    rule=AlertRule.DEAD_LETTERS,
    subject="",
    state=AlertState.RESOLVED,
    since=NOON + HOUR,
)
STUCK: Final = Alert(kind=AlertKind.PAYMENT_UNRESOLVED, subject="SKABCDEFGH234567JKLM")


async def save(storage: Storage, *alerts: AlertCase) -> None:
    for each in alerts:
        async with storage.unit_of_work() as work:
            work.monitoring.alerts.save(each)


class AlertRegisterContract:
    async def test_an_alert_is_kept_whole(self, storage: Storage) -> None:
        """
        Nothing of it is lost, and its version grows.
        """
        await save(storage, SILENCED)

        assert await storage.alerts.get(SILENCED.id) == replace(SILENCED, version=1)

    async def test_what_goes_on_comes_first(self, storage: Storage) -> None:
        """
        Then the latest change.
        """
        pending = replace(
            CALM, id=AlertId("ALC"), subject="x", since=NOON, state=AlertState.PENDING
        )
        await save(storage, pending, CALM, SILENCED)

        assert [each.id for each in await storage.alerts.all()] == [
            SILENCED.id,
            CALM.id,
            pending.id,
        ]

    async def test_an_old_version_is_refused(self, storage: Storage) -> None:
        """
        Whoever was slower is told, and changes nothing.
        """
        await save(storage, SILENCED)
        await save(storage, replace(SILENCED, version=1, note="first"))
        with pytest.raises(ChangedMeanwhile):
            await save(storage, replace(SILENCED, version=1, note="second"))

        assert (await storage.alerts.get(SILENCED.id)).note == "first"

    async def test_there_is_one_for_each_rule_and_subject(self, storage: Storage) -> None:
        """
        A second one with another id is refused.
        """
        await save(storage, SILENCED)
        with pytest.raises(ChangedMeanwhile):
            await save(storage, replace(SILENCED, id=CALM.id))

        assert len(await storage.alerts.all()) == 1

    async def test_an_unknown_one_is_not_found(self, storage: Storage) -> None:
        """
        It has its own error.
        """
        with pytest.raises(NotFound):
            await storage.alerts.get(CALM.id)


class RaisedAlertsContract:
    async def test_what_is_raised_again_is_one(self, storage: Storage) -> None:
        """
        With the last time and how often; an earlier instant that comes late moves nothing back.
        """
        for minutes in (0, 20, 10):
            await storage.raised_alerts.keep(STUCK, NOON + timedelta(minutes=minutes))

        assert list(await storage.raised_alerts.since(NOON)) == [
            RaisedAlert(
                kind=STUCK.kind,
                subject=STUCK.subject,
                last_at=NOON + timedelta(minutes=20),
                times=3,
            )
        ]

    async def test_what_is_older_is_left_out(self, storage: Storage) -> None:
        """
        In the order of kinds and subjects.
        """
        other = replace(STUCK, subject="SKB")
        await storage.raised_alerts.keep(other, NOON)
        await storage.raised_alerts.keep(replace(STUCK, kind=AlertKind.FILE_LOST), NOON)
        await storage.raised_alerts.keep(STUCK, NOON - HOUR)

        assert [each.subject for each in await storage.raised_alerts.since(NOON)] == [
            STUCK.subject,
            "SKB",
        ]
