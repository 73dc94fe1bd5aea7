"""What is so now, in the numbers that the rules judge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from application.monitoring.watch_credentials import WatchCredentials
from domain.business_day import business_day_of
from domain.monitoring.alert_rules import RULES, AlertRule, Measure
from domain.monitoring.credential import CredentialTerm
from domain.monitoring.payment_figures import PaymentFigures
from domain.monitoring.success_rate import BASIS_POINTS, SuccessRate, alert_bound
from ports.clock import Clock
from ports.monitoring.gateway_calls import GatewayCalls, OperationFigures
from ports.monitoring.payment_rollups import BUCKET, PaymentRollups
from ports.monitoring.raised_alerts import RaisedAlert, RaisedAlerts
from ports.monitoring.system_health import SystemHealth

WINDOW_MIN: Final = timedelta(minutes=30)
WINDOW_MAX: Final = timedelta(hours=6)
"""The success rate is of the last half hour, and further back until it has its least sample."""

NAMED_MAX: Final = 10
"""So many subjects of one alert are named; its value counts all."""

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TakeMeasures:
    rollups: PaymentRollups
    health: SystemHealth
    raised: RaisedAlerts
    calls: GatewayCalls
    credentials: WatchCredentials
    clock: Clock

    async def __call__(self) -> Sequence[Measure]:
        """Return a measure for each rule and subject of which something is known."""
        at = self.clock.now()
        until = _full_bucket(at) + BUCKET
        figures = await self.rollups.figures(until - WINDOW_MAX, until, span=BUCKET, at=at)
        reading = await self.health.read(at, ())
        operations = await self.calls.figures(until - WINDOW_MIN, until)
        longest = max(terms.lasts for terms in RULES.values() if terms.lasts)
        raised = await self.raised.since(at - longest)
        return [
            _success(figures, at),
            Measure.exact(AlertRule.FIGURES_BEHIND, "", _seconds(at - figures.complete_until)),
            Measure.exact(
                AlertRule.AUDIT_UNSEALED,
                "",
                _seconds(at - reading.unsealed_since) if reading.unsealed_since else 0,
            ),
            *(
                Measure.exact(
                    AlertRule.QUEUE_STUCK,
                    each.name,
                    _seconds(at - each.oldest_due_at) if each.oldest_due_at else 0,
                    f"{each.due} due",
                )
                for each in reading.queues
            ),
            Measure.exact(AlertRule.DEAD_LETTERS, "", sum(each.dead for each in reading.queues)),
            *(each for figures in operations for each in _gateway(figures)),
            *(_ending(each, at) for each in await self.credentials()),
            *_raised(raised, at),
        ]


def _success(figures: PaymentFigures, at: datetime) -> Measure:
    """Return the rate of the shortest time up to now that has the least sample, or of the longest."""
    paid = attempts = 0
    for span in reversed(figures.strip):
        paid += span.paid_first
        attempts += span.paid_first + span.failed
        enough = attempts >= RULES[AlertRule.SUCCESS_LOW].least_sample
        if enough and at - span.since >= WINDOW_MIN:
            break
    value, bound = alert_bound(SuccessRate(paid, attempts))
    return Measure(
        rule=AlertRule.SUCCESS_LOW,
        value=value,
        bound=bound,
        sample=attempts,
        detail=f"{paid} of {attempts} paid",
    )


def _gateway(figures: OperationFigures) -> Sequence[Measure]:
    if figures.p95 is None:
        return ()
    slow = figures.p95 // timedelta(milliseconds=1)
    silent = BASIS_POINTS * figures.in_vain // figures.calls
    return [
        Measure(
            rule=rule,
            subject=figures.operation.value,
            value=value,
            bound=value,
            sample=figures.calls,
            detail=f"{figures.calls} calls",
        )
        for rule, value in ((AlertRule.GATEWAY_SLOW, slow), (AlertRule.GATEWAY_SILENT, silent))
    ]


def _ending(term: CredentialTerm, at: datetime) -> Measure:
    return Measure.exact(
        AlertRule.CREDENTIAL_ENDING,
        term.credential.name,
        term.days_left(at),
        f"until {business_day_of(term.ends_at):%d %B %Y}",
    )


def _raised(raised: Sequence[RaisedAlert], at: datetime) -> Sequence[Measure]:
    found: list[Measure] = []
    for rule, terms in RULES.items():
        if terms.lasts is None:
            continue
        subjects = [
            each.subject
            for each in raised
            if each.kind == rule.value and each.last_at >= at - terms.lasts
        ]
        if terms.grouped:
            named = " ".join(subjects[:NAMED_MAX])
            found.append(Measure.exact(rule, "", len(subjects), named))
        else:
            found += [Measure.exact(rule, each, 1) for each in subjects]
    return found


def _full_bucket(at: datetime) -> datetime:
    return _EPOCH + (at - _EPOCH) // BUCKET * BUCKET


def _seconds(span: timedelta) -> int:
    return max(0, span // timedelta(seconds=1))
