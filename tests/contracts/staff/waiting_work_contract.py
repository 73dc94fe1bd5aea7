"""What any count of the work that waits for staff must show; on memory and on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

from contracts.gateway_config.configuration_register_contract import put as put_versions
from contracts.gateway_config.configuration_register_contract import save as save_version
from contracts.monitoring.system_health_contract import enqueue
from contracts.reconciliation.discrepancies_contract import a_discrepancy, put
from contracts.reconciliation.resolutions_contract import WHOLE
from contracts.reconciliation.resolutions_contract import add as add_resolutions
from contracts.refunds.refund_queries_contract import ALONE, asking, sold
from contracts.reviews.review_queries_contract import VOIDED, flagged
from contracts.settlements.settlement_files_contract import ONE, TWO, a_line, bring
from contracts.storage import LEASE, Storage, add, save
from domain.gateway_config.configuration_version import PROPOSAL_LAPSES_AFTER
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import ResolutionState
from domain.settlements.settlement_report import ReportState
from fakes.clock import NOON
from fakes.gateway_config.samples import ZOYA, a_version
from fakes.samples import a_course, a_payment, payment_id
from ports.staff.waiting_work import COUNTED_MAX, WaitingWork, WorkKind

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOBODY = "staff:nobody"


async def counted(storage: Storage, member: str = NOBODY) -> dict[WorkKind, tuple[int, timedelta]]:
    """Return for each kind how much waits, and for how long the oldest of it has."""
    waiting = await storage.waiting_work.waiting(member, NOON)
    return {each.kind: (each.count, NOON - each.since) for each in waiting}


class WaitingWorkContract:
    async def test_nothing_waits_in_an_empty_house(self, storage: Storage) -> None:
        """
        A kind without any is left out.
        """
        assert await storage.waiting_work.waiting(NOBODY, NOON) == []

    async def test_discrepancies_are_overdue_or_have_time(self, storage: Storage) -> None:
        """
        What is closed waits for nobody.
        """
        closed = replace(a_discrepancy(9, found=30), state=DiscrepancyState.RESOLVED)
        await put(storage, *(a_discrepancy(n, found=n) for n in (0, 1, 20, 30)), closed)

        assert await counted(storage) == {
            WorkKind.OVERDUE_DISCREPANCY: (2, 30 * DAY),
            WorkKind.DISCREPANCY: (2, DAY),
        }

    async def test_what_waits_for_a_second_person(self, storage: Storage) -> None:
        """
        A refund and a resolution; who proposed it is no second person.
        """
        payment = await sold(storage)
        request = asking("RF1", 600)
        await save(
            storage, payment.request_refund(request, at=NOON - HOUR, approval_threshold=ALONE)
        )
        other = replace(WHOLE, sequence=2, key=None, state=ResolutionState.REJECTED)
        await add_resolutions(storage, WHOLE, other)

        by_nobody = {
            WorkKind.REFUND_APPROVAL: (1, HOUR),
            WorkKind.RESOLUTION_APPROVAL: (1, timedelta()),
        }
        assert await counted(storage) == by_nobody
        assert WorkKind.REFUND_APPROVAL not in await counted(storage, request.by)
        assert WorkKind.RESOLUTION_APPROVAL not in await counted(storage, WHOLE.decided_by)

    async def test_a_configuration_waits_for_a_second_officer(self, storage: Storage) -> None:
        """
        Until it is decided or has lapsed; who proposed it is no second one.
        """
        lapsed = NOON - PROPOSAL_LAPSES_AFTER
        await put_versions(storage, a_version(1, proposed_at=lapsed).lapse())
        await put_versions(storage, a_version(2, proposed_at=NOON - HOUR))

        assert await counted(storage) == {WorkKind.CONFIGURATION_APPROVAL: (1, HOUR)}
        assert await counted(storage, f"staff:{ZOYA}") == {}
        await save_version(storage, a_version(2, proposed_at=lapsed))
        assert await counted(storage) == {}

    async def test_reviews_wait_since_their_first_reason(self, storage: Storage) -> None:
        """
        A payment is one, for however many reasons.
        """
        await add(storage, flagged(1, VOIDED, hours=-2), flagged(2, VOIDED, hours=-1))

        assert await counted(storage) == {WorkKind.REVIEW: (2, 2 * HOUR)}

    async def test_dead_letters_wait_since_they_were_buried(self, storage: Storage) -> None:
        """
        What is only late waits for nobody.
        """
        await add(storage, a_payment(1), a_payment(2, course=a_course("botany")))
        await enqueue(storage, payment_id(1))
        (entry,) = await storage.outbox.claim(NOON, lease=LEASE, at_most=1)
        async with storage.unit_of_work() as work:
            work.notifications.outbox.bury(entry, NOON - HOUR, why="no such address")
        await enqueue(storage, payment_id(2))

        assert await counted(storage) == {WorkKind.DEAD_LETTER: (1, HOUR)}

    async def test_files_that_are_held_and_reissues_that_wait(self, storage: Storage) -> None:
        """
        Since their file came.
        """
        await bring(storage, ONE, a_line(2), state=ReportState.HELD)
        await bring(storage, TWO, a_line(3), state=ReportState.WAITING)

        counts = {kind: count for kind, (count, _) in (await counted(storage)).items()}
        assert counts == {WorkKind.HELD_FILE: 1, WorkKind.WAITING_REISSUE: 1}

    async def test_more_than_enough_is_not_counted(self, storage: Storage) -> None:
        """
        The oldest are, so that their age is right.
        """
        await put(storage, *(a_discrepancy(n, found=n % 3) for n in range(COUNTED_MAX + 1)))

        (waiting,) = await storage.waiting_work.waiting(NOBODY, NOON)

        assert waiting == WaitingWork(
            kind=WorkKind.DISCREPANCY, count=COUNTED_MAX, since=NOON - 2 * DAY
        )
        assert waiting.is_cut
