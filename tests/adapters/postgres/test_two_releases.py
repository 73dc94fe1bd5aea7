"""Two releases at once on one database: the earlier one serves while the later one migrates, and afterwards."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.exc import DBAPIError

from adapters.fake.gateway import FakeGateway
from adapters.postgres import schema
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.invariants.invariants import PostgresInvariants
from application.monitoring.check_invariants import CheckInvariants
from samples.released.statements import released, statements
from worlds.postgres import HandClock, PostgresWorld, origin, student, wanted

STUDENTS: Final = 40
AT_ONCE: Final = 4
MIGRATED_AFTER: Final = 8
"""Payments, so that every statement of a sale was prepared on the earlier schema."""

STEP: Final = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    {does}
"""
ADDED: Final = """op.add_column("{0}", sa.Column("later", sa.Text(), nullable=True))
    op.add_column("{0}", sa.Column("still", sa.Text(), nullable=False, server_default="x"))
    op.create_index("{0}_later", "{0}", ["later"])"""
MORE_WORDS: Final = """op.drop_constraint(op.f("ck_outbox_state"), "outbox", type_="check")
    words = "state IN ('new', 'done', 'dead', 'later')"
    op.create_check_constraint(op.f("ck_outbox_state"), "outbox", words)"""
TABLES: Final = ("enrolment", "audit_log", "idempotency", "question", "outbox", "payment")


def following(folder: Path, *steps: str) -> Path:
    """Return the migrations of a release after this one, with further *steps*: 9001, 9002 and so on."""
    migrations = folder / "migrations"
    shutil.copytree(schema.MIGRATIONS, migrations)
    before = schema.revisions()[-1]
    for number, does in enumerate(steps, start=9001):
        step = STEP.format(revision=number, before=before, does=does)
        (migrations / "versions" / f"{number}_later.py").write_text(step, encoding="utf-8")
        before = str(number)
    return migrations


@pytest_asyncio.fixture
async def restarted(database_url: str) -> AsyncIterator[Database]:
    """A second process of this release."""
    database = Database.connect(DatabaseSettings(url=database_url))
    yield database
    await database.close()


async def pay(world: PostgresWorld, number: int) -> str:
    """Begin a payment, pay it and apply the answer; return its state."""
    who = student(f"Student{number}")
    payment = await world.initiate(wanted(who))
    world.gateway.pay(payment.id)
    await world.receive_callback(world.gateway.return_fields(payment.id), origin(who))
    return await world.state_of(payment.id)


async def test_payments_go_on_while_the_next_release_migrates(
    database: Database, restarted: Database, tmp_path: Path
) -> None:
    """
    Each is sold: those begun before, during and after, and those of a process that starts afterwards.
    """
    successor = following(tmp_path, *map(ADDED.format, TABLES), MORE_WORDS)
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock()
    states: list[str] = []
    numbers = iter(range(STUDENTS))
    warm = asyncio.Event()

    async def serve() -> None:
        for number in numbers:
            states.append(await pay(world, number))
            if len(states) >= MIGRATED_AFTER:
                warm.set()

    async def migrate() -> None:
        await warm.wait()
        assert len(states) < STUDENTS
        await schema.upgrade(database.engine, migrations=successor)

    await asyncio.gather(migrate(), *(serve() for _ in range(AT_ONCE)))
    await schema.require_known(restarted.engine)
    again = PostgresWorld.open(restarted, FakeGateway(), HandClock())
    for each, number in ((world, STUDENTS), (again, STUDENTS + 1)):
        states.append(await pay(each, number))

    assert states == ["success"] * (STUDENTS + 2)
    assert await world.value("SELECT count(*) FROM payment WHERE still = 'x'") == len(states)
    found = await CheckInvariants(PostgresInvariants(restarted), HandClock())()
    assert (found.broken, found.unchecked) == ([], [])


async def test_a_step_keeps_no_lock_for_the_next(database: Database, tmp_path: Path) -> None:
    """
    Each is a transaction of its own: what failed later undoes nothing of it.
    """
    folder = following(tmp_path, ADDED.format("course"), 'op.execute("SELECT 1 / 0")')

    with pytest.raises(DBAPIError, match="division by zero"):
        await schema.upgrade(database.engine, migrations=folder)

    assert await schema.revision_of(database.engine) == "9001"
    await schema.require_known(database.engine)


async def test_each_statement_of_an_earlier_release_stands_on_this_schema(
    database: Database, database_url: str
) -> None:
    """
    Of every release that may still serve on it; the statements of one that may not are no sample any more.
    """
    connection = await asyncpg.connect(database_url)
    oldest = await connection.fetchval("SELECT oldest FROM schema_serving")
    refused: list[str] = []
    for release, statements_then in released().items():
        assert release >= oldest
        for place, sql in statements_then.items():
            try:
                await connection.prepare(sql)
            except asyncpg.PostgresError as error:
                refused.append(f"{release} {place}: {error}")
    await connection.close()

    assert not refused
    assert released()
    assert len(statements()) > len(next(iter(released().values()))) // 2
