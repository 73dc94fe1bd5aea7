"""Whoever releases a line sees before what the next run posts of it, and nothing is posted by the release itself."""

from datetime import date

import pytest

from contracts.memory_storage import MemoryStorage
from contracts.reconciliation.book_reads_contract import sold
from contracts.reconciliation.reconciling_contract import PRICE, Trial, line
from contracts.reconciliation.releasing_contract import again
from contracts.settlements.settlement_files_contract import ONE, TWO, bring
from domain.identifiers import DiscrepancyId
from domain.ledger.account import Account
from domain.ledger.journal import Entry
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import ResolutionAction, ResolutionState
from domain.reconciliation.taxonomy import Cause
from domain.settlements.reissue import ReportedAgain
from domain.settlements.settlement_report import ReportState
from ports.ledger.ledger_queries import PostedJournal
from unit.application.discrepancies.test_resolve_discrepancies import FinanceDesk, only
from worlds.memory import MemoryWorld

Do = ResolutionAction


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def trial(storage: MemoryStorage) -> Trial:
    return Trial(storage)


@pytest.fixture
def desk(storage: MemoryStorage, trial: Trial) -> FinanceDesk:
    world = MemoryWorld(memory=storage)
    world.clock.at = trial.clock.at
    return FinanceDesk(world)


async def duplicate(
    trial: Trial, paise: int, state: ReportState = ReportState.LIVE
) -> DiscrepancyId:
    """Sell, and let the bank tell of it twice in one report."""
    await sold(trial.storage, 1)
    told = line(1, paise)
    await bring(trial.storage, ONE, told, again(2, told), state=state)
    await trial.run()
    (found,) = (each for each in await trial.found() if each.finding.cause is Cause.DUPLICATE_LINE)
    return found.id


async def posted(trial: Trial, discrepancy: DiscrepancyId) -> list[PostedJournal]:
    page = await trial.storage.ledger.journal_page(date.min, date.max, at_most=99)
    return [each for each in page.items if each.key.subject == discrepancy]


@pytest.mark.parametrize(
    ("paise", "seconded"), [(PRICE, True), (90_00, False)], ids=["by two", "alone"]
)
async def test_a_dry_run_shows_the_journal_that_the_next_run_posts(
    desk: FinanceDesk, trial: Trial, paise: int, *, seconded: bool
) -> None:
    """
    Under its own key and to the paisa; what is shown is not posted, and the release itself moves nothing.
    """
    found = await duplicate(trial, paise)

    planned = only(await desk.resolves(found, action=Do.RELEASE_LINE, dry_run=True)).journal

    assert planned is not None
    assert [(each.account, each.amount.paise) for each in planned.entries] == [
        (Account.TRANSIT, paise),
        (Account.SUSPENSE, -paise),
    ]
    released = only(await desk.resolves(found, action=Do.RELEASE_LINE))
    assert released.journal is None
    if seconded:
        assert released.resolution.state is ResolutionState.PROPOSED
        only(await desk.approves(found))
    assert await posted(trial, found) == []
    await trial.worker().count_released_lines()
    (journal,) = await posted(trial, found)
    assert (journal.key, journal.day) == (planned.key, planned.day)
    assert sorted(journal.entries, key=by_account) == sorted(planned.entries, key=by_account)
    assert desk.kept(found).state is DiscrepancyState.OPEN


async def test_what_waits_for_its_report_has_no_journal_of_its_own(
    desk: FinanceDesk, trial: Trial
) -> None:
    """
    While a file is held nothing of it counts, and a report without a journal takes the line into that.
    """
    held = await duplicate(trial, PRICE, ReportState.HELD)

    standing = only(await desk.resolves(held, action=Do.RELEASE_LINE, dry_run=True))

    assert standing.journal is None
    assert desk.kept(held).version == 1


async def test_what_was_taken_back_meanwhile_posts_nothing(desk: FinanceDesk, trial: Trial) -> None:
    """
    A re-issue that came after the run has superseded the line.
    """
    found = await duplicate(trial, PRICE)
    await bring(trial.storage, TWO, line(1), reported=ReportedAgain.REISSUE)

    standing = only(await desk.resolves(found, action=Do.RELEASE_LINE, dry_run=True))

    assert standing.journal is None


def by_account(entry: Entry) -> str:
    return entry.account.value
