"""Numbers without a gap and without a double, whoever issues at once and whoever is killed meanwhile."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from application.documents.issue_document import issue_document
from domain.documents.invoicing import credit_for, invoice_for
from domain.errors import ChangedMeanwhile
from domain.identifiers import StudentId
from domain.payments.payment import Student
from fakes.clock import NOON
from fakes.documents.issued import POLICY, a_company, paid_back, sold
from fakes.samples import payment_id
from races import issuing
from races.issuing import issuing_on, post_sale
from races.meeting import MeetingPlace, MeetingUnitOfWork
from races.racing import all_at_once

CROWD: Final = 50
SOLD: Final = 120
PROCESSES: Final = 4
ROUNDS: Final = 2
SECONDS_MAX: Final = 90
ROOT: Final = Path(issuing.__file__).parents[2]
KILLED: Final = -signal.SIGKILL

GAPS: Final = """
SELECT n.series, n.last, count(d.id) AS documents, count(DISTINCT d.number) AS numbers,
       min(d.sequence) AS first, max(d.sequence) AS highest
FROM document_number n LEFT JOIN tax_document d USING (gstin, series, financial_year)
GROUP BY n.series, n.last ORDER BY n.series
"""
WITHOUT_ONE: Final = """
SELECT count(*) FROM payment p
WHERE (SELECT count(*) FROM tax_document d WHERE d.payment_id = p.id) <> 1
   OR (SELECT count(*) FROM outbox o WHERE o.payment_id = p.id) <> 1
"""


@pytest_asyncio.fixture
async def crowded(database_url: str) -> AsyncIterator[Database]:
    """A way to a database with a connection for each of fifty issuers."""
    database = Database.connect(DatabaseSettings(url=database_url, pool_size=CROWD))
    yield database
    await database.close()


async def stocked(database: Database, payments: int) -> None:
    """Keep so many sales that are to be invoiced, each of a student of its own."""
    unit_of_work = PostgresUnitOfWork(database)

    async def keep(number: int) -> None:
        student = Student(id=StudentId(f"s{number}"), name="Meera", email="meera@example.com")
        payment = replace(sold(number), student=student)
        async with unit_of_work() as work:
            work.payments.repository.add(payment)
            work.payments.enrolments.enrol(payment, NOON)
            post_sale(work, payment)

    await asyncio.gather(*(keep(number) for number in range(1, payments + 1)))


async def runs(database: Database | str) -> dict[str, tuple[int, ...]]:
    """Return for each series: last number given, documents, numbers among them, lowest and highest."""
    if isinstance(database, str):
        connection = await asyncpg.connect(database)
        try:
            rows = await connection.fetch(GAPS)
        finally:
            await connection.close()
    else:
        async with database.borrow() as borrowed:
            rows = await borrowed.driver.fetch(GAPS)
    return {row["series"]: tuple(row)[1:] for row in rows}


def whole(count: int) -> tuple[int, ...]:
    return count, count, count, 1, count


async def test_fifty_at_once_get_fifty_numbers(crowded: Database) -> None:
    """
    All have read, none has written: each gets its number at the first try, and no two the same.
    """
    place = MeetingPlace(CROWD)
    unit = MeetingUnitOfWork(crowded, place)

    async def issue(number: int) -> None:
        async with unit() as work:
            said = invoice_for(sold(number), a_company(), POLICY, NOON)
            issue_document(work, said, [], NOON, reference=None)

    got, told = await all_at_once(issue(number) for number in range(1, CROWD + 1))

    assert place.met
    assert (len(got), told) == (CROWD, [])
    assert await runs(crowded) == {"INV": whole(CROWD)}


async def test_fifty_issuers_of_one_sale_issue_one_invoice(crowded: Database) -> None:
    """
    Callback, webhook, poll and whoever else: one gets it in, the others give their number back.
    """
    await stocked(crowded, 1)
    place = MeetingPlace(CROWD)
    issue = replace(issuing_on(crowded), unit_of_work=MeetingUnitOfWork(crowded, place))

    got, told = await all_at_once(issue(payment_id(1)) for _ in range(CROWD))

    assert place.met
    assert (len(got), told) == (CROWD, [])
    assert await runs(crowded) == {"INV": whole(1)}


async def test_notes_at_once_never_credit_more_than_was_charged(crowded: Database) -> None:
    """
    Four quarters of one invoice in the same moment: each counts on from the others, none too much.
    """
    await stocked(crowded, 1)
    await issuing_on(crowded)(payment_id(1))
    unit_of_work = PostgresUnitOfWork(crowded)

    async def credit(refund: int) -> None:
        while True:
            try:
                async with unit_of_work() as work:
                    invoice, *notes = await work.documents.register.of_payment(payment_id(1))
                    said = credit_for(
                        invoice.document,
                        notes,
                        paid_back("2950.00", f"RF{refund}"),
                        company=a_company(),
                        policy=POLICY,
                        at=NOON,
                    )
                    issue_document(work, said, [invoice, *notes], NOON, reference=None)
            except ChangedMeanwhile:
                continue
            return

    await asyncio.gather(*(credit(refund) for refund in range(4)))

    assert await runs(crowded) == {"CRN": whole(4), "INV": whole(1)}
    async with unit_of_work() as work:
        invoice, *notes = (
            each.document for each in await work.documents.register.of_payment(payment_id(1))
        )
    assert sum((note.heads.cgst.paise for note in notes), 0) == invoice.heads.cgst.paise
    assert sum((note.heads.taxable.paise for note in notes), 0) == invoice.heads.taxable.paise


@pytest.mark.thorough
async def test_issuers_that_are_killed_leave_no_gap_and_no_double(
    crowded: Database, database_url: str
) -> None:
    """
    Four processes with twelve issuers each, all after the same sales, killed by SIGKILL wherever they
    stand and begun again: whoever comes last finishes what is left.
    """
    await stocked(crowded, SOLD)
    chance = random.Random(20261126)  # noqa: S311  # a moment, no secret
    for round_ in range(ROUNDS):
        moments = [chance.randint(1, SOLD // PROCESSES) for _ in range(PROCESSES)]
        async with asyncio.timeout(SECONDS_MAX):
            ends = await asyncio.gather(
                *(
                    killed_after(moment, database_url, seed=round_ * PROCESSES + place)
                    for place, moment in enumerate(moments)
                )
            )
        assert KILLED in ends
        series = await runs(crowded)
        assert series == {"INV": whole(series["INV"][0])}

    async with asyncio.timeout(SECONDS_MAX):
        process = await started(database_url, seed=99)
        await process.communicate()

    assert process.returncode == 0
    assert await runs(database_url) == {"INV": whole(SOLD)}
    async with crowded.borrow() as borrowed:
        assert await borrowed.driver.fetchval(WITHOUT_ONE) == 0


async def killed_after(moment: int, url: str, *, seed: int) -> int | None:
    """Kill an issuing process when it has issued so many, and return how it ended."""
    process = await started(url, seed=seed)
    assert process.stdout
    for _ in range(moment):
        if not await process.stdout.readline():
            break
    with suppress(ProcessLookupError):
        process.kill()
    await process.stdout.read()
    return await process.wait()


async def started(url: str, *, seed: int) -> asyncio.subprocess.Process:
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    return await asyncio.create_subprocess_exec(
        sys.executable,
        issuing.__file__,
        *(url, str(SOLD), str(seed)),
        env={**os.environ, "PYTHONPATH": paths},
        stdout=asyncio.subprocess.PIPE,
    )
