"""Rebuild payments and compare the books, from the command line."""

from collections.abc import Sequence
from datetime import date, timedelta

from application.rebuild.rebuild_payments import RebuildReport
from domain.business_day import business_day_start
from domain.identifiers import PaymentId
from entrypoints.operations.run_in_container import run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk


def rebuild_since(settings: Settings, since: date | timedelta) -> RebuildReport:
    """Compare every payment changed since the beginning of that day in India, or for so long."""

    async def rebuilt(container: Shulk) -> RebuildReport:
        at = (
            container.clock().now() - since
            if isinstance(since, timedelta)
            else business_day_start(since)
        )
        return await container.use_cases().rebuild().rebuild_payments().since(at)

    return run_in_container(settings, rebuilt)


def rebuild_named(settings: Settings, payments: Sequence[PaymentId]) -> RebuildReport:
    """Compare *payments*, whenever they were changed."""

    async def rebuilt(container: Shulk) -> RebuildReport:
        return await container.use_cases().rebuild().rebuild_payments().named(payments)

    return run_in_container(settings, rebuilt)
